//! The form that writes a condition, and reads it back where the text is no richer than the form.

use super::check::{PATTERN_VARIABLE, text_of};
use super::{Condition, ConditionError, Field};
use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, LiteralValue, operators};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// Rows joined by all or any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// How the rows are joined.
    pub joint: Joint,
    /// The rows; none: it holds always.
    pub rows: Vec<Row>,
}

/// How rows are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Joint {
    /// Every row must hold.
    All,
    /// One row is enough.
    Any,
}

/// One row: a field, an operator, a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What is looked at.
    pub field: Field,
    /// How.
    pub operator: Operator,
    /// The value; several for `one_of` and `none_of`, else one.
    pub values: Vec<String>,
}

/// How a row looks at its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// Equal.
    Is,
    /// Not equal.
    IsNot,
    /// Equal to one of several.
    OneOf,
    /// Equal to none of several.
    NoneOf,
    /// The text contains the value.
    Contains,
    /// The text does not contain the value.
    ContainsNot,
    /// The text begins with the value.
    StartsWith,
    /// The text ends with the value.
    EndsWith,
    /// The text has a place that fits the pattern.
    Matches,
    /// The number is the value or more.
    AtLeast,
    /// The number is the value or less.
    AtMost,
}

impl Operator {
    /// All, in the order of the form.
    pub const ALL: [Self; 11] = [
        Self::Is,
        Self::IsNot,
        Self::OneOf,
        Self::NoneOf,
        Self::Contains,
        Self::ContainsNot,
        Self::StartsWith,
        Self::EndsWith,
        Self::Matches,
        Self::AtLeast,
        Self::AtMost,
    ];

    /// The words between field and value, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "is not",
            Self::OneOf => "is one of",
            Self::NoneOf => "is none of",
            Self::Contains => "contains",
            Self::ContainsNot => "does not contain",
            Self::StartsWith => "begins with",
            Self::EndsWith => "ends with",
            Self::Matches => "matches",
            Self::AtLeast => "is at least",
            Self::AtMost => "is at most",
        }
    }
}

impl Form {
    /// The condition's text.
    pub fn text(&self) -> String {
        let joint = match self.joint {
            Joint::All => " && ",
            Joint::Any => " || ",
        };
        let rows: Vec<String> = self.rows.iter().map(Row::text).collect();
        rows.join(joint)
    }

    /// The condition, checked.
    pub fn condition(&self) -> Result<Condition, ConditionError> {
        Condition::parse(&self.text())
    }

    /// The form of a condition; none, if the text says more than a form can.
    pub fn of(condition: &Condition) -> Option<Self> {
        let whole = &condition.expr;
        if let Expr::Literal(LiteralValue::Boolean(truth)) = &whole.expr {
            return truth.inner().then(|| Self {
                joint: Joint::All,
                rows: Vec::new(),
            });
        }
        let joint = match name_of(whole) {
            operators::LOGICAL_OR => Joint::Any,
            _ => Joint::All,
        };
        let mut leaves = Vec::new();
        flatten(whole, joint, &mut leaves);
        let rows: Option<Vec<Row>> = leaves
            .into_iter()
            .map(|leaf| Row::of(condition, leaf))
            .collect();
        rows.map(|rows| Self { joint, rows })
    }
}

fn flatten<'a>(expr: &'a IdedExpr, joint: Joint, leaves: &mut Vec<&'a IdedExpr>) {
    let wanted = match joint {
        Joint::All => operators::LOGICAL_AND,
        Joint::Any => operators::LOGICAL_OR,
    };
    if let Expr::Call(call) = &expr.expr
        && call.func_name == wanted
    {
        for arg in &call.args {
            flatten(arg, joint, leaves);
        }
    } else {
        leaves.push(expr);
    }
}

fn name_of(expr: &IdedExpr) -> &str {
    if let Expr::Call(call) = &expr.expr {
        &call.func_name
    } else {
        ""
    }
}

