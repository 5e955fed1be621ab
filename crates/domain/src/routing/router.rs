//! A workspace's routing, ready to be asked: what opens nothing, and where the rest goes.

use super::drop::{self, DropRule, Dropped};
use super::ownership::Ownership;
use super::tree::{Routed, Tree};
use super::window::Zone;
use super::{Condition, Field, Subject};
use std::collections::BTreeMap;

/// The routing of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Router {
    drops: Vec<DropRule>,
    tree: Tree,
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
        Self {
            drops,
            tree,
            default_service,
            zone,
            ownership: Ownership::default(),
            service_names: BTreeMap::new(),
        }
    }

    /// Does a rule ask whose a file is?
    pub fn asks_for_owners(&self) -> bool {
        let owner = Field::Named("owner");
        let asks = |condition: &Condition| condition.fields().contains(&owner);
        self.drops.iter().any(|rule| asks(&rule.condition)) || self.tree.looks_at(&owner)
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
