//! Every fixture of the senders that are not Sentry is read as it expects, and the conformance
//! page lists them all.

use super::{Envelope, IntegrationKind, Outcome, Reading, read};
use crate::change::ChangeFact;
use crate::delivery::Headers;
use crate::engine::change_sentence;
use crate::signal::{AlertState, Fact, IssueChange, Signal};
use crate::time::Time;
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;

/// One case.
struct Fixture {
    file: String,
    kind: IntegrationKind,
    name: String,
    headers: Headers,
    body: String,
    outcome: String,
}

impl Fixture {
    fn read(&self) -> Reading {
        read(
            self.kind,
            Envelope {
                headers: &self.headers,
                body: self.body.as_bytes(),
                received_at: Time(1_772_445_600_000),
            },
        )
    }
}

/// Every fixture, by sender and file name.
#[expect(clippy::disallowed_methods, reason = "a test may read its fixtures")]
fn all() -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sources/fixtures");
    let mut fixtures: Vec<Fixture> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let case: Value = serde_json::from_str(&text).expect(&file);
            let headers = case["headers"].as_object().expect(&file).iter();
            let raw = case["raw"].as_str().map(str::to_owned);
            Fixture {
                kind: IntegrationKind::parse(file.split('-').next().unwrap()).expect(&file),
                name: case["name"].as_str().expect(&file).to_owned(),
                headers: Headers::new(headers.map(|(n, v)| (n.clone(), v.as_str().unwrap()))),
                body: raw.unwrap_or_else(|| case["body"].to_string()),
                outcome: case["expect"]["outcome"].as_str().expect(&file).to_owned(),
                file,
            }
        })
        .collect();
    fixtures.sort_by(|left, right| left.file.cmp(&right.file));
    fixtures
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Signal(_) | Outcome::Signals(_) => "applied",
        Outcome::Ignored(_) => "ignored",
        Outcome::NotUnderstood(_) => "not_understood",
    }
}

// PL-04, PL-05, PL-20, FIELD §1.5 and §2.
#[test]
fn every_fixture_of_the_other_senders_is_read_as_it_expects() {
    let mut faults = String::new();
    let all = all();
    for fixture in &all {
        let reading = fixture.read();
        let found = word(&reading.outcome);
        // A greeting is a fact about the connection, and none about a change.
        let is_greeting = matches!(reading.outcome.signals(), [Signal { fact: Fact::Change(fact), .. }]
            if matches!(**fact, ChangeFact::Greeting { .. }));
        let found = if is_greeting { "ignored" } else { found };
        if found != fixture.outcome {
            writeln!(faults, "{} is {found}: {}", fixture.file, does(&reading)).unwrap();
        }
        assert_eq!(reading, fixture.read(), "{}: two readings", fixture.file);
    }
    assert!(faults.is_empty(), "\n{faults}");
    let has_all = IntegrationKind::ALL
        .into_iter()
        .filter(|kind| *kind != IntegrationKind::Sentry)
        .all(|kind| all.iter().any(|one| one.kind == kind));
    assert!(has_all, "every sender has fixtures");
}

#[test]
fn what_happened_at_different_steps_is_not_taken_for_the_same() {
    let mut seen = std::collections::BTreeMap::new();
    for fixture in all() {
        let reading = fixture.read();
        let Some(identity) = reading.identity.clone() else {
            continue;
        };
        let told = format!("{:?}", reading.outcome);
        let known = seen
            .entry((fixture.kind, identity))
            .or_insert_with(|| (fixture.file.clone(), told.clone()));
        assert_eq!(known.1, told, "{} and {}", known.0, fixture.file);
    }
}

/// The rows of the page, for the sections of the other senders.
pub(super) fn sections() -> String {
    let mut page = String::new();
    let all = all();
    for (kind, title) in [
        (IntegrationKind::Github, "GitHub"),
        (IntegrationKind::Gitlab, "GitLab"),
        (IntegrationKind::Vercel, "Vercel"),
        (IntegrationKind::Pagerduty, "PagerDuty's Events API"),
        (IntegrationKind::Events, "Incident events"),
    ] {
        write!(
            page,
            "\n## {title}\n\n| resource | action | shape | what Epicenter does |\n|---|---|---|---|\n"
        )
        .unwrap();
        for fixture in all.iter().filter(|one| one.kind == kind) {
            let reading = fixture.read();
            let action = match reading.action.as_str() {
                "" => "–".to_owned(),
                action => format!("`{action}`"),
            };
            let does = does(&reading).replace('|', "\\|").replace('\n', " ");
            let (resource, name) = (&reading.resource, &fixture.name);
            writeln!(page, "| `{resource}` | {action} | {name} | {does} |").unwrap();
        }
    }
    page
}

fn does(reading: &Reading) -> String {
    match &reading.outcome {
        Outcome::Ignored(reason) => format!("nothing: {reason}"),
        Outcome::NotUnderstood(reason) => format!("keeps it as not understood: {reason}"),
        Outcome::Signal(_) | Outcome::Signals(_) => {
            let told = reading.outcome.signals().iter().map(told);
            told.collect::<Vec<_>>().join("; ")
        }
    }
}

fn told(signal: &Signal) -> String {
    match &signal.fact {
        Fact::Change(fact) => match fact.as_ref() {
            ChangeFact::Greeting { .. } => format!("nothing: {}", change_sentence(fact)),
            fact => format!("keeps the change: {}", change_sentence(fact)),
        },
        Fact::Alert(fact) => match &fact.state {
            AlertState::Firing(severity) => {
                format!("triggers `{}` as {}", fact.dedup_key, severity.as_str())
            }
            AlertState::Acknowledged => format!("acknowledges `{}`", fact.dedup_key),
            AlertState::Resolved => format!("resolves `{}`", fact.dedup_key),
        },
        Fact::Issue(fact) => {
            let IssueChange::Reported { by } = &fact.change else {
                panic!("{:?} has no sentence", fact.change);
            };
            let stored = fact.event.as_ref().map_or("", |_| ", stores the event");
            format!("triggers an incident, as {by} reports it{stored}")
        }
        Fact::Installation(_) | Fact::Remark(_) => panic!("{:?} has no sentence", signal.fact),
    }
}
