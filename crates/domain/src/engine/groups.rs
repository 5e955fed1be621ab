//! Several alerts in one incident: merged and split by hand. Each alert keeps its share, so that
//! counts move exactly and what was merged can be taken out again as it was.

use super::incidents::{apply_event, new_incident};
use super::joins::is_held_back;
use super::members::{Sum, members, severity_event};
use super::{Context, Key, Slice, timeline};
use crate::incident::{CommandError, Incident, IncidentEvent, IncidentStatus, Share};
use crate::limits;
use crate::signal::Actor;

/// What is taken out of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// One alert, by its id.
    Alert(i64),
    /// All that was merged from this incident.
    Merged(i64),
}

/// Moves the alerts of one open incident into another. The first ends as "merged into #n".
pub fn merge(
    slice: &mut Slice,
    context: &mut Context<'_>,
    (source_id, target_id): (i64, i64),
    actor: &Actor,
) -> Result<(), CommandError> {
    merge_into(slice, context, (source_id, target_id), (actor, None))
}

/// The same, by a person or, for a reason in words, by itself.
pub(super) fn merge_into(
    slice: &mut Slice,
    context: &mut Context<'_>,
    (source_id, target_id): (i64, i64),
    (actor, why): (&Actor, Option<&str>),
) -> Result<(), CommandError> {
    let source = existing(slice, source_id)?.clone();
    let target = existing(slice, target_id)?.clone();
    may_merge(&source, &target)?;
    spread(slice, source_id);
    spread(slice, target_id);
    let moved = members(slice, source_id);
    let names = names_of(slice, &moved);
    for key in &moved {
        let share = slice
            .alerts
            .get_mut(key)
            .and_then(|alert| alert.edit().share.as_mut());
        if let (Some(share), Some(why)) = (share, why) {
            share.why = Some(why.to_owned());
        }
    }
    move_members(slice, (source_id, target_id), &moved);
    let severity = severity_event(slice, target_id);
    let into = IncidentEvent::MergedInto(target_id, target.number);
    tell(slice, context, (source_id, &into), actor);
    let text = match why {
        Some(why) => format!("#{} {names}: {why}", source.number),
        None => format!("#{} was merged into this one: {names}", source.number),
    };
    let joined = remark("incident.joined", &text);
    tell(slice, context, (target_id, &joined), actor);
    if let Some(event) = severity {
        tell(slice, context, (target_id, &event), actor);
    }
    if is_held_back(slice, target_id) && source.status == IncidentStatus::Triggered {
        let why = "because what joined it was not held back".to_owned();
        tell(
            slice,
            context,
            (target_id, &IncidentEvent::Retriggered(why)),
            actor,
        );
    }
    Ok(())
}

/// Takes a part of an open incident out again. Answers the incident that the part is now: the one
/// it was merged from, or a new one.
pub fn split(
    slice: &mut Slice,
    context: &mut Context<'_>,
    (incident_id, part): (i64, Part),
    actor: &Actor,
) -> Result<i64, CommandError> {
    let incident = existing(slice, incident_id)?;
    if !incident.is_open() {
        return Err(CommandError::Conflict(
            "the incident is resolved; reopen it first",
        ));
    }
    let number = incident.number;
    let (home_id, moved) = match part {
        Part::Merged(home_id) => (Some(home_id), came_from(slice, incident_id, home_id)?),
        Part::Alert(alert_id) => one_alert(slice, incident_id, alert_id)?,
    };
    let names = names_of(slice, &moved);
    let new_id = match home_id {
        Some(home_id) => {
            move_members(slice, (incident_id, home_id), &moved);
            tell(
                slice,
                context,
                (home_id, &IncidentEvent::SplitFrom(number)),
                actor,
            );
            home_id
        }
        None => found(slice, context, (incident_id, &moved), actor)?,
    };
    let taken = slice.incident(new_id).map_or(0, |incident| incident.number);
    let text = format!("Split out as #{taken}: {names}");
    let left = remark("incident.left", &text);
    tell(slice, context, (incident_id, &left), actor);
    for id in [incident_id, new_id] {
        if let Some(event) = severity_event(slice, id) {
            tell(slice, context, (id, &event), actor);
        }
        settle(slice, id);
        end_if_over(slice, context, id, actor);
    }
    Ok(new_id)
}

fn existing(slice: &Slice, id: i64) -> Result<&Incident, CommandError> {
    slice
        .incident(id)
        .ok_or(CommandError::Conflict("there is no such incident"))
}

