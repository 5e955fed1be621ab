//! No statement reads a large table from end to end, nor sorts it.
//!
//! The functions run, the statements that sqlx logs meanwhile are written down, and SQLite is asked
//! how it would run each.

use crate::changes::{commit, deploy};
use crate::notices::{destination, silence};
use crate::notices_owed::{attempt, owed};
use crate::support::{
    NOW, delivery, event, incident, incidents_slice, issues_slice, line, verdict,
};
use crate::suspects::{ranking, suspect};
use epicenter_domain::engine::{NewIdentity, VerdictOutcome};
use epicenter_domain::id::first_id_at;
use epicenter_domain::incident::{Incident, IncidentStatus};
use epicenter_domain::level::{Level, Severity};
use epicenter_domain::observation::search::Query;
use epicenter_domain::signal::IssueStatus;
use epicenter_domain::time::Time;
use epicenter_store::changes::commits::Owner;
use epicenter_store::changes::deploys::DeployFilter;
use epicenter_store::changes::pushes::PushFilter;
use epicenter_store::changes::releases::ReleaseFilter;
use epicenter_store::changes::{commits, cut_pushes, deploys, pushes, releases, shipped, tallies};
use epicenter_store::deliveries::DeliveryFilter;
use epicenter_store::incidents::IncidentFilter;
use epicenter_store::issues::{IssueFilter, IssueSort};
use epicenter_store::notices::digests::{self, DigestOwner, DigestRecord, Part, Scope};
use epicenter_store::notices::holds::{self, Telling};
use epicenter_store::notices::outbox::OutboxFilter;
use epicenter_store::notices::plans::DuePlan;
use epicenter_store::notices::{
    destinations, expiry, feeds, outbox, plans, proofs, silences, turns,
};
use epicenter_store::observations::{ObservationFilter, file, queue};
use epicenter_store::people::slack;
use epicenter_store::slice::Touched;
use epicenter_store::testing::TestDatabase;
use epicenter_store::{
    Database, Tx, deliveries, events, inbox, incidents, issues, observations, rates, retention,
    slice, suspects, timeline,
};
use sqlx::AssertSqlSafe;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use tracing::field::{Field, Visit};
use tracing::{Event, Instrument, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// Statements that ran inside of a span with this name, in any thread.
const SPAN: &str = "watched";
static STATEMENTS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// What may be read from end to end: a small table, a queue that is walked from its beginning for a
/// few rows, and what a statement itself brings along.
const SMALL: [&str; 8] = [
    "workspaces",
    "memory_queue",
    "v",
    "k",
    "hops",
    "ids",
    "few",
    "CONSTANT",
];

/// Writes the statements down that sqlx logs inside of the span. SQLite's threads enter the span
/// of whoever asked them.
struct Watcher;

#[derive(Default)]
struct Statement {
    summary: String,
    whole: String,
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.trim().clone_into(&mut self.whole),
            _ => {}
        }
    }

    // The trait demands it; both fields above are texts.
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Watcher {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let span = context.lookup_current();
        if event.metadata().target() != "sqlx::query" || span.is_none_or(|it| it.name() != SPAN) {
            return;
        }
        let mut statement = Statement::default();
        event.record(&mut statement);
        let text = if statement.whole.is_empty() {
            statement.summary
        } else {
            statement.whole
        };
        STATEMENTS.lock().unwrap().insert(text);
    }
}

async fn list_incidents(tx: &mut Tx) {
    let filters = [
        IncidentFilter::default(),
        IncidentFilter {
            severity: Some(Severity::Error),
            ..IncidentFilter::default()
        },
        IncidentFilter {
            service_id: Some(3),
            ..IncidentFilter::default()
        },
        IncidentFilter {
            severity: Some(Severity::Error),
            service_id: Some(3),
            ..IncidentFilter::default()
        },
        IncidentFilter {
            statuses: vec![IncidentStatus::Acknowledged],
            snoozed: Some(true),
            ..IncidentFilter::default()
        },
        IncidentFilter {
            q: Some(String::from("text")),
            ..IncidentFilter::default()
        },
    ];
    for filter in &filters {
        for cursor in [None, Some("0-ff")] {
            incidents::list(tx, 1, filter, cursor, 5).await.unwrap();
        }
    }
    incidents::by_id(tx, 1, 1).await.unwrap();
    incidents::by_number(tx, 1, 1).await.unwrap();
    incidents::latest_of_issue(tx, 1).await.unwrap();
    incidents::due_snoozes(tx, NOW, 5).await.unwrap();
    incidents::counts(tx, 1).await.unwrap();
    incidents::unread(tx, 1, NOW).await.unwrap();
}

