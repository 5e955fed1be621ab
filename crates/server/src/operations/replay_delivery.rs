//! Applies a stored delivery once more, under today's rules.

use super::OperationError;
use crate::app::App;
use crate::inbox::NotStored;
use epicenter_domain::engine::VerdictOutcome;
use epicenter_store::deliveries;
use epicenter_store::inbox::NewDelivery;
use epicenter_store::packing;

/// Stores the delivery's body again as a new delivery that repeats it. Answers the new id.
pub async fn replay_delivery(
    app: &App,
    workspace_id: i64,
    delivery_id: i64,
) -> Result<i64, OperationError> {
    let mut tx = app.database.read().await?;
    let record = deliveries::by_id(&mut tx, workspace_id, delivery_id)
        .await?
        .ok_or(OperationError::NotFound("delivery"))?;
    if record.outcome == VerdictOutcome::Refused {
        let reason = "it was refused: its sender was not proven, so it is never applied";
        return Err(OperationError::Conflict(reason.to_owned()));
    }
    let body = deliveries::body(&mut tx, delivery_id).await?;
    tx.rollback().await?;
    let body = body.ok_or_else(|| {
        OperationError::Conflict("its body is no longer kept, see retention".to_owned())
    })?;
    let packed = packing::pack(&app.dictionaries.newest(), &body.headers, &body.body)
        .map_err(|error| OperationError::Conflict(error.to_string()))?;
    let now = app.clock.now();
    let id = app.ids.next(now);
    let delivery = NewDelivery {
        id,
        workspace_id,
        integration_id: record.integration_id,
        received_at: now,
        resource: record.resource,
        refusal: None,
        scheme: "replay",
        secret_id: None,
        size: record.size,
        packed,
        replay_of: Some(record.replay_of.unwrap_or(delivery_id)),
    };
    app.inbox.store(delivery).await.map_err(|reason| {
        OperationError::Conflict(match reason {
            NotStored::DiskFull => "there is no room to store it".to_owned(),
            NotStored::Unavailable => "the database cannot be reached".to_owned(),
            NotStored::Stopping => "the server is stopping".to_owned(),
        })
    })?;
    Ok(id)
}
