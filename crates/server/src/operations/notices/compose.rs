//! What a notice says: the incident as it is now, and why the reader gets it.

use super::scene::{Scene, Workspace, name_of};
use crate::app::App;
use crate::operations::event_detail::event_detail;
use crate::operations::rank_suspects::short;
use epicenter_domain::notification::{IncidentFacts, Kind, Link, Notice, Subject, Surroundings};
use epicenter_domain::signal::Frame;
use epicenter_domain::time::Time;
use epicenter_store::changes::commits;
use epicenter_store::{StoreError, Tx, detection, events, suspects};

/// The facts of an incident for everybody who is told of it now.
pub(super) async fn facts(
    app: &App,
    tx: &mut Tx,
    (workspace, scene): (&Workspace, &Scene),
) -> Result<IncidentFacts, StoreError> {
    let incident = &scene.incident;
    let around = Surroundings {
        service: Some(name_of(&workspace.services, incident).to_owned())
            .filter(|name| !name.is_empty()),
        top_frame: top_frame(tx, scene).await?,
        suspect: suspect(tx, incident.id).await?,
        regression: detection::regression_of(tx, incident.id)
            .await?
            .map(|judged| format!("{}. {}", judged.verdict.label(), judged.reason)),
        base_url: app.config.base_url(),
    };
    Ok(IncidentFacts::of(incident, around))
}

/// A notice of these facts.
pub(super) fn notice(
    facts: &IncidentFacts,
    kind: Kind,
    (summary, reason): (String, String),
    (key, now): (String, Time),
) -> Notice {
    Notice {
        kind,
        subject: Subject::Incident(Box::new(facts.clone())),
        summary,
        reason,
        idempotency_key: key,
        at: now,
    }
}

/// The in-app frame nearest to the crash: `charge in app/pay.py:42`.
async fn top_frame(tx: &mut Tx, scene: &Scene) -> Result<Option<String>, StoreError> {
    let Some(issue_id) = scene.incident.issue_id else {
        return Ok(None);
    };
    let newest = events::of_issue(tx, issue_id, None, 1).await?.items;
    let Some(record) = newest.first() else {
        return Ok(None);
    };
    let detail = event_detail(tx, scene.incident.workspace_id, record).await?;
    Ok(detail.and_then(|detail| detail.crash_frame().map(in_words)))
}

fn in_words(frame: &Frame) -> String {
    let file = [&frame.filename, &frame.abs_path, &frame.module]
        .into_iter()
        .find(|name| !name.is_empty());
    let mut words = frame.function.clone();
    if let Some(file) = file {
        words.push_str(if words.is_empty() { "" } else { " in " });
        words.push_str(file);
        if let Some(line) = frame.line {
            words.push(':');
            words.push_str(&line.to_string());
        }
    }
    words
}

/// The likeliest cause, if it is convincing.
async fn suspect(tx: &mut Tx, incident_id: i64) -> Result<Option<Link>, StoreError> {
    let Some((ranking, kept)) = suspects::of_incident(tx, incident_id).await? else {
        return Ok(None);
    };
    let Some(first) = kept.first().filter(|_| ranking.is_convincing) else {
        return Ok(None);
    };
    let Some(id) = first.commit_id else {
        return Ok(None);
    };
    let found = commits::by_ids(tx, &[id]).await?.pop();
    Ok(found.map(|commit| {
        let fact = commit.fact;
        let subject = fact.message.lines().next().unwrap_or_default();
        Link {
            text: format!("{} “{subject}” by {}", short(&fact.sha), fact.author),
            url: fact.url.unwrap_or_default(),
        }
    }))
}
