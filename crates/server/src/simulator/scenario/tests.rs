use super::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const NOW: i64 = 1_791_900_000_000;
const WEEK_MS: i64 = 7 * 24 * 3_600_000;

fn names(steps: &[Step]) -> BTreeMap<&str, usize> {
    let mut names = BTreeMap::new();
    for step in steps {
        *names.entry(step.webhook.name.as_str()).or_default() += 1;
    }
    names
}

#[test]
fn the_past_lies_in_the_past_and_in_order() {
    let steps = history(NOW);
    assert!((250..600).contains(&steps.len()), "{}", steps.len());
    assert!(steps.is_sorted_by_key(|step| step.at_ms));
    for step in &steps {
        assert!((NOW - WEEK_MS..NOW).contains(&step.at_ms), "{}", step.note);
        assert_eq!(step.after_ms, 0);
        let sent = (step.at_ms / 1_000).to_string();
        if let Some(header) = step.webhook.header("Sentry-Hook-Timestamp") {
            assert_eq!(header, sent);
        }
        let body: Value = serde_json::from_slice(&step.webhook.body).unwrap();
        assert!(step.webhook.body.is_ascii() && body.is_object());
    }
}

#[test]
fn the_past_has_everything_that_a_week_has() {
    let steps = history(NOW);
    let names = names(&steps);
    for name in [
        "issue.created",
        "issue.resolved",
        "issue.assigned",
        "issue.ignored",
        "issue.unresolved",
        "event_alert.triggered",
        "error.created",
        "metric_alert.critical",
        "metric_alert.resolved",
        "comment.created",
        "seer.pr_created",
        "activity_alert.triggered",
        "installation.created",
        "legacy_plugin",
        "service_hook",
    ] {
        assert!(names.contains_key(name), "{name} is missing of {names:?}");
    }
}

#[test]
fn one_time_gives_one_past() {
    assert_eq!(history(NOW), history(NOW));
    assert_ne!(history(NOW), history(NOW + 60_000));
}

#[test]
fn what_follows_is_watchable_and_endless() {
    let steps: Vec<Step> = live(NOW, 5).take(600).collect();
    let total_ms: u64 = steps.iter().map(|step| step.after_ms).sum();
    assert!(total_ms > 20 * 60_000, "{total_ms}");
    assert!(steps.iter().all(|step| step.after_ms <= 20_000));
    assert!(steps.is_sorted_by_key(|step| step.at_ms));
    assert_eq!(steps[..50], live(NOW, 5).take(50).collect::<Vec<_>>()[..]);
}

#[test]
fn a_round_shows_every_kind_and_every_door() {
    let steps: Vec<Step> = live(NOW, 5)
        .take_while(|step| step.at_ms < NOW + 15 * 60_000)
        .collect();
    let names = names(&steps);
    for name in [
        "issue.created",
        "issue.resolved",
        "issue.assigned",
        "issue.ignored",
        "issue.unresolved",
        "metric_alert.critical",
        "metric_alert.warning",
        "metric_alert.resolved",
        "comment.created",
        "comment.updated",
        "comment.deleted",
        "seer.root_cause_completed",
        "cost_forecast.exceeded",
        "not_json",
        "legacy_plugin",
        "service_hook",
        "ui_component.alert_rule_action",
    ] {
        assert!(names.contains_key(name), "{name} is missing of {names:?}");
    }
    let count = |door| steps.iter().filter(|step| step.door == door).count();
    assert_eq!((count(Door::WrongSecret), count(Door::Legacy)), (1, 1));
    let burst = steps.iter().filter(|step| step.note.starts_with("a burst"));
    let times: Vec<i64> = burst.map(|step| step.at_ms).collect();
    assert_eq!(times.len(), 60);
    assert!(times[59] - times[0] < 10_000);
}

#[test]
fn later_rounds_bring_new_issues() {
    let mut ids = BTreeSet::new();
    let created = live(NOW, 5)
        .take(900)
        .filter(|step| step.webhook.name == "issue.created");
    let mut total = 0;
    for step in created {
        let body: Value = serde_json::from_slice(&step.webhook.body).unwrap();
        ids.insert(body["data"]["issue"]["id"].as_str().unwrap().to_owned());
        total += 1;
    }
    assert_eq!(ids.len(), total);
    assert!(total >= 10, "{total}");
}

#[test]
fn a_step_carries_the_time_of_whoever_asks() {
    let mut story = Live::new(NOW, 5);
    let step = story.step(NOW + 500_000);
    assert_eq!(
        step.at_ms,
        NOW + 500_000 + i64::try_from(step.after_ms).unwrap()
    );
}

#[test]
fn only_resolved_issues_regress_and_only_archived_ones_escalate() {
    let mut status: BTreeMap<String, String> = BTreeMap::new();
    for step in history(NOW).into_iter().chain(live(NOW, 5).take(900)) {
        let name = step.webhook.name.as_str();
        if !name.starts_with("issue.") || name == "issue.foreseen" {
            continue;
        }
        let body: Value = serde_json::from_slice(&step.webhook.body).unwrap();
        let issue = &body["data"]["issue"];
        let id = issue["id"].as_str().unwrap().to_owned();
        let before = status.get(&id).map_or("", String::as_str);
        match issue["substatus"].as_str() {
            Some("regressed") if name == "issue.unresolved" => assert_eq!(before, "resolved"),
            Some("escalating") if name == "issue.unresolved" => assert_eq!(before, "ignored"),
            _ => {}
        }
        status.insert(id, issue["status"].as_str().unwrap().to_owned());
    }
}
