//! Single commits with what they touched.

use super::NextId;
use crate::batch::{padded, pieces};
use crate::rows::ms;
use crate::{StoreError, Tx};
use epicenter_domain::change::{CommitFact, FileChange, reverted_sha};
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};
use std::collections::{BTreeMap, BTreeSet};

/// The largest list of files that is ever unpacked.
const MOST_BYTES: usize = 64 << 20;

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitRecord {
    /// Our id.
    pub id: i64,
    /// Repository.
    pub repository_id: i64,
    /// What was sent about it.
    pub fact: CommitFact,
    /// The commit that it undoes.
    pub reverts_sha: Option<String>,
    /// When it became known.
    pub received_at: Time,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    repository_id: i64,
    sha: String,
    message: String,
    author: String,
    author_key: String,
    authored_at: Option<i64>,
    committed_at: Option<i64>,
    url: Option<String>,
    is_merge: Option<bool>,
    reverts_sha: Option<String>,
    received_at: i64,
    detail: Option<Vec<u8>>,
}

const COLUMNS: &str = "id, repository_id, sha, message, author, author_key, authored_at, \
    committed_at, url, is_merge, reverts_sha, received_at, detail";

/// What an existing row takes over: whatever is fuller.
const UPDATE: &str = " ON CONFLICT (repository_id, sha) DO UPDATE SET \
    message = CASE WHEN length(excluded.message) > length(commits.message) \
    THEN excluded.message ELSE commits.message END, \
    author = CASE WHEN excluded.author = '' THEN commits.author ELSE excluded.author END, \
    author_key = CASE WHEN excluded.author_key = '' THEN commits.author_key \
    ELSE excluded.author_key END, \
    authored_at = COALESCE(excluded.authored_at, commits.authored_at), \
    committed_at = COALESCE(excluded.committed_at, commits.committed_at), \
    url = COALESCE(excluded.url, commits.url), \
    is_merge = COALESCE(excluded.is_merge, commits.is_merge), \
    reverts_sha = COALESCE(excluded.reverts_sha, commits.reverts_sha), \
    detail = CASE WHEN excluded.detail IS NULL OR length(commits.detail) > \
    length(excluded.detail) THEN commits.detail ELSE excluded.detail END \
    RETURNING id, sha";

/// Stores commits of one repository, or completes those that are known. Answers their ids in the
/// order given; a commit that is given twice is stored once.
pub async fn save(
    tx: &mut Tx,
    (workspace_id, repository_id): (i64, i64),
    commits: &[CommitFact],
    next_id: NextId<'_>,
    now: Time,
) -> Result<Vec<i64>, StoreError> {
    let distinct: BTreeMap<&str, &CommitFact> = commits
        .iter()
        .map(|commit| (commit.sha.as_str(), commit))
        .collect();
    // Ids in the order given, so that they sort as the sender listed them.
    let mut seen = BTreeMap::new();
    for commit in commits {
        seen.entry(commit.sha.as_str()).or_insert_with(next_id);
    }
    let rows: Vec<(&CommitFact, i64, Option<Vec<u8>>)> = distinct
        .values()
        .map(|commit| {
            let id = seen.get(commit.sha.as_str()).copied().unwrap_or_default();
            Ok((*commit, id, pack(commit.files.as_deref())?))
        })
        .collect::<Result<_, StoreError>>()?;
    let mut known: BTreeMap<String, i64> = BTreeMap::new();
    for piece in pieces(&rows) {
        let ids: Vec<(i64, String)> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO commits (id, workspace_id, repository_id, sha, message, author, \
                 author_key, authored_at, committed_at, url, is_merge, reverts_sha, received_at, \
                 detail) ",
            );
            query.push_values(piece, |mut row, (commit, id, detail)| {
                row.push_bind(*id)
                    .push_bind(workspace_id)
                    .push_bind(repository_id)
                    .push_bind(commit.sha.as_str())
                    .push_bind(commit.message.as_str())
                    .push_bind(commit.author.as_str())
                    .push_bind(commit.author_key.as_str())
                    .push_bind(ms(commit.authored_at))
                    .push_bind(ms(commit.committed_at))
                    .push_bind(commit.url.as_deref())
                    .push_bind(commit.is_merge)
                    .push_bind(reverted_sha(&commit.message))
                    .push_bind(now.0)
                    .push_bind(detail.as_deref());
            });
            query.push(UPDATE);
            query.build_query_as().fetch_all(conn).await?
        });
        known.extend(ids.into_iter().map(|(id, sha)| (sha, id)));
    }
    Ok(commits
        .iter()
        .filter_map(|commit| known.get(&commit.sha).copied())
        .collect())
}

