//! The script of one round, a quarter of an hour long.

use crate::simulator::issue::{Archive, Open};
use crate::simulator::payloads::metric_alert::State;
use crate::simulator::payloads::seer::Stage;
use crate::simulator::scenario::acts::{Besides, How, OnIssue, Writing};

/// Length of a round.
pub(super) const CYCLE_MS: i64 = 15 * 60_000;

/// An issue's part in the script.
#[derive(Clone, Copy, Debug)]
pub(super) enum Role {
    /// The nth new one of this round.
    Fresh(usize),
    /// One that was resolved and comes back.
    Returning,
    /// One that was archived and wakes up.
    Sleeping,
    /// One that has been open for a while.
    Steady,
}

/// What happens.
#[derive(Clone, Copy, Debug)]
pub(super) enum Does {
    /// To an issue.
    Issue(Role, OnIssue),
    /// So many alerts of one issue in a row.
    Burst(Role, i64),
    /// To the nth metric alert of this round.
    Metric(usize, State, u64),
    /// Something else.
    Besides(Besides),
}

/// One line of the script.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beat {
    /// When, from the beginning of the round.
    pub(super) second: i64,
    pub(super) does: Does,
    pub(super) note: &'static str,
}

const fn on(second: i64, role: Role, what: OnIssue, note: &'static str) -> Beat {
    let does = Does::Issue(role, what);
    Beat { second, does, note }
}

const fn metric(second: i64, number: usize, state: State, value: u64, note: &'static str) -> Beat {
    let does = Does::Metric(number, state, value);
    Beat { second, does, note }
}

const fn besides(second: i64, what: Besides, note: &'static str) -> Beat {
    let does = Does::Besides(what);
    Beat { second, does, note }
}

const CHECKOUT: Role = Role::Fresh(0);
const OTHER: Role = Role::Fresh(1);
const MONEY: Role = Role::Fresh(2);
const DOUBLE: Role = Role::Fresh(3);
const STOCK: Role = Role::Fresh(4);

const FIRST_WORDS: &str = "Since the release this noon. I am on it \u{1f6a2}";
const LATER_WORDS: &str = "The carrier says it is fixed; watching it for an hour.";
const FIX: &str = "Ask for the shipping costs before adding them up";

