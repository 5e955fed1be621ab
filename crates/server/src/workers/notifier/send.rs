//! One notice after the other to its channel.

use crate::app::App;
use crate::channels::{self, Attempt};
use crate::operations::notices::{claim_due, make_ready, record_receipt};
use epicenter_domain::id::IdKind;
use epicenter_domain::notification::Receipt;
use epicenter_store::StoreError;
use epicenter_store::notices::outbox::OutboxRecord;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Sends what is due and waits for the answers; answers how many attempts were made.
pub async fn send_due(app: &Arc<App>) -> Result<usize, StoreError> {
    let mut count = 0;
    let mut places = JoinSet::new();
    for (_, records) in claim_due(app, &BTreeSet::new()).await? {
        count += records.len();
        places.spawn(deliver_all(Arc::clone(app), records));
    }
    while let Some(done) = places.join_next().await {
        if let Err(error) = done {
            tracing::error!(%error, "a sender failed: {error}");
        }
    }
    Ok(count)
}

/// Delivers notices to one place, in order.
pub(super) async fn deliver_all(app: Arc<App>, records: Vec<OutboxRecord>) {
    for record in records {
        let id = IdKind::Notification.show(record.id);
        if let Err(error) = deliver(&app, record).await {
            // Its lease ends, and it is tried again.
            tracing::error!(notice.id = id, %error, "notice {id} could not be recorded: {error}");
        }
    }
}

async fn deliver(app: &App, record: OutboxRecord) -> Result<(), StoreError> {
    let ready = make_ready(app, record).await?;
    let began = app.clock.now();
    let receipt = match &ready.target {
        Ok(target) => {
            let attempt = Attempt {
                notice: &ready.record.notice,
                previous: ready.previous.as_deref(),
                now: began,
            };
            channels::send(&app.outbound, target, attempt).await
        }
        Err(why) => Receipt::refused(why),
    };
    record_receipt(app, ready, &receipt, began).await
}
