//! Words that the error's message shares with a candidate: with its message, paths, functions and
//! added lines. Rare words weigh more (BM25 over the candidates).

use super::ground::{Ground, Place};
use super::weights::{BM25_B, BM25_K1};
use super::words::{self, Gate};
use super::{Candidate, Code, Evidence, Scene, by_largest, number};
use std::collections::BTreeMap;

/// Words of the incident that are looked for; a page of a message has fewer that tell something.
const MOST_WORDS: usize = 96;
/// Candidates whose text is read in full, the newest: more than a release ever has. Of older ones
/// only the subject and a few paths, so that ten thousand take milliseconds.
const READ_IN_FULL: usize = 1_000;
/// Candidates whose text is read at all.
const READ_AT_ALL: usize = 5_000;
/// What comes later in a message is a list of signatures or a log; a commit with more files is about
/// no one of them.
const FULL: Extent = Extent {
    message_bytes: 1_024,
    files: 25,
    hunks: 10,
};
/// See [`READ_AT_ALL`].
const NOTHING: Extent = Extent {
    message_bytes: 0,
    files: 0,
    hunks: 0,
};
/// See [`READ_IN_FULL`].
const BRIEF: Extent = Extent {
    message_bytes: 160,
    files: 8,
    hunks: 0,
};

/// How much of a commit's text is read: bytes of its message, files, and hunks of each file.
struct Extent {
    message_bytes: usize,
    files: usize,
    hunks: usize,
}

pub(super) const EVIDENCE: Evidence = Evidence {
    code: Code::Wording,
    measure,
    explain,
};

fn measure(ground: &Ground<'_>) -> Vec<f64> {
    by_largest(ground.vocabulary.scores(Source::Message))
}

fn explain(ground: &Ground<'_>, candidate: usize) -> String {
    let shared = ground.vocabulary.shared(Source::Message, candidate);
    format!("It shares words with the error's message: {shared}")
}

/// Where a word of the incident comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// What the error says: type, message, title.
    Message,
    /// What was running: functions, classes, the transaction.
    Names,
}

/// The words of the incident, and how often each candidate has them.
pub(super) struct Vocabulary {
    /// Sorted, for the search.
    words: Vec<Word>,
    /// What the candidates have of them: (index in `words`, times), one after the other.
    counts: Vec<(usize, f64)>,
    /// For each candidate: where its part of `counts` ends, and how many words it has in all.
    documents: Vec<(usize, f64)>,
    typical_length: f64,
}

struct Word {
    text: String,
    message: f64,
    names: f64,
    rarity: f64,
}

