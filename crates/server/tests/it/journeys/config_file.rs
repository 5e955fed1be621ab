//! The configuration as one text file.

use crate::support::TestApp;
use crate::support::app::id;
use epicenter::operations::config_file::{self, Outcome, Step};
use reqwest::Method;
use serde_json::json;

on_both_engines!(
    what_is_exported_comes_back_as_it_was,
    what_holds_for_a_while_and_what_leads_in_comes_back_too,
    a_file_with_a_fault_changes_nothing_and_names_the_line,
);

const WORKSPACE: i64 = 1;

async fn export(app: &TestApp) -> String {
    let mut tx = app.inside().database.read().await.unwrap();
    let text = config_file::export(&mut tx, WORKSPACE, app.now())
        .await
        .unwrap();
    tx.rollback().await.unwrap();
    text
}

async fn import(app: &TestApp, text: &str, is_dry: bool) -> Result<Vec<Step>, String> {
    let inside = app.inside();
    let place = (&inside.database, &*inside.ids);
    config_file::import(place, WORKSPACE, (text, "test"), is_dry, app.now())
        .await
        .map_err(|error| error.to_string())
}

fn changes(steps: &[Step]) -> Vec<(&str, &str, Outcome)> {
    let changed = steps.iter().filter(|step| step.outcome != Outcome::Same);
    changed
        .map(|step| (step.kind, step.name.as_str(), step.outcome))
        .collect()
}

async fn fill(app: &TestApp) {
    let post = |path: &'static str, body: serde_json::Value| async move {
        let made = app.api.post(path, body).await.expect(201).json();
        id(&made).to_owned()
    };
    let ada = json!({"email": "ada@example.org", "name": "Ada", "role": "responder",
                     "password": "a-long-password"});
    let ada = post("/api/v1/users", ada).await;
    let team = post("/api/v1/teams", json!({"name": "Pay", "members": [ada]})).await;
    let pay = json!({"name": "Payments", "sentry_projects": ["shop"]});
    let pay = post("/api/v1/services", pay).await;
    let chat = json!({"name": "Chat", "target": {"channel": "webhook",
        "url": "https://hooks.example.org/hush"}, "services": [pay]});
    let chat = post("/api/v1/destinations", chat).await;
    let policy = json!({"name": "Page Pay", "steps": [
        {"delay_s": 0, "targets": [team, ada]}, {"delay_s": 300, "targets": [chat]}]});
    let policy = post("/api/v1/escalations", policy).await;
    let path = format!("/api/v1/services/{pay}/owner");
    let owner = json!({"team": team, "escalation": policy});
    app.api.call(Method::PUT, &path, &owner).await.expect(200);
    let rules = json!({"version": 0, "routing": {
        "drops": [{"name": "noise", "when": "level == 'debug'"}],
        "rules": [{"name": "pay", "when": "owner.contains('@pay')", "service": pay,
                   "destinations": [chat], "rules": [
                       {"name": "fatal", "when": "level == 'fatal'", "continue": true}]}]}});
    let answer = app.api.call(Method::PUT, "/api/v1/routes", &rules).await;
    answer.expect(200);
}

