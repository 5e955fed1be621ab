//! What is wrong with a body, field by field, for doors that answer programs.

use super::wire::Wire;
use crate::limits::FAULTS;
use crate::time::Time;

/// One field at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its path: `payload.summary`, `stacktrace[0].file`; `body` for the whole.
    pub field: String,
    /// What is wrong, to be read after the field: "must be a text".
    pub message: String,
}

/// Collects faults, up to a limit.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// What was found, in the order of the questions.
    pub(crate) fn found(self) -> Vec<Fault> {
        self.0
    }

    pub(crate) fn add(&mut self, field: &str, message: &str) {
        if self.0.len() < FAULTS {
            self.0.push(Fault {
                field: field.to_owned(),
                message: message.to_owned(),
            });
        }
    }

    /// A text with something in it.
    pub(super) fn required_text(&mut self, (field, value): (&str, &Wire<'_>)) {
        match value.str().map(str::trim) {
            Some("") => self.add(field, "must not be empty"),
            Some(_) => {}
            None if *value == Wire::Null => self.add(field, "is required"),
            None => self.add(field, "must be a text"),
        }
    }

    /// A text, where there is one.
    pub(super) fn text(&mut self, (field, value): (&str, &Wire<'_>)) {
        if *value != Wire::Null && value.str().is_none() {
            self.add(field, "must be a text");
        }
    }

    /// A list of texts, where there is one.
    pub(super) fn texts(&mut self, (field, value): (&str, &Wire<'_>)) {
        self.list((field, value));
        for (number, item) in value.list().iter().enumerate() {
            if item.str().is_none() {
                self.add(&format!("{field}[{number}]"), "must be a text");
            }
        }
    }

    /// A list, where there is one.
    pub(super) fn list(&mut self, (field, value): (&str, &Wire<'_>)) {
        if !matches!(value, Wire::Null | Wire::List(_)) {
            self.add(field, "must be a list");
        }
    }

    /// An object, where there is one.
    pub(super) fn map(&mut self, (field, value): (&str, &Wire<'_>)) {
        if *value != Wire::Null && !value.is_map() {
            self.add(field, "must be an object");
        }
    }

    /// An instant, where there is one.
    pub(super) fn time(&mut self, (field, value): (&str, &Wire<'_>)) {
        if *value != Wire::Null && value.str().and_then(Time::parse).is_none() {
            self.add(
                field,
                "must be a time such as 2026-03-02T10:00:00Z (RFC 3339)",
            );
        }
    }

    /// An instant.
    pub(super) fn required_time(&mut self, (field, value): (&str, &Wire<'_>)) {
        if *value == Wire::Null {
            self.add(field, "is required");
        }
        self.time((field, value));
    }

    /// One of these words.
    pub(super) fn word(&mut self, (field, value): (&str, &Wire<'_>), words: &[&str]) {
        let known = |word: &str| words.contains(&word);
        if !value.str().is_some_and(known) {
            let fault = if *value == Wire::Null {
                "is required: one of "
            } else {
                "must be one of "
            };
            self.add(field, &format!("{fault}{}", words.join(", ")));
        }
    }
}
