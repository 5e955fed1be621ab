//! Is a SQLite file whole? Asked when it is opened, before anything is written to it.

use crate::{Database, StoreError};
use sqlx::SqlitePool;
use std::path::Path;

/// Larger files are only checked for their length: reading all of it would take longer than a
/// start may.
const CHECKED_BYTES: u64 = 64 << 20;
/// SQLite's codes for a file that is not, or no longer, a database.
const CORRUPT: i32 = 11;
const NOT_A_DATABASE: i32 = 26;
/// SQLite's extended codes for a disk that fails to write, sync, sync a folder, or cut off.
const FAILED_WRITES: [i32; 4] = [778, 1_034, 1_290, 1_546];

impl StoreError {
    /// Did the disk fail under SQLite? Then nothing that was not yet durable may be tried again:
    /// the system may have thrown it away and call the next try a success.
    pub fn is_disk_broken(&self) -> bool {
        self.sqlite_code()
            .is_some_and(|code| FAILED_WRITES.contains(&code))
    }

    /// SQLite's extended result code; its last byte is the primary one.
    fn sqlite_code(&self) -> Option<i32> {
        let (Self::Database(error) | Self::Migrate(sqlx::migrate::MigrateError::Execute(error))) =
            self
        else {
            return None;
        };
        let error = error.as_database_error()?;
        error.try_downcast_ref::<sqlx::sqlite::SqliteError>()?;
        error.code()?.parse().ok()
    }

    /// The same error, said as damage of this file if it is that.
    pub(crate) fn or_damaged(self, path: &Path) -> Self {
        match self.sqlite_code().map(|code| code & 0xff) {
            Some(CORRUPT | NOT_A_DATABASE) => damaged(path, &self.to_string()),
            _ => self,
        }
    }
}

fn damaged(path: &Path, what: &str) -> StoreError {
    let file = path.display();
    StoreError::Damaged(format!(
        "the database file {file} is damaged ({what}). Nothing was changed. Put the newest backup \
         (`epicenter backup FILE` makes them) in its place: mv {file} {file}.damaged; \
         rm -f {file}-wal {file}-shm; cp BACKUP {file}"
    ))
}

impl Database {
    /// Refuses a SQLite file that is cut off or whose structure is broken.
    pub(crate) async fn must_be_whole(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { writer, path, .. } => check(writer, path)
                .await
                .map_err(|error| error.or_damaged(path)),
            Self::Postgres(_) => Ok(()),
        }
    }
}

async fn check(writer: &SqlitePool, path: &Path) -> Result<(), StoreError> {
    let Ok(length) = std::fs::metadata(path).map(|file| file.len()) else {
        // In memory.
        return Ok(());
    };
    if length > CHECKED_BYTES {
        return check_length(writer, path).await;
    }
    let found: Vec<String> = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_all(writer)
        .await?;
    match found.first() {
        Some(line) if line != "ok" => Err(damaged(path, line)),
        _ => Ok(()),
    }
}

/// Is the file as long as it says that it is?
async fn check_length(writer: &SqlitePool, path: &Path) -> Result<(), StoreError> {
    // What the log holds belongs to the length.
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(writer)
        .await?;
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(writer)
        .await?;
    let page_bytes: i64 = sqlx::query_scalar("PRAGMA page_size")
        .fetch_one(writer)
        .await?;
    let length = std::fs::metadata(path)?.len();
    let expected = u64::try_from(pages.saturating_mul(page_bytes)).unwrap_or(0);
    if length < expected {
        let what = format!("it has {length} of {expected} bytes");
        return Err(damaged(path, &what));
    }
    Ok(())
}
