//! Signals of a batch that would open what is resolved in a release: is it a real regression? A
//! batch without such signals costs nothing.

use super::judge::{Place, judge};
use crate::limits::LAGS;
use crate::operations::group_alerts::Candidate;
use crate::registry::Snapshot;
use epicenter_domain::engine::{Key, Lag, Slice};
use epicenter_domain::routing::detect::Judged;
use epicenter_domain::signal::{Fact, IssueChange, IssueFact, IssueStatus, Resolution, Signal};
use epicenter_domain::time::Time;
use epicenter_store::{StoreError, Tx};
use std::collections::BTreeMap;

/// Workspace, how it is resolved (release, the one before, commit), and where it happened.
type Question = (i64, [Option<String>; 3], Place);

/// Fills the slice with what releases say of the signals that open something.
pub(crate) async fn look_up(
    tx: &mut Tx,
    registry: &Snapshot,
    slice: &mut Slice,
    batch: &[Candidate<'_>],
) -> Result<(), StoreError> {
    let mut resolved: BTreeMap<Key, Resolution> = BTreeMap::new();
    let mut answers: BTreeMap<Question, Option<Judged>> = BTreeMap::new();
    for candidate in batch {
        for (key, fact) in candidate
            .signals
            .iter()
            .filter_map(|signal| of_issue(candidate, signal))
        {
            if let IssueChange::Resolved(resolution) = &fact.change {
                resolved.insert(key, resolution_at(slice, fact, resolution));
                continue;
            }
            let Some(resolution) = resolution_of(slice, &resolved, &key) else {
                continue;
            };
            if !opens(&fact.change, candidate.origin.service_hooks_trigger) {
                continue;
            }
            let workspace_id = candidate.origin.workspace_id;
            let place = place(fact, Time(candidate.delivery.received_at));
            let question = (
                workspace_id,
                [
                    resolution.release.clone(),
                    resolution.after.clone(),
                    resolution.commit.clone(),
                ],
                place.clone(),
            );
            let answer = match answers.get(&question) {
                Some(known) => known.clone(),
                None if answers.len() >= LAGS => continue,
                None => {
                    let answer = judge(tx, workspace_id, &resolution, &place).await?;
                    answers.insert(question, answer.clone());
                    answer
                }
            };
            if let Some(judged) = answer {
                let project = fact.issue.project.slug.as_deref();
                let service_id = candidate.origin.service_of(project);
                let reaction = registry
                    .detection(workspace_id, service_id)
                    .false_regression;
                let lag = Lag { judged, reaction };
                slice.lags.insert((candidate.delivery.id, key), lag);
            }
        }
    }
    Ok(())
}

fn of_issue<'a>(candidate: &Candidate<'_>, signal: &'a Signal) -> Option<(Key, &'a IssueFact)> {
    match &signal.fact {
        Fact::Issue(fact) => {
            let key = (candidate.origin.integration_id, fact.issue.key.dedup_key());
            Some((key, fact))
        }
        Fact::Alert(_) | Fact::Installation(_) | Fact::Remark(_) | Fact::Change(_) => None,
    }
}

/// How an issue is resolved, by the store or by the batch itself.
fn resolution_of(
    slice: &Slice,
    resolved: &BTreeMap<Key, Resolution>,
    key: &Key,
) -> Option<Resolution> {
    let stored = slice
        .issues
        .get(key)
        .map(|issue| &issue.row)
        .filter(|issue| issue.status == IssueStatus::Resolved)
        .and_then(|issue| issue.resolution.as_ref());
    resolved.get(key).or(stored).cloned()
}

/// A resolution that is about to be applied.
fn resolution_at(slice: &Slice, fact: &IssueFact, resolution: &Resolution) -> Resolution {
    let dedup_key = fact.issue.key.dedup_key();
    let known = slice.issues.iter().find(|(key, _)| key.1 == dedup_key);
    let last = known.and_then(|(_, issue)| issue.row.release.clone());
    resolution.clone().after(last)
}

/// Does the change open something?
fn opens(change: &IssueChange, service_hooks_trigger: bool) -> bool {
    match change {
        IssueChange::Created
        | IssueChange::AlertFired { .. }
        | IssueChange::Reported { .. }
        | IssueChange::Unresolved => true,
        IssueChange::Occurred { service_hook } => *service_hook && service_hooks_trigger,
        IssueChange::Resolved(_)
        | IssueChange::Archived { .. }
        | IssueChange::Assigned(_)
        | IssueChange::Commented { .. }
        | IssueChange::Remark(_) => false,
    }
}

/// Where it happened, by what the signal itself says: what the issue was seen with last may be old.
fn place(fact: &IssueFact, received_at: Time) -> Place {
    let event = fact.event.as_deref();
    let release = event.and_then(|event| event.release.clone());
    let environment = event.and_then(|event| event.environment.clone());
    Place {
        release: release.or_else(|| fact.issue.release.clone()),
        environment: environment
            .or_else(|| fact.issue.environment.clone())
            .unwrap_or_default(),
        at: event.and_then(|event| event.at).unwrap_or(received_at),
    }
}
