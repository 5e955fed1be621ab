//! Escalation policies, and which service follows which.

use super::{all_escalations, fault, must_be_sound, must_have_room, user_ids};
use crate::app::App;
use crate::operations::OperationError;
use epicenter_domain::escalation::policy::{Policy, Target, chain};
use epicenter_domain::sources::Fault;
use epicenter_store::notices::destinations;
use epicenter_store::people::escalations::{self, EscalationRecord};
use epicenter_store::people::owners::{self, ServiceOwner};
use epicenter_store::people::{schedules, teams};
use epicenter_store::{StoreError, Tx, services};
use std::collections::BTreeMap;

/// Is the policy sound, and does everything exist that it names?
async fn check(
    tx: &mut Tx,
    (workspace_id, id): (i64, Option<i64>),
    policy: &Policy,
) -> Result<(), OperationError> {
    must_be_sound(policy.faults())?;
    let all = all_escalations(tx, workspace_id).await?;
    if id.is_none() {
        must_have_room(all.len(), "escalation policies")?;
    }
    let mut faults = Vec::new();
    let is_same =
        |other: &EscalationRecord| Some(other.id) != id && other.policy.name == policy.name;
    if all.iter().any(is_same) {
        faults.push(fault("name", "is taken"));
    }
    // A new policy has no id yet; nothing can come back to it.
    let own = id.unwrap_or(0);
    let then = all.iter().map(|other| (other.id, other.policy.then));
    let mut then: BTreeMap<i64, Option<i64>> = then.collect();
    then.insert(own, policy.then);
    for first in then.keys() {
        if let Err(error) = chain(*first, &then) {
            faults.push(fault("then", &error.to_string()));
            break;
        }
    }
    faults.extend(unknown_targets(tx, workspace_id, policy).await?);
    must_be_sound(faults)
}

async fn unknown_targets(
    tx: &mut Tx,
    workspace_id: i64,
    policy: &Policy,
) -> Result<Vec<Fault>, StoreError> {
    let users = user_ids(tx, workspace_id).await?;
    let mut faults = Vec::new();
    for (place, step) in policy.steps.iter().enumerate() {
        for (target_place, target) in step.targets.iter().enumerate() {
            let (is_known, text) = match target {
                Target::Person(id) => (users.contains(id), "is no user"),
                Target::Team(id) => {
                    let found = teams::by_id(tx, workspace_id, *id).await?;
                    (found.is_some(), "is no team")
                }
                Target::Schedule(id) => {
                    let found = schedules::by_id(tx, workspace_id, *id).await?;
                    (found.is_some(), "is no schedule")
                }
                Target::Destination(id) => {
                    let found = destinations::by_id(tx, workspace_id, *id).await?;
                    (found.is_some(), "is no destination")
                }
            };
            if !is_known {
                let field = format!("steps[{place}].targets[{target_place}]");
                faults.push(fault(field, text));
            }
        }
    }
    Ok(faults)
}

/// Makes a policy. Answers its id.
pub async fn create(app: &App, workspace_id: i64, policy: Policy) -> Result<i64, OperationError> {
    let now = app.clock.now();
    let policy = trimmed(policy);
    let mut tx = app.database.write().await?;
    check(&mut tx, (workspace_id, None), &policy).await?;
    let record = EscalationRecord {
        id: app.ids.next(now),
        workspace_id,
        policy,
        created_at: now,
    };
    escalations::create(&mut tx, &record).await?;
    tx.commit().await?;
    Ok(record.id)
}

/// Changes a policy. Escalations that are under way go on as they began.
pub async fn change(
    app: &App,
    workspace_id: i64,
    id: i64,
    policy: Policy,
) -> Result<(), OperationError> {
    let policy = trimmed(policy);
    let mut tx = app.database.write().await?;
    if escalations::by_id(&mut tx, workspace_id, id)
        .await?
        .is_none()
    {
        return Err(OperationError::NotFound("escalation policy"));
    }
    check(&mut tx, (workspace_id, Some(id)), &policy).await?;
    escalations::update(&mut tx, workspace_id, id, &policy).await?;
    tx.commit().await?;
    Ok(())
}

fn trimmed(policy: Policy) -> Policy {
    Policy {
        name: policy.name.trim().to_owned(),
        ..policy
    }
}

/// Deletes a policy that no service and no other policy follows.
pub async fn delete(app: &App, workspace_id: i64, id: i64) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    let all = all_escalations(&mut tx, workspace_id).await?;
    if let Some(other) = all.iter().find(|other| other.policy.then == Some(id)) {
        let name = &other.policy.name;
        let reason = format!("the escalation policy “{name}” goes on to it; change that first");
        return Err(OperationError::Conflict(reason));
    }
    let owners = owners::of_workspace(&mut tx, workspace_id).await?;
    if owners.values().any(|owner| owner.escalation_id == Some(id)) {
        let reason = "a service follows it; give that service another one first";
        return Err(OperationError::Conflict(reason.to_owned()));
    }
    if !escalations::delete(&mut tx, workspace_id, id).await? {
        return Err(OperationError::NotFound("escalation policy"));
    }
    tx.commit().await?;
    Ok(())
}

/// Sets who is responsible for a service: a team, an escalation policy.
pub async fn set_owner(
    app: &App,
    (workspace_id, service_id): (i64, i64),
    owner: ServiceOwner,
) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    let service = services::by_id(&mut tx, workspace_id, service_id).await?;
    if service.is_none() {
        return Err(OperationError::NotFound("service"));
    }
    let mut faults = Vec::new();
    if let Some(id) = owner.team_id
        && teams::by_id(&mut tx, workspace_id, id).await?.is_none()
    {
        faults.push(fault("team", "is no team"));
    }
    if let Some(id) = owner.escalation_id
        && escalations::by_id(&mut tx, workspace_id, id)
            .await?
            .is_none()
    {
        faults.push(fault("escalation", "is no escalation policy"));
    }
    must_be_sound(faults)?;
    owners::set(&mut tx, workspace_id, service_id, owner).await?;
    tx.commit().await?;
    Ok(())
}
