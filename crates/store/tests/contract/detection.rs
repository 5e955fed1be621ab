//! Detection: what waits to be looked at, what is kept, what is wanted.

use crate::support::{NOW, event, issue, issues_slice};
use epicenter_domain::engine::{NewEvent, Slice};
use epicenter_domain::id::first_id_at;
use epicenter_domain::issue::Issue;
use epicenter_domain::routing::detect::{
    Detection, Judged, Look, Reaction, ReleaseVerdict, Seen, Watch,
};
use epicenter_domain::routing::inhibit::Rule;
use epicenter_domain::signal::{IssueStatus, Resolution};
use epicenter_domain::time::MINUTE_MS;
use epicenter_store::detection::{
    done, forget_settings, load_watches, muted, muted_count, regression_of, save_watches,
    set_settings, settings, waiting,
};
use epicenter_store::notices::inhibitions::{rules, set_rules};
use epicenter_store::{Database, slice};
use std::collections::BTreeMap;

store_contract!(
    what_arrives_waits_by_minute_and_place,
    watches_are_kept_and_muted_issues_are_listed,
    settings_are_kept_by_service,
    regressions_are_kept_by_incident,
    rules_of_inhibition_are_kept_by_workspace,
);

fn at_minute(number: i64, issue_id: i64, minute: i64, environment: &str) -> NewEvent {
    let at = NOW.plus_ms(minute * MINUTE_MS);
    let mut new = event(first_id_at(at) + number, issue_id, at);
    new.facts.environment = Some(environment.to_owned());
    new
}

async fn what_arrives_waits_by_minute_and_place(database: &Database) {
    let mut first = issues_slice([issue(1), issue(2)]);
    first.new_events = vec![
        at_minute(1, 1, 0, "production"),
        at_minute(2, 1, 0, "production"),
        at_minute(3, 1, 0, "staging"),
        at_minute(4, 1, 1, "production"),
    ];
    let mut second = issues_slice([issue(1)]);
    second.new_events = vec![at_minute(5, 1, 0, "production")];
    writing!(database, |tx| {
        slice::save(tx, &first).await.unwrap();
        slice::save(tx, &second).await.unwrap();
    });
    let all = reading!(database, |tx| waiting(tx, 100).await.unwrap());
    let seen = &all.issues[&1].2;
    let counts: Vec<(&str, u32)> = seen
        .iter()
        .map(|one| (one.environment.as_str(), one.events))
        .collect();
    assert_eq!(
        counts,
        [("production", 3), ("staging", 1), ("production", 1)]
    );
    assert_eq!(all.issues[&2].2[0].events, 0, "only the issue changed");
    let some = reading!(database, |tx| waiting(tx, 1).await.unwrap());
    writing!(database, |tx| done(tx, &some).await.unwrap());
    let rest = reading!(database, |tx| waiting(tx, 100).await.unwrap());
    let rows = |all: &epicenter_store::detection::Waiting| -> usize {
        all.issues.values().map(|one| one.2.len()).sum()
    };
    assert_eq!(rows(&rest), rows(&all) - 1);
    writing!(database, |tx| done(tx, &rest).await.unwrap());
    assert!(reading!(database, |tx| waiting(tx, 1).await.unwrap()).is_empty());
    writing!(database, |tx| done(tx, &rest).await.unwrap());
}

async fn watches_are_kept_and_muted_issues_are_listed(database: &Database) {
    let muted_issue = |id: i64, count: i64| Issue {
        status: IssueStatus::Resolved,
        resolution: Some(Resolution {
            how: Some("in_next_release".to_owned()),
            ..Resolution::default()
        }),
        sentry_event_count: count,
        ..issue(id)
    };
    let quiet: Vec<Issue> = (1..=4).map(|id| muted_issue(id, 10)).collect();
    writing!(database, |tx| {
        slice::save(tx, &issues_slice(quiet.clone())).await.unwrap();
        let mut kept = load_watches(tx, &[1, 2, 3, 4, 9]).await.unwrap();
        assert!(kept.values().all(|watch| *watch == Watch::default()));
        let detection = Detection::default();
        let seen = [Seen {
            at: NOW,
            environment: "production".to_owned(),
            release: "1.0".to_owned(),
            events: 1,
        }];
        let mut saved = BTreeMap::new();
        for id in 1..=4 {
            let mut watch = kept.remove(&id).unwrap();
            for (count, times) in [(10, 0), (10 + id, 1)] {
                let now = muted_issue(id, if id == 4 { 10 } else { count });
                let look = Look {
                    issue: &now,
                    has_fired: true,
                    detection: &detection,
                };
                watch.look(&seen[..times], &look, NOW);
            }
            saved.insert((if id == 3 { 2 } else { 1 }, id), watch);
        }
        save_watches(tx, &saved).await.unwrap();
        let again = load_watches(tx, &[1, 2, 3]).await.unwrap();
        assert_eq!(again[&1], saved[&(1, 1)]);
        let first = muted(tx, 1, (None, 1)).await.unwrap();
        assert_eq!((first.items[0].issue.id, first.items[0].events), (2, 2));
        let next = muted(tx, 1, (first.next_cursor.as_deref(), 10))
            .await
            .unwrap();
        let ids: Vec<i64> = next.items.iter().map(|one| one.issue.id).collect();
        assert_eq!(ids, [1], "not the quiet one, nor that of another workspace");
        assert_eq!(muted_count(tx, 1).await.unwrap(), 2);
    });
}

async fn settings_are_kept_by_service(database: &Database) {
    let loud = Detection {
        new_issue: Reaction::Open,
        ..Detection::default()
    };
    writing!(database, |tx| {
        assert!(settings(tx).await.unwrap().is_empty());
        set_settings(tx, (1, None), &loud).await.unwrap();
        set_settings(tx, (1, Some(7)), &loud).await.unwrap();
        set_settings(tx, (1, Some(7)), &Detection::default())
            .await
            .unwrap();
        let all = settings(tx).await.unwrap();
        assert_eq!(all[&(1, None)], loud);
        assert_eq!(all[&(1, Some(7))], Detection::default());
        forget_settings(tx, (1, None)).await.unwrap();
        assert_eq!(settings(tx).await.unwrap().len(), 1);
    });
}

async fn regressions_are_kept_by_incident(database: &Database) {
    let judged = |verdict| Judged {
        verdict,
        reason: "An old client".to_owned(),
    };
    let slice = |verdict| Slice {
        judged: [(5, judged(verdict))].into(),
        ..Slice::default()
    };
    writing!(database, |tx| {
        for verdict in ReleaseVerdict::ALL {
            slice::save(tx, &slice(verdict)).await.unwrap();
            let found = regression_of(tx, 5).await.unwrap();
            assert_eq!(found, Some(judged(verdict)));
        }
        assert_eq!(regression_of(tx, 6).await.unwrap(), None);
    });
}

async fn rules_of_inhibition_are_kept_by_workspace(database: &Database) {
    let own: Vec<Rule> = Rule::metric_mutes_issues(1).into_iter().collect();
    writing!(database, |tx| {
        assert_eq!(rules(tx, 1).await.unwrap(), None);
        set_rules(tx, 1, &own).await.unwrap();
        assert_eq!(rules(tx, 1).await.unwrap(), Some(own.clone()));
        set_rules(tx, 1, &[]).await.unwrap();
        assert_eq!(rules(tx, 1).await.unwrap(), Some(Vec::new()));
        assert_eq!(rules(tx, 2).await.unwrap(), None);
    });
}
