//! Drop rules: what shall open nothing. What says that something is over is never dropped.

use super::{Condition, Subject};
use serde::{Deserialize, Serialize};

/// One drop rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DropRule {
    /// Our id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// What it drops.
    pub condition: Condition,
    /// In use?
    pub is_on: bool,
}

/// Why a signal is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// The rule.
    pub rule_id: i64,
    /// Why, as a sentence.
    pub reason: String,
}

/// The first rule that drops a signal. It is still counted and kept in the delivery log.
pub fn judge(rules: &[DropRule], subject: &Subject) -> Option<Dropped> {
    if subject.is_resolve {
        return None;
    }
    let rule = rules
        .iter()
        .find(|rule| rule.is_on && rule.condition.is_met(subject))?;
    Some(Dropped {
        rule_id: rule.id,
        reason: format!(
            "Dropped by the rule \"{}\" because {}",
            rule.name,
            rule.condition.why(subject)
        ),
    })
}
