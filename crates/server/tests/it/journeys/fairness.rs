//! Who floods is limited and told so once, and delays nobody else (FIELD §3.3 case 34).

use super::notices::{destination, kinds, reach, webhook};
use crate::support::receiver::FakeReceiver;
use crate::support::{SECRET, TestApp, Webhook};
use epicenter::operations::integrations::{NewIntegrationRequest, create};
use epicenter::operations::notices::{claim_due, plan_due};
use epicenter::workers::send_due;
use epicenter_domain::level::Severity;
use epicenter_domain::notification::{Digest, Kind, Notice, Subject};
use epicenter_domain::routing::limits::Rate;
use epicenter_domain::time::{HOUR_MS, Time};
use epicenter_store::notices::destinations;
use epicenter_store::notices::outbox::{self, OutboxRecord};
use epicenter_store::{incidents, integrations};
use futures_util::future::join_all;
use std::ops::Range;

on_both_engines!(
    a_flood_is_told_once_and_delays_no_other_workspace,
    ten_thousand_notices_to_one_place_delay_no_other,
);

/// What the noisy workspace's destination takes in an hour; it gets a hundred times that.
const MOST: usize = 3;
const FLOOD: u64 = 300;
const QUIET: i64 = 2;

/// The push URL of a second workspace.
async fn quiet_door(app: &TestApp) -> String {
    let request = NewIntegrationRequest {
        kind: "sentry".to_owned(),
        name: "Quiet".to_owned(),
        service_id: None,
        secret: Some(SECRET.to_owned()),
        is_unsigned: false,
        profile: None,
    };
    let made = create(app.inside(), QUIET, request).await.unwrap();
    let mut tx = app.inside().database.read().await.unwrap();
    let record = integrations::by_id(&mut tx, QUIET, made).await.unwrap();
    tx.rollback().await.unwrap();
    format!("/hooks/{}", record.unwrap().key)
}

/// A destination of a workspace with a ceiling, or with none.
async fn reader(app: &TestApp, (workspace_id, name): (i64, &str), receiver: &FakeReceiver) -> i64 {
    let made = destination(app, name, webhook(receiver)).await;
    let mut tx = app.inside().database.write_state().await.unwrap();
    let found = destinations::by_id(&mut tx, 1, made).await.unwrap();
    let mut record = found.unwrap();
    if workspace_id == 1 {
        record.settings.rates = vec![Rate {
            most: MOST,
            within_ms: HOUR_MS,
        }];
    } else {
        destinations::delete(&mut tx, 1, made).await.unwrap();
        record.workspace_id = workspace_id;
    }
    destinations::save(&mut tx, &record).await.unwrap();
    tx.commit().await.unwrap();
    made
}

/// New issues, each of a project of its own: no storm, so that only the ceiling holds them.
async fn flood(app: &TestApp, issues: Range<u64>) {
    let sent = issues.map(|issue| {
        let slug = format!("project-{issue}");
        app.receive(Webhook::issue("created", issue).set("/data/issue/project/slug", slug))
    });
    join_all(sent).await;
    app.settle().await;
}

async fn opened(app: &TestApp, workspace_id: i64) -> usize {
    let mut tx = app.inside().database.read().await.unwrap();
    let all = incidents::opened_since(&mut tx, workspace_id, Time(0), 9_999).await;
    tx.rollback().await.unwrap();
    all.unwrap().len()
}

