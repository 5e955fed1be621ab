//! The daily digest, links in e-mails that act, loops, and notices that have become old.

use crate::support::TestApp;
use crate::support::app::{id, outcome};
use crate::support::crew::make;
use crate::support::engine::OwnDatabase;
use crate::support::mail::FakeMail;
use crate::support::person::Person;
use crate::support::receiver::{FakeReceiver, Received};
use crate::support::{SECRET, Webhook};
use epicenter::operations::digests::tell_due;
use epicenter::workers::clean_up;
use reqwest::Method;
use serde_json::{Value, json};

on_both_engines!(
    a_digest_comes_once_a_day_and_says_what_is_new,
    a_digest_is_not_told_twice_by_a_restart_or_a_second_node,
    a_person_gets_a_digest_by_e_mail,
    a_link_in_an_e_mail_asks_before_it_acts,
    a_link_of_a_merged_incident_acts_on_what_it_is_in,
    a_notice_that_comes_back_in_opens_nothing,
    old_notices_leave_and_the_list_goes_on,
    people_set_how_they_are_reached_on_a_page,
);

async fn reach(app: &TestApp) -> TestApp {
    let database = OwnDatabase::new(app.engine).await.unwrap();
    TestApp::start_with(database, Some(SECRET), |config| {
        config.outbound.allowed_networks = vec!["127.0.0.1".to_owned()];
    })
    .await
}

async fn hook(app: &TestApp, receiver: &FakeReceiver) -> String {
    let body = json!({"name": "Hook", "target": {"channel": "webhook", "url": receiver.url}});
    make(app, "/api/v1/destinations", body).await
}

async fn wants_digest(app: &TestApp, destination: &str, at: &str) -> Value {
    let path = format!("/api/v1/destinations/{destination}/digest");
    let body = json!({"at": at, "zone": "Europe/Paris"});
    let set = app.api.call(Method::PUT, &path, &body).await;
    set.expect(200).json()
}

/// The digests that arrived.
async fn digests(app: &TestApp, receiver: &FakeReceiver) -> Vec<Value> {
    tell_due(app.inside()).await.unwrap();
    app.tell().await;
    let all = receiver.take();
    let all = all.iter().map(Received::json);
    all.filter(|one| one["type"] == "notice.digest").collect()
}

async fn a_digest_comes_once_a_day_and_says_what_is_new(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    let place = hook(&app, &receiver).await;
    // The tests begin on 2 March 2026 at 11:00 in Paris.
    let set = wants_digest(&app, &place, "18:00").await;
    assert_eq!(set["next_at"], "2026-03-02T17:00:00.000Z");
    for issue in [41, 41, 42] {
        app.apply(Webhook::event_alert(issue)).await;
    }
    app.apply(Webhook::issue("resolved", 42)).await;
    app.later(6 * 3_600);
    assert_eq!(
        digests(&app, &receiver).await.len(),
        0,
        "one hour too early"
    );
    app.later(3_600);
    let told = digests(&app, &receiver).await;
    assert_eq!(told.len(), 1);
    let text = told[0].to_string();
    assert!(
        text.contains("2 opened, 1 resolved, 1 still open"),
        "{text}"
    );
    assert_eq!(digests(&app, &receiver).await.len(), 0, "once");
    // Later on the same day: not a second one.
    let moved = wants_digest(&app, &place, "20:00").await;
    assert_eq!(moved["next_at"], "2026-03-03T19:00:00.000Z");
    app.later(26 * 3_600);
    let told = digests(&app, &receiver).await;
    let text = told[0].to_string();
    assert!(
        text.contains("0 opened, 0 resolved, 1 still open"),
        "{text}"
    );
    // Three days without a server are one digest.
    app.later(3 * 86_400);
    assert_eq!(digests(&app, &receiver).await.len(), 1);
    let path = format!("/api/v1/destinations/{place}/digest");
    app.api.delete(&path).await.expect(204);
    assert_eq!(app.api.one(&path).await["at"], Value::Null);
    app.later(3 * 86_400);
    assert_eq!(digests(&app, &receiver).await.len(), 0);
    let sent = app.api.post(&format!("{path}/send"), json!({})).await;
    assert!(
        sent.expect(202).json()["id"]
            .as_str()
            .unwrap()
            .starts_with("ntf_")
    );
    assert_eq!(digests(&app, &receiver).await.len(), 1);
    let wrong = json!({"at": "9", "zone": "Mars/Phobos"});
    let answer = app.api.call(Method::PUT, &path, &wrong).await;
    let detail = answer.expect_problem(400, "invalid");
    assert!(
        detail.contains("digest.at") && detail.contains("digest.zone"),
        "{detail}"
    );
    app.finish().await;
}

