//! `issue.*`: what happens to an issue as a whole.

use crate::simulator::issue::{Archive, Assignee, Issue, Open, Resolution, Status};
use crate::simulator::moment;
use crate::simulator::payloads::group::{add_links, group};
use crate::simulator::payloads::{By, Sentry};
use crate::simulator::webhook::Webhook;
use serde_json::{Value, json};

/// `issue.created`.
pub fn created(sentry: &mut Sentry, issue: &Issue) -> Webhook {
    let mut body = group(issue, By::Sentry, moment::offset, &mut sentry.random);
    add_links(&mut body, issue);
    sentry.hook("issue", "created", &json!({"issue": body}), By::Sentry)
}

/// `issue.resolved`; the issue is resolved afterwards.
pub fn resolved(sentry: &mut Sentry, issue: &mut Issue, resolution: Resolution, by: By) -> Webhook {
    let word = match resolution {
        Resolution::Now => "now",
        Resolution::InRelease(_) => "in_release",
        Resolution::InNextRelease => "in_next_release",
        Resolution::InCommit(_) => "in_commit",
    };
    issue.status = Status::Resolved(resolution);
    let data = json!({"issue": bare(sentry, issue, by), "resolution_type": word});
    sentry.hook("issue", "resolved", &data, by)
}

/// `issue.assigned`; the issue is assigned afterwards.
pub fn assigned(sentry: &mut Sentry, issue: &mut Issue, assignee: Assignee, by: By) -> Webhook {
    issue.assignee = Some(assignee);
    let to = match assignee {
        Assignee::Person(person) => json!({
            "type": "user",
            "id": person.id,
            "name": person.name,
            "email": person.email,
        }),
        Assignee::Team(team) => json!({"type": "team", "id": team.id, "name": team.name}),
    };
    let data = json!({"issue": bare(sentry, issue, by), "assignee": to});
    sentry.hook("issue", "assigned", &data, by)
}

/// `issue.ignored`; the issue is archived afterwards.
pub fn ignored(sentry: &mut Sentry, issue: &mut Issue, archive: Archive, by: By) -> Webhook {
    issue.status = Status::Archived(archive);
    let data = json!({"issue": bare(sentry, issue, by)});
    sentry.hook("issue", "ignored", &data, by)
}

/// `issue.unresolved`; the issue is open afterwards.
pub fn unresolved(sentry: &mut Sentry, issue: &mut Issue, open: Open, by: By) -> Webhook {
    issue.status = Status::Open(open);
    let data = json!({"issue": bare(sentry, issue, by)});
    sentry.hook("issue", "unresolved", &data, by)
}

fn bare(sentry: &mut Sentry, issue: &Issue, by: By) -> Value {
    Value::Object(group(issue, by, moment::zulu, &mut sentry.random))
}
