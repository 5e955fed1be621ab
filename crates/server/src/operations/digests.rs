//! The daily digest: who wants it and when, and what it says. Each is owed in the transaction that
//! notes it as told, so that neither a restart nor a second node tells it twice.

use super::OperationError;
use crate::app::App;
use crate::limits::{DIGEST_BATCH, DIGEST_CANDIDATES};
use epicenter_domain::escalation::calendar::{ClockTime, Zone};
use epicenter_domain::escalation::daily::{day_of, next_daily};
use epicenter_domain::id::IdKind;
use epicenter_domain::notification::daily::Delta;
use epicenter_domain::notification::{Digest, Kind, Notice, Subject};
use epicenter_domain::sources::Fault;
use epicenter_domain::time::{DAY_MS, Time};
use epicenter_store::notices::destinations::{self, DestinationRecord, DigestTime};
use epicenter_store::notices::digests::{self, DigestOwner, DigestRecord, Part, Scope};
use epicenter_store::notices::outbox::{self, OutboxRecord};
use epicenter_store::people::contacts::{self, ContactWay};
use epicenter_store::people::settings;
use epicenter_store::{StoreError, Tx, users};

/// Sets when a destination wants its digest, in words; none: never.
pub async fn set_for_destination(
    app: &App,
    (workspace_id, id): (i64, i64),
    wanted: Option<(&str, &str)>,
) -> Result<(), OperationError> {
    let digest = wanted.map(read).transpose()?;
    let mut tx = app.database.write().await?;
    let found = destinations::by_id(&mut tx, workspace_id, id).await?;
    let mut record = found.ok_or(OperationError::NotFound("destination"))?;
    record.settings.digest.clone_from(&digest);
    destinations::save(&mut tx, &record).await?;
    plan(
        app.clock.now(),
        &mut tx,
        (workspace_id, DigestOwner::Destination(id)),
        digest.as_ref(),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

fn fault(field: &str, message: &str) -> Fault {
    Fault {
        field: field.to_owned(),
        message: message.to_owned(),
    }
}

fn read((at, zone): (&str, &str)) -> Result<DigestTime, OperationError> {
    let mut faults = Vec::new();
    let (at, zone) = (ClockTime::parse(at), Zone::parse(zone));
    if at.is_none() {
        faults.push(fault("digest.at", "must be a time of day such as 09:00"));
    }
    if zone.is_none() {
        let text = "must be a time zone such as Europe/Paris";
        faults.push(fault("digest.zone", text));
    }
    match (at, zone) {
        (Some(at), Some(zone)) => Ok(DigestTime { at, zone }),
        (_, _) => Err(OperationError::Faults(faults)),
    }
}

/// Notes when an owner is next told.
pub(super) async fn plan(
    now: Time,
    tx: &mut Tx,
    (workspace_id, owner): (i64, DigestOwner),
    wanted: Option<&DigestTime>,
) -> Result<(), StoreError> {
    let Some(DigestTime { at, zone }) = wanted else {
        return digests::unschedule(tx, owner).await;
    };
    let known = digests::of_owner(tx, owner).await?;
    let last_day = known.and_then(|known| known.last_day);
    let record = DigestRecord {
        owner,
        workspace_id,
        told_until: now.plus_ms(-DAY_MS),
        next_at: next_daily(zone, *at, now, last_day.as_deref()),
        last_day,
    };
    digests::schedule(tx, &record).await
}

/// Who is told: where to, of what, and when next.
struct Reader {
    destination: Option<DestinationRecord>,
    address: Option<String>,
    time: DigestTime,
}

impl Reader {
    /// `None`: nobody wants it any more.
    async fn load(tx: &mut Tx, due: &DigestRecord) -> Result<Option<Self>, StoreError> {
        match due.owner {
            DigestOwner::Destination(id) => {
                let found = destinations::by_id(tx, due.workspace_id, id).await?;
                Ok(found.and_then(|record| {
                    let time = record.settings.digest.clone()?;
                    Some(Self {
                        destination: Some(record),
                        address: None,
                        time,
                    })
                }))
            }
            DigestOwner::Person(id) => {
                let Some(user) = users::by_id(tx, id).await? else {
                    return Ok(None);
                };
                let set = settings::of_users(tx, &[id]).await?.remove(&id);
                let Some((zone, at)) = set.and_then(|set| Some((set.zone, set.digest_at?))) else {
                    return Ok(None);
                };
                let ways = contacts::of_user(tx, id).await?;
                let address = ways.into_iter().find_map(|contact| match contact.way {
                    ContactWay::Email(address) => Some(address),
                    ContactWay::Destination(_) => None,
                });
                Ok(Some(Self {
                    destination: None,
                    address: Some(address.unwrap_or(user.email)),
                    time: DigestTime { at, zone },
                }))
            }
        }
    }

    fn scope(&self) -> Scope {
        self.destination.as_ref().map_or_else(Scope::default, scope)
    }

    fn is_off(&self) -> bool {
        self.destination.as_ref().is_some_and(|one| !one.is_enabled)
    }
}

fn scope(destination: &DestinationRecord) -> Scope {
    Scope {
        services: destination.services.clone(),
        least_severity: destination.settings.least_severity,
    }
}

/// Owes the digests that are due. Answers how many were looked at.
pub async fn tell_due(app: &App) -> Result<usize, StoreError> {
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let due = digests::due(&mut tx, now, DIGEST_BATCH).await?;
    tx.rollback().await?;
    for one in &due {
        let mut tx = app.database.write_state().await?;
        tell(app, &mut tx, one, now).await?;
        tx.commit().await?;
    }
    if !due.is_empty() {
        app.owed.notify_one();
    }
    Ok(due.len())
}

async fn tell(app: &App, tx: &mut Tx, due: &DigestRecord, now: Time) -> Result<(), StoreError> {
    let Some(reader) = Reader::load(tx, due).await? else {
        return digests::unschedule(tx, due.owner).await;
    };
    let DigestTime { at, zone } = &reader.time;
    let today = day_of(zone, now);
    let after = DigestRecord {
        told_until: now,
        next_at: next_daily(zone, *at, now, Some(&today)),
        last_day: Some(today),
        ..due.clone()
    };
    if !digests::take(tx, due, &after).await? || reader.is_off() {
        return Ok(());
    }
    let span = (due.told_until.max(now.plus_ms(-DIGEST_DAYS * DAY_MS)), now);
    let digest = compose(app, tx, (due.workspace_id, &reader.scope()), span).await?;
    let place = (reader.destination.map(|one| one.id), reader.address);
    let reason = format!("The daily digest, at {} in {}", at.show(), zone.name());
    let record = owed(app, (due.workspace_id, place), (digest, reason), now);
    outbox::owe(tx, &record).await
}

/// A digest of at most so many days: after a long pause nobody reads more.
const DIGEST_DAYS: i64 = 7;

async fn compose(
    app: &App,
    tx: &mut Tx,
    (workspace_id, scope): (i64, &Scope),
    (from, until): (Time, Time),
) -> Result<Digest, StoreError> {
    let opened = Part::Opened(from, until);
    let mut incidents = Vec::new();
    for part in [opened, Part::Open] {
        for one in digests::noisiest(tx, workspace_id, (scope, part), DIGEST_CANDIDATES).await? {
            if !incidents.iter().any(|(known, _): &(_, i64)| known == &one) {
                incidents.push((one, 0));
            }
        }
    }
    let issues: Vec<i64> = incidents
        .iter()
        .filter_map(|(one, _)| one.issue_id)
        .collect();
    let events = digests::events_between(tx, &issues, (from, until)).await?;
    for (incident, count) in &mut incidents {
        let known = incident.issue_id.and_then(|id| events.get(&id));
        *count = known.copied().unwrap_or(0);
    }
    let delta = Delta {
        from,
        until,
        opened: digests::count(tx, workspace_id, scope, opened).await?,
        resolved: digests::count(tx, workspace_id, scope, Part::Resolved(from, until)).await?,
        open: digests::count(tx, workspace_id, scope, Part::Open).await?,
        incidents,
    };
    Ok(delta.digest(&app.config.base_url()))
}

/// Where a notice goes: a destination, or an address.
type Place = (Option<i64>, Option<String>);

fn owed(
    app: &App,
    (workspace_id, (destination_id, address)): (i64, Place),
    (digest, reason): (Digest, String),
    now: Time,
) -> OutboxRecord {
    let id = app.ids.next(now);
    OutboxRecord {
        id,
        workspace_id,
        destination_id,
        address,
        incident_id: None,
        notice: Notice {
            kind: Kind::Digest,
            subject: Subject::Digest(digest),
            summary: String::new(),
            reason,
            idempotency_key: IdKind::Notification.show(id),
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

/// Owes a destination the digest of the last day at once, as a test. The daily one comes all the
/// same. Answers the notice's id.
pub async fn send_now(
    app: &App,
    (workspace_id, id): (i64, i64),
    who: &str,
) -> Result<i64, OperationError> {
    let now = app.clock.now();
    let mut tx = app.database.write().await?;
    let found = destinations::by_id(&mut tx, workspace_id, id).await?;
    let destination = found.ok_or(OperationError::NotFound("destination"))?;
    if !destination.is_enabled {
        let reason = "it is switched off; switch it on first";
        return Err(OperationError::Conflict(reason.to_owned()));
    }
    let span = (now.plus_ms(-DAY_MS), now);
    let digest = compose(app, &mut tx, (workspace_id, &scope(&destination)), span).await?;
    let reason = format!("{who} asked for the digest of the last day");
    let record = owed(app, (workspace_id, (Some(id), None)), (digest, reason), now);
    outbox::owe(&mut tx, &record).await?;
    tx.commit().await?;
    app.owed.notify_one();
    Ok(record.id)
}
