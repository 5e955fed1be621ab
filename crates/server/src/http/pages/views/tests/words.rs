//! What the pages must say.

use super::super::samples::{Maker, pages};

fn assert_said(cases: &[(&str, &[&str])]) {
    let plain = pages(Maker { is_hostile: false });
    for (name, words) in cases {
        let page = plain.iter().find(|(known, _)| known == name);
        let (_, html) = page.expect("a page");
        for word in *words {
            assert!(html.contains(word), "{name} lacks {word}");
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table: a row for each page")]
fn pages_say_what_they_should() {
    assert_said(&[
        (
            "incidents",
            &[
                "#128",
                "Critical",
                "1,036 events",
                "Acknowledged",
                "Older",
                "verb",
            ],
        ),
        (
            "incidents-first",
            &["Nothing has arrived yet", "Connect Sentry"],
        ),
        ("incidents-quiet", &["All quiet"]),
        ("incidents-none-fits", &["Clear the filter"]),
        ("incidents-troubled", &["The disk is full", "undo-token"]),
        (
            "incident",
            &[
                "caused by",
                "3 library frames",
                "crash",
                "sentry-4711",
                "Timeline",
            ],
        ),
        (
            "destinations",
            &["channel_not_found", "nothing arrives since", "Apprise"],
        ),
        (
            "destinations-first",
            &["No destination yet", "name is taken."],
        ),
        (
            "destination",
            &["Send a test", "stays as it is", "Quiet from"],
        ),
        (
            "destination-off",
            &["Epicenter switched it off", "set over the API"],
        ),
        (
            "silences",
            &["until 50 users", "End it now", "2 of 5 open incidents"],
        ),
        ("silences-first", &["Nothing is silenced"]),
        (
            "trends",
            &[
                "12 → 240 events",
                "20 times as many",
                "MTTA",
                "23:00 to 24:00",
            ],
        ),
        ("trends-none", &["Nothing was counted in the last 7 days"]),
        ("release", &["Events of this release"]),
        (
            "routes",
            &[
                "This draft is not saved",
                "What conditions see",
                "And 4 more",
            ],
        ),
        ("routes-first", &["Nobody has written rules yet"]),
        ("route-versions", &["What version 7 changed", "Bring back"]),
        ("notifications", &["503 Service Unavailable", "Older"]),
        ("notifications-none-fits", &["No notification fits"]),
        ("notification", &["404 no_service", "Send it once more"]),
        ("incident-over", &["Reopen", "No event is stored"]),
        ("error-log", &["OPEN", "RESOLVED", "IGNORED", "Next 50"]),
        ("issue", &["Stored events", "regressed", "48151623"]),
        (
            "deliveries",
            &["Not understood", "event_alert.triggered", "signature"],
        ),
        (
            "delivery",
            &["Replay under today", "12345678901234567890123", "(removed)"],
        ),
        ("delivery-gone", &["kept for 14 days"]),
        (
            "integration",
            &["Internal Integration", "Deliveries arrive", "event:read"],
        ),
        ("integration-waiting", &["Waiting for the first delivery"]),
        (
            "integration-refusing",
            &["14 requests were refused", "not the secret"],
        ),
        ("settings", &["API tokens", "412 MB of 2 GB", "user_ip"]),
        ("setup", &["password_again", "one-time"]),
        ("missing", &["404", "Go to the incidents"]),
    ]);
}

#[test]
fn pages_about_the_memory_say_what_they_should() {
    assert_said(&[
        (
            "memory",
            &[
                "<mark>stock</mark>",
                "deploy.succeeded",
                "What refers to",
                "More",
            ],
        ),
        ("memory-first", &["Nothing has happened yet"]),
        (
            "memory-none-fits",
            &["Nothing that happened fits", "Clear the search"],
        ),
        ("memory-further", &["Look further back"]),
        ("memory-wrong", &["letters or digits"]),
        (
            "observation",
            &[
                "Incident #128",
                "/memory?ref=release%3Aweb%401.4.2",
                "issue:4711",
            ],
        ),
        ("observation-bare", &["said nothing more"]),
        (
            "incident",
            &[
                "Similar past incidents",
                "81 % alike",
                "with commit 4f1c2d3e",
            ],
        ),
    ]);
}

#[test]
fn pages_about_changes_say_what_they_should() {
    assert_said(&[
        (
            "incident",
            &[
                "Began 4 min after deploy",
                "web@1.4.2",
                "This was it",
                "Not this one",
                "It wrote the line of the crash",
                "14 commits were compared",
                "stock.take_all",
            ],
        ),
        (
            "incident-unsure",
            &["No convincing suspect", "Name the clone"],
        ),
        ("incident-ranking", &["are being compared"]),
        (
            "changes",
            &["Suspicious", "Rolled back", "3 commits to", "As a table"],
        ),
        (
            "changes-first",
            &["No push and no deploy is known yet", "/api/v1/deploys"],
        ),
        ("changes-none-fits", &["Nothing fits this filter"]),
        (
            "deploy",
            &[
                "34.3 times as many",
                "Previous deploy",
                "Taken back by",
                "came back",
            ],
        ),
        ("deploy-bare", &["No new entry of the error log"]),
        ("release", &["archived", "4f1c2d3e", "Deploys"]),
        (
            "hit-rate",
            &[
                "83 % (10 of 12)",
                "few: read it with care",
                "nothing said yet",
            ],
        ),
        ("hit-rate-unused", &["Nobody has judged a suspect yet"]),
        (
            "repositories",
            &[
                "is called like it",
                "all there for 1 of 2",
                "It explains 3 frames",
                "is of no use",
            ],
        ),
        (
            "repositories-first",
            &["No repository is known yet", "No Sentry project"],
        ),
    ]);
}

#[test]
fn pages_about_people_say_what_they_should() {
    assert_said(&[
        ("on-call", &["On call now", "nobody", "Europe/Paris"]),
        ("on-call-first", &["Nobody takes turns yet", "is no user"]),
        (
            "schedule",
            &["Week after", "09:00 to 24:00", "Take back", "New address"],
        ),
        ("schedule-member", &["Everybody takes their own turns"]),
        ("escalations", &["5 min later", "No service follows it yet"]),
        ("escalations-first", &["No escalation policy yet"]),
        ("escalation", &["Step 3", "nothing more", "Followed by"]),
        ("teams", &["2 members", "Owns"]),
        ("teams-first", &["No teams yet", "name is taken"]),
        ("service", &["Who is told", "Day and night"]),
    ]);
}
