//! Which connection is told of what is done to an issue, and what it is told.

use epicenter_domain::writeback::{Matter, Scope};
use epicenter_store::sentry::connections::{self, ConnectionRecord};
use epicenter_store::write_backs::settings::{self, WriteBackSettings};
use epicenter_store::{StoreError, Tx};

/// A connection, and what it is told.
#[derive(Clone, Debug)]
pub(super) struct Upstream {
    /// Where its Sentry is.
    pub(super) connection: ConnectionRecord,
    /// What was chosen.
    pub(super) settings: WriteBackSettings,
}

impl Upstream {
    /// What it is told.
    fn scope(&self) -> Scope {
        Scope::in_force(self.settings.scope, self.connection.scopes.as_deref())
    }

    /// Why it is not told of this, as a sentence; `None`: it is.
    pub(super) fn why_not(&self, matter: Matter) -> Option<String> {
        let name = &self.connection.organization;
        if self.settings.refused_at.is_some() {
            return Some(format!(
                "The token of {name} may not change issues; the page of the connection says why."
            ));
        }
        match (self.scope().covers(matter), self.settings.scope) {
            (true, _) => None,
            (false, None) if matter == Matter::Status => Some(format!(
                "The token of {name} may only read: it lacks event:write."
            )),
            (false, _) => Some(match matter {
                Matter::Status => format!("{name} is not told of what is done here."),
                Matter::Assignee => format!("{name} is not told of assignments."),
                Matter::Note => format!("{name} is not told of notes."),
            }),
        }
    }
}

/// The connections of an integration.
pub(super) async fn upstreams(
    tx: &mut Tx,
    workspace_id: i64,
    integration_id: i64,
) -> Result<Vec<Upstream>, StoreError> {
    let mut found = Vec::new();
    for connection in connections::list(tx, workspace_id).await? {
        if connection.integration_id == integration_id {
            let settings = settings::of_connection(tx, connection.id).await?;
            found.push(Upstream {
                connection,
                settings,
            });
        }
    }
    Ok(found)
}

/// The one of several whose organisation the address names; else the first.
pub(super) fn choose<'a>(all: &'a [Upstream], permalink: Option<&str>) -> Option<&'a Upstream> {
    let link = permalink.unwrap_or_default();
    let named = all.iter().find(|one| {
        let name = &one.connection.organization;
        link.contains(&format!("//{name}.")) || link.contains(&format!("/organizations/{name}/"))
    });
    named.or_else(|| all.first())
}
