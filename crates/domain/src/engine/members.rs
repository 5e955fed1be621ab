//! Signals of an alert that is one of several in its incident: what ends or worsens the one does
//! not end the others.

use super::portrait::Portrait;
use super::{Key, Slice};
use crate::incident::{Alert, Incident, IncidentEvent, Share, Trigger};
use crate::level::Severity;
use crate::time::Time;

/// Alerts taken together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) alert_count: i64,
    pub(super) event_count: i64,
    /// At least so many: the same people may be affected by several.
    pub(super) user_count: i64,
    pub(super) severity: Option<Severity>,
    /// First and last.
    pub(super) seen: Option<(Time, Time)>,
}

impl Sum {
    pub(super) fn of(slice: &Slice, keys: &[Key]) -> Self {
        let mut sum = Self::default();
        for key in keys {
            let Some(alert) = slice.alert(key) else {
                continue;
            };
            sum.alert_count += 1;
            let Some(share) = alert.share.as_deref() else {
                continue;
            };
            sum.event_count += share.event_count;
            sum.user_count = sum.user_count.max(share.user_count);
            sum.severity = sum.severity.max(Some(share.severity));
            let (first, last) = sum
                .seen
                .unwrap_or((share.first_seen_at, share.last_seen_at));
            sum.seen = Some((first.min(share.first_seen_at), last.max(share.last_seen_at)));
        }
        sum
    }
}

/// The alerts that an incident has now, in the order of their ids.
pub(super) fn members(slice: &Slice, incident_id: i64) -> Vec<Key> {
    let mut mine: Vec<(i64, &Key)> = slice
        .alerts
        .iter()
        .filter(|(_, alert)| alert.row.incident_id == Some(incident_id))
        .map(|(key, alert)| (alert.row.id, key))
        .collect();
    mine.sort_unstable();
    mine.into_iter().map(|(_, key)| key.clone()).collect()
}

/// An incident with several alerts is as bad as the worst of them.
pub(super) fn severity_event(slice: &Slice, incident_id: i64) -> Option<IncidentEvent> {
    let incident = slice.incident(incident_id)?;
    let worst = Sum::of(slice, &members(slice, incident_id)).severity?;
    (worst != incident.severity).then_some(IncidentEvent::SeverityChanged(incident.severity, worst))
}

/// What a signal of one of several alerts does, where `events` is what it would do alone.
pub(super) fn as_one_of_several(
    slice: &Slice,
    (key, alert): (&Key, &Alert),
    incident: &Incident,
    trigger: &Trigger,
    events: Vec<IncidentEvent>,
) -> Vec<IncidentEvent> {
    let Some(share) = alert.share.as_deref() else {
        return events;
    };
    let keys = members(slice, incident.id);
    let others: Vec<&Key> = keys.iter().filter(|other| *other != key).collect();
    let is_firing = |other: &&&Key| slice.alert(other).is_some_and(|alert| alert.is_open);
    let firing = others.iter().filter(is_firing).count();
    let name = share.name();
    let mut kept: Vec<IncidentEvent> = Vec::with_capacity(events.len());
    if matches!(trigger, Trigger::Fire { .. }) && !alert.is_open && incident.is_open() {
        kept.push(remark("alert.reopened", format!("{name} fires again")));
    }
    let mut is_as_bad = true;
    for event in events {
        match event {
            IncidentEvent::Resolved(how) if firing > 0 => {
                let all = keys.len();
                let text = format!("{name} is resolved {how}; {firing} of {all} alerts still fire");
                kept.push(remark("alert.resolved", text));
            }
            IncidentEvent::Archived(until) if firing > 0 => {
                let text = format!("{name} is archived in Sentry {until}; the other alerts go on");
                kept.push(remark("alert.archived", text));
            }
            // Another one fires: nothing ends by itself here.
            IncidentEvent::Suspended(..) if firing > 0 => {}
            IncidentEvent::SeverityChanged(..) => is_as_bad = false,
            other @ (IncidentEvent::Opened(_)
            | IncidentEvent::Reopened(_)
            | IncidentEvent::Acknowledged
            | IncidentEvent::Archived(_)
            | IncidentEvent::Retriggered(_)
            | IncidentEvent::Resolved(_)
            | IncidentEvent::Assigned(_)
            | IncidentEvent::Unassigned
            | IncidentEvent::Snoozed(_)
            | IncidentEvent::Woke
            | IncidentEvent::Suspended(..)
            | IncidentEvent::Noted(_)
            | IncidentEvent::MergedInto(..)
            | IncidentEvent::SplitFrom(_)
            | IncidentEvent::Remarked(..)) => kept.push(other),
        }
    }
    let other_keys: Vec<Key> = others.into_iter().cloned().collect();
    let worst = own_severity(share, trigger).max(
        Sum::of(slice, &other_keys)
            .severity
            .unwrap_or(share.severity),
    );
    if !is_as_bad && worst != incident.severity {
        kept.push(IncidentEvent::SeverityChanged(incident.severity, worst));
    }
    kept
}

fn remark(kind: &str, text: String) -> IncidentEvent {
    IncidentEvent::Remarked(kind.to_owned(), text)
}

/// How bad the alert itself is after the trigger.
fn own_severity(share: &Share, trigger: &Trigger) -> Severity {
    match trigger {
        Trigger::Fire {
            severity, exact, ..
        } => {
            if *exact {
                *severity
            } else {
                share.severity.max(*severity)
            }
        }
        Trigger::Unresolved { severity, .. } => share.severity.max(*severity),
        Trigger::Resolve { .. }
        | Trigger::Archive { .. }
        | Trigger::Acknowledge
        | Trigger::Assign(_)
        | Trigger::Remark(..) => share.severity,
    }
}

/// Brings the share of one of several alerts up to date. Answers how many events it added; none
/// when the alert is the only one of its incident.
pub(super) fn update_share(
    slice: &mut Slice,
    key: &Key,
    portrait: &Portrait,
    trigger: &Trigger,
) -> Option<i64> {
    let alert = slice.alerts.get_mut(key)?;
    alert.row.share.as_ref()?;
    let share = alert.edit().share.as_mut()?;
    share.severity = own_severity(share, trigger);
    let fires = matches!(trigger, Trigger::Fire { .. });
    if fires {
        share.title.clone_from(&portrait.title);
        share.source.clone_from(&portrait.source);
    }
    for (mine, theirs) in [
        (&mut share.environment, &portrait.environment),
        (&mut share.release, &portrait.release),
        (&mut share.culprit, &portrait.culprit),
        (&mut share.short_id, &portrait.short_id),
        (&mut share.permalink, &portrait.permalink),
    ] {
        if theirs.is_some() {
            mine.clone_from(theirs);
        }
    }
    let before = share.event_count;
    share.event_count += portrait.event_delta;
    if fires {
        share.event_count = share.event_count.max(1);
    }
    share.user_count = share.user_count.max(portrait.user_count);
    share.last_seen_at = share.last_seen_at.max(portrait.last_seen_at);
    Some(share.event_count - before)
}
