//! `/teams`: who belongs together.

use super::parts::{Icon, plural};
use super::shell::{Choice, Shell};
use askama::Template;

/// All teams, with their forms.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/teams.html")]
pub struct TeamsPage {
    /// What is around it.
    pub shell: Shell,
    /// May the user change anything here?
    pub is_admin: bool,
    /// Teams.
    pub rows: Vec<TeamRow>,
    /// The form for a new one.
    pub form: TeamForm,
}

/// One team.
#[derive(Clone, Debug)]
pub struct TeamRow {
    /// Id, as the address has it.
    pub id: String,
    /// Names of its members.
    pub members: Vec<String>,
    /// Services that it owns: id and name.
    pub services: Vec<(String, String)>,
    /// Its form, with its name.
    pub form: TeamForm,
}

impl TeamRow {
    /// "3 members".
    pub fn count(&self) -> String {
        let count = i64::try_from(self.members.len()).unwrap_or(i64::MAX);
        plural(&count, "member", "members")
    }
}

/// What the form of a team holds.
#[derive(Clone, Debug, Default)]
pub struct TeamForm {
    /// Name.
    pub name: String,
    /// People to choose from.
    pub people: Vec<Choice>,
    /// What was wrong.
    pub error: Option<String>,
}