async fn list_issues(tx: &mut Tx) {
    let filters = [
        IssueFilter::default(),
        IssueFilter {
            status: Some(IssueStatus::Unresolved),
            ..IssueFilter::default()
        },
        IssueFilter {
            level: Some(Level::Fatal),
            ..IssueFilter::default()
        },
        IssueFilter {
            project: Some(String::from("shop")),
            ..IssueFilter::default()
        },
        IssueFilter {
            status: Some(IssueStatus::Unresolved),
            project: Some(String::from("shop")),
            from: Some(NOW),
            to: Some(NOW),
            q: Some(String::from("text")),
            ..IssueFilter::default()
        },
    ];
    for filter in &filters {
        for sort in [IssueSort::LastSeen, IssueSort::Count, IssueSort::FirstSeen] {
            for cursor in [None, Some("1-ff")] {
                issues::list(tx, 1, filter, sort, (cursor, 5))
                    .await
                    .unwrap();
            }
        }
    }
    issues::by_id(tx, 1, 1).await.unwrap();
    issues::by_sentry_id(tx, 1, "1").await.unwrap();
    issues::projects(tx, 1).await.unwrap();
    issues::counts(tx, 1).await.unwrap();
    issues::trend(tx, 1, NOW, NOW).await.unwrap();
    for cursor in [None, Some("1-ff")] {
        events::of_issue(tx, 1, cursor, 5).await.unwrap();
        timeline::of_issue(tx, 1, cursor, 5).await.unwrap();
        timeline::of_incident(tx, 1, cursor, 5).await.unwrap();
        timeline::newest_of_issue(tx, 1, cursor, 5).await.unwrap();
        timeline::newest_of_incident(tx, 1, cursor, 5)
            .await
            .unwrap();
    }
    events::by_id(tx, 1, 1).await.unwrap();
    timeline::after(tx, 1, 1, 5).await.unwrap();
}

async fn list_deliveries(tx: &mut Tx) {
    let outcomes = VerdictOutcome::ALL
        .into_iter()
        .map(|outcome| DeliveryFilter {
            outcome: Some(outcome),
            ..DeliveryFilter::default()
        });
    let mut filters: Vec<DeliveryFilter> = outcomes.collect();
    filters.push(DeliveryFilter::default());
    filters.push(DeliveryFilter {
        incident_id: Some(1),
        ..DeliveryFilter::default()
    });
    filters.push(DeliveryFilter {
        integration_id: Some(1),
        resource: Some(String::from("issue")),
        ..DeliveryFilter::default()
    });
    for filter in &filters {
        for cursor in [None, Some("0-ff")] {
            deliveries::list(tx, 1, filter, cursor, 5).await.unwrap();
        }
    }
    deliveries::by_id(tx, 1, 1).await.unwrap();
    deliveries::replays_of(tx, 1).await.unwrap();
    deliveries::body(tx, 1).await.unwrap();
    retention::sizes(tx).await.unwrap();
}

