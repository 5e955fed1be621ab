//! A fake Sentry on this machine, connected, and its webhooks.

use super::TestApp;
use super::sentry::open;
use super::webhook::Webhook;
use epicenter::operations::write_backs::send_due;
use epicenter::simulator::sentry::{FAKE_ORGANIZATION, FAKE_TOKEN, FakeIssue, FakeSentry, Status};
use serde_json::{Value, json};

/// A host with one organisation.
pub(crate) struct SentryHost {
    pub(crate) fake: FakeSentry,
    /// `snc_…`
    pub(crate) connection: String,
}

impl SentryHost {
    /// Starts it, with so many issues from 1, and connects it with a token that may do this.
    pub(crate) async fn connected(app: &TestApp, issues: u64, scopes: &[&str]) -> Self {
        let fake = FakeSentry::new(app.clock.clone());
        fake.allow(scopes);
        for issue in 1..=issues {
            fake.put(FakeIssue::new(issue, app.now()));
        }
        let url = open(&fake).await;
        let body = json!({"organization": FAKE_ORGANIZATION, "base_url": url, "token": FAKE_TOKEN});
        let made = app.api.post("/api/v1/sentry-connections", body).await;
        let connection = made.expect(201).json()["id"].as_str().unwrap().to_owned();
        let host = Self { fake, connection };
        host.check(app).await;
        host.requests();
        host
    }

    /// Has the token's scopes looked up.
    pub(crate) async fn check(&self, app: &TestApp) {
        let path = format!("/api/v1/sentry-connections/{}/check", self.connection);
        app.api.post(&path, json!({})).await.expect(200);
    }

    /// How often it was asked since.
    pub(crate) fn requests(&self) -> usize {
        self.fake.take_asked().len()
    }

    pub(crate) fn status(&self, issue: u64) -> Status {
        self.fake.issue(issue).unwrap().status
    }

    /// The webhooks that our own changes caused since.
    pub(crate) fn echoes(&self) -> Vec<Webhook> {
        let hooks = self.fake.take_webhooks().into_iter();
        let body = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
        hooks
            .map(|hook| Webhook::of("issue", body(&hook.body)))
            .collect()
    }
}

/// Tells Sentry what is due now.
pub(crate) async fn tell_sentry(app: &TestApp) {
    while send_due(app.inside()).await.unwrap() > 0 {}
}
