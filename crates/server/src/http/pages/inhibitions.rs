//! `/settings/inhibitions`: which incidents mute others.

use super::forms::{Fields, Form};
use super::views::{InhibitionForm, InhibitionsPage, Section};
use super::visitor::{Shown, Visitor};
use crate::app::App;
use crate::http::problem::{Problem, sentence};
use crate::limits::INHIBITIONS;
use crate::operations::inhibitions::{WantedRule, rules, set_rules};
use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use std::sync::Arc;

const HERE: &str = "/settings/inhibitions";

/// The page.
pub(super) async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Shown {
    let mut tx = app.database.read().await?;
    let now = rules(&mut tx, visitor.caller.workspace_id).await?;
    tx.rollback().await?;
    let now: Vec<WantedRule> = now.iter().map(WantedRule::from).collect();
    page(&app, &visitor, (now, None)).await
}

async fn page(
    app: &App,
    visitor: &Visitor,
    (rules, fault): (Vec<WantedRule>, Option<String>),
) -> Shown {
    let is_admin = visitor.caller.must_administer().is_ok();
    let mut rules: Vec<InhibitionForm> = rules.into_iter().map(entered).collect();
    if is_admin && rules.len() < INHIBITIONS {
        rules.push(InhibitionForm::default());
    }
    let page = InhibitionsPage {
        shell: visitor.shell(app, Section::Settings).await?,
        is_admin,
        fault,
        rules,
    };
    Ok(Html(page.render()?))
}

fn entered(rule: WantedRule) -> InhibitionForm {
    InhibitionForm {
        name: rule.name,
        source: rule.source,
        target: rule.target,
        equal: rule.equal.join(", "),
        equal_if_known: rule.equal_if_known.join(", "),
        within_seconds: rule.within_seconds,
    }
}

/// What was entered; a rule without a name is removed.
fn read(fields: &Fields) -> Vec<WantedRule> {
    let list = |text: &str| text.split(',').map(str::to_owned).collect();
    let sides = fields.all("source").zip(fields.all("target"));
    let agree = fields.all("equal").zip(fields.all("equal_if_known"));
    let rows = fields.all("name").zip(sides).zip(agree);
    rows.zip(fields.all("within_seconds"))
        .filter(|(((name, _), _), _)| !name.trim().is_empty())
        .map(|(((name, (source, target)), (equal, if_known)), within)| {
            let within = within.trim();
            WantedRule {
                name: name.to_owned(),
                source: source.to_owned(),
                target: target.to_owned(),
                equal: list(equal),
                equal_if_known: list(if_known),
                // What is no number is refused like one that is too small.
                within_seconds: (!within.is_empty()).then(|| within.parse().unwrap_or(0)),
            }
        })
        .collect()
}

/// `POST /settings/inhibitions`.
pub(super) async fn change(State(app): State<Arc<App>>, form: Form) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, HERE, problem.detail);
    }
    let wanted = read(&form.fields);
    let workspace_id = form.visitor.caller.workspace_id;
    match set_rules(&app, workspace_id, &wanted).await {
        Ok(()) => form.done(&app, HERE, "Saved."),
        Err(error) => {
            let fault = sentence(&Problem::from(error).detail);
            page(&app, &form.visitor, (wanted, Some(fault)))
                .await
                .into_response()
        }
    }
}
