//! Destinations, silences and notifications, as people use them without a script.

use crate::support::person::Person;
use crate::support::{Answer, TestApp, Webhook};

on_both_engines!(
    an_admin_sets_up_a_destination_and_tries_it,
    a_responder_silences_an_incident_and_ends_that_again,
    a_responder_announces_work_and_removes_that_again,
    a_viewer_only_looks,
);

/// Where the form leads.
#[track_caller]
fn leads_to(answer: &Answer) -> String {
    assert_eq!(answer.status.as_u16(), 303, "{answer:?}");
    answer.header("location").to_owned()
}

const WEBHOOK: [(&str, &str); 5] = [
    ("channel", "webhook"),
    ("name", "Receiver"),
    ("url", "http://127.0.0.1:9/hush"),
    ("user", "ada"),
    ("password", "hush"),
];

async fn an_admin_sets_up_a_destination_and_tries_it(app: &TestApp) {
    let ann = Person::arrive(app, "ann", "admin").await;
    let page = ann.page(app, "/destinations").await;
    assert!(page.contains("No destination yet"), "{page}");
    let wrong = [("channel", "teams"), ("name", "Chat"), ("url", "nowhere")];
    let wrong = ann.submit(app, "/destinations", &wrong).await;
    assert_eq!(wrong.status.as_u16(), 422);
    assert!(wrong.text.contains("target.url") && wrong.text.contains("value=\"Chat\""));
    assert!(
        !wrong.text.contains("nowhere"),
        "a secret does not come back"
    );

    let one = leads_to(&ann.submit(app, "/destinations", &WEBHOOK).await);
    let page = ann.page(app, &one).await;
    assert!(
        page.contains("127.0.0.1:9") && !page.contains("hush"),
        "{page}"
    );
    let change = [
        ("name", "Receiver"),
        ("user", "bo"),
        ("enabled", "on"),
        ("urgent_wait_s", "0"),
        ("wait_s", "60"),
        ("repeat_min", "0"),
        ("quiet_from", "22:00"),
        ("quiet_until", "07:00"),
        ("zone", "Europe/Paris"),
        ("most", "20"),
    ];
    assert_eq!(leads_to(&ann.submit(app, &one, &change).await), one);
    let page = ann.page(app, &one).await;
    for kept in [
        "value=\"bo\"",
        "value=\"22:00\"",
        "value=\"60\"",
        "value=\"20\"",
    ] {
        assert!(page.contains(kept), "{kept}: {page}");
    }
    let kept = app.api.all("/api/v1/destinations").await[0].clone();
    assert_eq!(
        kept["target"]["secrets_set"],
        serde_json::json!(["password", "url"])
    );
    assert_eq!(kept["wants_resolved"], false);

    let notice = leads_to(&ann.submit(app, &format!("{one}/test"), &[]).await);
    app.tell().await;
    let page = ann.page(app, &notice).await;
    assert!(!page.contains("None yet."), "{page}");
    assert!(
        page.contains("This is a test") && page.contains("Receiver"),
        "{page}"
    );
    let log = ann.page(app, "/notifications").await;
    assert!(log.contains("Test: <bdi>This is a test</bdi>"), "{log}");
    leads_to(&ann.submit(app, &format!("{one}/delete"), &[]).await);
    assert!(
        ann.page(app, "/destinations")
            .await
            .contains("No destination yet")
    );
}

