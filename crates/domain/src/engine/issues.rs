//! Something about an issue: the error log first, then its alert and incident.

use super::incidents::{Effect, act};
use super::portrait::Portrait;
use super::triggers::{in_words, trigger_of};
use super::writebacks::{Weighed, settle, weigh};
use super::{Context, Key, NewEvent, Slice, Tracked, Verdict, regressions, timeline};
use crate::incident::Trigger;
use crate::issue::Issue;
use crate::limits::RANKED_EVENTS;
use crate::signal::{ActorKind, IssueChange, IssueFact, IssueFacts, IssueKey, IssueStatus, Signal};
use crate::time::Time;

/// Applies a fact about an issue.
pub(super) fn apply(
    slice: &mut Slice,
    context: &mut Context<'_>,
    signal: &Signal,
    fact: &IssueFact,
) -> Verdict {
    let key = (context.origin.integration_id, fact.issue.key.dedup_key());
    let events_before = slice
        .issues
        .get(&key)
        .map_or(0, |issue| issue.row.event_count());
    let issue_id = upsert(slice, context, &key, fact);
    hear(slice, context, &key, signal);
    let is_new_event = store_event(slice, context, &key, fact);
    let Some(issue) = slice.issues.get(&key).map(|tracked| tracked.row.clone()) else {
        return Verdict::plain(super::VerdictOutcome::Parked, "the issue row was lost");
    };
    let portrait = portrait(context, &issue, (events_before, fact));
    let Some((trigger, cause)) = trigger_of(context, signal, fact, &issue) else {
        count_occurrence(slice, context, &key, &portrait);
        let reason = if is_new_event {
            "Stored the event"
        } else {
            "The event was already stored"
        };
        return Verdict::applied(reason, None, Some(issue_id));
    };
    let weighed = weigh(slice, context, &key, (signal, fact, issue_id));
    if let Weighed::Stops(verdict) = weighed {
        return verdict;
    }
    let opening = (signal, &trigger, issue_id);
    if let Some(held) = regressions::hold(slice, context, &key, opening) {
        if matches!(fact.change, IssueChange::Unresolved) {
            follow(slice, context, &key, (signal, fact), &trigger);
        }
        return held;
    }
    let effect = act(slice, context, &key, &portrait, (signal, &trigger, &cause));
    if !effect.is_stale {
        let opened = (&trigger, effect.incident_id, issue_id);
        regressions::mark(slice, context, &key, opened);
        let place = (effect.incident_id, issue_id);
        // An event that a rule drops takes nothing back that was done here.
        if !(effect.is_dropped && matches!(trigger, Trigger::Fire { .. })) {
            settle(slice, context, &key, (signal, &trigger, &weighed), place);
        }
        follow(slice, context, &key, (signal, fact), &trigger);
        note_without_incident(slice, context, signal, (fact, &effect, issue_id));
        // The commit that repaired it may say which one was at fault.
        if matches!(&fact.change, IssueChange::Resolved(how) if how.commit.is_some()) {
            slice.to_rank.extend(effect.incident_id);
        }
    }
    Verdict {
        outcome: effect.outcome(),
        reason: effect.reason,
        incident_id: effect.incident_id,
        issue_id: Some(issue_id),
    }
}

/// Makes or merges the issue's row; its status is not touched yet, except on first sight.
fn upsert(slice: &mut Slice, context: &mut Context<'_>, key: &Key, fact: &IssueFact) -> i64 {
    if let Some(tracked) = slice.issues.get_mut(key) {
        let issue = tracked.edit();
        issue.merge(&fact.issue);
        issue.updated_at = context.now;
        return issue.id;
    }
    let id = context.ids.next(context.now);
    let origin = context.origin;
    let mut issue = Issue::stub(
        id,
        origin.workspace_id,
        origin.integration_id,
        &fact.issue,
        context.now,
    );
    issue.merge(&fact.issue);
    issue.status = fact.issue.status.unwrap_or(IssueStatus::Unresolved);
    issue.substatus.clone_from(&fact.issue.substatus);
    issue.sentry_status = Some(issue.status);
    slice.issues.insert(key.clone(), Tracked::made(issue));
    id
}

