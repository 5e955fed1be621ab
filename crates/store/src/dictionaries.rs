//! The dictionaries that were trained on stored bodies, and those at hand in this process.

use crate::packing::{BUILT_IN, Dictionary, plain};
use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Bytes of one sample: the beginning says what a body is like.
const SAMPLE_BYTES: usize = 32 << 10;
/// The largest body, in bytes, that is unpacked for a sample: Sentry's events end near 1 MB.
pub const SAMPLED_BYTES: i64 = 1 << 20;
/// Deliveries looked at for each wanted sample: the newest thousand may be refused ones.
const LOOKED_AT: i64 = 4;

/// The dictionaries at hand in this process. Clones share them.
#[derive(Clone, Debug)]
pub struct Dictionaries {
    shared: Arc<RwLock<Shared>>,
}

#[derive(Debug)]
struct Shared {
    newest: Dictionary,
    known: BTreeMap<i64, Dictionary>,
}

/// Dictionaries kept in memory; more are read when somebody looks at an old body.
const KEPT: usize = 4;

impl Default for Dictionaries {
    fn default() -> Self {
        let newest = Dictionary::built_in();
        Self {
            shared: Arc::new(RwLock::new(Shared {
                known: BTreeMap::from([(newest.id, newest.clone())]),
                newest,
            })),
        }
    }
}

impl Dictionaries {
    /// What new bodies are packed with.
    pub fn newest(&self) -> Dictionary {
        let shared = self.shared.read().unwrap_or_else(PoisonError::into_inner);
        shared.newest.clone()
    }

    /// Packs new bodies with this one from now on. Its row must have been committed.
    pub fn follow(&self, dictionary: Dictionary) {
        let mut shared = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        shared.newest = dictionary.clone();
        shared.keep(dictionary);
    }

    /// Packs with what the store says is the newest: another node may have trained it.
    pub async fn reload(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let id = newest_id(tx).await?.unwrap_or(BUILT_IN);
        if id != self.newest().id {
            let dictionary = self.get(tx, id).await?;
            self.follow(dictionary);
        }
        Ok(())
    }

    /// A dictionary by its id, from memory or from the store.
    pub async fn get(&self, tx: &mut Tx, id: i64) -> Result<Dictionary, StoreError> {
        let known = {
            let shared = self.shared.read().unwrap_or_else(PoisonError::into_inner);
            shared.known.get(&id).cloned()
        };
        if let Some(known) = known {
            return Ok(known);
        }
        let dictionary = by_id(tx, id).await?;
        let mut shared = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        shared.keep(dictionary.clone());
        Ok(dictionary)
    }

    /// The same; none when it is not there, so that the bodies that need it cannot be read.
    pub(crate) async fn find(
        &self,
        tx: &mut Tx,
        id: i64,
    ) -> Result<Option<Dictionary>, StoreError> {
        match self.get(tx, id).await {
            Ok(dictionary) => Ok(Some(dictionary)),
            Err(StoreError::Row { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Shared {
    fn keep(&mut self, dictionary: Dictionary) {
        self.known.insert(dictionary.id, dictionary);
        while self.known.len() > KEPT {
            let newest = self.newest.id;
            let Some(oldest) = self.known.keys().copied().find(|id| *id != newest) else {
                break;
            };
            self.known.remove(&oldest);
        }
    }
}

/// A dictionary by its id.
pub async fn by_id(tx: &mut Tx, id: i64) -> Result<Dictionary, StoreError> {
    if id == BUILT_IN {
        return Ok(Dictionary::built_in());
    }
    let content: Option<Vec<u8>> = on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT content FROM dictionaries WHERE id = $1")
            .bind(id)
            .fetch_optional(conn)
            .await?
    });
    let content = content.ok_or_else(|| StoreError::Row {
        table: "dictionaries",
        id,
        reason: "bodies need it, but it is not there".to_owned(),
    })?;
    Ok(Dictionary {
        id,
        content: content.into(),
    })
}

/// The dictionary that new bodies are packed with; none: the one that Epicenter comes with.
pub async fn newest_id(tx: &mut Tx) -> Result<Option<i64>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT max(id) FROM dictionaries WHERE retired_at IS NULL")
            .fetch_one(conn)
            .await?
    }))
}

