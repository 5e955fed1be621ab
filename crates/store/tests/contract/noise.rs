//! Storms and maintenance windows.

use crate::support::{NOW, incident, incidents_slice, save};
use epicenter_domain::engine::{Sky, Slice};
use epicenter_domain::escalation::run::Run;
use epicenter_domain::incident::{Incident, IncidentStatus};
use epicenter_domain::routing::Condition;
use epicenter_domain::routing::mute::Maintenance;
use epicenter_domain::routing::storm::Storm;
use epicenter_domain::routing::tree::Routed;
use epicenter_domain::time::{HOUR_MS, Time};
use epicenter_store::notices::storms::Place;
use epicenter_store::notices::{maintenance, storms};
use epicenter_store::people::pages_owed::{self, OwedPage, Recipient};
use epicenter_store::people::runs;
use epicenter_store::{Database, incidents, slice};

store_contract!(
    meters_are_kept_by_workspace_project_and_service,
    a_storm_is_open_until_it_is_over,
    a_storm_takes_over_what_began_in_it,
    the_loudest_members_come_first,
    more_incidents_join_a_slice_without_touching_it,
    maintenance_windows_are_kept_changed_and_removed,
    what_is_held_back_becomes_due,
    what_opened_since_comes_newest_first,
);

fn storm(incident_id: i64, project: &str) -> Storm {
    Storm {
        incident_id,
        number: incident_id,
        project: project.to_owned(),
        service_id: None,
        routed: Routed::default(),
        began_at: NOW,
        over_at: None,
        count: 101,
        told_count: 101,
    }
}

async fn meters_are_kept_by_workspace_project_and_service(database: &Database) {
    let place = |workspace_id, project: &str, service_id| Place {
        workspace_id,
        project: project.to_owned(),
        service_id,
    };
    let places = [
        place(1, "shop", None),
        place(1, "", None),
        place(2, "shop", None),
        place(2, "shop", Some(5)),
    ];
    writing!(database, |tx| {
        let mut skies = storms::skies(tx, &places).await.unwrap();
        assert_eq!(skies.len(), 4);
        assert!(skies.values().all(|sky| *sky == Sky::default()));
        for (count, sky) in (1..).zip(skies.values_mut()) {
            sky.meter.count(count, NOW);
        }
        storms::save_meters(tx, &skies).await.unwrap();
        storms::save(tx, 2, &[storm(7, "shop")]).await.unwrap();
        skies.get_mut(&places[2]).unwrap().storm = Some(storm(7, "shop"));
        assert_eq!(storms::skies(tx, &places).await.unwrap(), skies);
        let one = skies.get_mut(&places[0]).unwrap();
        one.meter.count(5, NOW);
        storms::save_meters(tx, &skies).await.unwrap();
        assert_eq!(storms::skies(tx, &places).await.unwrap(), skies);
        assert!(storms::skies(tx, &[]).await.unwrap().is_empty());
    });
}

async fn a_storm_is_open_until_it_is_over(database: &Database) {
    writing!(database, |tx| {
        let first = storm(7, "shop");
        storms::save(tx, 1, &[first.clone(), storm(8, "web")])
            .await
            .unwrap();
        storms::save(tx, 2, &[storm(9, "shop")]).await.unwrap();
        let open = storms::open(tx, 9).await.unwrap();
        let ids: Vec<_> = open
            .iter()
            .map(|(id, one)| (*id, one.incident_id))
            .collect();
        assert_eq!(ids, [(1, 7), (1, 8), (2, 9)]);
        assert_eq!(storms::open(tx, 1).await.unwrap().len(), 1);
        let over = Storm {
            over_at: Some(NOW.plus_ms(1)),
            count: 500,
            ..first
        };
        // In one go: the old one ends, and the next of the same project begins.
        storms::save(tx, 1, &[over.clone(), storm(10, "shop")])
            .await
            .unwrap();
        let latest = storms::latest(tx, 1, 9).await.unwrap();
        assert_eq!(latest, [storm(10, "shop"), storm(8, "web"), over]);
        assert_eq!(storms::latest(tx, 1, 1).await.unwrap().len(), 1);
        let open = storms::open(tx, 9).await.unwrap();
        assert_eq!(open.len(), 3);
    });
}

