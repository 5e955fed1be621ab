//! Checks what the parser read: known fields and functions, one type each. Rewrites what is asked
//! of tags and patterns into plain variables, so that evaluating needs no lookups that can fail.

use super::error::{ConditionError, place_of};
use super::{Field, PatternTest};
use crate::limits;
use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, ListExpr, LiteralValue, operators};
use cel::parser::ParseErrors;
use regex::RegexBuilder;
use std::collections::BTreeSet;
use std::fmt;

/// How the variables begin that stand for a pattern's answer; no field begins so.
pub(super) const PATTERN_VARIABLE: &str = "@matches:";

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Truth,
    Text,
    Number,
    Texts,
    Numbers,
    Tags,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truth => "true or false",
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Texts => "a list of texts",
            Self::Numbers => "a list of numbers",
            Self::Tags => "all tags together",
        })
    }
}

type Checked = Result<(IdedExpr, Kind), ConditionError>;

/// What has been found so far.
pub(super) struct Checker<'a> {
    text: &'a str,
    nodes: usize,
    pub(super) tests: Vec<PatternTest>,
    pub(super) fields: BTreeSet<Field>,
}

/// The parser's first complaint as a sentence.
pub(super) fn syntax(errors: &ParseErrors) -> ConditionError {
    let Some(first) = errors.errors.iter().min_by_key(|error| error.pos) else {
        return ConditionError::new("it cannot be read", (1, 1));
    };
    let number = |position: isize| usize::try_from(position).unwrap_or(1).max(1);
    let told = first.msg.trim_start_matches("Syntax error: ");
    let sentence = if told.contains("recursion") {
        format!(
            "it is nested deeper than {} levels",
            limits::CONDITION_NESTING
        )
    } else if told.contains("node") {
        format!("it has more than {} parts", limits::CONDITION_NODES)
    } else {
        format!("it cannot be read: {}", limits::cut_chars(told, 160))
    };
    ConditionError::new(sentence, (number(first.pos.0), number(first.pos.1)))
}

