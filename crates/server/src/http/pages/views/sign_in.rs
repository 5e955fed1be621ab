//! `/setup` and `/login`: the pages before there is a user.

use super::parts::Icon;
use super::shell::Shell;
use crate::http::pages::assets;
use askama::Template;

/// First run: the one-time link leads here.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/setup.html")]
pub struct SetupPage {
    /// Only `csrf`, `clock`, `flash` and `version` are used.
    pub shell: Shell,
    /// The token of the one-time link.
    pub token: String,
    /// Name as typed before, after a fault.
    pub name: String,
    /// E-mail as typed before.
    pub email: String,
    /// What was wrong.
    pub error: Option<String>,
}

/// Signing in.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/login.html")]
pub struct LoginPage {
    /// Only `csrf`, `clock`, `flash` and `version` are used.
    pub shell: Shell,
    /// Where to go afterwards; a path of our own.
    pub next: String,
    /// E-mail as typed before.
    pub email: String,
    /// What was wrong.
    pub error: Option<String>,
}
