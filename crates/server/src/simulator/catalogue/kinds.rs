//! The table of kinds.

use crate::simulator::catalogue::samples::{
    RULE, active, agent, alert, assigned, commented, ignored, metric, python, reopened, resolved,
    test_installation,
};
use crate::simulator::catalogue::{Kind, kind, samples};
use crate::simulator::company::{FIRST_PERSON, MONEY_TEAM};
use crate::simulator::issue::{Archive, Assignee, Open, Resolution};
use crate::simulator::payloads::metric_alert::State;
use crate::simulator::payloads::seer::Stage;
use crate::simulator::payloads::{
    By, comment, component, event_alert, installation, issue, legacy_plugin, preprod_artifact,
    service_hook, unknown,
};

pub(super) static KINDS: &[Kind] = &[
    kind(
        "installation.created",
        "Integration installed",
        "Somebody installs the integration. Sent by public integrations only.",
        |sentry| {
            let some = test_installation(sentry);
            installation::created(sentry, &some, &FIRST_PERSON)
        },
    ),
    kind(
        "issue.created",
        "New issue",
        "A new issue appeared. Opens an incident.",
        |sentry| {
            let issue = python(sentry);
            issue::created(sentry, &issue)
        },
    ),
    kind(
        "event_alert.python",
        "Alert with a Python stack trace",
        "An alert of an issue fired, with 30 frames. Opens an incident or adds to it.",
        |sentry| alert(sentry, &samples::PYTHON),
    ),
    kind(
        "event_alert.javascript",
        "Alert with a JavaScript stack trace",
        "The same from a browser, with columns.",
        |sentry| alert(sentry, &samples::JAVASCRIPT),
    ),
    kind(
        "event_alert.chained",
        "Alert with a chain of exceptions",
        "One exception caused the other; the last one was raised.",
        |sentry| alert(sentry, &samples::CHAINED),
    ),
    kind(
        "event_alert.message",
        "Alert with a message only",
        "No exception and no stack trace, level warning.",
        |sentry| alert(sentry, &samples::MESSAGE),
    ),
    kind(
        "event_alert.settings",
        "Alert whose action has settings",
        "The alert's action was filled in by a form of the integration.",
        |sentry| {
            let issue = python(sentry);
            event_alert::triggered_with_settings(sentry, &issue, RULE)
        },
    ),
    kind(
        "error.created",
        "Single error",
        "One event without any alert. Counted in the error log, opens nothing.",
        |sentry| {
            let issue = python(sentry);
            event_alert::error_created(sentry, &issue)
        },
    ),
    kind(
        "issue.assigned.user",
        "Issue assigned to a person",
        "Sets the assignee. Acknowledges nothing.",
        |sentry| assigned(sentry, Assignee::Person(&FIRST_PERSON)),
    ),
    kind(
        "issue.assigned.team",
        "Issue assigned to a team",
        "Sets the assignee. Acknowledges nothing.",
        |sentry| assigned(sentry, Assignee::Team(&MONEY_TEAM)),
    ),
    kind(
        "comment.created",
        "Comment written",
        "Somebody commented in Sentry. A line in the timeline.",
        |sentry| commented(sentry, comment::created),
    ),
    kind(
        "comment.updated",
        "Comment changed",
        "A line in the timeline.",
        |sentry| {
            commented(sentry, |sentry, issue, text| {
                comment::updated(sentry, issue, text)
            })
        },
    ),
    kind(
        "comment.deleted",
        "Comment removed",
        "A line in the timeline.",
        |sentry| commented(sentry, comment::deleted),
    ),
    kind(
        "seer.root_cause_started",
        "Seer looks for the cause",
        "Sentry's agent began. A line in the timeline.",
        |sentry| agent(sentry, Stage::RootCauseStarted),
    ),
    kind(
        "seer.root_cause_completed",
        "Seer found a cause",
        "A line in the timeline with what it found.",
        |sentry| agent(sentry, Stage::RootCauseCompleted),
    ),
    kind(
        "seer.solution_started",
        "Seer looks for a way out",
        "A line in the timeline.",
        |sentry| agent(sentry, Stage::SolutionStarted),
    ),
    kind(
        "seer.solution_completed",
        "Seer found a way out",
        "A line in the timeline with the steps.",
        |sentry| agent(sentry, Stage::SolutionCompleted),
    ),
    kind(
        "seer.coding_started",
        "Seer writes code",
        "A line in the timeline.",
        |sentry| agent(sentry, Stage::CodingStarted),
    ),
    kind(
        "seer.coding_completed",
        "Seer wrote code",
        "A line in the timeline with the files.",
        |sentry| agent(sentry, Stage::CodingCompleted),
    ),
    kind(
        "seer.pr_created",
        "Seer opened a pull request",
        "A line in the timeline with a link.",
        |sentry| agent(sentry, Stage::PrCreated),
    ),
    kind(
        "issue.ignored.until_escalating",
        "Issue archived until it escalates",
        "Acknowledges the incident and marks it archived.",
        |sentry| ignored(sentry, Archive::UntilEscalating),
    ),
    kind(
        "issue.ignored.until_condition_met",
        "Issue archived for a number of events",
        "Acknowledges the incident and marks it archived.",
        |sentry| ignored(sentry, Archive::UntilCount(100)),
    ),
    kind(
        "issue.ignored.forever",
        "Issue archived for good",
        "Acknowledges the incident and marks it archived.",
        |sentry| ignored(sentry, Archive::Forever),
    ),
    kind(
        "issue.unresolved.escalating",
        "Archived issue escalates",
        "It became much more frequent. Opens the incident again.",
        |sentry| reopened(sentry, Open::Escalating, By::Sentry),
    ),
    kind(
        "issue.unresolved.regressed",
        "Resolved issue is back",
        "It happened again after it had been resolved. Opens the incident again.",
        |sentry| reopened(sentry, Open::Regressed, By::Sentry),
    ),
    kind(
        "issue.unresolved.manual",
        "Issue opened again by hand",
        "Somebody took the resolution back. Opens the incident again.",
        |sentry| reopened(sentry, Open::Ongoing, By::Person(&FIRST_PERSON)),
    ),
    kind(
        "activity_alert.status_regression",
        "Activity alert: regression",
        "An alert on activities fired because the issue is back.",
        |sentry| active(sentry, "status_regression"),
    ),
    kind(
        "activity_alert.status_escalating",
        "Activity alert: escalating",
        "An alert on activities fired because the issue escalates.",
        |sentry| active(sentry, "status_escalating"),
    ),
    kind(
        "activity_alert.seer_root_cause_completed",
        "Activity alert: Seer found a cause",
        "A line in the timeline.",
        |sentry| active(sentry, "seer_root_cause_completed"),
    ),
    kind(
        "activity_alert.status_resolved",
        "Activity alert: resolved",
        "An alert on activities fired because the issue was resolved. Resolves the incident.",
        |sentry| active(sentry, "status_resolved"),
    ),
    kind(
        "service_hook",
        "Service hook",
        "One event from a service hook. Goes to the error log; opens incidents only if told to.",
        |sentry| {
            let issue = python(sentry);
            service_hook::service_hook(sentry, &issue)
        },
    ),
    kind(
        "legacy_plugin",
        "Legacy WebHooks plugin",
        "One event from the old plugin. Opens an incident; the plugin never resolves.",
        |sentry| {
            let issue = python(sentry);
            legacy_plugin::legacy_plugin(sentry, &issue, RULE)
        },
    ),
    kind(
        "issue.resolved.now",
        "Issue resolved",
        "Resolves the incident.",
        |sentry| resolved(sentry, Resolution::Now),
    ),
    kind(
        "issue.resolved.in_commit",
        "Issue resolved by a commit",
        "Resolves the incident and notes the commit.",
        |sentry| {
            let message = "Check the basket before it is paid".to_owned();
            resolved(sentry, Resolution::InCommit(message))
        },
    ),
    kind(
        "issue.resolved.in_next_release",
        "Issue resolved in the next release",
        "Resolves the incident.",
        |sentry| resolved(sentry, Resolution::InNextRelease),
    ),
    kind(
        "issue.resolved.in_release",
        "Issue resolved in a release",
        "Resolves the incident and notes the release.",
        |sentry| {
            let release = samples::PYTHON.project.current_release().to_owned();
            resolved(sentry, Resolution::InRelease(release))
        },
    ),
    kind(
        "metric_alert.open",
        "Metric alert open",
        "A monitor opened. Opens an incident of severity error.",
        |sentry| metric(sentry, State::Open),
    ),
    kind(
        "metric_alert.critical",
        "Metric alert critical",
        "A number is far over its line. Opens an incident of severity critical.",
        |sentry| metric(sentry, State::Critical),
    ),
    kind(
        "metric_alert.warning",
        "Metric alert warning",
        "A number is over its line. The incident becomes a warning.",
        |sentry| metric(sentry, State::Warning),
    ),
    kind(
        "metric_alert.resolved",
        "Metric alert resolved",
        "The number is below its line. Resolves the incident.",
        |sentry| metric(sentry, State::Resolved),
    ),
    kind(
        "preprod_artifact.size_analysis_completed",
        "Build measured",
        "The size of a build was looked at. Stored, opens nothing.",
        |sentry| preprod_artifact::size_analysis_completed(sentry, "Epicenter test: app"),
    ),
    kind(
        "preprod_artifact.build_distribution_completed",
        "Build handed out",
        "A build could not be handed out. Stored, opens nothing.",
        |sentry| {
            preprod_artifact::build_distribution_completed(sentry, "Epicenter test: app", true)
        },
    ),
    kind(
        "ui_component.alert_rule_action",
        "Alert action saved",
        "Sentry asks whether an alert with this action may be saved. Answered with yes.",
        |sentry| component::alert_rule_action(sentry, "Epicenter test: an action"),
    ),
    kind(
        "ui_component.issue_link",
        "Issue linked",
        "Somebody links an issue to something here.",
        |sentry| {
            let issue = python(sentry);
            component::issue_link(sentry, &issue, "Epicenter test: a link", &FIRST_PERSON)
        },
    ),
    kind(
        "unknown.resource",
        "A resource that does not exist yet",
        "Stored and shown as not understood. Opens nothing.",
        |sentry| {
            unknown::future_resource(
                sentry,
                samples::PYTHON.project,
                "Epicenter test: a forecast",
            )
        },
    ),
    kind(
        "installation.deleted",
        "Integration removed",
        "Somebody removes the integration. The administrators are warned.",
        |sentry| {
            let some = test_installation(sentry);
            installation::deleted(sentry, &some, &FIRST_PERSON)
        },
    ),
];
