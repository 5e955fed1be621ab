//! `/settings`: account, tokens, people, privacy, storage, about; and the bell.

use super::forms::{Form, own_address};
use super::sign_in::with_session;
use super::views::{PrivacyRule, Section, SettingsPage, Storage, TokenRow, UserRow};
use super::visitor::{Failure, Shown, Visitor};
use crate::app::App;
use crate::http::problem::Problem;
use crate::operations::accounts::{self, Person, WantedToken};
use crate::operations::token_kind::TokenKind;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use epicenter_domain::id::IdKind;
use epicenter_domain::scrub::Rule;
use epicenter_store::users::Role;
use epicenter_store::{Tx, retention, tokens, users};
use std::sync::Arc;

/// What a form of this page left behind.
#[derive(Default)]
struct Left {
    fault: Option<(String, String)>,
    new_token: Option<(String, String)>,
}

/// The page.
pub(super) async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Shown {
    page(&app, &visitor, Left::default()).await
}

async fn page(app: &App, visitor: &Visitor, left: Left) -> Shown {
    let is_admin = visitor.caller.must_administer().is_ok();
    let workspace_id = visitor.caller.workspace_id;
    let mut tx = app.database.read().await?;
    let (mut token_rows, mut user_rows) = (Vec::new(), Vec::new());
    if is_admin {
        token_rows = tokens::list(&mut tx, workspace_id)
            .await?
            .into_iter()
            .map(token_row)
            .collect();
        let people = users::list(&mut tx, workspace_id).await?;
        user_rows = people
            .into_iter()
            .map(|user| UserRow {
                id: IdKind::User.show(user.id),
                is_self: user.id == visitor.user_id,
                name: user.name,
                email: user.email,
                role: user.role.as_str().to_owned(),
                created_at: user.created_at,
            })
            .collect();
    }
    let storage = storage(app, &mut tx).await?;
    tx.rollback().await?;
    let privacy = Rule::ALL.into_iter().map(|rule| PrivacyRule {
        id: rule.id().to_owned(),
        sentence: rule.sentence().to_owned(),
        is_on: app.scrub_rules.is_on(rule),
    });
    let page = SettingsPage {
        shell: visitor.shell(app, Section::Settings).await?,
        is_admin,
        fault: left.fault,
        new_token: left.new_token,
        tokens: token_rows,
        users: user_rows,
        privacy: privacy.collect(),
        storage,
        about: vec![
            ("Version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
            ("Address".to_owned(), app.config.base_url()),
            ("Licence".to_owned(), "Apache-2.0".to_owned()),
        ],
    };
    Ok(Html(page.render()?))
}

fn token_row(token: tokens::TokenRecord) -> TokenRow {
    TokenRow {
        id: IdKind::Token.show(token.id),
        name: token.name,
        role: token.role.as_str().to_owned(),
        hint: token.hint,
        created_at: token.created_at,
        expires_at: token.expires_at,
        last_used_at: token.last_used_at,
    }
}

async fn storage(app: &App, tx: &mut Tx) -> Result<Storage, Failure> {
    let sizes = retention::sizes(tx).await?;
    let kept = app.config.retention;
    let cap = app.config.database_max_mib;
    let days = |count: u32| format!("{count} days");
    let mut lines = vec![
        ("Deliveries are kept".to_owned(), days(kept.deliveries_days)),
        (
            "Open issues are kept".to_owned(),
            days(kept.open_issues_days),
        ),
        (
            "Resolved and ignored issues are kept".to_owned(),
            days(kept.closed_issues_days),
        ),
        ("Notices are kept".to_owned(), days(kept.notices_days)),
    ];
    if let Some(at) = sizes.oldest_delivery_at {
        lines.push(("Oldest delivery".to_owned(), at.rfc3339()));
    }
    Ok(Storage {
        engine: app.database.engine_name().to_owned(),
        size: sizes.total_bytes,
        cap: (cap > 0).then(|| i64::from(cap) << 20),
        lines,
    })
}

async fn refused(app: &App, form: &Form, which: &str, problem: Problem) -> Response {
    if form.visitor.wants_json {
        return form.failed(app, "/settings", problem.detail);
    }
    let left = Left {
        fault: Some((which.to_owned(), problem.detail)),
        ..Left::default()
    };
    page(app, &form.visitor, left).await.into_response()
}

/// `POST /settings/password`.
pub(super) async fn password(State(app): State<Arc<App>>, form: Form) -> Response {
    let new = form.fields.get("password").to_owned();
    if new != form.fields.get("password_again") {
        let problem = Problem::invalid("password_again", "the two passwords differ");
        return refused(&app, &form, "password", problem).await;
    }
    let user_id = form.visitor.user_id;
    let pair = (form.fields.get("current").to_owned(), new);
    if let Err(error) = accounts::change_password(&app, user_id, pair).await {
        return refused(&app, &form, "password", error.into()).await;
    }
    // All sessions ended, this one too: the person who knows the new password gets a new one.
    match accounts::start_session(&app, user_id).await {
        Ok(cookie) => with_session(&app, &cookie, "/settings"),
        Err(error) => Failure::from(error).into_response(),
    }
}

/// `POST /settings/tokens`.
pub(super) async fn create_token(State(app): State<Arc<App>>, form: Form) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return refused(&app, &form, "tokens", problem).await;
    }
    let name = form.fields.get("name");
    let role = Role::parse(form.fields.get("role")).unwrap_or(Role::Responder);
    let days: Option<i64> = form.fields.get("expires_in_days").parse().ok();
    let expires_at = days.filter(|days| (1..=3_650).contains(days)).map(|days| {
        app.clock
            .now()
            .plus_ms(days * epicenter_domain::time::DAY_MS)
    });
    let kind = match role {
        Role::Deployer => TokenKind::SentryCli {
            url: app.config.base_url(),
        },
        Role::Admin | Role::Responder | Role::Viewer => TokenKind::Plain,
    };
    let wanted = WantedToken {
        workspace_id: form.visitor.caller.workspace_id,
        name,
        role,
        kind,
        expires_at,
    };
    match accounts::create_token(&app, wanted).await {
        Ok(made) => {
            let left = Left {
                new_token: Some((name.to_owned(), made.token)),
                ..Left::default()
            };
            page(&app, &form.visitor, left).await.into_response()
        }
        Err(error) => refused(&app, &form, "tokens", error.into()).await,
    }
}

