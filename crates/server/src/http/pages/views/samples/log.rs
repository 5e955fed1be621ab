//! Samples of the error log and of deliveries.

use super::{Maker, NOW, ago, page, trend};
use crate::http::pages::views::deliveries::{
    DeliveriesPage, DeliveryFilter, DeliveryList, DeliveryRow,
};
use crate::http::pages::views::delivery::{DeliveryHead, DeliveryPage, ReplayRow};
use crate::http::pages::views::error_log::{
    ErrorLogPage, IssueDetail, IssueFilter, IssueList, IssueRow,
};
use crate::http::pages::views::event::EventChooser;
use crate::http::pages::views::issue::{EventRow, IncidentLink, IssueHead, IssuePage};
use crate::http::pages::views::parts::{
    Clock, IncidentState, Outcome, ShownLevel, ShownStatus, pretty_json,
};
use crate::http::pages::views::shell::Section;
use epicenter_domain::level::Level;
use epicenter_domain::signal::IssueStatus;

pub(super) fn pages(make: Maker) -> Vec<(&'static str, String)> {
    let mut empty_log = make.error_log();
    empty_log.list.rows.clear();
    empty_log.list.next_cursor = None;
    let mut further_log = empty_log.clone();
    further_log.list.next_cursor = make.some("abc");
    let mut no_deliveries = make.deliveries();
    no_deliveries.list.rows.clear();
    no_deliveries.list.next_cursor = None;
    let mut further_deliveries = no_deliveries.clone();
    further_deliveries.list.next_cursor = make.some("abc");
    let mut gone = make.delivery();
    gone.body = None;
    gone.headers.clear();
    gone.head.can_replay = false;
    gone.head.outcome = Outcome::NotUnderstood;
    gone.head.replay_of = Some("dlv_01kdzq0000".to_owned());
    vec![
        page("error-log", &make.error_log()),
        page("error-log-empty", &empty_log),
        page("error-log-further", &further_log),
        page("issue", &make.issue()),
        page("deliveries", &make.deliveries()),
        page("deliveries-empty", &no_deliveries),
        page("deliveries-further", &further_deliveries),
        page("delivery", &make.delivery()),
        page("delivery-gone", &gone),
    ]
}

impl Maker {
    fn error_log(self) -> ErrorLogPage {
        let row = |id: i64, title: &str, level, status| IssueRow {
            id: id.to_string(),
            title: self.t(title),
            short_id: self.some(&format!("SHOP-API-{id:X}")),
            level: ShownLevel(level),
            status: ShownStatus(status),
            substatus: (id % 3 == 2).then(|| self.t("regressed")),
            culprit: self.some("shop.checkout.reserve in reserve"),
            project: self.some("shop-api"),
            environment: self.some("production"),
            release: self.some("shop-api@4.12.0"),
            event_count: id * 311,
            user_count: id * 7,
            first_seen_at: ago(id * 1_900),
            last_seen_at: ago(id),
            trend: trend(24, id, id * 9),
            updated_at: ago(id),
        };
        let open = IssueStatus::Unresolved;
        ErrorLogPage {
            shell: self.shell(Section::ErrorLog),
            list: IssueList {
                clock: Clock(NOW),
                filter: IssueFilter::default(),
                counts: Some((31, 1_204, 12)),
                rows: vec![
                    row(
                        1,
                        "CheckoutError: could not reserve stock for order 80231",
                        Level::Fatal,
                        open,
                    ),
                    row(
                        2,
                        "TypeError: Cannot read properties of undefined (reading 'total')",
                        Level::Error,
                        open,
                    ),
                    row(
                        3,
                        "Slow query on orders",
                        Level::Warning,
                        IssueStatus::Ignored,
                    ),
                    row(
                        5,
                        "Cache warmed in 41 s",
                        Level::Info,
                        IssueStatus::Resolved,
                    ),
                    row(
                        8,
                        "ValueError: invalid literal for int() with base 10: 'SKU-88'",
                        Level::Debug,
                        open,
                    ),
                ],
                next_cursor: self.some("abc"),
                has_issues: true,
            },
            projects: vec![("shop-api".to_owned(), self.t("Shop API"))],
        }
    }

    pub(super) fn issue(self) -> IssuePage {
        let event = |minutes: i64| EventRow {
            event_id: format!("9f4c1f4a6d3e4b0b{minutes:016x}"),
            href: format!("/error-log/17?event={minutes}"),
            at: ago(minutes),
            title: self.t("could not reserve stock for order 80231"),
            environment: self.some("production"),
            release: self.some("shop-api@4.12.0"),
            is_current: minutes == 1,
        };
        IssuePage {
            shell: self.shell(Section::ErrorLog),
            head: self.issue_head(),
            detail: IssueDetail {
                clock: Clock(NOW),
                csrf: "csrf-token".to_owned(),
                id: "17".to_owned(),
                status: ShownStatus(IssueStatus::Unresolved),
                sentry: self.link("issues/4711/"),
                incident: Some(128),
                event: Some(self.event()),
                back: "/error-log/17".to_owned(),
            },
            chooser: EventChooser {
                is_latest: false,
                latest: Some("/error-log/17".to_owned()),
                newer: Some("/error-log/17?event=1".to_owned()),
                older: Some("/error-log/17?event=3".to_owned()),
                stored_count: 41,
            },
            events: [1, 4, 9, 16].map(event).to_vec(),
            older_events: Some("/error-log/17?event=16".to_owned()),
            incidents: vec![IncidentLink {
                number: 128,
                state: IncidentState::Triggered,
                opened_at: ago(60),
            }],
            told: self.told(),
            timeline: self.timeline(),
        }
    }

