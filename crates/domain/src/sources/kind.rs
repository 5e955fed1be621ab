//! What an integration receives.

/// The kinds of integration (DESIGN §2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum IntegrationKind {
    /// Sentry.
    #[default]
    Sentry,
    /// GitHub: pushes, deployments, releases, merged pull requests.
    Github,
    /// GitLab: the same.
    Gitlab,
    /// Vercel: deployments.
    Vercel,
    /// Incident events of any program, with the change that may have caused them.
    Events,
    /// PagerDuty's Events API v2: alerts and changes.
    Pagerduty,
    /// Epicenter itself: its canary, and what it warns of. Nobody makes one.
    Own,
}

impl IntegrationKind {
    /// All that people can make.
    pub const ALL: [Self; 6] = [
        Self::Sentry,
        Self::Github,
        Self::Gitlab,
        Self::Vercel,
        Self::Events,
        Self::Pagerduty,
    ];

    /// The word as the API and the store write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sentry => "sentry",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Vercel => "vercel",
            Self::Events => "events",
            Self::Pagerduty => "pagerduty",
            Self::Own => "epicenter",
        }
    }

    /// Reads the API's word.
    pub fn parse(word: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter().chain([Self::Own]);
        all.find(|kind| kind.as_str() == word)
    }

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Sentry => "Sentry",
            Self::Github => "GitHub",
            Self::Gitlab => "GitLab",
            Self::Vercel => "Vercel",
            Self::Events => "Incident events",
            Self::Pagerduty => "PagerDuty events",
            Self::Own => "Epicenter",
        }
    }
}
