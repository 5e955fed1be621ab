//! What changed, for open pages and streams.

use crate::limits::STREAMS;
use epicenter_domain::incident::TimelineEntry;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::{broadcast, watch};

/// Batches a slow listener may fall behind before it has to catch up from the store.
const BACKLOG: usize = 256;

/// One commit's changes.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Lines written to timelines.
    pub timeline: Arc<[TimelineEntry]>,
    /// Incidents that changed, also those that only counted one more.
    pub incidents: BTreeSet<i64>,
}

/// Tells listeners about commits. Cheap when nobody listens.
#[derive(Clone, Debug)]
pub struct Live {
    changes: broadcast::Sender<Change>,
    stopping: watch::Sender<bool>,
    rights: watch::Sender<()>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            changes: broadcast::channel(BACKLOG).0,
            stopping: watch::channel(false).0,
            rights: watch::channel(()).0,
        }
    }
}

impl Live {
    /// Tells what a commit changed.
    pub fn publish(&self, timeline: Vec<TimelineEntry>, incidents: impl IntoIterator<Item = i64>) {
        if self.changes.receiver_count() == 0 {
            return;
        }
        let mentioned = timeline.iter().filter_map(|entry| entry.incident_id);
        let incidents = incidents.into_iter().chain(mentioned).collect();
        // Nobody may be listening any more; that is no failure.
        drop(self.changes.send(Change {
            timeline: timeline.into(),
            incidents,
        }));
    }

    /// Listens from now on; `None` when too many do already.
    pub fn listen(&self) -> Option<broadcast::Receiver<Change>> {
        (self.changes.receiver_count() < STREAMS).then(|| self.changes.subscribe())
    }

    /// Becomes true when the server stops, so that open streams end.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Changes when somebody lost a role, a session or a token, so that open streams ask anew
    /// whether they may go on.
    pub fn rights(&self) -> watch::Receiver<()> {
        self.rights.subscribe()
    }

    /// Lets every open stream ask whether it may go on.
    pub fn rights_changed(&self) {
        self.rights.send_replace(());
    }

    /// Ends the open streams.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }
}
