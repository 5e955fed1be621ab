//! Past incidents like this one, with what resolved them.

use super::OperationError;
use crate::app::App;
use crate::limits::{SIMILAR_CANDIDATES, SIMILAR_RECORDS, SIMILAR_WORDS};
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::Incident;
use epicenter_domain::observation::Observation;
use epicenter_domain::observation::kinship::{Cure, SIMILAR_FROM, Traits, compare, cure};
use epicenter_store::{StoreError, Tx, incidents, observations};
use std::cmp::Reverse;

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
    let found = similar(&mut tx, workspace_id, incident, most).await?;
    tx.rollback().await?;
    Ok(found)
}

async fn similar(
    tx: &mut Tx,
    workspace_id: i64,
    incident: &Incident,
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
    let candidates = incident.previous_incident_id.into_iter().chain(past);
    let mut ids: Vec<i64> = candidates.take(SIMILAR_CANDIDATES).collect();
    ids.sort_unstable_by_key(|id| Reverse(*id));
    ids.dedup();
    let mut found = Vec::new();
    for id in ids {
        let Some(other) = incidents::by_id(tx, workspace_id, id).await? else {
            continue;
        };
        let records = records_of(tx, workspace_id, id).await?;
        let kinship = compare(&mine, &traits(&other, &records));
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
