//! `/escalations` and `/escalations/{id}`: who is told first, and who if nobody answers.

use super::parts::Icon;
use super::shell::{Choice, Shell};
use askama::Template;

/// All policies, with the form for a new one.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/escalations.html")]
pub struct EscalationsPage {
    /// What is around it.
    pub shell: Shell,
    /// May the user change anything here?
    pub is_admin: bool,
    /// Policies.
    pub rows: Vec<EscalationRow>,
    /// The form for a new one.
    pub form: EscalationForm,
}

/// One policy.
#[derive(Clone, Debug)]
pub struct EscalationRow {
    /// Id, as the address has it.
    pub id: String,
    /// Name.
    pub name: String,
    /// Its steps: when ("At once", "After 5 min"), and who is told.
    pub steps: Vec<(String, Vec<String>)>,
    /// What comes after the last step, as sentences.
    pub after: Vec<String>,
    /// Services that follow it: id and name.
    pub services: Vec<(String, String)>,
}

/// What the form of a policy holds.
#[derive(Clone, Debug, Default)]
pub struct EscalationForm {
    /// Name.
    pub name: String,
    /// Steps; the last may be empty.
    pub steps: Vec<StepForm>,
    /// How often the steps are gone through again.
    pub repeat: String,
    /// Seconds before that.
    pub repeat_after_s: String,
    /// Seconds after which an acknowledgement counts no more.
    pub acknowledge_timeout_s: String,
    /// Policies that may follow.
    pub then: Vec<Choice>,
    /// What was wrong.
    pub error: Option<String>,
}

/// What the form of a step holds.
#[derive(Clone, Debug, Default)]
pub struct StepForm {
    /// Its place, from 0.
    pub place: usize,
    /// Seconds since the step before.
    pub delay_s: String,
    /// Who may be told.
    pub targets: Vec<Choice>,
}

/// One policy with its form.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/escalation.html")]
pub struct EscalationPage {
    /// What is around it.
    pub shell: Shell,
    /// May the user change it?
    pub is_admin: bool,
    /// The policy as stored.
    pub policy: EscalationRow,
    /// The form.
    pub form: EscalationForm,
}
