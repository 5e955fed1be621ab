//! `/deliveries/{id}`: one delivery, its verdict, its proof and its bytes.

use super::deliveries::event_name;
use super::parts::{Clock, Icon, Outcome, PrettyJson, bytes, duration_ms};
use super::shell::Shell;
use askama::Template;
use askama::filters::HtmlSafe;
use epicenter_domain::time::Time;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/delivery.html")]
pub struct DeliveryPage {
    /// What is around it.
    pub shell: Shell,
    /// Verdict, proof, times.
    pub head: DeliveryHead,
    /// Headers, secrets removed.
    pub headers: Vec<(String, String)>,
    /// The body; absent once retention has removed it.
    pub body: Option<PrettyJson>,
    /// Days that raw bodies are kept, for the sentence about an absent body.
    pub retention_days: i64,
}

/// Verdict, proof, times: the fragment `live`.
#[derive(Clone, Debug, Template)]
#[template(path = "partials/delivery_head.html")]
pub struct DeliveryHead {
    /// Now.
    pub clock: Clock,
    /// Against forged forms.
    pub csrf: String,
    /// `dlv_…`
    pub id: String,
    /// When it arrived.
    pub received_at: Time,
    /// Integration: id and name.
    pub integration: (String, String),
    /// `event_alert`; may be empty.
    pub resource: String,
    /// `triggered`; may be empty.
    pub action: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, in a sentence.
    pub reason: String,
    /// How the sender was proven, in words.
    pub proof: String,
    /// Label of the secret that matched.
    pub secret_label: Option<String>,
    /// Tries so far.
    pub attempts: i64,
    /// From arrival to applied.
    pub duration_ms: Option<i64>,
    /// When it was applied.
    pub applied_at: Option<Time>,
    /// Bytes of the body.
    pub size: i64,
    /// Number of the incident that it touched.
    pub incident: Option<i64>,
    /// Entry of the error log that it touched: id and title.
    pub issue: Option<(String, String)>,
    /// The delivery that this one replays.
    pub replay_of: Option<String>,
    /// Replays of this one, newest first.
    pub replays: Vec<ReplayRow>,
    /// Can it be replayed (its body is still there, its sender proven)?
    pub can_replay: bool,
}

impl HtmlSafe for DeliveryHead {}

/// One replay of a delivery.
#[derive(Clone, Debug)]
pub struct ReplayRow {
    /// `dlv_…`
    pub id: String,
    /// When.
    pub at: Time,
    /// What became of it.
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
}

impl DeliveryHead {
    /// `event_alert.triggered`, or what is known of it.
    pub fn event(&self) -> String {
        event_name(&self.resource, &self.action)
    }

    /// "12 ms".
    pub fn duration(&self) -> Option<String> {
        self.duration_ms.as_ref().map(duration_ms)
    }

    /// "12 KB".
    pub fn shown_size(&self) -> String {
        bytes(&self.size)
    }
}
