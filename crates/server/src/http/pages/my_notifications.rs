//! `/my-notifications`: how the user is reached, when not, and who the user is in Slack.

use super::forms::{Fields, Form, faulty};
use super::views::{Choice, MyNotificationsPage, MyTimes, Section, Way};
use super::visitor::{Failure, Shown, Visitor};
use crate::app::App;
use crate::http::problem::Problem;
use crate::operations::people::contacts::{self as operation, WantedSettings};
use crate::operations::people::schedules::WantedWindow;
use crate::operations::slack::unlink_member;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use epicenter_domain::escalation::calendar::{ClockTime, Day};
use epicenter_domain::id::IdKind;
use epicenter_domain::level::Severity;
use epicenter_store::notices::destinations::{self, DestinationRecord};
use epicenter_store::people::contacts::{self, ContactRecord, ContactWay};
use epicenter_store::people::settings::{self, UserSettings};
use epicenter_store::people::slack;
use std::sync::Arc;

const HERE: &str = "/my-notifications";

/// What a form left behind: which, its fault, and what was in it.
type Left<'a> = Option<(&'static str, String, &'a Fields)>;

fn severities(chosen: &str) -> Vec<Choice> {
    let words = [
        ("critical", "critical"),
        ("error", "error and worse"),
        ("warning", "warning and worse"),
        ("info", "everything"),
    ];
    Choice::list(words, chosen)
}

fn times(set: &UserSettings) -> MyTimes {
    let quiet = set.quiet_hours.as_ref();
    let daily = quiet.and_then(|quiet| match quiet.windows.as_slice() {
        [window] if window.days.len() == Day::ALL.len() => Some(window),
        _ => None,
    });
    let shown = |of: fn(&epicenter_domain::escalation::calendar::Window) -> ClockTime| {
        daily.map(|window| of(window).show()).unwrap_or_default()
    };
    let breaks_through = quiet.map_or(Severity::Critical, |quiet| quiet.breaks_through);
    MyTimes {
        zone: set.zone.name().to_owned(),
        quiet_from: shown(|window| window.from),
        quiet_until: shown(|window| window.until),
        has_more_quiet: quiet.is_some() && daily.is_none(),
        breaks_through: severities(breaks_through.as_str()),
        digest_at: set.digest_at.map(ClockTime::show).unwrap_or_default(),
        has_ceiling: set.has_ceiling,
    }
}

fn times_again(fields: &Fields, has_more_quiet: bool) -> MyTimes {
    MyTimes {
        zone: fields.get("zone").to_owned(),
        quiet_from: fields.get("quiet_from").to_owned(),
        quiet_until: fields.get("quiet_until").to_owned(),
        has_more_quiet,
        breaks_through: severities(fields.get("breaks_through")),
        digest_at: fields.get("digest_at").to_owned(),
        has_ceiling: fields.is_on("has_ceiling"),
    }
}

fn way(contact: ContactRecord, places: &[DestinationRecord]) -> Way {
    let (kind, place) = match contact.way {
        ContactWay::Email(address) => ("E-mail", address),
        ContactWay::Destination(id) => {
            let found = places.iter().find(|one| one.id == id);
            let name = found.map(|one| one.name.clone());
            let gone = "a destination that was deleted".to_owned();
            ("Destination", name.unwrap_or(gone))
        }
    };
    Way {
        id: IdKind::Contact.show(contact.id),
        place,
        kind,
    }
}

async fn page(app: &App, visitor: &Visitor, left: Left<'_>) -> Shown {
    let user_id = visitor.user_id;
    let mut tx = app.database.read().await?;
    let all = contacts::of_user(&mut tx, user_id).await?;
    let places = destinations::list(&mut tx, visitor.caller.workspace_id).await?;
    let members = slack::of_user(&mut tx, user_id).await?;
    let set = settings::of_users(&mut tx, &[user_id]).await?;
    tx.rollback().await?;
    let set = set.into_values().next().unwrap_or_default();
    let shell = visitor.shell(app, Section::Elsewhere).await?;
    let mut form = times(&set);
    if let Some(("times", _, fields)) = &left {
        form = times_again(fields, form.has_more_quiet);
    }
    let place = |one: &DestinationRecord| Choice {
        value: IdKind::Destination.show(one.id),
        label: one.name.clone(),
        is_chosen: false,
    };
    let page = MyNotificationsPage {
        fallback: shell.user.email.clone(),
        shell,
        ways: all.into_iter().map(|one| way(one, &places)).collect(),
        destinations: places.iter().map(place).collect(),
        members: members
            .into_iter()
            .map(|one| (one.team, one.member, one.name))
            .collect(),
        form,
        fault: left.map(|(which, why, _)| (which.to_owned(), why)),
    };
    Ok(Html(page.render()?))
}

