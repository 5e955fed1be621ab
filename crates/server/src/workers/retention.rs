//! What is older than the settings allow goes, in small pieces.

use crate::app::App;
use crate::limits::{COUNT_DAYS, COUNT_HOURS_DAYS, REFUSED_STORED, RETENTION_CHUNK};
use epicenter_domain::time::{DAY_MS, HOUR_MS, Time};
use epicenter_store::notices::{expiry, outbox, proofs};
use epicenter_store::trends::roll_up;
use epicenter_store::{StoreError, dictionaries, groups, rates, retention, sessions};
use std::sync::Arc;
use std::time::Duration;

/// Pause between two pieces, so that webhooks get the write lock in between.
const PIECE_PAUSE: Duration = Duration::from_millis(20);

pub(super) async fn run_once(app: Arc<App>) -> Result<(), StoreError> {
    clean_up(&app).await.map(|_| ())
}

/// Removes everything that is too old. Answers how many rows of the lists went.
pub async fn clean_up(app: &App) -> Result<usize, StoreError> {
    let now = app.clock.now();
    let before = |days: u32| -> Time { now.plus_ms(-i64::from(days) * DAY_MS) };
    let kept = app.config.retention;
    let mut gone = 0;
    loop {
        let mut tx = app.database.write().await?;
        let cut = before(kept.deliveries_days);
        let piece = retention::delete_deliveries(&mut tx, cut, RETENTION_CHUNK).await?;
        tx.commit().await?;
        gone += piece;
        if piece == 0 || app.stop.is_cancelled() {
            break;
        }
        tokio::time::sleep(PIECE_PAUSE).await;
    }
    gone += delete_refused(app).await?;
    gone += delete_old_notices(app, before(kept.notices_days)).await?;
    delete_old_events(app, before(kept.open_issues_days)).await?;
    let mut tx = app.database.write().await?;
    rates::delete_before(&mut tx, before(kept.open_issues_days)).await?;
    tx.commit().await?;
    roll_up_counts(app, now).await?;
    for (statuses, days) in [
        (&["resolved", "ignored"][..], kept.closed_issues_days),
        (&["unresolved"][..], kept.open_issues_days),
    ] {
        let mut tx = app.database.write_state().await?;
        gone += retention::delete_issues(&mut tx, statuses, before(days), RETENTION_CHUNK).await?;
        tx.commit().await?;
    }
    delete_told(app, before(kept.deliveries_days)).await?;
    let mut tx = app.database.write().await?;
    sessions::delete_ended(&mut tx, now).await?;
    dictionaries::delete_unused(&mut tx, HOUR_MS, now).await?;
    groups::forget_old(&mut tx, now, RETENTION_CHUNK).await?;
    proofs::forget_expired(&mut tx, now).await?;
    tx.commit().await?;
    if gone > 0 {
        tracing::info!(
            count = gone,
            "removed {gone} deliveries, notices and issues that were too old"
        );
    }
    Ok(gone)
}

/// Hours of counts that are old become days, and days that are very old go.
async fn roll_up_counts(app: &App, now: Time) -> Result<(), StoreError> {
    loop {
        let mut tx = app.database.write_state().await?;
        let edge = now.plus_ms(-COUNT_HOURS_DAYS * DAY_MS);
        let has_more = roll_up::roll_up_day(&mut tx, edge).await?;
        if !has_more {
            roll_up::delete_counts(&mut tx, now.plus_ms(-COUNT_DAYS * DAY_MS)).await?;
        }
        tx.commit().await?;
        if !has_more || app.stop.is_cancelled() {
            return Ok(());
        }
        tokio::time::sleep(PIECE_PAUSE).await;
    }
}

/// Samples of refused requests, beyond those that are enough for a diagnosis.
async fn delete_refused(app: &App) -> Result<usize, StoreError> {
    let mut gone = 0;
    loop {
        let mut tx = app.database.write().await?;
        let piece = retention::delete_refused(&mut tx, REFUSED_STORED, RETENTION_CHUNK).await?;
        tx.commit().await?;
        gone += piece;
        if piece == 0 || app.stop.is_cancelled() {
            return Ok(gone);
        }
        tokio::time::sleep(PIECE_PAUSE).await;
    }
}

/// Observations that were sent: the memory has them, and the log of notices needs no copy for ever.
async fn delete_told(app: &App, cut: Time) -> Result<(), StoreError> {
    while !app.stop.is_cancelled() {
        let mut tx = app.database.write().await?;
        let piece = outbox::delete_observations(&mut tx, cut, RETENTION_CHUNK).await?;
        tx.commit().await?;
        if piece == 0 {
            break;
        }
        tokio::time::sleep(PIECE_PAUSE).await;
    }
    Ok(())
}

/// Notices that were decided long ago, and what was told of incidents that are over.
async fn delete_old_notices(app: &App, cut: Time) -> Result<usize, StoreError> {
    let mut gone = 0;
    loop {
        let mut tx = app.database.write_state().await?;
        let mut piece = expiry::delete_notices(&mut tx, cut, RETENTION_CHUNK).await?;
        piece += expiry::delete_told(&mut tx, cut, RETENTION_CHUNK).await?;
        tx.commit().await?;
        gone += piece;
        if piece == 0 || app.stop.is_cancelled() {
            return Ok(gone);
        }
        tokio::time::sleep(PIECE_PAUSE).await;
    }
}

/// Old events of issues that go on; the newest of each issue stays.
async fn delete_old_events(app: &App, cut: Time) -> Result<(), StoreError> {
    let mut after = 0;
    while !app.stop.is_cancelled() {
        let mut tx = app.database.write().await?;
        let next = retention::delete_events(&mut tx, cut, after, RETENTION_CHUNK).await?;
        tx.commit().await?;
        let Some(next) = next else {
            break;
        };
        after = next;
        tokio::time::sleep(PIECE_PAUSE).await;
    }
    Ok(())
}
