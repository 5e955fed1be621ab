//! Versions of the rules, what was said about incidents, CODEOWNERS.

use crate::support::NOW;
use epicenter_domain::engine::Slice;
use epicenter_domain::routing::book::{Book, Rule};
use epicenter_domain::routing::tree::Routed;
use epicenter_domain::time::Time;
use epicenter_store::routing::owner_files::{self, OwnerFile};
use epicenter_store::routing::routed;
use epicenter_store::routing::versions::{self, VersionRecord};
use epicenter_store::{Database, slice};

store_contract!(
    the_newest_version_counts_and_the_old_ones_stay,
    a_number_is_given_once,
    old_versions_are_pruned,
    what_the_rules_said_is_kept_with_the_incident,
    a_file_of_owners_replaces_the_one_before,
);

fn version(workspace_id: i64, number: i64) -> VersionRecord {
    VersionRecord {
        workspace_id,
        number,
        made_at: NOW.plus_ms(number),
        actor: "Ada \u{1f600}".to_owned(),
        comment: format!("change {number}"),
        book: Book {
            rules: vec![Rule {
                name: format!("rule {number}"),
                when: "project == \"it's\"".to_owned(),
                continues: true,
                ..Rule::default()
            }],
            ..Book::default()
        },
    }
}

async fn the_newest_version_counts_and_the_old_ones_stay(database: &Database) {
    writing!(database, |tx| {
        for number in 1..=3 {
            assert!(versions::add(tx, &version(1, number)).await.unwrap());
        }
        assert!(versions::add(tx, &version(2, 1)).await.unwrap());
    });
    reading!(database, |tx| {
        let newest = versions::newest(tx, 1).await.unwrap();
        assert_eq!(newest, Some(version(1, 3)));
        assert_eq!(versions::newest(tx, 9).await.unwrap(), None);
        let old = versions::by_number(tx, 1, 2).await.unwrap();
        assert_eq!(old, Some(version(1, 2)));
        assert_eq!(versions::by_number(tx, 2, 2).await.unwrap(), None);
        let first = versions::list(tx, 1, None, 2).await.unwrap();
        assert_eq!(first.items, [version(1, 3), version(1, 2)]);
        let cursor = first.next_cursor.unwrap();
        let rest = versions::list(tx, 1, Some(&cursor), 2).await.unwrap();
        assert_eq!((rest.items, rest.next_cursor), (vec![version(1, 1)], None));
    });
}

async fn a_number_is_given_once(database: &Database) {
    writing!(database, |tx| {
        assert!(versions::add(tx, &version(1, 1)).await.unwrap());
        let mut other = version(1, 1);
        other.comment = "later".to_owned();
        assert!(!versions::add(tx, &other).await.unwrap());
        assert_eq!(versions::newest(tx, 1).await.unwrap(), Some(version(1, 1)));
    });
}

async fn old_versions_are_pruned(database: &Database) {
    writing!(database, |tx| {
        for number in 1..=5 {
            versions::add(tx, &version(1, number)).await.unwrap();
        }
        versions::add(tx, &version(2, 1)).await.unwrap();
        assert_eq!(versions::prune(tx, 1, 2).await.unwrap(), 3);
        assert_eq!(versions::prune(tx, 1, 2).await.unwrap(), 0);
        let left = versions::list(tx, 1, None, 10).await.unwrap();
        assert_eq!(left.items, [version(1, 5), version(1, 4)]);
        assert!(versions::newest(tx, 2).await.unwrap().is_some());
    });
}

async fn what_the_rules_said_is_kept_with_the_incident(database: &Database) {
    let said = |service: i64| Routed {
        services: vec![service, 7],
        destinations: [5].into(),
        path: vec!["Rule 1 \"a\" matched".to_owned()],
    };
    writing!(database, |tx| {
        let first = Slice {
            routed: [(70, said(1)), (71, said(2))].into(),
            ..Slice::default()
        };
        slice::save(tx, &first).await.unwrap();
        let again = Slice {
            routed: [(70, said(3))].into(),
            ..Slice::default()
        };
        slice::save(tx, &again).await.unwrap();
        assert_eq!(routed::of_incident(tx, 70).await.unwrap(), Some(said(3)));
        assert_eq!(routed::of_incident(tx, 71).await.unwrap(), Some(said(2)));
        assert_eq!(routed::of_incident(tx, 72).await.unwrap(), None);
    });
}

async fn a_file_of_owners_replaces_the_one_before(database: &Database) {
    let file = |repository_id: i64, at: i64| OwnerFile {
        repository_id,
        workspace_id: 1,
        is_from_clone: at > 1,
        path: "docs/CODEOWNERS".to_owned(),
        text: format!("* @team-{at}\n"),
        read_at: Time(at),
    };
    writing!(database, |tx| {
        owner_files::save(tx, &file(5, 1)).await.unwrap();
        owner_files::save(tx, &file(4, 1)).await.unwrap();
        owner_files::save(tx, &file(5, 2)).await.unwrap();
        let all = owner_files::list(tx, 1).await.unwrap();
        assert_eq!(all, [file(4, 1), file(5, 2)]);
        let stamps = owner_files::stamps(tx, 1).await.unwrap();
        assert_eq!(stamps, [(4, Time(1)), (5, Time(2))]);
        assert!(owner_files::list(tx, 2).await.unwrap().is_empty());
        let one = owner_files::of_repository(tx, 1, 5).await.unwrap();
        assert_eq!(one, Some(file(5, 2)));
        assert_eq!(owner_files::of_repository(tx, 2, 5).await.unwrap(), None);
        assert!(!owner_files::forget(tx, 2, 5).await.unwrap());
        assert!(owner_files::forget(tx, 1, 5).await.unwrap());
        assert_eq!(owner_files::list(tx, 1).await.unwrap(), [file(4, 1)]);
    });
}
