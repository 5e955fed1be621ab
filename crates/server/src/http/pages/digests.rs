//! `/destinations/{id}/digest`: when a destination gets its daily digest.

use super::forms::Form;
use super::views::DigestForm;
use super::visitor::Failure;
use crate::app::App;
use crate::operations::digests::{send_now, set_for_destination};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use epicenter_domain::id::IdKind;
use epicenter_store::notices::destinations::{DestinationRecord, DigestTime};
use std::sync::Arc;

/// What the form of the digest holds.
pub(super) fn digest_form(record: &DestinationRecord) -> DigestForm {
    match &record.settings.digest {
        Some(DigestTime { at, zone }) => DigestForm {
            at: at.show(),
            zone: zone.name().to_owned(),
        },
        None => DigestForm {
            at: String::new(),
            zone: "UTC".to_owned(),
        },
    }
}

/// The addresses that the app of a Slack bot calls.
pub(super) fn slack_urls(app: &App, record: &DestinationRecord) -> Option<(String, String)> {
    let base = app.config.base_url();
    record.target.has_buttons().then(|| {
        (
            format!("{base}/hooks/slack/interactive"),
            format!("{base}/hooks/slack/command"),
        )
    })
}

/// `POST /destinations/{id}/digest`: an empty time of day ends it.
pub(super) async fn set(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let back = format!("/destinations/{id}");
    let caller = &form.visitor.caller;
    if let Err(problem) = caller.must_administer() {
        return form.failed(&app, &back, problem.detail);
    }
    let Some(id) = IdKind::Destination.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    let (at, zone) = (form.fields.get("at").trim(), form.fields.get("zone"));
    let wanted = (!at.is_empty()).then_some((at, zone));
    let text = if wanted.is_some() {
        "Saved."
    } else {
        "Saved: there is no digest."
    };
    let result = set_for_destination(&app, (caller.workspace_id, id), wanted).await;
    form.followed(&app, &back, result.map(|()| text.to_owned()))
}

/// `POST /destinations/{id}/digest/send`.
pub(super) async fn send(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let back = format!("/destinations/{id}");
    let caller = &form.visitor.caller;
    if let Err(problem) = caller.must_administer() {
        return form.failed(&app, &back, problem.detail);
    }
    let Some(id) = IdKind::Destination.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    match send_now(&app, (caller.workspace_id, id), &caller.actor.name).await {
        Ok(notice) => {
            let to = format!("/notifications/{}", IdKind::Notification.show(notice));
            let text = "It is on its way. Load this page again in a moment.";
            form.done(&app, &to, text)
        }
        Err(error) => form.followed(&app, &back, Err::<String, _>(error)),
    }
}