async fn a_responder_silences_an_incident_and_ends_that_again(app: &TestApp) {
    let ann = Person::arrive(app, "ann", "admin").await;
    leads_to(&ann.submit(app, "/destinations", &WEBHOOK).await);
    app.apply(Webhook::event_alert(1)).await;
    let bo = Person::arrive(app, "bo", "responder").await;
    let form = bo.page(app, "/silences?incident=1").await;
    let title = app.incident().await["title"].as_str().unwrap().to_owned();
    assert!(form.contains("Nothing is silenced"), "{form}");
    let row = [
        ("field_0", "title"),
        ("operator_0", "is"),
        ("value_0", title.as_str()),
    ];
    let impact = bo.submit(app, "/silences/preview", &row).await.expect(200);
    assert!(
        impact.text.contains("1 of 1 open incidents"),
        "{}",
        impact.text
    );

    let everything = [("text", "true"), ("hours", "4")];
    let refused = bo.submit(app, "/silences", &everything).await.expect(422);
    assert!(refused.text.contains("That is meant"), "{}", refused.text);

    let quick = [("incident", "1"), ("hours", "4"), ("back", "/incidents/1")];
    assert_eq!(
        leads_to(&bo.submit(app, "/silences", &quick).await),
        "/incidents/1"
    );
    app.tell().await;
    let page = bo.page(app, "/incidents/1").await;
    assert!(page.contains("Silenced by bo until"), "{page}");
    assert!(page.contains("Not told"), "{page}");
    let list = bo.page(app, "/silences").await;
    let place = list
        .split("action=\"")
        .find(|part| part.contains("/expire\""))
        .unwrap();
    let place = place.split('"').next().unwrap();
    leads_to(&bo.submit(app, place, &[]).await);
    let list = bo.page(app, "/silences").await;
    assert!(
        list.contains("Nothing is silenced") && list.contains("have ended"),
        "{list}"
    );
}

async fn a_responder_announces_work_and_removes_that_again(app: &TestApp) {
    let bo = Person::arrive(app, "bo", "responder").await;
    let page = bo.page(app, "/silences").await;
    assert!(page.contains("Nothing is worked on"), "{page}");
    let wrong = [("name", "Move"), ("from", "25:00"), ("zone", "Mars/Base")];
    let wrong = bo.submit(app, "/maintenance", &wrong).await.expect(422);
    assert!(
        wrong.text.contains("value=\"Mars/Base\"") && wrong.text.contains("time of day"),
        "{}",
        wrong.text
    );
    let once = [
        ("name", "Move"),
        ("hours", "2"),
        ("condition", "project == \"shop\""),
    ];
    leads_to(&bo.submit(app, "/maintenance", &once).await);
    let weekly = [
        ("name", "Backups"),
        ("hours", "2"),
        ("day", "sunday"),
        ("day", "monday"),
        ("from", "02:00"),
        ("until", "04:00"),
    ];
    leads_to(&bo.submit(app, "/maintenance", &weekly).await);
    let page = bo.page(app, "/silences").await;
    for shown in [
        "Move",
        "active",
        "sunday, monday 02:00 to 04:00 (UTC)",
        "until it is removed",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let places = page
        .split("action=\"")
        .filter(|part| part.contains("/remove\""));
    for place in places {
        let place = place.split('"').next().unwrap();
        leads_to(&bo.submit(app, place, &[]).await);
    }
    let page = bo.page(app, "/silences").await;
    assert!(page.contains("Nothing is worked on"), "{page}");
}

async fn a_viewer_only_looks(app: &TestApp) {
    let ann = Person::arrive(app, "ann", "admin").await;
    let one = leads_to(&ann.submit(app, "/destinations", &WEBHOOK).await);
    let vi = Person::arrive(app, "vi", "viewer").await;
    for path in [one.as_str(), "/destinations", "/silences", "/notifications"] {
        let page = vi.page(app, path).await;
        assert!(!page.contains("class=\"card form\""), "{path}: {page}");
    }
    for path in [
        one.clone(),
        format!("{one}/test"),
        format!("{one}/delete"),
        "/destinations".to_owned(),
        "/silences".to_owned(),
    ] {
        leads_to(&vi.submit(app, &path, &WEBHOOK).await);
    }
    assert_eq!(app.api.all("/api/v1/destinations").await.len(), 1);
    assert!(app.api.all("/api/v1/silences").await.is_empty());
    assert!(app.api.all("/api/v1/notifications").await.is_empty());
}
