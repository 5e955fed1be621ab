//! The memory: what happened, to be found by its words and by what it refers to.

mod expiry;
pub mod file;
pub mod queue;
mod rows;
pub mod vectors;
mod words;

pub use expiry::delete_old;

use crate::page::{Page, clamped, comparable, place};
use crate::{StoreError, Tx};
use epicenter_domain::id::first_id_at;
use epicenter_domain::observation::Observation;
use epicenter_domain::observation::search::Query;
use epicenter_domain::time::Time;
use rows::{COLUMNS, Row};
use sqlx::{Database, Encode, QueryBuilder, Type};
use words::Spelling;

/// Records that one page looks through for filters without an index.
const WINDOW: i64 = 2_000;
/// Records that are compared with each other for one ranked page.
const CANDIDATES: i64 = 400;
/// Records per word or reference that are looked at for past incidents like this one.
const KIN: i64 = 200;
/// Characters of the shortest name of a commit, and of the whole one.
const SHORTEST_SHA: usize = 7;
const LONGEST_SHA: usize = 40;
/// Commits that one beginning may stand for; more say that it is too short.
const LONGER_SHAS: i64 = 5;

/// Filters of a list; empty ones let everything through.
#[derive(Clone, Debug, Default)]
pub struct ObservationFilter {
    /// Has all these words.
    pub q: Option<Query>,
    /// `issue.resolved`
    pub source_type: Option<String>,
    /// `sentry`
    pub source: Option<String>,
    /// Refers to this: type and id. A commit may be named by its beginning.
    pub reference: Option<(String, String)>,
    /// Concerns this service.
    pub service_id: Option<i64>,
    /// Happened at or after.
    pub from: Option<Time>,
    /// Happened before.
    pub to: Option<Time>,
}

impl ObservationFilter {
    /// Does it ask for nothing but words?
    fn is_plain(&self) -> bool {
        self.source_type.is_none()
            && self.source.is_none()
            && self.reference.is_none()
            && self.service_id.is_none()
            && self.from.is_none()
            && self.to.is_none()
    }

    /// Is there a filter that the index which is walked does not have?
    fn is_walked(&self) -> bool {
        let indexed = [
            self.q.is_some(),
            self.reference.is_some(),
            self.source_type.is_some(),
        ];
        let indexed = indexed.into_iter().filter(|is_set| *is_set).count();
        indexed <= 1
            && self.source.is_none()
            && self.service_id.is_none()
            && self.from.is_none()
            && self.to.is_none()
    }
}

/// Stores records, in few statements.
pub async fn save(tx: &mut Tx, observations: &[Observation]) -> Result<(), StoreError> {
    if observations.is_empty() {
        return Ok(());
    }
    rows::save(tx, observations).await?;
    rows::save_references(tx, observations).await?;
    words::save(tx, observations).await
}

/// One record.
pub async fn by_id(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<Option<Observation>, StoreError> {
    let row: Option<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM observations o WHERE o.workspace_id = $1 AND o.id = $2"
        ))
        .bind(workspace_id)
        .bind(id)
        .fetch_optional(conn)
        .await?
    });
    row.map(Observation::try_from).transpose()
}

/// The newest first. A page may be short, or even empty, and still have a next one.
pub async fn list(
    tx: &mut Tx,
    workspace_id: i64,
    filter: &ObservationFilter,
    cursor: Option<&str>,
    limit: i64,
) -> Result<Page<Observation>, StoreError> {
    let limit = clamped(limit);
    let before = place(cursor)?.map_or(i64::MAX, |(_, id)| id);
    let walk = Walk::new(tx, workspace_id, filter, before).await?;
    let (rows, edge) = walk.rows(tx, limit).await?;
    let page = Page::cut_window(rows::read(rows)?, limit, |one| (0, one.id), edge);
    Ok(page)
}

/// The newest records that have all words of the search, to be ranked; and before which id the next
/// ones are, if there are more.
pub async fn candidates(
    tx: &mut Tx,
    workspace_id: i64,
    filter: &ObservationFilter,
    before: i64,
) -> Result<(Vec<Observation>, Option<i64>), StoreError> {
    let walk = Walk::new(tx, workspace_id, filter, before).await?;
    let (mut rows, edge) = walk.rows(tx, CANDIDATES).await?;
    let most = usize::try_from(CANDIDATES).unwrap_or(usize::MAX);
    let has_more = rows.len() > most;
    rows.truncate(most);
    let next = if has_more {
        rows.last().map(|row| row.id)
    } else {
        edge.map(|(_, id)| id)
    };
    Ok((rows::read(rows)?, next))
}

/// What was recorded after `after`, oldest first.
pub async fn after(
    tx: &mut Tx,
    workspace_id: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<Observation>, StoreError> {
    let rows: Vec<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM observations o WHERE o.workspace_id = $1 AND o.id > $2 \
             ORDER BY o.id LIMIT $3"
        ))
        .bind(workspace_id)
        .bind(after)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    rows::read(rows)
}

