//! One event as Sentry stores it: the body of alerts, errors and the legacy plugin.

use crate::simulator::company::{Cause, Language, ORGANIZATION, SENTRY_URL};
use crate::simulator::issue::Issue;
use crate::simulator::moment;
use crate::simulator::payloads::Sentry;
use crate::simulator::payloads::frames::frames;
use crate::simulator::payloads::group::metadata;
use crate::simulator::random::Random;
use serde_json::{Map, Value, json};

/// Frames of a usual stack.
pub const USUAL_DEPTH: usize = 30;

/// What differs between two events of one issue.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// The event's id.
    pub event_id: String,
    /// When it happened.
    pub at_ms: i64,
    /// The person's number, or 0 when nobody was there.
    pub user: u64,
    /// The machine, if it was one of ours.
    pub server: &'static str,
    /// Frames on the stack.
    pub depth: usize,
}

impl Occurrence {
    /// An event of this issue, a moment before Sentry sends it.
    pub fn of(sentry: &mut Sentry, issue: &Issue) -> Self {
        let random = &mut sentry.random;
        Self {
            event_id: random.hex32(),
            at_ms: sentry.now_ms - random.between_ms(600, 2_400),
            user: if issue.fault.users == 0 {
                0
            } else {
                1_000 + random.below(9_000)
            },
            server: random.word(issue.fault.project.servers),
            depth: USUAL_DEPTH,
        }
    }
}

/// The event without the links that depend on how it is sent.
pub fn stored(issue: &Issue, event: &Occurrence, random: &mut Random) -> Map<String, Value> {
    let fault = issue.fault;
    let project = fault.project;
    let seconds = moment::float_seconds(event.at_ms);
    let Value::Object(mut body) = json!({
        "event_id": event.event_id,
        "project": project.id,
        "release": issue.release,
        "dist": null,
        "platform": project.language.platform(),
        "message": if issue.is_error() { "" } else { issue.value.as_str() },
        "datetime": moment::zulu(event.at_ms),
        "tags": tags(issue, event),
        "_metrics": {"bytes.ingested.event": 9_120, "bytes.stored.event": 10_433},
        "_ref": project.id,
        "_ref_version": 2,
        "breadcrumbs": breadcrumbs(issue, event),
        "contexts": contexts(issue, random),
        "culprit": fault.transaction,
        "environment": fault.environment,
        "fingerprint": ["{{ default }}"],
        "grouping_config": {"enhancements": "KLUv_SAY", "id": "newstyle:2023-01-11"},
        "hashes": [fingerprint(issue)],
        "key_id": "4554187",
        "level": fault.level,
        "location": fault.spots.last().map(|spot| spot.file),
        "logger": "",
        "metadata": metadata(issue),
        "nodestore_insert": seconds + 1.1,
        "received": seconds + 0.3,
        "request": request(issue),
        "sdk": {
            "name": project.sdk,
            "version": project.sdk_version,
            "packages": [{"name": project.sdk, "version": project.sdk_version}],
        },
        "timestamp": seconds,
        "title": issue.title(),
        "transaction": fault.transaction,
        "transaction_info": {"source": "route"},
        "type": if issue.is_error() { "error" } else { "default" },
        "user": user(event),
        "version": "7",
    }) else {
        return Map::new();
    };
    if issue.is_error() {
        body.insert("exception".to_owned(), exception(issue, event));
    } else {
        body.insert(
            "logentry".to_owned(),
            json!({"formatted": issue.value, "message": issue.value, "params": null}),
        );
    }
    body
}

/// The event as webhooks of the Integration Platform carry it.
pub fn linked(issue: &Issue, event: &Occurrence, random: &mut Random) -> Value {
    let mut body = stored(issue, event, random);
    let (id, slug) = (issue.id, issue.fault.project.slug);
    let event_id = &event.event_id;
    let links = [
        (
            "url",
            format!("{SENTRY_URL}/api/0/projects/{ORGANIZATION}/{slug}/events/{event_id}/"),
        ),
        (
            "web_url",
            format!("{SENTRY_URL}/organizations/{ORGANIZATION}/issues/{id}/events/{event_id}/"),
        ),
        (
            "issue_url",
            format!("{SENTRY_URL}/api/0/organizations/{ORGANIZATION}/issues/{id}/"),
        ),
        ("issue_id", id.to_string()),
    ];
    for (name, link) in links {
        body.insert(name.to_owned(), Value::String(link));
    }
    Value::Object(body)
}

