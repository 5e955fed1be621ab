//! What is told of each integration.

use super::*;

fn good_integration() -> IntegrationFacts {
    IntegrationFacts {
        name: "Shop".to_owned(),
        can_receive: true,
        last_at: Some(ago(MINUTE_MS)),
        stored: 10,
        ..IntegrationFacts::default()
    }
}

#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn integration_cases() -> Vec<(&'static str, Level, IntegrationFacts)> {
    let good = good_integration();
    let never = IntegrationFacts {
        last_at: None,
        stored: 0,
        ..good.clone()
    };
    let quiet = Quiet {
        since: ago(DAY_MS),
        for_ms: DAY_MS,
        longest_ms: HOUR_MS,
    };
    vec![
        ("heard", Level::Ok, good.clone()),
        (
            "heard",
            Level::Ok,
            IntegrationFacts {
                refused: 1,
                ..good.clone()
            },
        ),
        (
            "refused",
            Level::Attention,
            IntegrationFacts {
                refused: 5,
                ..good.clone()
            },
        ),
        (
            "refused",
            Level::Broken,
            IntegrationFacts {
                refused: 1,
                ..never.clone()
            },
        ),
        (
            "quiet",
            Level::Broken,
            IntegrationFacts {
                quiet: Some(quiet),
                ..good.clone()
            },
        ),
        (
            "no_secret",
            Level::Attention,
            IntegrationFacts {
                can_receive: false,
                ..good.clone()
            },
        ),
        ("never_heard", Level::Attention, never.clone()),
        (
            "not_understood",
            Level::Attention,
            IntegrationFacts {
                not_understood: 5,
                ..good.clone()
            },
        ),
        (
            "uninstalled",
            Level::Attention,
            IntegrationFacts {
                uninstalled_at: Some(ago(DAY_MS)),
                ..good
            },
        ),
    ]
}

#[test]
fn each_integration_says_what_is_wrong_with_it() {
    for (code, level, facts) in integration_cases() {
        let found = integration(&facts, NOW).unwrap();
        assert_eq!((found.code, found.level), (code, level), "{found:?}");
        assert_eq!(found.todo.is_empty(), level == Level::Ok, "{found:?}");
    }
    // A default integration that nobody uses is no fault.
    let unused = IntegrationFacts {
        is_default: true,
        can_receive: false,
        last_at: None,
        stored: 0,
        ..good_integration()
    };
    assert_eq!(integration(&unused, NOW), None);
}
