//! Makes, edits and removes maintenance windows.

use super::{WantedWeekly, commit_with_plans, fault, must_be_sound};
use crate::app::App;
use crate::limits::{MAINTENANCE_MS, PLAN_MAINTENANCE};
use crate::operations::OperationError;
use epicenter_domain::limits::NAME_CHARS;
use epicenter_domain::routing::Condition;
use epicenter_domain::routing::mute::Maintenance;
use epicenter_domain::sources::Fault;
use epicenter_domain::time::Time;
use epicenter_store::notices::maintenance;
use epicenter_store::{Tx, services};
use std::collections::BTreeSet;

/// The end of a weekly window that holds until it is removed.
pub const ENDLESS: Time = Time(253_402_300_799_000);

/// What a window should be, still in words; what is absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct WantedMaintenance {
    /// Name.
    pub name: Option<String>,
    /// The services, none where an id is no service's; empty: all.
    pub services: Option<Vec<Option<i64>>>,
    /// What of them, in CEL; empty: all.
    pub condition: Option<String>,
    /// From when; a new one: from now on.
    pub starts_at: Option<Time>,
    /// Until when; a weekly one may have no end.
    pub ends_at: Option<Time>,
    /// Between the two only then.
    pub weekly: Option<WantedWeekly>,
}

fn put(
    window: &mut Maintenance,
    wanted: WantedMaintenance,
    known: &BTreeSet<i64>,
    now: Time,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Some(name) = wanted.name {
        name.trim().clone_into(&mut window.name);
    }
    if window.name.is_empty() || window.name.chars().count() > NAME_CHARS {
        let text = format!("must have 1 to {NAME_CHARS} characters: what is worked on");
        faults.push(fault("name", text));
    }
    if let Some(ids) = wanted.services {
        window.services.clear();
        for (place, id) in ids.into_iter().enumerate() {
            match id.filter(|id| known.contains(id)) {
                Some(id) => {
                    window.services.insert(id);
                }
                None => faults.push(fault(format!("services[{place}]"), "is no service")),
            }
        }
    }
    if let Some(text) = wanted.condition {
        window.condition = match text.trim() {
            "" => None,
            text => match Condition::parse(text) {
                Ok(condition) => Some(condition),
                Err(error) => {
                    faults.push(fault("condition", error.to_string()));
                    None
                }
            },
        };
    }
    if let Some(weekly) = wanted.weekly {
        window.schedule = weekly.read("weekly", &mut faults);
    }
    window.starts_at = wanted.starts_at.unwrap_or(window.starts_at);
    window.ends_at = wanted.ends_at.unwrap_or(window.ends_at);
    faults.extend(length_fault(window, now));
    faults
}

/// A window of its own ends within days; a weekly one may go on.
fn length_fault(window: &Maintenance, now: Time) -> Option<Fault> {
    let length_ms = window.ends_at.since_ms(window.starts_at);
    if length_ms <= 0 || window.ends_at <= now {
        return Some(fault(
            "ends_at",
            "must be in the future, and after the start",
        ));
    }
    (window.schedule.is_none() && length_ms > MAINTENANCE_MS).then(|| {
        let text = "must be within 31 days of the start, unless the window comes weekly";
        fault("ends_at", text)
    })
}

async fn known_services(tx: &mut Tx, workspace_id: i64) -> Result<BTreeSet<i64>, OperationError> {
    let all = services::list(tx, workspace_id).await?;
    Ok(all.into_iter().map(|service| service.id).collect())
}

/// Makes a window. Answers its id.
pub async fn create(
    app: &App,
    workspace_id: i64,
    wanted: WantedMaintenance,
) -> Result<i64, OperationError> {
    let now = app.clock.now();
    let mut tx = app.database.write().await?;
    let kept = maintenance::ending_after(&mut tx, workspace_id, now, PLAN_MAINTENANCE).await?;
    if i64::try_from(kept.len()).unwrap_or(i64::MAX) >= PLAN_MAINTENANCE {
        let reason = format!("there are {PLAN_MAINTENANCE} windows already; remove some first");
        return Err(OperationError::Conflict(reason));
    }
    let is_weekly = wanted
        .weekly
        .as_ref()
        .is_some_and(|weekly| !weekly.windows.is_empty());
    if wanted.ends_at.is_none() && !is_weekly {
        let text = "is needed, unless the window comes weekly";
        return must_be_sound(vec![fault("ends_at", text)]).map(|()| 0);
    }
    let mut window = Maintenance {
        id: app.ids.next(now),
        name: String::new(),
        services: BTreeSet::new(),
        condition: None,
        starts_at: now,
        ends_at: ENDLESS,
        schedule: None,
    };
    let known = known_services(&mut tx, workspace_id).await?;
    must_be_sound(put(&mut window, wanted, &known, now))?;
    maintenance::save(&mut tx, workspace_id, &window).await?;
    commit_with_plans(app, tx, workspace_id).await?;
    Ok(window.id)
}

/// Changes a window.
pub async fn edit(
    app: &App,
    (workspace_id, id): (i64, i64),
    wanted: WantedMaintenance,
) -> Result<(), OperationError> {
    let now = app.clock.now();
    let mut tx = app.database.write().await?;
    let found = maintenance::find(&mut tx, workspace_id, id).await?;
    let mut window = found.ok_or(OperationError::NotFound("maintenance"))?;
    let known = known_services(&mut tx, workspace_id).await?;
    must_be_sound(put(&mut window, wanted, &known, now))?;
    maintenance::save(&mut tx, workspace_id, &window).await?;
    commit_with_plans(app, tx, workspace_id).await?;
    Ok(())
}

/// Removes a window: what it holds back is told from now on.
pub async fn remove(app: &App, workspace_id: i64, id: i64) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    if !maintenance::delete(&mut tx, workspace_id, id).await? {
        return Err(OperationError::NotFound("maintenance"));
    }
    commit_with_plans(app, tx, workspace_id).await?;
    Ok(())
}