#[expect(clippy::too_many_lines, reason = "one statement after the other")]
async fn list_changes(tx: &mut Tx) {
    for filter in [
        DeployFilter::default(),
        DeployFilter {
            environment: Some(String::from("production")),
            q: Some(String::from("text")),
            ..DeployFilter::default()
        },
    ] {
        for cursor in [None, Some("1-ff")] {
            deploys::list(tx, 1, &filter, (cursor, 5)).await.unwrap();
        }
        deploys::between(tx, 1, &filter, (NOW, NOW), 5)
            .await
            .unwrap();
    }
    let filter = ReleaseFilter {
        project: Some(String::from("shop")),
        q: Some(String::from("text")),
    };
    releases::list(tx, 1, &filter, (None, 5)).await.unwrap();
    releases::by_version(tx, 1, "1").await.unwrap();
    releases::projects(tx, 1).await.unwrap();
    pushes::list(tx, 1, &PushFilter::default(), (None, 5))
        .await
        .unwrap();
    tallies::commits_of(tx, &[1, 2, 3]).await.unwrap();
    tallies::incidents_of(tx, &[1, 2, 3]).await.unwrap();
    tallies::rollbacks_of(tx, &[1, 2, 3]).await.unwrap();
    suspects::is_waiting(tx, 1).await.unwrap();
    for services in [&[][..], &[3]] {
        suspects::enqueue_open(tx, 1, services, NOW, (NOW, "r"))
            .await
            .unwrap();
        suspects::enqueue_unexplained(tx, 1, services, Time(0), (NOW, "r"))
            .await
            .unwrap();
    }
    let slugs = [String::from("shop"), String::from("web")];
    for projects in [&[][..], &slugs] {
        rates::total(tx, 1, projects, (NOW, NOW)).await.unwrap();
        let span = (NOW, NOW.plus_ms(9));
        issues::first_seen(tx, 1, projects, span, 9).await.unwrap();
    }
    rates::delete_before(tx, NOW.plus_ms(-900_000_000))
        .await
        .unwrap();
    deploys::by_key(tx, 1, "k").await.unwrap();
    deploys::of_line(tx, 1, "l", NOW, 5).await.unwrap();
    deploys::next_of_line(tx, &deploy(1)).await.unwrap();
    deploys::of_version(tx, 1, "1", 5).await.unwrap();
    let next = || 77;
    let ids = commits::save(tx, (1, 1), &[commit('a', "x")], &next, NOW)
        .await
        .unwrap();
    commits::by_ids(tx, &ids).await.unwrap();
    commits::by_sha(tx, 1, "aaaaaaa").await.unwrap();
    commits::by_shas(tx, 1, &["a".repeat(40)]).await.unwrap();
    commits::attach(tx, Owner::Deploy(1), &ids).await.unwrap();
    commits::ids_of(tx, Owner::Deploy(1), 5).await.unwrap();
    pushes::back_from(tx, 1, 77, 5).await.unwrap();
    suspects::enqueue(tx, 1, &[1], NOW, "r").await.unwrap();
    suspects::due(tx, NOW, 5).await.unwrap();
    suspects::dequeue(tx, 1).await.unwrap();
    suspects::save(tx, &ranking(1, Some(1)), &[suspect(1)])
        .await
        .unwrap();
    suspects::of_incident(tx, 1).await.unwrap();
    suspects::under_deploy(tx, 1, 5).await.unwrap();
    suspects::feedback_of(tx, 1).await.unwrap();
    suspects::feedback_since(tx, 1, NOW, 5).await.unwrap();
    shipped::release_of(tx, 1).await.unwrap();
    shipped::deploys_of(tx, (1, 1), 5).await.unwrap();
    cut_pushes::due(tx, NOW, 5).await.unwrap();
    cut_pushes::list(tx, 1, 5).await.unwrap();
}

