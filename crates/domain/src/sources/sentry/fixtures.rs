//! The fixtures: a file per case in `fixtures/`, and a reading written flat to compare with it.

use crate::delivery::Headers;
use crate::signal::{
    Actor, AlertState, Assignee, EventFacts, Fact, IssueChange, IssueFacts, Remark,
};
use crate::sources::{Envelope, Outcome, Reading};
use crate::time::Time;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// One case.
pub(super) struct Fixture {
    pub(super) file: String,
    pub(super) name: String,
    pub(super) headers: Headers,
    pub(super) body: String,
    pub(super) expect: serde_json::Map<String, Value>,
}

impl Fixture {
    pub(super) fn read(&self, body: &[u8]) -> Reading {
        super::read(Envelope {
            headers: &self.headers,
            body,
            received_at: Time(0),
        })
    }
}

/// Every fixture, by file name.
#[expect(clippy::disallowed_methods, reason = "a test may read its fixtures")]
pub(super) fn all() -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sources/sentry/fixtures");
    let mut fixtures: Vec<Fixture> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let case: Value =
                serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).expect(&file);
            let headers = case["headers"].as_object().expect(&file).iter();
            Fixture {
                name: case["name"].as_str().expect(&file).to_owned(),
                headers: Headers::new(headers.map(|(n, v)| (n.clone(), v.as_str().unwrap()))),
                body: case["raw"]
                    .as_str()
                    .map_or_else(|| case["body"].to_string(), str::to_owned),
                expect: case["expect"].as_object().expect(&file).clone(),
                file,
            }
        })
        .collect();
    fixtures.sort_by(|left, right| left.file.cmp(&right.file));
    fixtures
}

/// A reading as names and texts; what is absent has no entry.
pub(super) type Flat = BTreeMap<&'static str, String>;

pub(super) fn flat(reading: &Reading) -> Flat {
    let mut out = Flat::new();
    out.insert("resource", reading.resource.clone());
    out.insert("action", reading.action.clone());
    put(&mut out, "identity", reading.identity.clone());
    match &reading.outcome {
        Outcome::Ignored(reason) => {
            out.insert("outcome", "ignored".into());
            out.insert("reason", reason.clone());
        }
        Outcome::NotUnderstood(reason) => {
            out.insert("outcome", "not_understood".into());
            out.insert("reason", reason.clone());
        }
        Outcome::Signals(signals) => unreachable!("Sentry says one thing: {signals:?}"),
        Outcome::Signal(signal) => {
            out.insert("outcome", "signal".into());
            put(&mut out, "sent_at", signal.when.sent_at.map(Time::rfc3339));
            put(
                &mut out,
                "occurred_at",
                signal.when.occurred_at.map(Time::rfc3339),
            );
            out.insert("actor", actor(&signal.actor));
            fact(&mut out, &signal.fact);
        }
    }
    out
}

fn put(out: &mut Flat, key: &'static str, value: Option<String>) {
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        out.insert(key, value);
    }
}

fn actor(actor: &Actor) -> String {
    let kind = format!("{:?}", actor.kind).to_lowercase();
    format!("{kind} {} {}", actor.id, actor.name)
}

fn assignee(assignee: &Assignee) -> String {
    format!("{} {} {}", assignee.kind, assignee.id, assignee.name)
}

fn fact(out: &mut Flat, fact: &Fact) {
    match fact {
        Fact::Issue(fact) => {
            change(out, &fact.change);
            issue(out, &fact.issue);
            let level = fact
                .event
                .as_ref()
                .map(|event| event.level)
                .or(fact.issue.level);
            let severity = level.unwrap_or(crate::level::Level::Error).severity();
            out.insert("severity", severity.as_str().into());
            if let Some(facts) = &fact.event {
                event(out, facts);
            }
        }
        Fact::Alert(metric) => {
            out.insert("key", metric.dedup_key.clone());
            out.insert("title", metric.title.clone());
            put(out, "description", Some(metric.description.clone()));
            put(out, "permalink", metric.permalink.clone());
            put(out, "projects", Some(metric.projects.join(" | ")));
            put(out, "environment", metric.environment.clone());
            put(out, "started_at", metric.started_at.map(Time::rfc3339));
            match metric.state {
                AlertState::Firing(severity) => {
                    out.insert("fact", "metric_firing".into());
                    out.insert("severity", severity.as_str().into());
                }
                AlertState::Acknowledged => unreachable!("Sentry acknowledges nothing"),
                AlertState::Resolved => {
                    out.insert("fact", "metric_resolved".into());
                }
            }
        }
        Fact::Installation(installation) => {
            let deleted = installation.deleted;
            out.insert(
                "fact",
                if deleted { "uninstalled" } else { "installed" }.into(),
            );
            out.insert("uuid", installation.uuid.clone());
            put(out, "organization", installation.organization.clone());
            put(out, "app", installation.app.clone());
        }
        Fact::Remark(line) => remark(out, line),
        Fact::Change(change) => unreachable!("Sentry sends no changes: {change:?}"),
    }
}

