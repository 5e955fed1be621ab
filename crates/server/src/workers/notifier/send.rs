//! One notice after the other to its channel.

use crate::app::App;
use crate::channels::{self, Attempt};
use crate::operations::canary::{arrived, canary_in};
use crate::operations::links::of_notice;
use crate::operations::notices::{claim_due, make_ready, record_receipt};
use epicenter_domain::id::IdKind;
use epicenter_domain::notification::{Link, Receipt, Target};
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

/// What the readers of an e-mail can do with its links.
fn actions_of(app: &App, record: &OutboxRecord, target: &Target) -> Vec<Link> {
    match target {
        Target::Email { to, .. } => {
            of_notice(app, record.workspace_id, &to.join(", "), &record.notice)
        }
        Target::SlackWebhook { .. }
        | Target::SlackBot { .. }
        | Target::Webhook { .. }
        | Target::Pagerduty { .. }
        | Target::Teams { .. }
        | Target::Discord { .. }
        | Target::Telegram { .. }
        | Target::Mattermost { .. }
        | Target::Ntfy { .. } => Vec::new(),
    }
}

async fn deliver(app: &App, record: OutboxRecord) -> Result<(), StoreError> {
    let ready = make_ready(app, record).await?;
    let began = app.clock.now();
    let receipt = match (&ready.target, canary_in(&ready.record)) {
        (_, Some(id)) => arrived(app, id).await?,
        (Ok(target), None) => {
            let attempt = Attempt {
                notice: &ready.record.notice,
                previous: ready.previous.as_deref(),
                actions: &actions_of(app, &ready.record, target),
                now: began,
            };
            channels::send(&app.outbound, target, attempt).await
        }
        (Err(why), None) => Receipt::refused(why),
    };
    record_receipt(app, ready, &receipt, began).await
}
