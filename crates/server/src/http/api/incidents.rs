//! `/api/v1/incidents`.

#![expect(unused_qualifications, reason = "the macro of utoipa writes them")]

use super::bodies::{IncidentBody, PageBody, ServiceRef, TimelineBody};
use super::parameters::{self, Json, Paging, Query};
use crate::app::App;
use crate::http::auth::{Caller, Responder};
use crate::http::problem::Problem;
use crate::operations::auto_resolve::ending_of;
use crate::operations::command_incident::command_incident;
use crate::operations::notices::flapping_since;
use axum::extract::{Path, State};
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::{Command, Incident, IncidentStatus};
use epicenter_domain::level::Severity;
use epicenter_domain::signal::Assignee;
use epicenter_domain::time::Time;
use epicenter_store::detection::regression_of;
use epicenter_store::incidents::{self, IncidentFilter};
use epicenter_store::{Tx, services, timeline};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Filters of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// suspended, triggered, acknowledged, resolved; several separated by commas. `open` is all
    /// but resolved.
    status: Option<String>,
    /// critical, error, warning, info.
    severity: Option<String>,
    /// `svc_…`
    service: Option<String>,
    /// Searches title, number, short id and dedup key.
    q: Option<String>,
    /// Only snoozed, or only not snoozed.
    snoozed: Option<bool>,
    /// Items on a page, 1 to 100.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Reads the words of `status`.
pub(crate) fn statuses(text: Option<&str>) -> Result<Vec<IncidentStatus>, Problem> {
    let text = text.map(|text| text.replace("open", "suspended,triggered,acknowledged"));
    let known = ["open", "suspended", "triggered", "acknowledged", "resolved"];
    parameters::words("status", text.as_deref(), &known, IncidentStatus::parse)
}

/// Lists incidents, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/incidents",
    tag = "incidents",
    params(ListQuery),
    responses((status = 200, body = PageBody<IncidentBody>), (status = 400, body = Problem))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<axum::Json<PageBody<IncidentBody>>, Problem> {
    let paging = Paging {
        limit: query.limit,
        cursor: query.cursor,
    };
    let known = Severity::ALL.map(Severity::as_str);
    let severity = query.severity.as_deref().filter(|word| !word.is_empty());
    let filter = IncidentFilter {
        statuses: statuses(query.status.as_deref())?,
        snoozed: query.snoozed,
        severity: parameters::words("severity", severity, &known, Severity::parse)?.pop(),
        service_id: query
            .service
            .as_deref()
            .map(|text| parameters::id(IdKind::Service, "service", text))
            .transpose()?,
        q: query.q.filter(|q| !q.trim().is_empty()),
    };
    let limit = paging.limit()?;
    let mut tx = app.database.read().await?;
    let page = incidents::list(
        &mut tx,
        caller.workspace_id,
        &filter,
        paging.cursor.as_deref(),
        limit,
    )
    .await?;
    let names = service_names(&mut tx, caller.workspace_id).await?;
    tx.rollback().await?;
    let items = page
        .items
        .iter()
        .map(|incident| body(incident, &names))
        .collect();
    Ok(axum::Json(PageBody {
        items,
        next_cursor: page.next_cursor,
    }))
}

async fn service_names(tx: &mut Tx, workspace_id: i64) -> Result<BTreeMap<i64, String>, Problem> {
    let all = services::list(tx, workspace_id).await?;
    Ok(all
        .into_iter()
        .map(|service| (service.id, service.name))
        .collect())
}

fn body(incident: &Incident, names: &BTreeMap<i64, String>) -> IncidentBody {
    let service = incident.service_id.and_then(|id| {
        let name = names.get(&id)?.clone();
        Some(ServiceRef {
            id: IdKind::Service.show(id),
            name,
        })
    });
    IncidentBody::new(incident, service)
}

/// Reads `inc_…`, or the number people see.
pub(super) async fn find(tx: &mut Tx, workspace_id: i64, text: &str) -> Result<Incident, Problem> {
    let found = if let Ok(number) = text.parse::<i64>() {
        incidents::by_number(tx, workspace_id, number).await?
    } else {
        let id = parameters::id(IdKind::Incident, "incident", text)?;
        incidents::by_id(tx, workspace_id, id).await?
    };
    found.ok_or_else(|| Problem::not_found("incident"))
}

pub(super) async fn shown(
    app: &App,
    workspace_id: i64,
    text: &str,
) -> Result<axum::Json<IncidentBody>, Problem> {
    let mut tx = app.database.read().await?;
    let incident = find(&mut tx, workspace_id, text).await?;
    let names = service_names(&mut tx, workspace_id).await?;
    let judged = regression_of(&mut tx, incident.id).await?;
    let flaps = flapping_since(&mut tx, incident.id, app.clock.now()).await?;
    let ending = ending_of(app, &mut tx, &incident).await?;
    tx.rollback().await?;
    Ok(axum::Json(IncidentBody {
        regression: judged.map(Into::into),
        auto_resolve: ending.map(Into::into),
        flapping_since: flaps.map(Time::rfc3339),
        ..body(&incident, &names)
    }))
}

/// One incident, by id or number.
#[utoipa::path(
    get,
    path = "/api/v1/incidents/{id}",
    tag = "incidents",
    params(("id" = String, Path, description = "`inc_…` or the number")),
    responses((status = 200, body = IncidentBody), (status = 404, body = Problem))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<IncidentBody>, Problem> {
    shown(&app, caller.workspace_id, &id).await
}

