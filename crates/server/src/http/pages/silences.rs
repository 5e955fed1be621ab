//! `/silences`: what is not told for a while.

use super::forms::{Fields, Form, faulty};
use super::maintenance;
use super::views::{Choice, ConditionRow, Impact, Section, SilenceForm, SilenceRow, SilencesPage};
use super::visitor::{Failure, Shown, Visitor};
use crate::app::App;
use crate::http::problem::Problem;
use crate::limits::{ENDED_SILENCES, PLAN_SILENCES, PREVIEW_SHOWN};
use crate::operations::OperationError;
use crate::operations::notice_settings::silences as operation;
use crate::operations::notice_settings::silences::{WantedCondition, WantedSilence};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use epicenter_domain::id::IdKind;
use epicenter_domain::routing::Field;
use epicenter_domain::routing::condition::{Form as ConditionForm, Joint, Operator, Row};
use epicenter_domain::routing::mute::{Silence, SilenceState, Until};
use epicenter_domain::time::{HOUR_MS, Time};
use epicenter_store::incidents;
use epicenter_store::notices::silences;
use serde::Deserialize;
use std::sync::Arc;

/// Rows of the form.
const ROWS: usize = 3;

/// Fields of an incident, in the order of the form.
const FIELDS: [&str; 10] = [
    "title",
    "project",
    "service",
    "environment",
    "release",
    "severity",
    "culprit",
    "kind",
    "events",
    "users",
];

/// Operators with one value, and the words for programs.
const OPERATORS: [(&str, Operator); 9] = [
    ("is", Operator::Is),
    ("is_not", Operator::IsNot),
    ("contains", Operator::Contains),
    ("contains_not", Operator::ContainsNot),
    ("starts_with", Operator::StartsWith),
    ("ends_with", Operator::EndsWith),
    ("matches", Operator::Matches),
    ("at_least", Operator::AtLeast),
    ("at_most", Operator::AtMost),
];

/// Hours and their words.
const HOURS: [(&str, &str); 6] = [
    ("1", "1 hour"),
    ("4", "4 hours"),
    ("24", "a day"),
    ("72", "3 days"),
    ("168", "a week"),
    ("720", "30 days"),
];

/// Which incident the form is about.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ShowQuery {
    incident: String,
}

fn row(silence: Silence, now: Time) -> SilenceRow {
    SilenceRow {
        id: IdKind::Silence.show(silence.id),
        condition: match silence.condition.text().trim() {
            "" => "everything".to_owned(),
            text => text.to_owned(),
        },
        state: match silence.state(now) {
            SilenceState::Pending => "pending",
            SilenceState::Active => "active",
            SilenceState::Expired => "expired",
        },
        starts_at: silence.starts_at,
        ends_at: silence.ends_at,
        until: match &silence.until {
            Until::End => String::new(),
            Until::Release(release) => format!("until release {release}"),
            Until::Users(users) => format!("until {users} users are affected"),
        },
        is_weekly: silence.schedule.is_some(),
        author: silence.author,
        comment: silence.comment,
    }
}

fn condition_row(place: usize, (field, operator, value): (&str, &str, &str)) -> ConditionRow {
    let words = OPERATORS.map(|(word, operator)| (word, operator.words()));
    ConditionRow {
        place,
        fields: Choice::list(FIELDS.map(|name| (name, name)), field),
        operators: Choice::list(words, operator),
        value: value.to_owned(),
    }
}

/// The form about an incident, or about nothing yet.
fn blank(about: Option<&ConditionForm>) -> SilenceForm {
    let rows = about.map(|form| form.rows.as_slice()).unwrap_or_default();
    let suggested = ["project", "title", "environment"];
    let row = |place: usize| {
        let known = rows.get(place);
        let field = known.map(|row| row.field.to_string());
        let value = known.and_then(|row| row.values.first());
        let value = value.map_or("", String::as_str);
        let suggestion = suggested.get(place).copied().unwrap_or("title");
        condition_row(place, (field.as_deref().unwrap_or(suggestion), "is", value))
    };
    SilenceForm {
        rows: (0..ROWS).map(row).collect(),
        hours: Choice::list(HOURS, "4"),
        ..SilenceForm::default()
    }
}

