//! `/services`: what teams own and are alerted about.

use super::forms::Form;
use super::trends::daily;
use super::views::parts::{Chart, Clock};
use super::views::{
    Choice, OwnerForm, Section, ServiceForm, ServicePage, ServiceRow, ServicesPage,
};
use super::visitor::{Failure, Shown, Visitor};
use crate::app::App;
use crate::http::problem::Problem;
use crate::operations::trends::Scope;
use crate::operations::{people, services as operations};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::IncidentStatus;
use epicenter_store::incidents::{self, IncidentFilter};
use epicenter_store::people::owners::{self, ServiceOwner};
use epicenter_store::services::{self, ServiceRecord};
use epicenter_store::trends::events::Split;
use epicenter_store::{Tx, integrations};
use std::sync::Arc;

async fn row(tx: &mut Tx, service: ServiceRecord) -> Result<ServiceRow, Failure> {
    let open = IncidentFilter {
        statuses: vec![IncidentStatus::Triggered, IncidentStatus::Acknowledged],
        service_id: Some(service.id),
        ..IncidentFilter::default()
    };
    let open = incidents::list(tx, service.workspace_id, &open, None, 100)
        .await?
        .items
        .len();
    let all = integrations::list(tx, service.workspace_id).await?;
    let bound = all
        .iter()
        .filter(|one| one.service_id == Some(service.id))
        .count();
    Ok(ServiceRow {
        id: IdKind::Service.show(service.id),
        name: service.name,
        projects: service.projects,
        open_count: i64::try_from(open).unwrap_or(0),
        integration_count: i64::try_from(bound).unwrap_or(0),
        is_default: service.is_default,
        holds_transients: service.holds_transients,
    })
}

async fn list_page(app: &App, visitor: &Visitor, form: ServiceForm) -> Shown {
    let mut tx = app.database.read().await?;
    let mut rows = Vec::new();
    for service in services::list(&mut tx, visitor.caller.workspace_id).await? {
        rows.push(row(&mut tx, service).await?);
    }
    tx.rollback().await?;
    let shell = visitor.shell(app, Section::Services).await?;
    Ok(Html(ServicesPage { shell, rows, form }.render()?))
}

/// The list.
pub(super) async fn list(State(app): State<Arc<App>>, visitor: Visitor) -> Shown {
    list_page(&app, &visitor, ServiceForm::default()).await
}

fn wanted(form: &Form) -> (String, Vec<String>) {
    let fields = &form.fields;
    (
        fields.get("name").to_owned(),
        vec![fields.get("projects").to_owned()],
    )
}

fn again(form: &Form, error: String) -> ServiceForm {
    let (name, projects) = wanted(form);
    ServiceForm {
        name,
        projects: projects.concat(),
        error: Some(error),
    }
}

/// `POST /services`.
pub(super) async fn create(State(app): State<Arc<App>>, form: Form) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, "/services", problem.detail);
    }
    let workspace_id = form.visitor.caller.workspace_id;
    match operations::create(&app, workspace_id, wanted(&form)).await {
        Ok(_) => form.done(&app, "/services", "Created."),
        Err(error) => {
            let detail = Problem::from(error).detail;
            if form.visitor.wants_json {
                return form.failed(&app, "/services", detail);
            }
            list_page(&app, &form.visitor, again(&form, detail))
                .await
                .into_response()
        }
    }
}

async fn find(app: &App, visitor: &Visitor, id: &str) -> Result<ServiceRow, Failure> {
    let id = IdKind::Service.parse(id).ok_or(Failure::NotFound)?;
    let mut tx = app.database.read().await?;
    let service = services::by_id(&mut tx, visitor.caller.workspace_id, id)
        .await?
        .ok_or(Failure::NotFound)?;
    let row = row(&mut tx, service).await?;
    tx.rollback().await?;
    Ok(row)
}

