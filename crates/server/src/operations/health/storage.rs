//! Database, disk, and what retention took away.

use super::{Figures, Scene};
use crate::limits::GROWTH_DAYS;
use epicenter_domain::health::{self, DatabaseFacts, Finding};
use epicenter_domain::time::DAY_MS;
use epicenter_store::health::samples;
use epicenter_store::{StoreError, Tx, retention};
use std::path::Path;

/// Days of removals that are added up.
const REMOVED_DAYS: i64 = 7;

/// Findings about storage.
pub(super) async fn findings(
    tx: &mut Tx,
    scene: &Scene<'_>,
    figures: &mut Figures,
) -> Result<Vec<Finding>, StoreError> {
    let sizes = retention::sizes(tx).await?;
    let days = |count: i64| scene.now.plus_ms(-count * DAY_MS);
    let samples_kept = samples::sizes_since(tx, days(GROWTH_DAYS)).await?;
    let cap = i64::from(scene.config.database_max_mib) << 20;
    let cap_bytes = (cap > 0).then_some(cap);
    let free = scene.database.file().and_then(free_bytes);
    let under_cap = cap_bytes.map(|cap| cap - sizes.total_bytes);
    let room = under_cap.into_iter().chain(free).min();
    let growth = health::growth(&samples_kept, room);
    figures.database_bytes = sizes.total_bytes;
    figures.growth = growth;
    figures.disk_free_bytes = free;
    let facts = DatabaseFacts {
        total_bytes: sizes.total_bytes,
        cap_bytes,
        growth,
    };
    let mut findings = vec![health::database(&facts)];
    findings.extend(free.map(health::disk));
    let removed = samples::removed_since(tx, days(REMOVED_DAYS)).await?;
    findings.push(health::retention(&removed));
    Ok(findings)
}

/// What an ordinary user can still write on the disk of this file.
fn free_bytes(file: &Path) -> Option<i64> {
    let folder = file.parent().filter(|path| !path.as_os_str().is_empty());
    let found = rustix::fs::statvfs(folder.unwrap_or_else(|| Path::new("."))).ok()?;
    i64::try_from(found.f_bavail.saturating_mul(found.f_frsize)).ok()
}
