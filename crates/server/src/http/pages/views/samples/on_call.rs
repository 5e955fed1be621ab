//! Samples of schedules, escalation policies and teams.

use super::{Maker, NOW, page};
use crate::http::pages::views::escalations::{
    EscalationForm, EscalationPage, EscalationRow, EscalationsPage, StepForm,
};
use crate::http::pages::views::on_call::{
    DayRow, LayerForm, OnCallPage, OverrideRow, PieceRow, ScheduleForm, SchedulePage, ScheduleRow,
};
use crate::http::pages::views::shell::{Choice, Section};
use crate::http::pages::views::teams::{TeamForm, TeamRow, TeamsPage};
use epicenter_domain::time::DAY_MS;

pub(super) fn pages(make: Maker) -> Vec<(&'static str, String)> {
    let mut first = make.on_call();
    first.rows.clear();
    first.form.error = make.some("layers[0].participants[0] is no user.");
    let mut member = make.schedule();
    (member.is_admin, member.is_responder) = (false, false);
    member.calendar_url = None;
    member.overrides.clear();
    let mut no_policies = make.escalations();
    no_policies.rows.clear();
    no_policies.form.error = make.some("name is taken.");
    let mut no_teams = make.teams();
    no_teams.rows.clear();
    no_teams.form.error = make.some("name is taken.");
    let policy = EscalationPage {
        shell: make.shell(Section::OnCall),
        is_admin: true,
        policy: make.policy(),
        form: make.policy_form(),
    };
    vec![
        page("on-call", &make.on_call()),
        page("on-call-first", &first),
        page("schedule", &make.schedule()),
        page("schedule-member", &member),
        page("escalations", &make.escalations()),
        page("escalations-first", &no_policies),
        page("escalation", &policy),
        page("teams", &make.teams()),
        page("teams-first", &no_teams),
    ]
}

impl Maker {
    fn people(self) -> Vec<Choice> {
        let (ada, grace) = (self.t("Ada Lovelace"), self.t("Grace Hopper"));
        Choice::list([("usr_1", ada), ("usr_2", grace)], "usr_2")
    }

    fn schedule_row(self, is_covered: bool) -> ScheduleRow {
        let until = NOW.plus_ms(3 * DAY_MS);
        ScheduleRow {
            id: if is_covered { "sch_1" } else { "sch_2" }.to_owned(),
            name: self.t("Primary"),
            zone: "Europe/Paris".to_owned(),
            now: is_covered.then(|| (self.t("Ada Lovelace"), until)),
        }
    }

    fn schedule_form(self) -> ScheduleForm {
        let layer = |name: &str| LayerForm {
            name: self.t(name),
            people: self.t("ada@example.org\ngrace@example.org"),
            units: Choice::list([("days", "days"), ("weeks", "weeks")], "weeks"),
            every: "1".to_owned(),
            starts_on: "2026-01-05".to_owned(),
            hand_over: "09:00".to_owned(),
            windows: self.t("daily 08:00-20:00"),
        };
        ScheduleForm {
            name: self.t("Primary"),
            zone: "Europe/Paris".to_owned(),
            layers: vec![layer("First line"), layer("Nights")],
            error: None,
        }
    }

    fn on_call(self) -> OnCallPage {
        OnCallPage {
            shell: self.shell(Section::OnCall),
            is_admin: true,
            rows: vec![self.schedule_row(true), self.schedule_row(false)],
            form: self.schedule_form(),
        }
    }

    fn schedule(self) -> SchedulePage {
        let piece = |when: &str, person: Option<&str>, is_now| PieceRow {
            when: when.to_owned(),
            person: person.map(|name| self.t(name)),
            why: self.t("First line"),
            is_now,
        };
        SchedulePage {
            shell: self.shell(Section::OnCall),
            is_admin: true,
            is_responder: true,
            schedule: self.schedule_row(true),
            days: vec![
                DayRow {
                    label: "Mon 5 Jan".to_owned(),
                    is_today: false,
                    pieces: vec![
                        piece("00:00 to 09:00", None, false),
                        piece("09:00 to 24:00", Some("Ada Lovelace"), false),
                    ],
                },
                DayRow {
                    label: "Tue 6 Jan".to_owned(),
                    is_today: true,
                    pieces: vec![piece("All day", Some("Ada Lovelace"), true)],
                },
            ],
            weeks: ["2025-12-29", "2026-01-05", "2026-01-12"]
                .map(|day| format!("/on-call/sch_1?week={day}")),
            overrides: vec![OverrideRow {
                id: "ovr_1".to_owned(),
                person: self.t("Grace Hopper"),
                when: "Wed 7 Jan 09:00 to Thu 8 Jan 09:00".to_owned(),
            }],
            people: self.people(),
            override_error: self.some("until must be after from."),
            calendar_url: self.some("https://epicenter.example.org/api/v1/schedules/sch_1/…"),
            form: self.schedule_form(),
        }
    }

    fn policy(self) -> EscalationRow {
        EscalationRow {
            id: "esc_1".to_owned(),
            name: self.t("Checkout"),
            steps: vec![
                ("At once:".to_owned(), vec![self.t("On call: Primary")]),
                ("5 min later:".to_owned(), vec![self.t("Team Shop")]),
            ],
            after: vec![self.t("Then it goes on with “Everybody”.")],
            services: vec![("svc_1".to_owned(), self.t("Checkout"))],
        }
    }

    fn policy_form(self) -> EscalationForm {
        let step = |place| StepForm {
            place,
            delay_s: "300".to_owned(),
            targets: self.people(),
        };
        EscalationForm {
            name: self.t("Checkout"),
            steps: vec![step(0), step(1), step(2)],
            repeat: "1".to_owned(),
            repeat_after_s: "300".to_owned(),
            acknowledge_timeout_s: "1800".to_owned(),
            then: Choice::list([("", "nothing more"), ("esc_2", &self.t("Everybody"))], ""),
            error: None,
        }
    }

    fn escalations(self) -> EscalationsPage {
        let alone = EscalationRow {
            id: "esc_2".to_owned(),
            services: Vec::new(),
            after: Vec::new(),
            ..self.policy()
        };
        EscalationsPage {
            shell: self.shell(Section::OnCall),
            is_admin: true,
            rows: vec![self.policy(), alone],
            form: self.policy_form(),
        }
    }

    fn teams(self) -> TeamsPage {
        let form = TeamForm {
            name: self.t("Shop"),
            people: self.people(),
            error: None,
        };
        TeamsPage {
            shell: self.shell(Section::OnCall),
            is_admin: true,
            rows: vec![TeamRow {
                id: "tem_1".to_owned(),
                members: vec![self.t("Ada Lovelace"), self.t("Grace Hopper")],
                services: vec![("svc_1".to_owned(), self.t("Checkout"))],
                form: form.clone(),
            }],
            form,
        }
    }
}
