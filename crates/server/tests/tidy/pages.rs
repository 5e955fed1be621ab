//! Templates and static files.

use crate::tree::{TextFile, files, report, sources};

const TEMPLATES: &str = "crates/server/templates/";
const STATIC: &str = "crates/server/static/";

fn templates() -> Vec<TextFile> {
    let mut files = files();
    files.retain(|file| file.path.starts_with(TEMPLATES));
    files
}

#[test]
fn every_template_is_used() {
    let sources = sources("crates/server/src/");
    let templates = templates();
    let mut broken = Vec::new();
    for template in &templates {
        let name = template.path.trim_start_matches(TEMPLATES);
        let quoted = format!("\"{name}\"");
        let has_page = sources.iter().any(|file| file.text.contains(&quoted));
        let is_part = templates.iter().any(|other| other.text.contains(&quoted));
        if !has_page && !is_part {
            broken.push(template.path.clone());
        }
    }
    report(
        "no page struct names it, and no template extends or includes it",
        &broken,
    );
}

#[test]
fn pages_need_nothing_from_elsewhere() {
    let mut broken = Vec::new();
    for file in files() {
        let is_ours = file.path.starts_with(TEMPLATES) || file.path.starts_with(STATIC);
        if !is_ours || file.has_extension("svg") {
            continue;
        }
        for outside in ["src=\"http", "src=\"//", "@import", "url(http", "url(//"] {
            if file.text.contains(outside) {
                broken.push(format!("{}: {outside}", file.path));
            }
        }
        for line in file.text.lines().filter(|line| line.contains("<link")) {
            if line.contains("href=\"http") || line.contains("href=\"//") {
                broken.push(format!("{}: {}", file.path, line.trim()));
            }
        }
    }
    report("a page must work without the internet", &broken);
}

#[test]
fn templates_hold_no_code() {
    let handlers = [
        "onclick=",
        "onload=",
        "onerror=",
        "onsubmit=",
        "onchange=",
        "oninput=",
        "href=\"javascript:",
        "<script>",
    ];
    let mut broken = Vec::new();
    for template in templates() {
        for handler in handlers {
            if template.text.contains(handler) {
                broken.push(format!("{}: {handler}", template.path));
            }
        }
    }
    report("the Content-Security-Policy refuses inline code", &broken);
}
