//! Open incidents that alerts may join, and by what they are found.

use crate::batch::{padded, pieces};
use crate::rows::{from_json, json};
use crate::{StoreError, Tx};
use epicenter_domain::engine::{Group, Slice};
use epicenter_domain::routing::group::Traits;
use epicenter_domain::time::{DAY_MS, Time};
use sqlx::QueryBuilder;
use std::collections::{BTreeMap, BTreeSet};

/// The longest life of a group (FIELD §1.8).
pub const LONGEST_GROUP_MS: i64 = DAY_MS;

type Row = (i64, Vec<u8>, i64, i64, i64, String);

/// Adds to the slice what alerts with these hashes may join: the groups that an alert joined since
/// then, their incidents and the alerts of those. `hashes`: by workspace.
pub async fn load_groups(
    tx: &mut Tx,
    hashes: &[(i64, [u8; 16])],
    since: Time,
    slice: &mut Slice,
) -> Result<(), StoreError> {
    let mut ids = BTreeSet::new();
    for piece in pieces(&padded(hashes)) {
        let rows: Vec<Row> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("WITH k (place, name) AS (");
            query.push_values(piece, |mut row, (workspace_id, hash)| {
                row.push_bind(*workspace_id).push_bind(hash.as_slice());
            });
            // CROSS JOIN: SQLite then looks each key up instead of scanning the table.
            query.push(
                ") SELECT g.workspace_id, x.hash, g.incident_id, g.opened_at, g.joined_at, \
                 g.traits FROM k CROSS JOIN incident_group_keys x \
                 CROSS JOIN incident_groups g WHERE x.workspace_id = k.place \
                 AND x.hash = k.name AND g.incident_id = x.incident_id AND g.joined_at >= ",
            );
            query.push_bind(since.0);
            query.build_query_as().fetch_all(conn).await?
        });
        for row in rows {
            ids.insert(row.2);
            keep(row, slice)?;
        }
    }
    let ids: Vec<i64> = ids.into_iter().collect();
    super::alerts::load_of_incidents(tx, &ids, slice).await?;
    super::incidents::load(tx, &ids, slice).await
}

fn keep(row: Row, slice: &mut Slice) -> Result<(), StoreError> {
    let (workspace_id, hash, incident_id, opened_at, joined_at, traits) = row;
    let traits: Option<Traits> = from_json("incident_groups", incident_id, Some(&traits))?;
    let (Some(traits), Ok(hash)) = (traits, <[u8; 16]>::try_from(hash.as_slice())) else {
        return Ok(());
    };
    let group = Group {
        workspace_id,
        opened_at: Time(opened_at),
        joined_at: Time(joined_at),
        traits,
        hashes: Vec::new(),
        is_dirty: false,
    };
    slice.groups.know(incident_id, group, &[hash]);
    Ok(())
}

pub(super) async fn save(tx: &mut Tx, groups: &BTreeMap<i64, Group>) -> Result<(), StoreError> {
    let changed: Vec<(&i64, &Group)> = groups.iter().filter(|(_, group)| group.is_dirty).collect();
    for piece in pieces(&changed) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO incident_groups (incident_id, workspace_id, opened_at, joined_at, \
                 traits) ",
            );
            query.push_values(piece, |mut row, (id, group)| {
                row.push_bind(**id)
                    .push_bind(group.workspace_id)
                    .push_bind(group.opened_at.0)
                    .push_bind(group.joined_at.0)
                    .push_bind(json(Some(&group.traits)));
            });
            query.push(" ON CONFLICT (incident_id) DO UPDATE SET joined_at = excluded.joined_at");
            query.build().execute(conn).await?;
        });
    }
    let keys: Vec<(i64, [u8; 16], i64)> = changed
        .iter()
        .flat_map(|(id, group)| {
            let place = group.workspace_id;
            group.hashes.iter().map(move |hash| (place, *hash, **id))
        })
        .collect();
    for piece in pieces(&keys) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO incident_group_keys (workspace_id, hash, incident_id) ",
            );
            query.push_values(piece, |mut row, (workspace_id, hash, incident_id)| {
                row.push_bind(*workspace_id)
                    .push_bind(hash.as_slice())
                    .push_bind(*incident_id);
            });
            query.push(" ON CONFLICT (workspace_id, hash, incident_id) DO NOTHING");
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}
