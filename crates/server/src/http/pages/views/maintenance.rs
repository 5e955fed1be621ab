//! Maintenance windows, as a part of the page of silences.

use super::parts::{Clock, Icon};
use super::shell::Choice;
use askama::Template;
use askama::filters::HtmlSafe;
use epicenter_domain::time::Time;

/// The windows, with the form for a new one.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "partials/maintenance.html")]
pub struct MaintenancePart {
    /// Now.
    pub clock: Clock,
    /// Token of the forms.
    pub csrf: String,
    /// May the user make and remove windows?
    pub is_responder: bool,
    /// Windows that are not over, soonest end first.
    pub rows: Vec<MaintenanceRow>,
    /// The form for a new one.
    pub form: MaintenanceForm,
}

impl HtmlSafe for MaintenancePart {}

/// One window.
#[derive(Clone, Debug)]
pub struct MaintenanceRow {
    /// Id, as the address has it.
    pub id: String,
    /// Name.
    pub name: String,
    /// Names of the services; empty: everything.
    pub services: String,
    /// What of them; empty: all.
    pub condition: String,
    /// From when.
    pub starts_at: Time,
    /// Until when; none: until it is removed.
    pub ends_at: Option<Time>,
    /// Its hours of the week as words; empty: all the time.
    pub weekly: String,
    /// Does it hold now?
    pub is_active: bool,
}

/// What the form of a window holds.
#[derive(Clone, Debug, Default)]
pub struct MaintenanceForm {
    /// Name.
    pub name: String,
    /// Services; the first is all of them.
    pub services: Vec<Choice>,
    /// Condition in CEL.
    pub condition: String,
    /// How long, from now on.
    pub hours: Vec<Choice>,
    /// Days of the week.
    pub days: Vec<Choice>,
    /// Time of day at which a weekly window begins.
    pub from: String,
    /// Time of day at which it ends.
    pub until: String,
    /// Its time zone.
    pub zone: String,
    /// What was wrong.
    pub error: Option<String>,
}