    fn issue_head(self) -> IssueHead {
        IssueHead {
            clock: Clock(NOW),
            id: "17".to_owned(),
            title: self.t("CheckoutError: could not reserve stock for order 80231"),
            short_id: self.some("SHOP-API-3F"),
            level: ShownLevel(Level::Fatal),
            status: ShownStatus(IssueStatus::Unresolved),
            substatus: self.some("regressed"),
            status_note: self.some("was resolved in shop-api@4.11.2"),
            culprit: self.some("shop.checkout.reserve in reserve"),
            project: self.some("shop-api"),
            environment: self.some("production"),
            release: self.some("shop-api@4.12.0"),
            platform: self.some("python"),
            assignee: self.some("Ada Lovelace"),
            event_count: 1_284,
            user_count: 207,
            first_seen_at: ago(9_000),
            last_seen_at: ago(1),
            trend: trend(72, 3, 90),
            marks: vec![self.mark()],
        }
    }

    fn delivery_rows(self) -> Vec<DeliveryRow> {
        let row = |minutes: i64, resource: &str, action: &str, outcome, reason: &str| DeliveryRow {
            id: format!("dlv_01kdzq5m{minutes:02}"),
            received_at: ago(minutes),
            integration: self.t("Sentry production"),
            resource: self.t(resource),
            action: action.to_owned(),
            outcome,
            reason: self.t(reason),
            proof: if outcome == Outcome::Refused {
                "none"
            } else {
                "signature"
            }
            .to_owned(),
            duration_ms: (outcome != Outcome::Refused).then_some(4 + minutes),
            size: 4_000 + minutes * 991,
            is_replay: minutes == 9,
            incident: (outcome == Outcome::Applied).then_some(128),
        };
        vec![
            row(
                0,
                "issue",
                "created",
                Outcome::Pending,
                "Stored; waits to be applied.",
            ),
            row(
                1,
                "event_alert",
                "triggered",
                Outcome::Applied,
                "The rule “Checkout errors” fired: one more event.",
            ),
            row(
                2,
                "issue",
                "resolved",
                Outcome::Duplicate,
                "The same resolve was applied before.",
            ),
            row(
                3,
                "comment",
                "created",
                Outcome::Ignored,
                "A comment on an issue that is not known here.",
            ),
            row(
                5,
                "seer",
                "plan_revised",
                Outcome::NotUnderstood,
                "The action “plan_revised” is not known. It is kept and can be replayed after an update.",
            ),
            row(
                7,
                "issue",
                "created",
                Outcome::Refused,
                "The signature does not match any active secret.",
            ),
            row(
                9,
                "error",
                "created",
                Outcome::Parked,
                "Failed five times: row is too long.",
            ),
        ]
    }

    fn deliveries(self) -> DeliveriesPage {
        DeliveriesPage {
            shell: self.shell(Section::Deliveries),
            list: DeliveryList {
                clock: Clock(NOW),
                filter: DeliveryFilter {
                    incident: "128".to_owned(),
                    ..DeliveryFilter::default()
                },
                rows: self.delivery_rows(),
                next_cursor: self.some("abc"),
            },
            integrations: vec![("1".to_owned(), self.t("Sentry production"))],
            resources: vec!["issue".to_owned(), "event_alert".to_owned()],
        }
    }

    fn delivery(self) -> DeliveryPage {
        let title = self
            .t("CheckoutError: <b> café")
            .replace('\\', "")
            .replace('"', "\\\"");
        let body = format!(
            "{{\"action\":\"triggered\",\"installation\":{{\"uuid\":\"7a485448-a9e2-4c85-8a3c-4f44175783c9\"}},\
             \"data\":{{\"event\":{{\"event_id\":\"9f4c1f4a6d3e4b0bb0f5c2d1e8a70b11\",\"title\":\"{title}\",\
             \"timestamp\":1767693601.904,\"tags\":[[\"environment\",\"production\"],[\"handled\",\"no\"]],\
             \"release\":null,\"big\":12345678901234567890123}},\"triggered_rule\":\"Checkout errors\"}},\
             \"actor\":{{\"type\":\"application\",\"id\":\"sentry\",\"name\":\"Sentry\"}}}}"
        );
        let head = DeliveryHead {
            clock: Clock(NOW),
            csrf: "csrf-token".to_owned(),
            id: "dlv_01kdzq5m8w".to_owned(),
            received_at: ago(1),
            integration: ("1".to_owned(), self.t("Sentry production")),
            resource: "event_alert".to_owned(),
            action: self.t("triggered"),
            outcome: Outcome::Applied,
            reason: self.t("The rule “Checkout errors” fired: one more event of incident #128."),
            proof: "signature over the raw bytes".to_owned(),
            secret_label: self.some("Sentry, January"),
            attempts: 1,
            duration_ms: Some(7),
            applied_at: Some(ago(1)),
            size: 11_204,
            incident: Some(128),
            issue: Some((
                "17".to_owned(),
                self.t("CheckoutError: could not reserve stock"),
            )),
            replay_of: None,
            replays: vec![ReplayRow {
                id: "dlv_01kdzr0000".to_owned(),
                at: ago(0),
                outcome: Outcome::Duplicate,
                reason: self.t("The same event is stored already."),
            }],
            can_replay: true,
        };
        DeliveryPage {
            shell: self.shell(Section::Deliveries),
            head,
            headers: [
                ("content-type", "application/json"),
                ("request-id", "4b0e5d9ad1f04a2fa4a3c4d3b1a8e101"),
                ("sentry-hook-resource", "event_alert"),
                ("sentry-hook-timestamp", "1767693601"),
                ("sentry-hook-signature", "(removed)"),
            ]
            .map(|(name, value)| (self.t(name), self.t(value)))
            .to_vec(),
            body: Some(pretty_json(body.as_bytes(), 200_000)),
            retention_days: 14,
        }
    }
}
