//! Samples of pages behind signed links, and of a person's own notifications.

use super::{Maker, page};
use crate::http::pages::views::links::{ActPage, MyNotificationsPage, MyTimes, SlackLinkPage, Way};
use crate::http::pages::views::shell::{Choice, Section};

pub(super) fn pages(make: Maker) -> Vec<(&'static str, String)> {
    let act = ActPage {
        number: 128,
        title: make.t("OperationalError: server closed the connection unexpectedly"),
        verb: "Acknowledge",
        actor: make.t("Ada Lovelace"),
        is_done: false,
        link: "eyJ1bnRpbCI6MX0.c2ln".to_owned(),
    };
    let done = ActPage {
        is_done: true,
        ..act.clone()
    };
    let mut alone = make.my_notifications();
    alone.ways.clear();
    alone.members.clear();
    alone.form.has_more_quiet = true;
    alone.fault = Some(("times".to_owned(), make.t("zone must be a time zone.")));
    vec![
        page("act", &act),
        page("act-done", &done),
        page("slack-link", &make.slack_link()),
        page("my-notifications", &make.my_notifications()),
        page("my-notifications-first", &alone),
    ]
}

impl Maker {
    fn slack_link(self) -> SlackLinkPage {
        SlackLinkPage {
            shell: self.shell(Section::Elsewhere),
            team: "T024BE7LD".to_owned(),
            member: "U024BE7LH".to_owned(),
            name: self.t("ada"),
            link: "eyJ1bnRpbCI6MX0.c2ln".to_owned(),
        }
    }

    fn my_notifications(self) -> MyNotificationsPage {
        MyNotificationsPage {
            shell: self.shell(Section::Elsewhere),
            ways: vec![
                Way {
                    id: "con_1".to_owned(),
                    place: self.t("ada@example.org"),
                    kind: "E-mail",
                },
                Way {
                    id: "con_2".to_owned(),
                    place: self.t("Ada's telephone"),
                    kind: "Destination",
                },
            ],
            fallback: "ada@example.org".to_owned(),
            destinations: Choice::list([("dst_1", self.t("Team chat"))], ""),
            members: vec![(
                "T024BE7LD".to_owned(),
                "U024BE7LH".to_owned(),
                self.t("ada"),
            )],
            form: MyTimes {
                zone: "Europe/Paris".to_owned(),
                quiet_from: "22:00".to_owned(),
                quiet_until: "07:00".to_owned(),
                has_more_quiet: false,
                breaks_through: Choice::list([("critical", "critical")], "critical"),
                digest_at: self.t("09:00"),
                has_ceiling: true,
            },
            fault: Some((
                "contact".to_owned(),
                self.t("address must be an e-mail address."),
            )),
        }
    }
}
