//! One pass over the issues of a connection: page by page, each kept before the next is asked for,
//! so that a crash, an outage or a limit costs nothing but time.

use super::super::step;
use super::tally::{Tally, last_reason};
use super::{NO_TOKEN, line, tokens};
use crate::app::App;
use crate::clients::sentry::{IssueQuery, Odd, Page, Position, SentryApi, SentryError};
use crate::limits::sentry::{
    SENTRY_PAGES, SYNC_BATCH, SYNC_EMPTY_PAGES, SYNC_LEASE_MS, SYNC_LOOKS, SYNC_ODD_ANSWERS,
    SYNC_OVERLAP_MS, SYNC_WHOLE_MS, SYNC_WINDOW_MS,
};
use epicenter_domain::engine::{Visit, apply_found};
use epicenter_domain::sources::sentry::api::ReadIssue;
use epicenter_domain::time::{MINUTE_MS, SECOND_MS, Time};
use epicenter_store::sentry::connections::{self, ConnectionRecord};
use epicenter_store::sentry::runs::{self, ProjectTally, RunRecord};
use epicenter_store::slice::Touched;
use epicenter_store::{Database, StoreError};
use std::collections::BTreeSet;

/// What came of asking for a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncEnd {
    /// It ended, well or not, or waits: its outcome says so.
    Ran(Box<RunRecord>),
    /// Another node, or another door of this one, is at it.
    UnderWay,
}

/// A pass that is under way, and until when it is ours.
struct Pass<'a> {
    app: &'a App,
    connection: &'a ConnectionRecord,
    run: RunRecord,
    lease: Time,
}

/// Why a pass does not go on.
enum Stop {
    Store(StoreError),
    Sentry(SentryError),
    /// Another node has it.
    Lost,
    /// The server stops.
    Stopping,
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<SentryError> for Stop {
    fn from(error: SentryError) -> Self {
        Self::Sentry(error)
    }
}

/// The connections that are due and that nobody asks at the moment.
pub async fn due_connections(app: &App) -> Result<Vec<ConnectionRecord>, StoreError> {
    if app.config.sync.minutes == 0 {
        return Ok(Vec::new());
    }
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let all = connections::every(&mut tx).await?;
    tx.rollback().await?;
    let due = all
        .into_iter()
        .filter(|one| one.due_at.is_none_or(|at| at <= now))
        .filter(|one| one.claimed_until.is_none_or(|at| at <= now));
    Ok(due.collect())
}

/// Begins a pass, or goes on with the one that waits, until it ends or has to wait.
pub async fn sync(app: &App, connection: &ConnectionRecord) -> Result<SyncEnd, StoreError> {
    let now = app.clock.now();
    let lease = now.plus_ms(SYNC_LEASE_MS);
    if !claim(&app.database, connection.id, (now, lease), None).await? {
        return Ok(SyncEnd::UnderWay);
    }
    let mut tx = app.database.write().await?;
    // How far it came may have changed since the caller looked.
    let fresh = connections::by_id(&mut tx, connection.workspace_id, connection.id).await?;
    let Some(connection) = fresh else {
        return Ok(SyncEnd::UnderWay);
    };
    let run = match runs::open(&mut tx, connection.id).await? {
        Some(run) => run,
        None => begin(app, &connection, now),
    };
    runs::save(&mut tx, &run).await?;
    tx.commit().await?;
    let mut pass = Pass {
        app,
        connection: &connection,
        run,
        lease,
    };
    let stop = pass.go().await;
    let (due_at, failure) = pass.judge(stop);
    let run = pass.run;
    let mut tx = app.database.write().await?;
    if let Some(due_at) = due_at {
        // What was counted for a transaction that failed did not happen: the store knows better.
        if failure.is_none() {
            runs::save(&mut tx, &run).await?;
        }
        let asks_the_same = connections::by_id(&mut tx, connection.workspace_id, connection.id)
            .await?
            .is_some_and(|fresh| fresh.projects == connection.projects);
        // Of projects that were added meanwhile nothing was read yet.
        if failure.is_none() && run.outcome == "done" && asks_the_same {
            let is_whole = run.window_from <= run.started_at - SYNC_WINDOW_MS;
            let whole_at = is_whole.then_some(Time(run.started_at));
            let until = Time(run.window_until);
            connections::advance(&mut tx, connection.id, until, whole_at).await?;
        }
        tokens::follow(app, &mut tx, &connection, &run).await?;
        let held = (run.outcome == "waiting").then_some(due_at);
        connections::hold(&mut tx, connection.id, held).await?;
        connections::release(&mut tx, connection.id, due_at).await?;
    }
    tx.commit().await?;
    if run.ended_at.is_some() || run.reason.is_some() {
        tell(&connection, &run);
        app.live.publish(Vec::new(), []);
    }
    match failure {
        Some(error) => Err(error),
        None if due_at.is_none() => Ok(SyncEnd::UnderWay),
        None => Ok(SyncEnd::Ran(Box::new(run))),
    }
}

async fn claim(
    database: &Database,
    id: i64,
    times: (Time, Time),
    own: Option<Time>,
) -> Result<bool, StoreError> {
    let mut tx = database.write().await?;
    let is_ours = connections::claim(&mut tx, id, times, own).await?;
    tx.commit().await?;
    Ok(is_ours)
}

fn begin(app: &App, connection: &ConnectionRecord, now: Time) -> RunRecord {
    let is_old = |at: Time| now.since_ms(at) >= SYNC_WHOLE_MS;
    let whole = now.plus_ms(-SYNC_WINDOW_MS);
    let since = connection
        .synced_until
        .map(|at| at.plus_ms(-SYNC_OVERLAP_MS));
    let window_from = match since {
        Some(since) if !connection.whole_at.is_none_or(is_old) => since.max(whole),
        _ => whole,
    };
    RunRecord {
        id: app.ids.next(now),
        workspace_id: connection.workspace_id,
        connection_id: connection.id,
        started_at: now.0,
        outcome: "running".to_owned(),
        is_first: since.is_none(),
        window_from: window_from.0,
        window_until: now.0,
        news_from: since.map_or(0, |since| since.0),
        ..RunRecord::default()
    }
}

fn tell(connection: &ConnectionRecord, run: &RunRecord) {
    tracing::info!(
        organization = connection.organization,
        outcome = run.outcome,
        pages = run.page_count,
        created = run.created_count,
        updated = run.updated_count,
        found = run.found_count,
        "[sync] {} of {}: {}",
        run.outcome,
        connection.organization,
        last_reason(run)
    );
}

impl Pass<'_> {
    async fn go(&mut self) -> Result<(), Stop> {
        let Some(line) = line(self.app, self.connection) else {
            "failed".clone_into(&mut self.run.outcome);
            self.run.reason = Some(NO_TOKEN.to_owned());
            return Ok(());
        };
        let api = line.api(self.app, self.connection);
        self.read_pages(api).await?;
        self.look_at_doubtful(api).await
    }

