//! What the cases share: the macro that stamps them, and rows to begin with.

use epicenter_domain::delivery::Headers;
use epicenter_domain::engine::{NewEvent, Slice, Tracked, Verdict, VerdictOutcome};
use epicenter_domain::incident::{Alert, Incident, IncidentStatus, TimelineEntry};
use epicenter_domain::issue::Issue;
use epicenter_domain::level::{Level, Severity};
use epicenter_domain::routing::suspend::Habit;
use epicenter_domain::signal::{Actor, EventDetail, EventFacts, IssueStatus};
use epicenter_domain::time::Time;
use epicenter_store::inbox::{self, NewDelivery, NewVerdict};
use epicenter_store::packing::{Dictionary, pack};
use epicenter_store::{Database, Page, Tx, slice};

/// The instant at which the cases begin.
pub(crate) const NOW: Time = Time(1_780_000_000_000);

/// Stamps each case once per database.
macro_rules! store_contract {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $case() {
                    let test = epicenter_store::testing::TestDatabase::sqlite().await.unwrap();
                    let database = test.open().await.unwrap();
                    Box::pin(super::$case(&database)).await;
                    database.close().await;
                }
            )+
        }
        mod postgres {
            $(
                #[tokio::test]
                async fn $case() {
                    let test = epicenter_store::testing::TestDatabase::postgres().await.unwrap();
                    let Some(test) = test else { return };
                    let database = test.open().await.unwrap();
                    Box::pin(super::$case(&database)).await;
                    database.close().await;
                }
            )+
        }
    };
}

/// Runs a body in a transaction that reads, or in one that writes and commits.
macro_rules! reading {
    ($database:expr, |$tx:ident| $body:expr) => {{
        let mut open = $database.read().await.unwrap();
        let $tx = &mut open;
        let result = $body;
        open.rollback().await.unwrap();
        result
    }};
}
macro_rules! writing {
    ($database:expr, |$tx:ident| $body:expr) => {{
        let mut open = $database.write().await.unwrap();
        let $tx = &mut open;
        let result = $body;
        open.commit().await.unwrap();
        result
    }};
}

pub(crate) fn issue(id: i64) -> Issue {
    Issue {
        id,
        workspace_id: 1,
        integration_id: 1,
        dedup_key: format!("sentry-{id}"),
        sentry_issue_id: None,
        short_id: None,
        title: format!("Issue {id}"),
        culprit: None,
        level: Level::Error,
        status: IssueStatus::Unresolved,
        substatus: None,
        resolution: None,
        archived_until: None,
        platform: None,
        project_slug: None,
        project_name: None,
        project_id: None,
        error_type: None,
        error_value: None,
        first_seen_at: NOW,
        last_seen_at: NOW,
        sentry_event_count: 0,
        stored_event_count: 0,
        user_count: 0,
        environment: None,
        release: None,
        permalink: None,
        category: None,
        priority: None,
        is_unhandled: None,
        assignee: None,
        updated_at: NOW,
        sentry_status: None,
        heard_at: None,
    }
}

pub(crate) fn alert(id: i64) -> Alert {
    Alert {
        id,
        workspace_id: 1,
        integration_id: 1,
        dedup_key: format!("sentry-{id}"),
        issue_id: None,
        incident_id: None,
        is_open: false,
        signal_count: 0,
        status_mark: None,
        trigger_mark: None,
        opened_at: None,
        closed_at: None,
        habit: Habit::default(),
        share: None,
    }
}

pub(crate) fn incident(id: i64) -> Incident {
    Incident {
        id,
        workspace_id: 1,
        number: id,
        service_id: None,
        integration_id: 1,
        issue_id: None,
        title: format!("Incident {id}"),
        status: IncidentStatus::Triggered,
        severity: Severity::Error,
        source: String::from("Sentry - shop"),
        dedup_key: format!("sentry-{id}"),
        project: None,
        environment: None,
        release: None,
        culprit: None,
        alert_count: 1,
        event_count: 1,
        user_count: 0,
        assignee: None,
        archived_until: None,
        snoozed_until: None,
        suspended_until: None,
        opened_at: NOW,
        triggered_at: NOW,
        first_seen_at: NOW,
        last_seen_at: NOW,
        acknowledged_at: None,
        resolved_at: None,
        previous_incident_id: None,
        sentry_issue_id: None,
        short_id: None,
        permalink: None,
        updated_at: NOW,
        merged: None,
        is_apart: false,
    }
}

