//! Schedules, escalation policies and teams, as people use them.

use crate::support::crew::told;
use crate::support::person::Person;
use crate::support::{Answer, TestApp, Webhook};

on_both_engines!(
    an_admin_sets_up_who_is_told_without_a_script,
    a_responder_covers_for_somebody_and_a_viewer_looks,
    a_form_with_a_fault_comes_back_filled,
);

/// Where the form leads.
#[track_caller]
fn leads_to(answer: &Answer) -> String {
    assert_eq!(answer.status.as_u16(), 303, "{answer:?}");
    answer.header("location").to_owned()
}

const SCHEDULE: [(&str, &str); 9] = [
    ("name", "Primary"),
    ("zone", "Europe/Paris"),
    ("layer_name", "Weeks"),
    ("people", "ann@example.com\nbo@example.com"),
    ("every", "1"),
    ("unit", "weeks"),
    ("starts_on", "2026-02-23"),
    ("hand_over", "09:00"),
    ("windows", "daily 00:00-00:00"),
];

async fn an_admin_sets_up_who_is_told_without_a_script(app: &TestApp) {
    let ann = Person::arrive(app, "ann", "admin").await;
    let bo = Person::arrive(app, "bo", "responder").await;
    let page = ann.page(app, "/on-call").await;
    assert!(page.contains("Nobody takes turns yet"), "{page}");
    let made = ann.submit(app, "/on-call", &SCHEDULE).await;
    let schedule = leads_to(&made);
    let page = ann.page(app, &schedule).await;
    assert!(
        page.contains("On call now: <strong><bdi>bo</bdi></strong>"),
        "{page}"
    );
    assert!(
        page.contains("Mon 2 Mar") && page.contains("09:00 to 24:00"),
        "{page}"
    );
    assert!(
        page.contains("daily 00:00-00:00"),
        "the form keeps its windows"
    );
    let next = ann.page(app, &format!("{schedule}?week=2026-03-11")).await;
    assert!(
        next.contains("Mon 9 Mar") && !next.contains("Mon 2 Mar"),
        "{next}"
    );

    let team = [("name", "Shop"), ("members", &ann.id), ("members", &bo.id)];
    leads_to(&ann.submit(app, "/teams", &team).await);
    let page = ann.page(app, "/teams").await;
    assert!(page.contains("2 members"), "{page}");

    let on_call = schedule.rsplit('/').next().unwrap();
    let policy = [
        ("name", "Day and night"),
        ("delay_0", "0"),
        ("targets_0", on_call),
        ("delay_1", "300"),
        ("targets_1", &ann.id),
        ("delay_2", "300"),
        ("repeat", "1"),
        ("repeat_after_s", "600"),
        ("acknowledge_timeout_s", "1800"),
        ("then", ""),
    ];
    let policy = leads_to(&ann.submit(app, "/escalations", &policy).await);
    let page = ann.page(app, &policy).await;
    assert!(
        page.contains("On call: Primary") && page.contains("5 min later:"),
        "{page}"
    );
    assert!(
        page.contains("10 min after the last step it begins again, once more."),
        "{page}"
    );

    let services = ann.page(app, "/services").await;
    let (_, rest) = services.split_once("href=\"/services/").unwrap();
    let service = format!("/services/{}", rest.split('"').next().unwrap());
    let id = policy.rsplit('/').next().unwrap();
    let owner = [("team", ""), ("escalation", id)];
    leads_to(&ann.submit(app, &format!("{service}/owner"), &owner).await);
    let page = ann.page(app, &policy).await;
    assert!(page.contains("Followed by"), "{page}");
    app.apply(Webhook::event_alert(42)).await;
    assert_eq!(told(app).await, [bo.id]);
    let page = ann.page(app, "/incidents/1").await;
    assert!(
        page.contains("Escalated to step 1 of “Day and night”"),
        "{page}"
    );
}

async fn a_responder_covers_for_somebody_and_a_viewer_looks(app: &TestApp) {
    let ann = Person::arrive(app, "ann", "admin").await;
    let bo = Person::arrive(app, "bo", "responder").await;
    let cy = Person::arrive(app, "cy", "viewer").await;
    let schedule = leads_to(&ann.submit(app, "/on-call", &SCHEDULE).await);
    let overrides = format!("{schedule}/overrides");
    // It is 11:00 in Paris.
    let cover = [
        ("person", ann.id.as_str()),
        ("from", "2026-03-02T11:00"),
        ("until", "2026-03-02T12:00"),
    ];
    let refused = cy.submit(app, &overrides, &cover).await;
    assert_eq!(leads_to(&refused), schedule);
    leads_to(&bo.submit(app, &overrides, &cover).await);
    let page = cy.page(app, &schedule).await;
    assert!(
        page.contains("On call now: <strong><bdi>ann</bdi></strong>"),
        "{page}"
    );
    assert!(page.contains("11:00 to 12:00"), "{page}");
    assert!(
        !page.contains("calendar.ics") && !page.contains("Add override"),
        "{page}"
    );
    assert!(
        bo.page(app, &schedule)
            .await
            .contains("calendar.ics?token=")
    );
    let page = bo.page(app, &schedule).await;
    let (_, rest) = page.split_once(&format!("action=\"{overrides}/")).unwrap();
    let remove = format!("{overrides}/{}", rest.split('"').next().unwrap());
    leads_to(&bo.submit(app, &remove, &[]).await);
    let page = cy.page(app, &schedule).await;
    assert!(
        page.contains("On call now: <strong><bdi>bo</bdi></strong>"),
        "{page}"
    );
    for (path, verb) in [
        ("/on-call", ""),
        (schedule.as_str(), "/delete"),
        ("/teams", ""),
    ] {
        let answer = bo.submit(app, &format!("{path}{verb}"), &SCHEDULE).await;
        assert_eq!(leads_to(&answer), path, "only admins may");
    }
    assert!(bo.page(app, "/on-call").await.contains("Primary"));
}

async fn a_form_with_a_fault_comes_back_filled(app: &TestApp) {
    let ann = Person::arrive(app, "ann", "admin").await;
    let mut wrong = SCHEDULE;
    wrong[1].1 = "Mars/Olympus";
    let answer = ann.submit(app, "/on-call", &wrong).await;
    let page = answer.expect(422).text;
    assert!(
        page.contains("zone must be a time zone such as Europe/Paris"),
        "{page}"
    );
    assert!(
        page.contains("layers[0].participants[1] is no user"),
        "{page}"
    );
    assert!(page.contains("value=\"Mars/Olympus\"") && page.contains("ann@example.com"));
    let policy = [("name", "Nobody"), ("delay_0", "7"), ("repeat", "0")];
    let page = ann
        .submit(app, "/escalations", &policy)
        .await
        .expect(422)
        .text;
    assert!(
        page.contains("steps must be 1 to 10") && page.contains("value=\"7\""),
        "{page}"
    );
    let team = [("name", ""), ("members", ann.id.as_str())];
    let page = ann.submit(app, "/teams", &team).await.expect(422).text;
    assert!(page.contains("must not be empty"), "{page}");
}
