//! What the walk knows about the lists and objects it is in.

use super::super::names::{Act, Class, Place};
use super::super::rules::Rule;

/// An open list or object.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub(super) place: Place,
    pub(super) object: bool,
    /// Bits of the rules that do not look into texts here.
    pub(super) without: u16,
    /// Objects: what the last key said about the value that comes next.
    pub(super) next: Class,
    /// Lists: the elements so far, up to 2.
    pub(super) elements: u8,
    /// A list in a list: perhaps a pair of a name and a value.
    pub(super) pair: bool,
    /// Objects: what the coming value is to a `{"key": …, "value": …}` pair.
    pub(super) role: Role,
    /// What the pair's name said.
    pub(super) named: Option<Class>,
    /// Where the last scalar began.
    pub(super) scalar: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Other,
    Name,
    Value,
}

impl Frame {
    /// What is known about the next value.
    pub(super) fn coming(&self) -> Class {
        if self.place == Place::Entries && !self.object {
            return Class {
                act: Act::Enter(Place::Entry),
                ..Class::PLAIN
            };
        }
        if self.place == Place::Variables && !self.object {
            return Class {
                act: Act::Remove(Some(Rule::FrameVars)),
                ..Class::PLAIN
            };
        }
        match self.named {
            Some(named) if self.object && self.role == Role::Value => named,
            Some(named) if !self.object && self.elements == 1 => named,
            _ if self.object => self.next,
            _ => Class::PLAIN,
        }
    }
}