fn may_merge(source: &Incident, target: &Incident) -> Result<(), CommandError> {
    let count = source.alert_count + target.alert_count;
    let reason = if source.id == target.id {
        "an incident cannot be merged into itself"
    } else if source.workspace_id != target.workspace_id {
        "there is no such incident"
    } else if source.tells_of_storm() || target.tells_of_storm() {
        "an incident that tells of a storm counts its members and cannot be merged"
    } else if !source.is_open() {
        "the incident is resolved; reopen it first"
    } else if !target.is_open() {
        "the other incident is resolved; reopen it first"
    } else if count > limits::GROUP_ALERTS {
        "together they have too many alerts for one incident"
    } else {
        return Ok(());
    };
    Err(CommandError::Conflict(reason))
}

/// Gives the only alert of an incident its share, before others come in or it goes elsewhere.
pub(super) fn spread(slice: &mut Slice, incident_id: i64) {
    let Some(share) = slice.incident(incident_id).map(Share::of) else {
        return;
    };
    let mine = slice
        .alerts
        .values_mut()
        .filter(|alert| alert.row.incident_id == Some(incident_id) && alert.row.share.is_none());
    for alert in mine {
        alert.edit().share = Some(Box::new(share.clone()));
    }
}

/// An incident that has only its own alert left is that alert's again.
fn settle(slice: &mut Slice, incident_id: i64) {
    let keys = members(slice, incident_id);
    let [key] = keys.as_slice() else {
        return;
    };
    let (Some(alert), Some(incident)) = (
        slice.alerts.get_mut(key),
        slice.incidents.get_mut(&incident_id),
    ) else {
        return;
    };
    let is_own = |share: &Share| share.home_incident_id == incident_id;
    let is_only = incident.row.alert_count == 1;
    if is_only
        && alert.row.share.as_deref().is_some_and(is_own)
        && let Some(share) = alert.edit().share.take()
    {
        incident.edit().take_back(&share);
    }
}

/// Moves alerts with all that they brought from one incident to another.
fn move_members(slice: &mut Slice, (from, to): (i64, i64), keys: &[Key]) {
    for key in keys {
        if let Some(alert) = slice.alerts.get_mut(key) {
            alert.edit().incident_id = Some(to);
        }
    }
    let moved = Sum::of(slice, keys);
    for (id, sign) in [(from, -1), (to, 1)] {
        let here = members(slice, id);
        let sum = Sum::of(slice, &here);
        if let Some(incident) = slice.incidents.get_mut(&id) {
            let incident = incident.edit();
            incident.alert_count += sign * moved.alert_count;
            incident.event_count += sign * moved.event_count;
            incident.user_count = sum.user_count;
            if let Some((first, last)) = sum.seen {
                incident.first_seen_at = first;
                incident.last_seen_at = last;
            }
        }
    }
}

/// The alerts of `incident_id` that came in with `home_id`.
fn came_from(slice: &Slice, incident_id: i64, home_id: i64) -> Result<Vec<Key>, CommandError> {
    let is_merged = slice
        .incident(home_id)
        .is_some_and(|home| home.merged.is_some() && leads_to(slice, home_id, incident_id));
    if home_id == incident_id || !is_merged {
        return Err(CommandError::Conflict(
            "it was not merged into this incident",
        ));
    }
    let mut keys = members(slice, incident_id);
    keys.retain(|key| {
        home_of(slice, key).is_some_and(|alert_home| leads_to(slice, alert_home, home_id))
    });
    if keys.is_empty() {
        return Err(CommandError::Conflict(
            "its alerts are no longer in this incident",
        ));
    }
    Ok(keys)
}

fn home_of(slice: &Slice, key: &Key) -> Option<i64> {
    let share = slice.alert(key)?.share.as_deref()?;
    Some(share.home_incident_id)
}

/// Do merges lead from one incident to the other?
fn leads_to(slice: &Slice, from: i64, to: i64) -> bool {
    let mut at = from;
    // Merges cannot go round: an incident is merged while open, into another open one. The count
    // only bounds what a broken row could do.
    for _ in 0..=slice.incidents.len() {
        if at == to {
            return true;
        }
        match slice.incident(at).and_then(|one| one.merged.as_deref()) {
            Some(merged) => at = merged.into_id,
            None => return false,
        }
    }
    false
}

