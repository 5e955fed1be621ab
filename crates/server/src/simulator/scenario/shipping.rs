//! What Harbor Goods deploys in the week before now: each release with its commits. What breaks in a
//! release was touched by one of them, as in life.

use super::history::{WEEK_MS, is_kept_for_later, told};
use crate::simulator::company::{self, Fault, Person, Project};
use crate::simulator::moment::zulu;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const MINUTE_MS: i64 = 60_000;
/// The newest releases go out so long before now, one project after the other.
const NEWEST_MS: [i64; 4] = [
    2 * MINUTE_MS,
    26 * MINUTE_MS,
    55 * MINUTE_MS,
    190 * MINUTE_MS,
];

/// A deploy as CI tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shipment {
    /// When it is told.
    pub at_ms: i64,
    /// The body for `POST /api/v1/deploys`.
    pub body: Value,
}

/// All deploys until `now`, oldest first.
pub fn shipments(now_ms: i64) -> Vec<Shipment> {
    let (_, cast) = told(now_ms);
    let mut all = Vec::new();
    let mut projects: Vec<&'static Project> = Vec::new();
    for fault in company::faults() {
        if !projects
            .iter()
            .any(|known| known.slug == fault.project.slug)
        {
            projects.push(fault.project);
        }
    }
    for (project, newest_ms) in projects.into_iter().zip(NEWEST_MS.iter().cycle()) {
        let past = i64::try_from(project.releases.len().saturating_sub(1)).unwrap_or(0);
        for (place, release) in (0..).zip(project.releases) {
            let at_ms = if place == past {
                now_ms - newest_ms
            } else {
                now_ms - WEEK_MS + place * WEEK_MS / past.max(1) + MINUTE_MS
            };
            let born = cast
                .issues
                .iter()
                .filter(|issue| issue.release == *release)
                .map(|issue| issue.fault);
            let coming = company::faults()
                .enumerate()
                .filter(|(number, _)| place == past && is_kept_for_later(*number))
                .map(|(_, fault)| fault);
            let broken: Vec<&Fault> = born
                .chain(coming)
                .filter(|fault| fault.project.slug == project.slug)
                .collect();
            all.push(shipment(project, release, at_ms, &broken));
        }
    }
    all.extend(rollback(&all));
    all.sort_by_key(|shipment| shipment.at_ms);
    all
}

/// One release was taken back for two hours, and came again.
fn rollback(all: &[Shipment]) -> Vec<Shipment> {
    let project = company::payments::PAYMENTS.slug;
    let mine: Vec<&Shipment> = all
        .iter()
        .filter(|shipment| {
            shipment
                .body
                .get("project")
                .is_some_and(|slug| slug == project)
        })
        .collect();
    let (Some(first), Some(second)) = (mine.first(), mine.get(1)) else {
        return Vec::new();
    };
    let again = |shipment: &Shipment, after_ms: i64, key: &str| {
        let at_ms = second.at_ms + after_ms;
        let mut body = shipment.body.clone();
        for (field, value) in [
            ("key", json!(key)),
            ("started_at", json!(zulu(at_ms - 2 * MINUTE_MS))),
            ("finished_at", json!(zulu(at_ms))),
            ("commits", json!([])),
        ] {
            if let Some(place) = body.get_mut(field) {
                *place = value;
            }
        }
        Shipment { at_ms, body }
    };
    vec![
        again(first, 47 * MINUTE_MS, "rollback-payments"),
        again(second, 180 * MINUTE_MS, "again-payments"),
    ]
}

fn shipment(project: &Project, release: &str, at_ms: i64, broken: &[&Fault]) -> Shipment {
    let mut commits: Vec<Value> = broken
        .iter()
        .filter_map(|fault| Some((*fault, fault.spots.last()?)))
        .enumerate()
        .map(|(number, (fault, spot))| {
            let subject = subject(number, spot.function, fault.transaction);
            let files = [path(spot.file).to_owned()];
            commit(release, &subject, number, at_ms, &files)
        })
        .collect();
    let quiet = [
        ("Say how refunds are approved", "docs/refunds.md"),
        (
            "Raise the time limit of the slow tests",
            "tests/slow/limits.toml",
        ),
        ("Bring the lock file up to date", "requirements.lock"),
    ];
    for (number, (subject, file)) in (broken.len()..).zip(quiet) {
        commits.push(commit(release, subject, number, at_ms, &[file.to_owned()]));
    }
    let sha = commits.first().map_or_else(
        || name(release),
        |commit| commit["id"].as_str().unwrap_or_default().to_owned(),
    );
    Shipment {
        at_ms,
        body: json!({
            "key": format!("ci-{release}"),
            "version": release,
            "sha": sha,
            "environment": "production",
            "repository": format!("https://github.com/{}", project.repository),
            "project": project.slug,
            "name": format!("{} to production", project.name),
            "started_at": zulu(at_ms - 3 * MINUTE_MS),
            "finished_at": zulu(at_ms),
            "commits": commits,
        }),
    }
}

/// In the repository; bundlers write `./` in front.
fn path(file: &str) -> &str {
    file.trim_start_matches("./")
}

fn subject(number: usize, function: &str, transaction: &str) -> String {
    match number % 4 {
        0 => format!("Rework {function} for the new checkout"),
        1 => format!("Make {transaction} faster"),
        2 => format!("Let {function} take several orders at once"),
        _ => format!("Clean up {function}"),
    }
}

fn commit(release: &str, subject: &str, number: usize, at_ms: i64, files: &[String]) -> Value {
    let people: &[Person] = company::PEOPLE;
    let author = people
        .get(number % people.len().max(1))
        .map_or("Somebody", |person| person.name);
    let hours = i64::try_from(number).unwrap_or(0) * 5 + 2;
    json!({
        "id": name(&format!("{release} {subject}")),
        "message": subject,
        "author": author,
        "timestamp": zulu(at_ms - hours * 60 * MINUTE_MS),
        "files": files,
    })
}

/// Forty hexadecimal digits, always the same for the same text.
fn name(text: &str) -> String {
    let mut name = hex::encode(Sha256::digest(text));
    name.truncate(40);
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const NOW_MS: i64 = 1_791_900_000_000;

    #[test]
    fn every_release_is_deployed_with_what_breaks_in_it() {
        let all = shipments(NOW_MS);
        assert!(all.is_sorted_by_key(|shipment| shipment.at_ms));
        assert!(all.iter().all(|shipment| shipment.at_ms < NOW_MS));
        let files: BTreeSet<&str> = all
            .iter()
            .flat_map(|shipment| shipment.body["commits"].as_array().unwrap())
            .map(|commit| commit["files"][0].as_str().unwrap())
            .collect();
        for fault in company::faults() {
            if let Some(spot) = fault.spots.last() {
                assert!(
                    files.contains(path(spot.file)),
                    "{} was never touched",
                    spot.file
                );
            }
        }
        assert!(
            all.iter()
                .any(|shipment| shipment.body["key"] == "rollback-payments")
        );
    }
}