pub(super) static SCRIPT: &[Beat] = &[
    on(2, CHECKOUT, OnIssue::Created, "a new issue"),
    on(4, CHECKOUT, OnIssue::Alert, "and its alert"),
    on(20, MONEY, OnIssue::Created, "another new issue"),
    on(21, MONEY, OnIssue::Alert, "and its alert"),
    Beat {
        second: 40,
        does: Does::Burst(CHECKOUT, 60),
        note: "a burst: sixty alerts of one issue",
    },
    metric(
        55,
        0,
        State::Critical,
        412,
        "the errors per minute are critical",
    ),
    on(70, CHECKOUT, OnIssue::AssignedToPerson, "somebody takes it"),
    on(
        80,
        CHECKOUT,
        OnIssue::Commented(Writing::Created(FIRST_WORDS)),
        "and says so",
    ),
    on(
        95,
        CHECKOUT,
        OnIssue::Seer(Stage::RootCauseStarted),
        "Seer looks for the cause",
    ),
    on(
        125,
        CHECKOUT,
        OnIssue::Seer(Stage::RootCauseCompleted),
        "Seer found the cause",
    ),
    on(
        140,
        CHECKOUT,
        OnIssue::Seer(Stage::SolutionStarted),
        "Seer looks for a way out",
    ),
    on(
        160,
        CHECKOUT,
        OnIssue::Seer(Stage::SolutionCompleted),
        "Seer found a way out",
    ),
    on(
        175,
        CHECKOUT,
        OnIssue::Seer(Stage::CodingStarted),
        "Seer writes code",
    ),
    on(
        200,
        CHECKOUT,
        OnIssue::Seer(Stage::CodingCompleted),
        "Seer wrote code",
    ),
    on(
        215,
        CHECKOUT,
        OnIssue::Seer(Stage::PrCreated),
        "Seer opened a pull request",
    ),
    metric(230, 0, State::Warning, 140, "the errors per minute fall"),
    on(
        250,
        CHECKOUT,
        OnIssue::Resolved(How::InCommit(FIX)),
        "a commit resolves it",
    ),
    metric(
        265,
        0,
        State::Resolved,
        12,
        "the errors per minute are normal",
    ),
    on(
        280,
        Role::Returning,
        OnIssue::Back(Open::Regressed),
        "a resolved issue is back",
    ),
    on(282, Role::Returning, OnIssue::Alert, "and its alert"),
    besides(300, Besides::FutureResource, "a resource nobody knows yet"),
    on(
        315,
        Role::Steady,
        OnIssue::WrongSecret,
        "signed with another secret",
    ),
    besides(330, Besides::NotJson, "a body that is not JSON"),
    on(
        345,
        OTHER,
        OnIssue::Legacy,
        "the old plugin, which cannot sign",
    ),
    on(360, Role::Steady, OnIssue::ServiceHook, "a service hook"),
    on(375, STOCK, OnIssue::Created, "a third new issue"),
    on(376, STOCK, OnIssue::Alert, "and its alert"),
    on(
        400,
        Role::Returning,
        OnIssue::AssignedToTeam,
        "a team takes it",
    ),
    on(
        420,
        MONEY,
        OnIssue::Ignored(Archive::UntilEscalating),
        "archived until it escalates",
    ),
    on(
        450,
        Role::Returning,
        OnIssue::Commented(Writing::Created("Hm.")),
        "a comment",
    ),
    on(
        465,
        Role::Returning,
        OnIssue::Commented(Writing::Updated(LATER_WORDS)),
        "a better one",
    ),
    besides(480, Besides::BuildMeasured, "a build is measured"),
    besides(
        500,
        Besides::BuildNotHandedOut,
        "a build cannot be handed out",
    ),
    on(
        520,
        Role::Sleeping,
        OnIssue::Back(Open::Escalating),
        "an archived issue escalates",
    ),
    on(522, Role::Sleeping, OnIssue::Alert, "and its alert"),
    on(
        545,
        Role::Sleeping,
        OnIssue::Activity("status_escalating"),
        "the same as an activity",
    ),
    on(
        560,
        STOCK,
        OnIssue::Resolved(How::InNextRelease),
        "fixed in the next release",
    ),
    on(580, DOUBLE, OnIssue::Created, "a fourth new issue"),
    on(581, DOUBLE, OnIssue::Alert, "and its alert"),
    besides(
        600,
        Besides::AlertActionSaved,
        "somebody saves an alert in Sentry",
    ),
    on(
        620,
        Role::Returning,
        OnIssue::Resolved(How::InRelease),
        "fixed by a release",
    ),
    on(640, MONEY, OnIssue::BackByHand, "somebody opens it again"),
    besides(655, Besides::FutureAction, "an action nobody knows yet"),
    metric(670, 1, State::Warning, 104, "slow charges"),
    on(
        690,
        Role::Returning,
        OnIssue::Commented(Writing::Deleted),
        "a comment is removed",
    ),
    metric(700, 1, State::Critical, 233, "very slow charges"),
    on(
        720,
        DOUBLE,
        OnIssue::Ignored(Archive::UntilCount(100)),
        "archived for 100 events",
    ),
    metric(740, 1, State::Resolved, 8, "charges are fast again"),
    on(
        760,
        Role::Sleeping,
        OnIssue::Resolved(How::Now),
        "resolved by hand",
    ),
    on(
        780,
        Role::Steady,
        OnIssue::Resolved(How::Now),
        "resolved by hand",
    ),
    on(
        781,
        Role::Steady,
        OnIssue::Activity("status_resolved"),
        "the same as an activity",
    ),
    on(
        800,
        OTHER,
        OnIssue::Created,
        "the news of an issue come late",
    ),
    on(830, OTHER, OnIssue::Resolved(How::Now), "resolved by hand"),
    on(
        860,
        MONEY,
        OnIssue::Resolved(How::InRelease),
        "fixed by a release",
    ),
];
