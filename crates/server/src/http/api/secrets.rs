//! `/api/v1/integrations/{id}/secrets`: what proves a sender. Values are never shown.

use super::bodies::PageBody;
use super::parameters::{self, Json};
use crate::app::App;
use crate::http::auth::Administrator;
use crate::http::problem::Problem;
use crate::operations::integrations;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::id::IdKind;
use epicenter_domain::time::Time;
use epicenter_store::integrations::SecretRecord;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A secret; its value is never shown again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SecretBody {
    /// `sec_…`
    id: String,
    /// Label.
    label: String,
    /// When it was given.
    created_at: String,
    /// From when on it proves nothing.
    expires_at: Option<String>,
}

impl From<SecretRecord> for SecretBody {
    fn from(record: SecretRecord) -> Self {
        Self {
            id: IdKind::Secret.show(record.id),
            label: record.label,
            created_at: record.created_at.rfc3339(),
            expires_at: record.expires_at.map(Time::rfc3339),
        }
    }
}

/// Lists the secrets of an integration, without their values.
#[utoipa::path(
    get,
    path = "/api/v1/integrations/{id}/secrets",
    tag = "integrations",
    params(("id" = String, Path, description = "`int_…`")),
    responses((status = 200, body = PageBody<SecretBody>))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<axum::Json<PageBody<SecretBody>>, Problem> {
    let id = parameters::id(IdKind::Integration, "integration", &id)?;
    let mut tx = app.database.read().await?;
    epicenter_store::integrations::by_id(&mut tx, caller.workspace_id, id)
        .await?
        .ok_or_else(|| Problem::not_found("integration"))?;
    let all = epicenter_store::integrations::list_secrets(&mut tx, id).await?;
    tx.rollback().await?;
    let items = all.into_iter().map(SecretBody::from).collect();
    Ok(axum::Json(PageBody {
        items,
        next_cursor: None,
    }))
}

/// A secret from the sender.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SecretRequest {
    /// The secret itself.
    secret: String,
    /// Label.
    #[serde(default)]
    label: String,
    /// When rotating: from when on the older secrets prove nothing; default in 24 hours.
    expire_others_at: Option<String>,
}

/// Adds a secret beside the others.
#[utoipa::path(
    post,
    path = "/api/v1/integrations/{id}/secrets",
    tag = "integrations",
    params(("id" = String, Path, description = "`int_…`")),
    request_body = SecretRequest,
    responses((status = 201, body = PageBody<SecretBody>), (status = 400, body = Problem))
)]
pub(super) async fn add(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
    Json(request): Json<SecretRequest>,
) -> Result<(StatusCode, axum::Json<PageBody<SecretBody>>), Problem> {
    let integration_id = parameters::id(IdKind::Integration, "integration", &id)?;
    let others = request
        .expire_others_at
        .as_deref()
        .map(|text| parameters::time("expire_others_at", text))
        .transpose()?;
    let pair = (request.secret, request.label);
    integrations::add_secret(&app, caller.workspace_id, integration_id, pair, others).await?;
    Ok((
        StatusCode::CREATED,
        list(State(app), Administrator(caller), Path(id)).await?,
    ))
}

/// Adds a new secret and lets the older ones expire, by default in 24 hours.
#[utoipa::path(
    post,
    path = "/api/v1/integrations/{id}/rotate-secret",
    tag = "integrations",
    params(("id" = String, Path, description = "`int_…`")),
    request_body = SecretRequest,
    responses((status = 200, body = PageBody<SecretBody>), (status = 400, body = Problem))
)]
pub(super) async fn rotate(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
    Json(mut request): Json<SecretRequest>,
) -> Result<axum::Json<PageBody<SecretBody>>, Problem> {
    let tomorrow = app
        .clock
        .now()
        .plus_ms(epicenter_domain::time::DAY_MS)
        .rfc3339();
    request.expire_others_at.get_or_insert(tomorrow);
    add(State(app), Administrator(caller), Path(id), Json(request))
        .await
        .map(|(_, body)| body)
}

/// Removes a secret at once.
#[utoipa::path(
    delete,
    path = "/api/v1/integrations/{id}/secrets/{secret}",
    tag = "integrations",
    params(
        ("id" = String, Path, description = "`int_…`"),
        ("secret" = String, Path, description = "`sec_…`"),
    ),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Administrator(caller): Administrator,
    Path((id, secret)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let id = parameters::id(IdKind::Integration, "integration", &id)?;
    let secret = parameters::id(IdKind::Secret, "secret", &secret)?;
    integrations::remove_secret(&app, caller.workspace_id, id, secret).await?;
    Ok(StatusCode::NO_CONTENT)
}