impl Row {
    fn text(&self) -> String {
        let field = spelled(&self.field);
        let value = |value: &String| {
            if self.field.is_number() {
                value.trim().to_owned()
            } else {
                quoted(value)
            }
        };
        let first = self.values.first().map_or_else(|| quoted(""), value);
        let list: Vec<String> = self.values.iter().map(value).collect();
        let list = list.join(", ");
        match self.operator {
            Operator::Is => format!("{field} == {first}"),
            Operator::IsNot => format!("{field} != {first}"),
            Operator::OneOf => format!("{field} in [{list}]"),
            Operator::NoneOf => format!("!({field} in [{list}])"),
            Operator::Contains => format!("{field}.contains({first})"),
            Operator::ContainsNot => format!("!{field}.contains({first})"),
            Operator::StartsWith => format!("{field}.startsWith({first})"),
            Operator::EndsWith => format!("{field}.endsWith({first})"),
            Operator::Matches => format!("{field}.matches({first})"),
            Operator::AtLeast => format!("{field} >= {first}"),
            Operator::AtMost => format!("{field} <= {first}"),
        }
    }

    /// The row that a part of a condition is, if it is one.
    pub(super) fn of(condition: &Condition, expr: &IdedExpr) -> Option<Self> {
        if let Expr::Ident(name) = &expr.expr {
            let number = name.strip_prefix(PATTERN_VARIABLE)?.parse::<usize>().ok()?;
            let test = condition.tests.get(number)?;
            return Some(Self {
                field: test.field.clone(),
                operator: Operator::Matches,
                values: vec![test.pattern.as_str().to_owned()],
            });
        }
        let Expr::Call(call) = &expr.expr else {
            return None;
        };
        if call.func_name != operators::LOGICAL_NOT {
            return Self::of_call(call);
        }
        let Expr::Call(denied) = &call.args.first()?.expr else {
            return None;
        };
        let mut row = Self::of_call(denied)?;
        row.operator = match row.operator {
            Operator::OneOf => Operator::NoneOf,
            Operator::Contains => Operator::ContainsNot,
            Operator::Is
            | Operator::IsNot
            | Operator::NoneOf
            | Operator::ContainsNot
            | Operator::StartsWith
            | Operator::EndsWith
            | Operator::Matches
            | Operator::AtLeast
            | Operator::AtMost => return None,
        };
        Some(row)
    }

    fn of_call(call: &CallExpr) -> Option<Self> {
        let (field, value) = match (&call.target, call.args.as_slice()) {
            (Some(target), [value]) => (target.as_ref(), value),
            (None, [field, value]) => (field, value),
            _ => return None,
        };
        let Expr::Ident(name) = &field.expr else {
            return None;
        };
        let field = Field::parse(name)?;
        let operator = match call.func_name.as_str() {
            operators::EQUALS => Operator::Is,
            operators::NOT_EQUALS => Operator::IsNot,
            operators::IN => Operator::OneOf,
            operators::GREATER_EQUALS => Operator::AtLeast,
            operators::LESS_EQUALS => Operator::AtMost,
            "contains" => Operator::Contains,
            "startsWith" => Operator::StartsWith,
            "endsWith" => Operator::EndsWith,
            _ => return None,
        };
        let values = if let Expr::List(list) = &value.expr {
            list.elements.iter().map(literal).collect::<Option<_>>()?
        } else {
            vec![literal(value)?]
        };
        Some(Self {
            field,
            operator,
            values,
        })
    }
}

fn literal(expr: &IdedExpr) -> Option<String> {
    if let Expr::Literal(LiteralValue::Int(number)) = &expr.expr {
        return Some(number.inner().to_string());
    }
    text_of(expr)
}

/// The field as CEL spells it; odd tag keys stand in brackets.
fn spelled(field: &Field) -> String {
    match field {
        Field::Named(name) => (*name).to_owned(),
        Field::Tag(key) => format!("tags[{}]", quoted(key)),
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other if u32::from(other) < 0x20 || u32::from(other) == 0x7f => {
                // Writing to a String cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(other));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
