//! Repositories, commits, pushes, releases, deploys and code mappings.

use crate::support::NOW;
use epicenter_domain::change::{
    CommitFact, DeployStatus, FileChange, Push, ReleaseFact, ReleaseRef, RepositoryFact,
    RepositoryName,
};
use epicenter_domain::signal::Actor;
use epicenter_domain::time::Time;
use epicenter_store::changes::commits::{self, Owner};
use epicenter_store::changes::deploys::{self, DeployFilter, DeployRecord};
use epicenter_store::changes::mappings::{self, MappingRecord};
use epicenter_store::changes::pushes::{self, NewPush, PushFilter};
use epicenter_store::changes::releases::{self, ReleaseFilter};
use epicenter_store::changes::repositories;
use epicenter_store::{Database, Tx};
use std::sync::atomic::{AtomicI64, Ordering};

store_contract!(
    a_repository_is_known_by_its_name,
    a_repository_makes_the_services_that_a_person_says,
    a_commit_is_kept_once_and_completed,
    commits_are_found_by_the_beginning_of_their_name,
    the_way_of_a_commit_is_walked_back_on_its_branch,
    a_release_is_completed_and_listed,
    the_release_before_with_commits_is_of_the_same_project,
    a_deploy_is_changed_by_its_key_and_found_by_everything,
    a_proposal_never_changes_what_a_person_confirmed,
);

pub(crate) fn repository(name: &str) -> RepositoryFact {
    RepositoryFact {
        name: RepositoryName::parse(name).unwrap(),
        provider: "other",
        url: None,
        default_branch: None,
    }
}

pub(crate) fn commit(letter: char, path: &str) -> CommitFact {
    CommitFact {
        sha: String::from(letter).repeat(40),
        message: format!("Change {path}"),
        author: "Robin".to_owned(),
        author_key: "r".to_owned(),
        committed_at: Some(NOW),
        files: Some(vec![FileChange {
            path: path.to_owned(),
            ..FileChange::default()
        }]),
        ..CommitFact::default()
    }
}

pub(crate) async fn save_commits(tx: &mut Tx, repository_id: i64, all: &[CommitFact]) -> Vec<i64> {
    static IDS: AtomicI64 = AtomicI64::new(1_000);
    let next = || IDS.fetch_add(1, Ordering::Relaxed);
    commits::save(tx, (1, repository_id), all, &next, NOW)
        .await
        .unwrap()
}

pub(crate) fn push(branch: &str) -> Push {
    Push {
        repository: repository("acme/shop"),
        branch: branch.to_owned(),
        is_tag: false,
        before: None,
        after: Some("a".repeat(40)),
        commits: Vec::new(),
        total_count: Some(40),
        is_truncated: true,
        is_forced: false,
        actor: Actor::epicenter(),
        url: None,
    }
}

async fn save_push(tx: &mut Tx, id: i64, push: &Push, commit_ids: &[i64]) {
    let new = NewPush {
        id,
        workspace_id: 1,
        repository_id: 1,
        push,
        at: NOW.plus_ms(id),
        delivery_id: Some(id),
        commit_ids,
    };
    pushes::create(tx, new).await.unwrap();
}

pub(crate) fn release(version: &str, project: &str) -> ReleaseFact {
    ReleaseFact {
        version: version.to_owned(),
        projects: vec![project.to_owned()],
        repository: None,
        sha: None,
        commits: None,
        refs: Vec::new(),
        created_at: None,
        released_at: None,
        url: None,
        is_archived: None,
        actor: Actor::epicenter(),
    }
}

pub(crate) fn deploy(id: i64) -> DeployRecord {
    DeployRecord {
        id,
        workspace_id: 1,
        integration_id: None,
        dedup_key: format!("key-{id}"),
        line: "production|pshop".to_owned(),
        version: Some(format!("shop@{id}")),
        sha: Some(format!("{id:040x}")),
        environment: "production".to_owned(),
        repository_id: Some(1),
        service_id: Some(7),
        project: Some("shop".to_owned()),
        name: None,
        status: DeployStatus::Succeeded,
        started_at: None,
        finished_at: Some(NOW.plus_ms(id)),
        at: NOW.plus_ms(id),
        url: None,
        actor: "CI".to_owned(),
        previous_id: None,
        rollback_to_id: None,
        received_at: NOW,
        delivery_id: None,
    }
}

