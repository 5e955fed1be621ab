//! A stage for each test: a server of its own, a browser of its own, and a simulated Sentry.

mod driver;
mod page;
mod webhooks;

pub(crate) use page::Page;
pub(crate) use webhooks::{alert, created, edited, resigned};

use driver::Driver;
use epicenter::app::Running;
use epicenter::clock::Clock;
use epicenter::config::{Config, Environment};
use epicenter::operations::accounts::first_run_link;
use epicenter::simulator::webhook::Webhook;
use futures_util::FutureExt;
use std::panic::{AssertUnwindSafe, resume_unwind};
use tempfile::TempDir;

/// The secret of the integration that is there from the start. No page may ever show it.
pub(crate) const SECRET: &str = "marker-of-the-client-secret-5f1c";
/// Who signs in.
pub(crate) const EMAIL: &str = "ada@example.com";
/// Their password.
pub(crate) const PASSWORD: &str = "a few plain words";
/// The address of the integration that is there from the start.
pub(crate) const DOOR: &str = "/api/webhooks/sentry";

/// Everything that a test plays with.
pub(crate) struct Stage {
    /// The browser's only tab.
    pub(crate) page: Page,
    /// A client without cookies.
    pub(crate) http: reqwest::Client,
    /// `http://127.0.0.1:PORT`.
    pub(crate) base: String,
    server: Running,
}

impl Stage {
    /// The path of the first-run link.
    pub(crate) async fn first_run_path(&self) -> Option<String> {
        let link = first_run_link(&self.server.app).await.unwrap()?;
        let (_, path) = link.split_once("/setup").unwrap();
        Some(format!("/setup{path}"))
    }

    /// Makes the first account and signs its person in.
    pub(crate) async fn sign_in(&self) {
        let path = self.first_run_path().await.unwrap();
        self.page.open(&path).await;
        for (name, value) in [
            ("name", "Ada Lovelace"),
            ("email", EMAIL),
            ("password", PASSWORD),
            ("password_again", PASSWORD),
        ] {
            self.page.fill(&format!("input[name={name}]"), value).await;
        }
        self.page.click("form button").await;
        self.page.until_path("/integrations").await;
    }

    /// Epicenter looks at itself now, and not within a minute.
    pub(crate) async fn look_at_itself(&self) {
        epicenter::workers::watch(&self.server.app).await.unwrap();
    }

    /// Sends a webhook to a door; answers the status.
    pub(crate) async fn send(&self, door: &str, webhook: Webhook) -> u16 {
        let mut request = self.http.post(format!("{}{door}", self.base));
        for (name, value) in &webhook.headers {
            if !name.eq_ignore_ascii_case("accept-encoding") {
                request = request.header(name, value);
            }
        }
        let answer = request.body(webhook.body).send().await.unwrap();
        answer.status().as_u16()
    }

    /// Sends a webhook that is signed with the secret, and expects it to be taken.
    pub(crate) async fn deliver(&self, mut webhook: Webhook) {
        webhook.sign(SECRET);
        let status = self.send(DOOR, webhook).await;
        assert!((200..300).contains(&status), "the door answered {status}");
    }

    /// Sends a webhook and waits until the open list shows that many incidents.
    pub(crate) async fn deliver_incidents(&self, webhooks: Vec<Webhook>) {
        let count = webhooks.len();
        for webhook in webhooks {
            self.deliver(webhook).await;
        }
        self.page
            .until_answer(
                "/api/v1/incidents",
                &format!("answer.items.length >= {count}"),
            )
            .await;
    }
}

/// A client that follows no redirects and keeps no cookies.
fn plain_client() -> reqwest::Client {
    // Whoever came first has installed the same one.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    client.no_proxy().build().unwrap()
}

/// Runs a test on a fresh stage, and clears the stage away whatever happens.
pub(crate) async fn on_stage(test: impl AsyncFnOnce(&Stage)) {
    let directory = TempDir::new().unwrap();
    let config = Config {
        listen: ([127, 0, 0, 1], 0).into(),
        metrics_listen: String::new(),
        database_url: format!("sqlite://{}", directory.path().join("test.db").display()),
        ..Config::default()
    };
    let environment = Environment::of([("SENTRY_WEBHOOK_SECRET", SECRET)]);
    let server = Running::start(config, &environment, Clock::system())
        .await
        .unwrap();
    let base = format!("http://{}", server.address);
    let http = plain_client();
    let driver = Driver::start(directory.path());
    let client = driver.browser().await;
    let page = Page::new(client.clone(), base.clone(), driver.address(), http.clone());
    let stage = Stage {
        page,
        http,
        base,
        server,
    };
    let played = AssertUnwindSafe(Box::pin(test(&stage)));
    let outcome = played.catch_unwind().await;
    let seen = match &outcome {
        Ok(()) => String::new(),
        Err(_) => stage.page.describe().await,
    };
    // Closing the session ends Chromium; the driver ends with its own handle.
    drop(client.close().await);
    drop(driver);
    stage.server.stop().await;
    if let Err(panic) = outcome {
        eprintln!("the browser showed: {seen}");
        resume_unwind(panic);
    }
}
