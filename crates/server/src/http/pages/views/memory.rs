//! `/memory`: everything that happened, to be searched; and past incidents like one.

use super::parts::{Clock, Icon, Query, SafeLink, Span, spans};
use super::shell::{Choice, Shell};
use askama::Template;
use askama::filters::HtmlSafe;
use epicenter_domain::observation::search::Piece;
use epicenter_domain::time::Time;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/memory.html")]
pub struct MemoryPage {
    /// What is around it.
    pub shell: Shell,
    /// The list, which is also the fragment `rows`.
    pub list: MemoryList,
    /// Types to filter by.
    pub types: Vec<String>,
    /// Services to filter by: id and name.
    pub services: Vec<(String, String)>,
}

/// Rows: what `X-Fragment: rows` is answered with.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "partials/memory_list.html")]
pub struct MemoryList {
    /// Now.
    pub clock: Clock,
    /// The filter in the address.
    pub filter: MemoryFilter,
    /// What is wrong with the filter.
    pub fault: Option<String>,
    /// What there is to know of the search.
    pub note: Option<String>,
    /// Rows, 50 a page.
    pub rows: Vec<MemoryRow>,
    /// Cursor of the next page.
    pub next_cursor: Option<String>,
}

impl HtmlSafe for MemoryList {}

/// The filter as the address says it; empty means any.
#[derive(Clone, Debug, Default)]
pub struct MemoryFilter {
    /// Words.
    pub q: String,
    /// `issue.resolved`…
    pub kind: String,
    /// `sentry`…
    pub source: String,
    /// `release:1.4.0`
    pub reference: String,
    /// Id of a service.
    pub service: String,
    /// Happened on or after this day, `2026-01-06`.
    pub from: String,
    /// Happened on or before this day.
    pub to: String,
    /// `best` (also when empty) or `newest`.
    pub order: String,
    /// Where the page starts.
    pub cursor: String,
}

/// One record in the list.
#[derive(Clone, Debug)]
pub struct MemoryRow {
    /// `obs_…`
    pub id: String,
    /// Title, with what was searched for marked.
    pub title: Vec<Piece>,
    /// The part of the body that shows why it was found.
    pub excerpt: Vec<Piece>,
    /// `issue.resolved`…
    pub kind: String,
    /// `sentry`…
    pub source: String,
    /// Who.
    pub actor: String,
    /// When it happened.
    pub at: Time,
}

/// Something that a record refers to.
#[derive(Clone, Debug)]
pub struct ReferenceRow {
    /// Type.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Its page elsewhere.
    pub link: Option<SafeLink>,
}

/// `/memory/{id}`
#[derive(Clone, Debug, Template)]
#[template(path = "pages/observation.html")]
pub struct ObservationPage {
    /// What is around it.
    pub shell: Shell,
    /// `obs_…`
    pub id: String,
    /// Title.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// `issue.resolved`…
    pub kind: String,
    /// `sentry`…
    pub source: String,
    /// `issue:42`
    pub source_id: String,
    /// Who: id and name.
    pub actor: (String, String),
    /// When it happened.
    pub occurred_at: Time,
    /// When Epicenter learnt of it.
    pub recorded_at: Time,
    /// Number of the incident.
    pub incident: Option<i64>,
    /// What it refers to.
    pub references: Vec<ReferenceRow>,
    /// Names and values.
    pub metadata: Vec<(String, String)>,
}

/// Past incidents like one.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "partials/similar_card.html")]
pub struct SimilarCard {
    /// Now.
    pub clock: Clock,
    /// The most alike first.
    pub rows: Vec<SimilarRow>,
}

impl HtmlSafe for SimilarCard {}

/// A past incident.
#[derive(Clone, Debug)]
pub struct SimilarRow {
    /// Number.
    pub number: i64,
    /// Title.
    pub title: String,
    /// When it opened.
    pub opened_at: Time,
    /// 0 to 100.
    pub score: i64,
    /// Why, in sentences.
    pub reasons: Vec<String>,
    /// What resolved it, as a sentence, and when.
    pub cure: Option<(String, Time)>,
    /// The last note about it.
    pub note: Option<String>,
}

impl MemoryFilter {
    fn query(&self) -> Query {
        Query::new("/memory")
            .set("q", &self.q)
            .set("type", &self.kind)
            .set("source", &self.source)
            .set("ref", &self.reference)
            .set("service", &self.service)
            .set("from", &self.from)
            .set("to", &self.to)
            .set("order", &self.order)
    }

    /// Address of the same list from another place on.
    pub fn page(&self, cursor: &str) -> String {
        self.query().set("cursor", cursor).href()
    }

    /// Is anything chosen?
    pub fn is_narrowed(&self) -> bool {
        let query = self.query().set("order", "");
        !query.pairs().is_empty()
    }

    /// Address without the thing that must be referred to.
    pub fn unreferred(&self) -> String {
        self.query().set("ref", "").href()
    }

    /// Choices of the order.
    pub fn orders(&self) -> Vec<Choice> {
        Choice::list(
            [("", "Best first"), ("newest", "Newest first")],
            &self.order,
        )
    }
}

impl MemoryPage {
    /// Choices of the type filter.
    pub fn type_choices(&self) -> Vec<Choice> {
        Choice::list(
            self.types.iter().map(|name| (name, name)),
            &self.list.filter.kind,
        )
    }

    /// Choices of the service filter.
    pub fn service_choices(&self) -> Vec<Choice> {
        let pairs = self.services.iter().map(|(id, name)| (id, name));
        Choice::list(pairs, &self.list.filter.service)
    }
}

impl ObservationPage {
    /// The body in pieces.
    pub fn spans(&self) -> Vec<Span<'_>> {
        spans(&self.body)
    }
}

impl ReferenceRow {
    /// Everything else that refers to it.
    pub fn href(&self) -> String {
        let name = format!("{}:{}", self.kind, self.name);
        Query::new("/memory").set("ref", &name).href()
    }
}
