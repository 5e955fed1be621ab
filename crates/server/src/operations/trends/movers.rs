//! What grew or fell most against the week before.

use super::Scope;
use crate::limits::{MOVERS_SHOWN, MOVING_ISSUES};
use epicenter_domain::time::{DAY_MS, Time};
use epicenter_domain::trend::movers::{Move, movers};
use epicenter_store::trends::events::{Split, totals};
use epicenter_store::trends::movers::{MovingIssue, events_of, seen_between};
use epicenter_store::{StoreError, Tx};
use std::collections::BTreeMap;

/// A week.
const WEEK_MS: i64 = 7 * DAY_MS;
/// Projects that are compared: as many as the error log lists.
const COMPARED_PROJECTS: i64 = 200;

/// What moved, most first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Movers<T> {
    /// What grew.
    pub grew: Vec<Move<T>>,
    /// What fell.
    pub fell: Vec<Move<T>>,
}

/// Issues and projects that moved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllMovers {
    /// Issues; compared are those seen last, and those that fell silent last.
    pub issues: Movers<MovingIssue>,
    /// Projects; an empty name is what names none.
    pub projects: Movers<String>,
}

/// Compares the last seven days, up to the hour that has begun, with the seven before.
pub async fn all_movers(tx: &mut Tx, scope: &Scope, now: Time) -> Result<AllMovers, StoreError> {
    let Some(filter) = scope.counts(tx).await? else {
        return Ok(AllMovers::default());
    };
    let workspace_id = scope.workspace_id;
    let to = now.hour();
    let weeks = [
        (to.plus_ms(-2 * WEEK_MS), to.plus_ms(-WEEK_MS)),
        (to.plus_ms(-WEEK_MS), to),
    ];
    let mut issues = Vec::new();
    // The first began the week of silence, the second is seen still.
    for seen in [weeks[0], (weeks[1].0, now.plus_ms(1))] {
        let found = seen_between(tx, workspace_id, &filter, seen, MOVING_ISSUES).await?;
        issues.extend(found);
    }
    let ids: Vec<i64> = issues.iter().map(|issue| issue.id).collect();
    let mut events = Vec::new();
    let mut projects: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for (from, to) in weeks {
        events.push(events_of(tx, &ids, (from, to)).await?);
        let part = (from, to, COMPARED_PROJECTS);
        for (name, count) in totals(tx, workspace_id, &filter, Split::Project, part).await? {
            let counts = projects.entry(name).or_default();
            let slot = if from == weeks[0].0 {
                &mut counts.0
            } else {
                &mut counts.1
            };
            *slot += count;
        }
    }
    let of = |week: usize, id: i64| events.get(week).and_then(|one| one.get(&id)).copied();
    let issues = issues.into_iter().map(|issue| Move {
        before: of(0, issue.id).unwrap_or(0),
        after: of(1, issue.id).unwrap_or(0),
        what: issue,
    });
    let projects = projects.into_iter().map(|(what, (before, after))| Move {
        what,
        before,
        after,
    });
    Ok(AllMovers {
        issues: told(&issues.collect::<Vec<_>>()),
        projects: told(&projects.collect::<Vec<_>>()),
    })
}

fn told<T: Clone>(all: &[Move<T>]) -> Movers<T> {
    let (grew, fell) = movers(all, MOVERS_SHOWN);
    Movers { grew, fell }
}
