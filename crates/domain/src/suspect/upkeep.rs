//! Documents, tests and looks do not fail in production.

use super::ground::Ground;
use super::weights::{ONLY_DOCUMENTS, ONLY_TESTS, SAYS_TIDYING, SAYS_UPKEEP};
use super::{Candidate, Code, Evidence, paths};

/// Words of a subject that say: nothing that runs was changed. Sorted.
const UPKEEP_WORDS: [&str; 23] = [
    "changelog",
    "checkstyle",
    "comment",
    "comments",
    "copyright",
    "docs",
    "eol",
    "findbugs",
    "format",
    "formatting",
    "indent",
    "indentation",
    "javadoc",
    "javadocs",
    "license",
    "pmd",
    "readme",
    "reformat",
    "spelling",
    "trailing",
    "typo",
    "typos",
    "whitespace",
];
/// Words that say: what runs was moved or tidied, and should do the same as before. Sorted.
const TIDYING_WORDS: [&str; 12] = [
    "clean",
    "cleanup",
    "cosmetic",
    "move",
    "moved",
    "moving",
    "refactor",
    "refactored",
    "rename",
    "renamed",
    "split",
    "style",
];
/// What text is written in, not programs.
const DOCUMENTS: [&str; 9] = [
    "adoc", "html", "md", "png", "rst", "svg", "tex", "txt", "xdoc",
];

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::Upkeep,
    measure,
    explain,
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Documents,
    Tests,
    Says,
    Tidies,
    Work,
}

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    let firsts = Firsts::new();
    ground.each(|commit| match kind(commit, firsts) {
        Kind::Documents => ONLY_DOCUMENTS,
        Kind::Tests => ONLY_TESTS,
        Kind::Says => SAYS_UPKEEP,
        Kind::Tidies => SAYS_TIDYING,
        Kind::Work => 0.0,
    })
}

fn kind(commit: &Candidate, firsts: Firsts) -> Kind {
    let all = |is: fn(&str) -> bool| commit.files.iter().all(|file| is(&file.path));
    let is_known = !commit.files.is_empty();
    if is_known && all(is_document) {
        Kind::Documents
    } else if is_known && all(|path| is_test(path) || is_document(path)) {
        Kind::Tests
    } else {
        said(&commit.message, firsts)
    }
}

/// Does a file hold what runs in production?
pub(super) fn runs(path: &str) -> bool {
    !is_document(path) && !is_test(path)
}

fn is_document(path: &str) -> bool {
    let extension = paths::name(path)
        .rsplit_once('.')
        .map(|(_, extension)| extension);
    let in_folder = path.starts_with("docs/") || path.starts_with("Documentation/");
    match extension {
        Some(extension) => in_folder || DOCUMENTS.contains(&extension),
        None => in_folder || matches!(paths::name(path), "AUTHORS" | "LICENSE" | "NEWS" | "README"),
    }
}

fn is_test(path: &str) -> bool {
    let folders = [
        "test",
        "tests",
        "testing",
        "spec",
        "__tests__",
        "testdata",
        "fixtures",
    ];
    let in_folder = path
        .split('/')
        .rev()
        .skip(1)
        .any(|segment| folders.contains(&segment));
    let stem = paths::stem(path);
    in_folder
        || ["Test", "Tests", "_test", ".test", ".spec", "_spec"]
            .iter()
            .any(|end| stem.ends_with(end))
        || stem.starts_with("test_")
}

/// What a word of the subject says.
fn said(message: &str, firsts: Firsts) -> Kind {
    let bytes = message.as_bytes();
    let subject = bytes.split(|byte| *byte == b'\n').next();
    let mut said = Kind::Work;
    for word in subject
        .unwrap_or_default()
        .split(|byte| !byte.is_ascii_alphanumeric())
    {
        if !firsts.have(word) {
            continue;
        }
        let is = |known: &&str| known.as_bytes().eq_ignore_ascii_case(word);
        if UPKEEP_WORDS.iter().any(is) {
            return Kind::Says;
        }
        if TIDYING_WORDS.iter().any(is) {
            said = Kind::Tidies;
        }
    }
    said
}

/// With which letters the telling words begin, a bit for each: most words need no second look.
#[derive(Clone, Copy)]
struct Firsts(u32);

impl Firsts {
    fn new() -> Self {
        let words = UPKEEP_WORDS.iter().chain(&TIDYING_WORDS);
        let bits = words.filter_map(|word| Self::bit(word.as_bytes()));
        Self(bits.fold(0, |all, bit| all | bit))
    }

    fn have(self, word: &[u8]) -> bool {
        Self::bit(word).is_some_and(|bit| self.0 & bit != 0)
    }

    fn bit(word: &[u8]) -> Option<u32> {
        let first = word.first()?.to_ascii_lowercase();
        let letter = first.checked_sub(b'a').filter(|letter| *letter < 26)?;
        Some(1 << letter)
    }
}

fn explain(ground: &Ground<'_>, candidate: usize) -> String {
    let commit = ground.candidates.get(candidate);
    let what = match commit.map_or(Kind::Work, |commit| kind(commit, Firsts::new())) {
        Kind::Documents => "It changed documents only",
        Kind::Tests => "It changed tests only",
        Kind::Tidies => "Its subject says that it moved or tidied code",
        Kind::Says | Kind::Work => "Its subject says that it changed nothing that runs",
    };
    what.to_owned()
}
