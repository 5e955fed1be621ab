//! Proof that a button was pressed in Slack: `X-Slack-Signature`, version 0 (FIELD cases 5 and 59).

use super::{SecretValue, constant_time_eq, hmac_sha256};
use crate::delivery::Headers;
use crate::time::{SECOND_MS, Time};

/// A request this old, or from this far ahead, may be one that somebody recorded: Slack's advice.
const WINDOW_MS: i64 = 300 * SECOND_MS;

/// Why a request is not from Slack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlackRefusal {
    /// No signing secret is known.
    NoSecret,
    /// A header is missing, doubled or malformed.
    Malformed,
    /// Signed too long ago, or in the future.
    Stale,
    /// Signed with something else.
    Mismatch,
}

impl SlackRefusal {
    /// Stable code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoSecret => "slack_no_secret",
            Self::Malformed => "slack_signature_malformed",
            Self::Stale => "slack_signature_stale",
            Self::Mismatch => "slack_signature_mismatch",
        }
    }

    /// One sentence for people: what is wrong and what to do.
    pub fn message(self) -> &'static str {
        match self {
            Self::NoSecret => {
                "There is no signing secret of the Slack app yet; it is on the \
                app's page under Basic Information."
            }
            Self::Malformed => {
                "The request does not carry Slack's signature and its time once \
                each; check what proxies do to the headers."
            }
            Self::Stale => {
                "The request was signed more than five minutes ago, or in the future; \
                check the clock of this machine."
            }
            Self::Mismatch => {
                "The signature fits no signing secret; compare it with the Slack \
                app's page, and make sure that no proxy changes the body."
            }
        }
    }
}

/// Checks that Slack sent these bytes within five minutes of `now`, against every secret.
pub fn prove_slack(
    secrets: &[SecretValue],
    headers: &Headers,
    body: &[u8],
    now: Time,
) -> Result<(), SlackRefusal> {
    let known = |secret: &&SecretValue| !secret.expose().trim().is_empty();
    if !secrets.iter().any(|secret| known(&secret)) {
        return Err(SlackRefusal::NoSecret);
    }
    let text = only(headers, "x-slack-request-timestamp")?;
    let signature = only(headers, "x-slack-signature")?;
    let sent_ms = seconds(text).ok_or(SlackRefusal::Malformed)?;
    let hexed = signature
        .strip_prefix("v0=")
        .ok_or(SlackRefusal::Malformed)?;
    let mut claimed = [0; 32];
    hex::decode_to_slice(hexed, &mut claimed).map_err(|_| SlackRefusal::Malformed)?;
    if now.since_ms(Time(sent_ms)).saturating_abs() > WINDOW_MS {
        return Err(SlackRefusal::Stale);
    }
    let mut message = format!("v0:{text}:").into_bytes();
    message.extend_from_slice(body);
    let mut fits = false;
    for secret in secrets.iter().filter(known) {
        let expected = hmac_sha256(secret.expose().as_bytes(), &message);
        fits |= constant_time_eq(&expected, &claimed);
    }
    fits.then_some(()).ok_or(SlackRefusal::Mismatch)
}

fn only<'a>(headers: &'a Headers, name: &'a str) -> Result<&'a str, SlackRefusal> {
    let mut values = headers.all(name);
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value),
        (None, _) | (_, Some(_)) => Err(SlackRefusal::Malformed),
    }
}

/// Milliseconds of whole seconds, digits only: what is signed is the text.
fn seconds(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: i64 = text.parse().ok().filter(|_| is_number)?;
    seconds.checked_mul(SECOND_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const BODY: &[u8] = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=\
testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&\
command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2F\
T1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.\
803a0bc887a14d10d2c447fce8b6703c";
    const SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    const AT: i64 = 1_531_420_618;

    type Case<'a> = (
        &'a [&'a str],
        &'a [(&'a str, &'a str)],
        &'a [u8],
        SlackRefusal,
    );

    fn prove(
        secrets: &[&str],
        pairs: &[(&str, &str)],
        body: &[u8],
        at: i64,
    ) -> Result<(), SlackRefusal> {
        let secrets: Vec<_> = secrets.iter().map(|text| SecretValue::new(*text)).collect();
        let headers = Headers::new(pairs.iter().map(|(name, value)| (*name, *value)));
        prove_slack(&secrets, &headers, body, Time(at * SECOND_MS))
    }

    fn pairs<'a>(timestamp: &'a str, signature: &'a str) -> [(&'a str, &'a str); 2] {
        [
            ("X-Slack-Request-Timestamp", timestamp),
            ("X-Slack-Signature", signature),
        ]
    }

    #[test]
    fn slacks_own_example_is_proven_with_any_of_several_secrets() {
        let sent = pairs("1531420618", SIGNATURE);
        assert_eq!(prove(&[SECRET], &sent, BODY, AT), Ok(()));
        assert_eq!(prove(&["old", SECRET], &sent, BODY, AT), Ok(()));
    }

    #[test]
    fn recorded_requests_expire_after_five_minutes() {
        // FIELD case 5
        let sent = pairs("1531420618", SIGNATURE);
        for (at, expected) in [
            (AT + 299, Ok(())),
            (AT + 300, Ok(())),
            (AT + 301, Err(SlackRefusal::Stale)),
            (AT - 299, Ok(())),
            (AT - 301, Err(SlackRefusal::Stale)),
        ] {
            assert_eq!(prove(&[SECRET], &sent, BODY, at), expected, "{at}");
        }
    }

    #[test]
    fn forgeries_are_refused() {
        // FIELD case 59
        let good = pairs("1531420618", SIGNATURE);
        let mut changed = BODY.to_vec();
        changed.push(b'x');
        let zeros = format!("v0={}", "0".repeat(64));
        let cases: [Case<'_>; 10] = [
            (&[], &good, BODY, SlackRefusal::NoSecret),
            (&[" "], &good, BODY, SlackRefusal::NoSecret),
            (&["other"], &good, BODY, SlackRefusal::Mismatch),
            (&[SECRET], &good, &changed, SlackRefusal::Mismatch),
            (
                &[SECRET],
                &pairs("1531420619", SIGNATURE),
                BODY,
                SlackRefusal::Mismatch,
            ),
            (
                &[SECRET],
                &pairs("1531420618", &zeros),
                BODY,
                SlackRefusal::Mismatch,
            ),
            (
                &[SECRET],
                &pairs("+1531420618", SIGNATURE),
                BODY,
                SlackRefusal::Malformed,
            ),
            (
                &[SECRET],
                &pairs("1531420618", "v1=00"),
                BODY,
                SlackRefusal::Malformed,
            ),
            (&[SECRET], &good[..1], BODY, SlackRefusal::Malformed),
            (
                &[SECRET],
                &[good[0], good[1], good[1]],
                BODY,
                SlackRefusal::Malformed,
            ),
        ];
        for (secrets, sent, body, expected) in cases {
            assert_eq!(prove(secrets, sent, body, AT), Err(expected));
            assert!(!expected.code().is_empty() && expected.message().ends_with('.'));
        }
    }
}
