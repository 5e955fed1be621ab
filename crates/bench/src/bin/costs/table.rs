//! The table that rows are written to, and the ways to write them.

use epicenter_bench::Failure;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use std::fmt::Write as _;

/// How a batch of rows becomes statements.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// One statement for the whole batch.
    Whole,
    /// Pieces whose lengths are powers of two, at most this many rows.
    Pieces(usize),
    /// The same with `$1`, `$2`… in place of `?`.
    Numbered(usize),
    /// One statement per row.
    Single,
    /// One JSON text for the small columns, read by `json_each`; the content by pieces of this.
    Json(usize),
}

/// A row: ten small columns and a blob.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Id.
    pub(crate) id: i64,
    /// Content.
    pub(crate) content: Vec<u8>,
}

/// The tables.
pub(crate) const SCHEMA: &str = "
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY, workspace_id INTEGER NOT NULL, integration_id INTEGER NOT NULL,
  received_at INTEGER NOT NULL, resource TEXT NOT NULL, action TEXT NOT NULL,
  outcome TEXT NOT NULL, reason TEXT NOT NULL, scheme TEXT NOT NULL, size INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_pending ON deliveries (outcome, id) WHERE outcome <> 'applied';
CREATE TABLE bodies (delivery_id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;
CREATE TABLE joined (
  id INTEGER PRIMARY KEY, workspace_id INTEGER NOT NULL, integration_id INTEGER NOT NULL,
  received_at INTEGER NOT NULL, resource TEXT NOT NULL, action TEXT NOT NULL,
  outcome TEXT NOT NULL, reason TEXT NOT NULL, scheme TEXT NOT NULL, size INTEGER NOT NULL,
  content BLOB NOT NULL
) STRICT;
CREATE INDEX joined_pending ON joined (outcome, id) WHERE outcome <> 'applied';";

const SMALL: &str = "INSERT INTO deliveries (id, workspace_id, integration_id, received_at, \
    resource, action, outcome, reason, scheme, size) ";
const JOINED: &str = "INSERT INTO joined (id, workspace_id, integration_id, received_at, \
    resource, action, outcome, reason, scheme, size, content) ";
const CONTENT: &str = "INSERT INTO bodies (delivery_id, content) ";

/// Writes a batch into one table or two.
pub(crate) async fn insert(
    conn: &mut SqliteConnection,
    rows: &[Row],
    shape: Shape,
    split: bool,
) -> Result<(), Failure> {
    match shape {
        Shape::Json(most) => {
            small_by_json(conn, rows).await?;
            for piece in pieces(rows, most) {
                contents(conn, piece).await?;
            }
        }
        Shape::Numbered(most) => {
            for piece in pieces(rows, most) {
                numbered(conn, piece).await?;
            }
        }
        Shape::Whole => questions(conn, rows, split).await?,
        Shape::Pieces(most) => {
            for piece in pieces(rows, most) {
                questions(conn, piece, split).await?;
            }
        }
        Shape::Single => {
            for piece in rows.chunks(1) {
                questions(conn, piece, split).await?;
            }
        }
    }
    Ok(())
}

async fn questions(conn: &mut SqliteConnection, rows: &[Row], split: bool) -> Result<(), Failure> {
    let mut query = QueryBuilder::<Sqlite>::new(if split { SMALL } else { JOINED });
    query.push_values(rows, |mut values, row| {
        values
            .push_bind(row.id)
            .push_bind(1_i64)
            .push_bind(1_234_567_i64)
            .push_bind(1_767_693_601_904_i64)
            .push_bind("event_alert")
            .push_bind("triggered")
            .push_bind("pending")
            .push_bind("")
            .push_bind("signature")
            .push_bind(10_240_i64);
        if !split {
            values.push_bind(row.content.as_slice());
        }
    });
    query.build().execute(&mut *conn).await?;
    if split {
        contents(conn, rows).await?;
    }
    Ok(())
}

async fn contents(conn: &mut SqliteConnection, rows: &[Row]) -> Result<(), Failure> {
    let mut query = QueryBuilder::<Sqlite>::new(CONTENT);
    query.push_values(rows, |mut values, row| {
        values.push_bind(row.id).push_bind(row.content.as_slice());
    });
    query.build().execute(conn).await?;
    Ok(())
}

async fn numbered(conn: &mut SqliteConnection, rows: &[Row]) -> Result<(), Failure> {
    let mut text = format!("{JOINED} VALUES ");
    for index in 0..rows.len() {
        text.push_str(if index == 0 { "(" } else { ", (" });
        for column in 1..=11 {
            let comma = if column == 1 { "" } else { ", " };
            write!(text, "{comma}${}", index * 11 + column)?;
        }
        text.push(')');
    }
    let mut query = sqlx::query(sqlx::AssertSqlSafe(text));
    for row in rows {
        query = query
            .bind(row.id)
            .bind(1_i64)
            .bind(1_234_567_i64)
            .bind(1_767_693_601_904_i64)
            .bind("event_alert")
            .bind("triggered")
            .bind("pending")
            .bind("")
            .bind("signature")
            .bind(10_240_i64)
            .bind(row.content.as_slice());
    }
    query.execute(conn).await?;
    Ok(())
}

async fn small_by_json(conn: &mut SqliteConnection, rows: &[Row]) -> Result<(), Failure> {
    let mut text = String::from("[");
    for (index, row) in rows.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        write!(
            text,
            "{comma}[{},1,1234567,1767693601904,\"event_alert\",\"triggered\",\"pending\",\"\",\
             \"signature\",10240]",
            row.id
        )?;
    }
    text.push(']');
    sqlx::query(
        "INSERT INTO deliveries (id, workspace_id, integration_id, received_at, resource, action, \
         outcome, reason, scheme, size) SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, \
         value ->> 4, value ->> 5, value ->> 6, value ->> 7, value ->> 8, value ->> 9 \
         FROM json_each($1)",
    )
    .bind(text)
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes verdicts: `WITH v AS (VALUES …) UPDATE … FROM v`, or row by row.
pub(crate) async fn decide(
    conn: &mut SqliteConnection,
    ids: &[i64],
    most: usize,
) -> Result<(), Failure> {
    if most == 0 {
        for id in ids {
            sqlx::query(
                "UPDATE deliveries SET action = $2, outcome = 'applied', reason = $3 \
                 WHERE id = $1 AND outcome = 'pending'",
            )
            .bind(id)
            .bind("triggered")
            .bind("opened an incident")
            .execute(&mut *conn)
            .await?;
        }
        return Ok(());
    }
    for piece in pieces(ids, most) {
        let mut query = QueryBuilder::<Sqlite>::new("WITH v (id, action, reason) AS (");
        query.push_values(piece, |mut values, id| {
            values
                .push_bind(*id)
                .push_bind("triggered")
                .push_bind("opened an incident");
        });
        query.push(
            ") UPDATE deliveries SET action = v.action, outcome = 'applied', reason = v.reason \
             FROM v WHERE deliveries.id = v.id AND deliveries.outcome = 'pending'",
        );
        query.build().execute(&mut *conn).await?;
    }
    Ok(())
}

fn pieces<T>(rows: &[T], most: usize) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let length = (1 << rest.len().checked_ilog2()?).min(most);
        let (piece, after) = rest.split_at(length);
        rest = after;
        Some(piece)
    })
}
