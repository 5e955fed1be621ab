//! Where the raw bytes go.

use axum::body::Bytes;
use epicenter_bench::Failure;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection, QueryBuilder, Sqlite, SqliteConnection,
};
use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Most rows in one statement.
const PIECE: usize = 64;
/// How often the write-ahead log is moved into the file, by a connection of its own.
const CHECKPOINT: Duration = Duration::from_millis(20);
/// A log of more pages than this starts anew: the writer moves what little is left itself, for a
/// log ends only when nothing was written since the last checkpoint. It keeps the file small, and
/// pages that exist already are cheaper to write than new ones.
const LONG_LOG: i64 = 32_768;

/// An open store.
pub(crate) enum Sink {
    /// WAL, `synchronous=FULL`.
    Sqlite {
        conn: SqliteConnection,
        folding: JoinHandle<()>,
        log: Arc<AtomicI64>,
        next: i64,
    },
    /// `synchronous_commit=on`.
    Postgres { conn: PgConnection, next: i64 },
    /// Forgets everything.
    Nothing,
}

impl Sink {
    /// Opens a file, and starts the connection that checkpoints it.
    #[expect(clippy::disallowed_methods, reason = "ended in `close`")]
    pub(crate) async fn sqlite(url: &str) -> Result<Self, Failure> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("wal_autocheckpoint", "0")
            .busy_timeout(Duration::from_secs(5))
            .disable_statement_logging();
        let mut conn = options.connect().await?;
        sqlx::query("CREATE TABLE bodies (id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT")
            .execute(&mut conn)
            .await?;
        let log = Arc::new(AtomicI64::new(0));
        let folding = tokio::spawn(fold(options.connect().await?, Arc::clone(&log)));
        Ok(Self::Sqlite {
            conn,
            folding,
            log,
            next: 1,
        })
    }

    /// Connects to a server.
    pub(crate) async fn postgres(url: &str) -> Result<Self, Failure> {
        let mut conn = PgConnectOptions::from_str(url)?
            .options([("synchronous_commit", "on")])
            .disable_statement_logging()
            .connect()
            .await?;
        sqlx::raw_sql(
            "DROP TABLE IF EXISTS bodies; \
             CREATE TABLE bodies (id BIGINT PRIMARY KEY, content BYTEA NOT NULL); \
             ALTER TABLE bodies ALTER COLUMN content SET STORAGE EXTERNAL",
        )
        .execute(&mut conn)
        .await?;
        Ok(Self::Postgres { conn, next: 1 })
    }

    /// One transaction; durable when it returns.
    pub(crate) async fn store(&mut self, bodies: &[Bytes]) -> Result<(), Failure> {
        match self {
            Self::Sqlite {
                conn, next, log, ..
            } => {
                let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
                let mut rest = bodies;
                while let Some(power) = rest.len().checked_ilog2() {
                    let (piece, after) = rest.split_at((1 << power).min(PIECE));
                    let mut query =
                        QueryBuilder::<Sqlite>::new("INSERT INTO bodies (id, content) ");
                    query.push_values(piece, |mut row, body| {
                        row.push_bind(*next).push_bind(body.as_ref());
                        *next += 1;
                    });
                    query.build().execute(&mut *tx).await?;
                    rest = after;
                }
                tx.commit().await?;
                if log.load(Ordering::Relaxed) > LONG_LOG {
                    checkpoint(conn).await?;
                    log.store(0, Ordering::Relaxed);
                }
            }
            Self::Postgres { conn, next } => {
                let first = *next;
                *next += i64::try_from(bodies.len())?;
                let ids: Vec<i64> = (first..*next).collect();
                let contents: Vec<&[u8]> = bodies.iter().map(AsRef::as_ref).collect();
                sqlx::query(
                    "INSERT INTO bodies (id, content) \
                     SELECT * FROM unnest($1::bigint[], $2::bytea[])",
                )
                .bind(ids)
                .bind(contents)
                .execute(conn)
                .await?;
            }
            Self::Nothing => {}
        }
        Ok(())
    }

    /// Closes the connections.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        match self {
            Self::Sqlite { conn, folding, .. } => {
                folding.abort();
                conn.close().await?;
            }
            Self::Postgres { conn, .. } => conn.close().await?,
            Self::Nothing => {}
        }
        Ok(())
    }
}

async fn fold(mut conn: SqliteConnection, log: Arc<AtomicI64>) {
    loop {
        tokio::time::sleep(CHECKPOINT).await;
        match checkpoint(&mut conn).await {
            Ok(pages) => log.store(pages, Ordering::Relaxed),
            Err(_) => return,
        }
    }
}

/// Moves what it can without disturbing anybody; returns the pages in the log.
async fn checkpoint(conn: &mut SqliteConnection) -> Result<i64, Failure> {
    let (_busy, pages, _moved): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(PASSIVE)")
        .fetch_one(conn)
        .await?;
    Ok(pages)
}
