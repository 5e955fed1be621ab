//! Names, ranges, and what commits changed.

use super::{GitError, Repository, numbered};
use epicenter_domain::change::{FileChange, FileChangeKind, RepositoryName};

#[test]
fn commits_are_found_by_digits_tags_and_branches() {
    let mut repository = Repository::new();
    repository.write("a.txt", "one\n");
    let sha = repository.commit("Begin");
    repository.git(&["tag", "-a", "v1.0", "-m", "A version"]);
    repository.git(&["branch", "release/7"]);
    let clone = repository.open();
    for name in [
        sha.as_str(),
        &sha[..7],
        &sha.to_uppercase(),
        "v1.0",
        "main",
        "release/7",
    ] {
        assert_eq!(clone.resolve(name).as_ref(), Ok(&sha), "{name}");
    }
    let unknown = clone.resolve("fffffff").unwrap_err();
    assert_eq!(unknown, GitError::UnknownCommit("fffffff".to_owned()));
    for name in [
        "gone",
        "",
        "..",
        "a b",
        "HEAD@{1}",
        ":/Begin",
        "v1.0^{tree}",
    ] {
        let unknown = clone.resolve(name).unwrap_err();
        assert_eq!(unknown, GitError::UnknownName(name.to_owned()));
    }
    assert_eq!(clone.head_branch(), Ok(Some("main".to_owned())));
    repository.git(&["checkout", "--quiet", "--detach"]);
    assert_eq!(repository.open().head_branch(), Ok(None));
}

#[test]
fn a_clone_knows_where_it_comes_from_and_what_it_holds() {
    let mut repository = Repository::new();
    repository.write("src/a.rs", "");
    repository.write("b.rs", "");
    std::os::unix::fs::symlink("b.rs", repository.file("link.rs")).unwrap();
    let sha = repository.commit("Begin");
    repository.git(&["remote", "add", "origin", "git@host.example:Acme/Shop.git"]);
    repository.git(&["remote", "add", "fork", "https://host.example/bob/shop"]);
    let clone = repository.open();
    let names = clone.remotes();
    let names: Vec<&str> = names.iter().map(RepositoryName::as_str).collect();
    assert_eq!(names, ["acme/shop", "bob/shop"]);
    assert_eq!(clone.paths(&sha).unwrap(), ["b.rs", "src/a.rs"]);
}

#[test]
fn a_range_has_the_commits_of_git_log() {
    let mut repository = Repository::new();
    for number in 0..4 {
        repository.write("a.txt", format!("{number}\n"));
        repository.commit("On main");
    }
    let live = repository.head();
    repository.git(&["checkout", "--quiet", "-b", "side"]);
    repository.write("b.txt", "side\n");
    repository.commit("On the side");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.write("a.txt", "more\n");
    repository.commit("On main");
    let merge = repository.merge("side");
    let head = repository.commit("Last");
    let clone = repository.open();
    for (after, range) in [
        (Some(live.as_str()), format!("{live}..{head}")),
        (None, head.clone()),
    ] {
        let said = repository.git(&["log", "--format=%H", &range]);
        let found = clone.commits_between(after, &head, 100).unwrap();
        let shas: Vec<&str> = found.commits.iter().map(|one| one.sha.as_str()).collect();
        assert_eq!(shas, said.lines().collect::<Vec<_>>(), "{range}");
        assert!(!found.is_cut);
        for commit in &found.commits {
            assert_eq!(commit.is_merge, Some(commit.sha == merge));
            assert_eq!(commit.files.is_none(), commit.sha == merge);
        }
    }
    let cut = clone.commits_between(None, &head, 3).unwrap();
    assert_eq!((cut.commits.len(), cut.is_cut), (3, true));
    let none = clone.commits_between(Some(&head), &live, 3).unwrap();
    assert_eq!((none.commits.len(), none.is_cut), (0, false));
}

