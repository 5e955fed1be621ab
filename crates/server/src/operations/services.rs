//! What teams own, and which Sentry projects belong to it.

use super::OperationError;
use super::integrations::name;
use crate::app::App;
use epicenter_domain::id::IdKind;
use epicenter_store::detection::forget_settings;
use epicenter_store::people::owners;
use epicenter_store::services::{self, NewService};

/// Creates a service from name and project slugs. Answers its id.
pub async fn create(
    app: &App,
    workspace_id: i64,
    (wanted, projects): (String, Vec<String>),
) -> Result<i64, OperationError> {
    let now = app.clock.now();
    let id = app.ids.next(now);
    let name = name(&wanted)?;
    let new = NewService {
        id,
        workspace_id,
        slug: slug(&name),
        name,
        is_default: false,
        created_at: now,
    };
    let mut tx = app.database.write().await?;
    let all = services::list(&mut tx, workspace_id).await?;
    if all.iter().any(|other| other.slug == new.slug) {
        return Err(OperationError::invalid("name", "is taken"));
    }
    services::create(&mut tx, &new).await?;
    services::set_projects(&mut tx, workspace_id, id, &slugs(&projects)).await?;
    tx.commit().await?;
    app.registry.reload(&app.database).await?;
    Ok(id)
}

/// Changes a service's name and project slugs, and, where it is said, whether what usually ends by
/// itself is held back for a moment.
pub async fn change(
    app: &App,
    workspace_id: i64,
    id: i64,
    (wanted, projects): (String, Vec<String>),
    holds_transients: Option<bool>,
) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    if services::by_id(&mut tx, workspace_id, id).await?.is_none() {
        return Err(OperationError::NotFound("service"));
    }
    services::rename(&mut tx, id, &name(&wanted)?).await?;
    services::set_projects(&mut tx, workspace_id, id, &slugs(&projects)).await?;
    if let Some(holds) = holds_transients {
        services::set_holds_transients(&mut tx, id, holds).await?;
    }
    tx.commit().await?;
    app.registry.reload(&app.database).await?;
    Ok(())
}

/// Deletes a service that nothing uses.
pub async fn delete(app: &App, workspace_id: i64, id: i64) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    let service = services::by_id(&mut tx, workspace_id, id)
        .await?
        .ok_or(OperationError::NotFound("service"))?;
    if service.is_default {
        let reason = "the default service cannot be deleted";
        return Err(OperationError::Conflict(reason.to_owned()));
    }
    if services::is_used(&mut tx, id).await? {
        let reason = "an integration is bound to it; bind that to another service first";
        return Err(OperationError::Conflict(reason.to_owned()));
    }
    let rules = super::routes::current(&mut tx, workspace_id).await?;
    if rules.book.services().contains(&IdKind::Service.show(id)) {
        let reason = "a routing rule names it; change that rule first";
        return Err(OperationError::Conflict(reason.to_owned()));
    }
    services::delete(&mut tx, workspace_id, id).await?;
    owners::clear(&mut tx, id).await?;
    forget_settings(&mut tx, (workspace_id, Some(id))).await?;
    tx.commit().await?;
    app.registry.reload(&app.database).await?;
    Ok(())
}

fn slugs(projects: &[String]) -> Vec<String> {
    let mut slugs: Vec<String> = projects
        .iter()
        .flat_map(|text| text.split([',', ' ', '\n']))
        .map(|slug| slug.trim().to_lowercase())
        .filter(|slug| !slug.is_empty())
        .collect();
    slugs.sort();
    slugs.dedup();
    slugs
}

/// Lower-case letters and digits, everything else a hyphen.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_matches('-').to_owned();
    if slug.is_empty() {
        "service".to_owned()
    } else {
        slug
    }
}
