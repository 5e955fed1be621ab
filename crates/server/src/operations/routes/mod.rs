//! The rules of a workspace: what is dropped and where the rest goes. Every change is a version;
//! an old one is brought back as a new one.

mod named;
pub mod trial;

pub use named::{DiffLine, Names, diff, text};

use super::OperationError;
use crate::app::App;
use crate::limits::{ROUTING_COMMENT_CHARS, ROUTING_VERSIONS};
use crate::routing;
use epicenter_domain::routing::book::Book;
use epicenter_domain::routing::router::Router;
use epicenter_domain::sources::Fault;
use epicenter_domain::time::Time;
use epicenter_store::routing::versions::{self, VersionRecord};
use epicenter_store::{StoreError, Tx, services};

/// The rules as they should be.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The rules; services and destinations by id, name or slug.
    pub book: Book,
    /// Why.
    pub comment: String,
    /// The version that was changed: another one meanwhile is a conflict. 0: there was none.
    pub base: i64,
}

/// The version that counts; number 0 and no rules, while nobody wrote any.
pub async fn current(tx: &mut Tx, workspace_id: i64) -> Result<VersionRecord, StoreError> {
    let newest = versions::newest(tx, workspace_id).await?;
    Ok(newest.unwrap_or(VersionRecord {
        workspace_id,
        number: 0,
        made_at: Time(0),
        actor: String::new(),
        comment: String::new(),
        book: Book::default(),
    }))
}

/// A draft, checked: the book with ids, and what would decide by it.
pub async fn check(
    tx: &mut Tx,
    workspace_id: i64,
    book: &Book,
) -> Result<(Book, Router), OperationError> {
    let services = services::list(tx, workspace_id).await?;
    let names = Names::load(tx, workspace_id).await?;
    let book = names.to_ids(book);
    let (router, faults) = routing::router(tx, workspace_id, &services, &book).await?;
    if faults.is_empty() {
        Ok((book, router))
    } else {
        Err(OperationError::Faults(faults))
    }
}

/// What of a book that was saved does not work today, each with its place: a rule that a bound stops,
/// a service that is gone. What it would have taken goes to the next rule, or to the default.
pub async fn faults(tx: &mut Tx, workspace_id: i64, book: &Book) -> Result<Vec<Fault>, StoreError> {
    let services = services::list(tx, workspace_id).await?;
    let directory = routing::directory(tx, workspace_id, &services).await?;
    Ok(book.compile_what_works(&directory).1)
}

/// Makes a new version in an open transaction, unless nothing would change. Answers the number of
/// the version that counts then.
pub async fn put(
    tx: &mut Tx,
    (workspace_id, actor): (i64, &str),
    wanted: Wanted,
    now: Time,
) -> Result<i64, OperationError> {
    if wanted.comment.chars().count() > ROUTING_COMMENT_CHARS {
        let message = format!("must have at most {ROUTING_COMMENT_CHARS} characters");
        return Err(OperationError::invalid("comment", message));
    }
    let (book, _) = check(tx, workspace_id, &wanted.book).await?;
    let before = current(tx, workspace_id).await?;
    if before.number != wanted.base {
        return Err(stale(before.number));
    }
    if before.book == book {
        return Ok(before.number);
    }
    let record = VersionRecord {
        workspace_id,
        number: before.number.saturating_add(1),
        made_at: now,
        actor: actor.to_owned(),
        comment: wanted.comment.trim().to_owned(),
        book,
    };
    if !versions::add(tx, &record).await? {
        return Err(stale(record.number));
    }
    versions::prune(tx, workspace_id, ROUTING_VERSIONS).await?;
    Ok(record.number)
}

fn stale(newest: i64) -> OperationError {
    OperationError::Conflict(format!(
        "the rules were changed meanwhile: the newest version is {newest}; load it and change that"
    ))
}

/// Replaces the rules. Answers the number of the version that counts now.
pub async fn replace(app: &App, place: (i64, &str), wanted: Wanted) -> Result<i64, OperationError> {
    let mut tx = app.database.write().await?;
    let number = put(&mut tx, place, wanted, app.clock.now()).await?;
    tx.commit().await?;
    app.registry.reload(&app.database).await?;
    Ok(number)
}

/// Makes an old version the newest again. Answers the new number.
pub async fn restore(
    app: &App,
    (workspace_id, actor): (i64, &str),
    number: i64,
    base: i64,
) -> Result<i64, OperationError> {
    let mut tx = app.database.read().await?;
    let old = versions::by_number(&mut tx, workspace_id, number).await?;
    tx.rollback().await?;
    let old = old.ok_or(OperationError::NotFound("version"))?;
    let wanted = Wanted {
        book: old.book,
        comment: format!("Version {number} again"),
        base,
    };
    replace(app, (workspace_id, actor), wanted).await
}