/// What a form had.
fn again(fields: &Fields) -> SilenceForm {
    let get = |name: &str, place: usize| fields.get(&format!("{name}_{place}"));
    let row = |place: usize| {
        let (field, operator) = (get("field", place), get("operator", place));
        condition_row(place, (field, operator, get("value", place)))
    };
    SilenceForm {
        rows: (0..ROWS).map(row).collect(),
        text: fields.get("text").to_owned(),
        hours: Choice::list(HOURS, fields.get("hours")),
        until_release: fields.get("until_release").to_owned(),
        until_users: fields.get("until_users").to_owned(),
        comment: fields.get("comment").to_owned(),
        ..SilenceForm::default()
    }
}

/// The condition of a form: its text, or else its rows. Nothing at all is no condition.
fn condition(fields: &Fields) -> Option<WantedCondition> {
    let text = fields.get("text").trim();
    if !text.is_empty() {
        return Some(WantedCondition::Text(text.to_owned()));
    }
    let row = |place: usize| {
        let get = |name: &str| fields.get(&format!("{name}_{place}")).trim();
        let operator = OPERATORS
            .into_iter()
            .find(|(word, _)| *word == get("operator"));
        let value = get("value");
        Some(Row {
            field: Field::parse(get("field"))?,
            operator: operator?.1,
            values: vec![value.to_owned()],
        })
        .filter(|_| !value.is_empty())
    };
    let rows: Vec<Row> = (0..ROWS).filter_map(row).collect();
    let form = ConditionForm {
        joint: Joint::All,
        rows,
    };
    (!form.rows.is_empty()).then_some(WantedCondition::Form(form))
}

fn wanted(fields: &Fields, now: Time) -> Result<WantedSilence, OperationError> {
    let hours = fields.get("hours").parse::<i64>().ok();
    let release = fields.get("until_release").trim();
    let users = fields.get("until_users").trim();
    let until = match (release, users) {
        ("", "") => Until::End,
        (release, "") => Until::Release(release.to_owned()),
        ("", users) => Until::Users(users.parse().unwrap_or_default()),
        _ => {
            let text = "say either a release or a number of users";
            return Err(OperationError::invalid("until_release", text));
        }
    };
    Ok(WantedSilence {
        condition: condition(fields),
        ends_at: hours.map(|hours| now.plus_ms(hours.saturating_mul(HOUR_MS))),
        until: Some(until),
        comment: Some(fields.get("comment").to_owned()),
        is_confirmed: fields.is_on("confirm"),
        ..WantedSilence::default()
    })
}

async fn page(app: &App, visitor: &Visitor, form: SilenceForm) -> Shown {
    whole_page(app, visitor, form, (&Fields::default(), None)).await
}

/// The page with a form of a maintenance window that could not be kept.
pub(super) async fn page_with(
    app: &App,
    visitor: &Visitor,
    filled: (&Fields, Option<String>),
) -> Shown {
    whole_page(app, visitor, blank(None), filled).await
}

async fn whole_page(
    app: &App,
    visitor: &Visitor,
    form: SilenceForm,
    (fields, error): (&Fields, Option<String>),
) -> Shown {
    let workspace_id = visitor.caller.workspace_id;
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let rows = silences::ending_after(&mut tx, workspace_id, now, PLAN_SILENCES).await?;
    let ended = silences::ended_by(&mut tx, workspace_id, now, ENDED_SILENCES).await?;
    let is_responder = visitor.caller.must_respond().is_ok();
    let shell = visitor.shell(app, Section::Notices).await?;
    let about = (workspace_id, is_responder);
    let maintenance = maintenance::part(app, &mut tx, about, (&shell, fields, error)).await?;
    tx.rollback().await?;
    let page = SilencesPage {
        shell,
        maintenance,
        is_responder,
        rows: rows.into_iter().map(|one| row(one, now)).collect(),
        ended: ended.into_iter().map(|one| row(one, now)).collect(),
        form,
    };
    Ok(Html(page.render()?))
}

/// The list, with a form for a new one; about an incident, if the address names one.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(query): Query<ShowQuery>,
) -> Shown {
    let mut tx = app.database.read().await?;
    let about = match query.incident.parse::<i64>() {
        Ok(number) => incidents::by_number(&mut tx, visitor.caller.workspace_id, number).await?,
        Err(_) => None,
    };
    tx.rollback().await?;
    let about = about.as_ref().map(operation::like);
    page(&app, &visitor, blank(about.as_ref())).await
}