impl<'a> Checker<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            nodes: 0,
            tests: Vec::new(),
            fields: BTreeSet::new(),
        }
    }

    fn refuse<T>(&self, sentence: impl Into<String>, word: &str) -> Result<T, ConditionError> {
        Err(ConditionError::new(sentence, place_of(self.text, word)))
    }

    /// The expression rewritten, and its type.
    pub(super) fn check(&mut self, expr: IdedExpr, depth: u16) -> Checked {
        if depth > limits::CONDITION_NESTING {
            let levels = limits::CONDITION_NESTING;
            return self.refuse(format!("it is nested deeper than {levels} levels"), "");
        }
        self.nodes += 1;
        if self.nodes > limits::CONDITION_NODES {
            let most = limits::CONDITION_NODES;
            return self.refuse(format!("it has more than {most} parts"), "");
        }
        let id = expr.id;
        let (expr, kind) = match expr.expr {
            Expr::Literal(literal) => self.literal(literal)?,
            Expr::Ident(name) => return self.variable(id, &name),
            Expr::Select(select) => {
                let is_tags = select.operand.expr == Expr::Ident("tags".to_owned());
                if !is_tags {
                    let sentence = format!(
                        "only tags have fields of their own; \"{}\" has none",
                        select.field
                    );
                    return self.refuse(sentence, &select.field);
                }
                let variable = self.tag(id, &select.field)?;
                return Ok(if select.test {
                    (present(variable), Kind::Truth)
                } else {
                    (variable, Kind::Text)
                });
            }
            Expr::Call(call) => return self.call(id, call, depth),
            Expr::List(list) => self.list(list, depth)?,
            Expr::Comprehension(_) => {
                return self.refuse("loops (all, exists, map, filter) cannot be used here", "");
            }
            Expr::Map(_) | Expr::Struct(_) => {
                return self.refuse("objects in braces cannot be used here", "{");
            }
            Expr::Unspecified => return self.refuse("a part of it is empty", ""),
        };
        Ok((IdedExpr { id, expr }, kind))
    }

    fn literal(&self, literal: LiteralValue) -> Result<(Expr, Kind), ConditionError> {
        let kind = match &literal {
            LiteralValue::Boolean(_) => Kind::Truth,
            LiteralValue::String(_) => Kind::Text,
            LiteralValue::Int(_) => Kind::Number,
            LiteralValue::Bytes(_)
            | LiteralValue::Double(_)
            | LiteralValue::Null
            | LiteralValue::UInt(_) => {
                return self.refuse("use texts, whole numbers, true and false only", "");
            }
        };
        Ok((Expr::Literal(literal), kind))
    }

    fn variable(&mut self, id: u64, name: &str) -> Checked {
        let expr = Expr::Ident(name.to_owned());
        if name == "tags" {
            return Ok((IdedExpr { id, expr }, Kind::Tags));
        }
        let Some(field) = Field::parse(name) else {
            let known = super::super::subject::NAMES.join(", ");
            let sentence = format!("there is no field \"{name}\"; known are {known} and tags.…");
            return self.refuse(sentence, name);
        };
        let kind = if field.is_number() {
            Kind::Number
        } else {
            Kind::Text
        };
        self.fields.insert(field);
        Ok((IdedExpr { id, expr }, kind))
    }

    fn tag(&mut self, id: u64, key: &str) -> Result<IdedExpr, ConditionError> {
        if key.is_empty() {
            return self.refuse("say which tag: \"name\" in tags", "\"\"");
        }
        self.fields.insert(Field::Tag(key.to_owned()));
        Ok(IdedExpr {
            id,
            expr: Expr::Ident(format!("tags.{key}")),
        })
    }

    fn list(&mut self, list: ListExpr, depth: u16) -> Result<(Expr, Kind), ConditionError> {
        let mut elements = Vec::with_capacity(list.elements.len());
        let mut kind = None;
        for element in list.elements {
            let is_literal = matches!(element.expr, Expr::Literal(_));
            let (element, found) = self.check(element, depth + 1)?;
            let found = match (found, is_literal) {
                (Kind::Text, true) => Kind::Texts,
                (Kind::Number, true) => Kind::Numbers,
                _ => return self.refuse("a list holds texts or numbers in full only", "["),
            };
            if kind.replace(found).is_some_and(|earlier| earlier != found) {
                return self.refuse("a list holds either texts or numbers, not both", "[");
            }
            elements.push(element);
        }
        let Some(kind) = kind else {
            return self.refuse("an empty list matches nothing", "[");
        };
        Ok((Expr::List(ListExpr::new(elements)), kind))
    }

    fn call(&mut self, id: u64, call: CallExpr, depth: u16) -> Checked {
        if let Some(rewritten) = self.rewrite(id, &call)? {
            return Ok(rewritten);
        }
        let mut kinds = Vec::with_capacity(call.args.len() + 1);
        let target = match call.target {
            Some(target) => {
                let (target, kind) = self.check(*target, depth + 1)?;
                kinds.push(kind);
                Some(Box::new(target))
            }
            None => None,
        };
        let mut args = Vec::with_capacity(call.args.len());
        for arg in call.args {
            let (arg, kind) = self.check(arg, depth + 1)?;
            kinds.push(kind);
            args.push(arg);
        }
        let kind = self.kind_of(&call.func_name, &kinds)?;
        let expr = Expr::Call(CallExpr {
            func_name: call.func_name,
            target,
            args,
        });
        Ok((IdedExpr { id, expr }, kind))
    }

    /// What a function or an operator makes of its operands.
    fn kind_of(&self, name: &str, kinds: &[Kind]) -> Result<Kind, ConditionError> {
        use Kind::{Number, Numbers, Text, Texts, Truth};
        let known = match (name, kinds) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR, [Truth, Truth])
            | (operators::LOGICAL_NOT, [Truth])
            | (
                operators::EQUALS | operators::NOT_EQUALS,
                [Truth, Truth] | [Text, Text] | [Number, Number],
            )
            | (
                operators::LESS
                | operators::LESS_EQUALS
                | operators::GREATER
                | operators::GREATER_EQUALS,
                [Number, Number],
            )
            | (operators::IN, [Text, Texts] | [Number, Numbers])
            | ("contains" | "startsWith" | "endsWith", [Text, Text]) => Some(Truth),
            (operators::CONDITIONAL, [Truth, one, other]) if one == other => Some(*one),
            ("size", [Text]) => Some(Number),
            ("lowerAscii", [Text]) => Some(Text),
            _ => None,
        };
        match known {
            Some(kind) => Ok(kind),
            None => self.refuse(misuse(name, kinds), word_of(name)),
        }
    }

    /// What is asked of tags and patterns, as plain variables.
    fn rewrite(
        &mut self,
        id: u64,
        call: &CallExpr,
    ) -> Result<Option<(IdedExpr, Kind)>, ConditionError> {
        match (call.func_name.as_str(), &call.target, call.args.as_slice()) {
            (operators::INDEX, None, [of, key]) => match (&of.expr, text_of(key)) {
                (Expr::Ident(name), Some(key)) if name == "tags" => {
                    Ok(Some((self.tag(id, &key)?, Kind::Text)))
                }
                _ => self.refuse("only a tag is looked up so: tags[\"name\"]", "["),
            },
            (operators::IN, None, [key, of]) if of.expr == Expr::Ident("tags".to_owned()) => {
                match text_of(key) {
                    Some(key) => Ok(Some((present(self.tag(id, &key)?), Kind::Truth))),
                    None => self.refuse("say which tag: \"name\" in tags", "tags"),
                }
            }
            ("matches", Some(target), [pattern]) => self.pattern(id, target, pattern).map(Some),
            ("matches", None, [target, pattern]) => self.pattern(id, target, pattern).map(Some),
            _ => Ok(None),
        }
    }

    fn pattern(&mut self, id: u64, target: &IdedExpr, pattern: &IdedExpr) -> Checked {
        let (target, kind) = self.check(target.clone(), 0)?;
        let field = if let (Expr::Ident(name), Kind::Text) = (&target.expr, kind) {
            Field::parse(name)
        } else {
            None
        };
        let (Some(field), Some(pattern)) = (field, text_of(pattern)) else {
            let sentence = "matches needs a field and a pattern in quotes: title.matches(\"^5..\")";
            return self.refuse(sentence, "matches");
        };
        if self.tests.len() >= limits::CONDITION_PATTERNS {
            let most = limits::CONDITION_PATTERNS;
            return self.refuse(format!("it has more than {most} patterns"), "matches");
        }
        let built = RegexBuilder::new(&pattern)
            .size_limit(limits::PATTERN_BYTES)
            .dfa_size_limit(limits::PATTERN_BYTES)
            .nest_limit(limits::PATTERN_NESTING)
            .build();
        let pattern = match built {
            Ok(pattern) => pattern,
            Err(regex::Error::CompiledTooBig(_)) => {
                return self.refuse("the pattern is too large", "matches");
            }
            Err(_) => {
                let sentence = format!("the pattern \"{pattern}\" cannot be read");
                return self.refuse(limits::cut_chars(&sentence, 200), "matches");
            }
        };
        let expr = Expr::Ident(format!("{PATTERN_VARIABLE}{}", self.tests.len()));
        self.tests.push(PatternTest { field, pattern });
        Ok((IdedExpr { id, expr }, Kind::Truth))
    }
}

