//! Notices that a person asks for: the same once more, or one that only tries the way.

use crate::app::App;
use crate::operations::OperationError;
use epicenter_domain::id::IdKind;
use epicenter_domain::level::Severity;
use epicenter_domain::notification::{Digest, Kind, Link, Notice, Subject};
use epicenter_store::Tx;
use epicenter_store::notices::destinations::{self, DestinationRecord};
use epicenter_store::notices::outbox::{self, OutboxRecord};

async fn destination(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<DestinationRecord, OperationError> {
    let found = destinations::by_id(tx, workspace_id, id).await?;
    found.ok_or(OperationError::NotFound("destination"))
}

/// Owes the same text again, under a new id. Answers that.
pub async fn replay(app: &App, workspace_id: i64, id: i64) -> Result<i64, OperationError> {
    let mut tx = app.database.write().await?;
    let found = outbox::by_id(&mut tx, workspace_id, id).await?;
    let (record, _) = found.ok_or(OperationError::NotFound("notification"))?;
    if !matches!(record.state.as_str(), "failed" | "delivered") {
        let reason = format!(
            "it is {}; only what failed or was delivered is sent again",
            record.state
        );
        return Err(OperationError::Conflict(reason));
    }
    if let Some(id) = record.destination_id {
        let gone = || OperationError::Conflict("its destination was removed".to_owned());
        let found = destinations::by_id(&mut tx, workspace_id, id).await?;
        let destination = found.ok_or_else(gone)?;
        if !destination.is_enabled && record.notice.kind != Kind::Test {
            let reason = "its destination is switched off; switch that on first";
            return Err(OperationError::Conflict(reason.to_owned()));
        }
    }
    let again = owed(app, record);
    outbox::owe(&mut tx, &again).await?;
    tx.commit().await?;
    app.owed.notify_one();
    Ok(again.id)
}

/// The same notice as if it was decided now.
fn owed(app: &App, record: OutboxRecord) -> OutboxRecord {
    let now = app.clock.now();
    let id = app.ids.next(now);
    OutboxRecord {
        id,
        notice: Notice {
            idempotency_key: IdKind::Notification.show(id),
            at: now,
            ..record.notice
        },
        state: "waiting".to_owned(),
        due_at: now,
        attempt_count: 0,
        created_at: now,
        done_at: None,
        last_answer: None,
        ..record
    }
}

/// Owes a notice that only tries whether the destination works, switched on or off. Answers its id.
pub async fn send_test(
    app: &App,
    (workspace_id, id): (i64, i64),
    who: &str,
) -> Result<i64, OperationError> {
    let now = app.clock.now();
    let mut tx = app.database.write().await?;
    let destination = destination(&mut tx, workspace_id, id).await?;
    let digest = Digest {
        title: "This is a test".to_owned(),
        text: format!(
            "Notices of Epicenter arrive here. {who} sent this to “{}”.",
            destination.name
        ),
        severity: Severity::Info,
        lines: Vec::new(),
        more: 0,
        link: Some(Link {
            text: "Destinations".to_owned(),
            url: format!("{}/destinations", app.config.base_url()),
        }),
    };
    let record = OutboxRecord {
        id: 0,
        workspace_id,
        destination_id: Some(id),
        address: None,
        incident_id: None,
        notice: Notice {
            kind: Kind::Test,
            subject: Subject::Digest(digest),
            summary: String::new(),
            reason: format!("{who} asked for a test"),
            idempotency_key: String::new(),
            at: now,
        },
        state: String::new(),
        due_at: now,
        attempt_count: 0,
        created_at: now,
        done_at: None,
        last_answer: None,
    };
    let record = owed(app, record);
    outbox::owe(&mut tx, &record).await?;
    tx.commit().await?;
    app.owed.notify_one();
    Ok(record.id)
}
