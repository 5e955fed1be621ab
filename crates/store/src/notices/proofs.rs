//! What makes links and buttons trustworthy: the key that signs links, and proofs that hold once.

use crate::{StoreError, Tx};
use epicenter_domain::time::Time;

/// The key that signs links; `None` before the first start.
pub async fn link_key(tx: &mut Tx) -> Result<Option<String>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT secret FROM link_keys WHERE id = 1")
            .fetch_optional(conn)
            .await?
    }))
}

/// Keeps the key that signs links, unless there is one: then that stays.
pub async fn keep_link_key(tx: &mut Tx, secret: &str, now: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO link_keys (id, secret, created_at) VALUES (1, $1, $2) \
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(secret)
        .bind(now.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// Uses a proof. False: it was used before.
pub async fn use_once(tx: &mut Tx, proof: &str, expires_at: Time) -> Result<bool, StoreError> {
    let is_new = on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO used_proofs (proof, expires_at) VALUES ($1, $2) \
             ON CONFLICT (proof) DO NOTHING",
        )
        .bind(proof)
        .bind(expires_at.0)
        .execute(conn)
        .await?
        .rows_affected()
    });
    Ok(is_new > 0)
}

/// Forgets the proofs that would be refused as too old by now.
pub async fn forget_expired(tx: &mut Tx, now: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM used_proofs WHERE expires_at < $1")
            .bind(now.0)
            .execute(conn)
            .await?;
    });
    Ok(())
}
