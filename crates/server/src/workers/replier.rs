//! Sends answers to people in Slack.

use crate::app::App;
use crate::channels::reply_in_slack;
use crate::limits::SLACK_REPLY_TRIES;
use epicenter_domain::notification::Receipt;
use std::sync::Arc;

pub(super) async fn run(app: Arc<App>) {
    let Some(mut waiting) = app.replies.take() else {
        return;
    };
    loop {
        let reply = tokio::select! {
            () = app.stop.cancelled() => return,
            reply = waiting.recv() => reply,
        };
        let Some(reply) = reply else { return };
        for _ in 0..SLACK_REPLY_TRIES {
            let parts = (reply.url.as_str(), reply.text.as_str());
            match reply_in_slack(&app.outbound, parts, app.clock.now()).await {
                Receipt::RetryAfter { at_least_ms: 0, .. } => {}
                Receipt::Delivered { .. } => break,
                Receipt::RetryAfter { why, .. } | Receipt::Refused { why, .. } => {
                    tracing::warn!(why, "an answer to Slack was not taken: {why}");
                    break;
                }
            }
        }
    }
}
