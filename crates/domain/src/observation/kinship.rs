//! Which past incident is like this one, and why: a score from 0 to 100 with its reasons.

use super::Observation;
use super::search::words;
use crate::incident::Incident;
use crate::limits::cut_chars;
use crate::time::Time;
use std::collections::BTreeSet;

/// What is compared of an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// Integration and dedup key: the same alert.
    pub alert: (i64, String),
    /// Words of the title.
    pub title: BTreeSet<String>,
    /// Where it comes from.
    pub culprit: Option<String>,
    /// Project slug.
    pub project: Option<String>,
    /// Files of its stacks.
    pub files: BTreeSet<String>,
    /// Endpoints that failed.
    pub endpoints: BTreeSet<String>,
}

impl Traits {
    /// The traits of an incident, without what its records name.
    pub fn of(incident: &Incident) -> Self {
        Self {
            alert: (incident.integration_id, incident.dedup_key.clone()),
            title: words(&incident.title)
                .filter(|word| is_telling(word))
                .collect(),
            culprit: incident.culprit.clone(),
            project: incident.project.clone(),
            ..Self::default()
        }
    }

    /// Adds what one of its records refers to.
    pub fn refer(&mut self, kind: &str, id: &str) {
        match kind {
            "file" => drop(self.files.insert(id.to_owned())),
            "endpoint" => drop(self.endpoints.insert(id.to_owned())),
            _ => {}
        }
    }

    /// The words of the title by which others are looked for, the longest first: they tell most.
    pub fn search_words(&self, most: usize) -> Vec<&str> {
        let mut words: Vec<&str> = self.title.iter().map(String::as_str).collect();
        words.sort_by_key(|word| (std::cmp::Reverse(word.chars().count()), *word));
        words.truncate(most);
        words
    }
}

/// Numbers and single letters say nothing about what went wrong.
fn is_telling(word: &str) -> bool {
    word.chars().count() > 1 && !word.bytes().all(|byte| byte.is_ascii_digit())
}

/// How alike two incidents are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kinship {
    /// 0 to 100.
    pub score: i64,
    /// Why, in sentences.
    pub reasons: Vec<String>,
}

impl Kinship {
    /// Adds what a text model says of the first records of both: how alike, in thousandths. From 700
    /// on it is enough by itself.
    pub fn add_meaning(&mut self, likeness: i64) {
        let points = (likeness / 10 - 40).clamp(0, 45);
        if points > 0 {
            self.score = (self.score + points).min(100);
            let text = format!("Their records mean much the same ({} %).", likeness / 10);
            self.reasons.push(text);
        }
    }
}

/// Below this an incident is not shown as similar: half a title, or a file and a project.
pub const SIMILAR_FROM: i64 = 30;

/// Compares an incident with a past one.
pub fn compare(mine: &Traits, past: &Traits) -> Kinship {
    let mut score = 0;
    let mut reasons = Vec::new();
    let mut add = |points: i64, reason: String| {
        if points > 0 {
            score += points;
            reasons.push(reason);
        }
    };
    if mine.alert == past.alert {
        add(60, "An earlier episode of the same alert.".to_owned());
    }
    let shared = mine.title.intersection(&past.title).count();
    let all = mine.title.union(&past.title).count();
    let share = per_cent(shared, all);
    let reason = match share {
        100 => "The same title.".to_owned(),
        share => format!("{share} % of the words of both titles are the same."),
    };
    add(share * 45 / 100, reason);
    if let Some(file) = mine.files.intersection(&past.files).next() {
        add(25, format!("The stacks of both go through {file}."));
    }
    if mine.culprit.is_some() && mine.culprit == past.culprit {
        add(20, "The same place in the code.".to_owned());
    }
    if let Some(endpoint) = mine.endpoints.intersection(&past.endpoints).next() {
        add(15, format!("The same endpoint failed: {endpoint}."));
    }
    if mine.project.is_some() && mine.project == past.project {
        add(5, "The same project.".to_owned());
    }
    Kinship {
        score: score.min(100),
        reasons,
    }
}