/// Commits by id, in the order given; unknown ids are left out.
pub async fn by_ids(tx: &mut Tx, ids: &[i64]) -> Result<Vec<CommitRecord>, StoreError> {
    let mut found = BTreeMap::new();
    for piece in pieces(ids) {
        let piece = padded(piece);
        let rows: Vec<Row> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("SELECT ");
            query.push(COLUMNS).push(" FROM commits WHERE id IN (");
            let mut list = query.separated(", ");
            for id in &piece {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await?
        });
        for row in rows {
            found.insert(row.id, CommitRecord::try_from(row)?);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// The commit of a repository whose name begins with `sha` (lower-case hex, at least 7 digits).
pub async fn by_sha(
    tx: &mut Tx,
    repository_id: i64,
    sha: &str,
) -> Result<Option<CommitRecord>, StoreError> {
    let row: Option<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM commits WHERE repository_id = $1 AND sha >= $2 AND sha < $3 \
             ORDER BY sha LIMIT 1"
        ))
        .bind(repository_id)
        .bind(sha)
        .bind(format!("{sha}g"))
        .fetch_optional(conn)
        .await?
    });
    row.map(CommitRecord::try_from).transpose()
}

/// Those commits of a repository that are known, by their full SHAs, in no order.
pub async fn by_shas(
    tx: &mut Tx,
    repository_id: i64,
    shas: &[String],
) -> Result<Vec<CommitRecord>, StoreError> {
    let mut found = Vec::new();
    let names: Vec<&String> = shas.iter().collect::<BTreeSet<_>>().into_iter().collect();
    for piece in pieces(&names) {
        let rows: Vec<Row> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("SELECT ");
            query
                .push(COLUMNS)
                .push(" FROM commits WHERE repository_id = ");
            query.push_bind(repository_id).push(" AND sha IN (");
            let mut list = query.separated(", ");
            for sha in piece {
                list.push_bind(sha.as_str());
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await?
        });
        for row in rows {
            found.push(CommitRecord::try_from(row)?);
        }
    }
    Ok(found)
}

/// Newest commits of a repository by arrival.
pub async fn newest(
    tx: &mut Tx,
    repository_id: i64,
    limit: i64,
) -> Result<Vec<CommitRecord>, StoreError> {
    let rows: Vec<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM commits WHERE id IN (SELECT c.commit_id FROM pushes p \
             JOIN push_commits c ON c.push_id = p.id WHERE p.repository_id = $1 AND NOT p.is_tag \
             ORDER BY p.id DESC, c.position LIMIT $2) ORDER BY id DESC"
        ))
        .bind(repository_id)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    rows.into_iter().map(CommitRecord::try_from).collect()
}

fn pack(files: Option<&[FileChange]>) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(files) = files else {
        return Ok(None);
    };
    let plain = serde_json::to_vec(files).map_err(std::io::Error::other)?;
    Ok(Some(zstd::bulk::compress(&plain, 3)?))
}

impl TryFrom<Row> for CommitRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let damaged = |reason: String| StoreError::Row {
            table: "commits",
            id: row.id,
            reason,
        };
        let files = match &row.detail {
            None => None,
            Some(packed) => {
                let plain = zstd::bulk::decompress(packed, MOST_BYTES)
                    .map_err(|error| damaged(error.to_string()))?;
                Some(serde_json::from_slice(&plain).map_err(|error| damaged(error.to_string()))?)
            }
        };
        Ok(Self {
            id: row.id,
            repository_id: row.repository_id,
            fact: CommitFact {
                sha: row.sha,
                message: row.message,
                author: row.author,
                author_key: row.author_key,
                authored_at: row.authored_at.map(Time),
                committed_at: row.committed_at.map(Time),
                url: row.url,
                is_merge: row.is_merge,
                files,
            },
            reverts_sha: row.reverts_sha,
            received_at: Time(row.received_at),
        })
    }
}

/// What lists commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A push.
    Push(i64),
    /// A release.
    Release(i64),
    /// A deploy.
    Deploy(i64),
}

impl Owner {
    /// Its table, the column that names it there, and its id.
    fn place(self) -> (&'static str, &'static str, i64) {
        match self {
            Self::Push(id) => ("push_commits", "push_id", id),
            Self::Release(id) => ("release_commits", "release_id", id),
            Self::Deploy(id) => ("deploy_commits", "deploy_id", id),
        }
    }
}

/// Says which commits something has, newest first, in place of those it had.
pub async fn attach(tx: &mut Tx, owner: Owner, commit_ids: &[i64]) -> Result<(), StoreError> {
    let (table, column, id) = owner.place();
    on_engine!(tx, |conn| {
        sqlx::query(sql!("DELETE FROM {table} WHERE {column} = $1"))
            .bind(id)
            .execute(conn)
            .await?;
    });
    let rows: Vec<(i64, i64)> = (0..).zip(commit_ids.iter().copied()).collect();
    for piece in pieces(&rows) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new("INSERT INTO ");
            query.push(table).push(" (").push(column);
            query.push(", position, commit_id) ");
            query.push_values(piece, |mut row, (position, commit_id)| {
                row.push_bind(id).push_bind(*position).push_bind(*commit_id);
            });
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

/// The ids of what something lists, newest first, at most `limit`.
pub async fn ids_of(tx: &mut Tx, owner: Owner, limit: i64) -> Result<Vec<i64>, StoreError> {
    let (table, column, id) = owner.place();
    let ids = on_engine!(tx, |conn| {
        sqlx::query_scalar(sql!(
            "SELECT commit_id FROM {table} WHERE {column} = $1 ORDER BY position LIMIT $2"
        ))
        .bind(id)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    Ok(ids)
}
