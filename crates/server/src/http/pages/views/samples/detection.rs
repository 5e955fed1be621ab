//! The settings of detection and inhibition.

use super::{Maker, NOW, ago};
use crate::http::pages::views::parts::Clock;
use crate::http::pages::views::{
    DetectionPage, InhibitionForm, InhibitionsPage, MutedRow, NumberField, ReactionField, Section,
};

impl Maker {
    pub(super) fn detection(self) -> DetectionPage {
        DetectionPage {
            shell: self.shell(Section::Settings),
            clock: Clock(NOW),
            is_admin: true,
            can_act: true,
            fault: self.some("spike_times must be between 2 and 1000"),
            is_own: true,
            service: Some(("svc_1".to_owned(), self.t("Payments"))),
            services: vec![("svc_1".to_owned(), self.t("Payments"))],
            reactions: vec![ReactionField {
                name: "spike",
                label: "A spike: many more events in a minute than usual",
                chosen: "open",
            }],
            numbers: vec![NumberField {
                name: "spike_times",
                label: "A spike is so many times the usual",
                value: 3,
            }],
            auto_resolve: "gaps",
            auto_resolve_numbers: vec![NumberField {
                name: "auto_resolve_minutes",
                label: "A fixed quiet time is so many minutes",
                value: 240,
            }],
            muted: vec![MutedRow {
                id: "iss_1".to_owned(),
                name: self.t("SHOP-API-2"),
                title: self.t("KeyError: 'sku'"),
                why: "resolved in the next release",
                events: 357_000,
                since: ago(90_000),
                last_seen_at: ago(1),
            }],
            muted_count: 21,
        }
    }

    pub(super) fn inhibitions(self) -> InhibitionsPage {
        InhibitionsPage {
            shell: self.shell(Section::Settings),
            is_admin: true,
            fault: self.some("there is no field \"x\""),
            rules: vec![InhibitionForm {
                name: self.t("A metric alert mutes the issues of its project"),
                source: self.t("kind == \"metric\""),
                target: self.t("kind == \"issue\""),
                equal: self.t("project"),
                equal_if_known: self.t("environment"),
                within_seconds: Some(600),
            }],
        }
    }
}
