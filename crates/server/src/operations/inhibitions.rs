//! Which incidents of a workspace mute others.

use super::OperationError;
use crate::app::App;
use crate::limits::{INHIBITION_FIELDS, INHIBITION_NAME_CHARS, INHIBITIONS};
use epicenter_domain::routing::inhibit::Rule;
use epicenter_domain::routing::{Condition, Field};
use epicenter_domain::time::{DAY_MS, SECOND_MS};
use epicenter_store::notices::{inhibitions, plans};
use epicenter_store::{StoreError, Tx};

/// A rule as it was entered, and as the configuration file has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedRule {
    /// Name.
    pub name: String,
    /// What mutes.
    pub source: String,
    /// What is muted.
    pub target: String,
    /// Names of the fields that both must know and that must agree.
    pub equal: Vec<String>,
    /// Names of the fields that must agree where both know them.
    pub equal_if_known: Vec<String>,
    /// Only what opened at most so long before or after it; none: whatever is open.
    pub within_seconds: Option<i64>,
}

impl From<&Rule> for WantedRule {
    fn from(rule: &Rule) -> Self {
        let names = |fields: &[Field]| fields.iter().map(ToString::to_string).collect();
        Self {
            name: rule.name.clone(),
            source: rule.source.text().to_owned(),
            target: rule.target.text().to_owned(),
            equal: names(&rule.equal),
            equal_if_known: names(&rule.equal_if_known),
            within_seconds: rule.within_ms.map(|within_ms| within_ms / SECOND_MS),
        }
    }
}

/// The rules of a workspace: its own, or else the default.
pub async fn rules(tx: &mut Tx, workspace_id: i64) -> Result<Vec<Rule>, StoreError> {
    let own = inhibitions::rules(tx, workspace_id).await?;
    Ok(own.unwrap_or_else(|| Rule::metric_mutes_issues(1).into_iter().collect()))
}

/// Sets the rules of a workspace.
pub async fn set_rules(
    app: &App,
    workspace_id: i64,
    wanted: &[WantedRule],
) -> Result<(), OperationError> {
    let rules = checked(wanted)?;
    let mut tx = app.database.write().await?;
    inhibitions::set_rules(&mut tx, workspace_id, &rules).await?;
    plans::ask_for_open(&mut tx, workspace_id, app.clock.now()).await?;
    tx.commit().await?;
    app.planning.notify_one();
    Ok(())
}

/// The rules, if nothing is wrong with them.
pub(crate) fn checked(wanted: &[WantedRule]) -> Result<Vec<Rule>, OperationError> {
    if wanted.len() > INHIBITIONS {
        let message = format!("must be at most {INHIBITIONS}");
        return Err(OperationError::invalid("rules", message));
    }
    let rules = wanted.iter().zip(1..);
    rules.map(|(rule, id)| checked_rule(rule, id)).collect()
}

fn checked_rule(wanted: &WantedRule, id: i64) -> Result<Rule, OperationError> {
    let invalid = |message: String| OperationError::invalid("rules", message);
    let name = wanted.name.trim();
    if name.is_empty() || name.chars().count() > INHIBITION_NAME_CHARS {
        let most = INHIBITION_NAME_CHARS;
        return Err(invalid(format!(
            "rule {id} needs a name of at most {most} characters"
        )));
    }
    let condition = |what: &str, text: &str| {
        Condition::parse(text.trim())
            .map_err(|error| invalid(format!("what {what} by \"{name}\": {error}")))
    };
    let within_ms = wanted.within_seconds.map(|it| it.saturating_mul(SECOND_MS));
    if within_ms.is_some_and(|within_ms| !(SECOND_MS..=DAY_MS).contains(&within_ms)) {
        return Err(invalid(format!(
            "\"{name}\": the seconds between them must be 1 to 86400"
        )));
    }
    let rule = Rule {
        id,
        name: name.to_owned(),
        source: condition("mutes", &wanted.source)?,
        target: condition("is muted", &wanted.target)?,
        equal: fields(name, &wanted.equal)?,
        equal_if_known: fields(name, &wanted.equal_if_known)?,
        within_ms,
    };
    if rule.equal.is_empty() {
        return Err(invalid(format!(
            "\"{name}\" needs a field that both must know and that must agree"
        )));
    }
    Ok(rule)
}

fn fields(name: &str, wanted: &[String]) -> Result<Vec<Field>, OperationError> {
    let named: Vec<&str> = wanted.iter().map(|field| field.trim()).collect();
    let named = named.into_iter().filter(|field| !field.is_empty());
    let all: Result<Vec<Field>, OperationError> = named
        .map(|field| {
            let message = format!("\"{name}\": there is no field \"{field}\"");
            Field::parse(field).ok_or_else(|| OperationError::invalid("rules", message))
        })
        .collect();
    let all = all?;
    if all.len() > INHIBITION_FIELDS {
        let message = format!("\"{name}\" may name at most {INHIBITION_FIELDS} fields");
        return Err(OperationError::invalid("rules", message));
    }
    Ok(all)
}
