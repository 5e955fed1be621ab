//! Words with a sign of their own: never by colour alone.

use super::{Icon, Markup};
use epicenter_domain::change::judge::DeployVerdict;
use epicenter_domain::level::{Level, Severity};
use epicenter_domain::signal::IssueStatus;

/// Where an incident stands, as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncidentState {
    /// Held back for a moment.
    Suspended,
    /// Nobody has taken it.
    Triggered,
    /// Somebody has taken it.
    Acknowledged,
    /// Quiet until a time, whatever its status.
    Snoozed,
    /// Over.
    Resolved,
}

impl IncidentState {
    /// The word in addresses and classes.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Suspended => "suspended",
            Self::Triggered => "triggered",
            Self::Acknowledged => "acknowledged",
            Self::Snoozed => "snoozed",
            Self::Resolved => "resolved",
        }
    }

    /// Not over yet?
    pub fn is_open(&self) -> bool {
        *self != Self::Resolved
    }

    /// Icon and word.
    pub fn badge(&self) -> Markup {
        let (icon, label) = match self {
            Self::Suspended => (Icon::Pause, "Suspended"),
            Self::Triggered => (Icon::Dot, "Triggered"),
            Self::Acknowledged => (Icon::Half, "Acknowledged"),
            Self::Snoozed => (Icon::Moon, "Snoozed"),
            Self::Resolved => (Icon::Check, "Resolved"),
        };
        badge("state", self.word(), icon, label)
    }
}

/// A severity with its badge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownSeverity(pub Severity);

impl ShownSeverity {
    /// The word in addresses and classes.
    pub fn word(&self) -> &'static str {
        self.0.as_str()
    }

    /// Icon and word.
    pub fn badge(&self) -> Markup {
        let (icon, label) = match self.0 {
            Severity::Critical => (Icon::Octagon, "Critical"),
            Severity::Error => (Icon::Cross, "Error"),
            Severity::Warning => (Icon::Triangle, "Warning"),
            Severity::Info => (Icon::Info, "Info"),
        };
        badge("severity", self.word(), icon, label)
    }
}

/// A level of the error log with its badge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownLevel(pub Level);

impl ShownLevel {
    /// The word in addresses.
    pub fn word(&self) -> &'static str {
        self.0.as_str()
    }

    /// Icon and word.
    pub fn badge(&self) -> Markup {
        let (class, icon, label) = match self.0 {
            Level::Fatal => ("critical", Icon::Octagon, "Fatal"),
            Level::Error => ("error", Icon::Cross, "Error"),
            Level::Warning => ("warning", Icon::Triangle, "Warning"),
            Level::Info => ("info", Icon::Info, "Info"),
            Level::Debug => ("info", Icon::Info, "Debug"),
            Level::Sample => ("info", Icon::Info, "Sample"),
        };
        badge("severity", class, icon, label)
    }
}

/// A status of the error log: OPEN, RESOLVED, IGNORED.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownStatus(pub IssueStatus);

impl ShownStatus {
    /// The word in addresses and forms.
    pub fn word(&self) -> &'static str {
        self.0.as_str()
    }

    /// Icon and word.
    pub fn badge(&self) -> Markup {
        let (class, icon, label) = match self.0 {
            IssueStatus::Unresolved => ("triggered", Icon::Dot, "OPEN"),
            IssueStatus::Resolved => ("resolved", Icon::Check, "RESOLVED"),
            IssueStatus::Ignored => ("snoozed", Icon::Pause, "IGNORED"),
        };
        badge("state", class, icon, label)
    }
}

/// What became of a deploy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownDeploy(pub DeployVerdict);

impl ShownDeploy {
    /// Icon and word.
    pub fn badge(&self) -> Markup {
        let (class, icon, label) = match self.0 {
            DeployVerdict::Running => ("acknowledged", Icon::Half, "Under way"),
            DeployVerdict::Failed => ("snoozed", Icon::Cross, "Failed"),
            DeployVerdict::RolledBack => ("warning", Icon::Undo, "Rolled back"),
            DeployVerdict::Suspicious => ("triggered", Icon::Triangle, "Suspicious"),
            DeployVerdict::Fine => ("resolved", Icon::Check, "Fine"),
        };
        badge("state", class, icon, label)
    }
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Stored, not looked at yet.
    Pending,
    /// It did something.
    Applied,
    /// The same fact was there before.
    Duplicate,
    /// Understood, and by the rules nothing to do.
    Ignored,
    /// Nobody knows what it means; kept.
    NotUnderstood,
    /// It made the code fail five times; kept aside.
    Parked,
    /// The sender was not proven; a sample for the diagnosis.
    Refused,
}

impl Outcome {
    /// All, in the order of the filter.
    pub const ALL: [Self; 7] = [
        Self::Applied,
        Self::Duplicate,
        Self::Ignored,
        Self::NotUnderstood,
        Self::Parked,
        Self::Refused,
        Self::Pending,
    ];

    /// The word as the API writes it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Applied => "applied",
            Self::Duplicate => "duplicate",
            Self::Ignored => "ignored",
            Self::NotUnderstood => "not_understood",
            Self::Parked => "parked",
            Self::Refused => "refused",
        }
    }

    /// Reads the API's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }

    /// The word for people.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Applied => "Applied",
            Self::Duplicate => "Duplicate",
            Self::Ignored => "Ignored",
            Self::NotUnderstood => "Not understood",
            Self::Parked => "Parked",
            Self::Refused => "Refused",
        }
    }

    /// Icon and word.
    pub fn badge(&self) -> Markup {
        self.badge_as(self.label())
    }

    /// The same sign with other words.
    pub fn badge_as(&self, label: &str) -> Markup {
        let (class, icon) = match self {
            Self::Pending => ("acknowledged", Icon::Half),
            Self::Applied => ("resolved", Icon::Check),
            Self::Duplicate => ("snoozed", Icon::Copy),
            Self::Ignored => ("snoozed", Icon::Pause),
            Self::NotUnderstood => ("warning", Icon::Question),
            Self::Parked => ("triggered", Icon::Triangle),
            Self::Refused => ("triggered", Icon::Cross),
        };
        badge("state", class, icon, label)
    }
}

fn badge(family: &str, class: &str, icon: Icon, label: &str) -> Markup {
    Markup::new()
        .html("<span class=\"badge ")
        .text(family)
        .html(" is-")
        .text(class)
        .html("\">")
        .html(&icon.to_string())
        .html("<span>")
        .text(label)
        .html("</span></span>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_badge_says_its_word_and_shows_a_sign() {
        let badges = [
            (IncidentState::Triggered.badge(), "Triggered"),
            (ShownSeverity(Severity::Critical).badge(), "Critical"),
            (ShownLevel(Level::Fatal).badge(), "Fatal"),
            (ShownStatus(IssueStatus::Unresolved).badge(), "OPEN"),
            (Outcome::NotUnderstood.badge(), "Not understood"),
        ];
        for (badge, word) in badges {
            let html = badge.to_string();
            assert!(html.contains(word) && html.contains("<svg"), "{html}");
        }
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::parse(outcome.word()), Some(outcome));
        }
    }
}
