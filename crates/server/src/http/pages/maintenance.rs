//! `/maintenance`: forms of the maintenance windows, which stand on the page of silences.

use super::forms::{Fields, Form, faulty};
use super::silences;
use super::views::{Choice, MaintenanceForm, MaintenancePart, MaintenanceRow, Shell};
use super::visitor::Failure;
use crate::app::App;
use crate::http::problem::Problem;
use crate::limits::PLAN_MAINTENANCE;
use crate::operations::notice_settings::maintenance::WantedMaintenance;
use crate::operations::notice_settings::maintenance::{self as operation, ENDLESS};
use crate::operations::notice_settings::{WantedWeekly, windows};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use epicenter_domain::id::IdKind;
use epicenter_domain::routing::mute::Maintenance;
use epicenter_domain::routing::window::{Day, Schedule};
use epicenter_domain::time::{HOUR_MS, Time};
use epicenter_store::notices::maintenance;
use epicenter_store::services::{self, ServiceRecord};
use epicenter_store::{StoreError, Tx};
use std::sync::Arc;

/// Hours and their words.
const HOURS: [(&str, &str); 6] = [
    ("1", "1 hour"),
    ("2", "2 hours"),
    ("4", "4 hours"),
    ("12", "12 hours"),
    ("24", "a day"),
    ("72", "3 days"),
];

fn in_words(schedule: &Schedule) -> String {
    let weekly = windows(schedule);
    let windows = weekly.windows.iter().map(|(days, from, until)| {
        let days = match days.as_slice() {
            [] => "every day".to_owned(),
            days => days.join(", "),
        };
        format!("{days} {from} to {until}")
    });
    let windows: Vec<String> = windows.collect();
    format!("{} ({})", windows.join("; "), weekly.zone)
}

fn row(window: Maintenance, services: &[ServiceRecord], now: Time) -> MaintenanceRow {
    let own = services
        .iter()
        .filter(|one| window.services.contains(&one.id));
    let names: Vec<&str> = own.map(|one| one.name.as_str()).collect();
    MaintenanceRow {
        id: IdKind::Maintenance.show(window.id),
        is_active: window.holds(now),
        services: match names.as_slice() {
            [] if !window.services.is_empty() => "services that were removed".to_owned(),
            names => names.join(", "),
        },
        condition: window
            .condition
            .map(|condition| condition.text().to_owned())
            .unwrap_or_default(),
        starts_at: window.starts_at,
        ends_at: Some(window.ends_at).filter(|ends_at| *ends_at < ENDLESS),
        weekly: window.schedule.as_ref().map(in_words).unwrap_or_default(),
        name: window.name,
    }
}

fn form(fields: &Fields, services: &[ServiceRecord]) -> MaintenanceForm {
    let text = |name: &str| fields.get(name).to_owned();
    let all = [(String::new(), "All services".to_owned())].into_iter();
    let each = services
        .iter()
        .map(|one| (IdKind::Service.show(one.id), one.name.clone()));
    let hours = match fields.get("hours") {
        "" => "2",
        hours => hours,
    };
    let day = |day: Day| Choice {
        value: day.as_str().to_owned(),
        label: day.as_str().to_owned(),
        is_chosen: fields.all("day").any(|chosen| chosen == day.as_str()),
    };
    MaintenanceForm {
        name: text("name"),
        services: Choice::list(all.chain(each), fields.get("service")),
        condition: text("condition"),
        hours: Choice::list(HOURS, hours),
        days: Day::ALL.into_iter().map(day).collect(),
        from: text("from"),
        until: text("until"),
        zone: text("zone"),
        error: None,
    }
}

/// The part of the page; the form has what was filled in.
pub(super) async fn part(
    app: &App,
    tx: &mut Tx,
    (workspace_id, is_responder): (i64, bool),
    (shell, fields, error): (&Shell, &Fields, Option<String>),
) -> Result<MaintenancePart, StoreError> {
    let now = app.clock.now();
    let windows = maintenance::ending_after(tx, workspace_id, now, PLAN_MAINTENANCE).await?;
    let services = services::list(tx, workspace_id).await?;
    let rows = windows.into_iter().map(|one| row(one, &services, now));
    Ok(MaintenancePart {
        clock: shell.clock,
        csrf: shell.csrf.clone(),
        is_responder,
        rows: rows.collect(),
        form: MaintenanceForm {
            error,
            ..form(fields, &services)
        },
    })
}

fn wanted(fields: &Fields, now: Time) -> WantedMaintenance {
    let get = |name: &str| fields.get(name).trim().to_owned();
    let (from, until) = (get("from"), get("until"));
    let is_weekly = !from.is_empty() || !until.is_empty();
    let days = fields.all("day").map(str::to_owned).collect();
    let weekly = WantedWeekly {
        zone: get("zone"),
        windows: vec![(days, from, until)],
    };
    let hours = get("hours").parse::<i64>().ok();
    let service = get("service");
    let services = if service.is_empty() {
        Vec::new()
    } else {
        vec![IdKind::Service.parse(&service)]
    };
    WantedMaintenance {
        name: Some(get("name")),
        services: Some(services),
        condition: Some(get("condition")),
        starts_at: None,
        ends_at: hours
            .filter(|_| !is_weekly)
            .map(|hours| now.plus_ms(hours.saturating_mul(HOUR_MS))),
        weekly: is_weekly.then_some(weekly),
    }
}

/// `POST /maintenance`.
pub(super) async fn create(State(app): State<Arc<App>>, form: Form) -> Response {
    if let Err(problem) = form.visitor.caller.must_respond() {
        return form.failed(&app, "/silences", problem.detail);
    }
    let wanted = wanted(&form.fields, app.clock.now());
    match operation::create(&app, form.visitor.caller.workspace_id, wanted).await {
        Ok(_) => {
            let text = "The window is kept. What it covers is not told.";
            form.done(&app, "/silences#maintenance", text)
        }
        Err(error) => {
            let error = Problem::from(error).detail;
            let again = (&form.fields, Some(error));
            faulty(silences::page_with(&app, &form.visitor, again).await)
        }
    }
}

/// `POST /maintenance/{id}/remove`.
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    if let Err(problem) = form.visitor.caller.must_respond() {
        return form.failed(&app, "/silences", problem.detail);
    }
    let Some(id) = IdKind::Maintenance.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    let done = operation::remove(&app, form.visitor.caller.workspace_id, id).await;
    let done = done.map(|()| "Removed.".to_owned());
    form.followed(&app, "/silences#maintenance", done)
}
