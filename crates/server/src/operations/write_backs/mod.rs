//! What people do here goes to Sentry: decided with the state, sent by a worker.

mod answer;
mod send;
mod settings;
mod whom;

pub use send::send_due;
pub(super) use settings::try_again;
pub use settings::{Choice, choice_of, choose};

use epicenter_domain::engine::Slice;
use epicenter_domain::writeback::WriteState;
use epicenter_store::{StoreError, Tx};
use std::collections::BTreeMap;

/// What was just done and no connection is to be told of waits for nothing, and says so.
pub(super) async fn keep_to_settings(tx: &mut Tx, slice: &mut Slice) -> Result<(), StoreError> {
    let mut known = BTreeMap::new();
    for (place, tracked) in &mut slice.writebacks {
        let done = &tracked.row;
        let is_new = tracked.is_dirty && done.state == WriteState::Waiting;
        if !is_new || done.attempt_count > 0 {
            continue;
        }
        let of = (done.workspace_id, done.integration_id);
        if let std::collections::btree_map::Entry::Vacant(e) = known.entry(of) {
            e.insert(whom::upstreams(tx, of.0, of.1).await?);
        }
        let all = known.get(&of).map(Vec::as_slice).unwrap_or_default();
        let issue = slice.issues.get(&place.0);
        let permalink = issue.and_then(|issue| issue.row.permalink.as_deref());
        let why = match whom::choose(all, permalink) {
            Some(upstream) => upstream.why_not(done.said.matter()),
            // Without any connection there is nothing to say about it.
            None => Some(String::new()),
        };
        if let Some(why) = why {
            let done = tracked.edit();
            done.state = WriteState::Off;
            done.reason = why;
        }
    }
    Ok(())
}
