//! Which organisations of which Sentry hosts are asked, and with which token.

use crate::rows::unreadable;
use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use sqlx::FromRow;

/// One organisation on one Sentry host, for one integration.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionRecord {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// The Sentry integration whose issues these are.
    pub integration_id: i64,
    /// `https://sentry.io`, without a slash at the end.
    pub base_url: String,
    /// The organisation's slug.
    pub organization: String,
    /// Slugs of the projects to ask for; empty: all.
    pub projects: Vec<String>,
    /// What lets us in; `None`: the environment has it.
    pub token: Option<String>,
    /// Was it set up by the environment?
    pub from_environment: bool,
    /// It wants not to be asked before this instant.
    pub held_until: Option<Time>,
    /// When it is to be synchronised next; `None`: as soon as possible.
    pub due_at: Option<Time>,
    /// A node synchronises it, and loses it at this instant.
    pub claimed_until: Option<Time>,
    /// Up to when everything is known, by when issues were last seen.
    pub synced_until: Option<Time>,
    /// When all issues of the whole window were last looked at.
    pub whole_at: Option<Time>,
    /// When its token was last tried.
    pub checked_at: Option<Time>,
    /// What was wrong then, in words; `None`: nothing.
    pub check_fault: Option<String>,
    /// What the token may do, as far as Sentry says; words with blanks between.
    pub scopes: Option<String>,
    /// When its token ends, as the person who entered it said.
    pub token_expires_at: Option<Time>,
    /// When it was set up.
    pub created_at: Time,
}

impl std::fmt::Debug for ConnectionRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectionRecord")
            .field("id", &self.id)
            .field("base_url", &self.base_url)
            .field("organization", &self.organization)
            .field("from_environment", &self.from_environment)
            .finish_non_exhaustive()
    }
}

const COLUMNS: &str = "id, workspace_id, integration_id, base_url, organization, projects, token, \
    from_environment, held_until, due_at, claimed_until, synced_until, whole_at, checked_at, \
    check_fault, scopes, token_expires_at, created_at";

#[derive(FromRow)]
struct ConnectionRow {
    id: i64,
    workspace_id: i64,
    integration_id: i64,
    base_url: String,
    organization: String,
    projects: String,
    token: Option<String>,
    from_environment: bool,
    held_until: Option<i64>,
    due_at: Option<i64>,
    claimed_until: Option<i64>,
    synced_until: Option<i64>,
    whole_at: Option<i64>,
    checked_at: Option<i64>,
    check_fault: Option<String>,
    scopes: Option<String>,
    token_expires_at: Option<i64>,
    created_at: i64,
}

impl TryFrom<ConnectionRow> for ConnectionRecord {
    type Error = StoreError;

    fn try_from(row: ConnectionRow) -> Result<Self, StoreError> {
        let projects = serde_json::from_str(&row.projects)
            .map_err(|_| unreadable("sentry_connections", row.id, "projects"))?;
        Ok(Self {
            id: row.id,
            workspace_id: row.workspace_id,
            integration_id: row.integration_id,
            base_url: row.base_url,
            organization: row.organization,
            projects,
            token: row.token,
            from_environment: row.from_environment,
            held_until: row.held_until.map(Time),
            due_at: row.due_at.map(Time),
            claimed_until: row.claimed_until.map(Time),
            synced_until: row.synced_until.map(Time),
            whole_at: row.whole_at.map(Time),
            checked_at: row.checked_at.map(Time),
            check_fault: row.check_fault,
            scopes: row.scopes,
            token_expires_at: row.token_expires_at.map(Time),
            created_at: Time(row.created_at),
        })
    }
}

fn records(rows: Vec<ConnectionRow>) -> Result<Vec<ConnectionRecord>, StoreError> {
    rows.into_iter().map(ConnectionRecord::try_from).collect()
}

/// A connection as it should be.
#[derive(Clone)]
pub struct NewConnection {
    /// Our id, if it is new.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// The Sentry integration whose issues these are.
    pub integration_id: i64,
    /// Where the host is, without a slash at the end.
    pub base_url: String,
    /// The organisation's slug.
    pub organization: String,
    /// Slugs of the projects; empty: all.
    pub projects: Vec<String>,
    /// What lets us in; `None`: the environment has it.
    pub token: Option<String>,
    /// Is it set up by the environment?
    pub from_environment: bool,
    /// When.
    pub created_at: Time,
}

impl std::fmt::Debug for NewConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewConnection")
            .field("organization", &self.organization)
            .finish_non_exhaustive()
    }
}

