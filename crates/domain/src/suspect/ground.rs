//! What all kinds of evidence build on, worked out once: the frames that count, the files they
//! share with the candidates, the order of the candidates, and the words in them.

use super::plumbing::is_plumbing;
use super::weights::{CHAIN_DECAY, DEPTH_DECAY, DEPTH_FRAMES, PLUMBING, SPREAD};
use super::wording::Vocabulary;
use super::words::Gate;
use super::{Blame, Candidate, CandidateFile, Feedback, Scene, SceneFrame, paths};
use std::collections::{BTreeMap, BTreeSet};

/// Older names of a frame's file that are followed; a file that moved more often is a folder game.
const OLDER_NAMES: usize = 8;

/// From so many candidates on, starting a thread costs less than it saves.
const MANY: usize = 2_000;

/// The incident, the candidates, and what they have to do with each other.
pub(super) struct Ground<'a> {
    pub(super) scene: &'a Scene,
    pub(super) candidates: &'a [Candidate],
    pub(super) blame: &'a Blame,
    pub(super) feedback: &'a Feedback,
    /// Frames that count, crash first.
    pub(super) places: Vec<Place<'a>>,
    /// Changed files that are a frame's file, in the order of candidates and files.
    pub(super) touches: Vec<Touch<'a>>,
    /// Candidates, newest first.
    pub(super) newest_first: Vec<usize>,
    /// Those candidates that the blame names, by SHA.
    pub(super) by_sha: BTreeMap<&'a str, usize>,
    pub(super) vocabulary: Vocabulary,
    /// Changes of the stack's files by each author.
    pub(super) changes_by_author: BTreeMap<&'a str, f64>,
}

/// A frame that counts.
pub(super) struct Place<'a> {
    /// Index in the scene.
    pub(super) index: usize,
    pub(super) frame: &'a SceneFrame,
    /// 1 for the crash frame, less for each frame farther out.
    pub(super) weight: f64,
    names: Vec<String>,
    is_module: bool,
}

/// A candidate changed the file of a frame.
pub(super) struct Touch<'a> {
    pub(super) candidate: usize,
    pub(super) file: &'a CandidateFile,
    /// Index in `places`.
    pub(super) place: usize,
    /// How surely it is that file, 0 to 1.
    pub(super) nearness: f64,
}

impl<'a> Ground<'a> {
    pub(super) fn new(
        scene: &'a Scene,
        candidates: &'a [Candidate],
        blame: &'a Blame,
        feedback: &'a Feedback,
    ) -> Self {
        let places = places(scene, candidates);
        let mut newest_first: Vec<usize> = (0..candidates.len()).collect();
        newest_first.sort_by(|one, other| {
            let key = |index: usize| candidates.get(index).map(|c| (c.at(), c.sha.as_str()));
            key(*other).cmp(&key(*one))
        });
        let (touches, vocabulary) = side_by_side(
            candidates.len(),
            || touches(&places, candidates),
            || Vocabulary::new(scene, &places, candidates, &newest_first),
        );
        let changes_by_author = super::author::changes(&touches, candidates);
        Self {
            changes_by_author,
            scene,
            candidates,
            blame,
            feedback,
            touches,
            by_sha: by_sha(blame, candidates),
            vocabulary,
            newest_first,
            places,
        }
    }

    /// Can somebody say who wrote the code of the stack, and is it one of the candidates?
    pub(super) fn has_blame(&self) -> bool {
        self.blame.frames.iter().any(|blame| {
            let shas = blame
                .line
                .keys()
                .chain(blame.function.keys())
                .chain(&blame.log);
            shas.into_iter()
                .any(|sha| self.by_sha.contains_key(sha.as_str()))
        })
    }

    /// A column of zeros, one for each candidate.
    pub(super) fn nothing(&self) -> Vec<f64> {
        vec![0.0; self.candidates.len()]
    }

    /// One value for each candidate.
    pub(super) fn each(&self, value: impl Fn(&Candidate) -> f64) -> Vec<f64> {
        self.candidates.iter().map(value).collect()
    }

