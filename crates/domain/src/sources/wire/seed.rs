//! Reads JSON into the tree: bounded in depth, lists of details only if they are wanted.

use super::{DETAILS, Number, Wire, without_nul};
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

/// Reads one value; `left` counts what may still be read.
#[derive(Clone, Copy)]
pub(super) struct ValueSeed<'b> {
    pub(super) left: &'b Cell<u32>,
    pub(super) skims: bool,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Wire<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Wire<'de>, D::Error> {
        if self.spent() {
            deserializer.deserialize_ignored_any(IgnoredAny)?;
            return Ok(Wire::Null);
        }
        self.left.set(self.left.get().saturating_sub(1));
        deserializer.deserialize_any(self)
    }
}

impl ValueSeed<'_> {
    fn spent(self) -> bool {
        self.left.get() == 0
    }

    /// The value under `key`; what is a detail, and no mere word or empty, stays unread.
    fn member<'de, A: MapAccess<'de>>(
        self,
        key: &str,
        access: &mut A,
    ) -> Result<Wire<'de>, A::Error> {
        if !self.skims || !DETAILS.contains(&key) {
            return access.next_value_seed(self);
        }
        let raw: &'de RawValue = access.next_value()?;
        let inner = raw.get().get(1..raw.get().len().saturating_sub(1));
        let is_nested = raw.get().starts_with(['[', '{']);
        if is_nested && inner.is_some_and(|inner| !inner.trim_ascii().is_empty()) {
            self.left.set(self.left.get().saturating_sub(1));
            return Ok(Wire::Unread(raw.get()));
        }
        let mut deserializer = serde_json::Deserializer::from_str(raw.get());
        self.deserialize(&mut deserializer)
            .map_err(A::Error::custom)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Wire<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Wire<'de>, E> {
        Ok(Wire::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Wire<'de>, E> {
        Ok(Wire::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Wire<'de>, E> {
        Ok(Wire::Number(Number::Int(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Wire<'de>, E> {
        let number = i64::try_from(value).map_or(Number::Unsigned(value), Number::Int);
        Ok(Wire::Number(number))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Wire<'de>, E> {
        Ok(Wire::Number(Number::Float(value)))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Wire<'de>, E> {
        // Borrowed means free of escapes, and JSON writes NUL only as an escape.
        Ok(Wire::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Wire<'de>, E> {
        Ok(Wire::Text(Cow::Owned(without_nul(value))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Wire<'de>, A::Error> {
        let mut items = Vec::new();
        while !self.spent() {
            match access.next_element_seed(self)? {
                Some(item) => items.push(item),
                None => return Ok(Wire::List(items)),
            }
        }
        while access.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Wire::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Wire<'de>, A::Error> {
        let mut entries = Vec::with_capacity(8);
        while !self.spent() {
            match access.next_key_seed(KeySeed)? {
                Some(key) => {
                    let value = self.member(&key, &mut access)?;
                    entries.push((key, value));
                }
                None => return Ok(Wire::Map(entries)),
            }
        }
        while access.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Wire::Map(entries))
    }
}

pub(super) struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(without_nul(value)))
    }
}
