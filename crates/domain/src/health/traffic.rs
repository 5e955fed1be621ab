//! Webhooks that come in: how many were stored, what waits, and how each sender does.

use super::words::{counted, percent, span, tenths};
use super::{Finding, Level, Part, Quiet};
use crate::time::{MINUTE_MS, SECOND_MS, Time};

/// Less than this share of proven webhooks stored, in tenths of a percent, is a fault (EL-20).
const DELIVERY_RATE_TENTHS: i64 = 990;
/// The oldest waiting delivery may be this old before somebody should look.
const LAG_MS: i64 = 10 * SECOND_MS;
/// Waiting for so long, nothing is applied any more.
const STUCK_MS: i64 = 5 * MINUTE_MS;
/// Refused requests of a day that are more than a scanner or a test.
const REFUSED_MANY: i64 = 5;

/// Webhooks of the last 24 hours, and what waits now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrafficFacts {
    /// Proven and stored.
    pub stored: i64,
    /// Not proven: answered 401.
    pub refused: i64,
    /// Proven, and answered 503.
    pub not_stored: i64,
    /// Deliveries without a verdict.
    pub waiting: i64,
    /// Since when the oldest of them waits.
    pub waiting_since: Option<Time>,
    /// Deliveries that made the code fail.
    pub parked: i64,
}

/// Findings about all webhooks together.
pub fn traffic(facts: &TrafficFacts, now: Time) -> Vec<Finding> {
    let mut findings = vec![rate(facts)];
    let all = facts.stored + facts.refused + facts.not_stored;
    let answered = format!(
        "{} of {} in 24 hours were answered 2xx; {} refused because the sender was not proven.",
        percent(facts.stored, all),
        counted(all, "request"),
        facts.refused
    );
    findings.push(Finding::new(
        Part::Deliveries,
        "answers",
        Level::Ok,
        answered,
    ));
    findings.push(backlog(facts, now));
    let parked = if facts.parked == 0 {
        Finding::new(
            Part::Deliveries,
            "parked",
            Level::Ok,
            "No delivery is parked.",
        )
    } else {
        let says = format!(
            "{} made Epicenter fail and were left aside.",
            counted(facts.parked, "delivery")
        );
        Finding::new(Part::Deliveries, "parked", Level::Attention, says).todo(
            "Look at them on the deliveries page (filter: parked), report the error, and replay \
             them after an update.",
        )
    };
    findings.push(parked);
    findings
}

fn rate(facts: &TrafficFacts) -> Finding {
    let proven = facts.stored + facts.not_stored;
    if proven == 0 {
        let says = "No webhook of a proven sender came in 24 hours.";
        return Finding::new(Part::Deliveries, "delivery_rate", Level::Ok, says);
    }
    let says = format!(
        "{} of {} of proven senders in 24 hours were stored.",
        percent(facts.stored, proven),
        counted(proven, "webhook")
    );
    let share = tenths(facts.stored, proven);
    let level = if share < DELIVERY_RATE_TENTHS {
        Level::Broken
    } else if facts.not_stored > 0 {
        Level::Attention
    } else {
        Level::Ok
    };
    let finding = Finding::new(Part::Deliveries, "delivery_rate", level, says);
    if level == Level::Ok {
        return finding;
    }
    finding.todo(
        "Look for a full disk or a database that was away; Sentry does not send again what was \
         answered 503, so run the sync afterwards.",
    )
}

fn backlog(facts: &TrafficFacts, now: Time) -> Finding {
    let Some(since) = facts.waiting_since else {
        let says = "Every delivery has its verdict.";
        return Finding::new(Part::Deliveries, "backlog", Level::Ok, says);
    };
    let age = now.since_ms(since).max(0);
    let says = format!(
        "{} wait for their verdict, the oldest for {}.",
        counted(facts.waiting, "delivery"),
        span(age)
    );
    if age >= STUCK_MS {
        Finding::new(Part::Deliveries, "backlog", Level::Broken, says).todo(
            "Look for errors of intake in the log and for a slow disk. Nothing is lost: they are \
             stored and will be applied in order.",
        )
    } else if age >= LAG_MS {
        Finding::new(Part::Deliveries, "backlog", Level::Attention, says)
            .todo("This is a storm or a slow disk; if it grows, look at the machine.")
    } else {
        Finding::new(Part::Deliveries, "backlog", Level::Ok, says)
    }
}

/// One integration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntegrationFacts {
    /// Its name.
    pub name: String,
    /// Has it a secret, or is it set to unsigned?
    pub can_receive: bool,
    /// Does it exist from the start, used or not?
    pub is_default: bool,
    /// When Sentry said that it was removed.
    pub uninstalled_at: Option<Time>,
    /// When a proven request came last.
    pub last_at: Option<Time>,
    /// Proven requests in 24 hours.
    pub stored: i64,
    /// Of them, those that nobody understood.
    pub not_understood: i64,
    /// Requests in 24 hours whose sender was not proven.
    pub refused: i64,
    /// Why the newest of them was refused: a sentence with what to do.
    pub diagnosis: Option<String>,
    /// It is quiet, and usually is not.
    pub quiet: Option<Quiet>,
}

/// The finding about one integration; none about a default one that nobody uses.
pub fn integration(facts: &IntegrationFacts, now: Time) -> Option<Finding> {
    let line = |code, level, says: String| {
        Finding::new(Part::Integrations, code, level, says).of(&facts.name)
    };
    let heard = match facts.last_at {
        Some(at) => format!(
            "The last delivery came {} ago; {} in 24 hours.",
            span(now.since_ms(at)),
            counted(facts.stored, "delivery")
        ),
        None => "No delivery has come yet.".to_owned(),
    };
    if facts.refused > 0 && (facts.stored == 0 || facts.refused >= REFUSED_MANY) {
        let level = if facts.stored == 0 {
            Level::Broken
        } else {
            Level::Attention
        };
        let says = format!(
            "{} in 24 hours were refused because their sender was not proven. {heard}",
            counted(facts.refused, "request")
        );
        let todo = facts.diagnosis.clone();
        let usual = "Compare the client secret on the integration's page with Sentry's.";
        let todo = todo.unwrap_or_else(|| usual.to_owned());
        return Some(line("refused", level, says).todo(todo));
    }
    if let Some(at) = facts.uninstalled_at {
        let says = format!(
            "It was removed in Sentry {} ago. {heard}",
            span(now.since_ms(at))
        );
        let todo = "Install it in Sentry again, or delete it here.";
        return Some(line("uninstalled", Level::Attention, says).todo(todo));
    }
    if let Some(quiet) = facts.quiet {
        return Some(line("quiet", Level::Broken, quiet.says()).todo(Quiet::ADVICE));
    }
    if facts.last_at.is_none() && facts.is_default {
        return None;
    }
    if !facts.can_receive {
        let says = format!("It has no active secret, so it refuses everything. {heard}");
        let todo = "Add the sender's client secret on the integration's page.";
        return Some(line("no_secret", Level::Attention, says).todo(todo));
    }
    if facts.last_at.is_none() {
        let todo = "Follow the steps on the integration's page and send a test from there.";
        return Some(line("never_heard", Level::Attention, heard).todo(todo));
    }
    if facts.not_understood > 0 && facts.not_understood * 2 >= facts.stored {
        let says = format!(
            "{heard} {} of them were not understood.",
            facts.not_understood
        );
        let todo = "Look at one on the deliveries page: its verdict says what is missing.";
        return Some(line("not_understood", Level::Attention, says).todo(todo));
    }
    Some(line("heard", Level::Ok, heard))
}
