//! The health page.

use super::{Maker, NOW, page};
use crate::http::pages::views::{HealthPage, Section};
use epicenter_domain::health::{Capture, Finding, Level, Part, Report};

impl Maker {
    fn health(self) -> HealthPage {
        let line = |part, level, says: &str| {
            Finding::new(part, "code", level, self.t(says)).todo(if level == Level::Ok {
                String::new()
            } else {
                self.t("Look at it.")
            })
        };
        let all = "100.0 % of 1204 webhooks of proven senders in 24 hours were stored.";
        let late = "3 deliveries wait for their verdict, the oldest for 12 seconds.";
        let quiet = "Nothing has come since 2026-01-06T02:00:00.000Z, for 8 hours.";
        HealthPage {
            shell: self.shell(Section::Health),
            report: Report::new(
                NOW,
                vec![
                    line(Part::Deliveries, Level::Ok, all),
                    line(Part::Deliveries, Level::Attention, late),
                    line(Part::Integrations, Level::Broken, quiet).of(&self.t("Shop")),
                    line(
                        Part::Sentry,
                        Level::Attention,
                        "Webhooks told of 80 % of 100 issues.",
                    ),
                    line(Part::Storage, Level::Ok, "The database has 1.2 GiB."),
                ],
            ),
            capture_days: vec![(NOW, day(80, 20)), (NOW, day(9, 0))],
        }
    }
}

fn day(heard: i64, synced: i64) -> Capture {
    Capture {
        heard,
        synced,
        missing: 0,
    }
}

pub(super) fn pages(make: Maker) -> Vec<(&'static str, String)> {
    let well = HealthPage {
        report: Report::new(NOW, Vec::new()),
        ..make.health()
    };
    vec![page("health", &make.health()), page("health-well", &well)]
}
