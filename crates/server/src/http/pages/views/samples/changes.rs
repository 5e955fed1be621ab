//! Sample changes, suspects and repositories.

use super::{Maker, NOW, ago, page, trend};
use crate::http::pages::views::changes::{
    ChangeDay, ChangeFilter, ChangeList, ChangeRow, ChangesPage, DeployRow, PushRow,
};
use crate::http::pages::views::deploy::{
    CommitRow, DeployIncident, DeployPage, NewIssue, ReleasePage,
};
use crate::http::pages::views::hit_rate::HitRatePage;
use crate::http::pages::views::parts::{
    Chart, Clock, DeployMark, IncidentState, ShownDeploy, ShownSeverity,
};
use crate::http::pages::views::repositories::{
    CodeHostForm, CodeHostRow, FindingRow, MappingForm, MappingProposalRow, MappingRow, OwnersRow,
    RepositoriesPage, RepositoryRow,
};
use crate::http::pages::views::shell::Section;
use crate::http::pages::views::suspects::{
    DiffLine, DiffView, HunkView, Missing, ParentDeploy, SuspectCard, SuspectView,
};
use crate::operations::change_doctor::Gap;
use epicenter_domain::change::judge::DeployVerdict;
use epicenter_domain::level::Severity;
use epicenter_domain::suspect::{HitRate, Hits};

pub(super) fn pages(make: Maker) -> Vec<(&'static str, String)> {
    let mut first = make.changes();
    first.chart = Chart::default();
    first.list.days.clear();
    first.list.next_cursor = None;
    first.list.filter = ChangeFilter::default();
    let mut none_fits = make.changes();
    none_fits.list.days.clear();
    none_fits.list.filter.status = "failed".to_owned();
    let mut unsure = make.incident();
    unsure.suspects.is_convincing = false;
    unsure.suspects.suspects.truncate(1);
    let mut waiting = make.incident();
    waiting.suspects = SuspectCard {
        number: 128,
        is_waiting: true,
        ..SuspectCard::default()
    };
    let mut bare = make.deploy();
    bare.commits.clear();
    bare.issues.clear();
    bare.incidents.clear();
    bare.previous = None;
    let mut unused = make.hit_rate();
    unused.spans = vec![(30, HitRate::default())];
    let mut unlinked = make.repositories();
    unlinked.rows.clear();
    unlinked.mappings.clear();
    unlinked.proposals.clear();
    unlinked.findings.clear();
    vec![
        page("changes", &make.changes()),
        page("changes-first", &first),
        page("changes-none-fits", &none_fits),
        page("deploy", &make.deploy()),
        page("deploy-bare", &bare),
        page("release", &make.release()),
        page("hit-rate", &make.hit_rate()),
        page("hit-rate-unused", &unused),
        page("repositories", &make.repositories()),
        page("repositories-first", &unlinked),
        page("incident-unsure", &unsure),
        page("incident-ranking", &waiting),
    ]
}

impl Maker {
    pub(super) fn suspects(self) -> SuspectCard {
        let reason = |points: &str, text: &str| (points.to_owned(), self.t(text));
        let first = SuspectView {
            rank: 1,
            subject: "4f1c2d3e5a6b7c8d9e0f4f1c2d3e5a6b7c8d9e0f".to_owned(),
            is_commit: true,
            name: "4f1c2d3e".to_owned(),
            title: self.t("Reserve stock in one statement"),
            author: self.t("Grace Hopper"),
            score: 78,
            link: self.link("acme/shop/commit/4f1c2d3e"),
            deploy: Some(("dep_01".to_owned(), self.t("web@1.4.2"))),
            reasons: vec![
                reason("+41", "It changed shop/checkout.py, where it crashed"),
                reason("+24", "It wrote the line of the crash"),
                reason("-3", "It is larger than most"),
            ],
            files: vec![self.t("shop/checkout.py"), self.t("shop/stock.py")],
            diff: Some(self.diff()),
            said: None,
        };
        let second = SuspectView {
            rank: 2,
            subject: "9d8c7b6a".to_owned(),
            name: "9d8c7b6a".to_owned(),
            title: self.t("Warm the cache at start"),
            score: 21,
            diff: None,
            said: Some("innocent".to_owned()),
            ..first.clone()
        };
        SuspectCard {
            clock: Clock(NOW),
            csrf: "csrf-token".to_owned(),
            number: 128,
            is_waiting: false,
            is_ranked: true,
            is_convincing: true,
            candidate_count: 14,
            why: vec![
                Missing::new("There is no clone to ask who wrote the lines of the stack."),
                Missing::new(&self.t("The push of main listed only 20 of its commits.")),
            ],
            parent: Some(ParentDeploy {
                id: "dep_01".to_owned(),
                name: self.t("web@1.4.2"),
                environment: self.t("production"),
                distance: "4 min".to_owned(),
            }),
            suspects: vec![first, second],
        }
    }

