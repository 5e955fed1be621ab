//! GitHub: `compare/{base}...{head}` in pages, oldest commit first, and single commits with their
//! files.

use super::{CodeHost, Comparison, HostFault, part};
use crate::limits::{COMPARE_COMMITS, COMPARE_PAGE};
use epicenter_domain::change::patch::hunks;
use epicenter_domain::change::{self, CommitFact, FileChange, FileChangeKind};
use epicenter_domain::limits::{
    CHANGED_FILES, LINK_CHARS, MESSAGE_BYTES, NAME_CHARS, PATH_CHARS, cut_bytes, cut_chars,
};
use epicenter_domain::time::Time;
use serde::Deserialize;

#[derive(Deserialize)]
struct ComparePage {
    #[serde(default)]
    total_commits: usize,
    #[serde(default)]
    commits: Vec<Commit>,
}

#[derive(Deserialize)]
struct Commit {
    sha: String,
    #[serde(default)]
    html_url: Option<String>,
    #[serde(default, rename = "commit")]
    inner: Inner,
    #[serde(default)]
    parents: Vec<Parent>,
    #[serde(default)]
    files: Vec<File>,
}

#[derive(Deserialize)]
struct Parent {}

#[derive(Default, Deserialize)]
struct Inner {
    #[serde(default)]
    message: String,
    #[serde(default)]
    author: Option<Person>,
    #[serde(default)]
    committer: Option<Person>,
}

#[derive(Deserialize)]
struct Person {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    date: Option<String>,
}

#[derive(Deserialize)]
struct File {
    filename: String,
    #[serde(default)]
    previous_filename: Option<String>,
    #[serde(default)]
    status: String,
    #[serde(default)]
    additions: Option<u32>,
    #[serde(default)]
    deletions: Option<u32>,
    #[serde(default)]
    patch: Option<String>,
}

pub(super) async fn compare(
    host: &CodeHost<'_>,
    repository: &str,
    (base, head): (&str, &str),
) -> Result<Comparison, HostFault> {
    let path = |page: usize| {
        let (base, head) = (part(base), part(head));
        let place = repository_path(repository);
        format!("{place}/compare/{base}...{head}?per_page={COMPARE_PAGE}&page={page}")
    };
    let first: ComparePage = host.get(&path(1)).await?;
    let pages = first.total_commits.div_ceil(COMPARE_PAGE).max(1);
    // The newest are on the last pages.
    let skipped = pages.saturating_sub(COMPARE_COMMITS / COMPARE_PAGE);
    let mut oldest_first = if skipped == 0 {
        first.commits
    } else {
        Vec::new()
    };
    for page in skipped.max(1) + 1..=pages {
        let next: ComparePage = host.get(&path(page)).await?;
        if next.commits.is_empty() {
            break;
        }
        oldest_first.extend(next.commits);
    }
    let is_cut = oldest_first.len() < first.total_commits;
    let newest_first = oldest_first.into_iter().rev();
    Ok(Comparison {
        commits: newest_first.filter_map(fact).collect(),
        is_cut,
    })
}

pub(super) async fn files(
    host: &CodeHost<'_>,
    repository: &str,
    sha: &str,
) -> Result<Vec<FileChange>, HostFault> {
    let path = format!("{}/commits/{}", repository_path(repository), part(sha));
    let commit: Commit = host.get(&path).await?;
    let files = commit.files.into_iter().take(CHANGED_FILES);
    Ok(files.map(file).collect())
}

/// `/repos/owner/name`
fn repository_path(name: &str) -> String {
    let parts: Vec<String> = name.split('/').map(part).collect();
    format!("/repos/{}", parts.join("/"))
}

fn fact(commit: Commit) -> Option<CommitFact> {
    let author = commit.inner.author.as_ref();
    let name = author.and_then(|one| one.name.as_deref());
    let name = cut_chars(name.unwrap_or_default(), NAME_CHARS);
    let date = |person: Option<&Person>| Time::parse(person?.date.as_deref()?);
    Some(CommitFact {
        sha: change::sha(&commit.sha)?,
        message: cut_bytes(&commit.inner.message, MESSAGE_BYTES),
        author_key: change::author_key(author.and_then(|one| one.email.as_deref()), &name),
        author: name,
        authored_at: date(author),
        committed_at: date(commit.inner.committer.as_ref()),
        url: commit.html_url.filter(|url| url.len() <= LINK_CHARS),
        is_merge: Some(commit.parents.len() > 1),
        files: None,
    })
}

fn file(file: File) -> FileChange {
    let path = |text: String| cut_chars(&text, PATH_CHARS);
    FileChange {
        path: path(file.filename),
        old_path: file.previous_filename.map(path),
        kind: match file.status.as_str() {
            "added" | "copied" => FileChangeKind::Added,
            "removed" => FileChangeKind::Removed,
            "renamed" => FileChangeKind::Renamed,
            _ => FileChangeKind::Modified,
        },
        added: file.additions,
        removed: file.deletions,
        hunks: file.patch.as_deref().map(hunks).unwrap_or_default(),
    }
}
