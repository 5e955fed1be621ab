//! Push URLs and their secrets.

use crate::support::NOW;
use epicenter_domain::engine::Profile;
use epicenter_domain::signal::InstallationFact;
use epicenter_domain::time::{HOUR_MS, Time};
use epicenter_store::integrations::{self, IntegrationRecord, NewIntegration, NewSecret};
use epicenter_store::{Database, Tx};

store_contract!(
    an_integration_comes_back_and_can_be_changed,
    a_key_belongs_to_one_integration,
    an_integration_is_deleted_with_its_secrets_in_its_workspace_only,
    secrets_expire_and_go,
    the_door_knows_every_integration_with_its_secrets,
    an_installation_is_noted,
);

fn new(id: i64) -> NewIntegration {
    NewIntegration {
        id,
        workspace_id: 1,
        kind: String::from("sentry"),
        name: format!("Sentry {id}"),
        key: format!("key-{id}"),
        is_default: id == 2,
        service_id: None,
        is_unsigned: false,
        profile: Profile::Level,
        service_hooks_trigger: true,
        reopen_window_ms: HOUR_MS,
        holds_transients: true,
        created_at: NOW,
    }
}

fn record(new: &NewIntegration) -> IntegrationRecord {
    IntegrationRecord {
        id: new.id,
        workspace_id: new.workspace_id,
        kind: new.kind.clone(),
        name: new.name.clone(),
        key: new.key.clone(),
        is_default: new.is_default,
        service_id: new.service_id,
        is_unsigned: new.is_unsigned,
        profile: new.profile,
        service_hooks_trigger: new.service_hooks_trigger,
        reopen_window_ms: new.reopen_window_ms,
        holds_transients: new.holds_transients,
        organization: None,
        uninstalled_at: None,
        created_at: new.created_at,
    }
}

fn secret(id: i64, integration_id: i64, expires_at: Option<Time>) -> NewSecret {
    NewSecret {
        id,
        integration_id,
        label: format!("Secret {id}"),
        value: format!("value-{id}"),
        created_at: NOW,
        expires_at,
    }
}

async fn add_secrets(tx: &mut Tx, secrets: &[NewSecret]) {
    for secret in secrets {
        integrations::add_secret(tx, secret).await.unwrap();
    }
}

async fn an_integration_comes_back_and_can_be_changed(database: &Database) {
    let foreign = NewIntegration {
        workspace_id: 2,
        ..new(9)
    };
    writing!(database, |tx| {
        for new in [new(1), new(2), new(3), foreign] {
            integrations::create(tx, &new).await.unwrap();
        }
    });
    reading!(database, |tx| {
        let all = integrations::list(tx, 1).await.unwrap();
        let expected = [2, 1, 3].map(|id| record(&new(id)));
        assert_eq!(all, expected);
        assert_eq!(integrations::by_id(tx, 1, 9).await.unwrap(), None);
    });
    let changed = IntegrationRecord {
        name: String::from("Other"),
        service_id: Some(4),
        is_unsigned: true,
        profile: Profile::Flashduty,
        service_hooks_trigger: false,
        reopen_window_ms: 5,
        holds_transients: false,
        ..record(&new(1))
    };
    let kept = writing!(database, |tx| {
        integrations::update(tx, &changed).await.unwrap();
        integrations::by_id(tx, 1, 1).await.unwrap()
    });
    assert_eq!(kept, Some(changed));
}

async fn a_key_belongs_to_one_integration(database: &Database) {
    let second = NewIntegration {
        key: new(1).key,
        ..new(2)
    };
    let mut tx = database.write().await.unwrap();
    integrations::create(&mut tx, &new(1)).await.unwrap();
    let error = integrations::create(&mut tx, &second).await.unwrap_err();
    assert!(error.is_about_the_data(), "{error}");
}

