//! CODEOWNERS: who owns a path. GitHub's and GitLab's spelling; the last pattern that fits wins, in
//! GitLab's sections the last of each section.

use crate::limits;
use serde::{Deserialize, Serialize};

/// A parsed CODEOWNERS file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owners {
    sections: Vec<Section>,
    /// Lines that were not understood or not kept, from 1, at most a few.
    pub skipped: Vec<usize>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Section {
    name: String,
    default_owners: Vec<String>,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    /// GitLab's `!pattern`: what fits has no owner in this section.
    is_excluded: bool,
    /// The pattern as it was written.
    pattern: String,
    /// Segments of the pattern; `**` stands for any number of them.
    segments: Vec<String>,
    owners: Vec<String>,
    line: usize,
}

/// Who owns a path, and by which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    /// `@org/team`, `@user` or addresses, in the file's order.
    pub owners: Vec<String>,
    /// Why, as a sentence.
    pub reason: String,
}

impl Owners {
    /// Reads a file. What cannot be read is skipped, and listed by line: one bad line does not take
    /// the owners of all others away.
    pub fn parse(text: &str) -> Self {
        let mut owners = Self {
            sections: vec![Section::default()],
            skipped: Vec::new(),
        };
        let text = text
            .get(..text.floor_char_boundary(limits::OWNERS_BYTES))
            .unwrap_or(text);
        let mut kept = 0;
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let understood = kept < limits::OWNERS_LINES && owners.read(line, index + 1);
            if understood {
                kept += 1;
            } else if owners.skipped.len() < limits::FAULTS {
                owners.skipped.push(index + 1);
            }
        }
        owners
    }

    fn read(&mut self, line: &str, number: usize) -> bool {
        if let Some((name, owners)) = section(line) {
            let known = self
                .sections
                .iter()
                .position(|section| section.name.eq_ignore_ascii_case(&name));
            // A section that comes again goes on where it stood, as the last one.
            let mut section = match known {
                Some(index) if index > 0 => self.sections.remove(index),
                _ => Section {
                    name,
                    ..Section::default()
                },
            };
            if !owners.is_empty() {
                section.default_owners = owners;
            }
            self.sections.push(section);
            return true;
        }
        let (pattern, rest) = split(line);
        let (is_excluded, pattern) = match pattern.strip_prefix('!') {
            Some(rest) => (true, rest.to_owned()),
            None => (false, pattern),
        };
        if pattern.is_empty() || pattern.len() > limits::PATH_CHARS {
            return false;
        }
        let Some(section) = self.sections.last_mut() else {
            return false;
        };
        let mut owners = names(rest);
        if owners.is_empty() {
            owners.clone_from(&section.default_owners);
        }
        section.entries.push(Entry {
            is_excluded,
            segments: segments(&pattern),
            pattern,
            owners,
            line: number,
        });
        true
    }

    /// Who owns a path; none, if no line fits or the line that wins names nobody.
    pub fn of(&self, path: &str) -> Option<Owned> {
        let path: Vec<&str> = path
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".")
            .collect();
        let mut owners: Vec<String> = Vec::new();
        let mut reasons = Vec::new();
        for section in &self.sections {
            let mut fitting = section.entries.iter().filter(|entry| entry.fits(&path));
            // An exclusion wins over every pattern of its section, wherever it stands.
            if fitting.clone().any(|entry| entry.is_excluded) {
                continue;
            }
            let Some(entry) = fitting.next_back() else {
                continue;
            };
            if entry.owners.is_empty() {
                continue;
            }
            reasons.push(format!("line {} \"{}\"", entry.line, entry.pattern));
            for owner in &entry.owners {
                if !owners.contains(owner) {
                    owners.push(owner.clone());
                }
            }
        }
        (!owners.is_empty()).then(|| Owned {
            reason: format!(
                "{} by CODEOWNERS {}",
                owners.join(" "),
                reasons.join(" and ")
            ),
            owners,
        })
    }

    /// The owners as the field `owner` of a subject: separated by spaces.
    pub fn field(&self, path: &str) -> String {
        self.of(path)
            .map(|owned| owned.owners.join(" "))
            .unwrap_or_default()
    }
}

