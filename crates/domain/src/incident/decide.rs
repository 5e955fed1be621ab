//! What a signal or a command does to an incident. Pure: values in, events out.

use super::{Alert, Command, Incident, IncidentEvent, IncidentStatus, Mark};
use crate::level::Severity;
use crate::signal::Assignee;
use crate::time::{HOUR_MS, Time};

/// What may move an alert and its incident.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// Something fires: an event, a new issue, a metric.
    Fire {
        /// How bad it is.
        severity: Severity,
        /// May the severity go down again? Metric alerts say their state; events do not.
        exact: bool,
        /// Its clocks.
        mark: Mark,
    },
    /// Sentry says it is unresolved again.
    Unresolved {
        /// How bad it is.
        severity: Severity,
        /// `regressed`, `escalating`, `ongoing`.
        why: String,
        /// Its clocks.
        mark: Mark,
    },
    /// It is over.
    Resolve {
        /// How, as a phrase.
        how: String,
        /// Its clocks.
        mark: Mark,
    },
    /// It is ignored.
    Archive {
        /// Until when, as a phrase.
        until: String,
        /// Its clocks.
        mark: Mark,
    },
    /// Somebody looks at it, says the sender.
    Acknowledge,
    /// It has an assignee.
    Assign(Assignee),
    /// A line for the timeline: kind and text.
    Remark(String, String),
}

/// What an integration lets its signals do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// A closed incident younger than this is opened again instead of a new one (FIELD §1.8).
    pub reopen_window_ms: i64,
    /// Is what usually ends by itself held back for a moment?
    pub holds_transients: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            reopen_window_ms: 2 * HOUR_MS,
            holds_transients: true,
        }
    }
}

