//! One pass over a body: follows the names, and copies what stays.

mod frame;

use frame::{Frame, Role};

use super::SCRUBBED;
use super::names::{Act, Class, Place, class_of};
use super::rules::{Rule, Rules};
use super::text::{mask, mask_string};
use crate::json::{Kind, Piece, Reader, decode, marks};
use std::borrow::Cow;

/// Slots of the memory of names already looked at; frames repeat theirs many times.
const REMEMBERED: usize = 256;

/// What stands for the rest of a body that breaks inside a value that must go.
const REST: &[u8] = b"\"[scrubbed]\"";

/// Scrubs once. The flag: was it JSON to the end?
pub(super) fn walk<'a>(body: &'a [u8], rules: &Rules) -> (Cow<'a, [u8]>, bool) {
    let mut walker = Walker {
        body,
        rules,
        reader: Reader::new(body),
        out: Vec::new(),
        copied: 0,
        open: Vec::with_capacity(24),
        remembered: [None; REMEMBERED],
    };
    let whole = loop {
        match walker.reader.next() {
            Ok(Some(piece)) => {
                if !walker.piece(piece) {
                    break false;
                }
            }
            Ok(None) => break true,
            Err(_) => {
                walker.rest_as_text();
                break false;
            }
        }
    };
    (walker.finish(), whole)
}

#[derive(Clone, Copy)]
struct Remembered {
    start: usize,
    end: usize,
    place: Place,
    class: Class,
}

struct Walker<'a, 'r> {
    body: &'a [u8],
    rules: &'r Rules,
    reader: Reader<'a>,
    out: Vec<u8>,
    /// Everything before this place is in `out`, or dropped.
    copied: usize,
    open: Vec<Frame>,
    remembered: [Option<Remembered>; REMEMBERED],
}

