//! The format of the cases, and what a case is in the words of the ranking.

use epicenter_bench::Failure;
use epicenter_domain::suspect::{
    Blame, Candidate, CandidateFile, FileStatus, FrameBlame, Hunk, Scene, SceneException,
    SceneFrame,
};
use epicenter_domain::time::Time;
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;

/// A project with its commits, newest first, and its cases.
pub(crate) struct Project {
    pub(crate) commits: Vec<Candidate>,
    pub(crate) cases: Vec<Case>,
}

/// A bug whose guilty commit is known.
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) project: String,
    pub(crate) is_java: bool,
    /// One of the 130 that papers report.
    pub(crate) is_published: bool,
    /// Does the stack run through code that ships?
    pub(crate) has_production_frame: bool,
    /// Rank that Fonte reports for it.
    pub(crate) fonte: Option<f64>,
    pub(crate) guilty: Vec<String>,
    pub(crate) scene: Scene,
    pub(crate) blame: Blame,
    runs: Vec<(usize, usize)>,
}

impl Case {
    /// Its candidates, newest first.
    pub(crate) fn candidates(&self, project: &Project) -> Vec<Candidate> {
        let run = |(first, count): &(usize, usize)| project.commits.get(*first..first + count);
        self.runs
            .iter()
            .filter_map(run)
            .flatten()
            .cloned()
            .collect()
    }

    /// The half on which weights are sought: every second case by a hash of its id.
    pub(crate) fn is_development(&self) -> bool {
        let mix = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(16_777_619);
        let hash = self.id.bytes().fold(2_166_136_261, mix);
        (hash ^ (hash >> 15)) & 1 == 0
    }
}

#[derive(Deserialize)]
struct WireCase {
    id: String,
    project: String,
    language: String,
    split: String,
    test: Option<String>,
    exception: WireException,
    chain: Option<Vec<WireException>>,
    frames: Vec<WireFrame>,
    has_prod_frame: bool,
    bic: Vec<String>,
    published: Option<WirePublished>,
    blame: Vec<WireBlame>,
    candidates: Vec<(usize, usize)>,
}

#[derive(Deserialize)]
struct WireException {
    #[serde(rename = "type")]
    kind: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
struct WireFrame {
    module: Option<String>,
    function: Option<String>,
    file: Option<String>,
    lineno: Option<u32>,
    in_app: bool,
    resolved: bool,
    is_test: bool,
}

#[derive(Deserialize)]
struct WirePublished {
    fonte_rank: Option<f64>,
}

#[derive(Deserialize)]
struct WireBlame {
    frame: usize,
    line: Option<BTreeMap<String, u32>>,
    func: Option<BTreeMap<String, u32>>,
    func_log: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct WireCommit {
    sha: String,
    ts: i64,
    ats: i64,
    author: String,
    message: String,
    merge: bool,
    files: Vec<WireFile>,
}

#[derive(Deserialize)]
struct WireFile {
    path: String,
    status: String,
    added: Option<u32>,
    removed: Option<u32>,
    old_path: Option<String>,
    #[serde(default)]
    hunks: Vec<(u32, u32, u32, u32, String)>,
}

/// Reads all projects of a folder, by name.
pub(crate) fn load(folder: &Path) -> Result<Vec<Project>, Failure> {
    let mut folders: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    folders.sort_by_key(fs::DirEntry::file_name);
    let mut projects = Vec::new();
    for folder in folders {
        let path = folder.path();
        if !path.join("cases.jsonl.gz").exists() {
            continue;
        }
        let commits: Vec<WireCommit> = lines(&path.join("commits.jsonl.gz"))?;
        let cases: Vec<WireCase> = lines(&path.join("cases.jsonl.gz"))?;
        projects.push(Project {
            commits: commits.into_iter().map(candidate).collect(),
            cases: cases.into_iter().map(case).collect(),
        });
    }
    Ok(projects)
}

fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Failure> {
    let mut read = Vec::new();
    for line in BufReader::new(GzDecoder::new(File::open(path)?)).lines() {
        read.push(serde_json::from_str(&line?)?);
    }
    Ok(read)
}

fn candidate(commit: WireCommit) -> Candidate {
    Candidate {
        reverts: epicenter_domain::change::reverted_sha(&commit.message),
        sha: commit.sha,
        message: commit.message,
        author_key: commit.author,
        authored_at: Some(Time(commit.ats * 1_000)),
        committed_at: Some(Time(commit.ts * 1_000)),
        merge: commit.merge,
        files: commit.files.into_iter().map(file).collect(),
        ..Candidate::default()
    }
}

fn file(file: WireFile) -> CandidateFile {
    let hunk =
        |(old_start, old_lines, new_start, new_lines, signature): (_, _, _, _, String)| Hunk {
            old_start,
            old_lines,
            new_start,
            new_lines,
            signature: Some(signature).filter(|text| !text.is_empty()),
            ..Hunk::default()
        };
    CandidateFile {
        path: file.path,
        old_path: file.old_path,
        kind: match file.status.as_str() {
            "A" => FileStatus::Added,
            "D" => FileStatus::Removed,
            "R" => FileStatus::Renamed,
            _ => FileStatus::Modified,
        },
        added: file.added,
        removed: file.removed,
        hunks: file.hunks.into_iter().map(hunk).collect(),
    }
}

fn case(case: WireCase) -> Case {
    // Frames of tests never reach Sentry; the indexes of the blame move with them.
    let kept: Vec<usize> = case
        .frames
        .iter()
        .enumerate()
        .filter(|(_, frame)| !frame.is_test)
        .map(|(index, _)| index)
        .collect();
    let moved = |index: usize| kept.iter().position(|known| *known == index);
    let blame = case.blame.into_iter().filter_map(|blame| {
        Some(FrameBlame {
            frame: moved(blame.frame)?,
            line: blame.line.unwrap_or_default(),
            function: blame.func.unwrap_or_default(),
            log: blame.func_log.unwrap_or_default(),
        })
    });
    let chain = case.chain.filter(|chain| !chain.is_empty());
    let scene = Scene {
        title: case.exception.value.clone().unwrap_or_default(),
        exceptions: chain
            .unwrap_or_else(|| vec![case.exception])
            .into_iter()
            .map(|exception| SceneException {
                kind: exception.kind.unwrap_or_default(),
                value: exception.value.unwrap_or_default(),
            })
            .collect(),
        frames: case
            .frames
            .into_iter()
            .filter(|frame| !frame.is_test)
            .map(frame)
            .collect(),
        transaction: case.test,
        ..Scene::default()
    };
    Case {
        id: case.id,
        project: case.project,
        is_java: case.language == "java",
        is_published: case.split == "fonte130",
        has_production_frame: case.has_prod_frame,
        fonte: case.published.and_then(|published| published.fonte_rank),
        guilty: case.bic,
        scene,
        blame: Blame {
            frames: blame.collect(),
        },
        runs: case.candidates,
    }
}

fn frame(frame: WireFrame) -> SceneFrame {
    SceneFrame {
        module: frame.module.filter(|module| !module.is_empty()),
        function: frame.function,
        path: frame.file.filter(|_| frame.resolved),
        lineno: frame.lineno,
        in_app: frame.in_app,
        ..SceneFrame::default()
    }
}
