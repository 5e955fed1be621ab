//! Every kind of webhook, one test payload each. A test says in its title that it is one.
//!
//! All tests speak of one issue and one metric alert, and the list ends with their ends: whoever
//! sends all of them in order leaves nothing open.

mod kinds;
mod samples;

use crate::simulator::payloads::Sentry;
use crate::simulator::random::Random;
use crate::simulator::webhook::Webhook;

pub use samples::{MARK, TEST_ISSUE_ID};

/// One kind of webhook.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name in addresses and forms.
    pub id: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// What it tells, and what Epicenter makes of it.
    pub explanation: &'static str,
    build: fn(&mut Sentry) -> Webhook,
}

/// Every kind, in an order that makes sense to send.
pub fn catalogue() -> &'static [Kind] {
    kinds::KINDS
}

/// A test of that kind; `None` when there is no such kind. Kind, time and seed decide every id in
/// it, so that two tests are never taken for one that came twice.
pub fn build(id: &str, now_ms: i64, seed: u64) -> Option<Webhook> {
    let kind = kinds::KINDS.iter().find(|kind| kind.id == id)?;
    let seed = kind
        .id
        .bytes()
        .map(u64::from)
        .chain([seed, now_ms.unsigned_abs()])
        .fold(0, |mixed, part| Random::new(mixed ^ part).next_u64());
    Some((kind.build)(&mut Sentry::new(now_ms, seed)))
}

const fn kind(
    id: &'static str,
    label: &'static str,
    explanation: &'static str,
    build: fn(&mut Sentry) -> Webhook,
) -> Kind {
    Kind {
        id,
        label,
        explanation,
        build,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicenter_domain::delivery::Headers;
    use epicenter_domain::sources::{Envelope, Outcome, sentry};
    use epicenter_domain::time::Time;
    use std::collections::BTreeSet;

    const NOW: i64 = 1_791_900_000_000;

    #[test]
    fn ids_are_unique_and_every_kind_explains_itself() {
        let ids: BTreeSet<_> = catalogue().iter().map(|kind| kind.id).collect();
        assert_eq!(ids.len(), catalogue().len());
        for kind in catalogue() {
            assert!(!kind.label.is_empty(), "{}", kind.id);
            assert!(kind.explanation.ends_with('.'), "{}", kind.id);
        }
        assert!(build("no such kind", NOW, 1).is_none());
    }

    #[test]
    fn every_test_says_that_it_is_one() {
        for kind in catalogue() {
            let webhook = build(kind.id, NOW, 1).unwrap();
            let text = String::from_utf8(webhook.body).unwrap();
            let marked = text.contains("Epicenter test") || text.contains("epicenter-test");
            // Seer names the issue by its number only.
            let numbered = text.contains("\"group_id\":1,");
            assert!(marked || numbered, "{}: {text}", kind.id);
        }
    }

    #[test]
    fn the_seed_and_the_time_decide_everything() {
        for kind in catalogue() {
            assert_eq!(
                build(kind.id, NOW, 1),
                build(kind.id, NOW, 1),
                "{}",
                kind.id
            );
            assert_ne!(
                build(kind.id, NOW, 1),
                build(kind.id, NOW + 5_000, 2),
                "{}",
                kind.id
            );
        }
    }

    #[test]
    fn the_kind_tells_what_it_builds() {
        for kind in catalogue() {
            let name = build(kind.id, NOW, 1).unwrap().name;
            let same = kind.id.split('.').next() == name.split('.').next();
            assert!(same || kind.id == "unknown.resource", "{} {name}", kind.id);
        }
    }

    #[test]
    fn epicenter_understands_every_test_and_takes_no_two_for_one() {
        let mut identities = BTreeSet::new();
        for (kind, now_ms) in catalogue()
            .iter()
            .flat_map(|kind| [(kind, NOW), (kind, NOW + 1_000)])
        {
            let mut webhook = build(kind.id, now_ms, 1).unwrap();
            webhook.sign("s");
            let headers = Headers::new(webhook.headers);
            let body = &webhook.body;
            let reading = sentry::read(Envelope {
                headers: &headers,
                body,
                received_at: Time(now_ms),
            });
            let is_unknown = matches!(reading.outcome, Outcome::NotUnderstood(_));
            assert_eq!(is_unknown, kind.id == "unknown.resource", "{}", kind.id);
            if let Some(identity) = reading.identity {
                assert!(identities.insert(identity), "{}", kind.id);
            }
        }
    }
}
