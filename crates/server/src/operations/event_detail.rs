//! The detail of a single event: from its row, or read again from the delivery that brought it.

use epicenter_domain::signal::EventDetail;
use epicenter_domain::sources::{self, Envelope};
use epicenter_store::events::EventRecord;
use epicenter_store::{StoreError, Tx, deliveries};

/// What is known of an event; `None` when its body is no longer kept.
pub async fn event_detail(
    tx: &mut Tx,
    workspace_id: i64,
    record: &EventRecord,
) -> Result<Option<EventDetail>, StoreError> {
    if let Some(detail) = &record.detail {
        return Ok(Some(detail.clone()));
    }
    let Some(delivery_id) = record.delivery_id else {
        return Ok(None);
    };
    let Some(delivery) = deliveries::by_id(tx, workspace_id, delivery_id).await? else {
        return Ok(None);
    };
    let Some(content) = deliveries::body(tx, delivery_id).await? else {
        return Ok(None);
    };
    let envelope = Envelope {
        headers: &content.headers,
        body: &content.body,
        received_at: record.at,
    };
    Ok(sources::event_detail(&delivery.resource, envelope))
}
