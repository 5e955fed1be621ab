//! Storms: one incident tells of them. It opens when a project's meter says so, counts what begins
//! in the storm, and is over when the meter is calm.

use super::incidents::apply_event;
use super::{Began, Context, Slice, Tracked, timeline};
use crate::incident::{Incident, IncidentEvent, IncidentStatus, STORM_KEY};
use crate::limits::{STORM_TITLE_CHARS, STORM_TITLES, cut_chars};
use crate::routing::storm::{Meter, Storm, Weather};
use crate::routing::tree::Routed;
use crate::time::{MINUTE_MS, Time};

/// What is known of a project's weather.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sky {
    /// Its counts.
    pub meter: Meter,
    /// The storm that is not over.
    pub storm: Option<Storm>,
}

/// What came of counting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Storms that began, went on or ended, as they are now; each once.
    pub storms: Vec<Storm>,
    /// Those of them that began, by their incident.
    pub begun: Vec<i64>,
}

impl Turn {
    fn keep(&mut self, storm: &Storm) {
        self.storms
            .retain(|kept| kept.incident_id != storm.incident_id);
        self.storms.push(storm.clone());
    }
}

/// Counts the alerts of one project that began to fire, in order. The storm's incident must be in
/// the slice. What begins in a storm pages nobody: the storm's incident does.
pub fn count_storm(
    slice: &mut Slice,
    context: &mut Context<'_>,
    (project, sky): (&str, &mut Sky),
    began: &[Began],
) -> Turn {
    let mut turn = Turn::default();
    for chunk in began.chunk_by(|one, next| minute(one.at) == minute(next.at)) {
        let Some(last) = chunk.last() else { continue };
        let new = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        context.now = last.at;
        match sky.meter.count(new, last.at) {
            Weather::Calm => {}
            Weather::Over => end(slice, context, sky, &mut turn),
            Weather::Begins(why) => {
                end(slice, context, sky, &mut turn);
                if let Some(storm) = begin(slice, context, (project, &why), &sky.meter, chunk) {
                    turn.begun.push(storm.incident_id);
                    turn.keep(&storm);
                    sky.storm = Some(storm);
                }
            }
            Weather::Stormy => {
                if let Some(storm) = &mut sky.storm {
                    storm.count = storm.count.saturating_add(u64::from(new));
                    hear(slice, storm, chunk);
                    go_on(slice, context, storm, chunk);
                    turn.keep(storm);
                }
            }
        }
    }
    for one in began {
        let held = turn.storms.iter().any(|storm| storm.holds(one.at));
        let waits = slice
            .incident(one.incident_id)
            .is_some_and(|incident| incident.status == IncidentStatus::Triggered);
        if held && waits {
            slice.moved.remove(&one.incident_id);
        }
    }
    turn
}

/// The clock looks at a storm: it may be over.
pub fn look_at_storm(slice: &mut Slice, context: &mut Context<'_>, sky: &mut Sky) -> Turn {
    let mut turn = Turn::default();
    match sky.meter.look(context.now) {
        Weather::Stormy => {}
        Weather::Calm | Weather::Over | Weather::Begins(_) => {
            end(slice, context, sky, &mut turn);
        }
    }
    turn
}

fn minute(at: Time) -> i64 {
    at.0.div_euclid(MINUTE_MS)
}

/// Opens the incident that tells of a storm, in the likeness of those it stands for.
fn begin(
    slice: &mut Slice,
    context: &mut Context<'_>,
    (project, why): (&str, &str),
    meter: &Meter,
    chunk: &[Began],
) -> Option<Storm> {
    let members = members(slice, chunk);
    let worst = members.iter().max_by_key(|incident| incident.severity)?;
    let severity = worst.severity;
    let id = context.ids.next(context.now);
    let (count, began_at) = meter.this_minute();
    let model = worst.clone();
    let mut storm = Storm {
        incident_id: id,
        number: slice.next_number(model.workspace_id),
        project: project.to_owned(),
        service_id: model.service_id,
        routed: Routed::default(),
        began_at,
        over_at: None,
        count,
        told_count: count,
    };
    let incident = incident_of(&storm, model, context.now);
    let loudest = loudest(&members);
    slice.incidents.insert(id, Tracked::made(incident));
    slice.to_rank.insert(id);
    hear(slice, &mut storm, chunk);
    write(slice, context, id, &IncidentEvent::Opened(severity), why);
    let summary = "Its members are not told one by one; all of them count";
    let line = timeline::Line::new("storm.members", summary)
        .body(&loudest)
        .about(Some(id), None);
    timeline::write(slice, context, line);
    Some(storm)
}

