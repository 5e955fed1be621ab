//! Tokens of Sentry's API that are of no use any more: refused, or at the end that was named.

use super::OperationError;
use super::health::facts_of;
use super::warn::{calm, warn};
use crate::app::App;
use epicenter_domain::health::TOKEN_ADVICE;
use epicenter_domain::id::IdKind;
use epicenter_domain::level::Severity;
use epicenter_domain::sources::own::Warning;
use epicenter_store::health::alarms;
use epicenter_store::sentry::connections;

/// Before the connection's id, in the dedup key of the incident about its token.
const KEY: &str = "epicenter-token-";

/// Warns of tokens that ended, and calms down when they are replaced.
pub async fn watch_tokens(app: &App) -> Result<(), OperationError> {
    if !app.config.health.warns {
        return Ok(());
    }
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let all = connections::every(&mut tx).await?;
    let mut raised = alarms::all(&mut tx).await?;
    tx.rollback().await?;
    raised.retain(|alarm| alarm.dedup_key.starts_with(KEY));
    for one in all {
        let key = format!("{KEY}{}", IdKind::SentryConnection.show(one.id));
        let workspace_id = one.workspace_id;
        let link = format!(
            "{}/integrations/{}",
            app.config.base_url(),
            IdKind::Integration.show(one.integration_id)
        );
        let facts = facts_of(one);
        let Some(says) = facts.token_trouble(now) else {
            continue;
        };
        raised.retain(|alarm| alarm.dedup_key != key);
        let warning = Warning {
            key,
            severity: Some(Severity::Error),
            title: format!("The token for {} is no good", facts.name),
            says: format!("{says} What webhooks miss is not found by the sync until then."),
            todo: TOKEN_ADVICE.to_owned(),
            link,
        };
        warn(app, workspace_id, &warning).await?;
    }
    for alarm in raised {
        let says = "Its token is in force, or the connection was removed.";
        calm(app, alarm.workspace_id, &alarm.dedup_key, says).await?;
    }
    Ok(())
}
