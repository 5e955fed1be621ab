//! What was done: pushes, releases and deploys with their commits, in nobody's wire names.

pub mod culprit;
pub mod judge;
pub mod link;
pub mod mapping;
pub mod patch;
pub mod place;

use crate::signal::Actor;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Something that was done.
#[derive(Clone, Debug, PartialEq)]
pub enum ChangeFact {
    /// Commits arrived on a branch, or the branch went away.
    Push(Push),
    /// A version was made, or its commits became known.
    Release(ReleaseFact),
    /// A version was put somewhere, or an attempt at it changed its state.
    Deploy(DeployFact),
    /// A pull request was merged.
    PullRequest(PullRequest),
    /// The sender greets: the connection works.
    Greeting {
        /// The repository or project that greets, when it says so.
        repository: Option<String>,
    },
}

/// A repository, by the name that its host uses: `owner/name`, lower case, without `.git`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RepositoryName(String);

impl RepositoryName {
    /// Longest name kept, in bytes (Sentry's own limit for a repository in refs is 200).
    const MOST: usize = 200;

    /// Reads `Owner/Name`, `https://host/owner/name.git`, `git@host:owner/name.git`,
    /// `ssh://git@host:22/group/sub/name`. `None` when nothing is left.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let path = if let Some((_, rest)) = text.split_once("://") {
            rest.split_once('/').map_or("", |(_, path)| path)
        } else if let Some((host, path)) = text.split_once(':')
            && !host.contains('/')
        {
            path
        } else {
            text
        };
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        let plain = |letter: char| !letter.is_control() && !letter.is_whitespace();
        // A host's API would read them as a way to another repository.
        let climbs = path.split('/').any(|part| matches!(part, "." | ".."));
        let good =
            !path.is_empty() && !climbs && path.len() <= Self::MOST && path.chars().all(plain);
        good.then(|| Self(path.to_lowercase()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its last part: `shop` of `acme/shop`.
    pub fn last_part(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

/// Where code lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryFact {
    /// Name.
    pub name: RepositoryName,
    /// `github`, `gitlab`, `git` (a remote of sentry-cli), `vercel`, `other`.
    pub provider: &'static str,
    /// Its page.
    pub url: Option<String>,
    /// The branch that is deployed from, when the sender names it.
    pub default_branch: Option<String>,
}

/// One commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommitFact {
    /// Full SHA, lower-case hex.
    pub sha: String,
    /// Message, subject first.
    pub message: String,
    /// Who wrote it: a name to show.
    pub author: String,
    /// What tells one author from another: a hash of the e-mail, else the name.
    pub author_key: String,
    /// When it was written (author time), by the author's clock.
    pub authored_at: Option<Time>,
    /// When it became part of the history (committer time).
    pub committed_at: Option<Time>,
    /// Its page.
    pub url: Option<String>,
    /// Does it join two histories? `None` when the sender does not say.
    pub is_merge: Option<bool>,
    /// What it touched; `None` when the sender sends no lists.
    pub files: Option<Vec<FileChange>>,
}

/// One file of a commit. Paths are the repository's own, never with a leading slash; bytes that are
/// not UTF-8 were replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// Path after the change (before it, when it was removed).
    pub path: String,
    /// Path before a rename.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_path: Option<String>,
    /// What was done to it.
    pub kind: FileChangeKind,
    /// Lines added, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<u32>,
    /// Lines removed, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<u32>,
    /// Changed places, when known (from a clone or a patch).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hunks: Vec<Hunk>,
}

/// What was done to a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileChangeKind {
    /// New.
    Added,
    /// Changed.
    #[default]
    Modified,
    /// Gone.
    Removed,
    /// Moved, with or without changes.
    Renamed,
}

/// One changed place of a file. Lines count from 1; a length of 0 means an insertion or removal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hunk {
    /// First line before.
    pub old_start: u32,
    /// Lines before.
    pub old_lines: u32,
    /// First line after.
    pub new_start: u32,
    /// Lines after.
    pub new_lines: u32,
    /// The function it is in, as the diff's hunk header tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Text of added lines, cut.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// Text of removed lines, cut.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
}

