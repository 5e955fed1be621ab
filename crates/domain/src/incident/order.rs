//! Order by the sender's clocks, since nothing arrives in order (SENTRY-PROTOCOL §6).
//!
//! Two clocks exist: when the request was built (`sent_at`, a header) and when the thing happened
//! (`occurred_at`, the body). Changes of status are compared like with like; a trigger is compared
//! by its event's time. A resolve wins ties, because a ghost incident is worse than a late one.

use crate::signal::When;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// What moved the alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MarkKind {
    /// An event, a new issue, a metric that fires.
    Trigger,
    /// Sentry said unresolved.
    Unresolved,
    /// Sentry or a person said resolved.
    Resolved,
    /// Sentry said ignored.
    Archived,
}

/// The clocks of a fact that was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// What it was.
    pub kind: MarkKind,
    /// Its sender's clocks.
    #[serde(flatten)]
    pub when: MarkTime,
}

/// [`When`], as it is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkTime {
    /// When the request was built.
    pub sent_at: Option<Time>,
    /// When the thing happened.
    pub occurred_at: Option<Time>,
}

impl Mark {
    /// Marks a fact; clocks that run ahead of ours are cut to `now`, so that one wrong clock
    /// cannot make everything after it look old.
    pub fn new(kind: MarkKind, when: When, now: Time) -> Self {
        let cut = |at: Option<Time>| at.map(|at| at.min(now));
        Self {
            kind,
            when: MarkTime {
                sent_at: cut(when.sent_at),
                occurred_at: cut(when.occurred_at),
            },
        }
    }

    /// The latest instant this fact is known to have been true at.
    pub(super) fn latest(&self) -> Option<Time> {
        self.when.sent_at.max(self.when.occurred_at)
    }

    /// Is this trigger no news after that resolve? (FIELD case 44)
    pub(super) fn trigger_precedes(&self, resolve: &Self) -> bool {
        let happened = self.when.occurred_at.or(self.when.sent_at);
        matches!((happened, resolve.latest()), (Some(happened), Some(end)) if happened <= end)
    }

    /// Is this change of status older than that one?
    pub(super) fn status_precedes(&self, applied: &Self) -> bool {
        match (self.when.sent_at, applied.when.sent_at) {
            (Some(mine), Some(theirs)) if mine != theirs => mine < theirs,
            _ => matches!(
                (self.when.occurred_at, applied.when.occurred_at),
                (Some(mine), Some(theirs)) if mine < theirs
            ),
        }
    }

    /// Did this resolve happen before that trigger's event, by both clocks?
    pub(super) fn resolve_precedes(&self, trigger: &Self) -> bool {
        let (Some(end), Some(sent), Some(happened)) = (
            self.when.sent_at,
            trigger.when.sent_at,
            trigger.when.occurred_at,
        ) else {
            return false;
        };
        end < sent && end < happened
    }
}
