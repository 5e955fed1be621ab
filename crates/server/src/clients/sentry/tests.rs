use super::page::position;
use super::*;
use crate::clients::outbound::{Guard, OutboundError, OutboundParts, read_networks};
use crate::simulator::sentry::{FAKE_ORGANIZATION, FAKE_TOKEN, FakeIssue, FakeSentry, Fault};
use epicenter_domain::signal::IssueStatus;
use epicenter_domain::time::{DAY_MS, MINUTE_MS};
use reqwest::header::LINK;
use std::time::Duration;

const NOW: Time = Time(1_790_000_000_000);

struct Desk {
    sentry: FakeSentry,
    outbound: Outbound,
    url: String,
    pace: Pace,
    clock: Clock,
}

impl Desk {
    async fn open() -> Self {
        let clock = Clock::manual(NOW);
        let sentry = FakeSentry::new(clock.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        #[expect(clippy::disallowed_methods, reason = "it dies with the test")]
        drop(tokio::spawn(sentry.clone().serve(listener)));
        let guard = Guard::new(read_networks(&["127.0.0.1".to_owned()]).unwrap());
        let mut parts = OutboundParts::new(guard, "https://epicenter.test");
        parts.deadline = Duration::from_secs(2);
        drop(rustls::crypto::ring::default_provider().install_default());
        Self {
            sentry,
            outbound: Outbound::new(parts).unwrap(),
            url,
            pace: Pace::default(),
            clock,
        }
    }

    fn api(&self) -> SentryApi<'_> {
        SentryApi {
            outbound: &self.outbound,
            base_url: &self.url,
            organization: FAKE_ORGANIZATION,
            token: FAKE_TOKEN,
            pace: &self.pace,
            clock: &self.clock,
        }
    }
}

fn month() -> IssueQuery {
    IssueQuery {
        projects: Vec::new(),
        from: NOW.plus_ms(-30 * DAY_MS),
        until: NOW.plus_ms(1),
    }
}

#[tokio::test]
async fn all_statuses_are_listed_page_by_page() {
    let desk = Desk::open().await;
    for id in 1..=250 {
        desk.sentry.put(FakeIssue::new(id, NOW.plus_ms(-MINUTE_MS)));
    }
    let mut cursor = None;
    let mut seen = std::collections::BTreeSet::new();
    for left in [true, true, false] {
        let page = desk
            .api()
            .issues(&month(), cursor.as_deref())
            .await
            .unwrap();
        assert_eq!(page.total, Some(250));
        seen.extend(page.items.iter().map(|one| one.facts.key.dedup_key()));
        cursor = match page.position {
            Position::Next(cursor) => Some(cursor),
            Position::End => None,
        };
        assert_eq!(cursor.is_some(), left);
    }
    assert_eq!(
        seen.len(),
        250,
        "each once, though all were seen at the same time"
    );
    let asked = desk.sentry.take_asked();
    let first = &asked[0].path;
    assert!(first.contains("?query=&sort=date&limit=100"), "{first}");
    assert!(!first.contains("OR"), "{first}");
}

#[tokio::test]
async fn issues_are_changed_and_notes_written() {
    let desk = Desk::open().await;
    desk.sentry.put(FakeIssue::new(7, NOW));
    let update = IssueUpdate {
        status: Some("resolved".to_owned()),
        assigned_to: Some("user:1".to_owned()),
        ..IssueUpdate::default()
    };
    let issue = desk.api().update_issue("7", &update).await.unwrap();
    assert_eq!(issue.facts.status, Some(IssueStatus::Resolved));
    assert_eq!(desk.sentry.take_webhooks().len(), 2, "Sentry tells us, too");
    assert_eq!(desk.api().add_note("7", "look here").await.unwrap(), "1");
    let again = desk.api().add_note("7", "look here").await;
    assert_eq!(
        again,
        Err(SentryError::Refused(400)),
        "the same within an hour"
    );
    let found = desk.api().issue("7").await.unwrap();
    assert_eq!(found.facts.status, Some(IssueStatus::Resolved));
    assert_eq!(desk.api().issue("8").await, Err(SentryError::NotFound));
    assert_eq!(desk.api().projects(None).await.unwrap().items.len(), 1);
    assert_eq!(desk.api().releases(None).await.unwrap().items.len(), 1);
    let event = desk.api().latest_event("7").await.unwrap();
    assert_eq!(event.event_id.len(), 32);
    desk.sentry.allow(&["event:read"]);
    let refused = desk.api().update_issue("7", &update).await;
    let scope = "event:write";
    assert_eq!(refused, Err(SentryError::Forbidden { scope }));
}

