//! `/routes`: what is dropped and where the rest goes.

use super::parts::Icon;
use super::shell::{Choice, Shell};
use super::silences::ConditionRow;
use askama::Template;
use epicenter_domain::time::Time;

/// The rules that count, or a draft of them.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/routes.html")]
pub struct RoutesPage {
    /// What is around it.
    pub shell: Shell,
    /// May the user change the rules?
    pub is_admin: bool,
    /// May the user ask the rules?
    pub is_responder: bool,
    /// The version that the draft changes.
    pub version: i64,
    /// Who made it, and when; none for version 0.
    pub made: Option<(String, Time)>,
    /// Does the draft differ from it?
    pub is_changed: bool,
    /// The draft as JSON, for the form to carry along.
    pub draft: String,
    /// The draft as text, with names.
    pub text: String,
    /// Drop rules, in their order.
    pub drops: Vec<RouteRow>,
    /// Rules, each followed by those under it.
    pub rules: Vec<RouteRow>,
    /// The service that takes what no rule places.
    pub default_services: Vec<Choice>,
    /// Time zone of `weekday` and `hour`.
    pub zone: String,
    /// The rule that is edited.
    pub editor: Option<RouteEditor>,
    /// Why the draft was changed.
    pub comment: String,
    /// What is wrong, each with its place.
    pub faults: Vec<String>,
    /// What the draft would have done.
    pub preview: Option<RoutePreview>,
    /// The tester: what was asked.
    pub question: RouteQuestion,
    /// The tester's answer.
    pub answer: Option<RouteAnswer>,
}

/// One rule of the list.
#[expect(
    clippy::struct_excessive_bools,
    reason = "what the template asks, one by one"
)]
#[derive(Clone, Debug, Default)]
pub struct RouteRow {
    /// Its place, for the buttons.
    pub place: String,
    /// Its number for people: `2.1`.
    pub number: String,
    /// 1 at the top.
    pub depth: usize,
    /// Name.
    pub name: String,
    /// The condition; empty: always.
    pub when: String,
    /// Where it leads, in words.
    pub target: String,
    /// Does the next rule get its turn too?
    pub continues: bool,
    /// Not in use.
    pub is_off: bool,
    /// Is there one above it, among its siblings?
    pub can_up: bool,
    /// Is there one below it?
    pub can_down: bool,
    /// Why it takes no part, or not as it was meant; empty: it works.
    pub faults: Vec<String>,
}

/// The fields of one rule.
#[expect(
    clippy::struct_excessive_bools,
    reason = "what the template asks, one by one"
)]
#[derive(Clone, Debug, Default)]
pub struct RouteEditor {
    /// Its place; empty: a new one.
    pub place: String,
    /// A drop rule?
    pub is_drop: bool,
    /// Name.
    pub name: String,
    /// Is one row enough?
    pub is_any: bool,
    /// Rows of the condition.
    pub rows: Vec<ConditionRow>,
    /// The condition as text; it counts instead of the rows.
    pub text: String,
    /// Go on with the next rule?
    pub continues: bool,
    /// Not in use.
    pub is_off: bool,
    /// Services.
    pub services: Vec<Choice>,
    /// The field whose values name services.
    pub table_field: String,
    /// Lines `value = service`.
    pub table: String,
    /// Destinations that hear of it too, separated by commas.
    pub destinations: String,
}

/// What a draft would have done with the newest deliveries.
#[derive(Clone, Debug, Default)]
pub struct RoutePreview {
    /// In a sentence.
    pub summary: String,
    /// Name, now, then.
    pub counts: Vec<(String, usize, usize)>,
    /// Those that would go elsewhere.
    pub moves: Vec<RouteMove>,
    /// How many more would.
    pub more: usize,
}

/// One delivery that would go elsewhere.
#[derive(Clone, Debug)]
pub struct RouteMove {
    /// Delivery.
    pub delivery_id: String,
    /// What it is about.
    pub title: String,
    /// Where it went.
    pub old: String,
    /// Where it would go.
    pub new: String,
    /// Why.
    pub why: String,
}

/// What the tester is asked.
#[derive(Clone, Debug, Default)]
pub struct RouteQuestion {
    /// A stored delivery.
    pub delivery: String,
    /// Integrations of a pasted body.
    pub integrations: Vec<Choice>,
    /// What the sender calls it in a header.
    pub resource: String,
    /// The body.
    pub payload: String,
}

/// What the tester says.
#[derive(Clone, Debug, Default)]
pub struct RouteAnswer {
    /// What it is about.
    pub title: String,
    /// Where it ends.
    pub end: String,
    /// The way there.
    pub path: Vec<String>,
    /// What conditions see.
    pub fields: Vec<(String, String)>,
}

/// All versions, one of them compared with the one before it.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/route_versions.html")]
pub struct RouteVersionsPage {
    /// What is around it.
    pub shell: Shell,
    /// May the user bring a version back?
    pub is_admin: bool,
    /// The version that counts.
    pub newest: i64,
    /// Versions, newest first.
    pub rows: Vec<RouteVersionRow>,
    /// The version that is shown.
    pub chosen: i64,
    /// What it changed: a class for the colour, and the line with its sign.
    pub lines: Vec<(&'static str, String)>,
    /// Address of older versions.
    pub older: Option<String>,
}

/// One version.
#[derive(Clone, Debug)]
pub struct RouteVersionRow {
    /// Its number.
    pub number: i64,
    /// When it was made.
    pub made_at: Time,
    /// Who made it.
    pub actor: String,
    /// Why.
    pub comment: String,
}

impl RouteRow {
    /// How far it is set in; deeper ones look alike.
    pub fn level(&self) -> usize {
        self.depth.min(5)
    }
}
