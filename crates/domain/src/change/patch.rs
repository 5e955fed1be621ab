//! Unified diffs, as code hosts send them with a commit. What is malformed is left out: a patch is
//! a hint, never a reason to refuse a commit.

use super::Hunk;
use crate::limits::{PATCH_HUNKS, PATCH_LINES, SOURCE_LINE_CHARS, cut_chars};

/// The changed places of one file's patch, in its order, cut down to the lines that changed: what
/// stands between them is context.
pub fn hunks(patch: &str) -> Vec<Hunk> {
    let mut found = Vec::new();
    let mut open = Open::default();
    for line in patch.lines() {
        if found.len() >= PATCH_HUNKS {
            return found;
        }
        if let Some(head) = line.strip_prefix("@@ ") {
            open.close(&mut found);
            open = Open::begin(head);
        } else {
            open.take(line, &mut found);
        }
    }
    open.close(&mut found);
    found
}

/// Where the reading of a patch is.
#[derive(Default)]
struct Open {
    /// The next line of the old and of the new file; `None`: outside of a hunk.
    at: Option<(u32, u32)>,
    signature: Option<String>,
    hunk: Option<Hunk>,
}

impl Open {
    /// `-12,7 +12,9 @@ def total(cart):`
    fn begin(head: &str) -> Self {
        let Some((ranges, signature)) = head.split_once("@@") else {
            return Self::default();
        };
        let mut ranges = ranges.split_whitespace();
        let mut start = |sign: char| {
            let range = ranges.next()?.strip_prefix(sign)?;
            let (first, count) = range.split_once(',').unwrap_or((range, "1"));
            let first = first.parse::<u32>().ok()?;
            // An empty range names the line before it.
            Some(first.saturating_add(u32::from(count == "0")))
        };
        let at = start('-').zip(start('+'));
        let signature = signature.trim();
        Self {
            at,
            signature: (!signature.is_empty()).then(|| cut_chars(signature, SOURCE_LINE_CHARS)),
            hunk: None,
        }
    }

    fn take(&mut self, line: &str, found: &mut Vec<Hunk>) {
        let Some((old, new)) = self.at else { return };
        let (sign, text) = match line.chars().next() {
            Some(sign @ ('+' | '-')) => (sign, line.get(1..).unwrap_or_default()),
            // "\ No newline at end of file"
            Some('\\') => return,
            Some(_) | None => {
                self.close(found);
                self.at = Some((old.saturating_add(1), new.saturating_add(1)));
                return;
            }
        };
        let signature = self.signature.clone();
        let hunk = self.hunk.get_or_insert_with(|| Hunk {
            old_start: old,
            new_start: new,
            signature,
            ..Hunk::default()
        });
        let (lines, texts) = if sign == '+' {
            self.at = Some((old, new.saturating_add(1)));
            (&mut hunk.new_lines, &mut hunk.added)
        } else {
            self.at = Some((old.saturating_add(1), new));
            (&mut hunk.old_lines, &mut hunk.removed)
        };
        *lines = lines.saturating_add(1);
        if texts.len() < PATCH_LINES {
            texts.push(cut_chars(text, SOURCE_LINE_CHARS));
        }
    }

    /// An empty side stands after the line before it, as git writes it.
    fn close(&mut self, found: &mut Vec<Hunk>) {
        let Some(mut hunk) = self.hunk.take() else {
            return;
        };
        if hunk.old_lines == 0 {
            hunk.old_start = hunk.old_start.saturating_sub(1);
        }
        if hunk.new_lines == 0 {
            hunk.new_start = hunk.new_start.saturating_sub(1);
        }
        found.push(hunk);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn a_patch_becomes_the_places_that_changed() {
        let patch = "@@ -10,6 +10,7 @@ def total(cart):\n a\n-old\n+new\n+newer\n b\n c\n-gone\n d\n\
                     \\ No newline at end of file\n@@ -40,0 +42 @@\n+last";
        let found = hunks(patch);
        let signature = Some("def total(cart):".to_owned());
        let expected = vec![
            Hunk {
                old_start: 11,
                old_lines: 1,
                new_start: 11,
                new_lines: 2,
                signature: signature.clone(),
                added: texts(&["new", "newer"]),
                removed: texts(&["old"]),
            },
            Hunk {
                old_start: 14,
                old_lines: 1,
                new_start: 14,
                new_lines: 0,
                signature,
                added: Vec::new(),
                removed: texts(&["gone"]),
            },
            Hunk {
                old_start: 40,
                new_start: 42,
                new_lines: 1,
                added: texts(&["last"]),
                ..Hunk::default()
            },
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_malformed_is_left_out() {
        for patch in [
            "",
            "+no head",
            "@@ nonsense @@\n+a",
            "@@ -1 @@\n+a",
            "@@ -99999999999 +1 @@\n+a",
            "Binary files differ",
        ] {
            assert_eq!(hunks(patch), Vec::new(), "{patch:?}");
        }
        let endless = format!("@@ -4294967295,2 +4294967295 @@\n{}", "+x\n-y\n".repeat(9));
        assert_eq!(hunks(&endless).len(), 1);
    }

    #[test]
    fn a_patch_is_kept_within_limits() {
        let long = format!("@@ -1 +1 @@\n{}", "+x\n".repeat(PATCH_LINES + 5));
        let found = hunks(&long);
        assert_eq!(found[0].added.len(), PATCH_LINES);
        assert_eq!(found[0].new_lines, u32::try_from(PATCH_LINES + 5).unwrap());
        let many = "@@ -1 +1 @@\n+x\n".repeat(PATCH_HUNKS + 5);
        assert_eq!(hunks(&many).len(), PATCH_HUNKS);
    }
}
