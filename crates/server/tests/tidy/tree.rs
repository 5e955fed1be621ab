//! The files of the repository, and how a rule reports what breaks it.

use crate::rust_text;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that are made, not written.
const MADE: [&str; 6] = [
    ".git",
    "target",
    "node_modules",
    "fuzz/target",
    "fuzz/corpus",
    "fuzz/artifacts",
];

/// One text file, by its path from the root with forward slashes.
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
    /// Does the file above it compile it for tests only?
    is_gated: bool,
}

impl TextFile {
    pub(crate) fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|found| found == extension)
    }

    /// Is it Rust that only tests or measures?
    pub(crate) fn is_rust_test(&self) -> bool {
        let folders = ["/tests/", "/benches/", "/examples/"];
        self.has_extension("rs")
            && (self.is_gated || folders.iter().any(|folder| self.path.contains(folder)))
    }

    /// Is it Rust that ships?
    pub(crate) fn is_rust_source(&self) -> bool {
        self.has_extension("rs") && self.path.contains("/src/") && !self.is_rust_test()
    }

    /// The part before the inline test module.
    pub(crate) fn production(&self) -> &str {
        rust_text::split_tests(&self.text).0
    }

    /// The inline test module, or everything when the file only tests.
    pub(crate) fn tests(&self) -> &str {
        if self.is_rust_test() {
            return &self.text;
        }
        rust_text::split_tests(&self.text).1
    }

    /// The production part without comments and without what is in quotes.
    pub(crate) fn code(&self) -> String {
        rust_text::strip(self.production())
    }
}

/// Where the repository is.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.join("../..").canonicalize().unwrap()
}

/// Every text file that somebody wrote.
pub(crate) fn files() -> Vec<TextFile> {
    let root = root();
    let mut found = Vec::new();
    visit(&root, &root, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    mark_gated(&mut found);
    assert!(found.len() > 10, "no files under {}", root.display());
    found
}

/// The Rust files that ship, under this folder.
pub(crate) fn sources(folder: &str) -> Vec<TextFile> {
    let mut files = files();
    files.retain(|file| file.is_rust_source() && file.path.starts_with(folder));
    files
}

/// Finds the files that a `#[cfg(test)] mod name;` elsewhere keeps out of the product.
fn mark_gated(files: &mut [TextFile]) {
    let mut gated = Vec::new();
    for file in files.iter().filter(|file| file.has_extension("rs")) {
        let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        let inside = match name {
            "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
            _ => file.path.trim_end_matches(".rs").to_owned(),
        };
        for module in rust_text::gated_modules(&file.text) {
            gated.push(format!("{inside}/{module}.rs"));
            gated.push(format!("{inside}/{module}/"));
        }
    }
    for file in files {
        let is_below = |gate: &String| file.path == *gate || file.path.starts_with(gate.as_str());
        file.is_gated = gated.iter().any(is_below);
    }
}

fn visit(root: &Path, folder: &Path, found: &mut Vec<TextFile>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let relative = path.strip_prefix(root).unwrap();
        let relative = relative.to_string_lossy().replace('\\', "/");
        let is_made = |made: &str| relative == made || relative.ends_with(&format!("/{made}"));
        if MADE.iter().any(|made| is_made(made)) || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            visit(root, &path, found);
        } else if let Ok(text) = fs::read_to_string(&path) {
            found.push(TextFile {
                path: relative,
                text,
                is_gated: false,
            });
        }
    }
}

/// `path:line` of a byte position, for people and editors.
pub(crate) fn place(file: &TextFile, text: &str, position: usize) -> String {
    let line = text
        .get(..position)
        .map_or(0, |before| before.matches('\n').count());
    format!("{}:{}", file.path, line + 1)
}

/// Fails with the rule and everything that breaks it.
pub(crate) fn report(rule: &str, broken: &[String]) {
    assert!(
        broken.is_empty(),
        "{rule}\n  {}\n({} found)",
        broken.join("\n  "),
        broken.len()
    );
}