/// One service.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Shown {
    let service = find(&app, &visitor, &id).await?;
    let owner = owner_form(&app, &visitor, &id).await?;
    let form = ServiceForm {
        name: service.name.clone(),
        projects: service.projects.join("\n"),
        error: None,
    };
    let shell = visitor.shell(&app, Section::Services).await?;
    let chart = chart(&app, &visitor, &id).await?;
    Ok(Html(
        ServicePage {
            shell,
            chart,
            is_admin: visitor.caller.must_administer().is_ok(),
            service,
            form,
            owner,
        }
        .render()?,
    ))
}

/// Its events in the last days.
async fn chart(app: &App, visitor: &Visitor, id: &str) -> Result<Chart, Failure> {
    let scope = Scope {
        workspace_id: visitor.caller.workspace_id,
        service_id: IdKind::Service.parse(id),
        ..Scope::default()
    };
    let clock = Clock(app.clock.now());
    let mut tx = app.database.read().await?;
    let chart = daily(&mut tx, ("service-chart", clock), (&scope, Split::Level)).await?;
    tx.rollback().await?;
    Ok(chart)
}

/// Who is responsible for a service, and who could be.
async fn owner_form(app: &App, visitor: &Visitor, id: &str) -> Result<OwnerForm, Failure> {
    let id = IdKind::Service.parse(id).ok_or(Failure::NotFound)?;
    let workspace_id = visitor.caller.workspace_id;
    let mut tx = app.database.read().await?;
    let owners = owners::of_workspace(&mut tx, workspace_id).await?;
    let teams = people::teams::all(&mut tx, workspace_id).await?;
    let policies = people::all_escalations(&mut tx, workspace_id).await?;
    tx.rollback().await?;
    let owner = owners.get(&id).copied().unwrap_or_default();
    let nobody = |text: &str| std::iter::once((String::new(), text.to_owned()));
    let team = owner.team_id.map(|id| IdKind::Team.show(id));
    let policy = owner.escalation_id.map(|id| IdKind::Escalation.show(id));
    let teams = teams
        .into_iter()
        .map(|one| (IdKind::Team.show(one.id), one.name));
    let policies = policies
        .into_iter()
        .map(|one| (IdKind::Escalation.show(one.id), one.policy.name));
    Ok(OwnerForm {
        teams: Choice::list(nobody("no team").chain(teams), &team.unwrap_or_default()),
        policies: Choice::list(
            nobody("nobody is told by an escalation").chain(policies),
            &policy.unwrap_or_default(),
        ),
    })
}

/// `POST /services/{id}/owner`.
pub(super) async fn set_owner(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let back = format!("/services/{id}");
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, &back, problem.detail);
    }
    let Some(service_id) = IdKind::Service.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    // An empty field is nobody; what is no id is refused as something that does not exist.
    let parse =
        |kind: IdKind, text: &str| (!text.is_empty()).then(|| kind.parse(text).unwrap_or(-1));
    let owner = ServiceOwner {
        team_id: parse(IdKind::Team, form.fields.get("team")),
        escalation_id: parse(IdKind::Escalation, form.fields.get("escalation")),
    };
    let place = (form.visitor.caller.workspace_id, service_id);
    let done = people::escalations::set_owner(&app, place, owner).await;
    form.followed(&app, &back, done.map(|()| "Saved.".to_owned()))
}

/// `POST /services/{id}`.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let back = format!("/services/{id}");
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, &back, problem.detail);
    }
    let Some(service_id) = IdKind::Service.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    let workspace_id = form.visitor.caller.workspace_id;
    let changed = operations::change(
        &app,
        workspace_id,
        service_id,
        wanted(&form),
        Some(form.fields.is_on("holds_transients")),
    )
    .await;
    form.followed(&app, &back, changed.map(|()| "Saved.".to_owned()))
}

/// `POST /services/{id}/delete`.
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let back = format!("/services/{id}");
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, &back, problem.detail);
    }
    let Some(service_id) = IdKind::Service.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    match operations::delete(&app, form.visitor.caller.workspace_id, service_id).await {
        Ok(()) => form.done(&app, "/services", "Deleted."),
        Err(error) => form.followed(&app, &back, Err::<String, _>(error)),
    }
}
