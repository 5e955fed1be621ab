//! Destinations, silences, notifications and the reasons: what programs can do with them.

use crate::support::app::id;
use crate::support::crew::make;
use crate::support::{TestApp, Webhook};
use epicenter_store::notices::outbox::{self, AttemptRecord};
use serde_json::{Value, json};

on_both_engines!(
    a_destination_is_made_changed_and_deleted_without_showing_its_secrets,
    a_url_that_says_all_makes_a_destination,
    what_is_wrong_with_a_destination_is_named,
    a_secret_is_entered_again_for_another_address,
    a_test_is_owed_and_the_failed_one_is_sent_again,
    a_silence_is_previewed_made_edited_and_ended,
    a_silence_that_mutes_everything_wants_a_confirmation,
    what_is_wrong_with_a_silence_is_named,
    a_maintenance_window_is_made_changed_and_removed,
    an_incident_says_who_was_told_and_who_not,
);

fn webhook(name: &str) -> Value {
    json!({
        "name": name,
        "target": {"channel": "webhook", "url": "http://127.0.0.1:9/hush", "user": "ada",
                   "password": "hush"},
    })
}

fn fields(answer: &Value) -> Vec<&str> {
    let fields = answer["fields"].as_array().unwrap();
    let names = fields.iter().map(|field| field["field"].as_str().unwrap());
    names.collect()
}

// FIELD case 61.
async fn a_destination_is_made_changed_and_deleted_without_showing_its_secrets(app: &TestApp) {
    let made = app
        .api
        .post("/api/v1/destinations", webhook("Receiver"))
        .await
        .expect(201);
    assert!(!made.text.contains("hush"), "{}", made.text);
    let made = made.json();
    assert_eq!(
        made["target"],
        json!({
            "channel": "webhook",
            "place": "127.0.0.1:9",
            "settings": {"user": "ada"},
            "secrets_set": ["password", "url"],
        })
    );
    assert_eq!(made["timers"]["wait_s"], 30);
    assert_eq!(
        (&made["enabled"], &made["services"]),
        (&json!(true), &json!([]))
    );
    let path = format!("/api/v1/destinations/{}", id(&made));
    let service = make(app, "/api/v1/services", json!({"name": "Shop"})).await;
    let change = json!({
        "target": {"user": "bo"},
        "services": [service],
        "wants_resolved": false,
        "least_severity": "error",
        "timers": {"wait_s": 0, "on_join": "each_alert"},
        "quiet": {"zone": "Europe/Paris", "windows": [{"from": "22:00", "until": "06:30"}]},
        "rates": [{"most": 5, "within_s": 900}],
        "enabled": false,
    });
    let changed = app.api.patch(&path, change).await.expect(200).json();
    assert_eq!(changed["target"]["settings"]["user"], "bo");
    assert_eq!(changed["target"]["secrets_set"], json!(["password", "url"]));
    assert_eq!(changed["name"], "Receiver");
    assert_eq!(changed["timers"]["urgent_wait_s"], 10);
    assert_eq!(changed["timers"]["on_join"], "each_alert");
    let quiet = json!({
        "zone": "Europe/Paris",
        "windows": [{"days": [], "from": "22:00", "until": "06:30"}],
        "let_through": "critical",
    });
    assert_eq!(changed["quiet"], quiet);
    assert_eq!(app.api.one(&path).await, changed);
    assert_eq!(app.api.all("/api/v1/destinations").await, [changed]);
    let back = json!({"quiet": {"windows": []}, "least_severity": "", "rates": []});
    let back = app.api.patch(&path, back).await.expect(200).json();
    assert_eq!(
        (&back["quiet"], &back["least_severity"]),
        (&Value::Null, &Value::Null)
    );
    app.api.delete(&path).await.expect(204);
    app.api.get(&path).await.expect_problem(404, "not_found");
}

async fn a_url_that_says_all_makes_a_destination(app: &TestApp) {
    let body = json!({"name": "Chat", "apprise_url": "discord://123/hush"});
    let made = app.api.post("/api/v1/destinations", body).await.expect(201);
    assert!(!made.text.contains("hush"));
    assert_eq!(made.json()["target"]["channel"], "discord");
    let wrong = json!({"name": "Bird", "apprise_url": "pigeon://hush"});
    let answer = app.api.post("/api/v1/destinations", wrong).await;
    assert!(!answer.text.contains("hush"));
    answer.expect_problem(400, "invalid");
    assert_eq!(fields(&answer.json()), ["apprise_url"]);
}