/// Who is told of incidents, and what is still to be said.
async fn tell(tx: &mut Tx) {
    destinations::save(tx, &destination(7, 1)).await.unwrap();
    destinations::list(tx, 1).await.unwrap();
    silences::save(tx, 1, &silence(1, NOW)).await.unwrap();
    silences::ending_after(tx, 1, NOW, 5).await.unwrap();
    silences::ended_by(tx, 1, NOW, 5).await.unwrap();
    silences::find(tx, 1, 1).await.unwrap();
    plans::ask(tx, 1, &[1], NOW).await.unwrap();
    plans::ask_for_open(tx, 1, NOW).await.unwrap();
    plans::due(tx, NOW, 5).await.unwrap();
    plans::told(tx, 1).await.unwrap();
    plans::card(tx, 1, 7).await.unwrap();
    plans::keep_card(tx, 1, 7, "card").await.unwrap();
    let plan = DuePlan {
        incident_id: 1,
        workspace_id: 1,
        due_at: NOW.0,
    };
    plans::made(tx, plan, Some(NOW)).await.unwrap();
    plans::made(tx, plan, None).await.unwrap();
    let id = first_id_at(NOW);
    outbox::owe(tx, &owed(id)).await.unwrap();
    for place in turns::places(tx).await.unwrap() {
        turns::due(tx, &place, NOW, 5).await.unwrap();
    }
    turns::due(tx, &(None, Some(String::from("ada@example.com"))), NOW, 5)
        .await
        .unwrap();
    let telling = Telling {
        destination_id: 7,
        workspace_id: 1,
    };
    holds::hold(tx, (telling, 1), NOW, (NOW, NOW))
        .await
        .unwrap();
    holds::count(tx, 7).await.unwrap();
    holds::waiting(tx, 7, 5).await.unwrap();
    holds::due(tx, NOW, 5).await.unwrap();
    holds::tell(tx, 7, (NOW, Some(NOW))).await.unwrap();
    holds::release(tx, 7, 1).await.unwrap();
    outbox::claim(tx, &owed(id), NOW).await.unwrap();
    outbox::replace_waiting(tx, (61, 7), &["updated"], NOW)
        .await
        .unwrap();
    outbox::record(tx, ("waiting", NOW, None), &attempt(id, 1))
        .await
        .unwrap();
    outbox::sent_since(tx, 7, NOW, 5).await.unwrap();
    outbox::edits(tx, (61, 7), &["updated"]).await.unwrap();
    incidents::open_without_issue(tx, 1, 5).await.unwrap();
    outbox::by_id(tx, 1, id).await.unwrap();
    for (incident_id, destination_id) in [(None, None), (Some(61), None), (None, Some(7))] {
        for state in [None, Some("failed")] {
            let filter = OutboxFilter {
                incident_id,
                destination_id,
                state: state.map(str::to_owned),
            };
            for cursor in [None, Some("0-ff")] {
                outbox::list(tx, 1, &filter, (cursor, 5)).await.unwrap();
            }
        }
    }
    tell_daily(tx).await;
    destinations::delete(tx, 1, 7).await.unwrap();
}

#[expect(clippy::too_many_lines, reason = "one story")]
async fn search_memory(tx: &mut Tx) {
    let q = || Query::parse("text of words");
    let named = || Some((String::from("commit"), String::from("9fceb02")));
    let filters = [
        ObservationFilter::default(),
        ObservationFilter {
            source_type: Some(String::from("issue.created")),
            ..ObservationFilter::default()
        },
        ObservationFilter {
            reference: named(),
            ..ObservationFilter::default()
        },
        ObservationFilter {
            reference: Some((String::from("release"), String::from("1"))),
            service_id: Some(1),
            ..ObservationFilter::default()
        },
        ObservationFilter {
            q: q(),
            source_type: Some(String::from("issue.created")),
            source: Some(String::from("sentry")),
            reference: named(),
            service_id: Some(1),
            from: Some(NOW),
            to: Some(NOW),
        },
    ];
    for filter in &filters {
        for cursor in [None, Some("0-ff")] {
            observations::list(tx, 1, filter, cursor, 5).await.unwrap();
        }
    }
    let filter = ObservationFilter {
        q: q(),
        ..ObservationFilter::default()
    };
    observations::candidates(tx, 1, &filter, 9).await.unwrap();
    let opened = ObservationFilter {
        q: q().map(Query::opened),
        ..ObservationFilter::default()
    };
    observations::candidates(tx, 1, &opened, 9).await.unwrap();
    observations::by_id(tx, 1, 1).await.unwrap();
    observations::after(tx, 1, 1, 5).await.unwrap();
    observations::newest_id(tx, 1).await.unwrap();
    observations::types(tx, 1).await.unwrap();
    observations::kin(tx, 1, &[("file", "a")], &["text"])
        .await
        .unwrap();
    observations::save(tx, &[crate::observations::record(1)])
        .await
        .unwrap();
    let notes = [crate::memory_queue::note(1)];
    queue::enqueue(tx, &notes, NOW).await.unwrap();
    queue::backlog(tx, 100).await.unwrap();
    queue::waiting(tx, 64).await.unwrap();
    queue::count_failure(tx, 1, 5, "odd").await.unwrap();
    queue::left_aside(tx, 100).await.unwrap();
    queue::lock(tx).await.unwrap();
    queue::take(tx, &[1]).await.unwrap();
    inbox::is_pending(tx).await.unwrap();
    file::after(tx, 1, 5).await.unwrap();
    file::keep_position(tx, 0, 1).await.unwrap();
    file::position(tx, 0).await.unwrap();
    let feed = feeds::Feed {
        destination_id: 7,
        workspace_id: 1,
        last_id: 0,
    };
    feeds::advance(tx, feed, 1).await.unwrap();
    outbox::waiting_count(tx, 7, "observation", 100)
        .await
        .unwrap();
    outbox::delete_observations(tx, NOW, 5).await.unwrap();
}

