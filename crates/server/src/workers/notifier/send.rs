//! One notice after the other to its channel. At the stop no other one is begun.

use crate::app::App;
use crate::channels::{self, Attempt};
use crate::limits::STOP_ANSWER;
use crate::operations::canary::{arrived, canary_in};
use crate::operations::links::of_notice;
use crate::operations::notices::{Claimed, claim_due, give_back, make_ready, record_receipt};
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
    for (_, claimed) in claim_due(app, &BTreeSet::new()).await? {
        count += claimed.records.len();
        places.spawn(deliver_all(Arc::clone(app), claimed));
    }
    while let Some(done) = places.join_next().await {
        if let Err(error) = done {
            tracing::error!(%error, "a sender failed: {error}");
        }
    }
    Ok(count)
}

/// Delivers notices to one place, in order. Those that the stop finds without an answer are given
/// back, so that the next start goes on with them, still in order.
pub(super) async fn deliver_all(app: Arc<App>, claimed: Claimed) {
    let mut records = claimed.records.into_iter();
    let mut cut = None;
    while !app.stop.is_cancelled() {
        let Some(record) = records.next() else {
            return;
        };
        let id = IdKind::Notification.show(record.id);
        match deliver(&app, record).await {
            Ok(unanswered) => cut = unanswered,
            // Its lease ends, and it is tried again.
            Err(error) => {
                tracing::error!(
                    notice.id = id,
                    %error,
                    "notice {id} could not be recorded: {error}"
                );
            }
        }
    }
    let left = cut.into_iter().chain(records);
    if let Err(error) = give_back(&app, left, claimed.until).await {
        tracing::warn!(%error, "notices that were not sent wait for their lease: {error}");
    }
}

/// Ends when the server stops and an answer has been waited for long enough.
async fn answer_is_late(app: &App) {
    app.stop.cancelled().await;
    tokio::time::sleep(STOP_ANSWER).await;
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

/// Answers the notice when the stop came before the answer: nobody knows whether it arrived, and it
/// goes again by the same key.
async fn deliver(app: &App, record: OutboxRecord) -> Result<Option<OutboxRecord>, StoreError> {
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
            tokio::select! {
                receipt = channels::send(&app.outbound, target, attempt) => receipt,
                () = answer_is_late(app) => {
                    let id = IdKind::Notification.show(ready.record.id);
                    tracing::warn!(
                        notice.id = id,
                        "the server stops before notice {id} was answered; it is sent again"
                    );
                    return Ok(Some(ready.record));
                }
            }
        }
        (Err(why), None) => Receipt::refused(why),
    };
    record_receipt(app, ready, &receipt, began).await?;
    Ok(None)
}
