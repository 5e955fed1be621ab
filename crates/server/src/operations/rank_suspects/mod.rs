//! Ranks what may have caused an incident: gather, measure, keep, tell.

mod clones;
mod fix;
mod gather;
mod scene;
mod shipped;

use crate::app::App;
use crate::limits::{DEPLOY_BLAME_MS, RANKING_BATCH, SUSPECTS};
use crate::operations::event_detail::event_detail;
pub(super) use clones::scrubbed;
use epicenter_domain::change::mapping::Mapping;
use epicenter_domain::engine::Slice;
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::{Incident, TimelineEntry};
use epicenter_domain::signal::{Actor, EventDetail};
use epicenter_domain::suspect::{self, Blame, Doubt, Feedback, Ranking, Scene, Verdict, Weights};
use epicenter_domain::time::Time;
use epicenter_store::changes::deploys::DeployRecord;
use epicenter_store::changes::mappings;
use epicenter_store::suspects::{DueRanking, RankingRecord, ReasonRecord, SuspectRecord};
use epicenter_store::{StoreError, Tx, events, incidents, slice, suspects};
pub(crate) use gather::short;
use gather::{Gathered, gather};
pub use shipped::{Shipped, shipped};
use std::collections::BTreeMap;

/// Newest events of an issue that are looked at for one with a stack.
const EVENTS_FOR_A_STACK: i64 = 10;
/// Points of a deploy without known commits, for being the last thing that changed.
const DEPLOY_ALONE: i64 = 30;

/// Puts the incidents that the engine named on the queue.
pub(in crate::operations) async fn ask_for_rankings(
    app: &App,
    tx: &mut Tx,
    slice: &Slice,
) -> Result<(), StoreError> {
    let mut by_workspace: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for id in &slice.to_rank {
        if let Some(incident) = slice.incident(*id) {
            by_workspace
                .entry(incident.workspace_id)
                .or_default()
                .push(*id);
        }
    }
    for (workspace_id, ids) in by_workspace {
        let now = app.clock.now();
        suspects::enqueue(tx, workspace_id, &ids, now, "the incident changed").await?;
    }
    Ok(())
}

/// Makes the rankings that are due; answers how many.
pub async fn rank_due(app: &App) -> Result<usize, StoreError> {
    let mut tx = app.database.read().await?;
    let due = suspects::due(&mut tx, app.clock.now(), RANKING_BATCH).await?;
    tx.rollback().await?;
    for entry in &due {
        match rank(app, entry.workspace_id, entry.incident_id).await {
            Err(error) if error.is_about_the_data() => give_up(app, entry, &error).await?,
            result => result?,
        }
    }
    Ok(due.len())
}

/// What cannot be read now cannot be read later: the incident goes without suspects until something
/// new arrives.
async fn give_up(app: &App, entry: &DueRanking, error: &StoreError) -> Result<(), StoreError> {
    let incident = IdKind::Incident.show(entry.incident_id);
    tracing::error!(incident.id = incident, %error, "{incident} could not be ranked: {error}");
    let mut tx = app.database.write_state().await?;
    suspects::dequeue(&mut tx, entry.incident_id).await?;
    tx.commit().await
}

/// Ranks one incident now.
pub async fn rank(app: &App, workspace_id: i64, incident_id: i64) -> Result<(), StoreError> {
    let now = app.clock.now();
    let answer = Box::pin(weigh(app, (workspace_id, incident_id), now)).await?;
    let mut tx = app.database.write_state().await?;
    suspects::dequeue(&mut tx, incident_id).await?;
    let mut lines = Vec::new();
    if let Some((case, record, kept)) = answer {
        let before = suspects::of_incident(&mut tx, incident_id).await?;
        suspects::save(&mut tx, &record, &kept).await?;
        let was = before
            .as_ref()
            .and_then(|(ranking, kept)| named(ranking, kept));
        let mut timeline = Vec::new();
        if let Some(lesson) = &case.lesson {
            let known = (&case.incident, before.as_ref());
            timeline.push(lesson.keep(app, &mut tx, known, now).await?);
        }
        timeline.extend(case.news(app, (&record, &kept), was, now));
        if !timeline.is_empty() {
            let slice = Slice {
                timeline,
                ..Slice::default()
            };
            slice::save(&mut tx, &slice).await?;
            lines = slice.timeline;
        }
    }
    tx.commit().await?;
    app.live.publish(lines, [incident_id]);
    Ok(())
}

/// A case with its ranking, as it is stored.
type Weighed = (Case, RankingRecord, Vec<SuspectRecord>);

