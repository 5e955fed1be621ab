//! Carries out a decision: makes or changes the incident, moves the alert, writes the timeline.

use super::portrait::Portrait;
use super::reasons::{continued, joined_because};
use super::{
    Began, Context, Key, Slice, Tracked, VerdictOutcome, joins, members, routes, timeline,
};
use crate::incident::{
    Alert, Decision, Incident, IncidentEvent, IncidentStatus, Mark, MarkKind, Share, Trigger,
    decide,
};
use crate::routing::suspend::Habit;
use crate::signal::{ActorKind, Signal};
use crate::time::Time;

/// What came of a trigger.
#[derive(Clone, Debug)]
pub(super) struct Effect {
    pub(super) incident_id: Option<i64>,
    pub(super) reason: String,
    pub(super) is_stale: bool,
    /// Did a drop rule keep it from opening anything?
    pub(super) is_dropped: bool,
}

impl Effect {
    fn dropped(reason: String) -> Self {
        Self {
            incident_id: None,
            reason,
            is_stale: false,
            is_dropped: true,
        }
    }

    /// The verdict's outcome.
    pub(super) fn outcome(&self) -> VerdictOutcome {
        if self.is_dropped {
            VerdictOutcome::Ignored
        } else {
            VerdictOutcome::Applied
        }
    }
}

/// Lets a trigger act on the alert of `key`.
pub(super) fn act(
    slice: &mut Slice,
    context: &mut Context<'_>,
    key: &Key,
    portrait: &Portrait,
    (signal, trigger, cause): (&Signal, &Trigger, &str),
) -> Effect {
    if let Some(dropped) = routes::dropped(context, portrait, (signal, trigger)) {
        return Effect::dropped(dropped.reason);
    }
    let alert = alert_of(slice, context, key, portrait);
    let incident = alert.incident_id.and_then(|id| slice.incident(id)).cloned();
    let decision = decide(
        &alert,
        incident.as_ref(),
        trigger,
        context.origin.policy_of(portrait.project.as_deref()),
        context.now,
    );
    let (incident_id, events, reason) = match decision {
        Decision::Stale(reason) => {
            let reason = format!("Nothing changed: {reason}");
            return Effect {
                incident_id: alert.incident_id,
                reason,
                is_stale: true,
                is_dropped: false,
            };
        }
        Decision::AlertOnly(reason) => (None, Vec::new(), format!("Noted: {reason}")),
        Decision::Continue(events) => {
            let events = match &incident {
                Some(incident) => {
                    let one = (key, &alert);
                    members::as_one_of_several(slice, one, incident, trigger, events)
                }
                None => events,
            };
            let number = incident.as_ref().map_or(0, |incident| incident.number);
            let reason = continued(number, &events, trigger);
            (alert.incident_id, events, reason)
        }
        Decision::Open { previous, events } => {
            let said = (signal, trigger);
            let about = (portrait, previous);
            let (id, events, reason) = begin(slice, context, key, about, said, events);
            (Some(id), events, reason)
        }
    };
    if let Some(id) = incident_id {
        update(slice, context, (id, key), portrait, trigger);
        for event in &events {
            let line = timeline::Line::of_event(event, cause)
                .by(signal)
                .about(Some(id), portrait.issue_id);
            happen(slice, context, (id, event), line);
        }
    }
    learn(slice, context, key, (signal, trigger));
    move_alert(slice, context, key, trigger, incident_id);
    let effect = Effect {
        incident_id: incident_id.or(alert.incident_id),
        reason,
        is_stale: false,
        is_dropped: false,
    };
    let late = effect.incident_id;
    match late.and_then(|id| joins::join_late(slice, context, key, id)) {
        Some((into, reason)) => Effect {
            incident_id: Some(into),
            reason,
            ..effect
        },
        None => effect,
    }
}

/// One event of an incident, and its line.
fn happen(
    slice: &mut Slice,
    context: &mut Context<'_>,
    (id, event): (i64, &IncidentEvent),
    line: timeline::Line,
) {
    if matches!(event, IncidentEvent::Reopened(_)) {
        slice.to_rank.insert(id);
    }
    apply_event(slice, context, id, event);
    timeline::write(slice, context, line);
}

