//! Sample incidents.

use super::{Maker, NOW, ago, page, trend};
use crate::http::pages::views::event::EventChooser;
use crate::http::pages::views::group::{GroupPanel, GroupRow};
use crate::http::pages::views::grouping::{GroupRuleForm, GroupingPage};
use crate::http::pages::views::incident::{AlertRow, IncidentFacts, IncidentHead, IncidentPage};
use crate::http::pages::views::incidents::{
    IncidentCounts, IncidentFilter, IncidentList, IncidentRow, IncidentsPage,
};
use crate::http::pages::views::parts::{Clock, IncidentState, ShownSeverity, Trend};
use crate::http::pages::views::shell::Section;
use crate::http::pages::views::timeline::{Timeline, TimelineLine};
use crate::http::pages::views::write_backs::{WriteBackLine, WriteBackPanel};
use epicenter_domain::level::Severity;
use epicenter_domain::signal::ActorKind;
use epicenter_domain::writeback::WriteState;

pub(super) fn pages(make: Maker) -> Vec<(&'static str, String)> {
    let mut first = make.incidents();
    first.list.rows.clear();
    first.list.counts = IncidentCounts::default();
    first.list.next_cursor = None;
    first.list.has_deliveries = false;
    let mut quiet = first.clone();
    quiet.list.has_deliveries = true;
    let mut none_fits = quiet.clone();
    none_fits.list.filter.severity = "critical".to_owned();
    none_fits.list.filter.q = make.t("nothing");
    let mut not_yet = none_fits.clone();
    not_yet.list.next_cursor = make.some("MTE4");
    let mut over = make.incident();
    over.head.state = IncidentState::Resolved;
    over.head.resolved_at = Some(ago(1));
    over.event = None;
    over.group.rows.clear();
    over.group.merged_into = Some((129, make.t("Payment fails")));
    let mut snoozed = make.incident();
    snoozed.head.state = IncidentState::Snoozed;
    snoozed.head.snoozed_until = Some(NOW.plus_ms(7_200_000));
    snoozed.head.archived_until = make.some("until it escalates");
    snoozed.head.assignee = None;
    snoozed.facts.service = None;
    snoozed.facts.alerts.clear();
    snoozed.timeline.entries.clear();
    vec![
        page("incidents", &make.incidents()),
        page("incidents-first", &first),
        page("incidents-quiet", &quiet),
        page("incidents-none-fits", &none_fits),
        page("incidents-further", &not_yet),
        page("incident", &make.incident()),
        page("incident-over", &over),
        page("incident-snoozed", &snoozed),
        page("grouping", &make.grouping()),
        page("detection", &make.detection()),
        page("inhibitions", &make.inhibitions()),
    ]
}

impl Maker {
    pub(super) fn incidents(self) -> IncidentsPage {
        IncidentsPage {
            shell: self.shell(Section::Incidents),
            list: IncidentList {
                clock: Clock(NOW),
                filter: IncidentFilter {
                    q: self.t("").clone(),
                    ..IncidentFilter::default()
                },
                counts: IncidentCounts {
                    open: 6,
                    triggered: 4,
                    acknowledged: 2,
                    snoozed: 1,
                    resolved: Some(1_204),
                    all: None,
                },
                rows: self.rows(),
                next_cursor: self.some("MTE4"),
                has_deliveries: true,
            },
            services: vec![
                ("1".to_owned(), self.t("Checkout")),
                ("2".to_owned(), self.t("Storefront")),
            ],
        }
    }

    fn rows(self) -> Vec<IncidentRow> {
        vec![
            self.row(
                128,
                "CheckoutError: could not reserve stock for order 80231: database unavailable",
                Severity::Critical,
                IncidentState::Triggered,
            ),
            self.row(
                127,
                "TypeError: Cannot read properties of undefined (reading 'total')",
                Severity::Error,
                IncidentState::Triggered,
            ),
            self.row(
                126,
                "Checkout latency above 2 s",
                Severity::Warning,
                IncidentState::Acknowledged,
            ),
            self.row(
                125,
                "ConnectionResetError: [Errno 104] Connection reset by peer",
                Severity::Error,
                IncidentState::Acknowledged,
            ),
            self.row(
                124,
                "N+1 queries on GET /api/orders",
                Severity::Info,
                IncidentState::Triggered,
            ),
            self.row(
                122,
                "ValueError: invalid literal for int() with base 10: 'SKU-88'",
                Severity::Error,
                IncidentState::Snoozed,
            ),
            self.row(
                121,
                "Stripe webhook signature does not match",
                Severity::Warning,
                IncidentState::Triggered,
            ),
            self.row(
                119,
                "MemoryError",
                Severity::Critical,
                IncidentState::Resolved,
            ),
        ]
    }

