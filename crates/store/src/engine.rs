//! Two databases behind one type. Nothing else in Epicenter knows that there are two.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Read-only connections to SQLite.
const SQLITE_READERS: u32 = 4;
/// Memory for the pages of each of them, in KiB, as SQLite writes it. Each commit makes them forget
/// their pages anyway, and what they read again is in the system's cache.
const READER_CACHE: &str = "-4000";
/// Connections to PostgreSQL per node.
const POSTGRES_CONNECTIONS: u32 = 16;
/// How long to wait for another process that writes to the same SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request waits for a connection before it gives up.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// What [`Database::ping`] tries to store: the largest body that Sentry usually sends.
const PING_BYTES: usize = 1 << 20;
/// SQLite's page size: packed bodies waste a fifth less of it than of 4,096.
const PAGE_BYTES: u32 = 8_192;
/// Rows that SQLite's thread may be ahead of the reader: all of a batch, so that the two threads
/// do not wait for each other.
const ROWS: usize = 1_024;
/// Statements kept prepared per connection.
const STATEMENTS: usize = 512;

/// What can go wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database said no, or could not be reached.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The tables could not be brought up to date.
    #[error("migration: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The URL names no database we know.
    #[error("{0}: expected sqlite://FILE or postgres://USER@HOST/NAME")]
    Url(String),
    /// A row holds something this version cannot read.
    #[error("row {id} of {table}: {reason}")]
    Row {
        /// Table.
        table: &'static str,
        /// Id of the row.
        id: i64,
        /// What is wrong with it.
        reason: String,
    },
    /// Another process changed the same rows; try again.
    #[error("{0} changed meanwhile")]
    Conflict(&'static str),
    /// A cursor that no list gave out.
    #[error("this is no cursor")]
    Cursor,
    /// The SQLite file is damaged; the text says what to do.
    #[error("{0}")]
    Damaged(String),
    /// A file could not be written.
    #[error("file: {0}")]
    File(#[from] std::io::Error),
}

impl StoreError {
    /// Is the disk (or the database's disk) full?
    pub fn is_disk_full(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else {
            return false;
        };
        // SQLITE_FULL is 13; PostgreSQL's class 53 is "insufficient resources".
        matches!(error.code().as_deref(), Some("13" | "53100"))
    }

    /// Did the database refuse the data itself, so that trying again is in vain?
    pub fn is_about_the_data(&self) -> bool {
        match self {
            Self::Row { .. } => true,
            Self::Database(sqlx::Error::Database(error)) => {
                error.kind() != sqlx::error::ErrorKind::Other
                    || error.code().is_some_and(|code| code.starts_with("22"))
            }
            Self::Database(error) => matches!(
                error,
                sqlx::Error::Encode(_) | sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. }
            ),
            _ => false,
        }
    }
}

/// An open database.
#[derive(Clone, Debug)]
pub enum Database {
    /// One file, one writer, several readers.
    Sqlite {
        /// The only connection that writes.
        writer: SqlitePool,
        /// Connections that only read.
        readers: SqlitePool,
        /// Held by the one who changes the state.
        state: Arc<Mutex<()>>,
        /// Where it lives.
        path: PathBuf,
    },
    /// A server.
    Postgres(PgPool),
}

/// A transaction on either database. Dropping it rolls back.
#[derive(Debug)]
pub enum Tx {
    /// On SQLite.
    Sqlite(SqliteTx),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

/// A transaction on SQLite.
#[derive(Debug)]
pub struct SqliteTx {
    // Given back before the turn.
    transaction: Transaction<'static, Sqlite>,
    turn: Option<OwnedMutexGuard<()>>,
}

impl Deref for SqliteTx {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.transaction
    }
}

impl DerefMut for SqliteTx {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }
}

impl From<Transaction<'static, Sqlite>> for SqliteTx {
    fn from(transaction: Transaction<'static, Sqlite>) -> Self {
        Self {
            transaction,
            turn: None,
        }
    }
}

/// Somebody's turn to change the state: first they read what they decide on, then they write.
/// On SQLite the write lock is only taken for the second part, so that webhooks are stored during
/// the first.
#[derive(Debug)]
pub struct Turn {
    database: Database,
    reads: Tx,
    held: Option<OwnedMutexGuard<()>>,
}

