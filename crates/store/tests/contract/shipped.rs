//! Where a commit is in.

use crate::changes::{commit, deploy, release, repository, save_commits};
use crate::support::NOW;
use epicenter_store::Database;
use epicenter_store::changes::commits::{self, Owner};
use epicenter_store::changes::deploys::{self, DeployRecord};
use epicenter_store::changes::shipped::{deploys_of, release_of};
use epicenter_store::changes::{releases, repositories};

store_contract!(
    a_commit_is_in_the_first_release_that_has_it,
    a_commit_is_in_the_deploys_that_have_it,
);

async fn a_commit_is_in_the_first_release_that_has_it(database: &Database) {
    writing!(database, |tx| {
        let ids = save_commits(tx, 3, &[commit('a', "x"), commit('b', "y")]).await;
        assert_eq!(release_of(tx, ids[0]).await.unwrap(), None);
        for (id, version, minutes) in [(5, "shop@2", 2), (6, "shop@1", 1), (7, "shop@3", 3)] {
            let at = NOW.plus_ms(minutes);
            releases::ensure(tx, (1, Some(3)), &release(version, "shop"), id, at)
                .await
                .unwrap();
        }
        for id in [5, 6] {
            commits::attach(tx, Owner::Release(id), &[ids[0]])
                .await
                .unwrap();
        }
        let first = release_of(tx, ids[0]).await.unwrap();
        assert_eq!(first, Some((String::from("shop@1"), NOW.plus_ms(1))));
        // Nobody lists the other one; it is a release's head.
        let head = "b".repeat(40);
        releases::set_has_commits(tx, 7, false, Some(&head))
            .await
            .unwrap();
        let first = release_of(tx, ids[1]).await.unwrap();
        assert_eq!(first, Some((String::from("shop@3"), NOW.plus_ms(3))));
    });
}

async fn a_commit_is_in_the_deploys_that_have_it(database: &Database) {
    writing!(database, |tx| {
        repositories::ensure(tx, 1, &repository("acme/shop"), 3, NOW)
            .await
            .unwrap();
        let ids = save_commits(tx, 3, &[commit('a', "x")]).await;
        let headed = DeployRecord {
            sha: Some("a".repeat(40)),
            at: NOW,
            ..deploy(8)
        };
        let listing = DeployRecord {
            sha: None,
            at: NOW.plus_ms(5),
            ..deploy(9)
        };
        let other = DeployRecord {
            sha: None,
            ..deploy(10)
        };
        let elsewhere = DeployRecord {
            workspace_id: 2,
            id: 11,
            ..headed.clone()
        };
        for record in [&listing, &headed, &other, &elsewhere] {
            deploys::save(tx, record).await.unwrap();
        }
        commits::attach(tx, Owner::Deploy(9), &ids).await.unwrap();
        let found = deploys_of(tx, (1, ids[0]), 9).await.unwrap();
        let found: Vec<_> = found.into_iter().map(|one| one.id).collect();
        assert_eq!(found, [8, 9], "oldest first");
        assert_eq!(deploys_of(tx, (1, ids[0]), 1).await.unwrap().len(), 1);
    });
}
