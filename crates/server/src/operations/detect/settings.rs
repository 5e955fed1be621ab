//! What a workspace, or a service of it, wants noticed.

use crate::app::App;
use crate::limits::{
    AUTO_RESOLVE_GAPS, AUTO_RESOLVE_MINUTES, LONGEST_QUIET_MINUTES, SPIKE_FLOOR_MOST,
    SPIKE_TIMES_MOST,
};
use crate::operations::OperationError;
use epicenter_domain::routing::detect::Detection;
use epicenter_store::{Tx, detection, services};

/// Whose settings: those of a service, or of the whole workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Workspace.
    pub workspace_id: i64,
    /// Service; none: the whole workspace.
    pub service_id: Option<i64>,
}

/// Sets what is looked for, and what is done about it.
pub async fn set_detection(
    app: &App,
    wanted: Wanted,
    detection: &Detection,
) -> Result<(), OperationError> {
    checked(detection)?;
    let mut tx = app.database.write().await?;
    known(&mut tx, wanted).await?;
    let place = (wanted.workspace_id, wanted.service_id);
    detection::set_settings(&mut tx, place, detection).await?;
    tx.commit().await?;
    app.registry.reload(&app.database).await?;
    Ok(())
}

/// Forgets what was set: those of the workspace count again, or the defaults.
pub async fn forget_detection(app: &App, wanted: Wanted) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    known(&mut tx, wanted).await?;
    detection::forget_settings(&mut tx, (wanted.workspace_id, wanted.service_id)).await?;
    tx.commit().await?;
    app.registry.reload(&app.database).await?;
    Ok(())
}

async fn known(tx: &mut Tx, wanted: Wanted) -> Result<(), OperationError> {
    let Some(service_id) = wanted.service_id else {
        return Ok(());
    };
    let all = services::list(tx, wanted.workspace_id).await?;
    if all.iter().any(|service| service.id == service_id) {
        return Ok(());
    }
    Err(OperationError::NotFound("service"))
}

/// Is it within the limits?
pub(crate) fn checked(detection: &Detection) -> Result<(), OperationError> {
    for (field, value, least, most) in [
        ("spike_times", detection.spike_times, 2, SPIKE_TIMES_MOST),
        ("spike_floor", detection.spike_floor, 1, SPIKE_FLOOR_MOST),
        (
            "quiet_minutes",
            detection.quiet_minutes,
            1,
            LONGEST_QUIET_MINUTES,
        ),
        (
            "auto_resolve_minutes",
            detection.auto_resolve_minutes,
            AUTO_RESOLVE_MINUTES.0,
            AUTO_RESOLVE_MINUTES.1,
        ),
        (
            "auto_resolve_gaps",
            detection.auto_resolve_gaps,
            AUTO_RESOLVE_GAPS.0,
            AUTO_RESOLVE_GAPS.1,
        ),
    ] {
        if !(least..=most).contains(&value) {
            let message = format!("must be between {least} and {most}");
            return Err(OperationError::invalid(field, message));
        }
    }
    Ok(())
}
