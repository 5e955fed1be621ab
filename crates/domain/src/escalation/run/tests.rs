use super::super::policy::Step;
use super::*;
use crate::time::{HOUR_MS, MINUTE_MS};
use proptest::prelude::*;

const START: Time = Time(1_800_000_000_000);

fn standing(status: IncidentStatus) -> Standing {
    Standing {
        status,
        is_parked: false,
    }
}

const TRIGGERED: Standing = Standing {
    status: IncidentStatus::Triggered,
    is_parked: false,
};
const ACKNOWLEDGED: Standing = Standing {
    status: IncidentStatus::Acknowledged,
    is_parked: false,
};

fn policy(delays_s: &[u32], repeat: u8) -> Policy {
    let step = |(place, delay_s): (usize, &u32)| Step {
        delay_s: *delay_s,
        targets: vec![Target::Person(i64::try_from(place).unwrap() + 1)],
    };
    Policy {
        name: "Payments".to_owned(),
        steps: delays_s.iter().enumerate().map(step).collect(),
        repeat,
        repeat_after_s: 600,
        acknowledge_timeout_s: 1_800,
        then: None,
    }
}

/// Moves the run whenever it is due, and answers the minutes and step numbers.
fn play(run: &mut Run, standing: Standing) -> Vec<(i64, usize)> {
    let mut told = Vec::new();
    while let Some(now) = run.next_at() {
        let (next, events) = advance(run, standing, now);
        *run = next;
        for event in events {
            if let StepEvent::Reached { number, .. } = event {
                told.push((now.since_ms(START) / MINUTE_MS, number));
            }
        }
    }
    told
}

#[test]
fn steps_follow_one_another_and_are_gone_through_again() {
    let mut run = Run::start(vec![policy(&[0, 300], 1), policy(&[60], 0)], START);
    let told = play(&mut run, TRIGGERED);
    assert_eq!(told, [(0, 1), (5, 2), (15, 1), (20, 2), (21, 1)]);
    assert_eq!(run.state, RunState::Exhausted);
    assert!(run.is_spent() && !run.is_over());
}

#[test]
fn an_acknowledgement_holds_the_run_until_it_is_too_old() {
    let run = Run::start(vec![policy(&[0, 300], 0)], START);
    let (run, events) = advance(&run, TRIGGERED, START);
    assert_eq!(events.len(), 1);
    let taken_at = START.plus_ms(MINUTE_MS);
    let (run, events) = advance(&run, ACKNOWLEDGED, taken_at);
    assert_eq!(
        (events.len(), run.next_at()),
        (0, Some(taken_at.plus_ms(30 * MINUTE_MS)))
    );
    let (run, events) = advance(&run, ACKNOWLEDGED, taken_at.plus_ms(29 * MINUTE_MS));
    assert_eq!(events, []);
    let late = taken_at.plus_ms(30 * MINUTE_MS);
    let (run, events) = advance(&run, ACKNOWLEDGED, late);
    assert_eq!(
        events,
        [StepEvent::AcknowledgementExpired { after_s: 1_800 }]
    );
    let (run, events) = advance(&run, TRIGGERED, late);
    let StepEvent::Reached { number, .. } = &events[0] else {
        panic!("{events:?}");
    };
    assert_eq!((*number, events.len()), (2, 2));
    assert_eq!(events[1], StepEvent::Exhausted);
    assert!(run.is_spent());
}

#[test]
fn a_snoozed_incident_is_not_taken_back_before_the_snooze_is_over() {
    let parked = Standing {
        is_parked: true,
        ..ACKNOWLEDGED
    };
    let run = Run::start(vec![policy(&[0, 300], 0)], START);
    let (run, _) = advance(&run, TRIGGERED, START);
    let (run, _) = advance(&run, ACKNOWLEDGED, START);
    let (run, events) = advance(&run, parked, START.plus_ms(MINUTE_MS));
    assert_eq!((events.len(), run.next_at()), (0, None));
    let (again, _) = advance(&run, ACKNOWLEDGED, START.plus_ms(HOUR_MS));
    assert_eq!(
        again.next_at(),
        Some(START.plus_ms(HOUR_MS + 30 * MINUTE_MS))
    );
    let (_, events) = advance(&run, TRIGGERED, START.plus_ms(HOUR_MS));
    assert!(matches!(events[0], StepEvent::Reached { number: 2, .. }));
}

#[test]
fn an_acknowledgement_that_is_taken_back_at_once_changes_nothing() {
    let run = Run::start(vec![policy(&[0, 300], 0)], START);
    let (run, _) = advance(&run, TRIGGERED, START);
    let (held, _) = advance(&run, ACKNOWLEDGED, START.plus_ms(MINUTE_MS));
    let (again, events) = advance(&held, TRIGGERED, START.plus_ms(2 * MINUTE_MS));
    assert_eq!((events.len(), again.next_at()), (0, run.next_at()));
    let (_, events) = advance(&held, TRIGGERED, START.plus_ms(5 * MINUTE_MS));
    assert!(matches!(events[0], StepEvent::Reached { number: 2, .. }));
}