async fn what_is_wrong_with_a_destination_is_named(app: &TestApp) {
    make(app, "/api/v1/destinations", webhook("Taken")).await;
    let target = json!({"channel": "teams", "url": "https://example.com"});
    for (body, expected) in [
        (json!({}), vec!["target", "name"]),
        (json!({"name": "Taken", "target": target}), vec!["name"]),
        (
            json!({"name": "x", "target": {"channel": "email", "host": "mail.example.com"}}),
            vec!["target.from", "target.to"],
        ),
        (
            json!({"name": "x", "target": target, "services": ["svc_0000000000007"]}),
            vec!["services[0]"],
        ),
        (
            json!({
                "name": "x", "target": target, "least_severity": "awful",
                "timers": {"wait_s": -1, "on_join": "sometimes"},
                "quiet": {"zone": "Moon", "windows": [{"from": "1:00", "until": "2:00"}]},
                "rates": [{"most": 0, "within_s": 1}],
            }),
            vec![
                "least_severity",
                "timers.on_join",
                "quiet",
                "timers.wait_s",
                "rates[0].most",
                "rates[0].within_s",
            ],
        ),
    ] {
        let answer = app.api.post("/api/v1/destinations", body).await;
        answer.expect_problem(400, "invalid");
        assert_eq!(fields(&answer.json()), expected);
    }
}

// A secret is never shown; it must not be read by sending it elsewhere either.
async fn a_secret_is_entered_again_for_another_address(app: &TestApp) {
    let target = json!({"channel": "webhook", "url": "https://one.example/hush",
                        "user": "ada", "password": "hush"});
    let made = make(
        app,
        "/api/v1/destinations",
        json!({"name": "x", "target": target}),
    )
    .await;
    let path = format!("/api/v1/destinations/{made}");
    let moved = json!({"target": {"url": "https://other.example/"}});
    let answer = app.api.patch(&path, moved).await;
    answer.expect_problem(400, "invalid");
    assert_eq!(fields(&answer.json()), ["target.password"]);
    let again = json!({"target": {"url": "https://other.example/", "password": "new"}});
    app.api.patch(&path, again).await.expect(200);
    let same = json!({"target": {"url": "https://other.example/", "user": "bo"}});
    app.api.patch(&path, same).await.expect(200);
}

async fn a_test_is_owed_and_the_failed_one_is_sent_again(app: &TestApp) {
    let mut body = webhook("Receiver");
    body["enabled"] = json!(false);
    let destination = make(app, "/api/v1/destinations", body).await;
    let path = format!("/api/v1/destinations/{destination}/test");
    let owed = app.api.post(&path, json!({})).await.expect(202).json();
    let notice = owed["notification_id"].as_str().unwrap();
    let path = format!("/api/v1/notifications/{notice}");
    let replay = format!("{path}/replay");
    let one = app.api.one(&path).await;
    assert_eq!(
        (&one["kind"], &one["title"]),
        (&json!("test"), &json!("This is a test"))
    );
    assert_eq!(one["destination"], destination);
    // This machine is closed to notices, so nothing arrives.
    app.tell().await;
    let tried = app.api.one(&path).await;
    assert_eq!(tried["attempts"][0]["number"], 1);
    if tried["state"] == "waiting" {
        app.api
            .post(&replay, json!({}))
            .await
            .expect_problem(409, "conflict");
        let failed = AttemptRecord {
            notice_id: epicenter_domain::id::IdKind::Notification
                .parse(notice)
                .unwrap(),
            number: 9,
            at: app.now().0,
            duration_ms: 1,
            outcome: "refused".to_owned(),
            answer: "It is closed".to_owned(),
        };
        let mut tx = app.inside().database.write().await.unwrap();
        let now = app.now();
        let done = outbox::record(&mut tx, ("failed", now, Some(now)), &failed).await;
        done.unwrap();
        tx.commit().await.unwrap();
    }
    let failed = app.api.all("/api/v1/notifications?state=failed").await;
    assert_eq!(failed.len(), 1);
    let again = app.api.post(&replay, json!({})).await.expect(202).json();
    assert_ne!(again["notification_id"], notice);
    let list = format!("/api/v1/notifications?destination={destination}");
    let all = app.api.all(&list).await;
    assert_eq!((all.len(), &all[0]["id"]), (2, &again["notification_id"]));
    assert_eq!(all[0]["title"], all[1]["title"]);
    app.api
        .delete(&format!("/api/v1/destinations/{destination}"))
        .await
        .expect(204);
    app.api
        .post(&replay, json!({}))
        .await
        .expect_problem(409, "conflict");
    let wrong = app.api.get("/api/v1/notifications?state=lost").await;
    wrong.expect_problem(400, "invalid");
}

