//! JSON bodies of the API. No domain type crosses this boundary.

use epicenter_domain::id::IdKind;
use epicenter_domain::incident::{Ending, Incident, TimelineEntry};
use epicenter_domain::routing::detect::Judged;
use epicenter_domain::signal::{Actor, Assignee};
use epicenter_domain::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PageBody<T> {
    /// The items.
    pub(super) items: Vec<T>,
    /// Where the next page begins; null at the end.
    pub(super) next_cursor: Option<String>,
}

/// A service by name.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ServiceRef {
    /// `svc_…`
    pub(super) id: String,
    /// Name.
    pub(super) name: String,
}

/// Who something is assigned to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AssigneeBody {
    /// `user` or `team`.
    pub(super) kind: String,
    /// Id in the system that assigned it.
    pub(super) id: String,
    /// Name.
    pub(super) name: String,
}

impl From<&Assignee> for AssigneeBody {
    fn from(assignee: &Assignee) -> Self {
        Self {
            kind: assignee.kind.clone(),
            id: assignee.id.clone(),
            name: assignee.name.clone(),
        }
    }
}

/// Where to find it in Sentry.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SentryRef {
    /// Sentry's issue id.
    pub(super) issue_id: Option<String>,
    /// `SHOP-API-3F`.
    pub(super) short_id: Option<String>,
    /// Web link.
    pub(super) permalink: Option<String>,
}

/// Where the alerts of a merged incident are.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MergedRef {
    /// `inc_…`
    pub(super) id: String,
    /// Its number.
    pub(super) number: i64,
}

/// An incident.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IncidentBody {
    /// `inc_…`
    pub(super) id: String,
    /// Number within the workspace.
    pub(super) number: i64,
    /// Title.
    pub(super) title: String,
    /// suspended, triggered, acknowledged or resolved.
    pub(super) status: String,
    /// critical, error, warning or info.
    pub(super) severity: String,
    /// The service that owns it.
    pub(super) service: Option<ServiceRef>,
    /// `Sentry - {project}`.
    pub(super) source: String,
    /// Key of its first alert, unique within the integration.
    pub(super) dedup_key: String,
    /// `int_…`
    pub(super) integration_id: String,
    /// `iss_…`, its entry in the error log.
    pub(super) issue_id: Option<String>,
    /// Project slug.
    pub(super) project: Option<String>,
    /// Environment.
    pub(super) environment: Option<String>,
    /// Release.
    pub(super) release: Option<String>,
    /// Culprit.
    pub(super) culprit: Option<String>,
    /// Alerts in it.
    pub(super) alert_count: i64,
    /// Events in it.
    pub(super) event_count: i64,
    /// Users affected.
    pub(super) user_count: i64,
    /// Who works on it.
    pub(super) assignee: Option<AssigneeBody>,
    /// Ignored in Sentry?
    pub(super) archived: bool,
    /// Until when it is ignored, in words.
    pub(super) archived_until: Option<String>,
    /// When its snooze ends.
    pub(super) snoozed_until: Option<String>,
    /// Held back until then as probably transient.
    pub(super) suspended_until: Option<String>,
    /// When it opened here.
    pub(super) opened_at: String,
    /// When Sentry saw it first.
    pub(super) first_seen_at: String,
    /// When Sentry saw it last.
    pub(super) last_seen_at: String,
    /// When it was acknowledged.
    pub(super) acknowledged_at: Option<String>,
    /// When it was resolved.
    pub(super) resolved_at: Option<String>,
    /// The episode before this one.
    pub(super) previous_incident_id: Option<String>,
    /// The incident that has its alerts now, if it was merged.
    pub(super) merged_into: Option<MergedRef>,
    /// Where to find it in Sentry.
    pub(super) sentry: SentryRef,
    /// Whether the regression that opened it is a real one, by releases and deploys. Only told of a
    /// single incident.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) regression: Option<RegressionBody>,
    /// Since when it flaps: it opened and closed four times within an hour. Only told of a single
    /// incident.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) flapping_since: Option<String>,
    /// Whether it is resolved by itself when it is quiet. Only told of a single open incident, where
    /// the settings of detection say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) auto_resolve: Option<EndingBody>,
    /// When it last changed.
    pub(super) updated_at: String,
}

/// Whether an incident is resolved by itself when it is quiet.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EndingBody {
    /// Then, unless it happens again; none: it stays open, or is resolved any moment now.
    at: Option<String>,
    /// Why, as a sentence.
    reason: String,
}

impl From<Ending> for EndingBody {
    fn from(ending: Ending) -> Self {
        Self {
            at: ending.at().map(Time::rfc3339),
            reason: ending.says(),
        }
    }
}