async fn a_repository_is_known_by_its_name(database: &Database) {
    let fuller = RepositoryFact {
        provider: "github",
        url: Some("https://github.com/acme/shop".to_owned()),
        default_branch: Some("main".to_owned()),
        ..repository("acme/shop")
    };
    writing!(database, |tx| {
        let first = repositories::ensure(tx, 1, &repository("acme/shop"), 1, NOW).await;
        let again = repositories::ensure(tx, 1, &fuller, 2, NOW).await;
        let poorer = repositories::ensure(tx, 1, &repository("acme/shop"), 3, NOW).await;
        let elsewhere = repositories::ensure(tx, 2, &repository("acme/shop"), 4, NOW).await;
        let ids = [first, again, poorer, elsewhere].map(Result::unwrap);
        assert_eq!(ids, [1, 1, 1, 4]);
        repositories::set_clone_path(tx, 1, Some("/srv/shop.git"))
            .await
            .unwrap();
    });
    reading!(database, |tx| {
        let all = repositories::list(tx, 1).await.unwrap();
        assert_eq!(all.len(), 1);
        let only = repositories::by_id(tx, 1, 1).await.unwrap().unwrap();
        assert_eq!(only, all[0]);
        assert_eq!((only.provider.as_str(), only.url), ("github", fuller.url));
        assert_eq!(only.default_branch.as_deref(), Some("main"));
        assert_eq!(only.clone_path.as_deref(), Some("/srv/shop.git"));
        assert!(repositories::by_id(tx, 2, 1).await.unwrap().is_none());
    });
}

async fn a_repository_makes_the_services_that_a_person_says(database: &Database) {
    writing!(database, |tx| {
        repositories::ensure(tx, 1, &repository("a/b"), 1, NOW)
            .await
            .unwrap();
        repositories::set_services(tx, 1, &[5, 7, 5]).await.unwrap();
        repositories::set_services(tx, 1, &[7, 9]).await.unwrap();
    });
    let found = reading!(database, |tx| repositories::by_id(tx, 1, 1).await.unwrap());
    assert_eq!(found.unwrap().service_ids, [7, 9]);
}

async fn a_commit_is_kept_once_and_completed(database: &Database) {
    let bare = CommitFact {
        sha: "a".repeat(40),
        message: "Fix".to_owned(),
        ..CommitFact::default()
    };
    let full = CommitFact {
        message: "Fix\n\nThis reverts commit 9fceb02d0ae5.".to_owned(),
        is_merge: Some(false),
        authored_at: Some(Time(5)),
        ..commit('a', "src/a.rs")
    };
    let (first, second, third) = writing!(database, |tx| {
        let twice = [bare.clone(), commit('b', "src/b.rs"), bare.clone()];
        let first = save_commits(tx, 1, &twice).await;
        let second = save_commits(tx, 1, std::slice::from_ref(&full)).await;
        let third = save_commits(tx, 1, std::slice::from_ref(&bare)).await;
        (first, second, third)
    });
    assert_eq!(first.len(), 3);
    assert_eq!(first[0], first[2], "given twice, kept once");
    assert!(first[0] < first[1], "ids in the order given");
    assert_eq!((first[0], first[0]), (second[0], third[0]));
    reading!(database, |tx| {
        let found = commits::by_ids(tx, &[first[1], first[0], 99])
            .await
            .unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].fact, commit('b', "src/b.rs"));
        assert_eq!(found[1].fact, full, "the poorer news takes nothing away");
        assert_eq!(found[1].reverts_sha.as_deref(), Some("9fceb02d0ae5"));
    });
    // The same name in another repository is another commit.
    let other = writing!(database, |tx| save_commits(tx, 2, &[bare]).await);
    assert_ne!(other[0], first[0]);
}

async fn commits_are_found_by_the_beginning_of_their_name(database: &Database) {
    writing!(database, |tx| {
        let all: Vec<CommitFact> = ('a'..='f').map(|letter| commit(letter, "x")).collect();
        save_commits(tx, 1, &all).await;
    });
    reading!(database, |tx| {
        for (name, found) in [
            ("ccccccc", true),
            ("cccccca", false),
            (&*"c".repeat(40), true),
        ] {
            let commit = commits::by_sha(tx, 1, name).await.unwrap();
            assert_eq!(commit.is_some(), found, "{name}");
            assert!(commit.is_none_or(|it| it.fact.sha == "c".repeat(40)));
        }
        assert!(commits::by_sha(tx, 2, "ccccccc").await.unwrap().is_none());
        let names = ["e", "z", "b", "e"].map(|letter| letter.repeat(40));
        let mut found = commits::by_shas(tx, 1, &names).await.unwrap();
        found.sort_by(|one, other| one.fact.sha.cmp(&other.fact.sha));
        let shas: Vec<&str> = found.iter().map(|one| one.fact.sha.as_str()).collect();
        assert_eq!(shas, ["b".repeat(40), "e".repeat(40)]);
        assert!(commits::by_shas(tx, 2, &names).await.unwrap().is_empty());
        assert!(commits::by_shas(tx, 1, &[]).await.unwrap().is_empty());
    });
}

