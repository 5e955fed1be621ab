//! Where code hosts are asked for what their webhooks cut, and with which token.

use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use sqlx::FromRow;

/// The way to the API of a code host, for the repositories of one place.
#[derive(Clone, PartialEq, Eq, FromRow)]
pub struct CodeHostRecord {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// A host, or how the addresses of its repositories begin: `github.com/acme`.
    pub place: String,
    /// `github` or `gitlab`.
    pub provider: String,
    /// Where its API is, without a slash at the end.
    pub api_url: String,
    /// What lets us in.
    pub token: String,
    /// It wants not to be asked before this instant, in ms.
    pub held_until: Option<i64>,
    /// When it was set up, in ms.
    pub created_at: i64,
}

impl std::fmt::Debug for CodeHostRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeHostRecord")
            .field("id", &self.id)
            .field("place", &self.place)
            .field("provider", &self.provider)
            .field("api_url", &self.api_url)
            .field("held_until", &self.held_until)
            .finish_non_exhaustive()
    }
}

/// Sets a place up, or changes it; answers its id.
pub async fn save(tx: &mut Tx, host: &CodeHostRecord) -> Result<i64, StoreError> {
    let id = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "INSERT INTO code_hosts (id, workspace_id, place, provider, api_url, token, \
             held_until, created_at) VALUES ($1, $2, $3, $4, $5, $6, NULL, $7) \
             ON CONFLICT (workspace_id, place) DO UPDATE SET provider = excluded.provider, \
             api_url = excluded.api_url, token = excluded.token, held_until = NULL RETURNING id",
        )
        .bind(host.id)
        .bind(host.workspace_id)
        .bind(host.place.as_str())
        .bind(host.provider.as_str())
        .bind(host.api_url.as_str())
        .bind(host.token.as_str())
        .bind(host.created_at)
        .fetch_one(conn)
        .await?
    });
    Ok(id)
}

/// All of a workspace, by place.
pub async fn list(tx: &mut Tx, workspace_id: i64) -> Result<Vec<CodeHostRecord>, StoreError> {
    let rows = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, workspace_id, place, provider, api_url, token, held_until, created_at \
             FROM code_hosts WHERE workspace_id = $1 ORDER BY place",
        )
        .bind(workspace_id)
        .fetch_all(conn)
        .await?
    });
    Ok(rows)
}

/// Forgets one; false when there is none.
pub async fn delete(tx: &mut Tx, workspace_id: i64, id: i64) -> Result<bool, StoreError> {
    let gone = on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM code_hosts WHERE workspace_id = $1 AND id = $2")
            .bind(workspace_id)
            .bind(id)
            .execute(conn)
            .await?
            .rows_affected()
    });
    Ok(gone > 0)
}

/// A place with this token is not to be asked before `until`. Nothing is changed when it has
/// another token or another address meanwhile: that one was not asked.
pub async fn hold(tx: &mut Tx, host: &CodeHostRecord, until: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE code_hosts SET held_until = $4 \
             WHERE id = $1 AND token = $2 AND api_url = $3",
        )
        .bind(host.id)
        .bind(host.token.as_str())
        .bind(host.api_url.as_str())
        .bind(until.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}
