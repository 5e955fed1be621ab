//! Samples of integrations and services.

use super::{Maker, NOW, ago, page};
use crate::http::pages::views::integration::{
    Alias, ConnectionRow, DoctorAnswer, IntegrationPage, Pulse, PulseRow, RefusedRow, SecretRow,
    TestKind,
};
use crate::http::pages::views::integrations::{
    Health, IntegrationForm, IntegrationList, IntegrationRow, IntegrationsPage,
};
use crate::http::pages::views::parts::{Clock, Outcome};
use crate::http::pages::views::services::{
    OwnerForm, ServiceForm, ServicePage, ServiceRow, ServicesPage,
};
use crate::http::pages::views::shell::{Choice, Section};
use epicenter_domain::writeback::Scope;

const PUSH_URL: &str = "https://epicenter.example.org/hooks/k7p2m9x4c1v8b5n3";

pub(super) fn pages(make: Maker) -> Vec<(&'static str, String)> {
    let mut none = make.integrations();
    none.list.rows.clear();
    none.form.error = make.some("There is an integration of this name already.");
    let mut no_services = make.services();
    no_services.rows.clear();
    no_services.form.error = make.some("A service needs a name.");
    let service = ServicePage {
        shell: make.shell(Section::Services),
        is_admin: true,
        chart: make.event_chart("service-chart"),
        owner: OwnerForm {
            teams: Choice::list([("", "no team"), ("tem_1", &make.t("Shop"))], "tem_1"),
            policies: Choice::list(
                [("", "nobody"), ("esc_1", &make.t("Day and night"))],
                "esc_1",
            ),
        },
        service: make.service(3),
        form: ServiceForm {
            name: make.t("Checkout"),
            projects: make.t("shop-api\nshop-jobs"),
            error: None,
        },
    };
    vec![
        page("integrations", &make.integrations()),
        page("integrations-none", &none),
        page("integration", &make.integration(Health::Receiving)),
        page("integration-waiting", &make.integration(Health::Waiting)),
        page("integration-secret", &make.integration(Health::NeedsSecret)),
        page("integration-refusing", &make.integration(Health::Refusing)),
        page(
            "integration-removed",
            &make.integration(Health::Uninstalled),
        ),
        page("services", &make.services()),
        page("services-none", &no_services),
        page("service", &service),
    ]
}

impl Maker {
    fn integrations(self) -> IntegrationsPage {
        let row = |id: &str, name: &str, health| IntegrationRow {
            id: id.to_owned(),
            kind: "sentry".to_owned(),
            name: self.t(name),
            service: (id == "2").then(|| self.t("Checkout")),
            push_url: PUSH_URL.to_owned(),
            is_default: id == "1",
            health,
            last_delivery_at: (id != "3").then(|| ago(1)),
            last_refused: (id == "2").then(|| {
                (
                    ago(4),
                    self.t("The signature does not match: it was made with another secret."),
                )
            }),
            day_count: 412,
        };
        IntegrationsPage {
            shell: self.shell(Section::Integrations),
            list: IntegrationList {
                clock: Clock(NOW),
                rows: vec![
                    row("1", "Sentry", Health::Receiving),
                    row("2", "Sentry of the checkout team", Health::Refusing),
                    row("3", "Legacy plugin", Health::Waiting),
                ],
            },
            form: IntegrationForm::default(),
            services: vec![("1".to_owned(), self.t("Checkout"))],
        }
    }

    fn integration(self, health: Health) -> IntegrationPage {
        let is_refusing = health == Health::Refusing;
        IntegrationPage {
            shell: self.shell(Section::Integrations),
            id: "2".to_owned(),
            name: self.t("Sentry production"),
            kind: "sentry".to_owned(),
            service: "1".to_owned(),
            services: vec![("1".to_owned(), self.t("Checkout"))],
            is_unsigned: health == Health::Waiting,
            is_default: false,
            push_url: PUSH_URL.to_owned(),
            aliases: self.aliases(),
            reach_warning: (health == Health::Waiting).then(|| {
                self.t("Sentry's servers cannot reach 127.0.0.1. Set public_url to an address on the internet, behind a proxy with TLS.")
            }),
            secrets: if health == Health::NeedsSecret { Vec::new() } else { self.secrets() },
            pulse: self.pulse(health),
            tests: [
                ("issue.created", "Opens an incident."),
                ("event_alert.triggered", "Opens an incident with a stack trace."),
                ("issue.resolved", "Resolves the incident of the tests above."),
                ("metric_alert.critical", "Opens a critical incident without an issue."),
                ("seer.unheard_of", "Is kept as “not understood”."),
            ]
            .map(|(id, explanation)| TestKind {
                id: id.to_owned(),
                label: id.to_owned(),
                explanation: explanation.to_owned(),
            })
            .to_vec(),
            connections: connections(self),
            doctor: is_refusing.then(|| DoctorAnswer {
                is_right: false,
                sentence: self.t("This is not the secret that the request was signed with; copy the client secret (not the client id, not a token) of the same integration."),
                sample_count: 3,
            }),
        }
    }

