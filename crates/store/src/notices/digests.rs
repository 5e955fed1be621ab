//! Daily digests: when each is due, and what they count.

use crate::batch::{padded, pieces};
use crate::slice::incidents::{COLUMNS, IncidentRow};
use crate::{StoreError, Tx};
use epicenter_domain::incident::Incident;
use epicenter_domain::level::Severity;
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};
use std::collections::{BTreeMap, BTreeSet};

/// Whose digest it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DigestOwner {
    /// A destination, by id.
    Destination(i64),
    /// A person, by id.
    Person(i64),
}

impl DigestOwner {
    fn parts(self) -> (i64, &'static str) {
        match self {
            Self::Destination(id) => (id, "destination"),
            Self::Person(id) => (id, "person"),
        }
    }
}

/// When an owner is next told, and since when nothing was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestRecord {
    /// Whose.
    pub owner: DigestOwner,
    /// Workspace.
    pub workspace_id: i64,
    /// The end of what the last digest told of.
    pub told_until: Time,
    /// When the next one is due.
    pub next_at: Time,
    /// The day of the last one on the owner's wall clock: `2026-11-23`.
    pub last_day: Option<String>,
}

#[derive(FromRow)]
struct Row {
    owner_id: i64,
    workspace_id: i64,
    owner_kind: String,
    told_until: i64,
    next_at: i64,
    last_day: Option<String>,
}

impl From<Row> for DigestRecord {
    fn from(row: Row) -> Self {
        Self {
            owner: match row.owner_kind.as_str() {
                "person" => DigestOwner::Person(row.owner_id),
                _ => DigestOwner::Destination(row.owner_id),
            },
            workspace_id: row.workspace_id,
            told_until: Time(row.told_until),
            next_at: Time(row.next_at),
            last_day: row.last_day,
        }
    }
}

const ROW: &str = "owner_id, workspace_id, owner_kind, told_until, next_at, last_day";

/// Keeps when an owner is told; what was told stays known.
pub async fn schedule(tx: &mut Tx, record: &DigestRecord) -> Result<(), StoreError> {
    let (id, kind) = record.owner.parts();
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO digests (owner_id, workspace_id, owner_kind, told_until, next_at, \
             last_day) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (owner_id) DO UPDATE SET \
             next_at = excluded.next_at",
        )
        .bind(id)
        .bind(record.workspace_id)
        .bind(kind)
        .bind(record.told_until.0)
        .bind(record.next_at.0)
        .bind(record.last_day.as_deref())
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// An owner wants no digest any more.
pub async fn unschedule(tx: &mut Tx, owner: DigestOwner) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM digests WHERE owner_id = $1")
            .bind(owner.parts().0)
            .execute(conn)
            .await?;
    });
    Ok(())
}

/// What is known of an owner's digests.
pub async fn of_owner(tx: &mut Tx, owner: DigestOwner) -> Result<Option<DigestRecord>, StoreError> {
    let row: Option<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!("SELECT {ROW} FROM digests WHERE owner_id = $1"))
            .bind(owner.parts().0)
            .fetch_optional(conn)
            .await?
    });
    Ok(row.map(DigestRecord::from))
}

/// The digests that are due, longest due first.
pub async fn due(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<DigestRecord>, StoreError> {
    let rows: Vec<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {ROW} FROM digests WHERE next_at <= $1 ORDER BY next_at, owner_id LIMIT $2"
        ))
        .bind(now.0)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    Ok(rows.into_iter().map(DigestRecord::from).collect())
}

/// Takes a digest that is due: `after` is what holds from now on. False: somebody was faster.
pub async fn take(
    tx: &mut Tx,
    due: &DigestRecord,
    after: &DigestRecord,
) -> Result<bool, StoreError> {
    let taken = on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE digests SET told_until = $3, next_at = $4, last_day = $5 \
             WHERE owner_id = $1 AND next_at = $2",
        )
        .bind(due.owner.parts().0)
        .bind(due.next_at.0)
        .bind(after.told_until.0)
        .bind(after.next_at.0)
        .bind(after.last_day.as_deref())
        .execute(conn)
        .await?
        .rows_affected()
    });
    Ok(taken > 0)
}

