//! Takes the oldest deliveries without a verdict, reads them, and applies them in one transaction.

use super::canary;
use super::detect::look_up;
use super::group_alerts::{self, Candidate};
use super::guarded::guarded;
use super::rank_suspects::ask_for_rankings;
use super::record_changes::record_changes;
use super::{escalate, notices, remember, storms};
use crate::app::App;
use crate::limits::{INTAKE_BATCH, INTAKE_TRIES};
use crate::registry::{Entry, Snapshot};
use epicenter_domain::engine::{
    Context, Input, Slice, Verdict, VerdictOutcome, apply_delivery, identity_hash,
};
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::TimelineEntry;
use epicenter_domain::signal::{Fact, MetricName, Signal};
use epicenter_domain::sources::own::canary_of;
use epicenter_domain::sources::{self, Envelope, IntegrationKind, Reading};
use epicenter_domain::time::Time;
use epicenter_store::inbox::{self, NewVerdict, PendingDelivery};
use epicenter_store::packing::Dictionary;
use epicenter_store::slice::{self, Touched};
use epicenter_store::{StoreError, Tx, integrations, packing};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Deliveries that got their verdict.
    pub decided: usize,
    /// Deliveries that made the code fail and will be tried again.
    pub failed: usize,
    /// May more wait? The batch was full, or another node was faster with it.
    pub has_more: bool,
}

/// One delivery, read and ready.
struct Ready {
    id: i64,
    received_at: Time,
    entry: Arc<Entry>,
    input: Input,
}

type Dictionaries = BTreeMap<i64, Dictionary>;

/// Why a batch, or one delivery, was not applied.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Unreadable(String),
}

/// Applies the next batch. A batch that fails is applied one by one; what fails then is counted,
/// and parked after [`INTAKE_TRIES`], while the ones behind it go on.
pub async fn apply_deliveries(app: &App) -> Result<Progress, StoreError> {
    // One batch at a time in this process; nodes find out from the verdicts, see below.
    let _turn = app.applying.lock().await;
    let mut tx = app.database.read().await?;
    let pending = inbox::pending(&mut tx, INTAKE_BATCH).await?;
    let needed = needed(app, &mut tx, &pending).await?;
    tx.rollback().await?;
    let has_more = i64::try_from(pending.len()) == Ok(INTAKE_BATCH);
    if pending.is_empty() {
        return Ok(Progress::default());
    }
    match apply(app, &pending, &needed).await {
        Ok(decided) => {
            return Ok(Progress {
                decided,
                failed: 0,
                has_more,
            });
        }
        Err(Failure::Store(StoreError::Conflict(_))) => {
            return Ok(Progress {
                has_more: true,
                ..Progress::default()
            });
        }
        Err(Failure::Store(error)) if !error.is_about_the_data() => return Err(error),
        Err(failure) => tracing::warn!(
            count = pending.len(),
            "[webhooks/sentry] a batch failed and is applied one by one: {failure}"
        ),
    }
    let mut progress = Progress {
        has_more,
        ..Progress::default()
    };
    for delivery in &pending {
        match apply(app, std::slice::from_ref(delivery), &needed).await {
            Ok(decided) => progress.decided += decided,
            Err(Failure::Store(error)) if !error.is_about_the_data() => return Err(error),
            Err(failure) => {
                progress.failed += 1;
                count_failure(app, delivery.id, &failure).await?;
            }
        }
    }
    Ok(progress)
}

async fn count_failure(app: &App, id: i64, failure: &Failure) -> Result<(), StoreError> {
    let now = app.clock.now();
    let mut tx = app.database.write().await?;
    let reason = format!("It makes Epicenter fail: {failure}");
    let outcome = inbox::count_failure(&mut tx, id, INTAKE_TRIES, &reason, now).await?;
    tx.commit().await?;
    let shown = IdKind::Delivery.show(id);
    tracing::error!(
        delivery.id = shown,
        outcome = outcome.as_str(),
        "[webhooks/sentry] delivery {shown} is {}: {failure}",
        outcome.as_str()
    );
    if outcome == VerdictOutcome::Parked {
        app.metrics.decided(outcome);
    }
    Ok(())
}

