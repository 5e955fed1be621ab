use super::*;
use crate::signal::{IssueChange, IssueStatus};
use crate::time::Time;
use proptest::prelude::*;

/// One issue as the API lists it: made up, with the fields that Sentry documents.
const LISTED: &str = r#"{"annotations":[],"assignedTo":{"type":"team","id":"4","name":"payments"},
 "count":"12","culprit":"charge in pay","firstSeen":"2026-02-01T10:00:00Z","filtered":null,
 "id":"901","isUnhandled":true,"lastSeen":"2026-02-20T08:00:00Z","level":"fatal","logger":null,
 "lifetime":{"count":"150","userCount":9,"firstSeen":"2026-01-01T10:00:00Z",
  "lastSeen":"2026-02-20T08:00:01Z"},
 "metadata":{"type":"ValueError","value":"no such card","title":"ValueError"},
 "permalink":"https://sentry.io/organizations/acme/issues/901/","priority":"high",
 "project":{"id":"2","name":"Shop","slug":"shop","platform":"python"},"shortId":"SHOP-P1",
 "status":"ignored","substatus":"archived_until_condition_met",
 "statusDetails":{"ignoreCount":10,"ignoreWindow":60},"title":"ValueError: no such card",
 "type":"error","userCount":1,"issueCategory":"error"}"#;

#[test]
fn an_issue_of_the_api_says_what_a_webhook_would() {
    let issue = issue(LISTED.as_bytes()).unwrap();
    let facts = &issue.facts;
    assert_eq!(facts.key.sentry_issue_id(), Some("901"));
    assert_eq!(
        facts.event_count,
        Some(150),
        "of all time, not of the window"
    );
    assert_eq!(facts.user_count, Some(9));
    assert_eq!(facts.first_seen_at, Time::parse("2026-01-01T10:00:00Z"));
    assert_eq!(facts.last_seen_at, Time::parse("2026-02-20T08:00:01Z"));
    assert_eq!(facts.status, Some(IssueStatus::Ignored));
    let until = "until 10 more events within 60 minutes".to_owned();
    assert_eq!(issue.change, Some(IssueChange::Archived { until }));
}

#[test]
fn el_10_all_of_sentrys_words_for_a_status_are_mapped() {
    for (status, details, expected) in [
        ("unresolved", "{}", Some("unresolved")),
        ("resolved", "{}", Some("resolved: -")),
        (
            "resolved",
            r#"{"inRelease":"1.2"}"#,
            Some("resolved: in_release"),
        ),
        (
            "resolved",
            r#"{"inNextRelease":true}"#,
            Some("resolved: in_next_release"),
        ),
        (
            "resolved",
            r#"{"autoResolved":true}"#,
            Some("resolved: by_age"),
        ),
        (
            "resolved",
            r#"{"inCommit":{"id":"ab"}}"#,
            Some("resolved: in_commit"),
        ),
        ("ignored", "{}", Some("until somebody changes it")),
        ("muted", "{}", Some("until somebody changes it")),
        ("pending_deletion", "{}", None),
        ("pending_merge", "{}", None),
        ("reprocessing", "{}", None),
    ] {
        let body = format!(r#"{{"id":"1","status":"{status}","statusDetails":{details}}}"#);
        let told = issue(body.as_bytes())
            .unwrap()
            .change
            .map(|change| match change {
                IssueChange::Unresolved => "unresolved".to_owned(),
                IssueChange::Resolved(how) => {
                    format!("resolved: {}", how.how.as_deref().unwrap_or("-"))
                }
                IssueChange::Archived { until } => until,
                other => format!("{other:?}"),
            });
        assert_eq!(told.as_deref(), expected, "{status} {details}");
    }
}

#[test]
fn one_odd_issue_does_not_spoil_its_page() {
    let body = format!(
        r#"[{LISTED}, null, 7, "x", [], {{}}, {{"id": {{}}}}, {{"id": 12, "status": 4, "count": [],
            "firstSeen": {{}}, "project": "shop", "metadata": 3, "level": [1]}}]"#
    );
    let page = issues(body.as_bytes()).unwrap();
    let ids: Vec<_> = page
        .items
        .iter()
        .map(|one| one.facts.key.sentry_issue_id().unwrap_or_default())
        .collect();
    assert_eq!((ids, page.unreadable), (vec!["901", "12"], 6));
}

