//! Trains a dictionary on the stored bodies, when it packs better than the one in use.

use crate::app::App;
use crate::limits::{TRAINING_DAYS, TRAINING_GAIN_PERCENT, TRAINING_SAMPLES};
use epicenter_domain::time::{DAY_MS, Time};
use epicenter_store::StoreError;
use epicenter_store::dictionaries::{self, SAMPLED_BYTES};
use epicenter_store::packing::{Dictionary, Trained, train};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

/// What the training remembers between two looks.
#[derive(Debug, Default)]
pub struct Training {
    stored: AtomicI64,
    tried_at: Mutex<Option<Time>>,
}

impl Training {
    /// One more webhook of a proven sender is stored, with a body of so many bytes.
    pub fn count(&self, bytes: usize) {
        if i64::try_from(bytes).is_ok_and(|bytes| bytes <= SAMPLED_BYTES) {
            self.stored.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Is there enough to learn from, and was the last try long ago? Then this is the next try.
    fn begins(&self, now: Time) -> bool {
        let mut tried_at = self.tried_at.lock().unwrap_or_else(PoisonError::into_inner);
        let is_early = tried_at.is_some_and(|at| now.since_ms(at) < TRAINING_DAYS * DAY_MS);
        if is_early || self.stored.load(Ordering::Relaxed) < TRAINING_SAMPLES {
            return false;
        }
        self.stored.store(0, Ordering::Relaxed);
        *tried_at = Some(now);
        true
    }

    /// Of what was counted only so much can be learnt from: this was no try, the rest must come.
    fn lacks(&self, found: usize) {
        let mut tried_at = self.tried_at.lock().unwrap_or_else(PoisonError::into_inner);
        let found = i64::try_from(found).unwrap_or(i64::MAX);
        self.stored.fetch_add(found, Ordering::Relaxed);
        *tried_at = None;
    }
}

/// Trains if there is enough to learn from and the last try is long ago. What was learnt from
/// bodies that are gone by now goes too. Answers whether bodies are packed with another dictionary
/// from now on.
pub async fn train_if_due(app: &App) -> Result<bool, StoreError> {
    let now = app.clock.now();
    let in_use = app.dictionaries.newest();
    if app.training.begins(now) {
        let mut tx = app.database.read().await?;
        let made_at = dictionaries::made_at(&mut tx).await?;
        let samples = dictionaries::samples(&mut tx, TRAINING_SAMPLES).await?;
        tx.rollback().await?;
        let lacks = i64::try_from(samples.len()).is_ok_and(|count| count < TRAINING_SAMPLES);
        if lacks {
            app.training.lacks(samples.len());
        }
        if !is_young(made_at, now)
            && !lacks
            && let Some(trained) = tried(samples, rival(app, &in_use, made_at, now)).await
        {
            return adopt(app, trained, now).await;
        }
    }
    if in_use.is_built_in() {
        return Ok(false);
    }
    let mut tx = app.database.read().await?;
    let made_at = dictionaries::made_at(&mut tx).await?;
    tx.rollback().await?;
    let kept_ms = kept_ms(app);
    if made_at.is_none_or(|at| now.since_ms(at) < kept_ms) {
        return Ok(false);
    }
    let mut tx = app.database.write().await?;
    dictionaries::retire(&mut tx, now.plus_ms(-kept_ms), now).await?;
    tx.commit().await?;
    let mut tx = app.database.read().await?;
    app.dictionaries.reload(&mut tx).await?;
    tx.rollback().await?;
    Ok(app.dictionaries.newest().id != in_use.id)
}

/// Was the newest one made less than a try ago, here or by another node?
fn is_young(made_at: Option<Time>, now: Time) -> bool {
    made_at.is_some_and(|at| now.since_ms(at) < TRAINING_DAYS * DAY_MS)
}

/// How long a dictionary is used: what it was learnt from is gone then.
fn kept_ms(app: &App) -> i64 {
    i64::from(app.config.retention.deliveries_days) * DAY_MS
}

/// What a new dictionary must be better than: the one in use, unless that must go before the next
/// try. Then it is the one that comes after it.
fn rival(app: &App, in_use: &Dictionary, made_at: Option<Time>, now: Time) -> Dictionary {
    let next_try = now.plus_ms(TRAINING_DAYS * DAY_MS);
    if made_at.is_some_and(|at| next_try.since_ms(at) >= kept_ms(app)) {
        Dictionary::built_in()
    } else {
        in_use.clone()
    }
}

/// A dictionary of these samples, if it is worth it.
async fn tried(samples: Vec<Vec<u8>>, in_use: Dictionary) -> Option<Trained> {
    let trained = match tokio::task::spawn_blocking(move || train(&samples, &in_use)).await {
        Ok(Ok(trained)) => trained,
        Ok(Err(error)) => {
            tracing::warn!(%error, "no dictionary could be trained: {error}");
            return None;
        }
        Err(error) => {
            tracing::warn!(%error, "the training of a dictionary ended early: {error}");
            return None;
        }
    };
    let is_worth_it = trained.bytes * 100 <= trained.bytes_now * (100 - TRAINING_GAIN_PERCENT);
    is_worth_it.then_some(trained)
}

/// Packs with it from now on; false when another node was faster.
async fn adopt(app: &App, trained: Trained, now: Time) -> Result<bool, StoreError> {
    let dictionary = Dictionary {
        id: app.ids.next(now),
        content: trained.content,
    };
    let mut tx = app.database.write().await?;
    if is_young(dictionaries::made_at(&mut tx).await?, now) {
        tx.rollback().await?;
        return Ok(false);
    }
    dictionaries::add(&mut tx, &dictionary, now).await?;
    tx.commit().await?;
    tracing::info!(
        dictionary.id = dictionary.id,
        "bodies are packed with a dictionary of their own: {} bytes instead of {} for the samples",
        trained.bytes,
        trained.bytes_now
    );
    app.dictionaries.follow(dictionary);
    Ok(true)
}
