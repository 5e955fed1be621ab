//! `/changes/deploys/{id}` and `/changes/releases/{version}`: what was shipped, and what came of it.

use super::changes::DeployRow;
use super::parts::{Chart, Icon, IncidentState, SafeLink, ShownDeploy, ShownSeverity, plural};
use super::shell::Shell;
use askama::Template;
use epicenter_domain::time::Time;

/// The page of a deploy.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/deploy.html")]
pub struct DeployPage {
    /// What is around it.
    pub shell: Shell,
    /// The deploy as lists have it.
    pub row: DeployRow,
    /// Version, and address of its release.
    pub release: Option<(String, String)>,
    /// Full SHA.
    pub sha: Option<String>,
    /// Service: id and name.
    pub service: Option<(String, String)>,
    /// Sentry project.
    pub project: Option<String>,
    /// Repository: id and name.
    pub repository: Option<(String, String)>,
    /// How far it is, as it was told.
    pub status: &'static str,
    /// When it began.
    pub started_at: Option<Time>,
    /// When it ended.
    pub finished_at: Option<Time>,
    /// What told of it: name, and the delivery's id.
    pub source: (String, Option<String>),
    /// Its page.
    pub link: Option<SafeLink>,
    /// The deploy before it.
    pub previous: Option<DeployRow>,
    /// The deploy after it.
    pub next: Option<DeployRow>,
    /// The earlier deploy that it goes back to.
    pub back_to: Option<DeployRow>,
    /// The deploy that took it away.
    pub undone_by: Option<DeployRow>,
    /// Its commits, newest first.
    pub commits: Vec<CommitRow>,
    /// Why some of them are unknown.
    pub gaps: Vec<String>,
    /// Events before and after, in a sentence.
    pub rate: String,
    /// Issues first seen until the next deploy.
    pub issues: Vec<NewIssue>,
    /// Incidents that began after it.
    pub incidents: Vec<DeployIncident>,
}

/// The page of a release.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/release.html")]
pub struct ReleasePage {
    /// What is around it.
    pub shell: Shell,
    /// Version.
    pub version: String,
    /// Head commit.
    pub sha: Option<String>,
    /// Sentry projects.
    pub projects: Vec<String>,
    /// Repository: id and name.
    pub repository: Option<(String, String)>,
    /// Who made it.
    pub actor: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was finalised.
    pub released_at: Option<Time>,
    /// Archived?
    pub is_archived: bool,
    /// Its page.
    pub link: Option<SafeLink>,
    /// Its deploys, newest first.
    pub deploys: Vec<DeployRow>,
    /// Its commits, newest first.
    pub commits: Vec<CommitRow>,
    /// Why some of them are unknown.
    pub gaps: Vec<String>,
    /// Its events in the last days, by environment.
    pub chart: Chart,
}

/// A commit in a list.
#[derive(Clone, Debug)]
pub struct CommitRow {
    /// Short SHA.
    pub sha: String,
    /// First line of the message.
    pub title: String,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub at: Option<Time>,
    /// Files that it changed, when known.
    pub file_count: Option<i64>,
    /// Its page.
    pub link: Option<SafeLink>,
}

/// An issue that came up under a deploy.
#[derive(Clone, Debug)]
pub struct NewIssue {
    /// Id, as the address has it.
    pub id: String,
    /// Title.
    pub title: String,
    /// Project.
    pub project: Option<String>,
    /// When.
    pub first_seen_at: Time,
    /// Events.
    pub event_count: i64,
}

/// An incident that began after a deploy.
#[derive(Clone, Debug)]
pub struct DeployIncident {
    /// Number.
    pub number: i64,
    /// Title.
    pub title: String,
    /// Severity.
    pub severity: ShownSeverity,
    /// Where it stands.
    pub state: IncidentState,
    /// "4 min".
    pub distance: String,
    /// Had the same thing broken before?
    pub is_regression: bool,
    /// The first suspect: its name and title, and whether it is convincing.
    pub suspect: Option<(String, String, bool)>,
}

impl CommitRow {
    /// "3 files".
    pub fn files(&self) -> Option<String> {
        Some(plural(self.file_count.as_ref()?, "file", "files"))
    }
}

impl NewIssue {
    /// "3 events".
    pub fn events(&self) -> String {
        plural(&self.event_count, "event", "events")
    }
}

impl DeployPage {
    /// The verdict.
    pub fn verdict(&self) -> ShownDeploy {
        self.row.verdict
    }
}

/// Events before and after, in a sentence; `span` is the length of both windows in words.
pub fn rate_sentence(before: i64, after: i64, span: &str) -> String {
    let events = plural(&after, "event", "events");
    let begin = format!("{events} in the {span} after it, {before} in the {span} before it");
    let ratio = |more: i64, less: i64| (more * 10 + less / 2) / less.max(1);
    let end = match (before, after) {
        (0, 0) => {
            return format!(
                "No event came in the {span} before it, and none in the {span} after it."
            );
        }
        (0, _) => "it was quiet before".to_owned(),
        (_, 0) => "it is quiet since".to_owned(),
        _ if ratio(after, before) >= 13 => {
            let tenths = ratio(after, before);
            format!("{}.{} times as many", tenths / 10, tenths % 10)
        }
        _ if ratio(before, after) >= 13 => {
            let tenths = ratio(before, after);
            format!("{}.{} times fewer", tenths / 10, tenths % 10)
        }
        _ => "about as many".to_owned(),
    };
    format!("{begin}: {end}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_told_as_people_compare() {
        for (before, after, words) in [
            (0, 0, "No event came"),
            (
                0,
                3,
                "3 events in the 2 h after it, 0 in the 2 h before it: it was quiet before.",
            ),
            (9, 0, ": it is quiet since."),
            (10, 35, ": 3.5 times as many."),
            (30, 10, ": 3.0 times fewer."),
            (10, 12, ": about as many."),
            (1, 1, "1 event in the 2 h after it"),
        ] {
            let sentence = rate_sentence(before, after, "2 h");
            assert!(sentence.contains(words), "{sentence}");
        }
    }
}
