//! Tells Sentry what waits. No transaction is open while Sentry is asked; that it is asked is
//! committed before, so that an echo is known even if it is faster than the answer.

use super::answer::{Outcome, outcome_of, record};
use super::whom::{self, Upstream};
use crate::app::App;
use crate::clients::sentry::{IssueUpdate, SentryApi, SentryError};
use crate::limits::{WRITE_BACK_BATCH, WRITE_BACK_BULK, WRITE_BACK_LEASE_MS};
use crate::operations::sentry::{NO_TOKEN, line};
use crate::operations::step;
use epicenter_domain::engine::{Context, Slice, mirror_told, note_outcome};
use epicenter_domain::id::IdKind;
use epicenter_domain::signal::{Assignee, IssueStatus};
use epicenter_domain::writeback::{Said, Sent, WriteBack, WriteState};
use epicenter_store::slice::Touched;
use epicenter_store::write_backs::settings;
use epicenter_store::{StoreError, Tx, issues, users, write_backs};
use std::collections::{BTreeMap, BTreeSet};

/// What one request tells a connection: one thing of one issue, or one status of several.
struct Parcel {
    upstream: Upstream,
    items: Vec<WriteBack>,
    /// The e-mail address of an assignee.
    email: Option<String>,
}

/// What is due, sorted.
#[derive(Default)]
struct Sorted {
    parcels: Vec<Parcel>,
    /// What need not be sent, and why not.
    settled: Vec<(WriteBack, WriteState, String)>,
}

/// Tells Sentry what is due. Answers how many were looked at.
pub async fn send_due(app: &App) -> Result<usize, StoreError> {
    let mut tx = app.database.read().await?;
    let due = write_backs::due(&mut tx, app.clock.now(), WRITE_BACK_BATCH).await?;
    let count = due.len();
    let sorted = sort(&mut tx, due).await?;
    tx.rollback().await?;
    for (done, state, why) in sorted.settled {
        settle(app, done, (state, why)).await?;
    }
    let mut held = BTreeSet::new();
    for parcel in sorted.parcels {
        let connection_id = parcel.upstream.connection.id;
        if app.stop.is_cancelled() {
            break;
        }
        if !held.contains(&connection_id) && !send(app, parcel).await? {
            held.insert(connection_id);
        }
    }
    Ok(count)
}

/// What goes where; equal statuses for the same connection go together.
async fn sort(tx: &mut Tx, due: Vec<WriteBack>) -> Result<Sorted, StoreError> {
    let mut sorted = Sorted::default();
    let mut known = BTreeMap::new();
    for done in due {
        let of = (done.workspace_id, done.integration_id);
        if let std::collections::btree_map::Entry::Vacant(e) = known.entry(of) {
            e.insert(whom::upstreams(tx, of.0, of.1).await?);
        }
        let all = known.get(&of).map(Vec::as_slice).unwrap_or_default();
        let permalink = match done.issue_id {
            Some(id) if all.len() > 1 => issues::by_id(tx, of.0, id).await?,
            Some(_) | None => None,
        };
        let permalink = permalink.and_then(|issue| issue.permalink);
        let Some(upstream) = whom::choose(all, permalink.as_deref()) else {
            let why = "Its connection to Sentry was removed.".to_owned();
            sorted.settled.push((done, WriteState::Off, why));
            continue;
        };
        if let Some(why) = upstream.why_not(done.said.matter()) {
            sorted.settled.push((done, WriteState::Off, why));
            continue;
        }
        let email = match &done.said {
            Said::Assignee(Some(to)) => {
                if let Some(email) = email_of(tx, to).await? {
                    Some(email)
                } else {
                    let why = format!("No e-mail address of {} is known here.", to.name);
                    sorted.settled.push((done, WriteState::Refused, why));
                    continue;
                }
            }
            Said::Assignee(None) | Said::Status(_) | Said::Note(_) => None,
        };
        put(&mut sorted.parcels, upstream, (done, email));
    }
    Ok(sorted)
}

fn put(parcels: &mut Vec<Parcel>, upstream: &Upstream, (done, email): (WriteBack, Option<String>)) {
    if let Said::Status(_) = &done.said {
        let alike = parcels.iter_mut().find(|parcel| {
            parcel.upstream.connection.id == upstream.connection.id
                && parcel.items.len() < WRITE_BACK_BULK
                && parcel
                    .items
                    .first()
                    .is_some_and(|item| item.said == done.said)
        });
        if let Some(parcel) = alike {
            parcel.items.push(done);
            return;
        }
    }
    parcels.push(Parcel {
        upstream: upstream.clone(),
        items: vec![done],
        email,
    });
}

