//! What a connection is told: chosen by an admin, or by what its token may.

use crate::app::App;
use crate::operations::OperationError;
use epicenter_domain::time::Time;
use epicenter_domain::writeback::Scope;
use epicenter_store::sentry::connections::{self, ConnectionRecord};
use epicenter_store::write_backs::settings::{self, WriteBackSettings};
use epicenter_store::{StoreError, Tx};

/// What a connection is told, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What was chosen; `None`: nothing, so that the token decides.
    pub chosen: Option<Scope>,
    /// What counts.
    pub in_force: Scope,
    /// Since when its token may not.
    pub refused_at: Option<Time>,
    /// What Sentry said then.
    pub refusal: Option<String>,
}

/// What this connection is told.
pub async fn choice_of(tx: &mut Tx, connection: &ConnectionRecord) -> Result<Choice, StoreError> {
    let found = settings::of_connection(tx, connection.id).await?;
    Ok(Choice {
        chosen: found.scope,
        in_force: Scope::in_force(found.scope, connection.scopes.as_deref()),
        refused_at: found.refused_at,
        refusal: found.refusal,
    })
}

/// Chooses what a connection is told (`None`: let the token decide). What the token was refused
/// before is tried again with the next thing that is done.
pub async fn choose(
    app: &App,
    workspace_id: i64,
    connection_id: i64,
    scope: Option<Scope>,
) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    connections::by_id(&mut tx, workspace_id, connection_id)
        .await?
        .ok_or(OperationError::NotFound("connection"))?;
    let wanted = WriteBackSettings {
        scope,
        ..WriteBackSettings::default()
    };
    settings::save(&mut tx, (workspace_id, connection_id), &wanted).await?;
    tx.commit().await?;
    Ok(())
}

/// Another token may what the one before might not.
pub(in crate::operations) async fn try_again(
    tx: &mut Tx,
    place: (i64, i64),
) -> Result<(), StoreError> {
    let found = settings::of_connection(tx, place.1).await?;
    if found.refused_at.is_none() {
        return Ok(());
    }
    let again = WriteBackSettings {
        scope: found.scope,
        ..WriteBackSettings::default()
    };
    settings::save(tx, place, &again).await
}
