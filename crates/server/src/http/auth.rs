//! Who calls: a person with a session, or a program with a bearer token.

use super::problem::Problem;
use crate::app::App;
use crate::limits::LOGIN_FAILURES;
use crate::operations::accounts::{self, DEFAULT_WORKSPACE, hash_of};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use epicenter_domain::id::IdKind;
use epicenter_domain::proof::constant_time_eq;
use epicenter_domain::signal::{Actor, ActorKind};
use epicenter_domain::time::{MINUTE_MS, Time};
use epicenter_store::users::Role;
use epicenter_store::{StoreError, sessions, tokens};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The session's cookie.
pub const SESSION_COOKIE: &str = "epicenter_session";

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Their workspace.
    pub workspace_id: i64,
    /// What they may do.
    pub role: Role,
    /// How they appear in timelines.
    pub actor: Actor,
    /// The user, when it is a person.
    pub user_id: Option<i64>,
    /// The session, when there is one.
    pub session: Option<Session>,
    /// SHA-256 of the token, when there is one in the database.
    pub token_hash: Option<Vec<u8>>,
}

/// A person's session.
#[derive(Clone, Debug)]
pub struct Session {
    /// SHA-256 of the cookie.
    pub hash: Vec<u8>,
    /// What every form must carry.
    pub csrf: String,
}

impl Caller {
    /// May they go on as they began? Their session or token is still there, with the same role.
    pub async fn is_current(&self, app: &App) -> Result<bool, StoreError> {
        let now = app.clock.now();
        let mut tx = app.database.read().await?;
        let role = match (&self.session, &self.token_hash) {
            (Some(session), _) => sessions::find(&mut tx, &session.hash, now)
                .await?
                .map(|(_, user)| user.role),
            (None, Some(hash)) => tokens::find(&mut tx, hash, now)
                .await?
                .map(|token| token.role),
            (None, None) => Some(self.role),
        };
        tx.rollback().await?;
        Ok(role == Some(self.role))
    }

    /// 403 unless they may change incidents.
    pub fn must_respond(&self) -> Result<(), Problem> {
        if matches!(self.role, Role::Viewer | Role::Deployer) {
            return Err(Problem::forbidden(
                "Your role may only look. Ask an admin for another.",
            ));
        }
        Ok(())
    }

    /// 403 unless they may tell releases and deploys.
    pub fn must_deploy(&self) -> Result<(), Problem> {
        match self.role {
            Role::Admin | Role::Responder | Role::Deployer => Ok(()),
            Role::Viewer => self.must_respond(),
        }
    }

    /// 403 if they may do nothing but tell releases and deploys.
    fn must_look(self) -> Result<Self, Problem> {
        if self.role == Role::Deployer {
            return Err(Problem::forbidden(
                "This token may only tell releases and deploys.",
            ));
        }
        Ok(self)
    }

    /// 403 unless they may change settings.
    pub fn must_administer(&self) -> Result<(), Problem> {
        if self.role != Role::Admin {
            return Err(Problem::forbidden("Only admins may do this."));
        }
        Ok(())
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        known(app, parts).await?.must_look()
    }
}

/// The caller, whatever they may do.
async fn known(app: &App, parts: &Parts) -> Result<Caller, Problem> {
    find(app, parts).await?.ok_or_else(|| {
        Problem::unauthorized(
            "unauthorized",
            "Send `Authorization: Bearer <token>`, or log in. Tokens are made on the settings \
             page or by `epicenter token create`.",
        )
    })
}

impl OptionalFromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &Arc<App>,
    ) -> Result<Option<Self>, Problem> {
        let found = find(app, parts).await?;
        found.map(Self::must_look).transpose()
    }
}

/// A caller who may tell releases and deploys; asked before the body is read.
pub struct Deployer(pub Caller);

impl FromRequestParts<Arc<App>> for Deployer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let caller = known(app, parts).await?;
        caller.must_deploy()?;
        Ok(Self(caller))
    }
}

/// The program with this token. `None`: there is no token, or it is none of ours.
pub(super) async fn program_of(app: &App, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    match bearer(headers) {
        Some(token) => by_token(app, token).await,
        None => Ok(None),
    }
}

/// A caller who may change incidents; asked before the body is read.
pub struct Responder(pub Caller);

impl FromRequestParts<Arc<App>> for Responder {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let caller = <Caller as FromRequestParts<Arc<App>>>::from_request_parts(parts, app).await?;
        caller.must_respond()?;
        Ok(Self(caller))
    }
}

/// A caller who may change settings; asked before the body is read.
pub struct Administrator(pub Caller);

impl FromRequestParts<Arc<App>> for Administrator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let caller = <Caller as FromRequestParts<Arc<App>>>::from_request_parts(parts, app).await?;
        caller.must_administer()?;
        Ok(Self(caller))
    }
}

