//! What a payload identifies (SENTRY-PROTOCOL §6): the same fact twice has the same identity, two
//! facts have two. `Request-ID` plays no part: a retry has another.

use crate::sources::wire::{Number, Wire};
use sha2::{Digest, Sha256};

/// Fields of a serialised issue that change without anything having happened to it.
const VOLATILE: [&str; 17] = [
    "annotations",
    "count",
    "filtered",
    "hasSeen",
    "inbox",
    "isBookmarked",
    "isSubscribed",
    "lifetime",
    "numComments",
    "participants",
    "priorityLockedAt",
    "seenBy",
    "shareId",
    "stats",
    "subscriptionDetails",
    "userCount",
    "userReportCount",
];

/// `resource:part:part…`; parts with odd characters or of great length stand as their hash.
pub(super) fn of(resource: &str, parts: &[&str]) -> String {
    let mut identity = resource.to_owned();
    for part in parts {
        identity.push(':');
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if part.len() <= 64 && part.bytes().all(plain) {
            identity.push_str(part);
        } else {
            identity.push('#');
            identity.push_str(&of_text(part));
        }
    }
    identity
}

/// Hash of a text: 32 hex.
pub(super) fn of_text(text: &str) -> String {
    finish(Sha256::new_with_prefix(text.as_bytes()))
}

/// Hash of some values: 32 hex. The order of keys does not matter.
pub(super) fn of_values(values: &[&Wire<'_>]) -> String {
    let mut hash = Sha256::new();
    for value in values {
        feed(&mut hash, value, |_| true);
    }
    finish(hash)
}

/// Hash of an issue without its volatile fields, and of its surroundings.
pub(super) fn of_issue(issue: &Wire<'_>, around: &[&Wire<'_>]) -> String {
    let mut hash = Sha256::new();
    feed(&mut hash, issue, |key| {
        !VOLATILE.contains(&key) && !key.starts_with("seer")
    });
    for value in around {
        feed(&mut hash, value, |_| true);
    }
    finish(hash)
}

fn finish(hash: Sha256) -> String {
    let digest = hash.finalize();
    hex::encode(digest.get(..16).unwrap_or_default())
}

/// Feeds one value; `keep` decides about the keys of the outermost object only.
fn feed(hash: &mut Sha256, value: &Wire<'_>, keep: fn(&str) -> bool) {
    match value {
        Wire::Null => hash.update(b"n"),
        Wire::Bool(true) => hash.update(b"t"),
        Wire::Bool(false) => hash.update(b"f"),
        Wire::Number(Number::Int(number)) => {
            hash.update(b"i");
            hash.update(number.to_le_bytes());
        }
        Wire::Number(Number::Unsigned(number)) => {
            hash.update(b"u");
            hash.update(number.to_le_bytes());
        }
        Wire::Number(Number::Float(number)) => {
            hash.update(b"d");
            hash.update(number.to_bits().to_le_bytes());
        }
        Wire::Text(text) => feed_text(hash, text),
        Wire::List(items) => {
            hash.update(b"[");
            for item in items {
                feed(hash, item, |_| true);
            }
            hash.update(b"]");
        }
        Wire::Map(entries) => {
            hash.update(b"{");
            let mut entries: Vec<_> = entries.iter().filter(|(key, _)| keep(key)).collect();
            entries.sort_by(|(left, _), (right, _)| left.cmp(right));
            for (key, value) in entries {
                feed_text(hash, key);
                feed(hash, value, |_| true);
            }
            hash.update(b"}");
        }
        // As if it had been read, so that one payload has one identity.
        Wire::Unread(text) => match Wire::parse(text) {
            Ok(value) => feed(hash, &value, keep),
            Err(_) => feed_text(hash, text),
        },
    }
}

fn feed_text(hash: &mut Sha256, text: &str) {
    hash.update(b"s");
    hash.update(text.len().to_le_bytes());
    hash.update(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> String {
        of_issue(&Wire::parse(text).unwrap(), &[])
    }

    #[test]
    fn volatile_fields_and_key_order_do_not_count() {
        let first = hash(r#"{"id":"1","count":"5","lastSeen":"a","seerFixabilityScore":0.5}"#);
        assert_eq!(first, hash(r#"{"lastSeen":"a","id":"1","count":"6"}"#));
        assert_ne!(first, hash(r#"{"lastSeen":"b","id":"1","count":"5"}"#));
        assert_ne!(hash(r#"{"a":["b","c"]}"#), hash(r#"{"a":["bc"]}"#));
        assert_ne!(hash(r#"{"a":{"count":1}}"#), hash(r#"{"a":{"count":2}}"#));
        assert_eq!(first.len(), 32);
    }

    #[test]
    fn skimming_does_not_change_an_identity() {
        let text = r#"{"b":{"frames":[{"z":1,"a":null}],"modules":{"d":"1","c":"2"}},"a":[]}"#;
        let skimmed = of_issue(&Wire::skim(text).unwrap(), &[]);
        assert_eq!(skimmed, hash(text));
        assert_ne!(skimmed, hash(&text.replace("null", "true")));
    }

    #[test]
    fn parts_cannot_run_into_each_other() {
        assert_eq!(of("error", &["ab"]), "error:ab");
        assert_ne!(of("x", &["a:b", "c"]), of("x", &["a", "b:c"]));
        assert!(of("x", &["5xx errors in checkout"]).starts_with("x:#"));
    }
}