/// What a batch of webhooks does, and what retention does.
async fn tell_daily(tx: &mut Tx) {
    let record = DigestRecord {
        owner: DigestOwner::Destination(7),
        workspace_id: 1,
        told_until: NOW,
        next_at: NOW,
        last_day: None,
    };
    digests::schedule(tx, &record).await.unwrap();
    digests::due(tx, NOW, 5).await.unwrap();
    digests::take(tx, &record, &record).await.unwrap();
    let later = NOW.plus_ms(1_000);
    for part in [
        Part::Opened(NOW, later),
        Part::Resolved(NOW, later),
        Part::Open,
    ] {
        let scope = Scope::default();
        digests::count(tx, 1, &scope, part).await.unwrap();
        digests::noisiest(tx, 1, (&scope, part), 5).await.unwrap();
    }
    digests::events_between(tx, &[1, 2], (NOW, later))
        .await
        .unwrap();
    expiry::delete_notices(tx, NOW, 5).await.unwrap();
    expiry::delete_told(tx, NOW, 5).await.unwrap();
    proofs::use_once(tx, "proof", NOW).await.unwrap();
    proofs::forget_expired(tx, NOW).await.unwrap();
    slack::user_of(tx, 1, ("T1", "U1")).await.unwrap();
    slack::of_user(tx, 7).await.unwrap();
}

async fn work(tx: &mut Tx) {
    let id = first_id_at(NOW);
    inbox::append(tx, &[delivery(id, b"{}"), delivery(id + 1, b"{}")])
        .await
        .unwrap();
    inbox::pending(tx, 5, &BTreeSet::new()).await.unwrap();
    inbox::pending_count(tx).await.unwrap();
    inbox::newest_id(tx).await.unwrap();
    let mut written = issues_slice([crate::support::issue(1)]);
    let open = Incident {
        issue_id: Some(1),
        ..incident(1)
    };
    written.incidents = incidents_slice([open.clone()]).incidents;
    written.new_events.push(event(1, 1, NOW));
    written.timeline.push(line(1, Some(1), Some(1)));
    written
        .new_organizations
        .insert((1, String::from("shop")), String::from("5"));
    written.buckets.insert((1, NOW.hour()), 1);
    written.new_identities.push(NewIdentity {
        integration_id: 1,
        hash: [1; 16],
        delivery_id: id,
    });
    slice::save(tx, &written).await.unwrap();
    let key = |id: i64| (1, format!("sentry-{id}"));
    for count in [1, 9] {
        let touched = Touched {
            keys: (1..=count).map(key).collect(),
            identities: (1..=9).map(|id| (1, [id; 16])).collect(),
            events: (1..=count)
                .map(|id| (key(1), id, String::from("e")))
                .collect(),
            incidents: (1..=count).collect(),
            organizations: [((1, String::from("shop")), ["1".to_owned()].into())].into(),
            workspaces: [1].into(),
            write_backs: [1].into(),
        };
        slice::load(tx, &touched).await.unwrap();
    }
    let verdicts = [verdict(id, VerdictOutcome::Applied)];
    inbox::decide(tx, &verdicts, NOW).await.unwrap();
    inbox::count_failure(tx, id + 1, 1, "it broke", NOW)
        .await
        .unwrap();
    let later = NOW.plus_ms(10);
    assert_eq!(retention::delete_deliveries(tx, later, 5).await.unwrap(), 2);
    let gone = retention::delete_issues(tx, &["unresolved", "resolved"], later, 5).await;
    assert_eq!(gone.unwrap(), 0);
    let over = Incident {
        status: IncidentStatus::Resolved,
        ..open
    };
    slice::save(tx, &incidents_slice([over])).await.unwrap();
    retention::delete_events(tx, later, 0, 5).await.unwrap();
    assert_eq!(retention::delete_refused(tx, 5, 5).await.unwrap(), 0);
    let gone = retention::delete_issues(tx, &["unresolved"], later, 5).await;
    assert_eq!(gone.unwrap(), 1);
    let (gone, _) = retention::delete_incidents(tx, later, 0, 5).await.unwrap();
    assert!(gone > 0);
}