/// Commits that arrived on a branch.
#[derive(Clone, Debug, PartialEq)]
pub struct Push {
    /// Repository.
    pub repository: RepositoryFact,
    /// Branch or tag without `refs/heads/` or `refs/tags/`.
    pub branch: String,
    /// Is it a tag?
    pub is_tag: bool,
    /// The head before; `None` for a new branch.
    pub before: Option<String>,
    /// The head after; `None` when the branch was deleted.
    pub after: Option<String>,
    /// The commits that the sender listed, **oldest first**.
    pub commits: Vec<CommitFact>,
    /// How many there are in truth, when the sender says so.
    pub total_count: Option<u64>,
    /// Is the list shorter than the truth, as far as can be told?
    pub is_truncated: bool,
    /// Was history rewritten?
    pub is_forced: bool,
    /// Who pushed.
    pub actor: Actor,
    /// The page that compares before and after.
    pub url: Option<String>,
}

/// A version.
#[derive(Clone, Debug, PartialEq)]
pub struct ReleaseFact {
    /// Its name, as Sentry's events carry it.
    pub version: String,
    /// Sentry projects (slugs) it is for; may be empty.
    pub projects: Vec<String>,
    /// The repository, when named.
    pub repository: Option<RepositoryFact>,
    /// The head commit, when named.
    pub sha: Option<String>,
    /// The exact commits, **newest first**; `None` leaves what is known, an empty list clears it.
    pub commits: Option<Vec<CommitFact>>,
    /// Ranges instead of lists: repository, head, and the head before.
    pub refs: Vec<ReleaseRef>,
    /// When it was made, when the sender says so.
    pub created_at: Option<Time>,
    /// When it was finalised.
    pub released_at: Option<Time>,
    /// Its page.
    pub url: Option<String>,
    /// Set when it was archived (`true`) or restored (`false`).
    pub is_archived: Option<bool>,
    /// Who made it.
    pub actor: Actor,
}

/// A range of commits of one repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseRef {
    /// Repository, as the sender names it.
    pub repository: String,
    /// Head.
    pub sha: String,
    /// Head of the release before, exclusive.
    pub previous_sha: Option<String>,
}

/// How far a deploy is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeployStatus {
    /// Announced or running.
    Started,
    /// It is live.
    #[default]
    Succeeded,
    /// It did not become live.
    Failed,
    /// It was live and is no more.
    Inactive,
}

impl DeployStatus {
    /// All.
    pub const ALL: [Self; 4] = [Self::Started, Self::Succeeded, Self::Failed, Self::Inactive];

    /// The word as the API and the store write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Inactive => "inactive",
        }
    }

    /// Reads the API's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// A version that was put somewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct DeployFact {
    /// What the sender calls this deploy, unique within its integration: `github-5512`,
    /// `vercel-dpl_x`; equal keys are one deploy whose state changes.
    pub key: String,
    /// Version, when named.
    pub version: Option<String>,
    /// Commit, when named.
    pub sha: Option<String>,
    /// `production`, `staging`…; lower case; `production` when the sender says nothing.
    pub environment: String,
    /// The repository, when named.
    pub repository: Option<RepositoryFact>,
    /// Sentry project (slug), when named.
    pub project: Option<String>,
    /// The service's name or slug, when named.
    pub service: Option<String>,
    /// A name to show: the sender's description.
    pub name: Option<String>,
    /// How far it is.
    pub status: DeployStatus,
    /// When it began.
    pub started_at: Option<Time>,
    /// When it ended: became live or failed.
    pub finished_at: Option<Time>,
    /// Its page or log.
    pub url: Option<String>,
    /// Commits it brought, newest first, when the sender lists them (`change_window`, CI).
    pub commits: Vec<CommitFact>,
    /// Who deployed.
    pub actor: Actor,
}

/// A merged pull request.
#[derive(Clone, Debug, PartialEq)]
pub struct PullRequest {
    /// Repository.
    pub repository: RepositoryFact,
    /// Number.
    pub number: u64,
    /// Title.
    pub title: String,
    /// The commit on the target branch.
    pub merge_sha: Option<String>,
    /// The branch it went to.
    pub target: String,
    /// Its page.
    pub url: Option<String>,
    /// When it was merged.
    pub merged_at: Option<Time>,
    /// Who wrote it.
    pub actor: Actor,
}

