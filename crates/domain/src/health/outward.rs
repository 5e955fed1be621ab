//! What goes out: notices, the memory, the canary, and what Epicenter warns of.

use super::words::{counted, span};
use super::{Finding, Level, Part};
use crate::time::{MINUTE_MS, Time};

/// A notice that is due for so long should have gone out.
const NOTICE_LATE_MS: i64 = 2 * MINUTE_MS;
/// A notice that is due for so long is not told to anybody.
const NOTICE_STUCK_MS: i64 = 15 * MINUTE_MS;
/// A transition that waits so long to be remembered: the memory is behind.
const MEMORY_LATE_MS: i64 = 10 * MINUTE_MS;

/// The outbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxFacts {
    /// Notices that are due.
    pub waiting: i64,
    /// Since when the oldest is due.
    pub waiting_since: Option<Time>,
    /// Destinations that take nothing: name, since when.
    pub failing: Vec<(String, Time)>,
    /// Destinations that were switched off: name, why.
    pub disabled: Vec<(String, String)>,
    /// Destinations in all.
    pub destination_count: i64,
}

/// Findings about notices.
pub fn outbox(facts: &OutboxFacts, now: Time) -> Vec<Finding> {
    let part = Part::Notices;
    let mut findings = Vec::new();
    if facts.destination_count == 0 {
        let says = "There is no destination, so nobody is told of anything.";
        let todo = "Add one on the destinations page.";
        findings.push(Finding::new(part, "no_destination", Level::Attention, says).todo(todo));
    }
    let age = facts.waiting_since.map_or(0, |since| now.since_ms(since));
    let waiting = if facts.waiting == 0 {
        Finding::new(part, "outbox", Level::Ok, "No notice waits to be sent.")
    } else {
        let says = format!(
            "{} wait to be sent, the oldest for {}.",
            counted(facts.waiting, "notice"),
            span(age)
        );
        let level = match age {
            age if age >= NOTICE_STUCK_MS => Level::Broken,
            age if age >= NOTICE_LATE_MS => Level::Attention,
            _ => Level::Ok,
        };
        let finding = Finding::new(part, "outbox", level, says);
        if level == Level::Ok {
            finding
        } else {
            finding.todo("Look at the failing destinations and for errors of the notifier.")
        }
    };
    findings.push(waiting);
    for (name, since) in &facts.failing {
        let says = format!("It has taken nothing for {}.", span(now.since_ms(*since)));
        let todo = "Its page shows the last answer; send a test from there.";
        let finding = Finding::new(part, "failing", Level::Broken, says);
        findings.push(finding.of(name).todo(todo));
    }
    for (name, why) in &facts.disabled {
        let says = format!("It is switched off: {why}");
        let todo = "Mend it and switch it on again on the destinations page, or delete it.";
        let finding = Finding::new(part, "disabled", Level::Attention, says);
        findings.push(finding.of(name).todo(todo));
    }
    findings
}

/// The finding about transitions that are still to be remembered.
pub fn memory(waiting: i64, since: Option<Time>, now: Time) -> Finding {
    let age = since.map_or(0, |since| now.since_ms(since));
    if waiting == 0 {
        let says = "Everything that happened is remembered.";
        return Finding::new(Part::Workers, "memory", Level::Ok, says);
    }
    let says = format!(
        "{} wait to be remembered, the oldest for {}.",
        counted(waiting, "transition"),
        span(age)
    );
    if age < MEMORY_LATE_MS {
        return Finding::new(Part::Workers, "memory", Level::Ok, says);
    }
    Finding::new(Part::Workers, "memory", Level::Attention, says)
        .todo("A storm may go on; if not, look for errors of the memory in the log.")
}

/// The canary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CanaryFacts {
    /// How often it is sent, in ms; 0: never.
    pub every_ms: i64,
    /// When the newest set out, how it ended (`waiting`, `passed`, `failed`), and a sentence.
    pub newest: Option<(Time, String, String)>,
}

/// The finding about the canary.
pub fn canary(facts: &CanaryFacts, now: Time) -> Finding {
    let line = |level, says: String| Finding::new(Part::Itself, "canary", level, says);
    if facts.every_ms <= 0 {
        return line(Level::Ok, "The canary is switched off.".to_owned());
    }
    let Some((at, outcome, detail)) = &facts.newest else {
        let says = "No canary was sent yet; the first follows soon after the start.";
        return line(Level::Ok, says.to_owned());
    };
    let age = now.since_ms(*at);
    let says = format!("The canary of {} ago: {detail}", span(age));
    if outcome == "failed" {
        return line(Level::Broken, says).todo(
            "Webhooks may be lost, or nobody told of them. The sentence says how far it came: look \
             there, and at the log.",
        );
    }
    if age > facts.every_ms.saturating_mul(2) {
        return line(Level::Attention, says)
            .todo("No newer one was sent, so the server does not run, or its watch hangs.");
    }
    line(Level::Ok, says)
}

/// What Epicenter warns of now: key, since when, a sentence.
pub fn alarms(open: &[(Time, String)], now: Time) -> Vec<Finding> {
    if open.is_empty() {
        let says = "Epicenter warns of nothing about itself.";
        return vec![Finding::new(Part::Itself, "alarms", Level::Ok, says)];
    }
    let line = |(at, says): &(Time, String)| {
        let says = format!("Since {}: {says}", span(now.since_ms(*at)));
        Finding::new(Part::Itself, "alarm", Level::Broken, says)
            .todo("There is an open incident of the service “Epicenter” about it.")
    };
    open.iter().map(line).collect()
}
