//! What a signal says of an incident's looks.

use super::Origin;
use crate::incident::Share;
use crate::level::Severity;
use crate::time::Time;

/// How an incident looks to the people who handle it; taken from its issue or metric alert.
#[derive(Clone, Debug)]
pub(super) struct Portrait {
    pub(super) title: String,
    pub(super) source: String,
    pub(super) project: Option<String>,
    pub(super) environment: Option<String>,
    pub(super) release: Option<String>,
    pub(super) culprit: Option<String>,
    pub(super) sentry_issue_id: Option<String>,
    pub(super) short_id: Option<String>,
    pub(super) permalink: Option<String>,
    pub(super) first_seen_at: Time,
    pub(super) last_seen_at: Time,
    /// Events counted so far, all episodes.
    pub(super) event_count: i64,
    /// Events that this signal added.
    pub(super) event_delta: i64,
    pub(super) user_count: i64,
    pub(super) issue_id: Option<i64>,
}

impl Portrait {
    /// Events that were counted before this signal.
    pub(super) fn known_events(&self) -> i64 {
        (self.event_count - self.event_delta).max(0)
    }

    /// What an alert that looks so brings to an incident; its severity comes with the trigger.
    pub(super) fn share(&self, home_incident_id: i64, origin: &Origin) -> Share {
        Share {
            home_incident_id,
            service_id: origin.service_of(self.project.as_deref()),
            title: self.title.clone(),
            source: self.source.clone(),
            project: self.project.clone(),
            environment: self.environment.clone(),
            release: self.release.clone(),
            culprit: self.culprit.clone(),
            sentry_issue_id: self.sentry_issue_id.clone(),
            short_id: self.short_id.clone(),
            permalink: self.permalink.clone(),
            severity: Severity::Error,
            first_seen_at: self.first_seen_at,
            last_seen_at: self.last_seen_at,
            event_count: 0,
            user_count: 0,
            why: None,
        }
    }
}
