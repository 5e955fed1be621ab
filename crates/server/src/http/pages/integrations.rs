//! `/integrations`: the push URLs, and whether they are alive.

use super::forms::Form;
use super::views::parts::Clock;
use super::views::{
    Health, IntegrationForm, IntegrationList, IntegrationRow, IntegrationsPage, Section,
};
use super::visitor::{Failure, Shown, Visitor};
use crate::app::App;
use crate::http::problem::Problem;
use crate::operations::integrations::{self as operations, NewIntegrationRequest};
use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use epicenter_domain::engine::VerdictOutcome;
use epicenter_domain::id::{IdKind, first_id_at};
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::time::DAY_MS;
use epicenter_store::deliveries::{self, DeliveryFilter, DeliveryRecord};
use epicenter_store::integrations::{self, IntegrationRecord};
use epicenter_store::{Tx, services};
use std::sync::Arc;

pub(super) fn address(id: i64) -> String {
    format!("/integrations/{}", IdKind::Integration.show(id))
}

pub(super) async fn newest(
    tx: &mut Tx,
    record: &IntegrationRecord,
    outcome: Option<VerdictOutcome>,
    limit: i64,
) -> Result<Vec<DeliveryRecord>, Failure> {
    let filter = DeliveryFilter {
        integration_id: Some(record.id),
        outcome,
        ..DeliveryFilter::default()
    };
    let page = deliveries::list(tx, record.workspace_id, &filter, None, limit).await?;
    Ok(page.items)
}

pub(super) fn health(
    app: &App,
    record: &IntegrationRecord,
    newest: Option<&DeliveryRecord>,
) -> Health {
    let now = app.clock.now();
    let registry = app.registry.snapshot();
    let has_proof = record.is_unsigned
        || registry
            .by_id(record.id)
            .is_some_and(|entry| entry.secrets.iter().any(|secret| secret.is_active(now)));
    match newest {
        _ if record.uninstalled_at.is_some() => Health::Uninstalled,
        _ if !has_proof => Health::NeedsSecret,
        Some(delivery) if delivery.outcome == VerdictOutcome::Refused => Health::Refusing,
        Some(_) => Health::Receiving,
        None => Health::Waiting,
    }
}

async fn rows(app: &App, visitor: &Visitor) -> Result<Vec<IntegrationRow>, Failure> {
    let workspace_id = visitor.caller.workspace_id;
    let mut tx = app.database.read().await?;
    let names = services::list(&mut tx, workspace_id).await?;
    let mut rows = Vec::new();
    for record in integrations::list(&mut tx, workspace_id).await? {
        if record.kind == IntegrationKind::Own.as_str() {
            continue;
        }
        let newest_one = newest(&mut tx, &record, None, 1).await?;
        let refused = newest(&mut tx, &record, Some(VerdictOutcome::Refused), 1).await?;
        let since = first_id_at(app.clock.now().plus_ms(-DAY_MS));
        rows.push(IntegrationRow {
            id: IdKind::Integration.show(record.id),
            service: record.service_id.and_then(|id| {
                names
                    .iter()
                    .find(|service| service.id == id)
                    .map(|service| service.name.clone())
            }),
            push_url: format!("{}/hooks/{}", app.config.base_url(), record.key),
            health: health(app, &record, newest_one.first()),
            last_delivery_at: newest_one.first().map(|delivery| delivery.received_at),
            last_refused: refused
                .first()
                .map(|delivery| (delivery.received_at, delivery.reason.clone())),
            day_count: deliveries::count_since(&mut tx, record.id, since).await?,
            kind: record.kind,
            name: record.name,
            is_default: record.is_default,
        });
    }
    tx.rollback().await?;
    Ok(rows)
}

pub(super) async fn service_pairs(
    app: &App,
    workspace_id: i64,
) -> Result<Vec<(String, String)>, Failure> {
    let mut tx = app.database.read().await?;
    let all = services::list(&mut tx, workspace_id).await?;
    tx.rollback().await?;
    Ok(all
        .into_iter()
        .map(|one| (IdKind::Service.show(one.id), one.name))
        .collect())
}

async fn list_page(app: &App, visitor: &Visitor, form: IntegrationForm) -> Shown {
    let list = IntegrationList {
        clock: Clock(app.clock.now()),
        rows: rows(app, visitor).await?,
    };
    if visitor.fragment.is_some() {
        return Ok(Html(list.render()?));
    }
    let services = service_pairs(app, visitor.caller.workspace_id).await?;
    let shell = visitor.shell(app, Section::Integrations).await?;
    Ok(Html(
        IntegrationsPage {
            shell,
            list,
            form,
            services,
        }
        .render()?,
    ))
}

/// The list.
pub(super) async fn list(State(app): State<Arc<App>>, visitor: Visitor) -> Shown {
    visitor.caller.must_administer()?;
    list_page(&app, &visitor, IntegrationForm::default()).await
}

/// `POST /integrations`.
pub(super) async fn create(State(app): State<Arc<App>>, form: Form) -> Response {
    let visitor = &form.visitor;
    if let Err(problem) = visitor.caller.must_administer() {
        return form.failed(&app, "/integrations", problem.detail);
    }
    let request = NewIntegrationRequest {
        kind: form.fields.get("kind").to_owned(),
        name: form.fields.get("name").to_owned(),
        service_id: IdKind::Service.parse(form.fields.get("service_id")),
        secret: Some(form.fields.get("secret").to_owned()),
        is_unsigned: form.fields.is_on("unsigned"),
        profile: None,
    };
    match operations::create(&app, visitor.caller.workspace_id, request).await {
        Ok(id) => form.done(&app, &address(id), "Created. Now follow the steps below."),
        Err(error) => {
            let again = IntegrationForm {
                kind: form.fields.get("kind").to_owned(),
                name: form.fields.get("name").to_owned(),
                service: form.fields.get("service_id").to_owned(),
                is_unsigned: form.fields.is_on("unsigned"),
                error: Some(Problem::from(error).detail),
            };
            if visitor.wants_json {
                return form.failed(&app, "/integrations", again.error.unwrap_or_default());
            }
            list_page(&app, visitor, again).await.into_response()
        }
    }
}
