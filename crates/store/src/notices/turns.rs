//! Who is sent to next: each place gets its turn, however much waits for another.

use super::outbox::{COLUMNS, OutboxRecord, Row};
use crate::{StoreError, Tx};
use epicenter_domain::time::Time;

/// Where a notice goes: a destination, or an address.
pub type Place = (Option<i64>, Option<String>);

/// The places for which notices wait, due or not. It goes from place to place through an index and
/// looks at one row of each, so that 10,000 notices to one cost what one costs.
pub async fn places(tx: &mut Tx) -> Result<Vec<Place>, StoreError> {
    const DESTINATIONS: &str = "WITH RECURSIVE hops (id) AS (\
         SELECT (SELECT min(destination_id) FROM outbox WHERE state = 'waiting' \
         AND destination_id > 0) UNION ALL \
         SELECT (SELECT min(o.destination_id) FROM outbox o WHERE o.state = 'waiting' \
         AND o.destination_id > hops.id) FROM hops WHERE hops.id IS NOT NULL) \
         SELECT id FROM hops WHERE id IS NOT NULL";
    const ADDRESSES: &str = "WITH RECURSIVE hops (address) AS (\
         SELECT (SELECT min(address) FROM outbox WHERE state = 'waiting' \
         AND destination_id IS NULL AND address > '') UNION ALL \
         SELECT (SELECT min(o.address) FROM outbox o WHERE o.state = 'waiting' \
         AND o.destination_id IS NULL AND o.address > hops.address) \
         FROM hops WHERE hops.address IS NOT NULL) \
         SELECT address FROM hops WHERE address IS NOT NULL";
    let (destinations, addresses): (Vec<i64>, Vec<String>) = on_engine!(tx, |conn| {
        let destinations = sqlx::query_scalar(DESTINATIONS)
            .fetch_all(&mut *conn)
            .await?;
        (
            destinations,
            sqlx::query_scalar(ADDRESSES).fetch_all(conn).await?,
        )
    });
    let destinations = destinations.into_iter().map(|id| (Some(id), None));
    let addresses = addresses.into_iter().map(|address| (None, Some(address)));
    Ok(destinations.chain(addresses).collect())
}

/// Notices to one place that are due, longest due first.
pub async fn due(
    tx: &mut Tx,
    (destination_id, address): &Place,
    now: Time,
    limit: i64,
) -> Result<Vec<OutboxRecord>, StoreError> {
    let rows: Vec<Row> =
        on_engine!(tx, |conn| {
            match destination_id {
                Some(id) => {
                    sqlx::query_as(sql!(
                        "SELECT {COLUMNS} FROM outbox WHERE destination_id = $1 \
                     AND state = 'waiting' AND due_at <= $2 ORDER BY due_at, id LIMIT $3"
                    ))
                    .bind(*id)
                    .bind(now.0)
                    .bind(limit)
                    .fetch_all(conn)
                    .await?
                }
                None => sqlx::query_as(sql!(
                    "SELECT {COLUMNS} FROM outbox WHERE destination_id IS NULL AND address = $1 \
                     AND state = 'waiting' AND due_at <= $2 ORDER BY due_at, id LIMIT $3"
                ))
                .bind(address.as_deref())
                .bind(now.0)
                .bind(limit)
                .fetch_all(conn)
                .await?,
            }
        });
    rows.into_iter().map(OutboxRecord::try_from).collect()
}
