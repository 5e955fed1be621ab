//! What Sentry's answer means for what it was told.

use crate::clients::sentry::SentryError;
use crate::limits::{LONGEST_RETRY_AFTER_MS, RETRY_SCHEDULE_MS, SEND_JITTER_PERCENT};
use epicenter_domain::time::Time;
use epicenter_domain::writeback::{Matter, WriteBack, WriteState};

/// What came of telling Sentry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Sentry took it; the comment's id, if it is one.
    Told(Option<String>),
    /// Sentry wants to be asked more slowly: this was no attempt.
    Slower(Time),
    /// It may work later, not before this instant; why, as a sentence.
    Later(Time, String),
    /// The token may not do that; what Sentry said.
    Forbidden(String),
    /// Sentry does not know the issue.
    Gone(String),
    /// It will not work; why.
    Refused(String),
}

impl Outcome {
    /// The word of the metric.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::Told(_) => "told",
            Self::Slower(_) => "slower",
            Self::Later(..) => "later",
            Self::Forbidden(_) => "forbidden",
            Self::Gone(_) => "gone",
            Self::Refused(_) => "refused",
        }
    }

    /// Until when the other things that this connection is to be told wait as well.
    pub(super) fn holds_until(&self) -> Option<Time> {
        match self {
            Self::Slower(until) | Self::Later(until, _) => Some(*until),
            Self::Told(_) | Self::Forbidden(_) | Self::Gone(_) | Self::Refused(_) => None,
        }
    }
}

/// What an error means. `done`: what Sentry was told, as it was taken for sending.
pub(super) fn outcome_of(error: &SentryError, done: &WriteBack) -> Outcome {
    let why = error.to_string();
    if let Some(until) = error.wait() {
        return if error.is_limit() {
            Outcome::Slower(until)
        } else {
            Outcome::Later(until, why)
        };
    }
    match error {
        SentryError::Unauthorized | SentryError::Forbidden { .. } => Outcome::Forbidden(why),
        SentryError::NotFound => {
            Outcome::Gone("Sentry answered 404: it has no such issue any more.".to_owned())
        }
        SentryError::Refused(400) => match done.said.matter() {
            // It refuses the same text within an hour: an earlier attempt came through.
            Matter::Note if done.attempt_count > 0 => Outcome::Told(None),
            Matter::Assignee => Outcome::Refused(format!(
                "Sentry answered 400: nobody there has the e-mail address that is known here, so \
                 the issue is not {} there.",
                done.said.verb()
            )),
            Matter::Status | Matter::Note => Outcome::Refused(why),
        },
        SentryError::Refused(_)
        | SentryError::Elsewhere(_)
        | SentryError::Resting { .. }
        | SentryError::Limited { .. }
        | SentryError::Trouble { .. }
        | SentryError::Silent { .. }
        | SentryError::Address(_)
        | SentryError::OddToken
        | SentryError::Odd { .. } => Outcome::Refused(why),
    }
}

/// How it stands after an attempt.
pub(super) fn record(done: &mut WriteBack, outcome: &Outcome, now: Time) {
    match outcome {
        Outcome::Told(comment_id) => {
            done.state = WriteState::Told;
            done.told_at = Some(now);
            done.comment_id.clone_from(comment_id);
            done.reason.clear();
        }
        Outcome::Slower(until) => {
            done.attempt_count -= 1;
            done.due_at = *until;
            if done.reason.is_empty() {
                "Sentry takes only so many changes at a time.".clone_into(&mut done.reason);
            }
        }
        Outcome::Later(until, why) => {
            done.reason.clone_from(why);
            // The attempt that just failed is counted already.
            let index = usize::try_from(done.attempt_count - 1).unwrap_or(usize::MAX);
            match RETRY_SCHEDULE_MS.get(index) {
                Some(step) => {
                    let longest = now.plus_ms(LONGEST_RETRY_AFTER_MS);
                    let wait = now.plus_ms(jittered(*step, done.id));
                    done.due_at = wait.max((*until).min(longest));
                }
                None => done.state = WriteState::Refused,
            }
        }
        Outcome::Forbidden(why) | Outcome::Refused(why) => {
            done.state = WriteState::Refused;
            done.reason.clone_from(why);
        }
        Outcome::Gone(why) => {
            done.state = WriteState::Gone;
            done.reason.clone_from(why);
        }
    }
}

/// A fifth more or less: what failed together is not tried again together.
fn jittered(step_ms: i64, id: i64) -> i64 {
    let spread = 2 * SEND_JITTER_PERCENT + 1;
    let percent = 100 - SEND_JITTER_PERCENT + id.rem_euclid(spread);
    step_ms * percent / 100
}
