//! Between a rule and the fields that edit it.

use super::forms::Fields;
use super::route_draft::Either;
use super::views::{Choice, ConditionRow, RouteEditor};
use crate::operations::routes::Names;
use epicenter_domain::routing::book::{Drop, Rule, Table};
use epicenter_domain::routing::condition::{Form as ConditionForm, Joint, Operator, Row};
use epicenter_domain::routing::subject::NAMES;
use epicenter_domain::routing::{Condition, Field};
use std::fmt::Write;

/// Rows of the condition; more of them want the text.
const ROWS: usize = 4;

/// Operators with their words for programs.
const OPERATORS: [(&str, Operator); 11] = [
    ("is", Operator::Is),
    ("is_not", Operator::IsNot),
    ("one_of", Operator::OneOf),
    ("none_of", Operator::NoneOf),
    ("contains", Operator::Contains),
    ("contains_not", Operator::ContainsNot),
    ("starts_with", Operator::StartsWith),
    ("ends_with", Operator::EndsWith),
    ("matches", Operator::Matches),
    ("at_least", Operator::AtLeast),
    ("at_most", Operator::AtMost),
];

fn condition_row(place: usize, (field, operator, value): (&str, &str, &str)) -> ConditionRow {
    let words = OPERATORS.map(|(word, operator)| (word, operator.words()));
    let mut fields: Vec<&str> = NAMES.to_vec();
    if !fields.contains(&field) {
        // A tag, which the list cannot know beforehand.
        fields.push(field);
    }
    ConditionRow {
        place,
        fields: Choice::list(fields.into_iter().map(|name| (name, name)), field),
        operators: Choice::list(words, operator),
        value: value.to_owned(),
    }
}

fn word_of(operator: Operator) -> &'static str {
    let found = OPERATORS.into_iter().find(|(_, one)| *one == operator);
    found.map_or("is", |(word, _)| word)
}

/// The rows of a condition, or its text where the rows cannot say it.
fn rows_of(when: &str) -> (Joint, Vec<ConditionRow>, String) {
    let form = Condition::parse(when)
        .ok()
        .and_then(|condition| ConditionForm::of(&condition))
        .filter(|form| form.rows.len() <= ROWS);
    let text = if form.is_some() { "" } else { when };
    let joint = form.as_ref().map_or(Joint::All, |form| form.joint);
    let known = form.map(|form| form.rows).unwrap_or_default();
    let suggested = ["project", "environment", "title", "level"];
    let rows = suggested.into_iter().enumerate().take(ROWS);
    let rows = rows.map(|(place, suggestion)| match known.get(place) {
        Some(row) => {
            let field = row.field.to_string();
            let operator = word_of(row.operator);
            condition_row(place, (&field, operator, &row.values.join(", ")))
        }
        None => condition_row(place, (suggestion, "is", "")),
    });
    (joint, rows.collect(), text.to_owned())
}

fn service_choices(names: &Names, chosen: &str) -> Vec<Choice> {
    let none = ("", "as the rule above, or by default");
    Choice::list(std::iter::once(none).chain(names.services()), chosen)
}

/// Lines `value = service`.
fn table_lines(table: &Table) -> String {
    let mut lines = String::new();
    for (value, service) in &table.services {
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "{value} = {service}");
    }
    lines
}

/// The editor of a rule; services stand in it by name where they are in lines.
pub(super) fn editor(place: &str, rule: &Either, names: &Names) -> RouteEditor {
    let (name, when, is_off) = match rule {
        Either::Drop(drop) => (&drop.name, &drop.when, drop.off),
        Either::Rule(rule) => (&rule.name, &rule.when, rule.off),
    };
    let (joint, rows, text) = rows_of(when);
    let mut editor = RouteEditor {
        place: place.to_owned(),
        is_drop: matches!(rule, Either::Drop(_)),
        name: name.clone(),
        is_any: joint == Joint::Any,
        rows,
        text,
        is_off,
        ..RouteEditor::default()
    };
    if let Either::Rule(rule) = rule {
        editor.continues = rule.continues;
        editor.services = service_choices(names, rule.service.as_deref().unwrap_or_default());
        if let Some(table) = &rule.service_by {
            editor.table_field.clone_from(&table.field);
            editor.table = table_lines(table);
        }
        editor.destinations = rule.destinations.clone().unwrap_or_default().join(", ");
    }
    editor
}

