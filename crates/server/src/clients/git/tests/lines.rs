//! Blame and the history of a range.

use super::{GitError, Repository, numbered, place};
use crate::clients::git::LocalClone;
use gix::bstr::BString;

/// What we say of every line.
fn ours(clone: &LocalClone, sha: &str, path: &str, lines: u32) -> Vec<String> {
    let step = clone.step(clone.find(sha).unwrap()).unwrap();
    let path = BString::from(path);
    let written = clone.blame_lines(&step, &path, 0..lines).unwrap();
    (0..lines)
        .map(|line| {
            written
                .get(&line)
                .map_or_else(String::new, ToString::to_string)
        })
        .collect()
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

fn edit(lines: &mut Vec<u32>, next: &mut u32, numbers: &mut Numbers, half: usize) {
    // Each branch has a half of its own, so that merges have no conflicts.
    let (from, until) = match half {
        0 => (0, lines.len() / 2 - 2),
        _ => (lines.len() / 2 + 2, lines.len()),
    };
    let at = from + numbers.below(until - from);
    match numbers.below(3) {
        0 => lines[at] = *next,
        1 => lines.insert(at, *next),
        _ => drop(lines.remove(at)),
    }
    *next += 1;
}

#[test]
fn blame_says_what_git_blame_says() {
    let mut numbers = Numbers(7);
    let mut repository = Repository::new();
    let mut lines: Vec<u32> = (0..60).collect();
    let mut next = 1_000;
    let mut path = "src/a.txt".to_owned();
    repository.write(&path, numbered(&lines));
    repository.commit("Begin");
    for round in 0..8 {
        repository.git(&["checkout", "--quiet", "-b", &format!("side-{round}")]);
        let mut side = lines.clone();
        for _ in 0..3 {
            edit(&mut side, &mut next, &mut numbers, 1);
            repository.write(&path, numbered(&side));
            repository.commit("On the side");
        }
        repository.git(&["checkout", "--quiet", "main"]);
        for _ in 0..3 {
            edit(&mut lines, &mut next, &mut numbers, 0);
            repository.write(&path, numbered(&lines));
            repository.commit("On main");
        }
        repository.merge(&format!("side-{round}"));
        if round % 3 == 2 {
            let renamed = format!("src/b{round}.txt");
            repository.git(&["mv", &path, &renamed]);
            repository.commit("Rename");
            path = renamed;
        }
        let text = std::fs::read_to_string(repository.file(&path)).unwrap();
        let number = |line: &str| line.rsplit(' ').next().unwrap().parse().unwrap();
        lines = text.lines().map(number).collect();
    }
    let head = repository.head();
    let expected = repository.blamed(&head, &path);
    let count = u32::try_from(expected.len()).unwrap();
    assert_eq!(ours(&repository.open(), &head, &path, count), expected);
    let writers: std::collections::BTreeSet<&String> = expected.iter().collect();
    assert!(
        writers.len() > 15,
        "the history is too simple to say anything"
    );
}

#[test]
fn the_history_of_a_range_is_that_of_git_log() {
    let mut numbers = Numbers(11);
    let mut repository = Repository::new();
    let mut lines: Vec<u32> = (0..40).collect();
    let mut next = 1_000;
    repository.write("a.txt", numbered(&lines));
    repository.commit("Begin");
    for round in 0..30 {
        edit(&mut lines, &mut next, &mut numbers, round % 2);
        repository.write("a.txt", numbered(&lines));
        repository.commit("Edit");
    }
    let clone = repository.open();
    for (from, until) in [(5, 9), (12, 20), (30, 31)] {
        let range = format!("-L{from},{until}:a.txt");
        let said = repository.git(&["log", "--format=%H", "-s", &range]);
        let step = clone.step(clone.find("main").unwrap()).unwrap();
        let found = clone
            .log_of_range(step, "a.txt".into(), from - 1..until)
            .unwrap();
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        let expected: Vec<&str> = said.lines().take(found.len().max(1)).collect();
        assert_eq!(found, expected, "{range}");
    }
}

#[test]
fn a_frame_is_blamed_with_its_function() {
    let mut repository = Repository::new();
    repository.write(
        "cart.py",
        "import os\n\ndef total():\n    return 1\n\ndef pay(cart):\n    a = 1\n    return a\n",
    );
    let first = repository.commit("Begin");
    repository.write(
        "cart.py",
        "import os\n\ndef total():\n    return 9\n\ndef pay(cart):\n    a = 1\n    return a\n",
    );
    repository.commit("Change the other");
    repository.write("cart.py", "import os\n\ndef total():\n    return 9\n\ndef pay(cart):\n    a = cart.sum / cart.count\n    return a\n");
    let third = repository.commit("Divide");
    let clone = repository.open();
    let blame = clone
        .blame(&third, &place("cart.py", 7, "shop.cart.pay"))
        .unwrap();
    assert_eq!(blame.frame, 3);
    assert_eq!(blame.line, [(third.clone(), 1)].into());
    assert_eq!(
        blame.function,
        [(first.clone(), 2), (third.clone(), 1)].into()
    );
    assert_eq!(blame.log, [third.clone(), first.clone()]);
    // Outside of any function only the line counts.
    let blame = clone
        .blame(&third, &place("cart.py", 1, "<module>"))
        .unwrap();
    assert_eq!(blame.line, [(first.clone(), 1)].into());
    assert!(blame.function.is_empty());
    // At an older commit nothing newer is known.
    let blame = clone.blame(&first, &place("cart.py", 7, "pay")).unwrap();
    assert_eq!(blame.function, [(first, 3)].into());
}

#[test]
fn a_frame_that_the_commit_does_not_have_is_said() {
    let mut repository = Repository::new();
    repository.write("a.py", "x = 1\n");
    repository.write("folder/b.py", "x = 1\n");
    repository.write("image.png", b"\x89PNG\0\0\0");
    repository.write("huge.js", "x".repeat(3 << 20));
    let sha = repository.commit("Begin");
    let clone = repository.open();
    let asked = |path: &str, line: u32| clone.blame(&sha, &place(path, line, "")).unwrap_err();
    assert!(matches!(asked("gone.py", 1), GitError::NoPath { .. }));
    assert!(matches!(asked("folder", 1), GitError::NoPath { .. }));
    assert!(matches!(asked("", 1), GitError::NoPath { .. }));
    assert!(matches!(asked("../a.py", 1), GitError::NoPath { .. }));
    assert!(matches!(
        asked("a.py", 2),
        GitError::NoLine { lines: 1, .. }
    ));
    assert!(matches!(asked("a.py", 0), GitError::NoLine { .. }));
    assert_eq!(
        asked("image.png", 1),
        GitError::NotText("image.png".to_owned())
    );
    assert!(matches!(asked("huge.js", 1), GitError::TooLarge { .. }));
    let unknown = clone
        .blame(&"a".repeat(40), &place("a.py", 1, ""))
        .unwrap_err();
    assert_eq!(unknown, GitError::UnknownCommit("a".repeat(40)));
}

#[test]
fn lines_beyond_a_shallow_clone_are_nobodys() {
    let mut origin = Repository::new();
    origin.write("a.txt", "one\ntwo\nthree\n");
    origin.commit("Begin");
    origin.write("a.txt", "one\nTWO\nthree\n");
    let edge = origin.commit("Second");
    origin.write("a.txt", "one\nTWO\nTHREE\n");
    let head = origin.commit("Third");
    let shallow = Repository::new();
    let from = format!("file://{}", origin.path());
    shallow.git(&["clone", "--quiet", "--depth=2", &from, "copy"]);
    let clone = super::open(shallow.file("copy").to_str().unwrap()).unwrap();
    assert_eq!(ours(&clone, &head, "a.txt", 3), ["", "", head.as_str()]);
    let blame = clone.blame(&head, &place("a.txt", 2, "")).unwrap();
    assert_eq!(blame.line, [("0".repeat(40), 1)].into());
    let commits = clone.commits_between(None, &head, 10).unwrap();
    assert!(commits.is_cut, "the history goes on elsewhere");
    assert_eq!(commits.commits[1].sha, edge);
    assert_eq!(commits.commits[1].files, None, "what it changed is unknown");
}

#[test]
fn line_ends_and_clocks_do_not_matter() {
    let mut repository = Repository::new();
    repository.git(&["config", "core.autocrlf", "false"]);
    repository.write("a.txt", "one\r\ntwo\r\nthree");
    let first = repository.commit("Begin");
    repository.set_back(86_400);
    repository.write("a.txt", "one\r\nTWO\r\nthree");
    let second = repository.commit("By a clock that is a day late");
    let clone = repository.open();
    assert_eq!(
        ours(&clone, &second, "a.txt", 3),
        [first.as_str(), &second, &first]
    );
    let hunk = &clone.commit(&second).unwrap().files.unwrap()[0].hunks[0];
    assert_eq!(hunk.added, ["TWO"]);
}
