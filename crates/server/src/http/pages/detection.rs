//! `/settings/detection`: what Epicenter notices by itself about issues, for the workspace or one
//! service, and the issues that are muted for ever but still happen.

use super::forms::{Fields, Form};
use super::views::parts::Clock;
use super::views::{DetectionPage, MutedRow, NumberField, ReactionField, Section};
use super::visitor::{Failure, Shown, Visitor};
use crate::app::App;
use crate::http::problem::{Problem, sentence};
use crate::operations::detect::{Wanted, forget_detection, set_detection, unmute};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::AutoResolve;
use epicenter_domain::routing::detect::{Detection, Reaction, mute_of};
use epicenter_store::detection::MutedIssue;
use epicenter_store::{detection, services};
use serde::Deserialize;
use std::sync::Arc;

const HERE: &str = "/settings/detection";
/// Muted issues that are listed, the loudest; the API lists all.
const MUTED_ROWS: i64 = 50;

/// Whose settings are shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ShowQuery {
    service: String,
}

fn wanted_of(visitor: &Visitor, service: &str) -> Result<Wanted, Failure> {
    let service_id = match service {
        "" => None,
        shown => Some(IdKind::Service.parse(shown).ok_or(Failure::NotFound)?),
    };
    Ok(Wanted {
        workspace_id: visitor.caller.workspace_id,
        service_id,
    })
}

/// The page.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(query): Query<ShowQuery>,
) -> Shown {
    let wanted = wanted_of(&visitor, &query.service)?;
    let registry = app.registry.snapshot();
    let now = registry.detection(wanted.workspace_id, wanted.service_id);
    page(&app, &visitor, wanted, (&now, None)).await
}

async fn page(
    app: &App,
    visitor: &Visitor,
    wanted: Wanted,
    (entered, fault): (&Detection, Option<String>),
) -> Shown {
    let mut tx = app.database.read().await?;
    let all = services::list(&mut tx, wanted.workspace_id).await?;
    let page = detection::muted(&mut tx, wanted.workspace_id, (None, MUTED_ROWS)).await?;
    let count = detection::muted_count(&mut tx, wanted.workspace_id).await?;
    tx.rollback().await?;
    let service = match wanted.service_id {
        None => None,
        Some(id) => {
            let found = all.iter().find(|service| service.id == id);
            let found = found.ok_or(Failure::NotFound)?;
            Some((IdKind::Service.show(id), found.name.clone()))
        }
    };
    let registry = app.registry.snapshot();
    let page = DetectionPage {
        shell: visitor.shell(app, Section::Settings).await?,
        clock: Clock(app.clock.now()),
        is_admin: visitor.caller.must_administer().is_ok(),
        can_act: visitor.caller.must_respond().is_ok(),
        fault,
        is_own: registry.has_own_detection(wanted.workspace_id, wanted.service_id),
        service,
        services: all
            .into_iter()
            .map(|service| (IdKind::Service.show(service.id), service.name))
            .collect(),
        reactions: reactions(entered),
        numbers: numbers(entered),
        auto_resolve: entered.auto_resolve.as_str(),
        auto_resolve_numbers: auto_resolve_numbers(entered),
        muted: page.items.into_iter().map(muted_row).collect(),
        muted_count: count,
    };
    Ok(Html(page.render()?))
}

fn reactions(now: &Detection) -> Vec<ReactionField> {
    let field = |name, label, reaction: Reaction| ReactionField {
        name,
        label,
        chosen: reaction.as_str(),
    };
    vec![
        field(
            "spike",
            "A spike: many more events in a minute than usual",
            now.spike,
        ),
        field("returned", "Back after a quiet time", now.returned),
        field(
            "grown",
            "Growth of an open issue: its 10th, 100th, 1,000th… event",
            now.grown,
        ),
        field(
            "loud_though_muted",
            "Muted for ever, but ten times as loud as then",
            now.loud_though_muted,
        ),
        field(
            "new_issue",
            "A new issue of which no alert has told",
            now.new_issue,
        ),
        field(
            "new_in_environment",
            "First seen in an environment",
            now.new_in_environment,
        ),
        field(
            "new_in_release",
            "First seen in a release",
            now.new_in_release,
        ),
        field(
            "false_regression",
            "Fixed already: an old client, or the fix is not deployed there yet",
            now.false_regression,
        ),
    ]
}

