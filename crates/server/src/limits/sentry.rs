//! Limits of what is asked of Sentry's API (SENTRY-PROTOCOL §8).

use epicenter_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use std::time::Duration;

/// Most of an answer that is read: a page of 100 issues with long titles has some 500 kB, one event
/// up to 1 MB.
pub const SENTRY_ANSWER_BYTES: usize = 16 << 20;
/// Entries asked for in one page: Sentry gives no more.
pub const SENTRY_PAGE: usize = 100;
/// Pages of one pass: a million issues in 30 days are more than Sentry's search counts.
pub const SENTRY_PAGES: i64 = 10_000;
/// Bytes of a cursor; Sentry's have some 20.
pub const SENTRY_CURSOR_BYTES: usize = 200;
/// Questions that one connection asks at the same time: Sentry's limit is 25 for all of a token.
pub const SENTRY_CONCURRENCY: usize = 2;
/// First wait after a failure that passes, doubled each time.
pub const SENTRY_FIRST_WAIT_MS: i64 = 1_000;
/// Longest wait between two tries: whoever repairs Sentry sees it work again soon.
pub const SENTRY_LONGEST_WAIT_MS: i64 = 5 * MINUTE_MS;
/// Longest wait that Sentry itself can ask for; a clock that is wrong must not stop us for ever.
pub const SENTRY_LONGEST_HOLD_MS: i64 = HOUR_MS;
/// Characters of a token; those of organisations have some 200.
pub const SENTRY_TOKEN_CHARS: usize = 1_024;
/// Characters of a slug; Sentry's have 50.
pub const SENTRY_SLUG_CHARS: usize = 100;
/// Connections of a workspace: each is synchronised every few minutes.
pub const SENTRY_CONNECTIONS: usize = 50;
/// Projects that a connection names; more are all.
pub const SENTRY_PROJECTS: usize = 50;
/// Characters of a note that is written in Sentry.
pub const SENTRY_NOTE_CHARS: usize = 10_000;
/// How far back the first pass looks (EL-09).
pub const SYNC_WINDOW_MS: i64 = 30 * DAY_MS;
/// How long a try of a connection may take all together.
pub const SENTRY_CHECK_DEADLINE: Duration = Duration::from_secs(20);
/// How often is looked for connections that are due, and for events that are wanted.
pub const SYNC_TICK: Duration = Duration::from_secs(1);
/// Windows overlap by so much: Sentry's search shows an issue some seconds after its event, and
/// two clocks may differ by minutes.
pub const SYNC_OVERLAP_MS: i64 = 10 * MINUTE_MS;
/// All issues of the window are looked at so often: a change of status does not move when an issue
/// was last seen, so that shorter passes do not meet it.
pub const SYNC_WHOLE_MS: i64 = 6 * HOUR_MS;
/// Issues that are applied in one transaction: a few milliseconds of the write lock, so that
/// webhooks are answered and applied between two.
pub const SYNC_BATCH: usize = 25;
/// A node that began a pass and ended loses it after this time; it is renewed with each page.
pub const SYNC_LEASE_MS: i64 = 2 * MINUTE_MS;
/// Pages without any entry, one after the other, after which a list is taken to have no end.
pub const SYNC_EMPTY_PAGES: u32 = 3;
/// Answers of one pass that cannot be used, before it is given up and begun anew next time.
pub const SYNC_ODD_ANSWERS: i64 = 5;
/// Issues with open incidents that each pass looks at one by one, beside its pages.
pub const SYNC_LOOKS: i64 = 20;
/// Passes are kept so many days: longer than anybody asks what was missing.
pub const SYNC_RUNS_DAYS: i64 = 30;
/// Issues without an event that are noted in one go.
pub const WANTED_EVENTS: i64 = 50;
/// Waits between tries to fetch an event: a minute, 10 minutes, an hour, 6 hours.
pub const WANTED_EVENT_RETRY_MS: [i64; 4] = [MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS];
/// How often the command looks how far its pass came.
pub const SYNC_LOOK: Duration = Duration::from_millis(500);
