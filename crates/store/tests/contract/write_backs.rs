//! What is done here and owed to Sentry.

use crate::support::{NOW, alert, issue};
use epicenter_domain::engine::{Slice, Tracked};
use epicenter_domain::signal::{Actor, ActorKind, IssueStatus};
use epicenter_domain::time::{DAY_MS, MINUTE_MS, Time};
use epicenter_domain::writeback::{Matter, Said, Scope, Sent, WriteBack, WriteState};
use epicenter_store::slice::{self, Touched};
use epicenter_store::write_backs::settings::{self, WriteBackSettings};
use epicenter_store::{Database, write_backs};

store_contract!(
    the_last_state_of_an_issue_is_kept_and_comes_back_whole,
    notes_are_kept_one_by_one_until_their_echo,
    what_is_due_is_taken_by_one_node_and_only_as_it_was,
    a_pause_puts_off_one_integration,
    what_was_done_is_listed_by_issue_and_incident,
    what_is_old_goes_and_what_waits_stays,
    a_connection_keeps_what_it_is_told,
);

fn done(id: i64, said: Said) -> WriteBack {
    WriteBack {
        id,
        workspace_id: 1,
        integration_id: 1,
        dedup_key: "sentry-7".to_owned(),
        sentry_issue_id: "4007".to_owned(),
        issue_id: Some(7),
        incident_id: Some(70),
        said,
        before: Some(IssueStatus::Ignored),
        actor: Actor {
            kind: ActorKind::User,
            id: "usr_1".to_owned(),
            name: "Ann".to_owned(),
        },
        asked_at: NOW,
        state: WriteState::Waiting,
        due_at: NOW,
        attempt_count: 0,
        sent: None,
        told_at: None,
        comment_id: None,
        reason: String::new(),
    }
}

fn resolved(id: i64) -> WriteBack {
    done(id, Said::Status(IssueStatus::Resolved))
}

fn note(id: i64) -> WriteBack {
    done(id, Said::Note(format!("note {id}")))
}

async fn save(database: &Database, all: &[WriteBack]) {
    let mut slice = Slice::default();
    for done in all {
        let matter = done.said.matter();
        let which = if matter == Matter::Note { done.id } else { 0 };
        let key = (done.integration_id, done.dedup_key.clone());
        let tracked = Tracked::made(done.clone());
        slice.writebacks.insert((key, matter, which), tracked);
    }
    writing!(database, |tx| write_backs::save(tx, &slice).await.unwrap());
}

/// What a batch that touches the issue 7 gets to see.
async fn seen(database: &Database) -> Vec<WriteBack> {
    let touched = Touched {
        keys: [(1, "sentry-7".to_owned())].into(),
        ..Touched::default()
    };
    let slice = reading!(database, |tx| slice::load(tx, &touched).await.unwrap());
    let all = slice.writebacks.into_values();
    all.map(|tracked| tracked.row).collect()
}

async fn with_issue(database: &Database) {
    let mut slice = Slice::default();
    let key = (1, "sentry-7".to_owned());
    slice.issues.insert(key, Tracked::made(issue(7)));
    let mut other = alert(8);
    other.dedup_key = "sentry-8".to_owned();
    slice
        .alerts
        .insert((1, "sentry-8".to_owned()), Tracked::made(other));
    writing!(database, |tx| slice::save(tx, &slice).await.unwrap());
}

async fn the_last_state_of_an_issue_is_kept_and_comes_back_whole(database: &Database) {
    with_issue(database).await;
    let mut first = resolved(20);
    first.told_at = Some(NOW);
    first.comment_id = Some("12".to_owned());
    "Because.".clone_into(&mut first.reason);
    first.sent = Some(Sent {
        said: first.said.clone(),
        first_at: NOW,
        at: NOW.plus_ms(1),
    });
    let assigned = done(21, Said::Assignee(None));
    save(database, &[first.clone(), assigned.clone()]).await;
    assert_eq!(seen(database).await, [first.clone(), assigned.clone()]);

    let mut second = done(22, Said::Status(IssueStatus::Unresolved));
    second.asked_at = NOW.plus_ms(5);
    save(database, &[second.clone()]).await;
    second.id = first.id;
    assert_eq!(seen(database).await, [second, assigned]);

    let mut other = resolved(23);
    other.dedup_key = "sentry-8".to_owned();
    save(database, &[other.clone()]).await;
    let mut slice = Slice::default();
    reading!(database, |tx| {
        write_backs::load_one(tx, 23, &mut slice).await.unwrap();
        write_backs::load_one(tx, 99, &mut slice).await.unwrap();
    });
    let found: Vec<_> = slice.writebacks.into_values().collect();
    assert_eq!(found, [Tracked::loaded(other)]);
    let mut slice = Slice::default();
    slice
        .alerts
        .insert((1, "sentry-8".to_owned()), Tracked::loaded(alert(8)));
    reading!(database, |tx| write_backs::load(tx, &mut slice)
        .await
        .unwrap());
    assert_eq!(
        slice.writebacks.len(),
        1,
        "of an alert without a loaded issue"
    );
}

async fn notes_are_kept_one_by_one_until_their_echo(database: &Database) {
    with_issue(database).await;
    let mut sent = note(31);
    sent.sent = Some(Sent {
        said: sent.said.clone(),
        first_at: NOW,
        at: NOW,
    });
    save(database, &[note(30), sent.clone()]).await;
    assert_eq!(seen(database).await, [sent.clone()], "only it can echo");
    let all = reading!(database, |tx| {
        write_backs::of_issue(tx, 7, 10).await.unwrap()
    });
    assert_eq!(all.len(), 2);
    sent.sent = None;
    save(database, &[sent]).await;
    assert!(seen(database).await.is_empty());
}

