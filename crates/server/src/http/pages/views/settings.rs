//! `/settings`: account, tokens, users, privacy, storage, about.

use super::parts::{Icon, bytes};
use super::shell::Shell;
use askama::Template;
use epicenter_domain::time::Time;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/settings.html")]
pub struct SettingsPage {
    /// What is around it.
    pub shell: Shell,
    /// May the user manage tokens and users?
    pub is_admin: bool,
    /// What was wrong with a form, and which: `password`, `tokens`, `users`.
    pub fault: Option<(String, String)>,
    /// The token just made: its name and its value. Shown this once.
    pub new_token: Option<(String, String)>,
    /// API tokens.
    pub tokens: Vec<TokenRow>,
    /// People.
    pub users: Vec<UserRow>,
    /// Rules against personal data.
    pub privacy: Vec<PrivacyRule>,
    /// What is stored.
    pub storage: Storage,
    /// Lines about this installation: name and value.
    pub about: Vec<(String, String)>,
}

/// One API token.
#[derive(Clone, Debug)]
pub struct TokenRow {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// `viewer`, `responder` or `admin`.
    pub role: String,
    /// Its last letters.
    pub hint: String,
    /// When it was made.
    pub created_at: Time,
    /// When it stops to count.
    pub expires_at: Option<Time>,
    /// When it was last used.
    pub last_used_at: Option<Time>,
}

/// One user.
#[derive(Clone, Debug)]
pub struct UserRow {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// `viewer`, `responder` or `admin`.
    pub role: String,
    /// When the account was made.
    pub created_at: Time,
    /// Is it the reader?
    pub is_self: bool,
}

/// One rule against personal data.
#[derive(Clone, Debug)]
pub struct PrivacyRule {
    /// Its id in `epicenter.toml`.
    pub id: String,
    /// What it does, in a sentence.
    pub sentence: String,
    /// Does it work?
    pub is_on: bool,
}

/// What is stored.
#[derive(Clone, Debug, Default)]
pub struct Storage {
    /// `SQLite` or `PostgreSQL 15`.
    pub engine: String,
    /// Bytes of the database.
    pub size: i64,
    /// Cap in bytes, if there is one.
    pub cap: Option<i64>,
    /// Rows, bytes or days per kind: name and words.
    pub lines: Vec<(String, String)>,
}

impl SettingsPage {
    /// The fault of this form.
    pub fn fault_of(&self, form: &str) -> Option<&str> {
        self.fault
            .as_ref()
            .filter(|(name, _)| name == form)
            .map(|(_, text)| text.as_str())
    }
}

impl Storage {
    /// "12 MB".
    pub fn shown_size(&self) -> String {
        bytes(&self.size)
    }

    /// "500 MB".
    pub fn shown_cap(&self) -> Option<String> {
        self.cap.as_ref().map(bytes)
    }
}