impl ChangeFact {
    /// The repository that it names.
    pub fn repository(&self) -> Option<&RepositoryFact> {
        match self {
            Self::Push(push) => Some(&push.repository),
            Self::Release(release) => release.repository.as_ref(),
            Self::Deploy(deploy) => deploy.repository.as_ref(),
            Self::PullRequest(request) => Some(&request.repository),
            Self::Greeting { .. } => None,
        }
    }
}

/// A commit name as hosts write it: 7 to 64 hex digits, lower-cased. `None` for anything else and
/// for the all-zero name that stands for "nothing".
pub fn sha(text: &str) -> Option<String> {
    let text = text.trim();
    let is_hex = (7..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
    let is_nothing = text.bytes().all(|byte| byte == b'0');
    (is_hex && !is_nothing).then(|| text.to_ascii_lowercase())
}

/// What tells one author from another: a hash of the address, so that it need not be kept; else the
/// name.
pub fn author_key(email: Option<&str>, name: &str) -> String {
    match email.map(str::trim).filter(|text| text.contains('@')) {
        Some(email) => {
            let mut key = hex::encode(Sha256::digest(email.to_lowercase()));
            key.truncate(16);
            key
        }
        None => name.to_lowercase(),
    }
}

/// The commit that a message says it reverts (`This reverts commit <sha>`), git's own wording.
pub fn reverted_sha(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("This reverts commit ")?;
    let word = rest
        .split(|letter: char| !letter.is_ascii_hexdigit())
        .next()?;
    sha(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_has_one_name_however_it_is_written() {
        let cases = [
            ("Acme/Shop", Some("acme/shop")),
            ("https://github.com/acme/shop.git", Some("acme/shop")),
            (
                "https://user:pw@git.example:8443/acme/shop/",
                Some("acme/shop"),
            ),
            ("git@github.com:acme/shop.git", Some("acme/shop")),
            (
                "ssh://git@git.example:22/group/sub/shop",
                Some("group/sub/shop"),
            ),
            ("origin", Some("origin")),
            ("https://github.com/acme/shop?tab=readme", Some("acme/shop")),
            ("https://github.com", None),
            ("  ", None),
            ("a b", None),
            ("acme/../victim/private", None),
            ("https://github.com/./shop", None),
            ("acme/shop..js", Some("acme/shop..js")),
            ("x\u{0}y", None),
        ];
        for (text, name) in cases {
            let read = RepositoryName::parse(text);
            assert_eq!(read.as_ref().map(RepositoryName::as_str), name, "{text}");
        }
    }

    #[test]
    fn only_commit_names_are_commit_names() {
        let full = "9fceb02d0ae598e95dc970b74767f19372d61af8";
        assert_eq!(sha(full).as_deref(), Some(full));
        assert_eq!(sha("9FCEB02").as_deref(), Some("9fceb02"));
        assert_eq!(sha(&"0".repeat(40)), None);
        assert_eq!(sha("v1.2.3"), None);
        assert_eq!(sha("abc"), None);
    }

    #[test]
    fn an_author_is_known_by_a_hash_of_the_address() {
        let key = author_key(Some(" Ann@Harbor.example "), "Ann");
        assert_eq!(key, author_key(Some("ann@harbor.example"), "Ann Dev"));
        assert_eq!(key.len(), 16);
        assert!(!key.contains("ann"), "{key}");
        assert_ne!(key, author_key(Some("bob@harbor.example"), "Ann"));
        assert_eq!(author_key(None, "Ann"), "ann");
        assert_eq!(author_key(Some("nobody"), "Ann"), "ann");
    }

    #[test]
    fn a_revert_names_what_it_undoes() {
        let message = "Revert \"Cache prices\"\n\nThis reverts commit 9fceb02d0ae5.\n";
        assert_eq!(reverted_sha(message).as_deref(), Some("9fceb02d0ae5"));
        assert_eq!(reverted_sha("Revert nothing"), None);
    }
}