/// Stores the single event, once. True if it was new.
fn store_event(slice: &mut Slice, context: &mut Context<'_>, key: &Key, fact: &IssueFact) -> bool {
    let (Some(event), Some(tracked)) = (&fact.event, slice.issues.get_mut(key)) else {
        return false;
    };
    let at = event.at.or(fact.issue.last_seen_at).unwrap_or(context.now);
    let place = (tracked.row.id, at, event.event_id.clone());
    if !slice.known_events.insert(place) {
        return false;
    }
    let issue = tracked.edit();
    if issue.event_count() == 0 {
        issue.first_seen_at = at;
        issue.last_seen_at = at;
    }
    issue.stored_event_count += 1;
    issue.last_seen_at = issue.last_seen_at.max(at);
    issue.first_seen_at = issue.first_seen_at.min(at);
    slice.new_events.push(NewEvent {
        id: context.ids.next(context.now),
        workspace_id: context.origin.workspace_id,
        issue_id: issue.id,
        at,
        delivery_id: context.delivery_id,
        facts: event.without_detail(),
    });
    *slice.buckets.entry((issue.id, at.hour())).or_insert(0) += 1;
    let has_stack = event.detail.has_stack();
    if has_stack && issue.stored_event_count <= RANKED_EVENTS {
        let incident_id = slice
            .alerts
            .get(key)
            .and_then(|alert| alert.row.incident_id);
        slice.to_rank.extend(incident_id);
    }
    true
}

pub(super) fn portrait(
    context: &Context<'_>,
    issue: &Issue,
    (events_before, fact): (i64, &IssueFact),
) -> Portrait {
    let reporter = match &fact.change {
        IssueChange::Reported { by } => Some(by.as_str()),
        IssueChange::Created
        | IssueChange::AlertFired { .. }
        | IssueChange::Occurred { .. }
        | IssueChange::Unresolved
        | IssueChange::Resolved(_)
        | IssueChange::Archived { .. }
        | IssueChange::Assigned(_)
        | IssueChange::Commented { .. }
        | IssueChange::Remark(_) => None,
    };
    Portrait {
        title: issue.title.clone(),
        source: context.origin.source(reporter, issue.project_label()),
        project: issue.project_slug.clone(),
        environment: issue.environment.clone(),
        release: issue.release.clone(),
        culprit: issue.culprit.clone(),
        sentry_issue_id: issue.sentry_issue_id.clone(),
        short_id: issue.short_id.clone(),
        permalink: issue.permalink.clone(),
        first_seen_at: issue.first_seen_at,
        last_seen_at: issue.last_seen_at,
        event_count: issue.event_count(),
        event_delta: (issue.event_count() - events_before).max(0),
        user_count: issue.user_count,
        issue_id: Some(issue.id),
    }
}

/// The error log follows what was decided.
fn follow(
    slice: &mut Slice,
    context: &Context<'_>,
    key: &Key,
    (signal, fact): (&Signal, &IssueFact),
    trigger: &Trigger,
) {
    let Some(tracked) = slice.issues.get_mut(key) else {
        return;
    };
    let issue = tracked.edit();
    issue.change_status(fact);
    let is_status = matches!(
        &fact.change,
        IssueChange::Unresolved | IssueChange::Resolved(_) | IssueChange::Archived { .. }
    );
    if is_status && signal.actor.kind != ActorKind::User {
        issue.sentry_status = Some(issue.status);
    }
    let fires = matches!(trigger, Trigger::Fire { .. });
    if fires && issue.status == IssueStatus::Resolved {
        issue.set_unresolved(Some("regressed".to_owned()));
    }
    issue.updated_at = context.now;
}