/// The address by which Sentry knows somebody.
async fn email_of(tx: &mut Tx, to: &Assignee) -> Result<Option<String>, StoreError> {
    if to.kind != "user" {
        return Ok(None);
    }
    match IdKind::User.parse(&to.id) {
        Some(id) => Ok(users::by_id(tx, id).await?.map(|user| user.email)),
        None => Ok(Some(to.id.clone()).filter(|text| text.contains('@'))),
    }
}

/// Sends one parcel. False: its connection wants to be left alone.
async fn send(app: &App, mut parcel: Parcel) -> Result<bool, StoreError> {
    parcel.items = claim(app, parcel.items).await?;
    let outcomes = ask(app, &parcel).await;
    let until = outcomes.values().filter_map(Outcome::holds_until).max();
    let refusal = outcomes.values().find_map(|outcome| match outcome {
        Outcome::Forbidden(why) => Some(why.clone()),
        Outcome::Told(_)
        | Outcome::Slower(_)
        | Outcome::Later(..)
        | Outcome::Gone(_)
        | Outcome::Refused(_) => None,
    });
    keep(app, &parcel, &outcomes).await?;
    let connection = &parcel.upstream.connection;
    if let Some(why) = &refusal {
        let place = (connection.workspace_id, connection.id);
        let mut tx = app.database.write().await?;
        // Somebody may have chosen otherwise while it was asked.
        let refused = settings::WriteBackSettings {
            refused_at: Some(app.clock.now()),
            refusal: Some(why.clone()),
            ..settings::of_connection(&mut tx, connection.id).await?
        };
        settings::save(&mut tx, place, &refused).await?;
        tx.commit().await?;
        let name = &connection.organization;
        tracing::warn!(
            organization = name,
            why,
            "{name} is not told what is done here: {why}"
        );
    }
    Ok(until.is_none() && refusal.is_none())
}

/// Takes what is still to be sent, and notes that it is.
async fn claim(app: &App, items: Vec<WriteBack>) -> Result<Vec<WriteBack>, StoreError> {
    let now = app.clock.now();
    let until = now.plus_ms(WRITE_BACK_LEASE_MS);
    let mut claimed = Vec::with_capacity(items.len());
    let mut tx = app.database.write_state().await?;
    for mut item in items {
        let before = item.sent.take().filter(|sent| sent.said == item.said);
        item.sent = Some(Sent {
            said: item.said.clone(),
            first_at: before.map_or(now, |sent| sent.first_at),
            at: now,
        });
        if write_backs::claim(&mut tx, &item, until).await? {
            claimed.push(item);
        }
    }
    tx.commit().await?;
    Ok(claimed)
}

/// Asks Sentry. What came of it, by the id of each item.
async fn ask(app: &App, parcel: &Parcel) -> BTreeMap<i64, Outcome> {
    let connection = &parcel.upstream.connection;
    let each = |outcome: &dyn Fn(&WriteBack) -> Outcome| {
        let items = parcel.items.iter();
        items.map(|item| (item.id, outcome(item))).collect()
    };
    let Some(line) = line(app, connection) else {
        return each(&|_| Outcome::Forbidden(NO_TOKEN.to_owned()));
    };
    let api = line.api(app, connection);
    let told = match parcel.items.as_slice() {
        [] => return BTreeMap::new(),
        [one] => tell(api, one, parcel.email.as_deref()).await,
        several => tell_all(api, several).await,
    };
    each(&|item| match &told {
        Ok(comment_id) => Outcome::Told(comment_id.clone()),
        Err(error) => outcome_of(error, item),
    })
}

/// All of them have the same status.
async fn tell_all(api: SentryApi<'_>, items: &[WriteBack]) -> Result<Option<String>, SentryError> {
    let Some(Said::Status(status)) = items.first().map(|item| &item.said) else {
        return Ok(None);
    };
    let ids = items.iter().map(|item| item.sentry_issue_id.as_str());
    let ids: Vec<&str> = ids.collect();
    api.update_issues(&ids, &update_to(*status)).await?;
    Ok(None)
}

