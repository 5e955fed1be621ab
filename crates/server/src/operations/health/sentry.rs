//! The way back to Sentry, and how much webhooks told.

use super::{Figures, Scene};
use crate::limits::GROWTH_DAYS;
use epicenter_domain::health::{self, ConnectionFacts, Finding};
use epicenter_domain::time::DAY_MS;
use epicenter_store::health::capture;
use epicenter_store::sentry::connections::{self, ConnectionRecord};
use epicenter_store::{StoreError, Tx};

/// A line for each connection, and how much of 24 hours webhooks told; nothing where Sentry's API is
/// not used.
pub(super) async fn findings(
    tx: &mut Tx,
    scene: &Scene<'_>,
    figures: &mut Figures,
) -> Result<Vec<Finding>, StoreError> {
    let all = connections::list(tx, scene.workspace_id).await?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let mut findings = Vec::new();
    let begun = all.iter().map(|one| one.created_at).min();
    for one in all {
        let facts = facts_of(one);
        findings.push(health::connection(&facts, scene.now));
    }
    // What was new before the connection is no measure of the webhooks.
    let from = scene.now.plus_ms(-DAY_MS);
    let window = (begun.map_or(from, |begun| begun.max(from)), scene.now);
    let mut captured = capture::capture(tx, (scene.workspace_id, None), window).await?;
    captured.missing = capture::unread(tx, scene.workspace_id).await?;
    findings.push(captured.finding());
    figures.capture = Some(captured);
    let from = scene.now.plus_ms(-GROWTH_DAYS * DAY_MS);
    figures.capture_days = capture::days(tx, scene.workspace_id, from).await?;
    Ok(findings)
}

/// What is known of a connection.
pub(in crate::operations) fn facts_of(one: ConnectionRecord) -> ConnectionFacts {
    ConnectionFacts {
        name: format!("{} at {}", one.organization, one.base_url),
        synced_until: one.synced_until,
        created_at: Some(one.created_at),
        checked: one.checked_at.map(|at| (at, one.check_fault)),
        scopes: one.scopes,
        held_until: one.held_until,
        expires_at: one.token_expires_at,
    }
}
