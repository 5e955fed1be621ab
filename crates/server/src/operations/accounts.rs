//! People and tokens: first run, login, passwords.

use super::OperationError;
use super::people::must_have_no_duty;
use super::token_kind::TokenKind;
use crate::app::App;
use crate::limits::{PASSWORD_CHARS, SESSION_DAYS};
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};
use epicenter_domain::time::{DAY_MS, Time};
use epicenter_store::people::forget_user;
use epicenter_store::sessions::{self, NewSession};
use epicenter_store::tokens::{self, NewToken};
use epicenter_store::users::{self, NewUser, Role};
use epicenter_store::{Database, StoreError, Tx};
use sha2::{Digest, Sha256};
use std::sync::PoisonError;

/// How long a session lasts.
pub const SESSION_MS: i64 = SESSION_DAYS * DAY_MS;
/// The workspace that exists from the start.
pub const DEFAULT_WORKSPACE: i64 = 1;

/// SHA-256: tokens and session cookies are random, so that no slow hash is needed.
pub fn hash_of(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// So many random bytes, as hex.
pub fn random_hex(bytes: usize) -> Result<String, OperationError> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random)
        .map_err(|error| OperationError::Conflict(format!("no randomness: {error}")))?;
    Ok(hex::encode(random))
}

/// The one-time link of the first run; `None` once somebody has an account.
pub async fn first_run_link(app: &App) -> Result<Option<String>, OperationError> {
    let mut tx = app.database.read().await?;
    let count = users::count(&mut tx).await?;
    tx.rollback().await?;
    if count > 0 {
        return Ok(None);
    }
    let code = random_hex(16)?;
    let link = format!("{}/setup?token={code}", app.config.base_url());
    *app.setup_code
        .lock()
        .unwrap_or_else(PoisonError::into_inner) = Some(code);
    Ok(Some(link))
}

/// A person as they sign up.
#[derive(Debug)]
pub struct Person {
    /// E-mail address, the login.
    pub email: String,
    /// Name to show.
    pub name: String,
    /// Password.
    pub password: String,
    /// What they may do.
    pub role: Role,
}

/// Creates an account.
pub async fn create_user(app: &App, person: Person) -> Result<i64, OperationError> {
    create_user_in(
        &app.database,
        app.ids.next(app.clock.now()),
        person,
        app.clock.now(),
    )
    .await
}

/// Creates an account in this database.
pub async fn create_user_in(
    database: &Database,
    id: i64,
    person: Person,
    now: Time,
) -> Result<i64, OperationError> {
    let email = person.email.trim().to_lowercase();
    let has_host = email.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !email.chars().any(char::is_whitespace)
    });
    if !has_host {
        return Err(OperationError::invalid(
            "email",
            "must be an e-mail address",
        ));
    }
    let name = person.name.trim().to_owned();
    if name.is_empty() {
        return Err(OperationError::invalid("name", "must not be empty"));
    }
    must_be_of_people(person.role)?;
    let password_hash = hash_password(person.password).await?;
    let mut tx = database.write().await?;
    if users::by_email(&mut tx, &email).await?.is_some() {
        return Err(OperationError::invalid("email", "is taken"));
    }
    let user = NewUser {
        id,
        workspace_id: DEFAULT_WORKSPACE,
        email,
        name,
        role: person.role,
        password_hash,
        created_at: now,
    };
    users::create(&mut tx, &user).await?;
    tx.commit().await?;
    Ok(id)
}

fn must_be_of_people(role: Role) -> Result<(), OperationError> {
    if role == Role::Deployer {
        return Err(OperationError::invalid("role", "deployer is for tokens"));
    }
    Ok(())
}

/// argon2id with the crate's (OWASP's) parameters; off the async threads, it takes long on purpose.
async fn hash_password(password: String) -> Result<String, OperationError> {
    if password.chars().count() < PASSWORD_CHARS {
        let message = format!("must have at least {PASSWORD_CHARS} characters");
        return Err(OperationError::invalid("password", message));
    }
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
    });
    match hashed.await {
        Ok(Ok(hash)) => Ok(hash),
        Ok(Err(error)) => Err(OperationError::Conflict(error.to_string())),
        Err(error) => Err(OperationError::Conflict(error.to_string())),
    }
}