/// Applies these deliveries in one transaction.
async fn apply(
    app: &App,
    pending: &[PendingDelivery],
    dictionaries: &Dictionaries,
) -> Result<usize, Failure> {
    let registry = app.registry.snapshot();
    let mut ready = Vec::with_capacity(pending.len());
    for delivery in pending {
        ready.push(read(&registry, dictionaries, delivery)?);
    }
    let touched = touched(&ready);
    let mut turn = app.database.turn().await?;
    let mut slice = slice::load(turn.reads(), &touched).await?;
    let batch = candidates(pending, &ready, dictionaries);
    group_alerts::look_around(turn.reads(), &registry, &mut slice, &batch).await?;
    look_up(turn.reads(), &registry, &mut slice, &batch).await?;
    let verdicts = decide(app, &mut slice, &ready)?;
    let weather = storms::count(app, turn.reads(), &mut slice).await?;
    let mut tx = turn.write().await?;
    slice::save(&mut tx, &slice).await?;
    notices::ask_for_plans(app, &mut tx, &slice).await?;
    remember::enqueue(app, &mut tx, &slice.notes).await?;
    let escalated = escalate::follow(app, &mut tx, &slice.moved, app.clock.now()).await?;
    storms::tell(app, &mut tx, (&weather, &mut slice.timeline)).await?;
    record_changes(app, &mut tx, &slice.changes).await?;
    ask_for_rankings(app, &mut tx, &slice).await?;
    for (integration_id, fact) in &slice.installations {
        integrations::record_installation(&mut tx, *integration_id, fact, app.clock.now()).await?;
    }
    inbox::decide(&mut tx, &verdicts, app.clock.now()).await?;
    canary::hand_on(app, &mut tx, &canaries(&ready)).await?;
    tx.commit().await?;
    count(app, &ready, &verdicts);
    slice.timeline.extend(escalated);
    announce(app, &verdicts, slice.timeline);
    Ok(verdicts.len())
}

/// The canaries among them.
fn canaries(ready: &[Ready]) -> Vec<i64> {
    let own = ready
        .iter()
        .filter(|one| one.entry.kind == IntegrationKind::Own);
    own.filter_map(|one| canary_of(&one.input.reading))
        .collect()
}

/// Counts what was sent, by its verdicts; what is replayed or fetched was not sent.
fn count(app: &App, ready: &[Ready], verdicts: &[NewVerdict]) {
    for (one, new) in ready.iter().zip(verdicts) {
        let is_fetched = one.input.reading.resource == sources::sentry::LATEST_EVENT;
        if !one.input.is_replay && !is_fetched {
            let outcome = new.verdict.outcome.as_str();
            app.tally.note(&one.entry.origin, outcome, one.received_at);
        }
    }
}

