//! What may be wrong with a clone: nothing makes the reader fall over.

use super::{GitError, Repository, open, place};
use std::fs;
use std::os::unix::ffi::OsStrExt;

#[test]
fn what_is_no_clone_is_said() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().to_str().unwrap();
    assert_eq!(
        open(path).err(),
        Some(GitError::NotARepository(path.to_owned()))
    );
    let gone = format!("{path}/gone");
    assert_eq!(open(&gone).err(), Some(GitError::NoFolder(gone.clone())));
    let file = format!("{path}/file");
    fs::write(&file, "text").unwrap();
    assert_eq!(open(&file).err(), Some(GitError::NoFolder(file.clone())));
}

#[test]
fn an_empty_repository_has_a_branch_and_no_commits() {
    let repository = Repository::new();
    let clone = repository.open();
    assert_eq!(clone.head_branch(), Ok(Some("main".to_owned())));
    assert!(clone.remotes().is_empty());
    let unknown = clone.resolve("main").unwrap_err();
    assert_eq!(unknown, GitError::UnknownName("main".to_owned()));
    assert!(clone.paths("main").is_err());
    assert!(clone.commits_between(None, "main", 10).is_err());
}

#[test]
fn a_mirror_of_deleted_branches_still_answers() {
    let mut origin = Repository::new();
    origin.write("a.txt", "one\n");
    let sha = origin.commit("Begin");
    origin.git(&["clone", "--quiet", "--mirror", ".", "copy.git"]);
    let mirror = origin.file("copy.git");
    origin.git(&["-C", "copy.git", "update-ref", "-d", "refs/heads/main"]);
    let clone = open(mirror.to_str().unwrap()).unwrap();
    assert_eq!(clone.head_branch(), Ok(Some("main".to_owned())));
    assert!(clone.resolve("main").is_err());
    assert_eq!(
        clone.commit(&sha).unwrap().sha,
        sha,
        "nothing was pruned yet"
    );
}

#[test]
fn odd_entries_are_named_and_not_compared() {
    let mut inner = Repository::new();
    inner.write("x.txt", "x\n");
    inner.commit("Inner");
    let mut repository = Repository::new();
    repository.write("image.png", b"\x89PNG\0\0\0");
    repository.write("huge.js", "x\n".repeat(2 << 20));
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.txt");
    fs::write(repository.file("").join(name), "one\n").unwrap();
    std::os::unix::fs::symlink("image.png", repository.file("link")).unwrap();
    let from = inner.path();
    repository.git(&["submodule", "--quiet", "add", &from, "module"]);
    let sha = repository.commit("Begin");
    let clone = repository.open();
    let files = clone.commit(&sha).unwrap().files.unwrap();
    let hunks = |path: &str| {
        let file = files.iter().find(|file| file.path == path);
        file.unwrap_or_else(|| panic!("{path} of {files:?}"))
            .hunks
            .len()
    };
    for path in ["image.png", "huge.js", "module"] {
        assert_eq!(hunks(path), 0, "{path}");
    }
    assert_eq!(hunks("link"), 1, "a link is a line of text");
    assert_eq!(hunks("caf\u{fffd}.txt"), 1);
    assert!(
        clone
            .paths(&sha)
            .unwrap()
            .contains(&"caf\u{fffd}.txt".to_owned())
    );
    for path in ["link", "module", "module/x.txt"] {
        let asked = clone.blame(&sha, &place(path, 1, "")).unwrap_err();
        assert!(matches!(asked, GitError::NoPath { .. }), "{path}: {asked}");
    }
}

#[test]
fn damage_is_an_error_and_no_more() {
    let mut repository = Repository::new();
    for number in 0..6 {
        repository.write("a.txt", format!("one\n{number}\nthree\n"));
        repository.write("src/b.txt", format!("{number}\n"));
        repository.commit("Change");
    }
    let head = repository.head();
    repository.git(&["gc", "--quiet"]);
    let packs = repository.file(".git/objects/pack");
    for entry in fs::read_dir(packs).unwrap() {
        let path = entry.unwrap().path();
        let whole = fs::read(&path).unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        #[expect(clippy::permissions_set_readonly_false, reason = "a file of this test")]
        permissions.set_readonly(false);
        fs::set_permissions(&path, permissions).unwrap();
        for at in (0..whole.len()).step_by(23) {
            let mut hurt = whole.clone();
            hurt[at] ^= 0xff;
            fs::write(&path, &hurt).unwrap();
            ask_all(&repository, &head);
        }
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        ask_all(&repository, &head);
        fs::write(&path, &whole).unwrap();
    }
    assert_eq!(
        ask_all(&repository, &head),
        4,
        "whole again, it answers all"
    );
}

/// Asks everything; answers how many answers came.
fn ask_all(repository: &Repository, head: &str) -> usize {
    let Ok(clone) = open(&repository.path()) else {
        return 0;
    };
    let answers = [
        clone.commits_between(None, head, 100).is_ok(),
        clone.blame(head, &place("a.txt", 2, "")).is_ok(),
        clone.paths(head).is_ok(),
        clone.commit(head).is_ok(),
    ];
    answers.into_iter().filter(|answer| *answer).count()
}
