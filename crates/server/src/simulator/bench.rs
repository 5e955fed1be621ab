//! Bodies for measuring: many distinct events of a few hundred issues.

use crate::simulator::company;
use crate::simulator::issue::Issue;
use crate::simulator::payloads::event::{Occurrence, USUAL_DEPTH};
use crate::simulator::payloads::{Sentry, event_alert};
use crate::simulator::webhook::Webhook;

/// Over how many issues the bodies are spread.
pub const BENCH_ISSUES: usize = 200;

const START_MS: i64 = 1_791_900_000_000;

/// So many `event_alert.triggered` of about 10 KB with 30 frames each; no two have the same event.
/// They are not signed yet.
pub fn bench_bodies(count: usize, seed: u64) -> Vec<Webhook> {
    let mut sentry = Sentry::new(START_MS, seed);
    let mut issues = bench_issues(&mut sentry);
    let mut webhooks = Vec::with_capacity(count);
    while webhooks.len() < count && !issues.is_empty() {
        for issue in issues.iter_mut().take(count - webhooks.len()) {
            sentry.now_ms += 7;
            let mut event = Occurrence::of(&mut sentry, issue);
            event.depth = USUAL_DEPTH;
            issue.happened(event.at_ms, 1, &mut sentry.random);
            let rule = "Send a notification for high priority issues";
            webhooks.push(event_alert::triggered_by(&mut sentry, issue, &event, rule));
        }
    }
    webhooks
}

fn bench_issues(sentry: &mut Sentry) -> Vec<Issue> {
    let errors: Vec<_> = company::faults()
        .filter(|fault| !fault.spots.is_empty())
        .collect();
    (0_u64..)
        .zip(errors.into_iter().cycle().take(BENCH_ISSUES))
        .map(|(number, fault)| {
            let mut issue = Issue::new(fault, 6_700_000_000 + number, 1 + number, sentry.now_ms);
            issue.value = format!("{} (variant {number})", fault.value);
            issue
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn bodies_are_distinct_and_of_the_usual_size() {
        let webhooks = bench_bodies(450, 11);
        let mut events = BTreeSet::new();
        let mut issues = BTreeSet::new();
        let mut total = 0;
        for webhook in &webhooks {
            let body: serde_json::Value = serde_json::from_slice(&webhook.body).unwrap();
            let event = &body["data"]["event"];
            events.insert(event["event_id"].as_str().unwrap().to_owned());
            issues.insert(event["issue_id"].as_str().unwrap().to_owned());
            let values = event["exception"]["values"].as_array().unwrap();
            let raised = values.last().unwrap();
            assert_eq!(raised["stacktrace"]["frames"].as_array().unwrap().len(), 30);
            assert!(webhook.body.len() > 7_000, "{}", webhook.body.len());
            total += webhook.body.len();
        }
        assert_eq!(
            (webhooks.len(), events.len(), issues.len()),
            (450, 450, 200)
        );
        let mean = total / webhooks.len();
        assert!((9_000..17_000).contains(&mean), "{mean}");
    }

    #[test]
    fn one_seed_gives_the_same_bodies() {
        assert_eq!(bench_bodies(5, 1), bench_bodies(5, 1));
        assert_ne!(bench_bodies(5, 1), bench_bodies(5, 2));
        assert!(bench_bodies(0, 1).is_empty());
    }
}
