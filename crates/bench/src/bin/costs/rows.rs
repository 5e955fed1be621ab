//! Rows per transaction: the shape of the statements, the pragmas, the checkpoint.

use crate::table::{Row, SCHEMA, Shape, decide, insert};
use epicenter_bench::Failure;
use epicenter_bench::cpu::Watch;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use std::path::Path;

/// Who moves the write-ahead log into the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Checkpoint {
    /// The writer, as SQLite does by itself, every so many pages.
    Writer(u32),
    /// Another connection, after every so many batches.
    Passive(usize),
    /// Nobody, until the end.
    Never,
}

#[derive(Clone, Debug)]
struct Variant {
    name: &'static str,
    shape: Shape,
    split: bool,
    blob: usize,
    /// Rows per transaction; 0 for lengths that vary from 1 to 200.
    batch: usize,
    page: u32,
    pragma: &'static [(&'static str, &'static str)],
    statements: usize,
    checkpoint: Checkpoint,
}

impl Default for Variant {
    fn default() -> Self {
        Self {
            name: "",
            shape: Shape::Pieces(64),
            split: false,
            blob: 1_500,
            batch: 200,
            page: 4_096,
            pragma: &[],
            statements: 512,
            checkpoint: Checkpoint::Passive(5),
        }
    }
}

macro_rules! variant {
    ($name:literal $(, $field:ident: $value:expr)*) => {
        Variant { name: $name, $($field: $value,)* ..Variant::default() }
    };
}

fn variants() -> Vec<Variant> {
    vec![
        variant!("statement: whole", shape: Shape::Whole),
        variant!("statement: pieces 64"),
        variant!("statement: pieces 32", shape: Shape::Pieces(32)),
        variant!("statement: pieces 16", shape: Shape::Pieces(16)),
        variant!("statement: pieces 8", shape: Shape::Pieces(8)),
        variant!("statement: single", shape: Shape::Single),
        variant!("statement: numbered 64", shape: Shape::Numbered(64)),
        variant!("statement: numbered 16", shape: Shape::Numbered(16)),
        variant!("varying: whole", shape: Shape::Whole, batch: 0),
        variant!("varying: pieces 64", batch: 0),
        variant!("varying: pieces 16", shape: Shape::Pieces(16), batch: 0),
        variant!("tables: two, pieces 64", split: true),
        variant!("tables: two, pieces 16", split: true, shape: Shape::Pieces(16)),
        variant!("tables: two, json + pieces 64", split: true, shape: Shape::Json(64)),
        variant!("blob: none", blob: 0),
        variant!("blob: 700", blob: 700),
        variant!("blob: 3,000", blob: 3_000),
        variant!("blob: 10,000", blob: 10_000),
        variant!("page: 8192", page: 8_192),
        variant!("page: 16384", page: 16_384),
        variant!("page: 8192, two tables", page: 8_192, split: true),
        variant!("cache: 64 MB", pragma: &[("cache_size", "-64000")]),
        variant!("cache: 16 MB", pragma: &[("cache_size", "-16000")]),
        variant!("mmap: 1 GB", pragma: &[("mmap_size", "1073741824")]),
        variant!("log: writer, 1000 pages", checkpoint: Checkpoint::Writer(1_000)),
        variant!("log: writer, 10000 pages", checkpoint: Checkpoint::Writer(10_000)),
        variant!("log: passive, every batch", checkpoint: Checkpoint::Passive(1)),
        variant!("log: passive, every 25", checkpoint: Checkpoint::Passive(25)),
        variant!("log: never", checkpoint: Checkpoint::Never),
        variant!("statements kept: 100", statements: 100),
        variant!("statements kept: 2", statements: 2),
        variant!("batch: 64", batch: 64),
        variant!("batch: 16", batch: 16),
        variant!("batch: 1", batch: 1),
    ]
}

/// Prints a line for each variant.
pub(crate) async fn measure(rows: usize, only: &str) -> Result<(), Failure> {
    println!("| variant | CPU µs/row | wall µs/row | longest ms | file bytes/row |");
    println!("|---|---:|---:|---:|---:|");
    for variant in variants()
        .iter()
        .filter(|variant| variant.name.contains(only))
    {
        let folder = tempfile::tempdir()?;
        run(variant, rows, folder.path()).await?;
    }
    if "statements".contains(only) {
        let folder = tempfile::tempdir()?;
        statements(rows, folder.path()).await?;
    }
    if "verdicts".contains(only) {
        for most in [0, 8, 16, 64] {
            let folder = tempfile::tempdir()?;
            verdicts(rows, most, folder.path()).await?;
        }
    }
    Ok(())
}

