//! Asks the text model about records, a batch at a time, and about what is searched for.

use crate::app::App;
use crate::clients::embeddings::{NoVectors, embed};
use crate::limits::{
    EMBEDDING_BATCH, EMBEDDING_CACHE, EMBEDDING_CHARS, EMBEDDING_PATIENCE, EMBEDDING_QUEUE,
};
use epicenter_domain::observation::Observation;
use epicenter_domain::time::{DAY_MS, Time};
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
    let today = Time(now.0 - now.0.rem_euclid(DAY_MS));
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
    let Some(last) = records.last() else {
        return Ok(Embedded::default());
    };
    let count = i64::try_from(records.len()).unwrap_or(limit);
    let after = Progress {
        last_id: last.id,
        day_count: before.day_count + count,
        ..before
    };
    let Some(found) = vectors_of(app, &records).await else {
        return Ok(Embedded::default());
    };
    match keep(app, &model, (before, after), &found).await {
        Err(StoreError::Conflict(_)) => Ok(Embedded::default()),
        Err(error) => Err(error),
        Ok(()) => Ok(Embedded {
            written: found.len(),
            has_more: count == EMBEDDING_BATCH,
        }),
    }
}

/// The vectors of these records. Texts that the model refuses are asked about one by one, and those
/// it refuses then are left out; `None`: it does not answer now.
async fn vectors_of(app: &App, records: &[Observation]) -> Option<Vec<Vector>> {
    let config = &app.config.memory.embeddings;
    let texts: Vec<String> = records.iter().map(text_of).collect();
    let content = match embed(&app.outbound, config, &texts).await {
        Ok(content) => content.into_iter().map(Some).collect(),
        Err(failure) if failure.is_about_texts && texts.len() > 1 => {
            let mut content = Vec::with_capacity(texts.len());
            for text in &texts {
                match embed(&app.outbound, config, std::slice::from_ref(text)).await {
                    Ok(mut one) => content.push(one.pop()),
                    Err(failure) if failure.is_about_texts => content.push(None),
                    Err(failure) => return hold(app, &failure),
                }
            }
            content
        }
        Err(failure) if failure.is_about_texts => vec![None],
        Err(failure) => return hold(app, &failure),
    };
    let pairs = records.iter().zip(content);
    let vector = |(record, content): (&Observation, Option<Vec<i8>>)| {
        Some(Vector {
            workspace_id: record.workspace_id,
            observation_id: record.id,
            content: content?,
        })
    };
    Some(pairs.filter_map(vector).collect())
}

fn hold<T>(app: &App, failure: &NoVectors) -> Option<T> {
    tracing::warn!("[memory] {}", failure.why);
    app.text_model.hold(failure, app.clock.now());
    None
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
    let asked = embed(&app.outbound, &app.config.memory.embeddings, &texts);
    let failure = match tokio::time::timeout(EMBEDDING_PATIENCE, asked).await {
        Ok(Ok(mut found)) => {
            let vector = found.pop().unwrap_or_default();
            app.text_model.learn(text.to_owned(), vector.clone());
            return Ok(vector);
        }
        Ok(Err(failure)) => failure,
        Err(_) => NoVectors {
            why: "The text model did not answer in time.".to_owned(),
            pause_ms: crate::limits::EMBEDDING_PAUSE_MS,
            is_about_texts: false,
        },
    };
    if !failure.is_about_texts {
        app.text_model.hold(&failure, now);
    }
    Err(failure.why)
}
