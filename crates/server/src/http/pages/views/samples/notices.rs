//! Samples of destinations, silences and notifications.

use super::{Maker, NOW, ago, page};
use crate::http::pages::views::destinations::{
    ChannelField, DestinationForm, DestinationPage, DestinationRow, DestinationsPage, DigestForm,
    WhenForm,
};
use crate::http::pages::views::maintenance::{MaintenanceForm, MaintenancePart, MaintenanceRow};
use crate::http::pages::views::notifications::{
    AttemptRow, NotificationFilter, NotificationPage, NotificationRow, NotificationsPage,
};
use crate::http::pages::views::parts::Clock;
use crate::http::pages::views::shell::{Choice, Section};
use crate::http::pages::views::silences::{
    ConditionRow, Impact, SilenceForm, SilenceRow, SilencesPage,
};
use crate::http::pages::views::why::{WhyPanel, WhyRow};
use epicenter_domain::time::HOUR_MS;

pub(super) fn pages(make: Maker) -> Vec<(&'static str, String)> {
    let mut first = make.destinations();
    first.rows.clear();
    first.error = make.some("name is taken.");
    let mut off = make.destination();
    off.row = make.destination_row(false);
    (off.when.has_more_quiet, off.when.has_more_rates) = (true, true);
    let mut quiet = make.silences();
    quiet.rows.clear();
    quiet.ended.clear();
    quiet.maintenance.rows.clear();
    quiet.maintenance.form.error = make.some("name: must have 1 to 200 characters");
    quiet.form.impact = None;
    quiet.form.warning = None;
    quiet.form.error = make.some("condition: there is no field \"colour\".");
    let mut nothing = make.notifications();
    nothing.rows.clear();
    nothing.next_cursor = None;
    nothing.filter = NotificationFilter::default();
    let mut none_fits = nothing.clone();
    none_fits.filter.incident = "128".to_owned();
    vec![
        page("destinations", &make.destinations()),
        page("destinations-first", &first),
        page("destination", &make.destination()),
        page("destination-off", &off),
        page("silences", &make.silences()),
        page("silences-first", &quiet),
        page("notifications", &make.notifications()),
        page("notifications-first", &nothing),
        page("notifications-none-fits", &none_fits),
        page("notification", &make.notification()),
    ]
}

impl Maker {
    fn destination_row(self, is_enabled: bool) -> DestinationRow {
        DestinationRow {
            id: "dst_1".to_owned(),
            name: self.t("Team chat"),
            channel: "Slack, bot".to_owned(),
            place: self.t("#alerts"),
            services: if is_enabled {
                Vec::new()
            } else {
                vec![self.t("Checkout")]
            },
            least_severity: (!is_enabled).then(|| "error".to_owned()),
            is_enabled,
            disabled_why: if is_enabled {
                None
            } else {
                self.some("channel_not_found")
            },
            failing_since: is_enabled.then(|| ago(90)),
        }
    }

    fn destination_form(self) -> DestinationForm {
        let field = |name: &str, label: &str, value: &str, is_secret| ChannelField {
            name: name.to_owned(),
            label: label.to_owned(),
            value: if is_secret {
                String::new()
            } else {
                self.t(value)
            },
            placeholder: "set; empty: stays".to_owned(),
            is_secret,
            is_required: true,
        };
        DestinationForm {
            channel: "slack_bot".to_owned(),
            channel_name: "Slack, bot".to_owned(),
            help: "One card for each incident, edited in place, with buttons.".to_owned(),
            is_open: true,
            name: self.t("Team chat"),
            fields: vec![
                field("token", "Bot token", "", true),
                field("channel_name", "Channel", "#alerts", false),
            ],
            services: Choice::list([("svc_1", self.t("Checkout"))], "svc_1"),
            severities: Choice::list([("", "all"), ("error", "error and worse")], "error"),
        }
    }

    fn destinations(self) -> DestinationsPage {
        DestinationsPage {
            shell: self.shell(Section::Notices),
            is_admin: true,
            rows: vec![self.destination_row(true), self.destination_row(false)],
            forms: vec![self.destination_form()],
            error: None,
        }
    }

    fn destination(self) -> DestinationPage {
        DestinationPage {
            shell: self.shell(Section::Notices),
            is_admin: true,
            row: self.destination_row(true),
            form: self.destination_form(),
            when: WhenForm {
                observations: Some("also"),
                wants_resolved: true,
                urgent_wait_s: "10".to_owned(),
                wait_s: "30".to_owned(),
                repeat_min: "240".to_owned(),
                quiet_from: self.t("22:00"),
                quiet_until: "07:00".to_owned(),
                zone: "Europe/Paris".to_owned(),
                has_more_quiet: false,
                most: "20".to_owned(),
                has_more_rates: false,
            },
            digest: DigestForm {
                at: self.t("09:00"),
                zone: "Europe/Paris".to_owned(),
            },
            slack_urls: Some((
                "https://epicenter.example/hooks/slack/interactive".to_owned(),
                "https://epicenter.example/hooks/slack/command".to_owned(),
            )),
            error: self.some("target.token is needed."),
        }
    }

