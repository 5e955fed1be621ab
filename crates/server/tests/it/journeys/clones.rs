//! A clone on the server's machine: who wrote the line that failed, without any push or deploy.

use crate::support::app::id;
use crate::support::person::Person;
use crate::support::{GitRepository, TestApp, Webhook};
use epicenter::operations::rank_suspects::rank_due;
use epicenter_store::changes::{commits, repositories};
use serde_json::{Value, json};

on_both_engines!(
    the_line_of_the_stack_names_who_wrote_it,
    a_clone_brings_the_commits_between_two_deploys,
    the_page_of_a_deploy_lists_what_only_the_clone_has,
    a_push_without_lines_is_completed,
    what_is_wrong_with_a_clone_is_said,
    a_commit_that_was_not_fetched_is_said,
    personal_data_of_a_clone_is_not_kept,
    a_clone_proposes_code_mappings,
);

/// The file of the stack: line 88 is in `add_line`, `price` stands in it.
fn cart(price: &str) -> String {
    let step = |number: u32| format!("def step_{number}():\n    return {number}\n\n");
    let steps: Vec<String> = (0..28).map(step).collect();
    let last = format!("def add_line(cart, sku):\n    {price}\n    return cart\n");
    let text = format!("import prices\n\n{}{last}", steps.concat());
    assert_eq!(text.lines().nth(87).unwrap().trim(), price, "line 88");
    text
}

/// A history in which the third of five commits wrote the line.
struct History {
    repository: GitRepository,
    shas: Vec<String>,
}

fn history(path: &str) -> History {
    let mut repository = GitRepository::new();
    let shas = vec![
        repository.commit("Begin", path, &cart("cart.add(sku)")),
        repository.commit("Explain returns", "docs/returns.md", "Within 30 days.\n"),
        repository.commit("Read it by name", path, &cart("cart.add(prices.of[sku])")),
        repository.commit("Warm the cache", "shop/cache.py", "def warm():\n    pass\n"),
        repository.commit("Spell it right", "docs/returns.md", "Within thirty days.\n"),
    ];
    History { repository, shas }
}

/// Makes `acme/shop` known, with its clone and the service that it makes.
async fn connect(app: &TestApp, path: &str) -> Value {
    let made = app
        .api
        .post("/api/v1/repositories", json!({"name": "acme/shop"}))
        .await
        .expect(201)
        .json();
    let services = app.api.one("/api/v1/services").await;
    let change = json!({"services": [services["items"][0]["id"]], "clone_path": path});
    let here = format!("/api/v1/repositories/{}", id(&made));
    app.api.patch(&here, change).await.expect(200).json()
}

async fn suspects(app: &TestApp) -> Value {
    app.later(3);
    while rank_due(app.inside()).await.unwrap() > 0 {}
    let incident = app.incident().await;
    let path = format!("/api/v1/incidents/{}/suspects", id(&incident));
    app.api.one(&path).await
}

fn reasons(suspect: &Value) -> Vec<&str> {
    let reasons = suspect["reasons"].as_array().unwrap();
    reasons
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect()
}

fn why(found: &Value) -> String {
    found["why"].to_string()
}

async fn the_line_of_the_stack_names_who_wrote_it(app: &TestApp) {
    let History { repository, shas } = history("shop/cart.py");
    connect(app, repository.path()).await;
    let alert = Webhook::event_alert(42).set("/data/event/release", shas[4].as_str());
    app.apply(alert).await;
    let found = suspects(app).await;
    assert_eq!(
        found["candidate_count"], 5,
        "all commits up to it: {found:#}"
    );
    let first = &found["items"][0];
    assert_eq!(first["sha"], shas[2].as_str(), "{found:#}");
    assert_eq!(first["author"], "Robin Roe");
    for code in [
        "line_blame",
        "function_blame",
        "function_log",
        "changed_line",
    ] {
        assert!(reasons(first).contains(&code), "{code} of {first:#}");
    }
    assert!(why(&found).contains("What was live before"), "{found:#}");
    let again = app.api.one("/api/v1/repositories").await;
    assert_eq!(again["items"][0]["clone_fault"], Value::Null);
}

