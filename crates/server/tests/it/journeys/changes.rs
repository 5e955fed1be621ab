//! Deploys, their commits, and who is suspected when something breaks after them.

use crate::support::app::id;
use crate::support::{TestApp, Webhook};
use epicenter::operations::rank_suspects::rank_due;
use serde_json::{Value, json};

on_both_engines!(
    from_a_push_to_the_suspect,
    a_forged_push_is_refused,
    a_deploy_with_its_commits_names_the_suspect,
    a_deploy_that_is_told_late_is_ranked_anew,
    what_people_say_of_suspects_moves_them,
    the_repair_says_which_commit_was_at_fault,
    a_rollback_is_recognised_and_not_blamed,
    without_changes_it_says_what_is_missing,
    the_deploy_api_says_what_is_wrong,
    a_state_of_a_deploy_never_goes_back,
    repositories_are_linked_and_mapped,
);

pub(super) fn sha(letter: char) -> String {
    String::from(letter).repeat(40)
}

fn commit(letter: char, message: &str, file: &str) -> Value {
    json!({"id": sha(letter), "message": message, "author": "Robin",
        "timestamp": "2026-03-02T09:00:00Z", "files": [file]})
}

/// Three commits, one of which touched the file that breaks.
fn deploy() -> Value {
    json!({
        "version": "shop@1.4.0", "sha": sha('c'), "project": "shop", "repository": "acme/shop",
        "commits": [
            commit('c', "Explain the returns policy", "docs/returns.md"),
            commit('b', "Look prices up by sku", "shop/cart.py"),
            commit('a', "Warm the cache at start", "shop/cache.py"),
        ],
    })
}

async fn tell(app: &TestApp, body: Value) -> Value {
    app.api
        .post("/api/v1/deploys", body)
        .await
        .expect(201)
        .json()
}

/// Ranks what waits to be ranked.
pub(super) async fn rank(app: &TestApp) {
    app.later(3);
    while rank_due(app.inside()).await.unwrap() > 0 {}
}

pub(super) async fn suspects(app: &TestApp) -> Value {
    let incident = app.incident().await;
    let path = format!("/api/v1/incidents/{}/suspects", id(&incident));
    app.api.one(&path).await
}

const HOST_SECRET: &str = "the-secret-of-the-git-host";

/// The default GitHub integration with a secret of its own.
pub(super) async fn connect_github(app: &TestApp) {
    let all = app.api.one("/api/v1/integrations").await;
    let all = all["items"].as_array().unwrap();
    let github = all.iter().find(|one| one["kind"] == "github").unwrap();
    let path = format!("/api/v1/integrations/{}/secrets", id(github));
    let secret = json!({"label": "GitHub", "secret": HOST_SECRET});
    app.api.post(&path, secret).await.expect(201);
}

pub(super) fn github(event: &str, body: Value) -> Webhook {
    let bytes = serde_json::to_vec(&body).unwrap();
    let signature = Webhook::signature(HOST_SECRET, &bytes);
    Webhook::bare(body)
        .raw(bytes)
        .unsigned()
        .to("/api/webhooks/github")
        .header("X-GitHub-Event", event)
        .header("X-Hub-Signature-256", format!("sha256={signature}"))
}

pub(super) fn pushed(before: char, commits: &[(char, &str)]) -> Value {
    let listed: Vec<Value> = commits
        .iter()
        .map(|(letter, file)| {
            json!({"id": sha(*letter), "message": format!("Change {file}"),
                "timestamp": "2026-03-02T09:30:00Z", "added": [], "removed": [],
                "modified": [file], "url": format!("https://github.com/acme/shop/commit/{letter}"),
                "author": {"name": "Robin Roe", "email": "robin@acme.example", "username": "robin"}})
        })
        .collect();
    let head = commits.last().unwrap().0;
    json!({"ref": "refs/heads/main", "before": sha(before), "after": sha(head), "forced": false,
        "deleted": false, "commits": listed, "pusher": {"name": "robin"},
        "repository": {"full_name": "acme/shop", "html_url": "https://github.com/acme/shop",
            "default_branch": "main"}})
}

pub(super) fn deployed(number: u64, letter: char, state: &str) -> Value {
    json!({"deployment": {"id": number, "sha": sha(letter), "environment": "production",
            "created_at": "@now"},
        "deployment_status": {"state": state},
        "repository": {"full_name": "acme/shop"}, "sender": {"id": 5, "login": "robin"}})
}

