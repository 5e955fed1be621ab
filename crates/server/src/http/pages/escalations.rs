//! `/escalations`: who is told first, and who if nobody answers.

use super::forms::{Fields, Form, faulty};
use super::views::{
    Choice, EscalationForm, EscalationPage, EscalationRow, EscalationsPage, Section, StepForm,
};
use super::visitor::{Failure, Shown, Visitor};
use crate::app::App;
use crate::http::problem::Problem;
use crate::http::targets;
use crate::operations::people::{
    all_escalations, all_schedules, escalations as operation, teams as team_operation,
};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use epicenter_domain::escalation::policy::{
    ACKNOWLEDGE_TIMEOUT_DEFAULT_S, Policy, STEP_DELAY_DEFAULT_S, Step, Target,
};
use epicenter_domain::id::IdKind;
use epicenter_domain::limits::STEPS;
use epicenter_domain::time::{SECOND_MS, Time};
use epicenter_store::notices::destinations;
use epicenter_store::people::escalations::EscalationRecord;
use epicenter_store::people::owners;
use epicenter_store::{Tx, services, users};
use std::sync::Arc;

/// Steps that the form of a new policy has room for.
const NEW_STEPS: usize = 3;

/// Everything that policies name.
struct Names {
    targets: Vec<(Target, String)>,
    policies: Vec<EscalationRecord>,
    /// Policy, service id, service name.
    followers: Vec<(i64, String, String)>,
}

impl Names {
    async fn load(tx: &mut Tx, workspace_id: i64) -> Result<Self, Failure> {
        let mut targets = Vec::new();
        for schedule in all_schedules(tx, workspace_id).await? {
            let label = format!("On call: {}", schedule.name);
            targets.push((Target::Schedule(schedule.id), label));
        }
        for team in team_operation::all(tx, workspace_id).await? {
            targets.push((Target::Team(team.id), format!("Team {}", team.name)));
        }
        for user in users::list(tx, workspace_id).await? {
            targets.push((Target::Person(user.id), user.name));
        }
        for one in destinations::list(tx, workspace_id).await? {
            let label = format!("Destination {}", one.name);
            targets.push((Target::Destination(one.id), label));
        }
        let owners = owners::of_workspace(tx, workspace_id).await?;
        let services = services::list(tx, workspace_id).await?;
        let follower = |service: services::ServiceRecord| {
            let policy = owners.get(&service.id)?.escalation_id?;
            Some((policy, IdKind::Service.show(service.id), service.name))
        };
        Ok(Self {
            targets,
            policies: all_escalations(tx, workspace_id).await?,
            followers: services.into_iter().filter_map(follower).collect(),
        })
    }

    fn target(&self, target: Target) -> String {
        let found = self.targets.iter().find(|(known, _)| *known == target);
        found.map_or_else(|| "(gone)".to_owned(), |(_, label)| label.clone())
    }

    fn policy(&self, id: i64) -> Option<&EscalationRecord> {
        self.policies.iter().find(|record| record.id == id)
    }

    /// The choices of a step.
    fn choices(&self, chosen: &[Target]) -> Vec<Choice> {
        let choice = |(target, label): &(Target, String)| Choice {
            value: targets::show(*target),
            label: label.clone(),
            is_chosen: chosen.contains(target),
        };
        self.targets.iter().map(choice).collect()
    }

    fn then(&self, own: Option<i64>, chosen: &str) -> Vec<Choice> {
        let nothing = (String::new(), "nothing more".to_owned());
        let others = self.policies.iter().filter(|record| Some(record.id) != own);
        let others = others.map(|record| {
            let id = IdKind::Escalation.show(record.id);
            (id, format!("go on with {}", record.policy.name))
        });
        Choice::list(std::iter::once(nothing).chain(others), chosen)
    }
}

/// "5 min", for a sentence.
fn span(visitor_clock: super::views::parts::Clock, seconds: u32) -> String {
    let end = Time(i64::from(seconds) * SECOND_MS);
    visitor_clock.between(&Time(0), &end)
}