impl<'a> Walker<'a, '_> {
    /// Takes one piece; `false`: it broke inside a value that must go, so the rest went with it.
    fn piece(&mut self, piece: Piece) -> bool {
        match piece.kind {
            Kind::ObjectEnd | Kind::ArrayEnd => {
                self.open.pop();
                true
            }
            Kind::Key => {
                self.key(piece);
                true
            }
            Kind::ObjectStart | Kind::ArrayStart => {
                let class = self.class_here();
                self.container(piece, class)
            }
            Kind::String => {
                self.remember_name(piece);
                let class = self.class_here();
                self.string(piece, class);
                true
            }
            Kind::Number | Kind::Bool | Kind::Null => {
                let class = self.class_here();
                self.scalar(piece, class);
                true
            }
        }
    }

    /// What is known about the value that comes now; counts it.
    fn class_here(&mut self) -> Class {
        let Some(frame) = self.open.last_mut() else {
            return Class::PLAIN;
        };
        let class = frame.coming();
        frame.elements = (frame.elements + 1).min(2);
        frame.next = Class::PLAIN;
        frame.role = Role::Other;
        class
    }

    fn key(&mut self, piece: Piece) {
        let place = match self.open.last() {
            Some(frame) => frame.place,
            None => Place::Any,
        };
        let class = self.class_of(piece, place);
        let role = match self.inner(piece) {
            b"key" | b"name" => Role::Name,
            b"value" => Role::Value,
            _ => Role::Other,
        };
        if let Some(frame) = self.open.last_mut() {
            frame.next = class;
            frame.role = role;
        }
        let bits = self.rules.bits() & !Rule::UrlParameters.bit();
        if let Some(masked) = mask_string(self.inner(piece), piece.marks, bits) {
            self.put(piece.start + 1, piece.end - 1, &masked);
        }
    }

    /// The bytes between the quotes.
    fn inner(&self, piece: Piece) -> &'a [u8] {
        self.body
            .get(piece.start + 1..piece.end - 1)
            .unwrap_or_default()
    }

    fn class_of(&mut self, piece: Piece, place: Place) -> Class {
        let name = self.inner(piece);
        if piece.marks & marks::ESCAPE != 0 {
            return class_of(&decode(name).0, place, self.rules);
        }
        let first = name.first().copied().unwrap_or(0);
        let last = name.last().copied().unwrap_or(0);
        let slot = name.len() * 41 + usize::from(first) * 3 + usize::from(last) * 17;
        let slot = slot % REMEMBERED;
        if let Some(Some(known)) = self.remembered.get(slot)
            && known.place == place
            && self.body.get(known.start..known.end) == Some(name)
        {
            return known.class;
        }
        let class = class_of(name, place, self.rules);
        if let Some(slot) = self.remembered.get_mut(slot) {
            *slot = Some(Remembered {
                start: piece.start + 1,
                end: piece.end - 1,
                place,
                class,
            });
        }
        class
    }

    /// Pairs `["release", "1.2"]` and `{"key": "release", "value": "1.2"}`.
    fn remember_name(&mut self, piece: Piece) {
        let Some(frame) = self.open.last() else {
            return;
        };
        let names = if frame.object {
            frame.role == Role::Name
        } else {
            frame.pair && frame.elements == 0
        };
        if names {
            let place = frame.place;
            let class = self.class_of(piece, place);
            if let Some(frame) = self.open.last_mut() {
                frame.named = Some(class);
            }
        }
    }

    fn container(&mut self, piece: Piece, class: Class) -> bool {
        let removed = match class.act {
            Act::Remove(rule) => self.removes(rule),
            Act::RemoveText(rule) | Act::RemoveNested(rule) => self.rules.is_on(rule),
            Act::Mask | Act::Enter(_) | Act::Email | Act::Ip | Act::User => false,
        };
        let object = piece.kind == Kind::ObjectStart;
        if removed {
            let end = self.reader.skip(piece);
            match end {
                Ok(end) => self.put(piece.start, end, if object { b"{}" } else { b"[]" }),
                Err(_) => self.put(piece.start, self.body.len(), REST),
            }
            return end.is_ok();
        }
        let outer = self.open.last();
        let outer_list = outer.is_some_and(|frame| !frame.object);
        let mut without = if object {
            outer.map_or(0, |frame| if frame.object { frame.without } else { 0 })
        } else {
            outer.map_or(0, |frame| frame.without)
        };
        if class.below || !object {
            without |= class.without;
        }
        self.open.push(Frame {
            place: self.place_in(class.act, object),
            object,
            without,
            next: Class::PLAIN,
            elements: 0,
            pair: !object && outer_list,
            role: Role::Other,
            named: None,
            scalar: 0,
        });
        true
    }

    fn place_in(&self, act: Act, object: bool) -> Place {
        match act {
            Act::Enter(Place::Variables) if !self.rules.is_on(Rule::FrameVars) => Place::Any,
            Act::Enter(place @ (Place::Entries | Place::Variables)) => place,
            Act::Enter(place) if object => place,
            Act::User if object => Place::User,
            Act::Mask
            | Act::Enter(_)
            | Act::Email
            | Act::Ip
            | Act::User
            | Act::Remove(_)
            | Act::RemoveText(_)
            | Act::RemoveNested(_) => Place::Any,
        }
    }

    fn removes(&self, rule: Option<Rule>) -> bool {
        rule.is_none_or(|rule| self.rules.is_on(rule))
    }

    fn scalar(&mut self, piece: Piece, class: Class) {
        if let Some(frame) = self.open.last_mut() {
            frame.scalar = piece.start;
        }
        if let (Kind::Number, Act::Remove(rule)) = (piece.kind, class.act)
            && self.removes(rule)
        {
            self.put(piece.start, piece.end, b"null");
        }
    }

    fn string(&mut self, piece: Piece, class: Class) {
        let mut bits = self.rules.bits() & !class.without;
        if let Some(frame) = self.open.last() {
            bits &= !frame.without;
        }
        match class.act {
            Act::Remove(Some(rule)) if !self.rules.is_on(rule) => bits &= !own_mask(rule),
            Act::RemoveText(rule) if !self.rules.is_on(rule) => {}
            Act::Remove(_) | Act::RemoveText(_) => return self.put_text(piece, SCRUBBED),
            Act::Email if self.rules.is_on(Rule::EmailsInText) => {
                return self.put_text(piece, b"[email]");
            }
            Act::Ip if self.rules.is_on(Rule::IpsInText) => return self.put_text(piece, b"[ip]"),
            Act::User => bits = self.user_bits(bits),
            Act::Mask | Act::Enter(_) | Act::RemoveNested(_) | Act::Email | Act::Ip => {}
        }
        if let Some(masked) = mask_string(self.inner(piece), piece.marks, bits) {
            self.put(piece.start + 1, piece.end - 1, &masked);
        }
    }

    /// `ip:203.0.113.9`, `email:ann@example.com`: the rules for users decide.
    fn user_bits(&self, bits: u16) -> u16 {
        let mut bits = bits;
        for (user, text) in [
            (Rule::UserEmail, Rule::EmailsInText),
            (Rule::UserIp, Rule::IpsInText),
        ] {
            if self.rules.is_on(user) {
                bits |= text.bit();
            } else {
                bits &= !text.bit();
            }
        }
        bits
    }

    /// Puts other text between the quotes, unless there is none or it is there already.
    fn put_text(&mut self, piece: Piece, text: &[u8]) {
        let inner = self.inner(piece);
        if !inner.is_empty() && inner != text {
            self.put(piece.start + 1, piece.end - 1, text);
        }
    }

    fn put(&mut self, start: usize, end: usize, text: &[u8]) {
        let kept = self.body.get(self.copied..start).unwrap_or_default();
        if self.out.capacity() == 0 {
            self.out.reserve(self.body.len() + self.body.len() / 8);
        }
        self.out.extend_from_slice(kept);
        self.out.extend_from_slice(text);
        self.copied = end;
    }

    /// The JSON breaks here: the rest is text, unless it may belong to a value that must go.
    fn rest_as_text(&mut self) {
        let frame = self.open.last();
        let must_go = frame.is_some_and(|frame| {
            frame.place == Place::Variables
                || match frame.coming().act {
                    Act::Remove(rule) => self.removes(rule),
                    Act::RemoveText(rule) | Act::RemoveNested(rule) => self.rules.is_on(rule),
                    Act::Email => self.rules.is_on(Rule::EmailsInText),
                    Act::Ip => self.rules.is_on(Rule::IpsInText),
                    Act::Mask | Act::Enter(_) | Act::User => false,
                }
        });
        if must_go {
            return self.drop_rest();
        }
        let start = self.rest_start();
        let rest = self.body.get(start..).unwrap_or_default();
        if let Some(masked) = mask(rest, self.rules.bits()) {
            self.put(start, self.body.len(), &masked);
        }
    }

    /// Where the rest begins: `1.2.3.4` breaks behind `1.2`, so go back to the number's start.
    fn rest_start(&self) -> usize {
        let at = self.reader.at();
        let scalar = self.open.last().map_or(0, |frame| frame.scalar);
        let between = self.body.get(scalar..at).unwrap_or_default();
        let adjacent = between
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
        let start = if adjacent && (scalar > 0 || self.open.is_empty()) {
            scalar
        } else {
            at
        };
        start.max(self.copied)
    }

    fn drop_rest(&mut self) {
        let start = self.reader.at().max(self.copied);
        let rest = self.body.get(start..).unwrap_or_default();
        if !rest.trim_ascii().is_empty() {
            self.put(start, self.body.len(), REST);
        }
    }

    fn finish(mut self) -> Cow<'a, [u8]> {
        if self.copied == 0 && self.out.is_empty() {
            return Cow::Borrowed(self.body);
        }
        let kept = self.body.get(self.copied..).unwrap_or_default();
        self.out.extend_from_slice(kept);
        Cow::Owned(self.out)
    }
}

/// What an operator who allows the value wants left alone in its text.
fn own_mask(rule: Rule) -> u16 {
    match rule {
        Rule::UserEmail => Rule::EmailsInText.bit(),
        Rule::UserIp => Rule::IpsInText.bit(),
        Rule::RequestHeaders
        | Rule::Cookies
        | Rule::RequestBody
        | Rule::EmailsInText
        | Rule::IpsInText
        | Rule::CardNumbers
        | Rule::SecretKeys
        | Rule::SecretValues
        | Rule::FrameVars
        | Rule::UrlParameters
        | Rule::Geo => 0,
    }
}