    /// For each candidate: how strongly it reaches the stack, when `strength` (0 to 1) tells how
    /// strongly one changed file reaches one place.
    pub(super) fn over_places(&self, strength: impl Fn(&Touch<'a>, &Place<'a>) -> f64) -> Vec<f64> {
        let reaches = self.touches.iter().filter_map(|touch| {
            let place = self.places.get(touch.place)?;
            Some((
                touch.candidate,
                touch.place,
                touch.nearness * strength(touch, place),
            ))
        });
        self.gather(reaches)
    }

    /// Sums up (candidate, place, strength): the heaviest place, and how much of the stack.
    pub(super) fn gather(&self, reaches: impl Iterator<Item = (usize, usize, f64)>) -> Vec<f64> {
        let mut best: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for (candidate, place, strength) in reaches.filter(|reach| reach.2 > 0.0) {
            let most = best.entry((candidate, place)).or_insert(0.0);
            *most = most.max(strength);
        }
        let all: f64 = self.places.iter().map(|place| place.weight).sum();
        let mut heaviest = self.nothing();
        let mut whole = self.nothing();
        for ((candidate, place), strength) in best {
            let weight = self.places.get(place).map_or(0.0, |place| place.weight);
            raise(&mut heaviest, candidate, weight * strength);
            add(&mut whole, candidate, weight * strength / all);
        }
        let mix = |(heaviest, whole)| (1.0 - SPREAD) * heaviest + SPREAD * whole;
        heaviest.into_iter().zip(whole).map(mix).collect()
    }

    /// The place of the scene's frame of this index.
    pub(super) fn place_of(&self, index: usize) -> Option<&Place<'a>> {
        self.places.iter().find(|place| place.index == index)
    }

    /// The touches of one candidate, the heaviest first.
    pub(super) fn touches_of(&self, candidate: usize) -> Vec<&Touch<'a>> {
        let start = self
            .touches
            .partition_point(|touch| touch.candidate < candidate);
        let rest = self.touches.get(start..).unwrap_or_default();
        let mut found: Vec<&Touch<'a>> = rest
            .iter()
            .take_while(|touch| touch.candidate == candidate)
            .collect();
        found.sort_by(|one, other| self.heft(other).total_cmp(&self.heft(one)));
        found
    }

    fn heft(&self, touch: &Touch<'_>) -> f64 {
        let weight = self
            .places
            .get(touch.place)
            .map_or(0.0, |place| place.weight);
        weight * touch.nearness
    }
}

/// Works out two halves; for many candidates on two threads. What costs time is to fetch ten
/// thousand commits from memory, and two cores wait at the same time.
pub(super) fn side_by_side<A: Send, B: Send>(
    candidates: usize,
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B,
) -> (A, B) {
    if candidates < MANY {
        return (one(), other());
    }
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        match one.join() {
            Ok(one) => (one, other),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Adds to one value of a column.
pub(super) fn add(column: &mut [f64], index: usize, value: f64) {
    if let Some(sum) = column.get_mut(index) {
        *sum += value;
    }
}

/// Raises one value of a column to at least `value`.
pub(super) fn raise(column: &mut [f64], index: usize, value: f64) {
    if let Some(most) = column.get_mut(index) {
        *most = most.max(value);
    }
}

impl Place<'_> {
    /// How it is called in a sentence.
    pub(super) fn title(&self) -> String {
        let function = self.frame.function.as_deref().unwrap_or("the code");
        match (&self.frame.path, self.frame.lineno) {
            (Some(path), Some(line)) => format!("{function} ({path}:{line})"),
            (Some(path), None) => format!("{function} ({path})"),
            (None, _) => function.to_owned(),
        }
    }

    fn nearness(&self, path: &str) -> f64 {
        let near = |name: &String| {
            if self.is_module {
                paths::nearness_to_module(name, path)
            } else {
                paths::nearness(name, path)
            }
        };
        self.names.iter().map(near).fold(0.0, f64::max)
    }
}

fn places<'a>(scene: &'a Scene, candidates: &[Candidate]) -> Vec<Place<'a>> {
    let has_app = scene.frames.iter().any(|frame| frame.in_app);
    let older = older_names(candidates);
    let mut depths: BTreeMap<usize, i32> = BTreeMap::new();
    let mut places = Vec::new();
    for (index, frame) in scene.frames.iter().enumerate() {
        if (if has_app {
            !frame.in_app
        } else {
            frame.path.is_none()
        }) || places.len() >= DEPTH_FRAMES
        {
            continue;
        }
        let depth = depths.entry(frame.exception_index).or_insert(0);
        let link = i32::try_from(frame.exception_index).unwrap_or(i32::MAX);
        let mut weight = DEPTH_DECAY.powi(*depth) * CHAIN_DECAY.powi(link);
        if frame.function.as_deref().is_some_and(is_plumbing) {
            weight *= PLUMBING;
        } else {
            *depth += 1;
        }
        let path = frame.path.as_deref().map(paths::tidy);
        let is_module = path.is_none();
        let name = path.or_else(|| frame.module.as_deref().and_then(paths::of_module));
        places.push(Place {
            index,
            frame,
            weight,
            names: name
                .map(|name| with_older(name, &older))
                .unwrap_or_default(),
            is_module,
        });
    }
    places
}

