//! A JSON body as a small tree that borrows from the bytes, with lenient readers: wire formats
//! drift, so a number may come as text, a tag list as an object, and anything may be missing.

mod seed;

use crate::limits;
use crate::time::Time;
use seed::ValueSeed;
use serde::de::DeserializeSeed;
use std::borrow::Cow;
use std::cell::Cell;

/// One JSON value. Texts never contain NUL: PostgreSQL cannot store it.
#[derive(Clone, Debug, PartialEq)]
pub enum Wire<'a> {
    /// `null`, and what is missing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Self>),
    /// An object in the sender's order; of duplicate keys the last counts.
    Map(Vec<(Cow<'a, str>, Self)>),
    /// A list or object that [`Wire::skim`] did not look into, as it is written.
    Unread(&'a str),
}

/// What only the page of a single event shows, and most of a body consists of.
const DETAILS: [&str; 3] = ["frames", "breadcrumbs", "modules"];

/// A JSON number, as exact as it was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Fits `i64`.
    Int(i64),
    /// Fits only `u64`.
    Unsigned(u64),
    /// Anything else.
    Float(f64),
}

static NULL: Wire<'static> = Wire::Null;

impl<'a> Wire<'a> {
    /// Reads JSON text. The nesting is limited to 128 levels.
    pub fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        Self::read(text, false)
    }

    /// Reads JSON text, but leaves frames, breadcrumbs and modules [`Wire::Unread`]: building them
    /// costs more than all the rest.
    pub fn skim(text: &'a str) -> Result<Self, serde_json::Error> {
        Self::read(text, true)
    }

    fn read(text: &'a str, skims: bool) -> Result<Self, serde_json::Error> {
        let left = Cell::new(limits::WIRE_VALUES);
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let seed = ValueSeed { left: &left, skims };
        let wire = seed.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(wire)
    }

    /// The value under this key; `Null` when there is none or this is no object.
    pub fn get(&self, key: &str) -> &Self {
        self.entries()
            .iter()
            .rev()
            .find(|(name, _)| name == key)
            .map_or(&NULL, |(_, value)| value)
    }

    /// The value at the end of a path of keys.
    pub fn path(&self, keys: &[&str]) -> &Self {
        keys.iter().fold(self, |at, key| at.get(key))
    }

    /// The first of these keys whose value is neither missing nor `null` nor empty.
    pub fn first(&self, keys: &[&str]) -> &Self {
        keys.iter()
            .map(|key| self.get(key))
            .find(|value| !value.is_blank())
            .unwrap_or(&NULL)
    }

    /// `null`, an empty text, an empty list or an empty object.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(_) | Self::Number(_) | Self::Unread(_) => false,
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(entries) => entries.is_empty(),
        }
    }

    /// Is it an object, even an empty one?
    pub fn is_map(&self) -> bool {
        matches!(self, Self::Map(_))
    }

    /// The entries of an object; none for anything else.
    pub fn entries(&self) -> &[(Cow<'a, str>, Self)] {
        match self {
            Self::Map(entries) => entries,
            Self::Null
            | Self::Bool(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::List(_)
            | Self::Unread(_) => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub fn list(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            Self::Null
            | Self::Bool(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::Map(_)
            | Self::Unread(_) => &[],
        }
    }

    /// A text as it is; nothing for anything else.
    pub fn str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null
            | Self::Bool(_)
            | Self::Number(_)
            | Self::List(_)
            | Self::Map(_)
            | Self::Unread(_) => None,
        }
    }

    /// A text, or a number written as text.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Number(Number::Int(number)) => Some(Cow::Owned(number.to_string())),
            Self::Number(Number::Unsigned(number)) => Some(Cow::Owned(number.to_string())),
            Self::Number(Number::Float(number)) => Some(Cow::Owned(number.to_string())),
            Self::Null | Self::Bool(_) | Self::List(_) | Self::Map(_) | Self::Unread(_) => None,
        }
    }

    /// A text, number or boolean as people would write it.
    pub fn shown(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Bool(true) => Some(Cow::Borrowed("true")),
            Self::Bool(false) => Some(Cow::Borrowed("false")),
            Self::Null
            | Self::Number(_)
            | Self::Text(_)
            | Self::List(_)
            | Self::Map(_)
            | Self::Unread(_) => self.text(),
        }
    }

    /// A text or number without outer blanks, at most `max` characters; `None` when nothing is
    /// left.
    pub fn line(&self, max: usize) -> Option<String> {
        let text = self.text()?;
        let text = text.trim();
        (!text.is_empty()).then(|| limits::cut_chars(text, max))
    }

    /// A name of something, see [`limits::NAME_CHARS`].
    pub fn name(&self) -> Option<String> {
        self.line(limits::NAME_CHARS)
    }

    /// An id: text or whole number.
    pub fn id(&self) -> Option<String> {
        match self {
            Self::Number(Number::Float(_)) => self.int().map(|number| number.to_string()),
            Self::Null
            | Self::Bool(_)
            | Self::Number(Number::Int(_) | Number::Unsigned(_))
            | Self::Text(_)
            | Self::List(_)
            | Self::Map(_)
            | Self::Unread(_) => self.line(limits::ID_CHARS),
        }
    }

    /// A message of some length, see [`limits::MESSAGE_BYTES`]; empty when there is none.
    pub fn message(&self) -> String {
        let text = self.text().unwrap_or_default();
        limits::cut_bytes(text.trim(), limits::MESSAGE_BYTES)
    }

    /// A whole number, also from a float or a text of digits.
    pub fn int(&self) -> Option<i64> {
        match self {
            Self::Number(Number::Int(number)) => Some(*number),
            Self::Number(Number::Float(number)) => whole(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Number(Number::Unsigned(_))
            | Self::Null
            | Self::Bool(_)
            | Self::List(_)
            | Self::Map(_)
            | Self::Unread(_) => None,
        }
    }

    /// A number, also from a text.
    pub fn float(&self) -> Option<f64> {
        match self {
            #[expect(
                clippy::as_conversions,
                clippy::cast_precision_loss,
                reason = "a float of the size is what is asked for"
            )]
            Self::Number(Number::Int(number)) => Some(*number as f64),
            #[expect(
                clippy::as_conversions,
                clippy::cast_precision_loss,
                reason = "a float of the size is what is asked for"
            )]
            Self::Number(Number::Unsigned(number)) => Some(*number as f64),
            Self::Number(Number::Float(number)) => Some(*number),
            Self::Text(text) => text
                .trim()
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite()),
            Self::Null | Self::Bool(_) | Self::List(_) | Self::Map(_) | Self::Unread(_) => None,
        }
    }

    /// A boolean, also from `"true"`, `"yes"`, `1` and their opposites.
    pub fn bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::Number(Number::Int(1)) => Some(true),
            Self::Number(Number::Int(0)) => Some(false),
            Self::Text(text) => match text.trim() {
                "true" | "yes" | "1" => Some(true),
                "false" | "no" | "0" => Some(false),
                _ => None,
            },
            Self::Null | Self::Number(_) | Self::List(_) | Self::Map(_) | Self::Unread(_) => None,
        }
    }

    /// An instant: RFC 3339, or seconds (or milliseconds) since 1970 as number or text.
    pub fn time(&self) -> Option<Time> {
        if let Some(at) = self.str().and_then(Time::parse) {
            return Some(at);
        }
        let number = self.float()?;
        Time::from_seconds(number).or_else(|| Time::from_seconds(number / 1_000.0))
    }

    /// Any value on one line, objects and lists as JSON writes them; cut to `max` characters.
    pub fn compact(&self, max: usize) -> String {
        let mut text = String::new();
        self.write_compact(&mut text, max.saturating_mul(4));
        limits::cut_chars(&text, max)
    }

    fn write_compact(&self, text: &mut String, most: usize) {
        if text.len() > most {
            return;
        }
        match self {
            Self::Null => text.push_str("null"),
            Self::Bool(_) | Self::Number(_) | Self::Text(_) => {
                text.push_str(&self.shown().unwrap_or_default());
            }
            Self::Unread(written) => text.push_str(&limits::cut_bytes(written, most)),
            Self::List(items) => {
                text.push('[');
                for (number, item) in items.iter().enumerate() {
                    text.push_str(if number == 0 { "" } else { ", " });
                    item.write_compact(text, most);
                }
                text.push(']');
            }
            Self::Map(entries) => {
                text.push('{');
                for (number, (key, value)) in entries.iter().enumerate() {
                    text.push_str(if number == 0 { "" } else { ", " });
                    text.push_str(key);
                    text.push_str(": ");
                    value.write_compact(text, most);
                }
                text.push('}');
            }
        }
    }

    /// Tags in the sender's order, from `[[k, v]]`, `[{key, value}]` or `{k: v}`.
    pub fn pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        let from_map = self
            .entries()
            .iter()
            .filter_map(|(key, value)| Some((Cow::Borrowed(key.as_ref()), value.shown()?)));
        let from_list = self.list().iter().filter_map(|item| match item {
            Self::List(pair) => match pair.as_slice() {
                [key, value, ..] => Some((key.text()?, value.shown()?)),
                _ => None,
            },
            Self::Map(_) => Some((item.get("key").text()?, item.get("value").shown()?)),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::Unread(_) => None,
        });
        from_map.chain(from_list)
    }
}

fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "the range is checked; the fraction is not wanted"
    )]
    (-EXACT..=EXACT).contains(&number).then_some(number as i64)
}

fn without_nul(text: &str) -> String {
    if text.contains('\0') {
        text.replace('\0', "")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(text: &str) -> Wire<'_> {
        Wire::parse(text).unwrap()
    }

    #[test]
    fn the_last_of_duplicate_keys_counts() {
        let body = wire(r#"{"a":1,"b":2,"a":"three"}"#);
        assert_eq!(body.get("a").str(), Some("three"));
        assert_eq!(body.get("missing"), &Wire::Null);
        assert_eq!(body.path(&["a", "b"]), &Wire::Null);
        assert_eq!(body.first(&["x", "b"]).int(), Some(2));
    }

    #[test]
    fn numbers_and_texts_read_as_each_other() {
        let body = wire(r#"[5, "5", 5.0, 18446744073709551615, "x", true, null, 1e300]"#);
        let ints: Vec<_> = body.list().iter().map(Wire::int).collect();
        assert_eq!(
            ints,
            [Some(5), Some(5), Some(5), None, None, None, None, None]
        );
        let texts: Vec<_> = body.list().iter().take(4).filter_map(Wire::id).collect();
        assert_eq!(texts, ["5", "5", "5", "18446744073709551615"]);
        assert_eq!(body.list()[3].float(), Some(18_446_744_073_709_551_615.0));
        assert_eq!(body.list()[5].bool(), Some(true));
        assert_eq!(wire(r#""no""#).bool(), Some(false));
    }

    #[test]
    fn any_value_fits_on_one_line() {
        let body = wire(r#"{"a":[1,"two",null,true],"b":{"c":{}}}"#);
        assert_eq!(body.compact(80), "{a: [1, two, null, true], b: {c: {}}}");
        assert_eq!(body.compact(6), "{a: [1…");
        assert_eq!(wire("\"x y\"").compact(80), "x y");
    }

    #[test]
    fn nul_never_passes() {
        let body = wire(r#"{"a\u0000b":"c\u0000d","e":"f"}"#);
        assert_eq!(body.get("ab").str(), Some("cd"));
    }

    #[test]
    fn skimming_leaves_details_as_they_are_written() {
        let text = r#"{"frames": [ {"a":[1]} ],"x":{"breadcrumbs":{"values":[1]},"modules":{ },
            "frames":null},"y":[{"frames":"some"}],"frame":[1]}"#;
        let body = Wire::skim(text).unwrap();
        assert_eq!(body.get("frames"), &Wire::Unread(r#"[ {"a":[1]} ]"#));
        let inner = body.get("x");
        assert_eq!(inner.get("breadcrumbs"), &Wire::Unread(r#"{"values":[1]}"#));
        assert_eq!(inner.get("modules"), &Wire::Map(Vec::new()));
        assert_eq!(inner.get("frames"), &Wire::Null);
        assert_eq!(body.get("y").list()[0].get("frames").str(), Some("some"));
        assert_eq!(body.get("frame").list()[0].int(), Some(1));
        assert!(!body.get("frames").is_blank());
        assert!(Wire::skim(r#"{"frames":[1,]}"#).is_err());
        assert!(Wire::skim(r#"{"frames":[{"a":"b}]}"#).is_err());
    }

    #[test]
    fn instants_come_as_text_or_number() {
        let expected = Some(Time(1_767_693_601_904));
        for text in [
            r#""2026-01-06T10:00:01.904Z""#,
            "1767693601.904",
            r#""1767693601.904""#,
            "1767693601904",
        ] {
            assert_eq!(wire(text).time(), expected, "{text}");
        }
        for text in ["null", "{}", r#""soon""#, "-5", "1e300"] {
            assert_eq!(wire(text).time(), None, "{text}");
        }
    }

    #[test]
    fn pl_13_tags_come_in_three_shapes() {
        let expected = [("environment", "production"), ("shard", "7")];
        for text in [
            r#"[["environment","production"],["shard",7],null,["x"],["y",null]]"#,
            r#"[{"key":"environment","value":"production"},{"key":"shard","value":"7"},{"key":"z"}]"#,
            r#"{"environment":"production","shard":7,"none":null}"#,
        ] {
            let body = wire(text);
            let pairs: Vec<_> = body.pairs().collect();
            let pairs: Vec<_> = pairs.iter().map(|(k, v)| (&**k, &**v)).collect();
            assert_eq!(pairs, expected, "{text}");
        }
    }

    #[test]
    fn a_body_of_a_million_values_is_read_up_to_the_limit() {
        let text = format!("[{}0]", "0,".repeat(1_000_000));
        let kept = wire(&text).list().len();
        assert!(
            kept < usize::try_from(limits::WIRE_VALUES).unwrap(),
            "{kept}"
        );
    }

    #[test]
    fn too_deep_a_body_is_an_error() {
        assert!(Wire::parse(&"[".repeat(100_000)).is_err());
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        assert!(Wire::parse(&deep).is_err());
    }
}
