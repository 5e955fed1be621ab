//! The outbox from the inside: what is due is taken, and what came of it is kept. At least once, with
//! the same key at each attempt, at ever longer intervals, until it arrives or the schedule ends. A
//! destination that is gone, or has failed for five days, is switched off, and the others are told.

use crate::app::App;
use crate::limits::{
    DISABLE_AFTER_MS, NOTICE_LEASE_MS, RETRY_SCHEDULE_MS, SEND_AT_ONCE, SEND_BATCH,
    SEND_JITTER_PERCENT,
};
use epicenter_domain::id::IdKind;
use epicenter_domain::level::Severity;
use epicenter_domain::notification::{Digest, Kind, Link, Notice, Receipt, Subject, Target};
use epicenter_domain::time::Time;
use epicenter_store::notices::destinations::{self, DestinationRecord};
use epicenter_store::notices::outbox::{self, AttemptRecord, OutboxRecord};
use epicenter_store::notices::plans;
use epicenter_store::notices::turns::{self, Place};
use epicenter_store::{StoreError, Tx};
use std::collections::{BTreeMap, BTreeSet};

/// Notices to one place that nobody else sends.
#[derive(Debug)]
pub struct Claimed {
    /// They are this process's until then.
    pub until: Time,
    /// The notices, in order.
    pub records: Vec<OutboxRecord>,
}

/// Takes what is due, by place, so that nobody else sends it too. Places that are `busy` are left
/// alone: what goes to one place goes in order, and a slow or flooded one holds up no other.
pub async fn claim_due(
    app: &App,
    busy: &BTreeSet<Place>,
) -> Result<BTreeMap<Place, Claimed>, StoreError> {
    let now = app.clock.now();
    let until = now.plus_ms(NOTICE_LEASE_MS);
    let mut by_place: BTreeMap<Place, Claimed> = BTreeMap::new();
    let due = due_by_place(app, busy, now).await?;
    if due.is_empty() {
        return Ok(by_place);
    }
    let mut tx = app.database.write_state().await?;
    for (place, records) in due {
        let mut claimed = Vec::new();
        for record in records {
            if outbox::claim(&mut tx, &record, until).await? {
                claimed.push(record);
            }
        }
        if !claimed.is_empty() {
            let records = claimed;
            by_place.insert(place, Claimed { until, records });
        }
    }
    tx.commit().await?;
    Ok(by_place)
}

/// What is due at the places that are not busy, some of each.
async fn due_by_place(
    app: &App,
    busy: &BTreeSet<Place>,
    now: Time,
) -> Result<Vec<(Place, Vec<OutboxRecord>)>, StoreError> {
    let mut due = Vec::new();
    let mut room = SEND_BATCH;
    let mut tx = app.database.read().await?;
    let places = turns::places(&mut tx).await?;
    for place in places.into_iter().filter(|place| !busy.contains(place)) {
        let records = turns::due(&mut tx, &place, now, SEND_AT_ONCE.min(room)).await?;
        room -= i64::try_from(records.len()).unwrap_or(room);
        if !records.is_empty() {
            due.push((place, records));
        }
        if room <= 0 {
            break;
        }
    }
    tx.rollback().await?;
    Ok(due)
}

/// Gives back what was claimed until `until` and not begun: it is due as it was.
pub async fn give_back(
    app: &App,
    records: impl IntoIterator<Item = OutboxRecord>,
    until: Time,
) -> Result<(), StoreError> {
    let mut tx = app.database.write_state().await?;
    for record in records {
        outbox::give_back(&mut tx, &record, until).await?;
    }
    tx.commit().await
}

/// A notice with all that sending it needs.
#[derive(Debug)]
pub struct Ready {
    /// The notice.
    pub record: OutboxRecord,
    /// Where it goes; why it cannot go anywhere.
    pub target: Result<Target, String>,
    /// How the other side calls the message that is edited in place.
    pub previous: Option<String>,
    destination: Option<DestinationRecord>,
}

/// Looks up where a notice goes.
pub async fn make_ready(app: &App, record: OutboxRecord) -> Result<Ready, StoreError> {
    let mut tx = app.database.read().await?;
    let (target, destination) = target_of(app, &mut tx, &record).await?;
    let previous = match (record.incident_id, record.destination_id) {
        (Some(incident_id), Some(id)) => plans::card(&mut tx, incident_id, id).await?,
        _ => None,
    };
    tx.rollback().await?;
    Ok(Ready {
        record,
        target,
        previous,
        destination,
    })
}

/// Keeps what came of an attempt that began at `began`.
pub async fn record_receipt(
    app: &App,
    ready: Ready,
    receipt: &Receipt,
    began: Time,
) -> Result<(), StoreError> {
    let Ready {
        record,
        destination,
        ..
    } = ready;
    let done = app.clock.now();
    let attempt = AttemptRecord {
        notice_id: record.id,
        number: record.attempt_count + 1,
        at: began.0,
        duration_ms: done.since_ms(began).max(0),
        outcome: word(receipt).to_owned(),
        answer: answer(receipt).to_owned(),
    };
    let mut tx = app.database.write_state().await?;
    let next = next(&record, receipt, done);
    outbox::record(&mut tx, next, &attempt).await?;
    if let (
        Receipt::Delivered {
            external_ref: Some(card),
        },
        Some(incident_id),
        Some(id),
    ) = (receipt, record.incident_id, record.destination_id)
    {
        plans::keep_card(&mut tx, incident_id, id, card).await?;
    }
    if let Some(destination) = destination {
        judge(app, &mut tx, (destination, receipt), done).await?;
    }
    tx.commit().await?;
    let id = IdKind::Notification.show(record.id);
    if let Receipt::Refused { why, .. } = receipt {
        tracing::warn!(notice.id = id, why, "notice {id} was refused: {why}");
    }
    Ok(())
}

