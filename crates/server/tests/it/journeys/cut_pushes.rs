//! Pushes whose sender left commits out: they are completed through the host's API (FIELD §2).

use crate::support::app::id;
use crate::support::code_host::{FakeCodeHost, Told};
use crate::support::engine::OwnDatabase;
use crate::support::receiver::{Held, Reply};
use crate::support::{SECRET, TestApp, Webhook};
use epicenter::operations::complete_pushes::complete_due;
use epicenter::operations::rank_suspects::rank_due;
use epicenter_store::changes::cut_pushes;
use serde_json::{Value, json};

on_both_engines!(
    what_github_cut_is_fetched_and_ranked_anew,
    what_gitlab_cut_is_fetched,
    without_a_token_it_says_so_until_there_is_one,
    a_host_that_wants_rest_gets_it,
    a_failing_host_is_asked_again_and_then_left_alone,
    a_token_that_changes_during_a_question_is_asked_with,
    a_host_that_does_not_answer_holds_up_no_stop,
    a_new_branch_is_compared_with_the_main_one,
    a_code_host_is_set_up_without_showing_its_token,
);

const HOST_SECRET: &str = "the-secret-of-the-git-host";

/// Starts a server that may reach this machine.
async fn reach(app: &TestApp) -> TestApp {
    let database = OwnDatabase::new(app.engine).await.unwrap();
    TestApp::start_with(database, Some(SECRET), |config| {
        config.outbound.allowed_networks = vec!["127.0.0.1".to_owned()];
    })
    .await
}

/// The default integration of a kind gets its secret.
async fn connect(app: &TestApp, kind: &str) {
    let all = app.api.one("/api/v1/integrations").await;
    let all = all["items"].as_array().unwrap();
    let one = all.iter().find(|one| one["kind"] == kind).unwrap();
    let path = format!("/api/v1/integrations/{}/secrets", id(one));
    let secret = json!({"label": kind, "secret": HOST_SECRET});
    app.api.post(&path, secret).await.expect(201);
}

/// A history of that many commits after the first; one of them touched the file that breaks.
fn history(count: usize, guilty: usize) -> Vec<Told> {
    let path = |number| {
        if number == guilty {
            "shop/cart.py"
        } else {
            "docs/notes.md"
        }
    };
    (1..=count + 1)
        .map(|number| Told::new(number, path(number)))
        .collect()
}

fn listed(commits: &[Told]) -> Vec<Value> {
    commits
        .iter()
        .map(|one| {
            json!({"id": one.sha, "message": one.message, "timestamp": "2026-03-02T09:30:00Z",
                "added": [], "removed": [], "modified": [one.path],
                "author": {"name": "Kim Robot", "email": "kim@acme.example"}})
        })
        .collect()
}

/// GitHub's push of a history of which only these commits are listed.
fn github_push(history: &[Told], commits: &[Told]) -> Webhook {
    let body = json!({"ref": "refs/heads/main", "before": history[0].sha,
        "after": history.last().unwrap().sha, "forced": false, "deleted": false,
        "commits": listed(commits), "pusher": {"name": "kim"},
        "repository": {"full_name": "Acme/Shop", "html_url": "https://github.com/acme/shop",
            "default_branch": "main"}});
    github("push", body)
}

fn github(event: &str, body: Value) -> Webhook {
    let bytes = serde_json::to_vec(&body).unwrap();
    let signature = Webhook::signature(HOST_SECRET, &bytes);
    Webhook::bare(body)
        .raw(bytes)
        .unsigned()
        .to("/api/webhooks/github")
        .header("X-GitHub-Event", event)
        .header("X-Hub-Signature-256", format!("sha256={signature}"))
}

async fn set_up(app: &TestApp, place: Value) -> Value {
    let made = app.api.post("/api/v1/code-hosts", place).await.expect(201);
    assert!(!made.text.contains("robot"), "{}", made.text);
    made.json()
}

/// Completes what is due.
async fn complete(app: &TestApp) {
    app.later(2);
    complete_due(app.inside()).await.unwrap();
}

async fn waiting(app: &TestApp) -> Vec<Value> {
    app.api.all("/api/v1/cut-pushes").await
}

/// The only one that waits, and why.
async fn fault(app: &TestApp) -> (String, Option<String>) {
    let all = waiting(app).await;
    assert_eq!(all.len(), 1, "{all:#?}");
    let text = |key: &str| all[0][key].as_str().map(str::to_owned);
    (text("fault").unwrap_or_default(), text("due_at"))
}

