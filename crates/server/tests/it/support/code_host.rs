//! The APIs of GitHub and GitLab as far as comparisons and commits go, as strict as the real ones.

use super::receiver::{FakeReceiver, Received, Reply};
use reqwest::Method;
use serde_json::{Value, json};

/// The token that it knows.
pub(crate) const HOST_TOKEN: &str = "token-of-a-robot";
/// GitHub's repository.
pub(crate) const GITHUB_NAME: &str = "acme/shop";
/// GitLab's project.
pub(crate) const GITLAB_NAME: &str = "acme/web/shop";

/// One commit of the history.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) sha: String,
    pub(crate) message: String,
    pub(crate) path: &'static str,
}

impl Told {
    /// The commit with this number, which touched this file.
    pub(crate) fn new(number: usize, path: &'static str) -> Self {
        Self {
            sha: format!("{number:040x}"),
            message: format!("Change {path} ({number})"),
            path,
        }
    }
}

/// A code host with one repository.
pub(crate) struct FakeCodeHost {
    pub(crate) receiver: FakeReceiver,
}

impl FakeCodeHost {
    /// With this history, oldest first. The first commit is what came before.
    pub(crate) async fn start(history: Vec<Told>) -> Self {
        let receiver = FakeReceiver::answering(move |received| {
            let answer = if received.path.starts_with("/api/v4/") {
                gitlab(received, &history)
            } else {
                github(received, &history)
            };
            match answer {
                Ok(answer) => Reply::status(200).body(answer.to_string()),
                Err((status, why)) => {
                    Reply::status(status).body(json!({"message": why}).to_string())
                }
            }
        })
        .await;
        Self { receiver }
    }

    /// What to set up for GitHub.
    pub(crate) fn github(&self) -> Value {
        json!({"place": "github.com/acme", "api_url": self.receiver.url, "token": HOST_TOKEN})
    }

    /// What to set up for GitLab.
    pub(crate) fn gitlab(&self) -> Value {
        json!({"place": "gitlab.com", "api_url": format!("{}/api/v4", self.receiver.url),
            "token": HOST_TOKEN})
    }
}

type Answered = Result<Value, (u16, &'static str)>;

fn number(query: &str, name: &str) -> Option<usize> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    let mut values = pairs.filter(|(key, _)| key == name);
    values.next()?.1.parse().ok()
}

/// The commits of `head` that `base` does not have, oldest first.
fn between<'a>(history: &'a [Told], base: &str, head: &str) -> Option<&'a [Told]> {
    let place = |name: &str| history.iter().position(|one| one.sha == name);
    // A branch's name stands for the commit before everything.
    let from = if base == "main" { 0 } else { place(base)? };
    history.get(from + 1..=place(head)?)
}

fn github(received: &Received, history: &[Told]) -> Answered {
    if received.header("user-agent").is_empty() {
        return Err((403, "Request forbidden by administrative rules."));
    }
    if received.header("authorization") != format!("Bearer {HOST_TOKEN}") {
        return Err((401, "Bad credentials"));
    }
    if received.header("accept") != "application/vnd.github+json"
        || received.header("x-github-api-version") != "2022-11-28"
    {
        return Err((415, "Unsupported media type"));
    }
    let (path, query) = received
        .path
        .split_once('?')
        .unwrap_or((&received.path, ""));
    let inside = path.strip_prefix("/repos/").ok_or((404, "Not Found"))?;
    let inside = inside.strip_prefix(GITHUB_NAME).ok_or((404, "Not Found"))?;
    if received.method != Method::GET {
        return Err((404, "Not Found"));
    }
    if let Some(sha) = inside.strip_prefix("/commits/") {
        let found = history.iter().find(|one| one.sha == sha);
        let found = found.ok_or((422, "No commit found for SHA"))?;
        return Ok(github_commit(found, true));
    }
    let names = inside.strip_prefix("/compare/").ok_or((404, "Not Found"))?;
    let (base, head) = names.split_once("...").ok_or((404, "Not Found"))?;
    let all = between(history, base, head).ok_or((404, "Not Found"))?;
    let per_page = number(query, "per_page").unwrap_or(250).min(100);
    let page = number(query, "page").unwrap_or(1);
    let listed = all.chunks(per_page).nth(page - 1).unwrap_or_default();
    let listed: Vec<Value> = listed.iter().map(|one| github_commit(one, false)).collect();
    Ok(
        json!({"status": "ahead", "ahead_by": all.len(), "behind_by": 0,
        "total_commits": all.len(), "commits": listed}),
    )
}

