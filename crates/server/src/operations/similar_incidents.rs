//! Past incidents like this one, with what resolved them.

use super::OperationError;
use super::search_by_meaning::nearest;
use crate::app::App;
use crate::limits::{ALIKE_FROM, SIMILAR_CANDIDATES, SIMILAR_RECORDS, SIMILAR_WORDS};
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::Incident;
use epicenter_domain::observation::Observation;
use epicenter_domain::observation::kinship::{Cure, SIMILAR_FROM, Traits, compare, cure};
use epicenter_store::observations::{ObservationFilter, vectors};
use epicenter_store::{StoreError, Tx, incidents, observations};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A past incident.
#[derive(Clone, Debug)]
pub struct Similar {
    /// It.
    pub incident: Incident,
    /// How alike, 0 to 100.
    pub score: i64,
    /// Why, in sentences.
    pub reasons: Vec<String>,
    /// What resolved it, if it is over.
    pub cure: Option<Cure>,
}

/// The past incidents that are most like this one; at most `most`.
pub async fn similar_incidents(
    app: &App,
    workspace_id: i64,
    incident: &Incident,
    most: usize,
) -> Result<Vec<Similar>, OperationError> {
    let mut tx = app.database.read().await?;
    let found = similar(app, &mut tx, (workspace_id, incident), most).await?;
    tx.rollback().await?;
    Ok(found)
}

async fn similar(
    app: &App,
    tx: &mut Tx,
    (workspace_id, incident): (i64, &Incident),
    most: usize,
) -> Result<Vec<Similar>, StoreError> {
    let records = records_of(tx, workspace_id, incident.id).await?;
    let mine = traits(incident, &records);
    let files = mine.files.iter().map(|name| ("file", name.as_str()));
    let endpoints = mine
        .endpoints
        .iter()
        .map(|name| ("endpoint", name.as_str()));
    let issue = incident
        .short_id
        .as_deref()
        .or(incident.sentry_issue_id.as_deref());
    let issue = issue.map(|name| ("sentry_issue", name));
    let named: Vec<(&str, &str)> = issue.into_iter().chain(files).chain(endpoints).collect();
    let words = mine.search_words(SIMILAR_WORDS);
    let kin = observations::kin(tx, workspace_id, &named, &words).await?;
    let past = kin.into_iter().filter(|id| *id < incident.id);
    let alike = alike_in_meaning(app, tx, incident, &records).await?;
    // The most alike, and room for those that have something in common.
    let mut nearest: Vec<(i64, i64)> = alike
        .iter()
        .map(|(id, likeness)| (*likeness, *id))
        .collect();
    nearest.sort_unstable_by_key(|place| Reverse(*place));
    let near = nearest.into_iter().map(|(_, id)| id);
    let candidates = incident.previous_incident_id.into_iter();
    let candidates = candidates
        .chain(near.take(SIMILAR_CANDIDATES / 2))
        .chain(past);
    let mut ids: Vec<i64> = candidates.take(SIMILAR_CANDIDATES).collect();
    ids.sort_unstable_by_key(|id| Reverse(*id));
    ids.dedup();
    let mut found = Vec::new();
    for id in ids {
        let Some(other) = incidents::by_id(tx, workspace_id, id).await? else {
            continue;
        };
        let records = records_of(tx, workspace_id, id).await?;
        let mut kinship = compare(&mine, &traits(&other, &records));
        if let Some(likeness) = alike.get(&id) {
            kinship.add_meaning(*likeness);
        }
        if kinship.score >= SIMILAR_FROM {
            found.push(Similar {
                cure: cure(&records).filter(|_| !other.is_open()),
                incident: other,
                score: kinship.score,
                reasons: kinship.reasons,
            });
        }
    }
    found.sort_by_key(|one| (Reverse(one.score), Reverse(one.incident.id)));
    found.truncate(most);
    Ok(found)
}

/// Past incidents with a record that means what the first record of this one means, as the text
/// model sees it: how alike, in thousandths.
async fn alike_in_meaning(
    app: &App,
    tx: &mut Tx,
    incident: &Incident,
    records: &[Observation],
) -> Result<BTreeMap<i64, i64>, StoreError> {
    let config = &app.config.memory.embeddings;
    let first = records.iter().map(|one| one.id).min();
    let Some(first) = first.filter(|_| config.is_on()) else {
        return Ok(BTreeMap::new());
    };
    let place = (incident.workspace_id, &[first][..]);
    let own = vectors::of(tx, &config.name(), place).await?;
    let Some((_, vector)) = own.into_iter().next() else {
        return Ok(BTreeMap::new());
    };
    let any = ObservationFilter::default();
    let mut near = nearest(app, tx, (incident.workspace_id, &any), &vector).await?;
    near.retain(|(likeness, _)| *likeness >= ALIKE_FROM);
    let ids: Vec<i64> = near.iter().map(|(_, id)| *id).collect();
    let by_id: BTreeMap<i64, i64> = near
        .into_iter()
        .map(|(likeness, id)| (id, likeness))
        .collect();
    let mut alike = BTreeMap::new();
    for record in vectors::records(tx, incident.workspace_id, &ids).await? {
        let past = record.incident_id.filter(|id| *id < incident.id);
        if let (Some(id), Some(likeness)) = (past, by_id.get(&record.id)) {
            let best = alike.entry(id).or_insert(*likeness);
            *best = (*best).max(*likeness);
        }
    }
    Ok(alike)
}

async fn records_of(
    tx: &mut Tx,
    workspace_id: i64,
    incident_id: i64,
) -> Result<Vec<Observation>, StoreError> {
    let shown = IdKind::Incident.show(incident_id);
    observations::of_incident(tx, workspace_id, &shown, SIMILAR_RECORDS).await
}

fn traits(incident: &Incident, records: &[Observation]) -> Traits {
    let mut traits = Traits::of(incident);
    for reference in records.iter().flat_map(|one| &one.references) {
        traits.refer(&reference.kind, &reference.id);
    }
    traits
}