impl Entry {
    fn fits(&self, path: &[&str]) -> bool {
        fits(&self.segments, path)
    }
}

/// `[Name]`, `^[Name]`, `[Name][2] @owner`: the name and the default owners.
fn section(line: &str) -> Option<(String, Vec<String>)> {
    let inside = line.strip_prefix('^').unwrap_or(line).strip_prefix('[')?;
    let (name, rest) = inside.split_once(']')?;
    let rest = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((approvals, rest)) if approvals.parse::<u32>().is_ok() => rest,
        _ => rest,
    };
    // `[ab]*.rs @owner` is a pattern: a section ends or goes on with a space.
    let is_section = rest.is_empty() || rest.starts_with(char::is_whitespace);
    let name = name.trim();
    (is_section && !name.is_empty()).then(|| (name.to_owned(), names(rest)))
}

/// The pattern, its escapes taken off, and what follows it.
fn split(line: &str) -> (String, &str) {
    let mut pattern = String::new();
    let mut chars = line.char_indices();
    while let Some((at, character)) = chars.next() {
        match character {
            '\\' => pattern.extend(chars.next().map(|(_, escaped)| escaped)),
            white if white.is_whitespace() => {
                return (pattern, line.get(at..).unwrap_or_default());
            }
            other => pattern.push(other),
        }
    }
    (pattern, "")
}

fn names(rest: &str) -> Vec<String> {
    rest.split_whitespace()
        .take_while(|word| !word.starts_with('#'))
        .filter(|word| word.contains('@'))
        .take(limits::OWNERS_OF_PATH)
        .map(|word| limits::cut_chars(word, limits::NAME_CHARS))
        .collect()
}

/// A pattern as segments: one without a slash fits at any depth, and what names a folder fits all
/// below it.
fn segments(pattern: &str) -> Vec<String> {
    let trimmed = pattern.trim_end_matches('/');
    let is_folder = trimmed.len() < pattern.len();
    let is_anchored = trimmed.contains('/');
    let parts: Vec<&str> = trimmed.split('/').filter(|part| !part.is_empty()).collect();
    let mut segments: Vec<String> = Vec::new();
    if !is_anchored {
        segments.push("**".to_owned());
    }
    segments.extend(parts.iter().map(|part| (*part).to_owned()));
    // `docs/*` takes the files of a folder only; anything else that fits a folder takes all of it.
    let takes_files_only = parts.last() == Some(&"*") && is_anchored && !is_folder;
    if is_folder {
        segments.push("*".to_owned());
    }
    if !takes_files_only && segments.last().is_none_or(|last| last != "**") {
        segments.push("**".to_owned());
    }
    segments
}

/// Matches segments with `**` for any number of them: back only to the latest `**`, so the time is at
/// most the product of the lengths.
fn fits(pattern: &[String], path: &[&str]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while seen < path.len() {
        let segment = pattern.get(at).map(String::as_str);
        if segment == Some("**") {
            back = Some((at, seen));
            at += 1;
        } else if let (Some(segment), Some(part)) = (segment, path.get(seen))
            && fits_name(segment, part)
        {
            at += 1;
            seen += 1;
        } else if let Some((stars, from)) = back {
            back = Some((stars, from + 1));
            at = stars + 1;
            seen = from + 1;
        } else {
            return false;
        }
    }
    (pattern.iter().skip(at)).all(|segment| segment == "**")
}

/// Matches one name with `*` and `?`.
fn fits_name(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut seen) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while seen < name.len() {
        match pattern.get(at) {
            Some('*') => {
                back = Some((at, seen));
                at += 1;
            }
            Some(wanted) if *wanted == '?' || Some(wanted) == name.get(seen) => {
                at += 1;
                seen += 1;
            }
            Some(_) | None => {
                let Some((stars, from)) = back else {
                    return false;
                };
                back = Some((stars, from + 1));
                at = stars + 1;
                seen = from + 1;
            }
        }
    }
    pattern.iter().skip(at).all(|character| *character == '*')
}
