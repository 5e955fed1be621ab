//! What the repair of an issue teaches: Sentry says which commit resolved it, and that commit's
//! message says which one it takes back or repairs. That one was it.

use super::gather::short;
use crate::app::App;
use epicenter_domain::change::culprit::blamed_by_fix;
use epicenter_domain::incident::{Incident, TimelineEntry};
use epicenter_domain::signal::Actor;
use epicenter_domain::time::Time;
use epicenter_store::changes::{commits, repositories};
use epicenter_store::suspects::{FeedbackRecord, RankingRecord, SuspectRecord};
use epicenter_store::{StoreError, Tx, issues, suspects};

/// A commit that was at fault, as its repair tells.
pub(super) struct Lesson {
    culprit: String,
    culprit_id: i64,
    fix: String,
}

/// What the repair of this incident's issue teaches. Nothing, when nobody names a commit, when it is
/// not known here, or when a person has spoken about the one it names.
pub(super) async fn lesson(
    tx: &mut Tx,
    incident: &Incident,
    said: &[FeedbackRecord],
) -> Result<Option<Lesson>, StoreError> {
    let Some(issue_id) = incident.issue_id else {
        return Ok(None);
    };
    let issue = issues::by_id(tx, incident.workspace_id, issue_id).await?;
    let resolution = issue.and_then(|issue| issue.resolution);
    let Some(fix) = resolution.and_then(|how| how.commit) else {
        return Ok(None);
    };
    for repository in repositories::list(tx, incident.workspace_id).await? {
        let Some(commit) = commits::by_sha(tx, repository.id, &fix).await? else {
            continue;
        };
        let Some(blamed) = blamed_by_fix(&commit.fact.message) else {
            return Ok(None);
        };
        let culprit = commits::by_sha(tx, repository.id, &blamed).await?;
        let is_news = |sha: &str| said.iter().all(|one| one.subject != sha);
        return Ok(culprit
            .filter(|culprit| is_news(&culprit.fact.sha))
            .map(|culprit| Lesson {
                culprit: culprit.fact.sha,
                culprit_id: culprit.id,
                fix: commit.fact.sha,
            }));
    }
    Ok(None)
}

impl Lesson {
    /// The commit at fault.
    pub(super) fn culprit(&self) -> &str {
        &self.culprit
    }

    /// Keeps it as if somebody had said so, with the place that the commit had before; answers the
    /// line for the timeline.
    pub(super) async fn keep(
        &self,
        app: &App,
        tx: &mut Tx,
        (incident, before): (&Incident, Option<&(RankingRecord, Vec<SuspectRecord>)>),
        now: Time,
    ) -> Result<TimelineEntry, StoreError> {
        let shown = before.and_then(|(_, kept)| {
            kept.iter()
                .find(|suspect| suspect.commit_id == Some(self.culprit_id))
        });
        let feedback = FeedbackRecord {
            incident_id: incident.id,
            subject: self.culprit.clone(),
            verdict: "guilty".to_owned(),
            shown_rank: shown.map(|suspect| suspect.rank),
            is_convincing: before.is_some_and(|(ranking, _)| ranking.is_convincing),
            actor: "Sentry".to_owned(),
            source: "resolved_in_commit".to_owned(),
            at: now.0,
        };
        suspects::save_feedback(tx, incident.workspace_id, &feedback).await?;
        let (culprit, fix) = (short(&self.culprit), short(&self.fix));
        Ok(TimelineEntry {
            id: app.ids.next(now),
            workspace_id: incident.workspace_id,
            incident_id: Some(incident.id),
            issue_id: incident.issue_id,
            at: now,
            occurred_at: None,
            kind: "suspect.confirmed".to_owned(),
            actor: Actor::epicenter(),
            summary: format!("Commit {culprit} was it, says its repair {fix}"),
            body: String::new(),
            delivery_id: None,
        })
    }
}
