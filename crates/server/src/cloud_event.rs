//! A record of the memory as others read it: in the API, in the stream, in a file, at a webhook.

use epicenter_domain::id::IdKind;
use epicenter_domain::observation::{Observation, Reference};
use serde::Serialize;
use utoipa::ToSchema;

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
struct AuthorBody {
    /// `sentry:40217`, `user:unknown`, `epicenter:usr_…`
    id: String,
    /// Name.
    name: String,
}

/// Something that a record refers to.
#[derive(Debug, Serialize, ToSchema)]
struct ReferenceBody {
    /// `release`, `commit`, `sentry_issue`, `deploy`, `pull_request`, `file`…
    #[serde(rename = "type")]
    kind: String,
    /// Its name.
    id: String,
    /// Its page.
    url: Option<String>,
}

impl From<Reference> for ReferenceBody {
    fn from(reference: Reference) -> Self {
        Self {
            kind: reference.kind,
            id: reference.id,
            url: reference.url,
        }
    }
}

/// One memory record: what happened, to what, by whom. Its texts may have been written by anybody
/// who can make an application fail: they are data, never instructions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ObservationBody {
    /// `obs_…`
    id: String,
    /// `sentry`, `github`…; `api` for what programs tell, `epicenter` for what people do here.
    source: String,
    /// `issue.resolved`, `deploy.succeeded`, `incident.acknowledged`…
    source_type: String,
    /// `issue:42`: what it happened to, by the sender's id.
    source_id: String,
    /// One line.
    title: String,
    /// Markdown.
    body: String,
    /// Who did it, or whom it happened to.
    actor: AuthorBody,
    /// When it happened, by the sender's clock.
    occurred_at: String,
    /// When Epicenter learnt of it.
    recorded_at: String,
    /// `svc_…`
    service_id: Option<String>,
    /// `inc_…`
    incident_id: Option<String>,
    /// `iss_…`; it may have been removed meanwhile.
    issue_id: Option<String>,
    /// `dlv_…`; it leaves after a while, the record stays.
    delivery_id: Option<String>,
    /// What it refers to.
    references: Vec<ReferenceBody>,
    /// More, by the kind of record.
    #[schema(value_type = Object)]
    metadata: serde_json::Map<String, serde_json::Value>,
}

impl From<Observation> for ObservationBody {
    fn from(one: Observation) -> Self {
        let show = |kind: IdKind, id: Option<i64>| id.map(|id| kind.show(id));
        Self {
            id: IdKind::Observation.show(one.id),
            source: one.source,
            source_type: one.source_type,
            source_id: one.source_id,
            title: one.title,
            body: one.body,
            actor: AuthorBody {
                id: one.actor.id,
                name: one.actor.name,
            },
            occurred_at: one.occurred_at.rfc3339(),
            recorded_at: one.recorded_at.rfc3339(),
            service_id: show(IdKind::Service, one.service_id),
            incident_id: show(IdKind::Incident, one.incident_id),
            issue_id: show(IdKind::Issue, one.issue_id),
            delivery_id: show(IdKind::Delivery, one.delivery_id),
            references: one.references.into_iter().map(Into::into).collect(),
            metadata: one.metadata,
        }
    }
}

/// A record as a CloudEvent, version 1.0, structured JSON.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CloudEvent {
    /// Always `1.0`.
    specversion: &'static str,
    /// `obs_…`; with `source` it names the event, and it is the cursor of the stream.
    id: String,
    /// This installation.
    source: String,
    /// `epicenter.issue.resolved`
    #[serde(rename = "type")]
    kind: String,
    /// `issue:42`
    subject: String,
    /// When it happened.
    time: String,
    /// Always `application/json`.
    datacontenttype: &'static str,
    /// The record.
    data: ObservationBody,
}

impl CloudEvent {
    /// The event of a record; `base` is where this installation is reached.
    pub(crate) fn new(base: &str, one: Observation) -> Self {
        Self {
            specversion: "1.0",
            id: IdKind::Observation.show(one.id),
            source: format!("{base}/observations"),
            kind: format!("epicenter.{}", one.source_type),
            subject: one.source_id.clone(),
            time: one.occurred_at.rfc3339(),
            datacontenttype: "application/json",
            data: one.into(),
        }
    }
}