/// The newest record's id; 0 when there is none.
pub async fn newest_id(tx: &mut Tx, workspace_id: i64) -> Result<i64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT coalesce(max(id), 0) FROM observations WHERE workspace_id = $1")
            .bind(workspace_id)
            .fetch_one(conn)
            .await?
    }))
}

/// The types that there are, in order.
pub async fn types(tx: &mut Tx, workspace_id: i64) -> Result<Vec<String>, StoreError> {
    // From one type to the next by the index, instead of through all records.
    let mut types: Vec<String> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "WITH RECURSIVE hops (name) AS ( \
             SELECT min(source_type) FROM observations WHERE workspace_id = $1 \
             UNION ALL \
             SELECT (SELECT min(source_type) FROM observations \
             WHERE workspace_id = $1 AND source_type > hops.name) FROM hops \
             WHERE hops.name IS NOT NULL) \
             SELECT name FROM hops WHERE name IS NOT NULL",
        )
        .bind(workspace_id)
        .fetch_all(conn)
        .await?
    });
    types.sort_unstable();
    Ok(types)
}

/// The newest records of an incident (by its shown id), newest first.
pub async fn of_incident(
    tx: &mut Tx,
    workspace_id: i64,
    shown_incident: &str,
    most: i64,
) -> Result<Vec<Observation>, StoreError> {
    let filter = ObservationFilter {
        reference: Some(("incident".to_owned(), shown_incident.to_owned())),
        ..ObservationFilter::default()
    };
    Ok(list(tx, workspace_id, &filter, None, most).await?.items)
}

/// Incidents with a record that names any of these things, or has any of these words; the newest
/// first.
pub async fn kin(
    tx: &mut Tx,
    workspace_id: i64,
    references: &[(&str, &str)],
    any_of: &[&str],
) -> Result<Vec<i64>, StoreError> {
    let mut found: Vec<i64> = Vec::new();
    for (kind, name) in references {
        let ids: Vec<i64> = on_engine!(tx, |conn| {
            sqlx::query_scalar(
                "SELECT o.incident_id FROM (SELECT observation_id FROM observation_references \
                 WHERE workspace_id = $1 AND kind = $2 AND name = $3 \
                 ORDER BY observation_id DESC LIMIT $4) AS few \
                 CROSS JOIN observations o \
                 WHERE o.id = few.observation_id AND o.incident_id IS NOT NULL",
            )
            .bind(workspace_id)
            .bind(*kind)
            .bind(*name)
            .bind(KIN)
            .fetch_all(conn)
            .await?
        });
        found.extend(ids);
    }
    if !any_of.is_empty() {
        let spelling = Spelling::of(tx);
        let search = spelling.any(any_of);
        let (before, behind) = spelling.matches;
        let ids: Vec<i64> = on_engine!(tx, |conn| {
            sqlx::query_scalar(sql!(
                "SELECT o.incident_id FROM (SELECT rowid AS id FROM observation_words \
                 WHERE {before}$1{behind} ORDER BY rowid DESC LIMIT $2) AS few \
                 CROSS JOIN observations o \
                 WHERE o.id = few.id AND o.workspace_id = $3 AND o.incident_id IS NOT NULL"
            ))
            .bind(search)
            .bind(KIN)
            .bind(workspace_id)
            .fetch_all(conn)
            .await?
        });
        found.extend(ids);
    }
    found.sort_unstable_by(|left, right| right.cmp(left));
    found.dedup();
    Ok(found)
}

/// The names that stand for what was asked for. A commit is known by its whole name and by the
/// beginnings of it that texts name.
async fn names(
    tx: &mut Tx,
    workspace_id: i64,
    (kind, name): &(String, String),
) -> Result<Vec<String>, StoreError> {
    let name = comparable(name);
    if kind != "commit" || !name.is_ascii() || name.len() < SHORTEST_SHA {
        return Ok(vec![name]);
    }
    let longer: Vec<String> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT DISTINCT name FROM observation_references WHERE workspace_id = $1 \
             AND kind = 'commit' AND name > $2 AND name < $3 LIMIT $4",
        )
        .bind(workspace_id)
        .bind(name.as_str())
        // Behind every hex digit.
        .bind(format!("{name}g"))
        .bind(LONGER_SHAS)
        .fetch_all(conn)
        .await?
    });
    let shorter = (SHORTEST_SHA..=name.len().min(LONGEST_SHA))
        .filter_map(|end| name.get(..end).map(str::to_owned));
    Ok(shorter.chain(longer).collect())
}

/// One walk from new to old.
struct Walk<'a> {
    workspace_id: i64,
    filter: &'a ObservationFilter,
    before: i64,
    spelling: &'static Spelling,
    /// The search for its words, as the database writes it.
    search: Option<String>,
    /// Names of the thing that must be referred to.
    names: Vec<String>,
}

impl<'a> Walk<'a> {
    async fn new(
        tx: &mut Tx,
        workspace_id: i64,
        filter: &'a ObservationFilter,
        before: i64,
    ) -> Result<Self, StoreError> {
        let names = match &filter.reference {
            Some(reference) => names(tx, workspace_id, reference).await?,
            None => Vec::new(),
        };
        let search = match &filter.q {
            Some(query) => Some(Spelling::all(tx, query).await?),
            None => None,
        };
        Ok(Self {
            workspace_id,
            filter,
            before,
            spelling: Spelling::of(tx),
            search,
            names,
        })
    }

