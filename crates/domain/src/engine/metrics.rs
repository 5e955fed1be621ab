//! A metric alert: its own dedup key, no issue.

use super::incidents::{Portrait, act};
use super::{Context, Slice, Verdict, VerdictOutcome};
use crate::incident::{Mark, MarkKind, Trigger};
use crate::signal::{MetricFact, MetricState, Signal};

/// Applies a metric alert's new state.
pub(super) fn apply(
    slice: &mut Slice,
    context: &mut Context<'_>,
    signal: &Signal,
    fact: &MetricFact,
) -> Verdict {
    let key = (context.origin.integration_id, fact.dedup_key.clone());
    let mark = |kind| Mark::new(kind, signal.when, context.now);
    let trigger = match fact.state {
        MetricState::Firing(severity) => Trigger::Fire {
            severity: context.origin.profile.severity(severity),
            exact: true,
            mark: mark(MarkKind::Trigger),
        },
        MetricState::Resolved => Trigger::Resolve {
            how: "by Sentry, the metric is back to normal".to_owned(),
            mark: mark(MarkKind::Resolved),
        },
    };
    let fires = matches!(trigger, Trigger::Fire { .. });
    let seen_at = fact
        .started_at
        .or(signal.when.occurred_at)
        .unwrap_or(context.now);
    let known = slice.alert(&key).map_or(0, |alert| alert.signal_count);
    let project = fact.projects.first().cloned();
    let portrait = Portrait {
        title: fact.title.clone(),
        source: format!(
            "Sentry - {}",
            project.as_deref().unwrap_or(&context.origin.name)
        ),
        project,
        environment: fact.environment.clone(),
        release: None,
        culprit: (!fact.description.is_empty()).then(|| fact.description.clone()),
        sentry_issue_id: None,
        short_id: None,
        permalink: fact.permalink.clone(),
        first_seen_at: seen_at.min(context.now),
        last_seen_at: signal
            .when
            .occurred_at
            .unwrap_or(context.now)
            .min(context.now),
        event_count: known + i64::from(fires),
        event_delta: i64::from(fires),
        user_count: 0,
        issue_id: None,
    };
    let effect = act(
        slice,
        context,
        &key,
        &portrait,
        (signal, &trigger, &fact.description),
    );
    Verdict {
        outcome: VerdictOutcome::Applied,
        reason: effect.reason,
        incident_id: effect.incident_id,
        issue_id: None,
    }
}
