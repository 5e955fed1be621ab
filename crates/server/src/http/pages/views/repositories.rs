//! `/settings/repositories`: where code lives, which services it makes, how stacks lead to it, and
//! what is missing.

use super::parts::{Icon, SafeLink, plural};
use super::shell::{Choice, Shell};
use askama::Template;
use epicenter_domain::time::Time;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/repositories.html")]
pub struct RepositoriesPage {
    /// What is around it.
    pub shell: Shell,
    /// May the user change anything here?
    pub is_admin: bool,
    /// Repositories, by name.
    pub rows: Vec<RepositoryRow>,
    /// Services: id and name.
    pub services: Vec<(String, String)>,
    /// Places on code hosts that are asked for commits.
    pub hosts: Vec<CodeHostRow>,
    /// Code mappings.
    pub mappings: Vec<MappingRow>,
    /// Code mappings that stacks suggest.
    pub proposals: Vec<MappingProposalRow>,
    /// What is missing, one row per Sentry project.
    pub findings: Vec<FindingRow>,
    /// What was wrong with a form, and which: `new`, `host`, `mapping`, or a repository's id.
    pub fault: Option<(String, String)>,
    /// What the form of a new mapping holds.
    pub form: MappingForm,
    /// What the form of a code host holds.
    pub host_form: CodeHostForm,
}

/// One repository.
#[derive(Clone, Debug)]
pub struct RepositoryRow {
    /// Id, as the address has it.
    pub id: String,
    /// `owner/name`
    pub name: String,
    /// Who hosts it, in words.
    pub provider: String,
    /// Its page.
    pub link: Option<SafeLink>,
    /// The branch that is deployed from.
    pub default_branch: Option<String>,
    /// The last push: when and to which branch.
    pub last_push: Option<(Time, String)>,
    /// The clone on the server's machine.
    pub clone_path: String,
    /// Why the clone is of no use.
    pub clone_fault: Option<String>,
    /// Its newest push that is not complete: what is known of it, and why not more.
    pub cut: Option<(String, Option<String>)>,
    /// Ids of the services that it makes.
    pub services: Vec<String>,
    /// Its CODEOWNERS file: where it is from and when, and lines that were not understood.
    pub owners: Option<OwnersRow>,
    /// A service that is called like it: id and name.
    pub proposed: Option<(String, String)>,
}

/// A CODEOWNERS file.
#[derive(Clone, Debug)]
pub struct OwnersRow {
    /// Where it is from: a path in the clone, or `uploaded`.
    pub source: String,
    /// When it was read.
    pub read_at: Time,
    /// Its text.
    pub text: String,
    /// Numbers of lines that were not understood.
    pub skipped: String,
}

/// A place on a code host that is asked for commits.
#[derive(Clone, Debug)]
pub struct CodeHostRow {
    /// Id, as the address has it.
    pub id: String,
    /// `github.com/acme`
    pub place: String,
    /// Whose API it has, in words.
    pub provider: String,
    /// Where that is.
    pub api_url: String,
    /// It wants not to be asked before this instant.
    pub held_until: Option<Time>,
}

/// What the form of a code host holds; never the token.
#[derive(Clone, Debug, Default)]
pub struct CodeHostForm {
    /// `github.com/acme`
    pub place: String,
    /// `github`, `gitlab`, or nothing.
    pub provider: String,
    /// Where its API is.
    pub api_url: String,
}

/// One code mapping.
#[derive(Clone, Debug)]
pub struct MappingRow {
    /// Id, as the address has it.
    pub id: String,
    /// Sentry project.
    pub project: String,
    /// Repository.
    pub repository: String,
    /// Beginning in the stack.
    pub stack_prefix: String,
    /// Beginning in the repository.
    pub source_prefix: String,
    /// Did a person agree?
    pub is_confirmed: bool,
}

/// A code mapping that a stack suggests.
#[derive(Clone, Debug)]
pub struct MappingProposalRow {
    /// Sentry project.
    pub project: String,
    /// Id of the repository.
    pub repository_id: String,
    /// Its name.
    pub repository: String,
    /// Beginning in the stack.
    pub stack_prefix: String,
    /// Beginning in the repository.
    pub source_prefix: String,
    /// Frames that it explains.
    pub match_count: i64,
}

/// What the form of a new mapping holds.
#[derive(Clone, Debug, Default)]
pub struct MappingForm {
    /// Sentry project.
    pub project: String,
    /// Id of the repository.
    pub repository: String,
    /// Beginning in the stack.
    pub stack_prefix: String,
    /// Beginning in the repository.
    pub source_prefix: String,
}

/// What is missing for a Sentry project.
#[derive(Clone, Debug)]
pub struct FindingRow {
    /// Sentry project.
    pub project: String,
    /// Its service: id and name.
    pub service: Option<(String, String)>,
    /// What is missing, and what to do.
    pub gaps: Vec<(&'static str, &'static str)>,
}

impl RepositoriesPage {
    /// The fault of this form.
    pub fn fault_of(&self, form: &str) -> Option<&str> {
        let fault = self.fault.as_ref().filter(|(name, _)| name == form);
        fault.map(|(_, text)| text.as_str())
    }

    /// Choices of the services of a repository.
    pub fn choices(&self, row: &RepositoryRow) -> Vec<Choice> {
        let choice = |(id, name): &(String, String)| Choice {
            value: id.clone(),
            label: name.clone(),
            is_chosen: row.services.contains(id),
        };
        self.services.iter().map(choice).collect()
    }

    /// The services that a repository makes, by name.
    pub fn linked(&self, row: &RepositoryRow) -> Vec<String> {
        let is_linked = |(id, _): &&(String, String)| row.services.contains(id);
        let linked = self.services.iter().filter(is_linked);
        linked.map(|(_, name)| name.clone()).collect()
    }

    /// Does a push wait for the rest of its commits?
    pub fn has_cut(&self) -> bool {
        self.rows.iter().any(|row| row.cut.is_some())
    }

    /// Projects in which nothing is missing, and all.
    pub fn summary(&self) -> String {
        let whole = self.findings.iter().filter(|one| one.gaps.is_empty());
        format!("all there for {} of {}", whole.count(), self.findings.len())
    }
}

impl MappingProposalRow {
    /// "It explains 3 frames of the newest stack".
    pub fn told(&self) -> String {
        let frames = plural(&self.match_count, "frame", "frames");
        format!("It explains {frames} of the newest stack.")
    }
}