async fn suspects(app: &TestApp) -> Value {
    app.later(3);
    while rank_due(app.inside()).await.unwrap() > 0 {}
    let incident = app.incident().await;
    let path = format!("/api/v1/incidents/{}/suspects", id(&incident));
    app.api.one(&path).await
}

// FIELD §2, GitHub `push`: at most 2,048 commits are listed.
async fn what_github_cut_is_fetched_and_ranked_anew(app: &TestApp) {
    let app = reach(app).await;
    let history = history(2_060, 2_055);
    let host = FakeCodeHost::start(history.clone()).await;
    connect(&app, "github").await;
    let push = app.apply(github_push(&history, &history[1..2_049])).await;
    let reason = push["verdict"]["reason"].as_str().unwrap();
    assert!(reason.contains("the sender listed only these"), "{reason}");
    let deployed = json!({"deployment": {"id": 1, "sha": history.last().unwrap().sha,
            "environment": "production", "created_at": "@now"},
        "deployment_status": {"state": "success"},
        "repository": {"full_name": "acme/shop"}, "sender": {"id": 5, "login": "kim"}});
    app.apply(github("deployment_status", deployed)).await;
    app.later(300);
    app.apply(Webhook::event_alert(42)).await;
    let before = suspects(&app).await;
    assert_eq!(before["convincing"], false, "{before:#}");
    assert_ne!(before["items"][0]["sha"], history[2_054].sha);
    let changes = app.api.all("/api/v1/changes").await;
    let push = changes.iter().find(|one| one["kind"] == "push").unwrap();
    let summary = "2048 commits to main; the sender listed only these";
    assert_eq!(push["summary"], summary);
    set_up(&app, host.github()).await;
    complete(&app).await;
    assert_eq!(waiting(&app).await, Vec::<Value>::new());
    let asked = host.receiver.take();
    let pages = asked.iter().filter(|one| one.path.contains("/compare/"));
    assert_eq!(pages.count(), 21);
    let files = asked.iter().filter(|one| one.path.contains("/commits/"));
    assert_eq!(
        files.count(),
        12,
        "only for those that the push did not list"
    );
    let after = suspects(&app).await;
    let first = &after["items"][0];
    assert_eq!(first["sha"], history[2_054].sha, "{after:#}");
    assert_eq!(first["files"], json!(["shop/cart.py"]));
    assert_eq!(first["author"], "Kim Robot");
    assert!(
        !after["why"].to_string().contains("listed only"),
        "{after:#}"
    );
    let changes = app.api.all("/api/v1/changes").await;
    let push = changes.iter().find(|one| one["kind"] == "push").unwrap();
    assert_eq!(push["summary"], "2060 commits to main");
    app.finish().await;
}

// FIELD §2, GitLab push: the newest 20 of `total_commits_count`.
async fn what_gitlab_cut_is_fetched(app: &TestApp) {
    let app = reach(app).await;
    let history = history(33, 5);
    let host = FakeCodeHost::start(history.clone()).await;
    connect(&app, "gitlab").await;
    set_up(&app, host.gitlab()).await;
    let body = json!({"object_kind": "push", "ref": "refs/heads/main", "before": history[0].sha,
        "after": history[33].sha, "user_id": 4, "user_name": "Kim",
        "project": {"id": 3, "path_with_namespace": "Acme/Web/Shop", "default_branch": "main",
            "web_url": "https://gitlab.com/acme/web/shop"},
        "commits": listed(&history[14..]), "total_commits_count": 33});
    let push = Webhook::bare(body)
        .unsigned()
        .to("/api/webhooks/gitlab")
        .header("X-Gitlab-Event", "Push Hook")
        .header("X-Gitlab-Token", HOST_SECRET);
    let push = app.apply(push).await;
    let reason = push["verdict"]["reason"].as_str().unwrap();
    assert!(reason.contains("only these of 33"), "{reason}");
    assert_eq!(waiting(&app).await[0]["commit_count"], 20);
    complete(&app).await;
    assert_eq!(waiting(&app).await, Vec::<Value>::new());
    let asked = host.receiver.take();
    assert_eq!(asked.len(), 1 + 13, "one comparison, and the diffs of 13");
    let deployed = json!({"version": "shop@1.4.0", "sha": history[33].sha, "project": "shop",
        "repository": "acme/web/shop"});
    app.api.post("/api/v1/deploys", deployed).await.expect(201);
    app.later(60);
    app.apply(Webhook::event_alert(42)).await;
    let found = suspects(&app).await;
    assert_eq!(found["candidate_count"], 33, "{found:#}");
    assert_eq!(found["items"][0]["sha"], history[4].sha, "{found:#}");
    app.finish().await;
}

