//! The canary: a signed delivery of Epicenter to its own door. It goes through proof, inbox, intake
//! and outbox like every webhook, and ends where a notice would be handed to a channel.

use super::OperationError;
use super::accounts::DEFAULT_WORKSPACE;
use super::warn::{calm, own_integration, warn};
use crate::app::App;
use crate::clients::own_door;
use crate::limits::CANARY_MS;
use epicenter_domain::level::Severity;
use epicenter_domain::notification::{Digest, Kind, Notice, Receipt, Subject};
use epicenter_domain::sources::own::{CANARY, Warning, canary_body};
use epicenter_domain::time::{HOUR_MS, SECOND_MS, Time};
use epicenter_store::health::canary::{self, CanaryRun};
use epicenter_store::notices::outbox::{self, OutboxRecord};
use epicenter_store::{StoreError, Tx};

/// The dedup key of the incident about it.
const KEY: &str = "epicenter-canary";
/// Before the id, in the address of a canary's notice.
const ADDRESS: &str = "canary:";

/// Sends a canary if one is due, and judges the one that is under way.
pub async fn look_after(app: &App) -> Result<(), OperationError> {
    let every = i64::from(app.config.health.canary_hours) * HOUR_MS;
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let newest = canary::newest(&mut tx, 1).await?.into_iter().next();
    tx.rollback().await?;
    if let Some(run) = &newest
        && run.outcome == "waiting"
        && now.since_ms(Time(run.started_at)) >= CANARY_MS
    {
        return fail(app, run.clone(), lost(&run.stage)).await;
    }
    let is_due = newest.is_none_or(|run| {
        // One that failed is followed soon, so that it is told, or over.
        let has_failed = run.outcome == "failed";
        let wait = if has_failed {
            every.min(2 * CANARY_MS)
        } else {
            every
        };
        now.since_ms(Time(run.started_at)) >= wait
    });
    if every > 0 && is_due {
        set_out(app).await?;
    }
    Ok(())
}

/// Where it got lost, from where it was last seen.
fn lost(stage: &str) -> &'static str {
    if stage == "door" {
        "It was stored and got no verdict within 5 minutes: intake does not work."
    } else {
        "It came through intake, and the notifier did not take it within 5 minutes."
    }
}

/// Sends a canary to the door. Answers its id.
pub async fn set_out(app: &App) -> Result<i64, OperationError> {
    let entry = own_integration(app, DEFAULT_WORKSPACE).await?;
    let now = app.clock.now();
    let run = CanaryRun {
        id: app.ids.next(now),
        started_at: now.0,
        outcome: "waiting".to_owned(),
        stage: "door".to_owned(),
        detail: "It is on its way.".to_owned(),
        duration_ms: 0,
    };
    keep(app, &run).await?;
    let secret = entry.secrets.iter().find(|secret| secret.is_active(now));
    let secret = secret
        .map(|secret| secret.value.expose())
        .unwrap_or_default();
    let body = canary_body(run.id);
    let sent = own_door::send(app.config.listen, &entry.key, (secret, CANARY), body).await;
    let id = run.id;
    if let Err(why) = sent {
        fail(app, run, &why).await?;
    }
    Ok(id)
}

async fn keep(app: &App, run: &CanaryRun) -> Result<(), StoreError> {
    let mut tx = app.database.write().await?;
    canary::keep(&mut tx, run).await?;
    tx.commit().await
}

async fn fail(app: &App, run: CanaryRun, why: &str) -> Result<(), OperationError> {
    let failed = CanaryRun {
        outcome: "failed".to_owned(),
        detail: why.to_owned(),
        duration_ms: app.clock.now().since_ms(Time(run.started_at)),
        ..run
    };
    keep(app, &failed).await?;
    if app.config.health.warns {
        let warning = Warning {
            key: KEY.to_owned(),
            severity: Some(Severity::Critical),
            title: "Epicenter's canary did not come back".to_owned(),
            says: why.to_owned(),
            todo:
                "Webhooks may be lost, or nobody told of them. Look at the health page and at the \
                log; the next canary that comes back ends this."
                    .to_owned(),
            link: format!("{}/health", app.config.base_url()),
        };
        warn(app, DEFAULT_WORKSPACE, &warning).await?;
    }
    Ok(())
}

/// Hands canaries that intake has read to the notifier, in the transaction of their verdicts.
pub(super) async fn hand_on(app: &App, tx: &mut Tx, ids: &[i64]) -> Result<(), StoreError> {
    let now = app.clock.now();
    for id in ids {
        let Some(run) = canary::by_id(tx, *id).await? else {
            continue;
        };
        let moved = CanaryRun {
            stage: "notifier".to_owned(),
            ..run
        };
        canary::keep(tx, &moved).await?;
        outbox::owe(tx, &notice(app.ids.next(now), *id, now)).await?;
        app.owed.notify_one();
    }
    Ok(())
}

/// A notice to nobody.
fn notice(id: i64, canary_id: i64, now: Time) -> OutboxRecord {
    let digest = Digest {
        title: "Canary".to_owned(),
        text: "Epicenter tries whether its own notices come through.".to_owned(),
        severity: Severity::Info,
        lines: Vec::new(),
        more: 0,
        link: None,
    };
    OutboxRecord {
        id,
        workspace_id: DEFAULT_WORKSPACE,
        destination_id: None,
        address: Some(format!("{ADDRESS}{canary_id}")),
        incident_id: None,
        notice: Notice {
            kind: Kind::Test,
            subject: Subject::Digest(digest),
            summary: String::new(),
            reason: "Epicenter watches itself; it goes to nobody".to_owned(),
            idempotency_key: format!("canary-{canary_id}"),
            at: now,
        },
        state: "waiting".to_owned(),
        due_at: now,
        attempt_count: 0,
        created_at: now,
        done_at: None,
        last_answer: None,
    }
}

/// The canary that a notice is.
pub fn canary_in(record: &OutboxRecord) -> Option<i64> {
    record
        .address
        .as_deref()?
        .strip_prefix(ADDRESS)?
        .parse()
        .ok()
}

/// The notifier took a canary: it is back.
pub async fn arrived(app: &App, id: i64) -> Result<Receipt, StoreError> {
    let mut tx = app.database.read().await?;
    let run = canary::by_id(&mut tx, id).await?;
    tx.rollback().await?;
    let Some(run) = run else {
        return Ok(Receipt::refused("This canary is not known"));
    };
    let duration_ms = app.clock.now().since_ms(Time(run.started_at)).max(0);
    let seconds = duration_ms / SECOND_MS;
    let back = CanaryRun {
        outcome: "passed".to_owned(),
        stage: "done".to_owned(),
        detail: format!("It came through door, inbox, intake and outbox in {seconds} seconds."),
        duration_ms,
        ..run
    };
    keep(app, &back).await?;
    let says = "A canary came back.";
    if let Err(error) = calm(app, DEFAULT_WORKSPACE, KEY, says).await {
        tracing::warn!(%error, "the incident about the canary could not be ended: {error}");
    }
    Ok(Receipt::Delivered { external_ref: None })
}