async fn what_is_exported_comes_back_as_it_was(app: &TestApp) {
    fill(app).await;
    let text = export(app).await;
    assert!(!text.contains("hush"), "no secret: {text}");
    for words in [
        "\"ada@example.org\"",
        "team:Pay",
        "service = \"payments\"",
        "[[routes.rules.rules]]",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(changes(&import(app, &text, false).await.unwrap()), []);
    assert_eq!(app.api.one("/api/v1/routes").await["version"], 1);
    let changed = text
        .replace("level == 'debug'", "level == 'info'")
        .replace("name = \"Payments\"", "name = \"Money\"")
        + "\n[[teams]]\nname = \"New\"\nmembers = []\n";
    let expected = [
        ("team", "New", Outcome::Created),
        ("service", "payments", Outcome::Changed),
        ("routes", "rules", Outcome::Changed),
    ];
    let dry = import(app, &changed, true).await.unwrap();
    assert_eq!(changes(&dry), expected);
    assert_eq!(export(app).await, text, "a dry run changes nothing");
    let done = import(app, &changed, false).await.unwrap();
    assert_eq!(changes(&done), expected);
    assert_eq!(
        changes(&import(app, &export(app).await, true).await.unwrap()),
        []
    );
    let names = app.api.all("/api/v1/services").await;
    assert!(names.iter().any(|one| one["name"] == "Money"), "{names:?}");
    let chat = &app.api.all("/api/v1/destinations").await[0];
    let digest = format!("/api/v1/destinations/{}/digest", id(chat));
    let daily = json!({"at": "09:00", "zone": "Europe/Paris"});
    app.api.call(Method::PUT, &digest, &daily).await.expect(200);
    let with_digest = export(app).await;
    app.api.delete(&digest).await;
    import(app, &with_digest, false).await.unwrap();
    let planned = app.api.one(&digest).await;
    assert!(planned["next_at"].is_string(), "it comes: {planned}");
    assert_eq!(
        chat["target"]["secrets_set"],
        json!(["url"]),
        "it keeps its secret"
    );
}

/// Silence, override, CODEOWNERS, integration, inhibition and detection.
async fn fill_more(app: &TestApp) -> String {
    let post = |path: String, body: serde_json::Value| async move {
        let made = app.api.post(&path, body).await.expect(201).json();
        id(&made).to_owned()
    };
    let put = |path: String, body: serde_json::Value| async move {
        let answer = app.api.call(Method::PUT, &path, &body).await;
        answer.expect(200);
    };
    let soon = app.now().plus_ms(86_400_000).rfc3339();
    let silence = json!({"condition": "project == 'shop'", "ends_at": soon, "comment": "Known"});
    post("/api/v1/silences".to_owned(), silence).await;
    let ada = app.api.all("/api/v1/users").await;
    let ada = ada.iter().find(|one| one["email"] == "ada@example.org");
    let ada = id(ada.unwrap()).to_owned();
    let schedule = json!({"name": "Primary", "zone": "Europe/Paris", "layers": [
        {"name": "Week", "participants": [ada], "unit": "weeks", "every": 1,
         "starts_on": "2026-01-05", "hand_over": "09:00"}]});
    let schedule = post("/api/v1/schedules".to_owned(), schedule).await;
    let path = format!("/api/v1/schedules/{schedule}/overrides");
    post(path, json!({"person": ada, "until": soon})).await;
    let shop = post(
        "/api/v1/repositories".to_owned(),
        json!({"name": "acme/shop"}),
    )
    .await;
    let path = format!("/api/v1/repositories/{shop}/owners");
    put(path, json!({"text": "* @acme/payments\n"})).await;
    let mobile = json!({"kind": "sentry", "name": "Mobile", "secret": "hush-hush-hush"});
    let mobile = post("/api/v1/integrations".to_owned(), mobile).await;
    put("/api/v1/inhibitions".to_owned(), json!({"rules": []})).await;
    put(
        "/api/v1/detection".to_owned(),
        json!({"spike_times": 5, "auto_resolve": "gaps"}),
    )
    .await;
    let service = app.api.all("/api/v1/services").await;
    let pay = service
        .iter()
        .find(|one| one["name"] == "Payments")
        .unwrap();
    put(
        format!("/api/v1/services/{}/detection", id(pay)),
        json!({"spike": "off"}),
    )
    .await;
    mobile
}

async fn what_holds_for_a_while_and_what_leads_in_comes_back_too(app: &TestApp) {
    fill(app).await;
    let mobile = fill_more(app).await;
    let text = export(app).await;
    assert!(!text.contains("hush"), "no secret: {text}");
    for words in [
        "[[silences]]",
        "person = \"ada@example.org\"",
        "@acme/payments",
        "name = \"Mobile\"",
        "inhibitions = []",
        "spike_times = 5",
        "auto_resolve = \"gaps\"",
        "spike = \"off\"",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(changes(&import(app, &text, false).await.unwrap()), []);
    let path = format!("/api/v1/integrations/{mobile}");
    app.api.delete(&path).await.expect(204);
    let rule = json!({"rules": [{"name": "m", "source": "kind == 'metric'",
        "target": "kind == 'issue'", "equal": ["project"]}]});
    let answer = app
        .api
        .call(Method::PUT, "/api/v1/inhibitions", &rule)
        .await;
    answer.expect(200);
    let done = import(app, &text, false).await.unwrap();
    let expected = [
        ("integration", "Mobile", Outcome::Created),
        ("secret of the integration", "Mobile", Outcome::ToEnter),
        ("inhibitions", "rules", Outcome::Changed),
    ];
    assert_eq!(changes(&done), expected);
    assert_eq!(export(app).await, text);
    app.later(2 * 86_400);
    let later = export(app).await;
    assert!(
        !later.contains("[[silences]]"),
        "what is over is left out: {later}"
    );
    assert!(!later.contains("overrides"), "{later}");
}

async fn a_file_with_a_fault_changes_nothing_and_names_the_line(app: &TestApp) {
    let text = "version = 1\n\n[[services]]\nslug = \"pay\"\nname = \"Pay\"\nteam = \"Nobody\"\n\n\
                [[destinations]]\nname = \"Chat\"\nchannel = \"slack_webhook\"\nenabled = true\n";
    let before = export(app).await;
    let fault = import(app, text, false).await.unwrap_err();
    assert!(
        fault.contains("line 6: services[0].team there is no team \"Nobody\""),
        "{fault}"
    );
    assert!(
        fault.contains("line 8: destinations[0].fields.url"),
        "{fault}"
    );
    let rule = "version = 1\n[routes]\n[[routes.rules]]\nname = \"a\"\nwhen = \"level = 1\"\n";
    let fault = import(app, rule, false).await.unwrap_err();
    assert!(fault.starts_with("line 5: routes.rules[0].when"), "{fault}");
    let odd = import(app, "version = 1\nservice = 3\n", false)
        .await
        .unwrap_err();
    assert!(odd.contains("line 2"), "{odd}");
    let unsound = "version = 1\n[[destinations]]\nname = \"Chat\"\nchannel = \"slack_webhook\"\n\
                   enabled = true\n[destinations.fields]\nurl = \"https://hooks.example/x\"\n\
                   [destinations.settings]\nobservations = \"also\"\n\
                   [destinations.settings.timers]\nwait_ms = -1\n\
                   [[repositories]]\nname = \"acme/shop\"\nclone_path = \"shop.git\"\n";
    let fault = import(app, unsound, false).await.unwrap_err();
    for field in ["timers.wait_ms", "settings.observations", "clone_path"] {
        assert!(fault.contains(field), "{field}: {fault}");
    }
    let newer = import(app, "version = 9\n", false).await.unwrap_err();
    assert!(newer.contains("version 9"), "{newer}");
    assert_eq!(export(app).await, before);
}
