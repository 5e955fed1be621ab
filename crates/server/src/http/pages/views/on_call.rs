//! `/on-call` and `/on-call/{id}`: who is on call, now and in a week.

use super::parts::Icon;
use super::shell::{Choice, Shell};
use askama::Template;
use epicenter_domain::time::Time;

/// All schedules, with the form for a new one.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/on_call.html")]
pub struct OnCallPage {
    /// What is around it.
    pub shell: Shell,
    /// May the user change anything here?
    pub is_admin: bool,
    /// Schedules.
    pub rows: Vec<ScheduleRow>,
    /// The form for a new one.
    pub form: ScheduleForm,
}

/// One schedule.
#[derive(Clone, Debug)]
pub struct ScheduleRow {
    /// Id, as the address has it.
    pub id: String,
    /// Name.
    pub name: String,
    /// Time zone.
    pub zone: String,
    /// Who is on call, and until when.
    pub now: Option<(String, Time)>,
}

/// What the form of a schedule holds.
#[derive(Clone, Debug, Default)]
pub struct ScheduleForm {
    /// Name.
    pub name: String,
    /// Time zone.
    pub zone: String,
    /// Layers, lowest first; the last may be empty.
    pub layers: Vec<LayerForm>,
    /// What was wrong.
    pub error: Option<String>,
}

/// What the form of a layer holds.
#[derive(Clone, Debug, Default)]
pub struct LayerForm {
    /// Name.
    pub name: String,
    /// E-mail addresses, one a line, in the order of the turns.
    pub people: String,
    /// `hours`, `days`, `weeks`.
    pub units: Vec<Choice>,
    /// Units of one turn.
    pub every: String,
    /// `2026-11-23`
    pub starts_on: String,
    /// `09:00`
    pub hand_over: String,
    /// When it is on, one window a line.
    pub windows: String,
}

/// One schedule with its week.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/schedule.html")]
pub struct SchedulePage {
    /// What is around it.
    pub shell: Shell,
    /// May the user change the schedule?
    pub is_admin: bool,
    /// May the user add overrides, and subscribe to the calendar?
    pub is_responder: bool,
    /// The schedule.
    pub schedule: ScheduleRow,
    /// Days of the week that is shown.
    pub days: Vec<DayRow>,
    /// Addresses of the week before and after, and of this one.
    pub weeks: [String; 3],
    /// Overrides that are not over.
    pub overrides: Vec<OverrideRow>,
    /// People to choose from.
    pub people: Vec<Choice>,
    /// What was wrong with an override.
    pub override_error: Option<String>,
    /// Address of the calendar.
    pub calendar_url: Option<String>,
    /// The form.
    pub form: ScheduleForm,
}

/// One day of the week.
#[derive(Clone, Debug)]
pub struct DayRow {
    /// "Mon 23 Nov".
    pub label: String,
    /// Is it today?
    pub is_today: bool,
    /// Who is on call, in order.
    pub pieces: Vec<PieceRow>,
}

/// A part of a day.
#[derive(Clone, Debug)]
pub struct PieceRow {
    /// "09:00 to 17:00", or "all day".
    pub when: String,
    /// Who; none: nobody.
    pub person: Option<String>,
    /// Layer, or "override".
    pub why: String,
    /// Is it now?
    pub is_now: bool,
}

/// An override.
#[derive(Clone, Debug)]
pub struct OverrideRow {
    /// Id, as the address has it.
    pub id: String,
    /// Who.
    pub person: String,
    /// "Mon 23 Nov 09:00 to Tue 24 Nov 09:00", on the schedule's wall clock.
    pub when: String,
}
