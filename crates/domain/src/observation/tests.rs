//! Every fixture of Sentry's as a memory record (LF-14 to LF-22), and the records of people and of
//! changes. `UPDATE_DOCS=1` rewrites the snapshots.

mod changes;
mod search;

use super::kinship::cure;
use super::search::{Query, excerpt, highlight, index_text, score};
use super::{Draft, Note, Observation, Record, What, change};
use crate::change::{CommitFact, DeployStatus};
use crate::delivery::Headers;
use crate::engine::{
    Context, Input, NewChange, Origin, Profile, Slice, apply_delivery, command, identity_hash,
};
use crate::id::IdSource;
use crate::incident::{Command, Policy};
use crate::signal::{Actor, ActorKind};
use crate::sources::{Envelope, IntegrationKind, Outcome, read_whole, sentry};
use crate::time::Time;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// After every fixture's own time.
const NOW: Time = Time(1_790_000_000_000);

fn origin() -> Origin {
    Origin {
        integration_id: 9,
        workspace_id: 1,
        kind: IntegrationKind::Sentry,
        name: "Sentry".to_owned(),
        service_id: None,
        services_by_project: BTreeMap::new(),
        default_service_id: None,
        unheld_services: std::collections::BTreeSet::new(),
        profile: Profile::Level,
        service_hooks_trigger: false,
        policy: Policy::default(),
        routing: None,
    }
}

struct World {
    slice: Slice,
    ids: IdSource,
    origin: Origin,
}

impl World {
    fn new() -> Self {
        Self {
            slice: Slice::default(),
            ids: IdSource::new(0, 0),
            origin: origin(),
        }
    }

    /// Receives one delivery as the intake does: skimmed first, and read as a whole for the record.
    fn receive(&mut self, envelope: Envelope<'_>, is_replay: bool) -> Vec<Observation> {
        let reading = sentry::read_facts(envelope);
        let whole = read_whole(IntegrationKind::Sentry, envelope);
        let identity = identity_hash(&reading, envelope.body);
        let input = Input {
            reading,
            identity,
            is_replay,
        };
        let mut context = Context {
            origin: &self.origin,
            delivery_id: Some(self.ids.next(envelope.received_at)),
            now: envelope.received_at,
            ids: &self.ids,
        };
        apply_delivery(&mut self.slice, &mut context, &input);
        let notes = std::mem::take(&mut self.slice.notes);
        let record = |note: Note| {
            let stored = serde_json::to_string(&note.what).unwrap();
            assert_eq!(serde_json::from_str::<What>(&stored).unwrap(), note.what);
            let What::Signal(applied) = &note.what else {
                panic!("a delivery brought {note:?}");
            };
            applied.record((note.id, &note), whole.outcome.signals())
        };
        notes.into_iter().map(record).collect()
    }

    fn command(&mut self, what: &Command) -> Vec<Observation> {
        let id = *self.slice.incidents.keys().next_back().unwrap();
        let mut context = Context {
            origin: &self.origin,
            delivery_id: None,
            now: NOW,
            ids: &self.ids,
        };
        command(&mut self.slice, &mut context, (id, what), &ann()).unwrap();
        let notes = std::mem::take(&mut self.slice.notes);
        let record = |note: &Note| note.record(note.id).unwrap();
        notes.iter().map(record).collect()
    }
}

fn ann() -> Actor {
    Actor {
        kind: ActorKind::User,
        id: "usr_1".to_owned(),
        name: "Ann".to_owned(),
    }
}

struct Fixture {
    file: String,
    headers: Headers,
    body: String,
}

#[expect(clippy::disallowed_methods, reason = "a test may read its fixtures")]
fn fixture(path: &Path) -> Fixture {
    let case: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let headers = case["headers"].as_object().unwrap().iter();
    Fixture {
        file: path.file_stem().unwrap().to_str().unwrap().to_owned(),
        headers: Headers::new(headers.map(|(n, v)| (n.clone(), v.as_str().unwrap()))),
        body: case["raw"]
            .as_str()
            .map_or_else(|| case["body"].to_string(), str::to_owned),
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sources/sentry/fixtures")
}

fn named(file: &str) -> Fixture {
    fixture(&folder().join(format!("{file}.json")))
}

fn all() -> Vec<Fixture> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths.iter().map(|path| fixture(path)).collect()
}

fn envelope(fixture: &Fixture) -> Envelope<'_> {
    Envelope {
        headers: &fixture.headers,
        body: fixture.body.as_bytes(),
        received_at: NOW,
    }
}

fn shown(observation: &Observation) -> String {
    let one = observation;
    let mut text = String::new();
    writeln!(text, "{} {} {}", one.source, one.source_type, one.source_id).unwrap();
    writeln!(
        text,
        "at {} by {} ({})",
        one.occurred_at.rfc3339(),
        one.actor.id,
        one.actor.name
    )
    .unwrap();
    for reference in &one.references {
        let url = reference.url.as_deref().unwrap_or("-");
        // Incidents get their ids from the clock.
        if reference.kind != "incident" {
            writeln!(text, "ref {} {} {url}", reference.kind, reference.id).unwrap();
        }
    }
    writeln!(text, "{}", Value::Object(one.metadata.clone())).unwrap();
    writeln!(text, "# {}\n{}", one.title, one.body).unwrap();
    text
}

