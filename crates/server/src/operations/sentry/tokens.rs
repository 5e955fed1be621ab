//! What a pass says of its token, and when a person says that it ends.

use crate::app::App;
use crate::clients::sentry::SentryError;
use crate::operations::OperationError;
use epicenter_domain::time::{DAY_MS, Time};
use epicenter_store::sentry::connections::{self, ConnectionRecord};
use epicenter_store::sentry::runs::RunRecord;
use epicenter_store::{StoreError, Tx};

/// Keeps that Sentry does not take the token, as a test by hand would, and forgets it when it does.
pub(super) async fn follow(
    app: &App,
    tx: &mut Tx,
    connection: &ConnectionRecord,
    run: &RunRecord,
) -> Result<(), StoreError> {
    let refused = SentryError::Unauthorized.to_string();
    let says_so = |text: &Option<String>| text.as_ref().is_some_and(|it| it.contains(&refused));
    let (is_refused, was_refused) = (says_so(&run.reason), says_so(&connection.check_fault));
    let fault = match (is_refused, was_refused, run.outcome.as_str()) {
        (true, false, _) => Some(refused.as_str()),
        (false, true, "done") => None,
        _ => return Ok(()),
    };
    let told = (fault, connection.scopes.as_deref());
    connections::checked(tx, connection.id, app.clock.now(), told).await
}

/// The end of a token as a person writes it: a day (to its end) or an instant. Empty: not known.
pub(super) fn expiry(text: &str) -> Result<Option<Time>, OperationError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let is_day = text.len() == "2026-12-31".len();
    let at = Time::parse(text).map(|at| if is_day { at.plus_ms(DAY_MS) } else { at });
    let message = "must be a day, such as 2026-12-31, or an instant";
    at.map(Some)
        .ok_or_else(|| OperationError::invalid("token_expires_at", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_counts_to_its_end() {
        for (text, expected) in [
            ("", None),
            ("2026-12-31", Time::parse("2027-01-01T00:00:00Z")),
            (
                " 2026-12-31T08:00:00Z ",
                Time::parse("2026-12-31T08:00:00Z"),
            ),
        ] {
            assert_eq!(expiry(text).unwrap(), expected, "{text}");
        }
        for text in ["soon", "31.12.2026", "2026-13-01"] {
            assert!(expiry(text).is_err(), "{text}");
        }
    }
}
