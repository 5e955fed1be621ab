//! `…/releases/`: versions.

use super::place::Place;
use super::read::{self, ListQuery};
use super::refused::Refused;
use super::requests::ReleaseRequest;
use crate::app::App;
use crate::operations::tell_release;
use axum::Json;
use axum::body::Body;
use axum::extract::{OriginalUri, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use epicenter_domain::time::Time;
use epicenter_store::Tx;
use epicenter_store::changes::deploys;
use epicenter_store::changes::releases::{self, ReleaseFilter, ReleaseRecord};
use serde_json::{Value, json};
use std::sync::Arc;

/// A release as Sentry writes it, as far as it is known here.
async fn body(tx: &mut Tx, release: ReleaseRecord) -> Result<Value, Refused> {
    let projects = releases::projects(tx, release.id).await?;
    let projects = projects
        .into_iter()
        .map(|slug| json!({"slug": slug, "name": slug}));
    let newest = deploys::of_version(tx, release.workspace_id, &release.version, 1).await?;
    let last_commit = release.sha.as_ref().filter(|_| release.has_commits);
    Ok(json!({
        "version": release.version,
        "ref": release.sha,
        "url": release.url,
        "status": if release.is_archived { "archived" } else { "open" },
        "dateCreated": release.created_at.rfc3339(),
        "dateReleased": release.released_at.map(Time::rfc3339),
        "projects": projects.collect::<Vec<_>>(),
        "lastCommit": last_commit.map(|sha| json!({"id": sha})),
        "lastDeploy": newest.first().map(super::deploys::body),
    }))
}

/// `GET …/releases/`: newest first.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    place: Place,
    OriginalUri(uri): OriginalUri,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let query = ListQuery::parse(query.as_deref())?;
    let filter = ReleaseFilter {
        project: place.project.or_else(|| query.project.clone()),
        q: query.text.clone(),
    };
    let page = (query.cursor.as_deref(), query.per_page);
    let mut tx = app.database.read().await?;
    let page = releases::list(&mut tx, place.caller.workspace_id, &filter, page).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for release in page.items {
        items.push(body(&mut tx, release).await?);
    }
    tx.rollback().await?;
    let next = page.next_cursor.as_deref();
    Ok(query.answer((&app.config.base_url(), uri.path()), items, next))
}

/// `POST …/releases/`: 201 for a new release, 208 for one that exists, which it completes.
pub(super) async fn ensure(
    State(app): State<Arc<App>>,
    place: Place,
    headers: HeaderMap,
    sent: Body,
) -> Result<(StatusCode, Json<Value>), Refused> {
    let mut request: ReleaseRequest = read::json(&headers, sent).await?;
    let version = request.version()?;
    let fact = request.fact(&version, place.project.as_deref(), &place.caller.actor)?;
    let told = tell_release::ensure_release(&app, place.caller.workspace_id, fact)
        .await
        .map_err(|error| Refused::of(error, &version))?;
    let status = if told.is_new {
        StatusCode::CREATED
    } else {
        StatusCode::ALREADY_REPORTED
    };
    Ok((status, shown(&app, told.release).await?))
}

/// `GET …/releases/{version}/`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    place: Place,
) -> Result<Json<Value>, Refused> {
    let mut tx = app.database.read().await?;
    let release = place.release(&mut tx).await?;
    let shown = body(&mut tx, release).await?;
    tx.rollback().await?;
    Ok(Json(shown))
}

/// `PUT …/releases/{version}/`: commits, refs, the end, status.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    place: Place,
    headers: HeaderMap,
    sent: Body,
) -> Result<Json<Value>, Refused> {
    let request: ReleaseRequest = read::json(&headers, sent).await?;
    let (workspace_id, project) = (place.caller.workspace_id, place.project.as_deref());
    let fact = request.fact(place.version(), project, &place.caller.actor)?;
    let release = tell_release::change_release(&app, workspace_id, project, fact)
        .await
        .map_err(|error| Refused::of(error, place.version()))?;
    shown(&app, release).await
}

/// `DELETE …/releases/{version}/`.
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    place: Place,
) -> Result<StatusCode, Refused> {
    let (workspace_id, project) = (place.caller.workspace_id, place.project.as_deref());
    tell_release::delete_release(&app, workspace_id, project, place.version())
        .await
        .map_err(|error| Refused::of(error, place.version()))?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET …/previous-with-commits/`: where sentry-cli stops to list commits; `{}` when there is none.
pub(super) async fn previous(
    State(app): State<Arc<App>>,
    place: Place,
) -> Result<Json<Value>, Refused> {
    let mut tx = app.database.read().await?;
    let release = place.release(&mut tx).await?;
    let before = releases::previous_with_commits(&mut tx, &release).await?;
    let shown = match before {
        Some(before) => body(&mut tx, before).await?,
        None => json!({}),
    };
    tx.rollback().await?;
    Ok(Json(shown))
}

async fn shown(app: &App, release: ReleaseRecord) -> Result<Json<Value>, Refused> {
    let mut tx = app.database.read().await?;
    let shown = body(&mut tx, release).await?;
    tx.rollback().await?;
    Ok(Json(shown))
}
