//! The week before now: some three hundred webhooks with their times in the past.

use crate::simulator::company::{self, Fault, fulfilment, payments, storefront};
use crate::simulator::issue::{Archive, Issue, Open};
use crate::simulator::payloads::Sentry;
use crate::simulator::payloads::metric_alert::{Breach, State};
use crate::simulator::payloads::seer::STAGES;
use crate::simulator::random::Random;
use crate::simulator::scenario::Step;
use crate::simulator::scenario::acts::{Act, Besides, Cast, How, OnIssue, Planned, Writing};

const SEED: u64 = 0x48_61_72_62_6f_72;
const HOUR_MS: i64 = 3_600_000;
pub(super) const WEEK_MS: i64 = 7 * 24 * HOUR_MS;
/// Nothing of the past is younger than this.
const REST_MS: i64 = 90_000;

/// The week before `now`, oldest first.
pub fn history(now_ms: i64) -> Vec<Step> {
    told(now_ms).0
}

/// Every fifth fault is kept for what comes later.
pub(super) fn is_kept_for_later(place: usize) -> bool {
    place.is_multiple_of(5)
}

/// The steps, and the cast as the week leaves it.
pub(super) fn told(now_ms: i64) -> (Vec<Step>, Cast) {
    let mut cast = Cast::new(Sentry::new(now_ms, SEED));
    let mut plan = Vec::new();
    let start_ms = now_ms - WEEK_MS;
    plan.push(Planned {
        at_ms: start_ms,
        act: Act::Besides(Besides::Installed),
        note: "the integration is installed",
    });
    let past: Vec<_> = company::faults()
        .enumerate()
        .filter(|(place, _)| !is_kept_for_later(*place))
        .map(|(_, fault)| fault)
        .collect();
    let gap_ms = (WEEK_MS - 6 * HOUR_MS) / i64::try_from(past.len()).unwrap_or(1).max(1);
    let mut born_ms = start_ms + HOUR_MS / 2;
    for fault in past {
        let place = cast.issues.len();
        let jitter_ms = cast.sentry.random.between_ms(0, gap_ms / 2);
        let issue = newborn(fault, place, born_ms + jitter_ms, start_ms);
        plan.extend(life(place, &issue, now_ms, &mut cast.sentry.random));
        cast.issues.push(issue);
        born_ms += gap_ms;
    }
    plan.extend(breaches(&mut cast, now_ms));
    plan.extend(rarities(now_ms));
    plan.retain(|planned| planned.at_ms <= now_ms - REST_MS);
    plan.sort_by_key(|planned| planned.at_ms);
    let steps = plan
        .into_iter()
        .filter_map(|planned| {
            cast.sentry.now_ms = planned.at_ms;
            let (webhook, door) = cast.perform(planned.act)?;
            Some(Step {
                after_ms: 0,
                at_ms: planned.at_ms,
                webhook,
                door,
                note: planned.note,
            })
        })
        .collect();
    cast.sentry.now_ms = now_ms;
    (steps, cast)
}

fn newborn(fault: &'static Fault, place: usize, at_ms: i64, start_ms: i64) -> Issue {
    let number = u64::try_from(place).unwrap_or(0);
    let mut issue = Issue::new(fault, 6_700_100_000 + number, 61 + number * 3, at_ms);
    // The newest release goes out now; the week knew those before it.
    let releases = match fault.project.releases {
        [past @ .., _] if !past.is_empty() => past,
        all => all,
    };
    let count = i64::try_from(releases.len()).unwrap_or(1);
    let at = usize::try_from((at_ms - start_ms) * count / WEEK_MS).unwrap_or(0);
    if let Some(release) = releases.get(at) {
        (*release).clone_into(&mut issue.release);
    }
    issue
}

/// What becomes of one issue of the week.
fn life(place: usize, issue: &Issue, now_ms: i64, random: &mut Random) -> Vec<Planned> {
    let born_ms = issue.first_seen_ms;
    let mut plan = Vec::new();
    let mut add = |at_ms: i64, what: OnIssue, note: &'static str| {
        plan.push(Planned {
            at_ms,
            act: Act::Issue(place, what),
            note,
        });
    };
    add(born_ms, OnIssue::Created, "a new issue");
    // Sentry promises no order: sometimes the alert is faster than the news of the issue.
    let lead_ms = if random.chance(15) { -250 } else { 1_400 };
    add(born_ms + lead_ms, OnIssue::Alert, "its first alert");
    let end_ms = ending(place, born_ms, random, &mut add);
    let until_ms = end_ms.unwrap_or(now_ms).max(born_ms + HOUR_MS / 4);
    for _ in 0..3 + random.below(5) {
        let at_ms = random.between_ms(born_ms + 60_000, until_ms);
        let (what, note) = if random.chance(65) {
            (OnIssue::Alert, "it happens again")
        } else {
            (OnIssue::Error, "one more event, without an alert")
        };
        add(at_ms, what, note);
    }
    plan
}

