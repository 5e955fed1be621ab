//! Push URLs and their secrets.

use crate::{StoreError, Tx};
use epicenter_domain::engine::Profile;
use epicenter_domain::proof::{Secret, SecretValue};
use epicenter_domain::signal::InstallationFact;
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};

const COLUMNS: &str = "id, workspace_id, kind, name, key, is_default, service_id, is_unsigned, \
                       profile, service_hooks_trigger, reopen_window_ms, holds_transients, organization, \
                       uninstalled_at, created_at";

/// A push URL.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "settings that people switch one by one"
)]
pub struct IntegrationRecord {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// `sentry`…
    pub kind: String,
    /// Name.
    pub name: String,
    /// The unguessable part of the push URL.
    pub key: String,
    /// Is it the default of its kind?
    pub is_default: bool,
    /// Service it is bound to.
    pub service_id: Option<i64>,
    /// May requests be unsigned?
    pub is_unsigned: bool,
    /// Severity profile.
    pub profile: Profile,
    /// Do service hooks trigger?
    pub service_hooks_trigger: bool,
    /// Reopen window.
    pub reopen_window_ms: i64,
    /// Is what usually ends by itself held back for a moment?
    pub holds_transients: bool,
    /// The organisation, once it told.
    pub organization: Option<String>,
    /// When it was removed in Sentry.
    pub uninstalled_at: Option<Time>,
    /// When it was made.
    pub created_at: Time,
}

/// A push URL to be made.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "settings that people switch one by one"
)]
pub struct NewIntegration {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// `sentry`…
    pub kind: String,
    /// Name.
    pub name: String,
    /// The unguessable part of the push URL.
    pub key: String,
    /// Is it the default of its kind?
    pub is_default: bool,
    /// Service it is bound to.
    pub service_id: Option<i64>,
    /// May requests be unsigned?
    pub is_unsigned: bool,
    /// Severity profile.
    pub profile: Profile,
    /// Do service hooks trigger?
    pub service_hooks_trigger: bool,
    /// Reopen window.
    pub reopen_window_ms: i64,
    /// Is what usually ends by itself held back for a moment?
    pub holds_transients: bool,
    /// When it was made.
    pub created_at: Time,
}

/// A secret, without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRecord {
    /// Our id.
    pub id: i64,
    /// Label.
    pub label: String,
    /// When it was given.
    pub created_at: Time,
    /// From when on it proves nothing.
    pub expires_at: Option<Time>,
}

/// A secret to be kept.
#[derive(Clone)]
pub struct NewSecret {
    /// Our id.
    pub id: i64,
    /// Integration.
    pub integration_id: i64,
    /// Label.
    pub label: String,
    /// The secret itself.
    pub value: String,
    /// When it was given.
    pub created_at: Time,
    /// From when on it proves nothing.
    pub expires_at: Option<Time>,
}

/// What the door must know of one integration.
#[derive(Clone, Debug)]
pub struct RegistryRecord {
    /// The integration.
    pub integration: IntegrationRecord,
    /// Its secrets, values included.
    pub secrets: Vec<Secret>,
}

#[derive(FromRow)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "settings that people switch one by one"
)]
struct IntegrationRow {
    id: i64,
    workspace_id: i64,
    kind: String,
    name: String,
    key: String,
    is_default: bool,
    service_id: Option<i64>,
    is_unsigned: bool,
    profile: String,
    service_hooks_trigger: bool,
    reopen_window_ms: i64,
    holds_transients: bool,
    organization: Option<String>,
    uninstalled_at: Option<i64>,
    created_at: i64,
}

impl From<IntegrationRow> for IntegrationRecord {
    fn from(row: IntegrationRow) -> Self {
        Self {
            id: row.id,
            workspace_id: row.workspace_id,
            kind: row.kind,
            name: row.name,
            key: row.key,
            is_default: row.is_default,
            service_id: row.service_id,
            is_unsigned: row.is_unsigned,
            profile: Profile::parse(&row.profile).unwrap_or_default(),
            service_hooks_trigger: row.service_hooks_trigger,
            reopen_window_ms: row.reopen_window_ms,
            holds_transients: row.holds_transients,
            organization: row.organization,
            uninstalled_at: row.uninstalled_at.map(Time),
            created_at: Time(row.created_at),
        }
    }
}

#[derive(FromRow)]
struct SecretRow {
    id: i64,
    integration_id: i64,
    label: String,
    value: String,
    expires_at: Option<i64>,
}

/// Makes an integration.
pub async fn create(tx: &mut Tx, new: &NewIntegration) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO integrations (id, workspace_id, kind, name, key, is_default, \
             service_id, is_unsigned, profile, service_hooks_trigger, reopen_window_ms, \
             holds_transients, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(new.id)
        .bind(new.workspace_id)
        .bind(new.kind.as_str())
        .bind(new.name.as_str())
        .bind(new.key.as_str())
        .bind(new.is_default)
        .bind(new.service_id)
        .bind(new.is_unsigned)
        .bind(new.profile.as_str())
        .bind(new.service_hooks_trigger)
        .bind(new.reopen_window_ms)
        .bind(new.holds_transients)
        .bind(new.created_at.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// All integrations of a workspace, the default ones first.
pub async fn list(tx: &mut Tx, workspace_id: i64) -> Result<Vec<IntegrationRecord>, StoreError> {
    let rows: Vec<IntegrationRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM integrations WHERE workspace_id = ");
        query
            .push_bind(workspace_id)
            .push(" ORDER BY is_default DESC, id");
        query.build_query_as().fetch_all(conn).await?
    });
    Ok(rows.into_iter().map(IntegrationRecord::from).collect())
}

