//! `…/releases/{version}/commits/`: what a release brought.

use super::place::Place;
use super::read::ListQuery;
use super::refused::Refused;
use crate::app::App;
use crate::limits::RELEASE_COMMITS;
use axum::extract::{OriginalUri, RawQuery, State};
use axum::response::Response;
use epicenter_domain::time::Time;
use epicenter_store::changes::commits::{self, CommitRecord, Owner};
use serde_json::{Value, json};
use std::sync::Arc;

fn body(commit: CommitRecord) -> Value {
    let CommitRecord { fact, .. } = commit;
    json!({
        "id": fact.sha,
        "message": fact.message,
        "dateCreated": fact.authored_at.or(fact.committed_at).map(Time::rfc3339),
        "author": {"name": fact.author},
    })
}

/// `GET …/commits/`: newest first; the cursor is the number of those before.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    place: Place,
    OriginalUri(uri): OriginalUri,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let query = ListQuery::parse(query.as_deref())?;
    let start: usize = match &query.cursor {
        Some(cursor) => cursor
            .parse()
            .map_err(|_| Refused::field("cursor", "is not one that this list gave out"))?,
        None => 0,
    };
    let mut tx = app.database.read().await?;
    let release = place.release(&mut tx).await?;
    let most = i64::try_from(RELEASE_COMMITS).unwrap_or(i64::MAX);
    let ids = commits::ids_of(&mut tx, Owner::Release(release.id), most).await?;
    let count = usize::try_from(query.per_page).unwrap_or_default();
    let page: Vec<i64> = ids.iter().copied().skip(start).take(count).collect();
    let records = commits::by_ids(&mut tx, &page).await?;
    tx.rollback().await?;
    let end = start.saturating_add(count);
    let next = (end < ids.len()).then(|| end.to_string());
    let items = records.into_iter().map(body).collect();
    Ok(query.answer((&app.config.base_url(), uri.path()), items, next.as_deref()))
}