    fn silence_row(self, state: &'static str) -> SilenceRow {
        SilenceRow {
            id: "sil_1".to_owned(),
            condition: self.t("project == \"shop-api\" && users < 50"),
            state,
            starts_at: ago(-30),
            ends_at: NOW.plus_ms(4 * HOUR_MS),
            until: self.t("until 50 users are affected"),
            is_weekly: state == "pending",
            author: self.t("Ada Lovelace"),
            comment: self.t("Known; mended in the next release"),
        }
    }

    fn silences(self) -> SilencesPage {
        let row = |place| ConditionRow {
            place,
            fields: Choice::list([("project", "project"), ("title", "title")], "project"),
            operators: Choice::list([("is", "is"), ("contains", "contains")], "is"),
            value: self.t("shop-api"),
        };
        SilencesPage {
            shell: self.shell(Section::Notices),
            is_responder: true,
            rows: vec![self.silence_row("active"), self.silence_row("pending")],
            ended: vec![self.silence_row("expired")],
            maintenance: self.maintenance(),
            form: SilenceForm {
                rows: vec![row(0), row(1)],
                text: self.t(""),
                hours: Choice::list([("4", "4 hours")], "4"),
                until_release: self.t("shop@1.4.2"),
                until_users: "50".to_owned(),
                comment: self.t("Known"),
                error: None,
                warning: self.some("It mutes everything"),
                impact: Some(Impact {
                    count: "2 of 5 open incidents".to_owned(),
                    week: "7 of 90 in the last 7 days".to_owned(),
                    incidents: vec![(128, self.t("OperationalError"))],
                }),
            },
        }
    }

    fn maintenance(self) -> MaintenancePart {
        let row = |is_active: bool| MaintenanceRow {
            id: "mnt_1".to_owned(),
            name: self.t("Move of the database"),
            services: if is_active {
                self.t("Shop")
            } else {
                String::new()
            },
            condition: if is_active {
                self.t("environment == \"staging\"")
            } else {
                String::new()
            },
            starts_at: ago(60),
            ends_at: is_active.then(|| NOW.plus_ms(HOUR_MS)),
            weekly: if is_active {
                String::new()
            } else {
                self.t("sunday 02:00 to 04:00 (UTC)")
            },
            is_active,
        };
        let shell = self.shell(Section::Notices);
        MaintenancePart {
            clock: shell.clock,
            csrf: shell.csrf,
            is_responder: true,
            rows: vec![row(true), row(false)],
            form: MaintenanceForm {
                name: self.t("Move"),
                services: Choice::list([("", "All services")], ""),
                condition: self.t("environment == \"staging\""),
                hours: Choice::list([("2", "2 hours")], "2"),
                days: Choice::list([("monday", "monday")], "monday"),
                from: "22:00".to_owned(),
                until: "02:00".to_owned(),
                zone: self.t("Europe/Paris"),
                error: None,
            },
        }
    }

    fn notification_row(self, state: &str) -> NotificationRow {
        NotificationRow {
            id: "ntf_1".to_owned(),
            created_at: ago(4),
            kind: "Triggered".to_owned(),
            title: self.t("OperationalError: server closed the connection unexpectedly"),
            incident: Some(128),
            place: self.t("Team chat"),
            state: state.to_owned(),
            attempt_count: 2,
            last_answer: self.some("503 Service Unavailable"),
        }
    }

    fn notifications(self) -> NotificationsPage {
        NotificationsPage {
            shell: self.shell(Section::Notices),
            filter: NotificationFilter {
                state: self.t("failed"),
                ..NotificationFilter::default()
            },
            destinations: vec![("dst_1".to_owned(), self.t("Team chat"))],
            rows: vec![
                self.notification_row("failed"),
                self.notification_row("delivered"),
            ],
            next_cursor: self.some("MTE4"),
        }
    }

    fn notification(self) -> NotificationPage {
        NotificationPage {
            shell: self.shell(Section::Notices),
            row: self.notification_row("failed"),
            summary: self.t("It opened"),
            reason: self.t("It has become critical"),
            due_at: Some(NOW),
            attempts: vec![AttemptRow {
                number: 1,
                at: ago(3),
                took: "120 ms".to_owned(),
                outcome: "refused".to_owned(),
                answer: self.t("404 no_service"),
            }],
            can_replay: true,
        }
    }

    pub(super) fn why(self) -> WhyPanel {
        let row = |verdict, reason: &str| WhyRow {
            id: "dst_1".to_owned(),
            name: self.t("Team chat"),
            verdict,
            reason: self.t(reason),
            until: (verdict == "wait").then_some(NOW),
            told_at: (verdict == "notify").then(|| ago(4)),
            sent: vec![("ntf_1".to_owned(), "delivered".to_owned())],
        };
        WhyPanel {
            clock: Clock(NOW),
            csrf: "csrf-token".to_owned(),
            number: 128,
            is_open: true,
            rows: vec![
                row("notify", "It opened"),
                row("wait", "Quiet hours until 2026-01-06 07:00 UTC"),
                row("suppress", "Silenced by Ada until 2026-01-06 14:00 UTC"),
                row("not_addressed", "It hears only of the service Checkout"),
            ],
        }
    }
}
