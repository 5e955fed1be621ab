//! The memory: one record for everything that happened, with what it refers to (DESIGN §8).
//!
//! The engine takes a [`Note`] of every transition. What a delivery brought is put into words later
//! (see [`note`]), off the way of the webhooks and with the whole event.

#[cfg(test)]
mod acceptance;
mod alert;
pub mod change;
mod entity;
mod finding;
mod issue;
pub mod kinship;
mod markdown;
pub mod note;
mod person;
pub mod search;
#[cfg(test)]
mod tests;
pub mod vector;

pub use note::{Note, What};

use crate::limits::{MEMORY_BODY_BYTES, MEMORY_REFERENCES, cut_bytes};
use crate::signal::{Actor, ActorKind};
use crate::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One memory record: what happened, to what, by whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Our id; also the position in the stream of observations.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// `sentry`, `github`…, `epicenter` for what people do here.
    pub source: String,
    /// `issue.resolved`, `metric_alert.critical`, `deploy.succeeded`, `incident.acknowledged`…
    pub source_type: String,
    /// What it happened to, by the sender's id: `issue:42`, `release:1.4.0` (LF-15).
    pub source_id: String,
    /// One line.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// Who did it, or whom it happened to.
    pub actor: Author,
    /// When it happened, by the sender's clock but never after it was received.
    pub occurred_at: Time,
    /// When Epicenter learnt of it.
    pub recorded_at: Time,
    /// The service that it concerns.
    pub service_id: Option<i64>,
    /// The incident that it belongs to.
    pub incident_id: Option<i64>,
    /// The issue of the error log that it is about.
    pub issue_id: Option<i64>,
    /// The delivery that brought it.
    pub delivery_id: Option<i64>,
    /// What it refers to.
    pub references: Vec<Reference>,
    /// More, by the sender's kind (LF-18 for issues).
    pub metadata: Map<String, Value>,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// `sentry:40217`, `user:unknown`, `epicenter:usr_…`.
    pub id: String,
    /// Name to show.
    pub name: String,
}

impl Author {
    fn of(actor: &Actor, source: &str) -> Self {
        let place = match actor.kind {
            ActorKind::Person | ActorKind::Application => source,
            ActorKind::User | ActorKind::Epicenter => "epicenter",
        };
        Self {
            id: format!("{place}:{}", actor.id),
            name: actor.name.clone(),
        }
    }
}

/// Something that a record refers to. Two records that name the same type and id belong together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reference {
    /// `release`, `commit`, `sentry_issue`, `assignee`, `deploy`, `pull_request`, `file`…
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name: a version, a full SHA, `STOREFRONT-8K`.
    pub id: String,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Where a record is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// When Epicenter learnt of it.
    pub recorded_at: Time,
    /// The service that it concerns.
    pub service_id: Option<i64>,
    /// The incident that it belongs to.
    pub incident_id: Option<i64>,
    /// The issue that it is about.
    pub issue_id: Option<i64>,
    /// The delivery that brought it.
    pub delivery_id: Option<i64>,
}

/// A record that is being put into words.
#[derive(Clone, Debug)]
pub struct Draft {
    source: String,
    source_type: String,
    source_id: String,
    title: String,
    body: String,
    actor: Author,
    occurred_at: Option<Time>,
    references: BTreeMap<(String, String), Option<String>>,
    order: Vec<(String, String)>,
    metadata: Map<String, Value>,
}

impl Draft {
    fn new(source: &str, source_type: &str, actor: Author) -> Self {
        Self {
            source: source.to_owned(),
            source_type: source_type.to_owned(),
            source_id: String::new(),
            title: String::new(),
            body: String::new(),
            actor,
            occurred_at: None,
            references: BTreeMap::new(),
            order: Vec::new(),
            metadata: Map::new(),
        }
    }

    /// Refers to something, once.
    fn refer(&mut self, kind: &str, id: &str, url: Option<&str>) {
        let id = id.trim();
        if id.is_empty() || self.order.len() >= MEMORY_REFERENCES {
            return;
        }
        let place = (kind.to_owned(), id.to_owned());
        if let Some(known) = self.references.get_mut(&place) {
            *known = known.take().or(url.map(str::to_owned));
        } else {
            self.references
                .insert(place.clone(), url.map(str::to_owned));
            self.order.push(place);
        }
    }

    fn note(&mut self, key: &str, value: impl Into<Value>) {
        self.metadata.insert(key.to_owned(), value.into());
    }

    /// Refers to what is named in a text: SHAs, pull requests, issues, paths.
    fn mention(&mut self, text: &str, repository: Option<&str>) {
        for found in entity::of_text(text, repository) {
            self.refer(&found.kind, &found.id, found.url.as_deref());
        }
    }

    /// The finished record.
    pub fn finish(mut self, record: Record) -> Observation {
        let references = self.order.into_iter().map(|place| {
            let url = self.references.remove(&place).flatten();
            let (kind, id) = place;
            Reference { kind, id, url }
        });
        Observation {
            id: record.id,
            workspace_id: record.workspace_id,
            source: self.source,
            source_type: self.source_type,
            source_id: self.source_id,
            title: markdown::line(&self.title),
            body: cut_bytes(&self.body, MEMORY_BODY_BYTES),
            actor: self.actor,
            occurred_at: self
                .occurred_at
                .unwrap_or(record.recorded_at)
                .min(record.recorded_at),
            recorded_at: record.recorded_at,
            service_id: record.service_id,
            incident_id: record.incident_id,
            issue_id: record.issue_id,
            delivery_id: record.delivery_id,
            references: references.collect(),
            metadata: self.metadata,
        }
    }
}