async fn a_flood_is_told_once_and_delays_no_other_workspace(app: &TestApp) {
    let app = reach(app).await;
    let (noisy, quiet) = (FakeReceiver::start().await, FakeReceiver::start().await);
    reader(&app, (1, "Noisy"), &noisy).await;
    reader(&app, (QUIET, "Quiet"), &quiet).await;
    let door = quiet_door(&app).await;
    flood(&app, 0..FLOOD).await;
    app.receive(Webhook::issue("created", 9_001).to(&door))
        .await;
    app.settle().await;
    app.later(30);
    // One turn of the planner and one of the sender, with all of the flood before it.
    plan_due(app.inside()).await.unwrap();
    send_due(&app.running().app).await.unwrap();
    assert_eq!(kinds(&quiet), ["incident.triggered"], "at once");
    app.tell().await;
    assert_eq!(kinds(&noisy), ["incident.triggered"; MOST]);
    let issues = usize::try_from(FLOOD).unwrap();
    assert_eq!(opened(&app, 1).await, issues, "all is stored");
    assert_eq!(opened(&app, QUIET).await, 1);

    app.later(60);
    app.tell().await;
    let told = noisy.take();
    assert_eq!(told.len(), 1, "told once");
    let notice = told[0].json();
    assert_eq!(notice["type"], "notice.digest");
    let text = notice.to_string();
    for words in [
        "297 incidents wait because “Noisy” had enough",
        "Nothing is lost",
        "http://epicenter.test/incidents\"",
        "http://epicenter.test/incidents/4\"",
        "\"more\":292",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }

    flood(&app, 400..420).await;
    for issue in 9_002..9_007 {
        app.receive(Webhook::issue("created", issue).to(&door))
            .await;
    }
    app.settle().await;
    app.later(60);
    app.tell().await;
    assert_eq!(kinds(&noisy), Vec::<String>::new(), "not again");
    assert_eq!(kinds(&quiet), ["incident.triggered"; 5], "it has no limit");
    // An hour after the first there is room: what it was told about the flood counts as well.
    app.later(3_479);
    app.tell().await;
    assert_eq!(kinds(&noisy), Vec::<String>::new(), "not a second before");
    app.later(1);
    app.tell().await;
    assert_eq!(kinds(&noisy), ["incident.triggered"; MOST - 1]);
    assert_eq!(opened(&app, 1).await, issues + 20);
    app.finish().await;
}

/// Something to be said that is no incident.
fn owed(app: &TestApp, workspace_id: i64, destination_id: i64) -> OutboxRecord {
    let now = app.now();
    let id = app.inside().ids.next(now);
    OutboxRecord {
        id,
        workspace_id,
        destination_id: Some(destination_id),
        address: None,
        incident_id: None,
        notice: Notice {
            kind: Kind::Digest,
            subject: Subject::Digest(Digest {
                title: "One of many".to_owned(),
                text: String::new(),
                severity: Severity::Error,
                lines: Vec::new(),
                more: 0,
                link: None,
            }),
            summary: String::new(),
            reason: "The test says so".to_owned(),
            idempotency_key: format!("key-{id}"),
            at: now,
        },
        state: "waiting".to_owned(),
        due_at: now,
        attempt_count: 0,
        created_at: now,
        done_at: None,
        last_answer: None,
    }
}

async fn ten_thousand_notices_to_one_place_delay_no_other(app: &TestApp) {
    let app = reach(app).await;
    let (noisy, quiet) = (FakeReceiver::start().await, FakeReceiver::start().await);
    let flooded = destination(&app, "Noisy", webhook(&noisy)).await;
    let other = destination(&app, "Quiet", webhook(&quiet)).await;
    let mut tx = app.inside().database.write_state().await.unwrap();
    for _ in 0..10_000 {
        let record = owed(&app, 1, flooded);
        outbox::owe(&mut tx, &record).await.unwrap();
    }
    for _ in 0..6 {
        outbox::owe(&mut tx, &owed(&app, 1, other)).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(send_due(&app.running().app).await.unwrap(), 10);
    assert_eq!((kinds(&noisy).len(), kinds(&quiet).len()), (5, 5));
    // While the flooded one is at it, however slow it is, the other has its turn.
    let busy = [(Some(flooded), None)].into();
    let claimed = claim_due(app.inside(), &busy).await.unwrap();
    let places: Vec<_> = claimed.keys().collect();
    assert_eq!(places, [&(Some(other), None)]);
    assert_eq!(claimed[&(Some(other), None)].records.len(), 1);
    app.finish().await;
}
