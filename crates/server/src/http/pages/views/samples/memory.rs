//! Sample records of the memory.

use super::{Maker, NOW, ago, page};
use crate::http::pages::views::memory::{
    MemoryFilter, MemoryList, MemoryPage, MemoryRow, ObservationPage, ReferenceRow, SimilarCard,
    SimilarRow,
};
use crate::http::pages::views::parts::Clock;
use crate::http::pages::views::shell::Section;
use epicenter_domain::observation::search::{Query, highlight};

pub(super) fn pages(make: Maker) -> Vec<(&'static str, String)> {
    let mut first = make.memory();
    first.list.rows.clear();
    first.list.next_cursor = None;
    first.list.filter = MemoryFilter::default();
    let mut none_fits = make.memory();
    none_fits.list.rows.clear();
    none_fits.list.next_cursor = None;
    let mut further = none_fits.clone();
    further.list.next_cursor = make.some("f-1");
    let mut wrong = none_fits.clone();
    wrong.list.fault = make.some("Search for a word: letters or digits.");
    let mut bare = make.observation();
    bare.body.clear();
    bare.references.clear();
    bare.incident = None;
    vec![
        page("memory", &make.memory()),
        page("memory-first", &first),
        page("memory-none-fits", &none_fits),
        page("memory-further", &further),
        page("memory-wrong", &wrong),
        page("observation", &make.observation()),
        page("observation-bare", &bare),
    ]
}

impl Maker {
    fn memory_row(self, title: &str, body: &str, kind: &str, minutes: i64) -> MemoryRow {
        let query = Query::parse("stock checkout");
        MemoryRow {
            id: "obs_01".to_owned(),
            title: highlight(query.as_ref(), &self.t(title)),
            excerpt: highlight(query.as_ref(), &self.t(body)),
            kind: kind.to_owned(),
            source: self.t("sentry"),
            actor: self.t("Grace Hopper"),
            at: ago(minutes),
        }
    }

    fn memory(self) -> MemoryPage {
        let filter = MemoryFilter {
            q: self.t("stock checkout"),
            kind: "issue.resolved".to_owned(),
            reference: self.t("release:web@1.4.2"),
            ..MemoryFilter::default()
        };
        MemoryPage {
            shell: self.shell(Section::Memory),
            list: MemoryList {
                clock: Clock(NOW),
                filter,
                fault: None,
                note: self.some(
                    "The text model answered 500. Only records that have the words are shown.",
                ),
                rows: vec![
                    self.memory_row(
                        "✅ [Resolved] CheckoutError: could not reserve stock",
                        "CheckoutError: could not reserve stock for order 80231",
                        "issue.resolved",
                        12,
                    ),
                    self.memory_row(
                        "🚀 [Deployed] web@1.4.2 to production",
                        "4f1c2d3e Reserve stock in one statement (Grace Hopper)",
                        "deploy.succeeded",
                        40,
                    ),
                ],
                next_cursor: self.some("f-32"),
            },
            types: vec!["deploy.succeeded".to_owned(), "issue.resolved".to_owned()],
            services: vec![("svc_1".to_owned(), self.t("Checkout"))],
        }
    }

    fn observation(self) -> ObservationPage {
        ObservationPage {
            shell: self.shell(Section::Memory),
            id: "obs_01".to_owned(),
            title: self.t("✅ [Resolved] CheckoutError: could not reserve stock"),
            body: self.t("**CheckoutError**: could not reserve stock\n\n**Location**: `checkout`"),
            kind: "issue.resolved".to_owned(),
            source: "sentry".to_owned(),
            source_id: self.t("issue:4711"),
            actor: ("sentry:7".to_owned(), self.t("Grace Hopper")),
            occurred_at: ago(12),
            recorded_at: ago(11),
            incident: Some(128),
            references: vec![ReferenceRow {
                kind: "release".to_owned(),
                name: self.t("web@1.4.2"),
                link: self.link("acme/web"),
            }],
            metadata: vec![("level".to_owned(), self.t("error"))],
        }
    }

    pub(super) fn similar(self) -> SimilarCard {
        let row = SimilarRow {
            number: 97,
            title: self.t("CheckoutError: could not reserve stock for order 5512"),
            opened_at: ago(40_000),
            score: 81,
            reasons: vec![self.t("The stacks of both go through shop/checkout.py.")],
            cure: Some((
                self.t("Resolved with commit 4f1c2d3e by Grace"),
                ago(39_900),
            )),
            note: self.some("The pool was too small."),
        };
        let open = SimilarRow {
            number: 99,
            cure: None,
            note: None,
            ..row.clone()
        };
        SimilarCard {
            clock: Clock(NOW),
            rows: vec![row, open],
        }
    }
}
