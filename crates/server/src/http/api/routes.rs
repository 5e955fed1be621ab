//! `/api/v1/routes`: what is dropped and where signals of shared integrations go, with all its
//! versions.

#![expect(unused_qualifications, reason = "the macro of utoipa writes them")]

use super::bodies::PageBody;
use super::parameters::{Json, Paging, Query};
use crate::app::App;
use crate::http::auth::{Administrator, Caller};
use crate::http::problem::{FieldProblem, Problem};
use crate::operations::routes::{self, Names, Wanted};
use axum::extract::{Path, State};
use epicenter_domain::routing::book::Book;
use epicenter_store::Tx;
use epicenter_store::routing::versions::{self, VersionRecord};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// A version of the rules.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoutesBody {
    /// Counts from 1; 0: nobody wrote rules yet.
    version: i64,
    /// When it was made; null for version 0.
    made_at: Option<String>,
    /// Who made it.
    actor: String,
    /// Why.
    comment: String,
    /// The rules: `{zone?, default_service?, drops: [{name, when, off?}], rules: [{name, when?,
    /// continue?, off?, service?, service_by?: {field, services}, destinations?, rules?}]}`.
    /// Conditions are CEL; services and destinations stand there by id.
    #[schema(value_type = Object)]
    routing: Book,
    /// The same as text, with names.
    text: String,
    /// What of the version that counts does not work, though it was saved: the place and why. What
    /// such a rule would have taken goes to the next one, or to the default service.
    faults: Vec<FieldProblem>,
}

impl RoutesBody {
    fn of(record: VersionRecord, names: &Names) -> Self {
        Self {
            version: record.number,
            made_at: (record.number > 0).then(|| record.made_at.rfc3339()),
            actor: record.actor,
            comment: record.comment,
            text: routes::text(&names.to_names(&record.book)),
            routing: record.book,
            faults: Vec::new(),
        }
    }
}

async fn current(app: &App, workspace_id: i64) -> Result<axum::Json<RoutesBody>, Problem> {
    let mut tx = app.database.read().await?;
    let record = routes::current(&mut tx, workspace_id).await?;
    let names = Names::load(&mut tx, workspace_id).await?;
    let faults = routes::faults(&mut tx, workspace_id, &record.book).await?;
    tx.rollback().await?;
    let faults = faults.into_iter().map(|fault| FieldProblem {
        field: fault.field,
        message: fault.message,
    });
    Ok(axum::Json(RoutesBody {
        faults: faults.collect(),
        ..RoutesBody::of(record, &names)
    }))
}

/// The rules that count.
#[utoipa::path(
    get,
    path = "/api/v1/routes",
    tag = "routes",
    responses((status = 200, body = RoutesBody))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<axum::Json<RoutesBody>, Problem> {
    current(&app, caller.workspace_id).await
}

/// The rules as they should be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoutesRequest {
    /// The version that was changed; another one meanwhile is a conflict.
    version: i64,
    /// The rules; services and destinations by id or name.
    #[schema(value_type = Object)]
    routing: Book,
    /// Why.
    #[serde(default)]
    comment: String,
}

/// Replaces the rules. 409: somebody else changed them since `version`.
#[utoipa::path(
    put,
    path = "/api/v1/routes",
    tag = "routes",
    request_body = RoutesRequest,
    responses(
        (status = 200, body = RoutesBody),
        (status = 400, body = Problem),
        (status = 409, body = Problem)
    )
)]
pub(super) async fn replace(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Json(request): Json<RoutesRequest>,
) -> Result<axum::Json<RoutesBody>, Problem> {
    let wanted = Wanted {
        book: request.routing,
        comment: request.comment,
        base: request.version,
    };
    let place = (caller.workspace_id, caller.actor.name.as_str());
    routes::replace(&app, place, wanted).await?;
    current(&app, caller.workspace_id).await
}

