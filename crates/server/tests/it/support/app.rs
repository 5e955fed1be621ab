//! The server under test.

use super::engine::{Engine, OwnDatabase};
use super::{Answer, Api, Webhook, logs};
use epicenter::app::Running;
use epicenter::clock::Clock;
use epicenter::config::{Config, Environment};
use epicenter::operations::notices::{page_due, plan_due, tell_holds};
use epicenter::workers::send_due;
use epicenter_domain::time::{SECOND_MS, Time};
use epicenter_store::{StoreError, inbox};
use serde_json::Value;
use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The default integration's secret.
pub(crate) const SECRET: &str = "the-secret-of-the-default-integration";
/// What lets a scheduler in.
pub(crate) const CRON_SECRET: &str = "the-secret-of-the-scheduler";
/// An admin's token, from the first start.
pub(crate) const ADMIN_TOKEN: &str = "ept_the_admin_token_of_the_tests";
/// How long anything may take that is waited for.
const DEADLINE: Duration = Duration::from_secs(30);

/// A server of one's own, with a clock that stands still.
pub(crate) struct TestApp {
    pub(crate) engine: Engine,
    pub(crate) clock: Clock,
    pub(crate) api: Api,
    pub(crate) config: Config,
    secret: Option<&'static str>,
    running: Option<Running>,
    database: OwnDatabase,
}

impl TestApp {
    /// `None`: there is no such engine here.
    pub(crate) async fn start(engine: Engine) -> Option<Self> {
        let database = OwnDatabase::new(engine).await?;
        Some(Self::start_with(database, Some(SECRET), |_| {}).await)
    }

    /// Starts with other settings; without a secret the default integration has none.
    pub(crate) async fn start_with(
        database: OwnDatabase,
        secret: Option<&'static str>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        logs::collect();
        let mut config = Config {
            listen: ([127, 0, 0, 1], 0).into(),
            metrics_listen: String::new(),
            public_url: "http://epicenter.test".to_owned(),
            database_url: database.url().to_owned(),
            tells: false,
            ..Config::default()
        };
        change(&mut config);
        let clock = Clock::manual(Time::parse("2026-03-02T10:00:00Z").unwrap());
        let running = run(&config, secret, &clock).await;
        let api = api_of(&running);
        let engine = database.engine();
        Self {
            engine,
            clock,
            api,
            config,
            secret,
            running: Some(running),
            database,
        }
    }

    /// What the server is made of.
    pub(crate) fn inside(&self) -> &epicenter::app::App {
        &self.running.as_ref().unwrap().app
    }

    pub(crate) fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    /// Stops the server and starts it on the same database.
    pub(crate) async fn restart(&mut self) {
        self.restart_after(0).await;
    }

    /// Stops the server, and starts it on the same database so many seconds later.
    pub(crate) async fn restart_after(&mut self, seconds: i64) {
        self.running.take().unwrap().stop().await;
        self.later(seconds);
        let running = run(&self.config, self.secret, &self.clock).await;
        self.api = api_of(&running);
        self.running = Some(running);
    }

    /// The end: nothing may wait any more.
    pub(crate) async fn finish(mut self) {
        self.settle().await;
        self.running.take().unwrap().stop().await;
    }

