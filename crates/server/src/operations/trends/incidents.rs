//! Incidents over time, and how soon they were taken and solved.

use super::{Scope, Span};
use crate::limits::TREND_INCIDENTS;
use epicenter_domain::time::Time;
use epicenter_domain::trend::handling::{Handling, Spell};
use epicenter_store::trends::handling::{Resolved, ServiceSpell, resolved, spells};
use epicenter_store::{StoreError, Tx};
use std::collections::BTreeMap;

/// Incidents of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandlingStep {
    /// Where it begins.
    pub at: Time,
    /// Incidents that were resolved in it, whenever they opened.
    pub resolved: i64,
    /// How those were handled that opened in it.
    pub handling: Handling,
}

/// Incidents over time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncidentTrend {
    /// Steps, oldest first, empty ones included.
    pub steps: Vec<HandlingStep>,
    /// All that opened.
    pub total: Handling,
    /// The same by service, the one with most incidents first.
    pub services: Vec<(Option<i64>, Handling)>,
    /// Were there more than are read? Then only the newest are counted.
    pub is_cut: bool,
}

/// Counts incidents.
pub async fn incident_trend(
    tx: &mut Tx,
    scope: &Scope,
    span: Span,
) -> Result<IncidentTrend, StoreError> {
    Ok(Found::read(tx, scope, span).await?.trend(span))
}

/// The same, and the steps of another span that lies within, of one reading.
pub async fn incident_trend_and_steps(
    tx: &mut Tx,
    scope: &Scope,
    (span, within): (Span, Span),
) -> Result<(IncidentTrend, Vec<HandlingStep>), StoreError> {
    let found = Found::read(tx, scope, span).await?;
    Ok((found.trend(span), found.steps(within)))
}

/// The incidents of a span.
struct Found {
    opened: Vec<ServiceSpell>,
    resolved: Resolved,
}

impl Found {
    async fn read(tx: &mut Tx, scope: &Scope, span: Span) -> Result<Self, StoreError> {
        let (from, to) = (span.bucket.start_of(span.from), span.to);
        let (id, filter) = (scope.workspace_id, scope.spells());
        Ok(Self {
            opened: spells(tx, id, &filter, (from, to), TREND_INCIDENTS).await?,
            resolved: resolved(tx, id, &filter, (from, to), TREND_INCIDENTS).await?,
        })
    }

    fn steps(&self, span: Span) -> Vec<HandlingStep> {
        let mut by_step: BTreeMap<Time, (Vec<&Spell>, i64)> = BTreeMap::new();
        for ServiceSpell { spell, .. } in &self.opened {
            let start = span.bucket.start_of(spell.opened_at);
            by_step.entry(start).or_default().0.push(spell);
        }
        for (at, count) in &self.resolved.hours {
            by_step.entry(span.bucket.start_of(*at)).or_default().1 += count;
        }
        let step = |at: Time| {
            let (spells, resolved) = by_step.remove(&at).unwrap_or_default();
            HandlingStep {
                at,
                resolved,
                handling: Handling::of(spells),
            }
        };
        span.starts().into_iter().map(step).collect()
    }

    fn trend(&self, span: Span) -> IncidentTrend {
        let mut by_service: BTreeMap<Option<i64>, Vec<&Spell>> = BTreeMap::new();
        for ServiceSpell { service_id, spell } in &self.opened {
            by_service.entry(*service_id).or_default().push(spell);
        }
        let mut services: Vec<(Option<i64>, Handling)> = by_service
            .into_iter()
            .map(|(service_id, spells)| (service_id, Handling::of(spells)))
            .filter(|(_, handling)| handling.opened > 0)
            .collect();
        services.sort_by_key(|(_, handling)| std::cmp::Reverse(handling.opened));
        let opened = i64::try_from(self.opened.len()).unwrap_or(i64::MAX);
        IncidentTrend {
            steps: self.steps(span),
            total: Handling::of(self.opened.iter().map(|one| &one.spell)),
            services,
            is_cut: opened.max(self.resolved.count) >= TREND_INCIDENTS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicenter_domain::time::DAY_MS;
    use epicenter_domain::trend::bucket::Bucket;

    #[test]
    fn incidents_count_where_they_opened_and_where_they_ended() {
        let spell = |service, opened: i64, resolved: Option<i64>| ServiceSpell {
            service_id: Some(service),
            spell: Spell {
                opened_at: Time(opened * DAY_MS),
                acknowledged_at: None,
                resolved_at: resolved.map(|day| Time(day * DAY_MS)),
                is_aside: false,
            },
        };
        let opened = [
            spell(1, 0, Some(2)),
            spell(2, 1, None),
            spell(2, 1, Some(2)),
        ];
        let resolved = Resolved {
            hours: vec![(Time(DAY_MS), 1), (Time(2 * DAY_MS), 2)],
            count: 4,
        };
        let span = Span {
            from: Time(0),
            to: Time(3 * DAY_MS),
            bucket: Bucket::Day,
        };
        let found = Found {
            opened: opened.to_vec(),
            resolved,
        };
        let trend = found.trend(span);
        let told: Vec<_> = trend
            .steps
            .iter()
            .map(|step| (step.handling.opened, step.resolved))
            .collect();
        assert_eq!(told, [(1, 0), (2, 1), (0, 2)]);
        assert_eq!((trend.total.opened, trend.total.still_open), (3, 1));
        assert_eq!(trend.services[0].0, Some(2));
        assert_eq!(
            trend.services[1].1.to_resolve.unwrap().median_ms,
            2 * DAY_MS
        );
        assert!(!trend.is_cut);
        let within = Span {
            from: Time(DAY_MS),
            ..span
        };
        assert_eq!(found.steps(within), trend.steps[1..]);
    }
}
