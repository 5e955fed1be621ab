//! What a status code means, once for all channels (FIELD cases 36 to 38).

use crate::clients::outbound::{Answer, OutboundError};
use crate::limits::LONGEST_RETRY_AFTER_MS;
use epicenter_domain::notification::Receipt;
use epicenter_domain::time::{SECOND_MS, Time};
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// The answer, if it is one of success; else the receipt that it comes to. The sentences show
/// nothing of the body: it may be of a host that whoever reads them may not see.
pub(super) fn judge(
    service: &str,
    answer: Result<Answer, OutboundError>,
    now: Time,
) -> Result<Answer, Receipt> {
    let answer = answer.map_err(|error| {
        let why = format!("{service}: {error}.");
        if error.is_permanent() {
            Receipt::refused(why)
        } else {
            Receipt::retry(why)
        }
    })?;
    let status = answer.status;
    Err(match status {
        200..300 => return Ok(answer),
        300..400 => Receipt::refused(format!(
            "{service} answered {status}: it sends us elsewhere, which is not followed; enter the \
             address it leads to."
        )),
        410 => Receipt::gone(format!(
            "{service} answered 410: the address is gone for good."
        )),
        408 | 425 | 429 | 500..600 => Receipt::RetryAfter {
            at_least_ms: retry_after_ms(&answer.headers, now),
            why: format!("{service} answered {status}{}.", meaning(status)),
        },
        _ => Receipt::refused(format!("{service} answered {status}{}.", meaning(status))),
    })
}

/// What a status code usually means here; empty where it says it itself.
fn meaning(status: u16) -> &'static str {
    match status {
        400 | 422 => ": it does not understand the message",
        401 | 403 => ": it does not let us in; check the secret or token",
        404 => ": there is nothing at this address; check it",
        413 => ": the message is too long for it",
        429 => ": too many messages at once",
        500..600 => ": it has a problem of its own",
        _ => "",
    }
}

/// The wait that the other side asks for, in milliseconds; 0: it does not say.
pub(super) fn retry_after_ms(headers: &HeaderMap, now: Time) -> i64 {
    let value = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    value.map_or(0, |text| read_wait(text.trim(), now))
}

/// Seconds, with fractions as Discord writes them, or a date.
fn read_wait(text: &str, now: Time) -> i64 {
    if let Ok(seconds) = text.parse::<f64>() {
        return wait_ms(seconds);
    }
    let date = jiff::fmt::rfc2822::parse(text).ok();
    let until = date.map(|date| Time(date.timestamp().as_millisecond()));
    until.map_or(0, |until| {
        until.since_ms(now).clamp(0, LONGEST_RETRY_AFTER_MS)
    })
}

/// Seconds as milliseconds, rounded up, within a day.
pub(super) fn wait_ms(seconds: f64) -> i64 {
    let longest = u32::try_from(LONGEST_RETRY_AFTER_MS / SECOND_MS).unwrap_or(u32::MAX);
    // `max` also makes 0 of what is no number.
    let seconds = seconds.max(0.0).min(f64::from(longest));
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "between 0 and a day"
    )]
    let ms = (seconds * 1_000.0).ceil() as i64;
    ms
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    /// 2026-03-02 10:00:00 UTC.
    const NOW: Time = Time(1_772_445_600_000);

    fn answered(status: u16, wait: Option<&'static str>) -> Result<Answer, Receipt> {
        let mut headers = HeaderMap::new();
        if let Some(wait) = wait {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(wait));
        }
        let answer = Answer {
            status,
            headers,
            body: b"inner matters".to_vec(),
        };
        judge("Harbor", Ok(answer), NOW)
    }

    #[test]
    fn each_status_code_has_one_meaning() {
        // FIELD cases 36 to 38
        for status in [200, 201, 202, 204, 299] {
            assert!(answered(status, None).is_ok(), "{status}");
        }
        for status in [
            300, 301, 302, 307, 308, 400, 401, 403, 404, 405, 409, 413, 422, 451,
        ] {
            let receipt = answered(status, Some("60")).unwrap_err();
            let is_final = matches!(&receipt, Receipt::Refused { disable: false, .. });
            assert!(is_final, "{status}: {receipt:?}");
        }
        assert!(matches!(
            answered(410, None).unwrap_err(),
            Receipt::Refused { disable: true, .. }
        ));
        for status in [408, 425, 429, 500, 502, 503, 504, 507, 599] {
            let receipt = answered(status, None).unwrap_err();
            let is_later = matches!(&receipt, Receipt::RetryAfter { at_least_ms: 0, .. });
            assert!(is_later, "{status}: {receipt:?}");
        }
    }

    #[test]
    fn waits_are_read_in_all_spellings_and_bounded() {
        for (wait, expected) in [
            ("3600", 3_600_000),
            ("0.25", 250),
            ("1.0001", 1_001),
            (" 7 ", 7_000),
            ("Mon, 02 Mar 2026 10:01:00 GMT", 60_000),
            ("Mon, 02 Mar 2026 09:00:00 GMT", 0),
            ("99999999999", LONGEST_RETRY_AFTER_MS),
            ("Thu, 31 Dec 2099 00:00:00 GMT", LONGEST_RETRY_AFTER_MS),
            ("inf", LONGEST_RETRY_AFTER_MS),
            ("NaN", 0),
            ("-5", 0),
            ("soon", 0),
        ] {
            for status in [429, 503] {
                match answered(status, Some(wait)).unwrap_err() {
                    Receipt::RetryAfter { at_least_ms, .. } => {
                        assert_eq!(at_least_ms, expected, "{wait}");
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }

    #[test]
    fn sentences_name_the_service_and_nothing_of_its_answer() {
        // FIELD case 52
        for status in [301, 404, 410, 429, 500] {
            let shown = format!("{:?}", answered(status, None).unwrap_err());
            assert!(shown.contains("Harbor") && shown.contains(&status.to_string()));
            assert!(!shown.contains("matters"), "{shown}");
        }
    }

    #[test]
    fn failures_without_an_answer_are_final_or_not() {
        let failed = |error| judge("Harbor", Err(error), NOW).unwrap_err();
        assert!(matches!(
            failed(OutboundError::TimedOut("harbor.test".to_owned())),
            Receipt::RetryAfter { at_least_ms: 0, .. }
        ));
        assert!(matches!(
            failed(OutboundError::Url("this is no URL".to_owned())),
            Receipt::Refused { disable: false, .. }
        ));
    }
}