// PL-19, PL-20, PL-22: GitHub's push and deployment, then Sentry's alert, then the suspect.
async fn from_a_push_to_the_suspect(app: &TestApp) {
    connect_github(app).await;
    let before = [('a', "shop/cart.py"), ('b', "README.md")];
    let delivery = app.apply(github("push", pushed('0', &before))).await;
    let verdict = &delivery["verdict"];
    assert_eq!(verdict["outcome"], "applied", "{delivery:#}");
    assert_eq!(
        verdict["reason"],
        "2 commits were pushed to main of acme/shop."
    );
    app.apply(github("deployment_status", deployed(1, 'b', "success")))
        .await;
    app.later(3_600);
    let now = [
        ('c', "shop/price.py"),
        ('d', "shop/cart.py"),
        ('e', "docs/cart.md"),
    ];
    let push = github("push", pushed('b', &now));
    app.apply(push.clone()).await;
    let again = app.apply(push).await;
    assert_eq!(
        again["verdict"]["outcome"], "duplicate",
        "the same push twice"
    );
    app.apply(github("deployment_status", deployed(2, 'e', "in_progress")))
        .await;
    app.later(60);
    app.apply(github("deployment_status", deployed(2, 'e', "success")))
        .await;
    app.later(300);
    // The event's release is known to nobody; the environment and the times are.
    app.apply(Webhook::event_alert(42)).await;
    rank(app).await;
    let found = suspects(app).await;
    assert_eq!(
        found["candidate_count"], 3,
        "only what the deploy brought: {found:#}"
    );
    let first = &found["items"][0];
    assert_eq!(
        (&first["sha"], &first["author"]),
        (&json!(sha('d')), &json!("Robin Roe"))
    );
    assert_eq!(first["url"], "https://github.com/acme/shop/commit/d");
    let deploys = app.api.all("/api/v1/deploys").await;
    assert_eq!(deploys.len(), 2);
    assert_eq!(found["deploy_id"], deploys[0]["id"]);
    assert_eq!(deploys[0]["previous_id"], deploys[1]["id"]);
    let changes = app.api.paged("/api/v1/changes", 2).await;
    assert_eq!(changes.len(), 4, "two deploys and two pushes: {changes:#?}");
}

async fn a_forged_push_is_refused(app: &TestApp) {
    let push = || github("push", pushed('0', &[('a', "x")]));
    let answer = app.send(push()).await;
    answer.expect_problem(401, "no_secret");
    connect_github(app).await;
    let forged = push().raw(b"{}".to_vec());
    app.send(forged)
        .await
        .expect_problem(401, "signature_mismatch");
    let unsigned = Webhook::bare(json!({}))
        .unsigned()
        .to("/api/webhooks/github");
    app.send(unsigned)
        .await
        .expect_problem(401, "signature_missing");
    let nowhere = push().to("/api/webhooks/bitbucket");
    app.send(nowhere).await.expect_problem(404, "not_found");
    assert!(app.api.all("/api/v1/changes").await.is_empty());
}

// PL-19, LF-24: the commit that touched the crashing file is named, with reasons.
async fn a_deploy_with_its_commits_names_the_suspect(app: &TestApp) {
    let deployed = tell(app, deploy()).await;
    app.later(240);
    app.apply(Webhook::event_alert(42)).await;
    rank(app).await;
    let found = suspects(app).await;
    let first = &found["items"][0];
    assert_eq!(first["sha"], sha('b'), "{found:#}");
    assert_eq!(
        (&first["rank"], &first["kind"], &first["author"]),
        (&json!(1), &json!("commit"), &json!("Robin"))
    );
    assert_eq!(first["files"], json!(["shop/cart.py"]));
    assert_eq!(first["deploy_id"], deployed["id"]);
    assert_eq!(found["deploy_id"], deployed["id"], "the parent");
    assert_eq!(found["candidate_count"], 3);
    let score = first["score"].as_i64().unwrap();
    assert!((1..=100).contains(&score), "{score}");
    let reasons = first["reasons"].as_array().unwrap();
    let touched = reasons.iter().any(|reason| reason["code"] == "frame_path");
    assert!(touched, "{reasons:#?}");
    let told = reasons
        .iter()
        .all(|reason| !reason["text"].as_str().unwrap().is_empty());
    assert!(told, "{reasons:#?}");
}

