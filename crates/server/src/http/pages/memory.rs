//! `/memory`: everything that happened, to be searched.

use super::forms::some;
use super::views::parts::{Clock, SafeLink};
use super::views::{
    MemoryFilter, MemoryList, MemoryPage, MemoryRow, ObservationPage, ReferenceRow, Section,
    SimilarCard, SimilarRow,
};
use super::visitor::{Failure, Shown, Visitor};
use crate::app::App;
use crate::limits::{PAGE_SIZE, SIMILAR_SHOWN};
use crate::operations::search_memory::{Order, search_memory};
use crate::operations::similar_incidents::{Similar, similar_incidents};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::Incident;
use epicenter_domain::observation::Observation;
use epicenter_domain::observation::kinship::Cure;
use epicenter_domain::observation::search::{Query as Search, excerpt, highlight};
use epicenter_domain::time::{DAY_MS, Time};
use epicenter_store::observations::{self, ObservationFilter};
use epicenter_store::{incidents, services};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// The filter in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    q: String,
    #[serde(rename = "type")]
    kind: String,
    source: String,
    #[serde(rename = "ref")]
    reference: String,
    service: String,
    from: String,
    to: String,
    order: String,
    cursor: String,
}

/// The start of a day.
fn day(text: &str) -> Option<Time> {
    Time::parse(&format!("{}T00:00:00Z", text.trim()))
}

impl ListQuery {
    /// The filter as the store knows it, or what is wrong with it.
    fn read(&self) -> Result<ObservationFilter, String> {
        let q = Search::parse(&self.q);
        if q.is_none() && some(&self.q).is_some() {
            return Err("Search for a word: letters or digits.".to_owned());
        }
        let reference = match self.reference.split_once(':') {
            Some((kind, id)) => Some((kind.trim().to_owned(), id.trim().to_owned())),
            None if self.reference.trim().is_empty() => None,
            None => return Err("What it refers to is written as release:1.4.0.".to_owned()),
        };
        Ok(ObservationFilter {
            q,
            source_type: some(&self.kind),
            source: some(&self.source),
            reference,
            service_id: IdKind::Service.parse(&self.service),
            from: day(&self.from),
            to: day(&self.to).map(|to| to.plus_ms(DAY_MS)),
        })
    }

    fn shown(self) -> MemoryFilter {
        MemoryFilter {
            q: self.q,
            kind: self.kind,
            source: self.source,
            reference: self.reference,
            service: self.service,
            from: self.from,
            to: self.to,
            order: self.order,
            cursor: self.cursor,
        }
    }
}

fn row(query: Option<&Search>, one: Observation) -> MemoryRow {
    MemoryRow {
        id: IdKind::Observation.show(one.id),
        title: highlight(query, &one.title),
        excerpt: highlight(query, &excerpt(query, &one.body)),
        kind: one.source_type,
        source: one.source,
        actor: one.actor.name,
        at: one.occurred_at,
    }
}

/// The page, or its rows.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(query): Query<ListQuery>,
) -> Shown {
    let workspace_id = visitor.caller.workspace_id;
    let order = Order::parse(&query.order).unwrap_or_default();
    let cursor = some(&query.cursor);
    let mut list = MemoryList {
        clock: Clock(app.clock.now()),
        ..MemoryList::default()
    };
    match query.read() {
        Ok(filter) => {
            let place = (cursor.as_deref(), PAGE_SIZE);
            let found = search_memory(&app, workspace_id, &filter, order, place).await?;
            let rows = found.page.items.into_iter();
            list.rows = rows.map(|one| row(filter.q.as_ref(), one)).collect();
            list.next_cursor = found.page.next_cursor;
            list.note = found.note;
        }
        Err(fault) => list.fault = Some(fault),
    }
    list.filter = query.shown();
    if visitor.fragment.is_some() {
        return Ok(Html(list.render().map_err(Failure::from)?));
    }
    let mut tx = app.database.read().await?;
    let types = observations::types(&mut tx, workspace_id).await?;
    let services = services::list(&mut tx, workspace_id).await?;
    tx.rollback().await?;
    let page = MemoryPage {
        shell: visitor.shell(&app, Section::Memory).await?,
        list,
        types,
        services: services
            .into_iter()
            .map(|one| (IdKind::Service.show(one.id), one.name))
            .collect(),
    };
    Ok(Html(page.render()?))
}

/// One record.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Shown {
    let workspace_id = visitor.caller.workspace_id;
    let id = IdKind::Observation.parse(&id).ok_or(Failure::NotFound)?;
    let mut tx = app.database.read().await?;
    let one = observations::by_id(&mut tx, workspace_id, id)
        .await?
        .ok_or(Failure::NotFound)?;
    let incident = match one.incident_id {
        Some(id) => incidents::by_id(&mut tx, workspace_id, id).await?,
        None => None,
    };
    tx.rollback().await?;
    let page = ObservationPage {
        shell: visitor.shell(&app, Section::Memory).await?,
        id: IdKind::Observation.show(one.id),
        title: one.title,
        body: one.body,
        kind: one.source_type,
        source: one.source,
        source_id: one.source_id,
        actor: (one.actor.id, one.actor.name),
        occurred_at: one.occurred_at,
        recorded_at: one.recorded_at,
        incident: incident.map(|incident| incident.number),
        references: one
            .references
            .into_iter()
            .map(|reference| ReferenceRow {
                link: SafeLink::from_option(reference.url.as_deref()),
                kind: reference.kind,
                name: reference.id,
            })
            .collect(),
        metadata: one
            .metadata
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, plain(&value)))
            .collect(),
    };
    Ok(Html(page.render()?))
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.to_string()
        }
    }
}

/// Past incidents like this one, for its page.
pub(super) async fn similar_card(
    app: &App,
    visitor: &Visitor,
    incident: &Incident,
) -> Result<SimilarCard, Failure> {
    let workspace_id = visitor.caller.workspace_id;
    let found = similar_incidents(app, workspace_id, incident, SIMILAR_SHOWN).await?;
    let row = |one: Similar| SimilarRow {
        number: one.incident.number,
        title: one.incident.title,
        opened_at: one.incident.opened_at,
        score: one.score,
        reasons: one.reasons,
        note: one.cure.as_ref().and_then(|cure| cure.note.clone()),
        cure: one.cure.map(|cure| (sentence(&cure), cure.at)),
    };
    Ok(SimilarCard {
        clock: Clock(app.clock.now()),
        rows: found.into_iter().map(row).collect(),
    })
}

fn sentence(cure: &Cure) -> String {
    let how = match (&cure.release, &cure.commit) {
        (Some(release), _) => format!(" in release {release}"),
        (None, Some(commit)) => {
            let short: String = commit.chars().take(12).collect();
            format!(" with commit {short}")
        }
        (None, None) => String::new(),
    };
    format!("Resolved{how} by {}", cure.by)
}
