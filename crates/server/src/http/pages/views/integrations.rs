//! `/integrations`: the push URLs, and whether they are alive.

use super::parts::{Clock, Icon, Markup, Outcome};
use super::shell::Shell;
use askama::Template;
use askama::filters::HtmlSafe;
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::time::Time;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/integrations.html")]
pub struct IntegrationsPage {
    /// What is around it.
    pub shell: Shell,
    /// The list, which is also the fragment `rows`.
    pub list: IntegrationList,
    /// The form for a new one.
    pub form: IntegrationForm,
    /// Services to choose from: id and name.
    pub services: Vec<(String, String)>,
}

/// Cards: what `X-Fragment: rows` is answered with.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "partials/integration_list.html")]
pub struct IntegrationList {
    /// Now.
    pub clock: Clock,
    /// Integrations.
    pub rows: Vec<IntegrationRow>,
}

impl IntegrationsPage {
    /// Kinds to choose from: word and name.
    pub fn kinds(&self) -> [(&'static str, &'static str); 6] {
        IntegrationKind::ALL.map(|kind| (kind.as_str(), kind.label()))
    }
}

impl HtmlSafe for IntegrationList {}

/// One integration in the list.
#[derive(Clone, Debug)]
pub struct IntegrationRow {
    /// Id, as the address has it.
    pub id: String,
    /// `sentry`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Service that is alerted.
    pub service: Option<String>,
    /// Push URL.
    pub push_url: String,
    /// One of those that exist from the start.
    pub is_default: bool,
    /// Is it healthy?
    pub health: Health,
    /// Last proven delivery.
    pub last_delivery_at: Option<Time>,
    /// Last refused request: when, and the sentence that says why.
    pub last_refused: Option<(Time, String)>,
    /// Deliveries of the last 24 hours.
    pub day_count: i64,
}

/// Whether an integration works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Proven deliveries arrive.
    Receiving,
    /// Nothing has arrived yet.
    Waiting,
    /// It has no secret and is not unsigned: everything is refused.
    NeedsSecret,
    /// Requests are refused since the last proven delivery.
    Refusing,
    /// Sentry removed the installation.
    Uninstalled,
}

impl Health {
    /// Icon and words.
    pub fn badge(&self) -> Markup {
        match self {
            Self::Receiving => Outcome::Applied.badge_as("Receiving"),
            Self::Waiting => Outcome::Pending.badge_as("Waiting for the first delivery"),
            Self::NeedsSecret => Outcome::NotUnderstood.badge_as("Needs a secret"),
            Self::Refusing => Outcome::Refused.badge_as("Refusing requests"),
            Self::Uninstalled => Outcome::Parked.badge_as("Removed in Sentry"),
        }
    }
}

/// The form for a new integration, with what was typed before a fault.
#[derive(Clone, Debug, Default)]
pub struct IntegrationForm {
    /// Kind, as the API writes it.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Id of the service.
    pub service: String,
    /// Was "unsigned" ticked?
    pub is_unsigned: bool,
    /// What was wrong.
    pub error: Option<String>,
}
