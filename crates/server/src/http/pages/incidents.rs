//! `/incidents`: the list, and what can be done to several at once.

use super::forms::{Form, own_address};
use super::incident_groups;
use super::views::parts::{Clock, ShownSeverity, Trend};
use super::views::{
    IncidentCounts, IncidentFilter, IncidentList, IncidentRow, IncidentsPage, Section,
};
use super::visitor::{Shown, Visitor, state_of};
use crate::app::App;
use crate::http::problem::Problem;
use crate::limits::{BULK_INCIDENTS, PAGE_SIZE};
use crate::operations::command_incident::command_incident;
use crate::operations::trend;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Response};
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::{Command, Incident, IncidentStatus};
use epicenter_domain::level::Severity;
use epicenter_domain::signal::{ActorKind, Assignee};
use epicenter_domain::time::{DAY_MS, HOUR_MS, Time};
use epicenter_store::{Tx, deliveries, incidents, issues, services};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The filter in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    status: String,
    severity: String,
    service: String,
    q: String,
    cursor: String,
}

fn store_filter(query: &ListQuery) -> incidents::IncidentFilter {
    let open = vec![
        IncidentStatus::Triggered,
        IncidentStatus::Acknowledged,
        IncidentStatus::Suspended,
    ];
    let (statuses, snoozed) = match query.status.as_str() {
        "triggered" => (vec![IncidentStatus::Triggered], None),
        "acknowledged" => (vec![IncidentStatus::Acknowledged], Some(false)),
        "snoozed" => (vec![IncidentStatus::Acknowledged], Some(true)),
        "resolved" => (vec![IncidentStatus::Resolved], None),
        "all" => (Vec::new(), None),
        _ => (open, Some(false)),
    };
    incidents::IncidentFilter {
        statuses,
        snoozed,
        severity: Severity::parse(&query.severity),
        service_id: IdKind::Service.parse(&query.service),
        q: Some(query.q.trim().to_owned()).filter(|q| !q.is_empty()),
    }
}

