//! Where signals go: shared integrations, drop rules, versions, drafts.

use crate::support::app::{id, outcome};
use crate::support::{GitRepository, TestApp, Webhook};
use reqwest::Method;
use serde_json::{Value, json};

on_both_engines!(
    a_shared_integration_is_routed_by_rules_and_falls_back_to_the_default,
    a_dropped_signal_says_by_which_rule_and_its_resolve_still_counts,
    a_change_of_the_rules_is_a_version_that_can_be_brought_back,
    a_rule_with_a_fault_is_refused_with_its_place,
    a_draft_is_tried_on_what_was_stored,
    a_rule_asks_whose_the_file_is,
    owners_are_read_from_the_clone,
);

pub(super) async fn service(app: &TestApp, name: &str) -> String {
    let body = json!({"name": name});
    let made = app.api.post("/api/v1/services", body).await.expect(201);
    id(&made.json()).to_owned()
}

async fn put(app: &TestApp, version: i64, routing: Value) -> Value {
    let body = json!({"version": version, "routing": routing, "comment": "for the test"});
    let answer = app
        .api
        .call(Method::PUT, "/api/v1/routes", &body)
        .await
        .expect(200);
    answer.json()
}

async fn owner_of(app: &TestApp, number: usize) -> String {
    let incidents = app.incidents().await;
    let incident = (incidents.iter())
        .find(|one| one["number"] == json!(number))
        .unwrap();
    incident["service"]["name"]
        .as_str()
        .unwrap_or("none")
        .to_owned()
}

// FD-01, FD-03: shared push URL, rules, a default service that can be changed later.
async fn a_shared_integration_is_routed_by_rules_and_falls_back_to_the_default(app: &TestApp) {
    let pay = service(app, "Payments").await;
    service(app, "Web").await;
    put(
        app,
        0,
        json!({"rules": [
            {"name": "carts", "when": "crash_file.startsWith('shop/') && title.contains('42')",
             "service": pay},
            {"name": "web", "when": "title.contains('43')", "service": "Web"},
        ]}),
    )
    .await;
    for issue in [42, 43, 44] {
        app.apply(Webhook::event_alert(issue)).await;
    }
    assert_eq!(owner_of(app, 1).await, "Payments");
    assert_eq!(owner_of(app, 2).await, "Web");
    let fallback = owner_of(app, 3).await;
    let private = app
        .make_integration(json!({"kind": "sentry", "name": "Own", "unsigned": true,
                                 "service": service(app, "Mine").await}))
        .await;
    let push = private["push_url"].as_str().unwrap();
    let path = push.trim_start_matches("http://epicenter.test").to_owned();
    app.apply(Webhook::event_alert(43).to(&path).unsigned())
        .await;
    assert_eq!(owner_of(app, 4).await, "Mine", "a private one asks no rule");
    let line = routed_line(app, 1).await;
    assert_eq!(
        line.as_deref(),
        Some(
            "Routed to Payments: Rule 1 \"carts\" matched because crash file begins with \"shop/\" \
             and title contains \"42\""
        )
    );
    let last = routed_line(app, 3).await.unwrap();
    assert!(last.contains("None of the 2 rules matched"), "{last}");
    assert!(last.starts_with(&format!("Routed to {fallback}")), "{last}");
    assert_eq!(routed_line(app, 4).await, None);
}

async fn routed_line(app: &TestApp, number: usize) -> Option<String> {
    let path = format!("/api/v1/incidents/{number}/timeline");
    let lines = app.api.all(&path).await;
    let line = lines
        .iter()
        .find(|line| line["kind"] == "incident.routed")?;
    Some(line["summary"].as_str().unwrap().to_owned())
}

async fn a_dropped_signal_says_by_which_rule_and_its_resolve_still_counts(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    let drops = json!([{"name": "no carts", "when": "project == 'shop' || title.contains('sku')"}]);
    put(app, 0, json!({"drops": drops})).await;
    let dropped = app.apply(Webhook::event_alert(43)).await;
    assert_eq!(outcome(&dropped), "ignored", "{dropped}");
    let reason = dropped["verdict"]["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("Dropped by the rule \"no carts\" because"),
        "{reason}"
    );
    assert_eq!(app.issues().await.len(), 2, "the error log has both");
    let over = app.apply(Webhook::issue("resolved", 42)).await;
    assert_eq!(outcome(&over), "applied");
    assert_eq!(app.incident().await["status"], "resolved");
}

