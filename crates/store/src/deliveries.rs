//! Reading the delivery log.

use crate::dictionaries;
use crate::packing::{Unpacked, unpack};
use crate::page::{Page, clamped, comparable, place};
use crate::{StoreError, Tx};
use epicenter_domain::engine::VerdictOutcome;
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};

const COLUMNS: &str = "id, integration_id, received_at, resource, action, outcome, reason, \
                       scheme, secret_id, size, attempts, applied_at, replay_of, incident_id, \
                       issue_id";

/// Rows that one page looks through for filters without an index.
const WINDOW: i64 = 20_000;

/// Filters of a list; empty ones let everything through. `integration_id` and `resource` have no
/// index of their own, which every webhook would pay for: rows are read, newest first, until the
/// page is full or `WINDOW` rows were seen; then the next page goes on from there.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// This integration.
    pub integration_id: Option<i64>,
    /// This outcome.
    pub outcome: Option<VerdictOutcome>,
    /// This resource.
    pub resource: Option<String>,
    /// Those that touched this incident.
    pub incident_id: Option<i64>,
    /// This one, and those that repeat it.
    pub id: Option<i64>,
}

/// One inbound request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Our id.
    pub id: i64,
    /// Integration.
    pub integration_id: i64,
    /// When it was received.
    pub received_at: Time,
    /// Resource.
    pub resource: String,
    /// Action.
    pub action: String,
    /// Outcome.
    pub outcome: VerdictOutcome,
    /// A sentence.
    pub reason: String,
    /// How the sender was proven.
    pub scheme: String,
    /// The secret that matched.
    pub secret_id: Option<i64>,
    /// Bytes of its body.
    pub size: i64,
    /// Times it made the code fail.
    pub attempts: i64,
    /// When it got its verdict.
    pub applied_at: Option<Time>,
    /// The delivery it repeats.
    pub replay_of: Option<i64>,
    /// The incident it touched.
    pub incident_id: Option<i64>,
    /// The issue it touched.
    pub issue_id: Option<i64>,
}

#[derive(FromRow)]
struct DeliveryRow {
    id: i64,
    integration_id: i64,
    received_at: i64,
    resource: String,
    action: String,
    outcome: String,
    reason: String,
    scheme: String,
    secret_id: Option<i64>,
    size: i64,
    attempts: i64,
    applied_at: Option<i64>,
    replay_of: Option<i64>,
    incident_id: Option<i64>,
    issue_id: Option<i64>,
}

impl TryFrom<DeliveryRow> for DeliveryRecord {
    type Error = StoreError;

    fn try_from(row: DeliveryRow) -> Result<Self, StoreError> {
        let outcome = VerdictOutcome::parse(&row.outcome)
            .ok_or_else(|| crate::rows::unreadable("deliveries", row.id, "outcome"))?;
        Ok(Self {
            id: row.id,
            integration_id: row.integration_id,
            received_at: Time(row.received_at),
            resource: row.resource,
            action: row.action,
            outcome,
            reason: row.reason,
            scheme: row.scheme,
            secret_id: row.secret_id,
            size: row.size,
            attempts: row.attempts,
            applied_at: row.applied_at.map(Time),
            replay_of: row.replay_of,
            incident_id: row.incident_id,
            issue_id: row.issue_id,
        })
    }
}

/// Pushes the outcome as text: the planner must see that the partial index covers it.
macro_rules! push_outcome {
    ($query:expr, $outcome:expr) => {
        if let Some(outcome) = $outcome {
            $query
                .push(" AND outcome = '")
                .push(outcome.as_str())
                .push("'");
            if outcome != VerdictOutcome::Applied {
                $query.push(" AND outcome <> 'applied'");
            }
        }
    };
}

impl DeliveryFilter {
    /// Does an index lead straight to what it lets through?
    fn is_indexed(&self) -> bool {
        let has_range = self.incident_id.is_some() || self.id.is_some();
        let is_narrowed = self.integration_id.is_some() || self.resource.is_some();
        let is_applied = self.outcome == Some(VerdictOutcome::Applied);
        has_range || !(is_narrowed || is_applied)
    }
}

/// The last id of the window of rows before `before`; `None` when fewer are left.
async fn edge(
    tx: &mut Tx,
    filter: &DeliveryFilter,
    before: Option<i64>,
) -> Result<Option<i64>, StoreError> {
    Ok(on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT id FROM deliveries WHERE id < ");
        query.push_bind(before.unwrap_or(i64::MAX));
        push_outcome!(query, filter.outcome);
        query.push(" ORDER BY id DESC LIMIT 1 OFFSET ");
        query.push_bind(WINDOW - 1);
        query.build_query_scalar().fetch_optional(conn).await?
    }))
}

