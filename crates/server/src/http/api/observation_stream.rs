//! `/api/v1/observations/stream`: every record as a CloudEvent, live or in lines, resumable.
//!
//! The stream is read from the store, record after record; what is announced in memory only wakes
//! it. So nothing is left out, however slow the reader is, and whichever node wrote it.

#![expect(unused_qualifications, reason = "the macro of utoipa writes them")]

use super::parameters::Query;
use crate::app::App;
use crate::cloud_event::CloudEvent;
use crate::http::auth::{Caller, must_be_ours};
use crate::http::problem::Problem;
use crate::limits::{MEMORY_LINES, STREAM_CHECK};
use crate::live::Change;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use epicenter_domain::id::IdKind;
use epicenter_domain::observation::Observation;
use epicenter_store::observations;
use futures_util::stream::{self, StreamExt};
use serde::Deserialize;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};
use tokio::time::{Interval, MissedTickBehavior};
use utoipa::IntoParams;

/// How often a comment keeps the connection open through proxies.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Where to go on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct After {
    /// `obs_…` of the last record that is known, or empty to begin with the oldest: answers the
    /// next ones as JSON lines (`application/x-ndjson`), at most 1,000, and ends. None: it is at
    /// the end.
    after: Option<String>,
}

/// Every record as a CloudEvent: JSON lines with `after`, else Server-Sent Events named
/// `observation`, which `Last-Event-ID` resumes after any pause.
#[utoipa::path(
    get,
    path = "/api/v1/observations/stream",
    tag = "observations",
    params(
        After,
        ("Last-Event-ID" = Option<String>, Header, description = "Continue after this record"),
    ),
    responses(
        (status = 200, content_type = "text/event-stream", body = CloudEvent),
        (status = 400, body = Problem),
    )
)]
pub(super) async fn stream(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(after): Query<After>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if caller.session.is_some() {
        must_be_ours(&app, &headers)?;
    }
    if let Some(after) = &after.after {
        return lines(&app, &caller, cursor("after", after)?).await;
    }
    let resumed = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let last = if let Some(id) = resumed {
        cursor("Last-Event-ID", id)?
    } else {
        let mut tx = app.database.read().await?;
        let newest = observations::newest_id(&mut tx, caller.workspace_id).await?;
        tx.rollback().await?;
        newest
    };
    let busy = || {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_many_streams",
            "Too many open streams.",
        )
    };
    let changes = app.live.listen().ok_or_else(busy)?;
    app.metrics.stream(1);
    let mut check = tokio::time::interval(STREAM_CHECK);
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    check.reset();
    let listener = Listener {
        stopping: app.live.stopping(),
        rights: app.live.rights(),
        check,
        open: Open(app),
        caller,
        changes,
        last,
        is_new: true,
    };
    let events = stream::unfold(listener, |mut listener| async move {
        let events = listener.next().await?;
        Some((
            stream::iter(events.into_iter().map(Ok::<_, Infallible>)),
            listener,
        ))
    });
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(Sse::new(events.flatten())
        .keep_alive(keep_alive)
        .into_response())
}

/// Reads a place in the stream; empty is its beginning.
fn cursor(field: &str, text: &str) -> Result<i64, Problem> {
    if text.is_empty() {
        return Ok(0);
    }
    IdKind::Observation
        .parse(text)
        .ok_or_else(|| Problem::invalid(field, "must be the id of a record: obs_…"))
}

async fn lines(app: &App, caller: &Caller, last: i64) -> Result<Response, Problem> {
    let mut tx = app.database.read().await?;
    let found = observations::after(&mut tx, caller.workspace_id, last, MEMORY_LINES).await?;
    tx.rollback().await?;
    let base = app.config.base_url();
    let mut text = String::new();
    for one in found {
        // Our own types always serialise.
        text += &serde_json::to_string(&CloudEvent::new(&base, one)).unwrap_or_default();
        text.push('\n');
    }
    let kind = [(header::CONTENT_TYPE, "application/x-ndjson")];
    Ok((kind, Body::from(text)).into_response())
}

/// Counts the stream as closed when it is dropped.
struct Open(Arc<App>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.metrics.stream(-1);
    }
}

/// One open stream.
struct Listener {
    open: Open,
    caller: Caller,
    changes: broadcast::Receiver<Change>,
    stopping: watch::Receiver<bool>,
    rights: watch::Receiver<()>,
    check: Interval,
    last: i64,
    is_new: bool,
}

impl Listener {
    /// What to send next; `None`: the stream ends, and the reader resumes it.
    async fn next(&mut self) -> Option<Vec<Event>> {
        if self.is_new {
            self.is_new = false;
            let hello = Event::default().event("hello").data("{}");
            return Some(vec![hello.retry(Duration::from_secs(2))]);
        }
        loop {
            let found = self.read().await?;
            if !found.is_empty() {
                let base = self.open.0.config.base_url();
                return Some(
                    found
                        .into_iter()
                        .filter_map(|one| event(&base, one))
                        .collect(),
                );
            }
            let must_ask = tokio::select! {
                // What was said does not matter, nor how much of it was missed: the store is read.
                change = self.changes.recv() => match change {
                    Err(broadcast::error::RecvError::Closed) => return None,
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => false,
                },
                _ = self.stopping.wait_for(|stop| *stop) => return None,
                _ = self.rights.changed() => true,
                _ = self.check.tick() => true,
            };
            // A database that is away decides nothing.
            if must_ask && matches!(self.caller.is_current(&self.open.0).await, Ok(false)) {
                return None;
            }
        }
    }

    async fn read(&mut self) -> Option<Vec<Observation>> {
        let workspace_id = self.caller.workspace_id;
        let mut tx = self.open.0.database.read().await.ok()?;
        let found = observations::after(&mut tx, workspace_id, self.last, MEMORY_LINES).await;
        tx.rollback().await.ok()?;
        let found = found.ok()?;
        self.last = found.last().map_or(self.last, |one| one.id);
        Some(found)
    }
}

fn event(base: &str, one: Observation) -> Option<Event> {
    let id = IdKind::Observation.show(one.id);
    Event::default()
        .event("observation")
        .id(id)
        .json_data(CloudEvent::new(base, one))
        .ok()
}
