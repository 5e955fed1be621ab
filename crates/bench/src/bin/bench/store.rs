//! Where the measured programs keep what they receive: a file or a database of its own for each.

use epicenter_bench::Failure;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, SqliteConnection};
use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

/// Where stores can be created.
#[derive(Debug)]
pub(crate) enum Place {
    /// A folder.
    Folder(PathBuf),
    /// A cluster: how to reach it, and its process.
    Cluster(Box<PgConnectOptions>, u32),
}

/// An empty store.
#[derive(Debug)]
pub(crate) struct Store<'a> {
    place: &'a Place,
    name: String,
}

impl Place {
    /// A folder for SQLite's files.
    pub(crate) fn file(folder: &Path) -> Self {
        Self::Folder(folder.to_owned())
    }

    /// A cluster that runs already.
    pub(crate) fn cluster(url: &str, pid: u32) -> Result<Self, Failure> {
        if pid == 0 {
            return Err("--postgres-pid is missing".into());
        }
        let options = PgConnectOptions::from_str(url)?;
        let options = Box::new(options.disable_statement_logging());
        Ok(Self::Cluster(options, pid))
    }

    /// Its name, as people write it.
    pub(crate) fn engine_name(&self) -> &'static str {
        match self {
            Self::Folder(_) => "SQLite",
            Self::Cluster(..) => "PostgreSQL",
        }
    }

    /// The engine's own version.
    pub(crate) fn version(&self) -> Result<String, Failure> {
        match self {
            Self::Folder(_) => wait(async {
                let mut conn = SqliteConnection::connect("sqlite::memory:").await?;
                Ok(sqlx::query_scalar("SELECT sqlite_version()")
                    .fetch_one(&mut conn)
                    .await?)
            }),
            Self::Cluster(options, _) => wait(async {
                let mut conn = options.connect().await?;
                Ok(sqlx::query_scalar("SHOW server_version")
                    .fetch_one(&mut conn)
                    .await?)
            }),
        }
    }

    /// An empty store.
    pub(crate) fn create(&self, name: &str) -> Result<Store<'_>, Failure> {
        let store = Store {
            place: self,
            name: format!("bench_{name}"),
        };
        match self {
            Self::Folder(folder) => fs::create_dir(folder.join(&store.name))?,
            Self::Cluster(..) => self.execute(&["CREATE DATABASE", "CHECKPOINT"], &store.name)?,
        }
        Ok(store)
    }

    /// Statements that name a database, or none.
    fn execute(&self, statements: &[&str], database: &str) -> Result<(), Failure> {
        let Self::Cluster(options, _) = self else {
            return Ok(());
        };
        wait(async {
            let mut conn: PgConnection = options.connect().await?;
            for statement in statements {
                let text = match *statement {
                    "CHECKPOINT" => "CHECKPOINT".to_owned(),
                    other => format!("{other} {database}"),
                };
                // The names are this program's own.
                sqlx::raw_sql(sqlx::AssertSqlSafe(text))
                    .execute(&mut conn)
                    .await?;
            }
            Ok(conn.close().await?)
        })
    }
}

impl Store<'_> {
    /// What the programs take as the database.
    pub(crate) fn url(&self) -> String {
        match self.place {
            Place::Folder(folder) => {
                format!(
                    "sqlite://{}",
                    folder.join(&self.name).join("store.db").display()
                )
            }
            Place::Cluster(options, _) => {
                let options = PgConnectOptions::clone(options);
                options.database(&self.name).to_url_lossy().to_string()
            }
        }
    }

    /// The process whose work is also the server's.
    pub(crate) fn process(&self) -> Option<u32> {
        match self.place {
            Place::Folder(_) => None,
            Place::Cluster(_, pid) => Some(*pid),
        }
    }

    /// Bytes on the disk: SQLite's file with its log, or the database without the cluster's log.
    pub(crate) fn bytes(&self) -> Result<u64, Failure> {
        match self.place {
            Place::Folder(folder) => {
                let mut bytes = 0;
                for entry in fs::read_dir(folder.join(&self.name))? {
                    bytes += entry?.metadata()?.len();
                }
                Ok(bytes)
            }
            Place::Cluster(options, _) => wait(async {
                let mut conn = options.connect().await?;
                let bytes: i64 = sqlx::query_scalar("SELECT pg_database_size($1)")
                    .bind(&self.name)
                    .fetch_one(&mut conn)
                    .await?;
                Ok(u64::try_from(bytes)?)
            }),
        }
    }

    /// Makes room.
    pub(crate) fn remove(self) -> Result<(), Failure> {
        match self.place {
            Place::Folder(folder) => Ok(fs::remove_dir_all(folder.join(&self.name))?),
            Place::Cluster(..) => self.place.execute(&["DROP DATABASE"], &self.name),
        }
    }
}

fn wait<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work)
}