#[expect(
    clippy::disallowed_methods,
    reason = "this test keeps its snapshot up to date"
)]
fn compare_with(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/observation")
        .join(file);
    if std::env::var("UPDATE_DOCS").is_ok() {
        std::fs::write(&path, text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == text,
        "{file} is out of date: UPDATE_DOCS=1 rewrites it"
    );
}

#[test]
fn lf_14_to_lf_22_every_fixture_makes_the_record_that_is_written_down() {
    let mut page = String::new();
    for fixture in all() {
        let is_applied = matches!(
            sentry::read_facts(envelope(&fixture)).outcome,
            Outcome::Signal(_) | Outcome::Signals(_)
        );
        let records = World::new().receive(envelope(&fixture), false);
        assert_eq!(records.len(), usize::from(is_applied), "{}", fixture.file);
        for record in records {
            writeln!(page, "=== {}\n{}", fixture.file, shown(&record)).unwrap();
        }
    }
    compare_with("fixtures.snap", &page);
}

#[test]
fn el_19_a_second_resolve_is_remembered_and_the_same_delivery_twice_is_not() {
    let mut world = World::new();
    let fixture = named("issue-resolved-now");
    assert_eq!(world.receive(envelope(&fixture), false).len(), 1);
    assert_eq!(world.receive(envelope(&fixture), false), []);
    assert_eq!(world.receive(envelope(&fixture), true), [], "a replay");
    let later = Fixture {
        body: fixture
            .body
            .replace("2026-03-02T09:59:58", "2026-03-09T09:59:58"),
        ..named("issue-resolved-now")
    };
    let again = world.receive(envelope(&later), false);
    assert_eq!(again[0].source_type, "issue.resolved");
    assert_eq!(again[0].source_id, "issue:7401552");
    assert_eq!(again[0].occurred_at.rfc3339(), "2026-03-09T09:59:58.000Z");
}

#[test]
fn u13_of_a_storm_the_first_event_of_each_hour_is_remembered() {
    let mut world = World::new();
    let mut types = Vec::new();
    for (minute, second) in [
        ("09:59", "57"),
        ("09:59", "58"),
        ("10:01", "00"),
        ("10:30", "00"),
    ] {
        let fixture = named("event_alert-triggered");
        let moment = format!("2026-03-02T{minute}:{second}");
        let body = fixture.body.replace("2026-03-02T09:59:57", &moment);
        let id = format!("{:032x}", types.len() + 1);
        let body = body.replace("3f0e9b1c7a2d4856b1c0d9e8f7a6b5c4", &id);
        assert!(body.contains(&moment), "the fixture has another time");
        let fixture = Fixture { body, ..fixture };
        types.push(world.receive(envelope(&fixture), false).len());
    }
    assert_eq!(types, [1, 0, 1, 0]);
}

#[test]
fn what_people_do_is_remembered_with_what_they_named() {
    let mut world = World::new();
    world.receive(envelope(&named("event_alert-triggered")), false);
    let note = Command::Note("Bad price, fixed by 9fceb02d0ae5 in acme/shop#12".to_owned());
    let records = world.command(&note);
    let [record] = records.as_slice() else {
        panic!("{records:?}")
    };
    assert_eq!(
        (record.source.as_str(), record.source_type.as_str()),
        ("epicenter", "incident.noted")
    );
    assert_eq!(record.actor.id, "epicenter:usr_1");
    assert_eq!(
        record.title,
        "📝 [Note] #1 PaymentFailed: order 5512 could not be charged"
    );
    assert!(record.body.starts_with("Bad price"), "{}", record.body);
    let named: Vec<&str> = record
        .references
        .iter()
        .map(|one| one.id.as_str())
        .collect();
    assert!(
        named.contains(&"9fceb02d0ae5") && named.contains(&"acme/shop#12"),
        "{named:?}"
    );
    let types: Vec<String> = [Command::Acknowledge, Command::Resolve, Command::Reopen]
        .iter()
        .flat_map(|command| world.command(command))
        .map(|record| record.source_type)
        .collect();
    assert_eq!(
        types,
        [
            "incident.acknowledged",
            "incident.resolved",
            "incident.reopened"
        ]
    );
    assert_eq!(world.command(&Command::Reopen), [], "it is so already");
}

#[test]
fn what_resolved_an_incident_is_told_by_its_records() {
    // ACCEPTANCE §3, 65.
    let mut world = World::new();
    let mut records = world.receive(envelope(&named("issue-created")), false);
    assert_eq!(cure(&records), None);
    records.extend(world.command(&Command::Note("Roll back first.\n\nThen look.".to_owned())));
    records.extend(world.receive(envelope(&named("issue-resolved-with_commit")), false));
    records.reverse();
    let found = cure(&records).unwrap();
    assert_eq!(found.by, "Mira Okafor");
    assert_eq!(
        found.commit.as_deref(),
        Some("9f1c2b7d4e5a6f8091a2b3c4d5e6f708192a3b4c")
    );
    assert_eq!(found.release, None);
    assert_eq!(
        found.note.as_deref(),
        Some("Roll back first.\n\nThen look.")
    );
    let released = World::new().receive(envelope(&named("issue-resolved-in_release")), false);
    let released = cure(&released).unwrap().release.unwrap();
    assert!(released.contains('@'), "{released}");
}
