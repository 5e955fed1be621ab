//! Sources that are quiet and usually are not: Epicenter warns of them, and calms down when they
//! speak again.

use super::OperationError;
use super::warn::{calm, warn};
use crate::app::App;
use crate::limits::USUAL_DAYS;
use epicenter_domain::health::{Quiet, quiet};
use epicenter_domain::id::IdKind;
use epicenter_domain::level::Severity;
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::sources::own::Warning;
use epicenter_domain::time::{DAY_MS, Time};
use epicenter_store::health::{alarms, counts};
use epicenter_store::{StoreError, Tx};
use std::collections::BTreeMap;

/// Before the integration's id, in the dedup key of the incident about it.
const KEY: &str = "epicenter-quiet-";

/// The quiet sources among all integrations, by id.
pub async fn quiet_sources(tx: &mut Tx, now: Time) -> Result<BTreeMap<i64, Quiet>, StoreError> {
    let mut hours: BTreeMap<i64, (Vec<Time>, Time)> = BTreeMap::new();
    for hour in counts::active_hours(tx, now.plus_ms(-USUAL_DAYS * DAY_MS)).await? {
        let (known, last) = hours.entry(hour.integration_id).or_default();
        known.push(Time(hour.hour_at));
        *last = (*last).max(Time(hour.last_at));
    }
    let judged = hours
        .into_iter()
        .filter_map(|(id, (hours, last_at))| Some((id, quiet(&hours, last_at, now)?)));
    Ok(judged.collect())
}

/// Warns of sources that have become quiet, and calms down about those that speak again.
pub async fn watch_sources(app: &App) -> Result<(), OperationError> {
    if !(app.config.health.warns && app.config.health.quiet_sources) {
        return Ok(());
    }
    let mut tx = app.database.read().await?;
    let quiet = quiet_sources(&mut tx, app.clock.now()).await?;
    let mut raised = alarms::all(&mut tx).await?;
    raised.retain(|alarm| alarm.dedup_key.starts_with(KEY));
    let mut heard: BTreeMap<i64, Time> = BTreeMap::new();
    for alarm in &raised {
        heard.extend(counts::last_heard(&mut tx, alarm.workspace_id).await?);
    }
    tx.rollback().await?;
    let snapshot = app.registry.snapshot();
    for (id, quiet) in &quiet {
        let Some(entry) = snapshot.by_id(*id) else {
            continue;
        };
        if entry.kind == IntegrationKind::Own {
            continue;
        }
        let name = &entry.origin.name;
        let warning = Warning {
            key: format!("{KEY}{}", IdKind::Integration.show(*id)),
            severity: Some(Severity::Error),
            title: format!("{name} has stopped sending"),
            says: quiet.says(),
            todo: Quiet::ADVICE.to_owned(),
            link: format!("{}/health", app.config.base_url()),
        };
        warn(app, entry.origin.workspace_id, &warning).await?;
    }
    for alarm in raised {
        let id = alarm.dedup_key.strip_prefix(KEY);
        let id = id.and_then(|id| IdKind::Integration.parse(id));
        let Some(id) = id else { continue };
        let says = if snapshot.by_id(id).is_none() {
            "Its integration was deleted."
        } else if heard.get(&id).is_some_and(|at| at.0 >= alarm.raised_at) {
            "It speaks again."
        } else {
            continue;
        };
        calm(app, alarm.workspace_id, &alarm.dedup_key, says).await?;
    }
    Ok(())
}
