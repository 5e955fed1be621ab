//! Sends a test of any kind through an integration's own door: signed with its secret, proven,
//! stored and applied like every other webhook.

use super::hooks;
use super::problem::Problem;
use crate::app::App;
use crate::simulator::catalogue;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Sends a test of this kind. Answers the delivery's id.
pub(super) async fn send_test(app: &App, integration_id: i64, kind: &str) -> Result<i64, Problem> {
    let now = app.clock.now();
    let seed = u64::try_from(app.ids.next(now)).unwrap_or_default();
    let mut webhook = catalogue::build(kind, now.0, seed)
        .ok_or_else(|| Problem::invalid("kind", "there is no such test"))?;
    let entry = app
        .registry
        .snapshot()
        .by_id(integration_id)
        .cloned()
        .ok_or_else(|| Problem::not_found("integration"))?;
    match entry.secrets.iter().find(|secret| secret.is_active(now)) {
        Some(secret) => webhook.sign(secret.value.expose()),
        None if entry.is_unsigned => {}
        None => {
            return Err(Problem::conflict(
                "the integration has no secret yet; give it the client secret from Sentry first",
            ));
        }
    }
    let mut headers = HeaderMap::new();
    for (name, value) in &webhook.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    hooks::accept_test(app, &entry, &headers, Body::from(webhook.body)).await
}