async fn the_way_of_a_commit_is_walked_back_on_its_branch(database: &Database) {
    let ids = writing!(database, |tx| {
        repositories::ensure(tx, 1, &repository("acme/shop"), 1, NOW)
            .await
            .unwrap();
        let all: Vec<CommitFact> = ('a'..='f').map(|letter| commit(letter, "x")).collect();
        let ids = save_commits(tx, 1, &all).await;
        save_push(tx, 11, &push("main"), &[ids[1], ids[0]]).await;
        save_push(tx, 12, &push("feature"), &[ids[3], ids[2]]).await;
        save_push(tx, 13, &push("main"), &[ids[3], ids[2]]).await;
        save_push(tx, 14, &push("main"), &[ids[4]]).await;
        ids
    });
    reading!(database, |tx| {
        let way = pushes::back_from(tx, 1, ids[3], 10).await.unwrap();
        let way: Vec<i64> = way.iter().map(|push| push.id).collect();
        assert_eq!(way, [13, 11], "main, not the branch it was first seen on");
        assert_eq!(pushes::back_from(tx, 1, ids[4], 2).await.unwrap().len(), 2);
        assert_eq!(pushes::back_from(tx, 1, ids[5], 10).await.unwrap(), []);
        let of_push = commits::ids_of(tx, Owner::Push(13), 1).await.unwrap();
        assert_eq!(of_push, [ids[3]], "newest first, no more than asked for");
        let newest = commits::newest(tx, 1, 3).await.unwrap();
        assert_eq!(newest[0].id, ids[4]);
        let first = pushes::list(tx, 1, &PushFilter::default(), (None, 3))
            .await
            .unwrap();
        let rest = pushes::list(
            tx,
            1,
            &PushFilter::default(),
            (first.next_cursor.as_deref(), 3),
        )
        .await
        .unwrap();
        assert_eq!((first.items.len(), rest.items.len()), (3, 1));
        for (repository_id, q, expected) in [
            (1, "FEAT", 1),
            (1, "aaaa", 4),
            (1, "50%", 0),
            (2, "main", 0),
        ] {
            let filter = PushFilter {
                repository_id: Some(repository_id),
                q: Some(q.to_owned()),
            };
            let found = pushes::list(tx, 1, &filter, (None, 9)).await.unwrap();
            assert_eq!(found.items.len(), expected, "{repository_id} {q}");
        }
        let last = pushes::last_of_each(tx, 1).await.unwrap();
        assert_eq!(last.iter().map(|push| push.id).collect::<Vec<_>>(), [14]);
        let stored = pushes::by_ids(tx, &[11, 14]).await.unwrap();
        assert_eq!((stored[0].id, stored[1].id), (14, 11));
        assert_eq!(
            (stored[1].commit_count, stored[1].total_count),
            (2, Some(40))
        );
        assert!(stored[1].is_truncated);
    });
}

