//! Who looks at a page, and the frame around what they see.

use super::views::{
    BareMessagePage, Bell, BellFragment, BellItem, Flash, Message, Notice, Section, Shell, UserChip,
};
use crate::app::App;
use crate::http::auth::{Caller, Session};
use crate::http::problem::Problem;
use crate::limits::PLAN_SILENCES;
use crate::operations::OperationError;
use askama::Template;
use axum::extract::{FromRequestParts, OptionalFromRequestParts, OriginalUri};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Redirect, Response};
use epicenter_domain::incident::{Incident, IncidentStatus};
use epicenter_domain::routing::window::clock;
use epicenter_domain::time::Time;
use epicenter_store::notices::silences;
use epicenter_store::{StoreError, Tx, incidents, integrations, users};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::views::parts::{Clock, IncidentState, Query, ShownSeverity};

/// A signed-in person.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) caller: Caller,
    pub(super) session: Session,
    pub(super) user_id: i64,
    /// Does the page's script ask for JSON instead of a redirect?
    pub(super) wants_json: bool,
    /// Which part of the page it asks for: `X-Fragment`.
    pub(super) fragment: Option<String>,
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let found =
            <Caller as OptionalFromRequestParts<Arc<App>>>::from_request_parts(parts, app).await;
        let caller = found.map_err(|problem| Failure::from(problem).into_response())?;
        let with_session =
            caller.and_then(|caller| Some((caller.session.clone()?, caller.user_id?, caller)));
        let Some((session, user_id, caller)) = with_session else {
            return Err(to_login(parts));
        };
        let header = |name: &str| {
            parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let wants_json = header("accept").is_some_and(|accept| accept.contains("application/json"));
        let fragment = header("x-fragment").map(str::to_owned);
        let visitor = Self {
            caller,
            session,
            user_id,
            wants_json,
            fragment,
        };
        if visitor.fragment.as_deref() == Some("bell") {
            // The bell is the same on every page, so no page has to be made for it.
            return Err(visitor.bell(app).await.into_response());
        }
        Ok(visitor)
    }
}

fn to_login(parts: &Parts) -> Response {
    let uri = parts
        .extensions
        .get::<OriginalUri>()
        .map_or(&parts.uri, |uri| &uri.0);
    let next = uri.path_and_query().map_or("/", |path| path.as_str());
    let next = if parts.method == axum::http::Method::GET {
        next
    } else {
        ""
    };
    if parts.headers.contains_key("x-fragment") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Redirect::to(&Query::new("/login").set("next", next).href()).into_response()
}

/// Why a page cannot be shown; itself a page.
pub(super) enum Failure {
    /// Nothing is there.
    NotFound,
    /// Not allowed.
    Forbidden(String),
    /// The form was made for another session.
    StaleForm,
    /// Something is broken; the log says what.
    Broken,
    /// What was asked for is wrong.
    Wrong(String),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        match problem.status {
            404 => Self::NotFound,
            401 | 403 => Self::Forbidden(problem.detail),
            500.. => Self::Broken,
            _ => Self::Wrong(problem.detail),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl From<OperationError> for Failure {
    fn from(error: OperationError) -> Self {
        Problem::from(error).into()
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a page could not be rendered: {error}");
        Self::Broken
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let message = match self {
            Self::NotFound => Message::not_found(),
            Self::Forbidden(why) => Message::forbidden(&why),
            Self::StaleForm => Message::stale_form(),
            Self::Broken => Message::broken(""),
            Self::Wrong(why) => Message {
                status: 400,
                title: "This cannot be done".to_owned(),
                advice: why,
                link: Some(("/incidents".to_owned(), "Go to the incidents".to_owned())),
            },
        };
        let status = StatusCode::from_u16(message.status).unwrap_or(StatusCode::BAD_REQUEST);
        match (BareMessagePage { message }).render() {
            Ok(html) => (status, Html(html)).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

/// A page or a part of one.
pub(super) type Shown = Result<Html<String>, Failure>;

/// What forms did, shown once on the next page of the session.
#[derive(Debug, Default)]
pub struct Flashes(Mutex<HashMap<Vec<u8>, Flash>>);

impl Flashes {
    /// Remembers what a form did.
    pub(super) fn put(&self, session: &Session, flash: Flash) {
        let mut flashes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        flashes.insert(session.hash.clone(), flash);
    }

    fn take(&self, session: &Session) -> Option<Flash> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&session.hash)
    }
}

impl Visitor {
    /// The frame around a page.
    pub(super) async fn shell(&self, app: &App, section: Section) -> Result<Shell, Failure> {
        let mut tx = app.database.read().await?;
        let user = users::by_id(&mut tx, self.user_id)
            .await?
            .ok_or(Failure::NotFound)?;
        let workspace_id = self.caller.workspace_id;
        let (unread, newest) = incidents::unread(&mut tx, workspace_id, user.bell_read_at).await?;
        let removed = integrations::list(&mut tx, workspace_id).await?;
        let muted = silenced(&mut tx, workspace_id, app.clock.now()).await?;
        tx.rollback().await?;
        let notices = removed
            .into_iter()
            .filter(|one| one.uninstalled_at.is_some());
        let notices = notices.map(|one| Notice {
            is_error: true,
            text: format!("Sentry says that the integration “{}” was removed there: it sends nothing any more.", one.name),
            link: Some((
                format!("/integrations/{}", epicenter_domain::id::IdKind::Integration.show(one.id)),
                "Look at the integration".to_owned(),
            )),
        });
        Ok(Shell {
            clock: Clock(app.clock.now()),
            section,
            csrf: self.session.csrf.clone(),
            user: UserChip {
                name: user.name,
                email: user.email,
            },
            bell: Bell {
                unread,
                items: newest.iter().take(10).map(bell_item).collect(),
            },
            flash: if self.fragment.is_none() {
                app.flashes.take(&self.session)
            } else {
                None
            },
            notices: notices.chain(muted).collect(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }

    async fn bell(&self, app: &App) -> Shown {
        let shell = self.shell(app, Section::Elsewhere).await?;
        Ok(Html(BellFragment { shell }.render()?))
    }
}

/// Says that a silence mutes everything, and until when.
async fn silenced(tx: &mut Tx, workspace_id: i64, now: Time) -> Result<Option<Notice>, StoreError> {
    let all = silences::ending_after(tx, workspace_id, now, PLAN_SILENCES).await?;
    let found = all.into_iter().find(|one| one.mutes_everything(now));
    Ok(found.map(|silence| Notice {
        is_error: true,
        text: format!(
            "A silence by {} mutes everything until {}: nobody is told of any incident.",
            silence.author,
            clock(silence.ends_at)
        ),
        link: Some(("/silences".to_owned(), "Look at the silence".to_owned())),
    }))
}

fn bell_item(incident: &Incident) -> BellItem {
    BellItem {
        number: incident.number,
        title: incident.title.clone(),
        severity: ShownSeverity(incident.severity),
        state: state_of(incident),
        triggered_at: incident.triggered_at,
        is_unread: true,
    }
}

/// Where an incident stands, as people see it.
pub(super) fn state_of(incident: &Incident) -> IncidentState {
    match incident.status {
        IncidentStatus::Suspended => IncidentState::Suspended,
        IncidentStatus::Triggered => IncidentState::Triggered,
        IncidentStatus::Acknowledged if incident.snoozed_until.is_some() => IncidentState::Snoozed,
        IncidentStatus::Acknowledged => IncidentState::Acknowledged,
        IncidentStatus::Resolved => IncidentState::Resolved,
    }
}
