//! A Sentry that lies, loops its cursor, sends web pages, changes types or does not answer: each
//! pass is bounded, says why in words, and nothing is lost or blocked (FIELD cases 14, 26 and 52).

use crate::support::TestApp;
use crate::support::sentry::Linked;
use epicenter::simulator::sentry::{FakeIssue, Fault};
use serde_json::json;

on_both_engines!(
    whatever_sentry_answers_ends_in_a_sentence,
    lists_without_an_end_are_left,
    odd_issues_do_not_spoil_their_page,
);

async fn whatever_sentry_answers_ends_in_a_sentence(app: &mut TestApp) {
    let linked = Linked::start(app).await;
    linked.sync().await;
    let cases = [
        (Fault::Page, "waiting", "it is a web page, not data"),
        (Fault::CutOff, "waiting", "it is not JSON"),
        (
            Fault::Body("{\"detail\":\"x\"}".to_owned()),
            "waiting",
            "another type than asked for",
        ),
        (
            Fault::Body("null".to_owned()),
            "waiting",
            "another type than asked for",
        ),
        (Fault::Giant(17 << 20), "waiting", "larger than 16 MB"),
        (Fault::HangUp, "waiting", "could not be asked"),
        (Fault::Status(500), "waiting", "answered 500"),
        (Fault::Status(502), "waiting", "answered 502"),
        (Fault::Status(401), "failed", "does not accept the token"),
        (Fault::Status(403), "failed", "needs the scope event:read"),
        (Fault::Status(404), "failed", "no access to it"),
        (Fault::Status(400), "failed", "answered 400"),
        (
            Fault::Elsewhere("http://169.254.169.254/".to_owned()),
            "failed",
            "is not followed",
        ),
    ];
    for (number, (fault, outcome, words)) in (1_u64..).zip(cases) {
        linked.app.later(400);
        linked.sentry.always(Some(fault.clone()));
        let run = linked.pass().await;
        assert_eq!(run["outcome"], outcome, "{fault:?}: {run:#}");
        let reason = run["reason"].as_str().unwrap();
        assert!(reason.contains(words), "{fault:?}: {reason}");
        assert!(reason.ends_with('.'), "a sentence: {reason}");
        // Webhooks come in all the while.
        let told = linked.sentry.create(linked.issue(number, 0));
        linked.deliver(told).await;
        assert_eq!(
            linked.app.issues().await.len(),
            usize::try_from(number).unwrap()
        );
        linked.sentry.always(None);
        linked.app.later(400);
        linked.sync().await;
        linked.assert_equal().await;
    }
    linked.app.finish().await;
}

async fn lists_without_an_end_are_left(app: &mut TestApp) {
    let linked = Linked::start(app).await;
    linked.sentry.put(linked.issue(1, 5));
    for (fault, words, most) in [
        (Fault::Loop, "lead back to where they began", 3),
        (Fault::Endless, "have no end", 5),
    ] {
        linked.sentry.always(Some(fault.clone()));
        linked.sentry.take_asked();
        let run = linked.pass().await;
        assert_eq!(run["outcome"], "failed", "{run:#}");
        let reason = run["reason"].as_str().unwrap();
        assert!(reason.contains(words), "{fault:?}: {reason}");
        let asked = linked.sentry.take_asked().len();
        assert!(asked <= most, "{fault:?}: {asked} questions");
        linked.sentry.always(None);
        linked.app.later(400);
    }
    linked.sync().await;
    linked.assert_equal().await;
    linked.app.finish().await;
}

async fn odd_issues_do_not_spoil_their_page(app: &mut TestApp) {
    // FIELD case 14
    let linked = Linked::start(app).await;
    let mut page: Vec<_> = (1..=3)
        .map(|number| linked.issue(number, 5).json())
        .collect();
    page[1]["status"] = json!({"oh": "dear"});
    page[1]["count"] = json!([7]);
    page[1]["project"] = json!(null);
    page[2]["lastSeen"] = json!("2999-01-01T00:00:00Z");
    page[2]["title"] = json!("\u{0}\u{202e}<script>alert(1)</script>".repeat(1_000));
    page.push(json!({"title": "nobody knows which"}));
    page.push(json!("issue"));
    linked.sentry.once(Fault::Body(json!(page).to_string()));
    let run = linked.sync().await;
    assert_eq!(
        (&run["created"], &run["unreadable"]),
        (&json!(3), &json!(2)),
        "{run:#}"
    );
    for number in 1..=3 {
        linked.sentry.put(FakeIssue {
            count: 9,
            ..linked.issue(number, 2)
        });
    }
    linked.app.later(60);
    linked.sync().await;
    let counts = linked.app.issues().await;
    assert!(
        counts.iter().all(|issue| issue["event_count"] == 9),
        "{counts:#?}"
    );
    linked.app.finish().await;
}
