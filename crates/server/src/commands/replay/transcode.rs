//! Rewrites JSON as Sentry writes it, without touching the order of keys or the spelling of
//! numbers: token by token, never through a map.

use crate::simulator::webhook::ascii_json;
use serde::de::IgnoredAny;

/// Compact, ASCII-only JSON of the same tokens. Fails when `text` is not one JSON value.
pub(super) fn sentry_bytes(text: &str) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::from_str::<IgnoredAny>(text)?;
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let token;
        (token, rest) = match first {
            '"' => rest.split_at(string_length(rest)),
            _ => rest.split_at(first.len_utf8()),
        };
        match first {
            ' ' | '\t' | '\n' | '\r' => {}
            '"' => bytes.extend(string(token)),
            _ => bytes.extend_from_slice(token.as_bytes()),
        }
    }
    Ok(bytes)
}

/// The text of each member of a JSON object, in the order of the file. `None` when it is no
/// object.
pub(super) fn members(text: &str) -> Option<Vec<(String, &str)>> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let mut rest = text.trim_start().strip_prefix('{')?.trim_start();
    let mut members = Vec::new();
    while rest.starts_with('"') {
        let (name, after) = rest.split_at(string_length(rest));
        let after = after.trim_start().strip_prefix(':')?.trim_start();
        let (value, after) = after.split_at(value_length(after));
        members.push((serde_json::from_str(name).ok()?, value.trim_end()));
        let after = after.trim_start();
        rest = after.strip_prefix(',').unwrap_or(after).trim_start();
    }
    Some(members)
}

/// A string as Sentry escapes it. A lone surrogate cannot be read as text and stays as it is.
fn string(token: &str) -> Vec<u8> {
    match serde_json::from_str::<String>(token) {
        Ok(text) => ascii_json(&text),
        Err(_) => token.as_bytes().to_vec(),
    }
}

/// Bytes of the string that `text` begins with, quotes included.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Bytes of the value that `text` begins with, up to the comma or bracket behind it.
fn value_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'"' => {
                at += string_length(text.get(at..).unwrap_or_default());
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => return at,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::webhook::signature;

    fn rewritten(text: &str) -> String {
        String::from_utf8(sentry_bytes(text).unwrap()).unwrap()
    }

    #[test]
    fn the_documented_body_gets_the_documented_signature() {
        let text = "{\n \"action\": \"created\",\n \"installation\": \
            {\"uuid\": \"7a485448-a9e2-4c85-8a3c-4f44175783c9\"},\n \"data\": {\"issue\": \
            {\"id\": \"123\", \"title\": \"caf\u{e9} \u{1f4a5} <b> 1.0\"}},\n \"actor\": \
            {\"type\": \"application\", \"id\": \"sentry\", \"name\": \"Sentry\"}\n}\n";
        let bytes = sentry_bytes(text).unwrap();
        assert_eq!(bytes.len(), 215);
        assert_eq!(
            signature("sntry-test-client-secret", &bytes),
            "4351d2973f7dae2ada1f5fe883c3112cd7e8edc4df5b8eed4607e43863fee855"
        );
    }

    #[test]
    fn keys_and_numbers_stay_as_they_are() {
        for (text, expected) in [
            (
                "{ \"z\" : 1.0 , \"a\" : 1e5, \"z\":-0 }",
                "{\"z\":1.0,\"a\":1e5,\"z\":-0}",
            ),
            ("[ true , null,\t28864215.10 ]", "[true,null,28864215.10]"),
            (
                "\"\\u00E9 \\/ \\u003c \\\" \\\\ \\n\"",
                "\"\\u00e9 / < \\\" \\\\ \\n\"",
            ),
            ("\"\u{1f4a5}\"", "\"\\ud83d\\udca5\""),
            ("\"a b\\u0001\"", "\"a b\\u0001\""),
            ("{\"caf\u{e9}\": {}}", "{\"caf\\u00e9\":{}}"),
            ("\"\\ud83d alone\"", "\"\\ud83d alone\""),
        ] {
            assert_eq!(rewritten(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_one_value_is_refused() {
        for text in ["", "{", "{} {}", "{'a': 1}", "\"a", "[1,]"] {
            assert!(sentry_bytes(text).is_err(), "{text}");
            assert!(members(text).is_none(), "{text}");
        }
    }

    #[test]
    fn members_are_found_with_whatever_is_in_them() {
        let text = "\n{ \"b\" : { \"x\": [1, {\"}\": \"]\\\",\"}] } ,\"a\\n\":\"c,d\", \"n\" : -1.5e3 ,\"t\":true}";
        let found = members(text).unwrap();
        let expected = [
            ("b", "{ \"x\": [1, {\"}\": \"]\\\",\"}] }"),
            ("a\n", "\"c,d\""),
            ("n", "-1.5e3"),
            ("t", "true"),
        ];
        let found: Vec<_> = found
            .iter()
            .map(|(name, text)| (name.as_str(), *text))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(members("{}"), Some(Vec::new()));
        assert_eq!(members("[]"), None);
    }
}
