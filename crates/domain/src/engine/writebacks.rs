//! What is done here is owed to Sentry, and what comes from Sentry is weighed against it: an echo
//! is no news, and nothing that was done here is overwritten silently.

use super::{Context, Key, Slice, Tracked, Verdict, VerdictOutcome, timeline};
use crate::incident::{Alert, Incident, IncidentEvent, Trigger};
use crate::issue::Issue;
use crate::signal::{Actor, IssueChange, IssueFact, IssueFacts, IssueStatus, Resolution, Signal};
use crate::writeback::{
    Judgement, Matter, News, Said, Way, WriteBack, WriteState, is_told_of, judge,
};

/// The issue, what it is about, and for notes which one.
pub type WriteKey = (Key, Matter, i64);

/// What somebody did, and to which issue.
struct Deed<'a> {
    key: &'a Key,
    sentry_issue_id: String,
    issue_id: Option<i64>,
    incident_id: Option<i64>,
    said: Said,
}

/// A person did something to an incident: each of its Sentry issues is told.
pub(super) fn owe_of_incident(
    slice: &mut Slice,
    context: &mut Context<'_>,
    incident_id: i64,
    event: &IncidentEvent,
    actor: &Actor,
) {
    let (Some(said), Some(incident)) = (Said::of_event(event), slice.incident(incident_id)) else {
        return;
    };
    let incident = incident.clone();
    let alerts: Vec<(Key, Alert)> = slice
        .alerts
        .iter()
        .filter(|(_, alert)| alert.row.incident_id == Some(incident_id))
        .map(|(key, alert)| (key.clone(), alert.row.clone()))
        .collect();
    for (key, alert) in alerts {
        if let Some(sentry_issue_id) = sentry_issue(slice, &key, &alert, &incident) {
            let deed = Deed {
                key: &key,
                sentry_issue_id,
                issue_id: alert.issue_id,
                incident_id: Some(incident_id),
                said: said.clone(),
            };
            owe(slice, context, deed, actor);
        }
    }
}

/// A person changed the status of an issue in the error log.
pub(super) fn owe_of_issue(
    slice: &mut Slice,
    context: &mut Context<'_>,
    key: &Key,
    status: IssueStatus,
    actor: &Actor,
) {
    let Some(issue) = slice.issues.get(key).map(|tracked| &tracked.row) else {
        return;
    };
    let Some(sentry_issue_id) = issue.sentry_issue_id.clone() else {
        return;
    };
    let deed = Deed {
        key,
        sentry_issue_id,
        issue_id: Some(issue.id),
        incident_id: slice.alert(key).and_then(|alert| alert.incident_id),
        said: Said::Status(status),
    };
    owe(slice, context, deed, actor);
}

fn sentry_issue(slice: &Slice, key: &Key, alert: &Alert, incident: &Incident) -> Option<String> {
    let of_issue = slice
        .issues
        .get(key)
        .and_then(|issue| issue.row.sentry_issue_id.clone());
    let of_share = || alert.share.as_ref()?.sentry_issue_id.clone();
    let of_incident = || {
        let leads = alert.share.is_none() && incident.is_led_by(alert);
        leads.then(|| incident.sentry_issue_id.clone()).flatten()
    };
    of_issue.or_else(of_share).or_else(of_incident)
}

fn owe(slice: &mut Slice, context: &mut Context<'_>, deed: Deed<'_>, actor: &Actor) {
    if !is_told_of(actor) {
        return;
    }
    let id = context.ids.next(context.now);
    let issue = slice.issues.get(deed.key).map(|issue| &issue.row);
    let before = issue.map(|issue| issue.sentry_status.unwrap_or(issue.status));
    let matter = deed.said.matter();
    let new = WriteBack {
        id,
        workspace_id: context.origin.workspace_id,
        integration_id: deed.key.0,
        dedup_key: deed.key.1.clone(),
        sentry_issue_id: deed.sentry_issue_id,
        issue_id: deed.issue_id,
        incident_id: deed.incident_id,
        said: deed.said,
        before: before.filter(|_| matter == Matter::Status),
        actor: actor.clone(),
        asked_at: context.now,
        state: WriteState::Waiting,
        due_at: context.now,
        attempt_count: 0,
        sent: None,
        told_at: None,
        comment_id: None,
        reason: String::new(),
    };
    let which = if matter == Matter::Note { id } else { 0 };
    let place = (deed.key.clone(), matter, which);
    match slice.writebacks.get_mut(&place) {
        Some(done) => done.edit().replace(new),
        None => {
            slice.writebacks.insert(place, Tracked::made(new));
        }
    }
}

