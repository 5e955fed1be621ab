//! `/api/v1/stream`: live, and resumed.

use crate::support::{TestApp, Webhook};
use reqwest::Method;
use std::time::Duration;
use tokio::time::timeout;

on_both_engines!(
    an_incident_appears_on_the_stream,
    a_stream_is_resumed,
    a_stream_ends_with_the_server
);

/// An open stream and what came so far.
struct Stream {
    response: reqwest::Response,
    text: String,
}

impl Stream {
    async fn open(app: &TestApp, after: Option<&str>) -> Self {
        let mut request = app.api.request(Method::GET, "/api/v1/stream");
        if let Some(after) = after {
            request = request.header("Last-Event-ID", after);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut stream = Self {
            response,
            text: String::new(),
        };
        stream.until("event: hello").await;
        stream
    }

    /// Reads on until this text has come.
    async fn until(&mut self, text: &str) {
        while !self.text.contains(text) {
            let chunk = timeout(Duration::from_secs(20), self.response.chunk()).await;
            let chunk = chunk.unwrap_or_else(|_| panic!("{text:?} does not come: {}", self.text));
            let chunk = chunk
                .unwrap()
                .unwrap_or_else(|| panic!("it ended: {}", self.text));
            self.text.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    /// The ids of the events so far.
    fn ids(&self) -> Vec<&str> {
        self.text
            .lines()
            .filter_map(|line| line.strip_prefix("id: "))
            .collect()
    }
}

// EL-07, LF-06
async fn an_incident_appears_on_the_stream(app: &TestApp) {
    let mut stream = Stream::open(app, None).await;
    app.apply(Webhook::event_alert(42)).await;
    stream.until("incident.opened").await;
    stream.until("event: incident\n").await;
    let incident = app.incident().await;
    stream.until(incident["id"].as_str().unwrap()).await;
}

async fn a_stream_is_resumed(app: &TestApp) {
    let mut stream = Stream::open(app, None).await;
    app.apply(Webhook::event_alert(1)).await;
    stream.until("incident.opened").await;
    stream.until("\n\n").await;
    let last = stream.ids().last().unwrap().to_string();
    drop(stream);
    for issue_id in 2..5 {
        app.apply(Webhook::event_alert(issue_id)).await;
    }
    let mut resumed = Stream::open(app, Some(&last)).await;
    app.apply(Webhook::event_alert(5)).await;
    let newest = app.incidents().await[0]["id"].as_str().unwrap().to_owned();
    resumed.until(&newest).await;
    let ids = resumed.ids();
    assert_eq!(
        ids.len(),
        4,
        "three missed and one new, each once: {}",
        resumed.text
    );
    assert!(
        ids.iter().all(|id| *id > last.as_str()) && ids.is_sorted(),
        "{ids:?}"
    );
}

/// Or it would keep the server from stopping.
async fn a_stream_ends_with_the_server(app: &mut TestApp) {
    let mut stream = Stream::open(app, None).await;
    app.restart().await;
    let rest = timeout(Duration::from_secs(5), async {
        while let Ok(Some(_)) = stream.response.chunk().await {}
    });
    rest.await.unwrap();
}
