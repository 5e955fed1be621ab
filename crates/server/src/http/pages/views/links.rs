//! Pages behind signed links, and a person's own notifications.

use super::parts::Icon;
use super::shell::{Choice, Shell};
use crate::http::pages::assets;
use askama::Template;

/// What a link from an e-mail would do.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/act.html")]
pub struct ActPage {
    /// Number of the incident.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// What the button says.
    pub verb: &'static str,
    /// As whom.
    pub actor: String,
    /// Is it so already?
    pub is_done: bool,
    /// The signed part of the address.
    pub link: String,
}

/// Is this member of Slack you?
#[derive(Clone, Debug, Template)]
#[template(path = "pages/slack_link.html")]
pub struct SlackLinkPage {
    /// What is around it.
    pub shell: Shell,
    /// Slack's id of its workspace.
    pub team: String,
    /// Slack's id of the person.
    pub member: String,
    /// What Slack calls the person.
    pub name: String,
    /// The signed part of the address.
    pub link: String,
}

/// How the user is reached, and when not.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/my_notifications.html")]
pub struct MyNotificationsPage {
    /// What is around it.
    pub shell: Shell,
    /// Ways to reach the user, in their order.
    pub ways: Vec<Way>,
    /// The address that is used while there is no way.
    pub fallback: String,
    /// Destinations that can be a way.
    pub destinations: Vec<Choice>,
    /// Who the user is in Slack: team, member, name.
    pub members: Vec<(String, String, String)>,
    /// Time zone, quiet hours, digest.
    pub form: MyTimes,
    /// What was wrong with a form, and which: `contact`, `times`.
    pub fault: Option<(String, String)>,
}

/// One way to reach the user.
#[derive(Clone, Debug)]
pub struct Way {
    /// Id, as the address has it.
    pub id: String,
    /// An address or the name of a destination.
    pub place: String,
    /// `E-mail` or `Destination`.
    pub kind: &'static str,
}

/// The user's wall clock and what belongs to it.
#[derive(Clone, Debug, Default)]
pub struct MyTimes {
    /// IANA time zone.
    pub zone: String,
    /// When the quiet hours begin each day; empty: there are none.
    pub quiet_from: String,
    /// When they end.
    pub quiet_until: String,
    /// Are there quiet hours that this form cannot show?
    pub has_more_quiet: bool,
    /// What comes through all the same.
    pub breaks_through: Vec<Choice>,
    /// When the daily digest comes; empty: never.
    pub digest_at: String,
    /// Do notices above the ceiling wait, and come bundled?
    pub has_ceiling: bool,
}