/// The text of a literal.
pub(super) fn text_of(expr: &IdedExpr) -> Option<String> {
    if let Expr::Literal(LiteralValue::String(text)) = &expr.expr {
        Some(text.inner().to_owned())
    } else {
        None
    }
}

/// `variable != ""`.
fn present(variable: IdedExpr) -> IdedExpr {
    let id = variable.id;
    let empty = IdedExpr {
        id,
        expr: Expr::Literal(LiteralValue::String(String::new().into())),
    };
    let expr = Expr::Call(CallExpr {
        func_name: operators::NOT_EQUALS.to_owned(),
        target: None,
        args: vec![variable, empty],
    });
    IdedExpr { id, expr }
}

/// The operator as it is written.
fn word_of(name: &str) -> &str {
    match name {
        operators::CONDITIONAL | operators::OPT_INDEX | operators::OPT_SELECT => "?",
        operators::IN => "in",
        other => other.trim_matches('_'),
    }
}

fn misuse(name: &str, kinds: &[Kind]) -> String {
    let word = word_of(name);
    let told: Vec<String> = kinds.iter().map(ToString::to_string).collect();
    match (name, kinds) {
        (
            operators::LESS
            | operators::LESS_EQUALS
            | operators::GREATER
            | operators::GREATER_EQUALS,
            [Kind::Text, Kind::Text],
        ) => format!("\"{word}\" compares numbers; for texts list them: severity in [\"error\"]"),
        (
            operators::ADD
            | operators::SUBSTRACT
            | operators::MULTIPLY
            | operators::DIVIDE
            | operators::MODULO
            | operators::NEGATE,
            _,
        ) => format!("conditions do not calculate: \"{word}\" cannot be used"),
        (operators::EQUALS | operators::NOT_EQUALS, _) => {
            format!("\"{word}\" cannot compare {}", told.join(" with "))
        }
        _ => format!("\"{word}\" cannot be used with {}", told.join(" and ")),
    }
}
