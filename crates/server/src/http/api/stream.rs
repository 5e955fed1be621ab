//! `/api/v1/stream`: Server-Sent Events, resumable with `Last-Event-ID`.
//!
//! Ids are those of timeline entries, so that a stream can be resumed from the store after any
//! pause, also on another node.

use crate::app::App;
use crate::http::auth::{Caller, must_be_ours};
use crate::http::problem::Problem;
use crate::limits::{STREAM_CATCH_UP, STREAM_CHECK};
use crate::live::Change;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::TimelineEntry;
use epicenter_store::timeline;
use futures_util::stream::{self, Stream, StreamExt};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::{Interval, MissedTickBehavior};

/// How often a comment keeps the connection open through proxies.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Live changes of the workspace. Events: `timeline` (a new line of a timeline), `incident` and
/// `issue` (one changed), `delivery` (deliveries got their verdict), `bell` (an incident wants
/// people), `beat` (nothing happened for a while), `resync` (too much was missed: read again).
#[utoipa::path(
    get,
    path = "/api/v1/stream",
    tag = "stream",
    params(("Last-Event-ID" = Option<String>, Header, description = "Continue after this event")),
    responses((status = 200, content_type = "text/event-stream", body = String))
)]
pub(super) async fn stream(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let busy = || {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_many_streams",
            "Too many open streams.",
        )
    };
    if caller.session.is_some() {
        must_be_ours(&app, &headers)?;
    }
    let changes = app.live.listen().ok_or_else(busy)?;
    let missed = match headers.get("last-event-id").and_then(|id| id.to_str().ok()) {
        Some(id) => catch_up(&app, &caller, id).await?,
        None => Vec::new(),
    };
    let newest = missed.last().map_or(0, |entry| entry.id);
    let hello = Event::default()
        .event("hello")
        .data("{}")
        .retry(Duration::from_secs(2));
    let past = missed
        .into_iter()
        .filter_map(|entry| timeline_event(&entry));
    let listener = Listener::new(&app, caller, changes);
    let live = stream::unfold(listener, move |mut listener| async move {
        let events = listener.next(newest).await?;
        Some((stream::iter(events), listener))
    });
    let events = stream::iter(std::iter::once(hello).chain(past))
        .chain(live.flatten())
        .map(Ok);
    app.metrics.stream(1);
    let guard = StreamGuard(Arc::clone(&app));
    let guarded = events.map(move |event| {
        let _open = &guard;
        event
    });
    let beat = Event::default().event("beat").data("{}");
    Ok(Sse::new(guarded).keep_alive(KeepAlive::new().interval(KEEP_ALIVE).event(beat)))
}

/// One open stream.
struct Listener {
    app: Arc<App>,
    caller: Caller,
    changes: broadcast::Receiver<Change>,
    stopping: watch::Receiver<bool>,
    rights: watch::Receiver<()>,
    check: Interval,
}

impl Listener {
    fn new(app: &Arc<App>, caller: Caller, changes: broadcast::Receiver<Change>) -> Self {
        let mut check = tokio::time::interval(STREAM_CHECK);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        check.reset();
        Self {
            app: Arc::clone(app),
            caller,
            changes,
            stopping: app.live.stopping(),
            rights: app.live.rights(),
            check,
        }
    }

    /// What to send next; `None`: the stream ends.
    async fn next(&mut self, newest: i64) -> Option<Vec<Event>> {
        loop {
            let change = tokio::select! {
                change = self.changes.recv() => Some(change),
                _ = self.stopping.wait_for(|stop| *stop) => return None,
                _ = self.rights.changed() => None,
                _ = self.check.tick() => None,
            };
            let Some(change) = change else {
                self.go_on().await?;
                continue;
            };
            return match change {
                Ok(change) => Some(events_of(&change, self.caller.workspace_id, newest)),
                // Too slow: what was missed is read again by the page.
                Err(RecvError::Lagged(_)) => {
                    Some(vec![Event::default().event("resync").data("{}")])
                }
                Err(RecvError::Closed) => None,
            };
        }
    }

    /// `None`: who listens may not any more. A database that is away decides nothing.
    async fn go_on(&self) -> Option<()> {
        match self.caller.is_current(&self.app).await {
            Ok(false) => None,
            Ok(true) | Err(_) => Some(()),
        }
    }
}

/// Counts the stream as closed when it is dropped.
struct StreamGuard(Arc<App>);

impl Drop for StreamGuard {
    fn drop(&mut self) {
        self.0.metrics.stream(-1);
    }
}

async fn catch_up(app: &App, caller: &Caller, id: &str) -> Result<Vec<TimelineEntry>, Problem> {
    let Some(last) = IdKind::Timeline.parse(id) else {
        return Ok(Vec::new());
    };
    let mut tx = app.database.read().await?;
    let entries = timeline::after(&mut tx, caller.workspace_id, last, STREAM_CATCH_UP).await?;
    tx.rollback().await?;
    Ok(entries)
}

fn events_of(change: &Change, workspace_id: i64, newest: i64) -> Vec<Event> {
    let mine = |entry: &&TimelineEntry| entry.workspace_id == workspace_id && entry.id > newest;
    let lines = change
        .timeline
        .iter()
        .filter(mine)
        .filter_map(timeline_event);
    let incidents = change.incidents.iter().map(|id| {
        let data = serde_json::json!({ "id": IdKind::Incident.show(*id) });
        Event::default().event("incident").data(data.to_string())
    });
    let issues = change
        .timeline
        .iter()
        .filter_map(|entry| entry.issue_id)
        .collect::<BTreeSet<_>>();
    let issues = issues.into_iter().map(|id| {
        let data = serde_json::json!({ "id": IdKind::Issue.show(id) });
        Event::default().event("issue").data(data.to_string())
    });
    let rings = change.timeline.iter().any(|entry| {
        matches!(
            entry.kind.as_str(),
            "incident.opened" | "incident.reopened" | "incident.retriggered"
        )
    });
    let bell = rings.then(|| Event::default().event("bell").data("{}"));
    let deliveries = std::iter::once(Event::default().event("delivery").data("{}"));
    lines
        .chain(incidents)
        .chain(issues)
        .chain(bell)
        .chain(deliveries)
        .collect()
}

fn timeline_event(entry: &TimelineEntry) -> Option<Event> {
    let data = serde_json::json!({
        "id": IdKind::Timeline.show(entry.id),
        "at": entry.at.rfc3339(),
        "kind": entry.kind,
        "actor": { "kind": entry.actor.kind, "id": entry.actor.id, "name": entry.actor.name },
        "summary": entry.summary,
        "incident_id": entry.incident_id.map(|id| IdKind::Incident.show(id)),
        "issue_id": entry.issue_id.map(|id| IdKind::Issue.show(id)),
        "delivery_id": entry.delivery_id.map(|id| IdKind::Delivery.show(id)),
    });
    let id = IdKind::Timeline.show(entry.id);
    Event::default()
        .event("timeline")
        .id(id)
        .json_data(data)
        .ok()
}