async fn a_deploy_that_is_told_late_is_ranked_anew(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    rank(app).await;
    let before = suspects(app).await;
    assert_eq!(before["items"], json!([]));
    let mut late = deploy();
    late["finished_at"] = json!("2026-03-02T09:58:00Z");
    tell(app, late).await;
    rank(app).await;
    let after = suspects(app).await;
    assert_eq!(after["items"][0]["sha"], sha('b'), "{after:#}");
}

async fn what_people_say_of_suspects_moves_them(app: &TestApp) {
    tell(app, deploy()).await;
    app.apply(Webhook::event_alert(42)).await;
    rank(app).await;
    let incident = app.incident().await;
    let path = format!("/api/v1/incidents/{}/suspects", id(&incident));
    let feedback = format!("{path}/1/feedback");
    let say = |verdict: &str| app.api.post(&feedback, json!({"verdict": verdict}));
    say("maybe").await.expect_problem(400, "invalid");
    let dismissed = say("innocent").await.expect(200).json();
    let is_first = dismissed["items"][0]["sha"] == sha('b');
    assert!(!is_first, "dismissed, but still first: {dismissed:#}");
    let nowhere = format!("{path}/99/feedback");
    app.api
        .post(&nowhere, json!({"verdict": "guilty"}))
        .await
        .expect_problem(404, "not_found");
    let story = app.story(&incident).await;
    assert!(story.contains(&"suspect.dismissed".to_owned()), "{story:?}");
}

// Sentry's resolved-in-commit: the fix takes a commit back, so that one was it.
async fn the_repair_says_which_commit_was_at_fault(app: &TestApp) {
    connect_github(app).await;
    tell(app, deploy()).await;
    app.apply(Webhook::event_alert(42)).await;
    rank(app).await;
    let before = suspects(app).await;
    assert_ne!(before["items"][0]["sha"], sha('a'), "{before:#}");
    app.later(600);
    let mut push = pushed('c', &[('f', "shop/cache.py")]);
    let message = format!("Do not warm the cache\n\nThis reverts commit {}.", sha('a'));
    push["commits"][0]["message"] = json!(message);
    app.apply(github("push", push)).await;
    let resolved = Webhook::issue("resolved", 42)
        .set(
            "/data/issue/statusDetails",
            json!({"inCommit": {"id": sha('f')}}),
        )
        .set("/data/resolution_type", "in_commit");
    app.apply(resolved).await;
    rank(app).await;
    let after = suspects(app).await;
    let first = &after["items"][0];
    assert_eq!(first["sha"], sha('a'), "{after:#}");
    let incident = app.incident().await;
    let story = app.story(&incident).await;
    let told = |story: &[String]| {
        story
            .iter()
            .filter(|kind| *kind == "suspect.confirmed")
            .count()
    };
    assert_eq!(told(&story), 1, "{story:?}");
    // It is learned once.
    app.apply(Webhook::event_alert(42)).await;
    rank(app).await;
    let story = app.story(&app.incident().await).await;
    assert_eq!(told(&story), 1, "{story:?}");
}

async fn a_rollback_is_recognised_and_not_blamed(app: &TestApp) {
    let old = tell(app, json!({"version": "shop@1.3.0", "project": "shop"})).await;
    app.later(600);
    let bad = tell(app, json!({"version": "shop@1.4.0", "project": "shop"})).await;
    app.later(600);
    let back = tell(
        app,
        json!({"version": "shop@1.3.0", "project": "shop", "key": "back"}),
    )
    .await;
    assert_eq!(back["previous_id"], bad["id"]);
    assert_eq!(back["rollback_to_id"], old["id"]);
    assert_eq!(bad["rollback_to_id"], Value::Null);
    app.later(60);
    // An event of the version that is live again.
    let alert = Webhook::event_alert(42).set("/data/event/release", "shop@1.3.0");
    app.apply(alert).await;
    rank(app).await;
    let found = suspects(app).await;
    let text = found["items"][0]["reasons"][0]["text"].as_str().unwrap();
    assert!(text.contains("rollback"), "{found:#}");
    assert_eq!(found["convincing"], false);
}