    fn aliases(self) -> Vec<Alias> {
        [
            ("PushLog and the error log", "/api/webhooks/sentry"),
            ("OpsKnight", "/api/integrations/sentry?integrationId=2"),
            ("Lightfast", "/api/sentry/webhooks"),
            (
                "Flashduty",
                "/event/push/alert/sentry?integration_key=k7p2m9x4c1v8b5n3",
            ),
        ]
        .map(|(label, path)| Alias {
            label: self.t(label),
            url: format!("https://epicenter.example.org{path}"),
        })
        .to_vec()
    }

    fn secrets(self) -> Vec<SecretRow> {
        let secret = |id: &str, label: &str| SecretRow {
            id: id.to_owned(),
            label: self.t(label),
            created_at: ago(60_000),
            expires_at: None,
            is_expired: false,
            last_matched_at: Some(ago(1)),
            from_environment: false,
        };
        vec![
            SecretRow {
                from_environment: true,
                ..secret("1", "SENTRY_WEBHOOK_SECRET")
            },
            secret("2", "Sentry, January"),
            SecretRow {
                expires_at: Some(ago(100)),
                is_expired: true,
                last_matched_at: None,
                ..secret("3", "Sentry, December")
            },
        ]
    }

    fn pulse(self, health: Health) -> Pulse {
        let row = |minutes: i64, event: &str, incident| PulseRow {
            id: format!("dlv_{minutes}"),
            at: ago(minutes),
            event: self.t(event),
            proof: "signature matches".to_owned(),
            outcome: Outcome::Applied,
            incident,
        };
        let refused = |minutes: i64, sentence: &str| RefusedRow {
            at: ago(minutes),
            event: self.t("issue"),
            sentence: self.t(sentence),
            delivery: Some(format!("dlv_r{minutes}")),
        };
        Pulse {
            clock: Clock(NOW),
            id: "2".to_owned(),
            health,
            latest: match health {
                Health::Receiving | Health::Refusing => vec![
                    row(1, "event_alert.triggered", Some(128)),
                    row(6, "issue.created", Some(127)),
                    row(9, "issue.assigned", None),
                ],
                _ => Vec::new(),
            },
            refused: if health == Health::Refusing {
                vec![
                    refused(
                        0,
                        "A signature is present but does not match: is the secret another integration's?",
                    ),
                    refused(2, "The request is not signed."),
                ]
            } else {
                Vec::new()
            },
            refused_count: 14,
        }
    }

    fn service(self, open_count: i64) -> ServiceRow {
        ServiceRow {
            id: "1".to_owned(),
            name: self.t("Checkout"),
            projects: vec![self.t("shop-api"), self.t("shop-jobs")],
            open_count,
            integration_count: 1,
            is_default: open_count == 0,
            holds_transients: true,
        }
    }

    fn services(self) -> ServicesPage {
        ServicesPage {
            shell: self.shell(Section::Services),
            rows: vec![self.service(3), self.service(0)],
            form: ServiceForm::default(),
        }
    }
}

/// One that works, and one whose token may not do enough.
fn connections(make: Maker) -> Vec<ConnectionRow> {
    let row = ConnectionRow {
        id: "snc_0000000000001".to_owned(),
        base_url: "https://sentry.io".to_owned(),
        organization: make.t("harbor-goods"),
        projects: String::new(),
        from_environment: true,
        has_token: true,
        synced_until: Some(NOW.plus_ms(-60_000)),
        held_until: None,
        checked_at: Some(NOW.plus_ms(-3_600_000)),
        fault: None,
        token_expires_at: Some(NOW.plus_ms(9 * 86_400_000)),
        last_run: make.some("done: 412 issues on 5 pages, 3 new"),
        told: (None, Scope::Status),
        refusal: None,
    };
    let other = ConnectionRow {
        id: "snc_0000000000002".to_owned(),
        base_url: "https://sentry.harbor.example".to_owned(),
        organization: make.t("harbor"),
        projects: "shop, web".to_owned(),
        from_environment: false,
        synced_until: None,
        held_until: Some(NOW.plus_ms(60_000)),
        fault: make.some("The token lacks the scope event:read."),
        told: (Some(Scope::All), Scope::All),
        refusal: make.some("Sentry answered 403."),
        ..row.clone()
    };
    vec![row, other]
}