// FIELD case 46.
async fn a_digest_is_not_told_twice_by_a_restart_or_a_second_node(app: &TestApp) {
    let mut app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    let place = hook(&app, &receiver).await;
    wants_digest(&app, &place, "18:00").await;
    app.later(7 * 3_600);
    app.restart().await;
    let inside = app.inside();
    let (first, second) = tokio::join!(tell_due(inside), tell_due(inside));
    // Who comes second finds nothing, or is told that somebody was faster.
    assert!(first.is_ok() || second.is_ok());
    assert_eq!(digests(&app, &receiver).await.len(), 1);
    app.restart().await;
    assert_eq!(digests(&app, &receiver).await.len(), 0);
    app.finish().await;
}

/// A server whose e-mails to persons are taken.
async fn with_mail(app: &TestApp) -> (TestApp, FakeMail) {
    let mail = FakeMail::start().await;
    let database = OwnDatabase::new(app.engine).await.unwrap();
    let url = format!(
        "mailto://127.0.0.1:{}?from=epicenter@example.com",
        mail.port
    );
    let app = TestApp::start_with(database, Some(SECRET), |config| {
        config.outbound.allowed_networks = vec!["127.0.0.1".to_owned()];
        config.outbound.mail = url;
    })
    .await;
    (app, mail)
}

async fn a_person_gets_a_digest_by_e_mail(app: &TestApp) {
    let (app, mail) = with_mail(app).await;
    let ada = Person::arrive(&app, "ada", "responder").await;
    let fields = [("zone", "Europe/Paris"), ("digest_at", "18:00")];
    ada.submit(&app, "/my-notifications", &fields)
        .await
        .expect(303);
    app.later(7 * 3_600);
    assert_eq!(tell_due(app.inside()).await.unwrap(), 1);
    app.tell().await;
    let letters = mail.take();
    assert_eq!(letters.len(), 1, "{letters:?}");
    let letter = format!("{:?}", letters[0]);
    assert!(letter.contains("ada@example.com"), "{letter}");
    assert!(letter.contains("nothing is open"), "{letter}");
    let never = [("zone", "Europe/Paris"), ("digest_at", "")];
    ada.submit(&app, "/my-notifications", &never)
        .await
        .expect(303);
    app.later(2 * 86_400);
    assert_eq!(tell_due(app.inside()).await.unwrap(), 0);
    app.finish().await;
}