/// A new incident, unless the alert joins an open one. Answers which, what happens to it, and why.
fn begin(
    slice: &mut Slice,
    context: &mut Context<'_>,
    key: &Key,
    (portrait, previous): (&Portrait, Option<i64>),
    (signal, trigger): (&Signal, &Trigger),
    events: Vec<IncidentEvent>,
) -> (i64, Vec<IncidentEvent>, String) {
    let place = routes::place(context, portrait, signal, trigger);
    let about = (portrait, previous.is_none(), place.service_id);
    if let Some((id, joined)) = joins::join_instead(slice, context, key, about, &events) {
        return (id, joined, joined_because(slice, key));
    }
    let id = open(slice, context, key, portrait, (previous, place.service_id));
    if let Some(routed) = place.routed {
        routes::note(slice, context, (id, portrait), routed);
    }
    let number = slice.incident(id).map_or(0, |incident| incident.number);
    slice.to_rank.insert(id);
    joins::lead(slice, context, key, id);
    (id, events, format!("Opened incident #{number}"))
}

/// Folds one event into an incident of the slice.
pub(super) fn apply_event(
    slice: &mut Slice,
    context: &Context<'_>,
    incident_id: i64,
    event: &IncidentEvent,
) {
    if let Some(tracked) = slice.incidents.get_mut(&incident_id) {
        tracked.edit().apply(event, context.now);
        slice.to_plan.insert(incident_id);
        if event.moves() {
            slice.moved.insert(incident_id);
        }
    }
}

fn alert_of(slice: &mut Slice, context: &mut Context<'_>, key: &Key, portrait: &Portrait) -> Alert {
    if let Some(tracked) = slice.alerts.get_mut(key) {
        if tracked.row.issue_id.is_none() && portrait.issue_id.is_some() {
            tracked.edit().issue_id = portrait.issue_id;
        }
        return tracked.row.clone();
    }
    let alert = Alert {
        id: context.ids.next(context.now),
        workspace_id: context.origin.workspace_id,
        integration_id: key.0,
        dedup_key: key.1.clone(),
        issue_id: portrait.issue_id,
        incident_id: None,
        is_open: false,
        signal_count: 0,
        status_mark: None,
        trigger_mark: None,
        opened_at: None,
        closed_at: None,
        habit: Habit::default(),
        share: None,
    };
    slice
        .alerts
        .insert(key.clone(), Tracked::made(alert.clone()));
    alert
}

fn open(
    slice: &mut Slice,
    context: &mut Context<'_>,
    key: &Key,
    portrait: &Portrait,
    (previous, service_id): (Option<i64>, Option<i64>),
) -> i64 {
    let id = context.ids.next(context.now);
    let number = slice.next_number(context.origin.workspace_id);
    let Some(alert) = slice.alerts.get_mut(key) else {
        return id;
    };
    alert.edit().share = None;
    let is_first = previous.is_none();
    let share = Share {
        service_id,
        event_count: if is_first { portrait.known_events() } else { 0 },
        ..portrait.share(id, context.origin)
    };
    let incident = Incident {
        previous_incident_id: previous,
        ..new_incident((id, number), &alert.row, share, context.now)
    };
    slice.incidents.insert(id, Tracked::made(incident));
    id
}

/// An incident of one alert, triggered.
pub(super) fn new_incident(
    (id, number): (i64, i64),
    alert: &Alert,
    share: Share,
    now: Time,
) -> Incident {
    Incident {
        id,
        workspace_id: alert.workspace_id,
        number,
        service_id: share.service_id,
        integration_id: alert.integration_id,
        issue_id: alert.issue_id,
        title: share.title,
        status: IncidentStatus::Triggered,
        severity: share.severity,
        source: share.source,
        dedup_key: alert.dedup_key.clone(),
        project: share.project,
        environment: share.environment,
        release: share.release,
        culprit: share.culprit,
        alert_count: 1,
        event_count: share.event_count,
        user_count: share.user_count,
        assignee: None,
        archived_until: None,
        snoozed_until: None,
        suspended_until: None,
        opened_at: now,
        triggered_at: now,
        first_seen_at: share.first_seen_at,
        last_seen_at: share.last_seen_at,
        acknowledged_at: None,
        resolved_at: None,
        previous_incident_id: None,
        sentry_issue_id: share.sentry_issue_id,
        short_id: share.short_id,
        permalink: share.permalink,
        updated_at: now,
        merged: None,
        is_apart: false,
    }
}

