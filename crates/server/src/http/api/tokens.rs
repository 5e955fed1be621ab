//! `/api/v1/tokens`: API tokens.

use super::bodies::PageBody;
use super::parameters::{self, Json};
use crate::app::App;
use crate::http::auth::Administrator;
use crate::http::problem::Problem;
use crate::operations::accounts::{self, WantedToken};
use crate::operations::token_kind::TokenKind;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::id::IdKind;
use epicenter_domain::time::Time;
use epicenter_store::tokens::TokenRecord;
use epicenter_store::users::Role;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A token, without its secret part.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TokenBody {
    /// `tok_…`
    id: String,
    /// Name.
    name: String,
    /// admin, responder, viewer or deployer.
    role: String,
    /// A piece of it to recognise it by.
    hint: String,
    /// When it was made.
    created_at: String,
    /// From when on it is void.
    expires_at: Option<String>,
    /// When it was last used, to the minute.
    last_used_at: Option<String>,
}

impl From<TokenRecord> for TokenBody {
    fn from(record: TokenRecord) -> Self {
        Self {
            id: IdKind::Token.show(record.id),
            name: record.name,
            role: record.role.as_str().to_owned(),
            hint: record.hint,
            created_at: record.created_at.rfc3339(),
            expires_at: record.expires_at.map(Time::rfc3339),
            last_used_at: record.last_used_at.map(Time::rfc3339),
        }
    }
}

/// Lists tokens.
#[utoipa::path(
    get,
    path = "/api/v1/tokens",
    tag = "tokens",
    responses((status = 200, body = PageBody<TokenBody>))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
) -> Result<axum::Json<PageBody<TokenBody>>, Problem> {
    let mut tx = app.database.read().await?;
    let all = epicenter_store::tokens::list(&mut tx, caller.workspace_id).await?;
    tx.rollback().await?;
    let items = all.into_iter().map(TokenBody::from).collect();
    Ok(axum::Json(PageBody {
        items,
        next_cursor: None,
    }))
}

/// A new token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenRequest {
    /// Name.
    name: String,
    /// admin, responder (default), viewer, or deployer, who may only tell releases and deploys.
    role: Option<String>,
    /// `plain` (default), or `sentry_cli`: with such a token sentry-cli needs no other setting.
    /// Its role is deployer.
    kind: Option<String>,
    /// RFC 3339; default: never.
    expires_at: Option<String>,
}

/// The token; shown once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MadeTokenBody {
    /// `tok_…`
    id: String,
    /// Send it as `Authorization: Bearer …`.
    token: String,
}

/// Reads the word of a role.
pub(super) fn role(text: Option<&str>, default: Role) -> Result<Role, Problem> {
    text.map_or(Ok(default), |text| {
        Role::parse(text)
            .ok_or_else(|| Problem::invalid("role", "must be admin, responder, viewer or deployer"))
    })
}

fn kind(app: &App, text: Option<&str>) -> Result<TokenKind, Problem> {
    match text {
        None | Some("plain") => Ok(TokenKind::Plain),
        Some("sentry_cli") => Ok(TokenKind::SentryCli {
            url: app.config.base_url(),
        }),
        Some(_) => Err(Problem::invalid("kind", "must be plain or sentry_cli")),
    }
}

/// Creates a token.
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    tag = "tokens",
    request_body = TokenRequest,
    responses((status = 201, body = MadeTokenBody), (status = 400, body = Problem))
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Json(request): Json<TokenRequest>,
) -> Result<(StatusCode, axum::Json<MadeTokenBody>), Problem> {
    let kind = kind(&app, request.kind.as_deref())?;
    let default = match kind {
        TokenKind::Plain => Role::Responder,
        TokenKind::SentryCli { .. } => Role::Deployer,
    };
    let role = role(request.role.as_deref(), default)?;
    if kind != TokenKind::Plain && role != Role::Deployer {
        let message = "must be deployer for a token of sentry-cli";
        return Err(Problem::invalid("role", message));
    }
    let expires_at = request
        .expires_at
        .as_deref()
        .map(|text| parameters::time("expires_at", text))
        .transpose()?;
    let wanted = WantedToken {
        workspace_id: caller.workspace_id,
        name: &request.name,
        role,
        kind,
        expires_at,
    };
    let made = accounts::create_token(&app, wanted).await?;
    let body = MadeTokenBody {
        id: IdKind::Token.show(made.id),
        token: made.token,
    };
    Ok((StatusCode::CREATED, axum::Json(body)))
}

/// Makes a token void.
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{id}",
    tag = "tokens",
    params(("id" = String, Path, description = "`tok_…`")),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = parameters::id(IdKind::Token, "token", &id)?;
    accounts::revoke_token(&app, caller.workspace_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
