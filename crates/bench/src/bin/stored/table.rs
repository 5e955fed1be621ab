//! The figures as Markdown.

use crate::ask::COUNTED;
use crate::fill::Size;
use crate::loads::{Loaded, RATE};
use crate::round::{Loads, Round};
use epicenter_bench::latency::Summary;
use std::fmt::Write as _;

/// What the figures belong to.
#[derive(Debug)]
pub(crate) struct Heading<'a> {
    /// How the run was started.
    pub(crate) command: &'a str,
    /// When, and on what.
    pub(crate) facts: &'a [String],
    /// Of every load.
    pub(crate) seconds: f64,
    /// Small and large.
    pub(crate) sizes: [Size; 2],
}

/// One row: its name, a cell for each database, the number to compare, and the goal.
struct Row {
    name: String,
    cells: Vec<String>,
    numbers: Vec<f64>,
    goal: &'static str,
}

/// Heading and table.
pub(crate) fn markdown(heading: &Heading<'_>, rounds: &[Round]) -> String {
    let [small, large] = heading.sizes;
    let mut text = String::from("### Much stored, SQLite\n\n");
    for fact in heading.facts {
        line(&mut text, &format!("- {fact}"));
    }
    line(
        &mut text,
        &format!(
            "- `{}`: {COUNTED} requests of each kind, one at a time; every load {} s\n",
            heading.command, heading.seconds
        ),
    );
    line(
        &mut text,
        &format!(
            "| | {} incidents, {} events | {} incidents, {} events | ratio | goal |",
            small.incidents, small.events, large.incidents, large.events
        ),
    );
    line(&mut text, "|---|---|---|---|---|");
    let mut rows = sizes(rounds);
    rows.extend(loads(rounds));
    rows.extend(answers(rounds));
    for row in rows {
        let ratio = match row.numbers.as_slice() {
            [small, large] if *small > 0.0 => format!("{:.1}", large / small),
            _ => "–".to_owned(),
        };
        let cells = row.cells.join(" | ");
        line(
            &mut text,
            &format!("| {} | {cells} | {ratio} | {} |", row.name, row.goal),
        );
    }
    text
}

fn line(text: &mut String, one: &str) {
    // Writing to a string does not fail.
    let _written = writeln!(text, "{one}");
}

fn row(
    name: impl Into<String>,
    rounds: &[Round],
    value: impl Fn(&Round) -> Option<(String, f64)>,
    goal: &'static str,
) -> Row {
    let values: Vec<(String, f64)> = rounds.iter().filter_map(value).collect();
    let (cells, numbers) = values.into_iter().unzip();
    Row {
        name: name.into(),
        cells,
        numbers,
        goal,
    }
}

fn mib(bytes: u64) -> (String, f64) {
    let mib = u32::try_from(bytes >> 20).unwrap_or(u32::MAX);
    (format!("{mib} MiB"), f64::from(mib))
}

fn sizes(rounds: &[Round]) -> Vec<Row> {
    let seconds = |round: &Round| {
        let seconds = round.start.as_secs_f64();
        Some((format!("{seconds:.2} s"), seconds))
    };
    vec![
        row(
            "size of the database",
            rounds,
            |it| Some(mib(it.bytes)),
            "–",
        ),
        row("start until ready", rounds, seconds, "< 1 s"),
        row(
            "resident, idle",
            rounds,
            |it| Some(mib(it.idle)),
            "< 40 MiB",
        ),
        row(
            "resident, after lists and pages",
            rounds,
            |it| Some(mib(it.looked)),
            "< 150 MiB",
        ),
    ]
}

fn times(summary: &Summary) -> (String, f64) {
    let Summary { p50, p99, max, .. } = summary;
    (format!("{p50:.1} / {p99:.1} / {max:.0}"), *p50)
}

/// One of the loads of a round.
type Pick = fn(&Loads) -> &Loaded;

fn loads(rounds: &[Round]) -> Vec<Row> {
    if rounds.iter().any(|round| round.loads.is_none()) {
        return Vec::new();
    }
    debug_assert_eq!(RATE, 1_000, "the rows name the rate");
    let kinds: [(&str, Pick, &str); 4] = [
        ("1,000/s", |it| &it.quiet, ANSWERED),
        ("1,000/s during backups", |it| &it.backup.0, ANSWERED),
        (
            "1,000/s during a retention run",
            |it| &it.retention.0,
            ANSWERED,
        ),
        ("full load", |it| &it.full, "–"),
    ];
    let mut rows = Vec::new();
    for (name, pick, goal) in kinds {
        let loaded = |it: &Round| it.loads.as_ref().map(|loads| *pick(loads));
        rows.push(row(
            format!("answer in ms, {name}"),
            rounds,
            |it| loaded(it).map(|one| times(&one.report.times)),
            goal,
        ));
        rows.push(row(
            format!("resident, {name}"),
            rounds,
            |it| loaded(it).map(|one| mib(one.resident)),
            "< 150 MiB",
        ));
    }
    for (name, value, goal) in TOTALS {
        rows.push(row(name, rounds, |it| it.loads.as_ref().map(value), goal));
    }
    rows
}

/// A figure of all loads of a round.
type Total = fn(&Loads) -> (String, f64);

const ANSWERED: &str = "p99 < 25 ms, max < 1 s";
const TOTALS: [(&str, Total, &str); 4] = [
    ("webhooks per second, full load", full_rate, "–"),
    ("answers other than 202", failures, "0"),
    ("backups finished during the load", backups, "–"),
    ("removed by the retention run, in thousands", removed, "–"),
];

fn full_rate(loads: &Loads) -> (String, f64) {
    let rate = loads.full.report.rate;
    (format!("{rate:.0}"), rate)
}

fn failures(loads: &Loads) -> (String, f64) {
    let all = [
        &loads.quiet,
        &loads.backup.0,
        &loads.retention.0,
        &loads.full,
    ];
    let failed: u64 = all.iter().map(|one| one.report.failed).sum();
    (failed.to_string(), 0.0)
}

fn backups(loads: &Loads) -> (String, f64) {
    (loads.backup.1.to_string(), 0.0)
}

fn removed(loads: &Loads) -> (String, f64) {
    let whole = |number: i64| f64::from(i32::try_from(number).unwrap_or(i32::MAX));
    let cells: Vec<String> = loads
        .retention
        .1
        .iter()
        .map(|(kind, count)| format!("{:.1} {kind}", whole(*count) / 1_000.0))
        .collect();
    (cells.join(", "), 0.0)
}

fn answers(rounds: &[Round]) -> Vec<Row> {
    let names = rounds.first().map(|round| &round.answers);
    let names = names
        .into_iter()
        .flatten()
        .map(|(name, _)| *name)
        .enumerate();
    names
        .map(|(place, name)| {
            let value = |round: &Round| round.answers.get(place).map(|(_, it)| times(it));
            row(name, rounds, value, "p99 < 50 ms")
        })
        .collect()
}
