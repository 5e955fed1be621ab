//! `/api/v1/silences`: what is not told for a while.

#![expect(unused_qualifications, reason = "the macro of utoipa writes them")]

use super::bodies::PageBody;
use super::incidents::find;
use super::parameters::{self, Json, Query};
use super::weekly::{self, WeekWindow};
use crate::app::App;
use crate::http::auth::{Caller, Responder};
use crate::http::problem::Problem;
use crate::limits::{ENDED_SILENCES, PLAN_SILENCES};
use crate::operations::notice_settings::silences::{self as operation};
use crate::operations::notice_settings::silences::{WantedCondition, WantedSilence};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use epicenter_domain::id::IdKind;
use epicenter_domain::routing::condition::Form;
use epicenter_domain::routing::mute::{Silence, SilenceState, Until};
use epicenter_domain::time::Time;
use epicenter_store::notices::silences;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// A silence.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SilenceBody {
    /// `sil_…`
    id: String,
    /// pending, active or expired.
    state: String,
    /// What it matches, as a CEL text.
    condition: String,
    /// The same as rows, where the text is no richer than the form.
    #[schema(value_type = Object)]
    form: Option<Form>,
    /// From when.
    starts_at: String,
    /// Until when.
    ends_at: String,
    /// Ends earlier, when this release is deployed or sends.
    until_release: Option<String>,
    /// Ends earlier, when so many users are affected.
    until_users: Option<i64>,
    /// Between the two only then.
    weekly: Option<WeeklyBody>,
    /// Who made it.
    author: String,
    /// Why.
    comment: String,
}

/// Windows of the week.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WeeklyBody {
    /// IANA time zone; UTC unless it is said.
    #[serde(default)]
    zone: String,
    /// The windows; none: always.
    windows: Vec<WeekWindow>,
}

impl SilenceBody {
    fn of(silence: Silence, now: Time) -> Self {
        let (release, users) = match &silence.until {
            Until::End => (None, None),
            Until::Release(release) => (Some(release.clone()), None),
            Until::Users(users) => (None, Some(*users)),
        };
        Self {
            id: IdKind::Silence.show(silence.id),
            state: state_word(silence.state(now)).to_owned(),
            condition: silence.condition.text().to_owned(),
            form: Form::of(&silence.condition),
            starts_at: silence.starts_at.rfc3339(),
            ends_at: silence.ends_at.rfc3339(),
            until_release: release,
            until_users: users,
            weekly: silence.schedule.as_ref().map(|schedule| {
                let (zone, windows) = weekly::shown(schedule);
                WeeklyBody { zone, windows }
            }),
            author: silence.author,
            comment: silence.comment,
        }
    }
}

/// The word of a state.
fn state_word(state: SilenceState) -> &'static str {
    match state {
        SilenceState::Pending => "pending",
        SilenceState::Active => "active",
        SilenceState::Expired => "expired",
    }
}

/// Filters of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// pending, active, expired; several separated by commas. Unless it is said: pending, active.
    state: Option<String>,
}

/// Lists silences, soonest end first; the newest 100 of those that have ended come last.
#[utoipa::path(
    get,
    path = "/api/v1/silences",
    tag = "silences",
    params(ListQuery),
    responses((status = 200, body = PageBody<SilenceBody>), (status = 400, body = Problem))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<axum::Json<PageBody<SilenceBody>>, Problem> {
    let known = ["pending", "active", "expired"];
    let find = |word: &str| known.into_iter().find(|known| *known == word);
    let text = query.state.as_deref().filter(|text| !text.is_empty());
    let states = parameters::words("state", text.or(Some("pending,active")), &known, find)?;
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let workspace_id = caller.workspace_id;
    let mut all = silences::ending_after(&mut tx, workspace_id, now, PLAN_SILENCES).await?;
    if states.contains(&"expired") {
        all.extend(silences::ended_by(&mut tx, workspace_id, now, ENDED_SILENCES).await?);
    }
    tx.rollback().await?;
    all.retain(|silence| states.contains(&state_word(silence.state(now))));
    let items = all.into_iter().map(|one| SilenceBody::of(one, now));
    Ok(axum::Json(PageBody {
        items: items.collect(),
        next_cursor: None,
    }))
}

/// What a silence matches: one of the three.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PreviewRequest {
    /// A CEL text over the fields of an incident: `project == "shop" && severity == "warning"`.
    condition: Option<String>,
    /// Rows that write it: `{"joint":"all","rows":[{"field":"project","operator":"is","values":["shop"]}]}`.
    #[schema(value_type = Object)]
    form: Option<Form>,
    /// `inc_…`, or the number: more of what this incident is.
    incident: Option<String>,
}

impl PreviewRequest {
    pub(super) async fn wanted(
        self,
        app: &App,
        workspace_id: i64,
    ) -> Result<Option<WantedCondition>, Problem> {
        let count = [
            self.condition.is_some(),
            self.form.is_some(),
            self.incident.is_some(),
        ];
        if count.into_iter().filter(|is_said| *is_said).count() > 1 {
            let text = "say one of condition, form and incident";
            return Err(Problem::invalid("condition", text));
        }
        if let Some(text) = self.incident {
            let mut tx = app.database.read().await?;
            let incident = find(&mut tx, workspace_id, &text).await?;
            tx.rollback().await?;
            return Ok(Some(WantedCondition::Incident(incident.id)));
        }
        let form = self.form.map(WantedCondition::Form);
        Ok(form.or(self.condition.map(WantedCondition::Text)))
    }
}