/// One alert, and the incident it was merged from when it is all that came from there.
fn one_alert(
    slice: &Slice,
    incident_id: i64,
    alert_id: i64,
) -> Result<(Option<i64>, Vec<Key>), CommandError> {
    let all = members(slice, incident_id);
    let key = all
        .iter()
        .find(|key| slice.alert(key).is_some_and(|alert| alert.id == alert_id))
        .ok_or(CommandError::Conflict("the alert is not in this incident"))?;
    if all.len() == 1 {
        return Err(CommandError::Conflict(
            "it is the only alert of this incident",
        ));
    }
    let leads = existing(slice, incident_id)?;
    if *key == (leads.integration_id, leads.dedup_key.clone()) {
        return Err(CommandError::Conflict(
            "this alert leads the incident; split the others out of it instead",
        ));
    }
    let home = home_of(slice, key).filter(|home| *home != incident_id);
    let whole = home.and_then(|home| Some((home, came_from(slice, incident_id, home).ok()?)));
    Ok(match whole {
        Some((home, keys)) if keys.len() == 1 => (Some(home), keys),
        _ => (None, vec![key.clone()]),
    })
}

/// A new incident for one alert. Who has taken the whole has taken what is split out of it.
fn found(
    slice: &mut Slice,
    context: &mut Context<'_>,
    (incident_id, moved): (i64, &[Key]),
    actor: &Actor,
) -> Result<i64, CommandError> {
    let gone = CommandError::Conflict("the alert is not in this incident");
    let leads = existing(slice, incident_id)?.clone();
    let key = moved.first().ok_or(gone.clone())?;
    let alert = slice.alert(key).ok_or(gone.clone())?.clone();
    let mut share = alert.share.clone().ok_or(gone)?;
    let id = context.ids.next(context.now);
    let number = slice.next_number(leads.workspace_id);
    let incident = Incident {
        assignee: leads.assignee.clone(),
        alert_count: 0,
        event_count: 0,
        is_apart: true,
        ..new_incident((id, number), &alert, (*share).clone(), context.now)
    };
    slice.incidents.insert(id, super::Tracked::made(incident));
    share.home_incident_id = id;
    let severity = share.severity;
    if let Some(alert) = slice.alerts.get_mut(key) {
        alert.edit().share = Some(share);
    }
    move_members(slice, (incident_id, id), moved);
    slice.to_rank.insert(id);
    let opened = IncidentEvent::Opened(severity);
    apply_event(slice, context, id, &opened);
    let cause = format!("split from #{}", leads.number);
    let line = timeline::Line::of_event(&opened, &cause)
        .actor(actor)
        .about(Some(id), alert.issue_id);
    timeline::write(slice, context, line);
    if leads.status == IncidentStatus::Acknowledged {
        tell(slice, context, (id, &IncidentEvent::Acknowledged), actor);
    }
    Ok(id)
}

/// What is left, or taken out, may be over already.
fn end_if_over(slice: &mut Slice, context: &mut Context<'_>, id: i64, actor: &Actor) {
    let keys = members(slice, id);
    let mut alerts = keys.iter().filter_map(|key| slice.alert(key));
    let is_over = !keys.is_empty() && !alerts.any(|alert| alert.is_open);
    if is_over && slice.incident(id).is_some_and(Incident::is_open) {
        let over = IncidentEvent::Resolved("because all its alerts are over".to_owned());
        tell(slice, context, (id, &over), actor);
    }
}

fn remark(kind: &str, text: &str) -> IncidentEvent {
    let text = limits::cut_chars(text, limits::REASON_CHARS);
    IncidentEvent::Remarked(kind.to_owned(), text)
}

/// Applies an event that a person caused, and writes its line.
fn tell(
    slice: &mut Slice,
    context: &mut Context<'_>,
    (id, event): (i64, &IncidentEvent),
    actor: &Actor,
) {
    apply_event(slice, context, id, event);
    let issue_id = slice.incident(id).and_then(|incident| incident.issue_id);
    let line = timeline::Line::of_event(event, "")
        .actor(actor)
        .about(Some(id), issue_id);
    timeline::write(slice, context, line);
}

/// The first few by name, the others counted.
fn names_of(slice: &Slice, keys: &[Key]) -> String {
    let names: Vec<String> = keys
        .iter()
        .take(SHOWN_NAMES)
        .filter_map(|key| slice.alert(key)?.share.as_deref().map(Share::name))
        .collect();
    let more = keys.len().saturating_sub(names.len());
    let named = names.join("; ");
    if more == 0 {
        named
    } else {
        format!("{named}; and {more} more")
    }
}

/// Alerts that a line of the timeline names.
const SHOWN_NAMES: usize = 3;
