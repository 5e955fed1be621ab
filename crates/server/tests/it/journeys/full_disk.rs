//! A full disk: nothing is lost that was accepted, and it recovers by itself (FIELD §3.3 case 22).

use crate::support::engine::OwnDatabase;
use crate::support::{Engine, TestApp, Webhook};
use epicenter_domain::time::DAY_MS;
use serde_json::json;

/// Text that cannot be packed well.
fn noise(seed: u64, length: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let letter = |state: &mut u64| {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        char::from(b"abcdefghijklmnopqrstuvwxyzABCDEF"[usize::try_from(*state % 32).unwrap()])
    };
    (0..length).map(|_| letter(&mut state)).collect()
}

fn large(number: u64) -> Webhook {
    Webhook::event_alert(number % 7)
        .set("/data/event/extra", json!({"noise": noise(number, 60_000)}))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_answers_503_and_recovers_by_itself() {
    let database = OwnDatabase::new(Engine::Sqlite).await.unwrap();
    let app = TestApp::start_with(database, Some(crate::support::SECRET), |config| {
        config.database_max_mib = 3;
    })
    .await;
    let open = app.api.with_token(None);
    open.get("/readyz").await.expect(200);
    let mut accepted = 0;
    let refused = loop {
        let answer = app.send(large(accepted)).await;
        if answer.status.as_u16() != 202 {
            break answer;
        }
        accepted += 1;
        assert!(accepted < 1_000, "the cap of the file has no effect");
        if accepted % 8 == 0 {
            app.settle().await;
        }
    };
    assert!(accepted > 8, "{accepted}");
    refused.expect_problem(503, "disk_full");
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    let answer = open.get("/readyz").await;
    answer.expect_problem(503, "not_ready");
    open.get("/healthz").await.expect(200);
    // What is stored can still be read.
    assert!(!app.deliveries().await.is_empty());
    assert!(!app.incidents().await.is_empty());
    // Time passes, and with it what is kept.
    app.clock.advance_ms(15 * DAY_MS);
    epicenter::workers::clean_up(app.inside()).await.unwrap();
    open.get("/readyz").await.expect(200);
    app.settle().await;
    let issues = app.issues().await;
    let events: i64 = issues
        .iter()
        .map(|issue| issue["event_count"].as_i64().unwrap())
        .sum();
    assert_eq!(
        u64::try_from(events).unwrap(),
        accepted,
        "every accepted event was applied"
    );
    app.receive(large(10_000)).await;
    app.finish().await;
}
