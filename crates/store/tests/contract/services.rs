//! Services and their projects.

use crate::support::NOW;
use epicenter_domain::engine::Profile;
use epicenter_store::integrations::{self, NewIntegration};
use epicenter_store::services::{self, NewService};
use epicenter_store::{Database, Tx};

store_contract!(
    services_are_listed_by_name_with_their_projects,
    a_project_moves_to_the_service_that_took_it_last,
    a_service_is_deleted_with_its_projects_in_its_workspace_only,
    a_service_with_an_integration_is_used,
    a_slug_is_unique_within_a_workspace,
);

fn new(id: i64, name: &str) -> NewService {
    NewService {
        id,
        workspace_id: 1,
        name: name.to_owned(),
        slug: format!("slug-{id}"),
        is_default: id == 1,
        created_at: NOW,
    }
}

async fn create(tx: &mut Tx, id: i64, name: &str) {
    services::create(tx, &new(id, name)).await.unwrap();
}

async fn set(tx: &mut Tx, id: i64, slugs: &[&str]) {
    let slugs: Vec<String> = slugs.iter().map(|slug| String::from(*slug)).collect();
    services::set_projects(tx, 1, id, &slugs).await.unwrap();
}

async fn projects(tx: &mut Tx, id: i64) -> Vec<String> {
    services::by_id(tx, 1, id).await.unwrap().unwrap().projects
}

async fn services_are_listed_by_name_with_their_projects(database: &Database) {
    writing!(database, |tx| {
        create(tx, 1, "shop").await;
        create(tx, 2, "Pay").await;
        create(tx, 3, "api").await;
        set(tx, 2, &["b", "a"]).await;
        services::rename(tx, 3, "Zoo").await.unwrap();
        services::set_holds_transients(tx, 2, false).await.unwrap();
    });
    reading!(database, |tx| {
        let all = services::list(tx, 1).await.unwrap();
        let names: Vec<&str> = all.iter().map(|service| service.name.as_str()).collect();
        assert_eq!(names, ["Pay", "shop", "Zoo"]);
        assert_eq!(all[0].projects, ["a", "b"]);
        assert_eq!((all[0].slug.as_str(), all[0].is_default), ("slug-2", false));
        assert!(all[1].is_default);
        assert_eq!(
            (all[0].holds_transients, all[1].holds_transients),
            (false, true)
        );
        assert_eq!(
            services::by_id(tx, 1, 2).await.unwrap().as_ref(),
            all.first()
        );
        assert_eq!(services::by_id(tx, 2, 2).await.unwrap(), None);
        assert!(services::list(tx, 2).await.unwrap().is_empty());
    });
}

async fn a_project_moves_to_the_service_that_took_it_last(database: &Database) {
    writing!(database, |tx| {
        create(tx, 1, "a").await;
        create(tx, 2, "b").await;
        set(tx, 1, &["x", "y", "x"]).await;
        set(tx, 2, &["y", "z"]).await;
        assert_eq!(projects(tx, 1).await, ["x"]);
        assert_eq!(projects(tx, 2).await, ["y", "z"]);
        set(tx, 2, &[]).await;
        assert!(projects(tx, 2).await.is_empty());
        let many: Vec<String> = (100..300).map(|id| format!("p{id}")).collect();
        services::set_projects(tx, 1, 2, &many).await.unwrap();
        assert_eq!(projects(tx, 2).await, many);
    });
}

async fn a_service_is_deleted_with_its_projects_in_its_workspace_only(database: &Database) {
    writing!(database, |tx| {
        create(tx, 1, "a").await;
        create(tx, 2, "b").await;
        set(tx, 1, &["x"]).await;
        services::delete(tx, 2, 1).await.unwrap();
        assert_eq!(projects(tx, 1).await, ["x"]);
        services::delete(tx, 1, 1).await.unwrap();
        let left = services::list(tx, 1).await.unwrap();
        assert_eq!(left.iter().map(|row| row.id).collect::<Vec<_>>(), [2]);
        create(tx, 1, "again").await;
        assert!(projects(tx, 1).await.is_empty());
    });
}

async fn a_service_with_an_integration_is_used(database: &Database) {
    let integration = NewIntegration {
        id: 5,
        workspace_id: 1,
        kind: String::from("sentry"),
        name: String::from("Sentry"),
        key: String::from("key"),
        is_default: false,
        service_id: Some(1),
        is_unsigned: false,
        profile: Profile::Level,
        service_hooks_trigger: false,
        reopen_window_ms: 0,
        holds_transients: true,
        created_at: NOW,
    };
    writing!(database, |tx| {
        create(tx, 1, "a").await;
        assert!(!services::is_used(tx, 1).await.unwrap());
        integrations::create(tx, &integration).await.unwrap();
        assert!(services::is_used(tx, 1).await.unwrap());
        integrations::delete(tx, 1, 5).await.unwrap();
        assert!(!services::is_used(tx, 1).await.unwrap());
    });
}

async fn a_slug_is_unique_within_a_workspace(database: &Database) {
    let mut tx = database.write().await.unwrap();
    create(&mut tx, 1, "a").await;
    let same = NewService {
        id: 2,
        ..new(1, "b")
    };
    let elsewhere = NewService {
        id: 3,
        workspace_id: 2,
        ..new(1, "c")
    };
    services::create(&mut tx, &elsewhere).await.unwrap();
    let error = services::create(&mut tx, &same).await.unwrap_err();
    assert!(error.is_about_the_data(), "{error}");
}