/// Whether a regression is a real one.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RegressionBody {
    /// `old_client`, `not_deployed_here`, `real` or `unknown`.
    verdict: String,
    /// Why, as a sentence.
    reason: String,
}

impl From<Judged> for RegressionBody {
    fn from(judged: Judged) -> Self {
        Self {
            verdict: judged.verdict.as_str().to_owned(),
            reason: judged.reason,
        }
    }
}

pub(super) fn shown(at: Option<Time>) -> Option<String> {
    at.map(Time::rfc3339)
}

impl IncidentBody {
    pub(super) fn new(incident: &Incident, service: Option<ServiceRef>) -> Self {
        let incident_id = |id| IdKind::Incident.show(id);
        Self {
            id: incident_id(incident.id),
            number: incident.number,
            title: incident.title.clone(),
            status: incident.status.as_str().to_owned(),
            severity: incident.severity.as_str().to_owned(),
            service,
            source: incident.source.clone(),
            dedup_key: incident.dedup_key.clone(),
            integration_id: IdKind::Integration.show(incident.integration_id),
            issue_id: incident.issue_id.map(|id| IdKind::Issue.show(id)),
            project: incident.project.clone(),
            environment: incident.environment.clone(),
            release: incident.release.clone(),
            culprit: incident.culprit.clone(),
            alert_count: incident.alert_count,
            event_count: incident.event_count,
            user_count: incident.user_count,
            assignee: incident.assignee.as_ref().map(AssigneeBody::from),
            archived: incident.archived_until.is_some(),
            archived_until: incident.archived_until.clone(),
            snoozed_until: shown(incident.snoozed_until),
            suspended_until: shown(incident.suspended_until),
            opened_at: incident.opened_at.rfc3339(),
            first_seen_at: incident.first_seen_at.rfc3339(),
            last_seen_at: incident.last_seen_at.rfc3339(),
            acknowledged_at: shown(incident.acknowledged_at),
            resolved_at: shown(incident.resolved_at),
            previous_incident_id: incident.previous_incident_id.map(incident_id),
            merged_into: incident.merged.as_ref().map(|merged| MergedRef {
                id: incident_id(merged.into_id),
                number: merged.into_number,
            }),
            regression: None,
            flapping_since: None,
            auto_resolve: None,
            sentry: SentryRef {
                issue_id: incident.sentry_issue_id.clone(),
                short_id: incident.short_id.clone(),
                permalink: incident.permalink.clone(),
            },
            updated_at: incident.updated_at.rfc3339(),
        }
    }
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActorBody {
    /// person, application, user or epicenter.
    #[schema(value_type = String)]
    pub(super) kind: epicenter_domain::signal::ActorKind,
    /// Id.
    pub(super) id: String,
    /// Name.
    pub(super) name: String,
}

impl From<&Actor> for ActorBody {
    fn from(actor: &Actor) -> Self {
        Self {
            kind: actor.kind,
            id: actor.id.clone(),
            name: actor.name.clone(),
        }
    }
}

/// What caused a line of a timeline.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CauseBody {
    /// `dlv_…`; null when a person or the clock did it.
    pub(super) delivery_id: Option<String>,
}

/// A line of a timeline.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TimelineBody {
    /// `tl_…`
    pub(super) id: String,
    /// When Epicenter learnt of it.
    pub(super) at: String,
    /// When it happened, by Sentry's clock.
    pub(super) occurred_at: Option<String>,
    /// `incident.opened`, `comment.created`…
    pub(super) kind: String,
    /// Who.
    pub(super) actor: ActorBody,
    /// One sentence.
    pub(super) summary: String,
    /// More, in Markdown.
    pub(super) body: String,
    /// The cause.
    pub(super) cause: CauseBody,
    /// `inc_…`
    pub(super) incident_id: Option<String>,
    /// `iss_…`
    pub(super) issue_id: Option<String>,
}

impl From<TimelineEntry> for TimelineBody {
    fn from(entry: TimelineEntry) -> Self {
        Self {
            id: IdKind::Timeline.show(entry.id),
            at: entry.at.rfc3339(),
            occurred_at: shown(entry.occurred_at),
            kind: entry.kind,
            actor: ActorBody::from(&entry.actor),
            summary: entry.summary,
            body: entry.body,
            cause: CauseBody {
                delivery_id: entry.delivery_id.map(|id| IdKind::Delivery.show(id)),
            },
            incident_id: entry.incident_id.map(|id| IdKind::Incident.show(id)),
            issue_id: entry.issue_id.map(|id| IdKind::Issue.show(id)),
        }
    }
}
