//! The routing of a workspace as people write it and as it is kept: rules by name, in their order.
//! `router` is what becomes of it.

use super::drop::DropRule;
use super::router::Router;
use super::tree::{RuleRow, ServiceChoice, Tree, TreeError, ValueTable};
use super::window::Zone;
use super::{Condition, Field};
use crate::limits;
use crate::sources::Fault;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What is dropped, and where the rest goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Book {
    /// IANA time zone of `weekday` and `hour`; UTC unless it is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The service that takes what no rule and no project table places; none: the workspace's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_service: Option<String>,
    /// What opens nothing, of all integrations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drops: Vec<Drop>,
    /// Where signals of shared integrations go.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
}

/// One drop rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drop {
    /// Name.
    pub name: String,
    /// The condition.
    pub when: String,
    /// Not in use.
    #[serde(default, skip_serializing_if = "is_no")]
    pub off: bool,
}

/// One rule of the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Name.
    pub name: String,
    /// The condition; empty: always.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub when: String,
    /// Go on with the next rule after a match.
    #[serde(default, rename = "continue", skip_serializing_if = "is_no")]
    pub continues: bool,
    /// Not in use.
    #[serde(default, skip_serializing_if = "is_no")]
    pub off: bool,
    /// The service; none: that of the rule above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Destinations that hear of it too; none: those of the rule above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destinations: Option<Vec<String>>,
    /// The service by the value of a field, in place of `service`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_by: Option<Table>,
    /// The rules below it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Self>,
}

/// Services by the value of a field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The field: `project`, `owner`, `tags.team`…
    pub field: String,
    /// Services by value.
    pub services: BTreeMap<String, String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_no(value: &bool) -> bool {
    !*value
}

/// What a book may name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// Ids of services by how a book may name them.
    pub services: BTreeMap<String, i64>,
    /// Ids of destinations by how a book may name them.
    pub destinations: BTreeMap<String, i64>,
}

impl Book {
    /// Does it change nothing of where signals go?
    pub fn is_empty(&self) -> bool {
        self.drops.is_empty() && self.rules.is_empty() && self.default_service.is_none()
    }

    /// Checks all of it. Every fault names its place: `rules[0].rules[2].when`.
    pub fn compile(&self, directory: &Directory) -> Result<Router, Vec<Fault>> {
        let (router, faults) = self.compile_what_works(directory);
        if faults.is_empty() {
            Ok(router)
        } else {
            Err(faults)
        }
    }

    /// What can be used of a book that was checked when it was saved, and what cannot: a service
    /// that is gone leaves its rule without one, a rule that cannot be read is off.
    pub fn compile_what_works(&self, directory: &Directory) -> (Router, Vec<Fault>) {
        let mut reader = Reader {
            directory,
            faults: Vec::new(),
            rows: Vec::new(),
            patterns: 0,
        };
        let drops = reader.drops(&self.drops);
        reader.rules(&self.rules, None, "rules");
        let default_service = self
            .default_service
            .as_ref()
            .and_then(|name| reader.service("default_service", name));
        let zone = match self.zone.as_deref().map(Zone::parse) {
            None => Zone::utc(),
            Some(Ok(zone)) => zone,
            Some(Err(error)) => {
                reader.fault("zone", error.to_string());
                Zone::utc()
            }
        };
        let Reader {
            mut faults, rows, ..
        } = reader;
        let tree = Tree::build(rows).unwrap_or_else(|error| {
            let field = match error {
                TreeError::TooMany | TreeError::TooDeep(_) | TreeError::Unrooted(_) => "rules",
            };
            faults.push(fault(field, error.to_string()));
            Tree::default()
        });
        faults.truncate(limits::FAULTS);
        (Router::new((drops, tree), default_service, zone), faults)
    }

    /// The same book with its services and destinations named otherwise.
    #[must_use]
    pub fn renamed(
        &self,
        services: &dyn Fn(&str) -> String,
        targets: &dyn Fn(&str) -> String,
    ) -> Self {
        Self {
            zone: self.zone.clone(),
            default_service: self.default_service.as_deref().map(services),
            drops: self.drops.clone(),
            rules: renamed(&self.rules, services, targets),
        }
    }

    /// Services that it names.
    pub fn services(&self) -> BTreeSet<String> {
        let mut names: BTreeSet<String> = self.default_service.iter().cloned().collect();
        collect(&self.rules, &mut names);
        names
    }
}

fn collect(rules: &[Rule], names: &mut BTreeSet<String>) {
    for rule in rules {
        names.extend(rule.service.iter().cloned());
        names.extend(
            rule.service_by
                .iter()
                .flat_map(|table| table.services.values().cloned()),
        );
        collect(&rule.rules, names);
    }
}

fn renamed(
    rules: &[Rule],
    services: &dyn Fn(&str) -> String,
    targets: &dyn Fn(&str) -> String,
) -> Vec<Rule> {
    let table = |table: &Table| Table {
        field: table.field.clone(),
        services: (table.services.iter())
            .map(|(value, name)| (value.clone(), services(name)))
            .collect(),
    };
    let one = |rule: &Rule| Rule {
        service: rule.service.as_deref().map(services),
        service_by: rule.service_by.as_ref().map(table),
        destinations: (rule.destinations.as_ref())
            .map(|names| names.iter().map(|name| targets(name)).collect()),
        rules: renamed(&rule.rules, services, targets),
        ..rule.clone()
    };
    rules.iter().map(one).collect()
}

