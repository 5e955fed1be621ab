//! Events over time.

use super::{Scope, Span};
use crate::limits::TREND_NAMES;
use epicenter_domain::time::{DAY_MS, HOUR_MS, Time};
use epicenter_domain::trend::bucket::Bucket;
use epicenter_store::trends::events::{Count, Split, counts};
use epicenter_store::{StoreError, Tx};
use std::collections::BTreeMap;

/// The name of what is left of many names.
pub const OTHERS: &str = "others";

/// Counts per step, told apart by names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventTrend {
    /// Names, the one with most events first; "others" at the end if there were too many.
    pub names: Vec<String>,
    /// Where each step begins, and the count of each name in it.
    pub steps: Vec<(Time, Vec<i64>)>,
}

impl EventTrend {
    /// All events.
    pub fn total(&self) -> i64 {
        self.steps.iter().flat_map(|(_, counts)| counts).sum()
    }
}

/// Counts events.
pub async fn event_trend(
    tx: &mut Tx,
    scope: &Scope,
    span: Span,
    split: Split,
) -> Result<EventTrend, StoreError> {
    let rows = match scope.counts(tx).await? {
        Some(filter) => {
            let part = (
                span.bucket.start_of(span.from),
                span.to,
                span.bucket.counted_ms(),
            );
            counts(tx, scope.workspace_id, &filter, split, part).await?
        }
        None => Vec::new(),
    };
    Ok(in_steps(&rows, span))
}

fn in_steps(rows: &[Count], span: Span) -> EventTrend {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for row in rows {
        *sums.entry(&row.name).or_insert(0) += row.count;
    }
    let mut names: Vec<&str> = sums.keys().copied().collect();
    names.sort_by_key(|name| std::cmp::Reverse(sums.get(name)));
    let has_others = names.len() > TREND_NAMES;
    if has_others {
        names.truncate(TREND_NAMES - 1);
        names.push(OTHERS);
    }
    let last = names.len().saturating_sub(1);
    let places: BTreeMap<&str, usize> = names.iter().copied().zip(0..).collect();
    let starts = span.starts();
    let mut steps: Vec<(Time, Vec<i64>)> = starts
        .into_iter()
        .map(|at| (at, vec![0; names.len()]))
        .collect();
    for row in rows {
        let start = span.bucket.start_of(Time(row.at));
        let place = places.get(row.name.as_str()).copied().unwrap_or(last);
        let step = steps.binary_search_by_key(&start, |(at, _)| *at).ok();
        let step = step.and_then(|index| steps.get_mut(index));
        if let Some(count) = step.and_then(|(_, counts)| counts.get_mut(place)) {
            *count += row.count;
        }
    }
    EventTrend {
        names: names.into_iter().map(str::to_owned).collect(),
        steps,
    }
}

/// Events of the last seven days by hour of the day, in UTC: 24 counts, from midnight on.
pub async fn busiest_hours(tx: &mut Tx, scope: &Scope, now: Time) -> Result<Vec<i64>, StoreError> {
    let span = Span {
        from: now.plus_ms(-7 * DAY_MS),
        to: now,
        bucket: Bucket::Hour,
    };
    let trend = event_trend(tx, scope, span, Split::None).await?;
    let mut hours = vec![0; 24];
    for (at, counts) in trend.steps {
        let hour = usize::try_from(at.0.rem_euclid(DAY_MS) / HOUR_MS);
        if let Some(sum) = hour.ok().and_then(|hour| hours.get_mut(hour)) {
            *sum += counts.iter().sum::<i64>();
        }
    }
    Ok(hours)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(at: i64, name: &str, count: i64) -> Count {
        Count {
            at,
            name: name.to_owned(),
            count,
        }
    }

    #[test]
    fn empty_steps_are_there_and_the_loudest_name_is_first() {
        let span = Span {
            from: Time(HOUR_MS),
            to: Time(4 * HOUR_MS),
            bucket: Bucket::Hour,
        };
        let rows = [
            row(HOUR_MS, "error", 2),
            row(HOUR_MS, "warning", 9),
            row(3 * HOUR_MS, "error", 1),
            row(9 * HOUR_MS, "error", 50),
        ];
        let trend = in_steps(&rows[..3], span);
        assert_eq!(trend.names, ["warning", "error"]);
        let counts: Vec<&[i64]> = trend.steps.iter().map(|(_, counts)| &counts[..]).collect();
        assert_eq!(counts, [&[9, 2][..], &[0, 0], &[0, 1]]);
        assert_eq!(trend.total(), 12);
        assert_eq!(
            in_steps(&rows, span).total(),
            12,
            "what is outside is left out"
        );
    }

    #[test]
    fn many_names_become_few() {
        let many = i64::try_from(TREND_NAMES).unwrap() + 5;
        let rows: Vec<Count> = (0..many)
            .map(|index| row(0, &format!("project-{index}"), index + 1))
            .collect();
        let span = Span {
            from: Time(0),
            to: Time(1),
            bucket: Bucket::Day,
        };
        let trend = in_steps(&rows, span);
        assert_eq!(trend.names.len(), TREND_NAMES);
        assert_eq!(trend.names.last().unwrap(), OTHERS);
        assert_eq!(trend.total(), many * (many + 1) / 2, "sums stay");
    }
}