async fn find(app: &App, parts: &Parts) -> Result<Option<Caller>, Problem> {
    // Proven before, by a door that asks on somebody's behalf; no header can say so.
    if let Some(caller) = parts.extensions.get::<Caller>() {
        return Ok(Some(caller.clone()));
    }
    if let Some(token) = bearer(&parts.headers) {
        return by_token(app, token).await;
    }
    let Some(cookie) = cookie(&parts.headers, SESSION_COOKIE) else {
        return Ok(None);
    };
    let caller = by_session(app, &cookie).await?;
    if let Some(session) = caller.as_ref().and_then(|caller| caller.session.as_ref())
        && !is_safe(&parts.method)
    {
        check_csrf(app, parts, session)?;
    }
    Ok(caller)
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// 403 if a page of somebody else's asks; a browser does not let it hide where it comes from.
pub(super) fn must_be_ours(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let foreign = Problem::forbidden("This request does not come from a page of this server.");
    if text("sec-fetch-site").is_some_and(|site| site == "cross-site" || site == "same-site") {
        return Err(foreign);
    }
    if let Some(origin) = text("origin") {
        let host = text("host").unwrap_or_default();
        let same = origin
            .split_once("://")
            .is_some_and(|(_, origin)| origin == host);
        if !same && origin != app.config.base_url() {
            return Err(foreign);
        }
    }
    Ok(())
}

/// A page of ours sends the header, or a form with the field, which the form's handler checks; a
/// foreign page can do neither.
fn check_csrf(app: &App, parts: &Parts, session: &Session) -> Result<(), Problem> {
    must_be_ours(app, &parts.headers)?;
    let text = |name: &str| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    if let Some(sent) = text("x-csrf") {
        return if constant_time_eq(sent.as_bytes(), session.csrf.as_bytes()) {
            Ok(())
        } else {
            Err(Problem::forbidden(
                "The page is out of date; reload it and try again.",
            ))
        };
    }
    let is_form = text("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if is_form && !parts.uri.path().starts_with("/api/") {
        return Ok(());
    }
    Err(Problem::forbidden(
        "Requests with a session need the x-csrf header.",
    ))
}

async fn by_session(app: &App, cookie: &str) -> Result<Option<Caller>, Problem> {
    let hash = hash_of(cookie);
    let mut tx = app.database.read().await?;
    let found = sessions::find(&mut tx, &hash, app.clock.now()).await?;
    tx.rollback().await?;
    Ok(found.map(|(session, user)| Caller {
        workspace_id: user.workspace_id,
        role: user.role,
        actor: Actor {
            kind: ActorKind::User,
            id: IdKind::User.show(user.id),
            name: user.name,
        },
        user_id: Some(user.id),
        session: Some(Session {
            hash,
            csrf: session.csrf,
        }),
        token_hash: None,
    }))
}

async fn by_token(app: &App, token: &str) -> Result<Option<Caller>, Problem> {
    let admin = app
        .admin_token
        .as_ref()
        .map(|admin| hash_of(admin.expose()));
    let hash = hash_of(token);
    if admin.is_some_and(|admin| constant_time_eq(&admin, &hash)) {
        return Ok(Some(program(
            "admin token",
            "admin",
            Role::Admin,
            DEFAULT_WORKSPACE,
        )));
    }
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let found = tokens::find(&mut tx, &hash, now).await?;
    tx.rollback().await?;
    let Some(token) = found else {
        return Ok(None);
    };
    if token
        .last_used_at
        .is_none_or(|used| now.since_ms(used) > MINUTE_MS)
    {
        accounts::touch_token(app, token.id).await?;
    }
    let id = IdKind::Token.show(token.id);
    Ok(Some(Caller {
        token_hash: Some(hash),
        ..program(&token.name, &id, token.role, token.workspace_id)
    }))
}

fn program(name: &str, id: &str, role: Role, workspace_id: i64) -> Caller {
    // A name that says it itself needs no reminder.
    let says_it = name.to_lowercase().ends_with("token");
    let actor = Actor {
        kind: ActorKind::User,
        id: id.to_owned(),
        name: if says_it {
            name.to_owned()
        } else {
            format!("{name} (token)")
        },
    };
    Caller {
        workspace_id,
        role,
        actor,
        user_id: None,
        session: None,
        token_hash: None,
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// Slows down guessing: so many failures per name and quarter of an hour.
#[derive(Debug, Default)]
pub struct LoginGuard(Mutex<HashMap<String, (Time, usize)>>);

/// The time failures are remembered.
const GUARD_MS: i64 = 15 * MINUTE_MS;
/// Names remembered at most; beyond that the oldest are forgotten.
const GUARD_NAMES: usize = 10_000;

impl LoginGuard {
    /// May this name try once more?
    pub fn may_try(&self, name: &str, now: Time) -> bool {
        let failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failures
            .get(name)
            .is_none_or(|(since, count)| now.since_ms(*since) > GUARD_MS || *count < LOGIN_FAILURES)
    }

    /// Counts a failure.
    pub fn failed(&self, name: &str, now: Time) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= GUARD_NAMES {
            failures.retain(|_, (since, _)| now.since_ms(*since) <= GUARD_MS);
        }
        let entry = failures.entry(name.to_owned()).or_insert((now, 0));
        if now.since_ms(entry.0) > GUARD_MS {
            *entry = (now, 0);
        }
        entry.1 += 1;
    }

    /// Forgets the failures after a success.
    pub fn succeeded(&self, name: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(name);
    }
}