fn numbers(now: &Detection) -> Vec<NumberField> {
    let field = |name, label, value| NumberField { name, label, value };
    vec![
        field(
            "spike_times",
            "A spike is so many times the usual",
            now.spike_times,
        ),
        field(
            "spike_floor",
            "and at least so many events in a minute",
            now.spike_floor,
        ),
        field(
            "quiet_minutes",
            "A quiet time is so many minutes",
            now.quiet_minutes,
        ),
    ]
}

fn auto_resolve_numbers(now: &Detection) -> Vec<NumberField> {
    vec![
        NumberField {
            name: "auto_resolve_minutes",
            label: "A fixed quiet time is so many minutes",
            value: now.auto_resolve_minutes,
        },
        NumberField {
            name: "auto_resolve_gaps",
            label: "or so many times the usual gap",
            value: now.auto_resolve_gaps,
        },
    ]
}

fn muted_row(muted: MutedIssue) -> MutedRow {
    MutedRow {
        id: IdKind::Issue.show(muted.issue.id),
        why: mute_of(&muted.issue).unwrap_or("muted"),
        name: muted.issue.short_id.unwrap_or_default(),
        title: muted.issue.title,
        events: muted.events,
        since: muted.since,
        last_seen_at: muted.issue.last_seen_at,
    }
}

/// What was entered; a word that is no reaction stays as by default, a number that is none is 0,
/// which is refused.
fn read(fields: &Fields) -> Detection {
    let default = Detection::default();
    let word = |name: &str, default: Reaction| Reaction::parse(fields.get(name)).unwrap_or(default);
    let number = |name: &str| fields.get(name).trim().parse().unwrap_or(0);
    Detection {
        spike: word("spike", default.spike),
        returned: word("returned", default.returned),
        grown: word("grown", default.grown),
        loud_though_muted: word("loud_though_muted", default.loud_though_muted),
        new_issue: word("new_issue", default.new_issue),
        new_in_environment: word("new_in_environment", default.new_in_environment),
        new_in_release: word("new_in_release", default.new_in_release),
        false_regression: word("false_regression", default.false_regression),
        spike_times: number("spike_times"),
        spike_floor: number("spike_floor"),
        quiet_minutes: number("quiet_minutes"),
        auto_resolve: AutoResolve::parse(fields.get("auto_resolve"))
            .unwrap_or(default.auto_resolve),
        auto_resolve_minutes: number("auto_resolve_minutes"),
        auto_resolve_gaps: number("auto_resolve_gaps"),
    }
}

fn address(wanted: Wanted) -> String {
    match wanted.service_id {
        None => HERE.to_owned(),
        Some(id) => format!("{HERE}?service={}", IdKind::Service.show(id)),
    }
}

/// `POST /settings/detection`.
pub(super) async fn change(State(app): State<Arc<App>>, form: Form) -> Response {
    let wanted = match wanted_of(&form.visitor, form.fields.get("service")) {
        Ok(wanted) => wanted,
        Err(failure) => return failure.into_response(),
    };
    let here = address(wanted);
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, &here, problem.detail);
    }
    if form.fields.is_on("forget") {
        let done = forget_detection(&app, wanted).await;
        let done = done.map(|()| "The settings above it count again.".to_owned());
        return form.followed(&app, &here, done);
    }
    let entered = read(&form.fields);
    match set_detection(&app, wanted, &entered).await {
        Ok(()) => form.done(&app, &here, "Saved."),
        Err(error) => {
            let fault = Some(sentence(&Problem::from(error).detail));
            page(&app, &form.visitor, wanted, (&entered, fault))
                .await
                .into_response()
        }
    }
}

/// `POST /settings/detection/muted/{id}`: makes an issue unresolved, so that it is heard of.
pub(super) async fn repair(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    if let Err(problem) = form.visitor.caller.must_respond() {
        return form.failed(&app, HERE, problem.detail);
    }
    let Some(issue_id) = IdKind::Issue.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    let workspace_id = form.visitor.caller.workspace_id;
    let actor = form.visitor.caller.actor.clone();
    let done = unmute(&app, workspace_id, issue_id, &actor).await;
    let done = done.map(|()| "It is unresolved again, and will be heard of.".to_owned());
    form.followed(&app, "/settings/detection#muted", done)
}
