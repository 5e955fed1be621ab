//! Searching the memory: which words a record is found by, how well it fits, and which part of it
//! to show. The store finds the newest records that have all words; these rules put the best first.

use super::Observation;
use crate::limits::{MEMORY_WORDS, QUERY_WORDS, WORD_CHARS};
use crate::time::{DAY_MS, Time};
use std::collections::BTreeSet;

/// Characters of an excerpt: two lines of a list.
const EXCERPT_CHARS: usize = 240;
/// Characters before the first hit of an excerpt.
const EXCERPT_BEFORE: usize = 60;

/// The words of a text, lower-cased, in order: runs of letters and digits. Both databases are given
/// words, not texts, so that both find the same.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| {
            word.chars()
                .take(WORD_CHARS)
                .flat_map(char::to_lowercase)
                .collect()
        })
}

/// Every word that a record is found by, each once, with a space between.
pub fn index_text(observation: &Observation) -> String {
    let mut all = BTreeSet::new();
    let references = observation.references.iter().map(|one| one.id.as_str());
    let texts = [
        observation.title.as_str(),
        observation.actor.name.as_str(),
        observation.source_id.as_str(),
    ];
    let texts = texts.into_iter().chain(references);
    for word in texts.chain([observation.body.as_str()]).flat_map(words) {
        if all.len() >= MEMORY_WORDS {
            break;
        }
        all.insert(word);
    }
    let all: Vec<String> = all.into_iter().collect();
    all.join(" ")
}

/// What a person searches for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    words: Vec<String>,
    is_open: bool,
}

/// Characters of a word that may be the beginning of a longer one; shorter ones begin too many.
const OPEN_CHARS: usize = 3;

impl Query {
    /// Reads what was typed; `None` when no word is in it.
    pub fn parse(text: &str) -> Option<Self> {
        let mut found: Vec<String> = Vec::new();
        for word in words(text) {
            if found.len() < QUERY_WORDS && !found.contains(&word) {
                found.push(word);
            }
        }
        (!found.is_empty()).then_some(Self {
            words: found,
            is_open: false,
        })
    }

    /// Its words; letters and digits only.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The same search, whose words may also be beginnings of longer ones. It costs more, so it is
    /// for when nothing has the whole words.
    #[must_use]
    pub fn opened(self) -> Self {
        Self {
            is_open: true,
            ..self
        }
    }

    /// May this word of the search be the beginning of a longer one?
    pub fn is_open(&self, word: &str) -> bool {
        self.is_open && may_open(word)
    }

    /// Marks beginnings too: they show why it was found, or what is near.
    fn hits(&self, word: &str) -> bool {
        self.words
            .iter()
            .any(|wanted| word == wanted || (may_open(wanted) && word.starts_with(wanted)))
    }
}

fn may_open(word: &str) -> bool {
    word.chars().count() >= OPEN_CHARS
}

/// How well a record fits, the higher the better.
pub fn score(query: &Query, observation: &Observation, now: Time) -> i64 {
    let title: Vec<String> = words(&observation.title).collect();
    let body: Vec<String> = words(&observation.body).collect();
    let named: BTreeSet<String> = observation
        .references
        .iter()
        .flat_map(|one| words(&one.id))
        .collect();
    let mut points = 0;
    for wanted in query.words() {
        let open = |word: &String| may_open(wanted) && word.starts_with(wanted.as_str());
        points += if title.contains(wanted) {
            40
        } else if title.iter().any(open) {
            25
        } else {
            0
        };
        points += if named.contains(wanted) { 30 } else { 0 };
        let often = body.iter().filter(|word| *word == wanted).take(5).count();
        points += 4 * i64::try_from(often).unwrap_or(0);
    }
    let together = query.words().len() > 1;
    let stands_in = |text: &[String]| {
        text.windows(query.words().len())
            .any(|window| window == query.words())
    };
    points += if together && stands_in(&title) { 40 } else { 0 };
    points += if together && stands_in(&body) { 15 } else { 0 };
    points + significance(&observation.source_type) / 5 - age_penalty(observation, now)
}

/// Up to 20 points less with age: 4 after a day, 10 after a month, 20 after three years.
fn age_penalty(observation: &Observation, now: Time) -> i64 {
    let days = now.since_ms(observation.occurred_at).max(0) / DAY_MS;
    let doublings = i64::from((days + 1).unsigned_abs().ilog2());
    (2 * doublings).min(20)
}

/// How much a kind of record matters (ACCEPTANCE §5).
pub fn significance(source_type: &str) -> i64 {
    match source_type {
        kind if kind.starts_with("metric_alert.") => 70,
        kind if kind.starts_with("event_alert") => 65,
        kind if kind.starts_with("deploy.") => 60,
        "issue.created" => 55,
        "issue.resolved" | "incident.resolved" => 50,
        "issue.ignored" => 25,
        "issue.assigned" | "incident.assigned" => 30,
        _ => 45,
    }
}

/// A part of a text, and whether it was searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text as it is; whoever shows it escapes it.
    pub text: String,
    /// Was it searched for?
    pub is_hit: bool,
}

/// The text in pieces.
pub fn highlight(query: Option<&Query>, text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut push = |text: &str, is_hit: bool| match pieces.last_mut() {
        Some(last) if last.is_hit == is_hit => last.text.push_str(text),
        _ if text.is_empty() => {}
        _ => pieces.push(Piece {
            text: text.to_owned(),
            is_hit,
        }),
    };
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest
            .find(|letter: char| !letter.is_alphanumeric())
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let lower: String = word.chars().flat_map(char::to_lowercase).collect();
        push(
            word,
            !word.is_empty() && query.is_some_and(|query| query.hits(&lower)),
        );
        let start = after.find(char::is_alphanumeric).unwrap_or(after.len());
        let (between, next) = after.split_at(start);
        push(between, false);
        rest = next;
    }
    pieces
}

/// The part of a body that shows best why it was found, as one line without marks of Markdown.
pub fn excerpt(query: Option<&Query>, body: &str) -> String {
    let plain: Vec<char> = super::markdown::line(&body.replace("**", "").replace('`', ""))
        .chars()
        .collect();
    let text: String = plain.iter().collect();
    let before: usize = highlight(query, &text)
        .iter()
        .take_while(|piece| !piece.is_hit)
        .map(|piece| piece.text.chars().count())
        .sum();
    let has_hit = before < plain.len();
    let start = if has_hit {
        before.saturating_sub(EXCERPT_BEFORE)
    } else {
        0
    };
    let shown: String = plain.iter().skip(start).take(EXCERPT_CHARS).collect();
    let head = if start > 0 { "…" } else { "" };
    let tail = if start + EXCERPT_CHARS < plain.len() {
        "…"
    } else {
        ""
    };
    format!("{head}{shown}{tail}")
}