async fn a_change_of_the_rules_is_a_version_that_can_be_brought_back(app: &TestApp) {
    let rules = |when: &str| json!({"rules": [{"name": "a", "when": when, "service": "Web"}]});
    service(app, "Web").await;
    assert_eq!(app.api.one("/api/v1/routes").await["version"], 0);
    assert_eq!(put(app, 0, rules("users > 1")).await["version"], 1);
    let second = put(app, 1, rules("users > 2")).await;
    assert_eq!(second["version"], 2);
    let text = second["text"].as_str().unwrap();
    assert!(text.contains("service = \"Web\""), "{text}");
    assert_eq!(
        put(app, 2, rules("users > 2")).await["version"],
        2,
        "nothing changed"
    );
    let late = json!({"version": 1, "routing": rules("users > 3")});
    let late = app
        .api
        .call(Method::PUT, "/api/v1/routes", &late)
        .await
        .expect(409)
        .json();
    let detail = late["detail"].as_str().unwrap();
    assert!(detail.contains("the newest version is 2"), "{late}");
    let diff = app.api.one("/api/v1/routes/versions/2/diff").await;
    let changed: Vec<&str> = (diff["lines"].as_array().unwrap().iter())
        .filter(|line| line["sign"] != " ")
        .map(|line| line["text"].as_str().unwrap())
        .collect();
    assert_eq!(changed, ["when = \"users > 1\"", "when = \"users > 2\""]);
    let path = "/api/v1/routes/versions/1/restore";
    let back = app
        .api
        .post(path, json!({"version": 2}))
        .await
        .expect(200)
        .json();
    assert_eq!(back["version"], 3);
    assert_eq!(back["comment"], "Version 1 again");
    assert_eq!(back["routing"]["rules"][0]["when"], "users > 1");
    assert_eq!(app.api.all("/api/v1/routes/versions").await.len(), 3);
    let viewer = app.make_token("viewer").await;
    let body = json!({"version": 3, "routing": {}});
    let api = app.api.with_token(Some(&viewer));
    api.call(Method::PUT, "/api/v1/routes", &body)
        .await
        .expect(403);
    api.get("/api/v1/routes").await.expect(200);
}

async fn a_rule_with_a_fault_is_refused_with_its_place(app: &TestApp) {
    let routing = json!({"rules": [{"name": "a", "rules": [
        {"name": "b", "when": "level == 'fatal' &&\n  projct == 'x'", "service": "Nobody"}]}]});
    let body = json!({"version": 0, "routing": routing});
    let problem = app
        .api
        .call(Method::PUT, "/api/v1/routes", &body)
        .await
        .expect(400)
        .json();
    let fields = problem["fields"].as_array().unwrap();
    assert_eq!(fields[0]["field"], "rules[0].rules[0].when");
    let message = fields[0]["message"].as_str().unwrap();
    assert!(message.contains("line 2, column 3"), "{message}");
    assert_eq!(fields[1]["field"], "rules[0].rules[0].service");
    // What a rule names cannot be deleted.
    let web = service(app, "Web").await;
    put(app, 0, json!({"rules": [{"name": "a", "service": "Web"}]})).await;
    let path = format!("/api/v1/services/{web}");
    app.api.delete(&path).await.expect(409);
}