/// Sentry's grouping hash: the same for all events of an issue.
pub fn fingerprint(issue: &Issue) -> String {
    Random::new(issue.id).hex32()
}

/// The event's tags as pairs.
pub fn tags(issue: &Issue, event: &Occurrence) -> Vec<(String, String)> {
    let fault = issue.fault;
    let usual = [
        ("environment", fault.environment.to_owned()),
        (
            "handled",
            if fault.handled { "yes" } else { "no" }.to_owned(),
        ),
        ("level", fault.level.to_owned()),
        ("release", issue.release.clone()),
        ("server_name", event.server.to_owned()),
        ("transaction", fault.transaction.to_owned()),
        (
            "user",
            if event.user == 0 {
                String::new()
            } else {
                format!("id:{}", event.user)
            },
        ),
    ];
    let own = fault
        .tags
        .iter()
        .map(|&(key, value)| (key, value.to_owned()));
    usual
        .into_iter()
        .chain(own)
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

fn exception(issue: &Issue, event: &Occurrence) -> Value {
    let fault = issue.fault;
    let mechanism = match fault.project.language {
        Language::Python => "keel",
        Language::JavaScript => "onunhandledrejection",
    };
    let raised = json!({
        "type": issue.kind,
        "value": issue.value,
        "module": null,
        "stacktrace": {"frames": frames(fault.project, fault.spots, event.depth)},
        "mechanism": {"type": mechanism, "handled": fault.handled, "exception_id": 0},
    });
    let cause = fault.cause.map(|cause| behind(issue, &cause));
    let values: Vec<Value> = cause.into_iter().chain([raised]).collect();
    json!({"values": values})
}

fn behind(issue: &Issue, cause: &Cause) -> Value {
    json!({
        "type": cause.kind,
        "value": cause.value,
        "module": null,
        "stacktrace": {"frames": frames(issue.fault.project, cause.spots, cause.spots.len() + 2)},
        "mechanism": {
            "type": "chained",
            "handled": true,
            "source": "__cause__",
            "exception_id": 1,
            "parent_id": 0,
        },
    })
}

fn breadcrumbs(issue: &Issue, event: &Occurrence) -> Value {
    let before = |ms: i64| moment::float_seconds(event.at_ms - ms);
    json!({"values": [
        {
            "timestamp": before(4_210),
            "type": "navigation",
            "category": "navigation",
            "level": "info",
            "data": {"from": "/", "to": issue.fault.transaction},
        },
        {
            "timestamp": before(830),
            "type": "http",
            "category": "http",
            "level": "info",
            "message": null,
            "data": {
                "url": "https://api.harborgoods.example/basket",
                "method": "GET",
                "status_code": 200,
            },
        },
    ]})
}

fn contexts(issue: &Issue, random: &mut Random) -> Value {
    let runtime = match issue.fault.project.language {
        Language::Python => json!({"name": "CPython", "version": "3.13.2", "type": "runtime"}),
        Language::JavaScript => json!({"name": "Chrome", "version": "141.0.0", "type": "browser"}),
    };
    json!({
        "runtime": runtime,
        "trace": {
            "trace_id": random.hex32(),
            "span_id": random.hex16(),
            "op": "http.server",
            "status": "internal_error",
            "type": "trace",
        },
    })
}

fn request(issue: &Issue) -> Value {
    if !issue.fault.transaction.starts_with('/') {
        return Value::Null;
    }
    let host = match issue.fault.project.language {
        Language::Python => "api.harborgoods.example",
        Language::JavaScript => "www.harborgoods.example",
    };
    json!({
        "url": format!("https://{host}{}", issue.fault.transaction),
        "method": "POST",
        "query_string": [["campaign", "autumn"]],
        "fragment": null,
        "cookies": [["session", "[Filtered]"]],
        "headers": [["Accept", "application/json"], ["User-Agent", "Mozilla/5.0 (Harbor)"]],
        "data": null,
        "inferred_content_type": "application/json",
    })
}

fn user(event: &Occurrence) -> Value {
    let number = event.user;
    if number == 0 {
        return Value::Null;
    }
    json!({
        "id": number.to_string(),
        "username": format!("customer-{number}"),
        "email": format!("customer-{number}@mail.example"),
        "ip_address": format!("203.0.113.{}", number % 254 + 1),
        "geo": {"country_code": "DE", "city": "Port Invented", "region": "Germany"},
        "sentry_user": format!("id:{number}"),
    })
}
