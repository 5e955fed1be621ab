//! A candidate changed the function of a frame, as the headers of its hunks name it.

use super::ground::{Ground, Touch};
use super::{Code, Evidence, FileStatus};

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::FunctionName,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    let names = names(ground);
    ground.over_places(|touch, _| match names.get(touch.place) {
        // Whoever adds a file writes its functions; hunks have no header there.
        Some(name) if touch.file.kind == FileStatus::Added && !name.is_empty() => 1.0,
        Some(name) if is_in(touch, name) => 1.0,
        _ => 0.0,
    })
}

fn names(ground: &Ground<'_>) -> Vec<String> {
    let function = |frame: &super::SceneFrame| {
        bare(
            frame.function.as_deref().unwrap_or_default(),
            frame.module.as_deref(),
        )
    };
    ground
        .places
        .iter()
        .map(|place| function(place.frame))
        .collect()
}

fn is_in(touch: &Touch<'_>, name: &str) -> bool {
    !name.is_empty()
        && touch.file.hunks.iter().any(|hunk| {
            hunk.signature
                .as_deref()
                .is_some_and(|signature| has_word(signature, name))
        })
}

/// The name alone: without owner, generics and what compilers append (`parse.part.9`, `<lambda>`).
pub(super) fn bare(function: &str, module: Option<&str>) -> String {
    if matches!(function, "<init>" | "<clinit>" | "__init__" | "constructor") {
        let owner = module.unwrap_or_default();
        return owner
            .rsplit(['.', '$', ':'])
            .next()
            .unwrap_or_default()
            .to_owned();
    }
    let function = function.split(['(', '<', ' ']).next().unwrap_or_default();
    let cut = [".part", ".isra", ".constprop", ".cold", ".lto_priv"];
    let end = cut.iter().filter_map(|tail| function.find(tail)).min();
    let function = function
        .get(..end.unwrap_or(function.len()))
        .unwrap_or_default();
    function
        .rsplit(['.', ':', '#', '$', '/'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .any(|part| part == word)
}

fn explain(ground: &Ground<'_>, candidate: usize) -> String {
    let names = names(ground);
    let touches = ground.touches_of(candidate);
    let hit = touches.iter().find(|touch| {
        names
            .get(touch.place)
            .is_some_and(|name| is_in(touch, name))
    });
    match hit.and_then(|touch| ground.places.get(touch.place)) {
        Some(place) => format!("It changed {}", place.title()),
        None => String::from("It changed a function of the stack"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_lose_what_is_not_their_name() {
        let cases = [
            ("parse.part.9", "parse"),
            ("Cart.add", "add"),
            ("shop::cart::add<T>", "add"),
            ("add(int, int)", "add"),
            ("lambda$run", "run"),
            ("<init>", "Cart"),
            ("", ""),
        ];
        for (function, expected) in cases {
            assert_eq!(bare(function, Some("a.b.Cart")), expected, "{function}");
        }
    }

    #[test]
    fn a_signature_holds_whole_words_only() {
        assert!(has_word("public Date parse(String source)", "parse"));
        assert!(!has_word("public Date parseAll(String source)", "parse"));
        assert!(has_word("static int nl_sock_open(void)", "nl_sock_open"));
    }
}
