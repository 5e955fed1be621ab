//! Applies deliveries that were read, in one transaction.

use super::canary;
use super::detect::look_up;
use super::group_alerts::{self, Candidate};
use super::guarded::guarded;
use super::rank_suspects::ask_for_rankings;
use super::read_deliveries::{Batch, Dictionaries, Ready};
use super::record_changes::record_changes;
use super::{escalate, notices, remember, storms};
use crate::app::App;
use crate::limits::INTAKE_TRIES;
use epicenter_domain::engine::{Context, Slice, Verdict, VerdictOutcome, apply_delivery};
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::TimelineEntry;
use epicenter_domain::signal::{Fact, MetricName, Signal};
use epicenter_domain::sources;
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::sources::own::canary_of;
use epicenter_store::inbox::{self, NewVerdict};
use epicenter_store::slice::{self, Touched};
use epicenter_store::{StoreError, integrations};

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

/// Why deliveries were not applied.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Undecidable(String),
}

/// Applies a batch. One that fails is applied one by one; what fails then, and what could not be
/// read, is counted, and parked after [`INTAKE_TRIES`], while the ones behind it go on.
pub async fn apply_deliveries(app: &App, batch: &Batch) -> Result<Progress, StoreError> {
    // One batch at a time in this process; nodes find out from the verdicts, see below.
    let _turn = app.applying.lock().await;
    let mut progress = Progress {
        has_more: batch.has_more,
        ..Progress::default()
    };
    match apply(app, &batch.ready, &batch.dictionaries).await {
        Ok(decided) => progress.decided = decided,
        Err(Failure::Store(StoreError::Conflict(_))) => {
            progress.has_more = true;
            return Ok(progress);
        }
        Err(Failure::Store(error)) if !error.is_about_the_data() => return Err(error),
        Err(failure) => {
            tracing::warn!(
                count = batch.ready.len(),
                "[webhooks/sentry] a batch failed and is applied one by one: {failure}"
            );
            for ready in &batch.ready {
                match apply(app, std::slice::from_ref(ready), &batch.dictionaries).await {
                    Ok(decided) => progress.decided += decided,
                    Err(Failure::Store(error)) if !error.is_about_the_data() => return Err(error),
                    Err(failure) => {
                        progress.failed += 1;
                        count_failure(app, ready.delivery.id, &failure.to_string()).await?;
                    }
                }
            }
        }
    }
    for (id, reason) in &batch.unreadable {
        progress.failed += 1;
        count_failure(app, *id, reason).await?;
    }
    Ok(progress)
}

async fn count_failure(app: &App, id: i64, failure: &str) -> Result<(), StoreError> {
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
async fn apply(app: &App, ready: &[Ready], dictionaries: &Dictionaries) -> Result<usize, Failure> {
    if ready.is_empty() {
        return Ok(0);
    }
    let registry = app.registry.snapshot();
    let touched = touched(ready);
    let mut turn = app.database.turn().await?;
    let mut slice = slice::load(turn.reads(), &touched).await?;
    let batch = candidates(ready, dictionaries);
    group_alerts::look_around(turn.reads(), &registry, &mut slice, &batch).await?;
    look_up(turn.reads(), &registry, &mut slice, &batch).await?;
    let verdicts = decide(app, &mut slice, ready)?;
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
    canary::hand_on(app, &mut tx, &canaries(ready)).await?;
    tx.commit().await?;
    count(app, ready, &verdicts);
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
            app.tally
                .note(&one.entry.origin, outcome, one.received_at());
        }
    }
}

/// The deliveries of the batch with what was read of them.
fn candidates<'a>(ready: &'a [Ready], dictionaries: &'a Dictionaries) -> Vec<Candidate<'a>> {
    let candidates = ready.iter().map(|ready| Candidate {
        delivery: &ready.delivery,
        signals: ready.input.reading.outcome.signals(),
        origin: &ready.entry.origin,
        resource: &ready.input.reading.resource,
        dictionary: dictionaries.get(&ready.delivery.dictionary),
    });
    candidates.collect()
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
                    .unwrap_or(delivery.received_at());
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
    let mut verdicts = Vec::with_capacity(ready.len());
    for delivery in ready {
        let mut context = Context {
            origin: &delivery.entry.origin,
            delivery_id: Some(delivery.delivery.id),
            now: delivery.received_at(),
            ids: &app.ids,
        };
        let verdict = guarded("deciding", || {
            apply_delivery(slice, &mut context, &delivery.input)
        })
        .map_err(Failure::Undecidable)?;
        verdicts.push(new_verdict(delivery, verdict));
    }
    Ok(verdicts)
}

fn new_verdict(delivery: &Ready, verdict: Verdict) -> NewVerdict {
    NewVerdict {
        delivery_id: delivery.delivery.id,
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
