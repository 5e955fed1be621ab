//! `/deliveries`: every request that reached a push URL, and what became of it.

use super::forms::Form;
use super::views::parts::{Clock, Outcome, pretty_json};
use super::views::{
    DeliveriesPage, DeliveryFilter, DeliveryHead, DeliveryList, DeliveryPage, DeliveryRow,
    ReplayRow, Section,
};
use super::visitor::{Failure, Shown, Visitor};
use crate::app::App;
use crate::limits::PAGE_SIZE;
use crate::operations::replay_delivery::replay_delivery;
use crate::registry::Snapshot;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use epicenter_domain::engine::VerdictOutcome;
use epicenter_domain::id::IdKind;
use epicenter_store::deliveries::{self, DeliveryRecord};
use epicenter_store::{Tx, incidents, issues};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Resources to filter by.
const RESOURCES: [&str; 13] = [
    "activity_alert",
    "comment",
    "error",
    "event_alert",
    "installation",
    "issue",
    "legacy_plugin",
    "metric_alert",
    "preprod_artifact",
    "seer",
    "service_hook",
    "ui_component",
    "unknown",
];

/// Bytes of a body that the page lays out; the API has the rest.
const SHOWN_BYTES: usize = 256 << 10;

/// The filter in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    integration: String,
    outcome: String,
    resource: String,
    incident: String,
    q: String,
    cursor: String,
}

/// How an outcome is shown.
pub(super) fn shown_outcome(outcome: VerdictOutcome) -> Outcome {
    Outcome::parse(outcome.as_str()).unwrap_or(Outcome::Pending)
}

/// How the sender was proven, in words.
pub(super) fn proof_in_words(scheme: &str) -> String {
    match scheme {
        "unsigned" => "push URL only".to_owned(),
        "none" => "not proven".to_owned(),
        other => other.replace('_', " "),
    }
}

fn integration_name(registry: &Snapshot, id: i64) -> String {
    registry
        .by_id(id)
        .map_or_else(|| "deleted".to_owned(), |entry| entry.origin.name.clone())
}

async fn numbers(
    tx: &mut Tx,
    workspace_id: i64,
    records: &[DeliveryRecord],
) -> Result<BTreeMap<i64, i64>, Failure> {
    let mut numbers = BTreeMap::new();
    for id in records.iter().filter_map(|record| record.incident_id) {
        if !numbers.contains_key(&id)
            && let Some(incident) = incidents::by_id(tx, workspace_id, id).await?
        {
            numbers.insert(id, incident.number);
        }
    }
    Ok(numbers)
}

/// The page, or its rows for the page's script.
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
    let filter = deliveries::DeliveryFilter {
        integration_id: IdKind::Integration.parse(&query.integration),
        outcome: VerdictOutcome::parse(&query.outcome),
        resource: Some(query.resource.clone()).filter(|text| !text.is_empty()),
        incident_id: incident.map(|incident| incident.id),
        id: IdKind::Delivery.parse(query.q.trim()),
    };
    let cursor = Some(query.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let page = deliveries::list(&mut tx, workspace_id, &filter, cursor, PAGE_SIZE).await?;
    let numbers = numbers(&mut tx, workspace_id, &page.items).await?;
    tx.rollback().await?;
    let registry = app.registry.snapshot();
    let rows = page.items.into_iter().map(|record| DeliveryRow {
        id: IdKind::Delivery.show(record.id),
        received_at: record.received_at,
        integration: integration_name(&registry, record.integration_id),
        outcome: shown_outcome(record.outcome),
        proof: proof_in_words(&record.scheme),
        duration_ms: record.applied_at.map(|at| at.since_ms(record.received_at)),
        resource: record.resource,
        action: record.action,
        reason: record.reason,
        size: record.size,
        is_replay: record.replay_of.is_some(),
        incident: record.incident_id.and_then(|id| numbers.get(&id)).copied(),
    });
    let list = DeliveryList {
        clock: Clock(app.clock.now()),
        filter: DeliveryFilter {
            integration: query.integration,
            outcome: query.outcome,
            resource: query.resource,
            incident: query.incident,
            q: query.q,
            cursor: query.cursor,
        },
        rows: rows.collect(),
        next_cursor: page.next_cursor,
    };
    if visitor.fragment.is_some() {
        return Ok(Html(list.render()?));
    }
    let integrations = registry.all().map(|entry| {
        (
            IdKind::Integration.show(entry.origin.integration_id),
            entry.origin.name.clone(),
        )
    });
    let page = DeliveriesPage {
        shell: visitor.shell(&app, Section::Deliveries).await?,
        list,
        integrations: integrations.collect(),
        resources: RESOURCES.map(str::to_owned).to_vec(),
    };
    Ok(Html(page.render()?))
}

