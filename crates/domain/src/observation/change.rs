//! What was done to the code: pushes, releases, deploys, merged pull requests, and the links
//! release → deploy → commits → issues.

use super::markdown::{code, field, line};
use super::{Author, Draft};
use crate::change::{
    ChangeFact, CommitFact, DeployFact, DeployStatus, PullRequest, Push, ReleaseFact,
};
use crate::engine::NewChange;
use crate::limits::MEMORY_COMMITS;
use crate::signal::Actor;
use serde_json::json;

/// What the store found while it linked a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linked {
    /// The deploy, as shown: `dep_…`.
    pub deploy: Option<String>,
    /// Its version, when the sender named only a commit.
    pub version: Option<String>,
    /// Its commit, when the sender named only a version.
    pub sha: Option<String>,
    /// Is it a rollback?
    pub is_rollback: bool,
}

/// The record of a change, without its place; `None` when there is nothing to remember. `source`:
/// the kind of the integration, or `epicenter` when it came by the API.
pub fn draft(change: &NewChange, source: &str, linked: &Linked) -> Option<Draft> {
    let mut draft = match &change.fact {
        ChangeFact::Push(push) => self::push(source, push),
        ChangeFact::Release(release) => self::release(source, release),
        ChangeFact::Deploy(deploy) => self::deploy(source, deploy, linked),
        ChangeFact::PullRequest(request) => pull_request(source, request),
        ChangeFact::Greeting { .. } => return None,
    };
    draft.occurred_at = Some(change.at);
    Some(draft)
}

fn begin(source: &str, source_type: &str, actor: &Actor) -> Draft {
    Draft::new(source, source_type, Author::of(actor, source))
}

fn push(source: &str, push: &Push) -> Draft {
    let mut draft = begin(source, "push", &push.actor);
    let repository = push.repository.name.as_str();
    let place = format!("{} of {repository}", push.branch);
    let count = push.commits.len();
    draft.title = match (&push.after, count, push.is_forced) {
        (None, _, _) => format!("🗑️ [Push] {place} was deleted"),
        (_, _, true) => format!("⬆️ [Push] {place} was rewritten with {count} commits"),
        (_, 1, false) => format!("⬆️ [Push] 1 commit to {place}"),
        (_, _, false) => format!("⬆️ [Push] {count} commits to {place}"),
    };
    let head = push.after.as_deref().unwrap_or_default();
    draft.source_id = format!("push:{repository}@{}:{head}", push.branch);
    draft.refer("repository", repository, push.repository.url.as_deref());
    let kind = if push.is_tag { "tag" } else { "branch" };
    draft.refer(kind, &push.branch, None);
    if let Some(head) = &push.after {
        draft.refer("commit", head, push.url.as_deref());
    }
    let newest_first: Vec<&CommitFact> = push.commits.iter().rev().collect();
    draft.body = commits(&mut draft, &newest_first, Some(repository));
    draft.note("repository", json!(repository));
    draft.note("branch", json!(push.branch));
    draft.note("before", json!(push.before));
    draft.note("after", json!(push.after));
    let listed = u64::try_from(count).unwrap_or(u64::MAX);
    draft.note("commitCount", json!(push.total_count.unwrap_or(listed)));
    draft.note("isForced", json!(push.is_forced));
    draft
}

fn release(source: &str, release: &ReleaseFact) -> Draft {
    let word = match (release.is_archived, release.released_at) {
        (Some(true), _) => "archived",
        (Some(false), _) => "restored",
        (None, Some(_)) => "finalised",
        (None, None) => "created",
    };
    let mut draft = begin(source, &format!("release.{word}"), &release.actor);
    let version = &release.version;
    draft.title = format!("📦 [Release] {version} was {word}");
    draft.source_id = format!("release:{version}");
    draft.refer("release", version, release.url.as_deref());
    let repository = release.repository.as_ref().map(|one| one.name.as_str());
    if let Some(name) = repository {
        draft.refer("repository", name, None);
    }
    let head = release
        .sha
        .iter()
        .chain(release.refs.iter().map(|one| &one.sha));
    for sha in head {
        draft.refer("commit", sha, None);
    }
    let listed: Vec<&CommitFact> = release.commits.iter().flatten().collect();
    let projects = release.projects.join(", ");
    let list = commits(&mut draft, &listed, repository);
    draft.body = joined([
        (!projects.is_empty()).then(|| field("Projects", &projects)),
        Some(list),
    ]);
    draft.note("version", json!(version));
    draft.note("projects", json!(release.projects));
    draft.note("sha", json!(release.sha));
    draft
}

