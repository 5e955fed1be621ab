//! Push URLs and their secrets.

use super::OperationError;
use super::accounts::random_hex;
use crate::app::App;
use epicenter_domain::engine::Profile;
use epicenter_domain::id::IdKind;
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::time::{HOUR_MS, Time};
use epicenter_store::integrations::{self, IntegrationRecord, NewIntegration, NewSecret};
use epicenter_store::{Tx, services};

/// Longest name of anything.
const NAME_CHARS: usize = 120;
/// Longest secret; Sentry's have 64 characters.
const SECRET_CHARS: usize = 512;
/// Longest reopen window: 30 days.
const REOPEN_WINDOW_S: i64 = 30 * 24 * 3_600;
/// The reopen window of new integrations (FIELD §1.8).
const DEFAULT_REOPEN_WINDOW_MS: i64 = 2 * HOUR_MS;

/// The reopen window of a new integration. PagerDuty's senders expect a new incident for every
/// trigger after a resolve (FIELD §1.5).
pub(super) fn reopen_window_ms(kind: IntegrationKind) -> i64 {
    match kind {
        IntegrationKind::Pagerduty => 0,
        IntegrationKind::Sentry
        | IntegrationKind::Github
        | IntegrationKind::Gitlab
        | IntegrationKind::Vercel
        | IntegrationKind::Events
        | IntegrationKind::Own => DEFAULT_REOPEN_WINDOW_MS,
    }
}

/// A new integration as it was asked for.
#[derive(Debug)]
pub struct NewIntegrationRequest {
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Service to bind it to.
    pub service_id: Option<i64>,
    /// The secret from Sentry.
    pub secret: Option<String>,
    /// May requests be unsigned?
    pub is_unsigned: bool,
    /// Severity profile.
    pub profile: Option<String>,
}

/// What to change; `None` stays.
#[derive(Debug, Default)]
pub struct Change {
    /// Name.
    pub name: Option<String>,
    /// Service to bind it to; `Some(None)`: none.
    pub service_id: Option<Option<i64>>,
    /// May requests be unsigned?
    pub is_unsigned: Option<bool>,
    /// Severity profile.
    pub profile: Option<String>,
    /// Do service hooks trigger?
    pub service_hooks_trigger: Option<bool>,
    /// Reopen window in seconds.
    pub reopen_window_s: Option<i64>,
    /// Is what usually ends by itself held back for a moment?
    pub holds_transients: Option<bool>,
}

/// Checks a name.
pub(super) fn name(text: &str) -> Result<String, OperationError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(OperationError::invalid("name", "must not be empty"));
    }
    if text.chars().count() > NAME_CHARS {
        let message = format!("must have at most {NAME_CHARS} characters");
        return Err(OperationError::invalid("name", message));
    }
    Ok(text.to_owned())
}

fn profile(text: &str) -> Result<Profile, OperationError> {
    Profile::parse(text)
        .ok_or_else(|| OperationError::invalid("profile", "must be level or flashduty"))
}

fn secret(text: &str) -> Result<String, OperationError> {
    let text = text.trim();
    let length = text.chars().count();
    if length < 8 {
        let message = "is too short; copy the client secret from Sentry's integration page";
        return Err(OperationError::invalid("secret", message));
    }
    if length > SECRET_CHARS {
        let message = format!("must have at most {SECRET_CHARS} characters");
        return Err(OperationError::invalid("secret", message));
    }
    Ok(text.to_owned())
}

async fn check_service(
    tx: &mut Tx,
    workspace_id: i64,
    service_id: Option<i64>,
) -> Result<(), OperationError> {
    if let Some(id) = service_id
        && services::by_id(tx, workspace_id, id).await?.is_none()
    {
        return Err(OperationError::invalid(
            "service",
            "there is no such service",
        ));
    }
    Ok(())
}