/// Sets a connection up, or changes the one of the same organisation, which may then ask again at
/// once. With other projects, everything is looked at anew; another token ends when nobody knows.
/// Answers its id.
pub async fn save(tx: &mut Tx, new: &NewConnection) -> Result<i64, StoreError> {
    let projects = serde_json::Value::from(new.projects.clone()).to_string();
    let id = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "INSERT INTO sentry_connections (id, workspace_id, integration_id, base_url, \
             organization, projects, token, from_environment, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT (integration_id, base_url, organization) DO UPDATE SET \
             synced_until = CASE WHEN sentry_connections.projects = excluded.projects \
             THEN sentry_connections.synced_until END, \
             token_expires_at = CASE WHEN sentry_connections.token = excluded.token \
             THEN sentry_connections.token_expires_at END, \
             projects = excluded.projects, token = excluded.token, \
             from_environment = excluded.from_environment, held_until = NULL, due_at = NULL, \
             checked_at = NULL, check_fault = NULL, scopes = NULL RETURNING id",
        )
        .bind(new.id)
        .bind(new.workspace_id)
        .bind(new.integration_id)
        .bind(new.base_url.as_str())
        .bind(new.organization.as_str())
        .bind(projects)
        .bind(new.token.as_deref())
        .bind(new.from_environment)
        .bind(new.created_at.0)
        .fetch_one(conn)
        .await?
    });
    Ok(id)
}

/// All of a workspace, the oldest first.
pub async fn list(tx: &mut Tx, workspace_id: i64) -> Result<Vec<ConnectionRecord>, StoreError> {
    let rows = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM sentry_connections WHERE workspace_id = $1 ORDER BY id"
        ))
        .bind(workspace_id)
        .fetch_all(conn)
        .await?
    });
    records(rows)
}

/// Those of all workspaces, the oldest first.
pub async fn every(tx: &mut Tx) -> Result<Vec<ConnectionRecord>, StoreError> {
    let rows = on_engine!(tx, |conn| {
        sqlx::query_as(sql!("SELECT {COLUMNS} FROM sentry_connections ORDER BY id"))
            .fetch_all(conn)
            .await?
    });
    records(rows)
}

/// One.
pub async fn by_id(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<Option<ConnectionRecord>, StoreError> {
    let row: Option<ConnectionRow> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM sentry_connections WHERE workspace_id = $1 AND id = $2"
        ))
        .bind(workspace_id)
        .bind(id)
        .fetch_optional(conn)
        .await?
    });
    row.map(ConnectionRecord::try_from).transpose()
}

/// Forgets one; false when there is none.
pub async fn delete(tx: &mut Tx, workspace_id: i64, id: i64) -> Result<bool, StoreError> {
    let gone = on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM sentry_connections WHERE workspace_id = $1 AND id = $2")
            .bind(workspace_id)
            .bind(id)
            .execute(conn)
            .await?
            .rows_affected()
    });
    Ok(gone > 0)
}

/// What came of trying its token: what is wrong, if anything, and what it may do.
pub async fn checked(
    tx: &mut Tx,
    id: i64,
    at: Time,
    (fault, scopes): (Option<&str>, Option<&str>),
) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE sentry_connections SET checked_at = $2, check_fault = $3, scopes = $4 \
             WHERE id = $1",
        )
        .bind(id)
        .bind(at.0)
        .bind(fault)
        .bind(scopes)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// Says when its token ends; `None`: nobody knows.
pub async fn set_expiry(tx: &mut Tx, id: i64, at: Option<Time>) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("UPDATE sentry_connections SET token_expires_at = $2 WHERE id = $1")
            .bind(id)
            .bind(at.map(|at| at.0))
            .execute(conn)
            .await?;
    });
    Ok(())
}

/// It is not to be asked before `until`; `None`: it may be.
pub async fn hold(tx: &mut Tx, id: i64, until: Option<Time>) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("UPDATE sentry_connections SET held_until = $2 WHERE id = $1")
            .bind(id)
            .bind(until.map(|until| until.0))
            .execute(conn)
            .await?;
    });
    Ok(())
}

/// Takes one until `until`, or keeps it that long; false when another node, or another door of this
/// one, has it. `own`: until when whoever asks has it already.
pub async fn claim(
    tx: &mut Tx,
    id: i64,
    (now, until): (Time, Time),
    own: Option<Time>,
) -> Result<bool, StoreError> {
    let taken = on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE sentry_connections SET claimed_until = $3 WHERE id = $1 \
             AND (claimed_until IS NULL OR claimed_until <= $2 OR claimed_until = $4)",
        )
        .bind(id)
        .bind(now.0)
        .bind(until.0)
        .bind(own.map(|own| own.0))
        .execute(conn)
        .await?
        .rows_affected()
    });
    Ok(taken > 0)
}

/// Gives one back, and says when it is due again.
pub async fn release(tx: &mut Tx, id: i64, due_at: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE sentry_connections SET claimed_until = NULL, due_at = $2 WHERE id = $1",
        )
        .bind(id)
        .bind(due_at.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// A run has ended well: all is known up to `until`; `whole_at`: when the whole window was seen.
pub async fn advance(
    tx: &mut Tx,
    id: i64,
    until: Time,
    whole_at: Option<Time>,
) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "UPDATE sentry_connections SET synced_until = $2, \
             whole_at = COALESCE($3, whole_at) WHERE id = $1",
        )
        .bind(id)
        .bind(until.0)
        .bind(whole_at.map(|at| at.0))
        .execute(conn)
        .await?;
    });
    Ok(())
}
