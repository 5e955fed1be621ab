//! Writes every record of the memory to a file, as one line of JSON each. The file itself says how
//! far it is, and after a rotation the store does: each record is written once.

use crate::app::App;
use crate::cloud_event::CloudEvent;
use crate::limits::{FILE_RECORDS, FILE_TAIL_BYTES};
use epicenter_domain::id::IdKind;
use epicenter_domain::observation::Observation;
use epicenter_store::StoreError;
use epicenter_store::observations::file;
use serde::Deserialize;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

pub(super) async fn run_once(app: Arc<App>) -> Result<(), StoreError> {
    while write_file(&app).await? > 0 {
        if app.stop.is_cancelled() {
            break;
        }
    }
    Ok(())
}

/// Appends the next records; answers how many.
pub async fn write_file(app: &App) -> Result<usize, StoreError> {
    let node = i64::from(app.config.node);
    let path = app.config.memory.file.clone();
    let mut tx = app.database.read().await?;
    let known = file::position(&mut tx, node).await?.unwrap_or_default();
    let newer = file::after(&mut tx, known, 1).await?;
    tx.rollback().await?;
    if newer.is_empty() {
        return Ok(0);
    }
    // What was written before a crash may be further than the store knows.
    let place = path.clone();
    let written = on_a_thread(move || last_written(&place)).await?;
    let last = known.max(written.unwrap_or_default());
    let mut tx = app.database.read().await?;
    let records = file::after(&mut tx, last, FILE_RECORDS).await?;
    tx.rollback().await?;
    let reached = records.last().map_or(last, |one| one.id);
    let count = records.len();
    let text = lines(&app.config.base_url(), records);
    on_a_thread(move || append(&path, &text)).await?;
    let mut tx = app.database.write().await?;
    file::keep_position(&mut tx, node, reached).await?;
    tx.commit().await?;
    Ok(count)
}

/// Files may be slow; nobody else waits for them.
async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(std::io::Error::other)??)
}

fn lines(base: &str, records: Vec<Observation>) -> String {
    let mut text = String::new();
    for one in records {
        // Our own types always serialise.
        text += &serde_json::to_string(&CloudEvent::new(base, one)).unwrap_or_default();
        text.push('\n');
    }
    text
}

#[derive(Deserialize)]
struct Line {
    id: String,
}

/// The last record in the file; none when there is no file, or nothing in it. Half a line, which a
/// crash left, is cut off.
fn last_written(path: &Path) -> std::io::Result<Option<i64>> {
    let mut file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    let begin = length.saturating_sub(FILE_TAIL_BYTES);
    file.seek(SeekFrom::Start(begin))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let whole = tail
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    if whole == 0 && begin > 0 {
        return Err(not_ours(path));
    }
    if whole < tail.len() {
        let kept = u64::try_from(whole).map_err(std::io::Error::other)?;
        file.set_len(begin + kept)?;
    }
    let lines = tail.get(..whole).unwrap_or_default();
    let Some(last) = lines
        .split(|byte| *byte == b'\n')
        .rfind(|line| !line.is_empty())
    else {
        return Ok(None);
    };
    let line: Line = serde_json::from_slice(last).map_err(|_| not_ours(path))?;
    let id = IdKind::Observation.parse(&line.id);
    id.map(Some).ok_or_else(|| not_ours(path))
}

/// Nothing is appended to a file that holds something else.
fn not_ours(path: &Path) -> std::io::Error {
    let path = path.display();
    std::io::Error::other(format!(
        "{path} (`memory.file`) does not end with one of our records"
    ))
}

fn append(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file: File = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_data()
}
