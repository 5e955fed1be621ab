//! Its doors.

use super::bulk;
use super::fault::Fault;
use super::model::{FakeIssue, Status};
use super::pages::{Cursor, link, page, written};
use super::{Asked, FAKE_ORGANIZATION, FAKE_TOKEN, FakeSentry};
use crate::simulator::webhook::Webhook;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use epicenter_domain::time::{DAY_MS, HOUR_MS, Time};
use serde_json::{Value, json};
use std::io;
use std::time::Duration;

/// An answer: status, body, headers of its own.
type Answer = (u16, Value, HeaderMap);

pub(super) fn router(fake: FakeSentry) -> Router {
    Router::new().fallback(answer).with_state(fake)
}

async fn answer(
    State(fake): State<FakeSentry>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .to_owned();
    let fault = {
        let mut state = fake.state();
        state.asked.push(Asked {
            method: method.to_string(),
            path: path.clone(),
        });
        state.once.pop_front().or_else(|| state.always.clone())
    };
    let right = || {
        let request = Request {
            method: &method,
            uri: &uri,
            headers: &headers,
            body: &body,
        };
        request.answer(&fake)
    };
    match fault {
        None => shown(&fake, right()),
        Some(Fault::Late(ms)) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            shown(&fake, right())
        }
        Some(fault) => bad(&fake, &fault, &path),
    }
}

fn shown(fake: &FakeSentry, (status, body, headers): Answer) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = (status, axum::Json(body)).into_response();
    if fake.state().has_headers {
        response.headers_mut().extend(headers);
    } else if let Some(link) = headers.get(header::LINK) {
        response.headers_mut().insert(header::LINK, link.clone());
    }
    response
}

fn header(name: &'static str, value: &str) -> HeaderMap {
    let value = HeaderValue::from_str(value).unwrap_or_else(|_| HeaderValue::from_static(""));
    [(header::HeaderName::from_static(name), value)]
        .into_iter()
        .collect()
}

fn bad(fake: &FakeSentry, fault: &Fault, path: &str) -> Response {
    let detail = json!({"detail": "Internal Error", "errorId": null});
    let limited = || Value::from("You are attempting to use this endpoint too frequently.");
    let text = |text: String| ([(header::CONTENT_TYPE, "application/json")], text).into_response();
    match fault {
        Fault::Status(status) => shown(fake, (*status, detail, HeaderMap::new())),
        Fault::RetryAfter(status, seconds) => {
            let headers = header("retry-after", &seconds.to_string());
            shown(fake, (*status, detail, headers))
        }
        Fault::Limited(seconds) => {
            let at = fake.now_ms().div_euclid(1_000) + seconds;
            let mut headers = header("x-sentry-rate-limit-reset", &at.to_string());
            headers.extend(header("x-sentry-rate-limit-remaining", "0"));
            shown(fake, (429, limited(), headers))
        }
        Fault::TooManyAtOnce => {
            let at = fake.now_ms().div_euclid(1_000) + 60;
            let mut headers = header("x-sentry-rate-limit-reset", &at.to_string());
            headers.extend(header("x-sentry-rate-limit-remaining", "7"));
            headers.extend(header("x-sentry-rate-limit-concurrentremaining", "0"));
            shown(fake, (429, limited(), headers))
        }
        Fault::BareLimit => shown(fake, (429, limited(), HeaderMap::new())),
        Fault::Page => {
            let page = "<!DOCTYPE html><title>Sign in</title>".to_owned();
            ([(header::CONTENT_TYPE, "text/html")], page).into_response()
        }
        Fault::CutOff => text(r#"[{"id":"1","title":"ValueErr"#.to_owned()),
        Fault::Body(body) => text(body.clone()),
        Fault::Elsewhere(to) => {
            let mut response = shown(fake, (302, Value::Null, HeaderMap::new()));
            let to = HeaderValue::from_str(to).unwrap_or_else(|_| HeaderValue::from_static("/"));
            response.headers_mut().insert(header::LOCATION, to);
            response
        }
        Fault::Loop => listed(fake, &cursor_of(path).unwrap_or_else(|| "7:0:0".to_owned())),
        Fault::Endless => {
            let before = cursor_of(path).and_then(|text| text.split(':').next()?.parse().ok());
            let next: i64 = before.unwrap_or(0) + 1;
            listed(fake, &format!("{next}:0:0"))
        }
        Fault::Giant(bytes) => text(format!("[\"{}\"]", "x".repeat(*bytes))),
        Fault::HangUp => {
            let broken = io::Error::new(io::ErrorKind::ConnectionReset, "gone");
            let pieces = futures_util::stream::iter([Ok(Bytes::from_static(b"[")), Err(broken)]);
            Response::new(Body::from_stream(pieces))
        }
        Fault::Late(_) => StatusCode::NO_CONTENT.into_response(),
    }
}

/// An empty page that goes on at this cursor.
fn listed(fake: &FakeSentry, next: &str) -> Response {
    let mut headers = HeaderMap::new();
    link(
        &mut headers,
        "https://acme.sentry.example/api/0/?x=1",
        Some(next),
    );
    shown(fake, (200, json!([]), headers))
}

fn cursor_of(path: &str) -> Option<String> {
    let (_, query) = path.split_once('?')?;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, cursor) = pairs.find(|(key, _)| key == "cursor")?;
    Some(cursor.into_owned())
}

