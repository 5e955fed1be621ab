//! `/api/v1/schedules/{id}/…`: who is on call, shifts, overrides, and the calendar.

#![expect(unused_qualifications, reason = "the macro of utoipa writes them")]

use super::bodies::PageBody;
use super::parameters::{self, Json, Query};
use super::people::{PersonRef, names, person, user_id};
use super::schedules::find;
use crate::app::App;
use crate::http::auth::{Caller, Responder};
use crate::http::problem::Problem;
use crate::limits::{ON_CALL_AHEAD_MS, SHIFTS_WINDOW_MS};
use crate::operations::people::schedules as operation;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use epicenter_domain::escalation::calendar::Span;
use epicenter_domain::escalation::ics::{self, Feed};
use epicenter_domain::escalation::schedule::{Shift, ShiftSource, shifts as lay_out};
use epicenter_domain::id::IdKind;
use epicenter_domain::limits::SHIFT_SPAN_MS;
use epicenter_domain::time::{DAY_MS, Time};
use epicenter_store::people::schedules::{self, ScheduleRecord};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Who is on call.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OnCallBody {
    /// The person; null: nobody.
    person: Option<PersonRef>,
    /// Until when without a break, looked for three months ahead.
    until: Option<String>,
}

/// At which instant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct At {
    /// RFC 3339; now if absent.
    at: Option<String>,
}

/// Who is on call.
#[utoipa::path(
    get,
    path = "/api/v1/schedules/{id}/on-call",
    tag = "schedules",
    params(("id" = String, Path, description = "`sch_…`"), At),
    responses((status = 200, body = OnCallBody), (status = 404, body = Problem))
)]
pub(super) async fn on_call(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Query(wanted): Query<At>,
) -> Result<axum::Json<OnCallBody>, Problem> {
    let at = match wanted.at.as_deref() {
        Some(text) => parameters::time("at", text)?,
        None => app.clock.now(),
    };
    let record = find(&app, &caller, &id).await?;
    let limit = at.plus_ms(ON_CALL_AHEAD_MS);
    let span = Span {
        from: at,
        until: limit,
    };
    let mut tx = app.database.read().await?;
    let schedule = schedules::whole(&mut tx, &record, span).await?;
    let names = names(&mut tx, caller.workspace_id).await?;
    tx.rollback().await?;
    let found = schedule.on_call_until(at, limit);
    Ok(axum::Json(OnCallBody {
        person: found.map(|(id, _)| person(&names, id)),
        until: found.map(|(_, until)| until.rfc3339()),
    }))
}

/// From when until when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Between {
    /// RFC 3339; now if absent.
    from: Option<String>,
    /// RFC 3339; a week after `from` if absent, at most 100 days.
    to: Option<String>,
}

/// Somebody is on call without a break.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ShiftBody {
    /// Who.
    person: PersonRef,
    /// From when.
    from: String,
    /// Until when.
    to: String,
    /// Name of the layer whose turn it is; null for an override.
    layer: Option<String>,
    /// `ovr_…`, if it is an override.
    #[serde(rename = "override")]
    override_id: Option<String>,
}

fn shift_body(
    record: &ScheduleRecord,
    names: &std::collections::BTreeMap<i64, String>,
    shift: &Shift,
) -> ShiftBody {
    let (layer, override_id) = match shift.source {
        ShiftSource::Layer(place, _) => {
            let layer = record.layers.get(place);
            (layer.map(|layer| layer.name.clone()), None)
        }
        ShiftSource::Override(id) => (None, Some(IdKind::Override.show(id))),
    };
    ShiftBody {
        person: person(names, shift.person_id),
        from: shift.span.from.rfc3339(),
        to: shift.span.until.rfc3339(),
        layer,
        override_id,
    }
}

