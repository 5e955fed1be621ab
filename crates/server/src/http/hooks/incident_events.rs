//! `POST /api/webhooks/incidents`: incident events of any program (PL-04, PL-05). What is wrong is
//! answered field by field; what is taken is stored before it is answered.

use super::accept::{Arrived, keep, prove_sender};
use super::webhooks::wrong_method;
use crate::app::App;
use crate::http::problem::{FieldProblem, Problem};
use crate::registry::Entry;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use epicenter_domain::id::IdKind;
use epicenter_domain::sources::wire::Wire;
use epicenter_domain::sources::{Fault, IntegrationKind, incident_event};
use std::sync::Arc;

pub(super) async fn receive(State(app): State<Arc<App>>, request: Request) -> Response {
    let snapshot = app.registry.snapshot();
    match snapshot.default_of(IntegrationKind::Events).cloned() {
        Some(entry) => accept_for(&app, entry, request).await,
        None => Problem::not_found("integration").into_response(),
    }
}

/// Takes an incident event for this integration.
pub(super) async fn accept_for(app: &App, entry: Arc<Entry>, request: Request) -> Response {
    if request.method() != Method::POST {
        return wrong_method();
    }
    match accept(app, &entry, request).await {
        Ok(id) => {
            let answer = serde_json::json!({
                "accepted": true,
                "delivery_id": IdKind::Delivery.show(id),
            });
            (StatusCode::ACCEPTED, axum::Json(answer)).into_response()
        }
        Err(problem) => problem.into_response(),
    }
}

async fn accept(app: &App, entry: &Entry, request: Request) -> Result<i64, Problem> {
    let (parts, body) = request.into_parts();
    let arrived = Arrived::read(app, &parts.headers, body).await?;
    let proof = prove_sender(app, entry, &arrived).await?;
    check(arrived.bytes(), incident_event::faults)?;
    keep(app, entry, (&arrived.headers, arrived.bytes()), proof).await
}

/// Is the body JSON, and without a fault?
pub(super) fn check(
    bytes: &[u8],
    faults: impl FnOnce(&Wire<'_>) -> Vec<Fault>,
) -> Result<(), Problem> {
    let found = match std::str::from_utf8(bytes) {
        Err(_) => vec![of_body("must be UTF-8".to_owned())],
        Ok(text) => match Wire::parse(text) {
            Ok(body) => faults(&body),
            Err(error) => vec![of_body(format!("must be JSON: {error}"))],
        },
    };
    if found.is_empty() {
        return Ok(());
    }
    let fields = found.into_iter().map(|fault| FieldProblem {
        field: fault.field,
        message: fault.message,
    });
    Err(Problem::invalid_fields(fields.collect()))
}

fn of_body(message: String) -> Fault {
    Fault {
        field: "body".to_owned(),
        message,
    }
}