fn row(names: &Names, record: &EscalationRecord) -> EscalationRow {
    let clock = super::views::parts::Clock::default();
    let policy = &record.policy;
    let step = |(place, step): (usize, &Step)| {
        let when = match (step.delay_s, place) {
            (0, 0) => "At once:".to_owned(),
            (0, _) => "With it:".to_owned(),
            (delay_s, 0) => format!("After {}:", span(clock, delay_s)),
            (delay_s, _) => format!("{} later:", span(clock, delay_s)),
        };
        let who = step.targets.iter().map(|target| names.target(*target));
        (when, who.collect())
    };
    let mut after = Vec::new();
    if policy.repeat > 0 {
        let pause = span(clock, policy.repeat_after_s);
        let times = match policy.repeat {
            1 => "once more".to_owned(),
            times => format!("{times} times more"),
        };
        after.push(format!(
            "{pause} after the last step it begins again, {times}."
        ));
    }
    if let Some(next) = policy.then.and_then(|id| names.policy(id)) {
        after.push(format!("Then it goes on with “{}”.", next.policy.name));
    }
    if policy.acknowledge_timeout_s > 0 {
        let lasts = span(clock, policy.acknowledge_timeout_s);
        after.push(format!(
            "An incident that is not resolved {lasts} after somebody acknowledged it is triggered \
             again."
        ));
    }
    let mine = names.followers.iter().filter(|(id, ..)| *id == record.id);
    EscalationRow {
        id: IdKind::Escalation.show(record.id),
        name: policy.name.clone(),
        steps: policy.steps.iter().enumerate().map(step).collect(),
        after,
        services: mine
            .map(|(_, id, name)| (id.clone(), name.clone()))
            .collect(),
    }
}

/// What the form of a policy begins with: what is stored, and room for one step more.
fn form_of(names: &Names, record: Option<&EscalationRecord>) -> EscalationForm {
    let policy = record.map(|record| &record.policy);
    let stored = policy.map(|policy| policy.steps.as_slice());
    let stored = stored.unwrap_or_default();
    let room = (stored.len() + 1).clamp(NEW_STEPS, STEPS);
    let step = |place: usize| {
        let step = stored.get(place);
        let otherwise = if place == 0 { 0 } else { STEP_DELAY_DEFAULT_S };
        StepForm {
            place,
            delay_s: step.map_or(otherwise, |step| step.delay_s).to_string(),
            targets: names.choices(step.map(|step| step.targets.as_slice()).unwrap_or_default()),
        }
    };
    let then = policy.and_then(|policy| policy.then);
    let then = then
        .map(|id| IdKind::Escalation.show(id))
        .unwrap_or_default();
    let number = |value: Option<u32>, otherwise: u32| value.unwrap_or(otherwise).to_string();
    EscalationForm {
        name: policy.map(|policy| policy.name.clone()).unwrap_or_default(),
        steps: (0..room).map(step).collect(),
        repeat: policy.map_or(0, |policy| policy.repeat).to_string(),
        repeat_after_s: number(
            policy.map(|policy| policy.repeat_after_s),
            STEP_DELAY_DEFAULT_S,
        ),
        acknowledge_timeout_s: number(
            policy.map(|policy| policy.acknowledge_timeout_s),
            ACKNOWLEDGE_TIMEOUT_DEFAULT_S,
        ),
        then: names.then(record.map(|record| record.id), &then),
        error: None,
    }
}

/// The steps of a form that name somebody.
fn wanted(fields: &Fields) -> Policy {
    let number = |name: &str| fields.get(name).trim().parse().unwrap_or(u32::MAX);
    let steps = (0..STEPS).map(|place| Step {
        delay_s: number(&format!("delay_{place}")),
        targets: chosen(fields, place),
    });
    Policy {
        name: fields.get("name").to_owned(),
        steps: steps.filter(|step| !step.targets.is_empty()).collect(),
        repeat: u8::try_from(number("repeat")).unwrap_or(u8::MAX),
        repeat_after_s: number("repeat_after_s"),
        acknowledge_timeout_s: number("acknowledge_timeout_s"),
        then: IdKind::Escalation.parse(fields.get("then")),
    }
}

fn chosen(fields: &Fields, place: usize) -> Vec<Target> {
    let name = format!("targets_{place}");
    fields.all(&name).filter_map(targets::read).collect()
}

