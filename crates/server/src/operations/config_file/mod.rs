//! A workspace's configuration as one text file: what is exported can be imported again, here or
//! elsewhere. Things are named, never numbered; secrets stay where they are.

mod entries;
mod export;
mod import;
mod lines;
mod passing;
mod put;

pub use entries::{InhibitionEntry, IntegrationEntry, OverrideEntry, SilenceEntry};
pub use export::{export, read};
pub use import::{ImportError, Outcome, Step, import};

use epicenter_domain::escalation::calendar::{ClockTime, Date, Window};
use epicenter_domain::escalation::schedule::TurnUnit;
use epicenter_domain::routing::book::Book;
use epicenter_domain::routing::detect::Detection;
use epicenter_store::notices::destinations::DestinationSettings;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The file's layout that this version writes and reads.
pub const FILE_VERSION: u32 = 1;

/// All that the file holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    /// Its layout.
    pub version: u32,
    /// Teams.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<TeamEntry>,
    /// Services.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceEntry>,
    /// Destinations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub destinations: Vec<DestinationEntry>,
    /// Push URLs, without their secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub integrations: Vec<IntegrationEntry>,
    /// On-call schedules, with the overrides that are not over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedules: Vec<ScheduleEntry>,
    /// Escalation policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalations: Vec<EscalationEntry>,
    /// Repositories that a person said something about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repositories: Vec<RepositoryEntry>,
    /// Code mappings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub code_mappings: Vec<MappingEntry>,
    /// Silences that are not over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silences: Vec<SilenceEntry>,
    /// Which incidents mute others; none: they stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inhibitions: Option<Vec<InhibitionEntry>>,
    /// What is noticed; none: it stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detection: Option<Detection>,
    /// The rules; none: they stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routes: Option<Book>,
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamEntry {
    /// Name.
    pub name: String,
    /// E-mail addresses of its members.
    #[serde(default)]
    pub members: Vec<String>,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceEntry {
    /// What the file knows it by; it never changes.
    pub slug: String,
    /// Name.
    pub name: String,
    /// Slugs of its Sentry projects.
    #[serde(default)]
    pub projects: Vec<String>,
    /// The team that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// The escalation policy that its incidents follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<String>,
    /// Is what usually ends by itself held back for a moment?
    #[serde(default = "yes")]
    pub holds_transients: bool,
    /// What is noticed about its issues; none: what the workspace says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detection: Option<Detection>,
}

fn yes() -> bool {
    true
}

/// A destination, without its secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestinationEntry {
    /// Name.
    pub name: String,
    /// The channel's word.
    pub channel: String,
    /// Is anything sent there?
    pub enabled: bool,
    /// Slugs of the services that it hears of; none: all.
    #[serde(default)]
    pub services: Vec<String>,
    /// The channel's fields. A secret that is absent stays as it is; a new destination needs it.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// What it wants to hear, and when.
    #[serde(default)]
    pub settings: DestinationSettings,
}

/// An on-call schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleEntry {
    /// Name.
    pub name: String,
    /// IANA time zone.
    pub zone: String,
    /// Who takes turns.
    #[serde(default)]
    pub layers: Vec<LayerEntry>,
    /// Somebody else for a while; those that are over are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<OverrideEntry>,
}

/// People who take turns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerEntry {
    /// Name.
    pub name: String,
    /// E-mail addresses, in the order of the turns.
    pub participants: Vec<String>,
    /// What a turn is counted in.
    pub unit: TurnUnit,
    /// Units of one turn.
    pub every: u16,
    /// The date of the first turn.
    pub starts_on: Date,
    /// The time of day of the first hand-over.
    pub hand_over: ClockTime,
    /// When the layer is on; none: always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Window>,
}

/// An escalation policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationEntry {
    /// Name.
    pub name: String,
    /// How often the steps are gone through again.
    pub repeat: u8,
    /// Seconds after the last step before that.
    pub repeat_after_s: u32,
    /// Seconds after which what is acknowledged but not resolved is triggered again; 0: never.
    pub acknowledge_timeout_s: u32,
    /// The policy that takes over after the last step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<String>,
    /// In order.
    pub steps: Vec<StepEntry>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepEntry {
    /// Seconds since the step before.
    pub delay_s: u32,
    /// `person:ada@example.org`, `team:Payments`, `schedule:Primary`, `destination:Team chat`.
    pub targets: Vec<String>,
}

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepositoryEntry {
    /// `owner/name`
    pub name: String,
    /// Slugs of the services that it makes.
    #[serde(default)]
    pub services: Vec<String>,
    /// A clone on the server's machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clone_path: Option<String>,
    /// A CODEOWNERS file that somebody uploaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codeowners: Option<String>,
}

/// A code mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingEntry {
    /// Sentry project.
    pub project: String,
    /// Repository.
    pub repository: String,
    /// Beginning of the path in the stack.
    #[serde(default)]
    pub stack_prefix: String,
    /// Beginning of the path in the repository.
    #[serde(default)]
    pub source_prefix: String,
}
