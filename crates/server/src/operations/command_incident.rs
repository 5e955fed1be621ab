//! What people and the clock ask of an incident, through the same engine as signals.

use super::{OperationError, step};
use crate::app::App;
use epicenter_domain::engine::command;
use epicenter_domain::incident::{Command, IncidentStatus};
use epicenter_domain::signal::Actor;
use epicenter_store::incidents;
use epicenter_store::slice::Touched;

/// Does `what` to an incident of a workspace. Answers the status it had before.
pub async fn command_incident(
    app: &App,
    workspace_id: i64,
    incident_id: i64,
    what: &Command,
    actor: &Actor,
) -> Result<IncidentStatus, OperationError> {
    let now = app.clock.now();
    let mut tx = app.database.write_state().await?;
    let incident = incidents::by_id(&mut tx, workspace_id, incident_id)
        .await?
        .ok_or(OperationError::NotFound("incident"))?;
    let origin = app.registry.origin(incident.integration_id, workspace_id);
    let touched = Touched {
        // Its alert may be with a newer incident by now.
        keys: [(incident.integration_id, incident.dedup_key.clone())].into(),
        incidents: [incident_id].into(),
        ..Touched::default()
    };
    let (result, timeline) = step(app, &mut tx, &touched, (&origin, now), |slice, context| {
        command(slice, context, (incident_id, what), actor)
    })
    .await?;
    result?;
    tx.commit().await?;
    app.live.publish(timeline, [incident_id]);
    Ok(incident.status)
}

/// Triggers the incidents that were held back and did not end by themselves. Answers how many.
pub async fn end_suspensions(app: &App) -> Result<usize, OperationError> {
    let mut tx = app.database.read().await?;
    let due = incidents::due_suspensions(&mut tx, app.clock.now(), 100).await?;
    tx.rollback().await?;
    let actor = Actor::epicenter();
    for (workspace_id, incident_id) in &due {
        let what = Command::EndSuspension;
        command_incident(app, *workspace_id, *incident_id, &what, &actor).await?;
    }
    Ok(due.len())
}

/// Wakes the incidents whose snooze is over. Answers how many.
pub async fn wake_snoozed(app: &App) -> Result<usize, OperationError> {
    let mut tx = app.database.read().await?;
    let due = incidents::due_snoozes(&mut tx, app.clock.now(), 100).await?;
    tx.rollback().await?;
    for (workspace_id, incident_id) in &due {
        let actor = Actor::epicenter();
        command_incident(app, *workspace_id, *incident_id, &Command::Wake, &actor).await?;
    }
    Ok(due.len())
}