async fn a_clone_brings_the_commits_between_two_deploys(app: &TestApp) {
    let History { repository, shas } = history("backend/shop/cart.py");
    connect(app, repository.path()).await;
    for sha in [&shas[1], &shas[4]] {
        let deploy = json!({"sha": sha, "project": "shop", "repository": "acme/shop"});
        app.api.post("/api/v1/deploys", deploy).await.expect(201);
        app.later(600);
    }
    app.apply(Webhook::event_alert(42)).await;
    let found = suspects(app).await;
    assert_eq!(
        found["candidate_count"], 3,
        "what the deploy brought: {found:#}"
    );
    let first = &found["items"][0];
    assert_eq!(first["sha"], shas[2].as_str(), "{found:#}");
    // The stack says shop/cart.py: one file ends like that.
    assert!(reasons(first).contains(&"line_blame"), "{first:#}");
    assert!(
        !why(&found).contains("never pushed"),
        "the clone has it: {found:#}"
    );
}

async fn the_page_of_a_deploy_lists_what_only_the_clone_has(app: &TestApp) {
    let History { repository, shas } = history("shop/cart.py");
    let known = connect(app, repository.path()).await;
    let mut deploys = Vec::new();
    for (sha, version) in [(&shas[1], "1.0"), (&shas[4], "1.1")] {
        let deploy = json!({"sha": sha, "version": version, "project": "shop",
            "repository": "acme/shop"});
        let made = app.api.post("/api/v1/deploys", deploy).await.expect(201);
        deploys.push(id(&made.json()).to_owned());
        app.later(600);
    }
    let person = Person::arrive(app, "ann", "viewer").await;
    for address in [
        format!("/changes/deploys/{}", deploys[1]),
        "/changes/releases/1.1".to_owned(),
    ] {
        let page = person.page(app, &address).await;
        for there in ["Read it by name", "Warm the cache", "Spell it right"] {
            assert!(page.contains(there), "{there} on {address}");
        }
        assert!(!page.contains("Explain returns"), "it was live before");
        assert!(!page.contains("was never pushed here"), "{address}");
    }
    let first = format!("/changes/deploys/{}", deploys[0]);
    let page = person.page(app, &first).await;
    assert!(page.contains("Explain returns") && page.contains("Begin"));
    assert!(page.contains("What was live before"), "nobody knows");
    // Without its clone it says what is missing, and with a wrong one why that does not help.
    let here = format!("/api/v1/repositories/{}", id(&known));
    for (path, told) in [("", "never pushed here"), ("/nowhere", "does not help")] {
        let change = json!({"clone_path": path});
        app.api.patch(&here, change).await.expect(200);
        let page = person.page(app, &first).await;
        assert!(page.contains(told), "{told}");
        assert!(!page.contains("Explain returns"));
    }
}

async fn a_push_without_lines_is_completed(app: &TestApp) {
    let History { repository, shas } = history("shop/cart.py");
    connect(app, repository.path()).await;
    let commits: Vec<Value> = [4, 3, 2]
        .map(
            |at: usize| json!({"id": shas[at], "message": "Sent without files", "author": "Robin"}),
        )
        .to_vec();
    let deploy = json!({"sha": shas[4], "project": "shop", "repository": "acme/shop",
        "commits": commits});
    app.api.post("/api/v1/deploys", deploy).await.expect(201);
    app.apply(Webhook::event_alert(42)).await;
    let found = suspects(app).await;
    assert_eq!(
        found["candidate_count"], 3,
        "the list of the deploy holds: {found:#}"
    );
    let first = &found["items"][0];
    assert_eq!(first["sha"], shas[2].as_str(), "{found:#}");
    assert!(reasons(first).contains(&"changed_line"), "{first:#}");
    assert_eq!(first["files"], json!(["shop/cart.py"]));
}

