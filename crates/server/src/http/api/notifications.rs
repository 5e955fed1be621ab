//! `/api/v1/notifications`: what was sent, or not, and what came of it.

#![expect(unused_qualifications, reason = "the macro of utoipa writes them")]

use super::bodies::PageBody;
use super::destinations::OwedBody;
use super::incidents::find;
use super::parameters::{self, Paging, Query};
use crate::app::App;
use crate::http::auth::{Caller, Responder};
use crate::http::problem::Problem;
use crate::operations::notice_settings::replay as operation;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::id::IdKind;
use epicenter_domain::notification::wording;
use epicenter_domain::time::Time;
use epicenter_store::notices::outbox::{self, AttemptRecord, OutboxFilter, OutboxRecord};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// States of a notice.
pub(crate) const STATES: [&str; 5] = ["waiting", "delivered", "failed", "replaced", "dropped"];

/// A notification: one notice to one destination.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NotificationBody {
    /// `ntf_…`
    id: String,
    /// `dst_…`; null: an e-mail to a person.
    destination: Option<String>,
    /// E-mail address, where there is no destination.
    address: Option<String>,
    /// `inc_…`
    incident: Option<String>,
    /// triggered, acknowledged, resolved, escalated, test…
    kind: String,
    /// critical, error, warning or info.
    severity: String,
    /// What it is about.
    title: String,
    /// What happened, a sentence; may be empty.
    summary: String,
    /// Why the reader gets it.
    reason: String,
    /// waiting, delivered, failed, replaced or dropped.
    state: String,
    /// When it is tried (again), while it waits.
    due_at: Option<String>,
    /// Attempts so far.
    attempt_count: i64,
    /// When it was decided.
    created_at: String,
    /// When it was done with.
    done_at: Option<String>,
    /// What the other side last answered, or why it was dropped.
    last_answer: Option<String>,
    /// The attempts, oldest first; only of a single notification.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<Vec<AttemptBody>>,
}

/// One attempt to deliver.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AttemptBody {
    /// 1 is the first.
    number: i64,
    /// When.
    at: String,
    /// How long it took.
    duration_ms: i64,
    /// `delivered`, `retry_after` or `refused`.
    outcome: String,
    /// What the other side said.
    answer: String,
}

impl From<AttemptRecord> for AttemptBody {
    fn from(record: AttemptRecord) -> Self {
        Self {
            number: record.number,
            at: Time(record.at).rfc3339(),
            duration_ms: record.duration_ms,
            outcome: record.outcome,
            answer: record.answer,
        }
    }
}

impl From<OutboxRecord> for NotificationBody {
    fn from(record: OutboxRecord) -> Self {
        let notice = record.notice;
        let is_waiting = record.state == "waiting";
        Self {
            id: IdKind::Notification.show(record.id),
            destination: record.destination_id.map(|id| IdKind::Destination.show(id)),
            address: record.address,
            incident: record.incident_id.map(|id| IdKind::Incident.show(id)),
            kind: notice.kind.as_str().to_owned(),
            severity: notice.severity().as_str().to_owned(),
            title: wording::title(&notice).to_owned(),
            summary: notice.summary,
            reason: notice.reason,
            state: record.state,
            due_at: Some(record.due_at.rfc3339()).filter(|_| is_waiting),
            attempt_count: record.attempt_count,
            created_at: record.created_at.rfc3339(),
            done_at: record.done_at.map(Time::rfc3339),
            last_answer: record.last_answer,
            attempts: None,
        }
    }
}

/// Filters of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// `inc_…`, or the number.
    incident: Option<String>,
    /// `dst_…`
    destination: Option<String>,
    /// waiting, delivered, failed, replaced or dropped.
    state: Option<String>,
    /// Items on a page, 1 to 100.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists notifications, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/notifications",
    tag = "notifications",
    params(ListQuery),
    responses((status = 200, body = PageBody<NotificationBody>), (status = 400, body = Problem))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<axum::Json<PageBody<NotificationBody>>, Problem> {
    let paging = Paging {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = paging.limit()?;
    let state = query.state.as_deref().filter(|word| !word.is_empty());
    let known = |word: &str| STATES.contains(&word).then(|| word.to_owned());
    let destination = query.destination.as_deref();
    let mut filter = OutboxFilter {
        incident_id: None,
        destination_id: destination
            .map(|text| parameters::id(IdKind::Destination, "destination", text))
            .transpose()?,
        state: parameters::words("state", state, &STATES, known)?.pop(),
    };
    let mut tx = app.database.read().await?;
    if let Some(text) = &query.incident {
        let incident = find(&mut tx, caller.workspace_id, text).await?;
        filter.incident_id = Some(incident.id);
    }
    let place = (paging.cursor.as_deref(), limit);
    let page = outbox::list(&mut tx, caller.workspace_id, &filter, place).await?;
    tx.rollback().await?;
    let page = page.map(NotificationBody::from);
    Ok(axum::Json(PageBody {
        items: page.items,
        next_cursor: page.next_cursor,
    }))
}

/// One notification with its attempts.
#[utoipa::path(
    get,
    path = "/api/v1/notifications/{id}",
    tag = "notifications",
    params(("id" = String, Path, description = "`ntf_…`")),
    responses((status = 200, body = NotificationBody), (status = 404, body = Problem))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<NotificationBody>, Problem> {
    let id = parameters::id(IdKind::Notification, "notification", &id)?;
    let mut tx = app.database.read().await?;
    let found = outbox::by_id(&mut tx, caller.workspace_id, id).await?;
    tx.rollback().await?;
    let (record, attempts) = found.ok_or_else(|| Problem::not_found("notification"))?;
    let attempts = attempts.into_iter().map(AttemptBody::from);
    Ok(axum::Json(NotificationBody {
        attempts: Some(attempts.collect()),
        ..NotificationBody::from(record)
    }))
}

/// Sends what failed or was delivered once more: the same text under a new id.
#[utoipa::path(
    post,
    path = "/api/v1/notifications/{id}/replay",
    tag = "notifications",
    params(("id" = String, Path, description = "`ntf_…`")),
    responses((status = 202, body = OwedBody), (status = 409, body = Problem))
)]
pub(super) async fn replay(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Path(id): Path<String>,
) -> Result<(StatusCode, axum::Json<OwedBody>), Problem> {
    let id = parameters::id(IdKind::Notification, "notification", &id)?;
    let again = operation(&app, caller.workspace_id, id).await?;
    let body = OwedBody {
        notification_id: IdKind::Notification.show(again),
    };
    Ok((StatusCode::ACCEPTED, axum::Json(body)))
}
