//! `comment.*`.

use crate::simulator::company::Person;
use crate::simulator::issue::Issue;
use crate::simulator::moment;
use crate::simulator::payloads::{By, Sentry};
use crate::simulator::webhook::Webhook;
use serde_json::json;

/// One comment.
#[derive(Clone, Debug)]
pub struct Comment {
    /// Sentry's id.
    pub id: u64,
    /// Who wrote it.
    pub author: &'static Person,
    /// When it was written.
    pub written_ms: i64,
    /// What it says now.
    pub text: String,
}

/// `comment.created`.
pub fn created(sentry: &mut Sentry, issue: &mut Issue, comment: &Comment) -> Webhook {
    issue.comments = issue.comments.saturating_add(1);
    about(sentry, issue, comment, "created")
}

/// `comment.updated`.
pub fn updated(sentry: &mut Sentry, issue: &Issue, comment: &Comment) -> Webhook {
    about(sentry, issue, comment, "updated")
}

/// `comment.deleted`.
pub fn deleted(sentry: &mut Sentry, issue: &mut Issue, comment: &Comment) -> Webhook {
    issue.comments = issue.comments.saturating_sub(1);
    about(sentry, issue, comment, "deleted")
}

fn about(sentry: &mut Sentry, issue: &Issue, comment: &Comment, action: &str) -> Webhook {
    let data = json!({
        "comment_id": comment.id,
        "issue_id": issue.id,
        "project_slug": issue.fault.project.slug,
        "timestamp": moment::zulu(comment.written_ms),
        "comment": comment.text,
    });
    sentry.hook("comment", action, &data, By::Person(comment.author))
}