/// Creates an integration. Answers its id.
pub async fn create(
    app: &App,
    workspace_id: i64,
    request: NewIntegrationRequest,
) -> Result<i64, OperationError> {
    let kind = IntegrationKind::parse(&request.kind).filter(|kind| *kind != IntegrationKind::Own);
    let kind = kind.ok_or_else(|| {
        let words = IntegrationKind::ALL.map(IntegrationKind::as_str).join(", ");
        OperationError::invalid("kind", format!("must be one of {words}"))
    })?;
    let now = app.clock.now();
    let id = app.ids.next(now);
    let new = NewIntegration {
        id,
        workspace_id,
        kind: kind.as_str().to_owned(),
        name: name(&request.name)?,
        key: random_hex(16)?,
        is_default: false,
        service_id: request.service_id,
        is_unsigned: request.is_unsigned,
        profile: request
            .profile
            .as_deref()
            .map_or(Ok(Profile::Level), profile)?,
        service_hooks_trigger: false,
        reopen_window_ms: reopen_window_ms(kind),
        holds_transients: true,
        created_at: now,
    };
    let given = request
        .secret
        .as_deref()
        .filter(|text| !text.trim().is_empty());
    let given = given.map(secret).transpose()?;
    let mut tx = app.database.write().await?;
    check_service(&mut tx, workspace_id, request.service_id).await?;
    integrations::create(&mut tx, &new).await?;
    if let Some(value) = given {
        let secret_id = app.ids.next(now);
        integrations::add_secret(&mut tx, &new_secret(secret_id, id, value, "", now)).await?;
    }
    tx.commit().await?;
    app.registry.reload(&app.database).await?;
    Ok(id)
}

fn new_secret(id: i64, integration_id: i64, value: String, label: &str, now: Time) -> NewSecret {
    let label = label.trim();
    let label = if label.is_empty() {
        "client secret"
    } else {
        label
    };
    let label = label.chars().take(NAME_CHARS).collect();
    NewSecret {
        id,
        integration_id,
        label,
        value,
        created_at: now,
        expires_at: None,
    }
}

async fn find(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<IntegrationRecord, OperationError> {
    integrations::by_id(tx, workspace_id, id)
        .await?
        .ok_or(OperationError::NotFound("integration"))
}

/// Changes an integration.
pub async fn change(
    app: &App,
    workspace_id: i64,
    id: i64,
    change: Change,
) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    let mut record = find(&mut tx, workspace_id, id).await?;
    if let Some(text) = change.name {
        record.name = name(&text)?;
    }
    if let Some(service_id) = change.service_id {
        check_service(&mut tx, workspace_id, service_id).await?;
        record.service_id = service_id;
    }
    if let Some(text) = change.profile {
        record.profile = profile(&text)?;
    }
    if let Some(seconds) = change.reopen_window_s {
        if !(0..=REOPEN_WINDOW_S).contains(&seconds) {
            let message = format!("must be between 0 and {REOPEN_WINDOW_S}");
            return Err(OperationError::invalid("reopen_window_s", message));
        }
        record.reopen_window_ms = seconds * 1_000;
    }
    record.is_unsigned = change.is_unsigned.unwrap_or(record.is_unsigned);
    record.service_hooks_trigger = change
        .service_hooks_trigger
        .unwrap_or(record.service_hooks_trigger);
    record.holds_transients = change.holds_transients.unwrap_or(record.holds_transients);
    integrations::update(&mut tx, &record).await?;
    tx.commit().await?;
    app.registry.reload(&app.database).await?;
    Ok(())
}

/// Deletes an integration with its secrets; the default ones stay.
pub async fn delete(app: &App, workspace_id: i64, id: i64) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    if find(&mut tx, workspace_id, id).await?.is_default {
        let reason = "the default integration cannot be deleted";
        return Err(OperationError::Conflict(reason.to_owned()));
    }
    integrations::delete(&mut tx, workspace_id, id).await?;
    tx.commit().await?;
    app.registry.reload(&app.database).await?;
    Ok(())
}

/// Adds a secret (value, label); the older ones expire at `others_expire_at`, if given.
pub async fn add_secret(
    app: &App,
    workspace_id: i64,
    id: i64,
    (value, label): (String, String),
    others_expire_at: Option<Time>,
) -> Result<(), OperationError> {
    let value = secret(&value)?;
    let now = app.clock.now();
    let mut tx = app.database.write().await?;
    find(&mut tx, workspace_id, id).await?;
    if let Some(at) = others_expire_at {
        integrations::expire_secrets(&mut tx, id, at).await?;
    }
    let secret_id = app.ids.next(now);
    integrations::add_secret(&mut tx, &new_secret(secret_id, id, value, &label, now)).await?;
    tx.commit().await?;
    app.registry.reload(&app.database).await?;
    tracing::info!(
        integration.id = IdKind::Integration.show(id),
        "a secret was added to {}",
        IdKind::Integration.show(id)
    );
    Ok(())
}

/// Removes a secret at once.
pub async fn remove_secret(
    app: &App,
    workspace_id: i64,
    id: i64,
    secret_id: i64,
) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    find(&mut tx, workspace_id, id).await?;
    if !integrations::remove_secret(&mut tx, id, secret_id).await? {
        return Err(OperationError::NotFound("secret"));
    }
    tx.commit().await?;
    app.registry.reload(&app.database).await?;
    Ok(())
}
