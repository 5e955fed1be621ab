//! Accounts of people.

use crate::page::comparable;
use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};

const COLUMNS: &str =
    "id, workspace_id, email, name, role, password_hash, created_at, bell_read_at";

/// What a person or token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    Admin,
    /// Work on incidents.
    Responder,
    /// Look.
    Viewer,
    /// Tell releases and deploys, and nothing else; for tokens only.
    Deployer,
}

impl Role {
    /// All.
    pub const ALL: [Self; 4] = [Self::Admin, Self::Responder, Self::Viewer, Self::Deployer];

    /// The word as the API and the store write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Responder => "responder",
            Self::Viewer => "viewer",
            Self::Deployer => "deployer",
        }
    }

    /// Reads the API's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// A person.
#[derive(Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// E-mail address in lower case, the login.
    pub email: String,
    /// Name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// argon2 hash.
    pub password_hash: String,
    /// When the account was made.
    pub created_at: Time,
    /// When they last looked at the bell.
    pub bell_read_at: Time,
}

/// A person to be added.
#[derive(Clone)]
pub struct NewUser {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// E-mail address in lower case.
    pub email: String,
    /// Name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// argon2 hash.
    pub password_hash: String,
    /// When the account was made.
    pub created_at: Time,
}

#[derive(FromRow)]
pub(crate) struct UserRow {
    id: i64,
    workspace_id: i64,
    email: String,
    name: String,
    role: String,
    password_hash: String,
    created_at: i64,
    bell_read_at: i64,
}

impl From<UserRow> for UserRecord {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id,
            workspace_id: row.workspace_id,
            email: row.email,
            name: row.name,
            role: Role::parse(&row.role).unwrap_or(Role::Viewer),
            password_hash: row.password_hash,
            created_at: Time(row.created_at),
            bell_read_at: Time(row.bell_read_at),
        }
    }
}

/// Adds a person; the bell begins empty.
pub async fn create(tx: &mut Tx, new: &NewUser) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO users (id, workspace_id, email, name, role, password_hash, created_at, \
             bell_read_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        )
        .bind(new.id)
        .bind(new.workspace_id)
        .bind(new.email.as_str())
        .bind(new.name.as_str())
        .bind(new.role.as_str())
        .bind(new.password_hash.as_str())
        .bind(new.created_at.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// How many people have an account.
pub async fn count(tx: &mut Tx) -> Result<i64, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT count(*) FROM users")
            .fetch_one(conn)
            .await?
    }))
}

/// The people of a workspace, by name.
pub async fn list(tx: &mut Tx, workspace_id: i64) -> Result<Vec<UserRecord>, StoreError> {
    let rows: Vec<UserRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM users WHERE workspace_id = ")
            .push_bind(workspace_id);
        query.push(" ORDER BY lower(name), id");
        query.build_query_as().fetch_all(conn).await?
    });
    Ok(rows.into_iter().map(UserRecord::from).collect())
}

/// One person by login.
pub async fn by_email(tx: &mut Tx, email: &str) -> Result<Option<UserRecord>, StoreError> {
    let row: Option<UserRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM users WHERE email = ")
            .push_bind(comparable(email));
        query.build_query_as().fetch_optional(conn).await?
    });
    Ok(row.map(UserRecord::from))
}

/// One person by id.
pub async fn by_id(tx: &mut Tx, id: i64) -> Result<Option<UserRecord>, StoreError> {
    let row: Option<UserRow> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new("SELECT ");
        query
            .push(COLUMNS)
            .push(" FROM users WHERE id = ")
            .push_bind(id);
        query.build_query_as().fetch_optional(conn).await?
    });
    Ok(row.map(UserRecord::from))
}

/// Sets a password's hash.
pub async fn set_password(tx: &mut Tx, id: i64, hash: &str) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("UPDATE users SET password_hash = $2 WHERE id = $1")
            .bind(id)
            .bind(hash)
            .execute(conn)
            .await?;
    });
    Ok(())
}

/// Sets a role. False: there is no such person.
pub async fn set_role(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
    role: Role,
) -> Result<bool, StoreError> {
    let changed = on_engine!(tx, |conn| {
        sqlx::query("UPDATE users SET role = $3 WHERE id = $1 AND workspace_id = $2")
            .bind(id)
            .bind(workspace_id)
            .bind(role.as_str())
            .execute(conn)
            .await?
            .rows_affected()
    });
    Ok(changed > 0)
}

/// Notes when the person looked at the bell.
pub async fn set_bell_read(tx: &mut Tx, id: i64, at: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("UPDATE users SET bell_read_at = $2 WHERE id = $1")
            .bind(id)
            .bind(at.0)
            .execute(conn)
            .await?;
    });
    Ok(())
}

/// Deletes an account.
pub async fn delete(tx: &mut Tx, workspace_id: i64, id: i64) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM users WHERE id = $1 AND workspace_id = $2")
            .bind(id)
            .bind(workspace_id)
            .execute(conn)
            .await?;
    });
    Ok(())
}
