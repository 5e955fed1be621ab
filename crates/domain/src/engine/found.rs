//! Issues that were read from Sentry's API: they fill the error log, and what no webhook told of
//! does what its webhook would have done. What was done here stays, unless Sentry's own state
//! changed since it was last heard.

use super::{Context, Key, Slice, Tracked, Verdict, issues, memory, timeline};
use crate::issue::Issue;
use crate::signal::{Actor, Fact, IssueChange, IssueFact, IssueStatus, Signal, When};
use crate::sources::sentry::api::ReadIssue;
use crate::time::Time;

/// When Sentry was asked, and what is news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// When the question was sent: the answer was true then, and may be older than a webhook that
    /// came meanwhile.
    pub asked_at: Time,
    /// An unknown issue that was first seen since then is news. `None`: all is history, which
    /// opens no incidents.
    pub news_from: Option<Time>,
}

/// What happened to the row of an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merged {
    /// It was unknown.
    Created,
    /// It said something else.
    Updated,
    /// It said the same.
    Unchanged,
}

/// What came of one issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The row.
    pub issue_id: i64,
    /// What happened to it.
    pub merged: Merged,
    /// Did a webhook tell of it since the last visit?
    pub is_heard: bool,
    /// Does it bring news that no webhook told of?
    pub is_found: bool,
    /// The incident that it touched.
    pub incident_id: Option<i64>,
}

/// Applies what the API says of one issue.
pub fn apply_found(
    slice: &mut Slice,
    context: &mut Context<'_>,
    read: &ReadIssue,
    visit: Visit,
) -> Found {
    let key = (context.origin.integration_id, read.facts.key.dedup_key());
    match slice.issues.get(&key).map(|tracked| tracked.row.clone()) {
        None => unknown(slice, context, &key, (read, visit)),
        Some(before) => known(slice, context, &key, (read, visit), &before),
    }
}

fn unknown(
    slice: &mut Slice,
    context: &mut Context<'_>,
    key: &Key,
    (read, visit): (&ReadIssue, Visit),
) -> Found {
    let first_seen_at = read.facts.first_seen_at;
    let is_new = |from: Time| first_seen_at.is_some_and(|first| first >= from);
    let is_news = visit.news_from.is_some_and(is_new);
    // What is over already, or is muted, rings for nobody.
    let is_open = read.facts.status == Some(IssueStatus::Unresolved);
    let (issue_id, incident_id) = if is_news && is_open {
        let verdict = tell(slice, context, (read, visit), IssueChange::Created);
        (verdict.issue_id.unwrap_or_default(), verdict.incident_id)
    } else {
        (insert(slice, context, key, read), None)
    };
    remember_status(slice, key, read);
    Found {
        issue_id,
        merged: Merged::Created,
        is_heard: false,
        is_found: is_news,
        incident_id,
    }
}

/// A row of an issue of which nobody is told.
fn insert(slice: &mut Slice, context: &mut Context<'_>, key: &Key, read: &ReadIssue) -> i64 {
    let id = context.ids.next(context.now);
    let place = (context.origin.workspace_id, context.origin.integration_id);
    let mut issue = Issue::stub(id, place.0, place.1, &read.facts, context.now);
    issue.merge(&read.facts);
    follow_status(&mut issue, read);
    slice.issues.insert(key.clone(), Tracked::made(issue));
    id
}

fn known(
    slice: &mut Slice,
    context: &mut Context<'_>,
    key: &Key,
    (read, visit): (&ReadIssue, Visit),
    before: &Issue,
) -> Found {
    let told_before = before.sentry_status.unwrap_or(before.status);
    let moved = read
        .facts
        .status
        .filter(|status| *status != told_before && *status != before.status);
    let is_history = visit.news_from.is_none();
    let mut incident_id = None;
    // History may end an incident, but opens none.
    let is_muted = is_history && moved == Some(IssueStatus::Unresolved);
    if let (Some(_), Some(change), false) = (moved, &read.change, is_muted) {
        incident_id = tell(slice, context, (read, visit), change.clone()).incident_id;
    }
    merge(slice, context, key, (read, before));
    if let Some(row) = slice.issues.get_mut(key).filter(|_| is_muted) {
        follow_status(row.edit(), read);
    }
    let after = slice.issues.get(key).map(|tracked| &tracked.row);
    let status = after.map_or(before.status, |issue| issue.status);
    let is_found = moved.is_some() && status != before.status;
    if moved.is_none() || is_found {
        remember_status(slice, key, read);
    }
    let after = slice.issues.get(key).map(|tracked| &tracked.row);
    let heard = |from: Time| before.heard_at.is_some_and(|at| at >= from);
    Found {
        issue_id: before.id,
        merged: if after.is_some_and(|after| says_more(before, after)) {
            Merged::Updated
        } else {
            Merged::Unchanged
        },
        is_heard: !is_found && visit.news_from.is_some_and(heard),
        is_found,
        incident_id,
    }
}

/// Lets the engine do what a webhook would have made it do, and says where it was learnt.
fn tell(
    slice: &mut Slice,
    context: &mut Context<'_>,
    (read, visit): (&ReadIssue, Visit),
    change: IssueChange,
) -> Verdict {
    let fact = IssueFact {
        change,
        issue: read.facts.clone(),
        event: None,
    };
    let signal = Signal {
        when: When {
            sent_at: Some(visit.asked_at),
            occurred_at: issues::occurred_at(&fact),
        },
        actor: Actor::sentry(),
        fact: Fact::Issue(Box::new(fact.clone())),
    };
    let lines = slice.timeline.len();
    let verdict = issues::apply(slice, context, &signal, &fact);
    if slice.timeline.len() > lines {
        memory::keep_issue(slice, context, &signal, &verdict);
        let words = "Found by the sync: no webhook told of it";
        let line = timeline::Line::new("sync.found", words);
        let line = line.about(verdict.incident_id, verdict.issue_id);
        timeline::write(slice, context, line);
    }
    verdict
}

/// Takes over what is said beside the status; the row is touched only if that changes it.
fn merge(
    slice: &mut Slice,
    context: &Context<'_>,
    key: &Key,
    (read, before): (&ReadIssue, &Issue),
) {
    let Some(tracked) = slice.issues.get_mut(key) else {
        return;
    };
    let mut merged = tracked.row.clone();
    merged.merge(&read.facts);
    let same = read.facts.status == Some(merged.status);
    if same && merged.status != IssueStatus::Resolved && read.facts.substatus.is_some() {
        merged.substatus.clone_from(&read.facts.substatus);
    }
    if merged != tracked.row {
        merged.updated_at = context.now;
        *tracked.edit() = merged;
    }
    issues::catch_up(slice, context, key, before.event_count());
}

/// Sets the row's status to what Sentry says, without any effect beyond the error log.
fn follow_status(issue: &mut Issue, read: &ReadIssue) {
    if let Some(change) = &read.change {
        issue.change_status(&IssueFact {
            change: change.clone(),
            issue: read.facts.clone(),
            event: None,
        });
    }
}

fn remember_status(slice: &mut Slice, key: &Key, read: &ReadIssue) {
    let Some(tracked) = slice.issues.get_mut(key) else {
        return;
    };
    if read.facts.status.is_some() && tracked.row.sentry_status != read.facts.status {
        tracked.edit().sentry_status = read.facts.status;
    }
}

/// Does the row say something that people see and that it did not say?
fn says_more(before: &Issue, after: &Issue) -> bool {
    let seen = |issue: &Issue| Issue {
        updated_at: before.updated_at,
        sentry_status: before.sentry_status,
        ..issue.clone()
    };
    seen(after) != *before
}
