//! What people said of this suspect.

use super::ground::Ground;
use super::{Code, Evidence};
use std::collections::BTreeSet;

pub(super) const CONFIRMED: Evidence = Evidence {
    code: Code::Confirmed,
    measure: |ground| said(ground, &ground.feedback.confirmed),
    explain: |_, _| String::from("Somebody said that this was it"),
};

pub(super) const DISMISSED: Evidence = Evidence {
    code: Code::Dismissed,
    measure: |ground| said(ground, &ground.feedback.dismissed),
    explain: |_, _| String::from("Somebody said that it was not this one"),
};

fn said(ground: &Ground<'_>, shas: &BTreeSet<String>) -> Vec<f64> {
    ground.each(|commit| f64::from(u8::from(shas.contains(&commit.sha))))
}
