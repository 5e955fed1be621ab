//! `/api/0/`: what each route answers, with the requests that sentry-cli was seen to send.

mod long;
mod reading;
mod refusals;
mod telling;

use crate::support::{Answer, Api, TestApp};
use epicenter_store::changes::commits::{self, CommitRecord, Owner};
use epicenter_store::changes::deploys::{self, DeployRecord};
use epicenter_store::changes::releases::{self, ReleaseRecord};
use reqwest::Method;
use serde_json::{Value, json};

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