/// Lists deliveries, newest first.
pub async fn list(
    tx: &mut Tx,
    workspace_id: i64,
    filter: &DeliveryFilter,
    cursor: Option<&str>,
    limit: i64,
) -> Result<Page<DeliveryRecord>, StoreError> {
    let limit = clamped(limit);
    let before = place(cursor)?.map(|(_, id)| id);
    let edge = if filter.is_indexed() {
        None
    } else {
        edge(tx, filter, before).await?
    };
    let rows: Vec<DeliveryRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM deliveries WHERE workspace_id = ");
        query.push_bind(workspace_id);
        push_outcome!(query, filter.outcome);
        if let Some(edge) = edge {
            query.push(" AND id >= ").push_bind(edge);
        }
        if let Some(integration_id) = filter.integration_id {
            query
                .push(" AND integration_id = ")
                .push_bind(integration_id);
        }
        if let Some(resource) = &filter.resource {
            query
                .push(" AND resource = ")
                .push_bind(comparable(resource));
        }
        if let Some(incident_id) = filter.incident_id {
            query.push(" AND incident_id = ").push_bind(incident_id);
        }
        if let Some(id) = filter.id {
            query.push(" AND (id = ").push_bind(id);
            query.push(" OR replay_of = ").push_bind(id).push(")");
        }
        if let Some(before) = before {
            query.push(" AND id < ").push_bind(before);
        }
        query.push(" ORDER BY id DESC LIMIT ").push_bind(limit + 1);
        query.build_query_as().fetch_all(conn).await?
    });
    let records = rows
        .into_iter()
        .map(DeliveryRecord::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    let edge = edge.map(|id| (0, id));
    Ok(Page::cut_window(
        records,
        limit,
        |record| (0, record.id),
        edge,
    ))
}

/// One delivery.
pub async fn by_id(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<Option<DeliveryRecord>, StoreError> {
    let row: Option<DeliveryRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM deliveries WHERE id = ")
            .push_bind(id);
        query.push(" AND workspace_id = ").push_bind(workspace_id);
        query.build_query_as().fetch_optional(conn).await?
    });
    row.map(DeliveryRecord::try_from).transpose()
}

/// Deliveries that repeat this one, newest first.
pub async fn replays_of(tx: &mut Tx, id: i64) -> Result<Vec<DeliveryRecord>, StoreError> {
    let rows: Vec<DeliveryRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM deliveries WHERE replay_of = ")
            .push_bind(id);
        query.push(" ORDER BY id DESC LIMIT 20");
        query.build_query_as().fetch_all(conn).await?
    });
    rows.into_iter().map(DeliveryRecord::try_from).collect()
}

/// Headers and body of a delivery, as long as they are kept.
pub async fn body(tx: &mut Tx, delivery_id: i64) -> Result<Option<Unpacked>, StoreError> {
    let row: Option<(i64, Vec<u8>)> = on_engine!(tx, |conn| {
        sqlx::query_as("SELECT dictionary, content FROM bodies WHERE delivery_id = $1")
            .bind(delivery_id)
            .fetch_optional(conn)
            .await?
    });
    let Some((dictionary, content)) = row else {
        return Ok(None);
    };
    let dictionary = dictionaries::by_id(tx, dictionary).await?;
    let unpacked = unpack(&dictionary, &content).map_err(|error| StoreError::Row {
        table: "bodies",
        id: delivery_id,
        reason: error.to_string(),
    })?;
    Ok(Some(unpacked))
}

/// How many deliveries touched an incident; stops at 10,000.
pub async fn count_of_incident(tx: &mut Tx, incident_id: i64) -> Result<i64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT count(*) FROM (SELECT 1 AS one FROM deliveries WHERE incident_id = $1 \
             AND incident_id IS NOT NULL LIMIT 10000) AS few",
        )
        .bind(incident_id)
        .fetch_one(conn)
        .await?
    }))
}

/// How many of the newest 10,000 deliveries since the id `first` are of an integration.
pub async fn count_since(tx: &mut Tx, integration_id: i64, first: i64) -> Result<i64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT count(*) FROM (SELECT integration_id FROM deliveries WHERE id >= $2 \
             ORDER BY id DESC LIMIT 10000) AS few WHERE few.integration_id = $1",
        )
        .bind(integration_id)
        .bind(first)
        .fetch_one(conn)
        .await?
    }))
}