async fn what_is_due_is_taken_by_one_node_and_only_as_it_was(database: &Database) {
    let later = WriteBack {
        due_at: NOW.plus_ms(MINUTE_MS),
        dedup_key: "sentry-8".to_owned(),
        ..resolved(41)
    };
    let over = WriteBack {
        state: WriteState::Told,
        dedup_key: "sentry-9".to_owned(),
        ..resolved(42)
    };
    save(database, &[resolved(40), later, over]).await;
    let due = reading!(database, |tx| write_backs::due(tx, NOW, 10).await.unwrap());
    assert_eq!(due, [resolved(40)]);
    let mut mine = resolved(40);
    mine.sent = Some(Sent {
        said: mine.said.clone(),
        first_at: NOW,
        at: NOW,
    });
    let until = NOW.plus_ms(MINUTE_MS);
    let taken = writing!(database, |tx| {
        let first = write_backs::claim(tx, &mine, until).await.unwrap();
        let second = write_backs::claim(tx, &mine, until).await.unwrap();
        (first, second)
    });
    assert_eq!(taken, (true, false));
    let due = reading!(database, |tx| {
        assert!(write_backs::due(tx, NOW, 10).await.unwrap().is_empty());
        write_backs::due(tx, until, 1).await.unwrap()
    });
    assert_eq!((due[0].attempt_count, &due[0].sent), (1, &mine.sent));
    let changed = WriteBack {
        asked_at: NOW.plus_ms(1),
        ..due[0].clone()
    };
    save(database, &[changed]).await;
    let taken = writing!(database, |tx| {
        write_backs::claim(tx, &due[0], until).await.unwrap()
    });
    assert!(!taken, "somebody did something else meanwhile");
}

async fn a_pause_puts_off_one_integration(database: &Database) {
    let other = WriteBack {
        integration_id: 2,
        ..resolved(51)
    };
    save(database, &[resolved(50), other.clone()]).await;
    let until = NOW.plus_ms(MINUTE_MS);
    let (due, counts) = writing!(database, |tx| {
        write_backs::put_off(tx, 1, until).await.unwrap();
        let due = write_backs::due(tx, NOW, 10).await.unwrap();
        let all = write_backs::count_waiting(tx, None).await.unwrap();
        let mine = write_backs::count_waiting(tx, Some(1)).await.unwrap();
        let theirs = write_backs::count_waiting(tx, Some(2)).await.unwrap();
        (due, [all, mine, theirs])
    });
    assert_eq!(due, [other]);
    assert_eq!(counts, [2, 2, 0]);
}

async fn what_was_done_is_listed_by_issue_and_incident(database: &Database) {
    let newer = WriteBack {
        asked_at: NOW.plus_ms(9),
        incident_id: None,
        ..note(61)
    };
    save(database, &[resolved(60), newer.clone()]).await;
    reading!(database, |tx| {
        let of_issue = write_backs::of_issue(tx, 7, 10).await.unwrap();
        assert_eq!(of_issue, [newer.clone(), resolved(60)]);
        assert_eq!(write_backs::of_issue(tx, 7, 1).await.unwrap(), [newer]);
        let of_incident = write_backs::of_incident(tx, 70, 10).await.unwrap();
        assert_eq!(of_incident, [resolved(60)]);
        assert!(write_backs::of_issue(tx, 8, 10).await.unwrap().is_empty());
    });
}

async fn what_is_old_goes_and_what_waits_stays(database: &Database) {
    let old = epicenter_domain::id::first_id_at(NOW.plus_ms(-9 * DAY_MS));
    let at = |id, asked_at: Time, state, key: &str| WriteBack {
        asked_at,
        state,
        dedup_key: key.to_owned(),
        ..resolved(id)
    };
    let long_ago = NOW.plus_ms(-9 * DAY_MS);
    save(
        database,
        &[
            at(old, long_ago, WriteState::Told, "sentry-1"),
            at(old + 1, long_ago, WriteState::Waiting, "sentry-2"),
            at(old + 2, NOW, WriteState::Told, "sentry-3"),
        ],
    )
    .await;
    let gone = writing!(database, |tx| {
        let before = NOW.plus_ms(-DAY_MS);
        let none = write_backs::delete_old(tx, before, 0).await.unwrap();
        (none, write_backs::delete_old(tx, before, 10).await.unwrap())
    });
    assert_eq!(gone, (0, 1));
    let left = reading!(database, |tx| {
        write_backs::of_issue(tx, 7, 10).await.unwrap()
    });
    let left: Vec<_> = left.iter().map(|done| done.id).collect();
    assert_eq!(left, [old + 2, old + 1]);
}

async fn a_connection_keeps_what_it_is_told(database: &Database) {
    let chosen = WriteBackSettings {
        scope: Some(Scope::All),
        refused_at: Some(NOW),
        refusal: Some("Sentry answered 403.".to_owned()),
    };
    let fresh = WriteBackSettings::default();
    writing!(database, |tx| {
        assert_eq!(settings::of_connection(tx, 5).await.unwrap(), fresh);
        settings::save(tx, (1, 5), &fresh).await.unwrap();
        settings::save(tx, (1, 5), &chosen).await.unwrap();
        assert_eq!(settings::of_connection(tx, 5).await.unwrap(), chosen);
        assert_eq!(settings::of_connection(tx, 6).await.unwrap(), fresh);
        assert!(settings::delete(tx, 5).await.unwrap());
        assert!(!settings::delete(tx, 5).await.unwrap());
        assert_eq!(settings::of_connection(tx, 5).await.unwrap(), fresh);
    });
}
