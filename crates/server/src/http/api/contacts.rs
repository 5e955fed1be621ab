//! `/api/v1/users/{id}/contacts` and `/settings`: how a person is reached, and when not.

use super::bodies::PageBody;
use super::parameters::{self, Json};
use super::people::WindowBody;
use crate::app::App;
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::operations::people::contacts::{self as operation, WantedSettings};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::escalation::calendar::ClockTime;
use epicenter_domain::id::IdKind;
use epicenter_store::people::contacts::{self, ContactRecord, ContactWay};
use epicenter_store::people::settings::{self, UserSettings};
use epicenter_store::users;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// One way to reach a person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ContactBody {
    /// `con_…`; a person is reached in the order of these.
    id: String,
    /// E-mail address, if it is one.
    address: Option<String>,
    /// `dst_…`, if it is a destination.
    destination: Option<String>,
    /// When it was added.
    created_at: String,
}

impl From<ContactRecord> for ContactBody {
    fn from(record: ContactRecord) -> Self {
        let (address, destination) = match record.way {
            ContactWay::Email(address) => (Some(address), None),
            ContactWay::Destination(id) => (None, Some(IdKind::Destination.show(id))),
        };
        Self {
            id: IdKind::Contact.show(record.id),
            address,
            destination,
            created_at: record.created_at.rfc3339(),
        }
    }
}

/// The person, if the caller is that person or an admin.
pub(super) async fn person(app: &App, caller: &Caller, id: &str) -> Result<i64, Problem> {
    let id = parameters::id(IdKind::User, "user", id)?;
    if caller.user_id != Some(id) {
        caller.must_administer()?;
    }
    let mut tx = app.database.read().await?;
    let found = users::by_id(&mut tx, id).await?;
    tx.rollback().await?;
    match found.filter(|user| user.workspace_id == caller.workspace_id) {
        Some(user) => Ok(user.id),
        None => Err(Problem::not_found("user")),
    }
}

/// The ways to reach a person, in their order. For the person and for admins.
#[utoipa::path(
    get,
    path = "/api/v1/users/{id}/contacts",
    tag = "users",
    params(("id" = String, Path, description = "`usr_…`")),
    responses((status = 200, body = PageBody<ContactBody>), (status = 403, body = Problem))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<PageBody<ContactBody>>, Problem> {
    let id = person(&app, &caller, &id).await?;
    let mut tx = app.database.read().await?;
    let all = contacts::of_user(&mut tx, id).await?;
    tx.rollback().await?;
    Ok(axum::Json(PageBody {
        items: all.into_iter().map(ContactBody::from).collect(),
        next_cursor: None,
    }))
}

/// A way to reach a person: one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ContactRequest {
    /// E-mail address.
    address: Option<String>,
    /// `dst_…`
    destination: Option<String>,
}

impl ContactRequest {
    fn way(self) -> Result<ContactWay, Problem> {
        match (self.address, self.destination) {
            (Some(address), None) => Ok(ContactWay::Email(address.trim().to_owned())),
            (None, Some(text)) => IdKind::Destination
                .parse(&text)
                .map(ContactWay::Destination)
                .ok_or_else(|| Problem::invalid("destination", "is no destination")),
            (Some(_), Some(_)) | (None, None) => {
                let message = "give either an address or a destination";
                Err(Problem::invalid("address", message))
            }
        }
    }
}

/// Adds a way to reach a person, after those that are known.
#[utoipa::path(
    post,
    path = "/api/v1/users/{id}/contacts",
    tag = "users",
    params(("id" = String, Path, description = "`usr_…`")),
    request_body = ContactRequest,
    responses((status = 201, body = ContactBody), (status = 400, body = Problem))
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(request): Json<ContactRequest>,
) -> Result<(StatusCode, axum::Json<ContactBody>), Problem> {
    let id = person(&app, &caller, &id).await?;
    let way = request.way()?;
    let made = operation::add(&app, (caller.workspace_id, id), way).await?;
    let mut tx = app.database.read().await?;
    let all = contacts::of_user(&mut tx, id).await?;
    tx.rollback().await?;
    let found = all.into_iter().find(|contact| contact.id == made);
    let record = found.ok_or_else(|| Problem::not_found("contact"))?;
    Ok((StatusCode::CREATED, axum::Json(ContactBody::from(record))))
}

