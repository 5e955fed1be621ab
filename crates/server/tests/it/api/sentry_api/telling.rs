//! Releases, commits and deploys as they are told.

use super::{ORGANIZATION, PROJECT, commit, deploys_of, make, put, sha, stored};
use crate::support::{Answer, Engine, TestApp};
use epicenter_store::changes::repositories;
use reqwest::Method;
use serde_json::{Value, json};

on_both_engines!(
    recorded_requests_are_answered,
    a_release_is_told_in_pieces,
    commits_are_kept_with_their_files,
    commits_belong_to_the_repository_of_the_project,
    a_list_of_commits_can_be_cleared,
    deploys_told_twice_are_one,
    wrong_clocks_are_tolerated,
);

/// As recorded, in the order of a real run, and with the other family of routes.
async fn recorded_requests_are_answered(app: &TestApp) {
    let one = "/api/0/organizations/acme/releases/a@1/";
    let started = "2026-11-21T02:31:15.189215127Z";
    let new = json!({"version": "a@1", "projects": ["web", 12], "dateStarted": started});
    let again = json!({"version": "a@1", "projects": ["web"]});
    let archive = |status: &str| json!({"version": "a@1", "projects": [], "status": status});
    let end = json!({"projects": ["web"], "dateReleased": "2026-11-21T02:31:16.076410547Z"});
    let list = json!({"commits": [commit('b'), commit('a')]});
    let range = json!({"refs": [{"repository": "acme/shop", "commit": "bbb",
        "previousCommit": "aaa"}]});
    let deploy = json!({"environment": "prod", "name": null, "url": null, "dateStarted": null,
        "dateFinished": "2026-11-21T02:33:08.228946789Z"});
    let deploys = format!("{one}deploys/");
    let of_project = format!("{PROJECT}a@1/");
    for (method, path, body, status) in [
        ("GET", "/api/0/", None, 200),
        ("POST", ORGANIZATION, Some(&new), 201),
        ("GET", "/api/0/organizations/acme/repos/?cursor=", None, 200),
        ("POST", ORGANIZATION, Some(&again), 208),
        ("POST", PROJECT, Some(&again), 208),
        ("GET", &format!("{one}previous-with-commits/"), None, 200),
        ("PUT", one, Some(&list), 200),
        ("PUT", one, Some(&range), 200),
        ("PUT", one, Some(&json!({"refs": []})), 200),
        ("PUT", one, Some(&end), 200),
        ("PUT", &of_project, Some(&end), 200),
        ("POST", &deploys, Some(&deploy), 201),
        ("POST", &format!("{of_project}deploys/"), Some(&deploy), 201),
        ("GET", &deploys, None, 200),
        ("GET", ORGANIZATION, None, 200),
        ("GET", PROJECT, None, 200),
        ("GET", one, None, 200),
        ("GET", &format!("{one}commits/"), None, 200),
        ("GET", &format!("{of_project}commits"), None, 200),
        ("POST", ORGANIZATION, Some(&archive("archived")), 208),
        ("POST", ORGANIZATION, Some(&archive("open")), 208),
        ("DELETE", &of_project, None, 204),
        ("DELETE", one, None, 404),
        ("GET", one, None, 404),
    ] {
        let method: Method = method.parse().unwrap();
        let mut request = app.api.request(method.clone(), path);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(
            answer.status.as_u16(),
            status,
            "{method} {path}: {answer:?}"
        );
        if status != 204 {
            // sentry-cli refuses everything else.
            assert_eq!(
                answer.header("content-type"),
                "application/json",
                "{method} {path}"
            );
            answer.json();
        }
    }
}

