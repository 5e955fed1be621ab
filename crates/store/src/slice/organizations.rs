//! The numbers of Sentry's organisations, by integration and name.

use crate::batch::{padded, pieces};
use crate::{StoreError, Tx};
use epicenter_domain::engine::{Key, Slice};
use sqlx::QueryBuilder;

pub(super) async fn load(tx: &mut Tx, names: &[Key], slice: &mut Slice) -> Result<(), StoreError> {
    for piece in pieces(&padded(names)) {
        let rows: Vec<(i64, String, String)> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("WITH k (place, word) AS (");
            query.push_values(piece, |mut row, (integration_id, name)| {
                row.push_bind(*integration_id).push_bind(name.as_str());
            });
            // CROSS JOIN: SQLite then looks each key up instead of scanning the table.
            query.push(
                ") SELECT integration_id, name, number FROM k CROSS JOIN organizations \
                 WHERE integration_id = k.place AND name = k.word",
            );
            query.build_query_as().fetch_all(conn).await?
        });
        let known = rows
            .into_iter()
            .map(|(integration_id, name, number)| ((integration_id, name), number));
        slice.organizations.extend(known);
    }
    Ok(())
}

pub(super) async fn save(tx: &mut Tx, learned: &[(&Key, &String)]) -> Result<(), StoreError> {
    for piece in pieces(learned) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO organizations (integration_id, name, number) ",
            );
            query.push_values(piece, |mut row, (key, number)| {
                row.push_bind(key.0)
                    .push_bind(key.1.as_str())
                    .push_bind(number.as_str());
            });
            query
                .push(" ON CONFLICT (integration_id, name) DO UPDATE SET number = excluded.number");
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}
