//! `/api/0/`: the part of Sentry's API that sentry-cli 2.x and 3.x needs to tell releases, commits
//! and deploys. A file per resource; paths, statuses and bodies are Sentry's, not ours.
//!
//! The organisation in a path may be any word: there is one workspace, and the token names it.

mod commits;
mod deploys;
mod place;
mod read;
mod refused;
mod releases;
mod requests;
mod root;

use crate::app::App;
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post};
use epicenter_domain::limits::{PATH_CHARS, WORD_CHARS, cut_chars};
use refused::Refused;
use std::sync::Arc;
use std::time::Instant;

/// The two families of release routes: sentry-cli 2.x uses both, 3.x mostly the first.
const FAMILIES: [&str; 2] = [
    "/api/0/organizations/{org}/releases",
    "/api/0/projects/{org}/{project}/releases",
];

/// All routes below `/api/0/`.
pub(super) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let mut router = Router::new();
    router = serve(router, "/api/0", get(root::show));
    router = serve(
        router,
        "/api/0/organizations/{org}/repos",
        get(root::repositories),
    );
    for family in FAMILIES {
        let one = format!("{family}/{{version}}");
        let all = get(releases::list).post(releases::ensure);
        let each = get(releases::show)
            .put(releases::change)
            .delete(releases::delete);
        router = serve(router, family, all);
        router = serve(router, &one, each);
        router = serve(router, &format!("{one}/commits"), get(commits::list));
        router = serve(
            router,
            &format!("{one}/previous-with-commits"),
            get(releases::previous),
        );
        let told = get(deploys::list).merge(post(deploys::create));
        router = serve(router, &format!("{one}/deploys"), told);
    }
    router
        .route("/api/0/{*rest}", any(unsupported))
        .layer(middleware::from_fn_with_state(Arc::clone(app), seen))
}

/// Serves a path with and without its last slash. Sentry wants it, people forget it.
fn serve(
    router: Router<Arc<App>>,
    path: &str,
    methods: MethodRouter<Arc<App>>,
) -> Router<Arc<App>> {
    let methods = methods.fallback(wrong_method);
    router
        .route(path, methods.clone())
        .route(&format!("{path}/"), methods)
}

async fn wrong_method(method: Method) -> Response {
    let detail = format!("Method \"{method}\" not allowed.");
    Refused::new(StatusCode::METHOD_NOT_ALLOWED, detail).into_response()
}

/// Uploads of source maps and debug files, issues, monitors, and what else Sentry has.
async fn unsupported() -> Response {
    let detail = "Epicenter serves `sentry-cli info`, `releases` and `deploys` only. Send source \
        maps, debug files and everything else to Sentry itself.";
    Refused::new(StatusCode::NOT_FOUND, detail).into_response()
}

/// Counts and logs each request, however it ends.
async fn seen(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let path = cut_chars(request.uri().path(), PATH_CHARS);
    let agent = request.headers().get(header::USER_AGENT);
    let agent = agent.and_then(|agent| agent.to_str().ok());
    let agent = cut_chars(agent.unwrap_or_default(), WORD_CHARS);
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let status = response.status();
    let route = route.as_ref().map_or("", MatchedPath::as_str);
    app.metrics
        .sentry_api_answered(route.trim_end_matches('/'), status.as_u16());
    let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = status.as_u16();
    tracing::info!(
        %method, path, status, took_ms, agent,
        "sentry-cli asked {method} {path}: {status}"
    );
    response
}
