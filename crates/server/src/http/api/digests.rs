//! `/api/v1/destinations/{id}/digest`: the daily digest of a destination.

use super::parameters::{self, Json};
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::operations::digests as operation;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::id::IdKind;
use epicenter_domain::time::Time;
use epicenter_store::notices::destinations::{self, DigestTime};
use epicenter_store::notices::digests::{self, DigestOwner};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// When the daily digest of a destination comes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DigestBody {
    /// Time of day, `09:00`; null: there is none.
    at: Option<String>,
    /// IANA time zone of that time.
    zone: Option<String>,
    /// When the next one is due.
    next_at: Option<String>,
}

async fn shown(app: &App, workspace_id: i64, id: i64) -> Result<axum::Json<DigestBody>, Problem> {
    let mut tx = app.database.read().await?;
    let found = destinations::by_id(&mut tx, workspace_id, id).await?;
    let planned = digests::of_owner(&mut tx, DigestOwner::Destination(id)).await?;
    tx.rollback().await?;
    let record = found.ok_or_else(|| Problem::not_found("destination"))?;
    let (at, zone) = match record.settings.digest {
        Some(DigestTime { at, zone }) => (Some(at.show()), Some(zone.name().to_owned())),
        None => (None, None),
    };
    let next_at = planned.map(|planned| Time::rfc3339(planned.next_at));
    Ok(axum::Json(DigestBody { at, zone, next_at }))
}

fn place(caller: &Caller, id: &str) -> Result<(i64, i64), Problem> {
    let id = parameters::id(IdKind::Destination, "destination", id)?;
    Ok((caller.workspace_id, id))
}

/// When the daily digest of a destination comes.
#[utoipa::path(
    get,
    path = "/api/v1/destinations/{id}/digest",
    tag = "destinations",
    params(("id" = String, Path, description = "`dst_…`")),
    responses((status = 200, body = DigestBody), (status = 404, body = Problem))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<DigestBody>, Problem> {
    let (workspace_id, id) = place(&caller, &id)?;
    shown(&app, workspace_id, id).await
}

/// When a digest is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DigestRequest {
    /// Time of day, `09:00`.
    at: String,
    /// IANA time zone of that time: `Europe/Paris`.
    zone: String,
}

/// Sets when the daily digest of a destination comes.
#[utoipa::path(
    put,
    path = "/api/v1/destinations/{id}/digest",
    tag = "destinations",
    params(("id" = String, Path, description = "`dst_…`")),
    request_body = DigestRequest,
    responses((status = 200, body = DigestBody), (status = 400, body = Problem))
)]
pub(super) async fn set(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(request): Json<DigestRequest>,
) -> Result<axum::Json<DigestBody>, Problem> {
    caller.must_administer()?;
    let place = place(&caller, &id)?;
    let wanted = Some((request.at.as_str(), request.zone.as_str()));
    operation::set_for_destination(&app, place, wanted).await?;
    shown(&app, place.0, place.1).await
}

/// A destination gets no daily digest any more.
#[utoipa::path(
    delete,
    path = "/api/v1/destinations/{id}/digest",
    tag = "destinations",
    params(("id" = String, Path, description = "`dst_…`")),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    caller.must_administer()?;
    operation::set_for_destination(&app, place(&caller, &id)?, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The notice that is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SentBody {
    /// `ntf_…`
    id: String,
}

/// Sends the digest of the last day at once; the daily one comes all the same.
#[utoipa::path(
    post,
    path = "/api/v1/destinations/{id}/digest/send",
    tag = "destinations",
    params(("id" = String, Path, description = "`dst_…`")),
    responses((status = 202, body = SentBody), (status = 409, body = Problem))
)]
pub(super) async fn send(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<(StatusCode, axum::Json<SentBody>), Problem> {
    caller.must_administer()?;
    let place = place(&caller, &id)?;
    let id = operation::send_now(&app, place, &caller.actor.name).await?;
    let id = IdKind::Notification.show(id);
    Ok((StatusCode::ACCEPTED, axum::Json(SentBody { id })))
}
