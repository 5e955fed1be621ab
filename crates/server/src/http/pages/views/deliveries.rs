//! `/deliveries`: every request that reached a push URL, and what became of it.

use super::parts::{Clock, Icon, Outcome, Query, bytes, duration_ms};
use super::shell::{Choice, Shell};
use askama::Template;
use askama::filters::HtmlSafe;
use epicenter_domain::time::Time;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/deliveries.html")]
pub struct DeliveriesPage {
    /// What is around it.
    pub shell: Shell,
    /// The list, which is also the fragment `rows`.
    pub list: DeliveryList,
    /// Integrations to filter by: id and name.
    pub integrations: Vec<(String, String)>,
    /// Resources to filter by: `issue`, `event_alert`…
    pub resources: Vec<String>,
}

/// Rows: what `X-Fragment: rows` is answered with.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "partials/delivery_list.html")]
pub struct DeliveryList {
    /// Now.
    pub clock: Clock,
    /// The filter in the address.
    pub filter: DeliveryFilter,
    /// Rows, newest first.
    pub rows: Vec<DeliveryRow>,
    /// Cursor of the next page.
    pub next_cursor: Option<String>,
}

impl HtmlSafe for DeliveryList {}

/// The filter as the address says it; empty means any.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// Id of an integration.
    pub integration: String,
    /// An outcome of the API.
    pub outcome: String,
    /// `issue`, `event_alert`…
    pub resource: String,
    /// Number of an incident whose deliveries are wanted.
    pub incident: String,
    /// Words of the reason, or a delivery's id.
    pub q: String,
    /// Where the page starts.
    pub cursor: String,
}

/// One delivery in a list.
#[derive(Clone, Debug)]
pub struct DeliveryRow {
    /// `dlv_…`
    pub id: String,
    /// When it arrived.
    pub received_at: Time,
    /// Name of the integration.
    pub integration: String,
    /// `event_alert`; may be empty.
    pub resource: String,
    /// `triggered`; may be empty.
    pub action: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, in a sentence.
    pub reason: String,
    /// How the sender was proven: "signature", "bearer", "key in the URL".
    pub proof: String,
    /// From arrival to applied.
    pub duration_ms: Option<i64>,
    /// Bytes of the body.
    pub size: i64,
    /// Is it a replay of another one?
    pub is_replay: bool,
    /// Number of the incident that it touched.
    pub incident: Option<i64>,
}

impl DeliveryFilter {
    fn query(&self) -> Query {
        Query::new("/deliveries")
            .set("integration", &self.integration)
            .set("outcome", &self.outcome)
            .set("resource", &self.resource)
            .set("incident", &self.incident)
            .set("q", &self.q)
    }

    /// Address of the same list from another place on.
    pub fn page(&self, cursor: &str) -> String {
        self.query().set("cursor", cursor).href()
    }

    /// Is anything chosen?
    pub fn is_narrowed(&self) -> bool {
        !self.query().pairs().is_empty()
    }

    /// Choices of the outcome filter.
    pub fn outcomes(&self) -> Vec<Choice> {
        let words = Outcome::ALL.map(|outcome| (outcome.word(), outcome.label()));
        Choice::list(words, &self.outcome)
    }
}

impl DeliveriesPage {
    /// Choices of the integration filter.
    pub fn integration_choices(&self) -> Vec<Choice> {
        let known = self.integrations.iter().map(|(id, name)| (id, name));
        Choice::list(known, &self.list.filter.integration)
    }

    /// Choices of the resource filter.
    pub fn resource_choices(&self) -> Vec<Choice> {
        let known = self.resources.iter().map(|name| (name, name));
        Choice::list(known, &self.list.filter.resource)
    }
}

impl DeliveryRow {
    /// `event_alert.triggered`, or what is known of it.
    pub fn event(&self) -> String {
        event_name(&self.resource, &self.action)
    }

    /// "12 ms".
    pub fn duration(&self) -> String {
        self.duration_ms
            .as_ref()
            .map_or_else(|| "–".to_owned(), duration_ms)
    }

    /// "12 KB".
    pub fn shown_size(&self) -> String {
        bytes(&self.size)
    }
}

/// `event_alert.triggered`, or what is known of it.
pub(super) fn event_name(resource: &str, action: &str) -> String {
    match (resource, action) {
        ("", "") => "unknown".to_owned(),
        (name, "") | ("", name) => name.to_owned(),
        _ => format!("{resource}.{action}"),
    }
}
