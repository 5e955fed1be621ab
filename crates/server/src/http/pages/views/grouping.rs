//! `/settings/grouping`: which alerts join an open incident by themselves.

use super::parts::Icon;
use super::shell::Shell;
use askama::Template;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/grouping.html")]
#[expect(clippy::struct_excessive_bools, reason = "one for each box to tick")]
pub struct GroupingPage {
    /// What is around it.
    pub shell: Shell,
    /// May the visitor change it?
    pub is_admin: bool,
    /// What is wrong with what was entered.
    pub fault: Option<String>,
    /// Group at all?
    pub is_on: bool,
    /// By the same deploy and crash?
    pub by_deploy: bool,
    /// By the same deploy and family of exceptions?
    pub by_family: bool,
    /// By stacks that are alike, from this percentage on.
    pub alike_percent: Option<u64>,
    /// Does the window count from the opening?
    pub is_fixed: bool,
    /// Length of the window.
    pub window_seconds: i64,
    /// Rules on equal fields, with an empty one at the end to be filled in.
    pub rules: Vec<GroupRuleForm>,
}

/// A rule as it is entered.
#[derive(Clone, Debug, Default)]
pub struct GroupRuleForm {
    /// Name.
    pub name: String,
    /// Condition.
    pub condition: String,
    /// Fields, separated by commas.
    pub equal: String,
}
