//! Events per project and ten minutes, and what a list of deploys tells of each.

use crate::changes::{commit, deploy, save_commits};
use crate::support::{NOW, event, issue, issues_slice, save};
use crate::suspects::ranking;
use epicenter_domain::issue::Issue;
use epicenter_domain::time::{HOUR_MS, MINUTE_MS, Time};
use epicenter_store::changes::commits::Owner;
use epicenter_store::changes::{commits, deploys, tallies};
use epicenter_store::{Database, issues, rates, suspects};

store_contract!(
    events_are_counted_per_project_and_ten_minutes,
    issues_are_found_by_when_they_were_first_seen,
    deploys_are_tallied_by_the_page,
);

/// A full hour.
fn noon() -> Time {
    NOW.hour()
}

async fn stored(database: &Database, id: i64, project: Option<&str>, minutes: &[i64]) {
    let row = Issue {
        project_slug: project.map(str::to_owned),
        first_seen_at: noon().plus_ms(id),
        ..issue(id)
    };
    let mut slice = issues_slice([row]);
    for (index, minute) in (0..).zip(minutes) {
        let at = noon().plus_ms(minute * MINUTE_MS);
        slice.new_events.push(event(id * 100 + index, id, at));
    }
    save(database, &slice).await;
}

async fn events_are_counted_per_project_and_ten_minutes(database: &Database) {
    stored(database, 1, Some("shop"), &[0, 9, 10, 59, 60]).await;
    stored(database, 2, Some("shop"), &[9]).await;
    stored(database, 3, Some("web"), &[-1, 5]).await;
    stored(database, 4, None, &[5]).await;
    let shop = [String::from("shop")];
    let span = (noon(), noon().plus_ms(2 * HOUR_MS));
    reading!(database, |tx| {
        let next = noon().plus_ms(HOUR_MS);
        let of_shop = rates::hourly(tx, 1, &shop, span).await.unwrap();
        assert_eq!(of_shop, [(noon(), 5), (next, 1)]);
        let of_all = rates::hourly(tx, 1, &[], span).await.unwrap();
        assert_eq!(of_all, [(noon(), 7), (next, 1)]);
        assert!(rates::hourly(tx, 2, &[], span).await.unwrap().is_empty());
        // 12 minutes are cut to 10: the event of minute 10 is not in.
        let few = (noon(), noon().plus_ms(12 * MINUTE_MS));
        assert_eq!(rates::total(tx, 1, &shop, few).await.unwrap(), 3);
    });
    writing!(database, |tx| rates::delete_before(tx, noon())
        .await
        .unwrap());
    reading!(database, |tx| {
        let all = (noon().plus_ms(-HOUR_MS), noon().plus_ms(HOUR_MS));
        assert_eq!(rates::total(tx, 1, &[], all).await.unwrap(), 7);
    });
}

async fn issues_are_found_by_when_they_were_first_seen(database: &Database) {
    for (id, project) in [(1, "shop"), (2, "web"), (3, "shop"), (4, "shop")] {
        stored(database, id, Some(project), &[]).await;
    }
    let span = (noon().plus_ms(1), noon().plus_ms(4));
    let shop = [String::from("shop")];
    reading!(database, |tx| {
        for (projects, limit, expected) in [
            (&[][..], 9, vec![3, 2, 1]),
            (&shop, 9, vec![3, 1]),
            (&shop, 1, vec![3]),
        ] {
            let found = issues::first_seen(tx, 1, projects, span, limit).await;
            let ids: Vec<i64> = found.unwrap().iter().map(|issue| issue.id).collect();
            assert_eq!(ids, expected);
        }
    });
}

async fn deploys_are_tallied_by_the_page(database: &Database) {
    writing!(database, |tx| {
        let all = ['a', 'b', 'c'].map(|letter| commit(letter, "x"));
        let ids = save_commits(tx, 1, &all).await;
        let mut back = deploy(3);
        back.previous_id = Some(2);
        back.rollback_to_id = Some(1);
        let mut onwards = deploy(4);
        onwards.previous_id = Some(3);
        for one in [deploy(1), deploy(2), back, onwards] {
            deploys::save(tx, &one).await.unwrap();
        }
        commits::attach(tx, Owner::Deploy(2), &ids).await.unwrap();
        for (incident_id, deploy_id) in [(50, Some(2)), (51, Some(2)), (52, Some(4)), (53, None)] {
            let ranking = ranking(incident_id, deploy_id);
            suspects::save(tx, &ranking, &[]).await.unwrap();
        }
    });
    reading!(database, |tx| {
        let page = [1, 2, 3, 4, 5];
        let commits = tallies::commits_of(tx, &page).await.unwrap();
        assert_eq!(commits.into_iter().collect::<Vec<_>>(), [(2, 3)]);
        let incidents = tallies::incidents_of(tx, &page).await.unwrap();
        assert_eq!(incidents.into_iter().collect::<Vec<_>>(), [(2, 2), (4, 1)]);
        let back = tallies::rollbacks_of(tx, &page).await.unwrap();
        assert_eq!(back.into_iter().collect::<Vec<_>>(), [(2, 3)]);
        assert!(tallies::rollbacks_of(tx, &[3]).await.unwrap().is_empty());
    });
}
