//! Which commit a fix says was at fault. People write it down: a revert names what it takes back,
//! and many teams name the commit that a fix repairs.

use super::{reverted_sha, sha};

/// What stands before the name of the commit at fault, in lower case.
const CUES: [&str; 9] = [
    "fixes:",
    "fixes commit",
    "regressed-by:",
    "caused-by:",
    "caused by",
    "introduced-by:",
    "introduced in",
    "introduced by",
    "regression from",
];

/// The commit (its whole name or the start of it, lower-case hex) that the message of a fix blames;
/// `None` when it blames none. An issue's number after `fixes` is no commit.
pub fn blamed_by_fix(message: &str) -> Option<String> {
    reverted_sha(message).or_else(|| {
        let text = message.to_lowercase();
        CUES.iter().find_map(|cue| after(&text, cue))
    })
}

/// The commit named right after any place where `cue` stands.
fn after(text: &str, cue: &str) -> Option<String> {
    text.match_indices(cue).find_map(|(at, _)| {
        let rest = text.get(at + cue.len()..)?.trim_start();
        let rest = rest.strip_prefix("commit ").unwrap_or(rest);
        let word = rest
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .next()?;
        // Seven digits alone are a number of something else.
        let is_number = word.len() < 12 && word.bytes().all(|byte| byte.is_ascii_digit());
        sha(word).filter(|_| !is_number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_names_the_commit_at_fault() {
        let cases = [
            (
                "Revert \"X\"\n\nThis reverts commit 9fceb02d0ae5.\n",
                Some("9fceb02d0ae5"),
            ),
            (
                "Check the price\n\nFixes: 1a2b3c4 (\"Look prices up\")",
                Some("1a2b3c4"),
            ),
            (
                "Check the price, introduced in commit 1A2B3C4d",
                Some("1a2b3c4d"),
            ),
            ("A regression from 1a2b3c4, see there", Some("1a2b3c4")),
            ("fixes: nothing. Caused by 1a2b3c4", Some("1a2b3c4")),
            ("Fixes: 1234567", None),
            ("Fixes SHOP-API-3F", None),
            ("Fixes: #42 and deadbeef", None),
            ("", None),
        ];
        for (message, expected) in cases {
            assert_eq!(blamed_by_fix(message).as_deref(), expected, "{message}");
        }
    }
}