    fn diff(self) -> DiffView {
        let line = |is_added, number, text: &str| DiffLine {
            is_added,
            number,
            text: self.t(text),
        };
        DiffView {
            path: self.t("shop/checkout.py"),
            hunks: vec![HunkView {
                head: self.t("@@ -80,2 +80,3 @@ def reserve(order):"),
                lines: vec![
                    line(false, 80, "    for item in order.items:"),
                    line(false, 81, "        stock.take(item)"),
                    line(true, 80, "    stock.take_all(order.items)"),
                    line(true, 81, "    return order.id"),
                ],
                is_cut: true,
            }],
        }
    }

    fn deploy_row(self, number: i64, verdict: DeployVerdict) -> DeployRow {
        DeployRow {
            id: format!("dep_{number}"),
            name: self.t(&format!("web@1.4.{number}")),
            environment: self.t("production"),
            what: self.some("Checkout"),
            at: ago(64 * (4 - number)),
            actor: self.t("CI of acme"),
            verdict: ShownDeploy(verdict),
            sentence: "2 incidents began after it.".to_owned(),
            is_rollback: number == 3,
            commit_count: Some(number),
            incident_count: i64::from(verdict == DeployVerdict::Suspicious) * 2,
        }
    }

    fn changes(self) -> ChangesPage {
        let push = PushRow {
            id: "psh_1".to_owned(),
            repository: self.t("acme/shop"),
            branch: self.t("main"),
            is_tag: false,
            is_deletion: false,
            is_forced: true,
            commit_count: 3,
            at: ago(70),
            actor: self.t("Grace Hopper"),
            link: self.link("acme/shop/compare"),
        };
        let row = |number, verdict| ChangeRow::Deploy(self.deploy_row(number, verdict));
        let mark = |number: i64, minutes, verdict| DeployMark {
            id: format!("dep_{number}"),
            name: self.t("web@1.4.2 → production"),
            at: ago(minutes),
            verdict,
        };
        ChangesPage {
            shell: self.shell(Section::Changes),
            chart: Chart::of_trend(
                "rate-chart",
                Clock(NOW),
                &trend(72, 3, 160),
                &[
                    mark(3, 64, DeployVerdict::Fine),
                    mark(2, 240, DeployVerdict::Suspicious),
                    mark(1, 2_600, DeployVerdict::RolledBack),
                ],
            ),
            list: ChangeList {
                clock: Clock(NOW),
                filter: ChangeFilter {
                    q: self.t(""),
                    ..ChangeFilter::default()
                },
                days: vec![
                    ChangeDay {
                        day: "2026-01-06".to_owned(),
                        rows: vec![
                            row(3, DeployVerdict::Fine),
                            ChangeRow::Push(push),
                            row(2, DeployVerdict::Suspicious),
                        ],
                    },
                    ChangeDay {
                        day: "2026-01-05".to_owned(),
                        rows: vec![row(1, DeployVerdict::RolledBack)],
                    },
                ],
                next_cursor: Some("1-2".to_owned()),
            },
            environments: vec![self.t("production"), self.t("staging")],
            services: vec![("1".to_owned(), self.t("Checkout"))],
            repositories: vec![("rep_1".to_owned(), self.t("acme/shop"))],
            base_url: "https://epicenter.example.org".to_owned(),
        }
    }

    fn commits(self) -> Vec<CommitRow> {
        ["Reserve stock in one statement", "Warm the cache at start"]
            .map(|title| CommitRow {
                sha: "4f1c2d3e".to_owned(),
                title: self.t(title),
                author: self.t("Grace Hopper"),
                at: Some(ago(300)),
                file_count: Some(2),
                link: self.link("acme/shop/commit/4f1c2d3e"),
            })
            .to_vec()
    }

    fn deploy(self) -> DeployPage {
        DeployPage {
            shell: self.shell(Section::Changes),
            row: self.deploy_row(2, DeployVerdict::Suspicious),
            release: Some((
                self.t("web@1.4.2"),
                "/changes/releases/web%401.4.2".to_owned(),
            )),
            sha: self.some("4f1c2d3e5a6b7c8d9e0f4f1c2d3e5a6b7c8d9e0f"),
            service: Some(("1".to_owned(), self.t("Checkout"))),
            project: self.some("shop-api"),
            repository: Some(("rep_1".to_owned(), self.t("acme/shop"))),
            status: "succeeded",
            started_at: Some(ago(130)),
            finished_at: Some(ago(128)),
            source: (self.t("GitHub"), Some("dlv_1".to_owned())),
            link: self.link("acme/shop/actions/runs/1"),
            previous: Some(self.deploy_row(1, DeployVerdict::Fine)),
            next: Some(self.deploy_row(3, DeployVerdict::Fine)),
            back_to: Some(self.deploy_row(1, DeployVerdict::Fine)),
            undone_by: Some(self.deploy_row(3, DeployVerdict::Fine)),
            commits: self.commits(),
            gaps: vec![self.t("The push of main listed only 20 of its commits.")],
            rate: "412 events in the 2 h after it, 12 in the 2 h before it: 34.3 times as many."
                .to_owned(),
            issues: vec![NewIssue {
                id: "iss_1".to_owned(),
                title: self.t("CheckoutError: could not reserve stock"),
                project: self.some("shop-api"),
                first_seen_at: ago(100),
                event_count: 31,
            }],
            incidents: vec![DeployIncident {
                number: 128,
                title: self.t("CheckoutError: could not reserve stock for order 80231"),
                severity: ShownSeverity(Severity::Critical),
                state: IncidentState::Triggered,
                distance: "4 min".to_owned(),
                is_regression: true,
                suspect: Some(("4f1c2d3e".to_owned(), self.t("Reserve stock"), true)),
            }],
        }
    }

