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

/// How each of our lines begins; `CloudEvent` says so by the order of its fields.
const BEGINNING: &[u8] = b"{\"specversion\":\"1.0\",\"id\":\"obs_";

/// The last record in the file; none when there is no file, or nothing in it. Half a line of ours,
/// which a crash left, is cut off, once it is certain that the file is ours.
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
    let (lines, half) = tail.split_at_checked(whole).unwrap_or_default();
    let last = last_record(lines).map_err(|NotOurs| not_ours(path))?;
    // Without a whole line the tail may begin in the middle of one.
    if (last.is_none() && begin > 0) || !is_half_of_ours(half, last.is_some()) {
        return Err(not_ours(path));
    }
    if !half.is_empty() {
        let kept = u64::try_from(whole).map_err(std::io::Error::other)?;
        file.set_len(begin + kept)?;
    }
    Ok(last)
}

/// Somebody else's file.
struct NotOurs;

/// The id in the last of these lines; none without lines.
fn last_record(lines: &[u8]) -> Result<Option<i64>, NotOurs> {
    let Some(last) = lines
        .split(|byte| *byte == b'\n')
        .rfind(|line| !line.is_empty())
    else {
        return Ok(None);
    };
    let line: Line = serde_json::from_slice(last).map_err(|_| NotOurs)?;
    let id = IdKind::Observation.parse(&line.id);
    id.map(Some).ok_or(NotOurs)
}

/// May a crash have left this of one of our lines? What stands alone must say whose it is.
fn is_half_of_ours(half: &[u8], follows_ours: bool) -> bool {
    half.is_empty() || half.starts_with(BEGINNING) || (follows_ours && BEGINNING.starts_with(half))
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

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "{\"specversion\":\"1.0\",\"id\":\"obs_";

    fn record(id: i64) -> String {
        let id = IdKind::Observation.show(id);
        format!("{{\"specversion\":\"1.0\",\"id\":\"{id}\"}}\n")
    }

    /// What is found in a file with this text, and what the file holds afterwards.
    fn looked_at(text: &str) -> (Result<Option<i64>, String>, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records");
        std::fs::write(&path, text).unwrap();
        let found = last_written(&path).map_err(|error| error.to_string());
        (found, std::fs::read_to_string(&path).unwrap())
    }

    #[test]
    fn a_file_of_somebody_else_is_not_changed_by_a_byte() {
        let long = "x".repeat(usize::try_from(FILE_TAIL_BYTES).unwrap() + 5);
        for text in [
            "PATH=/bin",
            "PATH=/bin\n",
            "A\nB",
            "{",
            "{\"a\":1}",
            "{\"a\":1}\n{\"b\":2}",
            "\nB",
            &long,
            &format!("{long}\n"),
            &format!("A\n{OURS}"),
            &format!("{}B", record(7)),
        ] {
            let (found, after) = looked_at(text);
            let fault = found.unwrap_err();
            assert!(fault.contains("does not end with one of our"), "{fault}");
            assert!(after == text, "{} bytes of {}", after.len(), text.len());
        }
    }

    #[test]
    fn half_a_line_of_ours_is_cut_off() {
        let whole = record(7);
        let next = record(8);
        for (kept, half, last) in [
            ("", "", None),
            ("", OURS, None),
            ("", next.trim_end(), None),
            (&whole, "", Some(7)),
            (&whole, "{", Some(7)),
            (&whole, "{\"specversion\":\"1.0\",", Some(7)),
            (&whole, OURS, Some(7)),
            (&whole, next.trim_end(), Some(7)),
        ] {
            let (found, after) = looked_at(&format!("{kept}{half}"));
            assert_eq!((found, after.as_str()), (Ok(last), kept), "{half}");
        }
    }
}
