//! `/api/cron/sentry-sync` (EL-02, EL-17): a scheduler of the operator's asks for one pass.

use crate::app::App;
use crate::http::api::{RunBody, under_way};
use crate::http::problem::Problem;
use crate::operations::sentry::{Asked, sync_all, to_the_end};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::get;
use epicenter_domain::proof::constant_time_eq;
use serde::Serialize;
use std::sync::Arc;

/// The door.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/api/cron/sentry-sync", get(run).post(run))
}

/// What a pass over all connections came to.
#[derive(Debug, Serialize)]
struct Summary {
    /// Issues that were read.
    synced: i64,
    by_status: Counts,
    created: i64,
    updated: i64,
    unchanged: i64,
    pages: i64,
    duration_ms: i64,
    runs: Vec<RunBody>,
}

#[derive(Debug, Default, Serialize)]
struct Counts {
    resolved: i64,
    unresolved: i64,
    ignored: i64,
}

async fn run(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<axum::Json<Summary>, Problem> {
    prove(&app, &headers)?;
    let began = app.clock.now();
    let own = Arc::clone(&app);
    let asked = to_the_end(&app, async move { sync_all(&own).await }).await;
    let asked = asked.ok_or_else(under_way)??;
    if asked.is_empty() {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "no_connection",
            "No Sentry organisation is connected: set SENTRY_AUTH_TOKEN and SENTRY_ORG_SLUG, or \
             connect one on the page of the integration.",
        ));
    }
    if asked.iter().all(|one| one.report.is_none()) {
        return Err(under_way());
    }
    if let Some(why) = trouble(&asked) {
        return Err(Problem::unavailable("sync_incomplete", &why, 60));
    }
    Ok(axum::Json(summary(asked, app.clock.now().since_ms(began))))
}

/// The secret, compared in constant time.
fn prove(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(secret) = &app.sentry.cron_secret else {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "no_cron_secret",
            "CRON_SECRET is not set, so nobody can be let in.",
        ));
    };
    let sent = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map_or("", |(_, token)| token.trim());
    if constant_time_eq(sent.as_bytes(), secret.expose().as_bytes()) {
        return Ok(());
    }
    Err(Problem::unauthorized(
        "wrong_cron_secret",
        "Send `Authorization: Bearer` with the value of CRON_SECRET.",
    ))
}

/// Why some connections are not in step, if they are not.
fn trouble(asked: &[Asked]) -> Option<String> {
    let sentences: Vec<String> = asked
        .iter()
        .filter_map(|one| {
            let (run, _) = one.report.as_ref()?;
            let reason = run.reason.as_ref()?;
            let name = &one.connection.organization;
            let goes_on = if run.outcome == "waiting" {
                " It goes on by itself where it stopped."
            } else {
                ""
            };
            Some(format!("{name}: {reason}{goes_on}"))
        })
        .collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

fn summary(asked: Vec<Asked>, duration_ms: i64) -> Summary {
    let mut sum = Summary {
        synced: 0,
        by_status: Counts::default(),
        created: 0,
        updated: 0,
        unchanged: 0,
        pages: 0,
        duration_ms,
        runs: Vec::new(),
    };
    for (run, projects) in asked.into_iter().filter_map(|one| one.report) {
        sum.by_status.resolved += run.resolved_count;
        sum.by_status.unresolved += run.unresolved_count;
        sum.by_status.ignored += run.ignored_count;
        sum.created += run.created_count;
        sum.updated += run.updated_count;
        sum.unchanged += run.unchanged_count;
        sum.pages += run.page_count;
        sum.runs.push(RunBody::new((run, projects)));
    }
    sum.synced = sum.created + sum.updated + sum.unchanged;
    sum
}
