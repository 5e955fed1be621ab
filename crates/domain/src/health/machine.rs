//! Database, disk, workers, retention.

use super::words::{bytes, counted, span};
use super::{Finding, Growth, Level, Part};
use crate::time::{MINUTE_MS, Time};

/// Room for fewer days is a reason to act.
const DAYS_LEFT: i64 = 14;
/// Room for fewer days is an emergency.
const DAYS_LEFT_LEAST: i64 = 2;
/// Less free disk than this is an emergency: a storm fills it within the hour.
const DISK_LEAST: i64 = 256 << 20;
/// Less free disk than this is a reason to act.
const DISK_LOW: i64 = 2 << 30;
/// A worker that did nothing for so long hangs; the slowest beats once a minute.
const WORKER_MS: i64 = 5 * MINUTE_MS;

/// The database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DatabaseFacts {
    /// Its size in bytes.
    pub total_bytes: i64,
    /// Its cap in bytes, if it has one.
    pub cap_bytes: Option<i64>,
    /// What the daily sizes say.
    pub growth: Option<Growth>,
}

/// The finding about the database's size.
pub fn database(facts: &DatabaseFacts) -> Finding {
    let mut says = format!("The database has {}", bytes(facts.total_bytes));
    if let Some(cap) = facts.cap_bytes {
        says = format!("{says} of {}", bytes(cap));
    }
    let Some(growth) = facts.growth else {
        says.push_str("; how fast it grows is known after two days.");
        return Finding::new(Part::Storage, "size", Level::Ok, says);
    };
    let per_day = if growth.per_day < 0 {
        format!("shrinks by {} a day", bytes(-growth.per_day))
    } else {
        format!("grows by {} a day", bytes(growth.per_day))
    };
    says = format!(
        "{says}, {per_day}, and will have {} in 30 days",
        bytes(growth.in_30_days)
    );
    let Some(days) = growth.days_left else {
        says.push('.');
        return Finding::new(Part::Storage, "size", Level::Ok, says);
    };
    says = format!("{says}; there is room for {}.", counted(days, "day"));
    let level = match days {
        days if days < DAYS_LEFT_LEAST => Level::Broken,
        days if days < DAYS_LEFT => Level::Attention,
        _ => Level::Ok,
    };
    let finding = Finding::new(Part::Storage, "size", level, says);
    if level == Level::Ok {
        return finding;
    }
    finding.todo("Make room on the disk, raise database_max_mib, or keep things for fewer days.")
}

/// The finding about free disk, where it is known.
pub fn disk(free_bytes: i64) -> Finding {
    let says = format!(
        "{} are free on the disk of the database.",
        bytes(free_bytes)
    );
    let level = match free_bytes {
        free if free < DISK_LEAST => Level::Broken,
        free if free < DISK_LOW => Level::Attention,
        _ => Level::Ok,
    };
    let finding = Finding::new(Part::Storage, "disk", level, says);
    if level == Level::Ok {
        return finding;
    }
    finding.todo("Free some space: with a full disk webhooks are answered 503 and lost.")
}

/// What retention took away in seven days, by kind.
pub fn retention(removed: &[(String, i64)]) -> Finding {
    let parts = removed
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect::<Vec<_>>();
    let says = if parts.is_empty() {
        "Nothing was old enough to be removed in 7 days.".to_owned()
    } else {
        format!(
            "Removed in 7 days because it was old: {}.",
            parts.join(", ")
        )
    };
    Finding::new(Part::Storage, "retention", Level::Ok, says)
}

/// One worker on one node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkerFacts {
    /// The node's number.
    pub node: i64,
    /// Its name.
    pub name: String,
    /// When it last did its work.
    pub done_at: Option<Time>,
    /// When it last failed, and why.
    pub failed: Option<(Time, String)>,
}

/// Findings about workers: one line if all is well, else one for each that is not.
pub fn workers(facts: &[WorkerFacts], now: Time) -> Vec<Finding> {
    if facts.is_empty() {
        let says = "No worker has told of itself yet; they do so within a minute.";
        return vec![Finding::new(Part::Workers, "workers", Level::Ok, says)];
    }
    let mut findings: Vec<Finding> = facts.iter().filter_map(|one| worker(one, now)).collect();
    if findings.is_empty() {
        let says = format!("All {} do their work.", counted(count(facts), "worker"));
        findings.push(Finding::new(Part::Workers, "workers", Level::Ok, says));
    }
    findings
}

fn count(facts: &[WorkerFacts]) -> i64 {
    i64::try_from(facts.len()).unwrap_or(i64::MAX)
}

fn worker(facts: &WorkerFacts, now: Time) -> Option<Finding> {
    let name = format!("{} on node {}", facts.name, facts.node);
    let line = |level, says: String| Finding::new(Part::Workers, "worker", level, says).of(&name);
    let failed_last = facts
        .failed
        .as_ref()
        .filter(|(at, _)| facts.done_at.is_none_or(|done| done < *at));
    if let Some((at, why)) = failed_last {
        let says = format!("It failed {} ago: {why}", span(now.since_ms(*at)));
        let todo = "It tries again by itself; the log has more. Look at the database and the disk.";
        return Some(line(Level::Broken, says).todo(todo));
    }
    let age = now.since_ms(facts.done_at?);
    if age < WORKER_MS {
        return None;
    }
    let says = format!("It did nothing for {}.", span(age));
    let todo = "If this node was shut down, nothing needs to be done: it is forgotten after a day. \
                Else restart it.";
    Some(line(Level::Attention, says).todo(todo))
}
