//! One request as Sentry writes it: headers, bytes, signature.

use crate::simulator::moment;
use crate::simulator::random::Random;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde_json::Value;
use sha2::Sha256;
use std::io;

/// The signature of webhooks.
pub const HOOK_SIGNATURE: &str = "Sentry-Hook-Signature";
/// The signature of calls that UI components make.
pub const APP_SIGNATURE: &str = "Sentry-App-Signature";
/// The signature of service hooks.
pub const SERVICE_HOOK_SIGNATURE: &str = "X-ServiceHook-Signature";

const USER_AGENT: &str = "sentry/26.10.0 (https://sentry.io)";

/// Which part of Sentry sends a request, and so how it proves itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An integration of the Integration Platform.
    Integration,
    /// A UI component of such an integration.
    Component,
    /// A service hook.
    ServiceHook,
    /// The legacy `WebHooks` plugin, which cannot sign.
    Legacy,
}

/// One request, ready to be signed and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// What it is, for people: `issue.created`, `legacy_plugin`.
    pub name: String,
    /// Who sends it.
    pub origin: Origin,
    /// Headers in the order of sending.
    pub headers: Vec<(String, String)>,
    /// The exact bytes.
    pub body: Vec<u8>,
}

impl Webhook {
    /// A request of the Integration Platform.
    pub fn integration(
        resource: &str,
        action: &str,
        body: &Value,
        at_ms: i64,
        random: &mut Random,
    ) -> Self {
        let mut webhook = Self::bare(format!("{resource}.{action}"), Origin::Integration, body);
        webhook.set_header("Request-ID", &random.hex32());
        webhook.set_header("Sentry-Hook-Resource", resource);
        webhook.set_header("Sentry-Hook-Timestamp", &moment::whole_seconds(at_ms));
        webhook
    }

    /// A call of a UI component.
    pub fn component(name: &str, body: &Value, random: &mut Random) -> Self {
        let mut webhook = Self::bare(name.to_owned(), Origin::Component, body);
        webhook.set_header("Request-ID", &random.hex32());
        webhook
    }

    /// A service hook.
    pub fn service_hook(name: &str, body: &Value, at_ms: i64, random: &mut Random) -> Self {
        let mut webhook = Self::bare(name.to_owned(), Origin::ServiceHook, body);
        webhook.set_header("X-ServiceHook-Timestamp", &moment::whole_seconds(at_ms));
        webhook.set_header("X-ServiceHook-GUID", &random.hex32());
        webhook
    }

    /// A request of the legacy plugin.
    pub fn legacy(name: &str, body: &Value) -> Self {
        Self::bare(name.to_owned(), Origin::Legacy, body)
    }

    fn bare(name: String, origin: Origin, body: &Value) -> Self {
        let headers = [
            ("User-Agent", USER_AGENT),
            ("Accept", "*/*"),
            ("Accept-Encoding", "gzip, deflate"),
            ("Content-Type", "application/json"),
        ];
        Self {
            name,
            origin,
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            body: ascii_json(body),
        }
    }

    /// The value of a header, by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// Sets a header, replacing what it had.
    pub fn set_header(&mut self, name: &str, value: &str) {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Signs the bytes as they are now. The legacy plugin has no signature of its own: it gets the
    /// header of webhooks, so that an integration with a secret takes it.
    pub fn sign(&mut self, secret: &str) {
        let header = match self.origin {
            Origin::Integration | Origin::Legacy => HOOK_SIGNATURE,
            Origin::Component => APP_SIGNATURE,
            Origin::ServiceHook => SERVICE_HOOK_SIGNATURE,
        };
        let signature = signature(secret, &self.body);
        self.set_header(header, &signature);
    }
}

/// HMAC-SHA256 over the bytes, in lower-case hexadecimal.
pub fn signature(secret: &str, body: &[u8]) -> String {
    // A key of any length is fine for HMAC, so this arm is never taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

/// JSON as Sentry writes it: no spaces, ASCII only, `<>&'` as they are.
pub fn ascii_json(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Ascii);
    match value.serialize(&mut serializer) {
        Ok(()) => bytes,
        // Writing a value into memory cannot fail.
        Err(_) => Vec::new(),
    }
}

/// Escapes what is not ASCII as `\uXXXX`, with surrogate pairs, in lower case.
struct Ascii;

impl serde_json::ser::Formatter for Ascii {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        if fragment.is_ascii() {
            return writer.write_all(fragment.as_bytes());
        }
        let mut units = [0; 2];
        for character in fragment.chars() {
            if character.is_ascii() {
                write!(writer, "{character}")?;
                continue;
            }
            for unit in character.encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn text_is_escaped_as_sentry_does() {
        let value = json!({"a": "caf\u{e9} \u{1f4a5} <b> & ' \" \\ / \n\t\u{1}\u{7f}", "n": 1.0});
        assert_eq!(
            String::from_utf8(ascii_json(&value)).unwrap(),
            "{\"a\":\"caf\\u00e9 \\ud83d\\udca5 <b> & ' \\\" \\\\ / \\n\\t\\u0001\u{7f}\",\"n\":1.0}"
        );
    }

    #[test]
    fn signatures_equal_those_of_another_implementation() {
        assert_eq!(
            signature("sntry-test-client-secret", b""),
            "2ec51cc5de4290248c5e395df067a1af69d68ea02b56d4ff0b29590bffe8b50f"
        );
    }

    #[test]
    fn each_origin_signs_under_its_own_header() {
        let mut random = Random::new(1);
        let body = json!({"a": 1});
        let expected = signature("s", b"{\"a\":1}");
        for (mut webhook, header) in [
            (
                Webhook::integration("issue", "created", &body, 0, &mut random),
                HOOK_SIGNATURE,
            ),
            (Webhook::component("c", &body, &mut random), APP_SIGNATURE),
            (
                Webhook::service_hook("s", &body, 0, &mut random),
                SERVICE_HOOK_SIGNATURE,
            ),
            (Webhook::legacy("l", &body), HOOK_SIGNATURE),
        ] {
            assert_eq!(webhook.header(header), None);
            webhook.sign("s");
            assert_eq!(webhook.header(header), Some(expected.as_str()));
            webhook.sign("t");
            assert_ne!(webhook.header(header), Some(expected.as_str()));
        }
    }
}
