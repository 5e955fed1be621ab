//! Asks the text model about records, a batch at a time, and about what is searched for.

use crate::app::App;
use crate::clients::embeddings::{Fault, NoVectors, embed};
use crate::limits::{
    EMBEDDING_BATCH, EMBEDDING_CACHE, EMBEDDING_CHARS, EMBEDDING_PATIENCE, EMBEDDING_QUEUE,
};
use epicenter_domain::id::IdKind;
use epicenter_domain::observation::Observation;
use epicenter_domain::time::Time;
use epicenter_store::StoreError;
use epicenter_store::observations::vectors::{self, COMPARED, Progress, Vector};
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

/// What is known of the text model while the server runs.
#[derive(Debug, Default)]
pub struct TextModel {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Left alone until then, and why.
    held: Option<(Time, String)>,
    /// What was searched for last, with its vector.
    asked: VecDeque<(String, Vec<i8>)>,
}

impl TextModel {
    fn held(&self, now: Time) -> Option<String> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let held = state.held.as_ref().filter(|(until, _)| now < *until);
        held.map(|(_, why)| why.clone())
    }

    fn hold(&self, failure: &NoVectors, now: Time) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.held = Some((now.plus_ms(failure.pause_ms), failure.why.clone()));
    }

    fn known(&self, text: &str) -> Option<Vec<i8>> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let found = state.asked.iter().find(|(known, _)| known == text);
        found.map(|(_, vector)| vector.clone())
    }

    fn learn(&self, text: String, vector: Vec<i8>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.asked.push_front((text, vector));
        state.asked.truncate(EMBEDDING_CACHE);
    }
}

/// What one run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Embedded {
    /// Records that have a vector now.
    pub written: usize,
    /// May more wait that can be asked about now?
    pub has_more: bool,
}

/// Asks about the oldest records that the model was not asked about, at most one batch.
pub async fn embed_due(app: &App) -> Result<Embedded, StoreError> {
    let config = &app.config.memory.embeddings;
    let now = app.clock.now();
    let model = config.name();
    let mut tx = app.database.read().await?;
    let known = vectors::progress(&mut tx, &model).await?;
    let mut before = match known {
        Some(known) => known,
        None => Progress {
            last_id: vectors::beginning(&mut tx).await?,
            ..Progress::default()
        },
    };
    let waiting = vectors::waiting_count(&mut tx, before.last_id, EMBEDDING_QUEUE).await?;
    app.metrics.embeddings_pending(waiting);
    let today = now.day();
    if before.day_at != today {
        before = Progress {
            day_at: today,
            day_count: 0,
            ..before
        };
    }
    let budget = i64::from(config.records_per_day) - before.day_count;
    let limit = EMBEDDING_BATCH.min(budget);
    if waiting == 0 || limit <= 0 || app.text_model.held(now).is_some() {
        tx.rollback().await?;
        return Ok(Embedded::default());
    }
    let records = vectors::waiting(&mut tx, before.last_id, limit).await?;
    tx.rollback().await?;
    if records.is_empty() {
        return Ok(Embedded::default());
    }
    let asked = ask(app, &records).await;
    let count = i64::try_from(asked.answers.len()).unwrap_or(limit);
    let mut told = records.iter().zip(&asked.answers);
    let after = Progress {
        last_id: told.next_back().map_or(before.last_id, |(last, _)| last.id),
        day_count: before.day_count + count + asked.lost_count,
        ..before
    };
    let found = vectors_of(&records, asked.answers);
    if let Some(failure) = &asked.failure {
        tracing::warn!("[memory] {}", failure.why);
        app.text_model.hold(failure, app.clock.now());
    }
    match keep(app, &model, (before, after), &found).await {
        Err(StoreError::Conflict(_)) => Ok(Embedded::default()),
        Err(error) => Err(error),
        Ok(()) => Ok(Embedded {
            written: found.len(),
            has_more: count == EMBEDDING_BATCH && asked.failure.is_none(),
        }),
    }
}

/// Every model has a vector for it: when it fails, the fault is not with the records.
const PLAIN_WORD: &str = "word";

/// What asking about records brought.
#[derive(Default)]
struct Asked {
    /// Vectors of the first records, in their order; `None`: left out for good.
    answers: Vec<Option<Vec<i8>>>,
    /// Questions that say nothing of a record: those that failed, and those about the plain word.
    lost_count: i64,
    /// Why it is left alone now.
    failure: Option<NoVectors>,
}

