//! What a status code of a code host means, and how long it wants to be left alone.

use super::HostFault;
use crate::clients::header_number;
use crate::clients::outbound::{Answer, OutboundError};
use crate::limits::LONGEST_RETRY_AFTER_MS;
use epicenter_domain::time::{SECOND_MS, Time};
use reqwest::header::HeaderMap;

/// The answer, if it is one of success. The sentences show nothing of the body: it may be of a host
/// that whoever reads them may not see.
pub(super) fn judge(
    name: &str,
    answer: Result<Answer, OutboundError>,
    now: Time,
) -> Result<Answer, HostFault> {
    let answer = answer.map_err(|error| {
        let why = format!("{name} could not be asked: {error}.");
        if error.is_permanent() {
            HostFault::Never(why)
        } else {
            later(None, false, why)
        }
    })?;
    let status = answer.status;
    let is_rate = status == 429 || (status == 403 && is_limited(&answer.headers));
    Err(match status {
        200..=299 => return Ok(answer),
        300..=399 => HostFault::Never(format!(
            "{name} answered {status}: it sends us elsewhere, which is not followed; enter the \
             address of the API it leads to."
        )),
        _ if is_rate => later(
            wait(&answer.headers, now),
            true,
            format!("{name} has answered as many questions as it does for now."),
        ),
        401 | 403 => HostFault::Never(format!(
            "{name} answered {status}: it does not let us in; check the token and what it may read."
        )),
        404 => later(
            None,
            false,
            format!(
                "{name} answered 404: it does not know the repository or one of the two commits, \
                 or the token may not read it."
            ),
        ),
        408 | 425 | 500..=599 => later(
            wait(&answer.headers, now),
            false,
            format!("{name} answered {status}: it has a problem of its own."),
        ),
        _ => HostFault::Never(format!(
            "{name} answered {status} when it was asked for commits; check the address of the API."
        )),
    })
}

fn later(not_before: Option<Time>, is_rate: bool, why: String) -> HostFault {
    HostFault::Later {
        not_before,
        is_rate,
        why,
    }
}

/// GitHub says 403 for its limits, too: then nothing remains, or it names a wait.
fn is_limited(headers: &HeaderMap) -> bool {
    header_number(headers, "x-ratelimit-remaining") == Some(0)
        || headers.contains_key("retry-after")
}

/// The instant before which it is not to be asked, within a day from now.
fn wait(headers: &HeaderMap, now: Time) -> Option<Time> {
    let after = header_number(headers, "retry-after").map(|seconds| {
        let seconds = seconds.clamp(0, LONGEST_RETRY_AFTER_MS / SECOND_MS);
        now.plus_ms(seconds * SECOND_MS)
    });
    let longest = now.plus_ms(LONGEST_RETRY_AFTER_MS);
    after
        .or_else(|| reset(headers))
        .map(|until| until.min(longest))
}

/// When the count begins anew: GitHub's and GitLab's header, in seconds since 1970.
fn reset(headers: &HeaderMap) -> Option<Time> {
    let seconds = header_number(headers, "x-ratelimit-reset")
        .or_else(|| header_number(headers, "ratelimit-reset"))?;
    Some(Time(seconds.checked_mul(SECOND_MS)?))
}

/// Until when to be silent after an answer of success that was the last one for now.
pub(super) fn rest(headers: &HeaderMap) -> Option<Time> {
    let remaining = header_number(headers, "x-ratelimit-remaining")
        .or_else(|| header_number(headers, "ratelimit-remaining"))?;
    (remaining <= 0).then(|| reset(headers)).flatten()
}
