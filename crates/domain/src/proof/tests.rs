mod hosts;

use super::*;
use base64::Engine;

const SECRET: &str = "sntry-test-client-secret";
const BODY: &[u8] = br#"{"action":"created","installation":{"uuid":"7a485448-a9e2-4c85-8a3c-4f44175783c9"},"data":{"issue":{"id":"123","title":"caf\u00e9 \ud83d\udca5 <b> 1.0"}},"actor":{"type":"application","id":"sentry","name":"Sentry"}}"#;
const SIGNATURE: &str = "4351d2973f7dae2ada1f5fe883c3112cd7e8edc4df5b8eed4607e43863fee855";
const RAW_UTF8: &str = "832b640c5bd103eb71e02c94225fabaddb8b135274bc153a18294a0362af5e1a";
const SPACED: &str = "e0806b1d7523910f2f86d93d23609eabf8b7cb287e5eaa900c28fd31fea00521";
const SORTED: &str = "634a64d59b2dda75e9f2dfb207fae4502fd4ef960df388846f23821061d41158";
const EMPTY: &str = "2ec51cc5de4290248c5e395df067a1af69d68ea02b56d4ff0b29590bffe8b50f";
const NOW: Time = Time(1_767_693_600_000);

fn secret(id: i64, value: &str, expires_at: Option<Time>) -> Secret {
    Secret {
        id,
        value: SecretValue::new(value),
        expires_at,
        label: String::from("Sentry"),
    }
}

fn known() -> Vec<Secret> {
    vec![
        secret(1, "another-secret", None),
        secret(2, SECRET, None),
        secret(3, "a-third-secret", None),
    ]
}

/// As Sentry's integrations ask it.
fn prove(
    secrets: &[Secret],
    unsigned_allowed: bool,
    headers: &Headers,
    body: &[u8],
    now: Time,
) -> Result<Proof, Refusal> {
    let demand = Demand {
        kind: IntegrationKind::Sentry,
        secrets,
        unsigned_allowed,
    };
    super::prove(demand, headers, body, now)
}

fn diagnose(secret: &str, headers: &Headers, body: &[u8]) -> Diagnosis {
    super::diagnose(IntegrationKind::Sentry, secret, headers, body)
}

fn signed(signature: &str) -> Headers {
    Headers::new([("Sentry-Hook-Signature", signature)])
}

fn check(headers: &Headers, body: &[u8]) -> Result<Proof, Refusal> {
    prove(&known(), false, headers, body, NOW)
}

#[test]
fn the_documented_signatures_verify_and_no_others() {
    assert_eq!(BODY.len(), 215, "SENTRY-PROTOCOL §4");
    let proof = Proof {
        scheme: Scheme::Signature,
        secret_id: Some(2),
    };
    assert_eq!(check(&signed(SIGNATURE), BODY), Ok(proof));
    assert_eq!(check(&signed(&SIGNATURE.to_uppercase()), BODY), Ok(proof));
    assert_eq!(check(&signed(EMPTY), b""), Ok(proof), "GET, select options");
    for wrong in [RAW_UTF8, SPACED, SORTED, EMPTY] {
        assert_eq!(check(&signed(wrong), BODY), Err(Refusal::Mismatch));
    }
}

#[test]
fn every_signature_header_is_a_scheme() {
    for (name, scheme) in claim::SENTRY {
        let headers = Headers::new([(name, SIGNATURE)]);
        let proof = check(&headers, BODY).unwrap();
        assert_eq!((proof.scheme, proof.secret_id), (scheme, Some(2)));
    }
}

