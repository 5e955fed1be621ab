//! Looking at a database without changing it, for the doctor.

use crate::{Database, StoreError};
use std::path::{Path, PathBuf};

/// The file that a SQLite URL names; `None` for a server.
pub fn sqlite_file(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let path = rest.split('?').next().unwrap_or_default();
    Some(Path::new(path).to_owned())
}

impl Database {
    /// Opens as it is: whole, but with its tables as they are.
    pub async fn look(url: &str) -> Result<Self, StoreError> {
        let database = Self::connect(url, 0).await?;
        database.must_be_whole().await?;
        Ok(database)
    }

    /// How many steps its tables are behind this version; below zero: they are newer.
    pub async fn steps_behind(&self) -> Result<i64, StoreError> {
        let (known, query) = match self {
            Self::Sqlite { .. } => (
                sqlx::migrate!("migrations/sqlite"),
                "SELECT count(*) FROM sqlite_master WHERE name = '_sqlx_migrations'",
            ),
            Self::Postgres(_) => (
                sqlx::migrate!("migrations/postgres"),
                "SELECT count(*) FROM information_schema.tables \
                 WHERE table_name = '_sqlx_migrations' AND table_schema = current_schema()",
            ),
        };
        let mut tx = self.read().await?;
        let tx = &mut tx;
        let has_books: i64 = on_engine!(tx, |conn| {
            sqlx::query_scalar(query).fetch_one(conn).await?
        });
        let done: i64 = if has_books == 0 {
            0
        } else {
            on_engine!(tx, |conn| {
                sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations")
                    .fetch_one(conn)
                    .await?
            })
        };
        let known = i64::try_from(known.iter().count()).unwrap_or(i64::MAX);
        Ok(known - done)
    }
}