async fn tell(
    api: SentryApi<'_>,
    item: &WriteBack,
    email: Option<&str>,
) -> Result<Option<String>, SentryError> {
    let issue = item.sentry_issue_id.as_str();
    match &item.said {
        Said::Status(status) => {
            api.update_issue(issue, &update_to(*status)).await?;
            Ok(None)
        }
        Said::Assignee(_) => {
            let update = IssueUpdate {
                assigned_to: Some(email.unwrap_or_default().to_owned()),
                ..IssueUpdate::default()
            };
            api.update_issue(issue, &update).await?;
            Ok(None)
        }
        Said::Note(text) => {
            let text = item.comment().unwrap_or_else(|| text.clone());
            api.add_note(issue, &text).await.map(Some)
        }
    }
}

fn update_to(status: IssueStatus) -> IssueUpdate {
    let substatus = match status {
        IssueStatus::Ignored => Some("archived_forever".to_owned()),
        IssueStatus::Unresolved | IssueStatus::Resolved => None,
    };
    IssueUpdate {
        status: Some(status.as_str().to_owned()),
        substatus,
        ..IssueUpdate::default()
    }
}

/// Keeps what came of it. What was changed here meanwhile stays as it is: it is sent anew.
async fn keep(
    app: &App,
    parcel: &Parcel,
    outcomes: &BTreeMap<i64, Outcome>,
) -> Result<(), StoreError> {
    for outcome in outcomes.values() {
        app.metrics.told_sentry(outcome.as_str());
    }
    finish(app, &parcel.items, |done, now| {
        if let Some(outcome) = outcomes.get(&done.id) {
            done.attempt_count += 1;
            record(done, outcome, now);
        }
    })
    .await?;
    let connection = &parcel.upstream.connection;
    if let Some(until) = outcomes.values().filter_map(Outcome::holds_until).max() {
        let mut tx = app.database.write_state().await?;
        write_backs::put_off(&mut tx, connection.integration_id, until).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// It need not be sent at all.
async fn settle(
    app: &App,
    done: WriteBack,
    (state, why): (WriteState, String),
) -> Result<(), StoreError> {
    finish(app, std::slice::from_ref(&done), |done, _| {
        done.state = state;
        done.reason.clone_from(&why);
    })
    .await
}

/// Changes what is still as it was taken, lets the error log follow, and says in the timeline what
/// Sentry will never hear of.
async fn finish(
    app: &App,
    items: &[WriteBack],
    change: impl Fn(&mut WriteBack, epicenter_domain::time::Time),
) -> Result<(), StoreError> {
    let Some(first) = items.first() else {
        return Ok(());
    };
    let now = app.clock.now();
    let origin = app
        .registry
        .origin(first.integration_id, first.workspace_id);
    let keys = items
        .iter()
        .map(|item| (item.integration_id, item.dedup_key.clone()));
    let touched = Touched {
        keys: keys.collect(),
        write_backs: items.iter().map(|item| item.id).collect(),
        ..Touched::default()
    };
    let asked: BTreeMap<i64, &WriteBack> = items.iter().map(|item| (item.id, item)).collect();
    let mut tx = app.database.write_state().await?;
    let ids: Vec<i64> = asked.keys().copied().collect();
    let ((), timeline) = step(app, &mut tx, &touched, (&origin, now), |slice, context| {
        for id in ids {
            finish_one(slice, context, (id, &asked), |done| change(done, now));
        }
    })
    .await?;
    tx.commit().await?;
    let incidents = items.iter().filter_map(|item| item.incident_id);
    app.live.publish(timeline, incidents.collect::<Vec<_>>());
    Ok(())
}

fn finish_one(
    slice: &mut Slice,
    context: &mut Context<'_>,
    (id, asked): (i64, &BTreeMap<i64, &WriteBack>),
    change: impl Fn(&mut WriteBack),
) {
    let found = slice
        .writebacks
        .iter_mut()
        .find(|(_, one)| one.row.id == id);
    let (Some(asked), Some((place, tracked))) = (asked.get(&id), found) else {
        return;
    };
    let is_same = tracked.row.state == WriteState::Waiting
        && tracked.row.asked_at == asked.asked_at
        && tracked.row.said == asked.said;
    if !is_same {
        return;
    }
    let done = tracked.edit();
    done.attempt_count = asked.attempt_count;
    change(done);
    let (key, done) = (place.0.clone(), done.clone());
    match done.state {
        WriteState::Told => mirror_told(slice, context, &key, &done.said),
        WriteState::Refused | WriteState::Gone => {
            let line = format!(
                "Sentry was not told that it was {}: {}",
                done.in_words(),
                done.reason
            );
            note_outcome(slice, context, &done, ("sentry.not_told", &line));
        }
        WriteState::Waiting | WriteState::Off | WriteState::Overruled => {}
    }
}
