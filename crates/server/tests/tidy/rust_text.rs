//! Just enough reading of Rust: comments, quotes, test modules and paths.

/// Splits a file before its inline test module. A `mod tests;` that lives in a file of its own
/// does not split.
pub(crate) fn split_tests(text: &str) -> (&str, &str) {
    let mut from = 0;
    while let Some(offset) = text[from..].find("#[cfg(test)]") {
        let at = from + offset;
        let at_line_start = at == 0 || text[..at].ends_with('\n');
        let mut rest = text[at + "#[cfg(test)]".len()..].trim_start();
        while rest.starts_with("#[") {
            rest = rest
                .split_once('\n')
                .map_or("", |(_, after)| after.trim_start());
        }
        let first_line = rest.lines().next().unwrap_or("");
        if at_line_start && first_line.contains("mod ") && first_line.ends_with('{') {
            return text.split_at(at);
        }
        from = at + 1;
    }
    (text, "")
}

/// The modules in files of their own that are compiled for tests only.
pub(crate) fn gated_modules(text: &str) -> Vec<&str> {
    text.match_indices("#[cfg(test)]")
        .filter_map(|(at, gate)| {
            let rest = text[at + gate.len()..].trim_start();
            let (_, name) = rest.lines().next()?.split_once("mod ")?;
            name.trim().strip_suffix(';')
        })
        .collect()
}

/// Blanks out comments and what is in quotes; lines keep their numbers.
pub(crate) fn strip(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let length = skipped_length(rest, out.chars().next_back());
        if length == 0 {
            out.push(next);
            rest = &rest[next.len_utf8()..];
        } else {
            let blank = |c: char| if c == '\n' { '\n' } else { ' ' };
            out.extend(rest[..length].chars().map(blank));
            rest = &rest[length..];
        }
    }
    out
}

/// Length in bytes of the comment or literal that starts here; 0 when none does.
fn skipped_length(rest: &str, previous: Option<char>) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment_length(rest);
    }
    if rest.starts_with('"') {
        return quoted_length(rest);
    }
    if rest.starts_with('r') && !previous.is_some_and(is_name) {
        return raw_length(rest);
    }
    if rest.starts_with('\'') {
        return character_length(rest);
    }
    0
}

fn block_comment_length(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn quoted_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn raw_length(rest: &str) -> usize {
    let hashes = rest[1..].len() - rest[1..].trim_start_matches('#').len();
    if !rest[1 + hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let body = 2 + hashes;
    let found = rest[body..].find(&end);
    found.map_or(rest.len(), |at| body + at + end.len())
}

/// A character literal; a lifetime is none.
fn character_length(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => rest[2..]
            .char_indices()
            .skip(1)
            .find(|(_, c)| *c == '\'')
            .map_or(0, |(at, _)| at + 3),
        Some(_) => chars
            .next()
            .filter(|(_, c)| *c == '\'')
            .map_or(0, |(at, _)| at + 1),
        None => 0,
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where `word` stands in the text with nothing of a name on either side of it.
pub(crate) fn positions(text: &str, word: &str) -> Vec<usize> {
    let edge = |c: Option<char>| !c.is_some_and(is_name);
    let open_start = !word.starts_with(is_name);
    let open_end = !word.ends_with(is_name);
    text.match_indices(word)
        .map(|(at, _)| at)
        .filter(|at| open_start || edge(text[..*at].chars().next_back()))
        .filter(|at| open_end || edge(text[at + word.len()..].chars().next()))
        .collect()
}

/// The name that starts here.
pub(crate) fn name_at(text: &str) -> &str {
    text.split(|c| !is_name(c)).next().unwrap_or("")
}

/// Every first name below the crate's root that this code reaches for, with its position:
/// `crate::a::b`, `use crate::{a, b::c}` and as many `super::` as lead to the root.
pub(crate) fn root_names(code: &str, depth: usize) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for at in positions(code, "crate") {
        if let Some(rest) = code[at..].strip_prefix("crate::") {
            found.extend(first_names(rest).into_iter().map(|name| (at, name)));
        }
    }
    for at in positions(code, "super") {
        if code[..at].ends_with("super::") {
            continue;
        }
        let mut rest = &code[at..];
        let mut climbed = 0;
        while let Some(after) = rest.strip_prefix("super::") {
            climbed += 1;
            rest = after;
        }
        if climbed > 0 && climbed == depth {
            found.extend(first_names(rest).into_iter().map(|name| (at, name)));
        }
    }
    found
}

fn first_names(rest: &str) -> Vec<String> {
    let Some(list) = rest.strip_prefix('{') else {
        return vec![name_at(rest).to_owned()];
    };
    let mut names = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.push(name_at(list[start..at].trim()).to_owned());
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(name_at(list[start..at].trim()).to_owned());
                start = at + 1;
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn comments_and_quotes_are_blanked_out() {
    let code = "a /* b /* c */ d */ e // f\n'g' \"h\\\"i\" r#\"j\"k\"# '\\n' &'l str for r in br";
    let kept = strip(code);
    assert_eq!(kept.len(), code.len());
    let words: Vec<_> = kept.split_whitespace().collect();
    assert_eq!(words, ["a", "e", "&'l", "str", "for", "r", "in", "br"]);
}

#[test]
fn only_an_inline_test_module_ends_the_production_part() {
    let text = "#[cfg(test)]\nmod tests;\nfn a() {}\n#[cfg(test)]\nmod more {\n}\n";
    let (production, tests) = split_tests(text);
    assert!(production.ends_with("fn a() {}\n"));
    assert!(tests.contains("mod more"));
    assert_eq!(gated_modules(text), ["tests"]);
}

#[test]
fn grouped_and_relative_paths_are_seen() {
    let code =
        "use crate::{a, b::{c, d}, e::f};\nuse super::super::g::h;\nuse super::i;\ncrate::j()";
    let names: Vec<_> = root_names(code, 2)
        .into_iter()
        .map(|(_, name)| name)
        .collect();
    assert_eq!(names, ["a", "b", "e", "j", "g"]);
}
