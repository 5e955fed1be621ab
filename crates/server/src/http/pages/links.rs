//! Pages behind signed links: `/act/{link}` from an e-mail, `/slack/link/{link}` from Slack. To open
//! one does nothing; its button does.

use super::forms::Form;
use super::views::{ActPage, BareMessagePage, Message, Section, SlackLinkPage};
use super::visitor::{Failure, Shown, Visitor};
use crate::app::App;
use crate::operations::links::{follow, is_done, offer, read};
use crate::operations::slack::link_member;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Response};
use epicenter_domain::action_link::Claim;
use std::sync::Arc;

/// `GET /act/{link}`: what the link would do. No account is needed: the link is the proof.
pub(super) async fn show(State(app): State<Arc<App>>, Path(link): Path<String>) -> Shown {
    let offer = offer(&app, &link).await?;
    let page = ActPage {
        number: offer.incident.number,
        title: offer.incident.title.clone(),
        verb: offer.verb.label(),
        actor: offer.actor.name,
        is_done: is_done(offer.incident.status, offer.verb),
        link,
    };
    Ok(Html(page.render()?))
}

/// `POST /act/{link}`.
pub(super) async fn act(State(app): State<Arc<App>>, Path(link): Path<String>) -> Shown {
    let done = follow(&app, &link).await?;
    let number = done.incident.number;
    let label = done.verb.label();
    let (title, advice) = if is_done(done.incident.status, done.verb) {
        (
            format!("{label}: it is so already"),
            format!("Nothing was left to do; the timeline of #{number} says who did it."),
        )
    } else {
        (
            format!("{label}: done"),
            format!("The timeline of #{number} names {}.", done.actor.name),
        )
    };
    let message = Message {
        status: 200,
        title,
        advice,
        link: Some((
            format!("/incidents/{number}"),
            "Open the incident".to_owned(),
        )),
    };
    Ok(Html(BareMessagePage { message }.render()?))
}

/// Who is meant by a link from Slack.
fn member(app: &App, visitor: &Visitor, link: &str) -> Result<(String, String, String), Failure> {
    match read(app, link)? {
        Claim::SlackMember {
            workspace_id,
            team,
            member,
            name,
        } if workspace_id == visitor.caller.workspace_id => Ok((team, member, name)),
        Claim::SlackMember { .. } | Claim::Incident { .. } => Err(Failure::NotFound),
    }
}

/// `GET /slack/link/{link}`: is this you?
pub(super) async fn ask(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(link): Path<String>,
) -> Shown {
    let (team, member, name) = member(&app, &visitor, &link)?;
    let page = SlackLinkPage {
        shell: visitor.shell(&app, Section::Elsewhere).await?,
        team,
        member,
        name,
        link,
    };
    Ok(Html(page.render()?))
}

/// `POST /slack/link/{link}`.
pub(super) async fn confirm(
    State(app): State<Arc<App>>,
    Path(link): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let (team, member, name) = member(&app, &form.visitor, &link)?;
    let place = (form.visitor.caller.workspace_id, form.visitor.user_id);
    let names = (team.as_str(), member.as_str(), name.as_str());
    let text = "Done: your buttons in Slack work now.".to_owned();
    let result = link_member(&app, place, names).await.map(|()| text);
    Ok(form.followed(&app, "/my-notifications", result))
}
