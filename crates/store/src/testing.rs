//! Databases for tests, behind the feature `testing`: each test gets a copy of a migrated template
//! for itself, which is gone when the value is dropped.

use crate::{Database, StoreError};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// Names the server on which tests may create databases.
const POSTGRES_URL: &str = "EPICENTER_TEST_POSTGRES_URL";
/// Guards the making of the template over all processes that test at the same time.
const TEMPLATE_LOCK: i64 = 0x6570_6963_656e_7465;

/// A migrated SQLite file.
static SQLITE_TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
/// The name of a migrated PostgreSQL database.
static POSTGRES_TEMPLATE: OnceCell<String> = OnceCell::const_new();
static COPIES: AtomicU32 = AtomicU32::new(0);

/// An empty, migrated database. Dropping it removes it.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Sqlite(TempDir),
    Postgres { server_url: String, name: String },
}

impl TestDatabase {
    /// A SQLite file in a folder of its own.
    pub async fn sqlite() -> Result<Self, StoreError> {
        let template = SQLITE_TEMPLATE.get_or_try_init(sqlite_template).await?;
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("epicenter.db");
        std::fs::write(&file, template)?;
        Ok(Self {
            url: sqlite_url(&file),
            place: Place::Sqlite(folder),
        })
    }

    /// A database on the server that `EPICENTER_TEST_POSTGRES_URL` names. `None`, with a line on
    /// stderr, when it names none; an error in CI, unless `EPICENTER_TEST_SQLITE_ONLY=1`.
    pub async fn postgres() -> Result<Option<Self>, StoreError> {
        let Some(server_url) = postgres_server()? else {
            return Ok(None);
        };
        let template = POSTGRES_TEMPLATE
            .get_or_try_init(|| postgres_template(&server_url))
            .await?;
        let count = COPIES.fetch_add(1, Ordering::Relaxed);
        let name = format!("epicenter_test_{}_{count}", std::process::id());
        let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
        run(&server_url, [drop_statement(&name), create]).await?;
        Ok(Some(Self {
            url: named(&server_url, &name)?,
            place: Place::Postgres { server_url, name },
        }))
    }

    /// What `Database::open` and the server's settings take.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Opens it.
    pub async fn open(&self) -> Result<Database, StoreError> {
        Database::open(&self.url).await
    }

    /// The folder of a SQLite file.
    pub fn folder(&self) -> Option<&Path> {
        match &self.place {
            Place::Sqlite(folder) => Some(folder.path()),
            Place::Postgres { .. } => None,
        }
    }
}

impl Drop for TestDatabase {
    /// The test's runtime may be blocked or gone, so another thread with its own does it. What
    /// cannot be dropped stays until the test server goes.
    fn drop(&mut self) {
        let Place::Postgres { server_url, name } = &self.place else {
            return;
        };
        let server_url = server_url.clone();
        let statement = drop_statement(name);
        let dropper = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            if let Ok(runtime) = runtime {
                drop(runtime.block_on(run(&server_url, [statement])));
            }
        });
        drop(dropper.join());
    }
}

async fn sqlite_template() -> Result<Vec<u8>, StoreError> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("template.db");
    let database = Database::open(&sqlite_url(&file)).await?;
    database.close().await;
    Ok(std::fs::read(&file)?)
}

/// Its name says which migrations it has, so that processes that test one after the other, or at
/// the same time, make it once.
async fn postgres_template(server_url: &str) -> Result<String, StoreError> {
    let mut hasher = DefaultHasher::new();
    for migration in sqlx::migrate!("migrations/postgres").iter() {
        migration.checksum.hash(&mut hasher);
    }
    let name = format!("epicenter_template_{:016x}", hasher.finish());
    let mut server = PgConnection::connect(server_url).await?;
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(TEMPLATE_LOCK)
        .execute(&mut server)
        .await?;
    let is_there: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)")
            .bind(&name)
            .fetch_one(&mut server)
            .await?;
    if !is_there {
        // Under another name until it is whole: whoever makes it may be killed half-way.
        let draft = format!("{name}_draft");
        server
            .execute(AssertSqlSafe(drop_statement(&draft)))
            .await?;
        let create = format!("CREATE DATABASE {draft}");
        server.execute(AssertSqlSafe(create)).await?;
        Database::open(&named(server_url, &draft)?)
            .await?
            .close()
            .await;
        let mut left = 100;
        let rename = format!("ALTER DATABASE {draft} RENAME TO {name}");
        // Its connections are closed, but the server may not have noticed.
        while let Err(error) = server.execute(AssertSqlSafe(rename.clone())).await {
            left -= 1;
            if left == 0 {
                return Err(error.into());
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
    server.close().await?;
    Ok(name)
}

async fn run(
    server_url: &str,
    statements: impl IntoIterator<Item = String>,
) -> Result<(), StoreError> {
    let mut server = PgConnection::connect(server_url).await?;
    for statement in statements {
        server.execute(AssertSqlSafe(statement)).await?;
    }
    server.close().await?;
    Ok(())
}

fn drop_statement(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")
}

fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

/// The same server with another database.
fn named(server_url: &str, name: &str) -> Result<String, StoreError> {
    let unreadable = || StoreError::Url(POSTGRES_URL.to_owned());
    let (head, settings) = match server_url.split_once('?') {
        Some((head, settings)) => (head, Some(settings)),
        None => (server_url, None),
    };
    let (scheme, rest) = head.split_once("://").ok_or_else(unreadable)?;
    let authority = rest.split('/').next().ok_or_else(unreadable)?;
    let settings = settings.map_or_else(String::new, |settings| format!("?{settings}"));
    Ok(format!("{scheme}://{authority}/{name}{settings}"))
}

/// The server to test on, if there is one.
fn postgres_server() -> Result<Option<String>, StoreError> {
    if let Some(url) = variable(POSTGRES_URL) {
        return Ok(Some(url));
    }
    if variable("EPICENTER_TEST_SQLITE_ONLY").as_deref() == Some("1") {
        return Ok(None);
    }
    if variable("CI").as_deref() == Some("true") {
        return Err(StoreError::Url(format!("{POSTGRES_URL} is not set")));
    }
    // Past the test runner, which would keep the line of a test that passes for itself.
    let line = format!("{POSTGRES_URL} is not set: skipped on PostgreSQL\n");
    std::io::stderr().write_all(line.as_bytes())?;
    Ok(None)
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests have no settings; this is the one place where they read the environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
