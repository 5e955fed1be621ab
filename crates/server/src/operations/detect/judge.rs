//! Whether an event of what was resolved is a real regression, by the releases and deploys that are
//! known (ACCEPTANCE U4).

use crate::limits::FIX_DEPLOYS;
use epicenter_domain::change::DeployStatus;
use epicenter_domain::routing::detect::{Judged, Regression};
use epicenter_domain::signal::Resolution;
use epicenter_domain::time::Time;
use epicenter_store::changes::{deploys, releases};
use epicenter_store::{StoreError, Tx};

/// Where and when an event happened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) release: Option<String>,
    /// May be empty.
    pub(super) environment: String,
    pub(super) at: Time,
}

/// The verdict; none where nobody said in which release it is resolved.
pub(super) async fn judge(
    tx: &mut Tx,
    workspace_id: i64,
    resolution: &Resolution,
    place: &Place,
) -> Result<Option<Judged>, StoreError> {
    if resolution.release.is_none() && resolution.after.is_none() {
        return Ok(None);
    }
    let mut known = Regression {
        fixed_in: resolution.release.clone(),
        fixed_after: resolution.after.clone(),
        release: place.release.clone(),
        environment: place.environment.clone(),
        at: place.at,
        ..Regression::default()
    };
    if let Some(release) = &place.release {
        known.released_at = released_at(tx, workspace_id, release).await?;
    }
    if let Some(fixed_in) = &resolution.release {
        known.fixed_released_at = released_at(tx, workspace_id, fixed_in).await?;
        let all = deploys::of_version(tx, workspace_id, fixed_in, FIX_DEPLOYS).await?;
        known.fixed_deployed_at = all
            .iter()
            .filter(|deploy| {
                let is_here =
                    place.environment.is_empty() || deploy.environment == place.environment;
                is_here && is_live(deploy.status)
            })
            .map(|deploy| deploy.at)
            .min();
    }
    Ok(Some(known.judge()))
}

/// Was it ever live?
fn is_live(status: DeployStatus) -> bool {
    matches!(status, DeployStatus::Succeeded | DeployStatus::Inactive)
}

async fn released_at(
    tx: &mut Tx,
    workspace_id: i64,
    version: &str,
) -> Result<Option<Time>, StoreError> {
    let release = releases::by_version(tx, workspace_id, version).await?;
    Ok(release.map(|release| release.released_at.unwrap_or(release.created_at)))
}
