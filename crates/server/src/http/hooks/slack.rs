//! Slack's door: pressed buttons and slash commands. The signature is checked over the raw bytes.
//! Slack waits three seconds for an answer; what takes longer goes on and is told afterwards.

use super::accept::headers_of;
use crate::app::App;
use crate::http::body;
use crate::http::problem::Problem;
use crate::limits::{SLACK_ANSWER, SLACK_BODY_BYTES};
use crate::operations::slack::{self, Proven, Told};
use crate::replies::Reply;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use epicenter_domain::sources::slack_action::{self, SlackAction};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::oneshot;

/// `POST /hooks/slack/interactive`: a button was pressed. What the card does not say is told at the
/// address that Slack gave for it.
pub(super) async fn pressed(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let (proven, body) = prove(&app, &headers, body).await?;
    let action = match slack_action::read(&body) {
        Ok(action) => action,
        Err(why) => {
            tracing::warn!(why, "a pressed button could not be read: {why}");
            return Ok(StatusCode::OK);
        }
    };
    let url = action.response_url.clone();
    let working = start(&app, proven, action);
    let Ok(Ok(told)) = tokio::time::timeout(SLACK_ANSWER, working).await else {
        return Ok(StatusCode::OK);
    };
    if let Some(told) = told.filter(|told| !told.shows_on_card) {
        say_later(&app, url, told);
    }
    Ok(StatusCode::OK)
}

/// `POST /hooks/slack/command`: somebody typed `/epicenter …`.
pub(super) async fn commanded(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (proven, body) = prove(&app, &headers, body).await?;
    let action = match slack_action::read(&body) {
        Ok(action) => action,
        Err(why) => return Ok(said(&why)),
    };
    let working = start(&app, proven, action);
    Ok(match tokio::time::timeout(SLACK_ANSWER, working).await {
        Ok(Ok(Some(told))) => said(&told.text),
        Ok(Ok(None) | Err(_)) => StatusCode::OK.into_response(),
        Err(_) => said("It takes longer than usual; the answer follows."),
    })
}

/// Reads a request and checks that Slack sent it.
async fn prove(app: &App, headers: &HeaderMap, body: Body) -> Result<(Proven, Bytes), Problem> {
    let most = (SLACK_BODY_BYTES, app.config.deadlines.body);
    let body = body::read(headers, body, most).await?;
    match slack::prove(app, &headers_of(headers), &body).await? {
        Ok(proven) => Ok((proven, body)),
        Err(refusal) => {
            app.metrics.refused(refusal.code());
            let code = refusal.code();
            tracing::warn!(
                code,
                "a request for Slack's door was refused: {}",
                refusal.message()
            );
            Err(Problem::unauthorized(code, refusal.message()))
        }
    }
}

/// Begins what was asked for. Nobody who stops waiting stops it: then it is told afterwards.
fn start(app: &Arc<App>, proven: Proven, action: SlackAction) -> oneshot::Receiver<Option<Told>> {
    let (sender, receiver) = oneshot::channel();
    let own = Arc::clone(app);
    drop(app.tasks.spawn(async move {
        let told = match slack::answer(&own, &proven, &action).await {
            Ok(told) => told,
            Err(error) => {
                tracing::error!(%error, "Slack could not be answered: {error}");
                let text = "Epicenter cannot reach its database. Try again soon.";
                Some(text.to_owned().into())
            }
        };
        if let Err(Some(told)) = sender.send(told) {
            say_later(&own, action.response_url, told);
        }
    }));
    receiver
}

fn say_later(app: &App, url: Option<String>, told: Told) {
    if let Some(url) = url {
        app.replies.put(Reply {
            url,
            text: told.text,
        });
    }
}

/// An answer that only the person who asked sees.
fn said(text: &str) -> Response {
    axum::Json(json!({"response_type": "ephemeral", "text": text})).into_response()
}
