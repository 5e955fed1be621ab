//! What the engine notes of a transition, small enough to be written in the same transaction. The
//! words are found afterwards: what a delivery said is read in the delivery once more.

use super::{Author, Draft, Observation, Record, alert, finding, issue, person};
use crate::id::IdKind;
use crate::incident::{Incident, IncidentEvent};
use crate::issue::Issue;
use crate::signal::{Actor, Fact, Signal};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// One transition that is to be remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// Our id; notes are remembered in its order.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// The delivery that brought it; none for people, the clock and the API.
    pub delivery_id: Option<i64>,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A signal was applied; its words are in the delivery.
    Signal(Box<Applied>),
    /// The finished record of what no delivery says. Its id is that of the note.
    Record(Box<Observation>),
}

/// A signal that was applied, with what the delivery does not say: how things stood then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// The kind of the integration: `sentry`.
    pub source: String,
    /// `issue.created`
    pub source_type: String,
    /// Which of the delivery's signals it was, from 0.
    pub position: usize,
    /// When Epicenter learnt of it.
    pub at: Time,
    /// The service that it concerns.
    pub service_id: Option<i64>,
    /// The incident that it belongs to.
    pub incident_id: Option<i64>,
    /// The issue as it was then.
    pub issue: Option<Box<Issue>>,
}

impl Note {
    /// The record of a note that waits for no delivery, under another id.
    pub fn record(&self, id: i64) -> Option<Observation> {
        match &self.what {
            What::Record(record) => Some(Observation {
                id,
                ..Observation::clone(record)
            }),
            What::Signal(_) => None,
        }
    }
}

impl Applied {
    /// Puts it into words. `signals` is what the delivery said, with whole events (see
    /// [`crate::sources::read_whole`]); without the delivery, which may be gone, the record says
    /// how the issue stood.
    pub fn record(&self, (id, note): (i64, &Note), signals: &[Signal]) -> Observation {
        let signal = signals.get(self.position);
        let mut draft = signal.map_or_else(|| self.bare(), |signal| self.draft(signal));
        if let Some(incident_id) = self.incident_id {
            draft.refer("incident", &IdKind::Incident.show(incident_id), None);
        }
        draft.finish(Record {
            id,
            workspace_id: note.workspace_id,
            recorded_at: self.at,
            service_id: self.service_id,
            incident_id: self.incident_id,
            issue_id: self.issue.as_ref().map(|issue| issue.id),
            delivery_id: note.delivery_id,
        })
    }

    fn draft(&self, signal: &Signal) -> Draft {
        let name = (self.source.as_str(), self.source_type.as_str());
        match (&signal.fact, &self.issue) {
            (Fact::Issue(fact), Some(issue)) => issue::draft(issue, name, (signal, fact)),
            (Fact::Alert(fact), _) => alert::draft(name, signal, fact),
            (Fact::Installation(fact), _) => {
                alert::installation(self.source.as_str(), signal, fact)
            }
            (Fact::Remark(remark), _) => alert::remark(name, signal, remark),
            // Changes are put into words where they are linked, see `change::draft`.
            (Fact::Issue(_) | Fact::Change(_), _) => self.bare(),
        }
    }

    /// What is known without the delivery.
    fn bare(&self) -> Draft {
        let author = Author {
            id: format!("{}:unknown", self.source),
            name: String::from("Unknown"),
        };
        let mut draft = Draft::new(&self.source, &self.source_type, author);
        match self.issue.as_deref() {
            Some(issue) => issue::tell_state(&mut draft, issue),
            None => draft.title.clone_from(&self.source_type),
        }
        draft
    }
}

/// Where and when a transition happened here.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// When.
    pub at: Time,
    /// The service that it concerns.
    pub service_id: Option<i64>,
    /// The issue that it is about.
    pub issue_id: Option<i64>,
}

impl Place {
    fn note(self, mut draft: Draft, incident_id: Option<i64>) -> Note {
        if let Some(incident_id) = incident_id {
            draft.refer("incident", &IdKind::Incident.show(incident_id), None);
        }
        let record = draft.finish(Record {
            id: self.id,
            workspace_id: self.workspace_id,
            recorded_at: self.at,
            service_id: self.service_id,
            incident_id,
            issue_id: self.issue_id,
            delivery_id: None,
        });
        Note {
            id: self.id,
            workspace_id: self.workspace_id,
            delivery_id: None,
            what: What::Record(Box::new(record)),
        }
    }

    /// A person or the clock changed an incident.
    pub fn of_command(self, incident: &Incident, event: &IncidentEvent, actor: &Actor) -> Note {
        let draft = person::draft(self.at, incident, event, actor);
        self.note(draft, Some(incident.id))
    }

    /// Epicenter noticed something about an issue: what sort, and the sentence.
    pub fn of_finding(
        self,
        issue: &Issue,
        (word, reason): (&str, &str),
        incident_id: Option<i64>,
    ) -> Note {
        self.note(finding::draft(self.at, issue, (word, reason)), incident_id)
    }

    /// A person changed an issue's status in the error log: the sender is Epicenter.
    pub fn of_issue(
        self,
        (issue, source_type): (&Issue, &str),
        signal: &Signal,
        incident_id: Option<i64>,
    ) -> Option<Note> {
        let Fact::Issue(fact) = &signal.fact else {
            return None;
        };
        let draft = issue::draft(issue, ("epicenter", source_type), (signal, fact));
        Some(self.note(draft, incident_id))
    }
}
