use super::*;
use crate::change::{ChangeFact, DeployStatus};
use crate::delivery::Headers;
use crate::signal::Fact;
use crate::sources::Outcome;
use crate::time::Time;
use serde_json::{Value, json};

fn read_body(body: &Value) -> Reading {
    let headers = Headers::new([("X-Gitlab-Event", "Push Hook")]);
    let bytes = serde_json::to_vec(body).unwrap();
    read(Envelope {
        headers: &headers,
        body: &bytes,
        received_at: Time(0),
    })
}

fn change(body: &Value) -> ChangeFact {
    match read_body(body).outcome {
        Outcome::Signal(signal) => match signal.fact {
            Fact::Change(change) => *change,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn sha(letter: char) -> String {
    String::from(letter).repeat(40)
}

fn project() -> Value {
    json!({"id": 3, "path_with_namespace": "Acme/Web/Shop", "default_branch": "main",
        "web_url": "https://gitlab.example/acme/web/shop"})
}

#[test]
fn a_push_of_more_than_twenty_commits_is_marked_as_cut() {
    let commits: Vec<Value> = (1..=20)
        .map(|id| {
            json!({"id": format!("{id:040x}"), "message": "m", "author": {"name": "Kim"},
            "timestamp": "2026-03-02T10:00:00+01:00", "added": [], "modified": ["a.rb"],
            "removed": []})
        })
        .collect();
    let mut body = json!({"object_kind": "push", "ref": "refs/heads/main", "before": sha('a'),
        "after": format!("{:040x}", 20), "user_id": 4, "user_name": "Kim", "project": project(),
        "commits": commits, "total_commits_count": 33});
    let ChangeFact::Push(push) = change(&body) else {
        panic!();
    };
    assert_eq!(push.repository.name.as_str(), "acme/web/shop");
    assert_eq!((push.commits.len(), push.total_count), (20, Some(33)));
    assert!(push.is_truncated);
    assert_eq!(push.actor.name, "Kim");
    body["total_commits_count"] = json!(20);
    let ChangeFact::Push(push) = change(&body) else {
        panic!();
    };
    assert!(!push.is_truncated);
    body["after"] = json!("0".repeat(40));
    let ChangeFact::Push(push) = change(&body) else {
        panic!();
    };
    assert_eq!(push.after, None, "the branch was deleted");
}

#[test]
fn a_deployment_takes_the_full_name_from_the_commits_page() {
    let states = [
        ("running", DeployStatus::Started),
        ("success", DeployStatus::Succeeded),
        ("failed", DeployStatus::Failed),
        ("canceled", DeployStatus::Failed),
    ];
    for (state, status) in states {
        let body = json!({"object_kind": "deployment", "status": state, "deployment_id": 15,
            "status_changed_at": "2026-03-02 10:00:00 +0200", "environment": "Staging",
            "short_sha": "ccccccc", "project": project(), "user": {"id": 1, "name": "Kim"},
            "commit_url": format!("https://gitlab.example/acme/web/shop/-/commit/{}", sha('c'))});
        let ChangeFact::Deploy(deploy) = change(&body) else {
            panic!();
        };
        assert_eq!(deploy.sha, Some(sha('c')));
        assert_eq!(
            (deploy.environment.as_str(), deploy.status),
            ("staging", status)
        );
        assert_eq!(deploy.key, "gitlab-acme/web/shop-15");
    }
}

#[test]
fn releases_merges_and_what_says_nothing() {
    let release = json!({"object_kind": "release", "action": "create", "tag": "v1",
        "released_at": "2026-03-02T10:00:00Z", "commit": {"id": sha('c')}, "project": project()});
    assert!(matches!(change(&release), ChangeFact::Release(found) if found.sha == Some(sha('c'))));
    let merge = json!({"object_kind": "merge_request", "project": project(), "object_attributes":
        {"action": "merge", "iid": 9, "title": "T", "merge_commit_sha": sha('c')}});
    assert!(matches!(change(&merge), ChangeFact::PullRequest(found) if found.number == 9));
    for body in [
        json!({}),
        json!({"object_kind": "pipeline"}),
        json!({"object_kind": "push"}),
        json!({"object_kind": "deployment", "deployment_id": 1, "status": "odd"}),
        json!({"object_kind": "merge_request", "object_attributes": {"action": "open"}}),
        json!({"object_kind": "release", "action": "delete"}),
    ] {
        match read_body(&body).outcome {
            Outcome::Ignored(reason) | Outcome::NotUnderstood(reason) => {
                assert!(reason.ends_with('.'), "{reason}");
            }
            other => panic!("{other:?}"),
        }
    }
}
