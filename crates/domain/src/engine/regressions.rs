//! Signals that would open what is fixed already: an old client, or an environment that lags
//! behind, is no regression (ACCEPTANCE U4).

use super::{Context, Key, Slice, Verdict, timeline};
use crate::incident::{Incident, Trigger};
use crate::routing::detect::{Judged, Reaction};
use crate::signal::Signal;

/// What releases and deploys say of a signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    /// The verdict.
    pub judged: Judged,
    /// What is done where it is no real regression.
    pub reaction: Reaction,
}

fn lag<'a>(slice: &'a Slice, context: &Context<'_>, key: &Key) -> Option<&'a Lag> {
    slice.lags.get(&(context.delivery_id?, key.clone()))
}

/// The verdict on a signal that opens nothing, because it is no real regression.
pub(super) fn hold(
    slice: &mut Slice,
    context: &mut Context<'_>,
    key: &Key,
    (signal, trigger, issue_id): (&Signal, &Trigger, i64),
) -> Option<Verdict> {
    if !opens(trigger) {
        return None;
    }
    let lag = lag(slice, context, key)?.clone();
    let is_open = slice
        .alert(key)
        .and_then(|alert| slice.incident(alert.incident_id?))
        .is_some_and(Incident::is_open);
    let is_held = !lag.judged.verdict.alerts() && lag.reaction < Reaction::Tell;
    if is_open || !is_held {
        return None;
    }
    let reason = lag.judged.reason;
    if lag.reaction == Reaction::Line {
        let line = timeline::Line::new("seen.false_regression", &reason)
            .by(signal)
            .about(None, Some(issue_id));
        timeline::write(slice, context, line);
    }
    let reason = format!("Opens nothing, it is no real regression: {reason}");
    Some(Verdict::applied(reason, None, Some(issue_id)))
}

/// What opened is marked with the verdict, and its timeline says why.
pub(super) fn mark(
    slice: &mut Slice,
    context: &mut Context<'_>,
    key: &Key,
    (trigger, incident_id, issue_id): (&Trigger, Option<i64>, i64),
) {
    let Some(incident_id) = incident_id.filter(|_| opens(trigger)) else {
        return;
    };
    let Some(judged) = lag(slice, context, key).map(|lag| lag.judged.clone()) else {
        return;
    };
    if slice.incident(incident_id).is_some_and(Incident::is_open) {
        let kind = format!("regression.{}", judged.verdict.as_str());
        let line =
            timeline::Line::new(&kind, &judged.reason).about(Some(incident_id), Some(issue_id));
        timeline::write(slice, context, line);
        slice.judged.insert(incident_id, judged);
    }
}

fn opens(trigger: &Trigger) -> bool {
    match trigger {
        Trigger::Fire { .. } | Trigger::Unresolved { .. } => true,
        Trigger::Resolve { .. }
        | Trigger::Archive { .. }
        | Trigger::Acknowledge
        | Trigger::Assign(_)
        | Trigger::Remark(..) => false,
    }
}
