use super::*;
use crate::incident::IncidentStatus;
use crate::proof::SecretValue;

const NOTICE_V1: &str = include_str!("fixtures/notice-v1.json");
const DIGEST_V1: &str = include_str!("fixtures/digest-v1.json");
const TARGETS_V1: &str = include_str!("fixtures/targets-v1.json");

fn notice() -> Notice {
    let payload: NoticePayload = serde_json::from_str(NOTICE_V1).unwrap();
    payload.into_notice()
}

fn digest() -> Notice {
    let payload: NoticePayload = serde_json::from_str(DIGEST_V1).unwrap();
    payload.into_notice()
}

fn incident(notice: &Notice) -> IncidentFacts {
    notice.incident().unwrap().clone()
}

#[test]
fn what_the_first_version_kept_is_read_and_written_the_same() {
    for text in [NOTICE_V1, DIGEST_V1] {
        let kept: serde_json::Value = serde_json::from_str(text).unwrap();
        let payload: NoticePayload = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_value(&payload).unwrap(), kept);
    }
    let kept: Vec<serde_json::Value> = serde_json::from_str(TARGETS_V1).unwrap();
    let targets: Vec<TargetPayload> = serde_json::from_str(TARGETS_V1).unwrap();
    assert_eq!(
        serde_json::to_value(&targets).unwrap(),
        serde_json::json!(kept)
    );
}

#[test]
fn every_channel_is_among_the_kept_targets_and_shows_no_secret() {
    // FIELD case 61
    let targets: Vec<TargetPayload> = serde_json::from_str(TARGETS_V1).unwrap();
    let mut channels = std::collections::BTreeSet::new();
    for payload in targets {
        let target = payload.into_target();
        channels.insert(target.channel());
        let shown = format!("{target:?} {}", target.place());
        assert!(!shown.contains("hush"), "{shown}");
        assert!(!target.place().is_empty());
    }
    assert_eq!(channels.len(), 9);
}

#[test]
fn a_place_is_a_host_without_names_and_paths() {
    for (url, place) in [
        (
            "https://hooks.example.com/services/T0/B0/x",
            "hooks.example.com",
        ),
        ("https://ann:hush@example.com:8443/x", "example.com:8443"),
        ("https://example.com?sig=hush", "example.com"),
        ("https://example.com\\@evil.test/", "example.com"),
        ("nonsense", "nonsense"),
    ] {
        let target = Target::Webhook {
            url: SecretValue::new(url),
            secrets: Vec::new(),
            login: None,
        };
        assert_eq!(target.place(), place, "{url}");
    }
}

#[test]
fn kinds_are_read_as_they_are_written() {
    for kind in Kind::ALL {
        assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        assert_eq!(
            serde_json::to_value(kind).unwrap(),
            serde_json::json!(kind.as_str())
        );
        assert!(!wording::kind_word(kind).is_empty());
    }
    assert_eq!(Kind::parse("shouted"), None);
}

#[test]
fn the_worst_is_seen_at_a_glance_and_the_end_even_sooner() {
    let mut notice = notice();
    let mut seen = Vec::new();
    for severity in Severity::ALL {
        let mut facts = incident(&notice);
        facts.severity = severity;
        notice.subject = Subject::Incident(Box::new(facts));
        seen.push((wording::sign(&notice), wording::color(&notice)));
    }
    let mut facts = incident(&notice);
    facts.status = IncidentStatus::Resolved;
    notice.subject = Subject::Incident(Box::new(facts));
    seen.push((wording::sign(&notice), wording::color(&notice)));
    let signs: Vec<_> = seen.iter().map(|(sign, _)| *sign).collect();
    assert_eq!(signs, ["🔴", "🟠", "🟡", "🔵", "✅"]);
    let colors: std::collections::BTreeSet<_> = seen.iter().map(|(_, color)| color).collect();
    assert_eq!(colors.len(), 5);
}

#[test]
fn a_notice_knows_where_its_story_is() {
    let (notice, digest) = (notice(), digest());
    assert_eq!(notice.page(), Some("https://epicenter.test/incidents/42"));
    assert_eq!(notice.thread(), "inc_01kexample0000");
    assert_eq!(wording::prefix(&notice), "[#42 Triggered]");
    assert_eq!(
        digest.page(),
        Some("https://epicenter.test/incidents?q=storm")
    );
    assert_eq!(digest.thread(), digest.idempotency_key);
    assert_eq!(wording::prefix(&digest), "[Storm]");
    assert!(notice.kind.is_loud() && !Kind::Resolved.is_loud());
}

#[test]
fn facts_say_what_is_known_and_nothing_else() {
    let mut facts = incident(&notice());
    let labels = |facts: &IncidentFacts| {
        let pairs = wording::facts(facts);
        pairs.iter().map(|(label, _)| *label).collect::<Vec<_>>()
    };
    assert_eq!(
        labels(&facts),
        [
            "Severity",
            "Status",
            "Service",
            "Environment",
            "Release",
            "Assigned to",
            "Seen",
            "Source",
            "Opened"
        ]
    );
    facts.service = None;
    facts.release = Some(" ".to_owned());
    facts.assignee = None;
    (facts.alert_count, facts.event_count, facts.user_count) = (1, 0, 0);
    assert_eq!(
        labels(&facts),
        ["Severity", "Status", "Environment", "Source", "Opened"]
    );
}

#[test]
fn numbers_and_times_read_like_sentences() {
    let mut facts = incident(&notice());
    (facts.alert_count, facts.event_count, facts.user_count) = (1, 1, 12);
    assert_eq!(wording::counts(&facts), "1 event, 12 users");
    facts.alert_count = 3;
    assert_eq!(wording::counts(&facts), "3 alerts, 1 event, 12 users");
    assert_eq!(
        wording::minute(Time(1_767_693_601_904)),
        "2026-01-06 10:00 UTC"
    );
    assert_eq!(wording::more(0), "");
    assert_eq!(wording::more(12), "and 12 more");
    let status_of = |facts: &IncidentFacts| wording::facts(facts)[1].1.clone();
    facts.snoozed_until = Some(Time(1_767_693_601_904));
    assert_eq!(
        status_of(&facts),
        "Triggered, snoozed until 2026-01-06 10:00 UTC"
    );
    facts.status = IncidentStatus::Resolved;
    facts.resolved_at = None;
    assert_eq!(status_of(&facts), "Resolved");
    facts.resolved_at = Some(Time(1_767_693_601_904));
    assert_eq!(status_of(&facts), "Resolved at 2026-01-06 10:00 UTC");
}

#[test]
fn the_crash_site_is_the_frame_or_else_the_culprit() {
    let mut facts = incident(&notice());
    assert_eq!(wording::crash_site(&facts), Some("charge in app/pay.py:42"));
    facts.top_frame = Some(String::new());
    assert_eq!(wording::crash_site(&facts), Some("app.pay in charge"));
    facts.culprit = None;
    assert_eq!(wording::crash_site(&facts), None);
}
