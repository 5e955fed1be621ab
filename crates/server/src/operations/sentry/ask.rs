//! Passes that somebody asks for: the cron door, the API, a page.

use super::super::OperationError;
use super::sync::{Report, SyncEnd, sync};
use crate::app::App;
use epicenter_store::StoreError;
use epicenter_store::sentry::connections::{self, ConnectionRecord};
use epicenter_store::sentry::runs;
use std::sync::Arc;

/// What came of asking one connection.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The connection.
    pub connection: ConnectionRecord,
    /// Its pass; `None`: one is under way already.
    pub report: Option<Report>,
}

/// Synchronises all connections of all workspaces, now, one after the other.
pub async fn sync_all(app: &App) -> Result<Vec<Asked>, StoreError> {
    let mut tx = app.database.read().await?;
    let all = connections::every(&mut tx).await?;
    tx.rollback().await?;
    let mut asked = Vec::with_capacity(all.len());
    for connection in all {
        asked.push(ask(app, connection).await?);
    }
    Ok(asked)
}

/// Synchronises one connection of a workspace, now.
pub async fn sync_one(app: &App, workspace_id: i64, id: i64) -> Result<Asked, OperationError> {
    let mut tx = app.database.read().await?;
    let found = connections::by_id(&mut tx, workspace_id, id).await?;
    tx.rollback().await?;
    let connection = found.ok_or(OperationError::NotFound("Sentry connection"))?;
    Ok(ask(app, connection).await?)
}

async fn ask(app: &App, connection: ConnectionRecord) -> Result<Asked, StoreError> {
    let report = match sync(app, &connection).await? {
        SyncEnd::UnderWay => None,
        SyncEnd::Ran(run) => {
            let mut tx = app.database.read().await?;
            let projects = runs::projects(&mut tx, run.id).await?;
            tx.rollback().await?;
            Some((*run, projects))
        }
    };
    Ok(Asked { connection, report })
}

/// Runs to its end even when whoever asked hangs up: half a pass would hold its place for minutes.
pub async fn to_the_end<T, F>(app: &Arc<App>, work: F) -> Option<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    app.tasks.spawn(work).await.ok()
}