/// Stores a trained dictionary; those before it are retired.
pub async fn add(tx: &mut Tx, dictionary: &Dictionary, now: Time) -> Result<(), StoreError> {
    retire(tx, Time(i64::MAX), now).await?;
    on_engine!(tx, |conn| {
        sqlx::query("INSERT INTO dictionaries (id, made_at, content) VALUES ($1, $2, $3)")
            .bind(dictionary.id)
            .bind(now.0)
            .bind(&dictionary.content[..])
            .execute(conn)
            .await?;
    });
    Ok(())
}

/// Packs no new bodies with dictionaries that were made until `until`: another node may have made a
/// newer one meanwhile. Answers how many were retired.
pub async fn retire(tx: &mut Tx, until: Time, now: Time) -> Result<u64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE dictionaries SET retired_at = $1 WHERE retired_at IS NULL AND made_at <= $2",
        )
        .bind(now.0)
        .bind(until.0)
        .execute(conn)
        .await?
        .rows_affected()
    }))
}

/// When the newest was made; none: there is none of our own.
pub async fn made_at(tx: &mut Tx) -> Result<Option<Time>, StoreError> {
    let at: Option<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT max(made_at) FROM dictionaries WHERE retired_at IS NULL")
            .fetch_one(conn)
            .await?
    });
    Ok(at.map(Time))
}

/// Removes dictionaries that were retired `spare_ms` before the oldest stored body was received:
/// nothing needs them. Answers how many went.
pub async fn delete_unused(tx: &mut Tx, spare_ms: i64, now: Time) -> Result<u64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        let oldest: Option<i64> = sqlx::query_scalar(
            "SELECT received_at FROM deliveries WHERE id = (SELECT min(delivery_id) FROM bodies)",
        )
        .fetch_optional(&mut *conn)
        .await?;
        sqlx::query("DELETE FROM dictionaries WHERE retired_at < $1")
            .bind(oldest.unwrap_or(now.0) - spare_ms)
            .execute(conn)
            .await?
            .rows_affected()
    }))
}

/// The newest stored bodies, unpacked, as samples; without those that cannot be read. What
/// strangers sent teaches nothing: refused requests are left out, and so are bodies of more than
/// [`SAMPLED_BYTES`].
pub async fn samples(tx: &mut Tx, most: i64) -> Result<Vec<Vec<u8>>, StoreError> {
    let ids: Vec<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT id FROM (SELECT id, outcome, size FROM deliveries ORDER BY id DESC LIMIT $1) \
             AS few WHERE outcome <> 'refused' AND size <= $2 ORDER BY id DESC LIMIT $3",
        )
        .bind(most * LOOKED_AT)
        .bind(SAMPLED_BYTES)
        .bind(most)
        .fetch_all(conn)
        .await?
    });
    let known = Dictionaries::default();
    let mut samples = Vec::with_capacity(ids.len());
    // One after the other: no more than one whole body is in memory, and others run in between.
    for id in ids {
        let row: Option<(i64, Vec<u8>)> = on_engine!(tx, |conn| {
            sqlx::query_as("SELECT dictionary, content FROM bodies WHERE delivery_id = $1")
                .bind(id)
                .fetch_optional(conn)
                .await?
        });
        let Some((dictionary, content)) = row else {
            continue;
        };
        let Some(dictionary) = known.find(tx, dictionary).await? else {
            continue;
        };
        let Ok(mut sample) = plain(&dictionary, &content) else {
            continue;
        };
        sample.truncate(SAMPLE_BYTES);
        sample.shrink_to_fit();
        samples.push(sample);
    }
    Ok(samples)
}
