//! What each connection to Sentry is told.

use crate::rows::{ms, unreadable};
use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use epicenter_domain::writeback::Scope;
use sqlx::FromRow;

/// What a connection is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteBackSettings {
    /// What was chosen; `None`: nothing was, so that the token decides.
    pub scope: Option<Scope>,
    /// Since when its token may not; it is not tried again before the settings are saved.
    pub refused_at: Option<Time>,
    /// What Sentry said then, as a sentence.
    pub refusal: Option<String>,
}

#[derive(FromRow)]
struct SettingsRow {
    scope: Option<String>,
    refused_at: Option<i64>,
    refusal: Option<String>,
}

/// What a connection is told; all by default when it was never said.
pub async fn of_connection(
    tx: &mut Tx,
    connection_id: i64,
) -> Result<WriteBackSettings, StoreError> {
    let row: Option<SettingsRow> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT scope, refused_at, refusal FROM write_back_settings WHERE connection_id = $1",
        )
        .bind(connection_id)
        .fetch_optional(conn)
        .await?
    });
    let Some(row) = row else {
        return Ok(WriteBackSettings::default());
    };
    let scope = match row.scope.as_deref() {
        None => None,
        Some(word) => match Scope::parse(word) {
            Some(scope) => Some(scope),
            None => return Err(unreadable("write_back_settings", connection_id, "scope")),
        },
    };
    Ok(WriteBackSettings {
        scope,
        refused_at: row.refused_at.map(Time),
        refusal: row.refusal,
    })
}

/// Keeps what a connection is told.
pub async fn save(
    tx: &mut Tx,
    (workspace_id, connection_id): (i64, i64),
    settings: &WriteBackSettings,
) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO write_back_settings (connection_id, workspace_id, scope, refused_at, \
             refusal) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (connection_id) DO UPDATE SET \
             scope = excluded.scope, refused_at = excluded.refused_at, \
             refusal = excluded.refusal",
        )
        .bind(connection_id)
        .bind(workspace_id)
        .bind(settings.scope.map(Scope::as_str))
        .bind(ms(settings.refused_at))
        .bind(settings.refusal.as_deref())
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// Forgets what a connection is told: it is removed. False when nothing was known.
pub async fn delete(tx: &mut Tx, connection_id: i64) -> Result<bool, StoreError> {
    let gone = on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM write_back_settings WHERE connection_id = $1")
            .bind(connection_id)
            .execute(conn)
            .await?
            .rows_affected()
    });
    Ok(gone > 0)
}
