//! `/on-call/{id}`: one schedule, its week, its overrides and its calendar.

use super::forms::{Form, faulty, own_address};
use super::on_call::{again, people, units, wanted};
use super::views::{
    Choice, LayerForm, OverrideRow, ScheduleForm, SchedulePage, ScheduleRow, Section,
};
use super::visitor::{Failure, Shown, Visitor};
use super::week::{monday, name_of, week};
use crate::app::App;
use crate::http::problem::{Problem, sentence};
use crate::limits::ON_CALL_AHEAD_MS;
use crate::operations::OperationError;
use crate::operations::people::schedules as operation;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use epicenter_domain::escalation::calendar::{ClockTime, Date, Day, Span, Window, Zone};
use epicenter_domain::escalation::schedule::{Layer, Override, Schedule};
use epicenter_domain::id::IdKind;
use epicenter_domain::time::Time;
use epicenter_store::people::schedules::{self, ScheduleRecord};
use epicenter_store::users::{self, UserRecord};
use epicenter_store::{StoreError, Tx};
use serde::Deserialize;
use std::sync::Arc;

/// Which week.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Week {
    week: Option<String>,
}

/// A schedule with who is on call.
pub(super) async fn shown_row(
    tx: &mut Tx,
    record: &ScheduleRecord,
    people: &[UserRecord],
    now: Time,
) -> Result<ScheduleRow, StoreError> {
    let span = Span {
        from: now,
        until: now.plus_ms(ON_CALL_AHEAD_MS),
    };
    let schedule = schedules::whole(tx, record, span).await?;
    let found = schedule.on_call_until(now, span.until);
    Ok(ScheduleRow {
        id: IdKind::Schedule.show(record.id),
        name: record.name.clone(),
        zone: record.zone.name().to_owned(),
        now: found.map(|(id, until)| (name_of(people, id), until)),
    })
}

/// What the form of a schedule begins with: what is stored, and room for one layer more.
pub(super) fn form_of(
    record: Option<&ScheduleRecord>,
    people: &[UserRecord],
    now: Time,
) -> ScheduleForm {
    let utc = Zone::utc();
    let zone = record.map_or(&utc, |record| &record.zone);
    let stored = record.map(|record| record.layers.as_slice());
    let layers = stored.unwrap_or_default().iter();
    let mut layers: Vec<LayerForm> = layers.map(|layer| layer_form(layer, people)).collect();
    layers.push(LayerForm {
        units: units("weeks"),
        every: "1".to_owned(),
        starts_on: Date::of(zone, now).show(),
        hand_over: "09:00".to_owned(),
        ..LayerForm::default()
    });
    ScheduleForm {
        name: record.map(|record| record.name.clone()).unwrap_or_default(),
        zone: zone.name().to_owned(),
        layers,
        error: None,
    }
}

fn layer_form(layer: &Layer, people: &[UserRecord]) -> LayerForm {
    let email = |id: &i64| {
        let found = people.iter().find(|user| user.id == *id);
        found.map(|user| user.email.clone())
    };
    let emails: Vec<String> = layer.participants.iter().filter_map(email).collect();
    let windows: Vec<String> = layer.windows.iter().map(window_line).collect();
    LayerForm {
        name: layer.name.clone(),
        people: emails.join("\n"),
        units: units(layer.unit.as_str()),
        every: layer.every.to_string(),
        starts_on: layer.starts_on.show(),
        hand_over: layer.hand_over.show(),
        windows: windows.join("\n"),
    }
}

fn window_line(window: &Window) -> String {
    let days = if window.days.len() == Day::ALL.len() {
        "daily".to_owned()
    } else {
        let words: Vec<&str> = window.days.iter().map(|day| day.as_str()).collect();
        words.join(" ")
    };
    let (from, until) = (window.from.show(), window.until.show());
    format!("{days} {from}-{until}")
}

