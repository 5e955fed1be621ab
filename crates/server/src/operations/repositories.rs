//! Where code lives: services, clones and code mappings of repositories.

use super::OperationError;
use crate::app::App;
use crate::limits::MAPPING_PREFIX_CHARS;
use epicenter_domain::change::{RepositoryFact, RepositoryName};
use epicenter_store::changes::mappings::{self, MappingRecord};
use epicenter_store::changes::repositories::{self, RepositoryRecord};
use epicenter_store::{Tx, services};
use std::path::Path;

async fn found(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<RepositoryRecord, OperationError> {
    repositories::by_id(tx, workspace_id, id)
        .await?
        .ok_or(OperationError::NotFound("repository"))
}

/// Makes a repository known before anything was pushed to it. Answers its id.
pub async fn create(app: &App, workspace_id: i64, name: &str) -> Result<i64, OperationError> {
    let name = RepositoryName::parse(name)
        .ok_or_else(|| OperationError::invalid("name", "must be like owner/name"))?;
    let fact = RepositoryFact {
        name,
        provider: "other",
        url: None,
        default_branch: None,
    };
    let now = app.clock.now();
    let mut tx = app.database.write().await?;
    let id = repositories::ensure(&mut tx, workspace_id, &fact, app.ids.next(now), now).await?;
    tx.commit().await?;
    Ok(id)
}

/// Says where the clone of a repository is; an empty path forgets it.
pub async fn set_clone_path(
    app: &App,
    workspace_id: i64,
    id: i64,
    path: &str,
) -> Result<(), OperationError> {
    let path = path.trim();
    if !path.is_empty() && !Path::new(path).is_absolute() {
        let message = "must be an absolute path on the machine that Epicenter runs on";
        return Err(OperationError::invalid("clone_path", message));
    }
    let mut tx = app.database.write().await?;
    found(&mut tx, workspace_id, id).await?;
    let path = (!path.is_empty()).then_some(path);
    repositories::set_clone_path(&mut tx, id, path).await?;
    tx.commit().await?;
    Ok(())
}

/// Says which services a repository makes.
pub async fn set_services(
    app: &App,
    workspace_id: i64,
    id: i64,
    service_ids: &[i64],
) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    found(&mut tx, workspace_id, id).await?;
    let known = services::list(&mut tx, workspace_id).await?;
    let unknown = service_ids
        .iter()
        .any(|id| known.iter().all(|service| service.id != *id));
    if unknown {
        return Err(OperationError::NotFound("service"));
    }
    repositories::set_services(&mut tx, id, service_ids).await?;
    tx.commit().await?;
    Ok(())
}

/// A code mapping as somebody wants it.
#[derive(Clone, Debug)]
pub struct WantedMapping {
    /// Sentry project (slug).
    pub project: String,
    /// Repository.
    pub repository_id: i64,
    /// Beginning of the path in the stack; may be empty.
    pub stack_prefix: String,
    /// Beginning of the path in the repository; may be empty.
    pub source_prefix: String,
}

/// Makes a code mapping, or changes the one for the same beginning. Answers its id.
pub async fn save_mapping(
    app: &App,
    workspace_id: i64,
    wanted: WantedMapping,
) -> Result<i64, OperationError> {
    let project = wanted.project.trim().to_lowercase();
    if project.is_empty() {
        return Err(OperationError::invalid(
            "project",
            "must be a project's slug",
        ));
    }
    for (field, text) in [
        ("stack_prefix", &wanted.stack_prefix),
        ("source_prefix", &wanted.source_prefix),
    ] {
        if text.chars().count() > MAPPING_PREFIX_CHARS || text.chars().any(char::is_control) {
            return Err(OperationError::invalid(field, "is no beginning of a path"));
        }
    }
    let now = app.clock.now();
    let mut tx = app.database.write().await?;
    found(&mut tx, workspace_id, wanted.repository_id).await?;
    let record = MappingRecord {
        id: app.ids.next(now),
        workspace_id,
        project,
        repository_id: wanted.repository_id,
        stack_prefix: wanted.stack_prefix,
        source_prefix: wanted.source_prefix.trim_start_matches('/').to_owned(),
        is_confirmed: true,
        match_count: 0,
        created_at: now,
    };
    mappings::save(&mut tx, &record).await?;
    let all = mappings::list(&mut tx, workspace_id).await?;
    tx.commit().await?;
    app.registry.reload(&app.database).await?;
    let same = |one: &&MappingRecord| {
        one.project == record.project
            && one.repository_id == record.repository_id
            && one.stack_prefix == record.stack_prefix
    };
    let kept = all.iter().find(same);
    Ok(kept.map_or(record.id, |mapping| mapping.id))
}

/// Agrees with a proposed mapping.
pub async fn confirm_mapping(app: &App, workspace_id: i64, id: i64) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    if !mappings::confirm(&mut tx, workspace_id, id).await? {
        return Err(OperationError::NotFound("mapping"));
    }
    tx.commit().await?;
    app.registry.reload(&app.database).await?;
    Ok(())
}

/// Removes a mapping.
pub async fn delete_mapping(app: &App, workspace_id: i64, id: i64) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    if !mappings::delete(&mut tx, workspace_id, id).await? {
        return Err(OperationError::NotFound("mapping"));
    }
    tx.commit().await?;
    app.registry.reload(&app.database).await?;
    Ok(())
}