#[test]
fn without_a_time_out_an_acknowledgement_holds_for_good() {
    let mut lasting = policy(&[0, 300], 0);
    lasting.acknowledge_timeout_s = 0;
    let (run, _) = advance(&Run::start(vec![lasting], START), ACKNOWLEDGED, START);
    assert_eq!(run.next_at(), None);
    let (run, events) = advance(&run, standing(IncidentStatus::Resolved), START);
    assert!(run.is_over() && events.is_empty());
    let (run, events) = advance(&run, TRIGGERED, START);
    assert!(run.is_over() && events.is_empty());
}

#[test]
fn a_run_that_is_spent_is_held_and_taken_back_as_well() {
    let run = Run::start(vec![policy(&[0], 0)], START);
    let (run, events) = advance(&run, TRIGGERED, START);
    assert_eq!((events.len(), run.next_at()), (2, None));
    let (run, _) = advance(&run, ACKNOWLEDGED, START);
    let late = START.plus_ms(HOUR_MS);
    let (run, events) = advance(&run, ACKNOWLEDGED, late);
    assert_eq!(
        events,
        [StepEvent::AcknowledgementExpired { after_s: 1_800 }]
    );
    assert_eq!(run.state, RunState::Exhausted);
}

/// FIELD case 18: the host's clock jumps by an hour, and back across a change of the clocks.
#[test]
fn a_clock_that_jumps_tells_nobody_twice_and_skips_nobody() {
    let run = Run::start(vec![policy(&[0, 300, 300], 0)], START);
    let (run, _) = advance(&run, TRIGGERED, START);
    let ahead = START.plus_ms(HOUR_MS);
    let (run, events) = advance(&run, TRIGGERED, ahead);
    assert_eq!(
        events.len(),
        1,
        "one step, although two would have been due"
    );
    assert_eq!(run.next_at(), Some(ahead.plus_ms(5 * MINUTE_MS)));
    let back = START.plus_ms(MINUTE_MS);
    let (run, events) = advance(&run, TRIGGERED, back);
    assert_eq!(events, []);
    assert_eq!(run.next_at(), Some(back.plus_ms(5 * MINUTE_MS)));
    let (run, events) = advance(&run, TRIGGERED, back.plus_ms(5 * MINUTE_MS));
    assert_eq!(events.len(), 2);
    assert_eq!(run.state, RunState::Exhausted);
}

#[test]
fn a_stored_run_is_read_again() {
    let text = concat!(
        r#"{"policies":[{"name":"P","steps":[{"delay_s":0,"targets":[{"kind":"person","id":1}]}]}],"#,
        r#""place":{"policy":0,"round":0,"step":0},"#,
        r#""state":{"kind":"held","since":5,"due_at":null,"resume_at":null}}"#,
    );
    let run: Run = serde_json::from_str(text).unwrap();
    assert_eq!(
        run.state,
        RunState::Held {
            since: Time(5),
            due_at: None,
            resume_at: None
        }
    );
    let again: Run = serde_json::from_str(&serde_json::to_string(&run).unwrap()).unwrap();
    assert_eq!(again, run);
}

fn any_standing() -> impl Strategy<Value = Standing> {
    let status = prop::sample::select(IncidentStatus::ALL.to_vec());
    (status, any::<bool>()).prop_map(|(status, is_parked)| Standing { status, is_parked })
}

proptest! {
    #[test]
    fn a_run_never_goes_back_and_tells_each_step_once(
        delays in prop::collection::vec(0_u32..600, 1..4),
        repeat in 0_u8..3,
        moves in prop::collection::vec((any_standing(), -90_i64..90), 1..60),
    ) {
        let mut run = Run::start(vec![policy(&delays, repeat), policy(&delays, 0)], START);
        let mut now = START;
        let mut told = std::collections::BTreeSet::new();
        for (standing, minutes) in moves {
            now = now.plus_ms(minutes * MINUTE_MS);
            let place = run.place;
            let (next, events) = advance(&run, standing, now);
            prop_assert!(place <= next.place);
            let reached = events.iter().filter(|event| matches!(event, StepEvent::Reached { .. }));
            let reached = reached.count();
            prop_assert!(reached <= 1);
            if reached == 1 {
                prop_assert!(told.insert(place), "{place:?} twice");
                prop_assert_eq!(standing.status, IncidentStatus::Triggered);
            }
            prop_assert_eq!(reached == 1, place < next.place);
            prop_assert!(next.next_at().is_none_or(|at| at >= now || next.since() == run.since()));
            let (same, none) = advance(&next, standing, now);
            let expired = |event: &StepEvent| matches!(event, StepEvent::AcknowledgementExpired { .. });
            if next.next_at().is_none_or(|at| at > now) && !events.iter().any(expired) {
                prop_assert_eq!((&same, none.len()), (&next, 0));
            }
            run = next;
        }
    }

    #[test]
    fn left_alone_a_run_takes_every_step_in_order(
        delays in prop::collection::vec(0_u32..600, 1..5),
        repeat in 0_u8..=5,
    ) {
        let mut run = Run::start(vec![policy(&delays, repeat)], START);
        let told = play(&mut run, TRIGGERED);
        let rounds = usize::from(repeat) + 1;
        let expected: Vec<_> = (0..rounds).flat_map(|_| 1..=delays.len()).collect();
        prop_assert_eq!(told.iter().map(|(_, number)| *number).collect::<Vec<_>>(), expected);
        prop_assert!(told.is_sorted_by_key(|(minute, _)| *minute));
    }
}
