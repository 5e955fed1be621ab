//! The error log: one row per Sentry issue, and how facts merge into it.

use crate::level::Level;
use crate::signal::{
    Assignee, IssueChange, IssueFact, IssueFacts, IssueKey, IssueStatus, ProjectFacts, Resolution,
};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The mirror of one Sentry issue (or of one event that has no issue).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Issue {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Integration it came through.
    pub integration_id: i64,
    /// `sentry-{issue id}` or `sentry-{event id}`; unique within the integration.
    pub dedup_key: String,
    /// Sentry's issue id, if there is one.
    pub sentry_issue_id: Option<String>,
    /// `SHOP-API-3F`.
    pub short_id: Option<String>,
    /// Title.
    pub title: String,
    /// Culprit.
    pub culprit: Option<String>,
    /// Level.
    pub level: Level,
    /// Status.
    pub status: IssueStatus,
    /// Substatus.
    pub substatus: Option<String>,
    /// How it was resolved, when it is.
    pub resolution: Option<Resolution>,
    /// Until when it is ignored, when it is.
    pub archived_until: Option<String>,
    /// Platform.
    pub platform: Option<String>,
    /// Project slug.
    pub project_slug: Option<String>,
    /// Project name.
    pub project_name: Option<String>,
    /// Sentry's project id.
    pub project_id: Option<String>,
    /// Exception type.
    pub error_type: Option<String>,
    /// Exception value.
    pub error_value: Option<String>,
    /// First seen.
    pub first_seen_at: Time,
    /// Last seen.
    pub last_seen_at: Time,
    /// Sentry's own count of events, 0 when it never said.
    pub sentry_event_count: i64,
    /// Single events that Epicenter stored.
    pub stored_event_count: i64,
    /// Users affected, as Sentry counts.
    pub user_count: i64,
    /// Environment seen last.
    pub environment: Option<String>,
    /// Release seen last.
    pub release: Option<String>,
    /// Web link.
    pub permalink: Option<String>,
    /// Category.
    pub category: Option<String>,
    /// Priority.
    pub priority: Option<String>,
    /// Unhandled?
    pub is_unhandled: Option<bool>,
    /// Assignee.
    pub assignee: Option<Assignee>,
    /// When Epicenter last changed the row.
    pub updated_at: Time,
    /// What Sentry itself said last of its status, whatever was done here; `None`: nothing yet.
    #[serde(default)]
    pub sentry_status: Option<IssueStatus>,
    /// When a webhook last told of it.
    #[serde(default)]
    pub heard_at: Option<Time>,
}

impl Issue {
    /// A row that knows nothing but its key.
    pub fn stub(
        id: i64,
        workspace_id: i64,
        integration_id: i64,
        facts: &IssueFacts,
        now: Time,
    ) -> Self {
        let sentry_issue_id = facts.key.sentry_issue_id().map(str::to_owned);
        let title = match &sentry_issue_id {
            Some(issue) => format!("Sentry issue {issue}"),
            None => "Sentry Error".to_owned(),
        };
        Self {
            id,
            workspace_id,
            integration_id,
            dedup_key: facts.key.dedup_key(),
            sentry_issue_id,
            short_id: None,
            title,
            culprit: None,
            level: Level::Error,
            status: IssueStatus::Unresolved,
            substatus: None,
            resolution: None,
            archived_until: None,
            platform: None,
            project_slug: None,
            project_name: None,
            project_id: None,
            error_type: None,
            error_value: None,
            first_seen_at: facts.first_seen_at.unwrap_or(now),
            last_seen_at: facts.last_seen_at.or(facts.first_seen_at).unwrap_or(now),
            sentry_event_count: 0,
            stored_event_count: 0,
            user_count: 0,
            environment: None,
            release: None,
            permalink: None,
            category: None,
            priority: None,
            is_unhandled: None,
            assignee: None,
            updated_at: now,
            sentry_status: None,
            heard_at: None,
        }
    }

    /// Events to show: Sentry's count, or ours when we have seen more.
    pub fn event_count(&self) -> i64 {
        self.sentry_event_count.max(self.stored_event_count)
    }

    /// The name by which Sentry knows it.
    pub fn key(&self) -> IssueKey {
        match &self.sentry_issue_id {
            Some(id) => IssueKey::Issue(id.clone()),
            None => match self.dedup_key.strip_prefix("sentry-") {
                Some(id) => IssueKey::Event(id.to_owned()),
                None => IssueKey::Other(self.dedup_key.clone()),
            },
        }
    }

