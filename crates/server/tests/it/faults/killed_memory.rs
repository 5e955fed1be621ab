//! Killed at random moments while transitions are put into words: each is remembered, and once.

use super::killed::moment;
use super::process::Process;
use crate::support::engine::OwnDatabase;
use crate::support::{Api, Engine, Webhook};
use epicenter_domain::time::Time;
use futures_util::future::join_all;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

/// How often the process is killed.
const KILLS: u64 = 25;
/// Senders at the same time.
const SENDERS: usize = 4;
/// When the events happened.
const START: Time = Time(1_772_445_605_000);

/// Sends events, each of an issue of its own, until the server is gone.
async fn load(api: &Api, next: &AtomicU64) {
    let api = api.with_token(None);
    loop {
        let issue = next.fetch_add(1, Ordering::Relaxed);
        let sent = Webhook::event_alert(issue).try_send(&api, START).await;
        if sent.is_err() {
            return;
        }
    }
}

/// What the records of first events are about; `None` while some are missing.
async fn remembered(api: &Api, issues: usize) -> Option<Vec<String>> {
    let path = "/api/v1/observations?type=event_alert.triggered";
    let records = api.all(path).await;
    let about = records.iter().map(|one| one["source_id"].to_string());
    (records.len() >= issues).then(|| about.collect())
}

async fn killed_while_it_remembers(engine: Engine) {
    let Some(database) = OwnDatabase::new(engine).await else {
        return;
    };
    let next = AtomicU64::new(1);
    for round in 0..KILLS {
        let process = Process::start(database.url());
        let api = process.api.clone();
        let kill = async {
            tokio::time::sleep(moment(round)).await;
            process.kill();
        };
        let senders = (0..SENDERS).map(|_| load(&api, &next));
        tokio::join!(kill, join_all(senders));
    }
    let process = Process::start(database.url());
    crate::support::app::eventually("the inbox is applied", || async {
        let path = "/api/v1/deliveries?outcome=pending&limit=1";
        let page = process.api.one(path).await;
        page["items"].as_array().unwrap().is_empty().then_some(())
    })
    .await;
    let issues = process.api.all("/api/v1/issues").await.len();
    assert!(issues > 50, "only {issues} events were stored");
    let records =
        crate::support::app::eventually("all is remembered", || remembered(&process.api, issues))
            .await;
    let once: BTreeSet<&String> = records.iter().collect();
    assert_eq!((records.len(), once.len()), (issues, issues), "each once");
    assert!(process.terminate().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_remembered_once_on_sqlite() {
    killed_while_it_remembers(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_remembered_once_on_postgres() {
    killed_while_it_remembers(Engine::Postgres).await;
}