    fn row(
        self,
        number: i64,
        title: &str,
        severity: Severity,
        state: IncidentState,
    ) -> IncidentRow {
        let age = (129 - number) * (129 - number) * 11;
        let is_odd = number % 2 == 1;
        IncidentRow {
            number,
            title: self.t(title),
            severity: ShownSeverity(severity),
            state,
            snoozed_until: (state == IncidentState::Snoozed).then(|| NOW.plus_ms(9_000_000)),
            service: self.some(if is_odd { "Storefront" } else { "Checkout" }),
            source: self.t(if is_odd {
                "Sentry - shop-web"
            } else {
                "Sentry - shop-api"
            }),
            short_id: self.some(&format!("SHOP-API-{:X}", number * 3)),
            environment: (number != 126).then(|| self.t("production")),
            release: (number != 126).then(|| self.t("shop-api@4.12.0")),
            culprit: self.some("shop.checkout.reserve in reserve"),
            event_count: (number - 100) * (129 - number) * 37,
            user_count: (number - 100) * 3,
            first_seen_at: ago(age + 40),
            last_seen_at: ago((129 - number) * 2 - 2),
            opened_at: ago(age),
            resolved_at: (state == IncidentState::Resolved).then(|| ago(30)),
            assignee: (number % 3 == 0).then(|| self.t("Ada Lovelace")),
            trend: if number == 126 {
                Trend::default()
            } else {
                trend(24, number, number - 90)
            },
            updated_at: ago(number),
        }
    }

    fn grouping(self) -> GroupingPage {
        GroupingPage {
            shell: self.shell(Section::Settings),
            is_admin: true,
            fault: self.some("there is no field \"x\""),
            is_on: true,
            by_deploy: true,
            by_family: false,
            alike_percent: Some(80),
            is_fixed: false,
            window_seconds: 300,
            rules: vec![GroupRuleForm {
                name: self.t("customer"),
                condition: self.t("environment == 'production'"),
                equal: self.t("tags.customer"),
            }],
        }
    }

    fn group(self) -> GroupPanel {
        let row = |id: &str, leads: bool| GroupRow {
            id: id.to_owned(),
            name: self.t("SHOP-API-2 KeyError: 'sku'"),
            issue_id: leads.then(|| "iss_1".to_owned()),
            is_open: leads,
            leads,
            event_count: 3,
            last_seen_at: ago(4),
            from: None,
            why: self.some("Joined #128: same deploy 1.4.2"),
        };
        GroupPanel {
            clock: Clock(NOW),
            csrf: "csrf".to_owned(),
            number: 128,
            can_act: true,
            merged_into: None,
            rows: vec![row("alr_1", true), row("alr_2", false)],
            others: vec![(127, self.t("Payment fails"))],
        }
    }

    pub(super) fn told(self) -> WriteBackPanel {
        let row = |state, told_at, next_at| WriteBackLine {
            state,
            what: self.t("resolved by Ada"),
            asked_at: ago(4),
            count: 2,
            told_at,
            next_at,
            reason: self.t("Sentry answered 503: it has a problem of its own."),
        };
        WriteBackPanel {
            clock: Clock(NOW),
            rows: vec![
                row(WriteState::Told, Some(ago(3)), None),
                row(WriteState::Waiting, None, Some(ago(-3))),
            ],
        }
    }

    pub(super) fn incident(self) -> IncidentPage {
        IncidentPage {
            shell: self.shell(Section::Incidents),
            head: self.incident_head(),
            suspects: self.suspects(),
            facts: self.incident_facts(),
            group: self.group(),
            told: self.told(),
            why: self.why(),
            similar: self.similar(),
            event: Some(self.event()),
            chooser: EventChooser {
                is_latest: true,
                latest: None,
                newer: None,
                older: Some("/incidents/128?event=1b2c".to_owned()),
                stored_count: 41,
            },
            timeline: self.timeline(),
        }
    }

