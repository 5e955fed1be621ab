//! How fast Sentry may be asked, as its answers say (SENTRY-PROTOCOL §8): a count per endpoint
//! that begins anew at an instant, and how many questions at the same time.

use crate::clients::header_number;
use crate::limits::sentry::{
    SENTRY_CONCURRENCY, SENTRY_FIRST_WAIT_MS, SENTRY_LONGEST_HOLD_MS, SENTRY_LONGEST_WAIT_MS,
};
use epicenter_domain::time::{SECOND_MS, Time};
use reqwest::header::HeaderMap;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};

/// What is asked for: Sentry counts each endpoint by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// A list of issues.
    Issues,
    /// One issue.
    Issue,
    /// An event.
    Event,
    /// A change of an issue.
    Update,
    /// A note.
    Note,
    /// Projects.
    Projects,
    /// Releases.
    Releases,
    /// What the token may do.
    Scopes,
    /// Anything else.
    Other,
}

impl Topic {
    /// The scope that a token needs for it.
    pub fn scope(self) -> &'static str {
        match self {
            Self::Issues | Self::Issue | Self::Event => "event:read",
            Self::Update | Self::Note => "event:write",
            Self::Projects | Self::Releases => "project:read",
            Self::Scopes | Self::Other => "org:read",
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Rest {
    /// Not to be asked before this instant.
    until: Option<Time>,
    /// Failures one after the other.
    failures: u32,
}

/// What was learnt of one connection's limits. Cheap to share.
#[derive(Clone, Debug)]
pub struct Pace {
    rests: Arc<Mutex<BTreeMap<Topic, Rest>>>,
    slots: Arc<Semaphore>,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            rests: Arc::default(),
            slots: Arc::new(Semaphore::new(SENTRY_CONCURRENCY)),
        }
    }
}

impl Pace {
    /// Waits until one more question may be on its way.
    pub(super) async fn slot(&self) -> Option<SemaphorePermit<'_>> {
        self.slots.acquire().await.ok()
    }

    /// Until when a topic rests; `None`: it may be asked for.
    pub fn rests(&self, topic: Topic, now: Time) -> Option<Time> {
        let rests = self.rests.lock().unwrap_or_else(PoisonError::into_inner);
        let until = rests.get(&topic)?.until?;
        (until > now).then_some(until)
    }

    fn change(&self, topic: Topic, change: impl FnOnce(&mut Rest)) {
        let mut rests = self.rests.lock().unwrap_or_else(PoisonError::into_inner);
        change(rests.entry(topic).or_default());
    }

    /// An answer of success: failures are over, and if it was the last one for now, it rests.
    pub(super) fn answered(&self, topic: Topic, headers: &HeaderMap, now: Time) {
        let is_last =
            header_number(headers, "x-sentry-rate-limit-remaining").is_some_and(|left| left <= 0);
        let until = reset(headers, now).filter(|_| is_last);
        self.change(topic, |rest| {
            *rest = Rest { until, failures: 0 };
        });
    }

    /// 429: until its count begins anew; a second or a little more when only too many were on
    /// their way at once, or nothing is said.
    pub(super) fn limited(&self, topic: Topic, headers: &HeaderMap, now: Time) -> Time {
        let counted =
            header_number(headers, "x-sentry-rate-limit-remaining").is_none_or(|left| left <= 0);
        let said = after(headers, now).or_else(|| reset(headers, now).filter(|_| counted));
        match said.filter(|until| *until > now) {
            Some(until) => {
                self.change(topic, |rest| rest.until = Some(until));
                until
            }
            None => self.failed(topic, headers, now),
        }
    }

    /// Anything else that passes: each time twice as long, unless it says itself how long.
    pub(super) fn failed(&self, topic: Topic, headers: &HeaderMap, now: Time) -> Time {
        let said = after(headers, now);
        let mut until = now;
        self.change(topic, |rest| {
            let doubled = SENTRY_FIRST_WAIT_MS << rest.failures.min(20);
            let wait = doubled.min(SENTRY_LONGEST_WAIT_MS);
            // Not all at the same instant: up to a quarter more, different for each try.
            let jitter =
                (now.0.wrapping_mul(7_919) + i64::from(rest.failures) * 31).rem_euclid(251);
            until = said.unwrap_or_else(|| now.plus_ms(wait + wait * jitter / 1_000));
            rest.failures = rest.failures.saturating_add(1);
            rest.until = Some(until);
        });
        until
    }

    /// Forgets everything: another token may ask at once.
    pub fn forget(&self) {
        let mut rests = self.rests.lock().unwrap_or_else(PoisonError::into_inner);
        rests.clear();
    }
}

/// `Retry-After` in seconds, within an hour.
fn after(headers: &HeaderMap, now: Time) -> Option<Time> {
    let seconds = header_number(headers, "retry-after")?;
    let most = SENTRY_LONGEST_HOLD_MS / SECOND_MS;
    Some(now.plus_ms(seconds.clamp(0, most) * SECOND_MS))
}

/// When the count begins anew: seconds since 1970, within an hour from now.
fn reset(headers: &HeaderMap, now: Time) -> Option<Time> {
    let at = header_number(headers, "x-sentry-rate-limit-reset")?.checked_mul(SECOND_MS)?;
    (at > now.0).then(|| Time(at).min(now.plus_ms(SENTRY_LONGEST_HOLD_MS)))
}
