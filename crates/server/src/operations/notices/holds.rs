//! What ceilings hold back: it is counted, and its reader is told once that there is more.

use super::scene::Scene;
use crate::app::App;
use crate::limits::{HELD_AGAIN_MS, HELD_SHOWN, HELD_TELL_MS, SEND_AT_ONCE};
use epicenter_domain::id::IdKind;
use epicenter_domain::level::Severity;
use epicenter_domain::notification::{Digest, DigestLine, Kind, Link, Notice, Subject};
use epicenter_domain::routing::{Planned, Stage, Verdict};
use epicenter_domain::time::Time;
use epicenter_store::notices::destinations::{self, DestinationRecord};
use epicenter_store::notices::holds::{self, Telling};
use epicenter_store::notices::outbox::{self, OutboxRecord};
use epicenter_store::{StoreError, Tx};

/// Does a ceiling hold this back?
fn is_held(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Wait { stage, .. } => {
            *stage == Stage::DestinationLimit || *stage == Stage::PersonLimit
        }
        Verdict::Notify { .. } | Verdict::Suppress { .. } => false,
    }
}

/// Keeps whether an incident waits at a destination because of a ceiling.
pub(super) async fn follow(
    tx: &mut Tx,
    (scene, destination): (&Scene, &DestinationRecord),
    planned: &Planned,
    now: Time,
) -> Result<(), StoreError> {
    let mut told = scene.told.iter();
    let before = told.find(|told| told.destination_id == destination.id);
    let was_held = before.is_some_and(|told| is_held(&told.verdict));
    match (was_held, is_held(&planned.verdict)) {
        (false, true) => {
            let place = Telling {
                destination_id: destination.id,
                workspace_id: destination.workspace_id,
            };
            let times = (now.plus_ms(HELD_TELL_MS), now.plus_ms(-HELD_AGAIN_MS));
            holds::hold(tx, (place, scene.incident.id), now, times).await
        }
        (true, false) => holds::release(tx, destination.id, scene.incident.id).await,
        (true, true) | (false, false) => Ok(()),
    }
}

/// Owes those who have had enough one notice that there is more. Answers how many were looked at.
pub async fn tell_holds(app: &App) -> Result<usize, StoreError> {
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let due = holds::due(&mut tx, now, SEND_AT_ONCE).await?;
    tx.rollback().await?;
    for place in &due {
        let mut tx = app.database.write_state().await?;
        tell(app, &mut tx, *place, now).await?;
        tx.commit().await?;
    }
    if !due.is_empty() {
        app.owed.notify_one();
    }
    Ok(due.len())
}

async fn tell(app: &App, tx: &mut Tx, place: Telling, now: Time) -> Result<(), StoreError> {
    let count = holds::count(tx, place.destination_id).await?;
    let found = destinations::by_id(tx, place.workspace_id, place.destination_id).await?;
    let destination = found.filter(|one| one.is_enabled && count > 0);
    let told_at = destination.is_some().then_some(now);
    if !holds::tell(tx, place.destination_id, (now, told_at)).await? {
        return Ok(());
    }
    let Some(destination) = destination else {
        return Ok(());
    };
    let id = app.ids.next(now);
    let record = OutboxRecord {
        id,
        workspace_id: place.workspace_id,
        destination_id: Some(place.destination_id),
        address: None,
        incident_id: None,
        notice: Notice {
            kind: Kind::Digest,
            subject: Subject::Digest(digest(app, tx, &destination, count).await?),
            summary: String::new(),
            reason: "A ceiling holds notices back; this is said once a day at most".to_owned(),
            idempotency_key: IdKind::Notification.show(id),
            at: now,
        },
        state: "waiting".to_owned(),
        due_at: now,
        attempt_count: 0,
        created_at: now,
        done_at: None,
        last_answer: None,
    };
    outbox::owe(tx, &record).await
}

async fn digest(
    app: &App,
    tx: &mut Tx,
    destination: &DestinationRecord,
    count: i64,
) -> Result<Digest, StoreError> {
    let base_url = app.config.base_url();
    let first = holds::waiting(tx, destination.id, HELD_SHOWN).await?;
    let lines: Vec<DigestLine> = first
        .into_iter()
        .map(|incident| DigestLine {
            severity: incident.severity,
            link: Link {
                text: format!("#{} {}", incident.number, incident.title),
                url: format!("{base_url}/incidents/{}", incident.number),
            },
            note: String::new(),
        })
        .collect();
    let severity = lines.iter().map(|line| line.severity).max();
    let (noun, verb) = match count {
        1 => ("incident", "waits"),
        _ => ("incidents", "wait"),
    };
    Ok(Digest {
        title: format!(
            "{count} {noun} {verb} because “{}” had enough",
            destination.name
        ),
        text: "More happens than this destination takes at a time. Nothing is lost: all of it is \
               stored and counted, and each notice comes when there is room."
            .to_owned(),
        severity: severity.unwrap_or(Severity::Error),
        more: count.saturating_sub(i64::try_from(lines.len()).unwrap_or(i64::MAX)),
        lines,
        link: Some(Link {
            text: "All open incidents".to_owned(),
            url: format!("{base_url}/incidents"),
        }),
    })
}