    fn incident_head(self) -> IncidentHead {
        IncidentHead {
            clock: Clock(NOW),
            csrf: "csrf-token".to_owned(),
            id: "inc_128".to_owned(),
            number: 128,
            title: self
                .t("CheckoutError: could not reserve stock for order 80231: database unavailable"),
            severity: ShownSeverity(Severity::Critical),
            state: IncidentState::Triggered,
            snoozed_until: None,
            archived_until: None,
            short_id: self.some("SHOP-API-3F"),
            assignee: self.some("Ada Lovelace"),
            people: vec![
                ("1".to_owned(), self.t("Ada Lovelace")),
                ("2".to_owned(), self.t("Grace Hopper")),
            ],
            event_count: 1_284,
            user_count: 207,
            first_seen_at: ago(61),
            last_seen_at: ago(1),
            opened_at: ago(60),
            acknowledged_at: Some(ago(55)),
            resolved_at: None,
            trend: trend(72, 5, 140),
            marks: vec![self.mark()],
            sentry: self.link("issues/4711/"),
            newer: None,
            older: Some(127),
        }
    }

    fn incident_facts(self) -> IncidentFacts {
        IncidentFacts {
            clock: Clock(NOW),
            number: 128,
            service: Some(("1".to_owned(), self.t("Checkout"))),
            project: self.some("shop-api"),
            environment: self.some("production"),
            release: self.some("shop-api@4.12.0"),
            culprit: self.some("shop.checkout.reserve in reserve"),
            flapping_since: Some(ago(30)),
            regression: Some((
                self.t("old client"),
                self.t("An old client: it runs shop@1.3.9"),
            )),
            ending: Some((
                Some(ago(-90)),
                self.t("Unless it happens again: 4 hours are enough."),
            )),
            owner: Some((
                self.t("@shop/checkout"),
                self.t("@shop/checkout by CODEOWNERS line 3 \"/shop/\""),
            )),
            source: self.t("Sentry - shop-api"),
            dedup_key: self.t("sentry-4711"),
            issue_id: Some("17".to_owned()),
            sentry: self.link("issues/4711/"),
            delivery_count: 44,
            previous: Some(96),
            alerts: vec![AlertRow {
                dedup_key: self.t("sentry-4711"),
                integration: self.t("Sentry production"),
                is_open: true,
                signal_count: 44,
                opened_at: Some(ago(60)),
                closed_at: None,
            }],
        }
    }

    pub(super) fn timeline(self) -> Timeline {
        let line = |minutes, kind: &str, actor: &str, actor_kind, summary: &str, event: &str| {
            TimelineLine {
                at: ago(minutes),
                occurred_at: (minutes == 60).then(|| ago(61)),
                kind: kind.to_owned(),
                actor: self.t(actor),
                actor_kind,
                summary: self.t(summary),
                body: String::new(),
                cause: (!event.is_empty()).then(|| ("dlv_01kdzq5m8w".to_owned(), self.t(event))),
            }
        };
        let mut note = line(
            48,
            "incident.noted",
            "Ada Lovelace",
            ActorKind::User,
            "Note",
            "",
        );
        note.body =
            self.t("The stock database failed over at 09:01.\nThe pool keeps dead connections.");
        Timeline {
            clock: Clock(NOW),
            entries: vec![
                line(
                    2,
                    "incident.severity_changed",
                    "Sentry",
                    ActorKind::Application,
                    "More urgent: error → critical",
                    "event_alert.triggered",
                ),
                note,
                line(
                    50,
                    "incident.assigned",
                    "Ada Lovelace",
                    ActorKind::User,
                    "Assigned to Ada Lovelace",
                    "",
                ),
                line(
                    55,
                    "incident.acknowledged",
                    "Ada Lovelace",
                    ActorKind::User,
                    "Acknowledged",
                    "",
                ),
                line(
                    60,
                    "incident.opened",
                    "Sentry",
                    ActorKind::Application,
                    "Opened: the rule “Checkout errors” fired",
                    "event_alert.triggered",
                ),
            ],
            older: Some("/incidents/128?before=9".to_owned()),
            newest: Some("/incidents/128#timeline".to_owned()),
        }
    }
}
