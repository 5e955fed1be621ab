//! Stores long lists of commits a piece at a time, each in a transaction of its own, so that the
//! webhooks that come meanwhile are answered in between.

use crate::app::App;
use crate::limits::COMMIT_CHUNK;
use epicenter_domain::change::CommitFact;
use epicenter_domain::time::Time;
use epicenter_store::StoreError;
use epicenter_store::changes::commits;
use std::sync::Arc;

/// Commits that are in the store already, before the change that lists them.
#[derive(Debug)]
pub(super) struct Stored {
    /// Their repository.
    pub(super) repository_id: i64,
    /// Their ids, **newest first**.
    pub(super) ids: Vec<i64>,
}

/// Is a list so long that it is stored ahead?
pub(super) fn is_long(commits: Option<&Vec<CommitFact>>) -> bool {
    commits.is_some_and(|list| list.len() > COMMIT_CHUNK)
}

/// Stores commits that are listed newest first. What a crash leaves behind are known commits that
/// no list names yet; the same request completes them.
pub(super) async fn store_commits(
    app: &App,
    (workspace_id, repository_id): (i64, i64),
    newest_first: &[CommitFact],
    now: Time,
) -> Result<Stored, StoreError> {
    let ids = Arc::clone(&app.ids);
    let next = move || ids.next(now);
    let place = (workspace_id, repository_id);
    // Ids grow with history, so the oldest get theirs first.
    let oldest_first: Vec<CommitFact> = newest_first.iter().rev().cloned().collect();
    let mut found = Vec::with_capacity(oldest_first.len());
    for chunk in oldest_first.chunks(COMMIT_CHUNK) {
        let mut tx = app.database.write().await?;
        found.extend(commits::save(&mut tx, place, chunk, &next, now).await?);
        tx.commit().await?;
    }
    found.reverse();
    Ok(Stored {
        repository_id,
        ids: found,
    })
}
