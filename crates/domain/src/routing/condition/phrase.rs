//! Why a condition holds, in words.

use super::form::{Operator, Row};
use super::{Condition, Field, Subject};
use crate::limits;
use cel::IdedExpr;
use cel::common::ast::{Expr, LiteralValue, operators};

/// The parts that made it hold, joined by "and".
pub(super) fn why(condition: &Condition, expr: &IdedExpr, subject: &Subject) -> String {
    let mut parts = Vec::new();
    collect(condition, expr, subject, &mut parts);
    parts.dedup();
    limits::cut_chars(&parts.join(" and "), limits::REASON_CHARS)
}

fn collect(condition: &Condition, expr: &IdedExpr, subject: &Subject, parts: &mut Vec<String>) {
    if let Some(row) = Row::of(condition, expr) {
        return parts.push(phrase(&row, subject));
    }
    match &expr.expr {
        Expr::Literal(LiteralValue::Boolean(_)) => parts.push("it takes everything".to_owned()),
        Expr::Call(call) if call.func_name == operators::LOGICAL_AND => {
            for arg in &call.args {
                collect(condition, arg, subject, parts);
            }
        }
        Expr::Call(call) if call.func_name == operators::LOGICAL_OR => {
            let holds = |arg: &&IdedExpr| condition.evaluate(arg, subject).unwrap_or(false);
            if let Some(arg) = call.args.iter().find(holds) {
                collect(condition, arg, subject, parts);
            }
        }
        Expr::Unspecified
        | Expr::Call(_)
        | Expr::Comprehension(_)
        | Expr::Ident(_)
        | Expr::List(_)
        | Expr::Literal(_)
        | Expr::Map(_)
        | Expr::Select(_)
        | Expr::Struct(_) => parts.push(format!("`{}` holds", condition.text)),
    }
}

fn phrase(row: &Row, subject: &Subject) -> String {
    let field = named(&row.field);
    let actual = || shown(&subject.text(&row.field));
    let first = row.values.first().map_or("", String::as_str);
    match row.operator {
        Operator::Is | Operator::OneOf if row.values.iter().all(String::is_empty) => {
            format!("{field} is not known")
        }
        Operator::IsNot if first.is_empty() => format!("{field} is {}", actual()),
        Operator::Is | Operator::OneOf | Operator::NoneOf => format!("{field} is {}", actual()),
        Operator::IsNot => format!("{field} is not {}", shown(first)),
        Operator::AtLeast | Operator::AtMost => {
            format!(
                "{field} is {}, which {} {first}",
                actual(),
                row.operator.words()
            )
        }
        Operator::Contains
        | Operator::ContainsNot
        | Operator::StartsWith
        | Operator::EndsWith
        | Operator::Matches => format!("{field} {} \"{first}\"", row.operator.words()),
    }
}

fn named(field: &Field) -> String {
    match field {
        Field::Named(name) => name.replace('_', " "),
        Field::Tag(key) => format!("tag {key}"),
    }
}

fn shown(value: &str) -> String {
    if value.is_empty() {
        "not known".to_owned()
    } else {
        limits::cut_chars(value, limits::REASON_VALUE_CHARS)
    }
}
