use super::*;
use crate::delivery::Headers;
use crate::signal::Fact;
use crate::sources::Outcome;
use crate::time::Time;
use serde_json::{Value, json};

fn outcome(body: &Value) -> Outcome {
    let headers = Headers::default();
    let bytes = serde_json::to_vec(body).unwrap();
    read(Envelope {
        headers: &headers,
        body: &bytes,
        received_at: Time(0),
    })
    .outcome
}

fn body(kind: &str) -> Value {
    json!({"id": format!("evt_{kind}"), "type": kind, "createdAt": 1_772_445_605_123_i64,
        "payload": {"target": "production", "user": {"id": "u1"},
            "links": {"deployment": "https://vercel.com/acme/shop/x1"},
            "deployment": {"id": "dpl_1", "name": "shop", "url": "shop-x1.vercel.app", "meta": {
                "githubCommitSha": "c".repeat(40), "githubOrg": "Acme", "githubRepo": "Shop",
                "githubCommitMessage": "Ship", "githubCommitAuthorName": "Robin"}}}})
}

fn deploy(body: &Value) -> DeployFact {
    match outcome(body) {
        Outcome::Signal(signal) => match signal.fact {
            Fact::Change(change) => match *change {
                ChangeFact::Deploy(deploy) => deploy,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_deployment_goes_through_its_states() {
    for (kind, status) in [
        ("deployment.created", DeployStatus::Started),
        ("deployment.succeeded", DeployStatus::Succeeded),
        ("deployment.ready", DeployStatus::Succeeded),
        ("deployment.promoted", DeployStatus::Succeeded),
        ("deployment.error", DeployStatus::Failed),
        ("deployment.canceled", DeployStatus::Failed),
    ] {
        let deploy = deploy(&body(kind));
        assert_eq!(
            (deploy.key.as_str(), deploy.status),
            ("vercel-dpl_1", status),
            "{kind}"
        );
        assert_eq!(deploy.environment, "production");
        assert_eq!(deploy.sha, Some("c".repeat(40)));
        assert_eq!(deploy.repository.unwrap().name.as_str(), "acme/shop");
        assert_eq!(deploy.actor.name, "Robin");
        let at = Some(Time(1_772_445_605_123));
        let is_over = status != DeployStatus::Started;
        assert_eq!(
            if is_over {
                deploy.finished_at
            } else {
                deploy.started_at
            },
            at
        );
    }
}

#[test]
fn a_preview_is_an_environment_of_its_own() {
    let mut preview = body("deployment.succeeded");
    preview["payload"]["target"] = Value::Null;
    assert_eq!(deploy(&preview).environment, "preview");
    preview["payload"]["deployment"]["meta"] = json!({"gitlabCommitSha": "d".repeat(40),
        "gitlabProjectPath": "acme/web"});
    let found = deploy(&preview);
    assert_eq!(found.sha, Some("d".repeat(40)));
    assert_eq!(found.repository.unwrap().name.as_str(), "acme/web");
}

#[test]
fn what_says_nothing_is_told_in_a_sentence() {
    for body in [
        json!({}),
        json!({"type": "project.created"}),
        json!({"type": "deployment.created", "payload": {}}),
    ] {
        match outcome(&body) {
            Outcome::Ignored(reason) | Outcome::NotUnderstood(reason) => {
                assert!(reason.ends_with('.'), "{reason}");
            }
            other => panic!("{other:?}"),
        }
    }
}
