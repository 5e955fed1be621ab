//! Remembers what happened. Transitions are queued in the transaction that they happened in; here
//! they are put into words afterwards, so that webhooks do not wait for it.

use super::guarded::guarded;
use crate::app::App;
use crate::limits::{MEMORY_BATCH, MEMORY_PATIENCE_MS, MEMORY_QUEUE, MEMORY_RETRIES, MEMORY_TRIES};
use epicenter_domain::engine::NewChange;
use epicenter_domain::id::IdKind;
use epicenter_domain::observation::change::{self, Linked};
use epicenter_domain::observation::{Note, Observation, Record, What};
use epicenter_domain::signal::Signal;
use epicenter_domain::sources::{self, Envelope, IntegrationKind};
use epicenter_domain::time::Time;
use epicenter_store::observations::queue::{self, Backlog, Waiting};
use epicenter_store::packing::Dictionary;
use epicenter_store::{StoreError, Tx, inbox, observations};
use std::collections::{BTreeMap, BTreeSet};

/// Where a change comes from that no integration brought.
const BY_API: &str = "api";

/// By number.
type Dictionaries = BTreeMap<i64, Dictionary>;

/// What one run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Records that were written.
    pub written: usize,
    /// Transitions that made the code fail.
    pub failed: usize,
    /// Does it wait for the inbox to be empty?
    pub yields: bool,
    /// May more wait?
    pub has_more: bool,
}

/// Why a transition was not remembered.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Unreadable(String),
}

/// Queues transitions, in the transaction that they happen in.
pub(super) async fn enqueue(app: &App, tx: &mut Tx, notes: &[Note]) -> Result<(), StoreError> {
    if notes.is_empty() {
        return Ok(());
    }
    queue::enqueue(tx, notes, app.clock.now()).await?;
    app.remembering.notify_one();
    Ok(())
}

/// The note of a change that was just linked.
pub(super) fn note_of_change(
    app: &App,
    change: &NewChange,
    linked: &Linked,
    service_id: Option<i64>,
) -> Option<Note> {
    let registry = app.registry.snapshot();
    let entry = change.integration_id.and_then(|id| registry.by_id(id));
    let source = entry.map_or(BY_API, |entry| entry.kind.as_str());
    let draft = change::draft(change, source, linked)?;
    let id = app.ids.next(change.received_at);
    let record = draft.finish(Record {
        id,
        workspace_id: change.workspace_id,
        recorded_at: change.received_at,
        service_id,
        incident_id: None,
        issue_id: None,
        delivery_id: change.delivery_id,
    });
    Some(Note {
        id,
        workspace_id: change.workspace_id,
        delivery_id: change.delivery_id,
        what: What::Record(Box::new(record)),
    })
}

/// What was left aside waits for one more try: this start may be of a version that can read it.
/// Answers how many.
pub async fn try_again(app: &App) -> Result<u64, StoreError> {
    let mut tx = app.database.write().await?;
    let count = queue::try_again(&mut tx, MEMORY_RETRIES).await?;
    tx.commit().await?;
    Ok(count)
}

/// Counts what was left aside, for the metrics.
pub async fn count_left_aside(app: &App) -> Result<(), StoreError> {
    let mut tx = app.database.read().await?;
    app.metrics
        .left_aside(queue::left_aside(&mut tx, MEMORY_RETRIES).await?);
    tx.rollback().await
}

/// Remembers the oldest transitions that wait, if no webhooks do: those go first, but for no longer
/// than [`MEMORY_PATIENCE_MS`].
pub async fn remember_due(app: &App) -> Result<Progress, StoreError> {
    let mut tx = app.database.read().await?;
    let backlog = queue::backlog(&mut tx, MEMORY_QUEUE).await?;
    app.metrics.memory_queue(backlog.count);
    let yields = backlog.count > 0
        && !is_urgent(&backlog, app.clock.now())
        && inbox::is_pending(&mut tx).await?;
    let waiting = if yields {
        Vec::new()
    } else {
        queue::waiting(&mut tx, MEMORY_BATCH).await?
    };
    let dictionaries = dictionaries(app, &mut tx, &waiting).await?;
    tx.rollback().await?;
    if waiting.is_empty() {
        return Ok(Progress {
            yields,
            ..Progress::default()
        });
    }
    remember(app, &waiting, &dictionaries).await
}

/// Has the memory waited for long enough, or does too much wait?
fn is_urgent(backlog: &Backlog, now: Time) -> bool {
    let patience = |since: Time| now >= since.plus_ms(MEMORY_PATIENCE_MS);
    backlog.count >= MEMORY_QUEUE || backlog.since.is_some_and(patience)
}

