//! `/setup`, `/login`, `/logout`.

use super::forms::{Fields, Form, own_address};
use super::views::parts::Clock;
use super::views::{BareMessagePage, LoginPage, Message, SetupPage, Shell};
use super::visitor::Failure;
use crate::app::App;
use crate::http::auth::{Caller, SESSION_COOKIE};
use crate::http::problem::Problem;
use crate::operations::accounts::{self, Person, SESSION_MS};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use bytes::Bytes;
use epicenter_domain::proof::constant_time_eq;
use epicenter_store::users::Role;
use serde::Deserialize;
use std::sync::{Arc, PoisonError};

/// A redirect that carries the session's cookie.
pub(super) fn with_session(app: &App, cookie: &str, to: &str) -> Response {
    let secure = if app.config.base_url().starts_with("https://") {
        "; Secure"
    } else {
        ""
    };
    let seconds = SESSION_MS / 1_000;
    let value = format!(
        "{SESSION_COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}"
    );
    let mut response = Redirect::to(to).into_response();
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

/// A form that was sent from another site is refused; there is no session yet that could prove it.
fn is_foreign(app: &App, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return true;
    }
    let host = text("host").unwrap_or_default();
    text("origin").is_some_and(|origin| {
        let same = origin
            .split_once("://")
            .is_some_and(|(_, origin)| origin == host);
        !same && origin != app.config.base_url() && origin != "null"
    })
}

fn bare_shell(app: &App) -> Shell {
    Shell {
        clock: Clock(app.clock.now()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..Shell::default()
    }
}

/// Where to go after the login.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LoginQuery {
    next: String,
}

/// The login page; those who are signed in already go on.
pub(super) async fn login(
    State(app): State<Arc<App>>,
    caller: Option<Caller>,
    Query(query): Query<LoginQuery>,
) -> Result<Response, Failure> {
    if caller.is_some() {
        return Ok(Redirect::to(own_address(&query.next, "/incidents")).into_response());
    }
    let page = LoginPage {
        shell: bare_shell(&app),
        next: query.next,
        ..LoginPage::default()
    };
    Ok(Html(page.render()?).into_response())
}

/// `POST /login`.
pub(super) async fn log_in(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let fields = Fields::read(&body);
    if is_foreign(&app, &headers) {
        return Err(Failure::StaleForm);
    }
    let password = fields.get("password").to_owned();
    let error = match accounts::log_in(&app, fields.get("email"), password).await {
        Ok(Some(cookie)) => {
            let next = own_address(fields.get("next"), "/incidents");
            return Ok(with_session(&app, &cookie, next));
        }
        Ok(None) => "E-mail address or password is wrong.".to_owned(),
        Err(error) => Problem::from(error).detail,
    };
    let page = LoginPage {
        shell: bare_shell(&app),
        next: fields.get("next").to_owned(),
        email: fields.get("email").to_owned(),
        error: Some(error),
    };
    Ok((StatusCode::UNAUTHORIZED, Html(page.render()?)).into_response())
}

/// `POST /logout`.
pub(super) async fn log_out(State(app): State<Arc<App>>, form: Form) -> Result<Response, Failure> {
    accounts::log_out(&app, &form.visitor.session.hash).await?;
    let mut response = Redirect::to("/login").into_response();
    let gone = format!("{SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    if let Ok(value) = HeaderValue::from_str(&gone) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    Ok(response)
}

/// The code of the one-time link.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SetupQuery {
    token: String,
}

fn is_valid(app: &App, code: &str) -> bool {
    let kept = app
        .setup_code
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    kept.as_ref()
        .is_some_and(|kept| constant_time_eq(kept.as_bytes(), code.as_bytes()))
}

fn closed(app: &App) -> Response {
    let over = app
        .setup_code
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .is_none();
    let message = if over {
        Message::set_up_already()
    } else {
        Message::forbidden(
            "This set-up link is not the current one. The log shows it at every start until \
             somebody has an account.",
        )
    };
    let status = StatusCode::from_u16(message.status).unwrap_or(StatusCode::FORBIDDEN);
    match (BareMessagePage { message }).render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => Failure::from(error).into_response(),
    }
}

/// The first-run page, behind the one-time link of the log.
pub(super) async fn setup(
    State(app): State<Arc<App>>,
    Query(query): Query<SetupQuery>,
) -> Result<Response, Failure> {
    if !is_valid(&app, &query.token) {
        return Ok(closed(&app));
    }
    let page = SetupPage {
        shell: bare_shell(&app),
        token: query.token,
        ..SetupPage::default()
    };
    Ok(Html(page.render()?).into_response())
}

/// `POST /setup`: makes the first admin and closes the door for good.
pub(super) async fn set_up(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let fields = Fields::read(&body);
    if is_foreign(&app, &headers) {
        return Err(Failure::StaleForm);
    }
    let code = fields.get("token");
    if !is_valid(&app, code) {
        return Ok(closed(&app));
    }
    let password = fields.get("password").to_owned();
    let made = if password == fields.get("password_again") {
        let person = Person {
            email: fields.get("email").to_owned(),
            name: fields.get("name").to_owned(),
            password,
            role: Role::Admin,
        };
        accounts::create_first_user(&app, person)
            .await
            .map_err(Problem::from)
    } else {
        Err(Problem::invalid(
            "password_again",
            "the two passwords differ",
        ))
    };
    match made {
        Ok(user_id) => {
            let cookie = accounts::start_session(&app, user_id).await?;
            Ok(with_session(&app, &cookie, "/integrations"))
        }
        Err(problem) => {
            let page = SetupPage {
                shell: bare_shell(&app),
                token: code.to_owned(),
                name: fields.get("name").to_owned(),
                email: fields.get("email").to_owned(),
                error: Some(problem.detail),
            };
            Ok((StatusCode::BAD_REQUEST, Html(page.render()?)).into_response())
        }
    }
}