/// The dictionaries that these bodies need. One that is not there fails its own deliveries only.
async fn needed(
    app: &App,
    tx: &mut Tx,
    pending: &[PendingDelivery],
) -> Result<Dictionaries, StoreError> {
    let mut needed = Dictionaries::new();
    for delivery in pending {
        if needed.contains_key(&delivery.dictionary) {
            continue;
        }
        match app.dictionaries.get(tx, delivery.dictionary).await {
            Ok(dictionary) => {
                needed.insert(delivery.dictionary, dictionary);
            }
            Err(StoreError::Row { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(needed)
}

/// The deliveries of the batch with what was read of them.
fn candidates<'a>(
    pending: &'a [PendingDelivery],
    ready: &'a [Ready],
    dictionaries: &'a Dictionaries,
) -> Vec<Candidate<'a>> {
    let both = pending.iter().zip(ready);
    both.map(|(delivery, ready)| Candidate {
        delivery,
        signals: ready.input.reading.outcome.signals(),
        origin: &ready.entry.origin,
        resource: &ready.input.reading.resource,
        dictionary: dictionaries.get(&delivery.dictionary),
    })
    .collect()
}

fn read(
    registry: &Snapshot,
    dictionaries: &Dictionaries,
    delivery: &PendingDelivery,
) -> Result<Ready, Failure> {
    let entry = registry
        .by_id(delivery.integration_id)
        .cloned()
        .ok_or_else(|| Failure::Unreadable("its integration was deleted".to_owned()))?;
    let received_at = Time(delivery.received_at);
    let dictionary = dictionaries.get(&delivery.dictionary).ok_or_else(|| {
        let id = delivery.dictionary;
        Failure::Unreadable(format!(
            "its body needs dictionary {id}, which is not there"
        ))
    })?;
    let unpacked = packing::unpack(dictionary, &delivery.content)
        .map_err(|error| Failure::Unreadable(error.to_string()))?;
    let envelope = Envelope {
        headers: &unpacked.headers,
        body: &unpacked.body,
        received_at,
    };
    let reading =
        guarded("reading", || read_as_asked(&entry, envelope)).map_err(Failure::Unreadable)?;
    let identity = identity_hash(&reading, &unpacked.body);
    let input = Input {
        reading,
        identity,
        is_replay: delivery.replay_of.is_some(),
    };
    Ok(Ready {
        id: delivery.id,
        received_at,
        entry,
        input,
    })
}

/// Most need no stack; rules that ask where in the code it happened do.
fn read_as_asked(entry: &Entry, envelope: Envelope<'_>) -> Reading {
    let rules = entry.origin.routing.as_ref();
    if rules.is_some_and(|rules| rules.asks_for_code()) {
        sources::read_whole(entry.kind, envelope)
    } else {
        sources::read(entry.kind, envelope)
    }
}

/// What these deliveries will touch.
fn touched(ready: &[Ready]) -> Touched {
    let mut touched = Touched::default();
    for delivery in ready {
        let signals = delivery.input.reading.outcome.signals();
        if signals.is_empty() {
            continue;
        }
        let integration_id = delivery.entry.origin.integration_id;
        touched
            .identities
            .insert((integration_id, delivery.input.identity));
        touched
            .workspaces
            .insert(delivery.entry.origin.workspace_id);
        for signal in signals {
            touch(&mut touched, delivery, signal);
        }
    }
    touched
}

/// The alert may be known under the organisation's number or under its name.
fn touch_metric(touched: &mut Touched, integration_id: i64, metric: &MetricName) {
    touched
        .keys
        .insert((integration_id, metric.key(&metric.organization)));
    touched
        .organizations
        .entry((integration_id, metric.organization.clone()))
        .or_default()
        .insert(metric.identifier.clone());
}

fn touch(touched: &mut Touched, delivery: &Ready, signal: &Signal) {
    let integration_id = delivery.entry.origin.integration_id;
    match &signal.fact {
        Fact::Issue(fact) => {
            let key = (integration_id, fact.issue.key.dedup_key());
            if let Some(event) = &fact.event {
                let at = event
                    .at
                    .or(fact.issue.last_seen_at)
                    .unwrap_or(delivery.received_at);
                touched
                    .events
                    .push((key.clone(), at.0, event.event_id.clone()));
            }
            touched.keys.insert(key);
        }
        Fact::Alert(fact) => {
            touched
                .keys
                .insert((integration_id, fact.dedup_key.clone()));
            if let Some(metric) = &fact.metric {
                touch_metric(touched, integration_id, metric);
            }
        }
        Fact::Installation(_) | Fact::Remark(_) | Fact::Change(_) => {}
    }
}

fn decide(app: &App, slice: &mut Slice, ready: &[Ready]) -> Result<Vec<NewVerdict>, Failure> {
    let mut ids = app.ids.lock();
    let mut verdicts = Vec::with_capacity(ready.len());
    for delivery in ready {
        let mut context = Context {
            origin: &delivery.entry.origin,
            delivery_id: Some(delivery.id),
            now: delivery.received_at,
            ids: &mut ids,
        };
        let verdict = guarded("deciding", || {
            apply_delivery(slice, &mut context, &delivery.input)
        })
        .map_err(Failure::Unreadable)?;
        verdicts.push(new_verdict(delivery, verdict));
    }
    Ok(verdicts)
}

fn new_verdict(delivery: &Ready, verdict: Verdict) -> NewVerdict {
    NewVerdict {
        delivery_id: delivery.id,
        resource: delivery.input.reading.resource.clone(),
        action: delivery.input.reading.action.clone(),
        verdict,
    }
}

/// After the commit: counters, log lines, live pages.
fn announce(app: &App, verdicts: &[NewVerdict], timeline: Vec<TimelineEntry>) {
    for new in verdicts {
        app.metrics.decided(new.verdict.outcome);
        tracing::debug!(
            delivery.id = new.delivery_id,
            outcome = new.verdict.outcome.as_str(),
            "[webhooks/sentry] {} {}.{}: {}",
            IdKind::Delivery.show(new.delivery_id),
            new.resource,
            new.action,
            new.verdict.reason
        );
    }
    app.live.publish(
        timeline,
        verdicts.iter().filter_map(|new| new.verdict.incident_id),
    );
}
