//! From incidents that changed to notices that are owed: gather, plan, keep the verdicts with their
//! reasons, and fill the outbox, in one transaction for each batch.

use super::scene::{Scene, Workspace};
use super::{compose, holds};
use crate::app::App;
use crate::limits::{EDIT_AGAIN_MS, EDIT_WAIT_MS, PLAN_BATCH};
use epicenter_domain::engine::TOLD_LINES;
use epicenter_domain::incident::IncidentStatus;
use epicenter_domain::notification::{IncidentFacts, Kind, Notice};
use epicenter_domain::routing::{self, NoticeKind, Plan, Planned, Situation, Verdict};
use epicenter_domain::time::Time;
use epicenter_store::notices::destinations::DestinationRecord;
use epicenter_store::notices::outbox::{self, OutboxRecord};
use epicenter_store::notices::plans::{self, DuePlan, Told};
use epicenter_store::{StoreError, Tx};
use std::collections::BTreeMap;

/// Kinds of notices of which only the last matters: edits of a card.
const EDITS: [&str; 2] = [Kind::Acknowledged.as_str(), Kind::Updated.as_str()];

/// Plans the incidents that are due. Answers how many.
pub async fn plan_due(app: &App) -> Result<usize, StoreError> {
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let due = plans::due(&mut tx, now, PLAN_BATCH).await?;
    tx.rollback().await?;
    if due.is_empty() {
        return Ok(0);
    }
    let mut tx = app.database.write_state().await?;
    // What was committed while this waited for its turn is not in the future.
    let now = app.clock.now();
    let mut workspaces: BTreeMap<i64, Workspace> = BTreeMap::new();
    for plan in &due {
        let workspace = match workspaces.entry(plan.workspace_id) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => {
                new.insert(Workspace::load(&mut tx, plan.workspace_id, now).await?)
            }
        };
        let again_at = plan_one(app, &mut tx, (workspace, *plan), now).await?;
        plans::made(&mut tx, *plan, again_at).await?;
    }
    tx.commit().await?;
    app.owed.notify_one();
    Ok(due.len())
}

/// Plans one incident; answers when it must be planned again.
async fn plan_one(
    app: &App,
    tx: &mut Tx,
    (workspace, due): (&Workspace, DuePlan),
    now: Time,
) -> Result<Option<Time>, StoreError> {
    let about = (due.workspace_id, due.incident_id);
    let Some(scene) = Scene::load(tx, about, &workspace.services).await? else {
        return Ok(None);
    };
    let routes = workspace.routes(tx, &scene, now).await?;
    let situation = Situation {
        standing: &scene.standing,
        subject: &scene.subject,
        neighbours: workspace.neighbours(),
        flapping: &scene.flapping,
        storm: workspace.storm(&scene.incident),
        routes: &routes,
    };
    let Plan {
        routes: planned,
        look_again_at,
    } = routing::plan(&situation, &workspace.policy, now);
    let mut facts = None;
    for one in planned {
        let Some(destination) = workspace
            .destinations
            .iter()
            .find(|known| known.id == one.destination_id)
        else {
            continue;
        };
        let mut step = Step {
            app,
            workspace,
            scene: &scene,
            destination,
            facts: &mut facts,
            now,
        };
        step.keep(tx, one).await?;
    }
    Ok(look_again_at)
}

/// One incident at one destination.
struct Step<'a> {
    app: &'a App,
    workspace: &'a Workspace,
    scene: &'a Scene,
    destination: &'a DestinationRecord,
    /// Gathered once, when somebody is told.
    facts: &'a mut Option<IncidentFacts>,
    now: Time,
}

