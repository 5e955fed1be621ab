//! Suspects, with words that want to do harm where the sample asks for it.

use super::Maker;
use super::NOW;
use crate::http::pages::views::parts::Clock;
use crate::http::pages::views::suspects::{Missing, ParentDeploy, SuspectCard, SuspectView};

impl Maker {
    pub(super) fn suspect_card(self) -> SuspectCard {
        SuspectCard {
            clock: Clock(NOW),
            csrf: "csrf-token".to_owned(),
            number: 128,
            is_waiting: false,
            is_ranked: true,
            is_convincing: true,
            candidate_count: 12,
            why: vec![Missing {
                sentence: self.t("The push listed only 20 of its commits."),
                fix: None,
            }],
            parent: Some(ParentDeploy {
                id: "dep_1".to_owned(),
                name: self.t("shop@1.4.0"),
                environment: self.t("production"),
                distance: "4 min".to_owned(),
            }),
            suspects: vec![SuspectView {
                rank: 1,
                subject: "9fceb02d0ae598e95dc970b74767f19372d61af8".to_owned(),
                is_commit: true,
                name: "9fceb02d".to_owned(),
                title: self.t("Look prices up by sku"),
                author: self.t("Ada Lovelace"),
                score: 61,
                link: None,
                deploy: Some(("dep_1".to_owned(), self.t("shop@1.4.0"))),
                reasons: vec![("+23".to_owned(), self.t("It changed shop/cart.py"))],
                files: vec![self.t("shop/cart.py")],
                diff: None,
                said: None,
            }],
        }
    }
}