impl Vocabulary {
    pub(super) fn new(
        scene: &Scene,
        places: &[Place<'_>],
        candidates: &[Candidate],
        newest_first: &[usize],
    ) -> Self {
        let mut words = asked(scene, places);
        let finder = Finder::new(&words);
        let mut extents = vec![&NOTHING; candidates.len()];
        for (rank, index) in newest_first.iter().enumerate().take(READ_AT_ALL) {
            if let Some(extent) = extents.get_mut(*index) {
                *extent = if rank < READ_IN_FULL { &FULL } else { &BRIEF };
            }
        }
        let mut buffer = Vec::new();
        let mut counts = Vec::new();
        let mut documents = Vec::with_capacity(candidates.len());
        for (commit, extent) in candidates.iter().zip(extents) {
            let length = read(commit, extent, &finder, (&mut buffer, &mut counts));
            documents.push((counts.len(), length));
        }
        let all = number(documents.len());
        let mut having = vec![0.0; words.len()];
        for (index, _) in &counts {
            super::ground::add(&mut having, *index, 1.0);
        }
        for (word, having) in words.iter_mut().zip(having) {
            word.rarity = (1.0 + (all - having + 0.5) / (having + 0.5)).ln();
        }
        let length: f64 = documents.iter().map(|(_, length)| length).sum();
        Self {
            words,
            counts,
            documents,
            typical_length: length / all.max(1.0),
        }
    }

    pub(super) fn scores(&self, source: Source) -> Vec<f64> {
        let mut start = 0;
        let score = |(end, length): &(usize, f64)| -> f64 {
            let hold = BM25_K1 * (1.0 - BM25_B + BM25_B * length / self.typical_length.max(1.0));
            let counts = self.counts.get(start..*end).unwrap_or_default();
            start = *end;
            let worth = |(index, times): &(usize, f64)| {
                self.worth(source, *index) * times * (BM25_K1 + 1.0) / (times + hold)
            };
            counts.iter().map(worth).sum()
        };
        self.documents.iter().map(score).collect()
    }

    fn counts_of(&self, candidate: usize) -> &[(usize, f64)] {
        let end = |at: Option<usize>| {
            at.and_then(|at| self.documents.get(at))
                .map_or(0, |document| document.0)
        };
        let part = end(candidate.checked_sub(1))..end(Some(candidate));
        self.counts.get(part).unwrap_or_default()
    }

    /// The rarest words that one candidate shares.
    pub(super) fn shared(&self, source: Source, candidate: usize) -> String {
        let mut found: Vec<(f64, &str)> = self
            .counts_of(candidate)
            .iter()
            .filter_map(|(index, _)| {
                Some((
                    self.worth(source, *index),
                    self.words.get(*index)?.text.as_str(),
                ))
            })
            .filter(|(worth, _)| *worth > 0.0)
            .collect();
        found.sort_by(|one, other| other.0.total_cmp(&one.0));
        let found: Vec<&str> = found.into_iter().take(4).map(|(_, word)| word).collect();
        found.join(", ")
    }

    fn worth(&self, source: Source, index: usize) -> f64 {
        self.words.get(index).map_or(0.0, |word| match source {
            Source::Message => word.message * word.rarity,
            Source::Names => word.names * word.rarity,
        })
    }
}

fn asked(scene: &Scene, places: &[Place<'_>]) -> Vec<Word> {
    let mut message: BTreeMap<String, f64> = BTreeMap::new();
    let mut names: BTreeMap<String, f64> = BTreeMap::new();
    let ask = |text: &str, weight: f64, into: &mut BTreeMap<String, f64>| {
        for word in words::words(text)
            .into_iter()
            .filter(|word| words::is_telling(word))
        {
            let most = into.entry(word).or_insert(0.0);
            *most = most.max(weight);
        }
    };
    ask(&scene.title, 1.0, &mut message);
    for exception in &scene.exceptions {
        ask(&exception.kind, 1.0, &mut message);
        ask(&exception.value, 1.0, &mut message);
    }
    for text in [&scene.transaction, &scene.culprit].into_iter().flatten() {
        ask(text, 1.0, &mut names);
    }
    for place in places {
        for text in [&place.frame.function, &place.frame.module]
            .into_iter()
            .flatten()
        {
            ask(text, place.weight, &mut names);
        }
        if let Some(path) = &place.frame.path {
            ask(super::paths::stem(path), place.weight, &mut names);
        }
    }
    let all: std::collections::BTreeSet<&String> = message.keys().chain(names.keys()).collect();
    let weight = |of: &BTreeMap<String, f64>, word: &String| of.get(word).copied().unwrap_or(0.0);
    let mut found: Vec<Word> = all
        .into_iter()
        .map(|word| Word {
            message: weight(&message, word),
            names: weight(&names, word),
            rarity: 0.0,
            text: word.clone(),
        })
        .collect();
    found.sort_by(|one, other| (other.message + other.names).total_cmp(&(one.message + one.names)));
    found.truncate(MOST_WORDS);
    found.sort_by(|one, other| one.text.cmp(&other.text));
    found
}

/// Looks words up.
struct Finder<'a> {
    words: Vec<&'a [u8]>,
    gate: Gate,
}

impl<'a> Finder<'a> {
    fn new(words: &'a [Word]) -> Self {
        Self {
            gate: Gate::new(words.iter().map(|word| word.text.as_str())),
            words: words.iter().map(|word| word.text.as_bytes()).collect(),
        }
    }

    fn find(&self, word: &[u8]) -> Option<usize> {
        self.gate
            .lets(word)
            .then(|| self.words.binary_search(&word).ok())
            .flatten()
    }
}

/// Appends what a commit has of the words; how many words it has in all.
fn read(
    commit: &Candidate,
    extent: &Extent,
    finder: &Finder<'_>,
    (buffer, counts): (&mut Vec<u8>, &mut Vec<(usize, f64)>),
) -> f64 {
    let start = counts.len();
    let mut length = 0_usize;
    let mut visit = |word: &[u8]| {
        length += 1;
        let Some(index) = finder.find(word) else {
            return;
        };
        let own = counts.get_mut(start..).unwrap_or_default();
        match own.iter_mut().find(|(known, _)| *known == index) {
            Some((_, times)) => *times += 1.0,
            None => counts.push((index, 1.0)),
        }
    };
    let message = commit.message.as_str();
    let end = message.floor_char_boundary(extent.message_bytes);
    words::each_word(message.get(..end).unwrap_or(message), buffer, &mut visit);
    for file in commit.files.iter().take(extent.files) {
        words::each_word(&file.path, buffer, &mut visit);
        let mut last = None;
        for hunk in file.hunks.iter().take(extent.hunks) {
            let signature = hunk.signature.as_ref().filter(|text| last != Some(*text));
            last = hunk.signature.as_ref();
            for text in signature.into_iter().chain(&hunk.added) {
                words::each_word(text, buffer, &mut visit);
            }
        }
    }
    number(length)
}