    /// One row more than `limit`, and where to go on when the window ended before.
    async fn rows(
        &self,
        tx: &mut Tx,
        limit: i64,
    ) -> Result<(Vec<Row>, Option<(i64, i64)>), StoreError> {
        let window = if self.filter.is_walked() {
            limit + 1
        } else {
            WINDOW.max(limit + 1)
        };
        let rows: Vec<Row> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("SELECT ");
            query.push(COLUMNS).push(" FROM (");
            self.push_window(&mut query, window);
            query.push(") AS few CROSS JOIN observations o WHERE o.id = few.id");
            self.push_filters(&mut query);
            query
                .push(" ORDER BY few.id DESC LIMIT ")
                .push_bind(limit + 1);
            query.build_query_as().fetch_all(conn).await?
        });
        let is_full = i64::try_from(rows.len()).is_ok_and(|count| count > limit);
        if is_full {
            return Ok((rows, None));
        }
        let (count, last): (i64, Option<i64>) = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("SELECT count(*), min(few.id) FROM (");
            self.push_window(&mut query, window);
            query.push(") AS few ");
            query.build_query_as().fetch_one(conn).await?
        });
        let edge = last.filter(|_| count >= window).map(|id| (0, id));
        Ok((rows, edge))
    }

    /// Ids from new to old, by the index that has the most telling filter.
    fn push_window<E: Database>(&self, query: &mut QueryBuilder<E>, window: i64)
    where
        for<'q> String: Encode<'q, E> + Type<E>,
        for<'q> i64: Encode<'q, E> + Type<E>,
    {
        let filter = self.filter;
        let column = match (&self.search, &filter.reference, &filter.source_type) {
            (Some(search), ..) => {
                let (before, behind) = self.spelling.matches;
                query
                    .push("SELECT rowid AS id FROM observation_words WHERE ")
                    .push(before);
                query.push_bind(search.clone()).push(behind);
                "rowid"
            }
            (None, Some((kind, _)), _) => {
                query.push(
                    "SELECT DISTINCT observation_id AS id FROM observation_references WHERE ",
                );
                self.push_reference(query, kind);
                "observation_id"
            }
            (None, None, Some(source_type)) => {
                query.push("SELECT id FROM observations WHERE workspace_id = ");
                query
                    .push_bind(self.workspace_id)
                    .push(" AND source_type = ");
                query.push_bind(comparable(source_type));
                "id"
            }
            (None, None, None) => {
                query.push("SELECT id FROM observations WHERE workspace_id = ");
                query.push_bind(self.workspace_id);
                "id"
            }
        };
        query
            .push(" AND ")
            .push(column)
            .push(" < ")
            .push_bind(self.before);
        if let Some(from) = filter.from {
            // Nothing is recorded before it happens.
            query.push(" AND ").push(column).push(" >= ");
            query.push_bind(first_id_at(from));
        }
        query
            .push(" ORDER BY ")
            .push(column)
            .push(" DESC LIMIT ")
            .push_bind(window);
    }

    fn push_reference<E: Database>(&self, query: &mut QueryBuilder<E>, kind: &str)
    where
        for<'q> String: Encode<'q, E> + Type<E>,
        for<'q> i64: Encode<'q, E> + Type<E>,
    {
        query.push("workspace_id = ").push_bind(self.workspace_id);
        query.push(" AND kind = ").push_bind(comparable(kind));
        query.push(" AND name IN (");
        let mut list = query.separated(", ");
        for name in &self.names {
            list.push_bind(name.clone());
        }
        query.push(")");
    }

    /// What the index of the window has not.
    fn push_filters<E: Database>(&self, query: &mut QueryBuilder<E>)
    where
        for<'q> String: Encode<'q, E> + Type<E>,
        for<'q> i64: Encode<'q, E> + Type<E>,
    {
        let filter = self.filter;
        query
            .push(" AND o.workspace_id = ")
            .push_bind(self.workspace_id);
        let words = [
            (" AND o.source_type = ", &filter.source_type),
            (" AND o.source = ", &filter.source),
        ];
        for (text, word) in words {
            if let Some(word) = word {
                query.push(text).push_bind(comparable(word));
            }
        }
        if let (Some(_), Some((kind, _))) = (&filter.q, &filter.reference) {
            query.push(" AND EXISTS (SELECT 1 FROM observation_references WHERE ");
            self.push_reference(query, kind);
            query.push(" AND observation_id = o.id)");
        }
        let numbers = [
            (" AND o.service_id = ", filter.service_id),
            (" AND o.occurred_at >= ", filter.from.map(|at| at.0)),
            (" AND o.occurred_at < ", filter.to.map(|at| at.0)),
        ];
        for (text, number) in numbers {
            if let Some(number) = number {
                query.push(text).push_bind(number);
            }
        }
    }
}
