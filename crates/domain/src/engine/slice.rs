//! The rows that one batch touches, and what changed in them.

use crate::incident::{Alert, Incident, TimelineEntry};
use crate::issue::Issue;
use crate::routing::detect::Judged;
use crate::routing::tree::Routed;
use crate::signal::EventFacts;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// Integration and dedup key.
pub type Key = (i64, String);

/// Issue, instant and Sentry's event id: names one event.
pub type EventKey = (i64, Time, String);

/// A row, and whether it must be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Tracked<T> {
    /// The row.
    pub row: T,
    /// Was it changed, or made, since it was loaded?
    pub is_dirty: bool,
}

impl<T> Tracked<T> {
    /// A row as the store has it.
    pub fn loaded(row: T) -> Self {
        Self {
            row,
            is_dirty: false,
        }
    }

    /// A row the store does not have yet.
    pub fn made(row: T) -> Self {
        Self {
            row,
            is_dirty: true,
        }
    }

    /// The row, to be changed.
    pub fn edit(&mut self) -> &mut T {
        self.is_dirty = true;
        &mut self.row
    }
}

/// An event to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Issue.
    pub issue_id: i64,
    /// When it happened.
    pub at: Time,
    /// The delivery that carries its detail.
    pub delivery_id: Option<i64>,
    /// What was sent.
    pub facts: EventFacts,
}

/// What a payload identifies, remembered to absorb duplicates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIdentity {
    /// Integration.
    pub integration_id: i64,
    /// First 16 bytes of SHA-256 of the identity.
    pub hash: [u8; 16],
    /// The delivery that brought it.
    pub delivery_id: i64,
}

/// An alert that began to fire, in an incident: what storms are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Began {
    /// The incident.
    pub incident_id: i64,
    /// When, by our clock.
    pub at: Time,
}

/// The rows that one batch touches.
#[derive(Clone, Debug, Default)]
pub struct Slice {
    /// Issues by integration and dedup key.
    pub issues: BTreeMap<Key, Tracked<Issue>>,
    /// Alerts by integration and dedup key.
    pub alerts: BTreeMap<Key, Tracked<Alert>>,
    /// The alerts' latest incidents, by id.
    pub incidents: BTreeMap<i64, Tracked<Incident>>,
    /// What releases say of signals that may be no real regressions, by delivery and key.
    pub lags: BTreeMap<(i64, Key), super::Lag>,
    /// Known identities: the delivery that brought them.
    pub identities: BTreeMap<(i64, [u8; 16]), i64>,
    /// Known events among those the batch brings.
    pub known_events: BTreeSet<EventKey>,
    /// Numbers of Sentry's organisations, by integration and name.
    pub organizations: BTreeMap<Key, String>,
    /// Incidents that alerts may join.
    pub groups: super::Groups,
    /// What was done here to these issues, and how far the news of it came to Sentry.
    pub writebacks: BTreeMap<super::WriteKey, Tracked<crate::writeback::WriteBack>>,
    /// The highest incident number per workspace.
    pub last_numbers: BTreeMap<i64, i64>,
    /// Out: identities to remember.
    pub new_identities: Vec<NewIdentity>,
    /// Out: numbers of organisations to remember.
    pub new_organizations: BTreeMap<Key, String>,
    /// Out: events to store.
    pub new_events: Vec<NewEvent>,
    /// Out: events per issue and hour to add.
    pub buckets: BTreeMap<(i64, Time), i64>,
    /// Out: lines for the timelines.
    pub timeline: Vec<TimelineEntry>,
    /// Out: incidents whose suspects must be ranked (anew).
    pub to_rank: BTreeSet<i64>,
    /// Out: incidents that changed: who is told of them is planned (anew).
    pub to_plan: BTreeSet<i64>,
    /// Out: incidents that were opened, taken, woken or closed: their escalation follows.
    pub moved: BTreeSet<i64>,
    /// Out: alerts that began to fire, in order.
    pub began: Vec<Began>,
    /// Out: where the rules sent new incidents, if it is more than their service.
    pub routed: BTreeMap<i64, Routed>,
    /// Out: whether the regressions that opened incidents are real ones, by incident.
    pub judged: BTreeMap<i64, Judged>,
    /// Out: changes to store, in order.
    pub changes: Vec<super::NewChange>,
    /// Out: what is to be remembered, in order.
    pub notes: Vec<crate::observation::Note>,
    /// Out: integrations that were installed (organisation) or removed.
    pub installations: Vec<(i64, crate::signal::InstallationFact)>,
}

impl Slice {
    /// The alert of a dedup key.
    pub fn alert(&self, key: &Key) -> Option<&Alert> {
        self.alerts.get(key).map(|tracked| &tracked.row)
    }

    /// An incident by id.
    pub fn incident(&self, id: i64) -> Option<&Incident> {
        self.incidents.get(&id).map(|tracked| &tracked.row)
    }

    /// The next incident number of a workspace.
    pub fn next_number(&mut self, workspace_id: i64) -> i64 {
        let last = self.last_numbers.entry(workspace_id).or_insert(0);
        *last += 1;
        *last
    }
}