/// Lists versions, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/routes/versions",
    tag = "routes",
    params(Paging),
    responses((status = 200, body = PageBody<RoutesBody>))
)]
pub(super) async fn list_versions(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<PageBody<RoutesBody>>, Problem> {
    let (cursor, limit) = (paging.cursor.as_deref(), paging.limit()?);
    let mut tx = app.database.read().await?;
    let names = Names::load(&mut tx, caller.workspace_id).await?;
    let page = versions::list(&mut tx, caller.workspace_id, cursor, limit).await?;
    tx.rollback().await?;
    let items = page.items.into_iter();
    Ok(axum::Json(PageBody {
        items: items.map(|one| RoutesBody::of(one, &names)).collect(),
        next_cursor: page.next_cursor,
    }))
}

async fn found(tx: &mut Tx, workspace_id: i64, number: i64) -> Result<VersionRecord, Problem> {
    let found = versions::by_number(tx, workspace_id, number).await?;
    found.ok_or_else(|| Problem::not_found("version"))
}

fn numbered(number: &str) -> Result<i64, Problem> {
    number.parse().map_err(|_| Problem::not_found("version"))
}

/// One version.
#[utoipa::path(
    get,
    path = "/api/v1/routes/versions/{number}",
    tag = "routes",
    params(("number" = i64, Path, description = "Its number")),
    responses((status = 200, body = RoutesBody), (status = 404, body = Problem))
)]
pub(super) async fn show_version(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(number): Path<String>,
) -> Result<axum::Json<RoutesBody>, Problem> {
    let number = numbered(&number)?;
    let mut tx = app.database.read().await?;
    let record = found(&mut tx, caller.workspace_id, number).await?;
    let names = Names::load(&mut tx, caller.workspace_id).await?;
    tx.rollback().await?;
    Ok(axum::Json(RoutesBody::of(record, &names)))
}

/// With what a version is compared.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DiffQuery {
    /// The version before it, unless it is said; 0 is no rules at all.
    from: Option<i64>,
}

/// A line of a comparison.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DiffLineBody {
    /// `+` came, `-` went, a space stayed.
    sign: char,
    /// The line.
    text: String,
}

/// What differs between two versions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DiffBody {
    /// The older one.
    from: i64,
    /// The newer one.
    to: i64,
    /// Lines that differ, with some that stayed around them.
    lines: Vec<DiffLineBody>,
}

/// What a version changed.
#[utoipa::path(
    get,
    path = "/api/v1/routes/versions/{number}/diff",
    tag = "routes",
    params(("number" = i64, Path, description = "Its number"), DiffQuery),
    responses((status = 200, body = DiffBody), (status = 404, body = Problem))
)]
pub(super) async fn diff(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(number): Path<String>,
    Query(query): Query<DiffQuery>,
) -> Result<axum::Json<DiffBody>, Problem> {
    let number = numbered(&number)?;
    let from = query.from.unwrap_or(number.saturating_sub(1));
    let mut tx = app.database.read().await?;
    let new = found(&mut tx, caller.workspace_id, number).await?;
    let old = match from {
        0 => Book::default(),
        from => found(&mut tx, caller.workspace_id, from).await?.book,
    };
    let names = Names::load(&mut tx, caller.workspace_id).await?;
    tx.rollback().await?;
    let lines = routes::diff(&names.to_names(&old), &names.to_names(&new.book));
    Ok(axum::Json(DiffBody {
        from,
        to: number,
        lines: lines
            .into_iter()
            .map(|line| DiffLineBody {
                sign: line.sign,
                text: line.text,
            })
            .collect(),
    }))
}

/// What is to be brought back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RestoreRequest {
    /// The version that counts now; another one meanwhile is a conflict.
    version: i64,
}

/// Makes an old version the newest again.
#[utoipa::path(
    post,
    path = "/api/v1/routes/versions/{number}/restore",
    tag = "routes",
    params(("number" = i64, Path, description = "Its number")),
    request_body = RestoreRequest,
    responses(
        (status = 200, body = RoutesBody),
        (status = 404, body = Problem),
        (status = 409, body = Problem)
    )
)]
pub(super) async fn restore(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(number): Path<String>,
    Json(request): Json<RestoreRequest>,
) -> Result<axum::Json<RoutesBody>, Problem> {
    let number = numbered(&number)?;
    let place = (caller.workspace_id, caller.actor.name.as_str());
    routes::restore(&app, place, number, request.version).await?;
    current(&app, caller.workspace_id).await
}
