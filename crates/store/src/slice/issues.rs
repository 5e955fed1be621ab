//! Rows of `issues`.

use crate::batch::{padded, pieces};
use crate::rows::{from_json, json, unreadable};
use crate::{StoreError, Tx};
use epicenter_domain::engine::{Key, Slice, Tracked};
use epicenter_domain::issue::Issue;
use epicenter_domain::level::Level;
use epicenter_domain::signal::IssueStatus;
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};

/// The columns of [`IssueRow`].
pub(crate) const COLUMNS: &str = "id, workspace_id, integration_id, dedup_key, sentry_issue_id, short_id, title, culprit, \
    level, status, substatus, resolution, archived_until, platform, project_slug, \
    project_name, project_id, error_type, error_value, first_seen_at, last_seen_at, \
    sentry_event_count, stored_event_count, event_count, user_count, environment, release, \
    permalink, category, priority, is_unhandled, assignee, updated_at, sentry_status, heard_at";

#[derive(Debug, FromRow)]
pub(crate) struct IssueRow {
    pub(crate) id: i64,
    pub(crate) workspace_id: i64,
    pub(crate) integration_id: i64,
    pub(crate) dedup_key: String,
    pub(crate) sentry_issue_id: Option<String>,
    pub(crate) short_id: Option<String>,
    pub(crate) title: String,
    pub(crate) culprit: Option<String>,
    pub(crate) level: String,
    pub(crate) status: String,
    pub(crate) substatus: Option<String>,
    pub(crate) resolution: Option<String>,
    pub(crate) archived_until: Option<String>,
    pub(crate) platform: Option<String>,
    pub(crate) project_slug: Option<String>,
    pub(crate) project_name: Option<String>,
    pub(crate) project_id: Option<String>,
    pub(crate) error_type: Option<String>,
    pub(crate) error_value: Option<String>,
    pub(crate) first_seen_at: i64,
    pub(crate) last_seen_at: i64,
    pub(crate) sentry_event_count: i64,
    pub(crate) stored_event_count: i64,
    pub(crate) user_count: i64,
    pub(crate) environment: Option<String>,
    pub(crate) release: Option<String>,
    pub(crate) permalink: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) priority: Option<String>,
    pub(crate) is_unhandled: Option<bool>,
    pub(crate) assignee: Option<String>,
    pub(crate) updated_at: i64,
    pub(crate) sentry_status: Option<String>,
    pub(crate) heard_at: Option<i64>,
}

pub(super) async fn load(tx: &mut Tx, keys: &[Key], slice: &mut Slice) -> Result<(), StoreError> {
    for piece in pieces(&padded(keys)) {
        let rows: Vec<IssueRow> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("WITH k (place, name) AS (");
            query.push_values(piece, |mut row, (integration_id, dedup_key)| {
                row.push_bind(*integration_id).push_bind(dedup_key.as_str());
            });
            // CROSS JOIN: SQLite then looks each key up instead of scanning the table.
            query.push(") SELECT ").push(COLUMNS);
            query.push(" FROM k CROSS JOIN issues WHERE integration_id = k.place");
            query.push(" AND dedup_key = k.name");
            query.build_query_as().fetch_all(conn).await?
        });
        for row in rows {
            keep(row, slice)?;
        }
    }
    Ok(())
}

fn keep(row: IssueRow, slice: &mut Slice) -> Result<(), StoreError> {
    let issue = Issue::try_from(row)?;
    let key = (issue.integration_id, issue.dedup_key.clone());
    slice.issues.entry(key).or_insert(Tracked::loaded(issue));
    Ok(())
}

