//! How a workspace groups alerts into incidents.

use super::OperationError;
use crate::app::App;
use crate::limits::{GROUP_FIELDS, GROUP_RULE_NAME_CHARS, GROUP_RULES};
use epicenter_domain::routing::group::{GroupPolicy, GroupRule, Window};
use epicenter_domain::routing::{Condition, Field};
use epicenter_domain::time::{DAY_MS, MINUTE_MS, SECOND_MS};
use epicenter_store::groups;
use std::sync::Arc;

/// A rule as it was entered.
#[derive(Clone, Debug, Default)]
pub struct WantedRule {
    /// Name.
    pub name: String,
    /// Condition that both alerts must meet; empty: any.
    pub condition: String,
    /// Names of the fields that must agree.
    pub equal: Vec<String>,
}

/// A policy as it was entered.
#[derive(Clone, Debug)]
pub struct WantedPolicy {
    /// Group at all?
    pub is_on: bool,
    /// By the same deploy and crash?
    pub by_deploy: bool,
    /// By the same deploy and family of exceptions?
    pub by_family: bool,
    /// By stacks that are alike, from this percentage on.
    pub alike_percent: Option<u64>,
    /// From when the window counts.
    pub window: Window,
    /// Length of the window.
    pub window_seconds: i64,
    /// Rules on equal fields.
    pub rules: Vec<WantedRule>,
}

/// How a workspace groups now.
pub fn policy(app: &App, workspace_id: i64) -> Arc<GroupPolicy> {
    app.registry.snapshot().grouping(workspace_id)
}

/// Sets how a workspace groups. Incidents that are open stay as they are.
pub async fn set_policy(
    app: &App,
    workspace_id: i64,
    wanted: &WantedPolicy,
) -> Result<(), OperationError> {
    let policy = checked(wanted)?;
    let mut tx = app.database.write().await?;
    groups::set_policy(&mut tx, workspace_id, &policy).await?;
    tx.commit().await?;
    app.registry.reload(&app.database).await?;
    Ok(())
}

fn checked(wanted: &WantedPolicy) -> Result<GroupPolicy, OperationError> {
    let invalid = |field, message: &str| OperationError::invalid(field, message);
    if wanted
        .alike_percent
        .is_some_and(|percent| !(50..=100).contains(&percent))
    {
        return Err(invalid("alike_percent", "must be between 50 and 100"));
    }
    let window_ms = wanted.window_seconds.saturating_mul(SECOND_MS);
    if !(MINUTE_MS..=DAY_MS).contains(&window_ms) {
        return Err(invalid("window_seconds", "must be between 60 and 86400"));
    }
    if wanted.rules.len() > GROUP_RULES {
        return Err(invalid("rules", &format!("must be at most {GROUP_RULES}")));
    }
    let rules = wanted.rules.iter().zip(1..);
    let rules = rules.map(|(rule, id)| checked_rule(rule, id));
    Ok(GroupPolicy {
        is_on: wanted.is_on,
        by_deploy: wanted.by_deploy,
        by_family: wanted.by_family,
        alike_percent: wanted.alike_percent,
        rules: rules.collect::<Result<_, _>>()?,
        window: wanted.window,
        window_ms,
    })
}

fn checked_rule(wanted: &WantedRule, id: i64) -> Result<GroupRule, OperationError> {
    let invalid = |message: String| OperationError::invalid("rules", message);
    let name = wanted.name.trim();
    if name.is_empty() || name.chars().count() > GROUP_RULE_NAME_CHARS {
        return Err(invalid(format!(
            "rule {id} needs a name of at most {GROUP_RULE_NAME_CHARS} characters"
        )));
    }
    let condition = Condition::parse(wanted.condition.trim())
        .map_err(|error| invalid(format!("the condition of \"{name}\": {error}")))?;
    let mut equal = Vec::new();
    for field in &wanted.equal {
        let field = field.trim();
        let known = Field::parse(field)
            .ok_or_else(|| invalid(format!("\"{name}\": there is no field \"{field}\"")))?;
        equal.push(known);
    }
    if equal.is_empty() || equal.len() > GROUP_FIELDS {
        return Err(invalid(format!(
            "\"{name}\" needs one to {GROUP_FIELDS} fields that must agree"
        )));
    }
    Ok(GroupRule {
        id,
        name: name.to_owned(),
        condition,
        equal,
    })
}
