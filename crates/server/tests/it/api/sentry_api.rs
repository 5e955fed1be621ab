//! `/api/0/`: what each route answers, with the requests that sentry-cli was seen to send.

use crate::support::{Answer, Api, TestApp, logs};
use async_compression::tokio::bufread::GzipEncoder;
use epicenter_store::changes::commits::{self, CommitRecord, Owner};
use epicenter_store::changes::deploys::{self, DeployRecord};
use epicenter_store::changes::releases::{self, ReleaseRecord};
use epicenter_store::changes::repositories;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

on_both_engines!(
    recorded_requests_are_answered,
    a_release_is_told_in_pieces,
    commits_are_kept_with_their_files,
    commits_belong_to_the_repository_of_the_project,
    a_list_of_commits_can_be_cleared,
    deploys_told_twice_are_one,
    wrong_clocks_are_tolerated,
    lists_are_read_page_by_page,
    what_is_wrong_is_named,
    a_project_sees_its_own_releases,
    tokens_may_do_what_their_role_says,
    large_bodies_have_an_end,
    what_is_not_served_says_so,
    requests_are_seen,
);

const ORGANIZATION: &str = "/api/0/organizations/acme/releases/";
const PROJECT: &str = "/api/0/projects/acme/web/releases/";

fn sha(letter: char) -> String {
    String::from(letter).repeat(40)
}

fn commit(letter: char) -> Value {
    json!({
        "patch_set": [{"path": "a.txt", "type": "D"}, {"path": "/ünï.txt", "type": "A"},
            {"path": "src/main.rs", "type": "M"}],
        "repository": "origin", "author_name": "Ann Dev", "author_email": "Ann@harbor.example",
        "timestamp": "2026-01-02T03:04:05+02:00", "message": "Look prices up\n\nby sku\n",
        "id": sha(letter),
    })
}

/// It must be an error as Sentry writes them. Answers its sentence.
#[track_caller]
fn refused(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(
        answer.header("content-type"),
        "application/json",
        "{answer:?}"
    );
    let said = answer.json();
    assert_eq!(
        said.as_object().unwrap().len(),
        1,
        "sentry-cli prints no other: {said}"
    );
    said["detail"].as_str().unwrap().to_owned()
}

async fn put(api: &Api, path: &str, body: Value) -> Answer {
    api.call(Method::PUT, path, &body).await
}

async fn make(app: &TestApp, version: &str) -> Value {
    let body = json!({"version": version, "projects": ["web"]});
    app.api.post(ORGANIZATION, body).await.expect(201).json()
}

async fn stored(app: &TestApp, version: &str) -> Option<(ReleaseRecord, Vec<CommitRecord>)> {
    let mut tx = app.inside().database.read().await.unwrap();
    let release = releases::by_version(&mut tx, 1, version).await.unwrap()?;
    let ids = commits::ids_of(&mut tx, Owner::Release(release.id), 100)
        .await
        .unwrap();
    let listed = commits::by_ids(&mut tx, &ids).await.unwrap();
    tx.rollback().await.unwrap();
    Some((release, listed))
}

async fn deploys_of(app: &TestApp, version: &str) -> Vec<DeployRecord> {
    let mut tx = app.inside().database.read().await.unwrap();
    let found = deploys::of_version(&mut tx, 1, version, 100).await.unwrap();
    tx.rollback().await.unwrap();
    found
}

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
    if app.engine == crate::support::Engine::Sqlite {
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

async fn what_is_wrong_is_named(app: &TestApp) {
    make(app, "a@1").await;
    let one = format!("{ORGANIZATION}a@1/");
    let deploys = format!("{one}deploys/");
    let long = |count: usize| "x".repeat(count);
    let with = |name: &str, value: Value| {
        let mut commit = commit('b');
        commit[name] = value;
        json!({"commits": [commit_of(), commit]})
    };
    for (method, path, body, field) in [
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
        ("PUT", &one, json!({"dateReleased": "soon"}), "dateReleased"),
        ("PUT", &one, json!({"status": "closed"}), "status"),
        ("PUT", &one, json!({"url": "javascript:alert(1)"}), "url"),
        ("PUT", &one, with("id", json!("v1.2")), "commits[1].id"),
        ("PUT", &one, with("id", json!(long(65))), "commits[1].id"),
        ("PUT", &one, with("id", Value::Null), "commits[1].id"),
        (
            "PUT",
            &one,
            with("author_name", json!(long(129))),
            "commits[1].author_name",
        ),
        (
            "PUT",
            &one,
            with("author_email", json!(long(201))),
            "commits[1].author_email",
        ),
        (
            "PUT",
            &one,
            with("repository", json!(long(65))),
            "commits[1].repository",
        ),
        (
            "PUT",
            &one,
            with("timestamp", json!("now")),
            "commits[1].timestamp",
        ),
        (
            "PUT",
            &one,
            with("patch_set", json!([{"path": long(511), "type": "A"}])),
            "commits[1].patch_set[0].path",
        ),
        (
            "PUT",
            &one,
            with("patch_set", json!([{"path": "a", "type": "R"}])),
            "commits[1].patch_set[0].type",
        ),
        (
            "PUT",
            &one,
            with("patch_set", json!([{"path": 7}])),
            "commits[1].patch_set[0].path",
        ),
        (
            "PUT",
            &one,
            json!({"refs": [{"repository": long(201), "commit": "b"}]}),
            "refs[0].repository",
        ),
        (
            "PUT",
            &one,
            json!({"refs": [{"repository": "a/b"}]}),
            "refs[0].commit",
        ),
        (
            "PUT",
            &one,
            json!({"commits": vec![json!({}); 10_001]}),
            "commits",
        ),
        ("POST", &deploys, json!({"name": "x"}), "environment"),
        (
            "POST",
            &deploys,
            json!({"environment": long(65)}),
            "environment",
        ),
        (
            "POST",
            &deploys,
            json!({"environment": "x", "name": long(65)}),
            "name",
        ),
        (
            "POST",
            &deploys,
            json!({"environment": "x", "url": "ci/5"}),
            "url",
        ),
    ] {
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
    assert!(
        !log.contains(crate::support::ADMIN_TOKEN),
        "a token in the log"
    );
}