/// One integration.
pub async fn by_id(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<Option<IntegrationRecord>, StoreError> {
    let row: Option<IntegrationRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM integrations WHERE id = ")
            .push_bind(id);
        query.push(" AND workspace_id = ").push_bind(workspace_id);
        query.build_query_as().fetch_optional(conn).await?
    });
    Ok(row.map(IntegrationRecord::from))
}

/// Writes what can be changed.
pub async fn update(tx: &mut Tx, record: &IntegrationRecord) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE integrations SET name = $2, service_id = $3, is_unsigned = $4, \
             profile = $5, service_hooks_trigger = $6, reopen_window_ms = $7, \
             holds_transients = $8 WHERE id = $1",
        )
        .bind(record.id)
        .bind(record.name.as_str())
        .bind(record.service_id)
        .bind(record.is_unsigned)
        .bind(record.profile.as_str())
        .bind(record.service_hooks_trigger)
        .bind(record.reopen_window_ms)
        .bind(record.holds_transients)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// Deletes an integration with its secrets.
pub async fn delete(tx: &mut Tx, workspace_id: i64, id: i64) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "DELETE FROM integration_secrets WHERE integration_id IN \
             (SELECT id FROM integrations WHERE id = $1 AND workspace_id = $2)",
        )
        .bind(id)
        .bind(workspace_id)
        .execute(&mut *conn)
        .await?;
        sqlx::query("DELETE FROM integrations WHERE id = $1 AND workspace_id = $2")
            .bind(id)
            .bind(workspace_id)
            .execute(conn)
            .await?;
    });
    Ok(())
}

/// Notes that Sentry installed or removed it.
pub async fn record_installation(
    tx: &mut Tx,
    id: i64,
    fact: &InstallationFact,
    now: Time,
) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE integrations SET organization = coalesce($2, organization), \
             uninstalled_at = $3 WHERE id = $1",
        )
        .bind(id)
        .bind(fact.organization.as_deref())
        .bind(fact.deleted.then_some(now.0))
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// Keeps a secret.
pub async fn add_secret(tx: &mut Tx, new: &NewSecret) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO integration_secrets \
             (id, integration_id, label, value, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(new.id)
        .bind(new.integration_id)
        .bind(new.label.as_str())
        .bind(new.value.as_str())
        .bind(new.created_at.0)
        .bind(new.expires_at.map(|at| at.0))
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// The secrets of an integration, newest first, without their values.
pub async fn list_secrets(
    tx: &mut Tx,
    integration_id: i64,
) -> Result<Vec<SecretRecord>, StoreError> {
    let rows: Vec<(i64, String, i64, Option<i64>)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, label, created_at, expires_at FROM integration_secrets \
             WHERE integration_id = $1 ORDER BY id DESC",
        )
        .bind(integration_id)
        .fetch_all(conn)
        .await?
    });
    let record =
        |(id, label, created_at, expires_at): (i64, String, i64, Option<i64>)| SecretRecord {
            id,
            label,
            created_at: Time(created_at),
            expires_at: expires_at.map(Time),
        };
    Ok(rows.into_iter().map(record).collect())
}

/// Lets every secret of an integration expire at `at`, unless it expires before.
pub async fn expire_secrets(tx: &mut Tx, integration_id: i64, at: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE integration_secrets SET expires_at = $2 \
             WHERE integration_id = $1 AND (expires_at IS NULL OR expires_at > $2)",
        )
        .bind(integration_id)
        .bind(at.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// Removes a secret. False: there was none.
pub async fn remove_secret(
    tx: &mut Tx,
    integration_id: i64,
    secret_id: i64,
) -> Result<bool, StoreError> {
    let removed = on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM integration_secrets WHERE id = $1 AND integration_id = $2")
            .bind(secret_id)
            .bind(integration_id)
            .execute(conn)
            .await?
            .rows_affected()
    });
    Ok(removed > 0)
}

/// Everything the door must know, secrets included, of all workspaces.
pub async fn load_registry(tx: &mut Tx) -> Result<Vec<RegistryRecord>, StoreError> {
    let (rows, secrets): (Vec<IntegrationRow>, Vec<SecretRow>) = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query.push(COLUMNS).push(" FROM integrations");
        let rows = query.build_query_as().fetch_all(&mut *conn).await?;
        let secrets = sqlx::query_as(
            "SELECT id, integration_id, label, value, expires_at \
             FROM integration_secrets ORDER BY id",
        )
        .fetch_all(conn)
        .await?;
        (rows, secrets)
    });
    let secrets_of = |id: i64| {
        let mine = secrets.iter().filter(|secret| secret.integration_id == id);
        mine.map(|secret| Secret {
            id: secret.id,
            value: SecretValue::new(secret.value.clone()),
            expires_at: secret.expires_at.map(Time),
            label: secret.label.clone(),
        })
        .collect()
    };
    Ok(rows
        .into_iter()
        .map(|row| RegistryRecord {
            secrets: secrets_of(row.id),
            integration: IntegrationRecord::from(row),
        })
        .collect())
}
