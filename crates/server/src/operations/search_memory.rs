//! Searches the memory: the best fits first, or the newest.

use super::embed::vector_of;
use super::{OperationError, search_by_meaning};
use crate::app::App;
use epicenter_domain::observation::Observation;
use epicenter_domain::observation::search::{Query, score};
use epicenter_domain::time::Time;
use epicenter_store::observations::{self, ObservationFilter};
use epicenter_store::{Page, StoreError, Tx};

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

/// What a cursor of a search for beginnings of words starts with.
const OPENED: char = 'o';
/// What a cursor of a list of words and meaning mixed starts with.
const MIXED: char = 'm';

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// One page of it.
    pub page: Page<Observation>,
    /// What the reader should know of the search, as a sentence.
    pub note: Option<String>,
}

/// One page of what was found. Without words there is nothing to rank: the newest come first. With a
/// text model, what means the same is mixed with what has the words; while the model is away, a note
/// says so. When nothing has the whole words, they may be beginnings of longer ones.
pub async fn search_memory(
    app: &App,
    workspace_id: i64,
    filter: &ObservationFilter,
    order: Order,
    (cursor, limit): (Option<&str>, i64),
) -> Result<Found, OperationError> {
    let mut tx = app.database.read().await?;
    let opened_cursor = cursor.and_then(|cursor| cursor.strip_prefix(OPENED));
    let mut search = Search {
        workspace_id,
        filter: filter.clone(),
        order,
        limit,
        now: app.clock.now(),
    };
    let mut note = None;
    if let Some((query, skipped)) = by_meaning(app, &search, cursor) {
        tx.rollback().await?;
        match vector_of(app, &query.words().join(" ")).await {
            Ok(vector) => {
                let mut tx = app.database.read().await?;
                let page = search
                    .mixed(app, &mut tx, (query, &vector), skipped)
                    .await?;
                tx.rollback().await?;
                if !page.items.is_empty() || cursor.is_some() {
                    return Ok(Found { page, note });
                }
            }
            Err(why) if cursor.is_none() => {
                note = Some(format!("{why} Only records that have the words are shown."));
            }
            Err(why) => {
                let text = format!("{why} Search again from the first page.");
                return Err(OperationError::Conflict(text));
            }
        }
        tx = app.database.read().await?;
    }
    let page = if opened_cursor.is_none() {
        search.page(&mut tx, cursor).await?
    } else {
        Page {
            items: Vec::new(),
            next_cursor: None,
        }
    };
    let is_nothing = page.items.is_empty() && page.next_cursor.is_none();
    let may_open = filter.q.is_some() && (cursor.is_none() || opened_cursor.is_some());
    if !is_nothing || !may_open {
        tx.rollback().await?;
        return Ok(Found { page, note });
    }
    search.filter.q = search.filter.q.map(Query::opened);
    let mut page = search.page(&mut tx, opened_cursor).await?;
    tx.rollback().await?;
    page.next_cursor = page.next_cursor.map(|cursor| format!("{OPENED}{cursor}"));
    Ok(Found { page, note })
}

/// The words to ask the text model about, and how much of the mixed list was shown; `None` when this
/// is another search, or a later page of one by words.
fn by_meaning<'a>(
    app: &App,
    search: &'a Search,
    cursor: Option<&str>,
) -> Option<(&'a Query, usize)> {
    let is_on = app.config.memory.embeddings.is_on() && search.order == Order::Best;
    let query = search.filter.q.as_ref().filter(|_| is_on)?;
    let skipped = match cursor {
        None => 0,
        Some(cursor) => cursor.strip_prefix(MIXED)?.parse().ok()?,
    };
    Some((query, skipped))
}

pub(super) struct Search {
    pub(super) workspace_id: i64,
    pub(super) filter: ObservationFilter,
    order: Order,
    pub(super) limit: i64,
    pub(super) now: Time,
}

impl Search {
    /// A page of the mixed list; behind its end come older records that have the words.
    async fn mixed(
        &self,
        app: &App,
        tx: &mut Tx,
        asked: (&Query, &[i8]),
        skipped: usize,
    ) -> Result<Page<Observation>, StoreError> {
        let (all, next) = search_by_meaning::mixed(app, tx, self, asked).await?;
        let shown = skipped.saturating_add(usize::try_from(self.limit).unwrap_or(0));
        let next_cursor = if all.len() > shown {
            Some(format!("{MIXED}{shown}"))
        } else {
            next.map(|next| format!("{next:x}-0"))
        };
        let length = shown.saturating_sub(skipped);
        Ok(Page {
            items: all.into_iter().skip(skipped).take(length).collect(),
            next_cursor,
        })
    }

    async fn page(
        &self,
        tx: &mut Tx,
        cursor: Option<&str>,
    ) -> Result<Page<Observation>, StoreError> {
        let (workspace_id, filter) = (self.workspace_id, &self.filter);
        let (Some(query), Order::Best) = (&filter.q, self.order) else {
            return observations::list(tx, workspace_id, filter, cursor, self.limit).await;
        };
        let (before, skipped) = place(cursor)?;
        let (found, next) = observations::candidates(tx, workspace_id, filter, before).await?;
        let newest = found.first().map_or(before, |one| one.id.saturating_add(1));
        let before = if cursor.is_none() { newest } else { before };
        let mut scored: Vec<(i64, Observation)> = found
            .into_iter()
            .map(|one| (score(query, &one, self.now), one))
            .collect();
        scored.sort_by(|(left, a), (right, b)| right.cmp(left).then(b.id.cmp(&a.id)));
        let limit = usize::try_from(self.limit).unwrap_or(0);
        let shown = skipped.saturating_add(limit);
        let next_cursor = if scored.len() > shown {
            Some(format!("{before:x}-{shown:x}"))
        } else {
            next.map(|next| format!("{next:x}-0"))
        };
        let items = scored.into_iter().skip(skipped).take(limit);
        Ok(Page {
            items: items.map(|(_, one)| one).collect(),
            next_cursor,
        })
    }
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
