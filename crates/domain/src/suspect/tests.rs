//! What each kind of evidence gives and takes, by small stories of a shop.

mod doubt;
mod properties;

use super::*;
use crate::time::{HOUR_MS, Time};

pub(super) fn frame(function: &str, path: &str, lineno: u32) -> SceneFrame {
    SceneFrame {
        function: Some(function.to_owned()),
        path: Some(path.to_owned()),
        lineno: Some(lineno),
        in_app: true,
        ..SceneFrame::default()
    }
}

/// The error: adding to the cart fails, called by the checkout.
pub(super) fn scene() -> Scene {
    Scene {
        frames: vec![
            frame("add_item", "shop/cart.py", 40),
            frame("checkout", "shop/checkout.py", 12),
        ],
        exceptions: vec![SceneException {
            kind: "VoucherError".to_owned(),
            value: "voucher code is empty".to_owned(),
        }],
        title: "VoucherError: voucher code is empty".to_owned(),
        transaction: Some("OrdersController.create".to_owned()),
        release: Some("shop@2".to_owned()),
        environment: Some("production".to_owned()),
        first_seen: Some(Time(1_000 * HOUR_MS)),
        ..Scene::default()
    }
}

pub(super) fn sha(number: u32) -> String {
    format!("{number:08x}{number:032x}")
}

pub(super) fn commit(number: u32, message: &str, paths: &[&str]) -> Candidate {
    let file = |path: &&str| CandidateFile {
        path: (*path).to_owned(),
        added: Some(8),
        removed: Some(2),
        ..CandidateFile::default()
    };
    Candidate {
        sha: sha(number),
        message: message.to_owned(),
        author_key: format!("author-{}", number % 3),
        committed_at: Some(Time(i64::from(number) * HOUR_MS)),
        files: paths.iter().map(file).collect(),
        ..Candidate::default()
    }
}

fn hunk(new_start: u32, new_lines: u32, signature: &str, added: &[&str]) -> Hunk {
    Hunk {
        old_start: new_start,
        old_lines: new_lines,
        new_start,
        new_lines,
        signature: Some(signature.to_owned()),
        added: added.iter().map(|line| (*line).to_owned()).collect(),
        ..Hunk::default()
    }
}

fn with_hunk(mut candidate: Candidate, hunk: Hunk) -> Candidate {
    candidate.files[0].hunks.push(hunk);
    candidate
}

fn strength(code: Code, scene: &Scene, candidates: &[Candidate], blame: &Blame) -> Vec<f64> {
    measure(scene, candidates, blame, &Feedback::default())
        .column(code)
        .to_vec()
}

fn blame_of(frame: usize, sha: &str, log: &[String]) -> Blame {
    Blame {
        frames: vec![FrameBlame {
            frame,
            line: [(sha.to_owned(), 1)].into(),
            function: [(sha.to_owned(), 3), ("f".repeat(40), 1)].into(),
            log: log.to_vec(),
        }],
    }
}

#[test]
fn every_kind_of_evidence_is_listed_once_and_in_order() {
    let listed: Vec<Code> = EVIDENCE.iter().map(|evidence| evidence.code).collect();
    assert_eq!(listed, Code::ALL);
    assert!(Code::ALL.is_sorted());
    let words: std::collections::BTreeSet<&str> = Code::ALL.map(Code::as_str).into();
    assert_eq!(words.len(), Code::ALL.len());
}

fn plain() -> Candidate {
    commit(2, "Tune banners", &["web/banner.js"])
}

fn cart(message: &str) -> Candidate {
    commit(1, message, &["shop/cart.py"])
}

fn deployed(hour: i64) -> Candidate {
    Candidate {
        deployed_at: Some(Time(hour * HOUR_MS)),
        ..plain()
    }
}

fn check(cases: Vec<(Code, Scene, Candidate, Candidate)>) {
    for (code, scene, has, lacks) in cases {
        let column = strength(code, &scene, &[has, lacks], &Blame::default());
        assert!(column[0] > column[1], "{code:?}: {column:?}");
        assert!(
            column.iter().all(|value| (0.0..=1.0).contains(value)),
            "{code:?}: {column:?}"
        );
    }
}