async fn an_integration_is_deleted_with_its_secrets_in_its_workspace_only(database: &Database) {
    writing!(database, |tx| {
        integrations::create(tx, &new(1)).await.unwrap();
        integrations::create(tx, &new(2)).await.unwrap();
        add_secrets(tx, &[secret(1, 1, None), secret(2, 2, None)]).await;
        integrations::delete(tx, 2, 1).await.unwrap();
        assert_eq!(integrations::list(tx, 1).await.unwrap().len(), 2);
        assert_eq!(integrations::list_secrets(tx, 1).await.unwrap().len(), 1);
        integrations::delete(tx, 1, 1).await.unwrap();
        assert_eq!(integrations::list(tx, 1).await.unwrap().len(), 1);
        assert!(integrations::list_secrets(tx, 1).await.unwrap().is_empty());
        assert_eq!(integrations::list_secrets(tx, 2).await.unwrap().len(), 1);
    });
}

async fn secrets_expire_and_go(database: &Database) {
    let at = NOW.plus_ms(1_000);
    let (before, after) = (NOW.plus_ms(1), NOW.plus_ms(9_000));
    writing!(database, |tx| {
        let mine = [
            secret(1, 1, None),
            secret(2, 1, Some(before)),
            secret(3, 1, Some(after)),
        ];
        add_secrets(tx, &mine).await;
        add_secrets(tx, &[secret(4, 2, None)]).await;
        integrations::expire_secrets(tx, 1, at).await.unwrap();
        let secrets = integrations::list_secrets(tx, 1).await.unwrap();
        let ends: Vec<_> = secrets
            .iter()
            .map(|kept| (kept.id, kept.expires_at))
            .collect();
        assert_eq!(ends, [(3, Some(at)), (2, Some(before)), (1, Some(at))]);
        assert_eq!(secrets[0].label, "Secret 3");
        let others = integrations::list_secrets(tx, 2).await.unwrap();
        assert_eq!(others[0].expires_at, None);

        assert!(integrations::remove_secret(tx, 1, 2).await.unwrap());
        assert!(!integrations::remove_secret(tx, 1, 2).await.unwrap());
        assert!(!integrations::remove_secret(tx, 1, 4).await.unwrap());
        assert_eq!(integrations::list_secrets(tx, 1).await.unwrap().len(), 2);
    });
}

async fn the_door_knows_every_integration_with_its_secrets(database: &Database) {
    let foreign = NewIntegration {
        workspace_id: 2,
        ..new(2)
    };
    writing!(database, |tx| {
        integrations::create(tx, &new(1)).await.unwrap();
        integrations::create(tx, &foreign).await.unwrap();
        add_secrets(
            tx,
            &[
                secret(1, 1, None),
                secret(2, 1, Some(NOW)),
                secret(3, 8, None),
            ],
        )
        .await;
    });
    let mut all = reading!(database, |tx| integrations::load_registry(tx)
        .await
        .unwrap());
    all.sort_by_key(|row| row.integration.id);
    assert_eq!(all.len(), 2);
    assert_eq!(all[0].integration, record(&new(1)));
    let secrets: Vec<_> = all[0]
        .secrets
        .iter()
        .map(|secret| (secret.id, secret.value.expose(), secret.expires_at))
        .collect();
    assert_eq!(secrets, [(1, "value-1", None), (2, "value-2", Some(NOW))]);
    assert_eq!(all[0].secrets[1].label, "Secret 2");
    assert!(all[1].secrets.is_empty());
}

async fn an_installation_is_noted(database: &Database) {
    let fact = |deleted, organization: Option<&str>| InstallationFact {
        uuid: String::from("u"),
        deleted,
        organization: organization.map(str::to_owned),
        app: None,
    };
    writing!(database, |tx| {
        integrations::create(tx, &new(1)).await.unwrap();
        for (fact, organization, uninstalled_at) in [
            (fact(false, Some("harbor")), "harbor", None),
            (fact(true, None), "harbor", Some(NOW)),
            (fact(false, Some("other")), "other", None),
        ] {
            integrations::record_installation(tx, 1, &fact, NOW)
                .await
                .unwrap();
            let kept = integrations::by_id(tx, 1, 1).await.unwrap().unwrap();
            assert_eq!(kept.organization.as_deref(), Some(organization));
            assert_eq!(kept.uninstalled_at, uninstalled_at);
        }
    });
}
