//! What the workspace's routing says about a signal that would open something. Without rules
//! nothing is asked, and no subject is built.

use super::portrait::Portrait;
use super::{Context, Origin, Slice, timeline};
use crate::incident::Trigger;
use crate::level::{Level, Severity};
use crate::routing::drop::Dropped;
use crate::routing::router::Router;
use crate::routing::tree::Routed;
use crate::routing::{Known, Subject, Surroundings};
use crate::signal::{AlertState, Fact, IssueChange, Signal};
use crate::time::Time;

/// Where a new incident belongs.
pub(super) struct Place {
    pub(super) service_id: Option<i64>,
    /// What the rules said; none: no rule was asked.
    pub(super) routed: Option<Routed>,
}

impl Portrait {
    fn known(&self) -> Known<'_> {
        Known {
            project: self.project.as_deref(),
            environment: self.environment.as_deref(),
            release: self.release.as_deref(),
            culprit: self.culprit.as_deref(),
        }
    }
}

/// The severity of a trigger that opens something; none: it opens nothing.
fn severity_of(trigger: &Trigger) -> Option<Severity> {
    match trigger {
        Trigger::Fire { severity, .. } | Trigger::Unresolved { severity, .. } => Some(*severity),
        Trigger::Resolve { .. }
        | Trigger::Archive { .. }
        | Trigger::Acknowledge
        | Trigger::Assign(_)
        | Trigger::Remark(..) => None,
    }
}

fn subject(
    (origin, router): (&Origin, &Router),
    signal: &Signal,
    known: Known<'_>,
    severity: Option<Severity>,
    now: Time,
) -> Subject {
    let around = Surroundings {
        integration: &origin.name,
        service: (origin.service_id).map_or("", |service_id| router.name_of(service_id)),
        severity,
        known,
        ownership: Some(&router.ownership),
        zone: &router.zone,
        now,
    };
    Subject::of(signal, &around)
}

/// The drop rule that keeps a trigger from opening anything.
pub(super) fn dropped(
    context: &Context<'_>,
    portrait: &Portrait,
    (signal, trigger): (&Signal, &Trigger),
) -> Option<Dropped> {
    let origin = context.origin;
    let router = origin
        .routing
        .as_deref()
        .filter(|it| it.drops_something())?;
    let severity = severity_of(trigger)?;
    let known = portrait.known();
    let subject = subject((origin, router), signal, known, Some(severity), context.now);
    router.dropped(&subject)
}

/// The service of a new incident: the integration's own, or else by the rules, by the project, by
/// default (FD-01, FD-03).
pub(super) fn place(
    context: &Context<'_>,
    portrait: &Portrait,
    signal: &Signal,
    trigger: &Trigger,
) -> Place {
    let origin = context.origin;
    let project = portrait.project.as_deref();
    let router = origin.routing.as_deref();
    let Some(router) = router.filter(|it| it.routes_something() && origin.service_id.is_none())
    else {
        return Place {
            service_id: origin.service_of(project),
            routed: None,
        };
    };
    let severity = severity_of(trigger);
    let known = portrait.known();
    let subject = subject((origin, router), signal, known, severity, context.now);
    let (service_id, routed) = by_rules((origin, router), &subject);
    Place {
        service_id,
        routed: Some(routed),
    }
}

fn by_rules((origin, router): (&Origin, &Router), subject: &Subject) -> (Option<i64>, Routed) {
    let mut routed = router.route(subject);
    if let Some(service_id) = routed.services.first() {
        return (Some(*service_id), routed);
    }
    let project = Some(subject.project.as_str()).filter(|slug| !slug.is_empty());
    let by_project = project.and_then(|slug| origin.services_by_project.get(slug));
    let (service_id, why) = match by_project.copied() {
        Some(service_id) => (
            Some(service_id),
            format!(
                "No rule names a service, so that of the project {} takes it",
                subject.project
            ),
        ),
        None => (
            origin.default_service(),
            "No rule and no project names a service, so the default service takes it".to_owned(),
        ),
    };
    routed.path.push(why);
    (service_id, routed)
}

