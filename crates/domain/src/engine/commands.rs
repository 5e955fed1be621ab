//! What people and the clock ask for, through the same door as signals.

use super::incidents::{apply_event, close_alert, reopen_alert};
use super::{Context, Key, Slice, Verdict, issues, memory, timeline, writebacks};
use crate::incident::{
    Command, CommandError, Incident, IncidentEvent, IncidentStatus, Mark, MarkKind, decide_command,
};
use crate::signal::{Actor, Fact, IssueStatus, Signal, When};
use crate::time::Time;

/// Does what a person or the clock asks of an incident. Answers whether anything changed.
pub fn command(
    slice: &mut Slice,
    context: &mut Context<'_>,
    (incident_id, command): (i64, &Command),
    actor: &Actor,
) -> Result<bool, CommandError> {
    let Some(incident) = slice.incident(incident_id) else {
        return Err(CommandError::Conflict("there is no such incident"));
    };
    if incident.merged.is_some() && opens(command) {
        return Err(CommandError::Conflict(
            "it was merged into another incident; split it out of that one instead",
        ));
    }
    if is_replaced(slice, incident) && opens(command) {
        return Err(CommandError::Conflict(
            "a newer incident of the same alert has replaced this one; reopen that one",
        ));
    }
    let issue_id = incident.issue_id;
    let events = decide_command(incident, command, context.now)?;
    // What happened after its last signal reopens it, even if it arrives late.
    let ends_at = if let Command::ResolveQuiet(last_signal_at, _) = command {
        *last_signal_at
    } else {
        context.now
    };
    for event in &events {
        writebacks::owe_of_incident(slice, context, incident_id, event, actor);
        apply_event(slice, context, incident_id, event);
        move_alerts(slice, (incident_id, event), ends_at, context.now);
        let line = timeline::Line::of_event(event, "")
            .actor(actor)
            .about(Some(incident_id), issue_id);
        timeline::write(slice, context, line);
        memory::keep_command(slice, context, (incident_id, issue_id), event, actor);
    }
    Ok(!events.is_empty())
}

/// Is the incident over, and its alert with another one by now? Open again, no signal would ever
/// reach it: nothing would resolve it.
fn is_replaced(slice: &Slice, incident: &Incident) -> bool {
    let key = (incident.integration_id, incident.dedup_key.clone());
    let holder = slice.alert(&key).and_then(|alert| alert.incident_id);
    !incident.is_open() && holder.is_some_and(|holder| holder != incident.id)
}

/// Does the command make an incident that is over open again?
fn opens(command: &Command) -> bool {
    match command {
        Command::Reopen => true,
        Command::Restore(status) => *status != IncidentStatus::Resolved,
        Command::Acknowledge
        | Command::Resolve
        | Command::Snooze(_)
        | Command::Assign(_)
        | Command::Unassign
        | Command::Note(_)
        | Command::Wake
        | Command::EndSuspension
        | Command::Unacknowledge(_)
        | Command::ResolveQuiet(..) => false,
    }
}

/// The incident's alerts close and open with it.
fn move_alerts(
    slice: &mut Slice,
    (incident_id, event): (i64, &IncidentEvent),
    at: Time,
    now: Time,
) {
    let when = When {
        sent_at: Some(at),
        occurred_at: Some(at),
    };
    let mine = slice
        .alerts
        .values_mut()
        .filter(|alert| alert.row.incident_id == Some(incident_id));
    for alert in mine {
        match event {
            IncidentEvent::Resolved(_) => {
                if let (true, Some(opened_at)) = (alert.row.is_open, alert.row.opened_at) {
                    alert.edit().habit.ended(opened_at, now, false);
                }
                close_alert(alert.edit(), Mark::new(MarkKind::Resolved, when, now), now);
            }
            IncidentEvent::Reopened(_) => {
                let alert = alert.edit();
                reopen_alert(alert, now);
                alert.status_mark = Some(Mark::new(MarkKind::Unresolved, when, now));
            }
            IncidentEvent::Opened(_)
            | IncidentEvent::SeverityChanged(..)
            | IncidentEvent::Acknowledged
            | IncidentEvent::Archived(_)
            | IncidentEvent::Retriggered(_)
            | IncidentEvent::Assigned(_)
            | IncidentEvent::Unassigned
            | IncidentEvent::Snoozed(_)
            | IncidentEvent::Woke
            | IncidentEvent::Suspended(..)
            | IncidentEvent::Noted(_)
            | IncidentEvent::MergedInto(..)
            | IncidentEvent::SplitFrom(_)
            | IncidentEvent::Remarked(..) => {}
        }
    }
}

/// A person changes an issue's status in the error log: the same effect as if Sentry had said so.
pub fn change_issue_status(
    slice: &mut Slice,
    context: &mut Context<'_>,
    key: &Key,
    status: IssueStatus,
    actor: &Actor,
) -> Option<Verdict> {
    let issue = &slice.issues.get(key)?.row;
    if issue.status == status {
        return None;
    }
    let fact = writebacks::by_hand(issue, status);
    writebacks::owe_of_issue(slice, context, key, status, actor);
    let when = When {
        sent_at: Some(context.now),
        occurred_at: Some(context.now),
    };
    let signal = Signal {
        when,
        actor: actor.clone(),
        fact: Fact::Issue(Box::new(fact.clone())),
    };
    let verdict = issues::apply(slice, context, &signal, &fact);
    memory::keep_issue(slice, context, &signal, &verdict);
    Some(verdict)
}
