//! Every page, rendered with plain and with hostile data, and read like a strict browser would.

mod words;

use super::samples::{HOSTILE, Maker, fragments, pages};
use crate::http::pages::assets;
use std::collections::BTreeSet;
use std::path::Path;

/// Elements without an end tag.
const VOID: [&str; 5] = ["meta", "link", "input", "br", "img"];

fn all() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for is_hostile in [false, true] {
        let make = Maker { is_hostile };
        let kind = if is_hostile { "hostile-" } else { "" };
        for (name, html) in pages(make).into_iter().chain(fragments(make)) {
            all.push((format!("{kind}{name}"), html));
        }
    }
    all
}

/// One start or end tag.
#[derive(Debug)]
struct Tag {
    name: String,
    is_end: bool,
    is_empty: bool,
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Reads tags strictly: every attribute is quoted, every `<` begins a tag.
fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    for piece in html.split('<').skip(1) {
        if piece.starts_with('!') {
            continue;
        }
        let end = end_of_tag(piece).unwrap_or_else(|| panic!("a tag without end: <{piece}"));
        let (inside, is_end) = match piece[..end].strip_prefix('/') {
            Some(rest) => (rest, true),
            None => (&piece[..end], false),
        };
        let is_empty = inside.ends_with('/');
        let inside = inside.trim_end_matches('/');
        let (name, rest) = inside
            .split_once(char::is_whitespace)
            .unwrap_or((inside, ""));
        assert!(name.chars().all(char::is_alphanumeric), "odd tag: <{piece}");
        tags.push(Tag {
            name: name.to_owned(),
            is_end,
            is_empty,
            attributes: attributes(rest),
        });
    }
    tags
}

fn end_of_tag(piece: &str) -> Option<usize> {
    let mut in_quotes = false;
    for (index, letter) in piece.char_indices() {
        match letter {
            '"' => in_quotes = !in_quotes,
            '>' if !in_quotes => return Some(index),
            _ => {}
        }
    }
    None
}

fn attributes(text: &str) -> Vec<(String, String)> {
    let mut rest = text.trim();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let stop = rest.find(|letter: char| letter == '=' || letter.is_whitespace());
        let (name, after) = rest.split_at(stop.unwrap_or(rest.len()));
        assert!(
            name.chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == 'B'),
            "{text}"
        );
        if let Some(quoted) = after.strip_prefix("=\"") {
            let (value, tail) = quoted.split_once('"').expect("a closing quote");
            found.push((name.to_owned(), value.to_owned()));
            rest = tail.trim_start();
        } else {
            found.push((name.to_owned(), String::new()));
            rest = after.trim_start();
        }
    }
    found
}

#[test]
fn samples_are_left_for_a_look_in_a_browser() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/page-samples");
    for asset in &assets::ASSETS {
        let path = root.join(assets::address(asset.name).trim_start_matches('/'));
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, asset.content).expect("written");
    }
    for (name, html) in all() {
        std::fs::write(root.join(format!("{name}.html")), html).expect("written");
    }
}

#[test]
fn every_tag_is_closed_and_in_order() {
    for (name, html) in all() {
        let mut open: Vec<String> = Vec::new();
        for tag in tags(&html) {
            if VOID.contains(&tag.name.as_str()) || tag.is_empty {
                continue;
            }
            if tag.is_end {
                assert_eq!(open.pop().as_ref(), Some(&tag.name), "in {name}");
            } else {
                open.push(tag.name);
            }
        }
        assert_eq!(open, Vec::<String>::new(), "in {name}");
    }
}

#[test]
fn hostile_texts_stay_texts() {
    for (name, html) in all() {
        assert!(!html.contains(HOSTILE), "{name}");
        for tag in tags(&html) {
            assert_ne!(tag.name, "img", "{name}");
            if tag.name == "script" && !tag.is_end {
                let source = tag.attribute("src").unwrap_or_default();
                assert!(source.starts_with("/static/"), "{name}: {source}");
            }
        }
    }
}

#[test]
fn links_lead_to_the_web_or_to_ourselves() {
    for (name, html) in all() {
        for tag in tags(&html) {
            for attribute in ["href", "src", "action", "formaction"] {
                let Some(address) = tag.attribute(attribute) else {
                    continue;
                };
                let is_ours = address.starts_with('/') && !address.starts_with("//");
                let is_web = address.starts_with("https://") || address.starts_with("http://");
                assert!(
                    is_ours || is_web || address.starts_with('#'),
                    "{name}: {address}"
                );
                let is_foreign = is_web && tag.name == "a";
                let is_guarded = tag
                    .attribute("rel")
                    .is_some_and(|rel| rel.contains("noopener") && rel.contains("noreferrer"));
                assert!(
                    !is_foreign || is_guarded,
                    "{name}: {address} needs noopener noreferrer"
                );
            }
        }
    }
}

#[test]
fn nothing_needs_inline_script_or_style() {
    for (name, html) in all() {
        for tag in tags(&html) {
            assert_ne!(tag.name, "style", "{name}");
            for (attribute, _) in &tag.attributes {
                assert!(
                    attribute != "style" && !attribute.starts_with("on"),
                    "{name}: {tag:?}"
                );
            }
        }
    }
}

#[test]
fn ids_are_unique_and_references_lead_somewhere() {
    for (name, html) in all() {
        let tags = tags(&html);
        let mut ids = BTreeSet::new();
        for id in tags.iter().filter_map(|tag| tag.attribute("id")) {
            assert!(ids.insert(id), "{name}: {id} twice");
        }
        if name.contains("fragment") {
            continue;
        }
        for tag in &tags {
            for attribute in ["aria-labelledby", "aria-describedby", "for", "form"] {
                if let Some(id) = tag.attribute(attribute) {
                    assert!(ids.contains(id), "{name}: {attribute}={id}");
                }
            }
            let local = tag
                .attribute("href")
                .and_then(|href| href.strip_prefix('#'));
            assert!(local.is_none_or(|id| ids.contains(id)), "{name}: {tag:?}");
        }
    }
}

#[test]
fn every_form_carries_the_token_and_every_field_has_a_label() {
    for (name, html) in all() {
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            let is_post = form.contains("method=\"post\"");
            // Behind a signed link there is no session: the link is the proof.
            let has_link = form.contains("action=\"/act/");
            assert_eq!(
                is_post && !has_link,
                form.contains("name=\"csrf\""),
                "{name}: <form{form}"
            );
        }
        let mut depth = 0;
        for tag in tags(&html) {
            match (tag.name.as_str(), tag.is_end) {
                ("label", false) => depth += 1,
                ("label", true) => depth -= 1,
                ("input" | "select" | "textarea", false) => {
                    let is_hidden = tag.attribute("type") == Some("hidden");
                    let is_labelled = depth > 0 || tag.attribute("aria-label").is_some();
                    assert!(is_hidden || is_labelled, "{name}: {tag:?}");
                }
                _ => {}
            }
        }
    }
}

#[test]
fn every_page_has_one_heading_of_the_first_rank_and_a_title() {
    for (name, html) in all() {
        if name.contains("fragment") {
            continue;
        }
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        assert!(
            html.contains("<title>") && html.contains("id=\"main\""),
            "{name}"
        );
    }
}

#[test]
fn templates_never_switch_escaping_off() {
    fn check(folder: &Path) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                check(&path);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a text");
            for word in ["|safe", "| safe", "autoescape", "<style", "javascript:"] {
                assert!(!text.contains(word), "{}: {word}", path.display());
            }
        }
    }
    check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"));
}