/// Brings the incident up to date; it looks like the alert that leads it.
fn update(
    slice: &mut Slice,
    context: &Context<'_>,
    (id, key): (i64, &Key),
    portrait: &Portrait,
    trigger: &Trigger,
) {
    let added = members::update_share(slice, key, portrait, trigger);
    let Some(tracked) = slice.incidents.get_mut(&id) else {
        return;
    };
    let incident = tracked.edit();
    let fires = matches!(trigger, Trigger::Fire { .. });
    let leads =
        added.is_none() || (incident.integration_id == key.0 && incident.dedup_key == key.1);
    if fires && leads && incident.is_open() {
        incident.title.clone_from(&portrait.title);
        incident.source.clone_from(&portrait.source);
    }
    for (mine, theirs) in [
        (&mut incident.environment, &portrait.environment),
        (&mut incident.release, &portrait.release),
        (&mut incident.culprit, &portrait.culprit),
        (&mut incident.short_id, &portrait.short_id),
        (&mut incident.permalink, &portrait.permalink),
    ] {
        if leads && theirs.is_some() {
            mine.clone_from(theirs);
        }
    }
    incident.event_count += added.unwrap_or(portrait.event_delta);
    if fires {
        incident.event_count = incident.event_count.max(1);
    }
    incident.user_count = incident.user_count.max(portrait.user_count);
    incident.last_seen_at = incident.last_seen_at.max(portrait.last_seen_at);
    incident.updated_at = context.now;
}

/// An episode ends: whether by itself is remembered.
fn learn(
    slice: &mut Slice,
    context: &Context<'_>,
    key: &Key,
    (signal, trigger): (&Signal, &Trigger),
) {
    let ends = matches!(trigger, Trigger::Resolve { .. });
    let open = slice.alerts.get_mut(key).filter(|alert| alert.row.is_open);
    if let Some(tracked) = open.filter(|_| ends)
        && let Some(opened_at) = tracked.row.opened_at
    {
        let by_itself = match signal.actor.kind {
            ActorKind::Application | ActorKind::Epicenter => true,
            ActorKind::Person | ActorKind::User => false,
        };
        let habit = &mut tracked.edit().habit;
        habit.ended(opened_at, context.now, by_itself);
    }
}

/// The alert follows: open or closed, marks, counts.
fn move_alert(
    slice: &mut Slice,
    context: &Context<'_>,
    key: &Key,
    trigger: &Trigger,
    incident_id: Option<i64>,
) {
    let Some(tracked) = slice.alerts.get_mut(key) else {
        return;
    };
    let alert = tracked.edit();
    let was_open = alert.is_open;
    alert.incident_id = incident_id.or(alert.incident_id);
    match trigger {
        Trigger::Fire { mark, .. } => {
            alert.signal_count += 1;
            alert.trigger_mark = Some(*mark);
            reopen_alert(alert, context.now);
        }
        Trigger::Unresolved { mark, .. } => {
            alert.status_mark = Some(*mark);
            reopen_alert(alert, context.now);
        }
        Trigger::Resolve { mark, .. } => close_alert(alert, *mark, context.now),
        Trigger::Archive { mark, .. } => alert.status_mark = Some(*mark),
        Trigger::Acknowledge | Trigger::Assign(_) | Trigger::Remark(..) => {}
    }
    if let (false, true, Some(incident_id)) = (was_open, alert.is_open, alert.incident_id) {
        slice.began.push(Began {
            incident_id,
            at: context.now,
        });
    }
}

/// Opens an alert.
pub(super) fn reopen_alert(alert: &mut Alert, now: Time) {
    if !alert.is_open {
        alert.is_open = true;
        alert.opened_at = Some(now);
    }
}

/// Closes an alert with the mark of its resolve.
pub(super) fn close_alert(alert: &mut Alert, mark: Mark, now: Time) {
    debug_assert!(mark.kind == MarkKind::Resolved);
    if alert.is_open {
        alert.closed_at = Some(now);
    }
    alert.is_open = false;
    alert.status_mark = Some(mark);
}
