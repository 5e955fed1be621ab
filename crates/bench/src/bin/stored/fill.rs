//! A large database out of a few hundred real webhooks: they are sent through the door, and what
//! became of them is multiplied inside of the database.

use crate::program::Program;
use epicenter_bench::Failure;
use epicenter_bench::load::{self, Plan};
use epicenter_bench::server::{DOOR, SECRET};
use epicenter_bench::verdicts::drain;
use sha2::{Digest as _, Sha256};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection};
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime};

/// Issues that the real webhooks belong to.
const SEEDS: u32 = 200;
/// Milliseconds that the stored time covers: 90 days.
const SPAN: i64 = 90 * 86_400_000;
/// Where the ids begin to count, and the bits of a node that writes no others.
const EPOCH: i64 = 1_577_836_800_000;
const NODE: i64 = 1_000 << 12;
/// Open incidents of the large database, and of a small one: most are over, as in life.
const OPEN: i64 = 2_000;
/// The cookie of the person who looks at the pages.
pub(crate) const COOKIE: &str = "session-of-the-measurement-and-of-nothing-else";

/// How much is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Incidents; as many issues.
    pub(crate) incidents: u32,
    /// Events.
    pub(crate) events: u32,
}

/// Makes the tables, and the rows that are multiplied.
pub(crate) fn seed(program: &Program<'_>) -> Result<(), Failure> {
    let (server, _) = program.serve(&[])?;
    let report = load::run(&Plan {
        target: server.address,
        path: DOOR.to_owned(),
        secret: SECRET.to_owned(),
        connections: 8,
        time: Duration::from_millis(2_500),
        rate: Some(200),
        issues: SEEDS,
        run: 1,
    })?;
    if report.failed > 0 {
        return Err(server.complaint("did not accept the first webhooks").into());
    }
    drain(&server)?;
    // The records of the memory and the rankings are written afterwards.
    thread::sleep(Duration::from_secs(6));
    server.stop()
}

/// Fills the tables.
pub(crate) fn multiply(file: &Path, size: Size) -> Result<(), Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(fill(file, size))
}

async fn fill(file: &Path, size: Size) -> Result<(), Failure> {
    // Nobody else looks, and a fill that fails is begun anew: no log, nothing synchronous.
    let options = SqliteConnectOptions::new()
        .filename(file)
        .pragma("cache_size", "-1000000")
        .pragma("synchronous", "off")
        .disable_statement_logging();
    let mut conn = options.connect().await?;
    for pragma in ["PRAGMA journal_mode = delete", "PRAGMA journal_mode = off"] {
        sqlx::query(pragma).execute(&mut conn).await?;
    }
    let words = words(&mut conn, size).await?;
    let indexes: Vec<(String, String)> = sqlx::query_as(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    )
    .fetch_all(&mut conn)
    .await?;
    // An index is built much faster than it is grown. That of the events is needed at once.
    for (name, _) in &indexes {
        run(&mut conn, &format!("DROP INDEX {name}")).await?;
    }
    let (events, others): (Vec<_>, Vec<_>) = indexes
        .iter()
        .partition(|(name, _)| name == "events_by_issue");
    script(&mut conn, include_str!("fill/events.sql"), &words).await?;
    for (_, text) in events {
        run(&mut conn, text).await?;
    }
    for text in [
        include_str!("fill/issues.sql"),
        include_str!("fill/counts.sql"),
        include_str!("fill/changes.sql"),
        include_str!("fill/memory.sql"),
    ] {
        script(&mut conn, text, &words).await?;
    }
    for (_, text) in others {
        run(&mut conn, text).await?;
    }
    person(&mut conn).await?;
    Ok(conn.close().await?)
}

/// What stands for the names in braces.
async fn words(conn: &mut SqliteConnection, size: Size) -> Result<Vec<(String, String)>, Failure> {
    let service: i64 = sqlx::query_scalar("SELECT min(id) FROM services")
        .fetch_one(conn)
        .await?;
    let (incidents, events) = (i64::from(size.incidents), i64::from(size.events));
    // The newest incident is some minutes old, and over.
    let now = now_ms()? - 300_000;
    let deliveries = incidents / 5;
    let digit = |place: i64| {
        format!("substr('0123456789abcdefghjkmnpqrstvwxyz', ((n.id >> {place}) & 31) + 1, 1)")
    };
    let shown: Vec<String> = (0..13).rev().map(|place| digit(5 * place)).collect();
    let numbers = [
        ("N", incidents),
        ("M", events),
        ("D", deliveries),
        ("MOST", incidents.max(events)),
        ("NOW", now),
        ("START", now - SPAN),
        ("SPAN", SPAN),
        ("STEP", SPAN / incidents),
        ("EPOCH", EPOCH),
        ("NODE", NODE),
        ("OPEN", (incidents / OPEN).max(10)),
        ("STRIDE", (events * 14 / 90 / deliveries).max(1)),
        ("SERVICE", service),
    ];
    let mut words: Vec<(String, String)> = numbers
        .into_iter()
        .map(|(name, value)| (format!("{{{name}}}"), value.to_string()))
        .collect();
    words.push(("{SHOWN}".to_owned(), format!("({})", shown.join(" || "))));
    Ok(words)
}

/// Statements that end with a semicolon at the end of a line.
async fn script(
    conn: &mut SqliteConnection,
    text: &str,
    words: &[(String, String)],
) -> Result<(), Failure> {
    let mut text = text.to_owned();
    for (name, value) in words {
        text = text.replace(name, value);
    }
    for statement in text.split(";\n").filter(|text| !text.trim().is_empty()) {
        run(conn, statement).await?;
    }
    Ok(())
}

async fn run(conn: &mut SqliteConnection, statement: &str) -> Result<(), Failure> {
    // The statements are this program's own, and the database's.
    let query = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()));
    let done = query.execute(conn).await;
    done.map_err(|error| format!("{error} in: {}", statement.trim()))?;
    Ok(())
}

/// Who looks at the pages.
async fn person(conn: &mut SqliteConnection) -> Result<(), Failure> {
    sqlx::query(
        "INSERT INTO users (id, workspace_id, email, name, role, password_hash, created_at, \
         bell_read_at) VALUES (1, 1, 'ann@example.com', 'Ann', 'admin', '', 0, 0)",
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO sessions (hash, user_id, csrf, created_at, expires_at) \
         VALUES ($1, 1, 'csrf', 0, $2)",
    )
    .bind(Sha256::digest(COOKIE.as_bytes()).to_vec())
    .bind(i64::MAX)
    .execute(conn)
    .await?;
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a measuring tool has no clock to be given"
)]
fn now_ms() -> Result<i64, Failure> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(i64::try_from(now.as_millis())?)
}
