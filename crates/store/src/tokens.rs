//! API tokens, by their SHA-256.

use crate::users::Role;
use crate::{StoreError, Tx};
use epicenter_domain::time::{MINUTE_MS, Time};
use sqlx::{FromRow, QueryBuilder};

const COLUMNS: &str = "id, workspace_id, name, role, hint, created_at, expires_at, last_used_at";

/// A token, without its secret part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRecord {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// A piece of it to recognise it by.
    pub hint: String,
    /// When it was made.
    pub created_at: Time,
    /// From when on it is void.
    pub expires_at: Option<Time>,
    /// When it was last used.
    pub last_used_at: Option<Time>,
}

/// A token to be kept.
#[derive(Clone)]
pub struct NewToken {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// SHA-256 of the token.
    pub hash: Vec<u8>,
    /// A piece of it to recognise it by.
    pub hint: String,
    /// When it was made.
    pub created_at: Time,
    /// From when on it is void.
    pub expires_at: Option<Time>,
}

#[derive(FromRow)]
struct TokenRow {
    id: i64,
    workspace_id: i64,
    name: String,
    role: String,
    hint: String,
    created_at: i64,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
}

impl From<TokenRow> for TokenRecord {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id,
            workspace_id: row.workspace_id,
            name: row.name,
            role: Role::parse(&row.role).unwrap_or(Role::Viewer),
            hint: row.hint,
            created_at: Time(row.created_at),
            expires_at: row.expires_at.map(Time),
            last_used_at: row.last_used_at.map(Time),
        }
    }
}

/// Keeps a token.
pub async fn create(tx: &mut Tx, new: &NewToken) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO tokens (id, workspace_id, name, role, hash, hint, created_at, \
             expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(new.id)
        .bind(new.workspace_id)
        .bind(new.name.as_str())
        .bind(new.role.as_str())
        .bind(new.hash.as_slice())
        .bind(new.hint.as_str())
        .bind(new.created_at.0)
        .bind(new.expires_at.map(|at| at.0))
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// The token with this hash, unless it is void.
pub async fn find(tx: &mut Tx, hash: &[u8], now: Time) -> Result<Option<TokenRecord>, StoreError> {
    let row: Option<TokenRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM tokens WHERE hash = ")
            .push_bind(hash.to_vec());
        query
            .push(" AND (expires_at IS NULL OR expires_at > ")
            .push_bind(now.0)
            .push(")");
        query.build_query_as().fetch_optional(conn).await?
    });
    Ok(row.map(TokenRecord::from))
}

/// The tokens of a workspace, newest first.
pub async fn list(tx: &mut Tx, workspace_id: i64) -> Result<Vec<TokenRecord>, StoreError> {
    let rows: Vec<TokenRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM tokens WHERE workspace_id = ")
            .push_bind(workspace_id);
        query.push(" ORDER BY id DESC");
        query.build_query_as().fetch_all(conn).await?
    });
    Ok(rows.into_iter().map(TokenRecord::from).collect())
}

/// Makes a token void. False: there was none.
pub async fn revoke(tx: &mut Tx, workspace_id: i64, id: i64) -> Result<bool, StoreError> {
    let removed = on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM tokens WHERE id = $1 AND workspace_id = $2")
            .bind(id)
            .bind(workspace_id)
            .execute(conn)
            .await?
            .rows_affected()
    });
    Ok(removed > 0)
}

/// Notes that it was used, at most once a minute.
pub async fn touch(tx: &mut Tx, id: i64, now: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE tokens SET last_used_at = $2 \
             WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)",
        )
        .bind(id)
        .bind(now.0)
        .bind(now.plus_ms(-MINUTE_MS).0)
        .execute(conn)
        .await?;
    });
    Ok(())
}