    async fn read_pages(&mut self, api: SentryApi<'_>) -> Result<(), Stop> {
        let query = IssueQuery {
            projects: self.connection.projects.clone(),
            from: Time(self.run.window_from),
            // Sentry leaves the end itself out.
            until: Time(self.run.window_until).plus_ms(SECOND_MS),
        };
        let mut seen: BTreeSet<String> = self.run.cursor.iter().cloned().collect();
        let mut empty_pages = 0;
        // A pass that waits with its last page read has nothing more to ask.
        while self.run.page_count == 0 || self.run.cursor.is_some() {
            self.keep_lease().await?;
            let asked_at = self.app.clock.now();
            let page = api.issues(&query, self.run.cursor.as_deref()).await?;
            let is_empty = page.items.is_empty() && page.unreadable == 0;
            empty_pages = if is_empty { empty_pages + 1 } else { 0 };
            if let Position::Next(next) = &page.position {
                let endless =
                    empty_pages >= SYNC_EMPTY_PAGES || self.run.page_count >= SENTRY_PAGES;
                let odd = if endless {
                    Some(Odd::Endless)
                } else {
                    (!seen.insert(next.clone())).then_some(Odd::Loop)
                };
                if let Some(odd) = odd {
                    let until = self.app.clock.now();
                    return Err(SentryError::Odd { odd, until }.into());
                }
            }
            self.keep_page(page, asked_at).await?;
        }
        Ok(())
    }

    /// Applies a page in small pieces; with the last one, the pass goes on at the next page.
    async fn keep_page(&mut self, page: Page<ReadIssue>, asked_at: Time) -> Result<(), Stop> {
        self.run.expected_count = page.total.or(self.run.expected_count);
        let mut pieces = page.items.chunks(SYNC_BATCH).peekable();
        while let Some(piece) = pieces.next() {
            if pieces.peek().is_none() {
                break;
            }
            self.apply(piece, asked_at).await?;
        }
        let rest = page.items.len() % SYNC_BATCH;
        let last = if rest == 0 { SYNC_BATCH } else { rest };
        let last = page.items.len().saturating_sub(last);
        self.run.page_count += 1;
        self.run.unreadable_count += i64::try_from(page.unreadable).unwrap_or(0);
        self.run.cursor = match page.position {
            Position::Next(cursor) => Some(cursor),
            Position::End => None,
        };
        "running".clone_into(&mut self.run.outcome);
        self.run.reason = None;
        self.apply(page.items.get(last..).unwrap_or_default(), asked_at)
            .await
    }

