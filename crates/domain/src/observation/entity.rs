//! What a text names: commits, pull requests, Sentry's issues, files, pages. E-mail addresses are
//! personal data and never become references.

use super::Reference;
use crate::limits::{MEMORY_MENTIONS, PATH_CHARS};

/// Words that look like Sentry's short ids and are something else.
const STANDARDS: [&str; 16] = [
    "UTF", "SHA", "ISO", "RFC", "HTTP", "CVE", "MD", "AES", "RSA", "TLS", "SSL", "EC", "GPT",
    "IPV", "BASE", "X",
];

/// Everything that a text names, in its order, each once. `repository`: where a bare `#12` lives.
pub(super) fn of_text(text: &str, repository: Option<&str>) -> Vec<Reference> {
    let mut found: Vec<Reference> = Vec::new();
    for word in
        text.split(|letter: char| letter.is_whitespace() || "()[]<>\"'`,;|".contains(letter))
    {
        let word = word.trim_matches(|letter: char| ".:!?*_".contains(letter));
        let Some(reference) = of_word(word, repository) else {
            continue;
        };
        let is_known = |one: &Reference| one.kind == reference.kind && one.id == reference.id;
        if !found.iter().any(is_known) {
            found.push(reference);
        }
        if found.len() >= MEMORY_MENTIONS {
            break;
        }
    }
    found
}

fn of_word(word: &str, repository: Option<&str>) -> Option<Reference> {
    if word.len() < 2 || word.len() > PATH_CHARS {
        return None;
    }
    let named = |kind: &str, id: String| {
        Some(Reference {
            kind: kind.to_owned(),
            id,
            url: None,
        })
    };
    if word.starts_with("https://") || word.starts_with("http://") {
        return page(word);
    }
    if let Some(request) = pull_request(word, repository) {
        return named("pull_request", request);
    }
    if word.contains('@') {
        return None;
    }
    if let Some(sha) = commit(word) {
        return named("commit", sha);
    }
    if is_short_id(word) {
        return named("sentry_issue", word.to_owned());
    }
    file(word).and_then(|path| named("file", path))
}

/// A page, without what may hold secrets: user, query, fragment. Pages of pull requests and commits
/// are those.
fn page(word: &str) -> Option<Reference> {
    let (scheme, rest) = word.split_once("://")?;
    let rest = rest.split(['?', '#']).next()?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit('@').next()?.to_ascii_lowercase();
    if host.is_empty() || !host.contains('.') {
        return None;
    }
    let path = path.trim_end_matches('/');
    let url = if path.is_empty() {
        format!("{scheme}://{host}")
    } else {
        format!("{scheme}://{host}/{path}")
    };
    let parts: Vec<&str> = path.split('/').filter(|part| *part != "-").collect();
    let (kind, id) = match parts.as_slice() {
        [owner, name, "pull" | "pulls" | "merge_requests", number, ..] if is_number(number) => {
            let id = format!("{owner}/{name}#{number}").to_lowercase();
            ("pull_request", id)
        }
        [.., "commit" | "commits", sha] if commit(sha).is_some() => ("commit", sha.to_lowercase()),
        _ => ("url", url.clone()),
    };
    Some(Reference {
        kind: kind.to_owned(),
        id,
        url: Some(url),
    })
}

fn is_number(text: &str) -> bool {
    (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `#12` of a known repository, `owner/name#12`, GitLab's `group/name!12`.
fn pull_request(word: &str, repository: Option<&str>) -> Option<String> {
    let (place, number) = word.split_once(['#', '!'])?;
    if !is_number(number) {
        return None;
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    let place = if place.is_empty() {
        repository?
    } else if place.contains('/') && place.bytes().all(plain) {
        place
    } else {
        return None;
    };
    Some(format!("{}#{number}", place.to_lowercase()))
}

/// A commit's name: 7 to 40 hex digits with both letters and digits, so that neither numbers nor
/// words are taken for one.
fn commit(word: &str) -> Option<String> {
    let sha = crate::change::sha(word)?;
    let has_digit = sha.bytes().any(|byte| byte.is_ascii_digit());
    let has_letter = sha.bytes().any(|byte| byte.is_ascii_alphabetic());
    (sha.len() <= 40 && has_digit && has_letter).then_some(sha)
}

/// `STOREFRONT-8K`: a project in capitals, and a number in base 32 with a digit in it.
fn is_short_id(word: &str) -> bool {
    let Some((project, number)) = word.rsplit_once('-') else {
        return false;
    };
    let capital = |byte: u8| byte.is_ascii_uppercase();
    let plain = |byte: u8| capital(byte) || byte.is_ascii_digit() || b"-_".contains(&byte);
    let first = project.split(['-', '_']).next().unwrap_or(project);
    project.len() >= 2
        && project.bytes().all(plain)
        && project.bytes().next().is_some_and(capital)
        && !STANDARDS.contains(&first)
        && (1..=7).contains(&number.len())
        && number
            .bytes()
            .all(|byte| capital(byte) || byte.is_ascii_digit())
        && number.bytes().any(|byte| byte.is_ascii_digit())
}

/// `src/cart/addLine.ts:12` without the line: a path of two parts or more with an ending.
fn file(word: &str) -> Option<String> {
    let path = word.split(':').next()?;
    let (folder, name) = path.rsplit_once('/')?;
    let (stem, ending) = name.rsplit_once('.')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./+@".contains(&byte);
    let is_path = !folder.is_empty()
        && !stem.is_empty()
        && (1..=6).contains(&ending.len())
        && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && ending.bytes().any(|byte| byte.is_ascii_alphabetic())
        && path.bytes().all(plain);
    is_path.then(|| path.trim_start_matches("./").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<String> {
        of_text(text, Some("acme/shop"))
            .into_iter()
            .map(|one| format!("{} {}", one.kind, one.id))
            .collect()
    }

    #[test]
    fn a_text_names_what_it_is_about() {
        let text = "Fixes STOREFRONT-8K (#12), see acme/api#7 and \
                    https://github.com/Acme/shop/pull/9?x=secret, src/cart/addLine.ts:4. \
                    Reverts 9fceb02d0ae5; https://ann:pw@ci.example/build/3#top again #12";
        assert_eq!(
            named(text),
            [
                "sentry_issue STOREFRONT-8K",
                "pull_request acme/shop#12",
                "pull_request acme/api#7",
                "pull_request acme/shop#9",
                "file src/cart/addLine.ts",
                "commit 9fceb02d0ae5",
                "url https://ci.example/build/3",
            ]
        );
    }

    #[test]
    fn what_only_looks_like_a_name_is_none() {
        for text in [
            "UTF-8 SHA-256 ISO-8601 HTTP-404 CVE-2026",
            "ann@harbor.example mailto:ann@harbor.example",
            "1234567 deadbeef facade 0000000 v1.2.3 and/or 10/12.5",
            "#nope a#1 http://localhost https:// # ! -1 A-1",
            "",
        ] {
            assert_eq!(named(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_long_text_names_only_so_much() {
        let text: Vec<String> = (0..500)
            .map(|number| format!("acme/shop#{number}"))
            .collect();
        assert_eq!(named(&text.join(" ")).len(), MEMORY_MENTIONS);
    }
}
