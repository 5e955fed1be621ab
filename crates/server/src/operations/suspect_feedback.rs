//! "This was it" and "not this one": what people say of a suspect, kept for the ranking and for the
//! hit rate.

use super::OperationError;
use super::rank_suspects::{rank, subject};
use crate::app::App;
use epicenter_domain::engine::Slice;
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::{Incident, TimelineEntry};
use epicenter_domain::signal::Actor;
use epicenter_store::changes::commits;
use epicenter_store::suspects::{FeedbackRecord, SuspectRecord};
use epicenter_store::{Tx, incidents, slice, suspects};

/// What can be said of a suspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opinion {
    /// This was it.
    Guilty,
    /// Not this one.
    Innocent,
}

impl Opinion {
    /// The word as the API and the store write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Guilty => "guilty",
            Self::Innocent => "innocent",
        }
    }

    /// Reads the API's word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Guilty, Self::Innocent]
            .into_iter()
            .find(|opinion| opinion.as_str() == word)
    }
}

/// Keeps what somebody says of the suspect at `shown_rank`, and ranks anew.
pub async fn say(
    app: &App,
    (workspace_id, incident_id): (i64, i64),
    shown_rank: i64,
    opinion: Opinion,
    actor: &Actor,
) -> Result<(), OperationError> {
    let now = app.clock.now();
    let mut tx = app.database.write_state().await?;
    let incident = incidents::by_id(&mut tx, workspace_id, incident_id)
        .await?
        .ok_or(OperationError::NotFound("incident"))?;
    let (ranking, kept) = suspects::of_incident(&mut tx, incident_id)
        .await?
        .ok_or(OperationError::NotFound("suspect"))?;
    let suspect = kept
        .into_iter()
        .find(|suspect| suspect.rank == shown_rank)
        .ok_or(OperationError::NotFound("suspect"))?;
    let sha = sha_of(&mut tx, &suspect).await?;
    let subject =
        subject(sha.as_deref(), suspect.deploy_id).ok_or(OperationError::NotFound("suspect"))?;
    let feedback = FeedbackRecord {
        incident_id,
        subject: subject.clone(),
        verdict: opinion.as_str().to_owned(),
        shown_rank: Some(shown_rank),
        is_convincing: ranking.is_convincing,
        actor: actor.name.clone(),
        source: "person".to_owned(),
        at: now.0,
    };
    suspects::save_feedback(&mut tx, workspace_id, &feedback).await?;
    let line = line(app, &incident, (&subject, opinion), actor);
    let slice = Slice {
        timeline: vec![line],
        ..Slice::default()
    };
    slice::save(&mut tx, &slice).await?;
    tx.commit().await?;
    app.live.publish(slice.timeline, [incident_id]);
    rank(app, workspace_id, incident_id).await?;
    Ok(())
}

async fn sha_of(tx: &mut Tx, suspect: &SuspectRecord) -> Result<Option<String>, OperationError> {
    let Some(commit_id) = suspect.commit_id else {
        return Ok(None);
    };
    let mut found = commits::by_ids(tx, &[commit_id]).await?;
    Ok(found.pop().map(|commit| commit.fact.sha))
}

fn line(
    app: &App,
    incident: &Incident,
    (subject, opinion): (&str, Opinion),
    actor: &Actor,
) -> TimelineEntry {
    let now = app.clock.now();
    let is_deploy = subject.starts_with(IdKind::Deploy.prefix());
    let what = if is_deploy {
        "The deploy".to_owned()
    } else {
        format!("Commit {}", subject.get(..8).unwrap_or(subject))
    };
    let (kind, summary) = match opinion {
        Opinion::Guilty => ("suspect.confirmed", format!("{what} was it")),
        Opinion::Innocent => ("suspect.dismissed", format!("{what} was not it")),
    };
    TimelineEntry {
        id: app.ids.next(now),
        workspace_id: incident.workspace_id,
        incident_id: Some(incident.id),
        issue_id: incident.issue_id,
        at: now,
        occurred_at: None,
        kind: kind.to_owned(),
        actor: actor.clone(),
        summary,
        body: String::new(),
        delivery_id: None,
    }
}