#[test]
fn other_programs_leave_fields_out() {
    // GlitchTip: no substatus, statusDetails, lifetime or issueCategory.
    let body = r#"[{"annotations":[],"assignedTo":null,"count":"3","culprit":"","firstSeen":
        "2026-02-01T10:00:00.123456Z","hasSeen":false,"id":"5","lastSeen":"2026-02-01T11:00:00Z",
        "level":"error","metadata":{"title":"boom"},"permalink":null,"project":{"id":"1","name":
        "web","slug":"web"},"shortId":"WEB-5","stats":{},"status":"resolved","title":"boom",
        "type":"default","userCount":0,"matchingEventId":null}]"#;
    let page = issues(body.as_bytes()).unwrap();
    let facts = &page.items[0].facts;
    assert_eq!(facts.title.as_deref(), Some("boom"));
    assert_eq!(facts.event_count, Some(3));
    assert!(matches!(
        page.items[0].change,
        Some(IssueChange::Resolved(_))
    ));
}

#[test]
fn what_is_no_list_is_said_to_be_none() {
    for (body, expected) in [
        (" \n<!DOCTYPE html><title>Sign in</title>", Unusable::Page),
        ("<html>", Unusable::Page),
        ("", Unusable::NotJson),
        ("Bad gateway", Unusable::NotJson),
        (r#"[{"id":"#, Unusable::NotJson),
        (&"[".repeat(100_000), Unusable::NotJson),
        (r#"{"detail":"Internal error"}"#, Unusable::OtherType),
        (
            r#""You are attempting to use this endpoint too frequently.""#,
            Unusable::OtherType,
        ),
        ("null", Unusable::OtherType),
    ] {
        assert_eq!(issues(body.as_bytes()), Err(expected), "{body:.40}");
    }
}

#[test]
fn a_page_of_a_million_entries_is_read_up_to_the_limit() {
    let body = format!("[{}null]", "null,".repeat(50_000));
    let page = issues(body.as_bytes()).unwrap();
    assert_eq!(page.unreadable, API_LIST);
}

#[test]
fn the_root_of_the_api_names_scopes() {
    for (body, expected) in [
        (
            r#"{"version":"0","auth":{"scopes":["event:read"]},"user":null}"#,
            Ok(Some(vec!["event:read".to_owned()])),
        ),
        (r#"{"version":"0","auth":null,"user":null}"#, Ok(None)),
        ("[]", Err(Unusable::OtherType)),
    ] {
        assert_eq!(scopes(body.as_bytes()), expected, "{body}");
    }
}

#[test]
fn an_event_has_an_id() {
    let body = r#"{"id":"ab","eventID":"ab","groupID":"901","dateCreated":"2026-02-01T10:00:00Z",
        "tags":[{"key":"environment","value":"production"},{"key":"release","value":"1.2"}],
        "entries":[{"type":"exception","data":{"values":[{"type":"E","value":"v"}]}}]}"#;
    let event = event(body.as_bytes()).unwrap();
    assert_eq!(event.environment.as_deref(), Some("production"));
    assert_eq!(event.release.as_deref(), Some("1.2"));
    assert_eq!(event.detail.exceptions.len(), 1);
    assert_eq!(super::event(b"{}"), Err(Unusable::OtherType));
    assert_eq!(super::event(b"[1]"), Err(Unusable::OtherType));
}

#[test]
fn projects_releases_and_notes_are_read() {
    let listed = projects(br#"[{"id":"2","slug":"shop","name":"Shop"},5]"#).unwrap();
    assert_eq!(
        (listed.items[0].slug.as_deref(), listed.unreadable),
        (Some("shop"), 1)
    );
    let listed = releases(br#"[{"version":"shop@1","projects":[{"slug":"shop"},{}]},{}]"#).unwrap();
    assert_eq!(
        (listed.items[0].projects.as_slice(), listed.unreadable),
        (["shop".to_owned()].as_slice(), 1)
    );
    assert_eq!(made(br#"{"id":77,"type":"note"}"#), Ok("77".to_owned()));
    assert_eq!(made(b"[]"), Err(Unusable::OtherType));
    assert_eq!(
        organization(br#"{"slug":"acme","name":"Acme"}"#),
        Ok(Some("Acme".to_owned()))
    );
}

proptest! {
    #[test]
    fn cut_off_anywhere_a_list_is_no_list(at in 0..LISTED.len()) {
        let body = LISTED.get(..at).unwrap_or_default();
        prop_assert_eq!(issues(format!("[{body}").as_bytes()), Err(Unusable::NotJson));
    }
}
