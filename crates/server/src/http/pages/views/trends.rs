//! `/trends`: what counts over time tell.

use super::parts::{Chart, Icon, Query, duration_ms, grouped, plural};
use super::shell::{Choice, Shell};
use askama::Template;
use epicenter_domain::time::Time;
use epicenter_domain::trend::handling::{Durations, Handling};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/trends.html")]
pub struct TrendsPage {
    /// What is around it.
    pub shell: Shell,
    /// The filter in the address.
    pub filter: TrendFilter,
    /// Services to filter by: id and name.
    pub services: Vec<(String, String)>,
    /// Projects to filter by.
    pub projects: Vec<String>,
    /// Environments to filter by.
    pub environments: Vec<String>,
    /// Events over time, by level.
    pub events: Chart,
    /// Incidents that opened and that were resolved.
    pub incidents: Chart,
    /// All incidents of the weeks.
    pub handling: Handling,
    /// Weeks, newest first: where each begins.
    pub weeks: Vec<(Time, Handling)>,
    /// Services, the one with most incidents first.
    pub by_service: Vec<(String, Handling)>,
    /// Were there more incidents than are read?
    pub is_cut: bool,
    /// What grew and what fell.
    pub movers: Vec<MoverList>,
    /// Events by hour of the day.
    pub hours: Vec<i64>,
}

/// The filter as the address says it; empty means any.
#[derive(Clone, Debug, Default)]
pub struct TrendFilter {
    /// Id of a service.
    pub service: String,
    /// Slug of a project.
    pub project: String,
    /// Environment.
    pub environment: String,
    /// `24h`, `7d`, `30d`, `90d`.
    pub range: String,
}

/// The ranges, as the address names them, and in words.
const RANGES: [(&str, &str); 4] = [
    ("24h", "24 hours"),
    ("7d", "7 days"),
    ("30d", "30 days"),
    ("90d", "90 days"),
];

/// What moved in one direction.
#[derive(Clone, Debug)]
pub struct MoverList {
    /// "Issues that grew".
    pub title: &'static str,
    /// Most first.
    pub rows: Vec<MoverRow>,
}

/// Something that moved.
#[derive(Clone, Debug)]
pub struct MoverRow {
    /// Title or slug.
    pub name: String,
    /// Its page.
    pub href: String,
    /// Project and short id of an issue.
    pub place: String,
    /// Events before and after.
    pub events: (i64, i64),
    /// "20 times as many".
    pub change: String,
}

impl MoverRow {
    /// "12 → 240 events".
    pub fn told(&self) -> String {
        let (before, after) = self.events;
        format!(
            "{} → {}",
            grouped(&before),
            plural(&after, "event", "events")
        )
    }
}

impl TrendFilter {
    /// This page with another range.
    pub fn with_range(&self, range: &str) -> String {
        Query::new("/trends")
            .set("service", &self.service)
            .set("project", &self.project)
            .set("environment", &self.environment)
            .set("range", range)
            .href()
    }

    /// Is anything left out?
    pub fn is_narrowed(&self) -> bool {
        [&self.service, &self.project, &self.environment]
            .iter()
            .any(|value| !value.is_empty())
    }

    /// The range in words.
    pub fn range_words(&self) -> &'static str {
        let known = RANGES.iter().find(|(value, _)| *value == self.range);
        known.map_or("7 days", |(_, words)| words)
    }
}

impl TrendsPage {
    fn same(values: &[String]) -> impl Iterator<Item = (&str, &str)> {
        values.iter().map(|value| (value.as_str(), value.as_str()))
    }

    /// Services, with the chosen one marked.
    pub fn service_choices(&self) -> Vec<Choice> {
        let pairs = self.services.iter().map(|(id, name)| (id, name));
        Choice::list(pairs, &self.filter.service)
    }

    /// Projects, with the chosen one marked.
    pub fn project_choices(&self) -> Vec<Choice> {
        Choice::list(Self::same(&self.projects), &self.filter.project)
    }

    /// Environments, with the chosen one marked.
    pub fn environment_choices(&self) -> Vec<Choice> {
        Choice::list(Self::same(&self.environments), &self.filter.environment)
    }

    /// Ranges: address, words, chosen.
    pub fn ranges(&self) -> Vec<(String, &'static str, bool)> {
        let range = |(value, words): (&str, &'static str)| {
            (
                self.filter.with_range(value),
                words,
                value == self.filter.range,
            )
        };
        RANGES.into_iter().map(range).collect()
    }

    /// Nothing to show at all?
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.incidents.is_empty() && self.handling.opened == 0
    }

    /// Did anything move?
    pub fn has_movers(&self) -> bool {
        self.movers.iter().any(|list| !list.rows.is_empty())
    }

    /// "4 min", or a dash.
    pub fn lasted(&self, of: &Option<Durations>, which: &str) -> String {
        let Some(of) = of else {
            return "–".to_owned();
        };
        duration_ms(&match which {
            "mean" => of.mean_ms,
            "p90" => of.p90_ms,
            _ => of.median_ms,
        })
    }

    /// "of 12 incidents".
    pub fn counted(&self, of: &Option<Durations>) -> String {
        let count = of.map_or(0, |of| of.count);
        format!("of {}", plural(&count, "incident", "incidents"))
    }

    /// `2026-11-16`.
    pub fn day(&self, at: &Time) -> String {
        at.rfc3339().chars().take(10).collect()
    }

    /// Hours of the day with their events, the busiest first, at most six.
    pub fn busiest(&self) -> Vec<(String, String, i64)> {
        let all: i64 = self.hours.iter().sum();
        let mut hours: Vec<(usize, i64)> = self.hours.iter().copied().enumerate().collect();
        hours.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let told = hours.into_iter().filter(|(_, count)| *count > 0).take(6);
        told.map(|(hour, count)| {
            let name = format!("{hour:02}:00 to {:02}:00", hour + 1);
            (
                name,
                grouped(&count),
                count.saturating_mul(100) / all.max(1),
            )
        })
        .collect()
    }
}