// FIELD case 47.
async fn a_silence_is_previewed_made_edited_and_ended(app: &TestApp) {
    app.apply(Webhook::event_alert(1)).await;
    app.apply(Webhook::event_alert(2)).await;
    let incident = app.api.one("/api/v1/incidents/1").await;
    let project = incident["project"].as_str().unwrap();
    let form = json!({"joint": "all", "rows": [
        {"field": "project", "operator": "is", "values": [project]},
    ]});
    let body = json!({"form": form});
    let impact = app.api.post("/api/v1/silences/preview", body).await;
    let impact = impact.expect(200).json();
    assert_eq!(
        (&impact["matched"], &impact["open"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(impact["incidents"][1]["number"], 1);
    assert_eq!(impact["matched_in_week"], 2);
    assert_eq!(impact["in_week"], 2);
    let body = json!({"incident": id(&incident), "ends_at": "2030-01-01T00:00:00Z"});
    let far = app.api.post("/api/v1/silences", body).await;
    assert_eq!(fields(&far.json()), ["ends_at"]);

    let ends_at = app.now().plus_ms(3_600_000).rfc3339();
    let body = json!({"incident": "1", "ends_at": ends_at, "comment": "It is known"});
    let made = app
        .api
        .post("/api/v1/silences", body)
        .await
        .expect(201)
        .json();
    assert_eq!(
        (&made["state"], &made["ends_at"]),
        (&json!("active"), &json!(ends_at))
    );
    assert_eq!(made["form"]["rows"][0]["field"], "title");
    let path = format!("/api/v1/silences/{}", id(&made));
    let later = app.now().plus_ms(7_200_000).rfc3339();
    let longer = app
        .api
        .patch(&path, json!({"ends_at": later}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&longer["id"], &longer["ends_at"]),
        (&made["id"], &json!(later))
    );
    app.later(60);
    let other = app
        .api
        .patch(&path, json!({"until_users": 50}))
        .await
        .expect(200)
        .json();
    assert_ne!(other["id"], made["id"]);
    assert_eq!(
        (&other["until_users"], &other["state"]),
        (&json!(50), &json!("active"))
    );
    assert_eq!(app.api.one(&path).await["state"], "expired");

    let other_path = format!("/api/v1/silences/{}", id(&other));
    assert_eq!(app.api.all("/api/v1/silences").await.len(), 1);
    app.api.delete(&other_path).await.expect(204);
    app.api.delete(&other_path).await.expect(204);
    assert!(app.api.all("/api/v1/silences").await.is_empty());
    let ended = app.api.all("/api/v1/silences?state=expired").await;
    assert_eq!(ended.len(), 2);
    let wrong = app.api.get("/api/v1/silences?state=loud").await;
    wrong.expect_problem(400, "invalid");
}

// FIELD case 47.
async fn a_silence_that_mutes_everything_wants_a_confirmation(app: &TestApp) {
    let starts_at = app.now().plus_ms(60_000).rfc3339();
    let ends_at = app.now().plus_ms(3_600_000).rfc3339();
    let mut body = json!({"condition": "true", "starts_at": starts_at, "ends_at": ends_at});
    let impact = json!({"condition": "true"});
    let impact = app.api.post("/api/v1/silences/preview", impact).await;
    assert!(impact.expect(200).json()["warning"].is_string());
    let answer = app.api.post("/api/v1/silences", body.clone()).await;
    answer.expect_problem(409, "conflict");
    body["confirm"] = json!(true);
    body["weekly"] = json!({"windows": [{"days": ["monday"], "from": "09:00", "until": "10:00"}]});
    let made = app
        .api
        .post("/api/v1/silences", body)
        .await
        .expect(201)
        .json();
    assert_eq!(
        (&made["state"], &made["weekly"]["zone"]),
        (&json!("pending"), &json!("UTC"))
    );
}

async fn a_maintenance_window_is_made_changed_and_removed(app: &TestApp) {
    let service = make(app, "/api/v1/services", json!({"name": "Shop"})).await;
    let wrong = json!({"name": " ", "services": ["svc_none"], "condition": "color ==",
        "ends_at": app.now().rfc3339()});
    let wrong = app.api.post("/api/v1/maintenance", wrong).await.expect(400);
    let named = ["name", "services[0]", "condition", "ends_at"];
    assert_eq!(fields(&wrong.json()), named);
    let endless = app.api.post("/api/v1/maintenance", json!({"name": "Move"}));
    assert_eq!(fields(&endless.await.expect(400).json()), ["ends_at"]);
    let far = json!({"name": "Move", "ends_at": app.now().plus_ms(32 * 86_400_000).rfc3339()});
    let far = app.api.post("/api/v1/maintenance", far).await.expect(400);
    assert_eq!(fields(&far.json()), ["ends_at"]);

    let weekly = json!({"zone": "UTC", "windows": [
        {"days": ["sunday"], "from": "02:00", "until": "04:00"},
    ]});
    let body = json!({"name": "Backups", "services": [service], "weekly": weekly});
    let answer = app.api.post("/api/v1/maintenance", body).await;
    let made = answer.expect(201).json();
    assert_eq!(
        (&made["ends_at"], &made["is_active"]),
        (&Value::Null, &json!(false))
    );
    assert_eq!(
        (&made["weekly"], &made["services"]),
        (&weekly, &json!([service]))
    );
    let path = format!("/api/v1/maintenance/{}", id(&made));
    let ends_at = app.now().plus_ms(3_600_000).rfc3339();
    let change = json!({"weekly": {"windows": []}, "services": [], "ends_at": ends_at,
        "condition": "project == \"shop\""});
    let changed = app.api.patch(&path, change).await.expect(200).json();
    assert_eq!(
        (&changed["weekly"], &changed["is_active"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(changed["condition"], "project == \"shop\"");
    assert_eq!(app.api.all("/api/v1/maintenance").await, [changed]);
    app.api.delete(&path).await.expect(204);
    app.api.delete(&path).await.expect_problem(404, "not_found");
    assert!(app.api.all("/api/v1/maintenance").await.is_empty());
}

async fn what_is_wrong_with_a_silence_is_named(app: &TestApp) {
    let ends_at = app.now().plus_ms(3_600_000).rfc3339();
    let past = app.now().plus_ms(-1).rfc3339();
    for (body, expected) in [
        (json!({}), "condition"),
        (json!({"condition": "users > 1"}), "ends_at"),
        (
            json!({"condition": "users >", "ends_at": ends_at}),
            "condition",
        ),
        (
            json!({"condition": "users > 1", "ends_at": past}),
            "ends_at",
        ),
        (
            json!({"condition": "users > 1", "ends_at": "soon"}),
            "ends_at",
        ),
        (
            json!({"condition": "users > 1", "incident": "1", "ends_at": ends_at}),
            "condition",
        ),
        (
            json!({"condition": "users > 1", "until_users": -1, "ends_at": ends_at}),
            "until",
        ),
    ] {
        let answer = app.api.post("/api/v1/silences", body.clone()).await;
        answer.expect_problem(400, "invalid");
        assert_eq!(fields(&answer.json()), [expected], "{body}");
    }
}

async fn an_incident_says_who_was_told_and_who_not(app: &TestApp) {
    let shop = make(app, "/api/v1/services", json!({"name": "Till"})).await;
    for (name, more) in [
        ("All", json!({})),
        ("Till only", json!({"services": [shop]})),
        ("Loud", json!({"least_severity": "critical"})),
        ("Off", json!({"enabled": false})),
    ] {
        let mut body = webhook(name);
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        make(app, "/api/v1/destinations", body).await;
    }
    app.apply(Webhook::event_alert(1)).await;
    app.tell().await;
    let why = app.api.one("/api/v1/incidents/1/why").await;
    let rows = why["destinations"].as_array().unwrap();
    let reason = |place: usize| rows[place]["reason"].as_str().unwrap();
    assert_eq!(
        (&rows[0]["verdict"], &rows[0]["stage"]),
        (&json!("wait"), &json!("timing"))
    );
    assert!(rows[0]["until"].is_string() && rows[0]["planned_at"].is_string());
    for row in &rows[1..] {
        assert_eq!(row["verdict"], "not_addressed", "{row}");
    }
    assert_eq!(reason(1), "It hears only of the service Till");
    assert_eq!(
        reason(2),
        "It hears only of critical and worse, and this is error"
    );
    assert_eq!(reason(3), "It is disabled: a person switched it off");

    let ends_at = app.now().plus_ms(3_600_000).rfc3339();
    make(
        app,
        "/api/v1/silences",
        json!({"incident": "1", "ends_at": ends_at}),
    )
    .await;
    app.tell().await;
    let why = app.api.one("/api/v1/incidents/1/why").await;
    let silenced = why["destinations"][0].clone();
    assert_eq!(silenced["stage"], "silence");
    assert_eq!(silenced["verdict"], "suppress");
    let missing = app.api.get("/api/v1/incidents/9/why").await;
    missing.expect_problem(404, "not_found");
}
