//! Organisations on Sentry hosts that are asked.

use crate::support::NOW;
use epicenter_store::Database;
use epicenter_store::sentry::connections::{self, NewConnection};

store_contract!(
    an_organisation_is_connected_once_per_integration,
    a_connection_remembers_how_far_it_came,
    a_connection_is_taken_by_one_node_only,
    the_end_of_a_token_is_kept_with_that_token,
);

fn connection(id: i64, organization: &str, token: Option<&str>) -> NewConnection {
    NewConnection {
        id,
        workspace_id: 1,
        integration_id: 7,
        base_url: "https://sentry.io".to_owned(),
        organization: organization.to_owned(),
        projects: Vec::new(),
        token: token.map(str::to_owned),
        from_environment: token.is_none(),
        created_at: NOW,
    }
}

async fn an_organisation_is_connected_once_per_integration(database: &Database) {
    let first = writing!(database, |tx| {
        let first = connections::save(tx, &connection(1, "acme", Some("a"))).await;
        let other = NewConnection {
            workspace_id: 2,
            integration_id: 8,
            ..connection(2, "acme", Some("theirs"))
        };
        connections::save(tx, &other).await.unwrap();
        connections::save(tx, &connection(3, "beta", None))
            .await
            .unwrap();
        connections::hold(tx, 1, Some(NOW)).await.unwrap();
        connections::checked(tx, 1, NOW, (Some("It may not."), Some("event:read")))
            .await
            .unwrap();
        first.unwrap()
    });
    let all = reading!(database, |tx| connections::list(tx, 1).await.unwrap());
    let told = all.iter().map(|one| {
        let token = one.token.as_deref();
        (one.organization.as_str(), token, one.from_environment)
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [("acme", Some("a"), false), ("beta", None, true)]
    );
    assert_eq!(all[0].held_until, Some(NOW));
    assert_eq!(all[0].check_fault.as_deref(), Some("It may not."));
    assert_eq!(all[0].scopes.as_deref(), Some("event:read"));
    let every = reading!(database, |tx| connections::every(tx).await.unwrap());
    assert_eq!(every.len(), 3, "of all workspaces");
    let again = writing!(database, |tx| {
        let changed = NewConnection {
            projects: vec!["shop".to_owned()],
            ..connection(4, "acme", Some("b"))
        };
        connections::save(tx, &changed).await.unwrap()
    });
    assert_eq!(again, first, "the same organisation is the same connection");
    let found = reading!(database, |tx| {
        assert_eq!(connections::by_id(tx, 2, first).await.unwrap(), None);
        connections::by_id(tx, 1, first).await.unwrap().unwrap()
    });
    assert_eq!(found.token.as_deref(), Some("b"));
    assert_eq!(found.projects, ["shop"]);
    assert_eq!(
        (found.held_until, found.check_fault.as_deref()),
        (None, None)
    );
    assert!(
        !format!("{found:?}").contains("\"b\""),
        "tokens are not shown"
    );
    let gone = writing!(database, |tx| {
        let theirs = connections::delete(tx, 1, 2).await.unwrap();
        (theirs, connections::delete(tx, 1, first).await.unwrap())
    });
    assert_eq!(gone, (false, true));
}

async fn a_connection_remembers_how_far_it_came(database: &Database) {
    let (until, later) = (NOW.plus_ms(5), NOW.plus_ms(9));
    writing!(database, |tx| {
        connections::save(tx, &connection(1, "acme", Some("a")))
            .await
            .unwrap();
        connections::advance(tx, 1, until, Some(NOW)).await.unwrap();
        connections::advance(tx, 1, later, None).await.unwrap();
        connections::save(tx, &connection(5, "acme", Some("b")))
            .await
            .unwrap();
    });
    let of = async || {
        reading!(database, |tx| {
            connections::by_id(tx, 1, 1).await.unwrap().unwrap()
        })
    };
    let found = of().await;
    assert_eq!(
        (found.synced_until, found.whole_at),
        (Some(later), Some(NOW))
    );
    writing!(database, |tx| {
        let other = NewConnection {
            projects: vec!["web".to_owned()],
            ..connection(6, "acme", Some("b"))
        };
        connections::save(tx, &other).await.unwrap();
    });
    assert_eq!(
        of().await.synced_until,
        None,
        "of the project nothing is known"
    );
}

async fn a_connection_is_taken_by_one_node_only(database: &Database) {
    let until = NOW.plus_ms(60_000);
    let longer = until.plus_ms(60_000);
    writing!(database, |tx| {
        connections::save(tx, &connection(1, "acme", Some("a")))
            .await
            .unwrap();
        for (expected, times, own) in [
            (true, (NOW, until), None),
            (false, (NOW, until), None),
            (true, (NOW, longer), Some(until)),
            (false, (NOW, longer), Some(until)),
            (true, (longer, longer.plus_ms(1)), None),
        ] {
            let taken = connections::claim(tx, 1, times, own).await.unwrap();
            assert_eq!(taken, expected, "{times:?} {own:?}");
        }
        connections::release(tx, 1, longer).await.unwrap();
    });
    let found = reading!(database, |tx| {
        connections::by_id(tx, 1, 1).await.unwrap().unwrap()
    });
    assert_eq!((found.claimed_until, found.due_at), (None, Some(longer)));
}

async fn the_end_of_a_token_is_kept_with_that_token(database: &Database) {
    let end = NOW.plus_ms(90);
    writing!(database, |tx| {
        let save = connections::save(tx, &connection(1, "acme", Some("a"))).await;
        let id = save.unwrap();
        let known = connections::by_id(tx, 1, id).await.unwrap().unwrap();
        assert_eq!(known.token_expires_at, None);
        connections::set_expiry(tx, id, Some(end)).await.unwrap();
        for (token, expected) in [("a", Some(end)), ("b", None)] {
            connections::save(tx, &connection(2, "acme", Some(token)))
                .await
                .unwrap();
            let known = connections::by_id(tx, 1, id).await.unwrap().unwrap();
            assert_eq!(known.token_expires_at, expected, "{token}");
        }
    });
}