async fn a_release_is_told_in_pieces(app: &TestApp) {
    let version = "shop@1.2.3+β 4";
    let path = format!("{ORGANIZATION}shop@1.2.3%2B%CE%B2%204/");
    let made = make(app, version).await;
    assert_eq!(made["version"], version);
    assert_eq!(made["dateCreated"], "2026-03-02T10:00:00.000Z");
    assert_eq!(
        (&made["dateReleased"], &made["lastCommit"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(made["projects"], json!([{"slug": "web", "name": "web"}]));
    app.later(60);
    let body = json!({"version": version, "projects": [4_505], "url": "https://ci.example/5"});
    let known = app.api.post(ORGANIZATION, body).await.expect(208).json();
    assert_eq!(known["dateCreated"], made["dateCreated"]);
    assert_eq!(known["projects"].as_array().unwrap().len(), 2);
    let body = json!({"dateReleased": "2026-03-02T10:02:00.123456789+00:00"});
    let done = put(&app.api, &path, body).await.expect(200).json();
    assert_eq!(done["dateReleased"], "2026-03-02T10:02:00.123Z");
    assert_eq!(done["url"], "https://ci.example/5");
    for status in ["archived", "open"] {
        let body = json!({"status": status});
        let changed = put(&app.api, &path, body).await.expect(200).json();
        assert_eq!(changed["status"], status);
    }
    assert_eq!(
        app.api.get(&path).await.expect(200).json()["url"],
        "https://ci.example/5"
    );
    app.api.delete(&path).await.expect(204);
    assert!(stored(app, version).await.is_none());
}

async fn commits_are_kept_with_their_files(app: &TestApp) {
    make(app, "a@1").await;
    let path = format!("{ORGANIZATION}a@1/");
    let body = json!({"commits": [commit('b'), {"id": sha('a')}]});
    let told = put(&app.api, &path, body).await.expect(200).json();
    assert_eq!(told["lastCommit"]["id"], sha('b'));
    let (_, listed) = stored(app, "a@1").await.unwrap();
    let [newest, bare] = &listed[..] else {
        panic!("{listed:#?}");
    };
    let files = newest.fact.files.as_deref().unwrap();
    let files: Vec<_> = files
        .iter()
        .map(|file| (file.path.as_str(), file.kind))
        .collect();
    insta::assert_debug_snapshot!(files, @r#"
    [
        (
            "a.txt",
            Removed,
        ),
        (
            "ünï.txt",
            Added,
        ),
        (
            "src/main.rs",
            Modified,
        ),
    ]
    "#);
    assert_eq!(newest.fact.message, "Look prices up\n\nby sku");
    assert_eq!(newest.fact.author, "Ann Dev");
    let at = newest.fact.authored_at.unwrap().rfc3339();
    assert_eq!(at, "2026-01-02T01:04:05.000Z");
    assert!(
        !format!("{listed:?}").contains("harbor.example"),
        "{listed:#?}"
    );
    let key = newest.fact.author_key.as_str();
    assert!(key.len() == 16 && key != "ann dev", "a hash: {key}");
    assert_eq!((bare.fact.sha.clone(), &bare.fact.files), (sha('a'), &None));
    if app.engine == Engine::Sqlite {
        for file in app.files() {
            let bytes = std::fs::read(&file).unwrap().to_ascii_lowercase();
            let found = bytes
                .windows(18)
                .any(|piece| piece == b"ann@harbor.example");
            assert!(!found, "an address in {}", file.display());
        }
    }
    let list = app.api.one(&format!("{path}commits/")).await;
    assert_eq!(list[0]["id"], sha('b'));
    assert_eq!(list[0]["author"]["name"], "Ann Dev");
    assert_eq!(list.as_array().unwrap().len(), 2);
    app.later(60);
    make(app, "a@2").await;
    let before = format!("{ORGANIZATION}a@2/previous-with-commits/");
    let before = app.api.one(&before).await;
    assert_eq!(before["version"], "a@1");
    assert_eq!(
        before["lastCommit"]["id"],
        sha('b'),
        "sentry-cli walks back to it"
    );
}

async fn commits_belong_to_the_repository_of_the_project(app: &TestApp) {
    let service = json!({"name": "Web", "sentry_projects": ["web"]});
    let service = app
        .api
        .post("/api/v1/services", service)
        .await
        .expect(201)
        .json();
    let made = json!({"name": "acme/shop"});
    let made = app
        .api
        .post("/api/v1/repositories", made)
        .await
        .expect(201)
        .json();
    let path = format!("/api/v1/repositories/{}", made["id"].as_str().unwrap());
    let link = json!({"services": [service["id"]]});
    app.api.patch(&path, link).await.expect(200);
    make(app, "a@1").await;
    make(app, "a@2").await;
    let mut named = commit('c');
    named["repository"] = json!("Acme/Other");
    let range = json!([{"repository": "git@git.example:acme/third.git", "commit": sha('d'),
        "previousCommit": null}]);
    for (body, name, version) in [
        (json!({"commits": [commit('b')]}), "acme/shop", "a@1"),
        (json!({"commits": [named]}), "acme/other", "a@2"),
        (json!({"refs": range}), "acme/third", "a@2"),
    ] {
        put(&app.api, &format!("{ORGANIZATION}{version}/"), body)
            .await
            .expect(200);
        let (release, _) = stored(app, version).await.unwrap();
        let mut tx = app.inside().database.read().await.unwrap();
        let all = repositories::list(&mut tx, 1).await.unwrap();
        tx.rollback().await.unwrap();
        let found = all.iter().find(|one| Some(one.id) == release.repository_id);
        assert_eq!(found.unwrap().name, name);
    }
    let (release, _) = stored(app, "a@2").await.unwrap();
    assert_eq!(release.sha, Some(sha('d')));
}

async fn a_list_of_commits_can_be_cleared(app: &TestApp) {
    make(app, "a@1").await;
    let path = format!("{ORGANIZATION}a@1/");
    for clear in [json!({"refs": []}), json!({"commits": []})] {
        put(&app.api, &path, json!({"commits": [commit('b')]}))
            .await
            .expect(200);
        assert_eq!(stored(app, "a@1").await.unwrap().1.len(), 1);
        let cleared = put(&app.api, &path, clear).await.expect(200).json();
        assert_eq!(cleared["lastCommit"], Value::Null);
        let (release, listed) = stored(app, "a@1").await.unwrap();
        assert_eq!((release.has_commits, listed.len()), (false, 0));
    }
    // Nothing to clear, and nobody knows a repository.
    make(app, "b@1").await;
    put(
        &app.api,
        &format!("{ORGANIZATION}b@1/"),
        json!({"refs": []}),
    )
    .await
    .expect(200);
    assert!(!stored(app, "b@1").await.unwrap().0.has_commits);
}

async fn deploys_told_twice_are_one(app: &TestApp) {
    make(app, "a@1").await;
    let path = format!("{ORGANIZATION}a@1/deploys/");
    let sent = json!({"environment": "Production", "name": "deploy 7", "url": "http://x.example",
        "dateStarted": "2026-03-02T09:58:00Z", "dateFinished": "2026-03-02T09:59:30.5Z"});
    let told = app.api.post(&path, sent.clone()).await.expect(201).json();
    assert_eq!(told["environment"], "production");
    assert_eq!(told["dateFinished"], "2026-03-02T09:59:30.500Z");
    app.later(60);
    let again = app.api.post(&path, sent.clone()).await.expect(201).json();
    assert_eq!(again, told, "a retry");
    let mut other = sent;
    other["dateFinished"] = json!("2026-03-02T10:00:30Z");
    app.api.post(&path, other).await.expect(201);
    let [second, first] = &deploys_of(app, "a@1").await[..] else {
        panic!("{:#?}", deploys_of(app, "a@1").await);
    };
    assert!(first.dedup_key.starts_with("cli-"), "{}", first.dedup_key);
    assert_eq!(
        first.project.as_deref(),
        Some("web"),
        "the only project of the release"
    );
    assert_eq!(second.previous_id, Some(first.id), "one line");
    // Without any time it is live when it is first told.
    let plain = json!({"environment": "staging"});
    let told = app.api.post(&path, plain.clone()).await.expect(201).json();
    assert_eq!(told["dateFinished"], "2026-03-02T10:01:00.000Z");
    app.later(60);
    assert_eq!(app.api.post(&path, plain).await.expect(201).json(), told);
    let list = app.api.one(&path).await;
    let shown: Vec<_> = list.as_array().unwrap().iter().collect();
    assert_eq!(shown.len(), 3, "{list:#}");
    assert_eq!(shown[0]["environment"], "staging");
    let release = app.api.one(&format!("{ORGANIZATION}a@1/")).await;
    assert_eq!(release["lastDeploy"]["environment"], "staging");
}

async fn wrong_clocks_are_tolerated(app: &TestApp) {
    let body = json!({"version": "a@1", "projects": ["web"], "dateStarted": "2099-01-01T00:00:00Z",
        "dateReleased": "1999-01-01T00:00:00Z"});
    let made = app.api.post(ORGANIZATION, body).await.expect(201).json();
    assert_eq!(
        made["dateCreated"], "2026-03-02T10:00:00.000Z",
        "ours, for the order"
    );
    assert_eq!(made["dateReleased"], "1999-01-01T00:00:00.000Z", "as sent");
    let path = format!("{ORGANIZATION}a@1/deploys/");
    let body = json!({"environment": "production", "dateFinished": "2099-01-01T00:00:00Z"});
    let told = app.api.post(&path, body).await.expect(201).json();
    assert_eq!(told["dateFinished"], "2099-01-01T00:00:00.000Z", "as sent");
    let found = deploys_of(app, "a@1").await;
    assert_eq!(found[0].at, app.now(), "never after it was told");
}
