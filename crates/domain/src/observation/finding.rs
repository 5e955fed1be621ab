//! What Epicenter itself noticed about an issue.

use super::markdown::field;
use super::{Author, Draft, issue};
use crate::issue::Issue;
use crate::signal::Actor;
use crate::time::Time;

/// The record of a finding: what sort, and the sentence.
pub(super) fn draft(at: Time, issue: &Issue, (word, reason): (&str, &str)) -> Draft {
    let author = Author::of(&Actor::epicenter(), "epicenter");
    let mut draft = Draft::new("epicenter", &format!("detection.{word}"), author);
    issue::tell_state(&mut draft, issue);
    draft.title = format!("🔎 {reason}: {}", issue.title);
    draft.body = format!("{}\n\n{}", field("Noticed", reason), draft.body);
    draft.occurred_at = Some(at);
    draft.note("finding", word);
    draft
}
