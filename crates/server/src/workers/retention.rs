//! What is older than the settings allow goes, in small pieces.

use crate::app::App;
use crate::limits::sentry::SYNC_RUNS_DAYS;
use crate::limits::{
    COUNT_DAYS, COUNT_HOURS_DAYS, HEALTH_DAYS, REFUSED_STORED, RETENTION_CHUNK, RETENTION_FEW,
    RETENTION_ISSUE_PIECES,
};
use epicenter_domain::time::{DAY_MS, HOUR_MS, Time};
use epicenter_store::health::{beats, canary, capture, counts, samples};
use epicenter_store::notices::{expiry, outbox, proofs};
use epicenter_store::sentry::runs;
use epicenter_store::trends::roll_up;
use epicenter_store::{
    StoreError, Tx, dictionaries, groups, observations, rates, retention, sessions, write_backs,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Pause between two pieces, so that webhooks get the write lock in between.
const PIECE_PAUSE: Duration = Duration::from_millis(20);

pub(super) async fn run_once(app: Arc<App>) -> Result<(), StoreError> {
    clean_up(&app).await.map(|_| ())
}

/// Kinds of things, and how many of them went.
type Gone = BTreeMap<&'static str, usize>;

/// Removes everything that is too old. Answers how many rows of the lists went.
pub async fn clean_up(app: &App) -> Result<usize, StoreError> {
    let now = app.clock.now();
    let before = |days: u32| -> Time { now.plus_ms(-i64::from(days) * DAY_MS) };
    let kept = app.config.retention;
    let mut gone = Gone::new();
    delete_deliveries(app, before(kept.deliveries_days), &mut gone).await?;
    delete_refused(app, &mut gone).await?;
    delete_old_notices(app, before(kept.notices_days), &mut gone).await?;
    delete_old_events(app, before(kept.events_days)).await?;
    let mut tx = app.database.write().await?;
    rates::delete_before(&mut tx, before(kept.open_issues_days)).await?;
    tx.commit().await?;
    roll_up_counts(app, now).await?;
    for (statuses, days) in [
        (&["resolved", "ignored"][..], kept.closed_issues_days),
        (&["unresolved"][..], kept.open_issues_days),
    ] {
        delete_issues(app, statuses, before(days), &mut gone).await?;
    }
    if kept.incidents_days > 0 {
        delete_incidents(app, before(kept.incidents_days), &mut gone).await?;
    }
    if kept.observations_days > 0 {
        delete_observations(app, before(kept.observations_days), &mut gone).await?;
    }
    delete_told(app, before(kept.deliveries_days)).await?;
    let mut tx = app.database.write().await?;
    sessions::delete_ended(&mut tx, now).await?;
    dictionaries::delete_unused(&mut tx, HOUR_MS, now).await?;
    groups::forget_old(&mut tx, now, RETENTION_CHUNK).await?;
    proofs::forget_expired(&mut tx, now).await?;
    let old = now.plus_ms(-SYNC_RUNS_DAYS * DAY_MS);
    runs::forget(&mut tx, old, RETENTION_CHUNK).await?;
    let cut = before(kept.open_issues_days);
    write_backs::delete_old(&mut tx, cut, RETENTION_CHUNK).await?;
    keep_own_books(&mut tx, &gone, now).await?;
    tx.commit().await?;
    let count = gone.values().sum();
    if count > 0 {
        tracing::info!(
            count,
            "removed {count} deliveries, notices, issues, incidents and records that were too old"
        );
    }
    Ok(count)
}

/// Notes what went, and forgets what was noted long ago.
async fn keep_own_books(tx: &mut Tx, gone: &Gone, now: Time) -> Result<(), StoreError> {
    let today = now.day();
    for (kind, count) in gone {
        let count = i64::try_from(*count).unwrap_or(i64::MAX);
        if count > 0 {
            samples::add_removed(tx, today, kind, count).await?;
        }
    }
    let before = now.plus_ms(-HEALTH_DAYS * DAY_MS);
    counts::delete_before(tx, before).await?;
    samples::delete_before(tx, before).await?;
    canary::delete_before(tx, before).await?;
    capture::delete_before(tx, before).await?;
    beats::forget(tx, now.plus_ms(-DAY_MS)).await
}

async fn delete_deliveries(app: &App, cut: Time, gone: &mut Gone) -> Result<(), StoreError> {
    loop {
        let mut tx = app.database.write().await?;
        let piece = retention::delete_deliveries(&mut tx, cut, RETENTION_CHUNK).await?;
        tx.commit().await?;
        *gone.entry("deliveries").or_default() += piece;
        if piece == 0 || app.stop.is_cancelled() {
            return Ok(());
        }
        tokio::time::sleep(PIECE_PAUSE).await;
    }
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
async fn delete_refused(app: &App, gone: &mut Gone) -> Result<(), StoreError> {
    loop {
        let mut tx = app.database.write().await?;
        let piece = retention::delete_refused(&mut tx, REFUSED_STORED, RETENTION_CHUNK).await?;
        tx.commit().await?;
        *gone.entry("refused requests").or_default() += piece;
        if piece == 0 || app.stop.is_cancelled() {
            return Ok(());
        }
        tokio::time::sleep(PIECE_PAUSE).await;
    }
}

/// Issues that ended long ago, in a few pieces.
async fn delete_issues(
    app: &App,
    statuses: &[&'static str],
    cut: Time,
    gone: &mut Gone,
) -> Result<(), StoreError> {
    for _ in 0..RETENTION_ISSUE_PIECES {
        let mut tx = app.database.write_state().await?;
        let piece = retention::delete_issues(&mut tx, statuses, cut, RETENTION_FEW).await?;
        tx.commit().await?;
        *gone.entry("issues").or_default() += piece;
        if piece == 0 || app.stop.is_cancelled() {
            break;
        }
        tokio::time::sleep(PIECE_PAUSE).await;
    }
    Ok(())
}

/// Incidents that were over long ago; one at a time changes the state.
async fn delete_incidents(app: &App, cut: Time, gone: &mut Gone) -> Result<(), StoreError> {
    let mut after = 0;
    while !app.stop.is_cancelled() {
        let mut tx = app.database.write_state().await?;
        let (piece, next) = retention::delete_incidents(&mut tx, cut, after, RETENTION_FEW).await?;
        tx.commit().await?;
        *gone.entry("incidents").or_default() += piece;
        let Some(next) = next else {
            break;
        };
        after = next;
        tokio::time::sleep(PIECE_PAUSE).await;
    }
    Ok(())
}

/// Old records of the memory.
async fn delete_observations(app: &App, cut: Time, gone: &mut Gone) -> Result<(), StoreError> {
    let mut after = 0;
    while !app.stop.is_cancelled() {
        let mut tx = app.database.write().await?;
        let (piece, next) = observations::delete_old(&mut tx, cut, after, RETENTION_FEW).await?;
        tx.commit().await?;
        *gone.entry("memory records").or_default() += piece;
        let Some(next) = next else {
            break;
        };
        after = next;
        tokio::time::sleep(PIECE_PAUSE).await;
    }
    Ok(())
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
async fn delete_old_notices(app: &App, cut: Time, gone: &mut Gone) -> Result<(), StoreError> {
    loop {
        let mut tx = app.database.write_state().await?;
        let mut piece = expiry::delete_notices(&mut tx, cut, RETENTION_CHUNK).await?;
        piece += expiry::delete_told(&mut tx, cut, RETENTION_CHUNK).await?;
        tx.commit().await?;
        *gone.entry("notices").or_default() += piece;
        if piece == 0 || app.stop.is_cancelled() {
            return Ok(());
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
