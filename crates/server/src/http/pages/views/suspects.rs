//! The card that says what may have caused an incident, and why.

use super::parts::{Clock, Icon, Markup, SafeLink, score_bar};
use askama::Template;
use askama::filters::HtmlSafe;
use epicenter_domain::change::{FileChange, Hunk};

/// Suspects shown before the rest is folded.
const OPEN: usize = 1;
/// Changed places shown of the first file.
const HUNKS: usize = 2;
/// Lines shown of one changed place, per side.
const HUNK_LINES: usize = 12;

/// What may have caused an incident.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "partials/suspect_card.html")]
pub struct SuspectCard {
    /// Now.
    pub clock: Clock,
    /// Against forged forms.
    pub csrf: String,
    /// Number of the incident.
    pub number: i64,
    /// Does a ranking wait to be made?
    pub is_waiting: bool,
    /// Was one made?
    pub is_ranked: bool,
    /// Is the first suspect convincing?
    pub is_convincing: bool,
    /// Commits that were compared.
    pub candidate_count: i64,
    /// What kept the ranking from being (more) certain.
    pub why: Vec<Missing>,
    /// The deploy that the incident began after.
    pub parent: Option<ParentDeploy>,
    /// Suspects, most likely first.
    pub suspects: Vec<SuspectView>,
}

impl HtmlSafe for SuspectCard {}

/// Something that is missing, and where it is mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// A sentence.
    pub sentence: String,
    /// Address of our own and words.
    pub fix: Option<(&'static str, &'static str)>,
}

/// The deploy that an incident began after.
#[derive(Clone, Debug)]
pub struct ParentDeploy {
    /// Id, as the address has it.
    pub id: String,
    /// Version or commit.
    pub name: String,
    /// Environment.
    pub environment: String,
    /// "4 min".
    pub distance: String,
}

/// One suspect.
#[derive(Clone, Debug, Default)]
pub struct SuspectView {
    /// 1 is the most likely.
    pub rank: i64,
    /// What names it in the form: the commit's SHA, or the deploy's id.
    pub subject: String,
    /// Is it a commit? Else a deploy of unknown commits.
    pub is_commit: bool,
    /// Short SHA, or the deploy's version.
    pub name: String,
    /// First line of the message, or what was deployed.
    pub title: String,
    /// Who wrote it.
    pub author: String,
    /// 0 to 100.
    pub score: i64,
    /// Its page.
    pub link: Option<SafeLink>,
    /// The deploy that brought it: id and name.
    pub deploy: Option<(String, String)>,
    /// Points (`+40`) and a sentence.
    pub reasons: Vec<(String, String)>,
    /// Files that it changed.
    pub files: Vec<String>,
    /// What it changed in one of them.
    pub diff: Option<DiffView>,
    /// What somebody said: `guilty` or `innocent`.
    pub said: Option<String>,
}

/// What a commit changed in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffView {
    /// The file.
    pub path: String,
    /// Changed places.
    pub hunks: Vec<HunkView>,
}

/// One changed place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HunkView {
    /// `@@ -80,3 +80,5 @@ def add_line`
    pub head: String,
    /// Its lines.
    pub lines: Vec<DiffLine>,
    /// Is there more than is shown?
    pub is_cut: bool,
}

/// One line of a changed place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// Added? Else removed.
    pub is_added: bool,
    /// Its number in its version of the file.
    pub number: u32,
    /// What is written there.
    pub text: String,
}

/// A part of a page that mends what a sentence says is missing.
type Fix = (&'static str, &'static str);

const REPOSITORIES: &str = "/settings/repositories";
/// Words of a sentence, and where it is mended; the first that fits.
const FIXES: [(&str, Fix); 9] = [
    ("clone", (REPOSITORIES, "Name the clone")),
    (
        "code mapping",
        ("/settings/repositories#mappings", "Add a mapping"),
    ),
    (
        "No repository is linked",
        (REPOSITORIES, "Link a repository"),
    ),
    (
        "never pushed here",
        ("/integrations", "Connect the repository"),
    ),
    (
        "list of files",
        ("/settings/repositories#doctor", "See what is missing"),
    ),
    (
        "no release",
        ("/settings/repositories#doctor", "See what is missing"),
    ),
    ("No deploy", ("/changes#connect", "Tell about deploys")),
    (
        "No commits are known",
        ("/settings/repositories#doctor", "See what is missing"),
    ),
    (
        "names no commit",
        ("/changes#connect", "Tell about deploys"),
    ),
];

