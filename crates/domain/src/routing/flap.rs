//! Flapping: what opens and closes again and again is marked, told once, and then told in digests
//! until it is quiet for an hour (FIELD §1.8).

use super::due::{self, Due};
use super::window::clock;
use super::{NoticeKind, Route, Situation, Stage, Verdict};
use crate::time::{HOUR_MS, Time};
use serde::{Deserialize, Serialize};

/// State changes within the window that mean flapping (FIELD §1.8).
const CHANGES: usize = 4;
/// The window, and the quiet time after which it is over (FIELD §1.8).
const WINDOW_MS: i64 = HOUR_MS;
/// From digest to digest.
const DIGEST_MS: i64 = HOUR_MS;

/// The memory of one dedup key: its last openings and closings. Keeps its size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Flapping {
    /// The last changes, oldest first, at most four.
    recent: Vec<Time>,
    /// Since when it flaps.
    since: Option<Time>,
    /// Changes since then.
    count: u32,
}

impl Flapping {
    /// It opened or closed.
    pub fn changed(&mut self, now: Time) {
        if self.since(now).is_none() {
            self.since = None;
            self.count = 0;
        }
        self.recent.push(now);
        let surplus = self.recent.len().saturating_sub(CHANGES);
        self.recent.drain(..surplus);
        self.count = self.count.saturating_add(1);
        let is_full = self.recent.len() == CHANGES;
        if let (None, true, Some(first)) = (self.since, is_full, self.recent.first())
            && now.since_ms(*first) <= WINDOW_MS
        {
            self.since = Some(now);
            self.count = u32::try_from(CHANGES).unwrap_or(u32::MAX);
        }
    }

    /// Since when it flaps; none, if it does not or has been quiet for an hour.
    pub fn since(&self, now: Time) -> Option<Time> {
        self.since
            .filter(|_| self.ends_at().is_some_and(|ends_at| now < ends_at))
    }

    /// When it has been quiet long enough.
    fn ends_at(&self) -> Option<Time> {
        self.recent.last().map(|last| last.plus_ms(WINDOW_MS))
    }
}

/// Tells of the flapping once, then in digests.
pub(super) fn stage(situation: &Situation<'_>, route: &Route, now: Time) -> Option<Due> {
    let state = situation.flapping;
    let since = state.since(now)?;
    let ends_at = state.ends_at()?;
    let notice = |kind, reason| {
        let mut log = due::told(situation.standing, route, now);
        log.flapping_since = Some(since);
        Some((Verdict::Notify { kind, reason }, Some(log)))
    };
    let count = state.count;
    if due::owes_resolve(situation.standing, route) && route.log.flapping_since == Some(since) {
        let reason = format!(
            "It flaps; that it is over is told if it stays so until {}",
            clock(ends_at)
        );
        let verdict = Verdict::Wait {
            stage: Stage::Flapping,
            until: ends_at,
            reason,
        };
        return Some((verdict, None));
    }
    let is_told = route.log.flapping_since == Some(since);
    if !is_told {
        let reason =
            format!("It flaps: it changed {count} times within an hour. From now on in digests");
        return notice(NoticeKind::Flapping, reason);
    }
    let digest_at = route.log.told_at.unwrap_or(since).plus_ms(DIGEST_MS);
    if now >= digest_at {
        let reason = format!("It still flaps: {count} changes since {}", clock(since));
        return notice(NoticeKind::Digest, reason);
    }
    let verdict = Verdict::Suppress {
        stage: Stage::Flapping,
        reason: format!("It flaps since {}: {count} changes so far", clock(since)),
        again_at: Some(digest_at.min(ends_at)),
    };
    Some((verdict, None))
}
