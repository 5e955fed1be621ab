//! `metric_alert.*`: a number crossed a line.

use crate::simulator::company::{INSTALLATION, ORGANIZATION, ORGANIZATION_ID, Project, SENTRY_URL};
use crate::simulator::moment;
use crate::simulator::payloads::{By, Sentry};
use crate::simulator::webhook::Webhook;
use serde_json::{Value, json};

/// What a metric alert has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Far over the line.
    Critical,
    /// Over the line.
    Warning,
    /// Over the line, as newer monitors say.
    Open,
    /// Below it again.
    Resolved,
}

impl State {
    fn action(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Open => "open",
            Self::Resolved => "resolved",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Critical => "Critical",
            Self::Warning => "Warning",
            Self::Open => "Open",
            Self::Resolved => "Resolved",
        }
    }

    fn code(self) -> u8 {
        match self {
            Self::Open => 1,
            Self::Resolved => 2,
            Self::Warning => 10,
            Self::Critical => 20,
        }
    }
}

/// One breach, from its first alert to its end.
#[derive(Clone, Debug)]
pub struct Breach {
    /// Its number in the organisation.
    pub identifier: u64,
    /// Name of the alert.
    pub name: String,
    /// Project it watches.
    pub project: &'static Project,
    /// What it counts, for people: `errors`.
    pub unit: &'static str,
    /// When it began.
    pub started_ms: i64,
    /// How much it counts now.
    pub value: u64,
}

/// `metric_alert.*` in that state.
pub fn metric_alert(sentry: &mut Sentry, breach: &Breach, state: State) -> Webhook {
    let closed = (state == State::Resolved).then(|| moment::zulu(sentry.now_ms));
    let rule_page = format!("{SENTRY_URL}/organizations/{ORGANIZATION}/alerts/rules/details");
    let data = json!({
        "metric_alert": {
            "id": (900_000 + breach.identifier).to_string(),
            "identifier": breach.identifier.to_string(),
            "organization_id": ORGANIZATION_ID.to_string(),
            "projects": [breach.project.slug],
            "alert_rule": rule(breach),
            "activities": null,
            "seen_by": null,
            "has_seen": null,
            "status": state.code(),
            "status_method": 3,
            "type": 2,
            "title": breach.name,
            "date_started": moment::zulu(breach.started_ms),
            "date_detected": moment::zulu(breach.started_ms),
            "date_created": moment::zulu(breach.started_ms + 1_100),
            "date_closed": closed,
        },
        "description_title": format!("{}: {}", state.label(), breach.name),
        "description_text": format!(
            "{} {} in the last 10 minutes\nFilter: environment:production",
            breach.value, breach.unit
        ),
        "web_url": format!("{rule_page}/{}/?alert={}", 7_700, breach.identifier),
    });
    sentry.hook("metric_alert", state.action(), &data, By::Sentry)
}

fn rule(breach: &Breach) -> Value {
    json!({
        "id": "7700",
        "name": breach.name,
        "organization_id": ORGANIZATION_ID.to_string(),
        "status": 0,
        "query_type": 0,
        "dataset": "events",
        "query": "environment:production",
        "aggregate": "count()",
        "threshold_type": 0,
        "resolve_threshold": 50,
        "time_window": 10,
        "environment": "production",
        "resolution": 1,
        "threshold_period": 1,
        "triggers": [trigger(1, "critical", 200), trigger(2, "warning", 100)],
        "projects": [breach.project.slug],
        "include_all_projects": false,
        "owner": format!("team:{}", breach.project.team.id),
        "original_alert_rule_id": null,
        "comparison_delta": null,
        "date_modified": "2026-01-01T00:00:00.000000Z",
        "date_created": "2026-01-01T00:00:00.000000Z",
        "created_by": null,
    })
}

fn trigger(id: u8, label: &str, threshold: u16) -> Value {
    json!({
        "id": id.to_string(),
        "alert_rule_id": "7700",
        "label": label,
        "threshold_type": 0,
        "alert_threshold": threshold,
        "resolve_threshold": null,
        "date_created": "2026-01-01T00:00:00.000000Z",
        "actions": [{
            "id": (20 + id).to_string(),
            "alert_rule_trigger_id": id.to_string(),
            "type": "sentry_app",
            "target_type": "sentry_app",
            "target_identifier": "51200",
            "integration_id": null,
            "sentry_app_id": 51_200,
            "date_created": "2026-01-01T00:00:00.000000Z",
            "desc": "Tell Epicenter",
            "sentry_app_installation_uuid": INSTALLATION,
        }],
    })
}
