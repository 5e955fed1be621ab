//! Samples of settings, of signing in, and of messages.

use super::{Maker, NOW, ago, page};
use crate::http::pages::views::message::{BareMessagePage, Message, MessagePage};
use crate::http::pages::views::settings::{PrivacyRule, SettingsPage, Storage, TokenRow, UserRow};
use crate::http::pages::views::shell::{Section, Shell};
use crate::http::pages::views::sign_in::{LoginPage, SetupPage};

pub(super) fn pages(make: Maker) -> Vec<(&'static str, String)> {
    let mut faulty = make.settings();
    faulty.fault = Some((
        "password".to_owned(),
        make.t("The password now is another one."),
    ));
    faulty.new_token = Some((make.t("release script"), "ept_3kd9…".to_owned()));
    let mut member = make.settings();
    member.is_admin = false;
    let setup = SetupPage {
        shell: Shell {
            csrf: "csrf".to_owned(),
            ..Shell::default()
        },
        token: make.t("one-time"),
        name: make.t("Ada"),
        email: make.t("ada@example.org"),
        error: None,
    };
    let faulty_setup = SetupPage {
        error: make.some("The two passwords differ."),
        ..setup.clone()
    };
    let login = LoginPage {
        next: make.t("/incidents/128"),
        ..LoginPage::default()
    };
    let faulty_login = LoginPage {
        email: make.t("ada@example.org"),
        error: make.some("The e-mail address or the password is wrong."),
        ..login.clone()
    };
    let missing = MessagePage {
        shell: make.shell(Section::Elsewhere),
        message: Message::not_found(),
    };
    let broken = BareMessagePage {
        message: Message::broken(&make.t("req_01kdz")),
    };
    let forbidden = BareMessagePage {
        message: Message::forbidden(&make.t("Ask an admin.")),
    };
    vec![
        page("settings", &make.settings()),
        page("settings-faulty", &faulty),
        page("settings-member", &member),
        page("setup", &setup),
        page("setup-faulty", &faulty_setup),
        page("login", &login),
        page("login-faulty", &faulty_login),
        page("missing", &missing),
        page("broken", &broken),
        page("forbidden", &forbidden),
        page(
            "stale",
            &BareMessagePage {
                message: Message::stale_form(),
            },
        ),
        page(
            "used",
            &BareMessagePage {
                message: Message::set_up_already(),
            },
        ),
    ]
}

impl Maker {
    fn settings(self) -> SettingsPage {
        let rule = |id: &str, sentence: &str, is_on| PrivacyRule {
            id: id.to_owned(),
            sentence: sentence.to_owned(),
            is_on,
        };
        SettingsPage {
            shell: self.shell(Section::Settings),
            is_admin: true,
            fault: None,
            new_token: None,
            tokens: vec![TokenRow {
                id: "1".to_owned(),
                name: self.t("release script"),
                role: "responder".to_owned(),
                hint: "x9Kq".to_owned(),
                created_at: ago(9_000),
                expires_at: Some(NOW.plus_ms(6_000_000_000)),
                last_used_at: Some(ago(12)),
            }],
            users: [
                ("1", "Ada Lovelace", "admin"),
                ("2", "Grace Hopper", "responder"),
            ]
            .map(|(id, name, role)| UserRow {
                id: id.to_owned(),
                name: self.t(name),
                email: self.t("someone@example.org"),
                role: role.to_owned(),
                created_at: ago(90_000),
                is_self: id == "1",
            })
            .to_vec(),
            privacy: vec![
                rule(
                    "headers",
                    "Request headers, cookies and bodies are not stored.",
                    true,
                ),
                rule("user_ip", "IP addresses of users are removed.", true),
                rule("emails", "E-mail addresses in texts are replaced.", false),
            ],
            storage: Storage {
                engine: "SQLite".to_owned(),
                size: 412_000_000,
                cap: Some(2_000_000_000),
                lines: vec![
                    (
                        "Deliveries".to_owned(),
                        "1,204,311, kept for 14 days".to_owned(),
                    ),
                    ("Issues".to_owned(), "8,120".to_owned()),
                    ("Events".to_owned(), "310,442".to_owned()),
                ],
            },
            about: vec![(
                "Address".to_owned(),
                self.t("https://epicenter.example.org"),
            )],
        }
    }
}
