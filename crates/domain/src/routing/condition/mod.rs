//! Conditions: CEL over the fields of a subject, compiled once.
//!
//! What bounds them (FIELD case 58): the length of the text, the nesting and the number of nodes
//! that the parser takes, and a language without loops, arithmetic and functions of its own. So an
//! evaluation looks at each node once. Patterns are compiled when the condition is saved, run in
//! linear time, and have a limit on their compiled size. Every expression has one type, checked when
//! it is saved: nothing is left that could fail later.

mod check;
mod error;
mod form;
mod phrase;
#[cfg(test)]
mod tests;

pub use error::ConditionError;
pub use form::{Form, Joint, Operator, Row};

use super::subject::{Field, Subject, Value};
use crate::limits;
use cel::common::types::{CelBool, CelInt, CelString};
use cel::common::value::CowVal;
use cel::context::VariableResolver;
use cel::parser::PrattParser;
use cel::{Context, Env, IdedExpr};
use check::{Checker, Kind};
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

/// A checked condition.
#[derive(Clone, Debug)]
pub struct Condition {
    text: String,
    expr: IdedExpr,
    tests: Vec<PatternTest>,
    fields: BTreeSet<Field>,
}

/// A field that is looked at with a pattern.
#[derive(Clone, Debug)]
struct PatternTest {
    field: Field,
    pattern: Regex,
}

/// The functions of CEL that conditions use; it holds nothing that changes.
static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    // The only possible failure is a name that is declared twice, which the tests would show.
    drop(env.add_extension(cel::extensions::strings));
    Arc::new(env)
});

impl Condition {
    /// Compiles and checks a text. The empty text holds always.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        if text.len() > limits::CONDITION_BYTES {
            let sentence = format!(
                "the condition is longer than {} bytes",
                limits::CONDITION_BYTES
            );
            return Err(ConditionError::new(sentence, (1, 1)));
        }
        let source = if text.trim().is_empty() { "true" } else { text };
        let parsed = PrattParser::new()
            .max_recursion_depth(limits::CONDITION_NESTING)
            .max_expression_node_count(limits::CONDITION_NODES)
            .error_recovery_limit(1)
            .parse(source)
            .map_err(|errors| check::syntax(&errors))?;
        let mut checker = Checker::new(source);
        let (expr, kind) = checker.check(parsed, 0)?;
        if kind != Kind::Truth {
            let sentence = format!("a condition must be true or false, this is {kind}");
            return Err(ConditionError::new(sentence, (1, 1)));
        }
        Ok(Self {
            text: text.to_owned(),
            expr,
            tests: checker.tests,
            fields: checker.fields,
        })
    }

    /// Does it hold? Whoever asks decides what a failure means; none is known that can happen.
    pub fn holds(&self, subject: &Subject) -> Result<bool, ConditionError> {
        self.evaluate(&self.expr, subject)
    }

    /// Does it hold, where a failure means no: what cannot be decided mutes and drops nothing.
    pub fn is_met(&self, subject: &Subject) -> bool {
        self.holds(subject).unwrap_or(false)
    }

    /// Why it holds, as a phrase: "project is shop-api and level is fatal".
    pub fn why(&self, subject: &Subject) -> String {
        phrase::why(self, &self.expr, subject)
    }

    /// The text as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The fields that it looks at.
    pub fn fields(&self) -> &BTreeSet<Field> {
        &self.fields
    }

    /// How many patterns it tries: what an evaluation costs.
    pub fn pattern_count(&self) -> usize {
        self.tests.len()
    }

    /// Is it the same for every subject? A silence with such a condition mutes everything or
    /// nothing, and wants a confirmation (FIELD case 47).
    pub fn is_constant(&self) -> bool {
        self.fields.is_empty()
    }

    fn evaluate(&self, expr: &IdedExpr, subject: &Subject) -> Result<bool, ConditionError> {
        let view = View {
            subject,
            tests: &self.tests,
        };
        let mut context = Context::with_env(Arc::clone(&ENV));
        context.set_variable_resolver(&view);
        match context.resolve(expr) {
            Ok(cel::Value::Bool(truth)) => Ok(truth),
            Ok(_) => Err(ConditionError::new("it is neither true nor false", (1, 1))),
            Err(error) => Err(ConditionError::new(error.to_string(), (1, 1))),
        }
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Condition {}

impl Serialize for Condition {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A subject as CEL's variables, borrowed.
struct View<'a> {
    subject: &'a Subject,
    tests: &'a [PatternTest],
}

impl VariableResolver for View<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        if let Some(number) = name.strip_prefix(check::PATTERN_VARIABLE) {
            let asked = self.tests.get(number.parse::<usize>().ok()?)?;
            let truth = match self.subject.value(&asked.field) {
                Value::Text(text) => asked.pattern.is_match(text),
                Value::Number(_) => false,
            };
            return Some(CowVal::owned(CelBool::from(truth)));
        }
        Some(match self.subject.value(&Field::parse(name)?) {
            Value::Text(text) => CowVal::owned(CelString::from(text)),
            Value::Number(number) => CowVal::owned(CelInt::from(number)),
        })
    }
}
