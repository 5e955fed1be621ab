//! How Epicenter is: facts from the store and the machine, judged by the domain. The health page, the
//! API and `epicenter doctor` show the same lines; the doctor also asks while no server runs.

mod figures;
mod integrations;
mod sentry;
mod storage;

pub use figures::Figures;
pub(in crate::operations) use sentry::facts_of;

use crate::app::App;
use crate::config::Config;
use crate::limits::HEALTH_COUNT;
use epicenter_domain::health::{
    self, CanaryFacts, Finding, OutboxFacts, Report, TrafficFacts, WorkerFacts,
};
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::time::{DAY_MS, HOUR_MS, Time};
use epicenter_store::health::counts::{self, NOT_STORED, REFUSED, Tally};
use epicenter_store::health::{alarms, beats, canary, queues};
use epicenter_store::notices::destinations;
use epicenter_store::observations::queue;
use epicenter_store::{Database, StoreError, Tx};

/// Whose health is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// Settings.
    pub config: &'a Config,
    /// The store.
    pub database: &'a Database,
    /// Workspace.
    pub workspace_id: i64,
    /// Now.
    pub now: Time,
    /// Kinds whose default integration has a secret of the environment.
    pub known_kinds: &'a [IntegrationKind],
}

/// What was found, and the figures behind it.
#[derive(Clone, Debug)]
pub struct Health {
    /// The lines.
    pub report: Report,
    /// The figures.
    pub figures: Figures,
}

/// The health of a workspace of a running server.
pub async fn of_app(app: &App, workspace_id: i64) -> Result<Health, StoreError> {
    let has_secret =
        |kind: &IntegrationKind| app.registry.environment_secrets(*kind).next().is_some();
    let known: Vec<IntegrationKind> = IntegrationKind::ALL
        .into_iter()
        .filter(has_secret)
        .collect();
    health(Scene {
        config: &app.config,
        database: &app.database,
        workspace_id,
        now: app.clock.now(),
        known_kinds: &known,
    })
    .await
}

/// Asks for everything, in one reading transaction.
pub async fn health(scene: Scene<'_>) -> Result<Health, StoreError> {
    let mut tx = scene.database.read().await?;
    let tx = &mut tx;
    let mut figures = Figures::default();
    let tallies = counts::since(tx, scene.workspace_id, scene.now.plus_ms(-DAY_MS)).await?;
    let own = integrations::own(tx, scene.workspace_id).await?;
    let facts = traffic(tx, &tallies, &own).await?;
    figures.traffic = facts;
    let mut findings = health::traffic(&facts, scene.now);
    findings.extend(integrations::findings(tx, &scene, &tallies).await?);
    findings.extend(sentry::findings(tx, &scene, &mut figures).await?);
    findings.extend(notices(tx, &scene).await?);
    findings.extend(itself(tx, &scene).await?);
    findings.extend(workers(tx, &scene).await?);
    findings.extend(storage::findings(tx, &scene, &mut figures).await?);
    Ok(Health {
        report: Report::new(scene.now, findings),
        figures,
    })
}

/// Sums over all integrations but Epicenter's own.
async fn traffic(tx: &mut Tx, tallies: &[Tally], own: &[i64]) -> Result<TrafficFacts, StoreError> {
    let mut facts = TrafficFacts::default();
    for tally in tallies {
        if own.contains(&tally.integration_id) {
            continue;
        }
        let sum = match tally.outcome.as_str() {
            REFUSED => &mut facts.refused,
            NOT_STORED => &mut facts.not_stored,
            _ => &mut facts.stored,
        };
        *sum += tally.request_count;
    }
    let waiting = queues::intake(tx, HEALTH_COUNT).await?;
    facts.waiting = waiting.count;
    facts.waiting_since = waiting.since;
    facts.parked = queues::parked(tx, HEALTH_COUNT).await?.count;
    Ok(facts)
}

async fn notices(tx: &mut Tx, scene: &Scene<'_>) -> Result<Vec<Finding>, StoreError> {
    let waiting = queues::outbox(tx, scene.now, HEALTH_COUNT).await?;
    let all = destinations::list(tx, scene.workspace_id).await?;
    let failing = all.iter().filter(|one| one.is_enabled);
    let failing = failing.filter_map(|one| Some((one.name.clone(), one.failing_since?)));
    let disabled = all.iter().filter(|one| !one.is_enabled);
    let disabled = disabled.filter_map(|one| Some((one.name.clone(), one.disabled_why.clone()?)));
    let facts = OutboxFacts {
        waiting: waiting.count,
        waiting_since: waiting.since,
        failing: failing.collect(),
        disabled: disabled.collect(),
        destination_count: i64::try_from(all.len()).unwrap_or(i64::MAX),
    };
    Ok(health::outbox(&facts, scene.now))
}

/// The canary, and what Epicenter warns of.
async fn itself(tx: &mut Tx, scene: &Scene<'_>) -> Result<Vec<Finding>, StoreError> {
    let newest = canary::newest(tx, 1).await?.into_iter().next();
    let facts = CanaryFacts {
        every_ms: i64::from(scene.config.health.canary_hours) * HOUR_MS,
        newest: newest.map(|run| (Time(run.started_at), run.outcome, run.detail)),
    };
    let mut findings = vec![health::canary(&facts, scene.now)];
    let open: Vec<(Time, String)> = alarms::all(tx)
        .await?
        .into_iter()
        .filter(|alarm| alarm.workspace_id == scene.workspace_id)
        .map(|alarm| (Time(alarm.raised_at), alarm.says))
        .collect();
    findings.extend(health::alarms(&open, scene.now));
    Ok(findings)
}

async fn workers(tx: &mut Tx, scene: &Scene<'_>) -> Result<Vec<Finding>, StoreError> {
    let all = beats::all(tx).await?.into_iter().map(|beat| WorkerFacts {
        node: beat.node,
        name: beat.name,
        done_at: beat.done_at.map(Time),
        failed: beat.failed_at.map(Time).zip(beat.failure),
    });
    let mut findings = health::workers(&all.collect::<Vec<_>>(), scene.now);
    let backlog = queue::backlog(tx, HEALTH_COUNT).await?;
    findings.push(health::memory(backlog.count, backlog.since, scene.now));
    Ok(findings)
}
