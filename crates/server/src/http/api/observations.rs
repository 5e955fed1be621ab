//! `/api/v1/observations`: the memory; and past incidents like one.

#![expect(unused_qualifications, reason = "the macro of utoipa writes them")]

use super::bodies::PageBody;
use super::incidents::find;
use super::parameters::{self, Paging, Query};
use crate::app::App;
use crate::cloud_event::ObservationBody;
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::limits::SIMILAR_SHOWN;
use crate::operations::search_memory::{Order, search_memory};
use crate::operations::similar_incidents::{Similar, similar_incidents};
use axum::extract::{Path, State};
use epicenter_domain::id::IdKind;
use epicenter_domain::observation::search::Query as Search;
use epicenter_store::observations::{self, ObservationFilter};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Which records.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct MemoryQuery {
    /// Has all these words. When nothing has the whole words, those of three letters or more may be
    /// beginnings of longer ones.
    q: String,
    /// `issue.resolved`
    #[serde(rename = "type")]
    kind: String,
    /// `sentry`, `github`…
    source: String,
    /// Refers to this: `release:1.4.0`, `commit:9fceb02`, `file:src/cart.ts`.
    #[serde(rename = "ref")]
    reference: String,
    /// `svc_…`
    service: String,
    /// Happened at or after.
    from: String,
    /// Happened before.
    to: String,
    /// `best` (default with `q`) or `newest`.
    order: String,
}

impl MemoryQuery {
    fn filter(&self) -> Result<ObservationFilter, Problem> {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let time = |field: &str, text: &str| {
            some(text)
                .map(|text| parameters::time(field, &text))
                .transpose()
        };
        let q = match some(&self.q) {
            Some(text) => Some(
                Search::parse(&text)
                    .ok_or_else(|| Problem::invalid("q", "must have a letter or a digit"))?,
            ),
            None => None,
        };
        let reference = match some(&self.reference) {
            Some(text) => Some(reference(&text)?),
            None => None,
        };
        let service = some(&self.service)
            .map(|text| parameters::id(IdKind::Service, "service", &text))
            .transpose()?;
        Ok(ObservationFilter {
            q,
            source_type: some(&self.kind),
            source: some(&self.source),
            reference,
            service_id: service,
            from: time("from", &self.from)?,
            to: time("to", &self.to)?,
        })
    }
}

fn reference(text: &str) -> Result<(String, String), Problem> {
    text.split_once(':')
        .map(|(kind, id)| (kind.trim().to_owned(), id.trim().to_owned()))
        .filter(|(kind, id)| !kind.is_empty() && !id.is_empty())
        .ok_or_else(|| Problem::invalid("ref", "must be a type and an id: release:1.4.0"))
}

/// One page of records.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundBody {
    /// The records.
    items: Vec<ObservationBody>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
    /// What there is to know of the search, such as that the text model is away; null: nothing.
    note: Option<String>,
}

/// Searches the memory; with a text model, also for what means the same in other words. With `q` the
/// best fits come first, else the newest. A page may be short, or even empty, and still have a next
/// one.
#[utoipa::path(
    get,
    path = "/api/v1/observations",
    tag = "observations",
    params(MemoryQuery, Paging),
    responses((status = 200, body = FoundBody), (status = 400, body = Problem))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<MemoryQuery>,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<FoundBody>, Problem> {
    let filter = query.filter()?;
    let order = Order::parse(&query.order)
        .ok_or_else(|| Problem::invalid("order", "is none of best, newest"))?;
    let place = (paging.cursor.as_deref(), paging.limit()?);
    let found = search_memory(&app, caller.workspace_id, &filter, order, place).await?;
    Ok(axum::Json(FoundBody {
        items: found.page.items.into_iter().map(Into::into).collect(),
        next_cursor: found.page.next_cursor,
        note: found.note,
    }))
}

/// One record.
#[utoipa::path(
    get,
    path = "/api/v1/observations/{id}",
    tag = "observations",
    params(("id" = String, Path, description = "`obs_…`")),
    responses((status = 200, body = ObservationBody), (status = 404, body = Problem))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<ObservationBody>, Problem> {
    let id = parameters::id(IdKind::Observation, "observation", &id)?;
    let mut tx = app.database.read().await?;
    let found = observations::by_id(&mut tx, caller.workspace_id, id).await?;
    tx.rollback().await?;
    let found = found.ok_or_else(|| Problem::not_found("observation"))?;
    Ok(axum::Json(found.into()))
}

/// What resolved a past incident.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResolutionBody {
    /// When.
    at: String,
    /// Who resolved it.
    by: String,
    /// The commit that was named.
    commit: Option<String>,
    /// The release that was named.
    release: Option<String>,
    /// The last note that a person wrote about it.
    note: Option<String>,
}

/// A past incident like the one asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimilarBody {
    /// `inc_…`
    id: String,
    /// Its number.
    number: i64,
    /// Its title.
    title: String,
    /// Its status.
    status: &'static str,
    /// When it opened.
    opened_at: String,
    /// How alike, 0 to 100.
    score: i64,
    /// Why: sentences.
    reasons: Vec<String>,
    /// What resolved it; null while it is open, or when nobody said.
    resolution: Option<ResolutionBody>,
}

impl From<Similar> for SimilarBody {
    fn from(similar: Similar) -> Self {
        let incident = similar.incident;
        Self {
            id: IdKind::Incident.show(incident.id),
            number: incident.number,
            title: incident.title,
            status: incident.status.as_str(),
            opened_at: incident.opened_at.rfc3339(),
            score: similar.score,
            reasons: similar.reasons,
            resolution: similar.cure.map(|cure| ResolutionBody {
                at: cure.at.rfc3339(),
                by: cure.by,
                commit: cure.commit,
                release: cure.release,
                note: cure.note,
            }),
        }
    }
}

/// Past incidents like this one, the most alike first, with what resolved them.
#[utoipa::path(
    get,
    path = "/api/v1/incidents/{id}/similar",
    tag = "incidents",
    params(("id" = String, Path, description = "`inc_…` or the number")),
    responses((status = 200, body = PageBody<SimilarBody>), (status = 404, body = Problem))
)]
pub(super) async fn similar(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<PageBody<SimilarBody>>, Problem> {
    let mut tx = app.database.read().await?;
    let incident = find(&mut tx, caller.workspace_id, &id).await?;
    tx.rollback().await?;
    let found = similar_incidents(&app, caller.workspace_id, &incident, SIMILAR_SHOWN).await?;
    Ok(axum::Json(PageBody {
        items: found.into_iter().map(Into::into).collect(),
        next_cursor: None,
    }))
}
