//! Sends a test of any kind through an integration's own door: signed with its secret, stored and
//! applied like every other webhook.

use super::OperationError;
use crate::app::App;
use crate::http::receive_test;
use crate::simulator::catalogue;
use epicenter_domain::id::IdKind;

pub use catalogue::{Kind, kinds};

/// Sends a test of this kind. Answers the delivery's id.
pub async fn send_test(
    app: &App,
    integration_id: i64,
    kind: &str,
) -> Result<i64, OperationError> {
    let now = app.clock.now();
    let seed = u64::try_from(app.ids.next(now)).unwrap_or_default();
    let webhook = catalogue::build(kind, now, seed)
        .ok_or_else(|| OperationError::invalid("kind", "there is no such test"))?;
    let registry = app.registry.snapshot();
    let entry = registry
        .by_id(integration_id)
        .ok_or(OperationError::NotFound("integration"))?;
    let secret = entry.secrets.iter().find(|secret| secret.is_active(now));
    let webhook = match secret {
        Some(secret) => webhook.signed(secret.value.expose()),
        None if entry.is_unsigned => webhook,
        None => {
            let reason = "the integration has no secret yet; give it the client secret from \
                          Sentry first";
            return Err(OperationError::Conflict(reason.to_owned()));
        }
    };
    receive_test(app, entry, webhook.headers, webhook.body).await.map_err(|problem| {
        let id = IdKind::Integration.show(integration_id);
        OperationError::Conflict(format!("{id} refused it: {}", problem.detail))
    })
}
