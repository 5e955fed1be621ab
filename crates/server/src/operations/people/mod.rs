//! Who is told, and when: teams, ways to reach people, schedules and escalation policies.

pub mod contacts;
pub mod escalations;
pub mod schedules;
pub mod teams;

use super::OperationError;
use crate::limits::PEOPLE_THINGS;
use epicenter_domain::escalation::policy::{Policy, Target};
use epicenter_domain::sources::Fault;
use epicenter_store::people::escalations::EscalationRecord;
use epicenter_store::people::schedules::ScheduleRecord;
use epicenter_store::{StoreError, Tx, users};
use std::collections::BTreeSet;

/// A fault of a field.
pub fn fault(field: impl Into<String>, message: &str) -> Fault {
    Fault {
        field: field.into(),
        message: message.to_owned(),
    }
}

/// No faults, or all of them.
fn must_be_sound(faults: Vec<Fault>) -> Result<(), OperationError> {
    if faults.is_empty() {
        return Ok(());
    }
    Err(OperationError::Faults(faults))
}

/// All escalation policies of a workspace.
pub async fn all_escalations(
    tx: &mut Tx,
    workspace_id: i64,
) -> Result<Vec<EscalationRecord>, StoreError> {
    let mut all = Vec::new();
    let mut cursor = None;
    loop {
        let page =
            epicenter_store::people::escalations::list(tx, workspace_id, cursor.as_deref(), 100)
                .await?;
        all.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() || all.len() >= PEOPLE_THINGS {
            return Ok(all);
        }
    }
}

/// All schedules of a workspace.
pub async fn all_schedules(
    tx: &mut Tx,
    workspace_id: i64,
) -> Result<Vec<ScheduleRecord>, StoreError> {
    let mut all = Vec::new();
    let mut cursor = None;
    loop {
        let page =
            epicenter_store::people::schedules::list(tx, workspace_id, cursor.as_deref(), 100)
                .await?;
        all.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() || all.len() >= PEOPLE_THINGS {
            return Ok(all);
        }
    }
}

/// The ids of all users of a workspace.
async fn user_ids(tx: &mut Tx, workspace_id: i64) -> Result<BTreeSet<i64>, StoreError> {
    let all = users::list(tx, workspace_id).await?;
    Ok(all.into_iter().map(|user| user.id).collect())
}

/// Refuses when an escalation policy names the target.
pub(in crate::operations) async fn must_be_unnamed(
    tx: &mut Tx,
    workspace_id: i64,
    target: Target,
) -> Result<(), OperationError> {
    let names = |policy: &Policy| {
        policy
            .steps
            .iter()
            .any(|step| step.targets.contains(&target))
    };
    let all = all_escalations(tx, workspace_id).await?;
    match all.iter().find(|record| names(&record.policy)) {
        Some(record) => Err(OperationError::Conflict(format!(
            "the escalation policy “{}” names it; change that first",
            record.policy.name
        ))),
        None => Ok(()),
    }
}

/// Refuses when a policy names the person, or it is their turn in a schedule: nobody would be told,
/// and nobody would notice.
pub(super) async fn must_have_no_duty(
    tx: &mut Tx,
    workspace_id: i64,
    user_id: i64,
) -> Result<(), OperationError> {
    must_be_unnamed(tx, workspace_id, Target::Person(user_id)).await?;
    let takes_turns = |record: &&ScheduleRecord| {
        let mut layers = record.layers.iter();
        layers.any(|layer| layer.participants.contains(&user_id))
    };
    let all = all_schedules(tx, workspace_id).await?;
    match all.iter().find(takes_turns) {
        Some(record) => Err(OperationError::Conflict(format!(
            "this person takes turns in the schedule “{}”; change that first",
            record.name
        ))),
        None => Ok(()),
    }
}

/// Refuses one more than [`PEOPLE_THINGS`].
fn must_have_room(count: usize, what: &str) -> Result<(), OperationError> {
    if count < PEOPLE_THINGS {
        return Ok(());
    }
    Err(OperationError::Conflict(format!(
        "there are {PEOPLE_THINGS} {what} already"
    )))
}
