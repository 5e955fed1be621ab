//! Links that lead somewhere, and documents that name what a newcomer needs.

use crate::tree::{TextFile, files, report, root};
use std::fs;
use std::path::Path;

/// Targets of `[text](target)` and `src="target"` outside code.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        // Every second piece stands between backticks.
        for piece in line.split('`').step_by(2) {
            for opening in ["](", "src=\""] {
                for (at, _) in piece.match_indices(opening) {
                    let rest = &piece[at + opening.len()..];
                    let end = rest.find([')', '"', ' ']).unwrap_or(rest.len());
                    found.push(rest[..end].to_owned());
                }
            }
        }
    }
    found
}

/// The anchor that a forge gives this heading.
fn anchor(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn has_anchor(text: &str, wanted: &str) -> bool {
    text.lines()
        .filter(|line| line.starts_with('#'))
        .any(|line| anchor(line) == wanted)
}

/// Why this link of this document leads nowhere.
fn broken_link(document: &TextFile, link: &str) -> Option<String> {
    let is_elsewhere = ["http://", "https://", "mailto:"];
    if link.is_empty() || is_elsewhere.iter().any(|start| link.starts_with(start)) {
        return None;
    }
    let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
    let root = root();
    let here = root.join(&document.path);
    let target = if path.is_empty() {
        here
    } else {
        here.parent().unwrap_or(Path::new("")).join(path)
    };
    let Ok(target) = target.canonicalize() else {
        return Some(format!("{}: {link} does not exist", document.path));
    };
    if !target.starts_with(&root) {
        return Some(format!("{}: {link} leaves the repository", document.path));
    }
    let text = fs::read_to_string(&target).unwrap_or_default();
    if !fragment.is_empty() && !has_anchor(&text, fragment) {
        return Some(format!("{}: {link} has no such heading", document.path));
    }
    None
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    for document in files().iter().filter(|file| file.has_extension("md")) {
        let links = links(&document.text);
        broken.extend(links.iter().filter_map(|link| broken_link(document, link)));
    }
    report("a document has a link to nowhere", &broken);
}

#[test]
fn the_documents_name_what_a_newcomer_needs() {
    let needed = [
        ("README.md", "cargo run --release -- demo"),
        ("README.md", "docs/screenshot.png"),
        ("README.md", "docs/guide/connect-sentry.md"),
        ("README.md", "docs/performance.md"),
        ("docs/guide/operate.md", "epicenter.example.toml"),
        ("CONTRIBUTING.md", "scripts/test"),
        ("CHANGELOG.md", "Unreleased"),
        ("SECURITY.md", "Reporting"),
    ];
    let files = files();
    let mut broken = Vec::new();
    for (path, words) in needed {
        let document = files.iter().find(|file| file.path == path);
        if !document.is_some_and(|document| document.text.contains(words)) {
            broken.push(format!("{path}: {words}"));
        }
    }
    report("a document does not say", &broken);
}

#[test]
fn decisions_are_numbered_and_listed() {
    let files = files();
    let index = files
        .iter()
        .find(|file| file.path == "docs/decisions/README.md")
        .map_or("", |file| file.text.as_str());
    let names = files
        .iter()
        .filter_map(|file| file.path.strip_prefix("docs/decisions/"))
        .filter(|name| *name != "README.md");
    let mut broken = Vec::new();
    for (position, name) in names.enumerate() {
        if !name.starts_with(&format!("{:04}-", position + 1)) {
            broken.push(format!("{name}: expected {:04}-", position + 1));
        }
        if !index.contains(name) {
            broken.push(format!("{name}: not in docs/decisions/README.md"));
        }
    }
    report("decisions are numbered without a gap, and listed", &broken);
}