    fn release(self) -> ReleasePage {
        ReleasePage {
            shell: self.shell(Section::Changes),
            version: self.t("web@1.4.2"),
            sha: self.some("4f1c2d3e5a6b7c8d9e0f4f1c2d3e5a6b7c8d9e0f"),
            projects: vec![self.t("shop-api")],
            chart: self.event_chart("release-chart"),
            repository: Some(("rep_1".to_owned(), self.t("acme/shop"))),
            actor: self.t("CI of acme"),
            created_at: ago(200),
            released_at: Some(ago(190)),
            is_archived: true,
            link: self.link("acme/shop/releases/1"),
            deploys: vec![self.deploy_row(2, DeployVerdict::Suspicious)],
            commits: self.commits(),
            gaps: Vec::new(),
        }
    }

    fn hit_rate(self) -> HitRatePage {
        let hits = |judged, first, first_three| Hits {
            judged,
            first,
            first_three,
        };
        let rate = |few| HitRate {
            convincing: hits(few, few - 2, few - 1),
            unsure: hits(0, 0, 0),
        };
        HitRatePage {
            shell: self.shell(Section::Changes),
            spans: vec![(30, rate(12)), (90, rate(44))],
            is_cut: true,
        }
    }

    #[expect(clippy::too_many_lines, reason = "one sample of everything")]
    fn repositories(self) -> RepositoriesPage {
        let row = |id: &str, name: &str, services: &[&str]| RepositoryRow {
            id: id.to_owned(),
            name: self.t(name),
            provider: self.t("GitHub"),
            link: self.link(name),
            default_branch: self.some("main"),
            last_push: services.first().map(|_| (ago(30), self.t("main"))),
            clone_path: self.t("/srv/clones/shop.git"),
            clone_fault: services
                .is_empty()
                .then(|| self.t("The clone has no commits.")),
            cut: services.first().map(|_| {
                let known = self.t("33 commits were pushed to main, and 20 of them are known.");
                (known, self.some("No token is set up for github.com."))
            }),
            services: services.iter().map(|&id| id.to_owned()).collect(),
            owners: services.first().map(|_| OwnersRow {
                source: self.t(".github/CODEOWNERS"),
                read_at: ago(50),
                text: self.t("* @shop/rest"),
                skipped: "3, 9".to_owned(),
            }),
            proposed: services
                .is_empty()
                .then(|| ("2".to_owned(), self.t("Storefront"))),
        };
        let finding = |project: &str, gaps: &[Gap]| FindingRow {
            project: self.t(project),
            service: Some(("1".to_owned(), self.t("Checkout"))),
            gaps: gaps.iter().map(|gap| gap.sentences()).collect(),
        };
        RepositoriesPage {
            shell: self.shell(Section::Settings),
            is_admin: true,
            rows: vec![
                row("rep_1", "acme/shop", &["1"]),
                row("rep_2", "acme/storefront", &[]),
            ],
            services: vec![
                ("1".to_owned(), self.t("Checkout")),
                ("2".to_owned(), self.t("Storefront")),
            ],
            hosts: vec![CodeHostRow {
                id: "hst_1".to_owned(),
                place: self.t("github.com/acme"),
                provider: self.t("GitHub"),
                api_url: self.t("https://api.github.com"),
                held_until: Some(ago(-20)),
            }],
            mappings: vec![MappingRow {
                id: "map_1".to_owned(),
                project: self.t("shop-api"),
                repository: self.t("acme/shop"),
                stack_prefix: String::new(),
                source_prefix: self.t("backend/"),
                is_confirmed: false,
            }],
            proposals: vec![MappingProposalRow {
                project: self.t("shop-web"),
                repository_id: "rep_2".to_owned(),
                repository: self.t("acme/storefront"),
                stack_prefix: self.t("/app/"),
                source_prefix: self.t("web/"),
                match_count: 3,
            }],
            findings: vec![
                finding("shop-api", &[]),
                finding("shop-web", &[Gap::NoPush, Gap::NotDeployed, Gap::NoFile]),
            ],
            fault: Some(("mapping".to_owned(), self.t("The path is no path."))),
            form: MappingForm {
                stack_prefix: self.t("/app/"),
                ..MappingForm::default()
            },
            host_form: CodeHostForm {
                place: self.t("gitlab.com"),
                ..CodeHostForm::default()
            },
        }
    }
}
