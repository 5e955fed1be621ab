//! Samples of the routing rules.

use super::{Maker, ago, page};
use crate::http::pages::views::routes::{
    RouteAnswer, RouteEditor, RouteMove, RoutePreview, RouteQuestion, RouteRow, RouteVersionRow,
    RouteVersionsPage, RoutesPage,
};
use crate::http::pages::views::shell::{Choice, Section};
use crate::http::pages::views::silences::ConditionRow;

pub(super) fn pages(make: Maker) -> Vec<(&'static str, String)> {
    let mut first = make.routes();
    first.made = None;
    first.version = 0;
    first.is_changed = false;
    first.drops.clear();
    first.rules.clear();
    (first.editor, first.preview, first.answer) = (None, None, None);
    first.faults.clear();
    let mut reader = make.routes();
    reader.is_admin = false;
    reader.editor = None;
    let mut no_versions = make.route_versions();
    no_versions.rows.clear();
    vec![
        page("routes", &make.routes()),
        page("routes-first", &first),
        page("routes-reader", &reader),
        page("route-versions", &make.route_versions()),
        page("route-versions-first", &no_versions),
    ]
}

impl Maker {
    fn route_row(self, number: &str, depth: usize) -> RouteRow {
        RouteRow {
            place: number.to_owned(),
            number: number.to_owned(),
            depth,
            name: self.t("Payments"),
            when: self.t("project == \"shop-api\" && owner.contains(\"@shop/pay\")"),
            target: self.t("Payments"),
            continues: depth == 1,
            is_off: depth == 2,
            can_up: depth == 2,
            can_down: depth == 1,
            faults: (depth == 2)
                .then(|| self.t("there is no service \"svc_gone\""))
                .into_iter()
                .collect(),
        }
    }

    fn route_editor(self) -> RouteEditor {
        let row = |place: usize| ConditionRow {
            place,
            fields: Choice::list([("project", "project"), ("level", "level")], "level"),
            operators: Choice::list([("is", "is"), ("one_of", "is one of")], "is"),
            value: self.t("fatal"),
        };
        RouteEditor {
            place: "0".to_owned(),
            name: self.t("Payments"),
            is_any: true,
            rows: (0..4).map(row).collect(),
            text: self.t("users > 5"),
            continues: true,
            services: Choice::list([("", "as the rule above"), ("svc_1", &self.t("Web"))], ""),
            table_field: "owner".to_owned(),
            table: self.t("@shop/pay = Payments"),
            destinations: self.t("Team chat"),
            ..RouteEditor::default()
        }
    }

    fn routes(self) -> RoutesPage {
        let mut drop = self.route_row("d0", 1);
        drop.target = "dropped".to_owned();
        drop.continues = false;
        RoutesPage {
            shell: self.shell(Section::Routes),
            is_admin: true,
            is_responder: true,
            version: 7,
            made: Some((self.t("Ada Lovelace"), ago(90))),
            is_changed: true,
            draft: self.t("{\"rules\":[]}"),
            text: self.t("[[rules]]\nname = \"Payments\""),
            drops: vec![drop],
            rules: vec![self.route_row("0", 1), self.route_row("0.0", 2)],
            default_services: Choice::list([("", "the workspace's default service")], ""),
            zone: "Europe/Paris".to_owned(),
            editor: Some(self.route_editor()),
            comment: self.t("Payments go to their own team"),
            faults: vec![self.t("Rules[0].when there is no field \"projct\" (line 1, column 1).")],
            preview: Some(RoutePreview {
                summary: "Of the newest 500 deliveries 40 could open an incident.".to_owned(),
                counts: vec![(self.t("Payments"), 3, 9), ("dropped".to_owned(), 0, 2)],
                moves: vec![RouteMove {
                    delivery_id: "dlv_1".to_owned(),
                    title: self.t("KeyError: 'sku'"),
                    old: self.t("Web"),
                    new: "dropped".to_owned(),
                    why: self.t("Dropped by the rule \"noise\" because level is info"),
                }],
                more: 4,
            }),
            question: RouteQuestion {
                delivery: "dlv_1".to_owned(),
                integrations: Choice::list([("int_1", self.t("Sentry"))], "int_1"),
                resource: "event_alert".to_owned(),
                payload: self.t("{\"action\": \"triggered\"}"),
            },
            answer: Some(RouteAnswer {
                title: self.t("KeyError: 'sku'"),
                end: self.t("Payments"),
                path: vec![self.t("Rule 1 \"Payments\" matched because level is fatal")],
                fields: vec![("project".to_owned(), self.t("shop-api"))],
            }),
        }
    }

    fn route_versions(self) -> RouteVersionsPage {
        let row = |number: i64| RouteVersionRow {
            number,
            made_at: ago(90 - number),
            actor: self.t("Ada Lovelace"),
            comment: self.t("Payments go to their own team"),
        };
        RouteVersionsPage {
            shell: self.shell(Section::Routes),
            is_admin: true,
            newest: 7,
            rows: vec![row(7), row(6)],
            chosen: 7,
            lines: vec![
                ("is-same", "  [[rules]]".to_owned()),
                ("is-removed", self.t("- when = \"users > 1\"")),
                ("is-added", self.t("+ when = \"users > 2\"")),
            ],
            older: Some("/routes/versions?cursor=x".to_owned()),
        }
    }
}