pub(super) struct Request<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    body: &'a Bytes,
}

impl Request<'_> {
    fn answer(&self, fake: &FakeSentry) -> Answer {
        let token = self.headers.get(header::AUTHORIZATION);
        if token.and_then(|value| value.to_str().ok()) != Some(&format!("Bearer {FAKE_TOKEN}")) {
            return detail(401, "Invalid token");
        }
        let path = self.uri.path();
        if path == "/api/0/" {
            let scopes = fake.state().scopes.clone();
            let body = json!({"version": "0", "auth": {"scopes": scopes}, "user": null});
            return (200, body, HeaderMap::new());
        }
        let own = format!("/api/0/organizations/{FAKE_ORGANIZATION}/");
        let Some(rest) = path.strip_prefix(&own) else {
            return detail(404, "The requested resource does not exist");
        };
        let parts: Vec<&str> = rest.split_terminator('/').collect();
        let (topic, scope) = match (self.method.as_str(), parts.as_slice()) {
            ("GET", []) => ("organization", "org:read"),
            ("GET", ["projects"]) => ("projects", "project:read"),
            ("GET", ["releases"]) => ("releases", "project:read"),
            ("GET", ["issues"]) => ("issues", "event:read"),
            ("GET", ["issues", _]) => ("issue", "event:read"),
            ("GET", ["issues", _, "events", "latest"]) => ("event", "event:read"),
            ("PUT", ["issues", _]) => ("update", "event:write"),
            ("PUT", ["issues"]) => ("bulk", "event:write"),
            ("POST", ["issues", _, "comments"]) => ("note", "event:write"),
            _ => return detail(404, "The requested resource does not exist"),
        };
        if !fake.state().scopes.iter().any(|one| one == scope) {
            return detail(403, "You do not have permission to perform this action.");
        }
        let limits = match count(fake, topic) {
            Ok(headers) => headers,
            Err(refused) => return refused,
        };
        let id = parts.get(1).and_then(|id| id.parse().ok()).unwrap_or(0);
        let (status, body, mut headers) = self.of_topic(fake, topic, id);
        headers.extend(limits);
        (status, body, headers)
    }

    fn of_topic(&self, fake: &FakeSentry, topic: &str, id: u64) -> Answer {
        let ok = |body: Value| (200, body, HeaderMap::new());
        let nothing = || detail(404, "The requested resource does not exist");
        match topic {
            "organization" => ok(json!({"id": "1", "slug": FAKE_ORGANIZATION, "name": "Acme"})),
            "projects" => ok(projects(fake)),
            "releases" => ok(releases(fake)),
            "issues" => self.issues(fake),
            "issue" => fake
                .issue(id)
                .map_or_else(nothing, |issue| ok(issue.json())),
            "event" => {
                let event = fake.issue(id).and_then(|issue| issue.event());
                event.map_or_else(nothing, ok)
            }
            "update" => self.update(fake, id).unwrap_or_else(nothing),
            "bulk" => {
                let (status, body) = bulk::update(self, fake);
                (status, body, HeaderMap::new())
            }
            _ => self.note(fake, id).unwrap_or_else(nothing),
        }
    }

    pub(super) fn values(&self, name: &str) -> Vec<String> {
        let query = self.uri.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(query.as_bytes());
        pairs
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .collect()
    }

    fn value(&self, name: &str) -> Option<String> {
        self.values(name).pop()
    }

    fn issues(&self, fake: &FakeSentry) -> Answer {
        let query = self.value("query");
        if query.as_deref().is_some_and(|query| query.contains(" OR ")) {
            return detail(
                400,
                "Boolean statements containing \"OR\" are not supported.",
            );
        }
        let limit = self.value("limit").and_then(|limit| limit.parse().ok());
        let limit: usize = limit.unwrap_or(25);
        if limit > 100 {
            return detail(400, "Invalid per_page value. Must be between 1 and 100.");
        }
        let mut issues = fake.issues();
        // Without a query, only what is unresolved.
        if query.as_deref().unwrap_or("is:unresolved") == "is:unresolved" {
            issues.retain(|issue| issue.status.words().0 == "unresolved");
        }
        let (from, until) = self.window(fake);
        issues.retain(|issue| issue.last_seen_at >= from && issue.first_seen_at < until);
        let projects = self.values("project");
        if !projects.is_empty() && !projects.iter().any(|one| one == "-1") {
            issues.retain(|issue| projects.contains(&issue.project));
        }
        issues.sort_by_key(|issue| (std::cmp::Reverse(issue.last_seen_at), issue.id));
        let cursor = self.value("cursor").and_then(|text| Cursor::read(&text));
        let (shown, next) = page(&issues, cursor, limit);
        let mut headers = header("x-hits", &issues.len().to_string());
        let url = format!("https://acme.sentry.example{}?x=1", self.uri.path());
        link(&mut headers, &url, written(next).as_deref());
        let body: Vec<Value> = shown.iter().map(FakeIssue::json).collect();
        (200, Value::Array(body), headers)
    }

    /// `start` and `end`, or `statsPeriod`; 90 days without either.
    fn window(&self, fake: &FakeSentry) -> (Time, Time) {
        let now = fake.clock.now();
        let at = |name: &str| self.value(name).and_then(|text| Time::parse(&text));
        if let (Some(from), Some(until)) = (at("start"), at("end")) {
            return (from, until);
        }
        let period = self
            .value("statsPeriod")
            .unwrap_or_else(|| "90d".to_owned());
        let unit = if period.ends_with('h') {
            HOUR_MS
        } else {
            DAY_MS
        };
        let count: i64 = period.trim_end_matches(['h', 'd']).parse().unwrap_or(90);
        (now.plus_ms(-count * unit), now.plus_ms(1))
    }

    pub(super) fn update(&self, fake: &FakeSentry, id: u64) -> Option<Answer> {
        let mut issue = fake.issue(id)?;
        let wanted: Value = serde_json::from_slice(self.body).unwrap_or_default();
        if let Some(word) = wanted.get("status").and_then(Value::as_str) {
            let Some(status) = Status::of_update(word) else {
                return Some((400, json!({"status": ["Not a status."]}), HeaderMap::new()));
            };
            issue.become_status(status);
            echo(fake, &issue, status.action());
        }
        if let Some(to) = wanted.get("assignedTo").and_then(Value::as_str) {
            to.clone_into(&mut issue.assigned_to);
            echo(fake, &issue, "assigned");
        }
        let body = issue.json();
        fake.put(issue);
        Some((200, body, HeaderMap::new()))
    }

    fn note(&self, fake: &FakeSentry, id: u64) -> Option<Answer> {
        let mut issue = fake.issue(id)?;
        let wanted: Value = serde_json::from_slice(self.body).unwrap_or_default();
        let text = wanted
            .get("text")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if text.is_empty() || issue.notes.iter().any(|known| known == text) {
            return Some(detail(400, "You have already posted that comment."));
        }
        issue.notes.push(text.to_owned());
        fake.put(issue);
        let mut state = fake.state();
        state.note_count += 1;
        let number = state.note_count.to_string();
        let body = json!({"id": number, "type": "note", "data": {"text": text}});
        Some((201, body, HeaderMap::new()))
    }
}

