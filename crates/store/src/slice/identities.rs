//! What payloads identify, to absorb duplicates.

use crate::batch::{padded, pieces};
use crate::{StoreError, Tx};
use epicenter_domain::engine::{NewIdentity, Slice};
use sqlx::QueryBuilder;

pub(super) async fn load(
    tx: &mut Tx,
    hashes: &[(i64, [u8; 16])],
    slice: &mut Slice,
) -> Result<(), StoreError> {
    for piece in pieces(&padded(hashes)) {
        let rows: Vec<(i64, Vec<u8>, i64)> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("WITH k (place, name) AS (");
            query.push_values(piece, |mut row, (integration_id, hash)| {
                row.push_bind(*integration_id).push_bind(hash.as_slice());
            });
            // CROSS JOIN: SQLite then looks each key up instead of scanning the table.
            query.push(
                ") SELECT integration_id, hash, delivery_id FROM k CROSS JOIN delivery_identities \
                 WHERE integration_id = k.place AND hash = k.name",
            );
            query.build_query_as().fetch_all(conn).await?
        });
        for (integration_id, hash, delivery_id) in rows {
            if let Ok(hash) = <[u8; 16]>::try_from(hash.as_slice()) {
                slice.identities.insert((integration_id, hash), delivery_id);
            }
        }
    }
    Ok(())
}

pub(super) async fn save(tx: &mut Tx, identities: &[NewIdentity]) -> Result<(), StoreError> {
    for piece in pieces(identities) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO delivery_identities (integration_id, hash, delivery_id) ",
            );
            query.push_values(piece, |mut row, identity| {
                row.push_bind(identity.integration_id)
                    .push_bind(identity.hash.as_slice())
                    .push_bind(identity.delivery_id);
            });
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}
