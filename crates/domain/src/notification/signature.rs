//! Signatures of our own webhooks, by the rules of Standard Webhooks.

use crate::proof::{SecretValue, hmac_sha256, standard_key};
use crate::time::{SECOND_MS, Time};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Bytes of a secret that is long enough; shorter ones could be tried out.
const SHORTEST_KEY: usize = 16;

/// The three headers of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// `webhook-id`: the same for every attempt.
    pub id: String,
    /// `webhook-timestamp`: of this attempt, seconds.
    pub timestamp: String,
    /// `webhook-signature`: one per secret, so that secrets can be replaced without a gap.
    pub signatures: String,
}

/// Signs a body with every secret.
pub fn sign(secrets: &[SecretValue], id: &str, at: Time, body: &[u8]) -> Signed {
    let timestamp = at.0.div_euclid(SECOND_MS).to_string();
    let mut message = format!("{id}.{timestamp}.").into_bytes();
    message.extend_from_slice(body);
    let signature = |secret: &SecretValue| {
        let digest = hmac_sha256(&standard_key(secret.expose()), &message);
        format!("v1,{}", STANDARD.encode(digest))
    };
    Signed {
        id: id.to_owned(),
        signatures: secrets.iter().map(signature).collect::<Vec<_>>().join(" "),
        timestamp,
    }
}

/// Why this text is no signing secret; `None`: it is one.
pub fn secret_objection(text: &str) -> Option<&'static str> {
    let Some(encoded) = text.strip_prefix("whsec_") else {
        return Some("a signing secret begins with whsec_");
    };
    match STANDARD.decode(encoded) {
        Err(_) => Some("after whsec_ a signing secret is written in base 64"),
        Ok(key) if key.len() < SHORTEST_KEY => Some("a signing secret has at least 16 bytes"),
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_is_signed_as_published() {
        let secret = SecretValue::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed = sign(
            &[secret.clone(), secret],
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            Time(1_614_265_330_999),
            br#"{"test": 2432232314}"#,
        );
        let one = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signed.signatures, format!("{one} {one}"));
        assert_eq!(signed.timestamp, "1614265330");
        assert_eq!(signed.id, "msg_p5jXN8AQM9LWM0D4loKWxJek");
    }

    #[test]
    fn weak_secrets_are_named() {
        for (text, expected) in [
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", None),
            ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Some("begins with")),
            ("whsec_?", Some("base 64")),
            ("whsec_c2hvcnQ=", Some("16 bytes")),
        ] {
            let objection = secret_objection(text);
            assert_eq!(objection.is_some(), expected.is_some(), "{text}");
            assert!(
                objection
                    .unwrap_or_default()
                    .contains(expected.unwrap_or_default())
            );
        }
    }
}