fn fault(field: impl Into<String>, message: impl Into<String>) -> Fault {
    Fault {
        field: field.into(),
        message: message.into(),
    }
}

/// Reads a book row by row and notes what is wrong.
struct Reader<'a> {
    directory: &'a Directory,
    faults: Vec<Fault>,
    rows: Vec<RuleRow>,
    /// In the conditions that were taken so far.
    patterns: usize,
}

impl Reader<'_> {
    fn fault(&mut self, field: &str, message: impl Into<String>) {
        if self.faults.len() < limits::FAULTS {
            self.faults.push(fault(field, message));
        }
    }

    fn drops(&mut self, drops: &[Drop]) -> Vec<DropRule> {
        if drops.len() > limits::DROP_RULES {
            let message = format!("are more than {}", limits::DROP_RULES);
            self.fault("drops", message);
        }
        let mut rules = Vec::new();
        for (id, drop) in (0..).zip(drops.iter().take(limits::DROP_RULES)) {
            let place = format!("drops[{id}]");
            self.name(&place, &drop.name);
            let when = format!("{place}.when");
            if drop.when.trim().is_empty() {
                self.fault(&when, "must not be empty: it would drop everything");
                continue;
            }
            if let Some(condition) = self.condition(&when, &drop.when) {
                rules.push(DropRule {
                    id,
                    name: drop.name.clone(),
                    condition,
                    is_on: !drop.off,
                });
            }
        }
        rules
    }

    /// Reads siblings. What is too much is left for the tree to refuse: one row more than it takes
    /// is enough for that.
    fn rules(&mut self, rules: &[Rule], parent_id: Option<i64>, place: &str) {
        for (position, rule) in (0..).zip(rules) {
            if self.rows.len() > limits::ROUTING_RULES {
                return;
            }
            let place = format!("{place}[{position}]");
            self.name(&place, &rule.name);
            let condition = self.condition(&format!("{place}.when"), &rule.when);
            let service = self.choice(&place, rule);
            let destinations = rule.destinations.as_ref();
            let destinations = destinations.map(|names| self.destinations(&place, names));
            let Some(condition) = condition else { continue };
            let id = i64::try_from(self.rows.len()).unwrap_or(i64::MAX);
            self.rows.push(RuleRow {
                id,
                parent_id,
                position,
                name: rule.name.clone(),
                condition,
                continues: rule.continues,
                is_on: !rule.off,
                service,
                destinations,
            });
            self.rules(&rule.rules, Some(id), &format!("{place}.rules"));
        }
    }

    fn name(&mut self, place: &str, name: &str) {
        if name.trim().is_empty() {
            self.fault(&format!("{place}.name"), "must not be empty");
        } else if name.chars().count() > limits::NAME_CHARS {
            let message = format!("must have at most {} characters", limits::NAME_CHARS);
            self.fault(&format!("{place}.name"), message);
        }
    }

    fn condition(&mut self, place: &str, text: &str) -> Option<Condition> {
        let condition = Condition::parse(text)
            .map_err(|error| self.fault(place, error.to_string()))
            .ok()?;
        let patterns = self.patterns + condition.pattern_count();
        if patterns > limits::BOOK_PATTERNS {
            let message = format!(
                "the rules together try more than {} patterns; what is above takes no part",
                limits::BOOK_PATTERNS
            );
            self.fault(place, message);
            return None;
        }
        self.patterns = patterns;
        Some(condition)
    }

    fn choice(&mut self, place: &str, rule: &Rule) -> Option<ServiceChoice> {
        let Some(table) = &rule.service_by else {
            let name = rule.service.as_ref()?;
            let id = self.service(&format!("{place}.service"), name);
            return id.map(ServiceChoice::Fixed);
        };
        if rule.service.is_some() {
            self.fault(place, "must have either service or service_by");
        }
        let place = format!("{place}.service_by");
        let Some(field) = Field::parse(&table.field) else {
            let message = format!("there is no field {:?}", table.field);
            self.fault(&format!("{place}.field"), message);
            return None;
        };
        if table.services.len() > limits::TABLE_VALUES {
            let message = format!("has more than {} values", limits::TABLE_VALUES);
            self.fault(&format!("{place}.services"), message);
        }
        let mut services = BTreeMap::new();
        for (value, name) in table.services.iter().take(limits::TABLE_VALUES) {
            let id = self.service(&format!("{place}.services.{value}"), name);
            services.extend(id.map(|id| (value.clone(), id)));
        }
        Some(ServiceChoice::ByValue(ValueTable { field, services }))
    }

    fn service(&mut self, place: &str, name: &str) -> Option<i64> {
        let id = self.directory.services.get(name).copied();
        if id.is_none() {
            self.fault(place, format!("there is no service {name:?}"));
        }
        id
    }

    fn destinations(&mut self, place: &str, names: &[String]) -> BTreeSet<i64> {
        let mut ids = BTreeSet::new();
        for name in names {
            if let Some(id) = self.directory.destinations.get(name) {
                ids.insert(*id);
            } else {
                let message = format!("there is no destination {name:?}");
                self.fault(&format!("{place}.destinations"), message);
            }
        }
        ids
    }
}
