//! A workspace's routing, ready to be asked: what opens nothing, and where the rest goes.

use super::drop::{self, DropRule, Dropped};
use super::ownership::Ownership;
use super::tree::{Routed, Tree};
use super::window::Zone;
use super::{Field, Subject};
use std::collections::BTreeMap;

/// The routing of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Router {
    drops: Vec<DropRule>,
    tree: Tree,
    asks_for_code: bool,
    /// The service that takes what no rule and no project table places.
    pub default_service: Option<i64>,
    /// Time zone of `weekday` and `hour`.
    pub zone: Zone,
    /// Whose files are; only filled when a rule asks.
    pub ownership: Ownership,
    /// Names of services, for sentences.
    pub service_names: BTreeMap<i64, String>,
}

impl Default for Router {
    fn default() -> Self {
        Self::new((Vec::new(), Tree::default()), None, Zone::utc())
    }
}

impl Router {
    /// A router of checked rules.
    pub fn new(
        (drops, tree): (Vec<DropRule>, Tree),
        default_service: Option<i64>,
        zone: Zone,
    ) -> Self {
        let asks_for_code = ["crash_file", "crash_function", "owner"]
            .into_iter()
            .any(|name| asks_about(&drops, &tree, name));
        Self {
            drops,
            tree,
            asks_for_code,
            default_service,
            zone,
            ownership: Ownership::default(),
            service_names: BTreeMap::new(),
        }
    }

    /// Does a rule ask whose a file is?
    pub fn asks_for_owners(&self) -> bool {
        asks_about(&self.drops, &self.tree, "owner")
    }

    /// Does a rule ask where in the code it happened? Then a delivery is read with its stack.
    pub fn asks_for_code(&self) -> bool {
        self.asks_for_code
    }

    /// Is there a rule that may drop something?
    pub fn drops_something(&self) -> bool {
        self.drops.iter().any(|rule| rule.is_on)
    }

    /// Is there a rule that may route something?
    pub fn routes_something(&self) -> bool {
        !self.tree.is_empty()
    }

    /// The rule that drops a signal, if one does.
    pub fn dropped(&self, subject: &Subject) -> Option<Dropped> {
        drop::judge(&self.drops, subject)
    }

    /// Where the tree sends a signal.
    pub fn route(&self, subject: &Subject) -> Routed {
        self.tree.route(subject)
    }

    /// The name of a service, for sentences.
    pub fn name_of(&self, service_id: i64) -> &str {
        self.service_names
            .get(&service_id)
            .map_or("a deleted service", String::as_str)
    }
}

fn asks_about(drops: &[DropRule], tree: &Tree, name: &'static str) -> bool {
    let field = Field::Named(name);
    let asks = |rule: &DropRule| rule.condition.fields().contains(&field);
    drops.iter().any(asks) || tree.looks_at(&field)
}
