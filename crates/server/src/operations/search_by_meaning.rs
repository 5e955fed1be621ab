//! Mixes what has the words with what means the same.

use super::search_memory::Search;
use crate::app::App;
use crate::limits::{MEANT_FROM, MEANT_RECORDS};
use epicenter_domain::observation::Observation;
use epicenter_domain::observation::search::{Query, score};
use epicenter_domain::observation::vector::{fuse, likeness};
use epicenter_store::observations::{self, ObservationFilter, vectors};
use epicenter_store::{StoreError, Tx};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The records that have the words and those that are near in meaning, what is high in both lists
/// first; and before which record older ones with the words are.
pub(super) async fn mixed(
    app: &App,
    tx: &mut Tx,
    search: &Search,
    (query, vector): (&Query, &[i8]),
) -> Result<(Vec<Observation>, Option<i64>), StoreError> {
    let (workspace_id, filter) = (search.workspace_id, &search.filter);
    let (found, next) = observations::candidates(tx, workspace_id, filter, i64::MAX).await?;
    let mut ranked: Vec<(i64, i64)> = found
        .iter()
        .map(|one| (score(query, one, search.now), one.id))
        .collect();
    ranked.sort_unstable_by_key(|place| Reverse(*place));
    let by_words = ranked.into_iter().map(|(_, id)| id).collect();
    let near = nearest(app, tx, (workspace_id, filter), vector).await?;
    let by_meaning: Vec<i64> = near.into_iter().map(|(_, id)| id).collect();
    let mut known: BTreeMap<i64, Observation> =
        found.into_iter().map(|one| (one.id, one)).collect();
    let missing: Vec<i64> = by_meaning
        .iter()
        .filter(|id| !known.contains_key(id))
        .copied()
        .collect();
    for one in vectors::records(tx, workspace_id, &missing).await? {
        known.insert(one.id, one);
    }
    let order = fuse(&[by_words, by_meaning]);
    let all = order.into_iter().filter_map(|id| known.remove(&id));
    Ok((all.collect(), next))
}

/// The records nearest in meaning, nearest first: likeness and id.
pub(super) async fn nearest(
    app: &App,
    tx: &mut Tx,
    (workspace_id, filter): (i64, &ObservationFilter),
    vector: &[i8],
) -> Result<Vec<(i64, i64)>, StoreError> {
    let model = app.config.memory.embeddings.name();
    let all = vectors::newest(tx, workspace_id, &model, filter).await?;
    let mut near: Vec<(i64, i64)> = all
        .into_iter()
        .map(|(id, other)| (likeness(vector, &other), id))
        .filter(|(likeness, _)| *likeness >= MEANT_FROM)
        .collect();
    near.sort_unstable_by_key(|place| Reverse(*place));
    near.truncate(MEANT_RECORDS);
    Ok(near)
}
