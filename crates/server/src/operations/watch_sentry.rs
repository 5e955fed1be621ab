//! Did Sentry stop sending? What the sync found is compared with what webhooks told; and how much of
//! each day webhooks told is written down.

use super::OperationError;
use super::warn::{calm, warn};
use crate::app::App;
use crate::limits::{GAP_GRACE_MS, USUAL_DAYS};
use epicenter_domain::health::{Gap, ProjectPulse, gap_of};
use epicenter_domain::level::Severity;
use epicenter_domain::sources::own::Warning;
use epicenter_domain::time::{DAY_MS, Time};
use epicenter_store::health::{alarms, capture};
use epicenter_store::sentry::connections;
use epicenter_store::{StoreError, Tx};
use std::collections::{BTreeMap, BTreeSet};

/// Before the project's slug, in the dedup key of the incident about it.
const KEY: &str = "epicenter-gap-";
/// Days before the last webhook, from which is learned how much is usually told.
const LEARNED_DAYS: i64 = 7;

/// Workspace and project.
type Project = (i64, String);

/// Warns of projects about which Sentry stopped sending, and calms down when it sends again.
pub async fn watch_sentry(app: &App) -> Result<(), OperationError> {
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let all = connections::every(&mut tx).await?;
    tx.rollback().await?;
    let workspaces: BTreeSet<i64> = all.iter().map(|one| one.workspace_id).collect();
    keep_days(app, &workspaces, now).await?;
    if !app.config.health.warns {
        return Ok(());
    }
    let mut tx = app.database.read().await?;
    let gaps = gaps(&mut tx, now).await?;
    let over = over(&mut tx, now).await?;
    tx.rollback().await?;
    for ((workspace_id, project), gap) in gaps {
        let warning = Warning {
            key: format!("{KEY}{project}"),
            severity: Some(Severity::Critical),
            title: format!("Sentry stopped sending about {project}"),
            says: gap.says(&project),
            todo: Gap::ADVICE.to_owned(),
            link: format!("{}/health", app.config.base_url()),
        };
        warn(app, workspace_id, &warning).await?;
    }
    for (workspace_id, key, heard_at) in over {
        let says = format!("A webhook came again at {}.", heard_at.rfc3339());
        calm(app, workspace_id, &key, &says).await?;
    }
    Ok(())
}

/// Projects about which Sentry stopped sending.
async fn gaps(tx: &mut Tx, now: Time) -> Result<BTreeMap<Project, Gap>, StoreError> {
    let window = (now.plus_ms(-DAY_MS), now.plus_ms(-GAP_GRACE_MS));
    let mut missed: BTreeMap<Project, Vec<Time>> = BTreeMap::new();
    for one in capture::missed(tx, window).await? {
        let project = (one.workspace_id, one.project);
        missed
            .entry(project)
            .or_default()
            .push(Time(one.first_seen_at));
    }
    let mut gaps = BTreeMap::new();
    for (project, missed_at) in missed {
        let place = (project.0, project.1.as_str());
        let since = now.plus_ms(-USUAL_DAYS * DAY_MS);
        let heard_at = capture::heard_at(tx, place, since).await?;
        let Some(heard) = heard_at else {
            continue;
        };
        let week = (heard.plus_ms(-LEARNED_DAYS * DAY_MS), heard);
        let before = capture::capture(tx, (place.0, Some(place.1)), week).await?;
        let pulse = ProjectPulse {
            heard_at,
            heard_before: before.heard,
            missed_before: before.synced,
            missed_at,
        };
        if let Some(gap) = gap_of(&pulse) {
            gaps.insert(project, gap);
        }
    }
    Ok(gaps)
}

/// Warnings about projects of which a webhook came since: workspace, key, when it came.
async fn over(tx: &mut Tx, now: Time) -> Result<Vec<(i64, String, Time)>, StoreError> {
    let mut over = Vec::new();
    for alarm in alarms::all(tx).await? {
        let Some(project) = alarm.dedup_key.strip_prefix(KEY) else {
            continue;
        };
        let since = now.plus_ms(-USUAL_DAYS * DAY_MS);
        let heard = capture::heard_at(tx, (alarm.workspace_id, project), since).await?;
        if let Some(at) = heard.filter(|at| at.0 > alarm.raised_at) {
            over.push((alarm.workspace_id, alarm.dedup_key, at));
        }
    }
    Ok(over)
}

/// Writes down how much of today and yesterday webhooks told.
async fn keep_days(app: &App, workspaces: &BTreeSet<i64>, now: Time) -> Result<(), StoreError> {
    let today = now.day();
    for workspace_id in workspaces {
        for day in [today.plus_ms(-DAY_MS), today] {
            let window = (day, day.plus_ms(DAY_MS));
            let mut tx = app.database.read().await?;
            let captured = capture::capture(&mut tx, (*workspace_id, None), window).await?;
            tx.rollback().await?;
            let mut tx = app.database.write().await?;
            capture::keep_day(&mut tx, *workspace_id, day, &captured).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}
