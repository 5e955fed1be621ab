//! Code hosts and programs: each proves itself in its own way.

use super::*;

const VERCEL: &str = "010a44aa4557e7bf59e3e22b7be958326c102fbb";

// FIELD §2: each host signs in its own way; another host's way proves nothing.
#[test]
fn each_kind_is_proven_in_its_own_way() {
    use IntegrationKind::{Github, Gitlab, Vercel};
    let hex_256 = hex::encode(hmac_sha256(SECRET.as_bytes(), BODY));
    let github = Headers::new([("X-Hub-Signature-256", format!("sha256={hex_256}"))]);
    let token = Headers::new([("X-Gitlab-Token", SECRET)]);
    let message = [b"msg_1.1767693600.", BODY].concat();
    let standard = hmac_sha256(SECRET.as_bytes(), &message);
    let standard = base64::engine::general_purpose::STANDARD.encode(standard);
    let gitlab = Headers::new([
        ("webhook-id", "msg_1".to_owned()),
        ("webhook-timestamp", "1767693600".to_owned()),
        ("webhook-signature", format!("v1,AAAA v1,{standard}")),
    ]);
    // Of the body of this file, with Python's `hmac` and `sha1`.
    let vercel = Headers::new([("x-vercel-signature", VERCEL)]);
    let bearer = Headers::new([("Authorization", format!("Bearer {SECRET}"))]);
    let cases = [
        (Github, &github, Scheme::Signature),
        (Gitlab, &token, Scheme::Token),
        (Gitlab, &gitlab, Scheme::Signature),
        (Vercel, &vercel, Scheme::Signature),
    ];
    for (kind, headers, scheme) in cases {
        for asked in IntegrationKind::ALL {
            let demand = Demand {
                kind: asked,
                secrets: &known(),
                unsigned_allowed: false,
            };
            let answer = crate::proof::prove(demand, headers, BODY, NOW);
            if asked == kind {
                let proof = answer.unwrap();
                assert_eq!((proof.scheme, proof.secret_id), (scheme, Some(2)));
                let changed = [BODY, b" "].concat();
                let forged = crate::proof::prove(demand, headers, &changed, NOW);
                let is_plain = scheme == Scheme::Token;
                assert_eq!(forged.is_ok(), is_plain, "{kind:?} of a changed body");
            } else {
                assert_eq!(answer, Err(Refusal::Missing), "{kind:?} as {asked:?}");
            }
            let second = crate::proof::prove(demand, &bearer, BODY, NOW).unwrap();
            assert_eq!(second.scheme, Scheme::Bearer);
        }
    }
}

/// Kind, headers, body, and how it is proven.
type Case<'a> = (
    IntegrationKind,
    &'a [(&'a str, &'a str)],
    &'a [u8],
    Result<Scheme, Refusal>,
);

// ACCEPTANCE §5: programs send the secret itself.
#[test]
fn programs_are_proven_by_the_secret_itself() {
    use IntegrationKind::{Events, Pagerduty};
    let body = format!(r#"{{"routing_key":"{SECRET}","event_action":"resolve"}}"#);
    let wrong = br#"{"routing_key":"another"}"#;
    let token = format!("Token token={SECRET}");
    let bearer = format!("Bearer {SECRET}");
    let cases: [Case<'_>; 9] = [
        (
            Events,
            &[("x-incident-webhook-secret", SECRET)],
            b"{}",
            Ok(Scheme::Token),
        ),
        (
            Events,
            &[("x-incident-webhook-secret", "no")],
            b"{}",
            Err(Refusal::Mismatch),
        ),
        (
            Events,
            &[
                ("x-incident-webhook-secret", SECRET),
                ("x-incident-webhook-secret", SECRET),
            ],
            b"{}",
            Err(Refusal::Malformed),
        ),
        (
            Events,
            &[("Authorization", &bearer)],
            b"{}",
            Ok(Scheme::Bearer),
        ),
        (Pagerduty, &[], body.as_bytes(), Ok(Scheme::Token)),
        (
            Pagerduty,
            &[("Authorization", &token)],
            b"{}",
            Ok(Scheme::Token),
        ),
        (
            Pagerduty,
            &[("X-Routing-Key", SECRET)],
            b"{}",
            Ok(Scheme::Token),
        ),
        (Pagerduty, &[], wrong, Err(Refusal::Mismatch)),
        (Pagerduty, &[], b"{}", Err(Refusal::Missing)),
    ];
    for (kind, headers, body, expected) in cases {
        let demand = Demand {
            kind,
            secrets: &known(),
            unsigned_allowed: false,
        };
        let headers = Headers::new(headers.iter().copied());
        let answer = crate::proof::prove(demand, &headers, body, NOW);
        assert_eq!(
            answer.map(|proof| proof.scheme),
            expected,
            "{kind:?} {headers:?}"
        );
    }
}

#[test]
fn a_sender_names_its_key_in_the_authorization() {
    let named = |value: &str| sender_key(&Headers::new([("Authorization", value)]), b"");
    assert_eq!(named("Token token=\"abc\"").as_deref(), Some("abc"));
    assert_eq!(named("Bearer abc").as_deref(), Some("abc"));
    assert_eq!(named("Token token="), None);
}

#[test]
fn malformed_signatures_of_hosts_are_told() {
    use IntegrationKind::{Github, Gitlab, Vercel};
    let cases: [(IntegrationKind, &[(&str, &str)]); 6] = [
        (Github, &[("X-Hub-Signature-256", "sha1=00")]),
        (Github, &[("X-Hub-Signature-256", "sha256=zz")]),
        (
            Github,
            &[("X-Hub-Signature-256", "a"), ("X-Hub-Signature-256", "a")],
        ),
        (Gitlab, &[("webhook-signature", "v1,AAAA")]),
        (
            Gitlab,
            &[
                ("webhook-signature", "v2,x"),
                ("webhook-id", "1"),
                ("webhook-timestamp", "1"),
            ],
        ),
        (Vercel, &[("x-vercel-signature", "00")]),
    ];
    for (kind, headers) in cases {
        let demand = Demand {
            kind,
            secrets: &known(),
            unsigned_allowed: false,
        };
        let headers = Headers::new(headers.iter().copied());
        let answer = crate::proof::prove(demand, &headers, BODY, NOW);
        assert_eq!(answer, Err(Refusal::Malformed), "{headers:?}");
    }
}
