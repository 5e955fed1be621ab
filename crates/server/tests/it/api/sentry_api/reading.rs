//! Lists, and what belongs to whom.

use super::{ORGANIZATION, PROJECT, commit, make, put, refused, sha, stored};
use crate::support::{ADMIN_TOKEN, Answer, TestApp, logs};
use serde_json::json;

on_both_engines!(
    lists_are_read_page_by_page,
    a_project_sees_its_own_releases,
    what_is_not_served_says_so,
    requests_are_seen,
);

async fn lists_are_read_page_by_page(app: &TestApp) {
    for version in ["a@1", "a@2", "b@1"] {
        make(app, version).await;
        app.later(1);
    }
    let other = json!({"version": "a@3", "projects": ["other"]});
    app.api.post(ORGANIZATION, other).await.expect(201);
    let versions = |answer: &Answer| -> Vec<String> {
        let list = answer.json();
        let list = list.as_array().unwrap().iter();
        list.map(|one| one["version"].as_str().unwrap().to_owned())
            .collect()
    };
    for (query, expected) in [
        ("", vec!["a@3", "b@1", "a@2", "a@1"]),
        ("?project=-1", vec!["a@3", "b@1", "a@2", "a@1"]),
        ("?project=web", vec!["b@1", "a@2", "a@1"]),
        ("?project=web&query=a@", vec!["a@2", "a@1"]),
        ("?query=nothing", vec![]),
    ] {
        let answer = app
            .api
            .get(&format!("{ORGANIZATION}{query}"))
            .await
            .expect(200);
        assert_eq!(versions(&answer), expected, "{query}");
    }
    let mut seen = Vec::new();
    let mut path = format!("{PROJECT}?per_page=2&cursor=");
    for _ in 0..2 {
        let answer = app.api.get(&path).await.expect(200);
        seen.extend(versions(&answer));
        let link = answer.header("link").to_owned();
        let (before, after) = link.split_once(", ").unwrap();
        assert!(
            before.ends_with("rel=\"previous\"; results=\"false\"; cursor=\"\""),
            "{link}"
        );
        let has_more = after.contains("rel=\"next\"; results=\"true\"");
        assert_eq!(has_more, seen.len() < 3, "{link}");
        let next = after.trim_start_matches('<').split('>').next().unwrap();
        next.strip_prefix("http://epicenter.test")
            .unwrap()
            .clone_into(&mut path);
    }
    assert_eq!(seen, ["b@1", "a@2", "a@1"]);
    let list: Vec<_> = "abcde".chars().map(commit).collect();
    let one = format!("{ORGANIZATION}a@1/");
    put(&app.api, &one, json!({"commits": list}))
        .await
        .expect(200);
    let page = app
        .api
        .get(&format!("{one}commits/?per_page=2&cursor=4"))
        .await
        .expect(200);
    assert_eq!(page.json()[0]["id"], sha('e'));
    assert_eq!(page.json().as_array().unwrap().len(), 1);
    let page = app
        .api
        .get(&format!("{one}commits/?per_page=2"))
        .await
        .expect(200);
    assert!(
        page.header("link")
            .ends_with("results=\"true\"; cursor=\"2\""),
        "{page:?}"
    );
}

async fn a_project_sees_its_own_releases(app: &TestApp) {
    make(app, "a@1").await;
    let foreign = "/api/0/projects/acme/other/releases/a@1/";
    let end = json!({"dateReleased": "2026-03-02T10:00:00Z"});
    let deploy = json!({"environment": "production"});
    for answer in [
        app.api.get(foreign).await,
        put(&app.api, foreign, end.clone()).await,
        app.api.delete(foreign).await,
        app.api
            .post(&format!("{foreign}deploys/"), deploy.clone())
            .await,
        app.api.get(&format!("{foreign}commits/")).await,
        put(&app.api, &format!("{ORGANIZATION}nope/"), end).await,
        app.api
            .post(&format!("{ORGANIZATION}nope/deploys/"), deploy)
            .await,
        app.api
            .get(&format!("{ORGANIZATION}nope/previous-with-commits/"))
            .await,
    ] {
        let detail = refused(&answer, 404);
        assert!(detail.contains("sentry-cli releases new"), "{detail}");
    }
    assert!(stored(app, "a@1").await.unwrap().0.released_at.is_none());
    let here = format!("{PROJECT}a@1/");
    assert_eq!(app.api.one(&here).await["version"], "a@1");
    let any = "/api/0/organizations/whatever/releases/a@1/";
    assert_eq!(
        app.api.one(any).await["version"],
        "a@1",
        "any organisation is this one"
    );
}

async fn what_is_not_served_says_so(app: &TestApp) {
    for path in [
        "/api/0/organizations/acme/chunk-upload/",
        "/api/0/projects/acme/web/files/dsyms/",
        "/api/0/issues/",
        "/api/0/organizations/acme/releases/a@1/files/",
    ] {
        let detail = refused(&app.api.get(path).await, 404);
        assert!(
            detail.contains("`releases` and `deploys`"),
            "{path}: {detail}"
        );
    }
    let answer = app.api.patch(ORGANIZATION, json!({})).await;
    assert!(refused(&answer, 405).contains("PATCH"), "{answer:?}");
    let answer = app.api.get(&format!("{ORGANIZATION}%FF/")).await;
    refused(&answer, 400);
    app.api.get("/api/0").await.expect(200);
}

async fn requests_are_seen(app: &TestApp) {
    make(app, "seen@1").await;
    refused(&app.api.get(&format!("{ORGANIZATION}unseen@1/")).await, 404);
    let metrics = app.inside().metrics.text();
    for expected in [
        "route=\"/api/0/organizations/{org}/releases\",status=\"201\"} 1",
        "route=\"/api/0/organizations/{org}/releases/{version}\",status=\"404\"} 1",
    ] {
        assert!(metrics.contains(expected), "{expected}\n{metrics}");
    }
    let log = logs::text();
    let line = "sentry-cli asked GET /api/0/organizations/acme/releases/unseen@1/: 404";
    assert!(log.contains(line), "{line}");
    assert!(!log.contains(ADMIN_TOKEN), "a token in the log");
}