    /// Applies some issues in one transaction, together with what the pass has counted.
    async fn apply(&mut self, items: &[ReadIssue], asked_at: Time) -> Result<(), Stop> {
        let app = self.app;
        let place = (self.connection.integration_id, self.connection.workspace_id);
        let origin = app.registry.origin(place.0, place.1);
        let keys = items
            .iter()
            .map(|item| (place.0, item.facts.key.dedup_key()));
        let touched = Touched {
            keys: keys.collect(),
            workspaces: [place.1].into(),
            ..Touched::default()
        };
        let visit = Visit {
            asked_at,
            news_from: (!self.run.is_first).then_some(Time(self.run.news_from)),
        };
        let mut tx = app.database.write_state().await?;
        let now = app.clock.now();
        let (found, timeline) = step(app, &mut tx, &touched, (&origin, now), |slice, context| {
            let all = items
                .iter()
                .map(|item| apply_found(slice, context, item, visit));
            all.collect::<Vec<_>>()
        })
        .await?;
        let mut tally = Tally::default();
        for (item, found) in items.iter().zip(&found) {
            tally.add(item, found);
        }
        tally.count(&mut self.run);
        for project in tally.projects() {
            runs::count(&mut tx, self.run.id, &project).await?;
        }
        runs::save(&mut tx, &self.run).await?;
        tx.commit().await?;
        let incidents = found.iter().filter_map(|found| found.incident_id);
        app.live.publish(timeline, incidents);
        Ok(())
    }

    /// Issues of open incidents that the pages did not meet, since they were not seen lately.
    async fn look_at_doubtful(&mut self, api: SentryApi<'_>) -> Result<(), Stop> {
        let app = self.app;
        let mut tx = app.database.read().await?;
        let before = Time(self.run.window_from);
        let integration_id = self.connection.integration_id;
        let doubtful = runs::doubtful(&mut tx, integration_id, before, SYNC_LOOKS).await?;
        tx.rollback().await?;
        for (issue_id, sentry_issue_id) in doubtful {
            self.keep_lease().await?;
            let asked_at = app.clock.now();
            match api.issue(&sentry_issue_id).await {
                Ok(issue) => self.apply(&[issue], asked_at).await?,
                // Deleted, merged, or of another connection: it stays as it is.
                Err(error) if error.wait().is_none() => {
                    tracing::debug!("[sync] an issue cannot be looked at: {error}");
                }
                // Its answer cannot be used: the others are not to wait for it.
                Err(SentryError::Odd { .. }) => {}
                // The next pass begins with these.
                Err(error) => {
                    tracing::debug!("[sync] an issue could not be looked at: {error}");
                    return Ok(());
                }
            }
            let mut tx = app.database.write().await?;
            runs::looked_at(&mut tx, issue_id, asked_at).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn keep_lease(&mut self) -> Result<(), Stop> {
        if self.app.stop.is_cancelled() {
            return Err(Stop::Stopping);
        }
        let now = self.app.clock.now();
        let until = now.plus_ms(SYNC_LEASE_MS).max(self.lease.plus_ms(1));
        let (database, id) = (&self.app.database, self.connection.id);
        if !claim(database, id, (now, until), Some(self.lease)).await? {
            return Err(Stop::Lost);
        }
        self.lease = until;
        Ok(())
    }

    /// What the end of a pass means: when the connection is due again (`None`: it is another
    /// node's now), and a failure of the store.
    fn judge(&mut self, ended: Result<(), Stop>) -> (Option<Time>, Option<StoreError>) {
        let now = self.app.clock.now();
        let minutes = i64::from(self.app.config.sync.minutes.max(1));
        let interval = minutes * MINUTE_MS;
        // Not all connections in the same second.
        let jitter = self.connection.id.rem_euclid(interval / 10 + 1);
        let next = Time(self.run.started_at)
            .plus_ms(interval + jitter)
            .max(now);
        match ended {
            Ok(()) => {
                if self.run.outcome != "failed" {
                    "done".clone_into(&mut self.run.outcome);
                    self.run.reason = None;
                }
                self.run.ended_at = Some(now.0);
                (Some(next), None)
            }
            Err(Stop::Lost) => (None, None),
            Err(Stop::Stopping) => {
                "waiting".clone_into(&mut self.run.outcome);
                self.run.reason = Some("The server was stopped.".to_owned());
                (Some(now), None)
            }
            Err(Stop::Store(error)) => (Some(now.plus_ms(MINUTE_MS)), Some(error)),
            Err(Stop::Sentry(error)) => (Some(self.stumble(&error, next)), None),
        }
    }

    /// What a failure of Sentry means: the pass waits, or ends and is begun anew. Answers when.
    fn stumble(&mut self, error: &SentryError, next: Time) -> Time {
        let now = self.app.clock.now();
        self.run.reason = Some(error.to_string());
        if !error.is_limit() {
            self.run.fault_count += 1;
        }
        // Pages that turn in a circle would do so again; begun anew, they may not.
        let turns = matches!(
            error,
            SentryError::Odd {
                odd: Odd::Loop | Odd::Endless,
                ..
            }
        );
        let is_odd = matches!(error, SentryError::Odd { .. });
        let is_hopeless = turns || (is_odd && self.run.fault_count >= SYNC_ODD_ANSWERS);
        if let Some(until) = error.wait().filter(|_| !is_hopeless) {
            "waiting".clone_into(&mut self.run.outcome);
            return until;
        }
        "failed".clone_into(&mut self.run.outcome);
        self.run.ended_at = Some(now.0);
        next.max(now.plus_ms(MINUTE_MS))
    }
}

/// A pass and what it saw of each project.
pub type Report = (RunRecord, Vec<ProjectTally>);