/// What happened to it, oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/incidents/{id}/timeline",
    tag = "incidents",
    params(("id" = String, Path, description = "`inc_…` or the number"), Paging),
    responses((status = 200, body = PageBody<TimelineBody>), (status = 404, body = Problem))
)]
pub(super) async fn timeline(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<PageBody<TimelineBody>>, Problem> {
    let limit = paging.limit()?;
    let mut tx = app.database.read().await?;
    let incident = find(&mut tx, caller.workspace_id, &id).await?;
    let page = timeline::of_incident(&mut tx, incident.id, paging.cursor.as_deref(), limit).await?;
    tx.rollback().await?;
    let items = page.items.into_iter().map(TimelineBody::from).collect();
    Ok(axum::Json(PageBody {
        items,
        next_cursor: page.next_cursor,
    }))
}

async fn command(
    app: &App,
    caller: &Caller,
    id: &str,
    what: Command,
) -> Result<axum::Json<IncidentBody>, Problem> {
    let mut tx = app.database.read().await?;
    let incident = find(&mut tx, caller.workspace_id, id).await?;
    tx.rollback().await?;
    command_incident(app, caller.workspace_id, incident.id, &what, &caller.actor).await?;
    shown(app, caller.workspace_id, id).await
}

/// Takes it.
#[utoipa::path(
    post,
    path = "/api/v1/incidents/{id}/acknowledge",
    tag = "incidents",
    params(("id" = String, Path, description = "`inc_…` or the number")),
    responses((status = 200, body = IncidentBody), (status = 409, body = Problem))
)]
pub(super) async fn acknowledge(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Path(id): Path<String>,
) -> Result<axum::Json<IncidentBody>, Problem> {
    command(&app, &caller, &id, Command::Acknowledge).await
}

/// Says that it is over.
#[utoipa::path(
    post,
    path = "/api/v1/incidents/{id}/resolve",
    tag = "incidents",
    params(("id" = String, Path, description = "`inc_…` or the number")),
    responses((status = 200, body = IncidentBody), (status = 404, body = Problem))
)]
pub(super) async fn resolve(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Path(id): Path<String>,
) -> Result<axum::Json<IncidentBody>, Problem> {
    command(&app, &caller, &id, Command::Resolve).await
}

/// Says that it is not over.
#[utoipa::path(
    post,
    path = "/api/v1/incidents/{id}/reopen",
    tag = "incidents",
    params(("id" = String, Path, description = "`inc_…` or the number")),
    responses((status = 200, body = IncidentBody), (status = 404, body = Problem))
)]
pub(super) async fn reopen(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Path(id): Path<String>,
) -> Result<axum::Json<IncidentBody>, Problem> {
    command(&app, &caller, &id, Command::Reopen).await
}

/// Until when it is quiet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SnoozeRequest {
    /// RFC 3339.
    until: String,
}

/// Quiet until then; it comes back as triggered.
#[utoipa::path(
    post,
    path = "/api/v1/incidents/{id}/snooze",
    tag = "incidents",
    params(("id" = String, Path, description = "`inc_…` or the number")),
    request_body = SnoozeRequest,
    responses((status = 200, body = IncidentBody), (status = 400, body = Problem))
)]
pub(super) async fn snooze(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Path(id): Path<String>,
    Json(request): Json<SnoozeRequest>,
) -> Result<axum::Json<IncidentBody>, Problem> {
    let until = parameters::time("until", &request.until)?;
    command(&app, &caller, &id, Command::Snooze(until)).await
}

/// Who gets it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AssignRequest {
    /// Name, e-mail address or `usr_…` of a person, or a team's name.
    to: String,
}

/// Gives it to somebody. Never acknowledges.
#[utoipa::path(
    post,
    path = "/api/v1/incidents/{id}/assign",
    tag = "incidents",
    params(("id" = String, Path, description = "`inc_…` or the number")),
    request_body = AssignRequest,
    responses((status = 200, body = IncidentBody), (status = 400, body = Problem))
)]
pub(super) async fn assign(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Path(id): Path<String>,
    Json(request): Json<AssignRequest>,
) -> Result<axum::Json<IncidentBody>, Problem> {
    let to = assignee(&app, caller.workspace_id, &request.to).await?;
    command(&app, &caller, &id, Command::Assign(to)).await
}

/// A person of ours by id, address or name; else the text itself names somebody elsewhere.
pub(crate) async fn assignee(
    app: &App,
    workspace_id: i64,
    text: &str,
) -> Result<Assignee, Problem> {
    let text = text.trim();
    let mut tx = app.database.read().await?;
    let users = epicenter_store::users::list(&mut tx, workspace_id).await?;
    tx.rollback().await?;
    let known = users.into_iter().find(|user| {
        IdKind::User.show(user.id) == text
            || user.email.eq_ignore_ascii_case(text)
            || user.name.eq_ignore_ascii_case(text)
    });
    Ok(match known {
        Some(user) => Assignee {
            kind: "user".to_owned(),
            id: IdKind::User.show(user.id),
            name: user.name,
        },
        None => Assignee {
            kind: "user".to_owned(),
            id: text.to_owned(),
            name: text.to_owned(),
        },
    })
}

/// A note for the timeline.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoteRequest {
    /// Markdown.
    text: String,
}

/// Writes a note into the timeline.
#[utoipa::path(
    post,
    path = "/api/v1/incidents/{id}/note",
    tag = "incidents",
    params(("id" = String, Path, description = "`inc_…` or the number")),
    request_body = NoteRequest,
    responses((status = 200, body = IncidentBody), (status = 400, body = Problem))
)]
pub(super) async fn note(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Path(id): Path<String>,
    Json(request): Json<NoteRequest>,
) -> Result<axum::Json<IncidentBody>, Problem> {
    command(&app, &caller, &id, Command::Note(request.text)).await
}
