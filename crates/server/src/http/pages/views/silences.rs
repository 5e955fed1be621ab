//! `/silences`: what is not told for a while.

use super::maintenance::MaintenancePart;
use super::parts::Icon;
use super::shell::{Choice, Shell};
use askama::Template;
use epicenter_domain::time::Time;

/// All silences, with the form for a new one.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/silences.html")]
pub struct SilencesPage {
    /// What is around it.
    pub shell: Shell,
    /// May the user make and end silences?
    pub is_responder: bool,
    /// Silences that hold or will hold, soonest end first.
    pub rows: Vec<SilenceRow>,
    /// Silences that have ended, latest end first.
    pub ended: Vec<SilenceRow>,
    /// The form for a new one.
    pub form: SilenceForm,
    /// The maintenance windows.
    pub maintenance: MaintenancePart,
}

/// One silence.
#[derive(Clone, Debug)]
pub struct SilenceRow {
    /// Id, as the address has it.
    pub id: String,
    /// What it matches.
    pub condition: String,
    /// pending, active or expired.
    pub state: &'static str,
    /// From when.
    pub starts_at: Time,
    /// Until when.
    pub ends_at: Time,
    /// What ends it earlier, as words; may be empty.
    pub until: String,
    /// Does it hold only in some windows of the week?
    pub is_weekly: bool,
    /// Who made it.
    pub author: String,
    /// Why.
    pub comment: String,
}

/// What the form of a silence holds.
#[derive(Clone, Debug, Default)]
pub struct SilenceForm {
    /// Rows of the condition.
    pub rows: Vec<ConditionRow>,
    /// The condition as a text; it counts instead of the rows.
    pub text: String,
    /// How long.
    pub hours: Vec<Choice>,
    /// Ends earlier with this release.
    pub until_release: String,
    /// Ends earlier with so many users.
    pub until_users: String,
    /// Why.
    pub comment: String,
    /// What was wrong.
    pub error: Option<String>,
    /// What to confirm.
    pub warning: Option<String>,
    /// What it would mute now.
    pub impact: Option<Impact>,
}

/// One row of a condition.
#[derive(Clone, Debug, Default)]
pub struct ConditionRow {
    /// Its place, from 0.
    pub place: usize,
    /// Fields.
    pub fields: Vec<Choice>,
    /// Operators.
    pub operators: Vec<Choice>,
    /// Value.
    pub value: String,
}

/// What a silence would mute now.
#[derive(Clone, Debug, Default)]
pub struct Impact {
    /// "2 of 5 open incidents".
    pub count: String,
    /// "7 of 90 in the last 7 days".
    pub week: String,
    /// Number and title of the newest.
    pub incidents: Vec<(i64, String)>,
}
