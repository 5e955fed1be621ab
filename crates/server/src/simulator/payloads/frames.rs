//! Stack traces: the company's own frames under those of its libraries.

use crate::simulator::company::{Language, Project, Spot, libraries};
use serde_json::{Value, json};

/// Source around one line.
pub struct Excerpt {
    /// Lines before.
    pub before: Vec<&'static str>,
    /// The line.
    pub line: &'static str,
    /// Lines after.
    pub after: Vec<&'static str>,
}

/// Splits a spot's source at the line that was running.
pub fn excerpt(source: &'static str) -> Excerpt {
    let mut excerpt = Excerpt {
        before: Vec::new(),
        line: "",
        after: Vec::new(),
    };
    let mut found = false;
    for text in source.lines() {
        match text.strip_prefix('>') {
            Some(line) if !found => {
                excerpt.line = line;
                found = true;
            }
            _ if found => excerpt.after.push(text),
            _ => excerpt.before.push(text),
        }
    }
    excerpt
}

/// One frame of the stack before it is written.
pub struct Placed {
    /// Where.
    pub spot: &'static Spot,
    /// Line, which differs where a library calls itself.
    pub line: u32,
    /// The company's own code?
    pub in_app: bool,
}

/// So many frames, oldest call first, the company's own last.
pub fn placed(project: &Project, spots: &'static [Spot], depth: usize) -> Vec<Placed> {
    let libraries = libraries::frames(project.language);
    let outer = depth.saturating_sub(spots.len());
    let mut placed: Vec<Placed> = (0_u32..)
        .zip(libraries.iter().cycle().take(outer))
        .map(|(place, spot)| Placed {
            spot,
            line: spot.line + place / 8 * 11,
            in_app: false,
        })
        .collect();
    placed.extend(spots.iter().map(|spot| Placed {
        spot,
        line: spot.line,
        in_app: true,
    }));
    placed
}

/// The frames as an event carries them.
pub fn frames(project: &Project, spots: &'static [Spot], depth: usize) -> Vec<Value> {
    placed(project, spots, depth)
        .iter()
        .map(|placed| frame(project, placed))
        .collect()
}

/// The module a file is.
pub fn module(language: Language, file: &str) -> String {
    match language {
        Language::Python => file.trim_end_matches(".py").replace('/', "."),
        Language::JavaScript => {
            let bare = file.trim_start_matches("./");
            bare.rsplit_once('.')
                .map_or(bare, |(stem, _)| stem)
                .to_owned()
        }
    }
}

/// The path on the machine.
pub fn abs_path(language: Language, spot: &Spot, in_app: bool) -> String {
    match (language, in_app) {
        (Language::Python, true) => format!("/srv/app/{}", spot.file),
        (Language::Python, false) => {
            format!("/usr/local/lib/python3.13/site-packages/{}", spot.file)
        }
        (Language::JavaScript, _) => {
            format!("webpack:///{}", spot.file.trim_start_matches("./"))
        }
    }
}

fn frame(project: &Project, placed: &Placed) -> Value {
    let spot = placed.spot;
    let excerpt = excerpt(spot.source);
    let column = match project.language {
        Language::Python => None,
        Language::JavaScript => Some(9 + placed.line % 23),
    };
    json!({
        "function": spot.function,
        "module": module(project.language, spot.file),
        "filename": spot.file,
        "abs_path": abs_path(project.language, spot, placed.in_app),
        "lineno": placed.line,
        "colno": column,
        "in_app": placed.in_app,
        "pre_context": excerpt.before,
        "context_line": excerpt.line,
        "post_context": excerpt.after,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::company::{self, payments};

    #[test]
    fn every_place_marks_the_line_that_was_running() {
        let libraries = [Language::Python, Language::JavaScript]
            .into_iter()
            .flat_map(libraries::frames);
        let own = company::faults().flat_map(|fault| fault.spots);
        for spot in own.chain(libraries) {
            let excerpt = excerpt(spot.source);
            assert!(!excerpt.line.is_empty(), "{}", spot.file);
            assert!(
                !excerpt.after.iter().any(|line| line.starts_with('>')),
                "{}",
                spot.file
            );
        }
    }

    #[test]
    fn the_crash_is_the_last_frame() {
        let fault = &payments::FAULTS[0];
        let frames = frames(fault.project, fault.spots, 30);
        assert_eq!(frames.len(), 30);
        let last = frames.last().unwrap();
        assert_eq!(last["function"], "charge");
        assert_eq!(last["in_app"], true);
        assert_eq!(last["module"], "payments.ledger.charge");
        assert_eq!(frames[0]["in_app"], false);
    }
}
