//! Commits that arrived on a branch.

use crate::batch::pieces;
use crate::page::{Page, clamped, pattern, place};
use crate::{StoreError, Tx};
use epicenter_domain::change::Push;
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};

/// A push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushRecord {
    /// Our id.
    pub id: i64,
    /// Repository.
    pub repository_id: i64,
    /// Branch or tag.
    pub branch: String,
    /// Is it a tag?
    pub is_tag: bool,
    /// The head before.
    pub before_sha: Option<String>,
    /// The head after; `None`: the branch was deleted.
    pub after_sha: Option<String>,
    /// Commits that the sender listed.
    pub commit_count: i64,
    /// Commits there are in truth.
    pub total_count: Option<i64>,
    /// Is the list shorter than the truth?
    pub is_truncated: bool,
    /// Was history rewritten?
    pub is_forced: bool,
    /// Who pushed.
    pub actor: String,
    /// The page that compares before and after.
    pub url: Option<String>,
    /// When.
    pub at: Time,
    /// The delivery that brought it.
    pub delivery_id: Option<i64>,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    repository_id: i64,
    branch: String,
    is_tag: bool,
    before_sha: Option<String>,
    after_sha: Option<String>,
    commit_count: i64,
    total_count: Option<i64>,
    is_truncated: bool,
    is_forced: bool,
    actor: String,
    url: Option<String>,
    at: i64,
    delivery_id: Option<i64>,
}

const COLUMNS: &str = "id, repository_id, branch, is_tag, before_sha, after_sha, commit_count, \
    total_count, is_truncated, is_forced, actor, url, at, delivery_id";

/// A push to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewPush<'a> {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Repository.
    pub repository_id: i64,
    /// What was sent.
    pub push: &'a Push,
    /// When.
    pub at: Time,
    /// The delivery that brought it.
    pub delivery_id: Option<i64>,
    /// Its commits, **newest first**.
    pub commit_ids: &'a [i64],
}

/// Stores a push.
pub async fn create(tx: &mut Tx, new: NewPush<'_>) -> Result<(), StoreError> {
    let push = new.push;
    let count = i64::try_from(new.commit_ids.len()).unwrap_or(i64::MAX);
    let total = push.total_count.and_then(|total| i64::try_from(total).ok());
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO pushes (id, workspace_id, repository_id, branch, is_tag, before_sha, \
             after_sha, commit_count, total_count, is_truncated, is_forced, actor, url, at, \
             delivery_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(new.id)
        .bind(new.workspace_id)
        .bind(new.repository_id)
        .bind(push.branch.as_str())
        .bind(push.is_tag)
        .bind(push.before.as_deref())
        .bind(push.after.as_deref())
        .bind(count)
        .bind(total)
        .bind(push.is_truncated)
        .bind(push.is_forced)
        .bind(push.actor.name.as_str())
        .bind(push.url.as_deref())
        .bind(new.at.0)
        .bind(new.delivery_id)
        .execute(conn)
        .await?;
    });
    super::commits::attach(tx, super::commits::Owner::Push(new.id), new.commit_ids).await
}

/// Says which commits a push has in truth, newest first. `is_truncated`: there are still others.
pub async fn complete(
    tx: &mut Tx,
    id: i64,
    commit_ids: &[i64],
    is_truncated: bool,
) -> Result<(), StoreError> {
    let count = i64::try_from(commit_ids.len()).unwrap_or(i64::MAX);
    on_engine!(tx, |conn| {
        sqlx::query("UPDATE pushes SET commit_count = $2, is_truncated = $3 WHERE id = $1")
            .bind(id)
            .bind(count)
            .bind(is_truncated)
            .execute(conn)
            .await?;
    });
    super::commits::attach(tx, super::commits::Owner::Push(id), commit_ids).await
}

/// Which pushes a list shows.
#[derive(Clone, Debug, Default)]
pub struct PushFilter {
    /// To this repository.
    pub repository_id: Option<i64>,
    /// Whose branch or head has this text in it.
    pub q: Option<String>,
}

