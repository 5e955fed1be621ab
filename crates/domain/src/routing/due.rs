//! When a notice is due: group wait, group interval, repeat. Alertmanager's decision machine over
//! what a destination was last told (FIELD §1.1), with its three subtle rules:
//!
//! 1. What was never announced is not announced as resolved.
//! 2. "All resolved" clears the log even where resolves are not wanted, else the next firing would
//!    be swallowed (its bug 1063).
//! 3. A log without firing alerts counts as new.

use super::{NoticeKind, Route, Stage, Standing, Verdict};
use crate::incident::IncidentStatus;
use crate::level::Severity;
use crate::time::{MINUTE_MS, SECOND_MS, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Waits and repeats of a route, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Timers {
    /// Before the first notice of a critical incident.
    pub urgent_wait_ms: i64,
    /// Before the first notice of any other.
    pub wait_ms: i64,
    /// From tick to tick: what changed is told on a tick. 0: at once.
    pub interval_ms: i64,
    /// Before the same is told again; looked at on ticks. 0: never.
    pub repeat_ms: i64,
    /// What is told when an alert joins.
    pub on_join: OnJoin,
}

/// What is told when an alert joins an incident that was told already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnJoin {
    /// Only that it has become more urgent.
    #[default]
    MoreUrgent,
    /// Every alert that joins, and every one that is over.
    EachAlert,
}

impl Default for Timers {
    /// FIELD §1.8: 10 s for critical, 30 s otherwise; tick 300 s, repeat 14,400 s.
    fn default() -> Self {
        Self {
            urgent_wait_ms: 10 * SECOND_MS,
            wait_ms: 30 * SECOND_MS,
            interval_ms: 5 * MINUTE_MS,
            repeat_ms: 240 * MINUTE_MS,
            on_join: OnJoin::MoreUrgent,
        }
    }
}

/// What a destination was last told of an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NotifyLog {
    /// When it was last told anything.
    pub told_at: Option<Time>,
    /// When it was first told of this episode: the ticks count from here.
    pub began_at: Option<Time>,
    /// The alerts it was last told to fire; empty: nothing, or that all is over.
    pub firing: BTreeSet<i64>,
    /// The alerts it was last told to be over.
    pub resolved: BTreeSet<i64>,
    /// The highest severity it was told in this episode.
    pub severity: Option<Severity>,
    /// The flapping that it was told of, by its beginning.
    pub flapping_since: Option<Time>,
}

/// What is due: the verdict, and the log's new value if it changes.
pub(super) type Due = (Verdict, Option<NotifyLog>);

/// The alerts that fire: none, when the incident is over.
pub(super) fn firing(standing: &Standing) -> BTreeSet<i64> {
    match standing.status {
        IncidentStatus::Resolved => BTreeSet::new(),
        IncidentStatus::Suspended | IncidentStatus::Triggered | IncidentStatus::Acknowledged => {
            standing.firing.clone()
        }
    }
}

/// The alerts that are over: all, when the incident is.
pub(super) fn resolved(standing: &Standing) -> BTreeSet<i64> {
    let mut over = standing.resolved.clone();
    if standing.status == IncidentStatus::Resolved {
        over.extend(&standing.firing);
    }
    over
}

/// Was it told as firing, and is over now?
pub(super) fn owes_resolve(standing: &Standing, route: &Route) -> bool {
    route.wants_resolved && !route.log.firing.is_empty() && firing(standing).is_empty()
}

/// The log after a notice now.
pub(super) fn told(standing: &Standing, route: &Route, now: Time) -> NotifyLog {
    let log = &route.log;
    let firing = firing(standing);
    let is_new = log.firing.is_empty();
    let severity = if is_new {
        standing.severity
    } else {
        standing
            .severity
            .max(log.severity.unwrap_or(standing.severity))
    };
    NotifyLog {
        told_at: Some(now),
        began_at: log.began_at.filter(|_| !is_new).or(Some(now)),
        severity: (!firing.is_empty()).then_some(severity),
        firing,
        resolved: resolved(standing),
        flapping_since: log.flapping_since,
    }
}

/// Decides what is due now.
pub(super) fn stage(standing: &Standing, route: &Route, now: Time) -> Due {
    let firing = firing(standing);
    if route.log.firing.is_empty() {
        return first(standing, route, &firing, now);
    }
    if firing.is_empty() {
        return over(standing, route, now);
    }
    if route
        .log
        .severity
        .is_some_and(|known| standing.severity > known)
    {
        let reason = format!("It has become {}", standing.severity.as_str());
        return notice(NoticeKind::MoreUrgent, reason, standing, route, now);
    }
    if let Some(what) = noticed(standing, route) {
        return notice(NoticeKind::Unusual, what, standing, route, now);
    }
    if let Some((kind, reason)) = change(standing, route, &firing) {
        return on_tick(kind, reason, standing, route, now);
    }
    repeat(standing, route, now)
}