async fn a_release_is_completed_and_listed(database: &Database) {
    let mut fact = release("shop@1", "shop");
    writing!(database, |tx| {
        assert_eq!(
            releases::ensure(tx, (1, None), &fact, 5, NOW)
                .await
                .unwrap(),
            5
        );
        fact.released_at = Some(NOW.plus_ms(9));
        fact.refs = vec![ReleaseRef {
            repository: "acme/shop".to_owned(),
            sha: "abcdef0".to_owned(),
            previous_sha: Some("1234567".to_owned()),
        }];
        fact.projects.push("web".to_owned());
        fact.is_archived = Some(true);
        assert_eq!(
            releases::ensure(tx, (1, Some(3)), &fact, 6, NOW)
                .await
                .unwrap(),
            5
        );
        fact.is_archived = None;
        assert_eq!(
            releases::ensure(tx, (1, None), &fact, 7, NOW)
                .await
                .unwrap(),
            5
        );
        releases::set_has_commits(tx, 5, true, Some("fedcba9"))
            .await
            .unwrap();
        commits::attach(tx, Owner::Release(5), &[3, 2, 1])
            .await
            .unwrap();
        commits::attach(tx, Owner::Release(5), &[4, 2])
            .await
            .unwrap();
        releases::ensure(tx, (1, None), &release("api_1", "api"), 8, NOW.plus_ms(1))
            .await
            .unwrap();
    });
    reading!(database, |tx| {
        let found = releases::by_version(tx, 1, "shop@1")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (found.repository_id, found.sha.as_deref()),
            (Some(3), Some("fedcba9"))
        );
        assert_eq!(found.previous_sha.as_deref(), Some("1234567"));
        assert!(found.is_archived && found.has_commits);
        assert_eq!(releases::projects(tx, 5).await.unwrap(), ["shop", "web"]);
        assert_eq!(
            commits::ids_of(tx, Owner::Release(5), 9).await.unwrap(),
            [4, 2]
        );
    });
    releases_are_filtered(database).await;
    a_release_is_forgotten(database).await;
}