fn deploy(source: &str, deploy: &DeployFact, linked: &Linked) -> Draft {
    let word = deploy.status.as_str();
    let mut draft = begin(source, &format!("deploy.{word}"), &deploy.actor);
    let version = deploy.version.as_ref().or(linked.version.as_ref());
    let sha = deploy.sha.as_ref().or(linked.sha.as_ref());
    let short = sha.map(|sha| sha.chars().take(12).collect::<String>());
    let what = version.or(short.as_ref()).or(deploy.name.as_ref());
    let what = what.map_or("something", String::as_str);
    let place = &deploy.environment;
    draft.title = match (deploy.status, linked.is_rollback) {
        (DeployStatus::Succeeded, true) => format!("⏪ [Rolled back] {place} to {what}"),
        (DeployStatus::Succeeded, false) => format!("🚀 [Deployed] {what} to {place}"),
        (DeployStatus::Started, _) => format!("🚧 [Deploying] {what} to {place}"),
        (DeployStatus::Failed, _) => format!("❌ [Deploy failed] {what} to {place}"),
        (DeployStatus::Inactive, _) => format!("🌙 [No longer live] {what} in {place}"),
    };
    draft.source_id = format!("deploy:{}", deploy.key);
    if let Some(id) = &linked.deploy {
        draft.refer("deploy", id, deploy.url.as_deref());
    }
    if let Some(version) = version {
        draft.refer("release", version, None);
    }
    if let Some(sha) = sha {
        draft.refer("commit", sha, None);
    }
    draft.refer("environment", place, None);
    let repository = deploy.repository.as_ref().map(|one| one.name.as_str());
    if let Some(name) = repository {
        draft.refer("repository", name, None);
    }
    let listed: Vec<&CommitFact> = deploy.commits.iter().collect();
    let list = commits(&mut draft, &listed, repository);
    let named = [
        ("Version", version),
        ("Environment", Some(place)),
        ("Service", deploy.service.as_ref()),
        ("Project", deploy.project.as_ref()),
        ("Name", deploy.name.as_ref()),
    ];
    let named = named
        .into_iter()
        .filter_map(|(name, value)| Some(field(name, value?)));
    let named: Vec<String> = named.collect();
    draft.body = joined([Some(named.join("\n")), Some(list)]);
    draft.note("version", json!(version));
    draft.note("sha", json!(sha));
    draft.note("environment", json!(place));
    draft.note("status", json!(word));
    draft.note("isRollback", json!(linked.is_rollback));
    draft
}

fn pull_request(source: &str, request: &PullRequest) -> Draft {
    let mut draft = begin(source, "pull_request.merged", &request.actor);
    let repository = request.repository.name.as_str();
    let id = format!("{repository}#{}", request.number);
    draft.title = format!("🔀 [Merged] #{} {}", request.number, request.title);
    draft.source_id = format!("pull_request:{id}");
    draft.refer("pull_request", &id, request.url.as_deref());
    draft.refer("repository", repository, None);
    draft.refer("branch", &request.target, None);
    if let Some(sha) = &request.merge_sha {
        draft.refer("commit", sha, None);
    }
    draft.mention(&request.title, Some(repository));
    draft.body = joined([
        Some(field("Repository", repository)),
        Some(field("Into", &request.target)),
    ]);
    draft.note("repository", json!(repository));
    draft.note("number", json!(request.number));
    draft.note("mergeSha", json!(request.merge_sha));
    draft
}

/// The newest commits as a list; they and what their messages name become references.
fn commits(draft: &mut Draft, newest_first: &[&CommitFact], repository: Option<&str>) -> String {
    let mut lines = Vec::new();
    for commit in newest_first.iter().take(MEMORY_COMMITS) {
        let subject = line(commit.message.lines().next().unwrap_or_default());
        let short: String = commit.sha.chars().take(12).collect();
        lines.push(format!(
            "- {} {subject} ({})",
            code(&short),
            line(&commit.author)
        ));
        draft.refer("commit", &commit.sha, commit.url.as_deref());
    }
    for commit in newest_first.iter().take(MEMORY_COMMITS) {
        draft.mention(&commit.message, repository);
    }
    let more = newest_first.len().saturating_sub(MEMORY_COMMITS);
    if more > 0 {
        lines.push(format!("- and {more} more"));
    }
    lines.join("\n")
}

fn joined<const N: usize>(parts: [Option<String>; N]) -> String {
    let parts: Vec<String> = parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join("\n\n")
}
