//! An alert without an issue: a metric of Sentry, an alert of another system.

use super::incidents::act;
use super::portrait::Portrait;
use super::{Context, Key, Slice, Verdict, timeline};
use crate::incident::{Mark, MarkKind, Trigger};
use crate::signal::{AlertFact, AlertState, Signal};
use crate::sources::IntegrationKind;

/// Applies an alert's new state.
pub(super) fn apply(
    slice: &mut Slice,
    context: &mut Context<'_>,
    signal: &Signal,
    fact: &AlertFact,
) -> Verdict {
    let key = key_of(slice, context.origin.integration_id, fact);
    let mark = |kind| Mark::new(kind, signal.when, context.now);
    let trigger = match fact.state {
        AlertState::Firing(severity) => Trigger::Fire {
            severity: context.origin.profile.severity(severity),
            exact: true,
            mark: mark(MarkKind::Trigger),
        },
        AlertState::Acknowledged => Trigger::Acknowledge,
        AlertState::Resolved => Trigger::Resolve {
            how: how(context.origin.kind),
            mark: mark(MarkKind::Resolved),
        },
    };
    let fires = matches!(trigger, Trigger::Fire { .. });
    let seen_at = fact
        .started_at
        .or(signal.when.occurred_at)
        .unwrap_or(context.now);
    let was_open = slice.alert(&key).is_some_and(|alert| alert.is_open);
    let known = slice.alert(&key).map_or(0, |alert| alert.signal_count);
    let project = fact.projects.first().cloned();
    let portrait = Portrait {
        title: fact.title.clone(),
        source: context
            .origin
            .source(None, fact.subject.as_deref().or(project.as_deref())),
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
    // What is repeated while it is open stays in the delivery log.
    if fires && !was_open && !effect.is_stale && !effect.is_dropped && !fact.details.is_empty() {
        let line = timeline::Line::new("alert.details", "What the sender said")
            .body(&fact.details)
            .by(signal)
            .about(effect.incident_id, None);
        timeline::write(slice, context, line);
    }
    Verdict {
        outcome: effect.outcome(),
        reason: effect.reason,
        incident_id: effect.incident_id,
        issue_id: None,
    }
}

/// The alert's key. A whole body names its organisation by number and by name, and teaches which
/// number the name has; a body that knows only the name meets the others by that. What was opened
/// under the name, before any whole body came, goes on under it.
fn key_of(slice: &mut Slice, integration_id: i64, fact: &AlertFact) -> Key {
    let Some(metric) = &fact.metric else {
        return (integration_id, fact.dedup_key.clone());
    };
    let place = (integration_id, metric.organization.clone());
    if let Some(number) = &metric.organization_id
        && slice.organizations.get(&place) != Some(number)
    {
        slice.organizations.insert(place.clone(), number.clone());
        slice
            .new_organizations
            .insert(place.clone(), number.clone());
    }
    let by_name = (integration_id, metric.key(&metric.organization));
    let best = slice.organizations.get(&place).map_or_else(
        || by_name.clone(),
        |number| (integration_id, metric.key(number)),
    );
    if !slice.alerts.contains_key(&best) && slice.alerts.contains_key(&by_name) {
        by_name
    } else {
        best
    }
}

fn how(kind: IntegrationKind) -> String {
    match kind {
        IntegrationKind::Sentry => "by Sentry, the metric is back to normal".to_owned(),
        IntegrationKind::Github
        | IntegrationKind::Gitlab
        | IntegrationKind::Vercel
        | IntegrationKind::Events
        | IntegrationKind::Pagerduty => "by the sender of the alert".to_owned(),
        IntegrationKind::Own => "by Epicenter itself".to_owned(),
    }
}
