//! What is said of a token of Sentry's API, and when.

use super::super::{ConnectionFacts, Level, connection};
use crate::time::{DAY_MS, HOUR_MS, Time};

#[test]
fn the_end_of_a_token_is_said_two_weeks_before() {
    let now = Time(1_780_000_000_000);
    let day = |days: i64| Some(now.plus_ms(days * DAY_MS));
    let refused = "Sentry answered 401: it does not accept the token; enter a new one.";
    let checked = |fault: &str| Some((now.plus_ms(-HOUR_MS), Some(fault.to_owned())));
    for (expires_at, checked, level, sentence, is_trouble) in [
        (None, None, Level::Ok, "All is known", false),
        (day(15), None, Level::Ok, "All is known", false),
        (
            day(9),
            None,
            Level::Attention,
            "Its token ends in 9 days",
            false,
        ),
        (
            day(0),
            None,
            Level::Broken,
            "Its token ended 0 seconds ago",
            true,
        ),
        (
            day(-3),
            None,
            Level::Broken,
            "Its token ended 3 days ago",
            true,
        ),
        (
            day(90),
            checked(refused),
            Level::Broken,
            "60 minutes ago: Sentry answered 401",
            true,
        ),
        (
            None,
            checked("The token lacks the scope event:read."),
            Level::Broken,
            "lacks the scope",
            false,
        ),
    ] {
        let facts = ConnectionFacts {
            name: "acme".to_owned(),
            synced_until: Some(now),
            expires_at,
            checked,
            ..ConnectionFacts::default()
        };
        let finding = connection(&facts, now);
        assert_eq!(finding.level, level, "{finding:?}");
        assert!(finding.says.contains(sentence), "{finding:?}");
        assert_eq!(facts.token_trouble(now).is_some(), is_trouble);
    }
}
