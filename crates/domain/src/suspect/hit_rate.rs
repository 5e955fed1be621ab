//! How often the ranking was right, by what people said of its suspects.

use crate::time::Time;
use std::collections::BTreeMap;

/// One thing that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// About the suspects of this incident.
    pub incident_id: i64,
    /// "This was it", or else "not this one".
    pub is_guilty: bool,
    /// Where it stood when that was said; `None`: it was not shown.
    pub shown_rank: Option<i64>,
    /// Was the ranking called convincing?
    pub is_convincing: bool,
    /// When.
    pub at: Time,
}

/// Incidents whose cause is known, and where it stood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// Incidents of which somebody said who it was, or that the first suspect was not it.
    pub judged: i64,
    /// The first suspect was it.
    pub first: i64,
    /// One of the first three was it.
    pub first_three: i64,
}

impl Hits {
    /// Whole per cent of the judged; `None` without any.
    pub fn percent(&self, hits: i64) -> Option<i64> {
        (self.judged > 0).then(|| (hits * 100 + self.judged / 2) / self.judged)
    }
}

/// The hits of rankings that were called convincing, and of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HitRate {
    /// Called convincing.
    pub convincing: Hits,
    /// Not called so.
    pub unsure: Hits,
}

/// Counts. Whoever says "not this one" moves the rest up; the hit counts where it stood at first.
pub fn hit_rate(said: &[Said]) -> HitRate {
    let mut by_incident: BTreeMap<i64, Vec<&Said>> = BTreeMap::new();
    for one in said {
        by_incident.entry(one.incident_id).or_default().push(one);
    }
    let mut rate = HitRate::default();
    for (_, mut said) in by_incident {
        said.sort_by_key(|one| one.at);
        let found = said.iter().filter(|one| one.is_guilty);
        let is_found = found.clone().next().is_some();
        let missed_first = said
            .iter()
            .any(|one| !one.is_guilty && one.shown_rank == Some(1));
        if !is_found && !missed_first {
            continue;
        }
        let stood = found.filter_map(|one| stood_at(one, &said)).min();
        let was_convincing = said.iter().any(|one| one.is_convincing);
        let hits = if was_convincing {
            &mut rate.convincing
        } else {
            &mut rate.unsure
        };
        hits.judged += 1;
        hits.first += i64::from(stood == Some(1));
        hits.first_three += i64::from(stood.is_some_and(|rank| rank <= 3));
    }
    rate
}

/// Where a suspect stood before others were dismissed in front of it.
fn stood_at(one: &Said, said: &[&Said]) -> Option<i64> {
    let rank = one.shown_rank?;
    let before = said
        .iter()
        .filter(|other| !other.is_guilty && other.at <= one.at)
        .filter(|other| other.shown_rank.is_some_and(|shown| shown <= rank));
    Some(rank + i64::try_from(before.count()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(incident_id: i64, rank: Option<i64>, is_guilty: bool, at: i64) -> Said {
        Said {
            incident_id,
            is_guilty,
            shown_rank: rank,
            is_convincing: incident_id < 10,
            at: Time(at),
        }
    }

    #[test]
    fn hits_are_counted_where_the_suspect_stood_at_first() {
        let rate = hit_rate(&[
            said(1, Some(1), true, 1),
            // The second moved up after the first was dismissed: no first hit.
            said(2, Some(1), false, 1),
            said(2, Some(1), true, 2),
            // Sentry names a commit that was not shown.
            said(3, None, true, 1),
            // Only the first is known to be wrong.
            said(4, Some(1), false, 1),
            // Only the third is known to be wrong: that says nothing of the first.
            said(5, Some(3), false, 1),
            said(11, Some(4), true, 1),
            said(12, Some(3), true, 1),
        ]);
        let convincing = Hits {
            judged: 4,
            first: 1,
            first_three: 2,
        };
        let unsure = Hits {
            judged: 2,
            first: 0,
            first_three: 1,
        };
        assert_eq!(rate, HitRate { convincing, unsure });
        assert_eq!(convincing.percent(convincing.first), Some(25));
        assert_eq!(Hits::default().percent(0), None);
        assert_eq!(hit_rate(&[]), HitRate::default());
    }
}
