//! An issue as the API shows it.

use super::bodies::AssigneeBody;
use epicenter_domain::id::IdKind;
use epicenter_domain::issue::Issue;
use serde::Serialize;
use utoipa::ToSchema;

/// An entry of the error log.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IssueBody {
    /// `iss_…`
    pub(super) id: String,
    /// Sentry's issue id; null for an event without an issue.
    pub(super) sentry_issue_id: Option<String>,
    /// `SHOP-API-3F`.
    pub(super) short_id: Option<String>,
    /// Title.
    pub(super) title: String,
    /// Level.
    pub(super) level: String,
    /// unresolved, resolved or ignored.
    pub(super) status: String,
    /// Substatus.
    pub(super) substatus: Option<String>,
    /// First seen.
    pub(super) first_seen_at: String,
    /// Last seen.
    pub(super) last_seen_at: String,
    /// Events.
    pub(super) event_count: i64,
    /// Users affected.
    pub(super) user_count: i64,
    /// Environment seen last.
    pub(super) environment: Option<String>,
    /// Release seen last.
    pub(super) release: Option<String>,
    /// Project slug.
    pub(super) project: Option<String>,
    /// Project name.
    pub(super) project_name: Option<String>,
    /// Culprit.
    pub(super) culprit: Option<String>,
    /// Link to Sentry.
    pub(super) permalink: Option<String>,
    /// Platform.
    pub(super) platform: Option<String>,
    /// Exception type.
    pub(super) error_type: Option<String>,
    /// Exception value.
    pub(super) error_value: Option<String>,
    /// error, outage, feedback…
    pub(super) category: Option<String>,
    /// low, medium, high.
    pub(super) priority: Option<String>,
    /// Unhandled?
    pub(super) is_unhandled: Option<bool>,
    /// Assignee.
    pub(super) assignee: Option<AssigneeBody>,
    /// How it was resolved.
    pub(super) resolution: Option<ResolutionBody>,
    /// Until when it is ignored, in words.
    pub(super) archived_until: Option<String>,
    /// `int_…`
    pub(super) integration_id: String,
    /// Its dedup key.
    pub(super) dedup_key: String,
}

/// How an issue was resolved.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ResolutionBody {
    /// `now`, `in_release`…
    pub(super) how: Option<String>,
    /// Release.
    pub(super) release: Option<String>,
    /// Commit.
    pub(super) commit: Option<String>,
    /// Repository.
    pub(super) repository: Option<String>,
}

impl From<Issue> for IssueBody {
    fn from(issue: Issue) -> Self {
        Self {
            id: IdKind::Issue.show(issue.id),
            event_count: issue.event_count(),
            level: issue.level.as_str().to_owned(),
            status: issue.status.as_str().to_owned(),
            first_seen_at: issue.first_seen_at.rfc3339(),
            last_seen_at: issue.last_seen_at.rfc3339(),
            assignee: issue.assignee.as_ref().map(AssigneeBody::from),
            integration_id: IdKind::Integration.show(issue.integration_id),
            sentry_issue_id: issue.sentry_issue_id,
            short_id: issue.short_id,
            title: issue.title,
            substatus: issue.substatus,
            user_count: issue.user_count,
            environment: issue.environment,
            release: issue.release,
            project: issue.project_slug,
            project_name: issue.project_name,
            culprit: issue.culprit,
            permalink: issue.permalink,
            platform: issue.platform,
            error_type: issue.error_type,
            error_value: issue.error_value,
            category: issue.category,
            priority: issue.priority,
            is_unhandled: issue.is_unhandled,
            resolution: issue.resolution.map(|resolution| ResolutionBody {
                how: resolution.how,
                release: resolution.release,
                commit: resolution.commit,
                repository: resolution.repository,
            }),
            archived_until: issue.archived_until,
            dedup_key: issue.dedup_key,
        }
    }
}
