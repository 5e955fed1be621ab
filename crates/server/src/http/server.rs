//! The listener: deadlines for slow clients, a clean end.

use crate::app::App;
use crate::limits::HEADER_BYTES;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};

/// Serves the page, the API and the webhooks until the server stops.
pub async fn serve(app: Arc<App>, listener: TcpListener) {
    let router = super::router(Arc::clone(&app));
    accept_loop(app, listener, router).await;
}

/// Serves `/metrics` until the server stops.
pub async fn serve_metrics(app: Arc<App>, listener: TcpListener) {
    let router = Router::new()
        .route("/metrics", get(metrics))
        .with_state(Arc::clone(&app));
    accept_loop(app, listener, router).await;
}

async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.text())
}

async fn accept_loop(app: Arc<App>, listener: TcpListener, router: Router) {
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            () = app.stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => connect(&app, stream, router.clone(), &graceful),
            Err(error) => {
                // Out of file descriptors, most likely: wait until connections have ended.
                tracing::warn!(%error, "a connection could not be accepted: {error}");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    graceful.shutdown().await;
}

fn connect(app: &App, stream: TcpStream, router: Router, graceful: &GracefulShutdown) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY: {error}");
    }
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(app.config.deadlines.headers)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let watched = graceful.watch(connection);
    app.tasks.spawn(async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, "a connection ended early: {error}");
        }
    });
}