async fn open(variant: &Variant, folder: &Path) -> Result<SqliteConnection, Failure> {
    let automatic = match variant.checkpoint {
        Checkpoint::Writer(pages) => pages,
        Checkpoint::Passive(_) | Checkpoint::Never => 0,
    };
    let mut options = SqliteConnectOptions::new()
        .filename(folder.join("costs.db"))
        .create_if_missing(true)
        .page_size(variant.page)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .statement_cache_capacity(variant.statements)
        .pragma("wal_autocheckpoint", automatic.to_string())
        .disable_statement_logging();
    for (pragma, value) in variant.pragma {
        options = options.pragma(*pragma, *value);
    }
    Ok(options.connect().await?)
}

fn batch_length(variant: &Variant, count: usize) -> usize {
    match variant.batch {
        0 => 1 + (count * 7_919) % 200,
        length => length,
    }
}

async fn run(variant: &Variant, rows: usize, folder: &Path) -> Result<(), Failure> {
    let rows = if variant.batch == 1 { rows / 10 } else { rows };
    let mut conn = open(variant, folder).await?;
    sqlx::raw_sql(SCHEMA).execute(&mut conn).await?;
    let mut folding = open(variant, folder).await?;
    let content: Vec<u8> = (0..variant.blob)
        .map(|n| u8::try_from(n % 251).unwrap_or(0))
        .collect();
    let mut written = 0;
    let mut batches = 0;
    let mut longest = 0.0_f64;
    let watch = Watch::start();
    while written < rows {
        let length = batch_length(variant, batches);
        let batch: Vec<Row> = (written..written + length)
            .map(|id| Row {
                id: i64::try_from(id).unwrap_or(0),
                content: content.clone(),
            })
            .collect();
        let one = Watch::start();
        let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
        insert(&mut tx, &batch, variant.shape, variant.split).await?;
        tx.commit().await?;
        longest = longest.max(one.per(1).1);
        written += length;
        batches += 1;
        if matches!(variant.checkpoint, Checkpoint::Passive(every) if batches % every == 0) {
            sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
                .execute(&mut folding)
                .await?;
        }
    }
    let (cpu, wall) = watch.per(written);
    folding.close().await?;
    conn.close().await?;
    let size = std::fs::metadata(folder.join("costs.db"))?.len();
    let bytes = size / u64::try_from(written)?;
    let longest = longest / 1_000.0;
    println!(
        "| {} | {cpu:.1} | {wall:.1} | {longest:.1} | {bytes} |",
        variant.name
    );
    Ok(())
}

async fn verdicts(rows: usize, most: usize, folder: &Path) -> Result<(), Failure> {
    let variant = Variant {
        split: true,
        ..Variant::default()
    };
    let mut conn = open(&variant, folder).await?;
    sqlx::raw_sql(SCHEMA).execute(&mut conn).await?;
    let ids: Vec<i64> = (0..i64::try_from(rows)?).collect();
    for batch in ids.chunks(200) {
        let batch: Vec<Row> = batch
            .iter()
            .map(|id| Row {
                id: *id,
                content: vec![7; 1_500],
            })
            .collect();
        let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
        insert(&mut tx, &batch, Shape::Pieces(16), true).await?;
        tx.commit().await?;
    }
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(&mut conn)
        .await?;
    let watch = Watch::start();
    for batch in ids.chunks(200) {
        let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
        decide(&mut tx, batch, most).await?;
        tx.commit().await?;
    }
    let (cpu, wall) = watch.per(rows);
    conn.close().await?;
    println!("| verdicts: pieces {most} (0: single) | {cpu:.1} | {wall:.1} | – | – |");
    Ok(())
}

/// What a statement costs before it does anything: the way to the connection's thread and back.
async fn statements(count: usize, folder: &Path) -> Result<(), Failure> {
    let mut conn = open(&Variant::default(), folder).await?;
    sqlx::raw_sql(SCHEMA).execute(&mut conn).await?;
    let watch = Watch::start();
    for id in 0..i64::try_from(count)? {
        sqlx::query("SELECT action FROM deliveries WHERE id = $1")
            .bind(id)
            .fetch_optional(&mut conn)
            .await?;
    }
    let (cpu, wall) = watch.per(count);
    println!("| statements: one that finds nothing | {cpu:.1} | {wall:.1} | – | – |");
    let watch = Watch::start();
    for _ in 0..count {
        conn.begin_with("BEGIN IMMEDIATE").await?.rollback().await?;
    }
    let (cpu, wall) = watch.per(count);
    println!("| statements: an empty transaction | {cpu:.1} | {wall:.1} | – | – |");
    conn.close().await?;
    Ok(())
}