/// What a form had, with its fault.
fn again(names: &Names, own: Option<i64>, fields: &Fields, error: String) -> EscalationForm {
    let has =
        |place: &usize| *place < NEW_STEPS || !fields.get(&format!("delay_{place}")).is_empty();
    let step = |place: usize| StepForm {
        place,
        delay_s: fields.get(&format!("delay_{place}")).to_owned(),
        targets: names.choices(&chosen(fields, place)),
    };
    EscalationForm {
        name: fields.get("name").to_owned(),
        steps: (0..STEPS).filter(has).map(step).collect(),
        repeat: fields.get("repeat").to_owned(),
        repeat_after_s: fields.get("repeat_after_s").to_owned(),
        acknowledge_timeout_s: fields.get("acknowledge_timeout_s").to_owned(),
        then: names.then(own, fields.get("then")),
        error: Some(error),
    }
}

async fn list_page(app: &App, visitor: &Visitor, left: Option<(&Fields, String)>) -> Shown {
    let mut tx = app.database.read().await?;
    let names = Names::load(&mut tx, visitor.caller.workspace_id).await?;
    tx.rollback().await?;
    let page = EscalationsPage {
        shell: visitor.shell(app, Section::OnCall).await?,
        is_admin: visitor.caller.must_administer().is_ok(),
        rows: names.policies.iter().map(|one| row(&names, one)).collect(),
        form: match left {
            Some((fields, error)) => again(&names, None, fields, error),
            None => form_of(&names, None),
        },
    };
    Ok(Html(page.render()?))
}

async fn page(app: &App, visitor: &Visitor, id: &str, left: Option<(&Fields, String)>) -> Shown {
    let id = IdKind::Escalation.parse(id).ok_or(Failure::NotFound)?;
    let mut tx = app.database.read().await?;
    let names = Names::load(&mut tx, visitor.caller.workspace_id).await?;
    tx.rollback().await?;
    let record = names.policy(id).ok_or(Failure::NotFound)?;
    let page = EscalationPage {
        shell: visitor.shell(app, Section::OnCall).await?,
        is_admin: visitor.caller.must_administer().is_ok(),
        policy: row(&names, record),
        form: match left {
            Some((fields, error)) => again(&names, Some(id), fields, error),
            None => form_of(&names, Some(record)),
        },
    };
    Ok(Html(page.render()?))
}

/// The list.
pub(super) async fn list(State(app): State<Arc<App>>, visitor: Visitor) -> Shown {
    list_page(&app, &visitor, None).await
}

/// One policy.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Shown {
    page(&app, &visitor, &id, None).await
}

/// `POST /escalations`.
pub(super) async fn create(State(app): State<Arc<App>>, form: Form) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, "/escalations", problem.detail);
    }
    let workspace_id = form.visitor.caller.workspace_id;
    match operation::create(&app, workspace_id, wanted(&form.fields)).await {
        Ok(id) => {
            let to = format!("/escalations/{}", IdKind::Escalation.show(id));
            form.done(&app, &to, "Created.")
        }
        Err(error) => {
            let left = (&form.fields, Problem::from(error).detail);
            faulty(list_page(&app, &form.visitor, Some(left)).await)
        }
    }
}

/// `POST /escalations/{id}`.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let back = format!("/escalations/{id}");
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, &back, problem.detail);
    }
    let Some(policy_id) = IdKind::Escalation.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    let workspace_id = form.visitor.caller.workspace_id;
    match operation::change(&app, workspace_id, policy_id, wanted(&form.fields)).await {
        Ok(()) => form.done(&app, &back, "Saved."),
        Err(error) => {
            let left = (&form.fields, Problem::from(error).detail);
            faulty(page(&app, &form.visitor, &id, Some(left)).await)
        }
    }
}

/// `POST /escalations/{id}/delete`.
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let back = format!("/escalations/{id}");
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, &back, problem.detail);
    }
    let Some(policy_id) = IdKind::Escalation.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    match operation::delete(&app, form.visitor.caller.workspace_id, policy_id).await {
        Ok(()) => form.done(&app, "/escalations", "Deleted."),
        Err(error) => form.followed(&app, &back, Err::<String, _>(error)),
    }
}