/// Runs the same body on whichever database is open; the second form also names its type.
macro_rules! on_engine {
    ($tx:expr, |$conn:ident| $body:expr) => {
        match $tx {
            $crate::Tx::Sqlite(tx) => {
                let $conn = &mut **tx;
                $body
            }
            $crate::Tx::Postgres(tx) => {
                let $conn = &mut **tx;
                $body
            }
        }
    };
    ($tx:expr, |$conn:ident, $Engine:ident| $body:expr) => {
        match $tx {
            $crate::Tx::Sqlite(tx) => {
                type $Engine = sqlx::Sqlite;
                let $conn = &mut **tx;
                $body
            }
            $crate::Tx::Postgres(tx) => {
                type $Engine = sqlx::Postgres;
                let $conn = &mut **tx;
                $body
            }
        }
    };
}

impl Database {
    /// Opens `sqlite://FILE` or `postgres://…`, and brings its tables up to date.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_capped(url, 0).await
    }

    /// Opens, with a cap for the SQLite file in MiB (0: none).
    pub async fn open_capped(url: &str, max_mib: u32) -> Result<Self, StoreError> {
        let database = Self::connect(url, max_mib).await?;
        database.must_be_whole().await?;
        database.migrate().await?;
        Ok(database)
    }

    pub(crate) async fn connect(url: &str, max_mib: u32) -> Result<Self, StoreError> {
        if url.starts_with("sqlite:") {
            return Self::connect_sqlite(url, max_mib).await;
        }
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options = PgConnectOptions::from_str(url)
                .map_err(|error| StoreError::Url(error.to_string()))?
                .application_name("epicenter")
                .options([("synchronous_commit", "on")])
                .statement_cache_capacity(STATEMENTS);
            let pool = PgPoolOptions::new()
                .max_connections(POSTGRES_CONNECTIONS)
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .connect_with(options)
                .await?;
            return Ok(Self::Postgres(pool));
        }
        Err(StoreError::Url("this is not a database URL".to_owned()))
    }

    async fn connect_sqlite(url: &str, max_mib: u32) -> Result<Self, StoreError> {
        let mut options = SqliteConnectOptions::from_str(url)
            .map_err(|error| StoreError::Url(error.to_string()))?
            .create_if_missing(true)
            .page_size(PAGE_BYTES)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(STATEMENTS)
            .row_buffer_size(ROWS)
            .pragma("cache_size", "-16000")
            .pragma("temp_store", "memory")
            .pragma("wal_autocheckpoint", "0");
        if max_mib > 0 {
            let pages = u64::from(max_mib) * (1 << 20) / u64::from(PAGE_BYTES);
            options = options.pragma("max_page_count", pages.to_string());
        }
        let path = options.get_filename().to_owned();
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None)
            .after_release(|conn, _| Box::pin(is_at_rest(conn)))
            .connect_with(options.clone())
            .await
            .map_err(|error| StoreError::from(error).or_damaged(&path))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(SQLITE_READERS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(
                options
                    .pragma("query_only", "on")
                    .pragma("cache_size", READER_CACHE),
            )
            .await?;
        Ok(Self::Sqlite {
            writer,
            readers,
            state: Arc::new(Mutex::new(())),
            path,
        })
    }

    /// Brings the tables up to date.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { writer, .. } => sqlx::migrate!("migrations/sqlite").run(writer).await?,
            Self::Postgres(pool) => sqlx::migrate!("migrations/postgres").run(pool).await?,
        }
        Ok(())
    }

    /// A transaction that writes: on SQLite it takes the write lock at once, first come, first
    /// served.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite { writer, .. } => {
                Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?.into())
            }
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// A transaction that reads and writes state: one at a time over all nodes.
    pub async fn write_state(&self) -> Result<Tx, StoreError> {
        let turn = self.state_turn().await;
        let mut tx = self.write().await?;
        match &mut tx {
            Tx::Sqlite(tx) => tx.turn = turn,
            Tx::Postgres(conn) => {
                sqlx::query("SELECT epoch FROM locks WHERE name = 'engine' FOR UPDATE")
                    .execute(&mut **conn)
                    .await?;
            }
        }
        Ok(tx)
    }

    /// The same in two parts, see [`Turn`].
    pub async fn turn(&self) -> Result<Turn, StoreError> {
        let held = self.state_turn().await;
        let reads = match self {
            Self::Sqlite { .. } => self.read().await?,
            Self::Postgres(_) => self.write_state().await?,
        };
        Ok(Turn {
            database: self.clone(),
            reads,
            held,
        })
    }

    async fn state_turn(&self) -> Option<OwnedMutexGuard<()>> {
        match self {
            Self::Sqlite { state, .. } => Some(Arc::clone(state).lock_owned().await),
            Self::Postgres(_) => None,
        }
    }

    /// A transaction that reads a consistent state and blocks nobody.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Tx::Sqlite(readers.begin().await?.into()),
            Self::Postgres(pool) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
                Tx::Postgres(pool.begin_with(begin).await?)
            }
        })
    }

    /// Can it store? Really writes a row, and makes room for one body, which it gives back.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        on_engine!(&mut tx, |conn| {
            sqlx::query("INSERT INTO bodies (delivery_id, dictionary, content) VALUES (-1, 0, $1)")
                .bind(vec![0_u8; PING_BYTES])
                .execute(conn)
                .await?;
        });
        tx.rollback().await?;
        let mut tx = self.write().await?;
        on_engine!(&mut tx, |conn| {
            sqlx::query(
                "INSERT INTO locks (name, epoch) VALUES ('ping', 0) \
                 ON CONFLICT (name) DO UPDATE SET epoch = locks.epoch + 1",
            )
            .execute(conn)
            .await?;
        });
        tx.commit().await
    }

    /// The file of a SQLite database.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite { path, .. } => Some(path),
            Self::Postgres(_) => None,
        }
    }

    /// `sqlite` or `postgres`, for people.
    pub fn engine_name(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// Writes a consistent copy to a new file, while serving.
    pub async fn backup(&self, file: &Path) -> Result<(), StoreError> {
        let Self::Sqlite { readers, .. } = self else {
            return Err(StoreError::Url(
                "backup copies a SQLite database; use pg_dump for PostgreSQL".to_owned(),
            ));
        };
        if file.exists() {
            let error = std::io::Error::new(std::io::ErrorKind::AlreadyExists, "it exists already");
            return Err(StoreError::File(error));
        }
        let mut conn = readers.acquire().await?;
        sqlx::query("PRAGMA query_only = off")
            .execute(&mut *conn)
            .await?;
        let copied = sqlx::query("VACUUM INTO $1")
            .bind(file.to_string_lossy().into_owned())
            .execute(&mut *conn)
            .await;
        sqlx::query("PRAGMA query_only = on")
            .execute(&mut *conn)
            .await?;
        copied?;
        std::fs::File::open(file)?.sync_all()?;
        Ok(())
    }

    /// SQLite only: moves the write-ahead log into the file. First without disturbing anybody;
    /// then, if the log has more than `long_log_pages`, what is left under the write lock, so that
    /// the next commit starts the log anew instead of growing it.
    pub async fn checkpoint(&self, long_log_pages: i64) -> Result<(), StoreError> {
        let Self::Sqlite {
            writer, readers, ..
        } = self
        else {
            return Ok(());
        };
        let mut conn = readers.acquire().await?;
        let (_, pages, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(PASSIVE)")
            .fetch_one(&mut *conn)
            .await?;
        if pages > long_log_pages {
            let mut conn = writer.acquire().await?;
            sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
                .execute(&mut *conn)
                .await?;
        }
        Ok(())
    }

    /// Closes every connection; on SQLite the log is folded into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite {
                writer, readers, ..
            } => {
                readers.close().await;
                if let Ok(mut conn) = writer.acquire().await {
                    let folded = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                        .execute(&mut *conn)
                        .await;
                    if let Err(error) = folded {
                        tracing::warn!(%error, "the write-ahead log could not be folded: {error}");
                    }
                }
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// May the writer be used again? When the disk is full, SQLite gives the transaction back by
/// itself, which sqlx does not notice: it would refuse every further one, for ever.
async fn is_at_rest(conn: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // Behind the rollback of a transaction that was dropped.
    conn.ping().await?;
    Ok(!conn.is_in_transaction())
}

impl Turn {
    /// What is to be decided on is read here.
    pub fn reads(&mut self) -> &mut Tx {
        &mut self.reads
    }

    /// What was decided is written here.
    pub async fn write(self) -> Result<Tx, StoreError> {
        if let Tx::Postgres(_) = self.reads {
            return Ok(self.reads);
        }
        self.reads.rollback().await?;
        let mut tx = self.database.write().await?;
        if let Tx::Sqlite(tx) = &mut tx {
            tx.turn = self.held;
        }
        Ok(tx)
    }
}

impl Tx {
    /// Commits; only then is anything durable.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.transaction.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Gives everything back.
    pub async fn rollback(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.transaction.rollback().await?,
            Self::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }
}
