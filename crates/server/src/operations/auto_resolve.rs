//! Resolves incidents that have gone quiet, where a workspace or service wants it (ACCEPTANCE §3
//! row 37). Off the way of the webhooks: the timekeeper looks at a few at a time, each by the clock
//! that its last look has set.

use super::step;
use super::watch_sources::quiet_sources;
use crate::app::App;
use crate::limits::{AUTO_RESOLVE_AFTER_START_MS, QUIET_LOOKS};
use crate::registry::Snapshot;
use epicenter_domain::engine::command;
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::{AutoResolve, Calm, Command, Ending, Incident, QuietAlert};
use epicenter_domain::signal::Actor;
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::time::Time;
use epicenter_store::slice::Touched;
use epicenter_store::{StoreError, Tx, detection, incidents, quiet};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of incidents that may have gone quiet.
struct Facts {
    alerts: BTreeMap<i64, Vec<QuietAlert>>,
    /// Usual gaps that detection has learnt, by issue.
    gaps: BTreeMap<i64, i64>,
    /// Integrations that have stopped sending.
    silent: BTreeSet<i64>,
}

impl Facts {
    async fn of(tx: &mut Tx, all: &[Incident], silent: BTreeSet<i64>) -> Result<Self, StoreError> {
        let ids: Vec<i64> = all.iter().map(|incident| incident.id).collect();
        let issues: Vec<i64> = all
            .iter()
            .filter_map(|incident| incident.issue_id)
            .collect();
        let watches = detection::load_watches(tx, &issues).await?.into_iter();
        Ok(Self {
            alerts: quiet::alerts_of(tx, &ids).await?,
            gaps: watches
                .filter_map(|(id, watch)| Some((id, watch.usual_gap_ms()?)))
                .collect(),
            silent,
        })
    }

    fn look(&self, registry: &Snapshot, incident: &Incident, now: Time) -> (Ending, Time) {
        let rule = registry
            .detection(incident.workspace_id, incident.service_id)
            .quiet_rule();
        let source = registry.by_id(incident.integration_id);
        let alerts = self.alerts.get(&incident.id);
        let calm = Calm {
            incident,
            alerts: alerts.map_or(&[], Vec::as_slice),
            is_own: source.is_some_and(|entry| entry.kind == IntegrationKind::Own),
            is_source_silent: self.silent.contains(&incident.integration_id),
            watched_gap_ms: incident.issue_id.and_then(|id| self.gaps.get(&id).copied()),
        };
        (calm.look(rule, now), calm.last_signal_at())
    }
}

/// The integrations that have stopped sending, although they usually do not.
async fn silent(tx: &mut Tx, now: Time) -> Result<BTreeSet<i64>, StoreError> {
    Ok(quiet_sources(tx, now).await?.into_keys().collect())
}

/// When an open incident is resolved by itself, or why it is not; none where nothing is, or when it
/// is over.
pub async fn ending_of(
    app: &App,
    tx: &mut Tx,
    incident: &Incident,
) -> Result<Option<Ending>, StoreError> {
    let registry = app.registry.snapshot();
    let wanted = registry.detection(incident.workspace_id, incident.service_id);
    if !incident.is_open() || wanted.auto_resolve == AutoResolve::Off {
        return Ok(None);
    }
    let now = app.clock.now();
    let silent = silent(tx, now).await?;
    let facts = Facts::of(tx, std::slice::from_ref(incident), silent).await?;
    Ok(Some(facts.look(&registry, incident, now).0))
}

/// Looks at the incidents that may have gone quiet by now, and resolves those that have. Answers how
/// many it resolved.
pub async fn resolve_quiet(app: &App) -> Result<usize, StoreError> {
    let now = app.clock.now();
    if now.since_ms(app.up_since) < AUTO_RESOLVE_AFTER_START_MS {
        return Ok(0);
    }
    let registry = app.registry.snapshot();
    let mut resolved = 0;
    for workspace_id in registry.auto_resolving() {
        resolved += look_at(app, (&registry, workspace_id), now).await?;
    }
    Ok(resolved)
}

async fn look_at(
    app: &App,
    (registry, workspace_id): (&Snapshot, i64),
    now: Time,
) -> Result<usize, StoreError> {
    let mut tx = app.database.read().await?;
    let due = quiet::due_looks(&mut tx, workspace_id, now, QUIET_LOOKS).await?;
    if due.is_empty() {
        tx.rollback().await?;
        return Ok(0);
    }
    let silent = silent(&mut tx, now).await?;
    let facts = Facts::of(&mut tx, &due, silent).await?;
    tx.rollback().await?;
    let mut looks: BTreeMap<Time, Vec<i64>> = BTreeMap::new();
    let mut over = Vec::new();
    for incident in &due {
        let (ending, _) = facts.look(registry, incident, now);
        let again = Calm::look_again_at(&ending, now);
        looks.entry(again).or_default().push(incident.id);
        if matches!(ending, Ending::Over(_)) {
            over.push(incident.id);
        }
    }
    let mut resolved = 0;
    for id in over {
        let silent = &facts.silent;
        let done = resolve(app, (registry, silent), (workspace_id, id), now).await?;
        resolved += usize::from(done);
    }
    // Last, so that a crash repeats the look instead of forgetting it.
    let mut tx = app.database.write_state().await?;
    quiet::look_again(&mut tx, &looks).await?;
    tx.commit().await?;
    Ok(resolved)
}

/// Looks once more, now that nothing else changes the state, and resolves it. Sentry is not told: that
/// an error was quiet for a while is what Epicenter thinks, and resolving it there would make each
/// later event a regression. The engine owes Sentry only what people do.
async fn resolve(
    app: &App,
    (registry, silent): (&Snapshot, &BTreeSet<i64>),
    (workspace_id, id): (i64, i64),
    now: Time,
) -> Result<bool, StoreError> {
    let mut tx = app.database.write_state().await?;
    let Some(incident) = incidents::by_id(&mut tx, workspace_id, id).await? else {
        tx.rollback().await?;
        return Ok(false);
    };
    let facts = Facts::of(&mut tx, std::slice::from_ref(&incident), silent.clone()).await?;
    let (ending, last_signal_at) = facts.look(registry, &incident, now);
    let Ending::Over(how) = ending else {
        tx.rollback().await?;
        return Ok(false);
    };
    let origin = app.registry.origin(incident.integration_id, workspace_id);
    let touched = Touched {
        keys: [(incident.integration_id, incident.dedup_key)].into(),
        incidents: [id].into(),
        ..Touched::default()
    };
    let what = Command::ResolveQuiet(last_signal_at, how);
    let (done, lines) = step(app, &mut tx, &touched, (&origin, now), |slice, context| {
        command(slice, context, (id, &what), &Actor::epicenter())
    })
    .await?;
    tx.commit().await?;
    app.live.publish(lines, [id]);
    Ok(done.unwrap_or_else(|error| {
        let shown = IdKind::Incident.show(id);
        tracing::warn!(incident.id = shown, %error, "{shown} was not resolved: {error}");
        false
    }))
}
