//! Has a source that usually speaks gone quiet? Learned from its own hours, and conservative: who
//! speaks seldom, or only for a short time, is never called quiet.

use super::words::span;
use crate::time::{DAY_MS, HOUR_MS, Time};

/// A source must be known for this long: a week with its weekend, and a day more.
const KNOWN_MS: i64 = 8 * DAY_MS;
/// A source must have spoken in so many hours of them: three a day.
const ACTIVE_HOURS: usize = 24;
/// Silence of so many times the longest one of the past is unusual.
const TIMES: i64 = 2;
/// Shorter silence never is.
const SHORTEST_MS: i64 = 6 * HOUR_MS;

/// A source that is quiet and usually is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// When it was last heard.
    pub since: Time,
    /// How long it has been quiet.
    pub for_ms: i64,
    /// The longest silence before, in the hours that are known.
    pub longest_ms: i64,
}

impl Quiet {
    /// What to do.
    pub const ADVICE: &str = "Open the integration in Sentry and look at its request log; check that \
        it is still installed, that its alert rules still name it, and that Sentry reaches this \
        server. Then send a test from the integration's page.";

    /// One sentence.
    pub fn says(&self) -> String {
        format!(
            "Nothing has come since {}, for {}; the longest silence before was {}.",
            self.since.rfc3339(),
            span(self.for_ms),
            span(self.longest_ms)
        )
    }
}

/// Judges one source. `hours`: the hours in which it spoke, oldest first; `last_at`: when it was last
/// heard.
pub fn quiet(hours: &[Time], last_at: Time, now: Time) -> Option<Quiet> {
    let first = *hours.first()?;
    if hours.len() < ACTIVE_HOURS || last_at.since_ms(first) < KNOWN_MS {
        return None;
    }
    let pairs = hours.iter().zip(hours.iter().skip(1));
    // From the beginning of one hour to that of the next: never too short.
    let longest_ms = pairs.map(|(from, to)| to.since_ms(*from)).max()?;
    let for_ms = now.since_ms(last_at);
    let allowed = longest_ms.saturating_mul(TIMES).max(SHORTEST_MS);
    (for_ms > allowed).then_some(Quiet {
        since: last_at,
        for_ms,
        longest_ms,
    })
}
