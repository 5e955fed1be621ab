//! Several rounds as one: means of rates and processor time, the worst of the slow answers.

use crate::round::{Phase, Round};
use epicenter_bench::latency::Summary;

/// So many must be left after the load to say what applying alone costs.
const ENOUGH: u64 = 1_000;

/// One load over all rounds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Load {
    /// Accepted per second.
    pub(crate) answered: f64,
    /// Accepted and applied per second.
    pub(crate) processed: f64,
    /// Processor microseconds per webhook, all told.
    pub(crate) cpu: f64,
    /// The part of them that answers, if it can be told.
    pub(crate) answer_cpu: Option<f64>,
    /// Median of the answers; the worst p99 and maximum of any round.
    pub(crate) times: Summary,
    /// Answers that were not 202.
    pub(crate) failed: u64,
    /// Seconds until everything was applied, after the load.
    pub(crate) behind: f64,
}

/// One program over all rounds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    /// As fast as it answers.
    pub(crate) full: Load,
    /// At a low fixed rate.
    pub(crate) gentle: Load,
    /// At half of the full rate.
    pub(crate) half: Load,
    /// Mebibytes, idle.
    pub(crate) idle: f64,
    /// Mebibytes, at the end.
    pub(crate) end: f64,
    /// Bytes on the disk per webhook.
    pub(crate) disk: u64,
}

impl Figures {
    /// Nothing to say without a round.
    pub(crate) fn of(rounds: &[Round]) -> Option<Self> {
        let first = rounds.first()?;
        Some(Self {
            full: load(rounds.iter().map(|round| round.full)),
            gentle: load(rounds.iter().map(|round| round.gentle)),
            half: load(rounds.iter().map(|round| round.half)),
            idle: mean(rounds.iter().map(|round| mebibytes(round.resident_idle))),
            end: mean(rounds.iter().map(|round| mebibytes(round.resident_end))),
            disk: rounds
                .iter()
                .map(|round| round.disk)
                .max()
                .unwrap_or(first.disk),
        })
    }
}

fn load(phases: impl Iterator<Item = Phase> + Clone) -> Load {
    let answer: Vec<f64> = phases.clone().filter_map(|it| answer_cpu(&it)).collect();
    let worst = |pick: fn(Summary) -> f64| {
        let all = phases.clone().map(|phase| pick(phase.report.times));
        all.fold(0.0, f64::max)
    };
    Load {
        answered: mean(phases.clone().map(|phase| phase.report.rate)),
        processed: mean(phases.clone().map(|phase| {
            float(phase.report.accepted) / (phase.report.seconds + phase.left_seconds)
        })),
        cpu: mean(
            phases.clone().map(|phase| {
                (phase.load_cpu + phase.left_cpu) * 1e6 / float(phase.report.accepted)
            }),
        ),
        answer_cpu: (!answer.is_empty()).then(|| mean(answer.into_iter())),
        times: Summary {
            p50: mean(phases.clone().map(|phase| phase.report.times.p50)),
            p90: mean(phases.clone().map(|phase| phase.report.times.p90)),
            p99: worst(|times| times.p99),
            p999: worst(|times| times.p999),
            max: worst(|times| times.max),
        },
        failed: phases.clone().map(|phase| phase.report.failed).sum(),
        behind: phases.map(|phase| phase.left_seconds).fold(0.0, f64::max),
    }
}

/// What is left of the load's processor time when the applied ones cost what they cost after it.
fn answer_cpu(phase: &Phase) -> Option<f64> {
    if phase.left < ENOUGH {
        return None;
    }
    let applying = phase.left_cpu / float(phase.left);
    let applied = float(phase.report.accepted.saturating_sub(phase.left));
    let answering = (phase.load_cpu - applying * applied).max(0.0);
    Some(answering * 1e6 / float(phase.report.accepted))
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value));
    if count > 0.0 { sum / count } else { 0.0 }
}

fn mebibytes(bytes: u64) -> f64 {
    float(bytes / 1_024) / 1_024.0
}

/// Exact up to four thousand million, and nothing here is more.
fn float(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicenter_bench::load::Report;

    fn phase(accepted: u64, left: u64) -> Phase {
        Phase {
            report: Report {
                accepted,
                seconds: 10.0,
                rate: float(accepted) / 10.0,
                ..Report::default()
            },
            load_cpu: 10.0,
            left,
            left_seconds: 5.0,
            left_cpu: 4.0,
        }
    }

    #[test]
    fn what_is_left_tells_what_applying_costs() {
        // 40,000 left for 4 s: 100 µs each; 60,000 applied under load: 6 of the 10 s.
        let load = load([phase(100_000, 40_000)].into_iter());
        assert!((load.answer_cpu.unwrap() - 40.0).abs() < 1e-6);
        assert!((load.cpu - 140.0).abs() < 1e-6);
        assert!((load.processed - 100_000.0 / 15.0).abs() < 1e-6);
        assert!((load.answered - 10_000.0).abs() < 1e-6);
    }

    #[test]
    fn too_few_left_tell_nothing() {
        assert!(answer_cpu(&phase(100_000, 10)).is_none());
    }
}