    /// What is known of it, as a sender would say it.
    pub fn facts(&self) -> IssueFacts {
        IssueFacts {
            short_id: self.short_id.clone(),
            title: Some(self.title.clone()),
            culprit: self.culprit.clone(),
            level: Some(self.level),
            status: Some(self.status),
            substatus: self.substatus.clone(),
            platform: self.platform.clone(),
            project: ProjectFacts {
                id: self.project_id.clone(),
                slug: self.project_slug.clone(),
                name: self.project_name.clone(),
            },
            error_type: self.error_type.clone(),
            error_value: self.error_value.clone(),
            first_seen_at: Some(self.first_seen_at),
            last_seen_at: Some(self.last_seen_at),
            event_count: Some(self.event_count()),
            user_count: Some(self.user_count),
            environment: self.environment.clone(),
            release: self.release.clone(),
            permalink: self.permalink.clone(),
            category: self.category.clone(),
            priority: self.priority.clone(),
            is_unhandled: self.is_unhandled,
            assignee: self.assignee.clone(),
            ..IssueFacts::bare(self.key())
        }
    }

    /// The best name of the project.
    pub fn project_label(&self) -> Option<&str> {
        self.project_name
            .as_deref()
            .or(self.project_slug.as_deref())
            .or(self.project_id.as_deref())
    }

    /// Takes over what a fact says about the issue, without its status. Counts and times only
    /// grow; texts follow the newer fact; absent fields stay.
    pub fn merge(&mut self, facts: &IssueFacts) {
        if self.event_count() == 0
            && let Some(seen) = facts.last_seen_at.or(facts.first_seen_at)
        {
            // Until an occurrence was told, the row's times are only when we heard of it.
            self.first_seen_at = seen;
            self.last_seen_at = seen;
        }
        let newer = facts
            .last_seen_at
            .is_none_or(|seen| seen >= self.last_seen_at);
        if let Some(first) = facts.first_seen_at {
            self.first_seen_at = self.first_seen_at.min(first);
        }
        if let Some(last) = facts.last_seen_at {
            self.last_seen_at = self.last_seen_at.max(last);
            self.first_seen_at = self.first_seen_at.min(last);
        }
        self.sentry_event_count = self.sentry_event_count.max(facts.event_count.unwrap_or(0));
        self.user_count = self.user_count.max(facts.user_count.unwrap_or(0));
        if let Some(title) = facts.title.as_ref().filter(|title| !title.is_empty()) {
            take(&mut self.title, title, newer);
        }
        if let Some(level) = facts.level.filter(|_| newer) {
            self.level = level;
        }
        for (mine, theirs) in [
            (&mut self.short_id, &facts.short_id),
            (&mut self.culprit, &facts.culprit),
            (&mut self.platform, &facts.platform),
            (&mut self.project_slug, &facts.project.slug),
            (&mut self.project_name, &facts.project.name),
            (&mut self.project_id, &facts.project.id),
            (&mut self.error_type, &facts.error_type),
            (&mut self.error_value, &facts.error_value),
            (&mut self.environment, &facts.environment),
            (&mut self.release, &facts.release),
            (&mut self.permalink, &facts.permalink),
            (&mut self.category, &facts.category),
            (&mut self.priority, &facts.priority),
        ] {
            let theirs = theirs.as_ref().filter(|text| !text.is_empty());
            if let Some(text) = theirs.filter(|_| newer || mine.is_none()) {
                *mine = Some(text.clone());
            }
        }
        self.is_unhandled = facts.is_unhandled.or(self.is_unhandled);
        if let Some(assignee) = &facts.assignee {
            self.assignee = Some(assignee.clone());
        }
    }

    /// Moves the status as the change says. The caller has made sure that the change is not stale.
    pub fn change_status(&mut self, fact: &IssueFact) {
        match &fact.change {
            IssueChange::Unresolved => {
                let substatus = fact.issue.substatus.clone().or(Some("ongoing".to_owned()));
                self.set_unresolved(substatus);
            }
            IssueChange::Resolved(resolution) => {
                self.status = IssueStatus::Resolved;
                self.substatus = None;
                self.resolution = Some(resolution.clone().after(self.release.clone()));
                self.archived_until = None;
            }
            IssueChange::Archived { until } => {
                self.status = IssueStatus::Ignored;
                self.substatus.clone_from(&fact.issue.substatus);
                self.resolution = None;
                self.archived_until = Some(until.clone());
            }
            IssueChange::Assigned(assignee) => self.assignee = Some(assignee.clone()),
            IssueChange::Created
            | IssueChange::AlertFired { .. }
            | IssueChange::Reported { .. }
            | IssueChange::Occurred { .. }
            | IssueChange::Commented { .. }
            | IssueChange::Remark(_) => {}
        }
    }

    /// Makes the issue unresolved.
    pub fn set_unresolved(&mut self, substatus: Option<String>) {
        self.status = IssueStatus::Unresolved;
        self.substatus = substatus;
        self.resolution = None;
        self.archived_until = None;
    }
}

fn take(mine: &mut String, theirs: &str, newer: bool) {
    if newer || mine.starts_with("Sentry ") {
        theirs.clone_into(mine);
    }
}
