//! Code hosts, and pushes that wait for the rest of their commits.

use crate::changes::{commit, repository, save_commits};
use crate::support::NOW;
use epicenter_domain::change::Push;
use epicenter_domain::signal::Actor;
use epicenter_store::Database;
use epicenter_store::changes::code_hosts::{self, CodeHostRecord};
use epicenter_store::changes::commits::{self, Owner};
use epicenter_store::changes::cut_pushes;
use epicenter_store::changes::pushes::{self, NewPush};
use epicenter_store::changes::repositories;

store_contract!(
    a_place_on_a_code_host_is_kept_once,
    a_cut_push_waits_until_it_is_complete,
    a_cut_push_is_taken_by_one_node_only,
    what_an_old_question_learnt_changes_nothing,
    a_limit_holds_for_the_token_that_was_asked_with,
    a_push_gets_the_commits_it_has_in_truth,
);

fn host(id: i64, place: &str, token: &str) -> CodeHostRecord {
    CodeHostRecord {
        id,
        workspace_id: 1,
        place: place.to_owned(),
        provider: "github".to_owned(),
        api_url: "https://api.github.com".to_owned(),
        token: token.to_owned(),
        held_until: None,
        created_at: NOW.0,
    }
}

async fn a_place_on_a_code_host_is_kept_once(database: &Database) {
    let ids = writing!(database, |tx| {
        let first = code_hosts::save(tx, &host(1, "github.com", "a"))
            .await
            .unwrap();
        let asked = host(first, "github.com", "a");
        code_hosts::hold(tx, &asked, NOW).await.unwrap();
        let other = CodeHostRecord {
            workspace_id: 2,
            ..host(2, "github.com", "theirs")
        };
        code_hosts::save(tx, &other).await.unwrap();
        code_hosts::save(tx, &host(3, "git.acme.example", "c"))
            .await
            .unwrap();
        [first]
    });
    let all = reading!(database, |tx| code_hosts::list(tx, 1).await.unwrap());
    let held = all.iter().map(|one| (one.place.as_str(), one.held_until));
    assert_eq!(
        held.collect::<Vec<_>>(),
        [("git.acme.example", None), ("github.com", Some(NOW.0))]
    );
    let again = writing!(database, |tx| {
        code_hosts::save(tx, &host(4, "github.com", "b"))
            .await
            .unwrap()
    });
    assert_eq!([again], ids, "the same place is the same one");
    let all = reading!(database, |tx| code_hosts::list(tx, 1).await.unwrap());
    assert_eq!(all[1].token, "b");
    assert_eq!(all[1].held_until, None, "another token may ask again");
    assert!(!format!("{:?}", host(1, "p", "glpat-secret")).contains("secret"));
    let gone = writing!(database, |tx| {
        let mine = code_hosts::delete(tx, 1, again).await.unwrap();
        let theirs = code_hosts::delete(tx, 1, 2).await.unwrap();
        (mine, theirs)
    });
    assert_eq!(gone, (true, false));
}

async fn a_cut_push_waits_until_it_is_complete(database: &Database) {
    writing!(database, |tx| {
        for (id, wait) in [(1, 50), (2, 10), (3, 5_000)] {
            let at = NOW.plus_ms(wait);
            cut_pushes::enqueue(tx, 1, id, at).await.unwrap();
        }
        cut_pushes::enqueue(tx, 1, 2, NOW.plus_ms(9_000))
            .await
            .unwrap();
        cut_pushes::enqueue(tx, 2, 4, NOW).await.unwrap();
    });
    let later = NOW.plus_ms(100);
    let due = reading!(database, |tx| {
        cut_pushes::due(tx, later, 9).await.unwrap()
    });
    let ids: Vec<i64> = due.iter().map(|one| one.push_id).collect();
    assert_eq!(ids, [4, 2, 1], "the longest wait first");
    writing!(database, |tx| {
        let noted = cut_pushes::put_off(tx, &due[2], (None, 3), "No token.").await;
        assert!(noted.unwrap());
        cut_pushes::remove(tx, 2).await.unwrap();
    });
    let due = reading!(database, |tx| {
        cut_pushes::due(tx, NOW.plus_ms(900_000), 1).await.unwrap()
    });
    assert_eq!(due[0].push_id, 4);
    let all = reading!(database, |tx| cut_pushes::list(tx, 1, 9).await.unwrap());
    let told: Vec<_> = all
        .iter()
        .map(|one| (one.push_id, one.attempt_count, one.fault.as_deref()))
        .collect();
    assert_eq!(told, [(3, 0, None), (1, 3, Some("No token."))]);
    writing!(database, |tx| cut_pushes::wake(tx, 1, NOW).await.unwrap());
    let all = reading!(database, |tx| cut_pushes::list(tx, 1, 9).await.unwrap());
    let woken = |one: &cut_pushes::CutPush| one.due_at == Some(NOW.0) && one.attempt_count == 0;
    assert!(all.iter().all(woken), "{all:?}");
}

