//! The one tab: opening, waiting, pressing, reading.

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const DEADLINE: Duration = Duration::from_secs(15);
const PERIOD: Duration = Duration::from_millis(40);

/// The tab.
pub(crate) struct Page {
    /// The driver's client, for what has no helper here.
    pub(crate) client: Client,
    base: String,
    driver: String,
    http: reqwest::Client,
}

impl Page {
    pub(super) fn new(client: Client, base: String, driver: String, http: reqwest::Client) -> Self {
        Self {
            client,
            base,
            driver,
            http,
        }
    }

    /// Opens a path of the server.
    pub(crate) async fn open(&self, path: &str) {
        let address = format!("{}{path}", self.base);
        self.client.goto(&address).await.unwrap();
    }

    /// Opens a path and waits until its stream is connected.
    pub(crate) async fn open_live(&self, path: &str) {
        self.open(path).await;
        self.until("document.getElementById('live-badge').dataset.state === 'live'")
            .await;
    }

    /// The path with its query.
    pub(crate) async fn path(&self) -> String {
        self.text_of("location.pathname + location.search").await
    }

    /// The value of an expression.
    pub(crate) async fn eval(&self, expression: &str) -> Value {
        let script = format!("return ({expression});");
        match self.client.execute(&script, vec![]).await {
            Ok(value) => value,
            Err(error) => panic!("{expression}: {error}"),
        }
    }

    /// The value of an expression, as text.
    pub(crate) async fn text_of(&self, expression: &str) -> String {
        let value = self.eval(expression).await;
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    }

    /// What is written in the first element that fits.
    pub(crate) async fn text(&self, selector: &str) -> String {
        self.wait(selector).await;
        // In one step: a live page may put another element in its place between two.
        let first = format!("document.querySelector({})", json!(selector));
        self.text_of(&format!("{first}.innerText")).await
    }

    /// How many elements fit.
    pub(crate) async fn count(&self, selector: &str) -> u64 {
        let all = format!("document.querySelectorAll({})", json!(selector));
        self.eval(&format!("{all}.length")).await.as_u64().unwrap()
    }

    /// Waits for an element.
    pub(crate) async fn wait(&self, selector: &str) -> fantoccini::elements::Element {
        let wait = self.client.wait().at_most(DEADLINE).every(PERIOD);
        match wait.for_element(Locator::Css(selector)).await {
            Ok(element) => element,
            Err(error) => panic!("{selector} did not appear: {error}"),
        }
    }

    /// Waits until an expression is true. A page that is just being left counts as "not yet".
    pub(crate) async fn until(&self, expression: &str) {
        let script = format!("return Boolean({expression});");
        let end = Instant::now() + DEADLINE;
        loop {
            let last = self.client.execute(&script, vec![]).await;
            if matches!(last, Ok(Value::Bool(true))) {
                return;
            }
            assert!(
                Instant::now() < end,
                "waited in vain for {expression}: {last:?}"
            );
            tokio::time::sleep(PERIOD).await;
        }
    }

    /// Waits until the first element that fits contains a text.
    pub(crate) async fn until_text(&self, selector: &str, text: &str) {
        self.until(&format!(
            "(document.querySelector({})?.textContent ?? '').includes({})",
            json!(selector),
            json!(text)
        ))
        .await;
    }

    /// Waits until the tab is at a path (without its query) and the page is there.
    pub(crate) async fn until_path(&self, path: &str) {
        self.until(&format!(
            "location.pathname === {} && document.readyState === 'complete'",
            json!(path)
        ))
        .await;
    }

    /// Waits until the JSON behind a path fits an expression over `answer`.
    pub(crate) async fn until_answer(&self, path: &str, expression: &str) {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             fetch({}).then((reply) => reply.json())
               .then((answer) => done(Boolean({expression}) || answer), (error) => done(String(error)));",
            json!(path)
        );
        let end = Instant::now() + DEADLINE;
        loop {
            let last = self.client.execute_async(&script, vec![]).await;
            if matches!(last, Ok(Value::Bool(true))) {
                return;
            }
            assert!(
                Instant::now() < end,
                "waited in vain for {path}: {expression}; it said {last:?}"
            );
            tokio::time::sleep(PERIOD).await;
        }
    }

    /// The JSON behind a path, read with the tab's session.
    pub(crate) async fn answer(&self, path: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             fetch({}).then((reply) => reply.json()).then(done, (error) => done(String(error)));",
            json!(path)
        );
        self.client.execute_async(&script, vec![]).await.unwrap()
    }

    /// Waits for a thing and clicks it; again, if the page replaced it at that very moment, as
    /// live parts do.
    pub(crate) async fn click(&self, selector: &str) {
        let end = Instant::now() + DEADLINE;
        // Into the middle: the bar at the top may cover what is scrolled below it.
        let middle = "document.querySelector(arguments[0])?.scrollIntoView({block: 'center'});";
        loop {
            let element = self.wait(selector).await;
            self.client
                .execute(middle, vec![json!(selector)])
                .await
                .unwrap();
            let Err(error) = element.click().await else {
                return;
            };
            let is_replaced = error.to_string().contains("stale element");
            assert!(
                is_replaced && Instant::now() < end,
                "{selector} cannot be clicked: {error}"
            );
        }
    }

    /// Types into a field.
    pub(crate) async fn fill(&self, selector: &str, text: &str) {
        let element = self.wait(selector).await;
        element.clear().await.unwrap();
        element.send_keys(text).await.unwrap();
    }

    /// From now on the tab is 390 px wide, as a phone is.
    pub(crate) async fn phone(&self) {
        let session = self.client.session_id().await.unwrap().unwrap();
        let address = format!("{}/session/{session}/goog/cdp/execute", self.driver);
        let command = json!({
            "cmd": "Emulation.setDeviceMetricsOverride",
            "params": {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true},
        });
        let answer = self.http.post(address).json(&command).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    /// Presses one key, wherever the focus is.
    pub(crate) async fn press(&self, key: char) {
        let actions = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key });
        self.client.perform_actions(actions).await.unwrap();
    }

    /// What the console said that is an error, a refused script included; reading it empties it.
    pub(crate) async fn console_errors(&self) -> Vec<String> {
        let session = self.client.session_id().await.unwrap().unwrap();
        let address = format!("{}/session/{session}/se/log", self.driver);
        let request = self.http.post(address).json(&json!({"type": "browser"}));
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        let lines = answer["value"].as_array().unwrap();
        let is_bad = |line: &&Value| {
            let message = line["message"].as_str().unwrap_or_default();
            line["level"] == "SEVERE" || message.contains("Content Security Policy")
        };
        lines
            .iter()
            .filter(is_bad)
            .map(|line| line["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// The page in words, for a test that failed.
    pub(super) async fn describe(&self) -> String {
        let script = "return `${location.href}\n${document.body.innerText.slice(0, 3000)}`";
        let seen = self.client.execute(script, vec![]).await;
        seen.map_or_else(
            |error| error.to_string(),
            |text| text.as_str().unwrap_or_default().to_owned(),
        )
    }
}