async fn without_a_token_it_says_so_until_there_is_one(app: &TestApp) {
    let app = reach(app).await;
    let history = history(4, 3);
    let host = FakeCodeHost::start(history.clone()).await;
    connect(&app, "github").await;
    app.apply(github_push(&history, &history[1..3])).await;
    complete(&app).await;
    let (why, due) = fault(&app).await;
    assert_eq!(
        (why.as_str(), due),
        ("No token is set up for github.com.", None)
    );
    // The place of others does not hold for it.
    let mut other = host.github();
    other["place"] = json!("github.com/acm");
    set_up(&app, other).await;
    complete(&app).await;
    assert_eq!(fault(&app).await.0, "No token is set up for github.com.");
    assert_eq!(host.receiver.take().len(), 0);
    set_up(&app, host.github()).await;
    complete(&app).await;
    assert_eq!(waiting(&app).await, Vec::<Value>::new());
    app.finish().await;
}

async fn a_host_that_wants_rest_gets_it(app: &TestApp) {
    let app = reach(app).await;
    let history = history(4, 3);
    let host = FakeCodeHost::start(history.clone()).await;
    connect(&app, "github").await;
    set_up(&app, host.github()).await;
    app.apply(github_push(&history, &history[1..3])).await;
    // Five minutes after the beginning of all tests.
    let limited = Reply::status(403)
        .header("x-ratelimit-remaining", "0")
        .header("x-ratelimit-reset", "1772445900");
    host.receiver.once(limited);
    complete(&app).await;
    let (why, due) = fault(&app).await;
    assert_eq!(
        why,
        "GitHub has answered as many questions as it does for now."
    );
    assert_eq!(due.as_deref(), Some("2026-03-02T10:05:00.000Z"));
    let places = app.api.all("/api/v1/code-hosts").await;
    assert_eq!(places[0]["held_until"], "2026-03-02T10:05:00.000Z");
    host.receiver.take();
    // A retry that a person asks for waits, too.
    let retry = app.api.post("/api/v1/cut-pushes/retry", json!({})).await;
    retry.expect(204);
    complete(&app).await;
    assert_eq!(host.receiver.take().len(), 0, "it wants rest");
    app.later(300);
    complete(&app).await;
    assert_eq!(waiting(&app).await, Vec::<Value>::new());
    app.finish().await;
}

async fn a_failing_host_is_asked_again_and_then_left_alone(app: &TestApp) {
    let app = reach(app).await;
    let history = history(4, 3);
    let host = FakeCodeHost::start(history.clone()).await;
    connect(&app, "github").await;
    set_up(&app, host.github()).await;
    app.apply(github_push(&history, &history[1..3])).await;
    host.receiver.once(Reply::status(502));
    complete(&app).await;
    let (why, due) = fault(&app).await;
    assert_eq!(why, "GitHub answered 502: it has a problem of its own.");
    assert!(due.is_some());
    host.receiver.take();
    complete(&app).await;
    assert_eq!(host.receiver.take().len(), 0, "a minute is not over");
    app.later(60);
    host.receiver.once(Reply::status(401));
    complete(&app).await;
    let (why, due) = fault(&app).await;
    assert!(why.contains("it does not let us in"), "{why}");
    assert_eq!(due, None, "only another token helps");
    // The doctor tells of it, and what to do.
    let repositories = app.api.all("/api/v1/repositories").await;
    assert_eq!(repositories[0]["cut_push_fault"], why, "{repositories:#?}");
    set_up(&app, host.github()).await;
    host.receiver
        .once(Reply::status(200).body("{\"commits\": 7}"));
    complete(&app).await;
    assert_eq!(fault(&app).await.0, "GitHub's answer cannot be understood.");
    let retry = app.api.post("/api/v1/cut-pushes/retry", json!({})).await;
    retry.expect(204);
    complete(&app).await;
    assert_eq!(waiting(&app).await, Vec::<Value>::new());
    app.finish().await;
}

