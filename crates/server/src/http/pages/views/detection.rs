//! `/settings/detection`: what Epicenter notices by itself.

use super::parts::{Clock, Icon};
use super::shell::Shell;
use askama::Template;
use epicenter_domain::time::Time;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/detection.html")]
pub struct DetectionPage {
    /// What is around it.
    pub shell: Shell,
    /// Now.
    pub clock: Clock,
    /// May the visitor change it?
    pub is_admin: bool,
    /// May the visitor repair issues?
    pub can_act: bool,
    /// What is wrong with what was entered.
    pub fault: Option<String>,
    /// Were these settings made for just this service (or workspace)?
    pub is_own: bool,
    /// Id and name of the service whose settings these are; none: of the workspace.
    pub service: Option<(String, String)>,
    /// All services, by id and name.
    pub services: Vec<(String, String)>,
    /// What is done about each sort of finding.
    pub reactions: Vec<ReactionField>,
    /// When something is one.
    pub numbers: Vec<NumberField>,
    /// Whether what has gone quiet is resolved by itself: the word of what is chosen.
    pub auto_resolve: &'static str,
    /// After how long.
    pub auto_resolve_numbers: Vec<NumberField>,
    /// Issues that are muted for ever but still happen, the loudest.
    pub muted: Vec<MutedRow>,
    /// How many there are of them.
    pub muted_count: i64,
}

/// What is done about one sort of finding.
#[derive(Clone, Debug)]
pub struct ReactionField {
    /// Name of the field.
    pub name: &'static str,
    /// What it is about.
    pub label: &'static str,
    /// The word of what is chosen.
    pub chosen: &'static str,
}

/// A number to be entered.
#[derive(Clone, Debug)]
pub struct NumberField {
    /// Name of the field.
    pub name: &'static str,
    /// What it says.
    pub label: &'static str,
    /// As it is.
    pub value: u32,
}

/// An issue that nobody will hear of again, although it still happens.
#[derive(Clone, Debug)]
pub struct MutedRow {
    /// `iss_…`
    pub id: String,
    /// As Sentry shows it; may be empty.
    pub name: String,
    /// Title.
    pub title: String,
    /// Why, as a phrase.
    pub why: &'static str,
    /// Events since it is muted.
    pub events: i64,
    /// Since when.
    pub since: Time,
    /// Its last event.
    pub last_seen_at: Time,
}