impl Missing {
    /// The sentence with the way to mend it, where there is one.
    pub fn new(sentence: &str) -> Self {
        let fix = FIXES.iter().find(|(words, _)| sentence.contains(words));
        Self {
            sentence: sentence.to_owned(),
            fix: fix.map(|(_, fix)| *fix),
        }
    }
}

impl SuspectCard {
    /// Those that are open at once.
    pub fn open(&self) -> &[SuspectView] {
        self.suspects.get(..OPEN).unwrap_or(&self.suspects)
    }

    /// Those that are folded.
    pub fn folded(&self) -> &[SuspectView] {
        self.suspects.get(OPEN..).unwrap_or_default()
    }

    /// "3 commits were compared".
    pub fn compared(&self) -> String {
        let words = super::parts::plural(&self.candidate_count, "commit was", "commits were");
        format!("{words} compared")
    }
}

impl SuspectView {
    /// The score as a bar.
    pub fn bar(&self) -> Markup {
        score_bar(self.score)
    }

    /// Was it said to be the one?
    pub fn is_confirmed(&self) -> bool {
        self.said.as_deref() == Some("guilty")
    }

    /// Was it said not to be the one?
    pub fn is_dismissed(&self) -> bool {
        self.said.as_deref() == Some("innocent")
    }
}

impl DiffView {
    /// What was changed in the first file whose lines are known.
    pub fn of(files: &[FileChange]) -> Option<Self> {
        let known = |file: &&FileChange| file.hunks.iter().any(has_text);
        let file = files.iter().find(known)?;
        let shown = file.hunks.iter().filter(|hunk| has_text(hunk)).take(HUNKS);
        Some(Self {
            path: file.path.clone(),
            hunks: shown.map(HunkView::of).collect(),
        })
    }
}

fn has_text(hunk: &Hunk) -> bool {
    !hunk.added.is_empty() || !hunk.removed.is_empty()
}

impl HunkView {
    fn of(hunk: &Hunk) -> Self {
        let signature = hunk.signature.as_deref().unwrap_or_default();
        let head = format!(
            "@@ -{},{} +{},{} @@ {signature}",
            hunk.old_start, hunk.old_lines, hunk.new_start, hunk.new_lines
        );
        let lines = |start: u32, texts: &[String], is_added| -> Vec<DiffLine> {
            let shown = texts.iter().take(HUNK_LINES);
            (start..)
                .zip(shown)
                .map(|(number, text)| DiffLine {
                    is_added,
                    number,
                    text: text.clone(),
                })
                .collect()
        };
        let mut all = lines(hunk.old_start, &hunk.removed, false);
        all.extend(lines(hunk.new_start, &hunk.added, true));
        Self {
            head: head.trim_end().to_owned(),
            lines: all,
            is_cut: hunk.added.len().max(hunk.removed.len()) > HUNK_LINES,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicenter_domain::suspect::Doubt;

    #[test]
    fn what_a_person_can_mend_leads_there() {
        for (doubt, is_mended) in [
            (Doubt::NoCandidates, true),
            (Doubt::NoRelease, true),
            (Doubt::NoPaths, true),
            (Doubt::NoFiles, true),
            (Doubt::NoBlame, true),
            (Doubt::TooClose, false),
            (Doubt::Weak, false),
        ] {
            let missing = Missing::new(doubt.sentence());
            assert_eq!(missing.fix.is_some(), is_mended, "{missing:?}");
        }
    }

    #[test]
    fn lines_are_numbered_on_their_own_side() {
        let file = FileChange {
            path: "shop/cart.py".to_owned(),
            hunks: vec![
                Hunk::default(),
                Hunk {
                    old_start: 80,
                    old_lines: 1,
                    new_start: 82,
                    new_lines: 20,
                    signature: Some("def add_line".to_owned()),
                    added: vec!["b".to_owned(); 20],
                    removed: vec!["a".to_owned()],
                },
            ],
            ..FileChange::default()
        };
        let plain = FileChange::default();
        assert_eq!(DiffView::of(std::slice::from_ref(&plain)), None);
        let diff = DiffView::of(&[plain, file]).expect("a diff");
        let hunk = &diff.hunks[0];
        assert_eq!(hunk.head, "@@ -80,1 +82,20 @@ def add_line");
        let numbers: Vec<u32> = hunk.lines.iter().map(|line| line.number).collect();
        assert_eq!(numbers[..3], [80, 82, 83]);
        assert_eq!((hunk.lines.len(), hunk.is_cut), (13, true));
    }
}
