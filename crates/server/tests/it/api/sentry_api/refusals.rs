//! What is refused, and how.

use super::{ORGANIZATION, commit, make, put, refused, sha, stored};
use crate::support::{Answer, TestApp};
use async_compression::tokio::bufread::GzipEncoder;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

on_both_engines!(
    what_is_wrong_is_named,
    tokens_may_do_what_their_role_says,
    strangers_and_wrong_wishes_are_refused,
    large_bodies_have_an_end,
);

type Wrong<'a> = (&'static str, &'a str, Value, &'static str);

#[expect(clippy::too_many_lines, reason = "a table")]
fn wrong<'a>(one: &'a str, deploys: &'a str) -> Vec<Wrong<'a>> {
    let long = |count: usize| "x".repeat(count);
    let with = |name: &str, value: Value| {
        let mut commit = commit('b');
        commit[name] = value;
        json!({"commits": [commit_of(), commit]})
    };
    vec![
        (
            "POST",
            ORGANIZATION,
            json!({"projects": ["web"]}),
            "version",
        ),
        (
            "POST",
            ORGANIZATION,
            json!({"version": long(201)}),
            "version",
        ),
        ("POST", ORGANIZATION, json!({"version": "a/b"}), "version"),
        ("POST", ORGANIZATION, json!({"version": ".."}), "version"),
        ("POST", ORGANIZATION, json!({"version": 7}), "version"),
        (
            "POST",
            ORGANIZATION,
            json!({"version": "b", "projects": ["a", " "]}),
            "projects[1]",
        ),
        (
            "POST",
            ORGANIZATION,
            json!({"version": "b", "projects": [true]}),
            "projects[0]",
        ),
        (
            "POST",
            ORGANIZATION,
            json!({"version": "b", "dateStarted": "soon"}),
            "dateStarted",
        ),
        ("PUT", one, json!({"dateReleased": "soon"}), "dateReleased"),
        ("PUT", one, json!({"status": "closed"}), "status"),
        ("PUT", one, json!({"url": "javascript:alert(1)"}), "url"),
        ("PUT", one, with("id", json!("v1.2")), "commits[1].id"),
        ("PUT", one, with("id", json!(long(65))), "commits[1].id"),
        ("PUT", one, with("id", Value::Null), "commits[1].id"),
        (
            "PUT",
            one,
            with("author_name", json!(long(129))),
            "commits[1].author_name",
        ),
        (
            "PUT",
            one,
            with("author_email", json!(long(201))),
            "commits[1].author_email",
        ),
        (
            "PUT",
            one,
            with("repository", json!(long(65))),
            "commits[1].repository",
        ),
        (
            "PUT",
            one,
            with("timestamp", json!("now")),
            "commits[1].timestamp",
        ),
        (
            "PUT",
            one,
            with("patch_set", json!([{"path": long(511), "type": "A"}])),
            "commits[1].patch_set[0].path",
        ),
        (
            "PUT",
            one,
            with("patch_set", json!([{"path": "a", "type": "R"}])),
            "commits[1].patch_set[0].type",
        ),
        (
            "PUT",
            one,
            with("patch_set", json!([{"path": 7}])),
            "commits[1].patch_set[0].path",
        ),
        (
            "PUT",
            one,
            json!({"refs": [{"repository": long(201), "commit": "b"}]}),
            "refs[0].repository",
        ),
        (
            "PUT",
            one,
            json!({"refs": [{"repository": "a/b"}]}),
            "refs[0].commit",
        ),
        (
            "PUT",
            one,
            json!({"commits": vec![json!({}); 10_001]}),
            "commits",
        ),
        ("POST", deploys, json!({"name": "x"}), "environment"),
        (
            "POST",
            deploys,
            json!({"environment": long(65)}),
            "environment",
        ),
        (
            "POST",
            deploys,
            json!({"environment": "x", "name": long(65)}),
            "name",
        ),
        (
            "POST",
            deploys,
            json!({"environment": "x", "url": "ci/5"}),
            "url",
        ),
    ]
}

async fn what_is_wrong_is_named(app: &TestApp) {
    make(app, "a@1").await;
    let one = format!("{ORGANIZATION}a@1/");
    let deploys = format!("{one}deploys/");
    for (method, path, body, field) in wrong(&one, &deploys) {
        let answer = app.api.call(method.parse().unwrap(), path, &body).await;
        let detail = refused(&answer, 400);
        let named = detail.strip_prefix("body: ").unwrap_or(&detail);
        assert!(
            named.starts_with(&format!("{field}: ")),
            "{field}: {detail}"
        );
    }
    let request = app.api.request(Method::PUT, &one).body("{");
    let answer = Answer::of(request.send().await.unwrap()).await;
    assert!(refused(&answer, 400).starts_with("body: "), "{answer:?}");
    let (release, listed) = stored(app, "a@1").await.unwrap();
    assert_eq!(
        (release.url, listed.len()),
        (None, 0),
        "nothing of it was kept"
    );
    // What is odd, but not wrong.
    let odd = json!({"commits": [{"id": sha('b'), "message": "a\u{0}b", "patch_set": null,
        "author_name": null, "author_email": "nobody", "unknown": {}}], "more": 1});
    put(&app.api, &one, odd).await.expect(200);
    assert_eq!(stored(app, "a@1").await.unwrap().1[0].fact.message, "ab");
}

