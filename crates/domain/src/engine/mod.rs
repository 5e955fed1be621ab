//! The one door into the state: applies deliveries and commands, in order, to the slice of rows
//! that they touch. The shell loads the slice, the engine changes it, the shell saves it.

mod alerts;
mod changes;
mod commands;
mod deliveries;
mod findings;
mod found;
mod groups;
mod incidents;
mod issues;
mod joins;
mod members;
mod memory;
mod portrait;
mod reasons;
mod regressions;
mod routes;
mod slice;
mod storms;
#[cfg(test)]
mod tests;
mod timeline;
mod triggers;
mod writebacks;

pub use changes::{NewChange, sentence as change_sentence};
pub use commands::{change_issue_status, command};
pub use deliveries::{Input, Verdict, VerdictOutcome, apply_delivery, identity_hash};
pub use findings::{Rules, TOLD_LINES, react};
pub use found::{Found, Merged, Visit, apply_found};
pub use groups::{Part, merge, split};
pub use joins::{Group, Groups, Look, may_join};
pub use regressions::Lag;
pub use routes::{Trace, trace};
pub use slice::{Began, EventKey, Key, NewEvent, NewIdentity, Slice, Tracked};
pub use storms::{Sky, Turn, count_storm, look_at_storm};
pub use writebacks::{WriteKey, mirror_told, note_outcome};

use crate::id::IdSource;
use crate::incident::Policy;
use crate::level::Severity;
use crate::routing::router::Router;
use crate::sources::IntegrationKind;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How severities are read from triggers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// From the level (DESIGN §5).
    #[default]
    Level,
    /// As Flashduty: critical stays, everything else that triggers is a warning (FD-10).
    Flashduty,
}

impl Profile {
    /// The word as the API and the store write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Flashduty => "flashduty",
        }
    }

    /// Reads the API's word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Level, Self::Flashduty]
            .into_iter()
            .find(|profile| profile.as_str() == word)
    }

    /// The severity of something whose level says `severity`.
    pub fn severity(self, severity: Severity) -> Severity {
        match self {
            Self::Level => severity,
            Self::Flashduty if severity == Severity::Critical => Severity::Critical,
            Self::Flashduty => Severity::Warning,
        }
    }
}

/// What the engine must know of an integration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Integration.
    pub integration_id: i64,
    /// Its workspace.
    pub workspace_id: i64,
    /// Who sends to it.
    pub kind: IntegrationKind,
    /// Its name, used as source when no project is named.
    pub name: String,
    /// The service it is bound to, if it is private.
    pub service_id: Option<i64>,
    /// Services by Sentry project slug (the explicit table), for shared integrations.
    pub services_by_project: BTreeMap<String, i64>,
    /// The workspace's service when nothing else names one.
    pub default_service_id: Option<i64>,
    /// Services in which nothing is held back as probably transient.
    pub unheld_services: BTreeSet<i64>,
    /// What the workspace drops and where it routes; none: there are no rules, and nothing is asked.
    pub routing: Option<Arc<Router>>,
    /// Severity profile.
    pub profile: Profile,
    /// Do service hooks trigger?
    pub service_hooks_trigger: bool,
    /// Reopen window and the like.
    pub policy: Policy,
}

impl Origin {
    /// Where an incident comes from, for people: `Sentry - shop`. `reporter`: who says so, when it
    /// is not the sender itself; `place`: the project or thing it is about.
    fn source(&self, reporter: Option<&str>, place: Option<&str>) -> String {
        if self.kind == IntegrationKind::Own {
            return self.kind.label().to_owned();
        }
        let reporter = reporter.unwrap_or(match self.kind {
            IntegrationKind::Sentry => "Sentry",
            IntegrationKind::Pagerduty => "PagerDuty",
            IntegrationKind::Github
            | IntegrationKind::Gitlab
            | IntegrationKind::Vercel
            | IntegrationKind::Events
            | IntegrationKind::Own => self.kind.label(),
        });
        format!("{reporter} - {}", place.unwrap_or(&self.name))
    }

    /// The service when nothing names one: that of the rules, or else the workspace's.
    fn default_service(&self) -> Option<i64> {
        let by_rules = self
            .routing
            .as_ref()
            .and_then(|rules| rules.default_service);
        by_rules.or(self.default_service_id)
    }

    /// What it lets signals of this project do.
    pub fn policy_of(&self, project_slug: Option<&str>) -> Policy {
        let service_id = self.service_of(project_slug);
        let is_unheld = service_id.is_some_and(|id| self.unheld_services.contains(&id));
        Policy {
            holds_transients: self.policy.holds_transients && !is_unheld,
            ..self.policy
        }
    }

    /// The service that owns signals of this project.
    pub fn service_of(&self, project_slug: Option<&str>) -> Option<i64> {
        self.service_id
            .or_else(|| self.services_by_project.get(project_slug?).copied())
            .or_else(|| self.default_service())
    }
}

/// What every step of the engine needs at hand.
#[derive(Debug)]
pub struct Context<'a> {
    /// The integration.
    pub origin: &'a Origin,
    /// The delivery that causes the step; none for people and the clock.
    pub delivery_id: Option<i64>,
    /// The instant of the step.
    pub now: Time,
    /// Where ids come from.
    pub ids: &'a IdSource,
}
