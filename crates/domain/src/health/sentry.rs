//! The way back to Sentry: connections, their tokens, their last sync.

use super::words::span;
use super::{Finding, Level, Part};
use crate::routing::window::clock;
use crate::time::{DAY_MS, HOUR_MS, Time};

/// A connection that was not synchronised for so long is not looked after.
const LATE_MS: i64 = 3 * HOUR_MS;
/// How long before a token ends it is said: two weeks reach over most holidays.
const ENDS_SOON_MS: i64 = 14 * DAY_MS;
/// In the sentence about a token that Sentry does not know, or knows no more.
const REFUSED: &str = "answered 401";
/// What helps against it.
pub const TOKEN_ADVICE: &str =
    "Enter a token that is in force, on the integration's page, and try it there.";
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
    /// When its token ends, as the person who entered it said.
    pub expires_at: Option<Time>,
}

impl ConnectionFacts {
    /// Why its token is of no use any more, as a sentence; none: nothing is known against it.
    pub fn token_trouble(&self, now: Time) -> Option<String> {
        if let Some(at) = self.expires_at.filter(|at| *at <= now) {
            let ago = span(now.since_ms(at));
            return Some(format!("Its token ended {ago} ago."));
        }
        let (at, fault) = self.checked.as_ref()?;
        let fault = fault.as_ref().filter(|fault| fault.contains(REFUSED))?;
        let ago = span(now.since_ms(*at));
        Some(format!("Its token was refused {ago} ago: {fault}"))
    }
}

/// The finding about one connection.
pub fn connection(facts: &ConnectionFacts, now: Time) -> Finding {
    let line =
        |level, says: String| Finding::new(Part::Sentry, "connection", level, says).of(&facts.name);
    if let Some(says) = facts.token_trouble(now) {
        return line(Level::Broken, says).todo(TOKEN_ADVICE);
    }
    if let Some((at, Some(fault))) = &facts.checked {
        let says = format!(
            "Its token was refused {} ago: {fault}",
            span(now.since_ms(*at))
        );
        return line(Level::Broken, says).todo(TOKEN_ADVICE);
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
    let soon = |at: &Time| at.since_ms(now) < ENDS_SOON_MS;
    if let Some(at) = facts.expires_at.filter(soon) {
        let (left, day) = (span(at.since_ms(now)), clock(at));
        let says = format!("{synced} Its token ends in {left}, at {day}.");
        let todo = "Make a new token in Sentry, and enter it with its end on the page.";
        return line(Level::Attention, says).todo(todo);
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