/// Checks a password against a hash; takes as long when there is no such account.
async fn password_fits(password: String, hash: Option<String>) -> bool {
    let checked = tokio::task::spawn_blocking(move || {
        let argon2 = Argon2::default();
        let Some(hash) = hash else {
            return argon2.hash_password(password.as_bytes()).is_err();
        };
        let fits = |hash: PasswordHash| argon2.verify_password(password.as_bytes(), &hash).is_ok();
        PasswordHash::new(&hash).is_ok_and(fits)
    });
    checked.await.unwrap_or(false)
}

/// Logs in. Answers the session's cookie; `None` when name or password are wrong.
pub async fn log_in(
    app: &App,
    email: &str,
    password: String,
) -> Result<Option<String>, OperationError> {
    let email = email.trim().to_lowercase();
    let now = app.clock.now();
    if !app.login_guard.may_try(&email, now) {
        return Err(OperationError::Conflict(
            "too many failed logins; wait a quarter of an hour".to_owned(),
        ));
    }
    let mut tx = app.database.read().await?;
    let user = users::by_email(&mut tx, &email).await?;
    tx.rollback().await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let fits = password_fits(password, hash).await;
    let Some(user) = user.filter(|_| fits) else {
        app.login_guard.failed(&email, now);
        return Ok(None);
    };
    app.login_guard.succeeded(&email);
    start_session(app, user.id).await.map(Some)
}

/// Starts a session. Answers its cookie.
pub async fn start_session(app: &App, user_id: i64) -> Result<String, OperationError> {
    let now = app.clock.now();
    let cookie = random_hex(32)?;
    let session = NewSession {
        hash: hash_of(&cookie),
        user_id,
        csrf: random_hex(16)?,
        created_at: now,
        expires_at: now.plus_ms(SESSION_MS),
    };
    let mut tx = app.database.write().await?;
    sessions::create(&mut tx, &session).await?;
    tx.commit().await?;
    Ok(cookie)
}

/// Ends a session.
pub async fn log_out(app: &App, session_hash: &[u8]) -> Result<(), StoreError> {
    let mut tx = app.database.write().await?;
    sessions::delete(&mut tx, session_hash).await?;
    tx.commit().await?;
    app.live.rights_changed();
    Ok(())
}

/// Changes a password from old to new and ends all sessions of that person.
pub async fn change_password(
    app: &App,
    user_id: i64,
    (old, new): (String, String),
) -> Result<(), OperationError> {
    let mut tx = app.database.read().await?;
    let user = users::by_id(&mut tx, user_id)
        .await?
        .ok_or(OperationError::NotFound("user"))?;
    tx.rollback().await?;
    if !password_fits(old, Some(user.password_hash)).await {
        return Err(OperationError::invalid(
            "current",
            "the current password is wrong",
        ));
    }
    let hash = hash_password(new).await?;
    let mut tx = app.database.write().await?;
    users::set_password(&mut tx, user_id, &hash).await?;
    sessions::delete_of_user(&mut tx, user_id).await?;
    tx.commit().await?;
    app.live.rights_changed();
    Ok(())
}

/// Makes the first admin; the one-time link is void from then on.
pub async fn create_first_user(app: &App, person: Person) -> Result<i64, OperationError> {
    let mut tx = app.database.read().await?;
    let count = users::count(&mut tx).await?;
    tx.rollback().await?;
    if count > 0 {
        return Err(OperationError::Conflict(
            "somebody has an account already".to_owned(),
        ));
    }
    let id = create_user(app, person).await?;
    *app.setup_code
        .lock()
        .unwrap_or_else(PoisonError::into_inner) = None;
    Ok(id)
}

/// A new API token.
#[derive(Debug)]
pub struct MadeToken {
    /// Its id.
    pub id: i64,
    /// The token itself; shown once.
    pub token: String,
}

/// A token as it is wanted.
#[derive(Debug)]
pub struct WantedToken<'a> {
    /// Workspace.
    pub workspace_id: i64,
    /// What it is for.
    pub name: &'a str,
    /// What it may do.
    pub role: Role,
    /// For which programs.
    pub kind: TokenKind,
    /// From when on it is void; `None`: never.
    pub expires_at: Option<Time>,
}