fn per_cent(part: usize, whole: usize) -> i64 {
    i64::try_from(part * 100 / whole.max(1)).unwrap_or(0)
}

/// What resolved a past incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cure {
    /// When.
    pub at: Time,
    /// Who resolved it.
    pub by: String,
    /// The commit that Sentry or a person named.
    pub commit: Option<String>,
    /// The release that Sentry named.
    pub release: Option<String>,
    /// The last note that a person wrote about it.
    pub note: Option<String>,
}

/// What resolved an incident, from its records, newest first; `None` while nothing did.
pub fn cure(records: &[Observation]) -> Option<Cure> {
    let is_end = |one: &&Observation| one.source_type.ends_with(".resolved");
    let end = records.iter().find(is_end)?;
    let ends = || records.iter().filter(is_end);
    let named = |kind: &str| {
        let mut all = ends().flat_map(|one| &one.references);
        all.find(|one| one.kind == kind).map(|one| one.id.clone())
    };
    // Other records of it name the release that it happened in.
    let release = ends().find_map(|one| {
        let line = one
            .body
            .lines()
            .find_map(|line| line.strip_prefix(RESOLVED_IN));
        line.map(str::to_owned)
    });
    let note = records
        .iter()
        .find(|one| one.source_type == "incident.noted");
    let note = note.and_then(|one| one.body.split("\n\n**By**").next());
    Some(Cure {
        at: end.recorded_at,
        by: end.actor.name.clone(),
        commit: named("resolved_by"),
        release,
        note: note.map(|text| cut_chars(text, NOTE_CHARS)),
    })
}

/// How the body of a record says in which release an issue was resolved.
const RESOLVED_IN: &str = "**Resolved in release**: ";
/// Characters of a note that are shown beside a past incident.
const NOTE_CHARS: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;

    fn traits(title: &str, file: &str) -> Traits {
        let mut traits = Traits {
            alert: (1, title.to_owned()),
            title: words(title).filter(|word| is_telling(word)).collect(),
            project: Some("storefront".to_owned()),
            ..Traits::default()
        };
        traits.refer("file", file);
        traits
    }

    #[test]
    fn the_same_alert_is_most_alike_and_something_else_is_not_similar() {
        // ACCEPTANCE §3, 65.
        let mine = traits(
            "TypeError: Cannot read 'sku' of undefined 17",
            "src/cart.ts",
        );
        let same = compare(&mine, &mine);
        assert_eq!(same.score, 100);
        let cousin = traits(
            "TypeError: Cannot read 'price' of undefined 9",
            "src/cart.ts",
        );
        let cousin = compare(&mine, &cousin);
        assert!((SIMILAR_FROM..100).contains(&cousin.score), "{cousin:?}");
        assert!(cousin.reasons.iter().any(|why| why.contains("src/cart.ts")));
        let stranger = compare(&mine, &traits("Disk is full", "ops/disk.py"));
        assert!(stranger.score < SIMILAR_FROM, "{stranger:?}");
    }

    #[test]
    fn what_means_the_same_is_similar_without_a_common_word() {
        let mine = traits("Payment declined", "pay/charge.ts");
        let mut other = compare(&mine, &traits("Billing refused", "bill/run.ts"));
        assert!(other.score < SIMILAR_FROM, "{other:?}");
        other.add_meaning(300);
        assert!(other.score < SIMILAR_FROM, "too far: {other:?}");
        other.add_meaning(820);
        assert!(other.score >= SIMILAR_FROM, "{other:?}");
        assert!(
            other.reasons.iter().any(|why| why.contains("82 %")),
            "{other:?}"
        );
    }

    #[test]
    fn the_longest_words_are_looked_for_first() {
        let mine = traits("TypeError: Cannot read 'sku' of undefined 17", "a/b.ts");
        assert_eq!(mine.search_words(2), ["typeerror", "undefined"]);
    }
}
