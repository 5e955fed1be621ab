//! What is answered in Slack, for the eyes of the person who asked.

use crate::app::App;
use crate::limits::SLACK_LISTED;
use crate::operations::OperationError;
use epicenter_domain::incident::{Incident, IncidentStatus};
use epicenter_domain::notification::cut::{Room, cut, one_line};
use epicenter_domain::notification::wording::{severity_word, status_word};
use epicenter_domain::sources::slack_action::{SlackVerb, escaped};
use epicenter_store::incidents::{self, IncidentFilter};

/// A title in a list: one line on a screen.
const TITLE: Room = Room::chars(120);

pub(super) fn help() -> String {
    "What Epicenter understands:\n\
     • `list` – the open incidents\n\
     • `ack 42` – take incident 42\n\
     • `resolve 42` – it is over\n\
     • `reopen 42` – it is not over\n\
     • `snooze 42 2h` – quiet for two hours (`30m`, `2h`, `3d`)\n\
     • `silence 42 2h` – say nothing about things like it for two hours\n\
     • `help` – this text"
        .to_owned()
}

pub(super) fn stranger(url: &str) -> String {
    format!(
        "Epicenter does not know yet who you are. <{}|Sign in and say that this is you>, then \
         press again. The link is for you only. An admin can do it for you, too.",
        escaped(url)
    )
}

pub(super) fn may_only_look() -> String {
    "Nothing was done: your role in Epicenter may only look. Ask an admin for another.".to_owned()
}

pub(super) fn no_such_incident() -> String {
    "There is no such incident. `list` shows the open ones.".to_owned()
}

pub(super) fn done_before(incident: &Incident) -> String {
    format!("This was done before; #{} stays as it is.", incident.number)
}

pub(super) fn refused(incident: &Incident, why: &str) -> String {
    let why = why.trim_end_matches('.');
    format!(
        "Nothing was done with #{}: {}.",
        incident.number,
        escaped(why)
    )
}

fn named(app: &App, incident: &Incident) -> String {
    let title = cut(&one_line(&incident.title), TITLE, escaped, "…");
    let base = app.config.base_url();
    let url = format!("{base}/incidents/{}", incident.number);
    format!("<{}|#{}> {title}", escaped(&url), incident.number)
}

pub(super) fn done(app: &App, incident: &Incident, verb: SlackVerb) -> String {
    let named = named(app, incident);
    match verb {
        SlackVerb::Acknowledge => format!("You have taken {named}"),
        SlackVerb::Resolve => format!("You have resolved {named}"),
        SlackVerb::Reopen => format!("You have reopened {named}"),
        SlackVerb::Snooze => format!("You have snoozed {named}"),
        SlackVerb::Silence => format!(
            "Nothing is said about things like {named} for a while. <{}/silences|End it earlier>",
            escaped(&app.config.base_url())
        ),
    }
}

/// The open incidents, newest first.
pub(super) async fn list(app: &App, workspace_id: i64) -> Result<String, OperationError> {
    let filter = IncidentFilter {
        statuses: vec![IncidentStatus::Triggered, IncidentStatus::Acknowledged],
        ..IncidentFilter::default()
    };
    let mut tx = app.database.read().await?;
    let page = incidents::list(&mut tx, workspace_id, &filter, None, SLACK_LISTED).await?;
    tx.rollback().await?;
    if page.items.is_empty() {
        return Ok("Nothing is open.".to_owned());
    }
    let line = |incident: &Incident| {
        format!(
            "• {} – {}, {}",
            named(app, incident),
            severity_word(incident.severity).to_lowercase(),
            status_word(incident.status).to_lowercase()
        )
    };
    let mut lines: Vec<String> = page.items.iter().map(line).collect();
    if page.next_cursor.is_some() {
        let base = escaped(&app.config.base_url());
        lines.push(format!("<{base}/incidents|There are more>"));
    }
    Ok(lines.join("\n"))
}
