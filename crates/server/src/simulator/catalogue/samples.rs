//! The issue, the people and the metric that all tests speak of.

use crate::simulator::company::{Cause, FIRST_PERSON, Fault, Spot, payments, storefront};
use crate::simulator::issue::{Archive, Assignee, Issue, Open, Resolution};
use crate::simulator::payloads::comment::Comment;
use crate::simulator::payloads::installation::Installation;
use crate::simulator::payloads::metric_alert::{Breach, State};
use crate::simulator::payloads::seer::Stage;
use crate::simulator::payloads::{
    By, Sentry, activity_alert, event_alert, issue, metric_alert, seer,
};
use crate::simulator::webhook::Webhook;

/// What every test's title begins with.
pub const MARK: &str = "Epicenter test";
/// The issue that all tests speak of.
pub const TEST_ISSUE_ID: u64 = 1;

pub(super) const RULE: &str = "Epicenter test: an alert in Sentry";
const ORGANIZATION: &str = "epicenter-test";

const PERSON: By = By::Person(&FIRST_PERSON);

pub(super) static PYTHON: Fault = Fault::error(
    &payments::PAYMENTS,
    MARK,
    "this is not a real error",
    "/v1/charges",
    spots(payments::FAULTS),
);

pub(super) static JAVASCRIPT: Fault = Fault::error(
    &storefront::STOREFRONT,
    MARK,
    "this is not a real error in a browser",
    "/checkout",
    spots(storefront::FAULTS),
);

pub(super) static CHAINED: Fault = Fault::error(
    &payments::PAYMENTS,
    MARK,
    "this is not a real error, and it has a cause",
    "/v1/charges",
    spots(payments::FAULTS),
)
.because(Cause {
    kind: "EpicenterTestCause",
    value: "this is not a real cause",
    spots: spots(payments::FAULTS),
});

pub(super) static MESSAGE: Fault = Fault::message(
    &payments::PAYMENTS,
    "Epicenter test: a message without an exception",
    "/v1/charges",
);

const fn spots(faults: &'static [Fault]) -> &'static [Spot] {
    match faults.first() {
        Some(fault) => fault.spots,
        None => &[],
    }
}

fn test_issue(sentry: &mut Sentry, fault: &'static Fault) -> Issue {
    let at_ms = sentry.now_ms - 2_500;
    let mut issue = Issue::new(fault, TEST_ISSUE_ID, TEST_ISSUE_ID, at_ms);
    issue.happened(at_ms, 1, &mut sentry.random);
    issue
}

/// An installation of its own: a test must not speak of the real one.
pub(super) fn test_installation(sentry: &mut Sentry) -> Installation {
    Installation {
        uuid: sentry.random.hex32(),
        organization: ORGANIZATION,
    }
}

pub(super) fn python(sentry: &mut Sentry) -> Issue {
    test_issue(sentry, &PYTHON)
}

pub(super) fn alert(sentry: &mut Sentry, fault: &'static Fault) -> Webhook {
    let issue = test_issue(sentry, fault);
    event_alert::triggered(sentry, &issue, RULE)
}

pub(super) fn assigned(sentry: &mut Sentry, assignee: Assignee) -> Webhook {
    let mut issue = python(sentry);
    issue::assigned(sentry, &mut issue, assignee, PERSON)
}

pub(super) fn resolved(sentry: &mut Sentry, resolution: Resolution) -> Webhook {
    let mut issue = python(sentry);
    issue::resolved(sentry, &mut issue, resolution, PERSON)
}

pub(super) fn ignored(sentry: &mut Sentry, archive: Archive) -> Webhook {
    let mut issue = python(sentry);
    issue::ignored(sentry, &mut issue, archive, PERSON)
}

pub(super) fn reopened(sentry: &mut Sentry, open: Open, by: By) -> Webhook {
    let mut issue = python(sentry);
    issue::unresolved(sentry, &mut issue, open, by)
}

pub(super) fn active(sentry: &mut Sentry, kind: &str) -> Webhook {
    let issue = python(sentry);
    activity_alert::triggered(sentry, &issue, kind, By::Sentry)
}

pub(super) fn agent(sentry: &mut Sentry, stage: Stage) -> Webhook {
    let issue = python(sentry);
    let run_id = sentry.random.below(1 << 40);
    seer::seer(sentry, &issue, run_id, stage)
}

pub(super) fn commented(
    sentry: &mut Sentry,
    write: fn(&mut Sentry, &mut Issue, &Comment) -> Webhook,
) -> Webhook {
    let mut issue = python(sentry);
    let comment = Comment {
        id: sentry.random.below(1 << 40),
        author: &FIRST_PERSON,
        written_ms: sentry.now_ms - 400,
        text: "Epicenter test: a comment with **bold** words".to_owned(),
    };
    write(sentry, &mut issue, &comment)
}

pub(super) fn metric(sentry: &mut Sentry, state: State) -> Webhook {
    let breach = Breach {
        identifier: TEST_ISSUE_ID,
        name: "Epicenter test: a metric".to_owned(),
        project: &payments::PAYMENTS,
        unit: "errors",
        started_ms: sentry.now_ms - 60_000,
        value: 132,
    };
    metric_alert::metric_alert(sentry, &breach, state)
}
