//! The real sentry-cli, unmodified, of both major versions that people use, against this server.
//! It comes from npm and is kept below the build folder.

mod program;
mod workplace;

use crate::support::app::id;
use crate::support::{TestApp, Webhook};
use epicenter::operations::rank_suspects::rank_due;
use epicenter_domain::change::FileChangeKind;
use epicenter_store::changes::commits::{self, CommitRecord, Owner};
use epicenter_store::changes::deploys::{self, DeployRecord};
use epicenter_store::changes::releases::{self, ReleaseRecord};
use epicenter_store::changes::repositories;
use serde_json::{Value, json};
use workplace::Workplace;

on_both_engines!(version_2, version_3);

async fn version_2(app: &TestApp) {
    journey(app, 2).await;
}

async fn version_3(app: &TestApp) {
    journey(app, 3).await;
}

/// A CI job from its first release to a deploy that breaks something.
async fn journey(app: &TestApp, major: u8) {
    let ci = Workplace::new(app, major);
    link_repository(app).await;
    a_token_is_all_it_needs(app, &ci);
    let first = "shop@1.3.0+7 β";
    the_first_release(app, &ci, first).await;
    what_it_prints(app, &ci, first).await;
    app.later(600);
    the_next_release(app, &ci, first).await;
    a_deploy_and_its_suspect(app, &ci).await;
    what_goes_wrong(&ci);
    deleting(app, &ci, first).await;
}

async fn link_repository(app: &TestApp) {
    let service = json!({"name": "Shop", "sentry_projects": ["shop"]});
    let service = app
        .api
        .post("/api/v1/services", service)
        .await
        .expect(201)
        .json();
    let made = json!({"name": "git@github.com:Acme/Shop.git"});
    let made = app
        .api
        .post("/api/v1/repositories", made)
        .await
        .expect(201)
        .json();
    let path = format!("/api/v1/repositories/{}", id(&made));
    let link = json!({"services": [service["id"]]});
    app.api.patch(&path, link).await.expect(200);
}