/// What came of weighing a fact from Sentry.
pub(super) enum Weighed {
    /// It counts.
    Goes,
    /// It counts, and takes the place of what was done here; the sentence names both sides.
    Overrules(String),
    /// Nothing changes but the error log, with this verdict.
    Stops(Verdict),
}

/// Weighs what Sentry says about an issue against what was done to it here.
pub(super) fn weigh(
    slice: &mut Slice,
    context: &mut Context<'_>,
    key: &Key,
    (signal, fact, issue_id): (&Signal, &IssueFact, i64),
) -> Weighed {
    let Some(said) = said_by(&fact.change).filter(|_| !is_told_of(&signal.actor)) else {
        return Weighed::Goes;
    };
    let news = News {
        said: &said,
        actor: &signal.actor,
        at: signal.when.sent_at.unwrap_or(context.now).min(context.now),
        // What no delivery brought was read from Sentry's API.
        way: match context.delivery_id {
            Some(_) => Way::Change,
            None => Way::Snapshot,
        },
        comment_id: comment_of(&fact.change),
    };
    let range = (key.clone(), said.matter(), i64::MIN)..=(key.clone(), said.matter(), i64::MAX);
    let mut weighed = Weighed::Goes;
    let mut stopped = None;
    let had = slice
        .issues
        .get(key)
        .and_then(|issue| issue.row.sentry_status);
    for (_, tracked) in slice.writebacks.range_mut(range) {
        // Sentry has moved since it was done here: what it had before is news again.
        let before = tracked.row.before;
        if news.way == Way::Snapshot && had.is_some() && before.is_some() && had != before {
            tracked.edit().before = None;
        }
        match judge(&tracked.row, &news) {
            Judgement::News => {}
            Judgement::Agrees => {
                let done = tracked.edit();
                done.state = WriteState::Told;
                done.told_at = Some(news.at);
                "Sentry had it from somebody else before it was told.".clone_into(&mut done.reason);
            }
            Judgement::Overrules(why) => weighed = Weighed::Overrules(why),
            Judgement::Echo(why) => {
                stopped = Some((VerdictOutcome::Duplicate, why, tracked.row.said == said));
                if said.matter() == Matter::Note {
                    tracked.edit().sent = None;
                    break;
                }
            }
            Judgement::Late(why) => stopped = Some((VerdictOutcome::Ignored, why, false)),
        }
    }
    let Some((outcome, reason, still)) = stopped else {
        return weighed;
    };
    let incident_id = slice.alert(key).and_then(|alert| alert.incident_id);
    if still && let Some(tracked) = slice.issues.get_mut(key) {
        tracked.edit().change_status(fact);
    }
    if outcome == VerdictOutcome::Ignored && context.delivery_id.is_some() {
        let line = timeline::Line::new("sentry.kept", &reason)
            .by(signal)
            .about(incident_id, Some(issue_id));
        timeline::write(slice, context, line);
    }
    Weighed::Stops(Verdict {
        outcome,
        reason,
        incident_id,
        issue_id: Some(issue_id),
    })
}

/// Sentry's id of the comment that a change is about.
fn comment_of(change: &IssueChange) -> Option<&str> {
    match change {
        IssueChange::Commented { comment_id, .. } => Some(comment_id),
        IssueChange::Created
        | IssueChange::AlertFired { .. }
        | IssueChange::Reported { .. }
        | IssueChange::Occurred { .. }
        | IssueChange::Unresolved
        | IssueChange::Resolved(_)
        | IssueChange::Archived { .. }
        | IssueChange::Assigned(_)
        | IssueChange::Remark(_) => None,
    }
}