/// Removes a way to reach a person.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{id}/contacts/{contact}",
    tag = "users",
    params(
        ("id" = String, Path, description = "`usr_…`"),
        ("contact" = String, Path, description = "`con_…`")
    ),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, contact)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let id = person(&app, &caller, &id).await?;
    let contact = parameters::id(IdKind::Contact, "contact", &contact)?;
    operation::remove(&app, (caller.workspace_id, id), contact).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// When a person wants to be left alone.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuietHoursBody {
    /// When they are.
    windows: Vec<WindowBody>,
    /// What is at least so severe comes through: critical, error, warning or info.
    #[serde(default = "critical")]
    breaks_through: String,
}

fn critical() -> String {
    "critical".to_owned()
}

/// What a person has set.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingsBody {
    /// IANA time zone of the person's wall clock.
    zone: String,
    /// Quiet hours; null: none. Who is on call is told at any hour.
    #[serde(default)]
    quiet_hours: Option<QuietHoursBody>,
    /// Time of the daily summary: `09:00`; null: none.
    #[serde(default)]
    digest_at: Option<String>,
    /// Do notices above 5 in 15 minutes, 11 in an hour or 21 in three wait, and come bundled?
    #[serde(default = "yes")]
    has_ceiling: bool,
}

fn yes() -> bool {
    true
}

async fn shown(app: &App, user_id: i64) -> Result<axum::Json<SettingsBody>, Problem> {
    let mut tx = app.database.read().await?;
    let mut all = settings::of_users(&mut tx, &[user_id]).await?;
    tx.rollback().await?;
    let set: UserSettings = all.remove(&user_id).unwrap_or_default();
    Ok(axum::Json(SettingsBody {
        zone: set.zone.name().to_owned(),
        quiet_hours: set.quiet_hours.map(|quiet| QuietHoursBody {
            windows: quiet.windows.iter().map(WindowBody::of).collect(),
            breaks_through: quiet.breaks_through.as_str().to_owned(),
        }),
        digest_at: set.digest_at.map(ClockTime::show),
        has_ceiling: set.has_ceiling,
    }))
}

/// Time zone, quiet hours and daily summary of a person. For the person and for admins.
#[utoipa::path(
    get,
    path = "/api/v1/users/{id}/settings",
    tag = "users",
    params(("id" = String, Path, description = "`usr_…`")),
    responses((status = 200, body = SettingsBody), (status = 403, body = Problem))
)]
pub(super) async fn settings(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<SettingsBody>, Problem> {
    let id = person(&app, &caller, &id).await?;
    shown(&app, id).await
}

/// Sets time zone, quiet hours and daily summary of a person.
#[utoipa::path(
    put,
    path = "/api/v1/users/{id}/settings",
    tag = "users",
    params(("id" = String, Path, description = "`usr_…`")),
    request_body = SettingsBody,
    responses((status = 200, body = SettingsBody), (status = 400, body = Problem))
)]
pub(super) async fn change_settings(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(request): Json<SettingsBody>,
) -> Result<axum::Json<SettingsBody>, Problem> {
    let id = person(&app, &caller, &id).await?;
    let quiet_hours = request.quiet_hours.map(|quiet| {
        let windows = quiet.windows.into_iter().map(WindowBody::wanted);
        (windows.collect(), quiet.breaks_through)
    });
    let wanted = WantedSettings {
        zone: request.zone,
        quiet_hours,
        digest_at: request.digest_at,
        has_ceiling: request.has_ceiling,
    };
    operation::set(&app, (caller.workspace_id, id), &wanted).await?;
    shown(&app, id).await
}
