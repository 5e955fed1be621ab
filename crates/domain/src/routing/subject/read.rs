//! A signal as the subject of conditions.

use super::Subject;
use crate::level::Severity;
use crate::routing::ownership::Ownership;
use crate::routing::window::Zone;
use crate::signal::{
    AlertFact, AlertState, EventFacts, Fact, IssueChange, IssueFact, Remark, Signal,
};
use crate::time::Time;

/// What is known beside the signal.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// Name of the integration.
    pub integration: &'a str,
    /// Name of the service, if it is known already.
    pub service: &'a str,
    /// Severity by the integration's profile, if the signal has one.
    pub severity: Option<Severity>,
    /// What earlier signals said, where this one is silent.
    pub known: Known<'a>,
    /// Whose the files are, if somebody asks.
    pub ownership: Option<&'a Ownership>,
    /// The workspace's time zone.
    pub zone: &'a Zone,
    /// Now.
    pub now: Time,
}

/// What is known of an issue from earlier signals: many hooks name neither environment nor release
/// (U6).
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// Project slug.
    pub project: Option<&'a str>,
    /// Environment.
    pub environment: Option<&'a str>,
    /// Release.
    pub release: Option<&'a str>,
    /// Where Sentry thinks it comes from.
    pub culprit: Option<&'a str>,
}

impl Subject {
    /// What conditions see of a signal.
    pub fn of(signal: &Signal, around: &Surroundings<'_>) -> Self {
        let (day, hour) = around.zone.day_and_hour(around.now);
        let mut subject = Self {
            integration: around.integration.to_owned(),
            service: around.service.to_owned(),
            severity: around.severity,
            weekday: day.as_str().to_owned(),
            hour,
            ..Self::default()
        };
        match &signal.fact {
            Fact::Issue(fact) => subject.read_issue(fact),
            Fact::Alert(fact) => subject.read_alert(fact),
            Fact::Installation(_) => "installation".clone_into(&mut subject.kind),
            Fact::Remark(remark) => subject.read_remark(remark),
            Fact::Change(_) => "change".clone_into(&mut subject.kind),
        }
        subject.complete(around.known);
        if let Some(ownership) = around.ownership {
            subject.owner = ownership.field(&subject.project, &subject.crash_file);
        }
        subject
    }

    fn complete(&mut self, known: Known<'_>) {
        for (mine, theirs) in [
            (&mut self.project, known.project),
            (&mut self.environment, known.environment),
            (&mut self.release, known.release),
            (&mut self.culprit, known.culprit),
        ] {
            if mine.is_empty() {
                theirs.unwrap_or_default().clone_into(mine);
            }
        }
    }

    fn read_issue(&mut self, fact: &IssueFact) {
        let (kind, action) = match &fact.change {
            IssueChange::Created => ("issue", "created"),
            IssueChange::AlertFired { .. } => ("event", "triggered"),
            IssueChange::Reported { .. } => ("issue", "reported"),
            IssueChange::Occurred { .. } => ("event", "occurred"),
            IssueChange::Unresolved => ("issue", "unresolved"),
            IssueChange::Resolved(_) => ("issue", "resolved"),
            IssueChange::Archived { .. } => ("issue", "archived"),
            IssueChange::Assigned(_) => ("issue", "assigned"),
            IssueChange::Commented { .. } => ("issue", "commented"),
            IssueChange::Remark(remark) => ("issue", remark.kind.as_str()),
        };
        kind.clone_into(&mut self.kind);
        action.clone_into(&mut self.action);
        self.is_resolve = matches!(fact.change, IssueChange::Resolved(_));
        let issue = &fact.issue;
        self.level = issue.level;
        self.title = known(issue.title.as_ref());
        self.message = known(issue.error_value.as_ref());
        self.exception = known(issue.error_type.as_ref());
        self.priority = known(issue.priority.as_ref());
        self.environment = known(issue.environment.as_ref());
        self.release = known(issue.release.as_ref());
        self.project = known(issue.project.slug.as_ref());
        self.culprit = known(issue.culprit.as_ref());
        self.platform = known(issue.platform.as_ref());
        self.logger = known(issue.logger.as_ref());
        self.events = issue.event_count.unwrap_or_default();
        self.users = issue.user_count.unwrap_or_default();
        if let Some(event) = &fact.event {
            self.read_event(event);
        }
    }

    /// The event knows better than the issue what happened this time.
    fn read_event(&mut self, event: &EventFacts) {
        let detail = &event.detail;
        self.level = Some(event.level);
        let raised = detail.raised();
        let crash = detail.crash_frame();
        let message = raised
            .map(|raised| raised.value.as_str())
            .filter(|value| !value.is_empty())
            .unwrap_or(&detail.message);
        for (mine, theirs) in [
            (&mut self.title, Some(event.title.as_str())),
            (&mut self.environment, event.environment.as_deref()),
            (&mut self.release, event.release.as_deref()),
            (&mut self.culprit, Some(detail.culprit.as_str())),
            (&mut self.platform, Some(detail.platform.as_str())),
            (&mut self.message, Some(message)),
            (
                &mut self.exception,
                raised.map(|raised| raised.kind.as_str()),
            ),
            (
                &mut self.crash_file,
                crash.map(|crash| crash.filename.as_str()),
            ),
            (
                &mut self.crash_function,
                crash.map(|crash| crash.function.as_str()),
            ),
        ] {
            if let Some(theirs) = theirs.filter(|text| !text.is_empty()) {
                theirs.clone_into(mine);
            }
        }
        for (key, value) in &detail.tags {
            self.tags
                .entry(key.clone())
                .or_insert_with(|| value.clone());
        }
    }

    fn read_alert(&mut self, fact: &AlertFact) {
        let kind = if fact.metric.is_some() {
            "metric"
        } else {
            "alert"
        };
        let action = match fact.state {
            AlertState::Firing(_) => "triggered",
            AlertState::Acknowledged => "acknowledged",
            AlertState::Resolved => "resolved",
        };
        kind.clone_into(&mut self.kind);
        action.clone_into(&mut self.action);
        self.is_resolve = fact.state == AlertState::Resolved;
        self.title.clone_from(&fact.title);
        self.message.clone_from(&fact.description);
        self.culprit = known(fact.subject.as_ref());
        self.project = known(fact.projects.first());
        self.environment = known(fact.environment.as_ref());
    }

    fn read_remark(&mut self, remark: &Remark) {
        "remark".clone_into(&mut self.kind);
        self.action.clone_from(&remark.kind);
        self.title.clone_from(&remark.summary);
        self.message.clone_from(&remark.body);
    }
}

fn known(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}