/// The editor as it was filled, to be shown again.
pub(super) fn again(fields: &Fields, names: &Names) -> RouteEditor {
    let get = |name: &str, place: usize| fields.get(&format!("{name}_{place}"));
    let row = |place: usize| {
        let (field, operator) = (get("field", place), get("operator", place));
        condition_row(place, (field, operator, get("value", place)))
    };
    RouteEditor {
        place: fields.get("place").to_owned(),
        is_drop: fields.is_on("is_drop"),
        name: fields.get("name").to_owned(),
        is_any: fields.get("joint") == "any",
        rows: (0..ROWS).map(row).collect(),
        text: fields.get("when").to_owned(),
        continues: fields.is_on("continue"),
        is_off: fields.is_on("off"),
        services: service_choices(names, fields.get("service")),
        table_field: fields.get("table_field").to_owned(),
        table: fields.get("table").to_owned(),
        destinations: fields.get("destinations").to_owned(),
    }
}

/// The condition of the fields: the text, or else what the rows write.
fn when(fields: &Fields) -> String {
    let text = fields.get("when").trim();
    if !text.is_empty() {
        return text.to_owned();
    }
    let row = |place: usize| {
        let get = |name: &str| fields.get(&format!("{name}_{place}")).trim();
        let known = |(word, _): &(&str, Operator)| *word == get("operator");
        let (_, operator) = OPERATORS.into_iter().find(known)?;
        let value = get("value");
        if value.is_empty() {
            return None;
        }
        let values = match operator {
            Operator::OneOf | Operator::NoneOf => words(value),
            Operator::Is
            | Operator::IsNot
            | Operator::Contains
            | Operator::ContainsNot
            | Operator::StartsWith
            | Operator::EndsWith
            | Operator::Matches
            | Operator::AtLeast
            | Operator::AtMost => vec![value.to_owned()],
        };
        let field = Field::parse(get("field"))?;
        Some(Row {
            field,
            operator,
            values,
        })
    };
    let joint = match fields.get("joint") {
        "any" => Joint::Any,
        _ => Joint::All,
    };
    let rows = (0..ROWS).filter_map(row).collect();
    ConditionForm { joint, rows }.text()
}

fn words(text: &str) -> Vec<String> {
    text.split(',')
        .map(|word| word.trim().to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

/// The rule that the fields describe.
pub(super) fn rule(fields: &Fields) -> Either {
    let name = fields.get("name").trim().to_owned();
    let (when, off) = (when(fields), fields.is_on("off"));
    if fields.is_on("is_drop") {
        return Either::Drop(Drop { name, when, off });
    }
    let field = fields.get("table_field").trim();
    let lines = fields.get("table").lines();
    let service_by = (!field.is_empty()).then(|| Table {
        field: field.to_owned(),
        services: lines
            .filter_map(|line| line.rsplit_once('='))
            .map(|(value, service)| (value.trim().to_owned(), service.trim().to_owned()))
            .collect(),
    });
    let service = Some(fields.get("service")).filter(|id| !id.is_empty());
    let destinations = words(fields.get("destinations"));
    Either::Rule(Rule {
        name,
        when,
        continues: fields.is_on("continue"),
        off,
        service: service.map(str::to_owned),
        service_by,
        destinations: (!destinations.is_empty()).then_some(destinations),
        rules: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_comes_back_from_the_fields_that_were_made_of_it() {
        let body = "name=+pay+&joint=any&field_0=project&operator_0=one_of&value_0=shop,+web\
                    &field_1=users&operator_1=at_least&value_1=5&field_2=title&operator_2=is\
                    &value_2=&continue=on&service=svc_1&table_field=owner&table=%40a%2Fb+%3D+Web";
        let made = rule(&Fields::read(body.as_bytes()));
        let Either::Rule(rule) = &made else {
            panic!("{made:?}")
        };
        assert_eq!(rule.when, r#"project in ["shop", "web"] || users >= 5"#);
        assert_eq!(rule.name, "pay");
        assert!(rule.continues && !rule.off);
        let table = rule.service_by.as_ref().unwrap();
        assert_eq!(table.services["@a/b"], "Web");
        let shown = editor("0", &made, &Names::default());
        assert_eq!(shown.rows[0].value, "shop, web");
        assert!(shown.is_any && shown.text.is_empty());
        assert_eq!(shown.table, "@a/b = Web\n");
    }

    #[test]
    fn what_the_rows_cannot_say_stays_a_text() {
        let text = "(level == 'fatal' || users > 5) && project == 'shop'";
        let rich = Either::Drop(Drop {
            when: text.to_owned(),
            ..Drop::default()
        });
        assert_eq!(editor("d0", &rich, &Names::default()).text, text);
    }
}
