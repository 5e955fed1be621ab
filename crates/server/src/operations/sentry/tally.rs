//! What a pass counts.

use epicenter_domain::engine::{Found, Merged};
use epicenter_domain::signal::IssueStatus;
use epicenter_domain::sources::sentry::api::ReadIssue;
use epicenter_store::sentry::runs::{ProjectTally, RunRecord};
use std::collections::BTreeMap;

/// Counts of one transaction.
#[derive(Debug, Default)]
pub(super) struct Tally {
    sums: RunRecord,
    projects: BTreeMap<String, ProjectTally>,
}

impl Tally {
    pub(super) fn add(&mut self, read: &ReadIssue, found: &Found) {
        let sums = &mut self.sums;
        match read.facts.status {
            Some(IssueStatus::Resolved) => sums.resolved_count += 1,
            Some(IssueStatus::Ignored) => sums.ignored_count += 1,
            Some(IssueStatus::Unresolved) => sums.unresolved_count += 1,
            None => {}
        }
        match found.merged {
            Merged::Created => sums.created_count += 1,
            Merged::Updated => sums.updated_count += 1,
            Merged::Unchanged => sums.unchanged_count += 1,
        }
        let slug = read.facts.project.slug.clone().unwrap_or_default();
        let project = self.projects.entry(slug).or_default();
        project.seen_count += 1;
        project.heard_count += i64::from(found.is_heard);
        project.found_count += i64::from(found.is_found);
        sums.heard_count += i64::from(found.is_heard);
        sums.found_count += i64::from(found.is_found);
    }

    pub(super) fn count(&self, run: &mut RunRecord) {
        let sums = &self.sums;
        for (to, from) in [
            (&mut run.resolved_count, sums.resolved_count),
            (&mut run.unresolved_count, sums.unresolved_count),
            (&mut run.ignored_count, sums.ignored_count),
            (&mut run.created_count, sums.created_count),
            (&mut run.updated_count, sums.updated_count),
            (&mut run.unchanged_count, sums.unchanged_count),
            (&mut run.heard_count, sums.heard_count),
            (&mut run.found_count, sums.found_count),
        ] {
            *to += from;
        }
    }

    pub(super) fn projects(self) -> impl Iterator<Item = ProjectTally> {
        let named = self.projects.into_iter();
        named.map(|(project, tally)| ProjectTally { project, ..tally })
    }
}

/// What came of a pass, in words.
pub fn last_reason(run: &RunRecord) -> String {
    let issues = run.resolved_count + run.unresolved_count + run.ignored_count;
    let counts = format!(
        "{issues} issues on {} pages, {} new, {} changed, {} that no webhook told of",
        run.page_count, run.created_count, run.updated_count, run.found_count
    );
    match &run.reason {
        Some(reason) => format!("{counts}. {reason}"),
        None => counts,
    }
}
