//! What happens in a run becomes lines of the timeline and pages that are owed.

use super::roster::{Roster, Told};
use crate::app::App;
use epicenter_domain::escalation::run::{Run, RunState, Standing, StepEvent, advance};
use epicenter_domain::incident::{IncidentStatus, TimelineEntry};
use epicenter_domain::signal::Actor;
use epicenter_domain::time::Time;
use epicenter_store::people::pages_owed::{self, OwedPage};
use epicenter_store::people::runs::{self, Followed};
use epicenter_store::{StoreError, Tx, timeline};

/// Lines and pages of one transaction, written together at its end.
#[derive(Debug, Default)]
pub(super) struct Moves {
    roster: Roster,
    lines: Vec<TimelineEntry>,
    pages: Vec<OwedPage>,
}

/// What the incident says to its run.
pub(super) fn standing(one: &Followed) -> Standing {
    Standing {
        status: one.status,
        is_parked: one.is_parked,
    }
}

/// Is there nothing left of the run, and nothing happened? Then a new one may begin.
fn is_used_up(run: &Run, events: &[StepEvent]) -> bool {
    run.state == RunState::Exhausted && events.is_empty()
}

impl Moves {
    /// The state of an incident has changed: its run goes on, ends, or a new one begins. In a storm
    /// none begins: the storm's own tells everybody.
    pub(super) async fn follow(
        &mut self,
        app: &App,
        tx: &mut Tx,
        one: &Followed,
        now: Time,
    ) -> Result<(), StoreError> {
        let standing = standing(one);
        let moved = one.run.as_ref().map(|(_, run)| advance(run, standing, now));
        if let Some((run, events)) = &moved
            && !is_used_up(run, events)
        {
            return self.record(app, tx, (one, run, events), now).await;
        }
        let Some(escalation_id) = one
            .escalation_id
            .filter(|_| one.status == IncidentStatus::Triggered && !one.is_in_storm)
        else {
            return Ok(());
        };
        let policies = self
            .roster
            .policies(tx, one.workspace_id, escalation_id)
            .await?;
        if policies.is_empty() {
            return Ok(());
        }
        let (run, events) = advance(&Run::start(policies, now), standing, now);
        let begun = Followed {
            run: Some((escalation_id, run.clone())),
            started_at: Some(now),
            ..one.clone()
        };
        self.record(app, tx, (&begun, &run, &events), now).await
    }

    /// Keeps how far a run got, and what happened on the way.
    pub(super) async fn record(
        &mut self,
        app: &App,
        tx: &mut Tx,
        (one, run, events): (&Followed, &Run, &[StepEvent]),
        now: Time,
    ) -> Result<(), StoreError> {
        let place = (one.workspace_id, one.incident_id);
        match &one.run {
            Some((escalation_id, _)) if !run.is_over() => {
                let started_at = one.started_at.unwrap_or(now);
                runs::save(tx, place, (*escalation_id, run), started_at).await?;
            }
            Some(_) | None => runs::delete(tx, one.incident_id).await?,
        }
        if one.status != IncidentStatus::Triggered {
            pages_owed::cancel(tx, one.incident_id).await?;
        }
        for event in events {
            match event {
                StepEvent::Reached { .. } => self.reach(app, tx, (one, event), now).await?,
                StepEvent::Exhausted => self.line(
                    app,
                    one,
                    ("incident.escalation_ended", now),
                    (
                        "Every step of the escalation was taken".to_owned(),
                        String::new(),
                    ),
                ),
                StepEvent::AcknowledgementExpired { .. } => {}
            }
        }
        Ok(())
    }

    /// A step is taken: everybody whom it names is owed a page.
    async fn reach(
        &mut self,
        app: &App,
        tx: &mut Tx,
        (one, event): (&Followed, &StepEvent),
        now: Time,
    ) -> Result<(), StoreError> {
        let StepEvent::Reached {
            policy,
            round,
            number,
            targets,
        } = event
        else {
            return Ok(());
        };
        let about = (one.workspace_id, one.severity);
        let told = self.roster.whom(tx, about, targets, now).await?;
        let step = match round {
            0 => format!("step {number}"),
            again => format!("step {number}, round {}", u16::from(*again) + 1),
        };
        for (to, why, due_at) in &told.recipients {
            self.pages.push(OwedPage {
                id: app.ids.next(now),
                workspace_id: one.workspace_id,
                incident_id: one.incident_id,
                to: *to,
                reason: format!("Escalation “{policy}”, {step}: {why}"),
                due_at: *due_at,
            });
        }
        let summary = format!("Escalated to {step} of “{policy}”: {}", names(&told));
        let body = told.gaps.join("\n");
        self.line(app, one, ("incident.escalated", now), (summary, body));
        Ok(())
    }

    fn line(
        &mut self,
        app: &App,
        one: &Followed,
        (kind, now): (&str, Time),
        (summary, body): (String, String),
    ) {
        self.lines.push(TimelineEntry {
            id: app.ids.next(now),
            workspace_id: one.workspace_id,
            incident_id: Some(one.incident_id),
            issue_id: None,
            at: now,
            occurred_at: None,
            kind: kind.to_owned(),
            actor: Actor::epicenter(),
            summary,
            body,
            delivery_id: None,
        });
    }

    /// Writes lines and pages; answers the lines.
    pub(super) async fn save(self, tx: &mut Tx) -> Result<Vec<TimelineEntry>, StoreError> {
        timeline::add(tx, &self.lines).await?;
        pages_owed::owe_pages(tx, &self.pages).await?;
        Ok(self.lines)
    }
}

/// Names in one line of a timeline; the rest is counted.
const SHOWN_NAMES: usize = 10;

fn names(told: &Told) -> String {
    if told.names.is_empty() {
        return "nobody could be told".to_owned();
    }
    let shown: Vec<&str> = told
        .names
        .iter()
        .take(SHOWN_NAMES)
        .map(String::as_str)
        .collect();
    let rest = told.names.len().saturating_sub(SHOWN_NAMES);
    match rest {
        0 => shown.join(", "),
        rest => format!("{} and {rest} more", shown.join(", ")),
    }
}
