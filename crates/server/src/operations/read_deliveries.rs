//! Takes the oldest deliveries without a verdict, and reads them: what they say is then ready to be
//! applied. While one batch is applied, the next one is read.

use super::guarded::guarded;
use crate::app::App;
use crate::limits::INTAKE_BATCH;
use crate::registry::{Entry, Snapshot};
use epicenter_domain::engine::{Input, identity_hash};
use epicenter_domain::sources::{self, Envelope, Reading};
use epicenter_domain::time::Time;
use epicenter_store::inbox::{self, PendingDelivery};
use epicenter_store::packing::Dictionary;
use epicenter_store::{StoreError, Tx, packing};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// What the bodies of a batch are packed with, by id.
pub(super) type Dictionaries = BTreeMap<i64, Dictionary>;

/// One delivery, read and ready to be applied.
pub(super) struct Ready {
    /// As it is stored.
    pub(super) delivery: PendingDelivery,
    /// The integration it came through.
    pub(super) entry: Arc<Entry>,
    /// What it says.
    pub(super) input: Input,
}

impl Ready {
    /// When it was received.
    pub(super) fn received_at(&self) -> Time {
        Time(self.delivery.received_at)
    }
}

/// Deliveries that were read, oldest first.
pub struct Batch {
    /// What can be applied.
    pub(super) ready: Vec<Ready>,
    /// What cannot, and why.
    pub(super) unreadable: Vec<(i64, String)>,
    /// What their bodies are packed with.
    pub(super) dictionaries: Dictionaries,
    /// Do more wait? Then these were as many as are read at once.
    pub has_more: bool,
}

impl Batch {
    /// Does nothing wait?
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.unreadable.is_empty()
    }

    /// The deliveries in it.
    pub fn ids(&self) -> BTreeSet<i64> {
        let unreadable = self.unreadable.iter().map(|(id, _)| *id);
        let ready = self.ready.iter().map(|ready| ready.delivery.id);
        ready.chain(unreadable).collect()
    }
}

/// Reads the deliveries that have waited longest, besides those that are being applied.
pub async fn read_deliveries(app: &App, besides: &BTreeSet<i64>) -> Result<Batch, StoreError> {
    let mut tx = app.database.read().await?;
    let pending = inbox::pending(&mut tx, INTAKE_BATCH, besides).await?;
    let dictionaries = needed(app, &mut tx, &pending).await?;
    tx.rollback().await?;
    let has_more = pending.len() == INTAKE_BATCH;
    if pending.is_empty() {
        return Ok(Batch {
            ready: Vec::new(),
            unreadable: Vec::new(),
            dictionaries,
            has_more,
        });
    }
    let registry = app.registry.snapshot();
    // Beside the threads that answer: nobody's answer waits until a batch is read.
    let reading = spawn_blocking(move || read_all(&registry, dictionaries, pending, has_more));
    match reading.await {
        Ok(batch) => Ok(batch),
        // Reading is guarded against panics; only a runtime that shuts down ends it.
        Err(_) => Err(StoreError::Conflict("the inbox")),
    }
}

fn read_all(
    registry: &Snapshot,
    dictionaries: Dictionaries,
    pending: Vec<PendingDelivery>,
    has_more: bool,
) -> Batch {
    let mut ready = Vec::with_capacity(pending.len());
    let mut unreadable = Vec::new();
    for delivery in pending {
        match read(registry, &dictionaries, &delivery) {
            Ok((entry, input)) => ready.push(Ready {
                delivery,
                entry,
                input,
            }),
            Err(reason) => unreadable.push((delivery.id, reason)),
        }
    }
    Batch {
        ready,
        unreadable,
        dictionaries,
        has_more,
    }
}

/// The dictionaries that these bodies need. One that is not there fails its own deliveries only.
async fn needed(
    app: &App,
    tx: &mut Tx,
    pending: &[PendingDelivery],
) -> Result<Dictionaries, StoreError> {
    let mut needed = Dictionaries::new();
    for delivery in pending {
        if needed.contains_key(&delivery.dictionary) {
            continue;
        }
        match app.dictionaries.get(tx, delivery.dictionary).await {
            Ok(dictionary) => {
                needed.insert(delivery.dictionary, dictionary);
            }
            Err(StoreError::Row { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(needed)
}

fn read(
    registry: &Snapshot,
    dictionaries: &Dictionaries,
    delivery: &PendingDelivery,
) -> Result<(Arc<Entry>, Input), String> {
    let entry = registry
        .by_id(delivery.integration_id)
        .cloned()
        .ok_or_else(|| "its integration was deleted".to_owned())?;
    let dictionary = dictionaries.get(&delivery.dictionary).ok_or_else(|| {
        let id = delivery.dictionary;
        format!("its body needs dictionary {id}, which is not there")
    })?;
    let unpacked =
        packing::unpack(dictionary, &delivery.content).map_err(|error| error.to_string())?;
    let envelope = Envelope {
        headers: &unpacked.headers,
        body: &unpacked.body,
        received_at: Time(delivery.received_at),
    };
    let reading = guarded("reading", || read_as_asked(&entry, envelope))?;
    let identity = identity_hash(&reading, &unpacked.body);
    let input = Input {
        reading,
        identity,
        is_replay: delivery.replay_of.is_some(),
    };
    Ok((entry, input))
}

/// Most need no stack; rules that ask where in the code it happened do.
fn read_as_asked(entry: &Entry, envelope: Envelope<'_>) -> Reading {
    let rules = entry.origin.routing.as_ref();
    if rules.is_some_and(|rules| rules.asks_for_code()) {
        sources::read_whole(entry.kind, envelope)
    } else {
        sources::read(entry.kind, envelope)
    }
}
