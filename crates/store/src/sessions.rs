//! Sessions of the web page, by the SHA-256 of their cookie.

use crate::users::{UserRecord, by_id};
use crate::{StoreError, Tx};
use epicenter_domain::time::Time;

/// A session to be started.
#[derive(Clone)]
pub struct NewSession {
    /// SHA-256 of the cookie.
    pub hash: Vec<u8>,
    /// Whose.
    pub user_id: i64,
    /// What every form must carry.
    pub csrf: String,
    /// When it began.
    pub created_at: Time,
    /// When it ends.
    pub expires_at: Time,
}

/// A session that is valid.
#[derive(Clone)]
pub struct SessionRecord {
    /// What every form must carry.
    pub csrf: String,
}

/// Starts a session.
pub async fn create(tx: &mut Tx, new: &NewSession) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO sessions (hash, user_id, csrf, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(new.hash.as_slice())
        .bind(new.user_id)
        .bind(new.csrf.as_str())
        .bind(new.created_at.0)
        .bind(new.expires_at.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// The session and its person, if it has not ended.
pub async fn find(
    tx: &mut Tx,
    hash: &[u8],
    now: Time,
) -> Result<Option<(SessionRecord, UserRecord)>, StoreError> {
    let row: Option<(i64, String)> = on_engine!(tx, |conn| {
        sqlx::query_as("SELECT user_id, csrf FROM sessions WHERE hash = $1 AND expires_at > $2")
            .bind(hash)
            .bind(now.0)
            .fetch_optional(conn)
            .await?
    });
    let Some((user_id, csrf)) = row else {
        return Ok(None);
    };
    Ok(by_id(tx, user_id)
        .await?
        .map(|user| (SessionRecord { csrf }, user)))
}

/// Ends a session.
pub async fn delete(tx: &mut Tx, hash: &[u8]) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM sessions WHERE hash = $1")
            .bind(hash)
            .execute(conn)
            .await?;
    });
    Ok(())
}

/// Ends all sessions of a person.
pub async fn delete_of_user(tx: &mut Tx, user_id: i64) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM sessions WHERE user_id = $1")
            .bind(user_id)
            .execute(conn)
            .await?;
    });
    Ok(())
}

/// Removes sessions that have ended.
pub async fn delete_ended(tx: &mut Tx, now: Time) -> Result<u64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM sessions WHERE expires_at <= $1")
            .bind(now.0)
            .execute(conn)
            .await?
            .rows_affected()
    }))
}