/// The page, or its rows for the page's script.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(query): Query<ListQuery>,
) -> Shown {
    let workspace_id = visitor.caller.workspace_id;
    let mut tx = app.database.read().await?;
    let filter = store_filter(&query);
    let cursor = Some(query.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let page = incidents::list(&mut tx, workspace_id, &filter, cursor, PAGE_SIZE).await?;
    let counts = incidents::counts(&mut tx, workspace_id).await?;
    let services = services::list(&mut tx, workspace_id).await?;
    let names: BTreeMap<i64, String> = services
        .iter()
        .map(|service| (service.id, service.name.clone()))
        .collect();
    let now = app.clock.now();
    let mut rows = Vec::with_capacity(page.items.len());
    for incident in &page.items {
        let trend = recent(&mut tx, incident.issue_id, now, HOUR_MS, DAY_MS).await?;
        let service = incident.service_id.and_then(|id| names.get(&id)).cloned();
        rows.push(row(incident, service, trend));
    }
    let any = deliveries::DeliveryFilter::default();
    let newest = deliveries::list(&mut tx, workspace_id, &any, None, 1).await?;
    tx.rollback().await?;
    let has_deliveries = !newest.items.is_empty();
    let list = IncidentList {
        clock: Clock(now),
        filter: IncidentFilter {
            status: query.status,
            severity: query.severity,
            service: query.service,
            q: query.q,
            cursor: query.cursor,
        },
        counts: IncidentCounts {
            open: counts.triggered + counts.acknowledged,
            triggered: counts.triggered,
            acknowledged: counts.acknowledged,
            snoozed: counts.snoozed,
            resolved: Some(counts.resolved),
            all: None,
        },
        rows,
        next_cursor: page.next_cursor,
        has_deliveries,
    };
    if visitor.fragment.is_some() {
        return Ok(Html(list.render()?));
    }
    let shell = visitor.shell(&app, Section::Incidents).await?;
    let services = services
        .into_iter()
        .map(|service| (IdKind::Service.show(service.id), service.name))
        .collect();
    Ok(Html(
        IncidentsPage {
            shell,
            list,
            services,
        }
        .render()?,
    ))
}

/// Counts of an issue's events over the last `span_ms`.
pub(super) async fn recent(
    tx: &mut Tx,
    issue_id: Option<i64>,
    now: Time,
    bucket_ms: i64,
    span_ms: i64,
) -> Result<Trend, epicenter_store::StoreError> {
    let Some(issue_id) = issue_id else {
        return Ok(Trend::default());
    };
    let from = now.plus_ms(bucket_ms - span_ms);
    let hours = issues::trend(tx, issue_id, from, now).await?;
    if hours.is_empty() {
        return Ok(Trend::default());
    }
    let counts = trend::buckets(&hours, from, now, bucket_ms);
    let from = counts.first().map_or(from, |(at, _)| *at);
    Ok(Trend {
        counts: counts.into_iter().map(|(_, count)| count).collect(),
        from,
        bucket_ms,
    })
}

fn row(incident: &Incident, service: Option<String>, trend: Trend) -> IncidentRow {
    IncidentRow {
        number: incident.number,
        title: incident.title.clone(),
        severity: ShownSeverity(incident.severity),
        state: state_of(incident),
        snoozed_until: incident.snoozed_until,
        service,
        source: incident.source.clone(),
        short_id: incident.short_id.clone(),
        environment: incident.environment.clone(),
        release: incident.release.clone(),
        culprit: incident.culprit.clone(),
        event_count: incident.event_count,
        user_count: incident.user_count,
        first_seen_at: incident.first_seen_at,
        last_seen_at: incident.last_seen_at,
        opened_at: incident.opened_at,
        resolved_at: incident.resolved_at,
        assignee: incident
            .assignee
            .as_ref()
            .map(|assignee| assignee.name.clone()),
        trend,
        updated_at: incident.updated_at,
    }
}

/// The signed-in person, as an assignee.
pub(super) fn myself(visitor: &Visitor) -> Assignee {
    debug_assert!(visitor.caller.actor.kind == ActorKind::User);
    Assignee {
        kind: "user".to_owned(),
        id: visitor.caller.actor.id.clone(),
        name: visitor.caller.actor.name.clone(),
    }
}

/// Reads `1h`, `4h`, `1d`, `7d`.
pub(super) fn preset(word: &str, now: Time) -> Option<Time> {
    let ms = match word {
        "1h" => HOUR_MS,
        "4h" => 4 * HOUR_MS,
        "1d" => DAY_MS,
        "7d" => 7 * DAY_MS,
        _ => return None,
    };
    Some(now.plus_ms(ms))
}

fn bulk_command(verb: &str, visitor: &Visitor, now: Time) -> Option<(Command, &'static str)> {
    match verb {
        "acknowledge" => Some((Command::Acknowledge, "Acknowledged")),
        "resolve" => Some((Command::Resolve, "Resolved")),
        "reopen" => Some((Command::Reopen, "Reopened")),
        "assign_me" => Some((Command::Assign(myself(visitor)), "Assigned to you")),
        verb => {
            let until = preset(verb.strip_prefix("snooze_")?, now)?;
            Some((Command::Snooze(until), "Snoozed"))
        }
    }
}

/// `POST /incidents/bulk`: one verb for several incidents.
pub(super) async fn bulk(State(app): State<Arc<App>>, form: Form) -> Response {
    let back = own_address(form.fields.get("back"), "/incidents");
    if let Err(problem) = form.visitor.caller.must_respond() {
        return form.failed(&app, back, problem.detail);
    }
    let verb = form.fields.get("verb");
    if verb == "merge" {
        return incident_groups::merge_selected(&app, &form, back).await;
    }
    let Some((command, done)) = bulk_command(verb, &form.visitor, app.clock.now()) else {
        return form.failed(&app, back, "This action is not known. Reload the page.");
    };
    let numbers: Vec<i64> = form
        .fields
        .all("numbers")
        .filter_map(|text| text.parse().ok())
        .take(BULK_INCIDENTS)
        .collect();
    if numbers.is_empty() {
        return form.failed(&app, back, "Select at least one incident first.");
    }
    let mut before = Vec::new();
    let mut failures = Vec::new();
    for number in &numbers {
        match apply(&app, &form.visitor, *number, &command).await {
            Ok(status) => before.push((*number, status)),
            Err(problem) => failures.push(format!("#{number}: {}", problem.detail)),
        }
    }
    if before.is_empty() {
        return form.failed(&app, back, failures.join(" "));
    }
    let mut text = match before.as_slice() {
        [(number, _)] => format!("{done}: #{number}."),
        many => format!("{done}: {} incidents.", many.len()),
    };
    for failure in &failures {
        text.push(' ');
        text.push_str(failure);
    }
    match undo_token(&command, &before) {
        Some(undo) => form.undoable(&app, back, text, undo),
        None => form.done(&app, back, text),
    }
}

/// Does `command` to the incident of this number. Answers its status before.
pub(super) async fn apply(
    app: &App,
    visitor: &Visitor,
    number: i64,
    command: &Command,
) -> Result<IncidentStatus, Problem> {
    let workspace_id = visitor.caller.workspace_id;
    let mut tx = app.database.read().await?;
    let incident = incidents::by_number(&mut tx, workspace_id, number)
        .await?
        .ok_or_else(|| Problem::not_found("incident"))?;
    tx.rollback().await?;
    let actor = &visitor.caller.actor;
    Ok(command_incident(app, workspace_id, incident.id, command, actor).await?)
}

/// What puts the statuses back: `12.triggered-13.acknowledged`. It holds no secret and proves
/// nothing: undoing asks for the same rights as doing.
pub(super) fn undo_token(command: &Command, before: &[(i64, IncidentStatus)]) -> Option<String> {
    if matches!(
        command,
        Command::Assign(_) | Command::Unassign | Command::Note(_)
    ) {
        return None;
    }
    let pairs = before
        .iter()
        .map(|(number, status)| format!("{number}.{}", status.as_str()));
    Some(pairs.collect::<Vec<_>>().join("-"))
}

/// `POST /incidents/undo`.
pub(super) async fn undo(State(app): State<Arc<App>>, form: Form) -> Response {
    let back = form.back("/incidents");
    if let Err(problem) = form.visitor.caller.must_respond() {
        return form.failed(&app, back, problem.detail);
    }
    let token = form.fields.get("undo");
    let pairs = token.split('-').take(BULK_INCIDENTS).filter_map(|pair| {
        let (number, word) = pair.split_once('.')?;
        Some((number.parse::<i64>().ok()?, word))
    });
    let mut undone = 0;
    for (number, word) in pairs {
        if let Err(problem) = undo_one(&app, &form.visitor, number, word).await {
            return form.failed(&app, back, problem.detail);
        }
        undone += 1;
    }
    match undone {
        0 => form.failed(&app, back, "There is nothing to undo."),
        1 => form.done(&app, back, "Undone."),
        many => form.done(&app, back, format!("Undone for {many} incidents.")),
    }
}

async fn undo_one(app: &App, visitor: &Visitor, number: i64, word: &str) -> Result<(), Problem> {
    if let Some(done) = incident_groups::undo(app, visitor, number, word).await {
        return done;
    }
    let status = IncidentStatus::parse(word)
        .ok_or_else(|| Problem::invalid("undo", "this cannot be undone"))?;
    apply(app, visitor, number, &Command::Restore(status)).await?;
    Ok(())
}

/// `/`: the list.
pub(super) async fn home() -> impl IntoResponse {
    axum::response::Redirect::to("/incidents")
}