fn first(standing: &Standing, route: &Route, firing: &BTreeSet<i64>, now: Time) -> Due {
    let timers = route.timers;
    if firing.is_empty() {
        let was_told = route
            .log
            .told_at
            .is_some_and(|told_at| told_at >= standing.triggered_at);
        let reason = if was_told {
            "It is over, and that was told"
        } else {
            "It was over before the first notice was due, so nothing was sent"
        };
        return nothing(reason, None);
    }
    if standing.status == IncidentStatus::Acknowledged {
        return nothing(
            "Somebody had taken it before the first notice was due",
            None,
        );
    }
    let wait_ms = if standing.severity == Severity::Critical {
        timers.urgent_wait_ms
    } else {
        timers.wait_ms
    };
    let due_at = standing.triggered_at.plus_ms(wait_ms);
    if now < due_at {
        let seconds = wait_ms / SECOND_MS;
        let reason = format!("It waits {seconds} s for what belongs to it or ends it");
        return (wait(due_at, reason), None);
    }
    let reason = "The first notice of this incident".to_owned();
    notice(NoticeKind::First, reason, standing, route, now)
}

fn over(standing: &Standing, route: &Route, now: Time) -> Due {
    if !route.wants_resolved {
        let (verdict, _) = nothing(
            "It is over, and this destination does not want to hear of that",
            None,
        );
        return (verdict, Some(told(standing, route, now)));
    }
    let reason = "All of it is over".to_owned();
    on_tick(NoticeKind::Resolved, reason, standing, route, now)
}

/// Something unusual that was noticed after the last notice, while nobody has taken it.
fn noticed(standing: &Standing, route: &Route) -> Option<String> {
    let (at, what) = standing.noticed.as_ref()?;
    let is_new = route.log.told_at.is_some_and(|told_at| told_at < *at);
    (is_new && standing.status == IncidentStatus::Triggered).then(|| what.clone())
}

/// What changed that this route wants to hear.
fn change(
    standing: &Standing,
    route: &Route,
    firing: &BTreeSet<i64>,
) -> Option<(NoticeKind, String)> {
    if route.timers.on_join == OnJoin::MoreUrgent {
        return None;
    }
    let joined = firing.difference(&route.log.firing).count();
    if joined > 0 && standing.status != IncidentStatus::Acknowledged {
        return Some((NoticeKind::MoreAlerts, counted(joined, "joined")));
    }
    let over = resolved(standing);
    let ended = over
        .difference(&route.log.resolved)
        .filter(|alert| route.log.firing.contains(alert))
        .count();
    (route.wants_resolved && ended > 0).then(|| (NoticeKind::SomeResolved, counted(ended, "ended")))
}

fn counted(count: usize, did: &str) -> String {
    if count == 1 {
        format!("1 alert {did}")
    } else {
        format!("{count} alerts {did}")
    }
}

/// What changed since the last tick waits for the next one.
fn on_tick(kind: NoticeKind, reason: String, standing: &Standing, route: &Route, now: Time) -> Due {
    let tick = tick_before(&route.log, route.timers, now);
    if route.timers.interval_ms <= 0 || standing.changed_at <= tick {
        return notice(kind, reason, standing, route, now);
    }
    let until = tick.plus_ms(route.timers.interval_ms);
    let reason = format!(
        "{reason}; changes are told every {} s",
        route.timers.interval_ms / SECOND_MS
    );
    (wait(until, reason), None)
}

/// The latest tick until now.
fn tick_before(log: &NotifyLog, timers: Timers, now: Time) -> Time {
    match log.began_at {
        Some(began_at) if timers.interval_ms > 0 => {
            let since = now.since_ms(began_at).max(0);
            began_at.plus_ms(since - since % timers.interval_ms)
        }
        _ => now,
    }
}

fn repeat(standing: &Standing, route: &Route, now: Time) -> Due {
    if standing.status == IncidentStatus::Acknowledged {
        return nothing("Nothing new, and somebody has taken it", None);
    }
    let (Some(told_at), true) = (route.log.told_at, route.timers.repeat_ms > 0) else {
        return nothing("Nothing new since the last notice", None);
    };
    let due_at = repeat_tick(route, told_at);
    if now < due_at {
        return nothing("Nothing new since the last notice", Some(due_at));
    }
    let minutes = route.timers.repeat_ms / MINUTE_MS;
    let reason = format!("Nobody has taken it for {minutes} minutes");
    notice(NoticeKind::Repeat, reason, standing, route, now)
}

/// The first tick at or after the repeat time: it rounds up to whole intervals.
fn repeat_tick(route: &Route, told_at: Time) -> Time {
    let due_at = told_at.plus_ms(route.timers.repeat_ms);
    let tick = tick_before(&route.log, route.timers, due_at);
    if tick < due_at {
        tick.plus_ms(route.timers.interval_ms)
    } else {
        due_at
    }
}

fn notice(kind: NoticeKind, reason: String, standing: &Standing, route: &Route, now: Time) -> Due {
    (
        Verdict::Notify { kind, reason },
        Some(told(standing, route, now)),
    )
}

fn nothing(reason: &str, again_at: Option<Time>) -> Due {
    let verdict = Verdict::Suppress {
        stage: Stage::Timing,
        reason: reason.to_owned(),
        again_at,
    };
    (verdict, None)
}

fn wait(until: Time, reason: String) -> Verdict {
    Verdict::Wait {
        stage: Stage::Timing,
        until,
        reason,
    }
}
