//! Escalations: begins, moves and ends the run of an incident, in the transaction that changes it,
//! and notes who is to be told.

mod moves;
mod roster;

use super::step;
use crate::app::App;
use crate::limits::{CLOCK_SKEW_MS, DUE_ESCALATIONS};
use epicenter_domain::engine::command;
use epicenter_domain::escalation::run::{StepEvent, advance};
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::{Command, TimelineEntry};
use epicenter_domain::signal::Actor;
use epicenter_domain::time::Time;
use epicenter_store::people::runs::{self, Followed};
use epicenter_store::slice::Touched;
use epicenter_store::{StoreError, Tx, incidents};
use moves::{Moves, standing};
use std::collections::BTreeSet;

/// The escalations of these incidents, whose state has just changed, follow them. Answers the lines
/// that were written to their timelines.
pub(super) async fn follow(
    app: &App,
    tx: &mut Tx,
    incident_ids: &BTreeSet<i64>,
    now: Time,
) -> Result<Vec<TimelineEntry>, StoreError> {
    let ids: Vec<i64> = incident_ids.iter().copied().collect();
    let followed = match runs::followed(tx, &ids).await {
        Err(StoreError::Row { .. }) => one_by_one(tx, &ids).await?,
        other => other?,
    };
    let mut moves = Moves::default();
    for one in &followed {
        readable(one.incident_id, moves.follow(app, tx, one, now).await)?;
    }
    moves.save(tx).await
}

/// Those whose rows can be read.
async fn one_by_one(tx: &mut Tx, ids: &[i64]) -> Result<Vec<Followed>, StoreError> {
    let mut all = Vec::new();
    for id in ids {
        let found = readable(*id, runs::followed(tx, &[*id]).await)?;
        all.extend(found.into_iter().flatten());
    }
    Ok(all)
}

/// A row about people that cannot be read must not keep a webhook from being applied: it is logged,
/// and the incident goes on without its escalation.
fn readable<T>(incident_id: i64, found: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match found {
        Err(error @ StoreError::Row { .. }) => {
            let shown = IdKind::Incident.show(incident_id);
            tracing::error!(
                incident.id = shown,
                %error,
                "the escalation of {shown} cannot follow it: {error}"
            );
            Ok(None)
        }
        other => other.map(Some),
    }
}

/// Moves the escalations that are due. Answers how many were looked at.
pub async fn escalate_due(app: &App) -> Result<usize, StoreError> {
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let due = runs::due(&mut tx, now, now.plus_ms(CLOCK_SKEW_MS), DUE_ESCALATIONS).await?;
    tx.rollback().await?;
    for incident_id in &due {
        match escalate(app, *incident_id, now).await {
            Err(error) if error.is_about_the_data() => {
                let shown = IdKind::Incident.show(*incident_id);
                tracing::error!(
                    incident.id = shown,
                    %error,
                    "the escalation of {shown} cannot go on: {error}"
                );
            }
            other => other?,
        }
    }
    Ok(due.len())
}

/// Moves the escalation of one incident, if it is still due.
async fn escalate(app: &App, incident_id: i64, now: Time) -> Result<(), StoreError> {
    let mut tx = app.database.write_state().await?;
    let Some(one) = runs::followed(&mut tx, &[incident_id]).await?.pop() else {
        // The incident was removed.
        runs::delete(&mut tx, incident_id).await?;
        return tx.commit().await;
    };
    let Some((_, run)) = &one.run else {
        return tx.rollback().await;
    };
    let (next, events) = advance(run, standing(&one), now);
    let expired = events.iter().find_map(|event| match event {
        StepEvent::AcknowledgementExpired { after_s } => Some(*after_s),
        StepEvent::Reached { .. } | StepEvent::Exhausted => None,
    });
    let mut moves = Moves::default();
    moves
        .record(app, &mut tx, (&one, &next, &events), now)
        .await?;
    let mut lines = moves.save(&mut tx).await?;
    if let Some(after_s) = expired {
        lines.extend(trigger_again(app, &mut tx, &one, (after_s, now)).await?);
    }
    tx.commit().await?;
    if !lines.is_empty() {
        app.live.publish(lines, [incident_id]);
    }
    Ok(())
}

/// The acknowledgement counts no more: the incident is triggered again, and its run follows.
async fn trigger_again(
    app: &App,
    tx: &mut Tx,
    one: &Followed,
    (after_s, now): (u32, Time),
) -> Result<Vec<TimelineEntry>, StoreError> {
    let found = incidents::by_id(tx, one.workspace_id, one.incident_id).await?;
    let Some(incident) = found else {
        return Ok(Vec::new());
    };
    let origin = app
        .registry
        .origin(incident.integration_id, one.workspace_id);
    let touched = Touched {
        keys: [(incident.integration_id, incident.dedup_key)].into(),
        incidents: [one.incident_id].into(),
        ..Touched::default()
    };
    let minutes = after_s.div_ceil(60);
    let why = format!("because it is not resolved {minutes} minutes after it was acknowledged");
    let (done, lines) = Box::pin(step(app, tx, &touched, (&origin, now), |slice, context| {
        let what = Command::Unacknowledge(why);
        command(
            slice,
            context,
            (one.incident_id, &what),
            &Actor::epicenter(),
        )
    }))
    .await?;
    if let Err(error) = done {
        let shown = IdKind::Incident.show(one.incident_id);
        tracing::warn!(incident.id = shown, %error, "{shown} was not triggered again: {error}");
    }
    Ok(lines)
}
