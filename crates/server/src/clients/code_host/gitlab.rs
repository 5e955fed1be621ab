//! GitLab: `repository/compare` lists all commits at once, oldest first; `diff` says what one
//! touched.

use super::{CodeHost, Comparison, HostFault, part};
use crate::limits::{COMPARE_COMMITS, COMPARE_PAGE};
use epicenter_domain::change::patch::hunks;
use epicenter_domain::change::{self, CommitFact, FileChange, FileChangeKind, Hunk};
use epicenter_domain::limits::{
    CHANGED_FILES, LINK_CHARS, MESSAGE_BYTES, NAME_CHARS, PATH_CHARS, cut_bytes, cut_chars,
};
use epicenter_domain::time::Time;
use serde::Deserialize;

#[derive(Deserialize)]
struct Compared {
    #[serde(default)]
    commits: Vec<Commit>,
}

#[derive(Deserialize)]
struct Commit {
    id: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    author_name: String,
    #[serde(default)]
    author_email: Option<String>,
    #[serde(default)]
    authored_date: Option<String>,
    #[serde(default)]
    committed_date: Option<String>,
    #[serde(default)]
    web_url: Option<String>,
    #[serde(default)]
    parent_ids: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Diff {
    #[serde(default)]
    old_path: String,
    #[serde(default)]
    new_path: String,
    #[serde(default)]
    new_file: bool,
    #[serde(default)]
    renamed_file: bool,
    #[serde(default)]
    deleted_file: bool,
    #[serde(default, rename = "diff")]
    patch: String,
}

pub(super) async fn compare(
    host: &CodeHost<'_>,
    repository: &str,
    (base, head): (&str, &str),
) -> Result<Comparison, HostFault> {
    let place = repository_path(repository);
    let (base, after) = (part(base), part(head));
    let path = format!("{place}/compare?from={base}&to={after}");
    let compared: Compared = host.get(&path).await?;
    let listed = compared.commits.len();
    let mut commits: Vec<CommitFact> = compared.commits.into_iter().filter_map(fact).collect();
    // The head is the newest; where it stands tells which way round the list is.
    if commits.first().is_none_or(|first| first.sha != head) {
        commits.reverse();
    }
    commits.truncate(COMPARE_COMMITS);
    Ok(Comparison {
        is_cut: listed > COMPARE_COMMITS,
        commits,
    })
}

pub(super) async fn files(
    host: &CodeHost<'_>,
    repository: &str,
    sha: &str,
) -> Result<Vec<FileChange>, HostFault> {
    let place = repository_path(repository);
    let mut found = Vec::new();
    for page in 1..=CHANGED_FILES / COMPARE_PAGE {
        let sha = part(sha);
        let path = format!("{place}/commits/{sha}/diff?per_page={COMPARE_PAGE}&page={page}");
        let diffs: Vec<Diff> = host.get(&path).await?;
        let is_last = diffs.len() < COMPARE_PAGE;
        found.extend(diffs.iter().map(file));
        if is_last {
            break;
        }
    }
    Ok(found)
}

/// `/projects/group%2Fname/repository`
fn repository_path(name: &str) -> String {
    format!("/projects/{}/repository", part(name))
}

fn fact(commit: Commit) -> Option<CommitFact> {
    let author = cut_chars(&commit.author_name, NAME_CHARS);
    let time = |text: Option<String>| Time::parse(&text?);
    Some(CommitFact {
        sha: change::sha(&commit.id)?,
        message: cut_bytes(&commit.message, MESSAGE_BYTES),
        author_key: change::author_key(commit.author_email.as_deref(), &author),
        author,
        authored_at: time(commit.authored_date),
        committed_at: time(commit.committed_date),
        url: commit.web_url.filter(|url| url.len() <= LINK_CHARS),
        is_merge: commit.parent_ids.map(|parents| parents.len() > 1),
        files: None,
    })
}

fn file(diff: &Diff) -> FileChange {
    let hunks = hunks(&diff.patch);
    // A file without a text has no lines to count.
    let sum = |of: fn(&Hunk) -> u32| {
        let lines = hunks.iter().map(of);
        (!diff.patch.is_empty()).then(|| lines.fold(0_u32, u32::saturating_add))
    };
    FileChange {
        path: cut_chars(&diff.new_path, PATH_CHARS),
        old_path: diff
            .renamed_file
            .then(|| cut_chars(&diff.old_path, PATH_CHARS)),
        kind: match (diff.new_file, diff.deleted_file, diff.renamed_file) {
            (true, _, _) => FileChangeKind::Added,
            (_, true, _) => FileChangeKind::Removed,
            (_, _, true) => FileChangeKind::Renamed,
            _ => FileChangeKind::Modified,
        },
        added: sum(|hunk| hunk.new_lines),
        removed: sum(|hunk| hunk.old_lines),
        hunks,
    }
}