/// The dictionaries of the bodies; a body whose own is not there is as good as gone.
async fn dictionaries(
    app: &App,
    tx: &mut Tx,
    waiting: &[Waiting],
) -> Result<Dictionaries, StoreError> {
    let ids: BTreeSet<i64> = waiting.iter().filter_map(|one| one.dictionary).collect();
    let mut found = Dictionaries::new();
    for id in ids {
        match app.dictionaries.get(tx, id).await {
            Ok(dictionary) => {
                found.insert(id, dictionary);
            }
            Err(error) if error.is_about_the_data() => {
                tracing::warn!(%error, "[memory] a dictionary cannot be read: {error}");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Remembers these. A batch that fails is remembered one by one; what fails then is counted, and
/// left aside after [`MEMORY_TRIES`], while the ones behind it go on.
async fn remember(
    app: &App,
    waiting: &[Waiting],
    dictionaries: &Dictionaries,
) -> Result<Progress, StoreError> {
    let has_more = i64::try_from(waiting.len()) == Ok(MEMORY_BATCH);
    let mut progress = Progress {
        has_more,
        ..Progress::default()
    };
    match write(app, waiting, dictionaries).await {
        Ok(()) => {
            progress.written = waiting.len();
            return Ok(progress);
        }
        // Another node was faster.
        Err(Failure::Store(StoreError::Conflict(_))) => {
            progress.has_more = true;
            return Ok(progress);
        }
        Err(Failure::Store(error)) if !error.is_about_the_data() => return Err(error),
        Err(failure) => tracing::warn!(
            count = waiting.len(),
            "[memory] a batch failed and is remembered one by one: {failure}"
        ),
    }
    for one in waiting {
        match write(app, std::slice::from_ref(one), dictionaries).await {
            Ok(()) => progress.written += 1,
            Err(Failure::Store(StoreError::Conflict(_))) => {}
            Err(Failure::Store(error)) if !error.is_about_the_data() => return Err(error),
            Err(failure) => {
                progress.failed += 1;
                count_failure(app, one, &failure).await?;
            }
        }
    }
    Ok(progress)
}

async fn count_failure(app: &App, one: &Waiting, failure: &Failure) -> Result<(), StoreError> {
    let mut tx = app.database.write().await?;
    let why = failure.to_string();
    let count = queue::count_failure(&mut tx, one.id, MEMORY_TRIES, &why).await?;
    tx.commit().await?;
    let Some(count) = count else {
        return Ok(());
    };
    let end = if count < MEMORY_TRIES {
        "it is tried again"
    } else {
        "it is left aside until the next start tries it once more"
    };
    let delivery = one.delivery_id.map(|id| IdKind::Delivery.show(id));
    let shown = delivery.as_deref().unwrap_or("a person or the clock");
    tracing::error!(
        delivery.id = delivery,
        count,
        "[memory] what {shown} did could not be remembered at try {count}, {end}: {failure}"
    );
    Ok(())
}

/// Puts these into words, and moves them from the queue to the memory in one transaction.
async fn write(app: &App, waiting: &[Waiting], dictionaries: &Dictionaries) -> Result<(), Failure> {
    let mut records = Vec::with_capacity(waiting.len());
    for one in waiting {
        records.push(put_into_words(one, dictionaries)?);
    }
    let ids: Vec<i64> = waiting.iter().map(|one| one.id).collect();
    let mut tx = app.database.write().await?;
    let newest = queue::lock(&mut tx).await?;
    number(app, newest, &mut records);
    queue::take(&mut tx, &ids).await?;
    observations::save(&mut tx, &records).await?;
    tx.commit().await?;
    // Streams read the store; this wakes them.
    app.live.publish(Vec::new(), []);
    Ok(())
}

/// Records are numbered when they are written: who reads on after the last one misses none.
fn number(app: &App, newest: i64, records: &mut [Observation]) {
    let now = app.clock.now();
    for record in records {
        record.id = app.ids.next_above(now, newest);
    }
}

fn put_into_words(waiting: &Waiting, dictionaries: &Dictionaries) -> Result<Observation, Failure> {
    let note = waiting.note()?;
    let words = guarded("remembering", || match &note.what {
        What::Record(record) => Observation::clone(record),
        What::Signal(applied) => {
            let dictionary = waiting.dictionary.and_then(|id| dictionaries.get(&id));
            let signals =
                dictionary.map(|dictionary| signals((waiting, dictionary), &applied.source));
            applied.record((note.id, &note), &signals.unwrap_or_default())
        }
    });
    words.map_err(Failure::Unreadable)
}

/// What the delivery said; nothing if it is gone.
fn signals((waiting, dictionary): (&Waiting, &Dictionary), source: &str) -> Vec<Signal> {
    let content = waiting.content(dictionary);
    let Some(((received_at, unpacked), kind)) = content.zip(IntegrationKind::parse(source)) else {
        return Vec::new();
    };
    match unpacked {
        Ok(content) => {
            let envelope = Envelope {
                headers: &content.headers,
                body: &content.body,
                received_at,
            };
            let reading = sources::read_whole(kind, envelope);
            reading.outcome.signals().to_vec()
        }
        Err(error) => {
            tracing::warn!(%error, "[memory] a body cannot be unpacked: {error}");
            Vec::new()
        }
    }
}