/// Kind, scene, a commit that has it, and one that has it not (or less).
#[test]
fn what_a_commit_changed_tells_it_from_others() {
    let text = "total = voucher.code.strip()";
    let mut quoting = scene();
    quoting.frames[0].context_line = Some(format!("    {text}"));
    let near = with_hunk(cart("x"), hunk(39, 3, "def add_item(cart):", &[text]));
    let far = with_hunk(cart("x"), hunk(400, 3, "def remove_item(cart):", &["pass"]));
    check(vec![
        (Code::FramePath, scene(), cart("x"), plain()),
        (Code::Volume, scene(), cart("x"), plain()),
        (
            Code::Focus,
            scene(),
            cart("x"),
            commit(2, "x", &["shop/cart.py", "shop/tax.py"]),
        ),
        (Code::Coupling, scene(), cart("x"), plain()),
        (Code::ChangedLine, scene(), near.clone(), far.clone()),
        (Code::FunctionName, scene(), near.clone(), far.clone()),
        (Code::AddedText, quoting, near, far),
        (
            Code::Transaction,
            scene(),
            commit(1, "x", &["web/orders_controller.rb"]),
            plain(),
        ),
        (
            Code::Transaction,
            scene(),
            commit(1, "x", &["shop/orders.py"]),
            plain(),
        ),
    ]);
}

