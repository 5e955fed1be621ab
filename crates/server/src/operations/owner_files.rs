//! CODEOWNERS of repositories: uploaded, or read from the local clone; and whose an incident is.

use super::OperationError;
use super::event_detail::event_detail;
use crate::app::App;
use crate::clients::git::{self, GitError};
use crate::routing;
use epicenter_domain::incident::Incident;
use epicenter_domain::limits::OWNERS_BYTES;
use epicenter_domain::routing::owners::Owners;
use epicenter_domain::routing::ownership::OwnedFile;
use epicenter_store::changes::repositories::{self, RepositoryRecord};
use epicenter_store::routing::owner_files::{self, OwnerFile};
use epicenter_store::{StoreError, Tx, events};

/// Where hosts look for the file, in their order (GitHub's; GitLab's differs in the last two).
const PLACES: [&str; 4] = [
    ".github/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".gitlab/CODEOWNERS",
];

async fn repository(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<RepositoryRecord, OperationError> {
    repositories::by_id(tx, workspace_id, id)
        .await?
        .ok_or(OperationError::NotFound("repository"))
}

/// Keeps a file that somebody uploaded.
pub async fn upload(
    app: &App,
    workspace_id: i64,
    repository_id: i64,
    text: &str,
) -> Result<(), OperationError> {
    if text.trim().is_empty() {
        return Err(OperationError::invalid("text", "must not be empty"));
    }
    if text.len() > OWNERS_BYTES {
        let message = format!("must have at most {OWNERS_BYTES} bytes");
        return Err(OperationError::invalid("text", message));
    }
    let file = OwnerFile {
        repository_id,
        workspace_id,
        is_from_clone: false,
        path: String::new(),
        // PostgreSQL's texts cannot hold NUL.
        text: text.replace('\0', "\u{fffd}"),
        read_at: app.clock.now(),
    };
    keep(app, &file).await
}

async fn keep(app: &App, file: &OwnerFile) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    repository(&mut tx, file.workspace_id, file.repository_id).await?;
    owner_files::save(&mut tx, file).await?;
    tx.commit().await?;
    app.registry.reload(&app.database).await?;
    Ok(())
}

/// Reads the file from the repository's clone, at its newest commit.
pub async fn read_from_clone(
    app: &App,
    workspace_id: i64,
    repository_id: i64,
) -> Result<(), OperationError> {
    let mut tx = app.database.read().await?;
    let record = repository(&mut tx, workspace_id, repository_id).await?;
    tx.rollback().await?;
    let Some(clone_path) = record.clone_path else {
        let reason = "the repository has no clone on the server; say where it is, or upload a file";
        return Err(OperationError::Conflict(reason.to_owned()));
    };
    let found = app.clones.run(move || look(&clone_path)).await;
    let found = found
        .and_then(|found| found)
        .map_err(|error| OperationError::Conflict(error.to_string()))?;
    let Some((path, text)) = found else {
        let reason = format!(
            "the newest commit of the clone has none of {}",
            PLACES.join(", ")
        );
        return Err(OperationError::Conflict(reason));
    };
    let file = OwnerFile {
        repository_id,
        workspace_id,
        is_from_clone: true,
        path,
        text: text.replace('\0', "\u{fffd}"),
        read_at: app.clock.now(),
    };
    keep(app, &file).await
}

/// The first of the places that the newest commit has, with its text.
fn look(clone_path: &str) -> Result<Option<(String, String)>, GitError> {
    let clone = git::open(clone_path)?;
    let head = clone.head()?;
    for place in PLACES {
        if let Some(text) = clone.text_of(&head, place)? {
            return Ok(Some((place.to_owned(), text)));
        }
    }
    Ok(None)
}

/// Forgets the file of a repository.
pub async fn forget(
    app: &App,
    workspace_id: i64,
    repository_id: i64,
) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    if !owner_files::forget(&mut tx, workspace_id, repository_id).await? {
        return Err(OperationError::NotFound("CODEOWNERS file"));
    }
    tx.commit().await?;
    app.registry.reload(&app.database).await?;
    Ok(())
}

/// Lines of a file that were not understood, from 1.
pub fn skipped(file: &OwnerFile) -> Vec<usize> {
    Owners::parse(&file.text).skipped
}

/// Whose the file is in which an incident's newest event broke; none, if nothing says so.
pub async fn of_incident(
    tx: &mut Tx,
    incident: &Incident,
) -> Result<Option<OwnedFile>, StoreError> {
    let workspace_id = incident.workspace_id;
    let (Some(issue_id), Some(project)) = (incident.issue_id, incident.project.as_deref()) else {
        return Ok(None);
    };
    // Most workspaces have no such file, and then no event is read.
    if owner_files::stamps(tx, workspace_id).await?.is_empty() {
        return Ok(None);
    }
    let page = events::of_issue(tx, issue_id, None, 1).await?;
    let Some(newest) = page.items.first() else {
        return Ok(None);
    };
    let Some(detail) = event_detail(tx, workspace_id, newest).await? else {
        return Ok(None);
    };
    let Some(frame) = detail.crash_frame() else {
        return Ok(None);
    };
    let ownership = routing::ownership(tx, workspace_id).await?;
    Ok(ownership.of(project, &frame.filename))
}
