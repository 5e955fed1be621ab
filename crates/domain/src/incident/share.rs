//! What one of several alerts brings to the incident that it is part of, so that it can be taken
//! out again exactly. An incident with one alert is its alert's own and needs none.

use super::{Alert, Incident, IncidentStatus};
use crate::level::Severity;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// One alert's part of an incident with several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// The incident that it opened or joined by itself; merges lead from there to where it is now.
    pub home_incident_id: i64,
    /// Service that owns it.
    pub service_id: Option<i64>,
    /// Title.
    pub title: String,
    /// `Sentry - {project name}`.
    pub source: String,
    /// Project slug.
    pub project: Option<String>,
    /// Environment.
    pub environment: Option<String>,
    /// Release.
    pub release: Option<String>,
    /// Culprit.
    pub culprit: Option<String>,
    /// Sentry's issue id.
    pub sentry_issue_id: Option<String>,
    /// Sentry's short id.
    pub short_id: Option<String>,
    /// Link to Sentry.
    pub permalink: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// When it was first seen, by Sentry.
    pub first_seen_at: Time,
    /// When it was last seen, by Sentry.
    pub last_seen_at: Time,
    /// Its events among those of the incident.
    pub event_count: i64,
    /// Users affected.
    pub user_count: i64,
    /// Why it joined by itself, as a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Where the alerts of a merged incident are, and how it was before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Merged {
    /// The incident that took them; it may have been merged itself since.
    pub into_id: i64,
    /// Its number.
    pub into_number: i64,
    /// The status before.
    pub status: IncidentStatus,
    /// Snoozed until then, before.
    pub snoozed_until: Option<Time>,
    /// Archived in Sentry, before.
    pub archived_until: Option<String>,
}

impl Share {
    /// All that an incident with one alert is.
    pub fn of(incident: &Incident) -> Self {
        Self {
            home_incident_id: incident.id,
            service_id: incident.service_id,
            title: incident.title.clone(),
            source: incident.source.clone(),
            project: incident.project.clone(),
            environment: incident.environment.clone(),
            release: incident.release.clone(),
            culprit: incident.culprit.clone(),
            sentry_issue_id: incident.sentry_issue_id.clone(),
            short_id: incident.short_id.clone(),
            permalink: incident.permalink.clone(),
            severity: incident.severity,
            first_seen_at: incident.first_seen_at,
            last_seen_at: incident.last_seen_at,
            event_count: incident.event_count,
            user_count: incident.user_count,
            why: None,
        }
    }

    /// How people call it: the short id and the title.
    pub fn name(&self) -> String {
        match &self.short_id {
            Some(short_id) => format!("{short_id} {}", self.title),
            None => self.title.clone(),
        }
    }
}

impl Incident {
    /// Is this the alert that it opened with, and looks like?
    pub fn is_led_by(&self, alert: &Alert) -> bool {
        self.integration_id == alert.integration_id && self.dedup_key == alert.dedup_key
    }

    /// It is its only alert's own again: looks like that one.
    pub fn take_back(&mut self, share: &Share) {
        self.title.clone_from(&share.title);
        self.source.clone_from(&share.source);
        self.project.clone_from(&share.project);
        self.environment.clone_from(&share.environment);
        self.release.clone_from(&share.release);
        self.culprit.clone_from(&share.culprit);
        self.sentry_issue_id.clone_from(&share.sentry_issue_id);
        self.short_id.clone_from(&share.short_id);
        self.permalink.clone_from(&share.permalink);
        self.first_seen_at = share.first_seen_at;
        self.last_seen_at = share.last_seen_at;
        self.event_count = share.event_count;
        self.user_count = share.user_count;
    }
}