fn incident_of(storm: &Storm, model: Incident, now: Time) -> Incident {
    let count = i64::try_from(storm.count).unwrap_or(i64::MAX);
    Incident {
        id: storm.incident_id,
        number: storm.number,
        issue_id: None,
        title: storm.title(),
        status: IncidentStatus::Triggered,
        dedup_key: format!("{STORM_KEY}{}", storm.incident_id),
        culprit: None,
        alert_count: count,
        event_count: count,
        assignee: None,
        archived_until: None,
        snoozed_until: None,
        suspended_until: None,
        opened_at: now,
        triggered_at: now,
        first_seen_at: storm.began_at,
        last_seen_at: now,
        acknowledged_at: None,
        resolved_at: None,
        previous_incident_id: None,
        merged: None,
        is_apart: false,
        sentry_issue_id: None,
        short_id: None,
        permalink: None,
        updated_at: now,
        ..model
    }
}

/// Whom the rules named for the members is told of the storm, because nobody is told of them.
fn hear(slice: &mut Slice, storm: &mut Storm, chunk: &[Began]) {
    let mut is_new = false;
    for routed in (chunk.iter()).filter_map(|one| slice.routed.get(&one.incident_id)) {
        is_new |= storm.hears(routed);
    }
    if is_new {
        let id = storm.incident_id;
        slice.routed.insert(id, storm.routed.clone());
        slice.to_plan.insert(id);
    }
}

/// The storm's incident counts on; its timeline tells each doubling.
fn go_on(slice: &mut Slice, context: &mut Context<'_>, storm: &mut Storm, chunk: &[Began]) {
    let members = members(slice, chunk);
    let worst = members.iter().map(|incident| incident.severity).max();
    let users = members.iter().map(|incident| incident.user_count).max();
    let Some(tracked) = slice.incidents.get_mut(&storm.incident_id) else {
        return;
    };
    let incident = tracked.edit();
    let count = i64::try_from(storm.count).unwrap_or(i64::MAX);
    incident.alert_count = count;
    incident.event_count = count;
    incident.user_count = incident.user_count.max(users.unwrap_or(0));
    incident.title = storm.title();
    incident.last_seen_at = context.now;
    incident.updated_at = context.now;
    let (was, is_open) = (incident.severity, incident.is_open());
    let id = storm.incident_id;
    let doubled = storm.count >= storm.told_count.saturating_mul(2);
    if let Some(worst) = worst.filter(|worst| *worst > was && is_open) {
        let event = IncidentEvent::SeverityChanged(was, worst);
        write(slice, context, id, &event, "a worse one joined it");
    }
    if doubled {
        storm.told_count = storm.count;
        let event = if is_open {
            let text = format!("{} new signals so far", storm.count);
            IncidentEvent::Remarked("incident.storm_grew".to_owned(), text)
        } else {
            IncidentEvent::Reopened(format!("the storm goes on: {} new signals", storm.count))
        };
        write(slice, context, id, &event, "");
    }
}

/// The storm is over, and so is its incident.
fn end(slice: &mut Slice, context: &mut Context<'_>, sky: &mut Sky, turn: &mut Turn) {
    let Some(mut storm) = sky.storm.take() else {
        return;
    };
    storm.over_at = Some(context.now);
    turn.keep(&storm);
    let id = storm.incident_id;
    if slice.incident(id).is_some_and(Incident::is_open) {
        let how = format!("by itself: it is calm after {} new signals", storm.count);
        write(slice, context, id, &IncidentEvent::Resolved(how), "");
    }
}

fn write(
    slice: &mut Slice,
    context: &mut Context<'_>,
    incident_id: i64,
    event: &IncidentEvent,
    cause: &str,
) {
    apply_event(slice, context, incident_id, event);
    let line = timeline::Line::of_event(event, cause).about(Some(incident_id), None);
    timeline::write(slice, context, line);
}

fn members(slice: &Slice, chunk: &[Began]) -> Vec<Incident> {
    let found = chunk
        .iter()
        .filter_map(|one| slice.incident(one.incident_id));
    found.cloned().collect()
}

/// The members with the most events, as lines.
fn loudest(members: &[Incident]) -> String {
    let mut loudest: Vec<&Incident> = members.iter().collect();
    loudest.sort_by_key(|incident| (-incident.event_count, incident.number));
    loudest.dedup_by_key(|incident| incident.number);
    let lines = loudest.iter().take(STORM_TITLES).map(|incident| {
        let title = cut_chars(&incident.title, STORM_TITLE_CHARS);
        format!(
            "#{} {title}: {} events",
            incident.number, incident.event_count
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}
