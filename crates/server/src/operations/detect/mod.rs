//! Detection of our own: lets the watches of issues look at what arrived, off the way of the
//! webhooks, a set of issues in one transaction; and says of regressions whether they are real.

mod judge;
mod lags;
mod muted;
mod settings;

pub(super) use lags::look_up;
pub use muted::unmute;
pub(crate) use settings::checked;
pub use settings::{Wanted, forget_detection, set_detection};

use super::{escalate, notices, rank_suspects, remember, storms};
use crate::app::App;
use crate::limits::DETECTION_BATCH;
use crate::registry::Snapshot;
use epicenter_domain::engine::{Context, Key, Rules, Slice, react};
use epicenter_domain::routing::detect::{
    Detection, Finding, FindingKind, Judged, Look, Seen, Watch,
};
use epicenter_domain::signal::IssueStatus;
use epicenter_domain::time::Time;
use epicenter_store::detection::{self, Waiting};
use epicenter_store::slice::{self, Touched};
use epicenter_store::{StoreError, Tx};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What was found about one issue.
struct Found {
    key: Key,
    findings: Vec<Finding>,
    detection: Arc<Detection>,
    judged: Option<Judged>,
}

/// Looks at what arrived. Answers at how many issues.
pub async fn detect_due(app: &App) -> Result<usize, StoreError> {
    let mut tx = app.database.read().await?;
    let is_idle = detection::waiting(&mut tx, 1).await?.is_empty();
    tx.rollback().await?;
    if is_idle {
        return Ok(0);
    }
    let now = app.clock.now();
    let registry = app.registry.snapshot();
    let mut turn = app.database.turn().await?;
    let waiting = detection::waiting(turn.reads(), DETECTION_BATCH).await?;
    let ids: Vec<i64> = waiting.issues.keys().copied().collect();
    let mut watches = detection::load_watches(turn.reads(), &ids).await?;
    let mut slice = slice::load(turn.reads(), &touched(&waiting)).await?;
    let mut all_found = look(&registry, &slice, (&mut watches, &waiting), now);
    for found in &mut all_found {
        judge_return(turn.reads(), &slice, (found, &waiting), now).await?;
    }
    let lines = react_to(app, &registry, &mut slice, (&all_found, now));
    let weather = storms::count(app, turn.reads(), &mut slice).await?;
    let mut tx = turn.write().await?;
    detection::done(&mut tx, &waiting).await?;
    detection::save_watches(&mut tx, &by_workspace(watches, &waiting)).await?;
    if lines > 0 {
        slice::save(&mut tx, &slice).await?;
        notices::ask_for_plans(app, &mut tx, &slice).await?;
        remember::enqueue(app, &mut tx, &slice.notes).await?;
        rank_suspects::ask_for_rankings(app, &mut tx, &slice).await?;
        let escalated = escalate::follow(app, &mut tx, &slice.moved, now).await?;
        storms::tell(app, &mut tx, (&weather, &mut slice.timeline)).await?;
        slice.timeline.extend(escalated);
    }
    tx.commit().await?;
    let incidents: Vec<i64> = slice.incidents.keys().copied().collect();
    app.live.publish(slice.timeline, incidents);
    Ok(waiting.issues.len().max(1))
}

fn touched(waiting: &Waiting) -> Touched {
    Touched {
        keys: waiting.issues.values().map(|one| one.1.clone()).collect(),
        workspaces: waiting.issues.values().map(|one| one.0).collect(),
        ..Touched::default()
    }
}

fn by_workspace(watches: BTreeMap<i64, Watch>, waiting: &Waiting) -> BTreeMap<(i64, i64), Watch> {
    let workspace = |id: &i64| waiting.issues.get(id).map(|one| one.0);
    watches
        .into_iter()
        .filter_map(|(id, watch)| Some(((workspace(&id)?, id), watch)))
        .collect()
}

/// Lets each watch look; answers what was found.
fn look(
    registry: &Snapshot,
    slice: &Slice,
    (watches, waiting): (&mut BTreeMap<i64, Watch>, &Waiting),
    now: Time,
) -> Vec<Found> {
    let mut all = Vec::new();
    for (id, (workspace_id, key, seen)) in &waiting.issues {
        let (Some(watch), Some(issue)) = (watches.get_mut(id), slice.issues.get(key)) else {
            continue;
        };
        let alert = slice.alert(key);
        let incident = alert.and_then(|alert| slice.incident(alert.incident_id?));
        let service_id = incident.map_or_else(
            || {
                let origin = registry.by_id(key.0).map(|entry| &entry.origin);
                origin.and_then(|origin| origin.service_of(issue.row.project_slug.as_deref()))
            },
            |incident| incident.service_id,
        );
        let detection = registry.detection(*workspace_id, service_id);
        let look = Look {
            issue: &issue.row,
            has_fired: alert.is_some_and(|alert| alert.signal_count > 0),
            detection: &detection,
        };
        let findings = watch.look(seen, &look, now);
        if !findings.is_empty() {
            all.push(Found {
                key: key.clone(),
                findings,
                detection,
                judged: None,
            });
        }
    }
    all
}

/// Is a return of what is resolved a real regression?
async fn judge_return(
    tx: &mut Tx,
    slice: &Slice,
    (found, waiting): (&mut Found, &Waiting),
    now: Time,
) -> Result<(), StoreError> {
    let returns = |finding: &Finding| finding.kind == FindingKind::Returned;
    let Some(issue) = slice.issues.get(&found.key).map(|issue| &issue.row) else {
        return Ok(());
    };
    let is_resolved = issue.status == IssueStatus::Resolved;
    let (true, Some(resolution)) = (is_resolved, &issue.resolution) else {
        return Ok(());
    };
    let seen = waiting.issues.get(&issue.id).map(|one| one.2.as_slice());
    let last = seen.and_then(|seen| seen.iter().rfind(|one| one.events > 0));
    let Some(last) = last.filter(|_| found.findings.iter().any(returns)) else {
        return Ok(());
    };
    let place = judge::Place {
        release: some(last, |seen| &seen.release),
        environment: last.environment.clone(),
        at: now,
    };
    found.judged = judge::judge(tx, issue.workspace_id, resolution, &place).await?;
    Ok(())
}

fn some(seen: &Seen, field: impl Fn(&Seen) -> &String) -> Option<String> {
    Some(field(seen).clone()).filter(|text| !text.is_empty())
}

/// Lets what was found take effect. Answers how many lines it wrote.
fn react_to(
    app: &App,
    registry: &Snapshot,
    slice: &mut Slice,
    (all, now): (&[Found], Time),
) -> usize {
    let mut lines = 0;
    for found in all {
        let Some(entry) = registry.by_id(found.key.0) else {
            continue;
        };
        let mut context = Context {
            origin: &entry.origin,
            delivery_id: None,
            now,
            ids: &app.ids,
        };
        let rules = Rules {
            detection: &found.detection,
            judged: found.judged.as_ref(),
        };
        lines += react(slice, &mut context, &found.key, &found.findings, &rules);
    }
    lines
}