fn commit_of() -> Value {
    json!({"id": sha('a')})
}

async fn tokens_may_do_what_their_role_says(app: &TestApp) {
    let new = json!({"version": "a@1", "projects": ["web"]});
    let wanted = json!({"name": "ci", "kind": "sentry_cli"});
    let made = app
        .api
        .post("/api/v1/tokens", wanted)
        .await
        .expect(201)
        .json();
    let token = made["token"].as_str().unwrap();
    assert!(token.starts_with("sntrys_"), "{token}");
    let tokens = app.api.all("/api/v1/tokens").await;
    assert_eq!(tokens[0]["role"], "deployer");
    let deployer = app.api.with_token(Some(token));
    deployer.post(ORGANIZATION, new.clone()).await.expect(201);
    let info = deployer.one("/api/0/").await;
    assert_eq!(info["auth"]["scopes"], json!(["org:ci"]));
    let deploy = json!({"version": "a@1"});
    deployer.post("/api/v1/deploys", deploy).await.expect(201);
    deployer
        .get("/api/v1/incidents")
        .await
        .expect_problem(403, "forbidden");
    deployer
        .get("/api/v1/releases")
        .await
        .expect_problem(403, "forbidden");
    let more = json!({"name": "more"});
    deployer
        .post("/api/v1/tokens", more)
        .await
        .expect_problem(403, "forbidden");
    for role in ["viewer", "responder"] {
        let token = app.make_token(role).await;
        let api = app.api.with_token(Some(&token));
        api.get(ORGANIZATION).await.expect(200);
        let answer = api.post(ORGANIZATION, new.clone()).await;
        if role == "viewer" {
            refused(&answer, 403);
            let shown = api.one("/api/0/").await;
            assert_eq!(shown["auth"]["scopes"], json!(["org:read"]));
        } else {
            answer.expect(208);
        }
    }
}

async fn strangers_and_wrong_wishes_are_refused(app: &TestApp) {
    let new = json!({"version": "a@1", "projects": ["web"]});
    for token in [None, Some("sntrys_stranger"), Some("")] {
        let api = app.api.with_token(token);
        for answer in [
            api.get("/api/0/").await,
            api.post(ORGANIZATION, new.clone()).await,
        ] {
            assert!(
                refused(&answer, 401).starts_with("Invalid token"),
                "{answer:?}"
            );
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
    for wrong in [
        json!({"name": "ci", "kind": "other"}),
        json!({"name": "ci", "kind": "sentry_cli", "role": "admin"}),
        json!({"name": "ci", "role": "king"}),
    ] {
        app.api
            .post("/api/v1/tokens", wrong)
            .await
            .expect_problem(400, "invalid");
    }
    let person = json!({"email": "mira@harbor.example", "name": "Mira", "role": "deployer",
        "password": "long enough to pass"});
    app.api
        .post("/api/v1/users", person)
        .await
        .expect_problem(400, "invalid");
}

async fn large_bodies_have_an_end(app: &TestApp) {
    make(app, "a@1").await;
    let path = format!("{ORGANIZATION}a@1/");
    let mut large = commit('b');
    large["message"] = json!("x".repeat(24 << 20));
    put(&app.api, &path, json!({"commits": [large]}))
        .await
        .expect(200);
    let kept = stored(app, "a@1").await.unwrap().1[0].fact.message.len();
    assert!(kept < 9_000, "cut: {kept}");
    let plain = vec![b' '; (25 << 20) + 1];
    let mut packed = Vec::new();
    GzipEncoder::new(&plain[..])
        .read_to_end(&mut packed)
        .await
        .unwrap();
    let bomb = app
        .api
        .request(Method::PUT, &path)
        .header("content-encoding", "gzip")
        .body(packed);
    let answer = Answer::of(bomb.send().await.unwrap()).await;
    assert!(refused(&answer, 413).contains("25 MiB"), "{answer:?}");
    let mut packed = Vec::new();
    let small = json!({"status": "archived"}).to_string();
    GzipEncoder::new(small.as_bytes())
        .read_to_end(&mut packed)
        .await
        .unwrap();
    let request = app
        .api
        .request(Method::PUT, &path)
        .header("content-encoding", "gzip")
        .body(packed);
    let answer = Answer::of(request.send().await.unwrap()).await;
    assert_eq!(answer.expect(200).json()["status"], "archived");
}