/// The page.
pub(super) async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Shown {
    page(&app, &visitor, None).await
}

/// What the form of the times says.
async fn wanted(app: &App, form: &Form) -> Result<WantedSettings, Problem> {
    let fields = &form.fields;
    let mut tx = app.database.read().await?;
    let set = settings::of_users(&mut tx, &[form.visitor.user_id]).await?;
    tx.rollback().await?;
    let set = set.into_values().next().unwrap_or_default();
    let (from, until) = (fields.get("quiet_from"), fields.get("quiet_until"));
    let quiet_hours = if times(&set).has_more_quiet {
        set.quiet_hours.map(|quiet| {
            let windows = quiet.windows.iter().map(|window| WantedWindow {
                days: window
                    .days
                    .iter()
                    .map(|day| day.as_str().to_owned())
                    .collect(),
                from: window.from.show(),
                until: window.until.show(),
            });
            (windows.collect(), quiet.breaks_through.as_str().to_owned())
        })
    } else if from.trim().is_empty() && until.trim().is_empty() {
        None
    } else {
        let window = WantedWindow {
            days: Day::ALL.map(|day| day.as_str().to_owned()).into(),
            from: from.to_owned(),
            until: until.to_owned(),
        };
        Some((vec![window], fields.get("breaks_through").to_owned()))
    };
    let digest_at = fields.get("digest_at").trim();
    Ok(WantedSettings {
        zone: fields.get("zone").to_owned(),
        quiet_hours,
        digest_at: Some(digest_at.to_owned()).filter(|at| !at.is_empty()),
        has_ceiling: fields.is_on("has_ceiling"),
    })
}

/// `POST /my-notifications`: time zone, quiet hours, digest.
pub(super) async fn change(State(app): State<Arc<App>>, form: Form) -> Response {
    let wanted = match wanted(&app, &form).await {
        Ok(wanted) => wanted,
        Err(problem) => return form.failed(&app, HERE, problem.detail),
    };
    let place = (form.visitor.caller.workspace_id, form.visitor.user_id);
    match operation::set(&app, place, &wanted).await {
        Ok(()) => form.done(&app, HERE, "Saved."),
        Err(error) => {
            let left = ("times", Problem::from(error).detail, &form.fields);
            faulty(page(&app, &form.visitor, Some(left)).await)
        }
    }
}

/// `POST /my-notifications/contacts`.
pub(super) async fn add(State(app): State<Arc<App>>, form: Form) -> Response {
    let place = (form.visitor.caller.workspace_id, form.visitor.user_id);
    let address = form.fields.get("address").trim().to_owned();
    let destination = IdKind::Destination.parse(form.fields.get("destination"));
    let way = match destination {
        Some(id) if address.is_empty() => ContactWay::Destination(id),
        Some(_) | None => ContactWay::Email(address),
    };
    match operation::add(&app, place, way).await {
        Ok(_) => form.done(&app, HERE, "Added."),
        Err(error) => {
            let left = ("contact", Problem::from(error).detail, &form.fields);
            faulty(page(&app, &form.visitor, Some(left)).await)
        }
    }
}

/// `POST /my-notifications/contacts/{id}/remove`.
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let Some(id) = IdKind::Contact.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    let place = (form.visitor.caller.workspace_id, form.visitor.user_id);
    let result = operation::remove(&app, place, id).await;
    form.followed(&app, HERE, result.map(|()| "Removed.".to_owned()))
}

/// `POST /my-notifications/slack/{team}/{member}/remove`.
pub(super) async fn forget(
    State(app): State<Arc<App>>,
    Path((team, member)): Path<(String, String)>,
    form: Form,
) -> Response {
    let result = unlink_member(&app, form.visitor.user_id, (&team, &member)).await;
    form.followed(&app, HERE, result.map(|()| "Forgotten.".to_owned()))
}
