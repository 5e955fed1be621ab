//! What changes are about, and the incidents that are ranked anew because of them.

use crate::app::App;
use crate::limits::{RERANK_DELAY_MS, RERANK_RESOLVED_MS, RERANK_WINDOW_MS};
use epicenter_domain::id::IdKind;
use epicenter_domain::observation::change::Linked;
use epicenter_store::changes::deploys::DeployRecord;
use epicenter_store::changes::repositories;
use epicenter_store::{StoreError, Tx, suspects};
use std::collections::BTreeSet;

/// What a change is about.
#[derive(Clone, Debug, Default)]
pub(super) struct Touched {
    /// Repositories.
    pub(super) repositories: BTreeSet<i64>,
    /// Services.
    pub(super) services: BTreeSet<i64>,
    /// What it was linked to, if it is news: a deploy that is told again is none.
    pub(super) news: Option<Linked>,
}

impl Touched {
    /// Takes what something else touched, too.
    pub(super) fn extend(&mut self, other: &Self) {
        self.repositories.extend(&other.repositories);
        self.services.extend(&other.services);
    }

    /// The services that are touched, also by their repositories. Empty: nobody knows, so all.
    pub(super) async fn services(
        &self,
        tx: &mut Tx,
        workspace_id: i64,
    ) -> Result<Vec<i64>, StoreError> {
        let mut services = self.services.clone();
        if !self.repositories.is_empty() {
            let all = repositories::list(tx, workspace_id).await?;
            let mine = all.iter().filter(|one| self.repositories.contains(&one.id));
            services.extend(mine.flat_map(|one| &one.service_ids));
        }
        Ok(services.into_iter().collect())
    }
}

/// Asks for new rankings of what a change may explain: what is open, and what was over before
/// anybody knew of the change.
pub(super) async fn ask_again(
    app: &App,
    tx: &mut Tx,
    (workspace_id, services): (i64, &[i64]),
    reason: &str,
) -> Result<(), StoreError> {
    let now = app.clock.now();
    let since = now.plus_ms(-RERANK_WINDOW_MS);
    let when = (now.plus_ms(RERANK_DELAY_MS), reason);
    suspects::enqueue_open(tx, workspace_id, services, since, when).await?;
    let since = now.plus_ms(-RERANK_RESOLVED_MS);
    suspects::enqueue_unexplained(tx, workspace_id, services, since, when).await
}

/// What a deploy is linked to, for the memory.
pub(super) fn linked_to(deploy: &DeployRecord) -> Linked {
    Linked {
        deploy: Some(IdKind::Deploy.show(deploy.id)),
        version: deploy.version.clone(),
        sha: deploy.sha.clone(),
        is_rollback: deploy.rollback_to_id.is_some(),
    }
}
