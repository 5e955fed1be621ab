//! Several alerts in one incident: merging and splitting by hand.

use super::{OperationError, step};
use crate::app::App;
use epicenter_domain::engine::{Part, merge, split};
use epicenter_domain::incident::Incident;
use epicenter_domain::signal::Actor;
use epicenter_store::slice::Touched;
use epicenter_store::{Tx, groups, incidents};
use std::collections::BTreeSet;

/// How far merges are followed: more than people make of one incident.
const LONGEST_WAY: usize = 50;

/// Moves the alerts of an open incident into another one.
pub async fn merge_incidents(
    app: &App,
    workspace_id: i64,
    (source_id, target_id): (i64, i64),
    actor: &Actor,
) -> Result<(), OperationError> {
    let now = app.clock.now();
    let mut tx = app.database.write_state().await?;
    let source = existing(&mut tx, workspace_id, source_id).await?;
    existing(&mut tx, workspace_id, target_id).await?;
    let origin = app.registry.origin(source.integration_id, workspace_id);
    let touched = Touched {
        incidents: [source_id, target_id].into(),
        ..Touched::default()
    };
    let (result, timeline) = step(app, &mut tx, &touched, (&origin, now), |slice, context| {
        merge(slice, context, (source_id, target_id), actor)
    })
    .await?;
    result?;
    tx.commit().await?;
    app.live.publish(timeline, [source_id, target_id]);
    Ok(())
}

/// What is to be taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A part of the incident.
    Part(Part),
    /// The incident itself, of the one that it was merged into.
    Itself,
}

/// Takes a part of an incident out again. Answers the incident that the part is now, by its id.
pub async fn split_incident(
    app: &App,
    workspace_id: i64,
    (incident_id, wanted): (i64, Wanted),
    actor: &Actor,
) -> Result<i64, OperationError> {
    let now = app.clock.now();
    let mut tx = app.database.write_state().await?;
    let incident = existing(&mut tx, workspace_id, incident_id).await?;
    let (whole, part) = match wanted {
        Wanted::Part(part) => (incident, part),
        Wanted::Itself if incident.merged.is_some() => {
            let whole = leader(&mut tx, incident).await?;
            (whole, Part::Merged(incident_id))
        }
        Wanted::Itself => {
            let message = "say which alert, or which merged incident, is to be split out";
            return Err(OperationError::invalid("alert", message));
        }
    };
    let inside = groups::merged_into(&mut tx, workspace_id, whole.id).await?;
    let mut ids: BTreeSet<i64> = inside.iter().map(|incident| incident.id).collect();
    ids.insert(whole.id);
    let origin = app.registry.origin(whole.integration_id, workspace_id);
    let touched = Touched {
        incidents: ids,
        workspaces: [workspace_id].into(),
        ..Touched::default()
    };
    let (result, timeline) = step(app, &mut tx, &touched, (&origin, now), |slice, context| {
        split(slice, context, (whole.id, part), actor)
    })
    .await?;
    let new_id = result?;
    tx.commit().await?;
    app.live.publish(timeline, [whole.id, new_id]);
    Ok(new_id)
}

async fn existing(
    tx: &mut Tx,
    workspace_id: i64,
    incident_id: i64,
) -> Result<Incident, OperationError> {
    incidents::by_id(tx, workspace_id, incident_id)
        .await?
        .ok_or(OperationError::NotFound("incident"))
}

/// The incident that has the alerts of a merged one now.
pub async fn leader(tx: &mut Tx, incident: Incident) -> Result<Incident, OperationError> {
    let mut at = incident;
    for _ in 0..LONGEST_WAY {
        let Some(into_id) = at.merged.as_ref().map(|merged| merged.into_id) else {
            break;
        };
        at = existing(tx, at.workspace_id, into_id).await?;
    }
    Ok(at)
}
