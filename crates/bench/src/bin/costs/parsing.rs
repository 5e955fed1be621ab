//! Reading a body as JSON: a tree of owned values, a tree of borrowed ones, and skipping it.

use epicenter_bench::bodies::{event_id, templates};
use epicenter_bench::cpu::Watch;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;
use std::hint::black_box;

const ROUNDS: usize = 20;

/// Prints a line for each way.
pub(crate) fn measure() {
    let mut bodies = Vec::new();
    for (count, template) in (0..).zip(&templates(200)) {
        let mut body = Vec::new();
        template.write(&event_id(1, count), &mut body);
        bodies.push(body);
    }
    let size: usize = bodies.iter().map(Vec::len).sum();
    println!("bodies of {} bytes", size / bodies.len());
    println!("| way | CPU µs |");
    println!("|---|---:|");
    time("check UTF-8", &bodies, |body| {
        std::str::from_utf8(body).is_ok()
    });
    time("skip (IgnoredAny)", &bodies, |body| {
        serde_json::from_slice::<IgnoredAny>(body).is_ok()
    });
    time("serde_json::Value, from bytes", &bodies, |body| {
        black_box(serde_json::from_slice::<Value>(body)).is_ok()
    });
    time("borrowed tree, from bytes", &bodies, |body| {
        black_box(serde_json::from_slice::<Node<'_>>(body)).is_ok()
    });
    time(
        "borrowed tree, from text (UTF-8 checked once)",
        &bodies,
        |body| {
            std::str::from_utf8(body)
                .is_ok_and(|text| black_box(serde_json::from_str::<Node<'_>>(text)).is_ok())
        },
    );
    time("write it out again (Value to text)", &bodies, |body| {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        black_box(value.to_string()).len() > 2
    });
}

fn time(way: &str, bodies: &[Vec<u8>], read: impl Fn(&[u8]) -> bool) {
    let good = bodies.iter().filter(|body| read(body)).count();
    let watch = Watch::start();
    for _ in 0..ROUNDS {
        for body in bodies {
            black_box(read(body));
        }
    }
    let (cpu, _) = watch.per(ROUNDS * bodies.len());
    println!("| {way} | {cpu:.1} |");
    if good != bodies.len() {
        println!("(only {good} of {} could be read)", bodies.len());
    }
}

/// A JSON value that points into the text where it can.
#[expect(dead_code, reason = "only built, to see what building costs")]
enum Node<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Map(Vec<(Cow<'a, str>, Node<'a>)>),
}

impl<'de: 'a, 'a> Deserialize<'de> for Node<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor(std::marker::PhantomData))
    }
}

/// A key or a text, borrowed unless it holds an escape.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

struct NodeVisitor<'a>(std::marker::PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for NodeVisitor<'a> {
    type Value = Node<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Node<'a>, E> {
        Ok(Node::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Node<'a>, E> {
        Ok(Node::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Node<'a>, E> {
        Ok(Node::Int(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Node<'a>, E> {
        Ok(Node::Int(i64::try_from(value).unwrap_or(i64::MAX)))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Node<'a>, E> {
        Ok(Node::Float(value))
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Node<'a>, E> {
        Ok(Node::Text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Node<'a>, E> {
        Ok(Node::Text(Cow::Owned(text.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node<'a>, A::Error> {
        let mut list = Vec::new();
        while let Some(node) = access.next_element()? {
            list.push(node);
        }
        Ok(Node::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node<'a>, A::Error> {
        let mut map = Vec::new();
        while let Some((Text(key), node)) = access.next_entry()? {
            map.push((key, node));
        }
        Ok(Node::Map(map))
    }
}
