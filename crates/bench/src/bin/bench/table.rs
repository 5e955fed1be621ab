//! The figures as Markdown.

use crate::round::{GENTLE, ISSUES, Round, Timing};
use crate::server::Program;
use crate::summary::{Figures, Load};
use std::fmt::Write as _;

/// What the figures belong to.
#[derive(Debug)]
pub(crate) struct Heading<'a> {
    /// The engine.
    pub(crate) engine: &'a str,
    /// Its version.
    pub(crate) version: String,
    /// How the run was started.
    pub(crate) command: &'a str,
    /// When, and on what.
    pub(crate) facts: &'a [String],
    /// Turns.
    pub(crate) rounds: u32,
    /// Of every load.
    pub(crate) timing: Timing,
}

/// A program that was measured, or was not.
type Column<'a> = Option<&'a Figures>;

/// Heading and table.
pub(crate) fn markdown(heading: &Heading<'_>, rounds: &[(Program, Round)]) -> String {
    let of = |wanted: Program| {
        let all = rounds.iter().filter(|(program, _)| *program == wanted);
        Figures::of(&all.map(|(_, round)| *round).collect::<Vec<_>>())
    };
    let (limit, epicenter) = (of(Program::Limit), of(Program::Epicenter));
    let (limit, epicenter) = (limit.as_ref(), epicenter.as_ref());
    let mut text = format!("### {} {}\n\n", heading.engine, heading.version);
    for fact in heading.facts {
        line(&mut text, &format!("- {fact}"));
    }
    line(
        &mut text,
        &format!(
            "- `{}`: {} round(s), every load {} s, {} connections, {ISSUES} issues",
            heading.command,
            heading.rounds,
            heading.timing.seconds.as_secs_f64(),
            heading.timing.connections,
        ),
    );
    text.push('\n');
    let cells = |row: &[String]| format!("| {} |", row.join(" | "));
    line(
        &mut text,
        "| | (a) limit | (b) Epicenter, answered | (c) Epicenter, processed | goal |",
    );
    line(&mut text, "|---|---|---|---|---|");
    for row in rates(limit, epicenter)
        .into_iter()
        .chain(answers(limit, epicenter))
        .chain(sizes(limit, epicenter))
    {
        line(&mut text, &cells(&row));
    }
    text
}

fn rates(limit: Column<'_>, epicenter: Column<'_>) -> [[String; 5]; 5] {
    let share = |pick: fn(Load) -> f64| match (limit, epicenter) {
        (Some(limit), Some(ours)) => {
            format!("{:.0} %", 100.0 * pick(ours.full) / limit.full.answered)
        }
        _ => none(),
    };
    let cost = |figures: Column<'_>, pick: fn(&Figures) -> f64| show(figures, pick, micros);
    [
        [
            "webhooks per second".to_owned(),
            show(limit, |it| it.full.answered, whole),
            show(epicenter, |it| it.full.answered, whole),
            show(epicenter, |it| it.full.processed, whole),
            none(),
        ],
        [
            "share of the limit".to_owned(),
            "100 %".to_owned(),
            share(|load| load.answered),
            share(|load| load.processed),
            "(b) ≥ 60 %, (c) ≥ 40 %".to_owned(),
        ],
        [
            "processor time per webhook".to_owned(),
            cost(limit, |it| it.full.cpu),
            epicenter
                .and_then(|it| it.full.answer_cpu)
                .map_or_else(none, |cpu| format!("about {}", micros(cpu))),
            cost(epicenter, |it| it.full.cpu),
            "(b) ≤ 100 µs, (c) ≤ 250 µs".to_owned(),
        ],
        [
            "the same at 1,000/s".to_owned(),
            cost(limit, |it| it.gentle.cpu),
            none(),
            cost(epicenter, |it| it.gentle.cpu),
            "(c) ≤ 500 µs".to_owned(),
        ],
        [
            "behind at the end of the load".to_owned(),
            none(),
            none(),
            show(epicenter, |it| it.full.behind, |it| format!("{it:.1} s")),
            none(),
        ],
    ]
}

fn answers(limit: Column<'_>, epicenter: Column<'_>) -> [[String; 5]; 4] {
    let goal = "p99 < 25 ms, max < 1 s".to_owned();
    let row = |name: String, pick: fn(&Figures) -> Load, goal: String| {
        let times = |figures: Column<'_>| {
            figures.map_or_else(none, |it| {
                let times = pick(it).times;
                format!("{:.1} / {:.1} / {:.0}", times.p50, times.p99, times.max)
            })
        };
        [name, times(limit), times(epicenter), none(), goal]
    };
    let half = |figures: Column<'_>| show(figures, |it| it.half.answered, whole);
    let failed = |figures: Column<'_>| {
        figures.map_or_else(none, |it| {
            (it.full.failed + it.gentle.failed + it.half.failed).to_string()
        })
    };
    [
        row(
            format!("answer in ms at {}/s", whole(f64::from(GENTLE))),
            |it| it.gentle,
            goal.clone(),
        ),
        row(
            format!(
                "answer in ms at half ({}/s; {}/s)",
                half(limit),
                half(epicenter)
            ),
            |it| it.half,
            goal,
        ),
        row("answer in ms at full load".to_owned(), |it| it.full, none()),
        [
            "answers other than 202".to_owned(),
            failed(limit),
            failed(epicenter),
            none(),
            "0".to_owned(),
        ],
    ]
}

fn sizes(limit: Column<'_>, epicenter: Column<'_>) -> [[String; 5]; 2] {
    let memory = |figures: Column<'_>| {
        figures.map_or_else(none, |it| format!("{:.0} → {:.0} MiB", it.idle, it.end))
    };
    let disk = |figures: Column<'_>| {
        figures.map_or_else(none, |it| {
            format!(
                "{} B",
                whole(f64::from(u32::try_from(it.disk).unwrap_or(0)))
            )
        })
    };
    [
        [
            "resident, idle → end".to_owned(),
            memory(limit),
            none(),
            memory(epicenter),
            "< 40 → < 150 MiB".to_owned(),
        ],
        [
            "disk per webhook".to_owned(),
            disk(limit),
            none(),
            disk(epicenter),
            "< 1,500 B".to_owned(),
        ],
    ]
}

fn show(figures: Column<'_>, pick: fn(&Figures) -> f64, format: impl Fn(f64) -> String) -> String {
    figures.map_or_else(none, |it| format(pick(it)))
}

fn none() -> String {
    "–".to_owned()
}

fn micros(value: f64) -> String {
    format!("{value:.0} µs")
}

/// Thousands are set apart.
fn whole(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn line(text: &mut String, content: &str) {
    // Writing to a string cannot fail.
    let _written = writeln!(text, "{content}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(whole(7.2), "7");
        assert_eq!(whole(999.0), "999");
        assert_eq!(whole(12_345.0), "12,345");
        assert_eq!(whole(1_234_567.0), "1,234,567");
    }
}