fn detail(status: u16, text: &str) -> Answer {
    (status, json!({"detail": text}), HeaderMap::new())
}

/// Whoever changes an issue hears of it, too: the actor is the application of the token.
fn echo(fake: &FakeSentry, issue: &FakeIssue, action: &str) {
    let mut body = issue.hook_body(action);
    if let Some(actor) = body.get_mut("actor") {
        *actor = json!({"type": "application", "id": "a1b2", "name": "Epicenter"});
    }
    let now = fake.now_ms();
    let mut state = fake.state();
    let webhook = Webhook::integration("issue", action, &body, now, &mut state.random);
    state.webhooks.push(webhook);
}

fn projects(fake: &FakeSentry) -> Value {
    let issues = fake.issues();
    let slugs: std::collections::BTreeSet<&str> =
        issues.iter().map(|issue| issue.project.as_str()).collect();
    slugs
        .into_iter()
        .map(|slug| json!({"id": "4", "slug": slug, "name": slug}))
        .collect()
}

fn releases(fake: &FakeSentry) -> Value {
    let issues = fake.issues();
    let versions: std::collections::BTreeSet<&str> =
        issues.iter().map(|issue| issue.release.as_str()).collect();
    versions
        .into_iter()
        .map(|version| json!({"version": version, "projects": [{"slug": "shop"}]}))
        .collect()
}

/// Counts a request; the headers that say so, or 429.
#[expect(
    clippy::result_large_err,
    reason = "an answer is made once per request"
)]
fn count(fake: &FakeSentry, topic: &'static str) -> Result<HeaderMap, Answer> {
    let second = fake.now_ms().div_euclid(1_000);
    let mut state = fake.state();
    let Some(limit) = state.limit else {
        return Ok(HeaderMap::new());
    };
    let used = state.counts.entry((topic, second)).or_insert(0);
    *used += 1;
    let left = limit - *used;
    let mut headers = header("x-sentry-rate-limit-limit", &limit.to_string());
    headers.extend(header(
        "x-sentry-rate-limit-remaining",
        &left.max(0).to_string(),
    ));
    headers.extend(header(
        "x-sentry-rate-limit-reset",
        &(second + 1).to_string(),
    ));
    if left < 0 {
        let text = Value::from("You are attempting to use this endpoint too frequently.");
        return Err((429, text, headers));
    }
    Ok(headers)
}
