//! One event, and the way to its neighbours.

use super::views::parts::{Clock, Query};
use super::views::{EventChooser, EventFrame, EventView};
use super::visitor::Failure;
use crate::operations::event_detail::event_detail;
use epicenter_domain::id::IdKind;
use epicenter_store::events::EventRecord;
use epicenter_store::{Tx, events};

/// The event that is wanted, else the newest, and links to the others.
pub(super) async fn chooser(
    tx: &mut Tx,
    issue_id: i64,
    wanted: Option<i64>,
    base: &str,
) -> Result<(Option<EventRecord>, EventChooser), Failure> {
    let link = |record: &EventRecord| {
        Query::new(base)
            .set("event", &IdKind::Event.show(record.id))
            .href()
    };
    let newest = events::of_issue(tx, issue_id, None, 2).await?.items;
    let latest = newest.first().cloned();
    let chosen = match wanted {
        Some(id) => newest
            .iter()
            .find(|record| record.id == id)
            .cloned()
            .or(events::by_id_in_issue(tx, issue_id, id).await?),
        None => latest.clone(),
    };
    let Some(chosen) = chosen else {
        return Ok((None, EventChooser::default()));
    };
    let older = events::next_older(tx, &chosen).await?;
    let newer = events::next_newer(tx, &chosen).await?;
    let is_latest = latest.as_ref().is_some_and(|latest| latest.id == chosen.id);
    let chooser = EventChooser {
        is_latest,
        latest: Some(base.to_owned()).filter(|_| !is_latest),
        newer: newer.as_ref().map(link),
        older: older.as_ref().map(link),
        stored_count: events::count_of_issue(tx, issue_id).await?,
    };
    Ok((Some(chosen), chooser))
}

/// The event as it is shown; `None` when its detail is no longer kept.
pub(super) async fn event_view(
    tx: &mut Tx,
    (workspace_id, clock): (i64, Clock),
    record: &EventRecord,
) -> Result<Option<EventView>, Failure> {
    let Some(detail) = event_detail(tx, workspace_id, record).await? else {
        return Ok(None);
    };
    let frame = EventFrame {
        event_id: record.event_id.clone(),
        at: record.at,
        environment: record.environment.clone(),
        release: record.release.clone(),
    };
    Ok(Some(EventView::new(clock, frame, &detail)))
}
