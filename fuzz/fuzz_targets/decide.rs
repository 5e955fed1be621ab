//! Any sequence of signals, commands and passing time keeps what must always hold of incidents,
//! alerts and timelines. Every four bytes are one step.

#![no_main]

use epicenter_domain::engine::{
    Context, Input, Origin, Profile, Slice, Verdict, VerdictOutcome, apply_delivery,
    change_issue_status, command,
};
use epicenter_domain::id::IdSource;
use epicenter_domain::incident::{Command, Incident, IncidentStatus, Policy};
use epicenter_domain::level::{Level, Severity};
use epicenter_domain::signal::{
    Actor, AlertFact, AlertState, Assignee, EventDetail, EventFacts, Fact, IssueChange, IssueFact,
    IssueFacts, IssueKey, IssueStatus, MetricName, Resolution, Signal, When,
};
use epicenter_domain::sources::{Outcome, Reading};
use epicenter_domain::time::Time;
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;

/// Steps of one sequence: the invariants go over everything after each of them.
const STEPS_MAX: usize = 200;

/// What the second byte picks from: so few that sequences meet.
const ISSUES: u8 = 3;

fuzz_target!(|data: &[u8]| {
    let mut world = World::new();
    for step in data.chunks_exact(4).take(STEPS_MAX) {
        world.step([step[0], step[1], step[2], step[3]]);
        world.check();
    }
    world.pass(1);
    for issue in 0..ISSUES {
        world.issue_changes(issue, IssueChange::Resolved(Resolution::default()), 0);
        world.metric(issue, AlertState::Resolved);
    }
    world.check();
    let open = world.incidents().filter(|incident| incident.is_open());
    assert_eq!(open.count(), 0, "a resolve with the newest clock closes");
});

struct World {
    slice: Slice,
    origin: Origin,
    now: Time,
    ids: IdSource,
    received: u64,
}

impl World {
    fn new() -> Self {
        let origin = Origin {
            integration_id: 9,
            workspace_id: 1,
            kind: epicenter_domain::sources::IntegrationKind::Sentry,
            name: "Sentry".to_owned(),
            service_id: None,
            services_by_project: BTreeMap::new(),
            default_service_id: None,
            unheld_services: std::collections::BTreeSet::new(),
            routing: None,
            profile: Profile::Level,
            service_hooks_trigger: true,
            policy: Policy::default(),
        };
        Self {
            slice: Slice::default(),
            origin,
            now: Time(1_800_000_000_000),
            ids: IdSource::new(0, 0),
            received: 0,
        }
    }

    fn pass(&mut self, ms: i64) {
        self.now = self.now.plus_ms(ms);
    }

    /// One step: what, of which issue, and two bytes that say more.
    fn step(&mut self, [what, issue, more, extent]: [u8; 4]) {
        let ago = i64::from(extent) * 60_000;
        match what % 16 {
            0 => self.pass(i64::from(u16::from_le_bytes([more, extent])) * 1_000),
            1 => self.with_event(
                issue,
                IssueChange::AlertFired { rules: Vec::new() },
                more,
                ago,
            ),
            2 => {
                let service_hook = extent % 2 == 0;
                self.with_event(issue, IssueChange::Occurred { service_hook }, more, ago);
            }
            3 => self.issue_changes(issue, IssueChange::Created, ago),
            4 => self.issue_changes(issue, IssueChange::Resolved(Resolution::default()), ago),
            5 => self.issue_changes(issue, IssueChange::Unresolved, ago),
            6 => {
                let until = "for ever".to_owned();
                self.issue_changes(issue, IssueChange::Archived { until }, ago);
            }
            7 => self.issue_changes(issue, IssueChange::Assigned(ann()), ago),
            8 => self.metric(issue, AlertState::Resolved),
            9 => self.metric(issue, AlertState::Firing(severity(more))),
            10 => self.set_issue(issue, more),
            11 => self.again(issue, more, ago),
            _ => self.person(issue, what >> 4, more),
        }
    }

