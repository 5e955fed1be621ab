//! Killed at random moments under load, and started again on the same database.

use super::ledger::Ledger;
use super::process::Process;
use crate::support::Engine;
use crate::support::engine::OwnDatabase;
use futures_util::future::join_all;
use std::time::Duration;

/// How often the process is killed.
const KILLS: u64 = 50;
/// Senders at the same time.
const SENDERS: usize = 6;

/// The moment of a kill, 20 to 220 ms after the start: the same in each run.
pub(super) fn moment(round: u64) -> Duration {
    let mut state = (round + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    state ^= state >> 31;
    state = state.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    Duration::from_millis(20 + (state >> 33) % 200)
}

async fn killed_again_and_again(engine: Engine) {
    let Some(database) = OwnDatabase::new(engine).await else {
        return;
    };
    let ledger = Ledger::default();
    let mut answered = 0;
    for round in 0..KILLS {
        let process = Process::start(database.url());
        let api = process.api.clone();
        let kill = async {
            tokio::time::sleep(moment(round)).await;
            process.kill();
        };
        let senders = (0..SENDERS).map(|_| ledger.load(&api, Duration::from_secs(30)));
        let ((), counts) = tokio::join!(kill, join_all(senders));
        answered += counts.into_iter().sum::<usize>();
    }
    let process = Process::start(database.url());
    let present = ledger.check(&process.api).await;
    assert!(
        answered <= present && present <= ledger.len(),
        "{answered}, {present}"
    );
    assert!(answered > 500, "only {answered} webhooks were answered");
    ledger.send_again(&process.api).await;
    assert_eq!(
        ledger.check(&process.api).await,
        ledger.len(),
        "now every event is there"
    );
    assert!(process.terminate().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_answered_is_lost_on_sqlite() {
    killed_again_and_again(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_answered_is_lost_on_postgres() {
    killed_again_and_again(Engine::Postgres).await;
}

/// SIGTERM under load: what was accepted is answered, and the exit code is 0.
async fn terminated(engine: Engine) {
    let Some(database) = OwnDatabase::new(engine).await else {
        return;
    };
    let ledger = Ledger::default();
    let process = Process::start(database.url());
    let api = process.api.clone();
    let terminate = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        tokio::task::spawn_blocking(|| process.terminate())
            .await
            .unwrap()
    };
    let senders = (0..SENDERS).map(|_| ledger.load(&api, Duration::from_secs(30)));
    let (status, counts) = tokio::join!(terminate, join_all(senders));
    assert_eq!(status.code(), Some(0));
    let answered = counts.into_iter().sum::<usize>();
    assert!(answered > 0);
    let process = Process::start(database.url());
    let present = ledger.check(&process.api).await;
    assert_eq!(
        present, answered,
        "everything that was accepted was also answered"
    );
    assert!(process.terminate().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_finishes_what_was_accepted_on_sqlite() {
    terminated(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_finishes_what_was_accepted_on_postgres() {
    terminated(Engine::Postgres).await;
}
