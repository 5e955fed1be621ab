//! The way back to Sentry: connections, their tokens, their last sync.

use super::words::span;
use super::{Finding, Level, Part};
use crate::time::{HOUR_MS, Time};

/// A connection that was not synchronised for so long is not looked after.
const LATE_MS: i64 = 3 * HOUR_MS;
/// What a token must allow, for issues, events and releases to be read.
const SCOPES: [&str; 2] = ["event:read", "project:read"];

/// One connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionFacts {
    /// `acme at https://sentry.io`.
    pub name: String,
    /// Up to when everything is known.
    pub synced_until: Option<Time>,
    /// When it was set up.
    pub created_at: Option<Time>,
    /// When its token was last tried, and what was wrong then.
    pub checked: Option<(Time, Option<String>)>,
    /// What the token may do, as far as Sentry says.
    pub scopes: Option<String>,
    /// Sentry asked not to be asked before this instant.
    pub held_until: Option<Time>,
}

/// The finding about one connection.
pub fn connection(facts: &ConnectionFacts, now: Time) -> Finding {
    let line =
        |level, says: String| Finding::new(Part::Sentry, "connection", level, says).of(&facts.name);
    if let Some((at, Some(fault))) = &facts.checked {
        let says = format!(
            "Its token was refused {} ago: {fault}",
            span(now.since_ms(*at))
        );
        let todo = "Enter a token that is in force, on the integration's page, and try it there.";
        return line(Level::Broken, says).todo(todo);
    }
    let since = facts.synced_until.or(facts.created_at);
    let age = since.map_or(0, |at| now.since_ms(at));
    let synced = match facts.synced_until {
        Some(_) => format!("All is known up to {} ago.", span(age)),
        None => "It was not synchronised yet.".to_owned(),
    };
    if age > LATE_MS {
        let todo = "Run `epicenter sync`, and look at the runs on the integration's page.";
        return line(Level::Attention, synced).todo(todo);
    }
    if let Some(until) = facts.held_until.filter(|until| *until > now) {
        let wait = span(until.since_ms(now));
        let says = format!("{synced} Sentry wants not to be asked for another {wait}.");
        return line(Level::Ok, says);
    }
    let missing = facts.scopes.as_ref().map(|scopes| missing(scopes));
    match missing {
        Some(missing) if !missing.is_empty() => {
            let says = format!("{synced} The token lacks {}.", missing.join(" and "));
            let todo = "Give the token these scopes in Sentry.";
            line(Level::Attention, says).todo(todo)
        }
        _ => line(Level::Ok, synced),
    }
}

/// Scopes that are wanted and not there; a scope to write or administer allows to read.
fn missing(scopes: &str) -> Vec<&'static str> {
    let has = |wanted: &str| {
        let area = wanted.split(':').next().unwrap_or_default();
        scopes
            .split_whitespace()
            .any(|scope| scope.split(':').next() == Some(area))
    };
    SCOPES.into_iter().filter(|wanted| !has(wanted)).collect()
}