/// As above.
#[test]
fn what_is_known_of_a_commit_tells_it_from_others() {
    let shipped = |release: &str| Candidate {
        release: Some(release.to_owned()),
        environment: Some("production".to_owned()),
        ..plain()
    };
    let many: Vec<String> = (0..60).map(|number| format!("web/{number}.js")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    check(vec![
        (
            Code::Wording,
            scene(),
            commit(1, "Read voucher codes", &[]),
            plain(),
        ),
        (
            Code::Names,
            scene(),
            commit(1, "Let add_item take two", &[]),
            plain(),
        ),
        (Code::Release, scene(), shipped("shop@2"), shipped("shop@1")),
        (Code::DeployTime, scene(), deployed(999), deployed(900)),
        (Code::Recency, scene(), commit(3, "x", &[]), plain()),
        (Code::Author, scene(), cart("x"), plain()),
        (Code::Size, scene(), commit(1, "x", &many), plain()),
        (
            Code::Merge,
            scene(),
            Candidate {
                merge: true,
                ..plain()
            },
            plain(),
        ),
        (
            Code::Upkeep,
            scene(),
            commit(1, "x", &["docs/cart.md"]),
            plain(),
        ),
        (
            Code::Upkeep,
            scene(),
            commit(1, "x", &["tests/test_cart.py"]),
            plain(),
        ),
        (Code::Upkeep, scene(), cart("Fix typo"), plain()),
        (Code::Upkeep, scene(), cart("Rename carts"), plain()),
        (
            Code::Undone,
            scene(),
            Candidate {
                rolled_back: true,
                ..plain()
            },
            plain(),
        ),
        (Code::TooLate, scene(), deployed(1_001), deployed(999)),
    ]);
}

#[test]
fn the_right_release_elsewhere_counts_less() {
    let shipped = |environment: &str| Candidate {
        release: Some("shop@2".to_owned()),
        environment: Some(environment.to_owned()),
        ..plain()
    };
    check(vec![(
        Code::Release,
        scene(),
        shipped("production"),
        shipped("staging"),
    )]);
    check(vec![(Code::Release, scene(), shipped("staging"), plain())]);
}

#[test]
fn blame_points_at_who_wrote_the_code() {
    let candidates = [commit(1, "a", &[]), commit(2, "b", &[])];
    let blame = blame_of(0, &sha(1), &[sha(1), sha(2)]);
    for code in [Code::LineBlame, Code::FunctionBlame, Code::FunctionLog] {
        let column = strength(code, &scene(), &candidates, &blame);
        assert!(column[0] > column[1], "{code:?}: {column:?}");
    }
    let inner = strength(
        Code::LineBlame,
        &scene(),
        &candidates,
        &blame_of(0, &sha(1), &[]),
    );
    let none = strength(
        Code::LineBlame,
        &scene(),
        &candidates,
        &blame_of(7, &sha(1), &[]),
    );
    assert!(
        inner[0] > 0.0 && none == [0.0, 0.0],
        "a frame that is not there counts for nothing"
    );
}

#[test]
fn the_crash_frame_weighs_most_and_foreign_frames_nothing() {
    let candidates = [
        commit(1, "x", &["shop/cart.py"]),
        commit(2, "x", &["shop/checkout.py"]),
        commit(3, "x", &["lib/json.py"]),
    ];
    let mut scene = scene();
    let mut foreign = frame("loads", "lib/json.py", 3);
    foreign.in_app = false;
    scene.frames.insert(0, foreign);
    let column = strength(Code::FramePath, &scene, &candidates, &Blame::default());
    assert!(
        column[0] > column[1] && column[1] > 0.0 && column[2] == 0.0,
        "{column:?}"
    );
}

#[test]
fn frames_of_a_cause_weigh_less_than_those_of_its_effect() {
    let candidates = [
        commit(1, "x", &["a/top.py"]),
        commit(2, "x", &["a/cause.py"]),
    ];
    let mut scene = scene();
    let mut cause = frame("cause", "a/cause.py", 1);
    cause.exception_index = 1;
    scene.frames = vec![frame("top", "a/top.py", 1), cause];
    let column = strength(Code::FramePath, &scene, &candidates, &Blame::default());
    assert!(column[0] > column[1] && column[1] > 0.0, "{column:?}");
}

#[test]
fn a_file_is_known_by_its_older_name() {
    let old = commit(1, "x", &["store/basket.py"]);
    let mut moved = commit(2, "x", &["shop/cart.py"]);
    moved.files[0].old_path = Some("store/basket.py".to_owned());
    let other = commit(3, "x", &["store/other.py"]);
    let candidates = [old, moved, other];
    let column = strength(Code::FramePath, &scene(), &candidates, &Blame::default());
    assert!(column[0] > 0.0 && column[2] == 0.0, "{column:?}");
}

#[test]
fn a_module_finds_its_file_where_no_path_is_mapped() {
    let mut scene = scene();
    scene.frames = vec![SceneFrame {
        module: Some("com.acme.shop.Cart$Item".to_owned()),
        function: Some("add".to_owned()),
        in_app: true,
        ..SceneFrame::default()
    }];
    let candidates = [
        commit(1, "x", &["src/main/java/com/acme/shop/Cart.java"]),
        commit(2, "x", &["src/main/java/com/acme/shop/Basket.java"]),
    ];
    let column = strength(Code::FramePath, &scene, &candidates, &Blame::default());
    assert!(column[0] > 0.9 && column[1] == 0.0, "{column:?}");
}

#[test]
fn hunks_alone_tell_who_wrote_a_line_below_a_later_insertion() {
    let wrote = with_hunk(commit(1, "x", &["shop/cart.py"]), hunk(30, 2, "", &[]));
    let mut above = commit(2, "x", &["shop/cart.py"]);
    above.files[0].hunks = vec![Hunk {
        old_start: 5,
        old_lines: 0,
        new_start: 6,
        new_lines: 10,
        ..Hunk::default()
    }];
    let column = strength(
        Code::ChangedLine,
        &scene(),
        &[wrote, above],
        &Blame::default(),
    );
    assert!(column[0] > 2.0 * column[1], "{column:?}");
}

pub(super) fn rank_plainly(candidates: &[Candidate]) -> Ranking {
    rank(
        &scene(),
        candidates,
        &Blame::default(),
        &Feedback::default(),
        &Weights::default(),
    )
}