/// Says in the timeline which rules routed an incident, and keeps what is more than its service.
pub(super) fn note(
    slice: &mut Slice,
    context: &mut Context<'_>,
    (incident_id, portrait): (i64, &Portrait),
    routed: Routed,
) {
    let router = context.origin.routing.clone();
    let service_id = slice.incident(incident_id).and_then(|it| it.service_id);
    let names = router.zip(service_id);
    let service = names
        .as_ref()
        .map_or("no service", |(router, id)| router.name_of(*id));
    let mut summary = format!("Routed to {service}: {}", routed.path.join(". "));
    let others: Vec<&str> = match &names {
        Some((router, own)) => (routed.services.iter())
            .filter(|id| *id != own)
            .map(|id| router.name_of(*id))
            .collect(),
        None => Vec::new(),
    };
    if !others.is_empty() {
        summary = format!("{summary}. {} hears of it too", others.join(", "));
    }
    let line = timeline::Line::new("incident.routed", &summary)
        .about(Some(incident_id), portrait.issue_id);
    timeline::write(slice, context, line);
    let is_more = !others.is_empty() || !routed.destinations.is_empty();
    if is_more {
        slice.routed.insert(incident_id, routed);
    }
}

/// What the rules would do with a signal, step by step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Could it open an incident at all?
    pub opens: bool,
    /// Why it is dropped, if it is.
    pub dropped: Option<String>,
    /// The service that would own the incident.
    pub service_id: Option<i64>,
    /// What would also be told of it.
    pub routed: Routed,
    /// What conditions see.
    pub subject: Subject,
}

/// Asks the rules of `origin` about a signal, as they are asked when it arrives.
pub fn trace(origin: &Origin, signal: &Signal, known: Known<'_>, now: Time) -> Trace {
    let none = Router::default();
    let router = origin.routing.as_deref().unwrap_or(&none);
    let severity = severity_in(origin, signal);
    let subject = subject((origin, router), signal, known, severity, now);
    let opens = severity.is_some();
    if !opens {
        return Trace {
            subject,
            ..Trace::default()
        };
    }
    if let Some(dropped) = router.dropped(&subject) {
        return Trace {
            opens,
            dropped: Some(dropped.reason),
            subject,
            ..Trace::default()
        };
    }
    let (service_id, routed) = match origin.service_id {
        Some(service_id) => {
            let path = vec!["The integration is bound to a service; no rule is asked".to_owned()];
            (
                Some(service_id),
                Routed {
                    path,
                    ..Routed::default()
                },
            )
        }
        None => by_rules((origin, router), &subject),
    };
    Trace {
        opens,
        dropped: None,
        service_id,
        routed,
        subject,
    }
}

/// The severity of a signal that opens something.
fn severity_in(origin: &Origin, signal: &Signal) -> Option<Severity> {
    let severity = match &signal.fact {
        Fact::Issue(fact) => {
            let level = fact.event.as_ref().map(|event| event.level);
            let severity = level
                .or(fact.issue.level)
                .map_or(Severity::Error, Level::severity);
            match &fact.change {
                IssueChange::Created
                | IssueChange::AlertFired { .. }
                | IssueChange::Reported { .. }
                | IssueChange::Unresolved => severity,
                IssueChange::Occurred { service_hook }
                    if *service_hook && origin.service_hooks_trigger =>
                {
                    severity
                }
                IssueChange::Occurred { .. }
                | IssueChange::Resolved(_)
                | IssueChange::Archived { .. }
                | IssueChange::Assigned(_)
                | IssueChange::Commented { .. }
                | IssueChange::Remark(_) => return None,
            }
        }
        Fact::Alert(fact) => match fact.state {
            AlertState::Firing(severity) => severity,
            AlertState::Acknowledged | AlertState::Resolved => return None,
        },
        Fact::Installation(_) | Fact::Remark(_) | Fact::Change(_) => return None,
    };
    Some(origin.profile.severity(severity))
}
