//! What teams own, and which Sentry projects belong to it.

use crate::batch::pieces;
use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};
use std::collections::BTreeSet;

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRecord {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Name.
    pub name: String,
    /// Slug, unique within the workspace.
    pub slug: String,
    /// Does it take what no other service owns?
    pub is_default: bool,
    /// When it was made.
    pub created_at: Time,
    /// Is what usually ends by itself held back for a moment?
    pub holds_transients: bool,
    /// Slugs of its Sentry projects, in order.
    pub projects: Vec<String>,
}

/// A service to be made.
#[derive(Clone, Debug)]
pub struct NewService {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Name.
    pub name: String,
    /// Slug.
    pub slug: String,
    /// Does it take what no other service owns?
    pub is_default: bool,
    /// When it was made.
    pub created_at: Time,
}

#[derive(FromRow)]
struct ServiceRow {
    id: i64,
    workspace_id: i64,
    name: String,
    slug: String,
    is_default: bool,
    created_at: i64,
    holds_transients: bool,
}

/// Makes a service.
pub async fn create(tx: &mut Tx, new: &NewService) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO services (id, workspace_id, name, slug, is_default, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(new.id)
        .bind(new.workspace_id)
        .bind(new.name.as_str())
        .bind(new.slug.as_str())
        .bind(new.is_default)
        .bind(new.created_at.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// All services of a workspace, by name.
pub async fn list(tx: &mut Tx, workspace_id: i64) -> Result<Vec<ServiceRecord>, StoreError> {
    let (rows, projects): (Vec<ServiceRow>, Vec<(i64, String)>) = on_engine!(tx, |conn| {
        let rows = sqlx::query_as(
            "SELECT id, workspace_id, name, slug, is_default, created_at, holds_transients \
             FROM services WHERE workspace_id = $1 ORDER BY lower(name), id",
        )
        .bind(workspace_id)
        .fetch_all(&mut *conn)
        .await?;
        let projects = sqlx::query_as(
            "SELECT service_id, project_slug FROM service_projects \
             WHERE workspace_id = $1 ORDER BY project_slug",
        )
        .bind(workspace_id)
        .fetch_all(conn)
        .await?;
        (rows, projects)
    });
    let record = |row: ServiceRow| ServiceRecord {
        projects: projects
            .iter()
            .filter(|(service_id, _)| *service_id == row.id)
            .map(|(_, slug)| slug.clone())
            .collect(),
        id: row.id,
        workspace_id: row.workspace_id,
        name: row.name,
        slug: row.slug,
        is_default: row.is_default,
        created_at: Time(row.created_at),
        holds_transients: row.holds_transients,
    };
    Ok(rows.into_iter().map(record).collect())
}

/// One service.
pub async fn by_id(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<Option<ServiceRecord>, StoreError> {
    Ok(list(tx, workspace_id)
        .await?
        .into_iter()
        .find(|service| service.id == id))
}

/// Gives it another name.
pub async fn rename(tx: &mut Tx, id: i64, name: &str) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("UPDATE services SET name = $2 WHERE id = $1")
            .bind(id)
            .bind(name)
            .execute(conn)
            .await?;
    });
    Ok(())
}

/// Says whether what usually ends by itself is held back for a moment.
pub async fn set_holds_transients(tx: &mut Tx, id: i64, holds: bool) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("UPDATE services SET holds_transients = $2 WHERE id = $1")
            .bind(id)
            .bind(holds)
            .execute(conn)
            .await?;
    });
    Ok(())
}

/// Sets its Sentry projects; a project belongs to one service only, the last one that took it.
pub async fn set_projects(
    tx: &mut Tx,
    workspace_id: i64,
    service_id: i64,
    slugs: &[String],
) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM service_projects WHERE workspace_id = $1 AND service_id = $2")
            .bind(workspace_id)
            .bind(service_id)
            .execute(conn)
            .await?;
    });
    // PostgreSQL refuses a statement that names one row twice.
    let slugs: Vec<&String> = BTreeSet::from_iter(slugs).into_iter().collect();
    for piece in pieces(&slugs) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO service_projects (workspace_id, project_slug, service_id) ",
            );
            query.push_values(piece, |mut row, slug| {
                row.push_bind(workspace_id)
                    .push_bind(slug.as_str())
                    .push_bind(service_id);
            });
            query.push(
                " ON CONFLICT (workspace_id, project_slug) \
                 DO UPDATE SET service_id = excluded.service_id",
            );
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

/// Is an integration bound to it?
pub async fn is_used(tx: &mut Tx, id: i64) -> Result<bool, StoreError> {
    let count: i64 = on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT count(*) FROM integrations WHERE service_id = $1")
            .bind(id)
            .fetch_one(conn)
            .await?
    });
    Ok(count > 0)
}

/// Deletes a service; its incidents stay without one.
pub async fn delete(tx: &mut Tx, workspace_id: i64, id: i64) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM service_projects WHERE workspace_id = $1 AND service_id = $2")
            .bind(workspace_id)
            .bind(id)
            .execute(&mut *conn)
            .await?;
        sqlx::query("DELETE FROM services WHERE workspace_id = $1 AND id = $2")
            .bind(workspace_id)
            .bind(id)
            .execute(conn)
            .await?;
    });
    Ok(())
}