/// Which incidents a digest counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Of these services; empty: of all.
    pub services: BTreeSet<i64>,
    /// Only this and what is worse.
    pub least_severity: Option<Severity>,
}

/// Which part of the incidents is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Opened in a span, ended or not.
    Opened(Time, Time),
    /// Ended in a span.
    Resolved(Time, Time),
    /// Open now.
    Open,
}

impl Part {
    fn condition(self) -> (&'static str, Option<(i64, i64)>) {
        match self {
            // Ids begin with the time at which they were given.
            Self::Opened(from, until) => {
                let first = epicenter_domain::id::first_id_at;
                ("id", Some((first(from), first(until))))
            }
            Self::Resolved(from, until) => (
                "status = 'resolved' AND resolved_at",
                Some((from.0, until.0)),
            ),
            Self::Open => ("status IN ('triggered', 'acknowledged')", None),
        }
    }
}

macro_rules! push_where {
    ($query:expr, $workspace_id:expr, $scope:expr, $part:expr) => {{
        let (condition, span) = $part.condition();
        $query.push(" FROM incidents WHERE workspace_id = ");
        $query.push_bind($workspace_id);
        $query.push(" AND ").push(condition);
        if let Some((from, until)) = span {
            $query.push(" >= ").push_bind(from);
            let column = condition.rsplit(' ').next().unwrap_or_default();
            $query.push(" AND ").push(column);
            $query.push(" < ").push_bind(until);
        }
        if !$scope.services.is_empty() {
            $query.push(" AND service_id IN (");
            let mut list = $query.separated(", ");
            for id in &$scope.services {
                list.push_bind(*id);
            }
            $query.push(")");
        }
        if let Some(least) = $scope.least_severity {
            $query.push(" AND severity IN (");
            let mut list = $query.separated(", ");
            for severity in Severity::ALL.into_iter().filter(|one| *one >= least) {
                list.push_bind(severity.as_str());
            }
            $query.push(")");
        }
    }};
}

/// How many incidents there are.
pub async fn count(
    tx: &mut Tx,
    workspace_id: i64,
    scope: &Scope,
    part: Part,
) -> Result<i64, StoreError> {
    Ok(on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT count(*)");
        push_where!(query, workspace_id, scope, part);
        query.build_query_scalar().fetch_one(conn).await?
    }))
}

/// Newest incidents among which the noisiest are looked for: a storm may have opened very many.
const COMPARED: i64 = 2_000;

/// The incidents with the most events, most first, among the newest.
pub async fn noisiest(
    tx: &mut Tx,
    workspace_id: i64,
    (scope, part): (&Scope, Part),
    limit: i64,
) -> Result<Vec<Incident>, StoreError> {
    let rows: Vec<IncidentRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query.push(COLUMNS).push(" FROM (SELECT ").push(COLUMNS);
        push_where!(query, workspace_id, scope, part);
        query.push(" ORDER BY id DESC LIMIT ").push_bind(COMPARED);
        query.push(") AS few ORDER BY event_count DESC, id DESC LIMIT ");
        query.push_bind(limit);
        query.build_query_as().fetch_all(conn).await?
    });
    rows.into_iter().map(Incident::try_from).collect()
}

/// How many events of each of these issues came from an instant until before another; issues
/// without any are left out.
pub async fn events_between(
    tx: &mut Tx,
    issue_ids: &[i64],
    (from, until): (Time, Time),
) -> Result<BTreeMap<i64, i64>, StoreError> {
    let mut counts = BTreeMap::new();
    for piece in pieces(&padded(issue_ids)) {
        let rows: Vec<(i64, i64)> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "SELECT issue_id, count(*) FROM events WHERE issue_id IN (",
            );
            let mut list = query.separated(", ");
            for id in piece {
                list.push_bind(*id);
            }
            query.push(") AND at >= ").push_bind(from.0);
            query.push(" AND at < ").push_bind(until.0);
            query.push(" GROUP BY issue_id");
            query.build_query_as().fetch_all(conn).await?
        });
        counts.extend(rows);
    }
    Ok(counts)
}
