//! `/settings/grouping`: which alerts join an open incident by themselves.

use super::forms::{Fields, Form};
use super::views::{GroupRuleForm, GroupingPage, Section};
use super::visitor::{Shown, Visitor};
use crate::app::App;
use crate::http::problem::{Problem, sentence};
use crate::limits::GROUP_RULES;
use crate::operations::grouping_policy::{WantedPolicy, WantedRule, policy, set_policy};
use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use epicenter_domain::routing::group::{GroupPolicy, Window};
use epicenter_domain::time::SECOND_MS;
use std::sync::Arc;

const HERE: &str = "/settings/grouping";

fn entered(policy: &GroupPolicy) -> WantedPolicy {
    let rules = policy.rules.iter().map(|rule| WantedRule {
        name: rule.name.clone(),
        condition: rule.condition.text().to_owned(),
        equal: rule.equal.iter().map(ToString::to_string).collect(),
    });
    WantedPolicy {
        is_on: policy.is_on,
        by_deploy: policy.by_deploy,
        by_family: policy.by_family,
        alike_percent: policy.alike_percent,
        window: policy.window,
        window_seconds: policy.window_ms / SECOND_MS,
        rules: rules.collect(),
    }
}

/// The page.
pub(super) async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Shown {
    let wanted = entered(&policy(&app, visitor.caller.workspace_id));
    page(&app, &visitor, (wanted, None)).await
}

async fn page(
    app: &App,
    visitor: &Visitor,
    (wanted, fault): (WantedPolicy, Option<String>),
) -> Shown {
    let is_admin = visitor.caller.must_administer().is_ok();
    let rules = wanted.rules.into_iter().map(|rule| GroupRuleForm {
        name: rule.name,
        condition: rule.condition,
        equal: rule.equal.join(", "),
    });
    let mut rules: Vec<GroupRuleForm> = rules.collect();
    if is_admin && rules.len() < GROUP_RULES {
        rules.push(GroupRuleForm::default());
    }
    let page = GroupingPage {
        shell: visitor.shell(app, Section::Settings).await?,
        is_admin,
        fault,
        is_on: wanted.is_on,
        by_deploy: wanted.by_deploy,
        by_family: wanted.by_family,
        alike_percent: wanted.alike_percent,
        is_fixed: wanted.window == Window::Fixed,
        window_seconds: wanted.window_seconds,
        rules,
    };
    Ok(Html(page.render()?))
}

fn wanted(fields: &Fields) -> WantedPolicy {
    let conditions = fields.all("rule_condition");
    let rules = fields.all("rule_name").zip(conditions);
    let rules = rules
        .zip(fields.all("rule_equal"))
        .filter(|((name, _), _)| !name.trim().is_empty())
        .map(|((name, condition), equal)| WantedRule {
            name: name.to_owned(),
            condition: condition.to_owned(),
            equal: equal.split(',').map(str::to_owned).collect(),
        });
    let alike = fields.get("alike_percent").trim();
    WantedPolicy {
        is_on: fields.is_on("is_on"),
        by_deploy: fields.is_on("by_deploy"),
        by_family: fields.is_on("by_family"),
        // What is no number is refused like one that is too small.
        alike_percent: (!alike.is_empty()).then(|| alike.parse().unwrap_or(0)),
        window: match fields.get("window") {
            "fixed" => Window::Fixed,
            _ => Window::Rolling,
        },
        window_seconds: fields.get("window_seconds").trim().parse().unwrap_or(0),
        rules: rules.collect(),
    }
}

/// `POST /settings/grouping`.
pub(super) async fn change(State(app): State<Arc<App>>, form: Form) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, HERE, problem.detail);
    }
    let wanted = wanted(&form.fields);
    let workspace_id = form.visitor.caller.workspace_id;
    match set_policy(&app, workspace_id, &wanted).await {
        Ok(()) => form.done(&app, HERE, "Saved."),
        Err(error) => {
            let fault = sentence(&Problem::from(error).detail);
            page(&app, &form.visitor, (wanted, Some(fault)))
                .await
                .into_response()
        }
    }
}
