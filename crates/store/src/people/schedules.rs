//! On-call schedules.

use super::{Kept, overrides};
use crate::page::{Page, clamped, comparable, place};
use crate::rows::{from_json, json, unreadable};
use crate::{StoreError, Tx};
use epicenter_domain::escalation::calendar::{Span, Zone};
use epicenter_domain::escalation::schedule::{Layer, Schedule};
use epicenter_domain::time::Time;
use sqlx::FromRow;

/// A schedule, without its overrides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleRecord {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Name.
    pub name: String,
    /// The zone of its wall clock.
    pub zone: Zone,
    /// Who takes turns.
    pub layers: Vec<Layer>,
    /// The unguessable part of its calendar's URL.
    pub feed_key: String,
    /// When it was made.
    pub created_at: Time,
}

#[derive(FromRow)]
struct ScheduleRow {
    id: i64,
    workspace_id: i64,
    name: String,
    zone: String,
    layers: String,
    feed_key: String,
    created_at: i64,
}

const COLUMNS: &str = "id, workspace_id, name, zone, layers, feed_key, created_at";

impl TryFrom<ScheduleRow> for ScheduleRecord {
    type Error = StoreError;

    fn try_from(row: ScheduleRow) -> Result<Self, StoreError> {
        let kept: Option<Kept<Vec<Layer>>> = from_json("schedules", row.id, Some(&row.layers))?;
        Ok(Self {
            id: row.id,
            workspace_id: row.workspace_id,
            name: row.name,
            zone: Zone::parse(&row.zone).ok_or_else(|| unreadable("schedules", row.id, "zone"))?,
            layers: kept.map(Kept::content).unwrap_or_default(),
            feed_key: row.feed_key,
            created_at: Time(row.created_at),
        })
    }
}

/// Makes a schedule.
pub async fn create(tx: &mut Tx, schedule: &ScheduleRecord) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO schedules (id, workspace_id, name, zone, layers, feed_key, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(schedule.id)
        .bind(schedule.workspace_id)
        .bind(schedule.name.as_str())
        .bind(schedule.zone.name())
        .bind(json(Some(&Kept::V1(&schedule.layers))))
        .bind(schedule.feed_key.as_str())
        .bind(schedule.created_at.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// The schedules of a workspace, in the order in which they were made.
pub async fn list(
    tx: &mut Tx,
    workspace_id: i64,
    cursor: Option<&str>,
    limit: i64,
) -> Result<Page<ScheduleRecord>, StoreError> {
    let limit = clamped(limit);
    let after = place(cursor)?.map_or(0, |(_, id)| id);
    let rows: Vec<ScheduleRow> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM schedules WHERE workspace_id = $1 AND id > $2 \
             ORDER BY id LIMIT $3"
        ))
        .bind(workspace_id)
        .bind(after)
        .bind(limit + 1)
        .fetch_all(conn)
        .await?
    });
    let page = Page::cut(rows, limit, |row| (0, row.id));
    let next_cursor = page.next_cursor;
    let items: Result<Vec<_>, _> = page.items.into_iter().map(TryFrom::try_from).collect();
    Ok(Page {
        items: items?,
        next_cursor,
    })
}

/// One schedule.
pub async fn by_id(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<Option<ScheduleRecord>, StoreError> {
    let row: Option<ScheduleRow> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM schedules WHERE workspace_id = $1 AND id = $2"
        ))
        .bind(workspace_id)
        .bind(id)
        .fetch_optional(conn)
        .await?
    });
    row.map(TryFrom::try_from).transpose()
}

/// The schedule with this id, if the key of its calendar is this one.
pub async fn by_feed_key(
    tx: &mut Tx,
    id: i64,
    feed_key: &str,
) -> Result<Option<ScheduleRecord>, StoreError> {
    let row: Option<ScheduleRow> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM schedules WHERE id = $1 AND feed_key = $2"
        ))
        .bind(id)
        .bind(comparable(feed_key))
        .fetch_optional(conn)
        .await?
    });
    row.map(TryFrom::try_from).transpose()
}

/// Writes name, zone, layers and feed key anew. False: there is no such schedule.
pub async fn update(tx: &mut Tx, schedule: &ScheduleRecord) -> Result<bool, StoreError> {
    let changed = on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE schedules SET name = $3, zone = $4, layers = $5, feed_key = $6 \
             WHERE workspace_id = $1 AND id = $2",
        )
        .bind(schedule.workspace_id)
        .bind(schedule.id)
        .bind(schedule.name.as_str())
        .bind(schedule.zone.name())
        .bind(json(Some(&Kept::V1(&schedule.layers))))
        .bind(schedule.feed_key.as_str())
        .execute(conn)
        .await?
        .rows_affected()
    });
    Ok(changed > 0)
}

/// Deletes a schedule with its overrides. False: there is no such schedule.
pub async fn delete(tx: &mut Tx, workspace_id: i64, id: i64) -> Result<bool, StoreError> {
    let gone = on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM schedules WHERE workspace_id = $1 AND id = $2")
            .bind(workspace_id)
            .bind(id)
            .execute(&mut *conn)
            .await?
            .rows_affected()
    });
    if gone > 0 {
        on_engine!(tx, |conn| {
            sqlx::query("DELETE FROM schedule_overrides WHERE schedule_id = $1")
                .bind(id)
                .execute(conn)
                .await?;
        });
    }
    Ok(gone > 0)
}

/// The schedule with the overrides that touch a span, ready to be asked.
pub async fn whole(
    tx: &mut Tx,
    record: &ScheduleRecord,
    span: Span,
) -> Result<Schedule, StoreError> {
    let overrides = overrides::within(tx, record.id, span).await?;
    Ok(Schedule {
        zone: record.zone.clone(),
        layers: record.layers.clone(),
        overrides,
    })
}
