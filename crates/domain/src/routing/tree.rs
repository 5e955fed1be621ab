//! Where a signal of a shared integration goes: an ordered tree of rules. The first rule that
//! matches wins, unless it says "continue"; children inherit; a rule whose children all decline
//! takes the signal itself. What no rule takes is the caller's to place (FD-03).

use super::{Condition, Field, Subject};
use crate::limits;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// One rule as it is kept: a row with its parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRow {
    /// Our id.
    pub id: i64,
    /// The rule it stands under; none: at the top.
    pub parent_id: Option<i64>,
    /// Order among its siblings, then by id.
    pub position: i64,
    /// Name.
    pub name: String,
    /// What it matches.
    pub condition: Condition,
    /// Go on with the next sibling after a match?
    pub continues: bool,
    /// In use?
    pub is_on: bool,
    /// Which service; none: the parent's.
    pub service: Option<ServiceChoice>,
    /// Destinations; none: the parent's.
    pub destinations: Option<BTreeSet<i64>>,
}

/// How a rule names a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceChoice {
    /// This one.
    Fixed(i64),
    /// By the value of a field.
    ByValue(ValueTable),
}

/// Services by the value of a field: `project` → service, `owner` → service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueTable {
    /// The field.
    pub field: Field,
    /// Services by value.
    pub services: BTreeMap<String, i64>,
}

impl ValueTable {
    /// The service of a subject. Of an owner field with several owners the first that is known.
    pub fn service(&self, subject: &Subject) -> Option<i64> {
        let value = subject.text(&self.field);
        let whole = self.services.get(&value).copied();
        if self.field != Field::Named("owner") {
            return whole;
        }
        whole.or_else(|| {
            value
                .split_whitespace()
                .find_map(|owner| self.services.get(owner).copied())
        })
    }
}

/// A checked tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    top: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    row: RuleRow,
    /// Its number for people: `2.1`.
    number: String,
    children: Vec<Rule>,
}

/// Where a signal goes, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routed {
    /// Services, in the order of the rules; the first owns the incident.
    pub services: Vec<i64>,
    /// Destinations.
    pub destinations: BTreeSet<i64>,
    /// The rules that matched, as sentences, in order.
    pub path: Vec<String>,
}

/// Why a tree is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TreeError {
    /// Too many rules.
    #[error("there are more than {} rules", limits::ROUTING_RULES)]
    TooMany,
    /// Too deep.
    #[error("rule \"{0}\" is nested deeper than {max} levels", max = limits::ROUTING_DEPTH)]
    TooDeep(String),
    /// Rules that stand under each other in a circle, or under a rule that does not exist (FIELD
    /// case 48).
    #[error("rule \"{0}\" does not hang on the top: its parents form a circle, or one is missing")]
    Unrooted(String),
}

impl Tree {
    /// Builds a tree from rows in any order.
    pub fn build(rows: Vec<RuleRow>) -> Result<Self, TreeError> {
        if rows.len() > limits::ROUTING_RULES {
            return Err(TreeError::TooMany);
        }
        let mut by_parent: BTreeMap<Option<i64>, Vec<RuleRow>> = BTreeMap::new();
        for row in rows {
            by_parent.entry(row.parent_id).or_default().push(row);
        }
        let top = children(&mut by_parent, None, "", 1)?;
        match by_parent.into_values().flatten().next() {
            Some(left) => Err(TreeError::Unrooted(left.name)),
            None => Ok(Self { top }),
        }
    }

    /// Where a subject goes. No service: no rule names one.
    pub fn route(&self, subject: &Subject) -> Routed {
        let mut routed = Routed::default();
        let matched = visit(&self.top, subject, &Inherited::default(), &mut routed);
        if !matched {
            routed
                .path
                .push(format!("None of the {} rules matched", count(&self.top)));
        }
        routed
    }
}

/// Takes the rules under one parent out of the map. Rows that are left over hang on nothing.
fn children(
    by_parent: &mut BTreeMap<Option<i64>, Vec<RuleRow>>,
    parent_id: Option<i64>,
    prefix: &str,
    depth: usize,
) -> Result<Vec<Rule>, TreeError> {
    let mut rows = by_parent.remove(&parent_id).unwrap_or_default();
    rows.sort_by_key(|row| (row.position, row.id));
    let mut rules = Vec::with_capacity(rows.len());
    for (index, row) in rows.into_iter().enumerate() {
        if depth > limits::ROUTING_DEPTH {
            return Err(TreeError::TooDeep(row.name));
        }
        let number = format!("{prefix}{}", index + 1);
        let under = children(by_parent, Some(row.id), &format!("{number}."), depth + 1)?;
        rules.push(Rule {
            row,
            number,
            children: under,
        });
    }
    Ok(rules)
}

impl Tree {
    /// Does a rule look at this field?
    pub fn looks_at(&self, field: &Field) -> bool {
        looks_at(&self.top, field)
    }

    /// Does it hold no rule at all?
    pub fn is_empty(&self) -> bool {
        self.top.is_empty()
    }
}

fn looks_at(rules: &[Rule], field: &Field) -> bool {
    rules.iter().any(|rule| {
        let by_value = match &rule.row.service {
            Some(ServiceChoice::ByValue(table)) => table.field == *field,
            Some(ServiceChoice::Fixed(_)) | None => false,
        };
        by_value || rule.row.condition.fields().contains(field) || looks_at(&rule.children, field)
    })
}

fn count(rules: &[Rule]) -> usize {
    rules.iter().map(|rule| 1 + count(&rule.children)).sum()
}

/// What a rule has from its parents.
#[derive(Clone, Debug, Default)]
struct Inherited<'a> {
    service: Option<&'a ServiceChoice>,
    destinations: Option<&'a BTreeSet<i64>>,
}

/// Walks siblings; true, if one matched.
fn visit<'a>(
    rules: &'a [Rule],
    subject: &Subject,
    inherited: &Inherited<'a>,
    routed: &mut Routed,
) -> bool {
    let mut matched = false;
    for rule in rules.iter().filter(|rule| rule.row.is_on) {
        if !rule.row.condition.is_met(subject) {
            continue;
        }
        matched = true;
        routed.path.push(format!(
            "Rule {} \"{}\" matched because {}",
            rule.number,
            rule.row.name,
            rule.row.condition.why(subject)
        ));
        let own = Inherited {
            service: rule.row.service.as_ref().or(inherited.service),
            destinations: rule.row.destinations.as_ref().or(inherited.destinations),
        };
        if !visit(&rule.children, subject, &own, routed) {
            take(rule, subject, &own, routed);
        }
        if !rule.row.continues {
            break;
        }
    }
    matched
}

fn take(rule: &Rule, subject: &Subject, own: &Inherited<'_>, routed: &mut Routed) {
    routed
        .destinations
        .extend(own.destinations.into_iter().flatten());
    let service = match own.service {
        None => None,
        Some(ServiceChoice::Fixed(service_id)) => Some(*service_id),
        Some(ServiceChoice::ByValue(table)) => {
            let service = table.service(subject);
            let value = subject.text(&table.field);
            routed.path.push(match service {
                Some(_) => format!("Its table knows the {} \"{value}\"", table.field),
                None => format!(
                    "Its table does not know the {} \"{value}\" (rule {})",
                    table.field, rule.number
                ),
            });
            service
        }
    };
    if let Some(service_id) = service
        && !routed.services.contains(&service_id)
    {
        routed.services.push(service_id);
    }
}
