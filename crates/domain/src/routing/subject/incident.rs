//! An incident as the subject of conditions.

use super::Subject;
use crate::incident::{Incident, IncidentStatus};

impl Subject {
    /// What conditions see of an incident, for silences, maintenance and inhibition.
    pub fn of_incident(incident: &Incident, service: &str) -> Self {
        let kind = if incident.issue_id.is_some() {
            "issue"
        } else if incident.dedup_key.starts_with("sentry-metric-") {
            "metric"
        } else if incident.dedup_key.starts_with("epicenter-storm-") {
            "storm"
        } else {
            "alert"
        };
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Self {
            title: incident.title.clone(),
            severity: Some(incident.severity),
            environment: text(&incident.environment),
            release: text(&incident.release),
            project: text(&incident.project),
            service: service.to_owned(),
            kind: kind.to_owned(),
            action: incident.status.as_str().to_owned(),
            culprit: text(&incident.culprit),
            events: incident.event_count,
            users: incident.user_count,
            is_resolve: incident.status == IncidentStatus::Resolved,
            ..Self::default()
        }
    }
}
