//! Loads the rows that a batch touches, and writes back what changed, set-wise.

pub(crate) mod alerts;
mod counts;
mod events;
mod groups;
mod identities;
pub(crate) mod incidents;
pub(crate) mod issues;
mod organizations;
mod rates;
pub(crate) mod timeline;

pub use groups::{LONGEST_GROUP_MS, load_groups};

use crate::{StoreError, Tx};
use epicenter_domain::engine::{EventKey, Key, Slice};
use epicenter_domain::signal::metric_key;
use std::collections::{BTreeMap, BTreeSet};

/// What a batch is about to touch.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// Integration and dedup key of every signal.
    pub keys: BTreeSet<Key>,
    /// Integration and hash of what every payload identifies.
    pub identities: BTreeSet<(i64, [u8; 16])>,
    /// Single events: the key of their issue, instant, event id.
    pub events: Vec<(Key, i64, String)>,
    /// Incidents that commands are about.
    pub incidents: BTreeSet<i64>,
    /// Single things that are owed to Sentry.
    pub write_backs: BTreeSet<i64>,
    /// Organisations of metric alerts, by integration and name; with the numbers of those alerts
    /// whose body tells the organisation by its name only.
    pub organizations: BTreeMap<Key, BTreeSet<String>>,
    /// Workspaces that may need a new incident number.
    pub workspaces: BTreeSet<i64>,
}

/// Loads the slice.
pub async fn load(tx: &mut Tx, touched: &Touched) -> Result<Slice, StoreError> {
    let mut slice = Slice::default();
    let names: Vec<Key> = touched.organizations.keys().cloned().collect();
    organizations::load(tx, &names, &mut slice).await?;
    let mut keys = touched.keys.clone();
    for (key, number) in &slice.organizations {
        for identifier in touched.organizations.get(key).into_iter().flatten() {
            keys.insert((key.0, metric_key(number, identifier)));
        }
    }
    let keys: Vec<Key> = keys.into_iter().collect();
    issues::load(tx, &keys, &mut slice).await?;
    alerts::load(tx, &keys, &mut slice).await?;
    let wanted: Vec<i64> = touched.incidents.iter().copied().collect();
    alerts::load_of_incidents(tx, &wanted, &mut slice).await?;
    let latest = slice
        .alerts
        .values()
        .filter_map(|alert| alert.row.incident_id);
    let ids: BTreeSet<i64> = latest.chain(wanted.iter().copied()).collect();
    incidents::load(tx, &ids.into_iter().collect::<Vec<_>>(), &mut slice).await?;
    alerts::load_beside(tx, &touched.incidents, &mut slice).await?;
    crate::write_backs::load(tx, &mut slice).await?;
    for id in &touched.write_backs {
        crate::write_backs::load_one(tx, *id, &mut slice).await?;
    }
    let hashes: Vec<_> = touched.identities.iter().copied().collect();
    identities::load(tx, &hashes, &mut slice).await?;
    let known = touched.events.iter().filter_map(|(key, at, event_id)| {
        let issue = slice.issues.get(key)?;
        Some((
            issue.row.id,
            epicenter_domain::time::Time(*at),
            event_id.clone(),
        ))
    });
    let known: Vec<EventKey> = known.collect();
    events::load_known(tx, &known, &mut slice).await?;
    for workspace_id in &touched.workspaces {
        let number = incidents::last_number(tx, *workspace_id).await?;
        slice.last_numbers.insert(*workspace_id, number);
    }
    Ok(slice)
}

/// Loads more incidents into a slice; what it holds already stays as it is.
pub async fn add_incidents(tx: &mut Tx, slice: &mut Slice, ids: &[i64]) -> Result<(), StoreError> {
    incidents::load(tx, ids, slice).await
}

/// The project of each issue, by its id; empty when none is told.
fn projects_of(slice: &Slice) -> BTreeMap<i64, &str> {
    let issues = slice.issues.values().map(|issue| &issue.row);
    issues
        .map(|issue| (issue.id, issue.project_slug.as_deref().unwrap_or_default()))
        .collect()
}

/// Writes back what changed.
pub async fn save(tx: &mut Tx, slice: &Slice) -> Result<(), StoreError> {
    let issues: Vec<_> = slice.issues.values().filter(|row| row.is_dirty).collect();
    issues::save(tx, &issues).await?;
    let incidents: Vec<_> = slice
        .incidents
        .values()
        .filter(|row| row.is_dirty)
        .collect();
    incidents::save(tx, &incidents).await?;
    let alerts: Vec<_> = slice.alerts.values().filter(|row| row.is_dirty).collect();
    alerts::save(tx, &alerts).await?;
    groups::save(tx, &slice.groups.open).await?;
    events::save(tx, &slice.new_events).await?;
    events::save_buckets(tx, &slice.buckets).await?;
    rates::save(tx, slice).await?;
    crate::detection::save_queue(tx, slice).await?;
    crate::detection::save_regressions(tx, &slice.judged).await?;
    crate::write_backs::save(tx, slice).await?;
    counts::save(tx, slice).await?;
    timeline::save(tx, &slice.timeline).await?;
    crate::routing::routed::save(tx, &slice.routed).await?;
    let learned: Vec<_> = slice.new_organizations.iter().collect();
    organizations::save(tx, &learned).await?;
    identities::save(tx, &slice.new_identities).await
}