/// Gathers all about an incident, asks the clones, and ranks.
async fn weigh(
    app: &App,
    (workspace_id, incident_id): (i64, i64),
    now: Time,
) -> Result<Option<Weighed>, StoreError> {
    let mut tx = app.database.read().await?;
    let found = prepare(&mut tx, workspace_id, incident_id).await?;
    tx.rollback().await?;
    let Some(mut case) = found else {
        return Ok(None);
    };
    let blame = clones::consult(app, &mut case, now).await?;
    let ranking = case.rank(&blame);
    let record = case.record(&ranking, now);
    let kept = case.suspects(&ranking);
    Ok(Some((case, record, kept)))
}

/// All that a ranking looks at.
struct Case {
    incident: Incident,
    detail: Option<EventDetail>,
    found: Gathered,
    mappings: Vec<Mapping>,
    feedback: Feedback,
    lesson: Option<fix::Lesson>,
}

async fn prepare(
    tx: &mut Tx,
    workspace_id: i64,
    incident_id: i64,
) -> Result<Option<Case>, StoreError> {
    let Some(incident) = incidents::by_id(tx, workspace_id, incident_id).await? else {
        return Ok(None);
    };
    let found = gather(tx, &incident).await?;
    let detail = match incident.issue_id {
        Some(issue_id) => newest_stack(tx, (incident.workspace_id, issue_id)).await?,
        None => None,
    };
    let mappings = mappings::list(tx, workspace_id).await?;
    let mappings = mappings
        .into_iter()
        .filter(|mapping| Some(&mapping.project) == incident.project.as_ref())
        .map(|mapping| Mapping {
            repository_id: mapping.repository_id,
            stack_prefix: mapping.stack_prefix,
            source_prefix: mapping.source_prefix,
        })
        .collect();
    let mut feedback = Feedback::default();
    let said = suspects::feedback_of(tx, incident_id).await?;
    let lesson = fix::lesson(tx, &incident, &said).await?;
    if let Some(lesson) = &lesson {
        feedback.confirmed.insert(lesson.culprit().to_owned());
    }
    for said in said {
        let set = match said.verdict.as_str() {
            "guilty" => &mut feedback.confirmed,
            _ => &mut feedback.dismissed,
        };
        set.insert(said.subject);
    }
    Ok(Some(Case {
        incident,
        detail,
        found,
        mappings,
        feedback,
        lesson,
    }))
}

/// The newest event that says where it happened; else the newest.
async fn newest_stack(
    tx: &mut Tx,
    (workspace_id, issue_id): (i64, i64),
) -> Result<Option<EventDetail>, StoreError> {
    let page = events::of_issue(tx, issue_id, None, EVENTS_FOR_A_STACK).await?;
    let mut newest = None;
    for record in &page.items {
        let Some(detail) = event_detail(tx, workspace_id, record).await? else {
            continue;
        };
        if detail.has_stack() {
            return Ok(Some(detail));
        }
        newest = newest.or(Some(detail));
    }
    Ok(newest)
}

impl Case {
    fn scene(&self) -> Scene {
        scene::scene(
            &self.incident,
            self.detail.as_ref(),
            &self.found,
            &self.mappings,
        )
    }

    fn rank(&self, blame: &Blame) -> Ranking {
        let candidates = scene::candidates(&self.incident, &self.found);
        suspect::rank(
            &self.scene(),
            &candidates,
            blame,
            &self.feedback,
            &Weights::default(),
        )
    }

    /// The deploy that the incident began after, if it began soon enough after it.
    fn parent(&self) -> Option<&DeployRecord> {
        let deploy = self.found.deploy.as_ref()?;
        let after = self.incident.opened_at.0.saturating_sub(deploy.at.0);
        (after <= DEPLOY_BLAME_MS).then_some(deploy)
    }

    fn record(&self, ranking: &Ranking, now: Time) -> RankingRecord {
        let mut why = self.found.gaps.clone();
        let is_convincing = match &ranking.verdict {
            Verdict::Convincing => true,
            Verdict::NoConvincing { reasons } => {
                // That the event names no release is said above, with what to do.
                let is_said =
                    |doubt: &&Doubt| **doubt == Doubt::NoRelease && self.incident.release.is_none();
                let doubts = reasons.iter().filter(|doubt| !is_said(doubt));
                why.extend(doubts.map(|doubt| format!("{}.", doubt.sentence())));
                false
            }
        };
        RankingRecord {
            incident_id: self.incident.id,
            workspace_id: self.incident.workspace_id,
            ranked_at: now,
            deploy_id: self.parent().map(|deploy| deploy.id),
            is_convincing,
            why,
            candidate_count: i64::try_from(self.found.commits.len()).unwrap_or(i64::MAX),
        }
    }