fn member(id: i64, project: Option<&str>) -> Incident {
    Incident {
        project: project.map(str::to_owned),
        opened_at: NOW,
        triggered_at: NOW,
        ..incident(id)
    }
}

async fn a_storm_takes_over_what_began_in_it(database: &Database) {
    let early = Incident {
        triggered_at: NOW.plus_ms(-1),
        ..member(1, Some("shop"))
    };
    let rows = [
        early,
        member(2, Some("shop")),
        member(3, None),
        member(4, Some("shop")),
    ];
    save(database, &incidents_slice(rows)).await;
    let run = Run::start(Vec::new(), NOW);
    let page = |id: i64| OwedPage {
        id,
        workspace_id: 1,
        incident_id: id,
        to: Recipient::Person(1),
        reason: String::new(),
        due_at: NOW,
    };
    writing!(database, |tx| {
        for id in 1..=4 {
            runs::save(tx, (1, id), (1, &run), NOW).await.unwrap();
        }
        let pages: Vec<_> = (1..=4).map(page).collect();
        pages_owed::owe_pages(tx, &pages).await.unwrap();
        let taken = storms::take_over(tx, 1, &storm(4, "shop")).await.unwrap();
        assert_eq!(taken, 1);
        let owed = pages_owed::due(tx, NOW, 9).await.unwrap();
        let owed: Vec<_> = owed.iter().map(|page| page.incident_id).collect();
        assert_eq!(owed, [1, 3, 4]);
        assert_eq!(runs::followed(tx, &[1, 2, 3, 4]).await.unwrap().len(), 3);
        assert_eq!(
            storms::take_over(tx, 2, &storm(4, "shop")).await.unwrap(),
            0
        );
        assert_eq!(storms::take_over(tx, 1, &storm(4, "")).await.unwrap(), 1);
    });
}

async fn the_loudest_members_come_first(database: &Database) {
    let first = epicenter_domain::id::first_id_at(NOW);
    let rows: Vec<Incident> = [(0, 5), (1, 9), (2, 5), (3, 99)]
        .into_iter()
        .map(|(place, event_count)| Incident {
            number: place + 1,
            event_count,
            ..member(first + place, Some("shop"))
        })
        .collect();
    save(database, &incidents_slice(rows)).await;
    writing!(database, |tx| {
        let of = storm(first + 3, "shop");
        let all = storms::loudest(tx, 1, &of, 9).await.unwrap();
        let numbers: Vec<_> = all
            .iter()
            .map(|(number, _, events)| (*number, *events))
            .collect();
        assert_eq!(numbers, [(2, 9), (1, 5), (3, 5)]);
        assert_eq!(storms::loudest(tx, 1, &of, 1).await.unwrap().len(), 1);
        let over = Storm {
            over_at: Some(NOW),
            ..of
        };
        assert!(storms::loudest(tx, 1, &over, 9).await.unwrap().is_empty());
        assert!(storms::loudest(tx, 2, &over, 9).await.unwrap().is_empty());
    });
}

async fn more_incidents_join_a_slice_without_touching_it(database: &Database) {
    save(database, &incidents_slice([incident(1), incident(2)])).await;
    reading!(database, |tx| {
        let mut slice = Slice::default();
        slice::add_incidents(tx, &mut slice, &[1]).await.unwrap();
        slice.incidents.get_mut(&1).unwrap().edit().title = String::from("Changed");
        slice::add_incidents(tx, &mut slice, &[1, 2, 3])
            .await
            .unwrap();
        let titles: Vec<_> = slice
            .incidents
            .values()
            .map(|one| one.row.title.as_str())
            .collect();
        assert_eq!(titles, ["Changed", "Incident 2"]);
    });
}

