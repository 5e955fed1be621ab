//! What the threshold means: how often a suspect over it is right.

use crate::figures::{mean, yes};
use crate::trials::{Mode, Outcome, Trials};
use epicenter_domain::suspect::Weights;

const SCORES: [f64; 9] = [15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 60.0];
const LEADS: [f64; 5] = [0.0, 3.0, 6.0, 10.0, 15.0];

/// Cases that count: those that Sentry would see.
pub(crate) fn print(trials: &[Trials<'_>], weights: &Weights) {
    println!(
        "\nCalibration, cases with production frames: share shown as convincing, and of these"
    );
    println!("the share whose first suspect is guilty, for least score (down) and lead (across)");
    for mode in Mode::ALL {
        let table = if mode.blame {
            &weights.with_blame
        } else {
            &weights.without_blame
        };
        let all = outcomes(trials, mode, weights, |_| true);
        let heads = LEADS.map(|lead| format!("    lead {lead:>4.0}")).join("");
        println!("\n{}\nscore {heads}", mode.name());
        for score in SCORES {
            let cells = LEADS.map(|lead| cell(&all, score, lead)).join("");
            println!("{score:>5} {cells}");
        }
        let (score, lead) = (table.convincing_score, table.convincing_lead);
        let [development, other] = [true, false].map(|half| {
            let half = outcomes(trials, mode, weights, |it: &Trials<'_>| {
                it.case.is_development() == half
            });
            cell(&half, score, lead)
        });
        println!(
            "score {score}, lead {lead}: all {}, development half {}, other half {}",
            cell(&all, score, lead).trim(),
            development.trim(),
            other.trim()
        );
    }
}

fn outcomes(
    trials: &[Trials<'_>],
    mode: Mode,
    weights: &Weights,
    holds: impl Fn(&Trials<'_>) -> bool,
) -> Vec<Outcome> {
    let seen = trials
        .iter()
        .filter(|it| it.case.has_production_frame && holds(it));
    seen.flat_map(|it| it.run(mode, weights)).collect()
}

fn cell(outcomes: &[Outcome], score: f64, lead: f64) -> String {
    let is_shown = |it: &&Outcome| it.first >= score && it.first - it.second >= lead;
    let shown = mean(outcomes.iter().map(|it| yes(is_shown(&it))));
    let right = mean(
        outcomes
            .iter()
            .filter(is_shown)
            .map(|it| yes(it.rank <= 1.0)),
    );
    format!("  {:>3.0} % {:>3.0} %", 100.0 * shown, 100.0 * right)
}