/// The final schedule: all layers and overrides laid over each other.
#[utoipa::path(
    get,
    path = "/api/v1/schedules/{id}/shifts",
    tag = "schedules",
    params(("id" = String, Path, description = "`sch_…`"), Between),
    responses((status = 200, body = PageBody<ShiftBody>), (status = 400, body = Problem))
)]
pub(super) async fn shifts(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Query(wanted): Query<Between>,
) -> Result<axum::Json<PageBody<ShiftBody>>, Problem> {
    let from = match wanted.from.as_deref() {
        Some(text) => parameters::time("from", text)?,
        None => app.clock.now(),
    };
    let until = match wanted.to.as_deref() {
        Some(text) => parameters::time("to", text)?,
        None => from.plus_ms(7 * DAY_MS),
    };
    if !(0..=SHIFTS_WINDOW_MS).contains(&until.since_ms(from)) {
        let message = "must be after `from`, by at most 100 days";
        return Err(Problem::invalid("to", message));
    }
    let record = find(&app, &caller, &id).await?;
    let mut tx = app.database.read().await?;
    let schedule = schedules::whole(&mut tx, &record, Span { from, until }).await?;
    let names = names(&mut tx, caller.workspace_id).await?;
    tx.rollback().await?;
    let found = lay_out(&schedule, from, until);
    Ok(axum::Json(PageBody {
        items: found
            .iter()
            .map(|shift| shift_body(&record, &names, shift))
            .collect(),
        next_cursor: None,
    }))
}

/// Somebody else for a while.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OverrideRequest {
    /// `usr_…` of who is on call instead.
    person: String,
    /// From when; now if absent.
    from: Option<String>,
    /// Until when, at most 90 days later.
    until: String,
}

/// An override that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OverrideBody {
    /// `ovr_…`
    id: String,
}

/// Puts somebody on call for a while, over all layers.
#[utoipa::path(
    post,
    path = "/api/v1/schedules/{id}/overrides",
    tag = "schedules",
    params(("id" = String, Path, description = "`sch_…`")),
    request_body = OverrideRequest,
    responses((status = 201, body = OverrideBody), (status = 400, body = Problem))
)]
pub(super) async fn add_override(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Path(id): Path<String>,
    Json(request): Json<OverrideRequest>,
) -> Result<(StatusCode, axum::Json<OverrideBody>), Problem> {
    let id = parameters::id(IdKind::Schedule, "schedule", &id)?;
    let from = match request.from.as_deref() {
        Some(text) => parameters::time("from", text)?,
        None => app.clock.now(),
    };
    let until = parameters::time("until", &request.until)?;
    let person = user_id(&request.person).unwrap_or(-1);
    let place = (caller.workspace_id, id);
    let made = operation::add_override(&app, place, (person, from, until)).await?;
    let body = OverrideBody {
        id: IdKind::Override.show(made),
    };
    Ok((StatusCode::CREATED, axum::Json(body)))
}

/// Takes an override back.
#[utoipa::path(
    delete,
    path = "/api/v1/schedules/{id}/overrides/{override}",
    tag = "schedules",
    params(
        ("id" = String, Path, description = "`sch_…`"),
        ("override" = String, Path, description = "`ovr_…`")
    ),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(super) async fn remove_override(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Path((id, one)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let id = parameters::id(IdKind::Schedule, "schedule", &id)?;
    let one = parameters::id(IdKind::Override, "override", &one)?;
    operation::remove_override(&app, (caller.workspace_id, id), one).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The proof of a calendar program, which can send no header.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FeedToken {
    /// The token in the schedule's `calendar_url`.
    token: String,
}

/// The schedule as a calendar (RFC 5545). The token in its address is the proof; no other is asked.
#[utoipa::path(
    get,
    path = "/api/v1/schedules/{id}/calendar.ics",
    tag = "schedules",
    params(("id" = String, Path, description = "`sch_…`"), FeedToken),
    responses((status = 200, content_type = "text/calendar"), (status = 404, body = Problem)),
    security(())
)]
pub(super) async fn calendar(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(proof): Query<FeedToken>,
) -> Result<impl IntoResponse, Problem> {
    let id = parameters::id(IdKind::Schedule, "schedule", &id)?;
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let record = schedules::by_feed_key(&mut tx, id, &proof.token)
        .await?
        .ok_or_else(|| Problem::not_found("schedule"))?;
    let span = Span {
        from: Time(now.0.saturating_sub(SHIFT_SPAN_MS)),
        until: now.plus_ms(SHIFT_SPAN_MS),
    };
    let schedule = schedules::whole(&mut tx, &record, span).await?;
    let people = names(&mut tx, record.workspace_id).await?;
    tx.rollback().await?;
    let feed = Feed {
        schedule_id: record.id,
        name: &record.name,
        schedule: &schedule,
        people: &people,
    };
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    Ok((headers, ics::feed(&feed, now)))
}
