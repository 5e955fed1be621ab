//! People, their sessions, and API tokens.

use crate::support::NOW;
use epicenter_domain::time::Time;
use epicenter_store::sessions::{self, NewSession};
use epicenter_store::tokens::{self, NewToken};
use epicenter_store::users::{self, NewUser, Role};
use epicenter_store::{Database, Tx};

store_contract!(
    people_are_listed_by_name_and_found_by_login,
    what_people_change_is_kept,
    an_account_is_deleted_in_its_workspace_only,
    a_session_ends,
    ended_sessions_are_removed,
    a_token_is_void_when_it_expired_or_was_revoked,
);

fn user(id: i64, name: &str) -> NewUser {
    NewUser {
        id,
        workspace_id: 1,
        email: format!("{}@example.org", name.to_lowercase()),
        name: name.to_owned(),
        role: Role::Responder,
        password_hash: String::from("hash"),
        created_at: NOW,
    }
}

async fn add(tx: &mut Tx, id: i64, name: &str) {
    users::create(tx, &user(id, name)).await.unwrap();
}

async fn start(tx: &mut Tx, hash: u8, user_id: i64, expires_at: Time) {
    let session = NewSession {
        hash: vec![hash; 32],
        user_id,
        csrf: format!("csrf-{hash}"),
        created_at: NOW,
        expires_at,
    };
    sessions::create(tx, &session).await.unwrap();
}

async fn finds(tx: &mut Tx, hash: u8, now: Time) -> Option<(String, i64)> {
    let found = sessions::find(tx, &[hash; 32], now).await.unwrap();
    found.map(|(session, user)| (session.csrf, user.id))
}

async fn people_are_listed_by_name_and_found_by_login(database: &Database) {
    writing!(database, |tx| {
        assert_eq!(users::count(tx).await.unwrap(), 0);
        add(tx, 1, "zoe").await;
        add(tx, 2, "Ann").await;
        add(tx, 3, "mika").await;
        assert_eq!(users::count(tx).await.unwrap(), 3);
        let all = users::list(tx, 1).await.unwrap();
        let names: Vec<&str> = all.iter().map(|user| user.name.as_str()).collect();
        assert_eq!(names, ["Ann", "mika", "zoe"]);
        assert!(users::list(tx, 2).await.unwrap().is_empty());

        let ann = users::by_email(tx, "ann@example.org")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (ann.id, ann.role, ann.bell_read_at),
            (2, Role::Responder, NOW)
        );
        assert!(users::by_id(tx, 2).await.unwrap() == Some(ann));
        for stranger in ["", "ANN", "ann@example.org\0", "' OR 1=1 --"] {
            assert!(users::by_email(tx, stranger).await.unwrap().is_none());
        }
        assert!(users::by_id(tx, 9).await.unwrap().is_none());
    });
    let mut tx = database.write().await.unwrap();
    let again = users::create(&mut tx, &user(4, "ANN")).await.unwrap_err();
    assert!(again.is_about_the_data(), "{again}");
}

async fn what_people_change_is_kept(database: &Database) {
    writing!(database, |tx| {
        add(tx, 1, "Ann").await;
        users::set_password(tx, 1, "other").await.unwrap();
        users::set_bell_read(tx, 1, NOW.plus_ms(5)).await.unwrap();
        assert!(users::set_role(tx, 1, 1, Role::Admin).await.unwrap());
        assert!(!users::set_role(tx, 2, 1, Role::Viewer).await.unwrap());
        assert!(!users::set_role(tx, 1, 7, Role::Viewer).await.unwrap());
    });
    reading!(database, |tx| {
        let ann = users::by_id(tx, 1).await.unwrap().unwrap();
        assert_eq!(
            (ann.password_hash.as_str(), ann.role),
            ("other", Role::Admin)
        );
        assert_eq!(ann.bell_read_at, NOW.plus_ms(5));
    });
}

