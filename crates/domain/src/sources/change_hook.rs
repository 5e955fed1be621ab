//! What the readers of Git hosts and deploy services share.

use super::repair::repaired;
use super::wire::Wire;
use super::{Envelope, Outcome, Reading};
use crate::change::{
    self, ChangeFact, CommitFact, FileChange, FileChangeKind, RepositoryFact, RepositoryName,
};
use crate::limits::{CHANGED_FILES, LINK_CHARS, PATH_CHARS, PUSH_COMMITS, WORD_CHARS, cut_chars};
use crate::signal::{Actor, ActorKind, Fact, Signal, When};
use crate::time::Time;
use sha2::{Digest, Sha256};

/// What a reader found in a body.
pub(super) enum Found {
    /// A change.
    Change(Box<Change>),
    /// Understood, and nothing to do.
    Ignored(String),
    /// Kept and shown.
    NotUnderstood(String),
}

/// A change with what identifies it.
pub(super) struct Change {
    /// What the payload identifies.
    pub(super) identity: String,
    /// When it happened.
    pub(super) at: Option<Time>,
    /// Who did it.
    pub(super) actor: Actor,
    /// What was done.
    pub(super) fact: ChangeFact,
}

/// Found without anything that is needed to know what was done.
pub(super) fn lacks(what: &str) -> Found {
    Found::NotUnderstood(format!("The body has no {what}."))
}

/// Reads the body and lets `find` look for a change in it.
pub(super) fn read(
    envelope: Envelope<'_>,
    (resource, action): (&str, impl Fn(&Wire<'_>) -> String),
    find: impl Fn(&Wire<'_>) -> Found,
) -> Reading {
    let resource = cut_chars(resource, WORD_CHARS);
    let text = String::from_utf8_lossy(envelope.body);
    if text.starts_with("payload=") {
        return not_understood(
            resource,
            "The body is a form; set the webhook's content type to application/json.",
        );
    }
    let mended;
    let body = match Wire::parse(&text) {
        Ok(body) => body,
        Err(error) => {
            mended = repaired(envelope.body);
            match Wire::parse(&mended) {
                Ok(body) => body,
                Err(_) => {
                    return not_understood(resource, &format!("The body is no JSON: {error}."));
                }
            }
        }
    };
    let (identity, outcome) = match find(&body) {
        Found::Change(found) => {
            let signal = Signal {
                when: When {
                    sent_at: None,
                    occurred_at: found.at,
                },
                actor: found.actor,
                fact: Fact::Change(Box::new(found.fact)),
            };
            (Some(found.identity), Outcome::Signal(Box::new(signal)))
        }
        Found::Ignored(reason) => (None, Outcome::Ignored(reason)),
        Found::NotUnderstood(reason) => (None, Outcome::NotUnderstood(reason)),
    };
    Reading {
        resource,
        action: cut_chars(&action(&body), WORD_CHARS),
        identity,
        outcome,
    }
}

fn not_understood(resource: String, reason: &str) -> Reading {
    Reading {
        resource,
        action: String::new(),
        identity: None,
        outcome: Outcome::NotUnderstood(reason.to_owned()),
    }
}

/// What identifies a change: its parts, hashed, so that none can imitate another.
pub(super) fn identity(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    format!("change:{}", hex::encode(hash.finalize()))
}

/// A person of a Git host.
pub(super) fn person(id: Option<String>, name: Option<String>) -> Actor {
    let name = name.unwrap_or_else(|| "somebody".to_owned());
    Actor {
        kind: ActorKind::Person,
        id: id.unwrap_or_else(|| name.clone()),
        name,
    }
}

/// A web link; nothing else.
pub(super) fn link(wire: &Wire<'_>) -> Option<String> {
    let text = wire.str()?.trim();
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    (is_web && text.len() <= LINK_CHARS).then(|| text.to_owned())
}

/// A repository by the first of these names that is one.
pub(super) fn repository(
    names: &[&Wire<'_>],
    provider: &'static str,
    (url, branch): (&Wire<'_>, &Wire<'_>),
) -> Option<RepositoryFact> {
    let name = names
        .iter()
        .filter_map(|name| name.str())
        .find_map(RepositoryName::parse)?;
    Some(RepositoryFact {
        name,
        provider,
        url: link(url),
        default_branch: branch.name(),
    })
}

/// A branch or tag of a full ref, and whether it is a tag.
pub(super) fn branch(full: &str) -> (String, bool) {
    let (short, is_tag) = match full.strip_prefix("refs/tags/") {
        Some(tag) => (tag, true),
        None => (full.strip_prefix("refs/heads/").unwrap_or(full), false),
    };
    (cut_chars(short, crate::limits::NAME_CHARS), is_tag)
}

/// The commits of a push in the sender's order (GitHub and GitLab write them alike). Those without
/// a name are left out.
pub(super) fn commits(list: &Wire<'_>) -> Vec<CommitFact> {
    let list = list.list().iter().take(PUSH_COMMITS);
    list.filter_map(commit).collect()
}

fn commit(wire: &Wire<'_>) -> Option<CommitFact> {
    let sha = change::sha(wire.get("id").str()?)?;
    let message = wire.get("message").message();
    let person = wire.get("author");
    let author = person.first(&["name", "username"]).name();
    let at = wire.get("timestamp").time();
    Some(CommitFact {
        is_merge: message.starts_with("Merge ").then_some(true),
        sha,
        message,
        author_key: change::author_key(
            person.get("email").str(),
            author.as_deref().unwrap_or_default(),
        ),
        author: author.unwrap_or_default(),
        authored_at: at,
        committed_at: None,
        url: link(wire.get("url")),
        files: files(wire),
    })
}

fn files(wire: &Wire<'_>) -> Option<Vec<FileChange>> {
    let kinds = [
        ("added", FileChangeKind::Added),
        ("modified", FileChangeKind::Modified),
        ("removed", FileChangeKind::Removed),
    ];
    if kinds.iter().all(|(key, _)| *wire.get(key) == Wire::Null) {
        return None;
    }
    let all = kinds.iter().flat_map(|(key, kind)| {
        let paths = wire.get(key).list().iter().filter_map(Wire::str);
        paths.map(|path| FileChange {
            path: cut_chars(path.trim_start_matches('/'), PATH_CHARS),
            kind: *kind,
            ..FileChange::default()
        })
    });
    Some(all.take(CHANGED_FILES).collect())
}
