//! `/changes`: what was pushed and deployed, and what became of it.

use super::parts::{Chart, Clock, Icon, Query, SafeLink, ShownDeploy, plural};
use super::shell::{Choice, Shell};
use askama::Template;
use askama::filters::HtmlSafe;
use epicenter_domain::change::DeployStatus;
use epicenter_domain::time::Time;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/changes.html")]
pub struct ChangesPage {
    /// What is around it.
    pub shell: Shell,
    /// Events and deploys of the last days.
    pub chart: Chart,
    /// The list.
    pub list: ChangeList,
    /// Environments to filter by.
    pub environments: Vec<String>,
    /// Services to filter by: id and name.
    pub services: Vec<(String, String)>,
    /// Repositories to filter by: id and name.
    pub repositories: Vec<(String, String)>,
    /// Where programs reach this installation.
    pub base_url: String,
}

/// Days with what was done on them.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "partials/change_list.html")]
pub struct ChangeList {
    /// Now.
    pub clock: Clock,
    /// The filter in the address.
    pub filter: ChangeFilter,
    /// Days, newest first.
    pub days: Vec<ChangeDay>,
    /// Cursor of the next page.
    pub next_cursor: Option<String>,
}

impl HtmlSafe for ChangeList {}

/// The filter as the address says it; empty means any.
#[derive(Clone, Debug, Default)]
pub struct ChangeFilter {
    /// Environment.
    pub environment: String,
    /// Id of a service.
    pub service: String,
    /// Id of a repository.
    pub repository: String,
    /// State of deploys.
    pub status: String,
    /// Text in version, commit, name or branch.
    pub q: String,
    /// Where the page starts.
    pub cursor: String,
}

/// A day.
#[derive(Clone, Debug)]
pub struct ChangeDay {
    /// `2026-01-06`, in UTC.
    pub day: String,
    /// What was done, newest first.
    pub rows: Vec<ChangeRow>,
}

/// Something that was done.
#[derive(Clone, Debug)]
pub enum ChangeRow {
    /// A deploy.
    Deploy(DeployRow),
    /// A push.
    Push(PushRow),
}

/// A deploy in a list.
#[derive(Clone, Debug)]
pub struct DeployRow {
    /// Id, as the address has it.
    pub id: String,
    /// Version or commit.
    pub name: String,
    /// Environment.
    pub environment: String,
    /// Service, project or repository.
    pub what: Option<String>,
    /// When.
    pub at: Time,
    /// Who.
    pub actor: String,
    /// What became of it.
    pub verdict: ShownDeploy,
    /// Why.
    pub sentence: String,
    /// Is it a rollback?
    pub is_rollback: bool,
    /// Commits that were listed with it.
    pub commit_count: Option<i64>,
    /// Incidents that began after it.
    pub incident_count: i64,
}

/// A push in a list.
#[derive(Clone, Debug)]
pub struct PushRow {
    /// Id.
    pub id: String,
    /// Repository.
    pub repository: String,
    /// Branch or tag.
    pub branch: String,
    /// Is it a tag?
    pub is_tag: bool,
    /// Was the branch deleted?
    pub is_deletion: bool,
    /// Was history rewritten?
    pub is_forced: bool,
    /// Commits in it.
    pub commit_count: i64,
    /// When.
    pub at: Time,
    /// Who.
    pub actor: String,
    /// Its page.
    pub link: Option<SafeLink>,
}

impl ChangeFilter {
    fn query(&self) -> Query {
        Query::new("/changes")
            .set("environment", &self.environment)
            .set("service", &self.service)
            .set("repository", &self.repository)
            .set("status", &self.status)
            .set("q", &self.q)
    }

    /// Address of the same list from another place on.
    pub fn page(&self, cursor: &str) -> String {
        self.query().set("cursor", cursor).href()
    }

    /// Is anything chosen?
    pub fn is_narrowed(&self) -> bool {
        !self.query().pairs().is_empty()
    }

    /// Choices of the state filter.
    pub fn statuses(&self) -> Vec<Choice> {
        let words = DeployStatus::ALL.map(|status| match status {
            DeployStatus::Started => (status.as_str(), "Started"),
            DeployStatus::Succeeded => (status.as_str(), "Succeeded"),
            DeployStatus::Failed => (status.as_str(), "Failed"),
            DeployStatus::Inactive => (status.as_str(), "No longer live"),
        });
        Choice::list(words, &self.status)
    }
}

impl ChangesPage {
    /// Choices of the environment filter.
    pub fn environment_choices(&self) -> Vec<Choice> {
        let pairs = self.environments.iter().map(|name| (name, name));
        Choice::list(pairs, &self.list.filter.environment)
    }

    /// Choices of the service filter.
    pub fn service_choices(&self) -> Vec<Choice> {
        let pairs = self.services.iter().map(|(id, name)| (id, name));
        Choice::list(pairs, &self.list.filter.service)
    }

    /// Choices of the repository filter.
    pub fn repository_choices(&self) -> Vec<Choice> {
        let pairs = self.repositories.iter().map(|(id, name)| (id, name));
        Choice::list(pairs, &self.list.filter.repository)
    }

    /// Has nothing ever been told?
    pub fn is_new(&self) -> bool {
        let filter = &self.list.filter;
        self.list.days.is_empty() && !filter.is_narrowed() && filter.cursor.is_empty()
    }
}

impl DeployRow {
    /// "3 commits".
    pub fn commits(&self) -> Option<String> {
        let count = self.commit_count.as_ref()?;
        Some(plural(count, "commit", "commits"))
    }

    /// "2 incidents".
    pub fn incidents(&self) -> String {
        plural(&self.incident_count, "incident", "incidents")
    }
}

impl PushRow {
    /// "3 commits".
    pub fn commits(&self) -> String {
        plural(&self.commit_count, "commit", "commits")
    }
}
