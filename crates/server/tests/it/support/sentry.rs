//! A Sentry that can be asked, connected to the server under test.

use super::app::id;
use super::engine::OwnDatabase;
use super::{Answer, SECRET, TestApp};
use epicenter::simulator::Webhook as SentryWebhook;
use epicenter::simulator::sentry::{FAKE_ORGANIZATION, FAKE_TOKEN, FakeIssue, FakeSentry};
use epicenter_domain::time::Time;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A server, the Sentry that it is connected to, and the connection.
pub(crate) struct Linked {
    pub(crate) app: TestApp,
    pub(crate) sentry: FakeSentry,
    pub(crate) url: String,
    pub(crate) connection: String,
}

/// What the error log and Sentry must agree on: status, events, last seen.
type Mirror = BTreeMap<String, (String, i64, String)>;

/// Starts the fake on this machine. Answers where it is.
pub(crate) async fn open(sentry: &FakeSentry) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    #[expect(
        clippy::disallowed_methods,
        reason = "the test's own server dies with the test"
    )]
    drop(tokio::spawn(sentry.clone().serve(listener)));
    url
}

/// Starts a server of its own that may reach this machine.
pub(crate) async fn reaching(app: &TestApp) -> TestApp {
    let database = OwnDatabase::new(app.engine).await.unwrap();
    TestApp::start_with(database, Some(SECRET), |config| {
        config.outbound.allowed_networks = vec!["127.0.0.1".to_owned()];
    })
    .await
}

impl Linked {
    pub(crate) async fn start(app: &TestApp) -> Self {
        let app = reaching(app).await;
        let sentry = FakeSentry::new(app.clock.clone());
        let url = open(&sentry).await;
        let connection = connect(&app, &url, FAKE_TOKEN).await;
        Self {
            app,
            sentry,
            url,
            connection,
        }
    }

    /// An issue that is seen so many seconds ago, and what it is.
    pub(crate) fn issue(&self, number: u64, seconds_ago: i64) -> FakeIssue {
        FakeIssue::new(number, self.app.now().plus_ms(-seconds_ago * 1_000))
    }

    /// Asks for a pass.
    pub(crate) async fn ask(&self) -> Answer {
        let path = format!("/api/v1/sentry-connections/{}/sync", self.connection);
        self.app.api.post(&path, json!({})).await
    }

    /// A pass, whatever comes of it.
    pub(crate) async fn pass(&self) -> Value {
        let run = self.ask().await.expect(200).json();
        self.app.settle().await;
        run
    }

    /// A pass that must end well.
    pub(crate) async fn sync(&self) -> Value {
        let run = self.pass().await;
        assert_eq!(run["outcome"], "done", "{run:#}");
        run
    }

    /// Sends a webhook of the fake through the door.
    pub(crate) async fn deliver(&self, webhook: SentryWebhook) {
        deliver(&self.app, webhook).await;
    }

    /// The error log says what Sentry says.
    pub(crate) async fn assert_equal(&self) {
        assert_eq!(mirror_of_log(&self.app).await, self.mirror(), "log, Sentry");
    }

    fn mirror(&self) -> Mirror {
        let of = |issue: FakeIssue| {
            let (status, _) = issue.status.words();
            let told = (status.to_owned(), issue.count, rfc3339(issue.last_seen_at));
            (issue.id.to_string(), told)
        };
        self.sentry.issues().into_iter().map(of).collect()
    }
}

fn rfc3339(at: Time) -> String {
    at.rfc3339()
}

async fn mirror_of_log(app: &TestApp) -> Mirror {
    let of = |issue: &Value| {
        let text = |name: &str| issue[name].as_str().unwrap().to_owned();
        let count = issue["event_count"].as_i64().unwrap();
        let told = (text("status"), count, text("last_seen_at"));
        (text("sentry_issue_id"), told)
    };
    app.issues().await.iter().map(of).collect()
}

/// Connects the default integration. Answers the connection's id.
pub(crate) async fn connect(app: &TestApp, url: &str, token: &str) -> String {
    let body = json!({"organization": FAKE_ORGANIZATION, "base_url": url, "token": token});
    let made = app.api.post("/api/v1/sentry-connections", body).await;
    id(&made.expect(201).json()).to_owned()
}

/// Sends a webhook of the fake through the door, signed, and waits until it is applied.
pub(crate) async fn deliver(app: &TestApp, mut webhook: SentryWebhook) {
    webhook.sign(SECRET);
    let api = app.api.with_token(None);
    let mut request = api.request(Method::POST, "/api/webhooks/sentry");
    for (name, value) in &webhook.headers {
        request = request.header(name, value);
    }
    let answer = request.body(webhook.body).send().await.unwrap();
    Answer::of(answer).await.expect(202);
    app.settle().await;
}
