//! Reverts, rollbacks, what people said, and doubt.

use super::*;

/// (number of the commit, the number that it reverts); then which stay innocent by it.
#[test]
fn a_revert_makes_innocent_unless_it_was_reverted_or_came_after() {
    let story = |reverts: &[(u32, Option<u32>)]| -> Vec<f64> {
        let commits: Vec<Candidate> = reverts
            .iter()
            .map(|(number, target)| Candidate {
                reverts: target.map(|target| sha(target)[..12].to_owned()),
                ..commit(*number, "x", &["shop/cart.py"])
            })
            .collect();
        strength(Code::Undone, &scene(), &commits, &Blame::default())
    };
    let once = story(&[(1, None), (2, Some(1))]);
    assert!(once[0] >= 1.0 && once[1] > 0.0, "{once:?}");
    let twice = story(&[(1, None), (2, Some(1)), (3, Some(2))]);
    assert!(
        twice[0] == 0.0 && twice[1] >= 1.0 && twice[2] > 0.0,
        "{twice:?}"
    );
    let repair = story(&[(1, None), (2_000, Some(1))]);
    assert_eq!(repair, [0.0, 0.0], "the repair of the error blames on");
}

#[test]
fn a_rollback_is_never_blamed_for_what_it_undoes() {
    let undone = Candidate {
        rolled_back: true,
        ..commit(1, "x", &["shop/cart.py"])
    };
    let other = commit(2, "x", &["shop/checkout.py"]);
    let candidates = [undone, other];
    let ranking = rank_plainly(&candidates);
    assert_eq!(ranking.suspects[0].candidate, 1);
}

#[test]
fn people_have_the_last_word() {
    let candidates = [
        commit(1, "x", &["shop/cart.py"]),
        commit(2, "y", &["web/banner.js"]),
    ];
    assert_eq!(rank_plainly(&candidates).suspects[0].candidate, 0);
    let feedback = Feedback {
        dismissed: [sha(1)].into(),
        confirmed: [sha(2)].into(),
    };
    let ranking = rank(
        &scene(),
        &candidates,
        &Blame::default(),
        &feedback,
        &Weights::default(),
    );
    assert_eq!(ranking.suspects.len(), 1, "who is dismissed is no suspect");
    assert!((ranking.suspects[0].score - 100.0).abs() < 1e-9);
    assert_eq!(ranking.verdict, Verdict::Convincing);
}

#[test]
fn doubt_has_reasons() {
    let cases: [(Scene, Vec<Candidate>, Doubt); 5] = [
        (scene(), vec![], Doubt::NoCandidates),
        (
            Scene {
                release: None,
                ..scene()
            },
            vec![commit(1, "x", &["a/b.py"])],
            Doubt::NoRelease,
        ),
        (
            Scene {
                frames: vec![],
                ..scene()
            },
            vec![commit(1, "x", &["a/b.py"])],
            Doubt::NoFrames,
        ),
        (scene(), vec![commit(1, "x", &[])], Doubt::NoFiles),
        (scene(), vec![commit(1, "x", &["a/b.py"])], Doubt::NoTouch),
    ];
    for (scene, candidates, doubt) in cases {
        let ranking = rank(
            &scene,
            &candidates,
            &Blame::default(),
            &Feedback::default(),
            &Weights::default(),
        );
        let Verdict::NoConvincing { reasons } = ranking.verdict else {
            panic!("{doubt:?} is convincing");
        };
        assert!(reasons.contains(&doubt), "{doubt:?}: {reasons:?}");
        assert!(reasons.iter().all(|reason| reason.sentence().len() > 20));
    }
}

#[test]
fn the_culprit_of_a_plain_story_is_convincing_and_says_why() {
    let guilty = with_hunk(
        commit(900, "Strip voucher codes in add_item", &["shop/cart.py"]),
        hunk(39, 3, "def add_item(cart):", &[]),
    );
    let candidates = [
        commit(901, "Tune banners", &["web/banner.js"]),
        guilty,
        commit(899, "Update readme", &["README.md"]),
    ];
    let blame = blame_of(0, &sha(900), &[sha(900)]);
    let ranking = rank(
        &scene(),
        &candidates,
        &blame,
        &Feedback::default(),
        &Weights::default(),
    );
    assert_eq!(ranking.suspects[0].candidate, 1);
    assert_eq!(ranking.verdict, Verdict::Convincing);
    let many: Vec<Candidate> = (0..300)
        .map(|number| commit(number, "x", &["web/banner.js"]))
        .chain([candidates[1].clone()])
        .collect();
    let among_many = rank(
        &scene(),
        &many,
        &blame,
        &Feedback::default(),
        &Weights::default(),
    );
    assert_eq!(among_many.suspects[0].candidate, 300);
    let unsure = Verdict::NoConvincing {
        reasons: vec![Doubt::TooMany],
    };
    assert_eq!(among_many.verdict, unsure);
    let why: Vec<&str> = ranking.suspects[0]
        .reasons
        .iter()
        .map(|reason| reason.text.as_str())
        .collect();
    assert!(
        why.contains(&"It wrote the line that ran in add_item (shop/cart.py:40)"),
        "{why:?}"
    );
    assert!(
        why.contains(&"It wrote 3 of the 4 lines of add_item (shop/cart.py:40)"),
        "{why:?}"
    );
}
