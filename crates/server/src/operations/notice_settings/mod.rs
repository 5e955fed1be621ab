//! What people set about notices: destinations, silences, maintenance; and what they ask of the log: a test,
//! a replay, the reasons.

pub mod destinations;
pub mod kinds;
pub mod maintenance;
mod replay;
pub mod silences;
pub(super) mod target;
mod weekly;
mod why;

pub use replay::{replay, send_test};
pub use target::{WantedTarget, parts};
pub use weekly::{WantedWeekly, windows};
pub use why::{Account, Answer, accounts};

use crate::app::App;
use crate::operations::OperationError;
use epicenter_domain::sources::Fault;
use epicenter_store::notices::plans;
use epicenter_store::{StoreError, Tx};

/// A fault of a field.
fn fault(field: impl Into<String>, message: impl Into<String>) -> Fault {
    Fault {
        field: field.into(),
        message: message.into(),
    }
}

/// No faults, or all of them.
fn must_be_sound(faults: Vec<Fault>) -> Result<(), OperationError> {
    if faults.is_empty() {
        return Ok(());
    }
    Err(OperationError::Faults(faults))
}

/// The rules have changed: every open incident is planned anew, and the change is kept with it.
async fn commit_with_plans(app: &App, mut tx: Tx, workspace_id: i64) -> Result<(), StoreError> {
    plans::ask_for_open(&mut tx, workspace_id, app.clock.now()).await?;
    tx.commit().await?;
    app.planning.notify_one();
    Ok(())
}
