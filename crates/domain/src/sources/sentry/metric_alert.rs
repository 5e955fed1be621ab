//! `metric_alert.*` (SENTRY-PROTOCOL §2.4). Organisation and identifier stay the same from the
//! first breach to the end, so they make the key.

use super::hook::{Answer, Hook, Refusal, Understood};
use super::{identity, link};
use crate::level::Severity;
use crate::limits;
use crate::signal::{AlertFact, AlertState, Fact, MetricName, metric_key};
use crate::sources::wire::Wire;
use crate::time::Time;

/// Reads a change of a metric alert's state.
pub(super) fn read(hook: &Hook<'_>) -> Answer {
    let alert = hook.data.get("metric_alert");
    let Names {
        organization,
        organization_id,
        identifier,
    } = names(hook, alert)?;
    let best = organization_id.as_ref().or(organization.as_ref());
    let best = best.map_or("unknown", String::as_str).to_owned();
    let state = state(hook, alert)?;
    let rule = alert.get("alert_rule");
    let fact = AlertFact {
        dedup_key: metric_key(&best, &identifier),
        metric: organization.map(|organization| MetricName {
            organization,
            organization_id,
            identifier: identifier.clone(),
        }),
        state,
        title: title(hook, alert),
        subject: None,
        description: hook.data.get("description_text").message(),
        details: String::new(),
        is_repeatable: false,
        permalink: link::page(hook.data, &["web_url", "webUrl"]),
        projects: alert
            .get("projects")
            .list()
            .iter()
            .filter_map(|project| project.name().or_else(|| project.get("slug").name()))
            .take(limits::PROJECTS)
            .collect(),
        environment: match rule.get("environment") {
            object if object.is_map() => object.get("name").name(),
            word => word.name(),
        },
        started_at: alert
            .first(&["date_started", "date_detected", "date_created"])
            .time(),
    };
    let facts = ["status", "date_started", "date_detected", "date_closed"];
    let mut content: Vec<&Wire<'_>> = facts.iter().map(|key| alert.get(key)).collect();
    // An alert may go critical, warning, critical again with the same dates: the numbers in the
    // text tell the two apart.
    content.push(hook.data.get("description_text"));
    let hash = identity::of_values(&content);
    let parts = [best.as_str(), &identifier, &hook.action, &hash];
    Ok(Understood {
        identity: Some(identity::of(&hook.resource, &parts)),
        occurred_at: occurred_at(alert, state),
        actor: None,
        fact: Fact::Alert(Box::new(fact)),
    })
}

fn occurred_at(alert: &Wire<'_>, state: AlertState) -> Option<Time> {
    let firing = || {
        alert
            .get("date_detected")
            .time()
            .or_else(|| alert.get("date_started").time())
    };
    match state {
        AlertState::Resolved => alert.get("date_closed").time(),
        AlertState::Firing(_) | AlertState::Acknowledged => firing(),
    }
}

/// The action decides; a number is only asked when there is no known action.
fn state(hook: &Hook<'_>, alert: &Wire<'_>) -> Result<AlertState, Refusal> {
    Ok(match hook.action.as_str() {
        "resolved" => AlertState::Resolved,
        "critical" => AlertState::Firing(Severity::Critical),
        "warning" => AlertState::Firing(Severity::Warning),
        "open" => AlertState::Firing(Severity::Error),
        _ => match alert.get("status").int() {
            Some(1) => AlertState::Firing(Severity::Error),
            Some(2) => AlertState::Resolved,
            Some(10) => AlertState::Firing(Severity::Warning),
            Some(20) => AlertState::Firing(Severity::Critical),
            _ => return hook.refuse_action(),
        },
    })
}

/// What names an alert. Sentry sends a body without the alert itself when it could not serialise
/// it in time; then only the link names it, and the organisation by its name.
struct Names {
    organization: Option<String>,
    organization_id: Option<String>,
    identifier: String,
}

fn names(hook: &Hook<'_>, alert: &Wire<'_>) -> Result<Names, Refusal> {
    let page = hook
        .data
        .first(&["web_url", "webUrl"])
        .str()
        .unwrap_or_default();
    let rule = alert.get("alert_rule");
    let organization_id = alert
        .first(&["organization_id", "organizationId"])
        .id()
        .or_else(|| rule.get("organization_id").id());
    let identifier = alert
        .first(&["identifier", "id"])
        .id()
        .or_else(|| incident_in(page).map(str::to_owned));
    match identifier {
        Some(identifier) => Ok(Names {
            organization: link::organization(page).map(str::to_owned),
            organization_id,
            identifier,
        }),
        None => hook.refuse_without(
            "`data.metric_alert` has neither an identifier nor an id, and no link names one",
        ),
    }
}

/// The incident's identifier in `…/details/7/?alert=12` or `…/alerts/acme/12/`.
fn incident_in(page: &str) -> Option<&str> {
    let (_, query) = page.split_once("alert=")?;
    let end = query
        .find(|char: char| !char.is_ascii_digit())
        .unwrap_or(query.len());
    query.get(..end).filter(|digits| !digits.is_empty())
}

fn title(hook: &Hook<'_>, alert: &Wire<'_>) -> String {
    let described = hook.data.get("description_title").line(limits::TITLE_CHARS);
    let without_state = |title: String| match title.split_once(": ") {
        Some(("Critical" | "Warning" | "Resolved" | "Open", name)) => name.to_owned(),
        _ => title,
    };
    alert
        .get("title")
        .line(limits::TITLE_CHARS)
        .or_else(|| {
            alert
                .path(&["alert_rule", "name"])
                .line(limits::TITLE_CHARS)
        })
        .or_else(|| described.map(without_state))
        .unwrap_or_else(|| "Metric alert".to_owned())
}
