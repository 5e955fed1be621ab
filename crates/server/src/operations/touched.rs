//! What changes are about, and the incidents that are ranked anew because of them.

use crate::app::App;
use crate::limits::{RERANK_DELAY_MS, RERANK_RESOLVED_MS, RERANK_WINDOW_MS};
use epicenter_domain::id::IdKind;
use epicenter_domain::observation::change::Linked;
use epicenter_store::changes::deploys::DeployRecord;
use epicenter_store::changes::repositories::{self, RepositoryRecord};
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

/// The services that changes of a workspace touch, also by their repositories. Empty: nobody knows
/// it of one of them, so all.
fn services_of(changes: &[Touched], repositories: &[RepositoryRecord]) -> BTreeSet<i64> {
    let mut all = BTreeSet::new();
    for change in changes {
        let mine = repositories
            .iter()
            .filter(|one| change.repositories.contains(&one.id));
        let mut services = change.services.clone();
        services.extend(mine.flat_map(|one| &one.service_ids));
        if services.is_empty() {
            return services;
        }
        all.append(&mut services);
    }
    all
}

/// Asks for new rankings of what these changes of a workspace may explain.
pub(super) async fn ask_for(
    app: &App,
    tx: &mut Tx,
    workspace_id: i64,
    changes: &[Touched],
) -> Result<(), StoreError> {
    let repositories = if changes.iter().all(|one| one.repositories.is_empty()) {
        Vec::new()
    } else {
        repositories::list(tx, workspace_id).await?
    };
    let services: Vec<i64> = services_of(changes, &repositories).into_iter().collect();
    ask_again(app, tx, (workspace_id, &services), "a change arrived").await
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

#[cfg(test)]
mod tests {
    use super::*;
    use epicenter_domain::time::Time;

    fn repository(id: i64, service_ids: &[i64]) -> RepositoryRecord {
        RepositoryRecord {
            id,
            workspace_id: 1,
            name: format!("acme/{id}"),
            provider: "github".to_owned(),
            url: None,
            default_branch: None,
            clone_path: None,
            created_at: Time(0),
            service_ids: service_ids.to_vec(),
        }
    }

    fn of(repositories: &[i64], services: &[i64]) -> Touched {
        Touched {
            repositories: repositories.iter().copied().collect(),
            services: services.iter().copied().collect(),
            news: None,
        }
    }

    #[test]
    fn what_is_ranked_anew_does_not_depend_on_what_shares_a_batch() {
        let known = [repository(7, &[1, 2]), repository(8, &[])];
        let asked = |changes: &[Touched]| -> Vec<i64> {
            services_of(changes, &known).into_iter().collect()
        };
        let everything: [i64; 0] = [];
        let (linked, unlinked, told) = (of(&[7], &[]), of(&[8], &[]), of(&[8], &[3]));
        assert_eq!(asked(std::slice::from_ref(&linked)), [1, 2]);
        assert_eq!(asked(std::slice::from_ref(&told)), [3]);
        assert_eq!(asked(&[linked.clone(), told]), [1, 2, 3]);
        assert_eq!(asked(std::slice::from_ref(&unlinked)), everything);
        assert_eq!(asked(&[linked.clone(), unlinked.clone()]), everything);
        assert_eq!(asked(&[unlinked, linked]), everything);
    }
}
