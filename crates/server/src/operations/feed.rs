//! Destinations that read along in the memory: each is owed every record once, in order. What is
//! owed goes the way of all notices: signed, tried again, switched off when it stays in vain.

use crate::app::App;
use crate::cloud_event::CloudEvent;
use crate::limits::FEED_WINDOW;
use epicenter_domain::id::IdKind;
use epicenter_domain::notification::{Kind, Notice, RecordFacts, Subject};
use epicenter_domain::observation::Observation;
use epicenter_domain::time::Time;
use epicenter_store::notices::destinations::{self, DestinationRecord};
use epicenter_store::notices::feeds::{self, Feed};
use epicenter_store::notices::outbox::{self, OutboxRecord};
use epicenter_store::{StoreError, observations};

/// Why a reader gets a record.
const REASON: &str = "The destination takes the observations of the memory";

/// Owes new records to those who read along. Answers how far it moved: how many records were
/// looked at.
pub async fn feed_due(app: &App) -> Result<usize, StoreError> {
    let mut tx = app.database.read().await?;
    let all = feeds::list(&mut tx).await?;
    tx.rollback().await?;
    let mut count = 0;
    for feed in all {
        count += Box::pin(feed_one(app, feed)).await?;
    }
    if count > 0 {
        app.owed.notify_one();
    }
    Ok(count)
}

async fn feed_one(app: &App, feed: Feed) -> Result<usize, StoreError> {
    let mut tx = app.database.read().await?;
    let found = destinations::by_id(&mut tx, feed.workspace_id, feed.destination_id).await?;
    let kind = Kind::Observation.as_str();
    let waiting = outbox::waiting_count(&mut tx, feed.destination_id, kind, FEED_WINDOW).await?;
    // Who takes nothing is owed no more: the place in the memory is kept instead.
    let room = FEED_WINDOW - waiting;
    let destination = found.filter(|one| one.is_enabled && room > 0);
    let records = match &destination {
        Some(_) => observations::after(&mut tx, feed.workspace_id, feed.last_id, room).await?,
        None => Vec::new(),
    };
    tx.rollback().await?;
    let (Some(destination), Some(last)) = (destination, records.last().map(|one| one.id)) else {
        return Ok(0);
    };
    let count = records.len();
    let now = app.clock.now();
    let mut tx = app.database.write_state().await?;
    if !feeds::advance(&mut tx, feed, last).await? {
        tx.rollback().await?;
        return Ok(0);
    }
    for record in records {
        if takes(&destination, &record) {
            outbox::owe(&mut tx, &owed(app, &destination, record, now)).await?;
        }
    }
    tx.commit().await?;
    Ok(count)
}

/// Records of other services than its own are none of its business.
fn takes(destination: &DestinationRecord, record: &Observation) -> bool {
    let own = &destination.services;
    own.is_empty() || record.service_id.is_some_and(|id| own.contains(&id))
}

fn owed(
    app: &App,
    destination: &DestinationRecord,
    record: Observation,
    now: Time,
) -> OutboxRecord {
    let base = app.config.base_url();
    let shown = IdKind::Observation.show(record.id);
    let incident_id = record.incident_id;
    let (title, text) = (record.title.clone(), record.body.clone());
    // Our own types always serialise.
    let event = serde_json::to_value(CloudEvent::new(&base, record)).unwrap_or_default();
    OutboxRecord {
        id: app.ids.next(now),
        workspace_id: destination.workspace_id,
        destination_id: Some(destination.id),
        address: None,
        incident_id,
        notice: Notice {
            kind: Kind::Observation,
            subject: Subject::Record(Box::new(RecordFacts {
                title,
                text,
                page_url: format!("{base}/memory/{shown}"),
                event,
            })),
            summary: String::new(),
            reason: REASON.to_owned(),
            idempotency_key: shown,
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
