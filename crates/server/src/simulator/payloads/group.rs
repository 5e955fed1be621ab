//! An issue as Sentry serialises it for nobody in particular.

use crate::simulator::company::{ORGANIZATION, SENTRY_URL};
use crate::simulator::issue::{Archive, Assignee, Issue, Open, Resolution, Status};
use crate::simulator::moment;
use crate::simulator::payloads::By;
use crate::simulator::random::Random;
use serde_json::{Map, Value, json};

/// How a time is spelled: Sentry uses two ways.
pub type Spelling = fn(i64) -> String;

/// Web page of an issue.
pub fn permalink(issue: &Issue) -> String {
    format!("{SENTRY_URL}/issues/{}/", issue.id)
}

/// The issue. `by` is who changed its status last.
pub fn group(issue: &Issue, by: By, spelling: Spelling, random: &mut Random) -> Map<String, Value> {
    let project = issue.fault.project;
    let (status, substatus, details) = status(issue, by, random);
    let category = if issue.is_error() { "error" } else { "default" };
    let Value::Object(group) = json!({
        "id": issue.id.to_string(),
        "shareId": null,
        "shortId": issue.short_id(),
        "title": issue.title(),
        "culprit": issue.fault.transaction,
        "permalink": permalink(issue),
        "logger": null,
        "level": issue.fault.level,
        "status": status,
        "statusDetails": details,
        "substatus": substatus,
        "isPublic": false,
        "platform": project.language.platform(),
        "project": {
            "id": project.id.to_string(),
            "name": project.name,
            "slug": project.slug,
            "platform": project.platform,
        },
        "type": category,
        "metadata": metadata(issue),
        "numComments": issue.comments,
        "assignedTo": issue.assignee.map(assigned_to),
        "isBookmarked": false,
        "isSubscribed": false,
        "subscriptionDetails": null,
        "hasSeen": false,
        "annotations": [],
        "issueType": "error",
        "issueCategory": "error",
        "priority": priority(issue.fault.level),
        "priorityLockedAt": null,
        "seerFixabilityScore": null,
        "seerAutofixLastTriggered": null,
        "seerExplorerAutofixLastTriggered": null,
        "isUnhandled": !issue.fault.handled,
        "count": issue.count.to_string(),
        "userCount": issue.users,
        "firstSeen": spelling(issue.first_seen_ms),
        "lastSeen": spelling(issue.last_seen_ms),
    }) else {
        return Map::new();
    };
    group
}

/// The links that only some deliveries add to the issue.
pub fn add_links(group: &mut Map<String, Value>, issue: &Issue) {
    let project = issue.fault.project.id;
    let links = [
        (
            "url",
            format!(
                "https://sentry.io/api/0/organizations/{ORGANIZATION}/issues/{}/",
                issue.id
            ),
        ),
        ("web_url", permalink(issue)),
        (
            "project_url",
            format!("{SENTRY_URL}/issues/?project={project}"),
        ),
    ];
    for (name, link) in links {
        group.insert(name.to_owned(), Value::String(link));
    }
}

/// `metadata` of an issue, and of its events.
pub fn metadata(issue: &Issue) -> Value {
    if !issue.is_error() {
        return json!({"title": issue.title()});
    }
    let place = issue.fault.spots.last();
    json!({
        "type": issue.kind,
        "value": issue.value,
        "filename": place.map(|spot| spot.file),
        "function": place.map(|spot| spot.function),
        "in_app_frame_mix": "mixed",
        "sdk": {"name": issue.fault.project.sdk, "name_normalized": issue.fault.project.sdk},
        "initial_priority": 75,
    })
}

fn priority(level: &str) -> &'static str {
    match level {
        "fatal" | "error" => "high",
        "warning" => "medium",
        _ => "low",
    }
}

fn assigned_to(assignee: Assignee) -> Value {
    match assignee {
        Assignee::Person(person) => json!({
            "type": "user",
            "id": person.id.to_string(),
            "name": person.name,
            "email": person.email,
        }),
        Assignee::Team(team) => {
            json!({"type": "team", "id": team.id.to_string(), "name": team.slug})
        }
    }
}

fn person(by: By) -> Value {
    match by {
        By::Sentry => Value::Null,
        By::Person(person) => json!({
            "id": person.id.to_string(),
            "name": person.name,
            "username": person.email,
            "email": person.email,
        }),
    }
}

fn status(
    issue: &Issue,
    by: By,
    random: &mut Random,
) -> (&'static str, Option<&'static str>, Value) {
    match &issue.status {
        Status::Open(open) => {
            let why = match open {
                Open::New => "new",
                Open::Ongoing => "ongoing",
                Open::Regressed => "regressed",
                Open::Escalating => "escalating",
            };
            ("unresolved", Some(why), json!({}))
        }
        Status::Resolved(resolution) => ("resolved", None, resolved(issue, resolution, by, random)),
        Status::Archived(Archive::UntilEscalating) => {
            ("ignored", Some("archived_until_escalating"), json!({}))
        }
        Status::Archived(Archive::UntilCount(count)) => (
            "ignored",
            Some("archived_until_condition_met"),
            json!({
                "ignoreCount": count,
                "ignoreUntil": null,
                "ignoreUserCount": null,
                "ignoreUserWindow": null,
                "ignoreWindow": 60,
                "actor": person(by),
            }),
        ),
        Status::Archived(Archive::Forever) => ("ignored", Some("archived_forever"), json!({})),
    }
}

fn resolved(issue: &Issue, resolution: &Resolution, by: By, random: &mut Random) -> Value {
    match resolution {
        Resolution::Now => json!({}),
        Resolution::InRelease(release) => json!({"inRelease": release, "actor": person(by)}),
        Resolution::InNextRelease => json!({"inNextRelease": true, "actor": person(by)}),
        Resolution::InCommit(message) => {
            let repository = issue.fault.project.repository;
            json!({"inCommit": {
                "id": random.hex40(),
                "message": format!("{message}\n\nFixes {}", issue.short_id()),
                "dateCreated": moment::zulu(issue.last_seen_ms),
                "pullRequest": null,
                "suspectCommitType": "",
                "repository": {
                    "id": "7",
                    "name": repository,
                    "url": format!("https://github.com/{repository}"),
                    "provider": {"id": "integrations:github", "name": "GitHub"},
                    "status": "active",
                    "dateCreated": "2025-01-01T00:00:00Z",
                },
                "author": person(by),
                "releases": [],
            }})
        }
    }
}
