//! Does it live, can it store?

use super::problem::Problem;
use crate::app::App;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use std::sync::Arc;

/// `/healthz` and `/readyz`.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
}

async fn alive() -> &'static str {
    "ok\n"
}

async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, Problem> {
    match app.database.ping().await {
        Ok(()) => Ok("ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready: {error}");
            let detail = if error.is_disk_full() {
                "There is no room to store anything."
            } else {
                "The database cannot be reached."
            };
            Err(Problem::unavailable("not_ready", detail, 5))
        }
    }
}