/// `POST /silences/preview`: the same page, with what the form would mute.
pub(super) async fn preview(State(app): State<Arc<App>>, form: Form) -> Response {
    if let Err(problem) = form.visitor.caller.must_respond() {
        return form.failed(&app, "/silences", problem.detail);
    }
    let mut filled = again(&form.fields);
    let wanted = condition(&form.fields);
    let wanted = wanted.unwrap_or(WantedCondition::Text(String::new()));
    match operation::preview(&app, form.visitor.caller.workspace_id, wanted).await {
        Ok((condition, impact)) => {
            let more = if impact.has_more { "the newest " } else { "" };
            let shown = impact.matched.iter().take(PREVIEW_SHOWN);
            filled.warning = operation::warning(&condition).map(str::to_owned);
            filled.impact = Some(Impact {
                count: format!(
                    "{} of {more}{} open incidents",
                    impact.matched.len(),
                    impact.open_count
                ),
                week: format!("{} of {} in the last 7 days", impact.week.0, impact.week.1),
                incidents: shown.map(|one| (one.number, one.title.clone())).collect(),
            });
            page(&app, &form.visitor, filled).await.into_response()
        }
        Err(error) => {
            filled.error = Some(Problem::from(error).detail);
            faulty(page(&app, &form.visitor, filled).await)
        }
    }
}

/// `POST /silences`: by the form, or more of what an incident is.
pub(super) async fn create(State(app): State<Arc<App>>, form: Form) -> Response {
    let back = form.back("/silences").to_owned();
    let caller = &form.visitor.caller;
    if let Err(problem) = caller.must_respond() {
        return form.failed(&app, &back, problem.detail);
    }
    let made = match made(&app, &form).await {
        Ok(made) => made,
        Err(failure) => return failure.into_response(),
    };
    let to = own_place(&form);
    match made {
        Ok(until) => {
            let text = format!("Silenced for {until}. What fits is not told.");
            form.done(&app, &to, text)
        }
        Err(error) if !form.fields.get("incident").is_empty() => {
            form.followed(&app, &to, Err::<String, _>(error))
        }
        Err(error) => {
            let mut filled = again(&form.fields);
            if matches!(error, OperationError::Conflict(_)) {
                filled.warning = Some("This would mute everything or nothing".to_owned());
            }
            filled.error = Some(Problem::from(error).detail);
            faulty(page(&app, &form.visitor, filled).await)
        }
    }
}

/// Where the form leads: the incident that it was sent from, or the list.
fn own_place(form: &Form) -> String {
    if form.fields.get("incident").is_empty() {
        return "/silences".to_owned();
    }
    form.back("/silences").to_owned()
}

/// Makes the silence; answers how long it is, in words.
async fn made(app: &App, form: &Form) -> Result<Result<&'static str, OperationError>, Failure> {
    let caller = &form.visitor.caller;
    let mut wanted = match wanted(&form.fields, app.clock.now()) {
        Ok(wanted) => wanted,
        Err(error) => return Ok(Err(error)),
    };
    if let Ok(number) = form.fields.get("incident").parse::<i64>() {
        let mut tx = app.database.read().await?;
        let found = incidents::by_number(&mut tx, caller.workspace_id, number).await?;
        tx.rollback().await?;
        let incident = found.ok_or(Failure::NotFound)?;
        wanted.condition = Some(WantedCondition::Incident(incident.id));
    }
    let hours = form.fields.get("hours");
    let words = HOURS.into_iter().find(|(value, _)| *value == hours);
    let words = words.map_or("some time", |(_, words)| words);
    let author = &caller.actor.name;
    let done = operation::create(app, caller.workspace_id, wanted, author).await;
    Ok(done.map(|_| words))
}

/// `POST /silences/{id}/expire`.
pub(super) async fn expire(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    if let Err(problem) = form.visitor.caller.must_respond() {
        return form.failed(&app, "/silences", problem.detail);
    }
    let Some(id) = IdKind::Silence.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    let done = operation::expire(&app, form.visitor.caller.workspace_id, id).await;
    form.followed(&app, "/silences", done.map(|()| "Ended.".to_owned()))
}
