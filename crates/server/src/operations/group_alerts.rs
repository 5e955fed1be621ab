//! What the deliveries of a batch may join: read in full only those that could, and load the open
//! incidents that look like them.

use crate::registry::Snapshot;
use epicenter_domain::engine::{Key, Look, Origin, Slice, may_join};
use epicenter_domain::routing::group::{self, GroupPolicy, Stack, Traits};
use epicenter_domain::routing::window::Zone;
use epicenter_domain::routing::{Known, Subject, Surroundings};
use epicenter_domain::signal::{AlertState, EventDetail, Fact, IssueChange, Signal};
use epicenter_domain::sources::{self, Envelope};
use epicenter_domain::time::Time;
use epicenter_store::changes::deploys;
use epicenter_store::inbox::PendingDelivery;
use epicenter_store::packing::Dictionary;
use epicenter_store::{StoreError, Tx, packing, slice};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Signals of one alert in one batch that are looked at: the engine looks at no more.
const LOOKS: usize = 3;

/// A delivery of the batch, and what was read of it.
pub(super) struct Candidate<'a> {
    /// As it is stored.
    pub(super) delivery: &'a PendingDelivery,
    /// Its signals, without what only the page of an event shows.
    pub(super) signals: &'a [Signal],
    /// The integration it came through.
    pub(super) origin: &'a Origin,
    /// The resource that was read.
    pub(super) resource: &'a str,
    /// What its body is packed with.
    pub(super) dictionary: Option<&'a Dictionary>,
}

/// Fills the slice with how the alerts of the batch look and with what they may join. A batch in
/// which no alert could open an incident costs nothing.
pub(super) async fn look_around(
    tx: &mut Tx,
    registry: &Snapshot,
    slice: &mut Slice,
    batch: &[Candidate<'_>],
) -> Result<(), StoreError> {
    let mut looked: BTreeMap<Key, usize> = BTreeMap::new();
    let mut hashes = BTreeSet::new();
    let mut since: Option<Time> = None;
    let mut deployed = Deployed::default();
    for candidate in batch {
        let workspace_id = candidate.origin.workspace_id;
        let policy = registry.grouping(workspace_id);
        if !policy.is_on {
            continue;
        }
        let now = Time(candidate.delivery.received_at);
        for signal in candidate.signals.iter().filter(|signal| fires(signal)) {
            let Some(key) = key_of(candidate, signal) else {
                continue;
            };
            if !may_join(slice, &key, &policy, now) {
                continue;
            }
            let times = looked.entry(key.clone()).or_default();
            if *times == LOOKS {
                continue;
            }
            *times += 1;
            let mut traits = traits(candidate, signal, &policy);
            if !deployed.has(tx, workspace_id, &traits).await? {
                traits.deploy.clear();
            }
            let found = group::hashes(&traits, &policy);
            let from = now.plus_ms(-policy.window_ms);
            since = Some(since.map_or(from, |since| since.min(from)));
            hashes.extend(found.iter().map(|hash| (workspace_id, *hash)));
            let look = Look {
                traits,
                hashes: found,
                policy: Arc::clone(&policy),
            };
            let place = (candidate.delivery.id, key);
            slice.groups.looks.insert(place, look);
        }
    }
    let hashes: Vec<(i64, [u8; 16])> = hashes.into_iter().collect();
    match since {
        Some(since) if !hashes.is_empty() => slice::load_groups(tx, &hashes, since, slice).await,
        _ => Ok(()),
    }
}

/// Which releases were deployed, asked once for a batch. A release that nobody said was deployed
/// makes no deploy: errors may carry the same one for years.
#[derive(Debug, Default)]
struct Deployed {
    known: BTreeMap<(i64, String), bool>,
}

impl Deployed {
    async fn has(
        &mut self,
        tx: &mut Tx,
        workspace_id: i64,
        traits: &Traits,
    ) -> Result<bool, StoreError> {
        if traits.deploy.is_empty() {
            return Ok(false);
        }
        let place = (workspace_id, traits.subject.release.clone());
        if let Some(known) = self.known.get(&place) {
            return Ok(*known);
        }
        let found = deploys::of_version(tx, workspace_id, &place.1, 1).await?;
        Ok(*self.known.entry(place).or_insert(!found.is_empty()))
    }
}

/// May it open an incident?
fn fires(signal: &Signal) -> bool {
    match &signal.fact {
        Fact::Issue(fact) => matches!(
            fact.change,
            IssueChange::Created
                | IssueChange::AlertFired { .. }
                | IssueChange::Reported { .. }
                | IssueChange::Occurred { .. }
                | IssueChange::Unresolved
        ),
        Fact::Alert(fact) => matches!(fact.state, AlertState::Firing(_)),
        Fact::Installation(_) | Fact::Remark(_) | Fact::Change(_) => false,
    }
}

fn key_of(candidate: &Candidate<'_>, signal: &Signal) -> Option<Key> {
    let integration_id = candidate.origin.integration_id;
    match &signal.fact {
        Fact::Issue(fact) => Some((integration_id, fact.issue.key.dedup_key())),
        Fact::Alert(fact) => Some((integration_id, fact.dedup_key.clone())),
        Fact::Installation(_) | Fact::Remark(_) | Fact::Change(_) => None,
    }
}

fn traits(candidate: &Candidate<'_>, signal: &Signal, policy: &GroupPolicy) -> Traits {
    let mut signal = signal.clone();
    let mut stack = Stack::default();
    let wants_stack = policy.by_deploy || policy.by_family || policy.alike_percent.is_some();
    if let Fact::Issue(fact) = &mut signal.fact
        && let Some(event) = &mut fact.event
        && ((wants_stack && event.detail.has_stack()) || !policy.rules.is_empty())
        && let Some(detail) = whole_detail(candidate)
    {
        stack = Stack::of(&detail);
        event.detail = detail;
    }
    let subject = Subject::of(
        &signal,
        &Surroundings {
            integration: &candidate.origin.name,
            service: "",
            severity: None,
            known: Known::default(),
            ownership: None,
            zone: &Zone::utc(),
            now: Time(candidate.delivery.received_at),
        },
    );
    let project = Some(subject.project.as_str()).filter(|project| !project.is_empty());
    Traits {
        service_id: candidate.origin.service_of(project),
        deploy: match (subject.release.as_str(), subject.environment.as_str()) {
            ("", _) => String::new(),
            (release, "") => release.to_owned(),
            (release, environment) => format!("{release} in {environment}"),
        },
        subject,
        stack,
    }
}

/// The event with its stack: the body is read once more, this time in full.
fn whole_detail(candidate: &Candidate<'_>) -> Option<EventDetail> {
    let delivery = candidate.delivery;
    let unpacked = packing::unpack(candidate.dictionary?, &delivery.content).ok()?;
    let envelope = Envelope {
        headers: &unpacked.headers,
        body: &unpacked.body,
        received_at: Time(delivery.received_at),
    };
    sources::event_detail(candidate.resource, envelope)
}
