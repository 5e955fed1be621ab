//! Changes that are odd, late or wrong: nothing is lost, everything is shown, the doctor explains.

use super::changes::{connect_github, deployed, github, pushed, rank, sha, suspects};
use crate::support::person::Person;
use crate::support::{TestApp, Webhook};
use serde_json::{Value, json};

on_both_engines!(
    odd_pushes_end_in_a_verdict_that_says_what_they_are,
    a_deploy_that_comes_before_its_commits_gets_them,
    a_repository_that_nobody_linked_is_shown_and_the_doctor_says_so,
);

fn with(mut push: Value, changes: &Value) -> Value {
    for (key, value) in changes.as_object().unwrap() {
        push[key] = value.clone();
    }
    push
}

/// What one push came to: outcome and sentence.
async fn verdict(app: &TestApp, push: Value) -> (String, String) {
    let delivery = app.apply(github("push", push)).await;
    let told = |key: &str| delivery["verdict"][key].as_str().unwrap().to_owned();
    (told("outcome"), told("reason"))
}

#[expect(clippy::too_many_lines, reason = "a table of cases")]
async fn odd_pushes_end_in_a_verdict_that_says_what_they_are(app: &TestApp) {
    connect_github(app).await;
    let zero = "0".repeat(40);
    let plain = || pushed('0', &[('a', "shop/cart.py")]);
    let odd = |letter: char, name: &str| pushed('a', &[(letter, name)]);
    let future = {
        let mut push = pushed('b', &[('c', "shop/price.py")]);
        push["commits"][0]["timestamp"] = json!("2199-01-01T00:00:00Z");
        push
    };
    for (what, push, outcome, says) in [
        ("plain", plain(), "applied", "1 commit was pushed to main"),
        ("the same", plain(), "duplicate", ""),
        (
            "forced",
            with(
                plain(),
                &json!({"forced": true, "after": sha('d'), "before": sha('e')}),
            ),
            "applied",
            "",
        ),
        (
            "a deleted branch",
            with(
                plain(),
                &json!({"deleted": true, "after": zero, "commits": []}),
            ),
            "applied",
            "",
        ),
        (
            "empty",
            with(
                plain(),
                &json!({"commits": [], "before": sha('a'), "after": sha('a')}),
            ),
            "applied",
            "",
        ),
        // Not UTF-8 where it comes from: JSON carries the replacement sign.
        (
            "an odd path",
            odd('b', "shop/caf\u{fffd}.py"),
            "applied",
            "1 commit",
        ),
        (
            "a path that climbs",
            odd('7', "../../etc/passwd"),
            "applied",
            "1 commit",
        ),
        ("a clock from the future", future, "applied", "1 commit"),
        (
            "commits that are none",
            with(
                plain(),
                &json!({"commits": [7, null, {"id": "no sha"}], "after": sha('f')}),
            ),
            "applied",
            "",
        ),
        ("no push at all", json!({"ref": 7}), "not_understood", ""),
    ] {
        let (found, reason) = verdict(app, push).await;
        assert_eq!(found, outcome, "{what}: {reason}");
        assert!(reason.contains(says), "{what}: {reason}");
        assert!(!reason.is_empty(), "{what}");
    }
    let changes = app.api.all("/api/v1/changes").await;
    let summaries: Vec<_> = changes.iter().map(|one| one["summary"].clone()).collect();
    assert_eq!(
        summaries.len(),
        8,
        "all but the second of the same: {summaries:?}"
    );
    assert!(
        summaries.contains(&json!("main was deleted")),
        "{summaries:?}"
    );
}

async fn a_deploy_that_comes_before_its_commits_gets_them(app: &TestApp) {
    connect_github(app).await;
    let before = [('a', "README.md")];
    app.apply(github("push", pushed('0', &before))).await;
    app.apply(github("deployment_status", deployed(1, 'a', "success")))
        .await;
    app.later(600);
    app.apply(github("deployment_status", deployed(2, 'c', "success")))
        .await;
    app.later(60);
    let late = [('b', "shop/price.py"), ('c', "shop/cart.py")];
    app.apply(github("push", pushed('a', &late))).await;
    app.later(300);
    app.apply(Webhook::event_alert(42)).await;
    rank(app).await;
    let found = suspects(app).await;
    assert_eq!(found["candidate_count"], 2, "{found:#}");
    assert_eq!(found["items"][0]["sha"], sha('c'), "{found:#}");
}

async fn a_repository_that_nobody_linked_is_shown_and_the_doctor_says_so(app: &TestApp) {
    connect_github(app).await;
    let push = pushed('0', &[('a', "shop/cart.py")]);
    app.apply(github("push", push)).await;
    let repositories = app.api.all("/api/v1/repositories").await;
    let shop = repositories.iter().find(|one| one["name"] == "acme/shop");
    let shop = shop.unwrap_or_else(|| panic!("{repositories:#?}"));
    assert_eq!(shop["services"], json!([]), "{shop:#}");
    app.apply(Webhook::event_alert(42)).await;
    let ada = Person::arrive(app, "ada", "responder").await;
    let page = ada.page(app, "/settings/repositories").await;
    for words in ["acme/shop", "No repository is linked to its service."] {
        assert!(page.contains(words), "{words}: {page}");
    }
}
