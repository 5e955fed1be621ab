//! `/on-call`: schedules, and who is on call now.

use super::forms::{Fields, Form, faulty};
use super::schedule::{form_of, shown_row};
use super::views::{Choice, LayerForm, OnCallPage, ScheduleForm, Section};
use super::visitor::{Shown, Visitor};
use crate::app::App;
use crate::http::problem::Problem;
use crate::operations::people::all_schedules;
use crate::operations::people::schedules::{
    self as operation, WantedLayer, WantedSchedule, WantedWindow,
};
use askama::Template;
use axum::extract::State;
use axum::response::{Html, Response};
use epicenter_domain::escalation::schedule::TurnUnit;
use epicenter_domain::id::IdKind;
use epicenter_store::users::{self, UserRecord};
use std::sync::Arc;

async fn list_page(app: &App, visitor: &Visitor, form: Option<ScheduleForm>) -> Shown {
    let workspace_id = visitor.caller.workspace_id;
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let people = users::list(&mut tx, workspace_id).await?;
    let mut rows = Vec::new();
    for record in all_schedules(&mut tx, workspace_id).await? {
        rows.push(shown_row(&mut tx, &record, &people, now).await?);
    }
    tx.rollback().await?;
    let page = OnCallPage {
        shell: visitor.shell(app, Section::OnCall).await?,
        is_admin: visitor.caller.must_administer().is_ok(),
        rows,
        form: form.unwrap_or_else(|| form_of(None, &people, now)),
    };
    Ok(Html(page.render()?))
}

/// The list.
pub(super) async fn list(State(app): State<Arc<App>>, visitor: Visitor) -> Shown {
    list_page(&app, &visitor, None).await
}

/// `POST /on-call`.
pub(super) async fn create(State(app): State<Arc<App>>, form: Form) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, "/on-call", problem.detail);
    }
    let workspace_id = form.visitor.caller.workspace_id;
    let people = match people(&app, workspace_id).await {
        Ok(people) => people,
        Err(problem) => return form.failed(&app, "/on-call", problem.detail),
    };
    let wanted = wanted(&form.fields, &people);
    match operation::create(&app, workspace_id, &wanted).await {
        Ok(id) => {
            let to = format!("/on-call/{}", IdKind::Schedule.show(id));
            form.done(&app, &to, "Created.")
        }
        Err(error) => {
            let again = again(&form.fields, Problem::from(error).detail);
            faulty(list_page(&app, &form.visitor, Some(again)).await)
        }
    }
}

/// All people of a workspace.
pub(super) async fn people(app: &App, workspace_id: i64) -> Result<Vec<UserRecord>, Problem> {
    let mut tx = app.database.read().await?;
    let people = users::list(&mut tx, workspace_id).await?;
    tx.rollback().await?;
    Ok(people)
}

/// What the form of a schedule says. Layers without people are left out.
pub(super) fn wanted(fields: &Fields, people: &[UserRecord]) -> WantedSchedule {
    let find = |address: &str| {
        let is_it = |user: &&UserRecord| user.email.eq_ignore_ascii_case(address);
        people.iter().find(is_it).map(|user| user.id)
    };
    let layer = |form: LayerForm| WantedLayer {
        participants: lines(&form.people).map(find).collect(),
        name: form.name,
        unit: chosen(&form.units),
        every: form.every.trim().parse().unwrap_or(0),
        starts_on: form.starts_on,
        hand_over: form.hand_over,
        windows: lines(&form.windows).map(window).collect(),
    };
    let filled = layers(fields)
        .into_iter()
        .filter(|form| !form.people.trim().is_empty());
    WantedSchedule {
        name: fields.get("name").to_owned(),
        zone: fields.get("zone").to_owned(),
        layers: filled.map(layer).collect(),
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn chosen(choices: &[Choice]) -> String {
    let chosen = choices.iter().find(|choice| choice.is_chosen);
    chosen
        .map(|choice| choice.value.clone())
        .unwrap_or_default()
}

/// The layers as the form has them.
fn layers(fields: &Fields) -> Vec<LayerForm> {
    let all = |name: &'static str| fields.all(name).map(str::to_owned).collect::<Vec<_>>();
    let at = |values: &[String], place: usize| values.get(place).cloned().unwrap_or_default();
    let (people, every, unit) = (all("people"), all("every"), all("unit"));
    let (starts_on, hand_over) = (all("starts_on"), all("hand_over"));
    let windows = all("windows");
    let layer = |(place, name): (usize, String)| LayerForm {
        name,
        people: at(&people, place),
        units: units(&at(&unit, place)),
        every: at(&every, place),
        starts_on: at(&starts_on, place),
        hand_over: at(&hand_over, place),
        windows: at(&windows, place),
    };
    let names = all("layer_name").into_iter();
    names.enumerate().map(layer).collect()
}

/// The units of a turn, with the chosen one marked.
pub(super) fn units(chosen: &str) -> Vec<Choice> {
    let words = TurnUnit::ALL.map(|unit| (unit.as_str(), unit.as_str()));
    Choice::list(words, chosen)
}

/// What a form had, with its fault.
pub(super) fn again(fields: &Fields, error: String) -> ScheduleForm {
    ScheduleForm {
        name: fields.get("name").to_owned(),
        zone: fields.get("zone").to_owned(),
        layers: layers(fields),
        error: Some(error),
    }
}

const WEEKDAYS: [&str; 5] = ["monday", "tuesday", "wednesday", "thursday", "friday"];
const WEEKEND: [&str; 2] = ["saturday", "sunday"];

/// Reads `monday friday 09:00-17:00`.
fn window(line: &str) -> WantedWindow {
    let (days, hours) = line.rsplit_once(' ').unwrap_or(("daily", line));
    let (from, until) = hours.split_once('-').unwrap_or((hours, ""));
    let words = days.split([' ', ',']).filter(|word| !word.is_empty());
    let mut named: Vec<String> = Vec::new();
    for word in words {
        match word.to_lowercase().as_str() {
            "daily" => {
                named.extend(WEEKDAYS.map(str::to_owned));
                named.extend(WEEKEND.map(str::to_owned));
            }
            "weekdays" => named.extend(WEEKDAYS.map(str::to_owned)),
            "weekend" => named.extend(WEEKEND.map(str::to_owned)),
            other => named.push(other.to_owned()),
        }
    }
    WantedWindow {
        days: named,
        from: from.to_owned(),
        until: until.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_a_line_of_days_and_hours() {
        for (line, days, from, until) in [
            ("monday friday 09:00-17:00", 2, "09:00", "17:00"),
            ("Weekdays 22:00-07:00", 5, "22:00", "07:00"),
            ("weekend, friday 00:00-00:00", 3, "00:00", "00:00"),
            ("08:00-20:00", 7, "08:00", "20:00"),
            ("daily 8", 7, "8", ""),
        ] {
            let window = window(line);
            assert_eq!(window.days.len(), days, "{line}");
            assert_eq!((window.from.as_str(), window.until.as_str()), (from, until));
        }
    }

    #[test]
    fn a_layer_without_people_is_left_out() {
        let body = b"name=P&zone=UTC&layer_name=A&people=x%40y.org%0A%0A&every=2&unit=days\
            &starts_on=2026-01-05&hand_over=09%3A00&windows=&layer_name=&people=+&every=1&unit=weeks";
        let wanted = wanted(&Fields::read(body), &[]);
        assert_eq!(wanted.layers.len(), 1);
        let layer = &wanted.layers[0];
        assert_eq!((layer.every, layer.unit.as_str()), (2, "days"));
        assert_eq!(layer.participants, [None]);
    }
}