async fn a_cut_push_is_taken_by_one_node_only(database: &Database) {
    writing!(database, |tx| {
        cut_pushes::enqueue(tx, 1, 1, NOW).await.unwrap();
    });
    let due = reading!(database, |tx| cut_pushes::due(tx, NOW, 1).await.unwrap());
    let until = NOW.plus_ms(60_000);
    for expected in [true, false] {
        let taken = writing!(database, |tx| {
            cut_pushes::claim(tx, &due[0], until).await.unwrap()
        });
        assert_eq!(taken.is_some(), expected);
    }
    let due = reading!(database, |tx| cut_pushes::due(tx, NOW, 9).await.unwrap());
    assert_eq!(due, [], "it is taken");
    let due = reading!(database, |tx| cut_pushes::due(tx, until, 9).await.unwrap());
    assert_eq!(due.len(), 1, "whoever took it may have ended");
}

async fn what_an_old_question_learnt_changes_nothing(database: &Database) {
    writing!(database, |tx| {
        cut_pushes::enqueue(tx, 1, 1, NOW).await.unwrap();
    });
    let due = reading!(database, |tx| cut_pushes::due(tx, NOW, 1).await.unwrap());
    let until = NOW.plus_ms(60_000);
    let taken = writing!(database, |tx| {
        cut_pushes::claim(tx, &due[0], until)
            .await
            .unwrap()
            .unwrap()
    });
    assert_eq!((taken.due_at, taken.claim_count), (Some(until.0), 1));
    // Somebody saves another token while the host is asked.
    let later = NOW.plus_ms(5);
    writing!(database, |tx| cut_pushes::wake(tx, 1, later).await.unwrap());
    let put_off = writing!(database, |tx| {
        cut_pushes::put_off(tx, &taken, (None, 1), "It does not let us in.")
            .await
            .unwrap()
    });
    assert!(!put_off);
    let due = reading!(database, |tx| cut_pushes::due(tx, later, 9).await.unwrap());
    assert_eq!(due.len(), 1, "it is asked again");
    assert_eq!((due[0].attempt_count, due[0].fault.as_deref()), (0, None));
    // What is learnt of the new one holds.
    let put_off = writing!(database, |tx| {
        let taken = cut_pushes::claim(tx, &due[0], until).await.unwrap();
        cut_pushes::put_off(tx, &taken.unwrap(), (None, 1), "Nor with that.")
            .await
            .unwrap()
    });
    assert!(put_off);
    let all = reading!(database, |tx| cut_pushes::list(tx, 1, 9).await.unwrap());
    assert_eq!(all[0].due_at, None);
}

async fn a_limit_holds_for_the_token_that_was_asked_with(database: &Database) {
    let old = host(1, "github.com", "old");
    let held = async |wanted: &CodeHostRecord| {
        writing!(database, |tx| {
            code_hosts::save(tx, wanted).await.unwrap();
            code_hosts::hold(tx, &old, NOW).await.unwrap();
        });
        let all = reading!(database, |tx| code_hosts::list(tx, 1).await.unwrap());
        all[0].held_until
    };
    assert_eq!(held(&old).await, Some(NOW.0));
    assert_eq!(held(&host(1, "github.com", "new")).await, None);
    let moved = CodeHostRecord {
        api_url: "https://github.acme.example/api/v3".to_owned(),
        ..old.clone()
    };
    assert_eq!(held(&moved).await, None, "another host was not asked");
}

async fn a_push_gets_the_commits_it_has_in_truth(database: &Database) {
    let push = Push {
        repository: repository("acme/shop"),
        branch: "main".to_owned(),
        is_tag: false,
        before: Some("0a".repeat(20)),
        after: Some("c".repeat(40)),
        commits: Vec::new(),
        total_count: Some(3),
        is_truncated: true,
        is_forced: false,
        actor: Actor::epicenter(),
        url: None,
    };
    let all: Vec<_> = ['a', 'b', 'c'].map(|one| commit(one, "x.py")).into();
    writing!(database, |tx| {
        let mut ids = save_commits(tx, 7, &all).await;
        ids.reverse();
        let new = NewPush {
            id: 70,
            workspace_id: 1,
            repository_id: 7,
            push: &push,
            at: NOW,
            delivery_id: None,
            commit_ids: &ids[..1],
        };
        pushes::create(tx, new).await.unwrap();
        pushes::complete(tx, 70, &ids, false).await.unwrap();
        let kept = commits::ids_of(tx, Owner::Push(70), 9).await.unwrap();
        assert_eq!(kept, ids, "newest first");
    });
    let known = writing!(database, |tx| {
        for (name, id) in [("acme/shop", 7), ("acme/web", 8)] {
            let fact = repository(name);
            repositories::ensure(tx, 1, &fact, id, NOW).await.unwrap();
        }
        repositories::with_commits(tx, 1).await.unwrap()
    });
    assert_eq!(known.into_iter().collect::<Vec<_>>(), [7]);
    let found = reading!(database, |tx| pushes::by_ids(tx, &[70]).await.unwrap());
    assert_eq!((found[0].commit_count, found[0].is_truncated), (3, false));
}
