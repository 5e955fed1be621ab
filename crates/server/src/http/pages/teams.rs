//! `/teams`: who belongs together.

use super::forms::{Form, faulty};
use super::views::{Choice, Section, TeamForm, TeamRow, TeamsPage};
use super::visitor::{Failure, Shown, Visitor};
use crate::app::App;
use crate::http::problem::Problem;
use crate::operations::people::teams::{self as operation, WantedTeam};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use epicenter_domain::id::IdKind;
use epicenter_store::people::owners;
use epicenter_store::people::teams::TeamRecord;
use epicenter_store::users::{self, UserRecord};
use epicenter_store::{Tx, services};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The people of a workspace, with the chosen ones marked.
fn choices(people: &[UserRecord], chosen: &[String]) -> Vec<Choice> {
    let choice = |user: &UserRecord| {
        let value = IdKind::User.show(user.id);
        Choice {
            is_chosen: chosen.contains(&value),
            value,
            label: user.name.clone(),
        }
    };
    people.iter().map(choice).collect()
}

/// Services (id and name) by their team.
async fn owned(
    tx: &mut Tx,
    workspace_id: i64,
) -> Result<BTreeMap<i64, Vec<(String, String)>>, Failure> {
    let owners = owners::of_workspace(tx, workspace_id).await?;
    let mut owned: BTreeMap<i64, Vec<(String, String)>> = BTreeMap::new();
    for service in services::list(tx, workspace_id).await? {
        if let Some(team_id) = owners.get(&service.id).and_then(|one| one.team_id) {
            let named = (IdKind::Service.show(service.id), service.name);
            owned.entry(team_id).or_default().push(named);
        }
    }
    Ok(owned)
}

fn row(
    team: TeamRecord,
    people: &[UserRecord],
    owned: &mut BTreeMap<i64, Vec<(String, String)>>,
) -> TeamRow {
    let is_member = |user: &&UserRecord| team.members.contains(&user.id);
    let members = people.iter().filter(is_member);
    let chosen: Vec<String> = team
        .members
        .iter()
        .map(|id| IdKind::User.show(*id))
        .collect();
    TeamRow {
        id: IdKind::Team.show(team.id),
        members: members.map(|user| user.name.clone()).collect(),
        services: owned.remove(&team.id).unwrap_or_default(),
        form: TeamForm {
            name: team.name,
            people: choices(people, &chosen),
            error: None,
        },
    }
}

/// The page; `left` is what a form left behind, of which team, or of a new one.
async fn page(app: &App, visitor: &Visitor, left: Option<(Option<String>, Form, String)>) -> Shown {
    let workspace_id = visitor.caller.workspace_id;
    let mut tx = app.database.read().await?;
    let people = users::list(&mut tx, workspace_id).await?;
    let mut owned = owned(&mut tx, workspace_id).await?;
    let all = operation::all(&mut tx, workspace_id).await?;
    tx.rollback().await?;
    let mut rows: Vec<TeamRow> = all
        .into_iter()
        .map(|team| row(team, &people, &mut owned))
        .collect();
    let mut new = TeamForm {
        people: choices(&people, &[]),
        ..TeamForm::default()
    };
    if let Some((id, form, error)) = left {
        let chosen: Vec<String> = form.fields.all("members").map(str::to_owned).collect();
        let again = TeamForm {
            name: form.fields.get("name").to_owned(),
            people: choices(&people, &chosen),
            error: Some(error),
        };
        match rows.iter_mut().find(|row| Some(&row.id) == id.as_ref()) {
            Some(row) => row.form = again,
            None => new = again,
        }
    }
    let page = TeamsPage {
        shell: visitor.shell(app, Section::OnCall).await?,
        is_admin: visitor.caller.must_administer().is_ok(),
        rows,
        form: new,
    };
    Ok(Html(page.render()?))
}

/// The list.
pub(super) async fn list(State(app): State<Arc<App>>, visitor: Visitor) -> Shown {
    page(&app, &visitor, None).await
}

/// The address of a form with a fault, reloaded.
pub(super) async fn back() -> Redirect {
    Redirect::to("/teams")
}

fn wanted(form: &Form) -> WantedTeam {
    let members = form.fields.all("members");
    WantedTeam {
        name: form.fields.get("name").to_owned(),
        members: members
            .map(|text| IdKind::User.parse(text).unwrap_or(-1))
            .collect(),
    }
}

async fn again(app: &App, id: Option<String>, form: Form, detail: String) -> Response {
    let visitor = form.visitor.clone();
    faulty(page(app, &visitor, Some((id, form, detail))).await)
}

/// `POST /teams`.
pub(super) async fn create(State(app): State<Arc<App>>, form: Form) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, "/teams", problem.detail);
    }
    let workspace_id = form.visitor.caller.workspace_id;
    match operation::create(&app, workspace_id, wanted(&form)).await {
        Ok(_) => form.done(&app, "/teams", "Created."),
        Err(error) => again(&app, None, form, Problem::from(error).detail).await,
    }
}

/// `POST /teams/{id}`.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, "/teams", problem.detail);
    }
    let Some(team_id) = IdKind::Team.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    let workspace_id = form.visitor.caller.workspace_id;
    match operation::change(&app, workspace_id, team_id, wanted(&form)).await {
        Ok(()) => form.done(&app, "/teams", "Saved."),
        Err(error) => again(&app, Some(id), form, Problem::from(error).detail).await,
    }
}

/// `POST /teams/{id}/delete`.
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, "/teams", problem.detail);
    }
    let Some(team_id) = IdKind::Team.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    let done = operation::delete(&app, form.visitor.caller.workspace_id, team_id).await;
    form.followed(&app, "/teams", done.map(|()| "Deleted.".to_owned()))
}
