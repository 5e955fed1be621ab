//! `activity_alert.triggered`: something that is not an event happened to an issue.

use crate::simulator::company::{ORGANIZATION, SENTRY_URL};
use crate::simulator::issue::Issue;
use crate::simulator::moment;
use crate::simulator::payloads::group::{add_links, group};
use crate::simulator::payloads::{By, Sentry};
use crate::simulator::webhook::Webhook;
use serde_json::{Value, json};

/// Types that Sentry's source and documentation name.
pub const TYPES: &[&str] = &[
    "status_resolved",
    "status_resolved_in_release",
    "status_resolved_by_age",
    "status_resolved_in_commit",
    "status_unresolved",
    "status_ignored",
    "status_regression",
    "status_escalating",
    "appeared_in_pull_request",
    "seer_root_cause_started",
    "seer_root_cause_completed",
    "seer_solution_started",
    "seer_solution_completed",
    "seer_coding_started",
    "seer_coding_completed",
    "seer_pr_created",
];

/// `activity_alert.triggered` with that type of activity.
pub fn triggered(sentry: &mut Sentry, issue: &Issue, kind: &str, by: By) -> Webhook {
    let mut body = group(issue, by, moment::offset, &mut sentry.random);
    add_links(&mut body, issue);
    let data = json!({
        "issue": body,
        "activity": {"type": kind, "details": details(issue, kind, by)},
        "alert": {
            "id": 412,
            "title": "Tell Epicenter about every change",
            "sentry_app_id": 51_200,
            "url": format!(
                "https://sentry.io/api/0/organizations/{ORGANIZATION}/workflows/412/"
            ),
            "web_url": format!("{SENTRY_URL}/monitors/alerts/412/"),
        },
    });
    sentry.hook("activity_alert", "triggered", &data, by)
}

fn details(issue: &Issue, kind: &str, by: By) -> Value {
    let repository = issue.fault.project.repository;
    match (kind, by) {
        ("seer_root_cause_completed" | "seer_solution_completed", _) => {
            json!({"summary": format!("Seer looked at {} and found where it starts", issue.title())})
        }
        ("seer_pr_created", _) => json!({"pull_requests": [{
            "repo_name": repository,
            "url": format!("https://github.com/{repository}/pull/{}", issue.number),
        }]}),
        (_, By::Person(person)) => json!({"user": {
            "id": person.id,
            "name": person.name,
            "username": person.email,
        }}),
        (_, By::Sentry) => json!({}),
    }
}
