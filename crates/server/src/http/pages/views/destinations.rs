//! `/destinations` and `/destinations/{id}`: where notices go.

use super::parts::Icon;
use super::shell::{Choice, Shell};
use askama::Template;
use epicenter_domain::time::Time;

/// All destinations, with a form for each channel.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/destinations.html")]
pub struct DestinationsPage {
    /// What is around it.
    pub shell: Shell,
    /// May the user change anything here?
    pub is_admin: bool,
    /// Destinations, oldest first.
    pub rows: Vec<DestinationRow>,
    /// The forms for a new one.
    pub forms: Vec<DestinationForm>,
    /// What was wrong with the last one.
    pub error: Option<String>,
}

/// One destination.
#[derive(Clone, Debug)]
pub struct DestinationRow {
    /// Id, as the address has it.
    pub id: String,
    /// Name.
    pub name: String,
    /// Name of its channel.
    pub channel: String,
    /// Where it leads, without secrets.
    pub place: String,
    /// The services it hears of; empty: all.
    pub services: Vec<String>,
    /// `error`, if it hears only of this and what is worse.
    pub least_severity: Option<String>,
    /// Is anything sent there?
    pub is_enabled: bool,
    /// Why nothing is sent, when Epicenter switched it off.
    pub disabled_why: Option<String>,
    /// Since when every attempt has failed.
    pub failing_since: Option<Time>,
}

/// What the form of a destination holds.
#[derive(Clone, Debug, Default)]
pub struct DestinationForm {
    /// Word of the channel.
    pub channel: String,
    /// Name of the channel.
    pub channel_name: String,
    /// What has to be done over there.
    pub help: String,
    /// Was it sent with a fault?
    pub is_open: bool,
    /// Name.
    pub name: String,
    /// Fields of the channel.
    pub fields: Vec<ChannelField>,
    /// Services it may hear of.
    pub services: Vec<Choice>,
    /// What it may hear of.
    pub severities: Vec<Choice>,
}

/// A field of a channel.
#[derive(Clone, Debug, Default)]
pub struct ChannelField {
    /// Its name.
    pub name: String,
    /// What the form calls it.
    pub label: String,
    /// What is in it; never a secret.
    pub value: String,
    /// An example, or that a secret is set.
    pub placeholder: String,
    /// Is it never shown?
    pub is_secret: bool,
    /// Must it be filled?
    pub is_required: bool,
}

/// When a destination hears: the second part of its form.
#[derive(Clone, Debug, Default)]
pub struct WhenForm {
    /// `no`, `also` or `only`: does it read along in the memory? None: it cannot.
    pub observations: Option<&'static str>,
    /// Also that something is over?
    pub wants_resolved: bool,
    /// Seconds before the first notice of a critical incident.
    pub urgent_wait_s: String,
    /// Seconds before the first notice of any other.
    pub wait_s: String,
    /// Minutes before the same is told again.
    pub repeat_min: String,
    /// When the quiet hours begin each day.
    pub quiet_from: String,
    /// When they end.
    pub quiet_until: String,
    /// Their time zone.
    pub zone: String,
    /// Are there quiet hours that this form cannot show?
    pub has_more_quiet: bool,
    /// Most notices of an hour; empty: no limit.
    pub most: String,
    /// Are there limits that this form cannot show?
    pub has_more_rates: bool,
}

/// When the daily digest of a destination comes.
#[derive(Clone, Debug, Default)]
pub struct DigestForm {
    /// Time of day; empty: never.
    pub at: String,
    /// Time zone.
    pub zone: String,
}

/// One destination with its form.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/destination.html")]
pub struct DestinationPage {
    /// What is around it.
    pub shell: Shell,
    /// May the user change it?
    pub is_admin: bool,
    /// The destination as stored.
    pub row: DestinationRow,
    /// The form.
    pub form: DestinationForm,
    /// When it hears.
    pub when: WhenForm,
    /// When its daily digest comes.
    pub digest: DigestForm,
    /// The addresses that a Slack app calls for buttons and commands; none for other channels.
    pub slack_urls: Option<(String, String)>,
    /// What was wrong.
    pub error: Option<String>,
}

impl DestinationRow {
    /// What it hears, as a sentence.
    pub fn hears(&self) -> String {
        let what = match &self.least_severity {
            Some(least) => format!("{least} and worse"),
            None => "everything".to_owned(),
        };
        if self.services.is_empty() {
            return format!("Hears {what} of all services");
        }
        format!("Hears {what} of {}", self.services.join(", "))
    }
}
