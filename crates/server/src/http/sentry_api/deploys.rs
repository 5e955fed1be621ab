//! `…/releases/{version}/deploys/`: where a release was put.

use super::place::Place;
use super::read::{self, ListQuery};
use super::refused::Refused;
use super::requests::DeployRequest;
use crate::app::App;
use crate::operations::tell_release;
use axum::Json;
use axum::body::Body;
use axum::extract::{OriginalUri, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use epicenter_domain::id::IdKind;
use epicenter_domain::time::Time;
use epicenter_store::changes::deploys::{self, DeployRecord};
use serde_json::{Value, json};
use std::sync::Arc;

/// A deploy as Sentry writes it.
pub(super) fn body(deploy: &DeployRecord) -> Value {
    json!({
        "id": IdKind::Deploy.show(deploy.id),
        "environment": deploy.environment,
        "name": deploy.name,
        "url": deploy.url,
        "dateStarted": deploy.started_at.map(Time::rfc3339),
        "dateFinished": deploy.finished_at.unwrap_or(deploy.at).rfc3339(),
    })
}

/// `GET …/deploys/`: the newest, newest first.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    place: Place,
    OriginalUri(uri): OriginalUri,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let query = ListQuery::parse(query.as_deref())?;
    let mut tx = app.database.read().await?;
    let release = place.release(&mut tx).await?;
    let (workspace_id, version) = (place.caller.workspace_id, release.version.as_str());
    let found = deploys::of_version(&mut tx, workspace_id, version, query.per_page).await?;
    tx.rollback().await?;
    let items = found.iter().map(body).collect();
    Ok(query.answer((&app.config.base_url(), uri.path()), items, None))
}

/// `POST …/deploys/`: 201; the same deploy told again stays one.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    place: Place,
    headers: HeaderMap,
    sent: Body,
) -> Result<(StatusCode, Json<Value>), Refused> {
    let request: DeployRequest = read::json(&headers, sent).await?;
    let version = place.version();
    let fact = request.fact(version, place.project.as_deref(), &place.caller.actor)?;
    let deploy = tell_release::deploy_release(&app, place.caller.workspace_id, version, fact)
        .await
        .map_err(|error| Refused::of(error, version))?;
    Ok((StatusCode::CREATED, Json(body(&deploy))))
}
