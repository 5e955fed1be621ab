//! `/notifications`: what was sent, and what came of it.

use super::forms::Form;
use super::views::parts::duration_ms;
use super::views::{
    AttemptRow, NotificationFilter, NotificationPage, NotificationRow, NotificationsPage, Section,
};
use super::visitor::{Failure, Shown, Visitor};
use crate::app::App;
use crate::http::api::notifications::STATES;
use crate::limits::PAGE_SIZE;
use crate::operations::notice_settings::replay as operation;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use epicenter_domain::id::IdKind;
use epicenter_domain::notification::wording;
use epicenter_domain::time::Time;
use epicenter_store::incidents;
use epicenter_store::notices::destinations;
use epicenter_store::notices::outbox::{self, AttemptRecord, OutboxFilter, OutboxRecord};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The filter in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    state: String,
    destination: String,
    incident: String,
    cursor: String,
}

fn row(record: &OutboxRecord, names: &BTreeMap<i64, String>) -> NotificationRow {
    let name = record.destination_id.map(|id| {
        let name = names
            .get(&id)
            .map_or("a deleted destination", String::as_str);
        name.to_owned()
    });
    let notice = &record.notice;
    NotificationRow {
        id: IdKind::Notification.show(record.id),
        created_at: record.created_at,
        kind: wording::kind_word(notice.kind).to_owned(),
        title: wording::title(notice).to_owned(),
        incident: notice.incident().map(|incident| incident.number),
        place: name.or_else(|| record.address.clone()).unwrap_or_default(),
        state: record.state.clone(),
        attempt_count: record.attempt_count,
        last_answer: record.last_answer.clone(),
    }
}

/// The log.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(query): Query<ListQuery>,
) -> Shown {
    let workspace_id = visitor.caller.workspace_id;
    let mut tx = app.database.read().await?;
    let incident = match query.incident.parse::<i64>() {
        Ok(number) => incidents::by_number(&mut tx, workspace_id, number).await?,
        Err(_) => None,
    };
    let filter = OutboxFilter {
        incident_id: incident.map(|incident| incident.id),
        destination_id: IdKind::Destination.parse(&query.destination),
        state: Some(query.state.clone()).filter(|state| STATES.contains(&state.as_str())),
    };
    let cursor = Some(query.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let page = outbox::list(&mut tx, workspace_id, &filter, (cursor, PAGE_SIZE)).await?;
    let all = destinations::list(&mut tx, workspace_id).await?;
    tx.rollback().await?;
    let names: BTreeMap<i64, String> = all.into_iter().map(|one| (one.id, one.name)).collect();
    let known = names.iter();
    let page = NotificationsPage {
        shell: visitor.shell(&app, Section::Notices).await?,
        filter: NotificationFilter {
            state: query.state,
            destination: query.destination,
            incident: query.incident,
            cursor: query.cursor,
        },
        destinations: known
            .map(|(id, name)| (IdKind::Destination.show(*id), name.clone()))
            .collect(),
        rows: page
            .items
            .iter()
            .map(|record| row(record, &names))
            .collect(),
        next_cursor: page.next_cursor,
    };
    Ok(Html(page.render()?))
}

fn attempt(record: AttemptRecord) -> AttemptRow {
    AttemptRow {
        number: record.number,
        at: Time(record.at),
        took: duration_ms(&record.duration_ms),
        outcome: record.outcome.replace('_', " "),
        answer: record.answer,
    }
}

/// One notification.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Shown {
    let id = IdKind::Notification.parse(&id).ok_or(Failure::NotFound)?;
    let workspace_id = visitor.caller.workspace_id;
    let mut tx = app.database.read().await?;
    let found = outbox::by_id(&mut tx, workspace_id, id).await?;
    let all = destinations::list(&mut tx, workspace_id).await?;
    tx.rollback().await?;
    let (record, attempts) = found.ok_or(Failure::NotFound)?;
    let names: BTreeMap<i64, String> = all.into_iter().map(|one| (one.id, one.name)).collect();
    let is_over = matches!(record.state.as_str(), "delivered" | "failed");
    let page = NotificationPage {
        shell: visitor.shell(&app, Section::Notices).await?,
        row: row(&record, &names),
        summary: record.notice.summary,
        reason: record.notice.reason,
        due_at: Some(record.due_at).filter(|_| record.state == "waiting"),
        attempts: attempts.into_iter().map(attempt).collect(),
        can_replay: is_over && visitor.caller.must_respond().is_ok(),
    };
    Ok(Html(page.render()?))
}

/// `POST /notifications/{id}/replay`.
pub(super) async fn replay(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let back = format!("/notifications/{id}");
    if let Err(problem) = form.visitor.caller.must_respond() {
        return form.failed(&app, &back, problem.detail);
    }
    let Some(notice_id) = IdKind::Notification.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    match operation(&app, form.visitor.caller.workspace_id, notice_id).await {
        Ok(again) => {
            let to = format!("/notifications/{}", IdKind::Notification.show(again));
            form.done(&app, &to, "It is sent once more.")
        }
        Err(error) => form.followed(&app, &back, Err::<String, _>(error)),
    }
}