/// What a change says, if something that is done here says the like.
fn said_by(change: &IssueChange) -> Option<Said> {
    match change {
        IssueChange::Unresolved => Some(Said::Status(IssueStatus::Unresolved)),
        IssueChange::Resolved(_) => Some(Said::Status(IssueStatus::Resolved)),
        IssueChange::Archived { .. } => Some(Said::Status(IssueStatus::Ignored)),
        IssueChange::Assigned(to) => Some(Said::Assignee(Some(to.clone()))),
        IssueChange::Commented { action, text, .. } if action == "created" => {
            Some(Said::Note(text.clone()))
        }
        IssueChange::Created
        | IssueChange::AlertFired { .. }
        | IssueChange::Reported { .. }
        | IssueChange::Occurred { .. }
        | IssueChange::Commented { .. }
        | IssueChange::Remark(_) => None,
    }
}

/// Something from Sentry counted: what was done here before is not sent any more.
pub(super) fn settle(
    slice: &mut Slice,
    context: &mut Context<'_>,
    key: &Key,
    (signal, trigger, weighed): (&Signal, &Trigger, &Weighed),
    (incident_id, issue_id): (Option<i64>, i64),
) {
    if is_told_of(&signal.actor) {
        return;
    }
    let now_is = match trigger {
        // An event after a resolve opens it again, in Sentry as well.
        Trigger::Fire { .. } | Trigger::Unresolved { .. } => Said::Status(IssueStatus::Unresolved),
        Trigger::Resolve { .. } => Said::Status(IssueStatus::Resolved),
        Trigger::Archive { .. } => Said::Status(IssueStatus::Ignored),
        Trigger::Assign(to) => Said::Assignee(Some(to.clone())),
        Trigger::Acknowledge | Trigger::Remark(..) => return,
    };
    let fires = matches!(trigger, Trigger::Fire { .. });
    let place = (key.clone(), now_is.matter(), 0);
    let Some(tracked) = slice.writebacks.get_mut(&place) else {
        return;
    };
    let done = &tracked.row;
    let stays = done.said == now_is || done.state == WriteState::Overruled;
    if stays || (fires && done.said != Said::Status(IssueStatus::Resolved)) {
        return;
    }
    let line = match weighed {
        Weighed::Overrules(why) => Some(why.clone()),
        Weighed::Goes | Weighed::Stops(_) if fires && done.state == WriteState::Waiting => {
            Some(format!(
                "It happened again before Sentry was told that it was {}: that is not told any more",
                done.in_words()
            ))
        }
        Weighed::Goes | Weighed::Stops(_) => None,
    };
    tracked.edit().overrule(line.clone().unwrap_or_default());
    if let Some(why) = line {
        let line = timeline::Line::new("sentry.overruled", &why)
            .by(signal)
            .about(incident_id, Some(issue_id));
        timeline::write(slice, context, line);
    }
}

/// Sentry was told: the error log, which mirrors it, follows.
pub fn mirror_told(slice: &mut Slice, context: &Context<'_>, key: &Key, said: &Said) {
    let (Said::Status(status), Some(tracked)) = (said, slice.issues.get_mut(key)) else {
        return;
    };
    if tracked.row.status != *status {
        let fact = by_hand(&tracked.row, *status);
        let issue = tracked.edit();
        issue.change_status(&fact);
        issue.updated_at = context.now;
    }
    if tracked.row.sentry_status != Some(*status) {
        tracked.edit().sentry_status = Some(*status);
    }
}

/// What Sentry would say if this had been done there.
pub(super) fn by_hand(issue: &Issue, status: IssueStatus) -> IssueFact {
    let mut facts = IssueFacts::bare(issue.key());
    let change = match status {
        IssueStatus::Unresolved => {
            facts.substatus = Some("ongoing".to_owned());
            IssueChange::Unresolved
        }
        IssueStatus::Resolved => IssueChange::Resolved(Resolution {
            how: Some("by_hand".to_owned()),
            ..Resolution::default()
        }),
        IssueStatus::Ignored => {
            facts.substatus = Some("archived_forever".to_owned());
            IssueChange::Archived {
                until: "for ever".to_owned(),
            }
        }
    };
    IssueFact {
        change,
        issue: facts,
        event: None,
    }
}

/// A line of the timeline about what became of a write-back.
pub fn note_outcome(
    slice: &mut Slice,
    context: &mut Context<'_>,
    done: &WriteBack,
    (kind, summary): (&str, &str),
) {
    let line = timeline::Line::new(kind, summary).about(done.incident_id, done.issue_id);
    timeline::write(slice, context, line);
}
