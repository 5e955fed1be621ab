//! The way in: webhooks, the API for programs, the pages.

pub mod api;
pub mod auth;
mod body;
mod cron;
mod health;
mod hooks;
pub mod mcp;
pub mod pages;
pub mod problem;
mod send_test;
mod sentry_api;
pub mod server;
mod targets;

use crate::app::App;
use crate::limits::API_BODY_BYTES;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use std::sync::Arc;
use std::time::Instant;
use tower_http::compression::CompressionLayer;

/// What a page may load: only what this server gives it.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// Everything that is served.
pub fn router(app: Arc<App>) -> Router {
    let people = Router::new()
        .merge(api::routes())
        .merge(pages::routes())
        .merge(mcp::routes(&app))
        .merge(cron::routes())
        .layer(DefaultBodyLimit::max(API_BODY_BYTES))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), in_time))
        .layer(CompressionLayer::new());
    let doors = hooks::routes().layer(middleware::from_fn_with_state(Arc::clone(&app), timed));
    Router::new()
        .merge(doors)
        .merge(sentry_api::routes(&app))
        .merge(health::routes())
        .merge(people)
        .fallback(pages::not_found)
        .method_not_allowed_fallback(pages::wrong_method)
        .layer(middleware::map_response(with_security_headers))
        .with_state(app)
}

async fn timed(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let response = next.run(request).await;
    app.metrics.answered(started.elapsed().as_secs_f64());
    response
}

/// Waits for nobody's body for ever.
async fn in_time(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let deadline = app.config.deadlines.body;
    next.run(request.map(|body| body::with_deadline(body, deadline)))
        .await
}

async fn with_security_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
