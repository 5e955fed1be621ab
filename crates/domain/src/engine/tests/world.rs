//! One integration, one issue, a clock that stands still until it is moved.

use crate::engine::{
    Context, Found, Input, Origin, Profile, Slice, Verdict, Visit, apply_delivery, apply_found,
    change_issue_status, command,
};
use crate::id::IdSource;
use crate::incident::{Alert, Command, CommandError, Incident, Policy};
use crate::issue::Issue;
use crate::level::Level;
use crate::signal::{
    Actor, ActorKind, AlertFact, AlertState, EventDetail, EventFacts, Fact, IssueChange, IssueFact,
    IssueFacts, IssueKey, IssueStatus, MetricName, ProjectFacts, Resolution, Signal, When,
};
use crate::sources::sentry::api::ReadIssue;
use crate::sources::{Outcome, Reading};
use crate::time::Time;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

pub(super) struct World {
    pub(super) slice: Slice,
    pub(super) origin: Origin,
    pub(super) now: Time,
    pub(super) level: Level,
    /// Sentry's number of the issue that signals are about.
    pub(super) issue: u8,
    ids: IdSource,
    delivery_id: Option<i64>,
    received: u64,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            slice: Slice::default(),
            origin: Origin {
                integration_id: 9,
                workspace_id: 1,
                kind: crate::sources::IntegrationKind::Sentry,
                name: "Sentry".to_owned(),
                service_id: None,
                services_by_project: BTreeMap::new(),
                default_service_id: None,
                unheld_services: std::collections::BTreeSet::new(),
                routing: None,
                profile: Profile::Level,
                service_hooks_trigger: false,
                policy: Policy::default(),
            },
            now: Time(1_800_000_000_000),
            level: Level::Error,
            issue: 42,
            ids: IdSource::new(0, 0),
            delivery_id: None,
            received: 0,
        }
    }

    /// The id of the delivery that comes next.
    pub(super) fn next_delivery(&mut self) -> i64 {
        let id = self.delivery_id.unwrap_or_else(|| self.ids.next(self.now));
        self.delivery_id = Some(id);
        id
    }

    pub(super) fn pass(&mut self, ms: i64) {
        self.now = self.now.plus_ms(ms);
    }

    fn facts(&self) -> IssueFacts {
        IssueFacts {
            title: Some("ValueError: amount must be positive".to_owned()),
            level: Some(self.level),
            project: ProjectFacts {
                id: Some("7".to_owned()),
                slug: Some("shop-api".to_owned()),
                name: Some("Shop API".to_owned()),
            },
            ..IssueFacts::bare(IssueKey::Issue(self.issue.to_string()))
        }
    }

    pub(super) fn signal(&self, change: IssueChange) -> Signal {
        let when = When {
            sent_at: Some(self.now),
            occurred_at: Some(self.now),
        };
        let mut issue = self.facts();
        issue.last_seen_at = Some(self.now);
        let has_event = matches!(change, IssueChange::AlertFired { .. });
        let event = has_event.then(|| Box::new(self.event("a", self.now)));
        let fact = IssueFact {
            change,
            issue,
            event,
        };
        Signal {
            when,
            actor: Actor::sentry(),
            fact: Fact::Issue(Box::new(fact)),
        }
    }

    fn event(&self, event_id: &str, at: Time) -> EventFacts {
        EventFacts {
            event_id: event_id.to_owned(),
            at: Some(at),
            level: self.level,
            title: "ValueError: amount must be positive".to_owned(),
            detail: EventDetail::default(),
            environment: None,
            release: None,
        }
    }

    fn with_event(&mut self, change: IssueChange, event_id: &str, at: Time) -> Verdict {
        let mut signal = self.signal(change);
        signal.when.occurred_at = Some(at);
        if let Fact::Issue(fact) = &mut signal.fact {
            fact.issue.last_seen_at = Some(at);
            fact.event = Some(Box::new(self.event(event_id, at)));
        }
        self.receive(signal)
    }

    pub(super) fn alert(&mut self, event_id: &str) -> Verdict {
        self.alert_at(event_id, self.now)
    }

    pub(super) fn alert_at(&mut self, event_id: &str, at: Time) -> Verdict {
        let rules = vec!["High priority".to_owned()];
        self.with_event(IssueChange::AlertFired { rules }, event_id, at)
    }

    pub(super) fn occur(&mut self, event_id: &str, service_hook: bool) -> Verdict {
        self.with_event(IssueChange::Occurred { service_hook }, event_id, self.now)
    }

    pub(super) fn created(&mut self) -> Verdict {
        let mut signal = self.signal(IssueChange::Created);
        if let Fact::Issue(fact) = &mut signal.fact {
            fact.issue.event_count = Some(1);
        }
        self.receive(signal)
    }

    pub(super) fn change(&mut self, change: IssueChange) -> Verdict {
        let signal = self.signal(change);
        self.receive(signal)
    }

    pub(super) fn resolve(&mut self) -> Verdict {
        self.change(IssueChange::Resolved(Resolution::default()))
    }

    pub(super) fn unresolved(&mut self, substatus: &str) -> Verdict {
        let mut signal = self.signal(IssueChange::Unresolved);
        if let Fact::Issue(fact) = &mut signal.fact {
            fact.issue.substatus = Some(substatus.to_owned());
        }
        self.receive(signal)
    }

    pub(super) fn metric(&mut self, state: AlertState) -> Verdict {
        self.metric_of(state, Some("5"))
    }

    /// A metric alert whose body tells the organisation's number, or its name only.
    pub(super) fn metric_of(&mut self, state: AlertState, number: Option<&str>) -> Verdict {
        let metric = MetricName {
            organization: "shop".to_owned(),
            organization_id: number.map(str::to_owned),
            identifier: "1".to_owned(),
        };
        let fact = AlertFact {
            dedup_key: metric.key(number.unwrap_or("shop")),
            metric: Some(metric),
            state,
            title: "Too many errors".to_owned(),
            subject: None,
            description: String::new(),
            details: String::new(),
            is_repeatable: false,
            permalink: None,
            projects: vec!["shop-api".to_owned()],
            environment: None,
            started_at: Some(self.now),
        };
        let when = When {
            sent_at: Some(self.now),
            occurred_at: Some(self.now),
        };
        let fact = Fact::Alert(Box::new(fact));
        self.receive(Signal {
            when,
            actor: Actor::sentry(),
            fact,
        })
    }

    /// Every signal received here identifies something else.
    pub(super) fn receive(&mut self, signal: Signal) -> Verdict {
        let identity = format!("unique {}", self.received);
        self.receive_as(signal, &identity)
    }

    pub(super) fn receive_as(&mut self, signal: Signal, identity: &str) -> Verdict {
        self.apply(signal, identity, false)
    }

    pub(super) fn replay(&mut self, signal: Signal, identity: &str) -> Verdict {
        self.apply(signal, identity, true)
    }

    fn apply(&mut self, signal: Signal, identity: &str, is_replay: bool) -> Verdict {
        self.received += 1;
        let delivery_id = self.next_delivery();
        self.delivery_id = None;
        let digest = Sha256::digest(identity.as_bytes());
        let input = Input {
            reading: Reading {
                resource: "issue".to_owned(),
                action: String::new(),
                identity: Some(identity.to_owned()),
                outcome: Outcome::Signal(Box::new(signal)),
            },
            identity: digest[..16].try_into().unwrap(),
            is_replay,
        };
        let mut context = Context {
            origin: &self.origin,
            delivery_id: Some(delivery_id),
            now: self.now,
            ids: &self.ids,
        };
        apply_delivery(&mut self.slice, &mut context, &input)
    }

    pub(super) fn context(&mut self) -> (&mut Slice, Context<'_>) {
        let context = Context {
            origin: &self.origin,
            delivery_id: None,
            now: self.now,
            ids: &self.ids,
        };
        (&mut self.slice, context)
    }

    pub(super) fn ann() -> Actor {
        Actor {
            kind: ActorKind::User,
            id: "usr_1".to_owned(),
            name: "Ann".to_owned(),
        }
    }

    pub(super) fn command(&mut self, what: &Command) -> Result<bool, CommandError> {
        self.command_to(self.incident().id, what)
    }

    pub(super) fn command_to(&mut self, id: i64, what: &Command) -> Result<bool, CommandError> {
        let (slice, mut context) = self.context();
        command(slice, &mut context, (id, what), &Self::ann())
    }

    /// What the API says of the issue.
    pub(super) fn find(&mut self, read: &ReadIssue, visit: Visit) -> Found {
        let (slice, mut context) = self.context();
        apply_found(slice, &mut context, read, visit)
    }

    pub(super) fn set_issue(&mut self, status: IssueStatus) {
        let key = (9, "sentry-42".to_owned());
        let mut context = Context {
            origin: &self.origin,
            delivery_id: None,
            now: self.now,
            ids: &self.ids,
        };
        change_issue_status(&mut self.slice, &mut context, &key, status, &Self::ann()).unwrap();
    }

    pub(super) fn incidents(&self) -> Vec<Incident> {
        self.slice
            .incidents
            .values()
            .map(|tracked| tracked.row.clone())
            .collect()
    }

    /// The newest incident.
    pub(super) fn incident(&self) -> Incident {
        self.incidents().pop().expect("an incident")
    }

    pub(super) fn issue(&self) -> &Issue {
        &self.slice.issues.values().next().expect("an issue").row
    }

    pub(super) fn alert_row(&self) -> &Alert {
        &self.slice.alerts.values().next().expect("an alert").row
    }

    pub(super) fn kinds(&self) -> Vec<&str> {
        self.slice
            .timeline
            .iter()
            .map(|entry| entry.kind.as_str())
            .collect()
    }
}
