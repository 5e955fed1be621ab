//! ACCEPTANCE LF-14 to LF-22 and §5, one promise after the other.

use super::Observation;
use super::note::{Applied, Note, What};
use super::search::significance;
use crate::issue::Issue;
use crate::level::Level;
use crate::signal::{
    Actor, ActorKind, Assignee, EventDetail, EventFacts, EventRequest, EventUser, Exception, Fact,
    Frame, IssueChange, IssueFact, IssueFacts, IssueKey, Resolution, Signal, When,
};
use crate::time::Time;

const NOW: Time = Time(1_790_000_000_000);
const SEEN: Time = Time(1_789_999_000_000);

fn issue() -> Issue {
    let facts = IssueFacts::bare(IssueKey::Issue("42".to_owned()));
    let mut issue = Issue::stub(7, 1, 9, &facts, NOW);
    issue.title = "KeyError: 'sku'".to_owned();
    issue.short_id = Some("SHOP-42".to_owned());
    issue.permalink = Some("https://acme.sentry.io/issues/42/".to_owned());
    issue.culprit = Some("shop.cart in add".to_owned());
    issue.platform = Some("python".to_owned());
    issue.first_seen_at = SEEN;
    issue.last_seen_at = SEEN;
    issue.sentry_event_count = 214;
    issue.user_count = 12;
    issue
}

fn frame(function: &str, line: i64, in_app: bool) -> Frame {
    Frame {
        function: function.to_owned(),
        filename: "shop/cart.py".to_owned(),
        line: Some(line),
        in_app,
        ..Frame::default()
    }
}

fn exception(kind: &str, frames: Vec<Frame>) -> Exception {
    Exception {
        kind: kind.to_owned(),
        value: "'sku'".to_owned(),
        frames,
        ..Exception::default()
    }
}

fn event(level: Level, user: Option<EventUser>) -> EventFacts {
    let own = (1..=5).map(|line| frame(&format!("f{line}"), line, true));
    let mut frames: Vec<Frame> = own.collect();
    frames.push(frame("", 6, true));
    frames.push(frame("library", 7, false));
    EventFacts {
        event_id: "e1".to_owned(),
        at: None,
        level,
        title: "KeyError: 'sku'".to_owned(),
        detail: EventDetail {
            exceptions: vec![
                exception("Cause", vec![frame("cause", 1, true)]),
                exception("KeyError", frames),
            ],
            user,
            request: Some(EventRequest {
                url: "https://shop.example/carts/81?x=1".to_owned(),
                method: "post".to_owned(),
            }),
            ..EventDetail::default()
        },
        environment: Some("production".to_owned()),
        release: Some("shop@1.4.0".to_owned()),
    }
}

fn record(source_type: &str, change: IssueChange, event: Option<EventFacts>) -> Observation {
    let mut facts = IssueFacts::bare(IssueKey::Issue("42".to_owned()));
    facts.last_seen_at = Some(SEEN);
    let fact = IssueFact {
        change,
        issue: facts,
        event: event.map(Box::new),
    };
    let signal = Signal {
        when: When::default(),
        actor: Actor {
            kind: ActorKind::Application,
            id: "sentry".to_owned(),
            name: "Sentry".to_owned(),
        },
        fact: Fact::Issue(Box::new(fact)),
    };
    let applied = Applied {
        source: "sentry".to_owned(),
        source_type: source_type.to_owned(),
        position: 0,
        at: NOW,
        service_id: None,
        incident_id: None,
        issue: Some(Box::new(issue())),
    };
    let note = Note {
        id: 1,
        workspace_id: 1,
        delivery_id: Some(3),
        what: What::Signal(Box::new(applied.clone())),
    };
    applied.record((8, &note), &[signal])
}

fn ada() -> Assignee {
    Assignee {
        kind: "user".to_owned(),
        id: "40217".to_owned(),
        name: "Ada".to_owned(),
    }
}

fn referred(one: &Observation) -> Vec<(&str, &str)> {
    let references = one.references.iter();
    references
        .map(|reference| (reference.kind.as_str(), reference.id.as_str()))
        .collect()
}

#[test]
fn lf_14_a_record_knows_its_workspace_and_the_delivery_that_it_came_from() {
    let one = record("issue.created", IssueChange::Created, None);
    assert_eq!((one.id, one.workspace_id, one.delivery_id), (8, 1, Some(3)));
}

#[test]
fn lf_15_a_record_names_its_source_and_when_the_issue_was_last_seen() {
    let one = record("issue.created", IssueChange::Created, None);
    assert_eq!(one.source, "sentry");
    assert_eq!(one.source_type, "issue.created");
    assert_eq!(one.source_id, "issue:42");
    assert_eq!(one.occurred_at, SEEN);
}

#[test]
fn lf_16_a_record_refers_to_release_assignee_and_issue() {
    let created = record(
        "issue.created",
        IssueChange::Created,
        Some(event(Level::Error, None)),
    );
    assert!(referred(&created).contains(&("release", "shop@1.4.0")));
    let issue = created
        .references
        .iter()
        .find(|one| one.kind == "sentry_issue");
    let issue = issue.unwrap();
    assert_eq!(issue.id, "SHOP-42");
    let url = issue.url.as_deref();
    assert_eq!(url, Some("https://acme.sentry.io/issues/42/"));
    let assigned = record("issue.assigned", IssueChange::Assigned(ada()), None);
    assert_eq!(
        referred(&assigned),
        [("assignee", "40217"), ("sentry_issue", "SHOP-42")]
    );
}

