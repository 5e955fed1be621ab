//! `/health`: how Epicenter itself is.

use super::parts::Icon;
use super::shell::Shell;
use askama::Template;
use epicenter_domain::health::{Capture, Finding, Level, Part, Report};
use epicenter_domain::time::Time;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/health.html")]
pub struct HealthPage {
    /// What is around it.
    pub shell: Shell,
    /// What was found.
    pub report: Report,
    /// How much of each day webhooks told, oldest first; empty where Sentry's API is not asked.
    pub capture_days: Vec<(Time, Capture)>,
}

/// How a level is called and drawn.
#[derive(Clone, Copy, Debug)]
pub struct ShownLevel {
    /// For people.
    pub word: &'static str,
    /// Class of the badge.
    pub class: &'static str,
    /// Picture.
    pub icon: Icon,
}

impl HealthPage {
    /// The parts that have lines, with them.
    pub fn parts(&self) -> Vec<(Part, Vec<&Finding>)> {
        let lines = |part: Part| {
            let all = self.report.findings.iter();
            (part, all.filter(|one| one.part == part).collect::<Vec<_>>())
        };
        let all = Part::ALL.into_iter().map(lines);
        all.filter(|(_, lines)| !lines.is_empty()).collect()
    }

    /// How a level is shown.
    pub fn shown(&self, level: &Level) -> ShownLevel {
        let shown = |word, class, icon| ShownLevel { word, class, icon };
        match level {
            Level::Ok => shown("OK", "is-ok", Icon::Check),
            Level::Attention => shown("Attention", "is-attention", Icon::Triangle),
            Level::Broken => shown("Broken", "is-broken", Icon::Octagon),
        }
    }

    /// The days with the newest first: the day, what webhooks told, and with the sync.
    pub fn days(&self) -> Vec<(String, &Capture)> {
        let day = |at: &Time| at.rfc3339().chars().take(10).collect();
        let all = self.capture_days.iter().rev();
        all.map(|(at, capture)| (day(at), capture)).collect()
    }

    /// The whole in one sentence.
    pub fn sentence(&self) -> String {
        let count = |level| {
            let all = self.report.findings.iter();
            all.filter(|one| one.level == level).count()
        };
        let broken = |count| match count {
            1 => "One of the lines below says that something is broken".to_owned(),
            _ => format!("{count} of the lines below say that something is broken"),
        };
        let wanting = |count| match count {
            1 => "one wants attention".to_owned(),
            _ => format!("{count} want attention"),
        };
        match (count(Level::Broken), count(Level::Attention)) {
            (0, 0) => "Everything is as it should be.".to_owned(),
            (0, 1) => "One of the lines below wants attention.".to_owned(),
            (0, attention) => format!("{attention} of the lines below want attention."),
            (many, 0) => format!("{}.", broken(many)),
            (many, attention) => format!("{}, {}.", broken(many), wanting(attention)),
        }
    }
}