async fn release(app: &TestApp, version: &str) -> Option<(ReleaseRecord, Vec<CommitRecord>)> {
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

/// The files of a commit, as git would write them.
fn files(commit: &CommitRecord) -> Vec<String> {
    let files = commit.fact.files.as_deref().unwrap();
    let mut lines: Vec<_> = files
        .iter()
        .map(|file| {
            let letter = match file.kind {
                FileChangeKind::Added => 'A',
                FileChangeKind::Modified => 'M',
                FileChangeKind::Removed => 'D',
                FileChangeKind::Renamed => 'R',
            };
            format!("{letter} {}", file.path)
        })
        .collect();
    lines.sort();
    lines
}

fn messages(listed: &[CommitRecord]) -> Vec<&str> {
    listed
        .iter()
        .map(|commit| commit.fact.message.as_str())
        .collect()
}

fn a_token_is_all_it_needs(app: &TestApp, ci: &Workplace) {
    let said = ci.succeeds(&["info"]);
    let url = format!("http://{}", app.running().address);
    assert!(said.contains(&url), "the token says where to go: {said}");
    assert!(said.contains("org:ci"), "{said}");
}

async fn the_first_release(app: &TestApp, ci: &Workplace, version: &str) {
    ci.commit(
        "Begin\n",
        &[("a.txt", "a\n"), ("shop/cart.py", "pass\n")],
        &[],
    );
    ci.commit("Rename a thing", &[("ünï.txt", "a\n")], &["a.txt"]);
    let said = ci.succeeds(&["releases", "new", version, "--url", "https://ci.example/5"]);
    assert!(
        said.contains(&format!("Created release {version}")),
        "{said}"
    );
    let (made, listed) = release(app, version).await.unwrap();
    assert_eq!(made.url.as_deref(), Some("https://ci.example/5"));
    assert_eq!(
        (made.released_at, made.is_archived, listed.len()),
        (None, false, 0)
    );
    assert!(made.actor.starts_with("build (token)"), "{}", made.actor);
    for arguments in [
        &["--auto"][..],
        &["--local"],
        // Without repositories of Sentry's own both are the same as the two above.
        &["--commit", "Acme/Shop@HEAD"],
        &["--clear"],
    ] {
        let command = [&["releases", "set-commits", version][..], arguments].concat();
        let said = ci.succeeds(&command);
        assert!(
            said.contains("Success! Set commits for release"),
            "{arguments:?}: {said}"
        );
        let (made, listed) = release(app, version).await.unwrap();
        assert_eq!(
            messages(&listed),
            ["Rename a thing", "Begin"],
            "{arguments:?}"
        );
        assert_eq!(made.sha, Some(ci.head()), "{arguments:?}");
    }
    let (made, listed) = release(app, version).await.unwrap();
    assert_eq!(files(&listed[0]), ["A ünï.txt", "D a.txt"], "a rename");
    assert_eq!(files(&listed[1]), ["A a.txt", "A shop/cart.py"]);
    assert_eq!(listed[0].fact.author, "Ann Dev");
    assert!(
        !format!("{listed:?}").contains(workplace::EMAIL),
        "{listed:#?}"
    );
    let mut tx = app.inside().database.read().await.unwrap();
    let all = repositories::list(&mut tx, 1).await.unwrap();
    tx.rollback().await.unwrap();
    let names: Vec<_> = all.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(
        names,
        ["acme/shop"],
        "`origin` is the repository of the project"
    );
    assert_eq!(made.repository_id, Some(all[0].id));
    let said = ci.succeeds(&["releases", "finalize", version]);
    assert!(
        said.contains(&format!("Finalized release {version}")),
        "{said}"
    );
    assert!(release(app, version).await.unwrap().0.released_at.is_some());
}

async fn what_it_prints(app: &TestApp, ci: &Workplace, version: &str) {
    let said = ci.succeeds(&["releases", "list"]);
    assert!(said.contains(version), "{said}");
    let show = [
        "releases",
        "info",
        "--show-projects",
        "--show-commits",
        version,
    ];
    let said = ci.succeeds(&show);
    for expected in [version, &ci.head(), "shop"] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let said = ci.succeeds(&["releases", "archive", version]);
    assert!(
        said.contains(&format!("Archived release {version}")),
        "{said}"
    );
    assert!(release(app, version).await.unwrap().0.is_archived);
    let said = ci.succeeds(&["releases", "restore", version]);
    assert!(
        said.contains(&format!("Restored release {version}")),
        "{said}"
    );
    assert!(!release(app, version).await.unwrap().0.is_archived);
}

async fn the_next_release(app: &TestApp, ci: &Workplace, first: &str) {
    ci.commit(
        "Look prices up by sku",
        &[("shop/cart.py", "prices[sku]\n")],
        &[],
    );
    let version = "shop@1.4.0";
    ci.succeeds(&["releases", "new", "--finalize", version]);
    assert!(release(app, version).await.unwrap().0.released_at.is_some());
    let said = ci.succeeds(&["releases", "set-commits", version, "--auto"]);
    assert!(
        !said.contains("Could not find the previous commit"),
        "{said}"
    );
    let (_, listed) = release(app, version).await.unwrap();
    assert_eq!(
        messages(&listed),
        ["Look prices up by sku"],
        "those since {first}"
    );
    assert_eq!(files(&listed[0]), ["M shop/cart.py"]);
}

/// LF-24: what CI told explains what breaks.
async fn a_deploy_and_its_suspect(app: &TestApp, ci: &Workplace) {
    let version = "shop@1.4.0";
    let put = [
        "-e",
        "Production",
        "-n",
        "deploy 7",
        "-t",
        "30",
        "-u",
        "https://ci.example/7",
    ];
    let said = ci.succeeds(&[&["deploys", "new", "-r", version][..], &put].concat());
    assert!(
        said.contains("Created new deploy deploy 7 for 'production'"),
        "{said}"
    );
    let minimal = ["releases", "deploys", version, "new", "-e", "staging"];
    let said = ci.succeeds(&minimal);
    assert!(said.contains("for 'staging'"), "{said}");
    let found = deploys_of(app, version).await;
    assert_eq!(found.len(), 2, "{found:#?}");
    let live = found
        .iter()
        .find(|one| one.environment == "production")
        .unwrap();
    assert_eq!(
        (live.name.as_deref(), live.project.as_deref()),
        (Some("deploy 7"), Some("shop"))
    );
    assert_eq!(live.url.as_deref(), Some("https://ci.example/7"));
    assert_eq!(live.sha, Some(ci.head()), "by its release");
    assert!(
        live.service_id.is_some() && live.repository_id.is_some(),
        "{live:#?}"
    );
    let took = live.finished_at.unwrap().since_ms(live.started_at.unwrap());
    assert_eq!(took, 30_000);
    assert_eq!(live.at, app.now(), "the clock of CI is months ahead");
    for list in [
        &["deploys", "list", "-r", version][..],
        &["releases", "deploys", version, "list"],
    ] {
        let said = ci.succeeds(list);
        assert!(
            said.contains("production") && said.contains("deploy 7"),
            "{said}"
        );
        assert!(said.contains("staging"), "{said}");
    }
    app.later(240);
    app.apply(Webhook::event_alert(42)).await;
    app.later(3);
    while rank_due(app.inside()).await.unwrap() > 0 {}
    let incident = app.incident().await;
    let suspects = format!("/api/v1/incidents/{}/suspects", id(&incident));
    let suspects = app.api.one(&suspects).await;
    assert_eq!(
        suspects["items"][0]["sha"],
        Value::from(ci.head()),
        "{suspects:#}"
    );
}

fn what_goes_wrong(ci: &Workplace) {
    ci.fails(&["releases", "info", "nope"]);
    let said = ci.fails(&["deploys", "new", "-r", "nope", "-e", "production"]);
    assert!(said.contains("Release not found"), "{said}");
    // It ensures the release first, and then has nothing to say about it.
    let said = ci.succeeds(&["releases", "set-commits", "shop@1.4.1", "--local"]);
    assert!(said.contains("No commits found"), "{said}");
    let said = ci.fails(&["releases", "new", "x@1", "--url", "ci/5"]);
    assert!(
        said.contains("url: must begin with http:// or https://"),
        "{said}"
    );
    let said = ci.fails(&["monitors", "list"]);
    assert!(
        said.contains("not found") || said.contains("Epicenter serves"),
        "{said}"
    );
    let stranger = ci.with_another_secret();
    let said = stranger.fails(&["releases", "new", "x@1"]);
    assert!(
        said.contains("Invalid token. Epicenter has its own"),
        "{said}"
    );
}

async fn deleting(app: &TestApp, ci: &Workplace, version: &str) {
    let said = ci.succeeds(&["releases", "delete", version]);
    assert!(said.contains("Deleted release"), "{said}");
    assert!(release(app, version).await.is_none());
    let said = ci.succeeds(&["releases", "delete", version]);
    assert!(said.contains("does not exist"), "{said}");
}
