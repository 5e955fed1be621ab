//! Parts of the file that hold for a while, or that lead into this workspace.

use epicenter_domain::routing::mute::Until;
use epicenter_domain::routing::window::Schedule;
use serde::{Deserialize, Serialize};

/// A push URL, without its secrets: those are entered by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four switches of the file, each on its own"
)]
pub struct IntegrationEntry {
    /// `sentry`, `github`…
    pub kind: String,
    /// Name.
    pub name: String,
    /// Is it the one of its kind that exists from the start?
    #[serde(default)]
    pub is_default: bool,
    /// Slug of the service that it is bound to; none: shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// May requests be unsigned?
    #[serde(default)]
    pub unsigned: bool,
    /// Severity profile: level or flashduty.
    pub profile: String,
    /// Do service hooks trigger?
    #[serde(default)]
    pub service_hooks_trigger: bool,
    /// Reopen window in seconds.
    pub reopen_window_s: i64,
    /// Is what usually ends by itself held back for a moment?
    pub holds_transients: bool,
}

/// Somebody else is on call for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverrideEntry {
    /// E-mail address of who is on call instead.
    pub person: String,
    /// From when, RFC 3339.
    pub starts_at: String,
    /// Until when.
    pub ends_at: String,
}

/// What is not told for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SilenceEntry {
    /// What it matches (CEL).
    pub condition: String,
    /// From when, RFC 3339.
    pub starts_at: String,
    /// Until when.
    pub ends_at: String,
    /// Who made it.
    pub author: String,
    /// Why.
    #[serde(default)]
    pub comment: String,
    /// What ends it earlier.
    #[serde(default)]
    pub until: Until,
    /// Between the two only then; none: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
}

/// A rule of which incidents mute others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InhibitionEntry {
    /// Name.
    pub name: String,
    /// What mutes (CEL).
    pub source: String,
    /// What is muted (CEL).
    pub target: String,
    /// Fields that both must know and that must agree.
    pub equal: Vec<String>,
    /// Fields that must agree where both know them.
    #[serde(default)]
    pub equal_if_known: Vec<String>,
    /// Only what opened at most so many seconds before or after it; none: whatever is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_seconds: Option<i64>,
}