#[test]
fn lf_17_the_actor_is_the_assignee_else_the_user_of_the_event() {
    let actor = |change, event| {
        let actor = record("issue.x", change, event).actor;
        (actor.id, actor.name)
    };
    let said = |id: &str, name: &str| (id.to_owned(), name.to_owned());
    let assigned = actor(IssueChange::Assigned(ada()), None);
    assert_eq!(assigned, said("sentry:40217", "Ada"));
    let user = EventUser {
        id: "5".to_owned(),
        name: "mira".to_owned(),
    };
    let seen = actor(IssueChange::Created, Some(event(Level::Error, Some(user))));
    assert_eq!(seen, said("user:5", "mira"));
    let unknown = actor(IssueChange::Created, Some(event(Level::Error, None)));
    assert_eq!(unknown, said("user:unknown", "Unknown User"));
}

#[test]
fn lf_18_the_metadata_has_all_keys_also_without_values() {
    let one = record("issue.created", IssueChange::Created, None);
    let mut keys: Vec<&str> = one.metadata.keys().map(String::as_str).collect();
    keys.sort_unstable();
    let mut wanted = [
        "issueId",
        "shortId",
        "permalink",
        "projectSlug",
        "projectId",
        "platform",
        "level",
        "status",
        "eventCount",
        "userCount",
        "firstSeen",
        "lastSeen",
        "release",
        "environment",
        "errorType",
        "errorValue",
        "culprit",
        "hasStackTrace",
    ];
    wanted.sort_unstable();
    assert_eq!(keys, wanted);
    assert!(one.metadata["release"].is_null() && one.metadata["errorType"].is_null());
    assert_eq!(one.metadata["eventCount"], 214, "a number");
    assert_eq!(one.metadata["userCount"], 12);
    assert_eq!(one.metadata["hasStackTrace"], false);
}

#[test]
fn lf_19_every_level_has_its_sign() {
    for (level, sign) in [
        (Level::Fatal, "💀"),
        (Level::Error, "🔴"),
        (Level::Warning, "🟡"),
        (Level::Info, "🔵"),
        (Level::Debug, "⚠️"),
        (Level::Sample, "⚠️"),
    ] {
        let fired = IssueChange::AlertFired { rules: Vec::new() };
        let one = record("event_alert.triggered", fired, Some(event(level, None)));
        assert_eq!(
            one.title,
            format!("{sign} KeyError: 'sku'"),
            "other (LF-20)"
        );
    }
}

#[test]
fn lf_20_every_action_has_its_title() {
    for (change, title) in [
        (IssueChange::Created, "🔴 [New Issue]"),
        (
            IssueChange::Resolved(Resolution::default()),
            "✅ [Resolved]",
        ),
        (IssueChange::Assigned(ada()), "👤 [Assigned]"),
        (IssueChange::Unresolved, "🔄 [Reopened]"),
        (
            IssueChange::Archived {
                until: "for ever".to_owned(),
            },
            "🔇 [Ignored]",
        ),
    ] {
        let one = record("issue.x", change, None);
        assert_eq!(one.title, format!("{title} KeyError: 'sku'"));
    }
}

/// LF-22 with §4: of a chain of exceptions it is the raised one, the last.
#[test]
fn lf_21_lf_22_the_body_is_in_order_with_three_frames_of_ones_own_newest_first() {
    let whole = Some(event(Level::Error, None));
    let one = record("issue.created", IssueChange::Created, whole);
    let expected = "**KeyError**: 'sku'\n\n\
        **Location**: `shop.cart in add`\n\n\
        **Occurrences**: 214 events affecting 12 users\n\
        **First seen**: 2026-09-21T13:56:40.000Z\n\
        **Last seen**: 2026-09-21T13:56:40.000Z\n\n\
        **Release**: shop@1.4.0\n\
        **Environment**: production\n\n\
        **Stack Trace** (top frames):\n\
        - `(anonymous)` at `shop/cart.py:6`\n\
        - `f5` at `shop/cart.py:5`\n\
        - `f4` at `shop/cart.py:4`\n\n\
        **Platform**: python";
    assert_eq!(one.body, expected);
    let bare = record("issue.created", IssueChange::Created, None);
    assert!(bare.body.starts_with("**Error**: KeyError: 'sku'\n\n"));
    assert!(!bare.body.contains("Stack Trace") && !bare.body.contains("Release"));
}

/// §5: entities of one record; deploys, branches and pull requests are in `change`.
#[test]
fn acceptance_5_a_record_names_what_it_is_about() {
    let resolved = IssueChange::Resolved(Resolution {
        commit: Some("9fceb02d0ae598e95dc970b74767f19372d61af8".to_owned()),
        ..Resolution::default()
    });
    let one = record("issue.resolved", resolved, Some(event(Level::Error, None)));
    let sha = "9fceb02d0ae598e95dc970b74767f19372d61af8";
    assert_eq!(
        referred(&one),
        [
            ("release", "shop@1.4.0"),
            ("commit", sha),
            ("resolved_by", sha),
            ("sentry_issue", "SHOP-42"),
            ("file", "shop/cart.py"),
            ("endpoint", "POST /carts/{id}"),
        ]
    );
}

#[test]
fn acceptance_5_kinds_weigh_as_written_down() {
    for (kind, weight) in [
        ("metric_alert.critical", 70),
        ("event_alert.triggered", 65),
        ("issue.created", 55),
        ("issue.resolved", 50),
        ("error.created", 45),
        ("issue.unresolved", 45),
        ("issue.assigned", 30),
        ("issue.ignored", 25),
    ] {
        assert_eq!(significance(kind), weight, "{kind}");
    }
}
