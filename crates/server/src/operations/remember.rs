//! Puts what happened into the memory, in the transaction that it happened in.

use crate::app::App;
use epicenter_domain::engine::NewChange;
use epicenter_domain::observation::change::{self, Linked};
use epicenter_domain::observation::{Observation, Record, Sighting, compose};
use epicenter_domain::signal::EventDetail;
use epicenter_store::{StoreError, Tx, observations};

/// Where a change comes from that no integration brought.
const BY_API: &str = "api";

/// The records of sightings; `whole` finds the event of a delivery with its stack.
pub(super) fn compose_all(
    sightings: &[Sighting],
    whole: impl Fn(i64) -> Option<EventDetail>,
) -> Vec<Observation> {
    let record = |sighting: &Sighting| {
        let delivery_id = sighting.delivery_id.filter(|_| sighting.lacks_stack());
        compose(sighting, delivery_id.and_then(&whole).as_ref())
    };
    sightings.iter().map(record).collect()
}

/// Remembers sightings.
pub(super) async fn sightings(
    tx: &mut Tx,
    sightings: &[Sighting],
    whole: impl Fn(i64) -> Option<EventDetail>,
) -> Result<(), StoreError> {
    observations::save(tx, &compose_all(sightings, whole)).await
}

/// The record of a change that was just linked.
pub(super) fn of_change(
    app: &App,
    change: &NewChange,
    linked: &Linked,
    service_id: Option<i64>,
) -> Option<Observation> {
    let registry = app.registry.snapshot();
    let entry = change.integration_id.and_then(|id| registry.by_id(id));
    let source = entry.map_or(BY_API, |entry| entry.kind.as_str());
    let draft = change::draft(change, source, linked)?;
    Some(draft.finish(Record {
        id: app.ids.next(change.received_at),
        workspace_id: change.workspace_id,
        recorded_at: change.received_at,
        service_id,
        incident_id: None,
        issue_id: None,
        delivery_id: change.delivery_id,
    }))
}