pub(crate) fn event(id: i64, issue_id: i64, at: Time) -> NewEvent {
    NewEvent {
        id,
        workspace_id: 1,
        issue_id,
        at,
        delivery_id: None,
        facts: EventFacts {
            event_id: format!("{id:032x}"),
            at: Some(at),
            level: Level::Error,
            title: format!("Event {id}"),
            detail: EventDetail::default(),
            environment: None,
            release: None,
        },
    }
}

pub(crate) fn line(id: i64, incident_id: Option<i64>, issue_id: Option<i64>) -> TimelineEntry {
    TimelineEntry {
        id,
        workspace_id: 1,
        incident_id,
        issue_id,
        at: NOW,
        occurred_at: None,
        kind: String::from("incident.opened"),
        actor: Actor::sentry(),
        summary: format!("Line {id}"),
        body: String::new(),
        delivery_id: None,
    }
}

/// A slice that would write these issues.
pub(crate) fn issues_slice(issues: impl IntoIterator<Item = Issue>) -> Slice {
    let mut slice = Slice::default();
    for issue in issues {
        let key = (issue.integration_id, issue.dedup_key.clone());
        slice.issues.insert(key, Tracked::made(issue));
    }
    slice
}

/// A slice that would write these incidents.
pub(crate) fn incidents_slice(incidents: impl IntoIterator<Item = Incident>) -> Slice {
    let mut slice = Slice::default();
    for incident in incidents {
        slice.incidents.insert(incident.id, Tracked::made(incident));
    }
    slice
}

pub(crate) async fn save(database: &Database, slice: &Slice) {
    writing!(database, |tx| slice::save(tx, slice).await.unwrap());
}

pub(crate) fn delivery(id: i64, body: &[u8]) -> NewDelivery {
    let headers = Headers::new([("Sentry-Hook-Resource", "issue")]);
    NewDelivery {
        id,
        workspace_id: 1,
        integration_id: 1,
        received_at: NOW.plus_ms(id),
        resource: String::from("issue"),
        refusal: None,
        scheme: "hmac",
        secret_id: Some(5),
        size: i64::try_from(body.len()).unwrap(),
        packed: pack(&Dictionary::built_in(), &headers, body).unwrap(),
        replay_of: None,
    }
}

pub(crate) async fn append(database: &Database, deliveries: &[NewDelivery]) {
    writing!(database, |tx| inbox::append(tx, deliveries).await.unwrap());
}

pub(crate) fn verdict(delivery_id: i64, outcome: VerdictOutcome) -> NewVerdict {
    NewVerdict {
        delivery_id,
        resource: String::from("issue"),
        action: String::from("created"),
        verdict: Verdict {
            outcome,
            reason: String::from("because"),
            incident_id: None,
            issue_id: None,
        },
    }
}

pub(crate) async fn decide(tx: &mut Tx, id: i64, outcome: VerdictOutcome) {
    let verdicts = [verdict(id, outcome)];
    inbox::decide(tx, &verdicts, NOW).await.unwrap();
}

/// Reads a list to its end, page by page; `page` asks for one. A macro, because the pages borrow
/// the transaction.
macro_rules! all_pages {
    (|$cursor:ident| $page:expr) => {{
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let $cursor = cursor.as_deref();
            let page = $page;
            cursor = crate::support::add_page(page, &mut items);
            if cursor.is_none() {
                break items;
            }
        }
    }};
}

/// Takes the items of a page and answers where the next one begins. A page that is not the last
/// has items: whoever follows the cursors always comes to an end.
pub(crate) fn add_page<T>(page: Page<T>, items: &mut Vec<T>) -> Option<String> {
    assert!(page.next_cursor.is_none() || !page.items.is_empty());
    items.extend(page.items);
    page.next_cursor
}