/// What a form left behind.
#[derive(Default)]
struct Left {
    override_error: Option<String>,
    form: Option<ScheduleForm>,
    week: Option<String>,
}

async fn page(app: &App, visitor: &Visitor, id: &str, left: Left) -> Shown {
    let id = IdKind::Schedule.parse(id).ok_or(Failure::NotFound)?;
    let now = app.clock.now();
    let workspace_id = visitor.caller.workspace_id;
    let mut tx = app.database.read().await?;
    let record = schedules::by_id(&mut tx, workspace_id, id)
        .await?
        .ok_or(Failure::NotFound)?;
    let people = users::list(&mut tx, workspace_id).await?;
    let row = shown_row(&mut tx, &record, &people, now).await?;
    let wanted = left.week.as_deref().and_then(Date::parse);
    let this_week = monday(Date::of(&record.zone, now));
    let first = wanted.map_or(this_week, monday);
    let shown = Span {
        from: record.zone.instant(ClockTime::MIDNIGHT.on(first)),
        until: record
            .zone
            .instant(ClockTime::MIDNIGHT.on(first.plus_days(7))),
    };
    let schedule = schedules::whole(&mut tx, &record, shown).await?;
    let coming = Span {
        from: now,
        until: Time(i64::MAX),
    };
    let coming = schedules::whole(&mut tx, &record, coming).await?;
    tx.rollback().await?;
    let address = |date: Date| format!("/on-call/{}?week={}", row.id, date.show());
    let is_responder = visitor.caller.must_respond().is_ok();
    let me = visitor.user_id;
    let page = SchedulePage {
        shell: visitor.shell(app, Section::OnCall).await?,
        is_admin: visitor.caller.must_administer().is_ok(),
        is_responder,
        days: week((&schedule, &record.layers), first, &people, now),
        weeks: [
            address(first.plus_days(-7)),
            address(this_week),
            address(first.plus_days(7)),
        ],
        overrides: override_rows(&coming, &people),
        people: Choice::list(
            people
                .iter()
                .map(|user| (IdKind::User.show(user.id), user.name.clone())),
            &IdKind::User.show(me),
        ),
        override_error: left.override_error,
        calendar_url: is_responder.then(|| {
            let (base, key) = (app.config.base_url(), &record.feed_key);
            format!(
                "{base}/api/v1/schedules/{}/calendar.ics?token={key}",
                row.id
            )
        }),
        form: left
            .form
            .unwrap_or_else(|| form_of(Some(&record), &people, now)),
        schedule: row,
    };
    Ok(Html(page.render()?))
}

fn override_rows(coming: &Schedule, people: &[UserRecord]) -> Vec<OverrideRow> {
    let clock = |at: Time| coming.zone.wall(at).strftime("%a %-d %b %H:%M").to_string();
    let row = |one: &Override| OverrideRow {
        id: IdKind::Override.show(one.id),
        person: name_of(people, one.person_id),
        when: format!("{} to {}", clock(one.span.from), clock(one.span.until)),
    };
    coming.overrides.iter().map(row).collect()
}

/// One schedule.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(week): Query<Week>,
) -> Shown {
    let left = Left {
        week: week.week,
        ..Left::default()
    };
    page(&app, &visitor, &id, left).await
}

/// `POST /on-call/{id}`.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let back = format!("/on-call/{id}");
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, &back, problem.detail);
    }
    let Some(schedule_id) = IdKind::Schedule.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    let workspace_id = form.visitor.caller.workspace_id;
    let people = match people(&app, workspace_id).await {
        Ok(people) => people,
        Err(problem) => return form.failed(&app, &back, problem.detail),
    };
    let wanted = wanted(&form.fields, &people);
    match operation::change(&app, workspace_id, schedule_id, &wanted).await {
        Ok(()) => form.done(&app, &back, "Saved."),
        Err(error) => {
            let left = Left {
                form: Some(again(&form.fields, Problem::from(error).detail)),
                ..Left::default()
            };
            faulty(page(&app, &form.visitor, &id, left).await)
        }
    }
}