/// The steps of a plan that grow with what is stored.
async fn bad_steps(database: &Database, statement: &str) -> Vec<String> {
    let Database::Sqlite { readers, .. } = database else {
        return Vec::new();
    };
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    let plan: Vec<(i64, i64, i64, String)> =
        sqlx::query_as(explain).fetch_all(readers).await.unwrap();
    let steps: BTreeMap<i64, (i64, String)> = plan
        .iter()
        .map(|(id, parent, _, step)| (*id, (*parent, step.clone())))
        .collect();
    // What is asked again for every row may not look at all rows of a workspace.
    let repeats = |id: i64| {
        let whole = steps[&id].1.ends_with("(workspace_id=?)");
        let mut above = steps.get(&steps[&id].0);
        while let Some((parent, step)) = above.filter(|_| whole) {
            if step.starts_with("CORRELATED") {
                return true;
            }
            above = steps.get(parent);
        }
        false
    };
    // The newest first, by the table's own order, until the page is full.
    let ends_early = statement.contains("ORDER BY id") && statement.contains(" LIMIT ");
    let is_bad = |(id, step): &(i64, String)| {
        let scanned = step.strip_prefix("SCAN ").unwrap_or("v");
        let is_small = scanned.split(' ').next().is_some_and(|name| {
            SMALL.contains(&name)
                || name.ends_with("-ROW")
                || name.starts_with("pragma_")
                || scanned.ends_with("CONSTANT ROWS")
        });
        let is_rare =
            statement.contains("outcome = '") && !statement.contains("outcome = 'applied'");
        let walks = ends_early && scanned == "deliveries" && !is_rare;
        // By words, and from the newest row on.
        let asks = scanned.starts_with("observation_words VIRTUAL TABLE INDEX")
            && statement.contains("MATCH");
        // From a beginning on, to the next word.
        let hops = scanned.starts_with("observation_words_terms VIRTUAL TABLE INDEX")
            && statement.contains("term >= ");
        // One issue by Sentry's id must not be looked for among all.
        let strays = statement.ends_with("sentry_issue_id = ?") && !step.contains("sentry_id");
        // A few rows, as many as the statement itself allows, may be sorted.
        let sorts_few = statement.contains(") AS few ") && statement.contains(" LIMIT ");
        let sorts = step.contains("USE TEMP B-TREE FOR ORDER BY");
        strays || repeats(*id) || (sorts && !sorts_few) || !(is_small || walks || asks || hops)
    };
    plan.into_iter()
        .map(|(id, .., step)| (id, step))
        .filter(is_bad)
        .map(|(_, step)| step)
        .collect()
}

#[tokio::test]
async fn no_statement_reads_or_sorts_a_large_table() {
    let test = TestDatabase::sqlite().await.unwrap();
    let database = test.open().await.unwrap();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Watcher)).unwrap();
    let mut tx = database.write().await.unwrap();
    let everything = async {
        list_incidents(&mut tx).await;
        list_issues(&mut tx).await;
        list_deliveries(&mut tx).await;
        list_changes(&mut tx).await;
        crate::trends::ask_everything(&mut tx).await;
        crate::quiet::ask_everything(&mut tx).await;
        tell(&mut tx).await;
        search_memory(&mut tx).await;
        work(&mut tx).await;
    };
    Box::pin(everything.instrument(tracing::info_span!(SPAN))).await;
    drop(tx);

    let statements = STATEMENTS.lock().unwrap().clone();
    assert!(statements.len() > 80, "only {} were seen", statements.len());
    let mut bad = Vec::new();
    for statement in &statements {
        for step in bad_steps(&database, statement).await {
            bad.push(format!("{step}\n    {statement}"));
        }
    }
    assert!(
        bad.is_empty(),
        "{} bad steps:\n{}",
        bad.len(),
        bad.join("\n")
    );
    database.close().await;
}