#[tokio::test]
async fn each_endpoint_rests_by_itself() {
    let desk = Desk::open().await;
    desk.sentry.put(FakeIssue::new(7, NOW));
    desk.sentry.limit(Some(1));
    desk.api().issue("7").await.unwrap();
    let until = Time(NOW.0.div_euclid(1_000) * 1_000 + 1_000);
    let resting = desk.api().issue("7").await;
    assert_eq!(
        resting,
        Err(SentryError::Resting { until }),
        "the last answer said so"
    );
    desk.api().projects(None).await.unwrap();
    desk.clock.advance_ms(1_000);
    desk.api().issue("7").await.unwrap();
}

#[tokio::test]
async fn waits_grow_and_end_with_the_first_success() {
    let desk = Desk::open().await;
    desk.sentry.always(Some(Fault::Status(502)));
    let mut waits = Vec::new();
    for _ in 0..12 {
        let until = desk.api().issue("7").await.unwrap_err().wait().unwrap();
        waits.push(until.since_ms(desk.clock.now()));
        desk.clock.set(until);
    }
    assert!(waits[..9].is_sorted(), "{waits:?}");
    assert!(waits[0] >= 1_000 && waits[11] <= 7 * MINUTE_MS, "{waits:?}");
    desk.sentry.always(None);
    assert_eq!(desk.api().issue("7").await, Err(SentryError::NotFound));
    desk.sentry.put(FakeIssue::new(7, NOW));
    desk.api().issue("7").await.unwrap();
    desk.sentry.once(Fault::Status(502));
    let until = desk.api().issue("7").await.unwrap_err().wait().unwrap();
    assert!(until.since_ms(desk.clock.now()) < 2_000, "it begins anew");
}

#[tokio::test]
async fn whoever_answers_in_minutes_is_not_waited_for() {
    // FIELD case 26
    let desk = Desk::open().await;
    desk.sentry.once(Fault::Late(60_000));
    let error = desk.api().issue("7").await.unwrap_err();
    let late = matches!(
        &error,
        SentryError::Silent {
            error: OutboundError::TimedOut(_),
            ..
        }
    );
    assert!(late, "{error:?}");
}

#[tokio::test]
async fn an_id_cannot_lead_to_another_place() {
    let desk = Desk::open().await;
    for id in [
        "../../../other",
        "7/../8",
        "..",
        "7?x=1",
        "7#",
        "%2e%2e",
        ".",
    ] {
        assert_eq!(
            desk.api().issue(id).await,
            Err(SentryError::NotFound),
            "{id}"
        );
    }
    let own = format!("/api/0/organizations/{FAKE_ORGANIZATION}/issues/");
    for asked in desk.sentry.take_asked() {
        let rest = asked.path.strip_prefix(&own).unwrap();
        assert_eq!(rest.matches('/').count(), 1, "{asked:?}");
    }
}

#[test]
fn cursors_are_taken_from_links() {
    let of = |links: &[&str]| {
        let mut headers = HeaderMap::new();
        for link in links {
            headers.append(LINK, link.parse().unwrap());
        }
        position(&headers)
    };
    let next = |cursor: &str| Position::Next(cursor.to_owned());
    let previous =
        r#"<https://s.example/?&cursor=1:0:1>; rel="previous"; results="false"; cursor="1:0:1""#;
    let more =
        r#"<https://s.example/?a=1,2&cursor=9:0:0>; rel="next"; results="true"; cursor="9:0:0""#;
    let none = r#"<https://s.example/?&cursor=9:0:0>; rel="next"; results="false"; cursor="9:0:0""#;
    assert_eq!(of(&[&format!("{previous}, {more}")]), next("9:0:0"));
    assert_eq!(of(&[&format!("{previous},{more}")]), next("9:0:0"));
    assert_eq!(of(&[previous, more]), next("9:0:0"));
    assert_eq!(of(&[&format!("{previous}, {none}")]), Position::End);
    // GlitchTip leaves out quotes and results.
    assert_eq!(
        of(&["<https://g.example/?cursor=cD0y>; rel=next; cursor=cD0y"]),
        next("cD0y")
    );
    for odd in [
        String::new(),
        "nonsense".to_owned(),
        r#"<https://s.example/>; rel="next"; results="true""#.to_owned(),
        r#"<https://s.example/>; rel="next"; results="true"; cursor="""#.to_owned(),
        format!(
            r#"<https://s.example/>; rel="next"; cursor="{}""#,
            "9".repeat(201)
        ),
        r#"<https://s.example/>; rel="next"; cursor="a b""#.to_owned(),
    ] {
        assert_eq!(of(&[&odd]), Position::End, "{odd}");
    }
}
