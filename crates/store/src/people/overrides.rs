//! Overrides of schedules: somebody else for a while.

use crate::{StoreError, Tx};
use epicenter_domain::escalation::calendar::Span;
use epicenter_domain::escalation::schedule::Override;
use epicenter_domain::limits::SHIFTS;
use epicenter_domain::time::Time;

/// Adds an override to a schedule.
pub async fn create(tx: &mut Tx, schedule_id: i64, one: &Override) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO schedule_overrides (id, schedule_id, user_id, starts_at, ends_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(one.id)
        .bind(schedule_id)
        .bind(one.person_id)
        .bind(one.span.from.0)
        .bind(one.span.until.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// The overrides of a schedule that touch a span, in the order in which they were made; the first
/// [`SHIFTS`] that end.
pub async fn within(
    tx: &mut Tx,
    schedule_id: i64,
    span: Span,
) -> Result<Vec<Override>, StoreError> {
    let limit = i64::try_from(SHIFTS).unwrap_or(i64::MAX);
    let mut rows: Vec<(i64, i64, i64, i64)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, user_id, starts_at, ends_at FROM schedule_overrides \
             WHERE schedule_id = $1 AND ends_at > $2 AND starts_at < $3 \
             ORDER BY ends_at LIMIT $4",
        )
        .bind(schedule_id)
        .bind(span.from.0)
        .bind(span.until.0)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    rows.sort_unstable();
    let one = |(id, person_id, from, until)| Override {
        id,
        person_id,
        span: Span {
            from: Time(from),
            until: Time(until),
        },
    };
    Ok(rows.into_iter().map(one).collect())
}

/// Removes an override. False: the schedule has no such override.
pub async fn delete(tx: &mut Tx, schedule_id: i64, id: i64) -> Result<bool, StoreError> {
    let gone = on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM schedule_overrides WHERE schedule_id = $1 AND id = $2")
            .bind(schedule_id)
            .bind(id)
            .execute(conn)
            .await?
            .rows_affected()
    });
    Ok(gone > 0)
}