/// How people deal with it. Answers when it became quiet.
fn ending(
    place: usize,
    born_ms: i64,
    random: &mut Random,
    add: &mut impl FnMut(i64, OnIssue, &'static str),
) -> Option<i64> {
    let end_ms = born_ms + random.between_ms(2, 9) * HOUR_MS;
    let soon_ms = born_ms + random.between_ms(3, 40) * 60_000;
    let (quiet_ms, acts): (Option<i64>, &[(i64, OnIssue, &'static str)]) = match place % 8 {
        1 => (Some(end_ms), &[(end_ms, BY_RELEASE, "fixed by a release")]),
        2 => (
            Some(end_ms),
            &[
                (soon_ms, OnIssue::AssignedToPerson, "somebody takes it"),
                (soon_ms + 90_000, REMARK, "a comment"),
                (end_ms, BY_HAND, "resolved by hand"),
            ],
        ),
        3 => (
            Some(soon_ms),
            &[(soon_ms, ASLEEP, "archived until it escalates")],
        ),
        4 => {
            regression(soon_ms, end_ms, add);
            (Some(end_ms), &[])
        }
        5 => {
            let good_ms = end_ms + 2 * HOUR_MS;
            escalation(soon_ms, end_ms, good_ms, add);
            (Some(good_ms), &[])
        }
        6 => {
            for (minutes, stage) in (5_i64..).zip(STAGES) {
                let at_ms = born_ms + minutes * 60_000;
                add(at_ms, OnIssue::Seer(*stage), "Seer looks into it");
            }
            (Some(end_ms), &[(end_ms, BY_COMMIT, "fixed by a commit")])
        }
        7 => (
            None,
            &[(soon_ms, OnIssue::AssignedToPerson, "somebody takes it")],
        ),
        _ => (None, &[]),
    };
    for &(at_ms, what, note) in acts {
        add(at_ms, what, note);
    }
    quiet_ms
}

const BY_HAND: OnIssue = OnIssue::Resolved(How::Now);
const BY_RELEASE: OnIssue = OnIssue::Resolved(How::InRelease);
const BY_COMMIT: OnIssue = OnIssue::Resolved(How::InCommit("Check the form before it is sent"));
const ASLEEP: OnIssue = OnIssue::Ignored(Archive::UntilEscalating);
const REMARK: OnIssue = OnIssue::Commented(Writing::Created(
    "Seen it, the **second form** is to blame.",
));

/// Fixed, and back again.
fn regression(soon_ms: i64, end_ms: i64, add: &mut impl FnMut(i64, OnIssue, &'static str)) {
    let back_ms = end_ms + 5 * HOUR_MS;
    let fixed = OnIssue::Resolved(How::InNextRelease);
    let activity = OnIssue::Activity("status_regression");
    add(soon_ms, OnIssue::AssignedToTeam, "a team takes it");
    add(end_ms, fixed, "fixed in the next release");
    add(back_ms, OnIssue::Back(Open::Regressed), "it is back");
    add(
        back_ms + 1_200,
        OnIssue::Alert,
        "an alert because it is back",
    );
    add(back_ms + 2_000, activity, "the same as an activity");
}

/// Archived, too frequent for that, archived for good.
fn escalation(
    soon_ms: i64,
    end_ms: i64,
    good_ms: i64,
    add: &mut impl FnMut(i64, OnIssue, &'static str),
) {
    let asleep = OnIssue::Ignored(Archive::UntilCount(100));
    let awake = OnIssue::Back(Open::Escalating);
    add(soon_ms, asleep, "archived for 100 events");
    add(end_ms, awake, "more than 100 events");
    add(
        good_ms,
        OnIssue::Ignored(Archive::Forever),
        "archived for good",
    );
}

/// Three metric alerts that came and went.
fn breaches(cast: &mut Cast, now_ms: i64) -> Vec<Planned> {
    let mut plan = Vec::new();
    let stories = [
        (
            &payments::PAYMENTS,
            "Failed charges per 10 minutes",
            "errors",
            131,
        ),
        (
            &storefront::STOREFRONT,
            "Slow checkout pages",
            "slow pages",
            74,
        ),
        (
            &fulfilment::FULFILMENT,
            "Parcels waiting for a label",
            "parcels",
            22,
        ),
    ];
    for (identifier, (project, name, unit, hours_ago)) in (4_100..).zip(stories) {
        let place = cast.breaches.len();
        cast.breaches.push(Breach {
            identifier,
            name: name.to_owned(),
            project,
            unit,
            started_ms: now_ms,
            value: 0,
        });
        let begin_ms = now_ms - hours_ago * HOUR_MS;
        for (minutes, state, value, note) in [
            (0, State::Warning, 118, "a number crosses its first line"),
            (6, State::Critical, 264, "and its second"),
            (31, State::Warning, 140, "it falls"),
            (44, State::Resolved, 31, "it is over"),
        ] {
            plan.push(Planned {
                at_ms: begin_ms + minutes * 60_000,
                act: Act::Metric(place, state, value),
                note,
            });
        }
    }
    plan
}

/// What a week has only a few of.
fn rarities(now_ms: i64) -> Vec<Planned> {
    let build = Act::Besides(Besides::BuildMeasured);
    [
        (150, build, "a build is measured"),
        (
            101,
            Act::Issue(0, OnIssue::Legacy),
            "the old plugin still sends",
        ),
        (
            88,
            Act::Besides(Besides::BuildNotHandedOut),
            "a build cannot be handed out",
        ),
        (66, Act::Issue(8, OnIssue::ServiceHook), "a service hook"),
        (
            58,
            Act::Besides(Besides::FutureResource),
            "a resource nobody knows yet",
        ),
        (
            41,
            Act::Issue(7, OnIssue::Legacy),
            "the old plugin still sends",
        ),
        (
            30,
            Act::Issue(16, OnIssue::WrongSecret),
            "signed with an old secret",
        ),
        (9, build, "a build is measured"),
    ]
    .map(|(hours_ago, act, note)| Planned {
        at_ms: now_ms - hours_ago * HOUR_MS,
        act,
        note,
    })
    .to_vec()
}
