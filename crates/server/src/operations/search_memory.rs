//! Searches the memory: the best fits first, or the newest.

use super::OperationError;
use crate::app::App;
use epicenter_domain::observation::Observation;
use epicenter_domain::observation::search::score;
use epicenter_store::observations::{self, ObservationFilter};
use epicenter_store::{Page, StoreError};

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The best fits among the newest few hundred that have all words, then among the next ones.
    #[default]
    Best,
    /// The newest.
    Newest,
}

impl Order {
    /// Reads the API's word; empty is the default.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "" | "best" => Some(Self::Best),
            "newest" => Some(Self::Newest),
            _ => None,
        }
    }
}

/// One page of what was found. Without words there is nothing to rank: the newest come first.
pub async fn search_memory(
    app: &App,
    workspace_id: i64,
    filter: &ObservationFilter,
    order: Order,
    (cursor, limit): (Option<&str>, i64),
) -> Result<Page<Observation>, OperationError> {
    let mut tx = app.database.read().await?;
    let (Some(query), Order::Best) = (&filter.q, order) else {
        let page = observations::list(&mut tx, workspace_id, filter, cursor, limit).await?;
        tx.rollback().await?;
        return Ok(page);
    };
    let (before, skipped) = place(cursor)?;
    let (found, next) = observations::candidates(&mut tx, workspace_id, filter, before).await?;
    tx.rollback().await?;
    let newest = found.first().map_or(before, |one| one.id.saturating_add(1));
    let before = if cursor.is_none() { newest } else { before };
    let now = app.clock.now();
    let mut scored: Vec<(i64, Observation)> = found
        .into_iter()
        .map(|one| (score(query, &one, now), one))
        .collect();
    scored.sort_by(|(left, a), (right, b)| right.cmp(left).then(b.id.cmp(&a.id)));
    let limit = usize::try_from(limit).unwrap_or(0);
    let has_more = scored.len() > skipped.saturating_add(limit);
    let items = scored.into_iter().skip(skipped).take(limit);
    let next_cursor = if has_more {
        Some(format!("{before:x}-{:x}", skipped.saturating_add(limit)))
    } else {
        next.map(|next| format!("{next:x}-0"))
    };
    Ok(Page {
        items: items.map(|(_, one)| one).collect(),
        next_cursor,
    })
}

/// Before which record the compared ones are, and how many of them were shown.
fn place(cursor: Option<&str>) -> Result<(i64, usize), StoreError> {
    let Some(cursor) = cursor else {
        return Ok((i64::MAX, 0));
    };
    let (before, skipped) = cursor.split_once('-').ok_or(StoreError::Cursor)?;
    let before = i64::from_str_radix(before, 16).map_err(|_| StoreError::Cursor)?;
    let skipped = usize::from_str_radix(skipped, 16).map_err(|_| StoreError::Cursor)?;
    Ok((before, skipped))
}
