//! Alerts that join an open incident by themselves: when they would open one, or soon after.

use super::groups::{merge_into, spread};
use super::portrait::Portrait;
use super::{Context, Key, Slice};
use crate::incident::{IncidentEvent, IncidentStatus, Share};
use crate::limits;
use crate::routing::group::{self, Candidate, GroupPolicy, Traits};
use crate::signal::Actor;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Signals of a young alert that are looked at for what it could join: the first is often one that
/// carries no event.
const LOOKS: i64 = 3;

/// What grouping knows of one batch.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// In: how the alerts look that may join an incident, by delivery and key.
    pub looks: BTreeMap<(i64, Key), Look>,
    /// Open incidents that may be joined, by their ids; those that are dirty are to be saved.
    pub open: BTreeMap<i64, Group>,
    /// The same by workspace and by what must be equal.
    pub by_hash: BTreeMap<(i64, [u8; 16]), BTreeSet<i64>>,
}

/// How an alert looks, and how its workspace groups.
#[derive(Clone, Debug)]
pub struct Look {
    /// What is compared.
    pub traits: Traits,
    /// By what the others are found.
    pub hashes: Vec<[u8; 16]>,
    /// How to group.
    pub policy: Arc<GroupPolicy>,
}

/// An open incident that may be joined.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Workspace.
    pub workspace_id: i64,
    /// When its incident opened.
    pub opened_at: Time,
    /// When an alert last joined it, its opening at first.
    pub joined_at: Time,
    /// What its leader looks like.
    pub traits: Traits,
    /// By what it is found; only of new ones.
    pub hashes: Vec<[u8; 16]>,
    /// Must it be saved?
    pub is_dirty: bool,
}

impl Groups {
    /// Knows a group, loaded or new, by these hashes.
    pub fn know(&mut self, incident_id: i64, group: Group, hashes: &[[u8; 16]]) {
        for hash in hashes {
            let place = (group.workspace_id, *hash);
            self.by_hash.entry(place).or_default().insert(incident_id);
        }
        self.open.entry(incident_id).or_insert(group);
    }
}

/// Could a signal of this alert join an incident? Then its body is worth reading in full.
pub fn may_join(slice: &Slice, key: &Key, policy: &GroupPolicy, now: Time) -> bool {
    let Some(alert) = slice.alert(key) else {
        return true;
    };
    let incident = alert.incident_id.and_then(|id| slice.incident(id));
    match incident {
        Some(incident) if incident.is_open() => {
            alert.signal_count < LOOKS
                && incident.alert_count == 1
                && !incident.is_apart
                && incident.status == IncidentStatus::Triggered
                && now.since_ms(incident.opened_at) <= policy.window_ms
        }
        _ => true,
    }
}

/// The incident of its service that a new alert joins, and why.
fn found(
    slice: &Slice,
    context: &Context<'_>,
    (look, but, service_id): (&Look, Option<i64>, Option<i64>),
) -> Option<(i64, String)> {
    let workspace_id = context.origin.workspace_id;
    let groups = &slice.groups;
    let ids: BTreeSet<i64> = look
        .hashes
        .iter()
        .filter_map(|hash| groups.by_hash.get(&(workspace_id, *hash)))
        .flatten()
        .copied()
        .collect();
    let candidates: Vec<Candidate> = ids
        .into_iter()
        .filter(|id| Some(*id) != but)
        .filter_map(|id| {
            let group = groups.open.get(&id)?;
            let incident = slice.incident(id)?;
            // By rules, alerts that look alike may belong to different services.
            if !incident.is_open() || incident.service_id != service_id {
                return None;
            }
            Some(Candidate {
                incident_id: id,
                number: incident.number,
                opened_at: incident.opened_at,
                joined_at: group.joined_at,
                alert_count: incident.alert_count,
                traits: group.traits.clone(),
            })
        })
        .collect();
    let join = group::join(&look.traits, &candidates, &look.policy, context.now)?;
    Some((join.incident_id, join.reason))
}

fn look_of(slice: &Slice, context: &Context<'_>, key: &Key) -> Option<Look> {
    let place = (context.delivery_id?, key.clone());
    slice.groups.looks.get(&place).cloned()
}

