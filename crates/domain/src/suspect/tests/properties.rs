//! What holds for any commits.

use super::{commit, rank_plainly, scene, sha};
use crate::suspect::{
    Blame, Candidate, Effect, Feedback, FrameBlame, Ranking, Verdict, Weights, rank,
};
use proptest::prelude::*;

const PATHS: [&str; 7] = [
    "shop/cart.py",
    "shop/checkout.py",
    "shop/orders.py",
    "tests/test_cart.py",
    "docs/cart.md",
    "web/banner.js",
    "other/cart.py",
];
const MESSAGES: [&str; 5] = [
    "Strip voucher codes",
    "Fix typo",
    "Let add_item take two",
    "Rename",
    "Tune banners",
];

/// A commit, and how many lines of the crash's function it wrote.
fn any_commit() -> impl Strategy<Value = (Candidate, u32)> {
    let paths = proptest::sample::subsequence(PATHS.to_vec(), 0..4);
    let message = proptest::sample::select(MESSAGES.to_vec());
    let flags = (
        any::<bool>(),
        any::<bool>(),
        proptest::option::of(1_u32..1_200),
    );
    (1_u32..1_200, message, paths, flags, 0_u32..3).prop_map(
        |(number, message, paths, (merge, rolled_back, reverts), lines)| {
            let candidate = Candidate {
                merge,
                rolled_back,
                reverts: reverts.map(sha),
                ..commit(number, message, &paths)
            };
            (candidate, lines)
        },
    )
}

/// Commits with different names.
fn any_commits() -> impl Strategy<Value = Vec<(Candidate, u32)>> {
    proptest::collection::vec(any_commit(), 0..12).prop_map(|mut commits| {
        commits.sort_by(|one, other| one.0.sha.cmp(&other.0.sha));
        commits.dedup_by(|one, other| one.0.sha == other.0.sha);
        commits
    })
}

fn ranked(commits: &[(Candidate, u32)]) -> (Vec<Candidate>, Ranking) {
    let wrote = commits.iter().filter(|(_, lines)| *lines > 0);
    let function = wrote
        .map(|(commit, lines)| (commit.sha.clone(), *lines))
        .collect();
    let blame = Blame {
        frames: vec![FrameBlame {
            frame: 0,
            function,
            ..FrameBlame::default()
        }],
    };
    let candidates: Vec<Candidate> = commits.iter().map(|(commit, _)| commit.clone()).collect();
    let ranking = rank(
        &scene(),
        &candidates,
        &blame,
        &Feedback::default(),
        &Weights::default(),
    );
    (candidates, ranking)
}

fn order((candidates, ranking): &(Vec<Candidate>, Ranking)) -> Vec<(String, i64)> {
    let place = |suspect: &crate::suspect::Suspect| {
        let rounded = format!("{:.0}", suspect.score * 1e6).parse().unwrap();
        (candidates[suspect.candidate].sha.clone(), rounded)
    };
    ranking.suspects.iter().map(place).collect()
}

proptest! {
    #[test]
    fn scores_are_sums_of_reasons_between_0_and_100(commits in any_commits()) {
        let (_, ranking) = ranked(&commits);
        for suspect in &ranking.suspects {
            prop_assert!((0.0..=100.0).contains(&suspect.score), "{suspect:?}");
            let sum: f64 = suspect.reasons.iter().map(|reason| reason.points).sum();
            prop_assert!((sum - suspect.score).abs() < 1e-6, "{sum} {suspect:?}");
            for reason in &suspect.reasons {
                prop_assert!(!reason.text.is_empty() && reason.points.is_finite());
                prop_assert_eq!(reason.points < 0.0, reason.code.effect() == Effect::Takes);
            }
        }
        let falls = |pair: &[crate::suspect::Suspect]| pair[0].score >= pair[1].score;
        prop_assert!(ranking.suspects.windows(2).all(falls));
        if let Verdict::NoConvincing { reasons } = &ranking.verdict {
            prop_assert!(!reasons.is_empty());
        }
    }

    #[test]
    fn the_order_of_the_commits_does_not_matter(
        (commits, shuffled) in any_commits().prop_flat_map(|commits| {
            (Just(commits.clone()), Just(commits).prop_shuffle())
        })
    ) {
        prop_assert_eq!(order(&ranked(&commits)), order(&ranked(&shuffled)));
    }

    #[test]
    fn the_same_twice_is_the_same(commits in any_commits()) {
        prop_assert_eq!(ranked(&commits), ranked(&commits));
    }

    /// It touches nothing of the stack, shares no word, and is older than all. It only makes the
    /// words of the others a little rarer, so a top that is clear stays the top.
    #[test]
    fn an_unrelated_commit_never_moves_a_clear_top(commits in any_commits()) {
        let before = ranked(&commits);
        let score = |at: usize| before.1.suspects.get(at).map_or(0.0, |suspect| suspect.score);
        if score(0) < 10.0 || score(0) - score(1) < 2.0 {
            return Ok(());
        }
        let mut more = commits;
        more.push((commit(0, "zzzz", &["qqqq/wwww.xyz"]), 0));
        let (before, after) = (order(&before), order(&ranked(&more)));
        prop_assert_eq!(&before[0].0, &after[0].0);
    }
}

#[test]
fn odd_values_make_no_odd_scores() {
    let mut odd = commit(1, "", &[""]);
    odd.files[0].added = Some(u32::MAX);
    odd.files[0].removed = Some(u32::MAX);
    odd.committed_at = None;
    odd.files.push(crate::suspect::CandidateFile {
        path: "shop/cart.py".to_owned(),
        hunks: vec![crate::suspect::Hunk {
            old_start: u32::MAX,
            old_lines: u32::MAX,
            new_start: u32::MAX,
            new_lines: u32::MAX,
            ..crate::suspect::Hunk::default()
        }],
        ..crate::suspect::CandidateFile::default()
    });
    let ranking = rank_plainly(&[odd.clone(), odd]);
    assert!(
        ranking
            .suspects
            .iter()
            .all(|suspect| (0.0..=100.0).contains(&suspect.score))
    );
}