/// A delivery of Sentry's own told of the issue; what we fetched ourselves did not.
fn hear(slice: &mut Slice, context: &Context<'_>, key: &Key, signal: &Signal) {
    let is_told = context.delivery_id.is_some() && signal.actor.kind != ActorKind::Epicenter;
    if let Some(tracked) = slice.issues.get_mut(key).filter(|_| is_told) {
        tracked.edit().heard_at = Some(context.now);
    }
}

/// When a fact happened: a new issue when it was first seen, all else when it was last seen.
pub(super) fn occurred_at(fact: &IssueFact) -> Option<Time> {
    match (&fact.change, fact.issue.first_seen_at) {
        (IssueChange::Created, Some(first)) => Some(first),
        _ => fact.issue.last_seen_at,
    }
}

/// The open incident of an issue catches up with what its row says now.
pub(super) fn catch_up(slice: &mut Slice, context: &Context<'_>, key: &Key, events_before: i64) {
    let Some(issue) = slice.issues.get(key).map(|tracked| tracked.row.clone()) else {
        return;
    };
    if issue.event_count() > events_before {
        let fact = IssueFact {
            change: IssueChange::Occurred {
                service_hook: false,
            },
            issue: IssueFacts::bare(IssueKey::Other(key.1.clone())),
            event: None,
        };
        let portrait = portrait(context, &issue, (events_before, &fact));
        count_occurrence(slice, context, key, &portrait);
    }
}

/// An event without any alert still counts for the open incident of its issue.
fn count_occurrence(slice: &mut Slice, context: &Context<'_>, key: &Key, portrait: &Portrait) {
    let Some(id) = slice
        .alert(key)
        .filter(|alert| alert.is_open)
        .and_then(|a| a.incident_id)
    else {
        return;
    };
    if let Some(tracked) = slice.incidents.get_mut(&id) {
        let incident = tracked.edit();
        incident.event_count += portrait.event_delta;
        incident.user_count = incident.user_count.max(portrait.user_count);
        incident.last_seen_at = incident.last_seen_at.max(portrait.last_seen_at);
        incident.updated_at = context.now;
        let learnt = fill(&mut incident.environment, portrait.environment.as_ref())
            | fill(&mut incident.release, portrait.release.as_ref());
        if learnt {
            slice.to_rank.insert(id);
            slice.to_plan.insert(id);
        }
    }
}

/// Takes over what was not known. Was it not?
fn fill(mine: &mut Option<String>, theirs: Option<&String>) -> bool {
    let is_news = mine.is_none() && theirs.is_some();
    if is_news {
        *mine = theirs.cloned();
    }
    is_news
}

/// A change that concerns no incident is still a line of the issue's timeline.
fn note_without_incident(
    slice: &mut Slice,
    context: &mut Context<'_>,
    signal: &Signal,
    (fact, effect, issue_id): (&IssueFact, &Effect, i64),
) {
    if effect.incident_id.is_some() {
        return;
    }
    let (kind, summary, body) = match &fact.change {
        IssueChange::Resolved(resolution) => (
            "issue.resolved".to_owned(),
            format!("Resolved {}", in_words(resolution)),
            "",
        ),
        IssueChange::Archived { until } => {
            ("issue.ignored".to_owned(), format!("Archived {until}"), "")
        }
        IssueChange::Assigned(to) => (
            "issue.assigned".to_owned(),
            format!("Assigned to {}", to.name),
            "",
        ),
        IssueChange::Commented { action, text, .. } => (
            format!("comment.{action}"),
            format!("comment {action}"),
            text.as_str(),
        ),
        IssueChange::Remark(remark) => (
            remark.kind.clone(),
            remark.summary.clone(),
            remark.body.as_str(),
        ),
        IssueChange::Created
        | IssueChange::AlertFired { .. }
        | IssueChange::Reported { .. }
        | IssueChange::Occurred { .. }
        | IssueChange::Unresolved => return,
    };
    let line = timeline::Line::new(&kind, &summary)
        .body(body)
        .by(signal)
        .about(None, Some(issue_id));
    timeline::write(slice, context, line);
}