/// `POST /on-call/{id}/{verb}`: `delete`, `rotate`, `overrides`.
pub(super) async fn act(
    State(app): State<Arc<App>>,
    Path((id, verb)): Path<(String, String)>,
    form: Form,
) -> Response {
    let back = format!("/on-call/{id}");
    let caller = &form.visitor.caller;
    let allowed = match verb.as_str() {
        "overrides" => caller.must_respond(),
        _ => caller.must_administer(),
    };
    if let Err(problem) = allowed {
        return form.failed(&app, &back, problem.detail);
    }
    let Some(schedule_id) = IdKind::Schedule.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    let workspace_id = caller.workspace_id;
    match verb.as_str() {
        "overrides" => add_override(&app, &form, &id, schedule_id).await,
        "rotate" => {
            let done = operation::rotate_feed(&app, workspace_id, schedule_id).await;
            let text = "The calendar has another address.";
            form.followed(&app, &back, done.map(|()| text.to_owned()))
        }
        "delete" => match operation::delete(&app, workspace_id, schedule_id).await {
            Ok(()) => form.done(&app, "/on-call", "Deleted."),
            Err(error) => form.followed(&app, &back, Err::<String, _>(error)),
        },
        _ => Failure::NotFound.into_response(),
    }
}

/// The address of a form with a fault, reloaded.
pub(super) async fn back(Path((id, _)): Path<(String, String)>) -> Redirect {
    Redirect::to(own_address(&format!("/on-call/{id}"), "/on-call"))
}

async fn add_override(app: &App, form: &Form, id: &str, schedule_id: i64) -> Response {
    let back = format!("/on-call/{id}");
    let workspace_id = form.visitor.caller.workspace_id;
    let made = async {
        let mut tx = app.database.read().await?;
        let record = schedules::by_id(&mut tx, workspace_id, schedule_id).await?;
        tx.rollback().await?;
        let zone = record.ok_or(OperationError::NotFound("schedule"))?.zone;
        let time = |name: &'static str| {
            let at = wall_time(&zone, form.fields.get(name));
            at.ok_or_else(|| OperationError::invalid(name, "must be a date and a time"))
        };
        let (from, until) = (time("from")?, time("until")?);
        let person = IdKind::User.parse(form.fields.get("person")).unwrap_or(-1);
        let place = (workspace_id, schedule_id);
        operation::add_override(app, place, (person, from, until)).await
    };
    match made.await {
        Ok(_) => form.done(app, &back, "Added."),
        Err(error) => {
            let left = Left {
                override_error: Some(sentence(&Problem::from(error).detail)),
                ..Left::default()
            };
            faulty(page(app, &form.visitor, id, left).await)
        }
    }
}

/// Reads `2026-11-23T09:00` on the wall clock of a zone.
fn wall_time(zone: &Zone, text: &str) -> Option<Time> {
    let (date, time) = text.trim().split_once('T')?;
    let time = ClockTime::parse(time.get(..5)?)?;
    Some(zone.instant(time.on(Date::parse(date)?)))
}

/// `POST /on-call/{id}/overrides/{override}/remove`.
pub(super) async fn remove_override(
    State(app): State<Arc<App>>,
    Path((id, one)): Path<(String, String)>,
    form: Form,
) -> Response {
    let back = format!("/on-call/{id}");
    if let Err(problem) = form.visitor.caller.must_respond() {
        return form.failed(&app, &back, problem.detail);
    }
    let ids = IdKind::Schedule
        .parse(&id)
        .zip(IdKind::Override.parse(&one));
    let Some((schedule_id, one)) = ids else {
        return Failure::NotFound.into_response();
    };
    let place = (form.visitor.caller.workspace_id, schedule_id);
    let done = operation::remove_override(&app, place, one).await;
    form.followed(&app, &back, done.map(|()| "Taken back.".to_owned()))
}
