//! Pages with believable data, and the same with hostile data. `views::tests` renders all of them
//! and leaves them in `target/page-samples`, to be looked at in a browser.

mod changes;
mod connect;
mod detection;
mod event;
mod health;
mod incident;
mod links;
mod log;
mod memory;
mod notices;
mod on_call;
mod people;
mod routes;
mod trends;

use super::parts::{Clock, IncidentState, SafeLink, ShownSeverity, Trend};
use super::shell::{Bell, BellItem, Flash, Notice, Section, Shell, UserChip};
use askama::Template;
use epicenter_domain::level::Severity;
use epicenter_domain::time::{HOUR_MS, MINUTE_MS, Time};

/// The instant of all samples: 2026-01-06 10:00:01 UTC.
pub(super) const NOW: Time = Time(1_767_693_601_904);

/// What a foreign text ends with in the hostile samples.
pub(super) const HOSTILE: &str =
    "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}&amp;\u{202e}";

/// Makes samples, plain or hostile.
#[derive(Clone, Copy)]
pub(super) struct Maker {
    pub(super) is_hostile: bool,
}

impl Maker {
    /// A text that came from outside.
    fn t(self, text: &str) -> String {
        format!("{text}{}", if self.is_hostile { HOSTILE } else { "" })
    }

    #[expect(clippy::unnecessary_wraps, reason = "for fields that may be absent")]
    fn some(self, text: &str) -> Option<String> {
        Some(self.t(text))
    }

    /// A link that came from outside.
    fn link(self, path: &str) -> Option<SafeLink> {
        if self.is_hostile {
            SafeLink::new("javascript:alert(document.cookie)")
                .or_else(|| SafeLink::new(&format!("https://sentry.io/{path}{HOSTILE}")))
        } else {
            SafeLink::new(&format!("https://acme.sentry.io/{path}"))
        }
    }

    fn shell(self, section: Section) -> Shell {
        let item = |number, title: &str, severity, state, minutes, is_unread| BellItem {
            number,
            title: self.t(title),
            severity: ShownSeverity(severity),
            state,
            triggered_at: ago(minutes),
            is_unread,
        };
        Shell {
            clock: Clock(NOW),
            section,
            csrf: "csrf-token".to_owned(),
            user: UserChip {
                name: self.t("Ada Lovelace"),
                email: "ada@example.org".to_owned(),
            },
            bell: Bell {
                unread: 2,
                items: vec![
                    item(
                        128,
                        "OperationalError: server closed the connection unexpectedly",
                        Severity::Critical,
                        IncidentState::Triggered,
                        2,
                        true,
                    ),
                    item(
                        127,
                        "TypeError: Cannot read properties of undefined (reading 'total')",
                        Severity::Error,
                        IncidentState::Triggered,
                        14,
                        true,
                    ),
                    item(
                        124,
                        "Checkout latency above 2 s",
                        Severity::Warning,
                        IncidentState::Resolved,
                        180,
                        false,
                    ),
                ],
            },
            flash: None,
            notices: Vec::new(),
            version: "0.1.0".to_owned(),
        }
    }
}

/// So many minutes before now.
fn ago(minutes: i64) -> Time {
    NOW.plus_ms(-minutes * MINUTE_MS)
}

/// A trend whose last bars rise to the peak.
fn trend(bars: i64, seed: i64, peak: i64) -> Trend {
    let count = |index: i64| {
        let noise = (index * 7_919 + seed * 104_729) % 11;
        let rise = if index > bars - 5 {
            (index + 5 - bars) * peak / 5
        } else {
            0
        };
        let quiet = i64::from(noise > 3) * noise * peak / 60;
        quiet + rise
    };
    Trend {
        counts: (0..bars).map(count).collect(),
        from: NOW.hour().plus_ms(-(bars - 1) * HOUR_MS),
        bucket_ms: HOUR_MS,
    }
}

fn page(name: &'static str, template: &impl Template) -> (&'static str, String) {
    (name, template.render().expect("it renders"))
}

/// Name and HTML of every sample page.
pub(super) fn pages(make: Maker) -> Vec<(&'static str, String)> {
    let mut all = incident::pages(make);
    all.extend(log::pages(make));
    all.extend(connect::pages(make));
    all.extend(people::pages(make));
    all.extend(on_call::pages(make));
    all.extend(changes::pages(make));
    all.extend(notices::pages(make));
    all.extend(memory::pages(make));
    all.extend(routes::pages(make));
    all.extend(links::pages(make));
    all.extend(health::pages(make));
    all.extend(trends::pages(make));
    let mut troubled = make.incidents();
    troubled.shell.flash = Some(Flash {
        is_error: false,
        text: make.t("Acknowledged #128"),
        undo: Some("undo-token".to_owned()),
    });
    troubled.shell.notices = vec![Notice {
        is_error: true,
        text: make.t("The disk is full: webhooks are answered 503 until there is room."),
        link: Some(("/settings#storage".to_owned(), "Storage".to_owned())),
    }];
    all.push(page("incidents-troubled", &troubled));
    all
}

/// Name and HTML of every fragment.
pub(super) fn fragments(make: Maker) -> Vec<(&'static str, String)> {
    let incident = make.incident();
    let issue = make.issue();
    vec![
        page("fragment-rows", &make.incidents().list),
        page(
            "fragment-bell",
            &super::BellFragment {
                shell: make.shell(Section::Incidents),
            },
        ),
        page("fragment-detail", &issue.detail),
        (
            "fragment-live",
            incident.live_fragment().expect("it renders"),
        ),
        (
            "fragment-live-issue",
            issue.live_fragment().expect("it renders"),
        ),
    ]
}