    fn issue_changes(&mut self, issue: u8, change: IssueChange, ago: i64) {
        let signal = self.signal(issue, change, ago);
        let unique = self.unique();
        self.receive(signal, unique);
    }

    fn with_event(&mut self, issue: u8, change: IssueChange, event: u8, ago: i64) {
        let mut signal = self.signal(issue, change, ago);
        if let Fact::Issue(fact) = &mut signal.fact {
            fact.event = Some(Box::new(EventFacts {
                event_id: event.to_string(),
                at: signal.when.occurred_at,
                level: Level::Error,
                title: "ValueError".to_owned(),
                detail: EventDetail::default(),
                environment: None,
                release: None,
            }));
        }
        let unique = self.unique();
        self.receive(signal, unique);
    }

    /// The same resolve or unresolve under an identity that may have come before.
    fn again(&mut self, issue: u8, more: u8, ago: i64) {
        let (change, kind) = if more % 2 == 0 {
            (IssueChange::Resolved(Resolution::default()), 1)
        } else {
            (IssueChange::Unresolved, 2)
        };
        let mut identity = [0; 16];
        identity[..2].copy_from_slice(&[kind, issue % ISSUES]);
        let signal = self.signal(issue, change, ago);
        self.receive(signal, identity);
    }

    fn metric(&mut self, issue: u8, state: AlertState) {
        // Some bodies tell the organisation by its name only.
        let is_whole = issue < 128;
        let metric = MetricName {
            organization: "shop".to_owned(),
            organization_id: is_whole.then(|| "5".to_owned()),
            identifier: (issue % ISSUES).to_string(),
        };
        let fact = AlertFact {
            dedup_key: metric.key(if is_whole { "5" } else { "shop" }),
            metric: Some(metric),
            state,
            title: "Too many errors".to_owned(),
            subject: None,
            description: String::new(),
            details: String::new(),
            is_repeatable: false,
            permalink: None,
            projects: Vec::new(),
            environment: None,
            started_at: Some(self.now),
        };
        let signal = Signal {
            when: self.when(0),
            actor: Actor::sentry(),
            fact: Fact::Alert(Box::new(fact)),
        };
        let unique = self.unique();
        self.receive(signal, unique);
    }

    fn when(&self, ago: i64) -> When {
        let at = Some(self.now.plus_ms(-ago));
        When {
            sent_at: at,
            occurred_at: at,
        }
    }

    fn signal(&self, issue: u8, change: IssueChange, ago: i64) -> Signal {
        let when = self.when(ago);
        let mut facts = IssueFacts::bare(IssueKey::Issue((issue % ISSUES).to_string()));
        facts.title = Some("ValueError".to_owned());
        facts.last_seen_at = when.occurred_at;
        Signal {
            when,
            actor: Actor::sentry(),
            fact: Fact::Issue(Box::new(IssueFact {
                change,
                issue: facts,
                event: None,
            })),
        }
    }

    /// An identity that nothing else has.
    fn unique(&mut self) -> [u8; 16] {
        self.received += 1;
        (u128::from(self.received) << 64).to_le_bytes()
    }

    fn receive(&mut self, signal: Signal, identity: [u8; 16]) {
        let delivery_id = self.ids.next(self.now);
        let input = Input {
            reading: Reading {
                resource: "issue".to_owned(),
                action: String::new(),
                identity: None,
                outcome: Outcome::Signal(Box::new(signal)),
            },
            identity,
            is_replay: false,
        };
        let before = self.shape();
        let mut context = Context {
            origin: &self.origin,
            delivery_id: Some(delivery_id),
            now: self.now,
            ids: &mut self.ids,
        };
        let verdict = apply_delivery(&mut self.slice, &mut context, &input);
        self.check_verdict(&verdict, &before);
    }

