//! What is around every page: navigation, bell, user, notices.

use super::parts::{Clock, Icon, IncidentState, ShownSeverity, compact, initials};
use crate::http::pages::assets;
use askama::Template;
use epicenter_domain::time::Time;
use epicenter_store::incidents::COUNT_CAP;

/// The parts of the site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Section {
    /// Incidents.
    #[default]
    Incidents,
    /// Error log.
    ErrorLog,
    /// Changes.
    Changes,
    /// Trends.
    Trends,
    /// Memory.
    Memory,
    /// Deliveries.
    Deliveries,
    /// Integrations.
    Integrations,
    /// Services.
    Services,
    /// Routing rules.
    Routes,
    /// Who is on call, escalation policies, teams.
    OnCall,
    /// Where notices go, what is silenced, and what was sent.
    Notices,
    /// How Epicenter itself is.
    Health,
    /// Settings.
    Settings,
    /// None of them.
    Elsewhere,
}

impl Section {
    /// Those with a place in the navigation.
    const NAVIGATION: [Self; 13] = [
        Self::Incidents,
        Self::ErrorLog,
        Self::Changes,
        Self::Trends,
        Self::Memory,
        Self::Deliveries,
        Self::Integrations,
        Self::Services,
        Self::Routes,
        Self::OnCall,
        Self::Notices,
        Self::Health,
        Self::Settings,
    ];

    fn item(self) -> (&'static str, &'static str, Icon) {
        match self {
            Self::Incidents | Self::Elsewhere => ("/incidents", "Incidents", Icon::Siren),
            Self::ErrorLog => ("/error-log", "Error log", Icon::List),
            Self::Changes => ("/changes", "Changes", Icon::Ship),
            Self::Trends => ("/trends", "Trends", Icon::Bars),
            Self::Memory => ("/memory", "Memory", Icon::Book),
            Self::Deliveries => ("/deliveries", "Deliveries", Icon::Inbox),
            Self::Integrations => ("/integrations", "Integrations", Icon::Plug),
            Self::Services => ("/services", "Services", Icon::Stack),
            Self::Routes => ("/routes", "Routes", Icon::Branch),
            Self::OnCall => ("/on-call", "On-call", Icon::Person),
            Self::Notices => ("/destinations", "Notices", Icon::Bell),
            Self::Health => ("/health", "Health", Icon::Shield),
            Self::Settings => ("/settings", "Settings", Icon::Gear),
        }
    }
}

/// One entry of the navigation.
#[derive(Clone, Debug)]
pub struct NavItem {
    /// Address.
    pub href: &'static str,
    /// Word.
    pub label: &'static str,
    /// Picture.
    pub icon: Icon,
    /// Is it where the reader is?
    pub is_current: bool,
}

/// What every page with a signed-in user gets.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// The page was made at this instant.
    pub clock: Clock,
    /// Where the reader is.
    pub section: Section,
    /// The session's token against forged forms.
    pub csrf: String,
    /// The signed-in user.
    pub user: UserChip,
    /// The bell.
    pub bell: Bell,
    /// What the last form did, shown once after its redirect.
    pub flash: Option<Flash>,
    /// Things that are wrong with the system itself.
    pub notices: Vec<Notice>,
    /// Epicenter's version.
    pub version: String,
}

impl Shell {
    /// The navigation.
    pub fn navigation(&self) -> Vec<NavItem> {
        let item = |section: Section| {
            let (href, label, icon) = section.item();
            NavItem {
                href,
                label,
                icon,
                is_current: section == self.section,
            }
        };
        Section::NAVIGATION.into_iter().map(item).collect()
    }

    /// Address of an asset.
    pub fn asset(&self, name: &str) -> String {
        assets::address(name)
    }
}

/// The signed-in user.
#[derive(Clone, Debug, Default)]
pub struct UserChip {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
}

impl UserChip {
    /// Letters for the round sign.
    pub fn initials(&self) -> String {
        initials(&self.name)
    }
}

/// What `X-Fragment: bell` is answered with.
#[derive(Clone, Debug, Template)]
#[template(path = "partials/bell.html")]
pub struct BellFragment {
    /// Only `bell`, `clock` and `csrf` are used.
    pub shell: Shell,
}

/// Incidents that the user has not seen yet.
#[derive(Clone, Debug, Default)]
pub struct Bell {
    /// Incidents opened or reopened since the bell was last read.
    pub unread: i64,
    /// The newest ones, read ones too, at most ten.
    pub items: Vec<BellItem>,
}

impl Bell {
    /// The number on the bell.
    pub fn count(&self) -> String {
        compact(&self.unread)
    }
}

/// One line under the bell.
#[derive(Clone, Debug)]
pub struct BellItem {
    /// Number of the incident.
    pub number: i64,
    /// Title.
    pub title: String,
    /// Severity.
    pub severity: ShownSeverity,
    /// Where it stands.
    pub state: IncidentState,
    /// Since when it waits for somebody.
    pub triggered_at: Time,
    /// Not read yet?
    pub is_unread: bool,
}

/// What the last form did.
#[derive(Clone, Debug)]
pub struct Flash {
    /// Did it go well?
    pub is_error: bool,
    /// One sentence.
    pub text: String,
    /// Token for `POST /incidents/undo`, where it can be undone.
    pub undo: Option<String>,
}

/// Something that is wrong with the system, or worth knowing on every page.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Serious?
    pub is_error: bool,
    /// One or two sentences.
    pub text: String,
    /// Where to go: address of our own and words.
    pub link: Option<(String, String)>,
}

/// One choice of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Value in the address.
    pub value: String,
    /// Words.
    pub label: String,
    /// Is it the chosen one?
    pub is_chosen: bool,
}

impl Choice {
    /// Choices from values and words, with the chosen value marked.
    pub fn list<V: AsRef<str>, L: AsRef<str>>(
        pairs: impl IntoIterator<Item = (V, L)>,
        chosen: &str,
    ) -> Vec<Self> {
        let choice = |(value, label): (V, L)| Self {
            value: value.as_ref().to_owned(),
            label: label.as_ref().to_owned(),
            is_chosen: value.as_ref() == chosen,
        };
        pairs.into_iter().map(choice).collect()
    }
}

/// One tab over a list.
#[derive(Clone, Debug)]
pub struct Tab {
    /// Address.
    pub href: String,
    /// Word.
    pub label: String,
    /// How many are in it, if it is counted.
    pub count: Option<i64>,
    /// Is it the open one?
    pub is_current: bool,
}

impl Tab {
    /// The number in the tab; "999+" where counting stopped.
    pub fn shown_count(&self) -> Option<String> {
        let count = self.count?;
        Some(if count < COUNT_CAP {
            count.to_string()
        } else {
            format!("{}+", COUNT_CAP - 1)
        })
    }
}
