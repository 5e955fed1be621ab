//! What a message may say about its subject.

use crate::id::IdKind;
use crate::incident::{Incident, IncidentStatus};
use crate::level::Severity;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// An incident as a message shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IncidentFacts {
    /// Its public id, `inc_…`.
    pub id: String,
    /// Number within the workspace.
    pub number: i64,
    /// Title.
    pub title: String,
    /// Where it stands.
    pub status: IncidentStatus,
    /// How urgent it is.
    pub severity: Severity,
    /// Name of the service that owns it.
    pub service: Option<String>,
    /// `Sentry - {project name}`.
    pub source: String,
    /// Environment.
    pub environment: Option<String>,
    /// Release.
    pub release: Option<String>,
    /// Alerts in it.
    pub alert_count: i64,
    /// Events in it as far as known.
    pub event_count: i64,
    /// Users affected.
    pub user_count: i64,
    /// Name of who works on it.
    pub assignee: Option<String>,
    /// When it opened.
    pub opened_at: Time,
    /// When it was resolved.
    pub resolved_at: Option<Time>,
    /// Quiet until then.
    pub snoozed_until: Option<Time>,
    /// Culprit.
    pub culprit: Option<String>,
    /// The in-app frame nearest to the crash: `charge in app/pay.py:42`.
    pub top_frame: Option<String>,
    /// What most likely caused it.
    pub suspect: Option<Link>,
    /// Whether it is a real regression, by releases: verdict and reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regression: Option<String>,
    /// Its page in Epicenter.
    pub page_url: String,
    /// The page in Sentry.
    pub sentry_url: Option<String>,
}

/// One line that leads somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What it says.
    pub text: String,
    /// Where it leads; empty: nowhere.
    pub url: String,
}

/// What a message about several things, or about Epicenter itself, says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// Title.
    pub title: String,
    /// Some sentences.
    pub text: String,
    /// The worst of it.
    pub severity: Severity,
    /// The things, most important first.
    pub lines: Vec<DigestLine>,
    /// How many more there are.
    pub more: i64,
    /// Where all of it can be read.
    pub link: Option<Link>,
}

/// One thing of a digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestLine {
    /// How urgent it is.
    pub severity: Severity,
    /// What, and where it can be read.
    pub link: Link,
    /// Beside it: "214 events, 12 users".
    pub note: String,
}

/// What a message about one record of the memory says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordFacts {
    /// Title.
    pub title: String,
    /// Markdown.
    pub text: String,
    /// Where it can be read.
    pub page_url: String,
    /// All of it, as a CloudEvent.
    pub event: serde_json::Value,
}

/// What the incident itself does not know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Name of its service.
    pub service: Option<String>,
    /// The in-app frame nearest to the crash.
    pub top_frame: Option<String>,
    /// What most likely caused it.
    pub suspect: Option<Link>,
    /// Whether it is a real regression.
    pub regression: Option<String>,
    /// How others reach this server, without a slash at the end.
    pub base_url: String,
}

impl IncidentFacts {
    /// The facts of an incident in its surroundings.
    pub fn of(incident: &Incident, around: Surroundings) -> Self {
        let id = IdKind::Incident.show(incident.id);
        Self {
            page_url: format!("{}/incidents/{}", around.base_url, incident.number),
            id,
            number: incident.number,
            title: incident.title.clone(),
            status: incident.status,
            severity: incident.severity,
            service: around.service,
            source: incident.source.clone(),
            environment: incident.environment.clone(),
            release: incident.release.clone(),
            alert_count: incident.alert_count,
            event_count: incident.event_count,
            user_count: incident.user_count,
            assignee: incident.assignee.as_ref().map(|who| who.name.clone()),
            opened_at: incident.opened_at,
            resolved_at: incident.resolved_at,
            snoozed_until: incident.snoozed_until,
            culprit: incident.culprit.clone(),
            top_frame: around.top_frame,
            suspect: around.suspect,
            regression: around.regression,
            sentry_url: incident.permalink.clone(),
        }
    }
}