fn remark(out: &mut Flat, remark: &Remark) {
    out.insert("fact", "remark".into());
    out.insert("remark_kind", remark.kind.clone());
    out.insert("remark", remark.summary.clone());
    put(out, "remark_body", Some(remark.body.clone()));
}

fn change(out: &mut Flat, change: &IssueChange) {
    let fact = match change {
        IssueChange::Created => "created",
        IssueChange::AlertFired { rules } => {
            put(out, "rules", Some(rules.join(" | ")));
            "alert_fired"
        }
        IssueChange::Reported { by } => unreachable!("{by} is not Sentry"),
        IssueChange::Occurred { service_hook: true } => "occurred_service_hook",
        IssueChange::Occurred {
            service_hook: false,
        } => "occurred",
        IssueChange::Unresolved => "unresolved",
        IssueChange::Resolved(resolution) => {
            put(out, "how", resolution.how.clone());
            put(out, "in_release", resolution.release.clone());
            put(out, "commit", resolution.commit.clone());
            put(out, "repository", resolution.repository.clone());
            "resolved"
        }
        IssueChange::Archived { until } => {
            put(out, "until", Some(until.clone()));
            "archived"
        }
        IssueChange::Assigned(to) => {
            out.insert("assignee", assignee(to));
            "assigned"
        }
        IssueChange::Commented {
            comment_id,
            action,
            text,
        } => {
            out.insert("comment", format!("{comment_id} {action}"));
            put(out, "text", Some(text.clone()));
            "commented"
        }
        IssueChange::Remark(line) => return remark(out, line),
    };
    out.insert("fact", fact.into());
}

fn issue(out: &mut Flat, issue: &IssueFacts) {
    out.insert("key", issue.key.dedup_key());
    let fields = [
        ("short_id", issue.short_id.clone()),
        ("title", issue.title.clone()),
        ("culprit", issue.culprit.clone()),
        ("level", issue.level.map(|level| level.as_str().into())),
        ("status", issue.status.map(|status| status.as_str().into())),
        ("substatus", issue.substatus.clone()),
        ("platform", issue.platform.clone()),
        ("project", issue.project.slug.clone()),
        ("project_id", issue.project.id.clone()),
        ("project_name", issue.project.name.clone()),
        ("error_type", issue.error_type.clone()),
        ("error_value", issue.error_value.clone()),
        ("first_seen", issue.first_seen_at.map(Time::rfc3339)),
        ("last_seen", issue.last_seen_at.map(Time::rfc3339)),
        ("events", issue.event_count.map(|count| count.to_string())),
        ("users", issue.user_count.map(|count| count.to_string())),
        ("environment", issue.environment.clone()),
        ("release", issue.release.clone()),
        ("permalink", issue.permalink.clone()),
        ("category", issue.category.clone()),
        ("priority", issue.priority.clone()),
        ("logger", issue.logger.clone()),
        ("unhandled", issue.is_unhandled.map(|is| is.to_string())),
        ("assigned_to", issue.assignee.as_ref().map(assignee)),
    ];
    for (key, value) in fields {
        put(out, key, value);
    }
}

fn event(out: &mut Flat, event: &EventFacts) {
    let detail = &event.detail;
    let exceptions: Vec<&str> = detail.exceptions.iter().map(|e| e.kind.as_str()).collect();
    let crash = detail.crash_frame().map(|frame| {
        let line = frame.line.unwrap_or_default();
        format!("{} {}:{line}", frame.function, frame.filename)
    });
    let pairs = |pairs: &[(String, String)]| {
        let pairs: Vec<String> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
        pairs.join(", ")
    };
    let crumbs: Vec<String> = detail
        .breadcrumbs
        .iter()
        .map(|crumb| format!("{} {}", crumb.category, crumb.message))
        .collect();
    let threads = detail.thread_frames.len();
    let user = detail.user.as_ref();
    let request = detail.request.as_ref();
    let fields = [
        ("event_id", Some(event.event_id.clone())),
        ("event_at", event.at.map(Time::rfc3339)),
        ("event_level", Some(event.level.as_str().into())),
        ("event_title", Some(event.title.clone())),
        ("event_message", Some(detail.message.clone())),
        ("exceptions", Some(exceptions.join(" > "))),
        ("crash", crash),
        ("threads", (threads > 0).then(|| threads.to_string())),
        ("tags", Some(pairs(&detail.tags))),
        (
            "user",
            user.map(|user| format!("{} {}", user.id, user.name)),
        ),
        (
            "request",
            request.map(|r| format!("{} {}", r.method, r.url)),
        ),
        ("breadcrumbs", Some(crumbs.join(" | "))),
        ("contexts", Some(pairs(&detail.contexts))),
        ("web_url", detail.web_url.clone()),
        ("hashes", Some(detail.hashes.join(", "))),
        ("sdk", Some(detail.sdk.clone())),
        ("trace_id", detail.trace_id.clone()),
    ];
    for (key, value) in fields {
        put(out, key, value);
    }
}