/// Pushes of a workspace, newest first.
pub async fn list(
    tx: &mut Tx,
    workspace_id: i64,
    filter: &PushFilter,
    (cursor, limit): (Option<&str>, i64),
) -> Result<Page<PushRecord>, StoreError> {
    let limit = clamped(limit);
    let (at, id) = place(cursor)?.unwrap_or((i64::MAX, i64::MAX));
    let rows: Vec<Row> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM pushes WHERE workspace_id = ");
        query.push_bind(workspace_id);
        query.push(" AND (at, id) < (").push_bind(at);
        query.push(", ").push_bind(id).push(")");
        if let Some(repository_id) = filter.repository_id {
            query.push(" AND repository_id = ").push_bind(repository_id);
        }
        if let Some(q) = &filter.q {
            let wanted = pattern(q);
            for (before, column) in [(" AND (", "branch"), (" OR ", "after_sha")] {
                query.push(before).push("lower(").push(column);
                query.push(") LIKE lower(").push_bind(wanted.clone());
                query.push(") ESCAPE '!'");
            }
            query.push(")");
        }
        query
            .push(" ORDER BY at DESC, id DESC LIMIT ")
            .push_bind(limit + 1);
        query.build_query_as().fetch_all(conn).await?
    });
    let rows = rows.into_iter().map(PushRecord::from).collect();
    Ok(Page::cut(rows, limit, |push: &PushRecord| {
        (push.at.0, push.id)
    }))
}

/// The last push to each repository of a workspace.
pub async fn last_of_each(tx: &mut Tx, workspace_id: i64) -> Result<Vec<PushRecord>, StoreError> {
    let ids: Vec<Option<i64>> = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT (SELECT max(p.id) FROM pushes p WHERE p.repository_id = r.id) \
             FROM repositories r WHERE r.workspace_id = $1",
        )
        .bind(workspace_id)
        .fetch_all(conn)
        .await?
    });
    let ids: Vec<i64> = ids.into_iter().flatten().collect();
    by_ids(tx, &ids).await
}

/// Pushes by id, newest first.
pub async fn by_ids(tx: &mut Tx, ids: &[i64]) -> Result<Vec<PushRecord>, StoreError> {
    let mut found: Vec<PushRecord> = Vec::new();
    for piece in pieces(ids) {
        let rows: Vec<Row> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("SELECT ");
            query.push(COLUMNS).push(" FROM pushes WHERE id IN (");
            let mut list = query.separated(", ");
            for id in piece {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await?
        });
        found.extend(rows.into_iter().map(PushRecord::from));
    }
    found.sort_by_key(|push| std::cmp::Reverse(push.id));
    Ok(found)
}

/// Pushes to the branch that this commit came by, from that one backwards, newest first: the way
/// its history arrived. The repository's default branch wins when it came by several.
pub async fn back_from(
    tx: &mut Tx,
    repository_id: i64,
    commit_id: i64,
    limit: i64,
) -> Result<Vec<PushRecord>, StoreError> {
    let start: Option<(i64, String)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT id, branch FROM (SELECT p.id, p.branch, r.default_branch \
             FROM push_commits c JOIN pushes p ON p.id = c.push_id \
             JOIN repositories r ON r.id = p.repository_id \
             WHERE c.commit_id = $1 AND NOT p.is_tag ORDER BY c.push_id DESC LIMIT $2) AS few \
             ORDER BY CASE WHEN branch = default_branch THEN 0 \
             WHEN branch IN ('main', 'master') THEN 1 ELSE 2 END, id DESC LIMIT 1",
        )
        .bind(commit_id)
        .bind(limit)
        .fetch_optional(&mut *conn)
        .await?
    });
    let Some((id, branch)) = start else {
        return Ok(Vec::new());
    };
    let rows: Vec<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM pushes WHERE repository_id = $1 AND branch = $2 AND id <= $3 \
             ORDER BY id DESC LIMIT $4"
        ))
        .bind(repository_id)
        .bind(branch)
        .bind(id)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    Ok(rows.into_iter().map(PushRecord::from).collect())
}

impl From<Row> for PushRecord {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            repository_id: row.repository_id,
            branch: row.branch,
            is_tag: row.is_tag,
            before_sha: row.before_sha,
            after_sha: row.after_sha,
            commit_count: row.commit_count,
            total_count: row.total_count,
            is_truncated: row.is_truncated,
            is_forced: row.is_forced,
            actor: row.actor,
            url: row.url,
            at: Time(row.at),
            delivery_id: row.delivery_id,
        }
    }
}