/// The links of a letter that act, as paths.
fn act_paths(letter: &str) -> Vec<String> {
    let plain = letter
        .replace("=\r\n", "")
        .replace("=\n", "")
        .replace("=3D", "=");
    let mut paths: Vec<String> = plain
        .split("http://epicenter.test")
        .filter(|rest| rest.starts_with("/act/"))
        .map(|rest| {
            let end = rest
                .find(['"', '\r', '\n', ' ', '<', '\\'])
                .unwrap_or(rest.len());
            rest[..end].to_owned()
        })
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

// U15: the letter was written for an incident that is part of another one by now.
async fn a_link_of_a_merged_incident_acts_on_what_it_is_in(app: &TestApp) {
    let (app, mail) = with_mail(app).await;
    let body = json!({"name": "Mail", "target": {
        "channel": "email", "to": ["ops@example.com"], "from": "epicenter@example.com",
        "host": "127.0.0.1", "port": mail.port, "tls": "none",
    }});
    make(&app, "/api/v1/destinations", body).await;
    app.apply(Webhook::event_alert(42)).await;
    app.later(30);
    app.tell().await;
    let paths = act_paths(&mail.take()[0].text);
    let source = app.incident().await;
    app.apply(Webhook::event_alert(43)).await;
    let other = app.api.one("/api/v1/incidents/2").await;
    let merge = format!("/api/v1/incidents/{}/merge", id(&source));
    app.api
        .post(&merge, json!({"into": id(&other)}))
        .await
        .expect(200);
    let anyone = app.api.with_token(None);
    for path in &paths {
        let page = anyone.get(path).await.expect(200).text;
        assert!(page.contains("#2"), "{page}");
        anyone.post(path, json!({})).await.expect(200);
    }
    let other = app.api.one("/api/v1/incidents/2").await;
    assert_eq!(other["status"], "resolved");
    app.finish().await;
}

async fn a_link_in_an_e_mail_asks_before_it_acts(app: &TestApp) {
    let (app, mail) = with_mail(app).await;
    let ada = Person::arrive(&app, "ada", "responder").await;
    let body = json!({"name": "Mail", "target": {
        "channel": "email", "to": [ada.email], "from": "epicenter@example.com",
        "host": "127.0.0.1", "port": mail.port, "tls": "none",
    }});
    make(&app, "/api/v1/destinations", body).await;
    app.apply(Webhook::event_alert(42)).await;
    app.later(30);
    app.tell().await;
    let letters = mail.take();
    assert_eq!(letters.len(), 1);
    let paths = act_paths(&letters[0].text);
    assert_eq!(paths.len(), 2, "{}", letters[0].text);
    let anyone = app.api.with_token(None);
    let mut taken = None;
    for path in &paths {
        let page = anyone.get(path).await.expect(200).text;
        assert_eq!(
            app.incident().await["status"],
            "triggered",
            "GET never acts"
        );
        if page.contains("Acknowledge #") {
            taken = Some(path.clone());
        }
    }
    let path = taken.unwrap();
    for told in ["names ada", "it is so already"] {
        let done = anyone.post(&path, json!({})).await.expect(200).text;
        assert!(done.contains(told), "{done}");
    }
    let incident = app.incident().await;
    assert_eq!(incident["status"], "acknowledged");
    let lines = format!("/api/v1/incidents/{}/timeline", id(&incident));
    let lines = app.api.all(&lines).await;
    let acts = lines
        .iter()
        .filter(|line| line["kind"] == "incident.acknowledged");
    let names: Vec<_> = acts.map(|line| line["actor"]["name"].clone()).collect();
    assert_eq!(names, ["ada"], "once, by name");
    anyone
        .post(&format!("{path}A"), json!({}))
        .await
        .expect(404);
    app.later(4 * 86_400);
    let late = anyone.post(&path, json!({})).await.expect(400).text;
    assert!(late.contains("three days"), "{late}");
    app.finish().await;
}

// FIELD case 48: our own notice, pointed at our own door.
async fn a_notice_that_comes_back_in_opens_nothing(app: &TestApp) {
    let delivery = app
        .apply(Webhook::event_alert(42).header("epicenter-hops", "1"))
        .await;
    assert_eq!(outcome(&delivery), "ignored");
    let reason = delivery["verdict"]["reason"].as_str().unwrap();
    assert!(reason.contains("in circles"), "{reason}");
    assert_eq!(app.incidents().await.len(), 0);
    assert_eq!(delivery["headers"]["epicenter-hops"], "1");
    let replay = format!("/api/v1/deliveries/{}/replay", id(&delivery));
    app.api.post(&replay, json!({})).await;
    app.settle().await;
    assert_eq!(app.incidents().await.len(), 0, "nor when it is replayed");
    app.apply(Webhook::event_alert(42)).await;
    assert_eq!(app.incidents().await.len(), 1);
}

async fn old_notices_leave_and_the_list_goes_on(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    hook(&app, &receiver).await;
    app.apply(Webhook::event_alert(42)).await;
    app.later(30);
    app.tell().await;
    app.apply(Webhook::issue("resolved", 42)).await;
    app.later(300);
    app.tell().await;
    assert_eq!(app.api.all("/api/v1/notifications").await.len(), 2);
    app.later(91 * 86_400);
    app.apply(Webhook::event_alert(43)).await;
    app.later(30);
    app.tell().await;
    clean_up(app.inside()).await.unwrap();
    let kept = app.api.all("/api/v1/notifications?state=delivered").await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    app.finish().await;
}

async fn people_set_how_they_are_reached_on_a_page(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    let place = hook(&app, &receiver).await;
    let ada = Person::arrive(&app, "ada", "viewer").await;
    let here = "/my-notifications";
    let page = ada.page(&app, here).await;
    assert!(
        page.contains("<bdi>ada@example.com</bdi> gets an e-mail"),
        "{page}"
    );
    let add = "/my-notifications/contacts";
    ada.submit(&app, add, &[("destination", &place)])
        .await
        .expect(303);
    ada.submit(&app, add, &[("address", "phone@example.com")])
        .await
        .expect(303);
    let wrong = ada
        .submit(&app, add, &[("address", "nobody")])
        .await
        .expect(422);
    assert!(
        wrong.text.contains("must be an e-mail address"),
        "{}",
        wrong.text
    );
    let contacts = format!("/api/v1/users/{}/contacts", ada.id);
    let ways = app.api.all(&contacts).await;
    assert_eq!(ways[0]["destination"], place);
    assert_eq!(ways[1]["address"], "phone@example.com");
    let remove = format!("{add}/{}/remove", id(&ways[0]));
    ada.submit(&app, &remove, &[]).await.expect(303);
    assert_eq!(app.api.all(&contacts).await.len(), 1);
    let fields = [
        ("zone", "Europe/Paris"),
        ("quiet_from", "22:00"),
        ("quiet_until", "07:00"),
        ("breaks_through", "error"),
        ("digest_at", ""),
    ];
    ada.submit(&app, here, &fields).await.expect(303);
    let set = app
        .api
        .one(&format!("/api/v1/users/{}/settings", ada.id))
        .await;
    assert_eq!(set["quiet_hours"]["breaks_through"], "error");
    assert_eq!(set["quiet_hours"]["windows"][0]["from"], "22:00");
    assert!(ada.page(&app, here).await.contains("value=\"22:00\""));
    let odd = [("zone", "Mars/Phobos"), ("digest_at", "25:00")];
    let page = ada.submit(&app, here, &odd).await.expect(422).text;
    assert!(
        page.contains("time zone such as") && page.contains("value=\"25:00\""),
        "{page}"
    );
    app.finish().await;
}