fn github_commit(one: &Told, with_files: bool) -> Value {
    let person = json!({"name": "Kim Robot", "email": "kim@acme.example",
        "date": "2026-03-02T09:30:00Z"});
    let mut commit = json!({"sha": one.sha, "commit": {"message": one.message, "author": person,
            "committer": person, "comment_count": 0},
        "html_url": format!("https://github.com/acme/shop/commit/{}", one.sha),
        "author": null, "parents": [{"sha": "0"}]});
    if with_files {
        commit["files"] = json!([{"filename": one.path, "status": "modified", "additions": 1,
            "deletions": 1, "changes": 2,
            "patch": "@@ -87,2 +87,2 @@ def add_line(cart, sku):\n-    cart.add(sku)\n\
                      +    cart.add(prices[sku])\n     return cart"}]);
    }
    commit
}

fn gitlab(received: &Received, history: &[Told]) -> Answered {
    if received.header("private-token") != HOST_TOKEN {
        return Err((401, "401 Unauthorized"));
    }
    let (path, query) = received
        .path
        .split_once('?')
        .unwrap_or((&received.path, ""));
    let place = format!(
        "/api/v4/projects/{}/repository",
        GITLAB_NAME.replace('/', "%2F")
    );
    let inside = path
        .strip_prefix(&place)
        .ok_or((404, "404 Project Not Found"))?;
    if received.method != Method::GET {
        return Err((405, "405 Method Not Allowed"));
    }
    if let Some(sha) = inside
        .strip_prefix("/commits/")
        .and_then(|rest| rest.strip_suffix("/diff"))
    {
        let found = history.iter().find(|one| one.sha == sha);
        let found = found.ok_or((404, "404 Commit Not Found"))?;
        return Ok(
            json!([{"old_path": found.path, "new_path": found.path, "a_mode": "100644",
            "b_mode": "100644", "new_file": false, "renamed_file": false, "deleted_file": false,
            "diff": "@@ -87,2 +87,2 @@ def add_line(cart, sku):\n-    cart.add(sku)\n\
                     +    cart.add(prices[sku])\n     return cart\n"}]),
        );
    }
    if inside != "/compare" {
        return Err((404, "404 Not Found"));
    }
    let pairs = form_urlencoded::parse(query.as_bytes());
    let pairs: Vec<(String, String)> = pairs.into_owned().collect();
    let value = |name: &str| {
        let mut found = pairs.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.clone())
    };
    let (from, to) = value("from")
        .zip(value("to"))
        .ok_or((400, "from is missing"))?;
    let all = between(history, &from, &to).ok_or((404, "404 Ref Not Found"))?;
    let listed: Vec<Value> = all
        .iter()
        .map(|one| {
            json!({"id": one.sha, "short_id": &one.sha[..8], "title": one.message,
                "message": one.message, "author_name": "Kim Robot",
                "author_email": "kim@acme.example", "parent_ids": ["0"],
                "authored_date": "2026-03-02T09:30:00.000+00:00",
                "committed_date": "2026-03-02T09:30:00.000+00:00",
                "web_url": format!("https://gitlab.com/acme/web/shop/-/commit/{}", one.sha)})
        })
        .collect();
    Ok(
        json!({"commit": listed.last(), "commits": listed, "diffs": [], "compare_timeout": false,
        "compare_same_ref": false}),
    )
}
