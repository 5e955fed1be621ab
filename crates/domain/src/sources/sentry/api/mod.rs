//! What Sentry's REST API answers (SENTRY-PROTOCOL §8), as the same facts that webhooks bring.
//! Total: any bytes end in a value or in a fault, one odd issue does not spoil its page.

mod issue;

pub use issue::ReadIssue;

use super::super::repair::repaired;
use super::event;
use crate::limits::{API_LIST, cut_chars};
use crate::signal::{EventFacts, ProjectFacts};
use crate::sources::wire::Wire;

/// Why an answer cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It is a web page: a sign-in, a proxy's error, another program.
    #[error("it is a web page, not data")]
    Page,
    /// Not JSON, or nested too deeply.
    #[error("it is not JSON")]
    NotJson,
    /// Another type of value than asked for.
    #[error("it is JSON of another type than asked for")]
    OtherType,
}

/// A page of a list: what could be read, and how many entries could not.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed<T> {
    /// In the sender's order.
    pub items: Vec<T>,
    /// Entries that are none: without an id, or of another type.
    pub unreadable: usize,
}

/// A release, as far as it is of interest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRelease {
    /// Its version.
    pub version: String,
    /// Slugs of its projects.
    pub projects: Vec<String>,
}

/// Lets `look` at a JSON body.
fn with<T>(body: &[u8], look: impl Fn(&Wire<'_>) -> Result<T, Unusable>) -> Result<T, Unusable> {
    let text = std::str::from_utf8(body).unwrap_or_default();
    if let Ok(wire) = Wire::parse(text) {
        return look(&wire);
    }
    let mut start = body.iter().filter(|byte| !byte.is_ascii_whitespace());
    if start.next() == Some(&b'<') {
        return Err(Unusable::Page);
    }
    match Wire::parse(&repaired(body)) {
        Ok(wire) => look(&wire),
        Err(_) => Err(Unusable::NotJson),
    }
}

fn list<T>(body: &[u8], read: impl Fn(&Wire<'_>) -> Option<T>) -> Result<Listed<T>, Unusable> {
    with(body, |wire| {
        let Wire::List(entries) = wire else {
            return Err(Unusable::OtherType);
        };
        let entries = entries
            .get(..API_LIST.min(entries.len()))
            .unwrap_or_default();
        let items: Vec<T> = entries.iter().filter_map(&read).collect();
        Ok(Listed {
            unreadable: entries.len() - items.len(),
            items,
        })
    })
}

/// A page of issues.
pub fn issues(body: &[u8]) -> Result<Listed<ReadIssue>, Unusable> {
    list(body, issue::read)
}

/// One issue.
pub fn issue(body: &[u8]) -> Result<ReadIssue, Unusable> {
    with(body, |wire| issue::read(wire).ok_or(Unusable::OtherType))
}

/// A page of projects.
pub fn projects(body: &[u8]) -> Result<Listed<ProjectFacts>, Unusable> {
    list(body, |wire| {
        wire.is_map().then(|| ProjectFacts {
            id: wire.get("id").id(),
            slug: wire.get("slug").name(),
            name: wire.get("name").name(),
        })
    })
}

/// A page of releases.
pub fn releases(body: &[u8]) -> Result<Listed<ReadRelease>, Unusable> {
    list(body, |wire| {
        let projects = wire.get("projects").list().iter();
        Some(ReadRelease {
            version: wire.get("version").name()?,
            projects: projects.filter_map(|one| one.get("slug").name()).collect(),
        })
    })
}

/// One event: what it says, to see whether it is one.
pub fn event(body: &[u8]) -> Result<EventFacts, Unusable> {
    with(body, |wire| match event::event_id(wire) {
        Some(_) if wire.is_map() => Ok(event::read(wire)),
        _ => Err(Unusable::OtherType),
    })
}

/// The id of something that was just made: a note.
pub fn made(body: &[u8]) -> Result<String, Unusable> {
    with(body, |wire| wire.get("id").id().ok_or(Unusable::OtherType))
}

/// What a token may do, from the root of the API; `None`: it does not say.
pub fn scopes(body: &[u8]) -> Result<Option<Vec<String>>, Unusable> {
    with(body, |wire| {
        if !wire.is_map() {
            return Err(Unusable::OtherType);
        }
        let scopes = wire.path(&["auth", "scopes"]);
        let words = scopes.list().iter().filter_map(Wire::name);
        let Wire::List(_) = scopes else {
            return Ok(None);
        };
        Ok(Some(words.collect()))
    })
}

/// Is it an object, as an organisation is? Its name, if it has one.
pub fn organization(body: &[u8]) -> Result<Option<String>, Unusable> {
    with(body, |wire| {
        if wire.is_map() {
            Ok(wire.get("name").name().map(|name| cut_chars(&name, 100)))
        } else {
            Err(Unusable::OtherType)
        }
    })
}

#[cfg(test)]
mod tests;