async fn without_changes_it_says_what_is_missing(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    rank(app).await;
    let found = suspects(app).await;
    assert_eq!(
        (&found["items"], &found["convincing"]),
        (&json!([]), &json!(false))
    );
    let why = found["why"].as_array().unwrap();
    assert!(!why.is_empty());
    let told = |text: &str| why.iter().any(|line| line.as_str().unwrap().contains(text));
    assert!(told("No deploy is known"), "{why:?}");
    assert!(told("No repository is linked"), "{why:?}");
    for line in why {
        assert!(line.as_str().unwrap().ends_with('.'), "a sentence: {line}");
    }
}

async fn the_deploy_api_says_what_is_wrong(app: &TestApp) {
    let cases = [
        (json!({}), "version"),
        (json!({"sha": "not hex"}), "sha"),
        (json!({"version": "1", "status": "done"}), "status"),
        (
            json!({"version": "1", "started_at": "yesterday"}),
            "started_at",
        ),
        (json!({"version": "1", "url": "javascript:alert(1)"}), "url"),
        (json!({"version": "1", "repository": " "}), "repository"),
        (
            json!({"version": "1", "commits": [{"id": "zz"}]}),
            "commits.id",
        ),
    ];
    for (body, field) in cases {
        let answer = app.api.post("/api/v1/deploys", body).await;
        answer.expect_problem(400, "invalid");
        assert!(answer.text.contains(field), "{field}: {}", answer.text);
    }
    assert!(app.api.all("/api/v1/deploys").await.is_empty());
    let read_only = app.make_token("viewer").await;
    let viewer = app.api.with_token(Some(&read_only));
    let refused = viewer.post("/api/v1/deploys", deploy()).await;
    assert_eq!(refused.status.as_u16(), 403);
}

async fn a_state_of_a_deploy_never_goes_back(app: &TestApp) {
    let body = |status: &str| json!({"version": "1.0", "key": "k", "status": status});
    let states = [
        ("started", "started"),
        ("succeeded", "succeeded"),
        ("started", "succeeded"),
        ("inactive", "inactive"),
        ("succeeded", "inactive"),
    ];
    for (told, is) in states {
        let deploy = tell(app, body(told)).await;
        assert_eq!(deploy["status"], is, "after {told}");
    }
    assert_eq!(app.api.all("/api/v1/deploys").await.len(), 1);
    let release = app.api.one("/api/v1/releases/1.0").await;
    assert_eq!(release["version"], "1.0");
    let changes = app.api.all("/api/v1/changes").await;
    assert_eq!(changes[0]["kind"], "deploy");
}

async fn repositories_are_linked_and_mapped(app: &TestApp) {
    let made = app
        .api
        .post(
            "/api/v1/repositories",
            json!({"name": "https://github.com/Acme/Shop.git"}),
        )
        .await
        .expect(201)
        .json();
    assert_eq!(made["name"], "acme/shop");
    let services = app.api.one("/api/v1/services").await;
    let service = &services["items"][0]["id"];
    let path = format!("/api/v1/repositories/{}", id(&made));
    let linked = app
        .api
        .patch(&path, json!({"services": [service]}))
        .await
        .expect(200)
        .json();
    assert_eq!(linked["services"], json!([service]));
    app.api
        .patch(&path, json!({"clone_path": "relative/path"}))
        .await
        .expect_problem(400, "invalid");
    let mapping = json!({"project": "shop", "repository_id": made["id"],
        "stack_prefix": "shop/", "source_prefix": "backend/shop/"});
    let mapping = app
        .api
        .post("/api/v1/code-mappings", mapping)
        .await
        .expect(201)
        .json();
    assert_eq!(mapping["confirmed"], true);
    // The deploy names no repository: it is the service's only one; its file is found by the rule.
    let mut told = deploy();
    told["repository"] = Value::Null;
    told["commits"][1]["files"] = json!(["backend/shop/cart.py"]);
    told["commits"][2]["files"] = json!(["other/shop/cart.py"]);
    tell(app, told).await;
    app.apply(Webhook::event_alert(42)).await;
    rank(app).await;
    let found = suspects(app).await;
    assert_eq!(found["items"][0]["sha"], sha('b'), "{found:#}");
    let gone = format!("/api/v1/code-mappings/{}", id(&mapping));
    app.api.delete(&gone).await.expect(204);
    app.api.delete(&gone).await.expect_problem(404, "not_found");
}