/// Creates a token in this database.
pub async fn create_token_in(
    database: &Database,
    id: i64,
    wanted: WantedToken<'_>,
    now: Time,
) -> Result<MadeToken, OperationError> {
    let name = wanted.name.trim();
    if name.is_empty() {
        return Err(OperationError::invalid("name", "must not be empty"));
    }
    if wanted.expires_at.is_some_and(|at| at <= now) {
        return Err(OperationError::invalid(
            "expires_at",
            "must be in the future",
        ));
    }
    let (token, hint) = wanted.kind.mint(now)?;
    let new = NewToken {
        id,
        workspace_id: wanted.workspace_id,
        name: name.to_owned(),
        role: wanted.role,
        hash: hash_of(&token),
        hint,
        created_at: now,
        expires_at: wanted.expires_at,
    };
    let mut tx = database.write().await?;
    tokens::create(&mut tx, &new).await?;
    tx.commit().await?;
    Ok(MadeToken { id, token })
}

/// Creates a token.
pub async fn create_token(app: &App, wanted: WantedToken<'_>) -> Result<MadeToken, OperationError> {
    let now = app.clock.now();
    create_token_in(&app.database, app.ids.next(now), wanted, now).await
}

/// Makes a token void.
pub async fn revoke_token(app: &App, workspace_id: i64, id: i64) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    if !tokens::revoke(&mut tx, workspace_id, id).await? {
        return Err(OperationError::NotFound("token"));
    }
    tx.commit().await?;
    app.live.rights_changed();
    Ok(())
}

/// Notes that a token was used.
pub async fn touch_token(app: &App, id: i64) -> Result<(), StoreError> {
    let mut tx = app.database.write().await?;
    tokens::touch(&mut tx, id, app.clock.now()).await?;
    tx.commit().await
}

/// The user, if there is another admin besides.
async fn not_the_last_admin(tx: &mut Tx, workspace_id: i64, id: i64) -> Result<(), OperationError> {
    let all = users::list(tx, workspace_id).await?;
    let user = all
        .iter()
        .find(|user| user.id == id)
        .ok_or(OperationError::NotFound("user"))?;
    let others = all
        .iter()
        .filter(|user| user.role == Role::Admin && user.id != id)
        .count();
    if user.role == Role::Admin && others == 0 {
        let reason = "this is the last admin; make somebody else admin first";
        return Err(OperationError::Conflict(reason.to_owned()));
    }
    Ok(())
}

/// Changes a person's role and ends all sessions of that person, with their open streams.
pub async fn set_role(
    app: &App,
    workspace_id: i64,
    id: i64,
    role: Role,
) -> Result<(), OperationError> {
    must_be_of_people(role)?;
    let mut tx = app.database.write().await?;
    if role != Role::Admin {
        not_the_last_admin(&mut tx, workspace_id, id).await?;
    }
    let user = users::by_id(&mut tx, id).await?;
    if user.is_some_and(|user| user.workspace_id == workspace_id && user.role == role) {
        return Ok(());
    }
    if !users::set_role(&mut tx, workspace_id, id, role).await? {
        return Err(OperationError::NotFound("user"));
    }
    sessions::delete_of_user(&mut tx, id).await?;
    tx.commit().await?;
    app.live.rights_changed();
    Ok(())
}

/// Deletes an account and ends its sessions.
pub async fn delete_user(app: &App, workspace_id: i64, id: i64) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    not_the_last_admin(&mut tx, workspace_id, id).await?;
    must_have_no_duty(&mut tx, workspace_id, id).await?;
    forget_user(&mut tx, id, app.clock.now()).await?;
    sessions::delete_of_user(&mut tx, id).await?;
    users::delete(&mut tx, workspace_id, id).await?;
    tx.commit().await?;
    app.live.rights_changed();
    Ok(())
}

/// The person has looked at the bell.
pub async fn read_bell(app: &App, user_id: i64) -> Result<(), StoreError> {
    let mut tx = app.database.write().await?;
    users::set_bell_read(&mut tx, user_id, app.clock.now()).await?;
    tx.commit().await
}