async fn what_is_wrong_with_a_clone_is_said(app: &TestApp) {
    let History { repository, shas } = history("shop/cart.py");
    let gone = format!("{}/gone", repository.path());
    let made = connect(app, &gone).await;
    let fault = made["clone_fault"].as_str().unwrap();
    assert!(fault.starts_with("There is no folder"), "{fault}");
    let alert = Webhook::event_alert(42).set("/data/event/release", shas[4].as_str());
    app.apply(alert).await;
    assert!(why(&suspects(app).await).contains("There is no folder"));
    let here = format!("/api/v1/repositories/{}", id(&made));
    let change = json!({"clone_path": repository.path()});
    let mended = app.api.patch(&here, change).await.expect(200).json();
    assert_eq!(mended["clone_fault"], Value::Null);
    repository.git(&[
        "remote",
        "set-url",
        "origin",
        "git@host.example:acme/other.git",
    ]);
    let other = app.api.one("/api/v1/repositories").await;
    let fault = other["items"][0]["clone_fault"].as_str().unwrap();
    assert!(fault.contains("acme/other"), "{fault}");
}

async fn a_commit_that_was_not_fetched_is_said(app: &TestApp) {
    let History { repository, .. } = history("shop/cart.py");
    connect(app, repository.path()).await;
    let absent = "fedcba9876".repeat(4);
    let deploy = json!({"sha": absent, "project": "shop", "repository": "acme/shop"});
    app.api.post("/api/v1/deploys", deploy).await.expect(201);
    app.apply(Webhook::event_alert(42)).await;
    let found = suspects(app).await;
    assert!(why(&found).contains("not fetched yet"), "{found:#}");
    let person = Person::arrive(app, "ann", "viewer").await;
    let page = person.page(app, "/settings/repositories").await;
    assert!(page.contains("The commit that was deployed last is not in its clone."));
}

/// What a clone brings is scrubbed like what is sent.
async fn personal_data_of_a_clone_is_not_kept(app: &TestApp) {
    let mut repository = GitRepository::new();
    let text = cart("cart.add(sku) # ask kim@acme.example");
    let message = "Add it\n\nCo-authored-by: Kim <kim@acme.example>";
    let sha = repository.commit(message, "shop/cart.py", &text);
    connect(app, repository.path()).await;
    let alert = Webhook::event_alert(42).set("/data/event/release", sha.as_str());
    app.apply(alert).await;
    let found = suspects(app).await;
    let commit = &found["items"][0];
    assert_eq!(commit["sha"], sha.as_str(), "{found:#}");
    let mut tx = app.inside().database.read().await.unwrap();
    let repositories = repositories::list(&mut tx, 1).await.unwrap();
    let stored = commits::by_sha(&mut tx, repositories[0].id, &sha)
        .await
        .unwrap();
    tx.rollback().await.unwrap();
    let fact = stored.unwrap().fact;
    assert!(fact.message.contains("[email]"), "{}", fact.message);
    assert!(!format!("{fact:?}").contains("kim@"), "{fact:?}");
}

async fn a_clone_proposes_code_mappings(app: &TestApp) {
    let History { repository, .. } = history("backend/shop/cart.py");
    connect(app, repository.path()).await;
    app.apply(Webhook::event_alert(42)).await;
    let proposals = app.api.one("/api/v1/code-mapping-proposals").await;
    let proposal = &proposals["items"][0];
    assert_eq!(proposal["project"], "shop", "{proposals:#}");
    assert_eq!(proposal["stack_prefix"], "");
    assert_eq!(proposal["source_prefix"], "backend/");
    let none = app.api.one("/api/v1/code-mappings").await;
    assert_eq!(
        none["items"],
        json!([]),
        "nothing holds before somebody said so"
    );
    let accepted = json!({"project": proposal["project"],
        "repository_id": proposal["repository_id"],
        "stack_prefix": proposal["stack_prefix"], "source_prefix": proposal["source_prefix"]});
    app.api
        .post("/api/v1/code-mappings", accepted)
        .await
        .expect(201);
    let proposals = app.api.one("/api/v1/code-mapping-proposals").await;
    assert_eq!(proposals["items"], json!([]), "{proposals:#}");
}
