//! What is true after an event: the only place where an incident's state changes.

use super::{Incident, IncidentEvent, IncidentStatus, Merged};
use crate::time::Time;

impl Incident {
    /// Folds one event into the incident.
    pub fn apply(&mut self, event: &IncidentEvent, now: Time) {
        match event {
            IncidentEvent::Opened(severity) => {
                self.severity = *severity;
                self.trigger(now);
            }
            IncidentEvent::Reopened(_) => {
                self.trigger(now);
                self.resolved_at = None;
                self.archived_until = None;
                self.snoozed_until = None;
            }
            IncidentEvent::SeverityChanged(_, severity) => self.severity = *severity,
            IncidentEvent::Acknowledged => self.acknowledge(now),
            IncidentEvent::Archived(until) => {
                self.acknowledge(now);
                self.archived_until = Some(until.clone());
            }
            IncidentEvent::Retriggered(_) | IncidentEvent::Woke => {
                self.trigger(now);
                self.archived_until = None;
                self.snoozed_until = None;
            }
            IncidentEvent::Resolved(_) => {
                self.status = IncidentStatus::Resolved;
                self.resolved_at = Some(now);
                self.snoozed_until = None;
                self.archived_until = None;
            }
            IncidentEvent::Assigned(assignee) => self.assignee = Some(assignee.clone()),
            IncidentEvent::Unassigned => self.assignee = None,
            IncidentEvent::Snoozed(until) => {
                self.acknowledge(now);
                self.snoozed_until = Some(*until);
            }
            IncidentEvent::Suspended(until, _) => {
                self.status = IncidentStatus::Suspended;
                self.suspended_until = Some(*until);
            }
            IncidentEvent::MergedInto(into_id, into_number) => {
                self.merge(*into_id, *into_number);
                self.resolved_at = Some(now);
            }
            IncidentEvent::SplitFrom(_) => self.split(),
            IncidentEvent::Noted(_) | IncidentEvent::Remarked(..) => {}
        }
        self.updated_at = now;
    }

    fn trigger(&mut self, now: Time) {
        self.status = IncidentStatus::Triggered;
        self.triggered_at = now;
        self.suspended_until = None;
    }

    fn merge(&mut self, into_id: i64, into_number: i64) {
        self.merged = Some(Box::new(Merged {
            into_id,
            into_number,
            status: self.status,
            snoozed_until: self.snoozed_until.take(),
            archived_until: self.archived_until.take(),
        }));
        self.status = IncidentStatus::Resolved;
    }

    fn split(&mut self) {
        if let Some(merged) = self.merged.take() {
            self.status = merged.status;
            self.snoozed_until = merged.snoozed_until;
            self.archived_until = merged.archived_until;
            self.resolved_at = None;
        }
        self.is_apart = true;
    }

    fn acknowledge(&mut self, now: Time) {
        self.status = IncidentStatus::Acknowledged;
        self.suspended_until = None;
        self.acknowledged_at = self.acknowledged_at.or(Some(now));
    }
}

impl IncidentEvent {
    /// Does it change whether somebody still has to take the incident? An assignment does not: who
    /// was given an incident may not know of it yet (DESIGN §5).
    pub fn moves(&self) -> bool {
        match self {
            Self::Opened(_)
            | Self::Reopened(_)
            | Self::Acknowledged
            | Self::Archived(_)
            | Self::Retriggered(_)
            | Self::Resolved(_)
            | Self::Snoozed(_)
            | Self::Suspended(..)
            | Self::MergedInto(..)
            | Self::SplitFrom(_)
            | Self::Woke => true,
            Self::SeverityChanged(..)
            | Self::Assigned(_)
            | Self::Unassigned
            | Self::Noted(_)
            | Self::Remarked(..) => false,
        }
    }
}