/// Lets an alert that would open an incident join another one instead. Answers that one, and what
/// happens to it.
pub(super) fn join_instead(
    slice: &mut Slice,
    context: &Context<'_>,
    key: &Key,
    (portrait, is_first, service_id): (&Portrait, bool, Option<i64>),
    events: &[IncidentEvent],
) -> Option<(i64, Vec<IncidentEvent>)> {
    let look = look_of(slice, context, key)?;
    let (id, why) = found(slice, context, (&look, None, service_id))?;
    let Some(IncidentEvent::Opened(severity)) = events.first().cloned() else {
        return None;
    };
    spread(slice, id);
    let known = if is_first { portrait.known_events() } else { 0 };
    let share = Share {
        severity,
        service_id,
        event_count: known,
        why: Some(why.clone()),
        ..portrait.share(id, context.origin)
    };
    let text = format!("{}: {why}", share.name());
    slice.alerts.get_mut(key)?.edit().share = Some(Box::new(share));
    let incident = slice.incidents.get_mut(&id)?.edit();
    incident.alert_count += 1;
    incident.event_count += known;
    incident.first_seen_at = incident.first_seen_at.min(portrait.first_seen_at);
    touch(slice, id, context.now);
    let text = limits::cut_chars(&text, limits::REASON_CHARS);
    let mut happened = vec![IncidentEvent::Remarked("incident.joined".to_owned(), text)];
    let worst = slice.incident(id).map(|incident| incident.severity);
    if let Some(worst) = worst.filter(|worst| severity > *worst) {
        happened.push(IncidentEvent::SeverityChanged(worst, severity));
    }
    let waits = |event: &IncidentEvent| matches!(event, IncidentEvent::Suspended(..));
    if is_held_back(slice, id) && !events.iter().any(waits) {
        let why = "because an alert joined that does not wait".to_owned();
        happened.push(IncidentEvent::Retriggered(why));
    }
    Some((id, happened))
}

/// Does it wait whether it ends by itself?
pub(super) fn is_held_back(slice: &Slice, incident_id: i64) -> bool {
    slice
        .incident(incident_id)
        .is_some_and(|incident| incident.status == IncidentStatus::Suspended)
}

/// Remembers an incident that has just opened as one that others may join.
pub(super) fn lead(slice: &mut Slice, context: &Context<'_>, key: &Key, incident_id: i64) {
    let Some(look) = look_of(slice, context, key) else {
        return;
    };
    if look.hashes.is_empty() || slice.groups.open.contains_key(&incident_id) {
        return;
    }
    let Some(incident) = slice.incident(incident_id) else {
        return;
    };
    let group = Group {
        workspace_id: incident.workspace_id,
        opened_at: incident.opened_at,
        joined_at: context.now,
        traits: look.traits.kept(&look.policy),
        hashes: look.hashes.clone(),
        is_dirty: true,
    };
    slice.groups.know(incident_id, group, &look.hashes);
}

/// An incident whose first signals did not say where it crashed is joined to another one when that
/// is told, as long as nobody has taken it. Answers the one that it joined, and why.
pub(super) fn join_late(
    slice: &mut Slice,
    context: &mut Context<'_>,
    key: &Key,
    incident_id: i64,
) -> Option<(i64, String)> {
    let look = look_of(slice, context, key)?;
    let incident = slice.incident(incident_id)?;
    let is_free = incident.status == IncidentStatus::Triggered
        && incident.alert_count == 1
        && !incident.is_apart
        && context.now.since_ms(incident.opened_at) <= look.policy.window_ms
        && !slice.groups.open.contains_key(&incident_id);
    if !is_free {
        return None;
    }
    let service_id = incident.service_id;
    let Some((into, why)) = found(slice, context, (&look, Some(incident_id), service_id)) else {
        lead(slice, context, key, incident_id);
        return None;
    };
    merge_into(
        slice,
        context,
        (incident_id, into),
        (&Actor::epicenter(), Some(&why)),
    )
    .ok()?;
    touch(slice, into, context.now);
    Some((into, why))
}

fn touch(slice: &mut Slice, incident_id: i64, now: Time) {
    if let Some(group) = slice.groups.open.get_mut(&incident_id) {
        group.joined_at = now;
        group.is_dirty = true;
    }
}