async fn what_is_held_back_becomes_due(database: &Database) {
    let held = |id: i64, workspace_id: i64, until: i64| Incident {
        workspace_id,
        status: IncidentStatus::Suspended,
        suspended_until: Some(NOW.plus_ms(until)),
        ..incident(id)
    };
    let over = Incident {
        status: IncidentStatus::Resolved,
        ..held(4, 1, 0)
    };
    let rows = [held(1, 1, 20), held(2, 2, 10), held(3, 1, 30), over];
    save(database, &incidents_slice(rows)).await;
    reading!(database, |tx| {
        let due = incidents::due_suspensions(tx, NOW.plus_ms(20), 9).await;
        assert_eq!(due.unwrap(), [(2, 2), (1, 1)]);
        let due = incidents::due_suspensions(tx, NOW.plus_ms(20), 1).await;
        assert_eq!(due.unwrap(), [(2, 2)]);
        let kept = incidents::by_id(tx, 1, 1).await.unwrap().unwrap();
        assert_eq!(kept.suspended_until, Some(NOW.plus_ms(20)));
    });
}

async fn what_opened_since_comes_newest_first(database: &Database) {
    let first = epicenter_domain::id::first_id_at(NOW);
    let rows = (0..4).map(|place| Incident {
        workspace_id: 1 + place / 3,
        number: place + 1,
        ..incident(first - 1 + place)
    });
    save(database, &incidents_slice(rows)).await;
    reading!(database, |tx| {
        let all = incidents::opened_since(tx, 1, NOW, 9).await.unwrap();
        let numbers: Vec<_> = all.iter().map(|one| one.number).collect();
        assert_eq!(numbers, [3, 2]);
        let newest = incidents::opened_since(tx, 1, NOW, 1).await.unwrap();
        assert_eq!(newest.len(), 1);
    });
}

fn window(id: i64, ends_at: Time) -> Maintenance {
    Maintenance {
        id,
        name: format!("Window {id}"),
        services: [3, 4].into(),
        condition: Some(Condition::parse("project == \"shop\"").unwrap()),
        starts_at: NOW,
        ends_at,
        schedule: None,
    }
}

async fn maintenance_windows_are_kept_changed_and_removed(database: &Database) {
    let end = NOW.plus_ms(HOUR_MS);
    writing!(database, |tx| {
        let first = window(1, end.plus_ms(1));
        for one in [&first, &window(2, end)] {
            maintenance::save(tx, 1, one).await.unwrap();
        }
        maintenance::save(tx, 2, &window(3, end)).await.unwrap();
        let all = maintenance::ending_after(tx, 1, NOW, 9).await.unwrap();
        assert_eq!(all, [window(2, end), first.clone()]);
        assert_eq!(
            maintenance::ending_after(tx, 1, NOW, 1)
                .await
                .unwrap()
                .len(),
            1
        );
        let later = maintenance::ending_after(tx, 1, end, 9).await.unwrap();
        assert_eq!(later, std::slice::from_ref(&first));
        assert_eq!(
            maintenance::find(tx, 1, 1).await.unwrap(),
            Some(first.clone())
        );
        assert_eq!(maintenance::find(tx, 1, 3).await.unwrap(), None);
        let changed = Maintenance {
            name: String::from("Longer"),
            ends_at: end.plus_ms(2),
            ..first
        };
        maintenance::save(tx, 1, &changed).await.unwrap();
        assert_eq!(maintenance::find(tx, 1, 1).await.unwrap(), Some(changed));
        assert!(maintenance::delete(tx, 1, 1).await.unwrap());
        assert!(!maintenance::delete(tx, 1, 1).await.unwrap());
        assert!(!maintenance::delete(tx, 1, 3).await.unwrap());
        assert_eq!(maintenance::find(tx, 1, 1).await.unwrap(), None);
    });
}
