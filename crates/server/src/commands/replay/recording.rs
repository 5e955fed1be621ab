//! A file of a recorded webhook: `{headers, body, raw?}`.

use super::transcode::{members, sentry_bytes};
use crate::simulator::webhook::{APP_SIGNATURE, HOOK_SIGNATURE, SERVICE_HOOK_SIGNATURE, signature};
use std::collections::BTreeMap;

/// Headers that belong to a connection and not to the webhook.
const OF_THE_CONNECTION: &[&str] = &[
    "connection",
    "content-encoding",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// What is sent: headers without a signature, and the exact bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Recording {
    headers: Vec<(String, String)>,
    /// The header that carried the signature, if one did.
    signed_by: Option<&'static str>,
    pub(super) body: Vec<u8>,
}

impl Recording {
    /// Reads a file, or says why it is no webhook.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        let members: BTreeMap<String, &str> = members(text)
            .ok_or("not a JSON object")?
            .into_iter()
            .collect();
        if ["method", "path", "response_status"]
            .iter()
            .any(|key| members.contains_key(*key))
        {
            return Err("a recording of an API, not a webhook");
        }
        let member = |name: &str| members.get(name).copied().filter(|text| *text != "null");
        let headers = member("headers").ok_or("no headers")?;
        let headers: BTreeMap<String, String> =
            serde_json::from_str(headers).map_err(|_| "headers that are not texts")?;
        let body = match (member("raw"), member("body")) {
            (Some(raw), _) => serde_json::from_str::<String>(raw)
                .map_err(|_| "a raw body that is not a text")?
                .into_bytes(),
            (None, Some(body)) => sentry_bytes(body).map_err(|_| "a body that is not JSON")?,
            (None, None) => return Err("no body"),
        };
        Ok(Self::of(headers, body))
    }

    fn of(headers: BTreeMap<String, String>, body: Vec<u8>) -> Self {
        let signed_by = [APP_SIGNATURE, SERVICE_HOOK_SIGNATURE, HOOK_SIGNATURE]
            .into_iter()
            .find(|name| headers.keys().any(|key| key.eq_ignore_ascii_case(name)));
        let headers = headers
            .into_iter()
            .filter(|(name, _)| {
                let is_one_of = |list: &[&str]| list.iter().any(|n| n.eq_ignore_ascii_case(name));
                !is_one_of(OF_THE_CONNECTION)
                    && !is_one_of(&[APP_SIGNATURE, SERVICE_HOOK_SIGNATURE, HOOK_SIGNATURE])
            })
            .collect();
        Self {
            headers,
            signed_by,
            body,
        }
    }

    /// The headers with a fresh signature under the name that the file used. A file without one
    /// (the legacy plugin cannot sign) is signed as webhooks are, unless `as_recorded`.
    pub(super) fn signed(&self, secret: &str, as_recorded: bool) -> Vec<(String, String)> {
        let mut headers = self.headers.clone();
        let name = match self.signed_by {
            Some(name) => name,
            None if as_recorded => return headers,
            None => HOOK_SIGNATURE,
        };
        headers.push((name.to_owned(), signature(secret, &self.body)));
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(recording: &Recording, as_recorded: bool) -> Option<String> {
        let (name, _) = recording.signed("s", as_recorded).pop()?;
        Some(name)
    }

    #[test]
    fn raw_is_sent_as_it_is_and_a_body_as_sentry_writes_it() {
        let both = r#"{"headers": {}, "body": {"a": 1}, "raw": "{ \"a\": \"\u00e9\" }"}"#;
        let recording = Recording::read(both).unwrap();
        assert_eq!(recording.body, "{ \"a\": \"\u{e9}\" }".as_bytes());
        let body = "{\"headers\": {}, \"raw\": null, \"body\": {\"z\": \"\u{e9}\", \"a\": 1.0}}";
        let recording = Recording::read(body).unwrap();
        assert_eq!(recording.body, b"{\"z\":\"\\u00e9\",\"a\":1.0}");
        let empty = r#"{"headers": {"sentry-app-signature": "x"}, "raw": ""}"#;
        assert!(Recording::read(empty).unwrap().body.is_empty());
    }

    #[test]
    fn what_is_no_webhook_is_skipped_with_a_reason() {
        for (text, reason) in [
            ("[]", "not a JSON object"),
            ("{", "not a JSON object"),
            ("{\"body\": {}}", "no headers"),
            ("{\"headers\": null, \"body\": {}}", "no headers"),
            ("{\"headers\": {}, \"body\": null}", "no body"),
            (
                "{\"headers\": {\"a\": 1}, \"body\": {}}",
                "headers that are not texts",
            ),
            (
                "{\"headers\": {}, \"raw\": 5}",
                "a raw body that is not a text",
            ),
            (
                "{\"headers\": {}, \"body\": {}, \"response_status\": 200}",
                "a recording of an API, not a webhook",
            ),
            (
                "{\"headers\": {}, \"body\": {}, \"method\": \"POST\", \"path\": \"/\"}",
                "a recording of an API, not a webhook",
            ),
        ] {
            assert_eq!(Recording::read(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn the_signature_keeps_its_header() {
        for (header, expected) in [
            ("Sentry-App-Signature", "Sentry-App-Signature"),
            ("x-servicehook-signature", "X-ServiceHook-Signature"),
            ("Sentry-Hook-Signature", "Sentry-Hook-Signature"),
            ("X-Other", "Sentry-Hook-Signature"),
        ] {
            let text = format!("{{\"headers\": {{\"{header}\": \"old\"}}, \"body\": 1}}");
            let recording = Recording::read(&text).unwrap();
            assert_eq!(last(&recording, false).as_deref(), Some(expected));
            let signed = recording.signed("s", false);
            let (_, value) = signed.last().unwrap();
            assert_eq!(*value, signature("s", b"1"));
        }
        let legacy = r#"{"headers": {"Content-Type": "application/json"}, "body": 1}"#;
        let legacy = Recording::read(legacy).unwrap();
        assert_eq!(last(&legacy, true).as_deref(), Some("Content-Type"));
    }

    #[test]
    fn headers_of_the_connection_are_left_out() {
        let text = r#"{"headers": {"Host": "a", "content-length": "9", "X": "y"}, "body": 1}"#;
        let recording = Recording::read(text).unwrap();
        assert_eq!(recording.headers, [("X".to_owned(), "y".to_owned())]);
    }
}
