//! Notices: who is told of an incident (`plan`), what they read (`compose`), and what came of it
//! (`receipt`).

mod compose;
mod enough;
mod holds;
mod pages;
mod plan;
mod receipt;
mod scene;

pub use holds::tell_holds;
pub use pages::page_due;
pub use plan::plan_due;
pub use receipt::{Claimed, Ready, claim_due, give_back, make_ready, record_receipt};
pub use scene::flapping_since;

use crate::app::App;
use epicenter_domain::engine::Slice;
use epicenter_store::notices::plans;
use epicenter_store::{StoreError, Tx};
use std::collections::BTreeMap;

/// Asks for plans of the incidents that changed, in the transaction that changed them.
pub(super) async fn ask_for_plans(app: &App, tx: &mut Tx, slice: &Slice) -> Result<(), StoreError> {
    let mut by_workspace: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for id in &slice.to_plan {
        if let Some(incident) = slice.incident(*id) {
            let ids = by_workspace.entry(incident.workspace_id).or_default();
            ids.push(*id);
        }
    }
    for (workspace_id, ids) in by_workspace {
        plans::ask(tx, workspace_id, &ids, app.clock.now()).await?;
        app.planning.notify_one();
    }
    Ok(())
}