/// Asks about these records. A failure that may be about the texts is looked into: first with a
/// plain word, then with one text at a time, and those that fail then are left out. A day may go
/// over its budget by one such batch, else a small budget would never get past an odd text.
async fn ask(app: &App, records: &[Observation]) -> Asked {
    let mut asked = Asked::default();
    let texts: Vec<String> = records.iter().map(text_of).collect();
    match question(app, &texts).await {
        Ok(content) => {
            asked.answers = content.into_iter().map(Some).collect();
            return asked;
        }
        Err(failure) if failure.fault == Fault::Model => return asked.lost(failure),
        Err(_) => asked.lost_count += 1,
    }
    if let Err(mut failure) = question(app, &[PLAIN_WORD.to_owned()]).await {
        if failure.fault != Fault::Model {
            failure.why.push_str(
                " It fails for a plain word, too: check key, model and dimensions of \
                 memory.embeddings.",
            );
        }
        return asked.lost(failure);
    }
    asked.lost_count += 1;
    for (record, text) in records.iter().zip(&texts) {
        match question(app, std::slice::from_ref(text)).await {
            Ok(mut content) => asked.answers.push(content.pop()),
            Err(failure) if failure.fault == Fault::Model => return asked.lost(failure),
            Err(failure) => {
                let id = IdKind::Observation.show(record.id);
                tracing::warn!(
                    observation.id = id,
                    "[memory] {id} is found by its words only: {}",
                    failure.why
                );
                asked.answers.push(None);
            }
        }
    }
    asked
}

impl Asked {
    /// The last question failed, and no other one makes sense now.
    fn lost(mut self, failure: NoVectors) -> Self {
        self.lost_count += 1;
        self.failure = Some(failure);
        self
    }
}

async fn question(app: &App, texts: &[String]) -> Result<Vec<Vec<i8>>, NoVectors> {
    embed(&app.outbound, &app.config.memory.embeddings, texts).await
}

fn vectors_of(records: &[Observation], answers: Vec<Option<Vec<i8>>>) -> Vec<Vector> {
    let vector = |(record, content): (&Observation, Option<Vec<i8>>)| {
        Some(Vector {
            workspace_id: record.workspace_id,
            observation_id: record.id,
            content: content?,
        })
    };
    records.iter().zip(answers).filter_map(vector).collect()
}

async fn keep(
    app: &App,
    model: &str,
    moved: (Progress, Progress),
    found: &[Vector],
) -> Result<(), StoreError> {
    let mut tx = app.database.write().await?;
    vectors::save(&mut tx, model, moved, found).await?;
    let workspaces: BTreeSet<i64> = found.iter().map(|one| one.workspace_id).collect();
    for workspace_id in workspaces {
        vectors::delete_old(&mut tx, workspace_id, COMPARED).await?;
    }
    tx.commit().await
}

/// What the model is told of a record: title and body, no more than it reads.
fn text_of(record: &Observation) -> String {
    let whole = format!("{}\n{}", record.title, record.body);
    whole.chars().take(EMBEDDING_CHARS).collect()
}

/// The vector of what is searched for; else why there is none, in a sentence.
pub(super) async fn vector_of(app: &App, text: &str) -> Result<Vec<i8>, String> {
    if let Some(known) = app.text_model.known(text) {
        return Ok(known);
    }
    let now = app.clock.now();
    if let Some(why) = app.text_model.held(now) {
        return Err(why);
    }
    let texts = [text.to_owned()];
    let failure = match tokio::time::timeout(EMBEDDING_PATIENCE, question(app, &texts)).await {
        Ok(Ok(mut found)) => {
            let vector = found.pop().unwrap_or_default();
            app.text_model.learn(text.to_owned(), vector.clone());
            return Ok(vector);
        }
        Ok(Err(failure)) => failure,
        Err(_) => NoVectors {
            why: "The text model did not answer in time.".to_owned(),
            pause_ms: crate::limits::EMBEDDING_PAUSE_MS,
            fault: Fault::Model,
        },
    };
    if failure.fault != Fault::Question {
        app.text_model.hold(&failure, now);
    }
    Err(failure.why)
}
