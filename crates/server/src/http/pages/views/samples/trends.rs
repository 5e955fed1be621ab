//! The page Trends, and charts of other pages.

use super::{Maker, NOW, ago, page, trend};
use crate::http::pages::views::parts::{Chart, Clock, DeployMark, Series};
use crate::http::pages::views::shell::Section;
use crate::http::pages::views::trends::{MoverList, MoverRow, TrendFilter, TrendsPage};
use epicenter_domain::change::judge::DeployVerdict;
use epicenter_domain::time::{DAY_MS, MINUTE_MS};
use epicenter_domain::trend::handling::{Durations, Handling};

pub(super) fn pages(make: Maker) -> Vec<(&'static str, String)> {
    let mut none = make.trends();
    none.filter.environment = String::new();
    none.filter.service = String::new();
    none.events = Chart::default();
    none.incidents = Chart::default();
    none.handling = Handling::default();
    vec![page("trends", &make.trends()), page("trends-none", &none)]
}

impl Maker {
    /// A deploy that is under suspicion.
    pub(super) fn mark(self) -> DeployMark {
        DeployMark {
            id: "dep_2".to_owned(),
            name: self.t("web@1.4.2 → production"),
            at: ago(95),
            verdict: DeployVerdict::Suspicious,
        }
    }

    /// Events by level, with a deploy.
    pub(super) fn event_chart(self, id: &'static str) -> Chart {
        let quiet = trend(72, 3, 160);
        let series = |name: &str, class, seed, peak| Series {
            name: self.t(name),
            class,
            counts: trend(72, seed, peak).counts,
        };
        Chart {
            id,
            what: ("event", "events"),
            clock: Clock(NOW),
            from: quiet.from,
            step_ms: quiet.bucket_ms,
            series: vec![
                series("error", "s-error", 3, 160),
                series("warning", "s-warning", 5, 90),
                series("fatal", "s-fatal", 8, 20),
            ],
            is_stacked: true,
            marks: vec![self.mark()],
        }
    }

    #[expect(clippy::too_many_lines, reason = "one page with everything on it")]
    fn trends(self) -> TrendsPage {
        let lasted = |count, minutes: i64| {
            Some(Durations {
                count,
                mean_ms: minutes * MINUTE_MS,
                median_ms: minutes * MINUTE_MS / 2,
                p90_ms: minutes * MINUTE_MS * 3,
            })
        };
        let handling = |opened, still_open| Handling {
            opened,
            still_open,
            to_acknowledge: lasted(opened - 1, 9),
            to_resolve: lasted(opened - still_open, 140),
        };
        let row = |name: &str, before, after, change: &str| MoverRow {
            name: self.t(name),
            href: "/error-log/iss_1".to_owned(),
            place: self.t("shop-api · SHOP-12"),
            events: (before, after),
            change: change.to_owned(),
        };
        let grew = vec![row(
            "OperationalError: server closed",
            12,
            240,
            "20 times as many",
        )];
        let fell = vec![row("TypeError: undefined", 90, 0, "gone")];
        let events = self.event_chart("event-chart");
        TrendsPage {
            shell: self.shell(Section::Trends),
            filter: TrendFilter {
                service: "svc_1".to_owned(),
                project: String::new(),
                environment: self.t("production"),
                range: "7d".to_owned(),
            },
            services: vec![("svc_1".to_owned(), self.t("Checkout"))],
            projects: vec![self.t("shop-api")],
            environments: vec![self.t("production")],
            incidents: Chart {
                id: "incident-chart",
                what: ("change", "changes"),
                is_stacked: false,
                marks: Vec::new(),
                ..events.clone()
            },
            events,
            handling: handling(12, 2),
            weeks: vec![
                (NOW.plus_ms(-2 * DAY_MS), handling(9, 2)),
                (NOW.plus_ms(-9 * DAY_MS), Handling::default()),
            ],
            by_service: vec![
                (self.t("Checkout"), handling(8, 1)),
                (self.t("Search"), handling(4, 1)),
            ],
            is_cut: true,
            movers: vec![
                MoverList {
                    title: "Issues that grew",
                    rows: grew,
                },
                MoverList {
                    title: "Issues that fell",
                    rows: fell,
                },
                MoverList {
                    title: "Projects that fell",
                    rows: Vec::new(),
                },
            ],
            hours: (0..24).map(|hour| hour * hour).collect(),
        }
    }
}