    /// The files of a SQLite database.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let folder = std::fs::read_dir(self.database.folder().unwrap()).unwrap();
        folder.map(|entry| entry.unwrap().path()).collect()
    }

    pub(crate) fn now(&self) -> Time {
        self.clock.now()
    }

    /// Lets time pass.
    pub(crate) fn later(&self, seconds: i64) {
        self.clock.advance_ms(seconds * SECOND_MS);
    }

    /// Sends a webhook.
    pub(crate) async fn send(&self, webhook: Webhook) -> Answer {
        webhook.send(&self.api.with_token(None), self.now()).await
    }

    /// Sends a webhook that must be accepted. Answers the delivery's id.
    pub(crate) async fn receive(&self, webhook: Webhook) -> String {
        let answer = self.send(webhook).await.expect(202).json();
        assert_eq!(answer["received"], true, "{answer}");
        answer["delivery_id"].as_str().unwrap().to_owned()
    }

    /// Sends a webhook, waits until it is applied, and answers its delivery.
    pub(crate) async fn apply(&self, webhook: Webhook) -> Value {
        let id = self.receive(webhook).await;
        self.settle().await;
        self.delivery(&id).await
    }

    /// Plans and sends the notices that are due now.
    pub(crate) async fn tell(&self) {
        let app = &self.running().app;
        while plan_due(app).await.unwrap()
            + page_due(app).await.unwrap()
            + tell_holds(app).await.unwrap()
            > 0
        {}
        while send_due(app).await.unwrap() > 0 {}
    }

    /// Waits until every delivery has its verdict, and what happened is remembered.
    pub(crate) async fn settle(&self) {
        let app = self.inside();
        let end = Instant::now() + DEADLINE;
        loop {
            match epicenter::workers::drain(app).await {
                // The server's own worker was faster.
                Ok(_) | Err(StoreError::Conflict(_)) => {}
                Err(error) => panic!("the inbox cannot be applied: {error}"),
            }
            let mut tx = app.database.read().await.unwrap();
            let waiting = inbox::pending_count(&mut tx).await.unwrap();
            tx.rollback().await.unwrap();
            if waiting == 0 {
                epicenter::workers::detect_all(app).await.unwrap();
                self.settle_memory().await;
                return;
            }
            assert!(
                Instant::now() < end,
                "{waiting} deliveries still wait for their verdict"
            );
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Puts what happened into words, whatever else waits.
    pub(crate) async fn settle_memory(&self) {
        epicenter::workers::remember_all(self.inside())
            .await
            .unwrap();
    }

    pub(crate) async fn incidents(&self) -> Vec<Value> {
        self.api.all("/api/v1/incidents").await
    }

    /// The only incident there is.
    pub(crate) async fn incident(&self) -> Value {
        let incidents = self.incidents().await;
        assert_eq!(incidents.len(), 1, "{incidents:#?}");
        incidents[0].clone()
    }

    /// The kinds of an incident's timeline, oldest first.
    pub(crate) async fn story(&self, incident: &Value) -> Vec<String> {
        let path = format!("/api/v1/incidents/{}/timeline", id(incident));
        let lines = self.api.all(&path).await;
        lines
            .iter()
            .map(|line| line["kind"].as_str().unwrap().to_owned())
            .collect()
    }

    pub(crate) async fn issues(&self) -> Vec<Value> {
        self.api.all("/api/v1/issues").await
    }

    /// The only issue there is.
    pub(crate) async fn issue(&self) -> Value {
        let issues = self.issues().await;
        assert_eq!(issues.len(), 1, "{issues:#?}");
        issues[0].clone()
    }

    pub(crate) async fn events(&self, issue: &Value) -> Vec<Value> {
        self.api
            .all(&format!("/api/v1/issues/{}/events", id(issue)))
            .await
    }

    /// The delivery log, newest first.
    pub(crate) async fn deliveries(&self) -> Vec<Value> {
        self.api.all("/api/v1/deliveries").await
    }

    pub(crate) async fn delivery(&self, id: &str) -> Value {
        self.api.one(&format!("/api/v1/deliveries/{id}")).await
    }

    /// The default Sentry integration.
    pub(crate) async fn default_integration(&self) -> Value {
        let all = self.api.one("/api/v1/integrations").await;
        let all = all["items"].as_array().unwrap();
        all.iter()
            .find(|one| one["is_default"] == true)
            .unwrap()
            .clone()
    }

    /// Makes an integration.
    pub(crate) async fn make_integration(&self, body: Value) -> Value {
        self.api
            .post("/api/v1/integrations", body)
            .await
            .expect(201)
            .json()
    }

    /// Makes a token with this role.
    pub(crate) async fn make_token(&self, role: &str) -> String {
        let body = serde_json::json!({"name": role, "role": role});
        let made = self
            .api
            .post("/api/v1/tokens", body)
            .await
            .expect(201)
            .json();
        made["token"].as_str().unwrap().to_owned()
    }
}

async fn run(config: &Config, secret: Option<&'static str>, clock: &Clock) -> Running {
    let admin = ("EPICENTER_ADMIN_TOKEN", ADMIN_TOKEN);
    let environment = match secret {
        Some(secret) => Environment::of([
            admin,
            ("SENTRY_WEBHOOK_SECRET", secret),
            ("CRON_SECRET", CRON_SECRET),
        ]),
        None => Environment::of([admin]),
    };
    Running::start(config.clone(), &environment, clock.clone())
        .await
        .unwrap()
}

fn api_of(running: &Running) -> Api {
    Api::new(format!("http://{}", running.address), Some(ADMIN_TOKEN))
}

/// The id of anything.
#[track_caller]
pub(crate) fn id(thing: &Value) -> &str {
    thing["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no id: {thing}"))
}

/// A delivery's verdict in a word.
#[track_caller]
pub(crate) fn outcome(delivery: &Value) -> &str {
    delivery["verdict"]["outcome"]
        .as_str()
        .unwrap_or_else(|| panic!("{delivery}"))
}

/// Waits until `attempt` answers something.
pub(crate) async fn eventually<T, F>(what: &str, attempt: impl Fn() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let end = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = attempt().await {
            return found;
        }
        assert!(Instant::now() < end, "{what}: it did not happen");
        sleep(Duration::from_millis(10)).await;
    }
}