/// What happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// A new incident begins with these events; it may follow an earlier episode.
    Open {
        /// The episode before.
        previous: Option<i64>,
        /// What happens to the new one.
        events: Vec<IncidentEvent>,
    },
    /// The current incident goes on; no events: it only counts.
    Continue(Vec<IncidentEvent>),
    /// No incident is concerned; the alert takes the mark.
    AlertOnly(&'static str),
    /// Older than what is already known: nothing changes, the reason is a sentence.
    Stale(&'static str),
}

/// Decides what a trigger does. `incident` is the alert's latest.
pub fn decide(
    alert: &Alert,
    incident: Option<&Incident>,
    trigger: &Trigger,
    policy: Policy,
    now: Time,
) -> Decision {
    match trigger {
        Trigger::Fire {
            severity,
            exact,
            mark,
        } => {
            if is_stale_trigger(alert, mark) {
                return Decision::Stale("it happened before the alert was resolved");
            }
            if let Some(current) = open(incident) {
                Decision::Continue(severity_change(current, *severity, *exact))
            } else {
                let begun = begin(incident, *severity, "it fired again", policy, now);
                hold_back(begun, alert, *severity, policy, now)
            }
        }
        Trigger::Unresolved {
            severity,
            why,
            mark,
        } => {
            if alert
                .status_mark
                .is_some_and(|applied| mark.status_precedes(&applied))
            {
                return Decision::Stale("a newer change of status is already known");
            }
            match open(incident) {
                Some(current) => Decision::Continue(unresolved_again(current, why)),
                None => begin(incident, *severity, why, policy, now),
            }
        }
        Trigger::Resolve { how, mark } => {
            if is_stale_resolve(alert, mark) {
                return Decision::Stale("it was resolved before it became unresolved again");
            }
            resolve(incident, how)
        }
        Trigger::Archive { until, mark } => {
            if alert
                .status_mark
                .is_some_and(|applied| mark.status_precedes(&applied))
            {
                return Decision::Stale("a newer change of status is already known");
            }
            match open(incident) {
                Some(_) => Decision::Continue(vec![IncidentEvent::Archived(until.clone())]),
                None => Decision::AlertOnly("no incident is open"),
            }
        }
        Trigger::Acknowledge => match open(incident) {
            Some(current) if current.status == IncidentStatus::Acknowledged => {
                Decision::Continue(Vec::new())
            }
            Some(_) => Decision::Continue(vec![IncidentEvent::Acknowledged]),
            None => Decision::AlertOnly("no incident is open"),
        },
        Trigger::Assign(assignee) => match open(incident) {
            Some(_) => Decision::Continue(vec![IncidentEvent::Assigned(assignee.clone())]),
            None => Decision::AlertOnly("no incident is open"),
        },
        Trigger::Remark(kind, text) => match incident {
            Some(_) => {
                Decision::Continue(vec![IncidentEvent::Remarked(kind.clone(), text.clone())])
            }
            None => Decision::AlertOnly("no incident is concerned"),
        },
    }
}

fn resolve(incident: Option<&Incident>, how: &str) -> Decision {
    match incident {
        Some(current) if current.is_open() => {
            Decision::Continue(vec![IncidentEvent::Resolved(how.to_owned())])
        }
        Some(_) => Decision::Continue(vec![IncidentEvent::Remarked(
            "incident.resolved_again".to_owned(),
            format!("Resolved {how}, while it was already resolved"),
        )]),
        None => Decision::AlertOnly(
            "resolved before anything fired; an older trigger will not open an incident",
        ),
    }
}

fn open(incident: Option<&Incident>) -> Option<&Incident> {
    incident.filter(|incident| incident.is_open())
}

fn is_stale_trigger(alert: &Alert, mark: &Mark) -> bool {
    let resolved = |applied: &Mark| applied.kind == super::MarkKind::Resolved;
    !alert.is_open
        && alert
            .status_mark
            .filter(resolved)
            .is_some_and(|resolve| mark.trigger_precedes(&resolve))
}

fn is_stale_resolve(alert: &Alert, mark: &Mark) -> bool {
    let by_status = alert
        .status_mark
        .is_some_and(|applied| mark.status_precedes(&applied));
    let by_trigger = alert
        .trigger_mark
        .is_some_and(|trigger| mark.resolve_precedes(&trigger));
    alert.is_open && (by_status || by_trigger)
}

/// Opens the last incident again, or a new one that is linked to it.
fn begin(
    last: Option<&Incident>,
    severity: Severity,
    why: &str,
    policy: Policy,
    now: Time,
) -> Decision {
    match last {
        Some(last) if is_within(last, policy, now) => {
            let mut events = vec![IncidentEvent::Reopened(why.to_owned())];
            events.extend(severity_change(last, severity, false));
            Decision::Continue(events)
        }
        last => Decision::Open {
            previous: last.map(|last| last.id),
            events: vec![IncidentEvent::Opened(severity)],
        },
    }
}

/// What usually ends by itself in a moment is held back for as long; never what is critical.
fn hold_back(
    begun: Decision,
    alert: &Alert,
    severity: Severity,
    policy: Policy,
    now: Time,
) -> Decision {
    let held = alert.habit.suspend(now);
    let Some((until, why)) = held.filter(|_| policy.holds_transients) else {
        return begun;
    };
    if severity == Severity::Critical {
        return begun;
    }
    let suspended = IncidentEvent::Suspended(until, why);
    match begun {
        Decision::Open {
            previous,
            mut events,
        } => {
            events.push(suspended);
            Decision::Open { previous, events }
        }
        Decision::Continue(mut events) => {
            events.push(suspended);
            Decision::Continue(events)
        }
        Decision::AlertOnly(_) | Decision::Stale(_) => begun,
    }
}

fn is_within(last: &Incident, policy: Policy, now: Time) -> bool {
    let closed_at = last.resolved_at.unwrap_or(last.updated_at);
    now.since_ms(closed_at) < policy.reopen_window_ms
}

fn severity_change(current: &Incident, severity: Severity, exact: bool) -> Vec<IncidentEvent> {
    if severity > current.severity || (exact && severity != current.severity) {
        let mut events = vec![IncidentEvent::SeverityChanged(current.severity, severity)];
        if severity == Severity::Critical && current.status == IncidentStatus::Suspended {
            let why = "because it is critical and no longer held back";
            events.push(IncidentEvent::Retriggered(why.to_owned()));
        }
        events
    } else {
        Vec::new()
    }
}

fn unresolved_again(current: &Incident, why: &str) -> Vec<IncidentEvent> {
    if current.archived_until.is_some() {
        return vec![IncidentEvent::Retriggered(why.to_owned())];
    }
    vec![IncidentEvent::Remarked(
        "issue.unresolved".to_owned(),
        format!("Sentry: {why}"),
    )]
}

/// Why a command cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The incident's state forbids it.
    #[error("{0}")]
    Conflict(&'static str),
    /// The command itself is wrong: field and sentence.
    #[error("{0}: {1}")]
    Invalid(&'static str, &'static str),
}

/// Decides what a command does. No events: it is already so.
pub fn decide_command(
    incident: &Incident,
    command: &Command,
    now: Time,
) -> Result<Vec<IncidentEvent>, CommandError> {
    let is_open = incident.is_open();
    let over = CommandError::Conflict("the incident is resolved; reopen it first");
    match command {
        Command::Acknowledge | Command::Snooze(_) if !is_open => Err(over),
        Command::Acknowledge if incident.status == IncidentStatus::Acknowledged => Ok(Vec::new()),
        Command::Acknowledge => Ok(vec![IncidentEvent::Acknowledged]),
        Command::Resolve if !is_open => Ok(Vec::new()),
        Command::Resolve => Ok(vec![IncidentEvent::Resolved("by hand".to_owned())]),
        Command::ResolveQuiet(..) if incident.keeps_when_quiet().is_some() => Ok(Vec::new()),
        Command::ResolveQuiet(_, how) => Ok(vec![IncidentEvent::Resolved(how.clone())]),
        Command::Reopen if is_open => Ok(Vec::new()),
        Command::Reopen => Ok(vec![IncidentEvent::Reopened("by hand".to_owned())]),
        Command::Snooze(until) if *until <= now => {
            Err(CommandError::Invalid("until", "must be in the future"))
        }
        Command::Snooze(until) => Ok(vec![IncidentEvent::Snoozed(*until)]),
        Command::Assign(assignee) if assignee.name.trim().is_empty() => {
            Err(CommandError::Invalid("to", "must name somebody"))
        }
        Command::Assign(assignee) => Ok(vec![IncidentEvent::Assigned(assignee.clone())]),
        Command::Unassign if incident.assignee.is_none() => Ok(Vec::new()),
        Command::Unassign => Ok(vec![IncidentEvent::Unassigned]),
        Command::Note(text) if text.trim().is_empty() => {
            Err(CommandError::Invalid("text", "must not be empty"))
        }
        Command::Note(text) => Ok(vec![IncidentEvent::Noted(text.trim().to_owned())]),
        Command::Wake => match incident.snoozed_until {
            Some(until) if is_open && until <= now => Ok(vec![IncidentEvent::Woke]),
            _ => Ok(Vec::new()),
        },
        Command::EndSuspension => match incident.suspended_until {
            Some(until) if incident.status == IncidentStatus::Suspended && until <= now => {
                let why = "because it did not end by itself in a moment";
                Ok(vec![IncidentEvent::Retriggered(why.to_owned())])
            }
            _ => Ok(Vec::new()),
        },
        Command::Unacknowledge(why) if incident.status == IncidentStatus::Acknowledged => {
            Ok(vec![IncidentEvent::Retriggered(why.clone())])
        }
        Command::Unacknowledge(_) => Ok(Vec::new()),
        Command::Restore(status) => Ok(restore(incident, *status)),
    }
}

fn restore(incident: &Incident, status: IncidentStatus) -> Vec<IncidentEvent> {
    if incident.status == status {
        return Vec::new();
    }
    match status {
        IncidentStatus::Suspended | IncidentStatus::Triggered if !incident.is_open() => {
            vec![IncidentEvent::Reopened("by undo".to_owned())]
        }
        IncidentStatus::Suspended | IncidentStatus::Triggered => {
            vec![IncidentEvent::Retriggered("by undo".to_owned())]
        }
        IncidentStatus::Acknowledged if !incident.is_open() => vec![
            IncidentEvent::Reopened("by undo".to_owned()),
            IncidentEvent::Acknowledged,
        ],
        IncidentStatus::Acknowledged => vec![IncidentEvent::Acknowledged],
        IncidentStatus::Resolved => vec![IncidentEvent::Resolved("by undo".to_owned())],
    }
}