fn by_sha<'a>(blame: &Blame, candidates: &'a [Candidate]) -> BTreeMap<&'a str, usize> {
    let named = |blame: &'_ super::FrameBlame| -> Vec<String> {
        let shas = blame
            .line
            .keys()
            .chain(blame.function.keys())
            .chain(&blame.log);
        shas.cloned().collect()
    };
    let named: BTreeSet<String> = blame.frames.iter().flat_map(named).collect();
    let gate = Gate::new(named.iter().map(String::as_str));
    let shas = candidates
        .iter()
        .enumerate()
        .map(|(index, commit)| (commit.sha.as_str(), index));
    shas.filter(|(sha, _)| gate.lets(sha.as_bytes()) && named.contains(*sha))
        .collect()
}

fn older_names(candidates: &[Candidate]) -> BTreeMap<&str, Vec<&str>> {
    let mut older: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in candidates.iter().flat_map(|candidate| &candidate.files) {
        if let Some(old) = file.old_path.as_deref().filter(|old| *old != file.path) {
            older.entry(file.path.as_str()).or_default().push(old);
        }
    }
    older
}

fn with_older(name: String, older: &BTreeMap<&str, Vec<&str>>) -> Vec<String> {
    let mut names = vec![name];
    let mut next = 0;
    while let Some(name) = names.get(next).cloned() {
        next += 1;
        for old in older.get(name.as_str()).into_iter().flatten() {
            if names.len() < OLDER_NAMES && names.iter().all(|known| known != old) {
                names.push((*old).to_owned());
            }
        }
    }
    names
}

/// Looks each changed file up among the names of the frames' files: no frame is compared with a
/// file of another name.
fn touches<'a>(places: &[Place<'_>], candidates: &'a [Candidate]) -> Vec<Touch<'a>> {
    let mut by_stem: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (index, place) in places.iter().enumerate() {
        for name in &place.names {
            let stem = if place.is_module {
                paths::name(name)
            } else {
                paths::stem(name)
            };
            by_stem.entry(stem).or_default().insert(index);
        }
    }
    let gate = Gate::new(by_stem.keys().copied());
    let mut touches = Vec::new();
    for (candidate, commit) in candidates.iter().enumerate() {
        for file in &commit.files {
            let stem = paths::stem(&file.path);
            if !gate.lets(stem.as_bytes()) {
                continue;
            }
            for place in by_stem.get(stem).into_iter().flatten() {
                let nearness = places
                    .get(*place)
                    .map_or(0.0, |place| place.nearness(&file.path));
                if nearness > 0.0 {
                    touches.push(Touch {
                        candidate,
                        file,
                        place: *place,
                        nearness,
                    });
                }
            }
        }
    }
    touches
}