async fn an_account_is_deleted_in_its_workspace_only(database: &Database) {
    writing!(database, |tx| {
        add(tx, 1, "Ann").await;
        start(tx, 1, 1, NOW.plus_ms(9)).await;
        users::delete(tx, 2, 1).await.unwrap();
        assert!(finds(tx, 1, NOW).await.is_some());
        users::delete(tx, 1, 1).await.unwrap();
        assert!(users::by_id(tx, 1).await.unwrap().is_none());
        assert_eq!(finds(tx, 1, NOW).await, None);
    });
}

async fn a_session_ends(database: &Database) {
    let end = NOW.plus_ms(10);
    writing!(database, |tx| {
        add(tx, 1, "Ann").await;
        add(tx, 2, "Bo").await;
        start(tx, 1, 1, end).await;
        start(tx, 2, 1, end).await;
        start(tx, 3, 2, end).await;
        let valid = Some((String::from("csrf-1"), 1));
        assert_eq!(finds(tx, 1, NOW.plus_ms(9)).await, valid);
        assert_eq!(finds(tx, 1, end).await, None);
        assert_eq!(finds(tx, 9, NOW).await, None);
        sessions::delete(tx, &[1; 32]).await.unwrap();
        assert_eq!(finds(tx, 1, NOW).await, None);
        sessions::delete_of_user(tx, 1).await.unwrap();
        assert_eq!(finds(tx, 2, NOW).await, None);
        assert!(finds(tx, 3, NOW).await.is_some());
    });
}

async fn ended_sessions_are_removed(database: &Database) {
    writing!(database, |tx| {
        add(tx, 1, "Ann").await;
        for hash in 1..=4 {
            start(tx, hash, 1, NOW.plus_ms(hash.into())).await;
        }
        let gone = sessions::delete_ended(tx, NOW.plus_ms(3)).await.unwrap();
        assert_eq!(gone, 3);
        assert!(finds(tx, 3, NOW).await.is_none());
        assert!(finds(tx, 4, NOW).await.is_some());
    });
}

async fn a_token_is_void_when_it_expired_or_was_revoked(database: &Database) {
    let token = |id: u8, expires_at| NewToken {
        id: id.into(),
        workspace_id: 1,
        name: format!("Token {id}"),
        role: Role::Viewer,
        hash: vec![id; 32],
        hint: String::from("ep_1234"),
        created_at: NOW,
        expires_at,
    };
    writing!(database, |tx| {
        let end = NOW.plus_ms(10);
        tokens::create(tx, &token(1, None)).await.unwrap();
        tokens::create(tx, &token(2, Some(end))).await.unwrap();
        let all = tokens::list(tx, 1).await.unwrap();
        assert_eq!(all.iter().map(|row| row.id).collect::<Vec<_>>(), [2, 1]);
        assert!(tokens::list(tx, 2).await.unwrap().is_empty());

        let found = tokens::find(tx, &[2; 32], NOW).await.unwrap().unwrap();
        assert_eq!(found, all[0]);
        assert_eq!((found.hint.as_str(), found.role), ("ep_1234", Role::Viewer));
        assert_eq!((found.expires_at, found.last_used_at), (Some(end), None));
        assert_eq!(tokens::find(tx, &[2; 32], end).await.unwrap(), None);
        assert_eq!(tokens::find(tx, &[3; 32], NOW).await.unwrap(), None);

        tokens::touch(tx, 1, NOW.plus_ms(4)).await.unwrap();
        let found = tokens::find(tx, &[1; 32], Time(i64::MAX)).await.unwrap();
        assert_eq!(found.unwrap().last_used_at, Some(NOW.plus_ms(4)));
        assert!(!tokens::revoke(tx, 2, 1).await.unwrap());
        assert!(tokens::revoke(tx, 1, 1).await.unwrap());
        assert!(!tokens::revoke(tx, 1, 1).await.unwrap());
        assert_eq!(tokens::find(tx, &[1; 32], NOW).await.unwrap(), None);
    });
}
