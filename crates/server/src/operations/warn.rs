//! What Epicenter warns of: an incident of the service "Epicenter", through its own inbox like every
//! other signal, so that it is told, escalated and remembered like every other incident.

use super::OperationError;
use super::accounts::random_hex;
use crate::app::App;
use crate::inbox::NotStored;
use crate::registry::Entry;
use epicenter_domain::delivery::Headers;
use epicenter_domain::engine::Profile;
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::sources::own::{ALARM, Warning};
use epicenter_store::health::alarms::{self, SelfAlarm};
use epicenter_store::inbox::NewDelivery;
use epicenter_store::integrations::{self, NewIntegration, NewSecret};
use epicenter_store::packing;
use epicenter_store::services::{self, NewService};
use std::sync::Arc;

/// The slug of the service that owns what Epicenter warns of.
const SERVICE: &str = "epicenter";
/// Its name for people, and that of the integration.
const NAME: &str = "Epicenter";

/// Opens an incident, unless it warns of this already. Answers whether it does so for the first time.
pub async fn warn(app: &App, workspace_id: i64, warning: &Warning) -> Result<bool, OperationError> {
    let mut tx = app.database.read().await?;
    let known = alarms::raised_at(&mut tx, workspace_id, &warning.key).await?;
    tx.rollback().await?;
    if known.is_some() {
        return Ok(false);
    }
    // First the incident: after a crash in between it is told twice, and opens once.
    tell(app, workspace_id, warning).await?;
    let alarm = SelfAlarm {
        workspace_id,
        dedup_key: warning.key.clone(),
        raised_at: app.clock.now().0,
        says: warning.says.clone(),
    };
    let mut tx = app.database.write().await?;
    let is_new = alarms::raise(&mut tx, &alarm).await?;
    tx.commit().await?;
    tracing::warn!(key = warning.key, "{}", warning.says);
    Ok(is_new)
}

/// Ends the incident about this key, if Epicenter warns of it. `says`: why it is over.
pub async fn calm(
    app: &App,
    workspace_id: i64,
    key: &str,
    says: &str,
) -> Result<bool, OperationError> {
    let mut tx = app.database.read().await?;
    let known = alarms::raised_at(&mut tx, workspace_id, key).await?;
    tx.rollback().await?;
    if known.is_none() {
        return Ok(false);
    }
    let over = Warning {
        key: key.to_owned(),
        severity: None,
        title: String::new(),
        says: says.to_owned(),
        todo: String::new(),
        link: String::new(),
    };
    tell(app, workspace_id, &over).await?;
    let mut tx = app.database.write().await?;
    let gone = alarms::lower(&mut tx, workspace_id, key).await?;
    tx.commit().await?;
    tracing::info!(key, "{says}");
    Ok(gone)
}

/// The integration through which a workspace hears of Epicenter itself; made when first needed.
pub async fn own_integration(app: &App, workspace_id: i64) -> Result<Arc<Entry>, OperationError> {
    if let Some(entry) = find(app, workspace_id) {
        return Ok(entry);
    }
    let now = app.clock.now();
    let mut tx = app.database.write_state().await?;
    let known = services::list(&mut tx, workspace_id).await?;
    let service = known.iter().find(|service| service.slug == SERVICE);
    let service_id = service.map_or_else(|| app.ids.next(now), |service| service.id);
    if service.is_none() {
        let service = NewService {
            id: service_id,
            workspace_id,
            name: NAME.to_owned(),
            slug: SERVICE.to_owned(),
            is_default: false,
            created_at: now,
        };
        services::create(&mut tx, &service).await?;
    }
    let known = integrations::list(&mut tx, workspace_id).await?;
    let kind = IntegrationKind::Own.as_str();
    if !known.iter().any(|one| one.kind == kind) {
        let id = app.ids.next(now);
        let integration = NewIntegration {
            id,
            workspace_id,
            kind: kind.to_owned(),
            name: NAME.to_owned(),
            key: random_hex(16)?,
            is_default: false,
            service_id: Some(service_id),
            is_unsigned: false,
            profile: Profile::Level,
            service_hooks_trigger: false,
            reopen_window_ms: super::integrations::reopen_window_ms(IntegrationKind::Own),
            holds_transients: false,
            created_at: now,
        };
        integrations::create(&mut tx, &integration).await?;
        let secret = NewSecret {
            id: app.ids.next(now),
            integration_id: id,
            label: "made by Epicenter".to_owned(),
            value: random_hex(32)?,
            created_at: now,
            expires_at: None,
        };
        integrations::add_secret(&mut tx, &secret).await?;
    }
    tx.commit().await?;
    app.registry.reload(&app.database).await?;
    find(app, workspace_id).ok_or(OperationError::NotFound("integration"))
}

fn find(app: &App, workspace_id: i64) -> Option<Arc<Entry>> {
    let snapshot = app.registry.snapshot();
    let is_own = |entry: &&Arc<Entry>| {
        entry.kind == IntegrationKind::Own && entry.origin.workspace_id == workspace_id
    };
    snapshot.all().find(is_own).cloned()
}

/// Puts a warning, or its end, into the inbox.
async fn tell(app: &App, workspace_id: i64, warning: &Warning) -> Result<(), OperationError> {
    let entry = own_integration(app, workspace_id).await?;
    let body = warning.body();
    let packed = packing::pack(
        &app.dictionaries.newest(),
        &Headers::default(),
        body.as_bytes(),
    )
    .map_err(|error| OperationError::Conflict(error.to_string()))?;
    let now = app.clock.now();
    let delivery = NewDelivery {
        id: app.ids.next(now),
        workspace_id,
        integration_id: entry.origin.integration_id,
        received_at: now,
        resource: ALARM.to_owned(),
        refusal: None,
        scheme: "own",
        secret_id: None,
        size: i64::try_from(body.len()).unwrap_or(i64::MAX),
        packed,
        replay_of: None,
    };
    app.inbox.store(delivery).await.map_err(|reason| {
        OperationError::Conflict(match reason {
            NotStored::DiskFull => "there is no room to store a warning".to_owned(),
            NotStored::Unavailable => "the database cannot be reached".to_owned(),
            NotStored::Stopping => "the server is stopping".to_owned(),
        })
    })
}
