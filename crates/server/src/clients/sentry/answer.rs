//! What a status code of Sentry means.

use super::error::{Odd, SentryError};
use super::pace::{Pace, Topic};
use crate::clients::outbound::{Answer, OutboundError};
use crate::limits::sentry::SENTRY_ANSWER_BYTES;
use epicenter_domain::time::Time;
use reqwest::header::HeaderMap;

/// The answer, if it is one of success and no larger than any page.
pub(super) fn judge(
    answer: Result<Answer, OutboundError>,
    topic: Topic,
    pace: &Pace,
    now: Time,
) -> Result<Answer, SentryError> {
    let answer = answer.map_err(|error| {
        if error.is_permanent() {
            return SentryError::Address(error);
        }
        let until = pace.failed(topic, &HeaderMap::new(), now);
        SentryError::Silent { error, until }
    })?;
    let headers = &answer.headers;
    Err(match answer.status {
        200..=299 if answer.body.len() > SENTRY_ANSWER_BYTES => {
            let until = pace.failed(topic, &HeaderMap::new(), now);
            SentryError::Odd {
                odd: Odd::TooLarge,
                until,
            }
        }
        200..=299 => return Ok(answer),
        300..=399 => SentryError::Elsewhere(answer.status),
        401 => SentryError::Unauthorized,
        403 => SentryError::Forbidden {
            scope: topic.scope(),
        },
        404 | 410 => SentryError::NotFound,
        429 => {
            let until = pace.limited(topic, headers, now);
            SentryError::Limited { until }
        }
        408 | 425 | 500..=599 => {
            let until = pace.failed(topic, headers, now);
            SentryError::Trouble {
                status: answer.status,
                until,
            }
        }
        status => SentryError::Refused(status),
    })
}
