//! How many notices people had lately, by whatever way, and pages that wait because of it.

use super::pages_owed::{OwedPage, OwedRow, Recipient};
use crate::{StoreError, Tx};
use epicenter_domain::id::first_id_at;
use epicenter_domain::time::Time;
use std::collections::BTreeMap;

/// Destinations that are one person's own: those that exactly one person who has a ceiling is
/// reached by.
pub async fn own_destinations(
    tx: &mut Tx,
    workspace_id: i64,
) -> Result<BTreeMap<i64, i64>, StoreError> {
    let rows: Vec<(i64, i64)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT c.destination_id, c.user_id FROM contacts c \
             LEFT JOIN user_settings s ON s.user_id = c.user_id \
             WHERE c.workspace_id = $1 AND c.destination_id IS NOT NULL \
             AND coalesce(s.has_ceiling, $2) AND NOT EXISTS (SELECT 1 FROM contacts o \
             WHERE o.destination_id = c.destination_id AND o.user_id <> c.user_id)",
        )
        .bind(workspace_id)
        .bind(true)
        .fetch_all(conn)
        .await?
    });
    Ok(rows.into_iter().collect())
}

/// When a person was told something since then, newest first. What came by several ways at once
/// counts once.
pub async fn told_since(
    tx: &mut Tx,
    user_id: i64,
    since: Time,
    limit: i64,
) -> Result<Vec<Time>, StoreError> {
    let rows: Vec<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT created_at FROM outbox WHERE id >= $2 AND state <> 'replaced' \
             AND kind <> 'observation' AND (destination_id IN \
             (SELECT destination_id FROM contacts WHERE user_id = $1) OR address IN \
             (SELECT address FROM contacts WHERE user_id = $1 \
             UNION SELECT email FROM users WHERE id = $1)) \
             GROUP BY created_at, incident_id ORDER BY created_at DESC LIMIT $3",
        )
        .bind(user_id)
        .bind(first_id_at(since))
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    Ok(rows.into_iter().map(Time).collect())
}

/// Owes a page, that was taken, again for later: the person had enough.
pub async fn hold_page(tx: &mut Tx, page: &OwedPage, until: Time) -> Result<(), StoreError> {
    let Recipient::Person(user_id) = page.to else {
        return Ok(());
    };
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO pages_owed (id, workspace_id, incident_id, user_id, reason, due_at, \
             is_held) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(page.id)
        .bind(page.workspace_id)
        .bind(page.incident_id)
        .bind(user_id)
        .bind(page.reason.as_str())
        .bind(until.0)
        .bind(true)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// Takes the pages that a person's ceiling held back and that are due by now, oldest first.
pub async fn take_held(tx: &mut Tx, user_id: i64, now: Time) -> Result<Vec<OwedPage>, StoreError> {
    let mut rows: Vec<OwedRow> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "DELETE FROM pages_owed WHERE user_id = $1 AND is_held AND due_at <= $2 RETURNING \
             id, workspace_id, incident_id, user_id, destination_id, reason, due_at",
        )
        .bind(user_id)
        .bind(now.0)
        .fetch_all(conn)
        .await?
    });
    rows.sort_by_key(|row| row.id);
    rows.into_iter().map(OwedPage::try_from).collect()
}
