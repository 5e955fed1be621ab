//! Deploys as records.

use super::*;

fn deploy(status: DeployStatus) -> NewChange {
    let commit = CommitFact {
        sha: "9fceb02d0ae598e95dc970b74767f19372d61af8".to_owned(),
        message: "Look prices up once (#12)\n\nFixes STOREFRONT-8K".to_owned(),
        author: "Ann".to_owned(),
        ..CommitFact::default()
    };
    NewChange {
        workspace_id: 1,
        integration_id: None,
        service_id: None,
        delivery_id: None,
        at: Time(5),
        received_at: NOW,
        fact: crate::change::ChangeFact::Deploy(crate::change::DeployFact {
            key: "ci-7".to_owned(),
            version: Some("shop@1.4.0".to_owned()),
            sha: None,
            environment: "production".to_owned(),
            repository: None,
            project: Some("storefront".to_owned()),
            service: None,
            name: None,
            status,
            started_at: None,
            finished_at: None,
            url: None,
            commits: vec![commit],
            actor: ann(),
        }),
    }
}

fn place() -> Record {
    Record {
        id: 1,
        workspace_id: 1,
        recorded_at: NOW,
        service_id: None,
        incident_id: None,
        issue_id: None,
        delivery_id: None,
    }
}

#[test]
fn lf_24_a_deploy_links_release_commits_and_issues() {
    let linked = change::Linked {
        deploy: Some("dep_1".to_owned()),
        sha: Some("1a2b3c4d5e6f".to_owned()),
        ..change::Linked::default()
    };
    let change = deploy(DeployStatus::Succeeded);
    let record =
        change::draft(&change, "epicenter", &linked).map(|draft: Draft| draft.finish(place()));
    let record = record.unwrap();
    assert_eq!(record.title, "🚀 [Deployed] shop@1.4.0 to production");
    assert_eq!(record.source_type, "deploy.succeeded");
    assert_eq!(record.occurred_at, Time(5));
    let named: Vec<String> = record
        .references
        .iter()
        .map(|one| format!("{} {}", one.kind, one.id))
        .collect();
    assert_eq!(
        named,
        [
            "deploy dep_1",
            "release shop@1.4.0",
            "commit 1a2b3c4d5e6f",
            "environment production",
            "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
            "sentry_issue STOREFRONT-8K",
        ]
    );
    assert!(
        record
            .body
            .contains("- `9fceb02d0ae5` Look prices up once (#12) (Ann)")
    );
}
