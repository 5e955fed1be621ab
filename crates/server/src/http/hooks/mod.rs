//! The doors (DESIGN §4.1). Webhooks are stored unparsed and never refused for what they say;
//! programs that call an API are told what is wrong with it before anything is stored.

mod accept;
mod incident_events;
mod pagerduty;
mod slack;
mod webhooks;

pub(super) use webhooks::accept_test;

use crate::app::App;
use axum::Router;
use axum::routing::{any, post};
use std::sync::Arc;

/// The doors.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/hooks/{key}", any(webhooks::by_key))
        .route("/hooks/slack/interactive", post(slack::pressed))
        .route("/hooks/slack/command", post(slack::commanded))
        .route("/api/webhooks/{kind}", any(webhooks::by_kind))
        .route("/api/integrations/sentry", any(webhooks::by_opsknight_id))
        .route("/api/sentry/webhooks", any(webhooks::lightfast))
        .route("/event/push/alert/sentry", any(webhooks::by_flashduty_key))
        .route("/api/webhooks/incidents", any(incident_events::receive))
        .route("/v2/enqueue", any(pagerduty::enqueue))
        .route("/v2/change/enqueue", any(pagerduty::enqueue_change))
}
