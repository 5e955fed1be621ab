//! Fetches the latest event of issues whose webhooks do not tell where it happened: they carry no
//! tags, environment or release. It is stored as a delivery, as what Sentry sends is, so that it is
//! scrubbed, kept, shown and applied in the same way.

use super::line;
use crate::app::App;
use crate::clients::sentry::{LatestEvent, SentryError};
use crate::limits::sentry::{WANTED_EVENT_RETRY_MS, WANTED_EVENTS};
use epicenter_domain::delivery::Headers;
use epicenter_domain::scrub::{scrub, scrub_headers};
use epicenter_domain::sources::sentry::LATEST_EVENT;
use epicenter_domain::time::Time;
use epicenter_store::inbox::NewDelivery;
use epicenter_store::sentry::connections::{self, ConnectionRecord};
use epicenter_store::sentry::wanted_events::{self, WantedEvent};
use epicenter_store::{StoreError, packing};

/// Fetches what is due, within the budget of this minute. Answers how many were asked for.
pub async fn fetch_events(app: &App) -> Result<usize, StoreError> {
    let now = app.clock.now();
    let left = app
        .sentry
        .events_left(now, app.config.sync.events_per_minute);
    if left == 0 {
        return Ok(0);
    }
    let mut tx = app.database.read().await?;
    let all = connections::every(&mut tx).await?;
    let is_any = !all.is_empty() && wanted_events::is_any(&mut tx, now).await?;
    tx.rollback().await?;
    if !is_any {
        return Ok(0);
    }
    let mut tx = app.database.write().await?;
    wanted_events::find(&mut tx, now, WANTED_EVENTS).await?;
    let due = wanted_events::due(&mut tx, now, i64::from(left)).await?;
    tx.commit().await?;
    for (wanted, asked) in due.iter().zip(1..) {
        if app.stop.is_cancelled() {
            return Ok(asked);
        }
        app.sentry.use_event(now);
        let mine = all
            .iter()
            .filter(|one| one.integration_id == wanted.integration_id);
        let answer = ask(app, &mine.collect::<Vec<_>>(), wanted).await;
        let is_limit = matches!(&answer, Err(error) if error.is_limit());
        keep(app, wanted, answer).await?;
        if is_limit {
            break;
        }
    }
    Ok(due.len())
}

/// Asks one connection after the other for the event; most integrations have one.
async fn ask(
    app: &App,
    connections: &[&ConnectionRecord],
    wanted: &WantedEvent,
) -> Result<LatestEvent, SentryError> {
    let mut answer = Err(SentryError::NotFound);
    for connection in connections {
        let Some(line) = line(app, connection) else {
            continue;
        };
        let api = line.api(app, connection);
        answer = api.latest_event(&wanted.sentry_issue_id).await;
        if !matches!(answer, Err(SentryError::NotFound)) {
            break;
        }
    }
    answer
}

async fn keep(
    app: &App,
    wanted: &WantedEvent,
    answer: Result<LatestEvent, SentryError>,
) -> Result<(), StoreError> {
    let now = app.clock.now();
    let (due_at, attempts, fault) = match answer {
        Ok(event) => match deliver(app, wanted, &event).await {
            Ok(()) => (None, wanted.attempt_count, None),
            Err(why) => (
                Some(now.plus_ms(WANTED_EVENT_RETRY_MS[0])),
                wanted.attempt_count,
                Some(why),
            ),
        },
        Err(error) if error.is_limit() => {
            (error.wait(), wanted.attempt_count, Some(error.to_string()))
        }
        Err(error) => {
            let attempt = usize::try_from(wanted.attempt_count).ok();
            let wait = attempt.and_then(|at| WANTED_EVENT_RETRY_MS.get(at));
            let until = wait.map(|ms| now.plus_ms(*ms));
            let until = until.map(|until| error.wait().map_or(until, |wish| wish.max(until)));
            (until, wanted.attempt_count + 1, Some(error.to_string()))
        }
    };
    let mut tx = app.database.write().await?;
    let when: (Option<Time>, i64) = (due_at, attempts);
    wanted_events::put_off(&mut tx, wanted.issue_id, when, fault.as_deref()).await?;
    tx.commit().await
}

/// Stores an event as a delivery; a sentence says why that did not work.
async fn deliver(app: &App, wanted: &WantedEvent, event: &LatestEvent) -> Result<(), String> {
    let now = app.clock.now();
    let mut body = br#"{"action":"fetched","data":{"event":"#.to_vec();
    body.extend_from_slice(&event.body);
    body.extend_from_slice(b"}}");
    let scrubbed = scrub(&body, &app.scrub_rules);
    let headers = Headers::new([("Sentry-Hook-Resource", LATEST_EVENT)]);
    let headers = scrub_headers(&headers);
    let packed = packing::pack(&app.dictionaries.newest(), &headers, &scrubbed)
        .map_err(|error| error.to_string())?;
    let delivery = NewDelivery {
        id: app.ids.next(now),
        workspace_id: wanted.workspace_id,
        integration_id: wanted.integration_id,
        received_at: now,
        resource: LATEST_EVENT.to_owned(),
        refusal: None,
        scheme: "api",
        secret_id: None,
        size: i64::try_from(body.len()).unwrap_or(i64::MAX),
        packed,
        replay_of: None,
    };
    let stored = app.inbox.store(delivery).await;
    stored.map_err(|_| "It could not be stored.".to_owned())
}
