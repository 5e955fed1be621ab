//! The pages.

use crate::app::App;
use crate::http::problem::Problem;
use axum::Router;
use axum::response::IntoResponse;
use std::sync::Arc;

/// All pages.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
}

/// Nothing is there.
pub async fn not_found() -> impl IntoResponse {
    Problem::not_found("page")
}