/// A silence as it should be; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SilenceRequest {
    /// A CEL text over the fields of an incident: `project == "shop" && severity == "warning"`.
    condition: Option<String>,
    /// Rows that write it.
    #[schema(value_type = Object)]
    form: Option<Form>,
    /// `inc_…`, or the number: more of what this incident is.
    incident: Option<String>,
    /// From when; now unless it is said.
    starts_at: Option<String>,
    /// Until when; a new silence needs it.
    ends_at: Option<String>,
    /// Ends earlier, when this release is deployed or sends; empty: no more.
    until_release: Option<String>,
    /// Ends earlier, when so many users are affected; 0: no more.
    until_users: Option<i64>,
    /// Between the two only then; without windows: always.
    weekly: Option<WeeklyBody>,
    /// Why.
    comment: Option<String>,
    /// Save it although it looks at no field, and so mutes everything?
    confirm: bool,
}

impl SilenceRequest {
    async fn wanted(self, app: &App, workspace_id: i64) -> Result<WantedSilence, Problem> {
        let time = |field: &str, text: Option<&String>| {
            text.map(|text| parameters::time(field, text)).transpose()
        };
        let until = match (self.until_release, self.until_users) {
            (Some(_), Some(_)) => {
                let text = "say one of until_release and until_users";
                return Err(Problem::invalid("until_release", text));
            }
            (None, None) => None,
            (Some(release), None) if release.is_empty() => Some(Until::End),
            (Some(release), None) => Some(Until::Release(release)),
            (None, Some(0)) => Some(Until::End),
            (None, Some(users)) => Some(Until::Users(users)),
        };
        let what = PreviewRequest {
            condition: self.condition,
            form: self.form,
            incident: self.incident,
        };
        Ok(WantedSilence {
            starts_at: time("starts_at", self.starts_at.as_ref())?,
            ends_at: time("ends_at", self.ends_at.as_ref())?,
            condition: what.wanted(app, workspace_id).await?,
            weekly: self
                .weekly
                .map(|weekly| weekly::wanted(weekly.zone, weekly.windows)),
            until,
            comment: self.comment,
            is_confirmed: self.confirm,
        })
    }
}

async fn shown(app: &App, workspace_id: i64, id: i64) -> Result<axum::Json<SilenceBody>, Problem> {
    let mut tx = app.database.read().await?;
    let found = silences::find(&mut tx, workspace_id, id).await?;
    tx.rollback().await?;
    let silence = found.ok_or_else(|| Problem::not_found("silence"))?;
    Ok(axum::Json(SilenceBody::of(silence, app.clock.now())))
}

/// One silence.
#[utoipa::path(
    get,
    path = "/api/v1/silences/{id}",
    tag = "silences",
    params(("id" = String, Path, description = "`sil_…`")),
    responses((status = 200, body = SilenceBody), (status = 404, body = Problem))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<SilenceBody>, Problem> {
    let id = parameters::id(IdKind::Silence, "silence", &id)?;
    shown(&app, caller.workspace_id, id).await
}

/// Makes a silence. One that looks at no field, and so mutes everything, wants `confirm`.
#[utoipa::path(
    post,
    path = "/api/v1/silences",
    tag = "silences",
    request_body = SilenceRequest,
    responses(
        (status = 201, body = SilenceBody),
        (status = 400, body = Problem),
        (status = 409, body = Problem)
    )
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Json(request): Json<SilenceRequest>,
) -> Result<(StatusCode, axum::Json<SilenceBody>), Problem> {
    let wanted = request.wanted(&app, caller.workspace_id).await?;
    let author = &caller.actor.name;
    let id = operation::create(&app, caller.workspace_id, wanted, author).await?;
    let made = shown(&app, caller.workspace_id, id).await?;
    Ok((StatusCode::CREATED, made))
}

/// Edits a silence. An edit that would rewrite what an active one has muted ends it and makes a
/// new one, with another id; also one that has ended begins anew.
#[utoipa::path(
    patch,
    path = "/api/v1/silences/{id}",
    tag = "silences",
    params(("id" = String, Path, description = "`sil_…`")),
    request_body = SilenceRequest,
    responses((status = 200, body = SilenceBody), (status = 400, body = Problem))
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Path(id): Path<String>,
    Json(request): Json<SilenceRequest>,
) -> Result<axum::Json<SilenceBody>, Problem> {
    let id = parameters::id(IdKind::Silence, "silence", &id)?;
    let wanted = request.wanted(&app, caller.workspace_id).await?;
    let id = operation::edit(&app, (caller.workspace_id, id), wanted).await?;
    shown(&app, caller.workspace_id, id).await
}

/// Ends a silence now. It stays in the list of those that have ended.
#[utoipa::path(
    delete,
    path = "/api/v1/silences/{id}",
    tag = "silences",
    params(("id" = String, Path, description = "`sil_…`")),
    responses((status = 204), (status = 404, body = Problem))
)]
pub(super) async fn expire(
    State(app): State<Arc<App>>,
    Responder(caller): Responder,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = parameters::id(IdKind::Silence, "silence", &id)?;
    operation::expire(&app, caller.workspace_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
