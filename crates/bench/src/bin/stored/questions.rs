//! What is asked of the lists and pages: what people open, with every filter there is.

use crate::ask::Asker;
use epicenter_bench::Failure;
use serde_json::Value;

/// Pages that are turned before the tenth.
const TURNED: usize = 9;

/// A path, and how the table calls it.
pub(crate) type Question = (&'static str, String);

/// Things to ask about, found through the API itself.
struct Things {
    incident: String,
    number: String,
    issue: String,
    /// The issue with most events.
    loud: String,
    service: String,
    integration: String,
    deploy: String,
    release: String,
}

impl Things {
    fn find(asker: &mut Asker) -> Result<Self, Failure> {
        let mut first = |path: &str, field: &str| -> Result<String, Failure> {
            let found = asker.read(path)?;
            // Lists come as a page or as they are.
            let items = found.get("items").unwrap_or(&found).as_array();
            let value = items.and_then(|items| items.last()?.pointer(field));
            match value {
                Some(Value::String(text)) => Ok(text.clone()),
                Some(Value::Number(number)) => Ok(number.to_string()),
                _ => Err(format!("{path} has no {field}").into()),
            }
        };
        Ok(Self {
            incident: first("/api/v1/incidents?status=resolved&limit=100", "/id")?,
            number: first("/api/v1/incidents?status=resolved&limit=100", "/number")?,
            issue: first("/api/v1/issues?status=resolved&limit=100", "/id")?,
            loud: first("/api/v1/issues?sort=count&limit=1", "/id")?,
            service: first("/api/v1/services", "/id")?,
            integration: first("/api/v1/deliveries?limit=1", "/integration/id")?,
            deploy: first("/api/v1/deploys?limit=10", "/id")?,
            release: first("/api/v1/releases?limit=10", "/version")?,
        })
    }
}

/// All of them.
pub(crate) fn all(asker: &mut Asker) -> Result<Vec<Question>, Failure> {
    let things = Things::find(asker)?;
    let mut all = incidents(&things);
    all.extend(issues(&things));
    all.extend(others(&things));
    all.extend(pages(&things));
    for (name, path) in [
        (
            "incidents, tenth page",
            "/api/v1/incidents?limit=50".to_owned(),
        ),
        ("issues, tenth page", "/api/v1/issues?limit=50".to_owned()),
        (
            "deliveries, tenth page",
            "/api/v1/deliveries?limit=50".to_owned(),
        ),
        (
            "observations, tenth page",
            "/api/v1/observations?limit=50".to_owned(),
        ),
        (
            "events of the loudest issue, tenth page",
            format!("/api/v1/issues/{}/events?limit=50", things.loud),
        ),
    ] {
        all.push((name, turned(asker, &path)?));
    }
    Ok(all)
}

/// The path of the tenth page.
fn turned(asker: &mut Asker, path: &str) -> Result<String, Failure> {
    let mut next = path.to_owned();
    for _ in 0..TURNED {
        let page = asker.read(&next)?;
        let cursor = page.get("next_cursor").and_then(Value::as_str);
        let cursor = cursor.ok_or_else(|| format!("{path} has no ten pages"))?;
        next = format!("{path}&cursor={cursor}");
    }
    Ok(next)
}

fn incidents(things: &Things) -> Vec<Question> {
    let list = |query: &str| format!("/api/v1/incidents{query}");
    vec![
        ("incidents", list("")),
        ("incidents, open", list("?status=open")),
        ("incidents, triggered", list("?status=triggered")),
        ("incidents, acknowledged", list("?status=acknowledged")),
        ("incidents, suspended", list("?status=suspended")),
        ("incidents, resolved", list("?status=resolved")),
        ("incidents, snoozed", list("?snoozed=true")),
        ("incidents, not snoozed", list("?snoozed=false")),
        ("incidents, one severity", list("?severity=critical")),
        (
            "incidents, one service",
            list(&format!("?service={}", things.service)),
        ),
        (
            "incidents, service and severity",
            list(&format!("?severity=critical&service={}", things.service)),
        ),
        ("incidents, text that is common", list("?q=amount")),
        (
            "incidents, text that is rare",
            list("?q=cart%20107%20of%2010"),
        ),
        ("incidents, text that is nowhere", list("?q=nowhere")),
        (
            "incidents, a number",
            list(&format!("?q=%23{}", things.number)),
        ),
        ("one incident", list(&format!("/{}", things.incident))),
        (
            "its timeline",
            list(&format!("/{}/timeline", things.incident)),
        ),
        (
            "its suspects",
            list(&format!("/{}/suspects", things.incident)),
        ),
        (
            "incidents like it",
            list(&format!("/{}/similar", things.incident)),
        ),
    ]
}

fn issues(things: &Things) -> Vec<Question> {
    let list = |query: &str| format!("/api/v1/issues{query}");
    vec![
        ("issues", list("")),
        ("issues, unresolved", list("?status=unresolved")),
        ("issues, resolved", list("?status=resolved")),
        ("issues, one project", list("?project=project-12")),
        (
            "issues, project and status",
            list("?project=project-12&status=ignored"),
        ),
        ("issues, one level", list("?level=fatal")),
        ("issues, by events", list("?sort=count")),
        (
            "issues, unresolved, by events",
            list("?status=unresolved&sort=count"),
        ),
        (
            "issues, project, by first seen",
            list("?project=project-12&sort=first_seen"),
        ),
        ("issues, text that is common", list("?q=amount")),
        ("issues, text that is nowhere", list("?q=nowhere")),
        (
            "issues, text in a project",
            list("?q=nowhere&project=project-12"),
        ),
        ("one issue", list(&format!("/{}", things.issue))),
        ("its timeline", list(&format!("/{}/timeline", things.issue))),
        (
            "events of the loudest issue",
            list(&format!("/{}/events", things.loud)),
        ),
        (
            "its trend, 30 days",
            list(&format!("/{}/trend?bucket=day", things.loud)),
        ),
    ]
}

fn others(things: &Things) -> Vec<Question> {
    let api = |path: &str| format!("/api/v1/{path}");
    vec![
        ("deliveries", api("deliveries")),
        ("deliveries, applied", api("deliveries?outcome=applied")),
        ("deliveries, duplicate", api("deliveries?outcome=duplicate")),
        ("deliveries, one resource", api("deliveries?resource=issue")),
        (
            "deliveries, a resource that is nowhere",
            api("deliveries?resource=nowhere"),
        ),
        (
            "deliveries, one integration",
            api(&format!("deliveries?integration={}", things.integration)),
        ),
        ("observations", api("observations")),
        ("observations, a common word", api("observations?q=amount")),
        (
            "observations, three words",
            api("observations?q=cart%20positive%20staging"),
        ),
        (
            "observations, a word that is nowhere",
            api("observations?q=nowhere"),
        ),
        (
            "observations, one type",
            api("observations?type=issue.resolved"),
        ),
        (
            "observations, one service",
            api(&format!("observations?service={}", things.service)),
        ),
        (
            "observations, a release",
            api("observations?ref=release:shop@2.30"),
        ),
        (
            "trends of events, hours",
            api("trends/events?bucket=hour&by=project"),
        ),
        (
            "trends of events, days",
            api("trends/events?bucket=day&by=level"),
        ),
        (
            "trends of incidents, weeks",
            api("trends/incidents?bucket=week"),
        ),
        ("movers", api("trends/movers")),
        ("deploys", api("deploys")),
        ("releases", api("releases")),
        ("health", api("health")),
    ]
}

fn pages(things: &Things) -> Vec<Question> {
    let page = |path: &str| format!("/{path}");
    vec![
        ("page: incidents", page("incidents")),
        (
            "page: incidents, resolved",
            page("incidents?status=resolved"),
        ),
        (
            "page: incidents, text that is nowhere",
            page("incidents?status=all&q=nowhere"),
        ),
        (
            "page: one incident",
            page(&format!("incidents/{}", things.number)),
        ),
        ("page: error log", page("error-log")),
        (
            "page: error log, text that is nowhere",
            page("error-log?status=all&q=nowhere"),
        ),
        (
            "page: one issue",
            page(&format!("error-log/{}", things.issue)),
        ),
        (
            "page: the loudest issue",
            page(&format!("error-log/{}", things.loud)),
        ),
        ("page: deliveries", page("deliveries")),
        ("page: memory", page("memory")),
        ("page: memory, a common word", page("memory?q=amount")),
        ("page: trends, 7 days", page("trends")),
        ("page: trends, 90 days", page("trends?range=90d")),
        ("page: health", page("health")),
        ("page: changes", page("changes")),
        (
            "page: one deploy",
            page(&format!("changes/deploys/{}", things.deploy)),
        ),
        (
            "page: one release",
            page(&format!("changes/releases/{}", things.release)),
        ),
        ("page: hit rate", page("changes/hit-rate")),
        ("page: services", page("services")),
        (
            "page: one service",
            page(&format!("services/{}", things.service)),
        ),
        ("page: notifications", page("notifications")),
    ]
}