pub(super) async fn save(tx: &mut Tx, issues: &[&Tracked<Issue>]) -> Result<(), StoreError> {
    for piece in pieces(issues) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("INSERT INTO issues (");
            query.push(COLUMNS).push(") ");
            query.push_values(piece, |mut row, tracked| {
                let issue = &tracked.row;
                row.push_bind(issue.id)
                    .push_bind(issue.workspace_id)
                    .push_bind(issue.integration_id)
                    .push_bind(issue.dedup_key.as_str())
                    .push_bind(issue.sentry_issue_id.as_deref())
                    .push_bind(issue.short_id.as_deref())
                    .push_bind(issue.title.as_str())
                    .push_bind(issue.culprit.as_deref())
                    .push_bind(issue.level.as_str())
                    .push_bind(issue.status.as_str())
                    .push_bind(issue.substatus.as_deref())
                    .push_bind(json(issue.resolution.as_ref()))
                    .push_bind(issue.archived_until.as_deref())
                    .push_bind(issue.platform.as_deref())
                    .push_bind(issue.project_slug.as_deref())
                    .push_bind(issue.project_name.as_deref())
                    .push_bind(issue.project_id.as_deref())
                    .push_bind(issue.error_type.as_deref())
                    .push_bind(issue.error_value.as_deref())
                    .push_bind(issue.first_seen_at.0)
                    .push_bind(issue.last_seen_at.0)
                    .push_bind(issue.sentry_event_count)
                    .push_bind(issue.stored_event_count)
                    .push_bind(issue.event_count())
                    .push_bind(issue.user_count)
                    .push_bind(issue.environment.as_deref())
                    .push_bind(issue.release.as_deref())
                    .push_bind(issue.permalink.as_deref())
                    .push_bind(issue.category.as_deref())
                    .push_bind(issue.priority.as_deref())
                    .push_bind(issue.is_unhandled)
                    .push_bind(json(issue.assignee.as_ref()))
                    .push_bind(issue.updated_at.0)
                    .push_bind(issue.sentry_status.map(IssueStatus::as_str))
                    .push_bind(issue.heard_at.map(|at| at.0));
            });
            query.push(UPDATE);
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

/// What an existing row takes over.
const UPDATE: &str = " ON CONFLICT (id) DO UPDATE SET short_id = excluded.short_id, title = excluded.title, \
    culprit = excluded.culprit, level = excluded.level, status = excluded.status, substatus = \
    excluded.substatus, resolution = excluded.resolution, archived_until = \
    excluded.archived_until, platform = excluded.platform, project_slug = \
    excluded.project_slug, project_name = excluded.project_name, project_id = \
    excluded.project_id, error_type = excluded.error_type, error_value = excluded.error_value, \
    first_seen_at = excluded.first_seen_at, last_seen_at = excluded.last_seen_at, \
    sentry_event_count = excluded.sentry_event_count, stored_event_count = \
    excluded.stored_event_count, event_count = excluded.event_count, user_count = \
    excluded.user_count, environment = excluded.environment, release = excluded.release, \
    permalink = excluded.permalink, category = excluded.category, priority = \
    excluded.priority, is_unhandled = excluded.is_unhandled, assignee = excluded.assignee, \
    updated_at = excluded.updated_at, sentry_status = excluded.sentry_status, \
    heard_at = excluded.heard_at";

impl TryFrom<IssueRow> for Issue {
    type Error = StoreError;

    fn try_from(row: IssueRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            workspace_id: row.workspace_id,
            integration_id: row.integration_id,
            dedup_key: row.dedup_key,
            sentry_issue_id: row.sentry_issue_id,
            short_id: row.short_id,
            title: row.title,
            culprit: row.culprit,
            level: Level::from_sentry(&row.level),
            status: IssueStatus::from_sentry(&row.status)
                .ok_or_else(|| unreadable("issues", row.id, "status"))?,
            substatus: row.substatus,
            resolution: from_json("issues", row.id, row.resolution.as_deref())?,
            archived_until: row.archived_until,
            platform: row.platform,
            project_slug: row.project_slug,
            project_name: row.project_name,
            project_id: row.project_id,
            error_type: row.error_type,
            error_value: row.error_value,
            first_seen_at: Time(row.first_seen_at),
            last_seen_at: Time(row.last_seen_at),
            sentry_event_count: row.sentry_event_count,
            stored_event_count: row.stored_event_count,
            user_count: row.user_count,
            environment: row.environment,
            release: row.release,
            permalink: row.permalink,
            category: row.category,
            priority: row.priority,
            is_unhandled: row.is_unhandled,
            assignee: from_json("issues", row.id, row.assignee.as_deref())?,
            updated_at: Time(row.updated_at),
            sentry_status: row
                .sentry_status
                .as_deref()
                .and_then(IssueStatus::from_sentry),
            heard_at: row.heard_at.map(Time),
        })
    }
}
