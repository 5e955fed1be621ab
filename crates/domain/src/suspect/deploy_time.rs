//! The error began soon after the candidate was deployed.

use super::ground::Ground;
use super::weights::{CLOCK_SLACK_MS, DEPLOY_HALF_HOURS};
use super::{Candidate, Code, Evidence, Scene};
use crate::time::{HOUR_MS, MINUTE_MS};

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::DeployTime,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    ground.each(|commit| match delay_minutes(ground.scene, commit) {
        Some(minutes) => {
            let hours = f64::from(minutes) / 60.0;
            DEPLOY_HALF_HOURS / (DEPLOY_HALF_HOURS + hours)
        }
        None => 0.0,
    })
}

/// Minutes from deploy to the first event; `None` when unknown, or when the deploy came later.
fn delay_minutes(scene: &Scene, commit: &Candidate) -> Option<u32> {
    let seen = scene.first_seen?.0;
    let deployed = commit.deployed_at?.0;
    let delay = seen.saturating_sub(deployed);
    (delay >= -CLOCK_SLACK_MS).then(|| u32::try_from(delay.max(0) / MINUTE_MS).unwrap_or(u32::MAX))
}

fn explain(ground: &Ground<'_>, candidate: usize) -> String {
    let delay = ground
        .candidates
        .get(candidate)
        .and_then(|commit| delay_minutes(ground.scene, commit));
    let hour = u32::try_from(HOUR_MS / MINUTE_MS).unwrap_or(60);
    match delay {
        Some(minutes) if minutes < 2 * hour => {
            format!("The error began {minutes} minutes after its deploy")
        }
        Some(minutes) => format!("The error began {} hours after its deploy", minutes / hour),
        None => String::from("The error began after its deploy"),
    }
}