    fn check_verdict(&self, verdict: &Verdict, before: &str) {
        assert!(!verdict.reason.is_empty(), "every verdict has a reason");
        match verdict.outcome {
            VerdictOutcome::Applied => {}
            VerdictOutcome::Duplicate => {
                assert_eq!(self.shape(), before, "a duplicate changes nothing");
            }
            other => panic!("{other:?}: {}", verdict.reason),
        }
    }

    /// Everything that a duplicate must leave alone.
    fn shape(&self) -> String {
        let slice = &self.slice;
        format!(
            "{:?} {:?} {:?} {}",
            slice.incidents,
            slice.alerts,
            slice.issues,
            slice.timeline.len()
        )
    }

    fn set_issue(&mut self, issue: u8, status: u8) {
        let status = match status % 3 {
            0 => IssueStatus::Resolved,
            1 => IssueStatus::Ignored,
            _ => IssueStatus::Unresolved,
        };
        let key = (9, format!("sentry-{}", issue % ISSUES));
        let mut context = Context {
            origin: &self.origin,
            delivery_id: None,
            now: self.now,
            ids: &mut self.ids,
        };
        let actor = Actor::sentry();
        let _ = change_issue_status(&mut self.slice, &mut context, &key, status, &actor);
    }

    /// A person, or the clock for a person, asks something of one of the incidents.
    fn person(&mut self, incident: u8, what: u8, more: u8) {
        let what = match what % 8 {
            0 => Command::Acknowledge,
            1 => Command::Resolve,
            2 => Command::Reopen,
            3 => Command::Snooze(self.now.plus_ms(i64::from(more) * 1_000)),
            4 => Command::Assign(ann()),
            5 => Command::Unassign,
            6 => Command::Note("seen".to_owned()),
            _ => Command::Wake,
        };
        let count = self.slice.incidents.len().max(1);
        let Some(id) = self
            .slice
            .incidents
            .keys()
            .nth(usize::from(incident) % count)
        else {
            return;
        };
        let mut context = Context {
            origin: &self.origin,
            delivery_id: None,
            now: self.now,
            ids: &mut self.ids,
        };
        let asked = (*id, &what);
        let _ = command(&mut self.slice, &mut context, asked, &Actor::sentry());
    }

    fn incidents(&self) -> impl Iterator<Item = &Incident> {
        self.slice.incidents.values().map(|tracked| &tracked.row)
    }

    fn check(&self) {
        let slice = &self.slice;
        for (number, incident) in (1..).zip(self.incidents()) {
            assert_eq!(incident.number, number, "numbers have no gaps");
            let is_resolved = incident.status == IncidentStatus::Resolved;
            assert_eq!(incident.resolved_at.is_some(), is_resolved);
            assert!(!is_resolved || incident.snoozed_until.is_none());
            assert!(incident.event_count >= 0);
            let opened = slice.timeline.iter().filter(|entry| {
                entry.incident_id == Some(incident.id) && entry.kind == "incident.opened"
            });
            assert_eq!(opened.count(), 1, "each incident is opened once");
        }
        for ((_, key), alert) in &slice.alerts {
            let mine = self
                .incidents()
                .filter(|incident| incident.dedup_key == *key);
            let open = mine.filter(|incident| incident.is_open()).count();
            assert!(open <= 1, "one alert never has two open incidents: {key}");
            assert_eq!(
                alert.row.is_open,
                open == 1,
                "{key} is open with its incident"
            );
        }
        assert!(
            slice.timeline.is_sorted_by_key(|entry| entry.id),
            "timelines are in order"
        );
        let counted: i64 = slice.buckets.values().sum();
        assert_eq!(counted, i64::try_from(slice.new_events.len()).expect("few"));
    }
}

fn severity(pick: u8) -> Severity {
    match pick % 3 {
        0 => Severity::Critical,
        1 => Severity::Warning,
        _ => Severity::Error,
    }
}

fn ann() -> Assignee {
    Assignee {
        kind: "user".to_owned(),
        id: "1".to_owned(),
        name: "Ann".to_owned(),
    }
}