/// `POST /settings/tokens/{id}/revoke`.
pub(super) async fn revoke_token(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, "/settings", problem.detail);
    }
    let Some(token_id) = IdKind::Token.parse(&id) else {
        return form.failed(&app, "/settings", "There is no such token.");
    };
    let workspace_id = form.visitor.caller.workspace_id;
    let revoked = accounts::revoke_token(&app, workspace_id, token_id).await;
    form.followed(
        &app,
        "/settings#tokens",
        revoked.map(|()| "Revoked.".to_owned()),
    )
}

/// `POST /settings/users`.
pub(super) async fn create_user(State(app): State<Arc<App>>, form: Form) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return refused(&app, &form, "users", problem).await;
    }
    let person = Person {
        email: form.fields.get("email").to_owned(),
        name: form.fields.get("name").to_owned(),
        password: form.fields.get("password").to_owned(),
        role: Role::parse(form.fields.get("role")).unwrap_or(Role::Responder),
    };
    let text = format!("{} can log in now.", person.email.trim());
    match accounts::create_user(&app, person).await {
        Ok(_) => form.done(&app, "/settings#users", text),
        Err(error) => refused(&app, &form, "users", error.into()).await,
    }
}

/// `POST /settings/users/{id}/remove`.
pub(super) async fn remove_user(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, "/settings", problem.detail);
    }
    let Some(user_id) = IdKind::User.parse(&id) else {
        return form.failed(&app, "/settings", "There is no such person.");
    };
    let removed = accounts::delete_user(&app, form.visitor.caller.workspace_id, user_id).await;
    form.followed(
        &app,
        "/settings#users",
        removed.map(|()| "Removed.".to_owned()),
    )
}

/// `POST /bell/read`.
pub(super) async fn read_bell(State(app): State<Arc<App>>, form: Form) -> Response {
    let back = own_address(form.fields.get("back"), "/incidents");
    let read = accounts::read_bell(&app, form.visitor.user_id).await;
    form.followed(&app, back, read.map(|()| "All read.".to_owned()))
}