impl Step<'_> {
    async fn keep(&mut self, tx: &mut Tx, planned: Planned) -> Result<(), StoreError> {
        let before = self
            .scene
            .told
            .iter()
            .find(|told| told.destination_id == self.destination.id);
        match &planned.verdict {
            Verdict::Notify { kind, reason } => {
                let kind = self.kind_of(*kind);
                let about = (self.scene.incident.id, self.destination.id);
                outbox::replace_waiting(tx, about, &EDITS, self.now).await?;
                self.owe(tx, kind, (self.summary(kind), reason.clone()), self.now)
                    .await?;
            }
            Verdict::Suppress { .. } | Verdict::Wait { .. } => {
                if let Some(before) = before {
                    self.edit(tx, before).await?;
                }
            }
        }
        holds::follow(tx, (self.scene, self.destination), &planned, self.now).await?;
        let told = Told {
            incident_id: self.scene.incident.id,
            destination_id: self.destination.id,
            log: planned.log,
            verdict: planned.verdict,
            planned_at: self.now,
            card: None,
        };
        plans::keep(tx, &told).await
    }

    /// A card that was sent follows what happens to the incident, not more often than it can be
    /// read, and always to the last state.
    async fn edit(&mut self, tx: &mut Tx, before: &Told) -> Result<(), StoreError> {
        let incident = &self.scene.incident;
        let is_shown = self.destination.target.has_buttons() && before.log.told_at.is_some();
        let news = self
            .scene
            .lines
            .iter()
            .find(|line| line.at > before.planned_at && is_shown_on_cards(&line.kind));
        let Some(news) = news.filter(|_| is_shown) else {
            return Ok(());
        };
        let about = (incident.id, self.destination.id);
        let (waiting, last) = outbox::edits(tx, about, &EDITS).await?;
        let spaced = last.map(|at| at.plus_ms(EDIT_AGAIN_MS));
        let due_at = waiting.unwrap_or_else(|| {
            let soon = self.now.plus_ms(EDIT_WAIT_MS);
            spaced.map_or(soon, |spaced| spaced.max(soon))
        });
        outbox::replace_waiting(tx, about, &EDITS, self.now).await?;
        let kind = if incident.status == IncidentStatus::Acknowledged {
            Kind::Acknowledged
        } else {
            Kind::Updated
        };
        let reason = "The card of an incident follows it".to_owned();
        self.owe(tx, kind, (news.summary.clone(), reason), due_at)
            .await
    }

    async fn owe(
        &mut self,
        tx: &mut Tx,
        kind: Kind,
        words: (String, String),
        due_at: Time,
    ) -> Result<(), StoreError> {
        let facts = match &mut *self.facts {
            Some(facts) => facts,
            missing @ None => {
                let found = compose::facts(self.app, tx, (self.workspace, self.scene)).await?;
                missing.insert(found)
            }
        };
        let id = self.app.ids.next(self.now);
        let key = epicenter_domain::id::IdKind::Notification.show(id);
        let notice: Notice = compose::notice(facts, kind, words, (key, self.now));
        let record = OutboxRecord {
            id,
            workspace_id: self.scene.incident.workspace_id,
            destination_id: Some(self.destination.id),
            address: None,
            incident_id: Some(self.scene.incident.id),
            notice,
            state: "waiting".to_owned(),
            due_at,
            attempt_count: 0,
            created_at: self.now,
            done_at: None,
            last_answer: None,
        };
        outbox::owe(tx, &record).await
    }

    /// Did it come back? What was held back at first, and is told now, did not.
    fn is_back(&self) -> bool {
        let incident = &self.scene.incident;
        let has = |kind: &str| self.scene.lines.iter().any(|line| line.kind == kind);
        incident.triggered_at > incident.opened_at
            && (has("incident.reopened") || !has("incident.suspended"))
    }

    fn kind_of(&self, kind: NoticeKind) -> Kind {
        match kind {
            NoticeKind::First if self.is_back() => Kind::Reopened,
            NoticeKind::First => Kind::Triggered,
            NoticeKind::MoreUrgent => Kind::SeverityRaised,
            NoticeKind::Unusual => Kind::Unusual,
            NoticeKind::Resolved => Kind::Resolved,
            NoticeKind::Repeat => Kind::Reminder,
            NoticeKind::Digest => Kind::Digest,
            NoticeKind::MoreAlerts | NoticeKind::SomeResolved | NoticeKind::Flapping => {
                Kind::Updated
            }
        }
    }

    /// What happened last, where that is the news.
    fn summary(&self, kind: Kind) -> String {
        let is_news = matches!(kind, Kind::Resolved | Kind::Reopened | Kind::SeverityRaised);
        let line = self
            .scene
            .lines
            .iter()
            .find(|line| is_news && line.kind.starts_with("incident."));
        line.map(|line| line.summary.clone()).unwrap_or_default()
    }
}

/// Does a line of the timeline change what a card shows?
fn is_shown_on_cards(kind: &str) -> bool {
    kind.starts_with("incident.") || kind.starts_with(TOLD_LINES) || kind == "suspect.named"
}
