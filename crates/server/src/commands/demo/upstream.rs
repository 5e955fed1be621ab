//! The Sentry of the demo, as far as it can be asked: the status page's project, about which Sentry
//! stops sending for a while. The sync finds what was not told, and Health says so.

use super::company::{Company, Doors};
use crate::app::{App, Running};
use crate::clients::{Way, http_client};
use crate::clock::Clock;
use crate::commands::post::post;
use crate::operations::OperationError;
use crate::operations::accounts::DEFAULT_WORKSPACE;
use crate::operations::sentry::{WantedConnection, save, sync_all};
use crate::operations::services;
use crate::simulator::scenario::{Door, Step};
use crate::simulator::sentry::{FAKE_ORGANIZATION, FAKE_TOKEN, FakeIssue, FakeSentry};
use crate::workers;
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::time::{HOUR_MS, MINUTE_MS, Time};
use std::error::Error;
use std::time::Duration;
use tokio::net::TcpListener;

/// The project's slug.
const PROJECT: &str = "status-page";
/// How long before the demo begins Sentry stops sending about it.
pub(super) const SILENCE_MS: i64 = 45 * MINUTE_MS;
/// What webhooks told of before.
const TOLD: [&str; 6] = [
    "TypeError: uptime is not a number",
    "KeyError: 'region'",
    "TimeoutError: probe fra-2 did not answer",
    "ValueError: unknown component \"search\"",
    "RuntimeError: feed has no entries",
    "AssertionError: incidents are not in order",
];
/// What happened since, and how many minutes before the demo begins.
const LOST: [(&str, i64); 5] = [
    ("ConnectionError: the subscriber list is not reachable", 38),
    ("KeyError: 'component_id'", 31),
    ("TypeError: component is None", 24),
    ("TimeoutError: the feed was not written", 17),
    ("ValueError: status \"degraded!\" is unknown", 9),
];
/// After so long Sentry sends again.
const SENDS_AGAIN: Duration = Duration::from_mins(6);
/// The first issue's number in Sentry.
const FIRST_ID: u64 = 7_700_000_001;

/// The Sentry that can be asked, and where.
pub(super) struct Upstream {
    sentry: FakeSentry,
    url: String,
}

impl Upstream {
    /// Opens it on an address of this machine.
    pub(super) async fn open(running: &Running) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let app = &running.app;
        let sentry = FakeSentry::new(app.clock.clone());
        // What is done here stays here: its people did not allow more.
        sentry.allow(&["event:read", "project:read", "org:read"]);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let served = sentry.clone().serve(listener);
        let stop = app.stop.clone();
        workers::spawn(app, "demo-sentry", async move {
            tokio::select! {
                () = stop.cancelled() => {}
                _ = served => {}
            }
        });
        Ok(Self { sentry, url })
    }

    /// Webhooks tell of some issues, and the first pass reads them: the last time that Sentry sends.
    pub(super) async fn begin(
        &self,
        app: &App,
        company: &mut Company,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let wanted = ("Status page".to_owned(), vec![PROJECT.to_owned()]);
        services::create(app, DEFAULT_WORKSPACE, wanted).await?;
        let now = app.clock.now();
        for (place, title) in (0..).zip(TOLD) {
            let seen_at = now.plus_ms(-(place + 1) * HOUR_MS);
            let issue = issue(FIRST_ID.saturating_add_signed(place), title, seen_at);
            let step = Step {
                after_ms: 0,
                at_ms: now.0,
                webhook: self.sentry.create(issue),
                door: Door::Signed,
                note: "a new issue of the status page",
            };
            company.send(step).await;
        }
        workers::drain(app).await?;
        self.connect(app).await?;
        sync_all(app).await?;
        Ok(())
    }

    async fn connect(&self, app: &App) -> Result<(), OperationError> {
        let snapshot = app.registry.snapshot();
        let default = snapshot.default_of(IntegrationKind::Sentry);
        let integration_id = default.map_or(0, |entry| entry.origin.integration_id);
        let wanted = WantedConnection {
            integration_id,
            base_url: self.url.clone(),
            organization: FAKE_ORGANIZATION.to_owned(),
            projects: Vec::new(),
            token: FAKE_TOKEN.to_owned(),
            token_expires_at: String::new(),
        };
        save(app, DEFAULT_WORKSPACE, wanted).await.map(|_| ())
    }

    /// What happened since, and no webhook told.
    pub(super) fn lose(&self, now: Time) {
        let first = FIRST_ID + 100;
        for (id, (title, minutes)) in (first..).zip(LOST) {
            let seen_at = now.plus_ms(-minutes * MINUTE_MS);
            self.sentry.put(issue(id, title, seen_at));
        }
    }

    /// After a while Sentry sends again; never ends: stop it by dropping the future.
    pub(super) async fn recover(
        &self,
        doors: &Doors,
        clock: &Clock,
        speed: u32,
    ) -> Result<(), reqwest::Error> {
        let client = http_client(Way::to(&doors.signed_url))?;
        tokio::time::sleep(SENDS_AGAIN / speed.max(1)).await;
        let again = issue(FIRST_ID + 200, "KeyError: 'maintenance'", clock.now());
        let mut webhook = self.sentry.create(again);
        webhook.sign(&doors.secret);
        let sent = post(&client, &doors.signed_url, &webhook.headers, webhook.body);
        if let Err(problem) = sent.await {
            let problem = problem.without_url();
            tracing::warn!("demo: a webhook was not answered: {problem}");
        }
        std::future::pending().await
    }
}

fn issue(id: u64, title: &str, seen_at: Time) -> FakeIssue {
    FakeIssue {
        project: PROJECT.to_owned(),
        title: title.to_owned(),
        release: "status-page@2.3.0".to_owned(),
        ..FakeIssue::new(id, seen_at)
    }
}