async fn a_draft_is_tried_on_what_was_stored(app: &TestApp) {
    service(app, "Web").await;
    let first = app.apply(Webhook::event_alert(42)).await;
    app.apply(Webhook::event_alert(43)).await;
    let over = app.apply(Webhook::issue("resolved", 43)).await;
    let draft = json!({
        "drops": [{"name": "noise", "when": "title.contains('43')"}],
        "rules": [{"name": "web", "when": "release == 'shop@1.4.0'", "service": "Web"}],
    });
    let body = json!({"routing": draft});
    let seen = app
        .api
        .post("/api/v1/routes/preview", body)
        .await
        .expect(200)
        .json();
    assert_eq!(seen["looked_at"], 3, "{seen}");
    assert_eq!((&seen["opening"], &seen["moved"]), (&json!(2), &json!(2)));
    assert_eq!(seen["dropped"], 1);
    let changes = seen["changes"].as_array().unwrap();
    assert_eq!(changes[0]["then"]["kind"], "dropped");
    assert_eq!(changes[1]["then"]["name"], "Web");
    let ask = |body: Value| async move {
        app.api
            .post("/api/v1/routes/test", body)
            .await
            .expect(200)
            .json()
    };
    let now = ask(json!({"delivery_id": id(&first)})).await;
    assert_ne!(now["end"]["name"], "Web");
    let then = ask(json!({"delivery_id": id(&first), "routing": draft})).await;
    assert_eq!(then["end"]["name"], "Web");
    assert_eq!(then["fields"]["environment"], "production");
    let closed = ask(json!({"delivery_id": id(&over), "routing": draft})).await;
    assert_eq!(closed["end"]["kind"], "nothing");
    let path = closed["path"][0].as_str().unwrap();
    assert!(path.contains("no rule can drop that"), "{path}");
    let default = app.default_integration().await;
    let pasted = ask(json!({
        "integration_id": id(&default), "resource": "event_alert", "routing": draft,
        "payload": first_body(app, id(&first)).await,
    }))
    .await;
    assert_eq!(pasted["end"]["name"], "Web");
    assert_eq!(app.incidents().await.len(), 2, "asking opens nothing");
}

async fn first_body(app: &TestApp, id: &str) -> Value {
    let delivery = app.delivery(id).await;
    match &delivery["body"] {
        Value::String(text) => serde_json::from_str(text).unwrap(),
        other => other.clone(),
    }
}

// U8: by CODEOWNERS to the team's service.
async fn a_rule_asks_whose_the_file_is(app: &TestApp) {
    service(app, "Payments").await;
    let body = json!({"name": "acme/shop"});
    let repository = app
        .api
        .post("/api/v1/repositories", body)
        .await
        .expect(201)
        .json();
    let repository = id(&repository).to_owned();
    let mapping = json!({"project": "shop", "repository_id": repository,
                         "stack_prefix": "", "source_prefix": "src"});
    app.api
        .post("/api/v1/code-mappings", mapping)
        .await
        .expect(201);
    let path = format!("/api/v1/repositories/{repository}/owners");
    let text = "* @acme/rest\n/src/shop/ @acme/payments\nbad-line-without\n";
    let kept = app
        .api
        .call(Method::PUT, &path, &json!({"text": text}))
        .await
        .expect(200)
        .json();
    assert_eq!(kept["source"], "upload");
    let by_owner = json!({"field": "owner", "services": {"@acme/payments": "Payments"}});
    put(
        app,
        0,
        json!({"rules": [{"name": "owners", "service_by": by_owner}]}),
    )
    .await;
    app.apply(Webhook::event_alert(42)).await;
    assert_eq!(owner_of(app, 1).await, "Payments");
    let line = routed_line(app, 1).await.unwrap();
    assert!(
        line.contains("Its table knows the owner \"@acme/payments\""),
        "{line}"
    );
    let owners = app.api.one("/api/v1/incidents/1/owners").await;
    assert_eq!(owners["owners"], json!(["@acme/payments"]));
    assert_eq!(owners["path"], "src/shop/cart.py");
    app.api.delete(&path).await.expect(204);
    app.api.get(&path).await.expect(404);
}

async fn owners_are_read_from_the_clone(app: &TestApp) {
    let mut repository = GitRepository::new();
    repository.commit("Begin", "docs/CODEOWNERS", "* @acme/late\n");
    repository.commit("Own", ".github/CODEOWNERS", "* @acme/payments\n");
    let body = json!({"name": "acme/shop"});
    let made = app.api.post("/api/v1/repositories", body).await.expect(201);
    let here = format!("/api/v1/repositories/{}", id(&made.json()));
    let path = format!("{here}/owners");
    let early = app
        .api
        .call(Method::PUT, &path, &json!({}))
        .await
        .expect(409);
    let detail = early.json()["detail"].to_string();
    assert!(detail.contains("has no clone"), "{detail}");
    let clone = json!({"clone_path": repository.path()});
    app.api.patch(&here, clone).await.expect(200);
    let kept = app.api.call(Method::PUT, &path, &json!({})).await;
    let kept = kept.expect(200).json();
    assert_eq!(
        (&kept["source"], &kept["path"]),
        (&json!("clone"), &json!(".github/CODEOWNERS"))
    );
    assert_eq!(kept["text"], "* @acme/payments\n");
}
