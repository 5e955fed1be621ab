//! `/settings/inhibitions`: which incidents mute others.

use super::parts::Icon;
use super::shell::Shell;
use askama::Template;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/inhibitions.html")]
pub struct InhibitionsPage {
    /// What is around it.
    pub shell: Shell,
    /// May the visitor change it?
    pub is_admin: bool,
    /// What is wrong with what was entered.
    pub fault: Option<String>,
    /// The rules, with an empty one at the end to be filled in.
    pub rules: Vec<InhibitionForm>,
}

/// A rule as it is entered.
#[derive(Clone, Debug, Default)]
pub struct InhibitionForm {
    /// Name.
    pub name: String,
    /// What mutes.
    pub source: String,
    /// What is muted.
    pub target: String,
    /// Fields that must agree, separated by commas.
    pub equal: String,
    /// Fields that must agree where both know them.
    pub equal_if_known: String,
    /// How near they must have opened.
    pub within_seconds: Option<i64>,
}