/// One delivery, or its head for the page's script.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Shown {
    let workspace_id = visitor.caller.workspace_id;
    let delivery_id = IdKind::Delivery.parse(&id).ok_or(Failure::NotFound)?;
    let mut tx = app.database.read().await?;
    let record = deliveries::by_id(&mut tx, workspace_id, delivery_id)
        .await?
        .ok_or(Failure::NotFound)?;
    let content = deliveries::body(&mut tx, delivery_id).await?;
    let can_replay = content.is_some() && record.outcome != VerdictOutcome::Refused;
    let head = head(&app, &mut tx, &visitor, record, can_replay).await?;
    tx.rollback().await?;
    if visitor.fragment.is_some() {
        return Ok(Html(head.render()?));
    }
    let headers = content.iter().flat_map(|content| content.headers.iter());
    let page = DeliveryPage {
        shell: visitor.shell(&app, Section::Deliveries).await?,
        head,
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body: content
            .as_ref()
            .map(|content| pretty_json(&content.body, SHOWN_BYTES)),
        retention_days: i64::from(app.config.retention.deliveries_days),
    };
    Ok(Html(page.render()?))
}

async fn head(
    app: &App,
    tx: &mut Tx,
    visitor: &Visitor,
    record: DeliveryRecord,
    can_replay: bool,
) -> Result<DeliveryHead, Failure> {
    let workspace_id = visitor.caller.workspace_id;
    let registry = app.registry.snapshot();
    let incident = match record.incident_id {
        Some(id) => incidents::by_id(tx, workspace_id, id).await?,
        None => None,
    };
    let issue = match record.issue_id {
        Some(id) => issues::by_id(tx, workspace_id, id).await?,
        None => None,
    };
    let replays = deliveries::replays_of(tx, record.id).await?;
    let secret = registry.by_id(record.integration_id).and_then(|entry| {
        entry
            .secrets
            .iter()
            .find(|secret| Some(secret.id) == record.secret_id)
    });
    Ok(DeliveryHead {
        clock: Clock(app.clock.now()),
        csrf: visitor.session.csrf.clone(),
        id: IdKind::Delivery.show(record.id),
        received_at: record.received_at,
        integration: (
            IdKind::Integration.show(record.integration_id),
            integration_name(&registry, record.integration_id),
        ),
        outcome: shown_outcome(record.outcome),
        proof: proof_in_words(&record.scheme),
        secret_label: secret.map(|secret| secret.label.clone()),
        attempts: record.attempts,
        duration_ms: record.applied_at.map(|at| at.since_ms(record.received_at)),
        applied_at: record.applied_at,
        size: record.size,
        resource: record.resource,
        action: record.action,
        reason: record.reason,
        incident: incident.map(|incident| incident.number),
        issue: issue.map(|issue| (IdKind::Issue.show(issue.id), issue.title)),
        replay_of: record.replay_of.map(|id| IdKind::Delivery.show(id)),
        replays: replays.into_iter().map(replay_row).collect(),
        can_replay,
    })
}

fn replay_row(record: DeliveryRecord) -> ReplayRow {
    ReplayRow {
        id: IdKind::Delivery.show(record.id),
        at: record.received_at,
        outcome: shown_outcome(record.outcome),
        reason: record.reason,
    }
}

/// The stored body, byte for byte.
pub(super) async fn body(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let delivery_id = IdKind::Delivery.parse(&id).ok_or(Failure::NotFound)?;
    let mut tx = app.database.read().await?;
    let known = deliveries::by_id(&mut tx, visitor.caller.workspace_id, delivery_id).await?;
    let content = deliveries::body(&mut tx, delivery_id).await?;
    tx.rollback().await?;
    let content = known.and(content).ok_or(Failure::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{id}.json\""),
        ),
    ];
    Ok((headers, content.body).into_response())
}

/// `POST /deliveries/{id}/replay`.
pub(super) async fn replay(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let back = format!("/deliveries/{id}");
    if let Err(problem) = form.visitor.caller.must_respond() {
        return form.failed(&app, &back, problem.detail);
    }
    let Some(delivery_id) = IdKind::Delivery.parse(&id) else {
        return form.failed(&app, "/deliveries", "There is no such delivery.");
    };
    match replay_delivery(&app, form.visitor.caller.workspace_id, delivery_id).await {
        Ok(new) => {
            let new = IdKind::Delivery.show(new);
            let text = "Stored again; today's rules are applied to it now.";
            form.done(&app, &format!("/deliveries/{new}"), text)
        }
        Err(error) => form.followed(&app, &back, Err::<String, _>(error)),
    }
}
