//! Every fixture is read as it expects, and `docs/conformance.md` lists them all.

use super::fixtures::{self, Flat, flat};
use crate::signal::{Fact, Frame};
use crate::sources::{Envelope, Outcome, Reading, conformance as others, sentry};
use crate::time::Time;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Where the part of the page begins that is about doors and not about senders.
const REST: &str = "\n## The deploys API\n";

#[test]
fn pl_16_pl_17_ok_07_to_ok_14_el_05_el_06_every_fixture_is_read_as_it_expects() {
    let mut faults = String::new();
    for fixture in fixtures::all() {
        let got = flat(&fixture.read(fixture.body.as_bytes()));
        for (key, wanted) in &fixture.expect {
            let found = got.get(key.as_str());
            let fits = match (wanted, found) {
                (Value::Bool(true), Some(found)) => !found.is_empty(),
                (Value::String(wanted), Some(found)) => wanted == found,
                (Value::Null, None) => true,
                _ => false,
            };
            if !fits {
                writeln!(faults, "{}: {key} is {found:?}, not {wanted}", fixture.file).unwrap();
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

/// What the engine reads, of a whole reading.
fn without_details(mut reading: Reading) -> Reading {
    if let Outcome::Signal(signal) = &mut reading.outcome
        && let Fact::Issue(fact) = &mut signal.fact
        && let Some(event) = &mut fact.event
    {
        let detail = &mut event.detail;
        detail.breadcrumbs.clear();
        let chain = detail.exceptions.iter_mut();
        for frames in chain
            .map(|raised| &mut raised.frames)
            .chain([&mut detail.thread_frames])
            .filter(|frames| !frames.is_empty())
        {
            *frames = vec![Frame::default()];
        }
    }
    reading
}

#[test]
fn reading_the_facts_only_loses_nothing_but_details() {
    let mut with_stack = 0;
    for fixture in fixtures::all() {
        let whole = fixture.read(fixture.body.as_bytes());
        let facts = sentry::read_facts(Envelope {
            headers: &fixture.headers,
            body: fixture.body.as_bytes(),
            received_at: Time(0),
        });
        with_stack += usize::from(whole != facts);
        let (whole, facts) = (without_details(whole), without_details(facts));
        assert_eq!(whole, facts, "{}", fixture.file);
    }
    assert!(with_stack > 5, "only {with_stack} fixtures have a stack");
}

#[test]
fn readings_with_one_identity_are_one_fact() {
    let telling = [
        "fact",
        "key",
        "how",
        "in_release",
        "commit",
        "until",
        "assignee",
        "comment",
        "rules",
        "remark_kind",
        "remark",
        "uuid",
        "event_id",
    ];
    let mut facts: BTreeMap<String, (String, Vec<Option<String>>)> = BTreeMap::new();
    for fixture in fixtures::all() {
        let first = fixture.read(fixture.body.as_bytes());
        assert_eq!(
            first,
            fixture.read(fixture.body.as_bytes()),
            "{}",
            fixture.file
        );
        let Some(identity) = &first.identity else {
            continue;
        };
        assert!(
            identity.starts_with(&format!("{}:", first.resource)),
            "{}",
            fixture.file
        );
        assert!(identity.len() < 400, "{}", fixture.file);
        let got = flat(&first);
        let fact: Vec<_> = telling.iter().map(|key| got.get(key).cloned()).collect();
        let known = facts
            .entry(identity.clone())
            .or_insert_with(|| (fixture.file.clone(), fact.clone()));
        assert_eq!(
            known.1, fact,
            "{} and {}: {identity}",
            known.0, fixture.file
        );
    }
}

#[test]
fn el_19_two_different_resolves_of_one_issue_are_two_facts() {
    let all = fixtures::all();
    let fixture = all.iter().find(|f| f.file == "issue-resolved-now").unwrap();
    let identity = |body: &str| fixture.read(body.as_bytes()).identity.unwrap();
    let first = identity(&fixture.body);
    let later = fixture
        .body
        .replace("2026-03-02T09:59:58", "2026-03-09T09:59:58");
    assert_ne!(first, identity(&later));
    let recounted = fixture.body.replace(r#""count":"38""#, r#""count":"39""#);
    assert_ne!(recounted, fixture.body);
    assert_eq!(first, identity(&recounted));
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "this test keeps a page of the documentation up to date"
)]
fn docs_conformance_lists_every_fixture() {
    let page = page() + &others::sections();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/conformance.md");
    let written = || std::fs::read_to_string(&path).unwrap_or_default();
    // What follows is written by a journey of the server, which has that door.
    let old = written();
    let rest = old.find(REST).and_then(|at| old.get(at..));
    if std::env::var("UPDATE_DOCS").is_ok() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, page.clone() + rest.unwrap_or_default()).unwrap();
    }
    assert!(
        written().split(REST).next() == Some(page.as_str()),
        "docs/conformance.md is out of date: run this test with UPDATE_DOCS=1"
    );
}

fn page() -> String {
    let mut page = String::from(
        "# Conformance: what Epicenter does with everything that it is sent\n\n\
         Generated from the fixtures below `crates/domain/src/sources` by the test\n\
         `docs_conformance_lists_every_fixture` (`UPDATE_DOCS=1` rewrites it), and from the requests\n\
         of the journey `the_deploys_api_does_what_the_page_says`. Every row is a test.\n\n\
         “–” under action means that the shape has none or the delivery lacks it. What a signal leads to\n\
         can be changed per integration; the last column tells the default.\n\n\
         ## Sentry\n\n\
         | resource | action | shape | what Epicenter does |\n|---|---|---|---|\n",
    );
    for fixture in fixtures::all() {
        let got = flat(&fixture.read(fixture.body.as_bytes()));
        let action = match got["action"].as_str() {
            "" => "–".to_owned(),
            action => format!("`{action}`"),
        };
        let (name, does) = (cell(&fixture.name), cell(&does(&got)));
        writeln!(
            page,
            "| `{}` | {action} | {name} | {does} |",
            got["resource"]
        )
        .unwrap();
    }
    page
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn does(got: &Flat) -> String {
    let get = |key: &str| got.get(key).map_or("", String::as_str);
    let told = |label: &str, key: &str| match get(key) {
        "" => String::new(),
        value => format!("{label}{value}"),
    };
    let stored = match get("event_id") {
        "" => "",
        _ => ", stores the event",
    };
    match (get("outcome"), get("fact")) {
        ("ignored", _) => format!("nothing: {}", get("reason")),
        ("not_understood", _) => format!("keeps it as not understood: {}", get("reason")),
        (_, "created" | "alert_fired") => {
            format!("triggers `{}` as {}{stored}", get("key"), get("severity"))
        }
        (_, "occurred") => format!("counts `{}`{stored}", get("key")),
        (_, "occurred_service_hook") => {
            format!("counts `{}`{stored}; triggers only if told to", get("key"))
        }
        (_, "unresolved") => format!("reopens `{}`{}", get("key"), told(": ", "substatus")),
        (_, "resolved") => format!(
            "resolves `{}`{}{}{}",
            get("key"),
            told(": ", "how"),
            told(", release ", "in_release"),
            told(", commit ", "commit")
        ),
        (_, "archived") => format!("acknowledges `{}`, archived {}", get("key"), get("until")),
        (_, "assigned") => format!("assigns `{}` to {}", get("key"), get("assignee")),
        (_, "commented") => format!("writes to the timeline of `{}`", get("key")),
        (_, "remark") => match get("key") {
            "" => format!("keeps a remark: {}", get("remark")),
            key => format!("writes to the timeline of `{key}`: {}", get("remark")),
        },
        (_, "metric_firing") => format!("triggers `{}` as {}", get("key"), get("severity")),
        (_, "metric_resolved") => format!("resolves `{}`", get("key")),
        (_, "installed") => "marks the integration as installed".to_owned(),
        (_, "uninstalled") => "marks the integration as removed and warns the admins".to_owned(),
        (outcome, fact) => panic!("{outcome} {fact} has no sentence"),
    }
}