async fn a_release_is_forgotten(database: &Database) {
    writing!(database, |tx| releases::delete(tx, 5).await.unwrap());
    reading!(database, |tx| {
        assert!(
            releases::by_version(tx, 1, "shop@1")
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(
            commits::ids_of(tx, Owner::Release(5), 9).await.unwrap(),
            [0; 0]
        );
    });
}

async fn releases_are_filtered(database: &Database) {
    reading!(database, |tx| {
        for (project, q, expected) in [
            (None, None, vec![8, 5]),
            (Some("web"), None, vec![5]),
            (None, Some("API_"), vec![8]),
            (Some("web"), Some("api"), vec![]),
        ] {
            let filter = ReleaseFilter {
                project: project.map(str::to_owned),
                q: q.map(str::to_owned),
            };
            let page = releases::list(tx, 1, &filter, (None, 10)).await.unwrap();
            let ids: Vec<i64> = page.items.iter().map(|release| release.id).collect();
            assert_eq!(ids, expected, "{filter:?}");
        }
    });
}

async fn the_release_before_with_commits_is_of_the_same_project(database: &Database) {
    writing!(database, |tx| {
        for (id, project, has_commits) in [
            (1, "shop", true),
            (2, "api", true),
            (3, "shop", false),
            (4, "shop", false),
        ] {
            let fact = release(&format!("v{id}"), project);
            releases::ensure(tx, (1, None), &fact, id, NOW.plus_ms(id))
                .await
                .unwrap();
            releases::set_has_commits(tx, id, has_commits, None)
                .await
                .unwrap();
        }
    });
    reading!(database, |tx| {
        let newest = releases::by_version(tx, 1, "v4").await.unwrap().unwrap();
        let before = releases::previous_with_commits(tx, &newest).await.unwrap();
        assert_eq!(before.map(|release| release.id), Some(1));
        let first = releases::by_version(tx, 1, "v1").await.unwrap().unwrap();
        assert_eq!(
            releases::previous_with_commits(tx, &first).await.unwrap(),
            None
        );
    });
}

async fn a_deploy_is_changed_by_its_key_and_found_by_everything(database: &Database) {
    let changed = DeployRecord {
        status: DeployStatus::Failed,
        name: Some("Nightly".to_owned()),
        ..deploy(2)
    };
    writing!(database, |tx| {
        for id in 1..=4 {
            deploys::save(tx, &deploy(id)).await.unwrap();
        }
        let again = DeployRecord {
            id: 99,
            ..changed.clone()
        };
        deploys::save(tx, &again).await.unwrap();
        let staging = DeployRecord {
            environment: "staging".to_owned(),
            line: "staging|pshop".to_owned(),
            service_id: None,
            ..deploy(5)
        };
        deploys::save(tx, &staging).await.unwrap();
    });
    reading!(database, |tx| {
        assert_eq!(
            deploys::by_key(tx, 1, "key-2").await.unwrap(),
            Some(changed.clone())
        );
        assert_eq!(deploys::by_id(tx, 1, 2).await.unwrap(), Some(changed));
        assert_eq!(deploys::by_id(tx, 2, 2).await.unwrap(), None);
        let ids = |found: Vec<DeployRecord>| -> Vec<i64> {
            found.iter().map(|deploy| deploy.id).collect()
        };
        let line = deploys::of_line(tx, 1, "production|pshop", NOW.plus_ms(3), 2)
            .await
            .unwrap();
        assert_eq!(ids(line), [3, 2]);
        let next = deploys::next_of_line(tx, &deploy(1))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(next.id, 3, "what failed was never live");
        assert_eq!(deploys::next_of_line(tx, &deploy(4)).await.unwrap(), None);
        assert_eq!(
            ids(deploys::of_version(tx, 1, "shop@3", 5).await.unwrap()),
            [3]
        );
        let sha = format!("{:040x}", 4);
        assert_eq!(ids(deploys::of_sha(tx, 1, &sha, 5).await.unwrap()), [4]);
        let span = (NOW.plus_ms(2), NOW.plus_ms(4));
        let any = DeployFilter::default();
        let newest = deploys::between(tx, 1, &any, span, 2).await.unwrap();
        assert_eq!(ids(newest), [4, 3]);
    });
    deploys_are_filtered(database).await;
}

#[expect(clippy::too_many_lines, reason = "one story")]
async fn deploys_are_filtered(database: &Database) {
    let ids =
        |found: Vec<DeployRecord>| -> Vec<i64> { found.iter().map(|deploy| deploy.id).collect() };
    reading!(database, |tx| {
        let all = DeployFilter::default();
        for (filter, expected) in [
            (all.clone(), vec![5, 4, 3, 2, 1]),
            (
                DeployFilter {
                    environment: Some("staging".to_owned()),
                    ..all.clone()
                },
                vec![5],
            ),
            (
                DeployFilter {
                    service_id: Some(7),
                    ..all.clone()
                },
                vec![4, 3, 2, 1],
            ),
            (
                DeployFilter {
                    repository_id: Some(2),
                    ..all.clone()
                },
                vec![],
            ),
            (
                DeployFilter {
                    status: Some(DeployStatus::Failed),
                    ..all.clone()
                },
                vec![2],
            ),
            (
                DeployFilter {
                    q: Some("NIGHT".to_owned()),
                    ..all.clone()
                },
                vec![2],
            ),
            (
                DeployFilter {
                    version: Some("shop@3".to_owned()),
                    ..all.clone()
                },
                vec![3],
            ),
            (
                DeployFilter {
                    project: Some("web".to_owned()),
                    ..all.clone()
                },
                vec![],
            ),
        ] {
            let page = deploys::list(tx, 1, &filter, (None, 10)).await.unwrap();
            assert_eq!(ids(page.items), expected, "{filter:?}");
            let span = (NOW, NOW.plus_ms(9));
            let first = deploys::between(tx, 1, &filter, span, 1).await.unwrap();
            assert_eq!(ids(first), expected.get(..1).unwrap_or_default());
        }
        let first = deploys::list(tx, 1, &all, (None, 3)).await.unwrap();
        let page = (first.next_cursor.as_deref(), 3);
        assert_eq!(
            ids(deploys::list(tx, 1, &all, page).await.unwrap().items),
            [2, 1]
        );
    });
}

async fn a_proposal_never_changes_what_a_person_confirmed(database: &Database) {
    let proposal = |id: i64, source_prefix: &str| MappingRecord {
        id,
        workspace_id: 1,
        project: "shop".to_owned(),
        repository_id: 1,
        stack_prefix: "/app/".to_owned(),
        source_prefix: source_prefix.to_owned(),
        is_confirmed: false,
        match_count: id,
        created_at: NOW,
    };
    writing!(database, |tx| {
        mappings::save(tx, &proposal(1, "a/")).await.unwrap();
        mappings::save(tx, &proposal(2, "b/")).await.unwrap();
        let kept = mappings::list(tx, 1).await.unwrap();
        assert_eq!(
            (kept.len(), kept[0].id, kept[0].source_prefix.as_str()),
            (1, 1, "b/")
        );
        assert!(mappings::confirm(tx, 1, 1).await.unwrap());
        assert!(
            !mappings::confirm(tx, 2, 1).await.unwrap(),
            "another workspace"
        );
        mappings::save(tx, &proposal(3, "c/")).await.unwrap();
    });
    writing!(database, |tx| {
        let kept = mappings::list(tx, 1).await.unwrap();
        assert_eq!(kept[0].source_prefix, "b/");
        assert!(kept[0].is_confirmed);
        assert!(mappings::delete(tx, 1, 1).await.unwrap());
        assert!(!mappings::delete(tx, 1, 1).await.unwrap());
    });
}