    fn suspects(&self, ranking: &Ranking) -> Vec<SuspectRecord> {
        let deploy_id = self.found.deploy.as_ref().map(|deploy| deploy.id);
        let mut kept: Vec<SuspectRecord> = Vec::new();
        for suspect in ranking.suspects.iter().take(SUSPECTS) {
            let Some(commit) = self.found.commits.get(suspect.candidate) else {
                continue;
            };
            let files = commit.fact.files.as_deref().unwrap_or_default();
            kept.push(SuspectRecord {
                rank: i64::try_from(kept.len()).unwrap_or(0) + 1,
                commit_id: Some(commit.id),
                deploy_id,
                score: rounded(suspect.score),
                reasons: suspect
                    .reasons
                    .iter()
                    .map(|reason| ReasonRecord {
                        code: reason.code.as_str().to_owned(),
                        points: rounded(reason.points),
                        text: reason.text.clone(),
                    })
                    .collect(),
                files: files
                    .iter()
                    .take(20)
                    .map(|file| file.path.clone())
                    .collect(),
            });
        }
        if let (true, Some(deploy)) = (kept.is_empty(), self.parent()) {
            kept.push(self.deploy_alone(deploy));
        }
        kept
    }

    /// When no commit can be named, the deploy itself is the suspect.
    fn deploy_alone(&self, deploy: &DeployRecord) -> SuspectRecord {
        let minutes = self.incident.opened_at.0.saturating_sub(deploy.at.0).max(0) / 60_000;
        let mut points = DEPLOY_ALONE;
        let what = deploy
            .version
            .as_deref()
            .or(deploy.sha.as_deref().map(short));
        let mut text = format!(
            "It began {minutes} min after {} went to {}, the last change before it",
            what.unwrap_or("a deploy"),
            deploy.environment
        );
        if deploy.rollback_to_id.is_some() {
            points /= 2;
            text.push_str("; that was a rollback, which is not blamed for what it undoes");
        }
        SuspectRecord {
            rank: 1,
            commit_id: None,
            deploy_id: Some(deploy.id),
            score: points,
            reasons: vec![ReasonRecord {
                code: "deploy_time".to_owned(),
                points,
                text,
            }],
            files: Vec::new(),
        }
    }

    /// A line for the timeline when a convincing suspect is named, or another one than before.
    fn news(
        &self,
        app: &App,
        (record, kept): (&RankingRecord, &[SuspectRecord]),
        was: Option<i64>,
        now: Time,
    ) -> Option<TimelineEntry> {
        let commit_id = named(record, kept).filter(|id| was != Some(*id))?;
        let commit = self.found.commits.iter().find(|one| one.id == commit_id)?;
        let first = kept.first()?;
        let subject = commit.fact.message.lines().next().unwrap_or_default();
        let reasons: Vec<String> = first
            .reasons
            .iter()
            .map(|reason| format!("- {}", reason.text))
            .collect();
        Some(TimelineEntry {
            id: app.ids.next(now),
            workspace_id: self.incident.workspace_id,
            incident_id: Some(self.incident.id),
            issue_id: self.incident.issue_id,
            at: now,
            occurred_at: None,
            kind: "suspect.named".to_owned(),
            actor: Actor::epicenter(),
            summary: format!(
                "Suspect: {} “{subject}” by {} (score {})",
                short(&commit.fact.sha),
                commit.fact.author,
                first.score
            ),
            body: reasons.join("\n"),
            delivery_id: None,
        })
    }
}

/// The commit that a ranking names, if it is convincing.
fn named(ranking: &RankingRecord, kept: &[SuspectRecord]) -> Option<i64> {
    let first = kept.first().filter(|_| ranking.is_convincing)?;
    first.commit_id
}

/// Points as they are shown.
fn rounded(points: f64) -> i64 {
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "a score is between -100 and 100"
    )]
    let whole = points.round().clamp(-100.0, 100.0) as i64;
    whole
}

/// What names a suspect in feedback: a commit's SHA, or the deploy's id as it is shown.
pub(crate) fn subject(sha: Option<&str>, deploy_id: Option<i64>) -> Option<String> {
    sha.map(str::to_owned)
        .or_else(|| deploy_id.map(|id| IdKind::Deploy.show(id)))
}