async fn a_token_that_changes_during_a_question_is_asked_with(app: &TestApp) {
    let app = reach(app).await;
    let history = history(4, 3);
    let host = FakeCodeHost::start(history.clone()).await;
    connect(&app, "github").await;
    let mut wrong = host.github();
    wrong["token"] = json!("of-another-robot");
    set_up(&app, wrong).await;
    app.apply(github_push(&history, &history[1..3])).await;
    let held = Held::default();
    host.receiver.once(Reply::status(401).held(&held));
    let save = async {
        held.arrived().await;
        set_up(&app, host.github()).await;
        held.release();
    };
    tokio::join!(complete(&app), save);
    assert!(fault(&app).await.1.is_some(), "it is asked again");
    complete(&app).await;
    assert_eq!(waiting(&app).await, Vec::<Value>::new());
    app.finish().await;
}

async fn a_host_that_does_not_answer_holds_up_no_stop(app: &TestApp) {
    let app = reach(app).await;
    let history = history(4, 3);
    let host = FakeCodeHost::start(history.clone()).await;
    connect(&app, "github").await;
    set_up(&app, host.github()).await;
    app.apply(github_push(&history, &history[1..3])).await;
    let held = Held::default();
    host.receiver.once(Reply::status(200).held(&held));
    let stop = async {
        held.arrived().await;
        app.inside().stop.cancel();
    };
    tokio::join!(complete(&app), stop);
    let mut tx = app.inside().database.read().await.unwrap();
    let left = cut_pushes::due(&mut tx, app.now(), 9).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(left.len(), 1, "the next start asks at once");
    let why = left[0].fault.as_deref().unwrap();
    assert_eq!(why, "The server was stopped before the host had answered.");
    app.finish().await;
}

async fn a_new_branch_is_compared_with_the_main_one(app: &TestApp) {
    let app = reach(app).await;
    let history = history(4, 3);
    let host = FakeCodeHost::start(history.clone()).await;
    connect(&app, "github").await;
    set_up(&app, host.github()).await;
    let push = |branch: &str| {
        let body = json!({"ref": format!("refs/heads/{branch}"), "before": "0".repeat(40),
            "after": history[4].sha, "forced": false, "deleted": false,
            "commits": listed(&history[1..3]), "pusher": {"name": "kim"},
            "repository": {"full_name": "acme/shop", "html_url": "https://github.com/acme/shop",
                "default_branch": "main"}});
        github("push", body)
    };
    app.apply(push("cart")).await;
    complete(&app).await;
    let first = host.receiver.take().remove(0);
    assert!(first.path.contains("/compare/main..."), "{}", first.path);
    app.apply(push("main")).await;
    complete(&app).await;
    let why = fault(&app).await.0;
    assert!(why.contains("nothing to compare it with"), "{why}");
    app.finish().await;
}

async fn a_code_host_is_set_up_without_showing_its_token(app: &TestApp) {
    let save = |body: Value| app.api.post("/api/v1/code-hosts", body);
    let usual = json!({"place": "https://GitHub.com/Acme/", "token": "ghp_robot"});
    let made = save(usual).await.expect(201);
    assert!(!made.text.contains("robot"), "{}", made.text);
    let made = made.json();
    assert_eq!(made["place"], "github.com/acme");
    assert_eq!(made["api_url"], "https://api.github.com");
    let cases = [
        (json!({"place": "github.com"}), "token"),
        (json!({"place": "a b", "token": "t"}), "place"),
        (
            json!({"place": "git.acme.example", "token": "t"}),
            "provider",
        ),
        (json!({"place": "github.com", "token": "a b"}), "token"),
        (
            json!({"place": "github.com", "token": "t", "provider": "svn"}),
            "provider",
        ),
        (
            json!({"place": "github.com", "token": "t", "api_url": "http://127.0.0.1/"}),
            "api_url",
        ),
        (
            json!({"place": "github.com/acme", "api_url": "https://evil.example"}),
            "token",
        ),
    ];
    for (body, field) in cases {
        let answer = save(body).await;
        answer.expect_problem(400, "invalid");
        assert!(answer.text.contains(field), "{field}: {}", answer.text);
    }
    // Without a token the one it has is kept.
    let again = save(json!({"place": "github.com/acme"})).await.expect(201);
    assert_eq!(again.json()["id"], made["id"]);
    let read_only = app.make_token("viewer").await;
    let viewer = app.api.with_token(Some(&read_only));
    let refused = viewer
        .post(
            "/api/v1/code-hosts",
            json!({"place": "gitlab.com", "token": "t"}),
        )
        .await;
    assert_eq!(refused.status.as_u16(), 403);
    let path = format!("/api/v1/code-hosts/{}", id(&made));
    app.api.delete(&path).await.expect(204);
    app.api.delete(&path).await.expect_problem(404, "not_found");
    assert_eq!(app.api.all("/api/v1/code-hosts").await, Vec::<Value>::new());
}