/// Where a notice goes; why it cannot go there.
async fn target_of(
    app: &App,
    tx: &mut Tx,
    record: &OutboxRecord,
) -> Result<(Result<Target, String>, Option<DestinationRecord>), StoreError> {
    if let Some(address) = &record.address {
        return Ok((app.mail_to(address), None));
    }
    let found = match record.destination_id {
        Some(id) => destinations::by_id(tx, record.workspace_id, id).await?,
        None => None,
    };
    Ok(match found {
        Some(destination) if !destination.is_enabled && record.notice.kind != Kind::Test => {
            (Err("The destination is switched off".to_owned()), None)
        }
        Some(destination) => (Ok(destination.target.clone()), Some(destination)),
        None => (Err("The destination was removed".to_owned()), None),
    })
}

/// State, next attempt and end after a receipt.
fn next(record: &OutboxRecord, receipt: &Receipt, now: Time) -> (&'static str, Time, Option<Time>) {
    match receipt {
        Receipt::Delivered { .. } => ("delivered", now, Some(now)),
        Receipt::Refused { .. } => ("failed", now, Some(now)),
        Receipt::RetryAfter { at_least_ms, .. } => {
            let index = usize::try_from(record.attempt_count).unwrap_or(usize::MAX);
            match RETRY_SCHEDULE_MS.get(index) {
                Some(step) => {
                    let wait = jittered(*step, record.id).max(*at_least_ms);
                    ("waiting", now.plus_ms(wait), None)
                }
                None => ("failed", now, Some(now)),
            }
        }
    }
}

/// A fifth more or less, by the notice's id: what failed together is not tried again together.
fn jittered(step_ms: i64, id: i64) -> i64 {
    let spread = 2 * SEND_JITTER_PERCENT + 1;
    let percent = 100 - SEND_JITTER_PERCENT + id.rem_euclid(spread);
    step_ms * percent / 100
}

/// What a receipt says of the destination itself.
async fn judge(
    app: &App,
    tx: &mut Tx,
    (mut destination, receipt): (DestinationRecord, &Receipt),
    now: Time,
) -> Result<(), StoreError> {
    let failing_since = match receipt {
        Receipt::Delivered { .. } => None,
        Receipt::Refused { disable: false, .. } => destination.failing_since,
        Receipt::Refused { .. } | Receipt::RetryAfter { .. } => {
            destination.failing_since.or(Some(now))
        }
    };
    let is_gone = matches!(receipt, Receipt::Refused { disable: true, .. });
    let is_hopeless = failing_since.is_some_and(|since| now.since_ms(since) >= DISABLE_AFTER_MS);
    if failing_since == destination.failing_since && !is_gone && !is_hopeless {
        return Ok(());
    }
    destination.failing_since = failing_since;
    if (is_gone || is_hopeless) && destination.is_enabled {
        destination.is_enabled = false;
        destination.disabled_why = Some(answer(receipt).to_owned());
        destinations::save(tx, &destination).await?;
        return warn(app, tx, &destination, now).await;
    }
    destinations::save(tx, &destination).await
}

/// Tells the other destinations that this one was switched off.
async fn warn(
    app: &App,
    tx: &mut Tx,
    gone: &DestinationRecord,
    now: Time,
) -> Result<(), StoreError> {
    let name = &gone.name;
    tracing::error!(destination = name, "destination {name} was switched off");
    let all = destinations::list(tx, gone.workspace_id).await?;
    for other in all.iter().filter(|one| one.is_enabled && one.id != gone.id) {
        let id = app.ids.next(now);
        let why = gone.disabled_why.as_deref().unwrap_or_default();
        let notice = Notice {
            kind: Kind::HealthWarning,
            subject: Subject::Digest(Digest {
                title: format!("Notices to “{name}” were switched off"),
                text: format!("It took no notices any more: {why}"),
                severity: Severity::Error,
                lines: Vec::new(),
                more: 0,
                link: Some(Link {
                    text: "Destinations".to_owned(),
                    url: format!("{}/settings/destinations", app.config.base_url()),
                }),
            }),
            summary: String::new(),
            reason: "Every destination hears when another one stops working".to_owned(),
            idempotency_key: IdKind::Notification.show(id),
            at: now,
        };
        let record = OutboxRecord {
            id,
            workspace_id: gone.workspace_id,
            destination_id: Some(other.id),
            address: None,
            incident_id: None,
            notice,
            state: "waiting".to_owned(),
            due_at: now,
            attempt_count: 0,
            created_at: now,
            done_at: None,
            last_answer: None,
        };
        outbox::owe(tx, &record).await?;
    }
    Ok(())
}

fn word(receipt: &Receipt) -> &'static str {
    match receipt {
        Receipt::Delivered { .. } => "delivered",
        Receipt::RetryAfter { .. } => "retry_after",
        Receipt::Refused { .. } => "refused",
    }
}

fn answer(receipt: &Receipt) -> &str {
    match receipt {
        Receipt::Delivered { .. } => "",
        Receipt::RetryAfter { why, .. } | Receipt::Refused { why, .. } => why,
    }
}