#[test]
fn one_changed_bit_anywhere_is_refused() {
    // FIELD case 1.
    for bit in 0..BODY.len() * 8 {
        let mut body = BODY.to_vec();
        body[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(check(&signed(SIGNATURE), &body), Err(Refusal::Mismatch));
    }
}

#[test]
fn missing_empty_doubled_and_wrong_length_are_refused() {
    // FIELD case 3.
    let doubled = format!("{SIGNATURE}, {SIGNATURE}");
    let spoiled = SIGNATURE.replacen('4', "g", 1);
    let (short, long) = (&SIGNATURE[1..], format!("{SIGNATURE}0"));
    for value in ["", " ", short, &long, &doubled, &spoiled, "é", "sha256="] {
        assert_eq!(
            check(&signed(value), BODY),
            Err(Refusal::Malformed),
            "{value}"
        );
    }
    let twice = Headers::new([
        ("Sentry-Hook-Signature", SIGNATURE),
        ("sentry-hook-signature", SIGNATURE),
    ]);
    assert_eq!(check(&twice, BODY), Err(Refusal::Malformed));
    let two_names = Headers::new([
        ("Sentry-Hook-Signature", SIGNATURE),
        ("Sentry-App-Signature", SIGNATURE),
    ]);
    assert_eq!(check(&two_names, BODY), Err(Refusal::Malformed));
    assert_eq!(check(&Headers::default(), BODY), Err(Refusal::Missing));
}

#[test]
fn bearer_is_the_second_scheme() {
    for value in [
        "Bearer sntry-test-client-secret",
        "bearer  sntry-test-client-secret ",
    ] {
        let proof = check(&Headers::new([("Authorization", value)]), BODY).unwrap();
        assert_eq!((proof.scheme, proof.secret_id), (Scheme::Bearer, Some(2)));
    }
    for (value, refusal) in [
        ("Bearer sntry-test-client-secre", Refusal::Mismatch),
        ("Bearer sntry-test-client-secret2", Refusal::Mismatch),
        ("Bearer ", Refusal::Missing),
        ("Bearer", Refusal::Missing),
        ("Basic sntry-test-client-secret", Refusal::Missing),
        ("sntry-test-client-secret", Refusal::Missing),
    ] {
        let headers = Headers::new([("Authorization", value)]);
        assert_eq!(check(&headers, BODY), Err(refusal), "{value}");
    }
    let twice = Headers::new([
        ("Authorization", "Bearer sntry-test-client-secret"),
        ("Authorization", "Bearer sntry-test-client-secret"),
    ]);
    assert_eq!(check(&twice, BODY), Err(Refusal::Malformed));
}

#[test]
fn a_bad_signature_is_not_saved_by_a_good_bearer() {
    let headers = Headers::new([
        ("Sentry-Hook-Signature", SPACED),
        ("Authorization", "Bearer sntry-test-client-secret"),
    ]);
    assert_eq!(check(&headers, BODY), Err(Refusal::Mismatch));
}

#[test]
fn an_old_secret_works_until_it_expires() {
    // FIELD case 4.
    let secrets = [secret(1, "new-secret", None), secret(2, SECRET, Some(NOW))];
    let at = |now| prove(&secrets, false, &signed(SIGNATURE), BODY, now);
    assert_eq!(at(NOW.plus_ms(-1)).unwrap().secret_id, Some(2));
    assert_eq!(at(NOW), Err(Refusal::Expired { at: NOW }));
    let only_old = prove(&secrets[1..], false, &signed(SIGNATURE), BODY, NOW);
    assert_eq!(only_old, Err(Refusal::Expired { at: NOW }));
    let message = at(NOW).unwrap_err().message();
    assert!(message.contains("2026-01-06T10:00:00.000Z"), "{message}");
}

#[test]
fn without_a_secret_only_unsigned_integrations_are_open() {
    // ACCEPTANCE §1.6, unsigned request.
    let unsigned = Headers::default();
    let expired = [secret(1, "old", Some(NOW))];
    for secrets in [&[][..], &expired, &[secret(1, " ", None)]] {
        let open = prove(secrets, true, &unsigned, BODY, NOW).unwrap();
        assert_eq!((open.scheme, open.secret_id), (Scheme::Unsigned, None));
        let shut = prove(secrets, false, &unsigned, BODY, NOW);
        assert_eq!(shut, Err(Refusal::NoSecret));
    }
    let strict = prove(&known(), true, &unsigned, BODY, NOW);
    assert_eq!(strict, Err(Refusal::Missing), "a secret makes it strict");
}

#[test]
fn a_blank_secret_proves_nothing() {
    let blank = [secret(1, "", None)];
    let signature = hex::encode(hmac_sha256(b"", BODY));
    let answer = prove(&blank, false, &signed(&signature), BODY, NOW);
    assert_eq!(answer, Err(Refusal::NoSecret));
}

#[test]
fn nothing_shows_a_secret() {
    let shown = format!("{:?}", known());
    assert!(!shown.contains(SECRET), "{shown}");
    let refusals = [
        Refusal::Missing,
        Refusal::Malformed,
        Refusal::Mismatch,
        Refusal::Expired { at: NOW },
        Refusal::NoSecret,
    ];
    let codes = refusals.map(Refusal::code);
    assert_eq!(
        codes,
        [
            "signature_missing",
            "signature_malformed",
            "signature_mismatch",
            "secret_expired",
            "no_secret"
        ]
    );
    for refusal in refusals {
        assert!(refusal.message().ends_with('.'));
    }
}

#[test]
fn the_doctor_tells_what_is_wrong() {
    let sample = signed(SIGNATURE);
    let padded = format!(" {SECRET}\n");
    let raw = "{\"action\":\"created\",\"installation\":{\"uuid\":\"7a485448-a9e2-4c85-8a3c-4f44175783c9\"},\"data\":{\"issue\":{\"id\":\"123\",\"title\":\"café 💥 <b> 1.0\"}},\"actor\":{\"type\":\"application\",\"id\":\"sentry\",\"name\":\"Sentry\"}}";
    let pretty = raw.replace(',', ",\n  ").replace("\":", "\" : ");
    let upper = String::from_utf8(BODY.to_vec())
        .unwrap()
        .replace("ud83d", "uD83D");
    let php = raw.replace("<b>", r"\u003cb\u003e");
    for (secret, body, diagnosis) in [
        (SECRET, BODY, Diagnosis::Right),
        (padded.as_str(), BODY, Diagnosis::SpaceAround),
        (SECRET, raw.as_bytes(), Diagnosis::BodyRewritten),
        (padded.as_str(), raw.as_bytes(), Diagnosis::BodyRewritten),
        (SECRET, pretty.as_bytes(), Diagnosis::BodyRewritten),
        (SECRET, upper.as_bytes(), Diagnosis::BodyRewritten),
        (SECRET, php.as_bytes(), Diagnosis::BodyRewritten),
        (SECRET, b"{}", Diagnosis::Wrong),
        (SECRET, b"\xff{", Diagnosis::Wrong),
        ("other", BODY, Diagnosis::Wrong),
        (" ", BODY, Diagnosis::NoSecret),
    ] {
        assert_eq!(diagnose(secret, &sample, body), diagnosis);
    }
    let mut newline = BODY.to_vec();
    newline.push(b'\n');
    assert_eq!(diagnose(SECRET, &sample, &newline), Diagnosis::BodyPadded);
    for signature in [RAW_UTF8, SPACED] {
        let found = diagnose(SECRET, &signed(signature), BODY);
        assert_eq!(found, Diagnosis::BodyRewritten);
    }
    let sorted = diagnose(SECRET, &signed(SORTED), BODY);
    assert_eq!(sorted, Diagnosis::Wrong, "the order cannot be guessed");
    assert_eq!(diagnose(SECRET, &signed(EMPTY), BODY), Diagnosis::BodyLost);
    let unsigned = diagnose(SECRET, &Headers::default(), BODY);
    assert_eq!(unsigned, Diagnosis::NotSigned);
    let malformed = diagnose(SECRET, &signed("4351"), BODY);
    assert_eq!(malformed, Diagnosis::SignatureMalformed);
    let bearer = Headers::new([("Authorization", format!("Bearer {SECRET}"))]);
    assert_eq!(diagnose(SECRET, &bearer, b"x"), Diagnosis::Right);
    assert_eq!(diagnose("other", &bearer, b"x"), Diagnosis::Wrong);
}