/// `path kind old_path added removed` and hunks, as the git program tells them.
fn told(repository: &Repository, sha: &str) -> Vec<(FileChangeKind, String, Vec<String>)> {
    let said = repository.git(&[
        "diff-tree",
        "-r",
        "-M",
        "--root",
        "--no-commit-id",
        "--name-status",
        sha,
    ]);
    let files = said.lines().map(|line| {
        let mut words = line.split('\t');
        let kind = match &words.next().unwrap()[..1] {
            "A" => FileChangeKind::Added,
            "D" => FileChangeKind::Removed,
            "R" => FileChangeKind::Renamed,
            _ => FileChangeKind::Modified,
        };
        let path = words.next_back().unwrap().to_owned();
        let diff = repository.git(&["show", "-M", "-U0", "--format=", sha]);
        let heading = format!("+++ b/{path}");
        let old = format!("--- a/{path}");
        let from = diff.find(&heading).or_else(|| diff.find(&old));
        let part = from.map_or("", |from| &diff[from..]);
        let part = part.split("\ndiff --git").next().unwrap();
        let ranges = part.lines().filter(|line| line.starts_with("@@"));
        let ranges = ranges.map(|line| line.split("@@").nth(1).unwrap().trim().to_owned());
        (kind, path, ranges.collect())
    });
    files.collect()
}

fn ours(files: &[FileChange]) -> Vec<(FileChangeKind, String, Vec<String>)> {
    let side = |start: u32, lines: u32| match lines {
        1 => start.to_string(),
        _ => format!("{start},{lines}"),
    };
    let mut found: Vec<_> = files
        .iter()
        .map(|file| {
            let hunks = file.hunks.iter().map(|hunk| {
                let old = side(hunk.old_start, hunk.old_lines);
                format!("-{old} +{}", side(hunk.new_start, hunk.new_lines))
            });
            (file.kind, file.path.clone(), hunks.collect())
        })
        .collect();
    found.sort_by(|one, other| one.1.cmp(&other.1));
    found
}

#[test]
fn hunks_are_those_of_git_diff() {
    let mut repository = Repository::new();
    let mut lines: Vec<u32> = (0..50).collect();
    repository.write("src/a.txt", numbered(&lines));
    repository.write("src/old.txt", numbered(&(100..140).collect::<Vec<_>>()));
    repository.write("gone.txt", "gone\n");
    let first = repository.commit("Begin");
    lines[3] = 900;
    lines.insert(20, 901);
    lines.drain(30..33);
    repository.write("src/a.txt", numbered(&lines));
    repository.git(&["mv", "src/old.txt", "src/new.txt"]);
    let mut moved: Vec<u32> = (100..140).collect();
    moved[10] = 902;
    repository.write("src/new.txt", numbered(&moved));
    std::fs::remove_file(repository.file("gone.txt")).unwrap();
    repository.write("fresh.txt", "one\ntwo");
    let second = repository.commit("Change");
    let clone = repository.open();
    for sha in [&first, &second] {
        let files = clone.commit(sha).unwrap().files.unwrap();
        assert_eq!(ours(&files), told(&repository, sha));
    }
    let files = clone.commit(&second).unwrap().files.unwrap();
    let renamed = files
        .iter()
        .find(|file| file.path == "src/new.txt")
        .unwrap();
    assert_eq!(renamed.old_path.as_deref(), Some("src/old.txt"));
    assert_eq!((renamed.added, renamed.removed), (Some(1), Some(1)));
    assert_eq!(renamed.hunks[0].added, ["line 902"]);
    assert_eq!(renamed.hunks[0].removed, ["line 110"]);
}

#[test]
fn a_commit_carries_people_and_times() {
    let mut repository = Repository::new();
    repository.write("a.txt", "one\n");
    let sha = repository.commit("Subject\n\nBody of it.\n");
    let commit = repository.open().commit(&sha).unwrap();
    let brief = repository.open().brief(&sha).unwrap();
    assert_eq!(brief.files, None);
    assert_eq!((&brief.message, &brief.sha), (&commit.message, &commit.sha));
    assert_eq!(commit.message, "Subject\n\nBody of it.");
    assert_eq!(commit.author, "Ann");
    let key = epicenter_domain::change::author_key(Some("ann@harbor.example"), "Ann");
    assert_eq!(commit.author_key, key, "as hosts' webhooks give it");
    let seconds = commit.committed_at.unwrap().0 / 1_000;
    assert_eq!(
        seconds.to_string(),
        repository.git(&["log", "-1", "--format=%ct"])
    );
    assert_eq!(commit.authored_at, commit.committed_at);
}
