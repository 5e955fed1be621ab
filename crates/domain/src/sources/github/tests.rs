use super::*;
use crate::change::{DeployStatus, Push};
use crate::delivery::Headers;
use crate::signal::Fact;
use crate::sources::Outcome;
use crate::time::Time;
use serde_json::{Value, json};

fn read_as(event: &str, body: &Value) -> Reading {
    let headers = Headers::new([("X-GitHub-Event", event)]);
    let bytes = serde_json::to_vec(body).unwrap();
    read(Envelope {
        headers: &headers,
        body: &bytes,
        received_at: Time(0),
    })
}

fn change(event: &str, body: &Value) -> ChangeFact {
    match read_as(event, body).outcome {
        Outcome::Signal(signal) => match signal.fact {
            Fact::Change(change) => *change,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn reason(event: &str, body: &Value) -> String {
    match read_as(event, body).outcome {
        Outcome::Ignored(reason) | Outcome::NotUnderstood(reason) => reason,
        other => panic!("{other:?}"),
    }
}

fn sha(letter: char) -> String {
    String::from(letter).repeat(40)
}

fn repository() -> Value {
    json!({"id": 7, "full_name": "Acme/Shop", "html_url": "https://github.com/Acme/Shop",
        "default_branch": "main"})
}

pub(super) fn push_body() -> Value {
    json!({
        "ref": "refs/heads/main", "before": sha('a'), "after": sha('c'), "created": false,
        "deleted": false, "forced": false, "compare": "https://github.com/Acme/Shop/compare/a...c",
        "repository": repository(), "pusher": {"name": "robin", "email": "robin@acme.example"},
        "sender": {"id": 5, "login": "robin"},
        "commits": [
            {"id": sha('b'), "message": "Look prices up by sku\n\nFaster.",
             "timestamp": "2026-03-02T10:58:00+02:00", "url": "https://github.com/Acme/Shop/commit/b",
             "author": {"name": "Robin", "email": "Robin@acme.example", "username": "robin"},
             "added": ["shop/price.py"], "removed": ["shop/old.py"], "modified": ["shop/cart.py"]},
            {"id": sha('c'), "message": "Merge pull request #4", "timestamp": "2026-03-02T09:00:00Z",
             "author": {"name": "Kim"}, "added": [], "removed": [], "modified": []},
        ],
        "head_commit": {"id": sha('c'), "timestamp": "2026-03-02T09:00:00Z"},
    })
}

fn pushed(body: &Value) -> Push {
    match change("push", body) {
        ChangeFact::Push(push) => push,
        other => panic!("{other:?}"),
    }
}

// PL-20: a push brings its commits, oldest first.
#[test]
fn a_push_brings_its_commits() {
    let push = pushed(&push_body());
    assert_eq!(push.repository.name.as_str(), "acme/shop");
    assert_eq!((push.branch.as_str(), push.is_tag), ("main", false));
    assert_eq!((push.before, push.after), (Some(sha('a')), Some(sha('c'))));
    assert!(!push.is_truncated && !push.is_forced);
    let [first, merge] = push.commits.as_slice() else {
        panic!("{:?}", push.commits);
    };
    assert_eq!(
        (first.sha.as_str(), first.author.as_str()),
        (sha('b').as_str(), "Robin")
    );
    assert_eq!(first.authored_at, Time::parse("2026-03-02T08:58:00Z"));
    let files = first.files.as_ref().unwrap();
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["shop/price.py", "shop/cart.py", "shop/old.py"]);
    assert_eq!(merge.is_merge, Some(true));
    assert!(!first.author_key.contains('@'), "the address is not kept");
    assert_eq!(push.actor.name, "robin");
}

#[test]
fn the_same_push_has_one_identity_and_another_push_another() {
    let one = read_as("push", &push_body());
    let mut later = push_body();
    later["repository"]["pushed_at"] = json!(1_772_445_605);
    assert_eq!(one.identity, read_as("push", &later).identity);
    let mut other = push_body();
    other["after"] = json!(sha('d'));
    assert_ne!(one.identity, read_as("push", &other).identity);
    assert_eq!((one.resource.as_str(), one.action.as_str()), ("push", ""));
}

#[test]
fn odd_pushes_are_told_apart() {
    let with = |edits: &[(&str, Value)]| {
        let mut body = push_body();
        for (field, value) in edits {
            body[*field] = value.clone();
        }
        pushed(&body)
    };
    let zero = json!("0".repeat(40));
    let gone = with(&[
        ("deleted", json!(true)),
        ("after", zero.clone()),
        ("commits", json!([])),
    ]);
    assert_eq!((gone.after, gone.commits.len()), (None, 0));
    let new = with(&[("before", zero)]);
    assert_eq!(new.before, None);
    assert!(with(&[("forced", json!(true))]).is_forced);
    let tag = with(&[("ref", json!("refs/tags/v1"))]);
    assert_eq!((tag.branch.as_str(), tag.is_tag), ("v1", true));
    let cut = with(&[("after", json!(sha('e')))]);
    assert!(cut.is_truncated, "the head is not in the list");
    let empty = with(&[("commits", Value::Null)]);
    assert!(empty.commits.is_empty() && !empty.is_truncated);
    let many: Vec<Value> = (1..3_000)
        .map(|id| json!({"id": format!("{id:040x}")}))
        .collect();
    let many = with(&[("commits", json!(many))]);
    assert_eq!((many.commits.len(), many.is_truncated), (2_048, true));
    assert_eq!(many.commits[1].files, None, "no lists were sent");
}

#[test]
fn a_deployment_goes_through_its_states() {
    let deployment = json!({"id": 5512, "sha": sha('c'), "environment": "Production",
        "created_at": "2026-03-02T10:00:00Z", "description": "Ship it",
        "payload": {"version": "shop@1.4.0"}});
    let made = json!({"deployment": deployment, "repository": repository(), "action": "created"});
    let ChangeFact::Deploy(begun) = change("deployment", &made) else {
        panic!();
    };
    assert_eq!(
        (begun.key.as_str(), begun.status),
        ("github-5512", DeployStatus::Started)
    );
    assert_eq!(
        (begun.environment.as_str(), begun.finished_at),
        ("production", None)
    );
    assert_eq!(begun.version.as_deref(), Some("shop@1.4.0"));
    let cases = [
        ("success", DeployStatus::Succeeded),
        ("failure", DeployStatus::Failed),
        ("error", DeployStatus::Failed),
        ("inactive", DeployStatus::Inactive),
        ("in_progress", DeployStatus::Started),
        ("queued", DeployStatus::Started),
    ];
    let mut identities = std::collections::BTreeSet::new();
    for (state, status) in cases {
        let body = json!({"deployment": deployment, "repository": repository(),
            "deployment_status": {"state": state, "updated_at": "2026-03-02T10:04:00Z",
                "log_url": "https://ci.example/9", "target_url": "javascript:alert(1)"}});
        let reading = read_as("deployment_status", &body);
        assert_eq!(reading.action, state);
        identities.insert(reading.identity);
        let ChangeFact::Deploy(deploy) = change("deployment_status", &body) else {
            panic!();
        };
        assert_eq!(
            (deploy.key.as_str(), deploy.status),
            ("github-5512", status),
            "{state}"
        );
        assert_eq!(deploy.url.as_deref(), Some("https://ci.example/9"));
        let is_over = matches!(status, DeployStatus::Succeeded | DeployStatus::Failed);
        assert_eq!(deploy.finished_at.is_some(), is_over);
    }
    assert_eq!(identities.len(), cases.len());
    let odd = json!({"deployment": deployment, "deployment_status": {"state": "dreaming"}});
    assert!(reason("deployment_status", &odd).contains("dreaming"));
}

#[test]
fn releases_and_merged_pull_requests() {
    let release = json!({"action": "published", "repository": repository(), "release": {
        "tag_name": "v1.4.0", "target_commitish": "main", "published_at": "2026-03-02T10:00:00Z",
        "html_url": "https://github.com/Acme/Shop/releases/v1.4.0"}});
    let ChangeFact::Release(found) = change("release", &release) else {
        panic!();
    };
    assert_eq!((found.version.as_str(), found.sha), ("v1.4.0", None));
    let merged = json!({"action": "closed", "repository": repository(), "pull_request": {
        "number": 4, "title": "Prices by sku", "merged": true, "merge_commit_sha": sha('c'),
        "merged_at": "2026-03-02T10:00:00Z", "base": {"ref": "main"}, "user": {"login": "robin"}}});
    let ChangeFact::PullRequest(found) = change("pull_request", &merged) else {
        panic!();
    };
    assert_eq!((found.number, found.merge_sha), (4, Some(sha('c'))));
    let mut closed = merged;
    closed["pull_request"]["merged"] = json!(false);
    assert_eq!(
        reason("pull_request", &closed),
        "The pull request was not merged."
    );
    let mut draft = release;
    draft["action"] = json!("created");
    assert!(reason("release", &draft).contains("published"));
}

#[test]
fn what_says_nothing_is_told_in_a_sentence() {
    for (event, body) in [
        ("star", json!({})),
        ("push", json!({})),
        ("push", json!([])),
        ("push", json!({"repository": repository()})),
        (
            "push",
            json!({"repository": repository(), "ref": "refs/heads/x"}),
        ),
        ("deployment", json!({"deployment": {}})),
        (
            "pull_request",
            json!({"action": "closed", "pull_request": {"merged": true}}),
        ),
    ] {
        let reason = reason(event, &body);
        assert!(reason.ends_with('.'), "{event}: {reason}");
    }
    let ChangeFact::Greeting { repository } = change("ping", &json!({"zen": "x"})) else {
        panic!();
    };
    assert_eq!(repository, None);
    for body in [&b"payload=%7B%7D"[..], b"\xff\xfe", b""] {
        let headers = Headers::new([("X-GitHub-Event", "push")]);
        let reading = read(Envelope {
            headers: &headers,
            body,
            received_at: Time(0),
        });
        assert!(matches!(reading.outcome, Outcome::NotUnderstood(_)));
    }
}
