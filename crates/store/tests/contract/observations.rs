//! The memory: kept as it was told, found by words, types, references and times.

use crate::support::NOW;
use epicenter_domain::id::{IdKind, first_id_at};
use epicenter_domain::observation::search::Query;
use epicenter_domain::observation::{Author, Observation, Reference};
use epicenter_domain::time::Time;
use epicenter_store::observations::{self, ObservationFilter};
use epicenter_store::{Database, StoreError};

store_contract!(
    a_record_comes_back_as_it_was,
    records_are_found_by_all_words_in_any_script,
    every_filter_lets_through_what_it_names,
    pages_hold_every_record_once_newest_first,
    a_commit_is_found_by_any_beginning_of_its_name,
    the_stream_goes_on_after_a_record,
    incidents_are_found_by_what_their_records_name,
    the_types_are_those_that_were_told,
);

/// A record made `n` ms after [`NOW`].
pub(crate) fn record(n: i64) -> Observation {
    Observation {
        id: first_id_at(NOW.plus_ms(n)),
        workspace_id: 1,
        source: String::from("sentry"),
        source_type: String::from("issue.created"),
        source_id: format!("issue:{n}"),
        title: format!("Checkout fails {n}"),
        body: String::from("**ValueError**: amount"),
        actor: Author {
            id: String::from("sentry:1"),
            name: String::from("Mira \u{1f600}"),
        },
        occurred_at: NOW.plus_ms(n),
        recorded_at: NOW.plus_ms(n),
        service_id: None,
        incident_id: None,
        issue_id: None,
        delivery_id: None,
        references: Vec::new(),
        metadata: serde_json::Map::new(),
    }
}

fn named(kind: &str, id: &str) -> Reference {
    Reference {
        kind: kind.to_owned(),
        id: id.to_owned(),
        url: None,
    }
}

async fn keep(database: &Database, records: &[Observation]) {
    writing!(database, |tx| observations::save(tx, records)
        .await
        .unwrap());
}

/// The numbers of the records that a filter lets through.
async fn found(database: &Database, filter: &ObservationFilter) -> Vec<String> {
    let page = reading!(database, |tx| {
        observations::list(tx, 1, filter, None, 50).await.unwrap()
    });
    let numbers = page
        .items
        .iter()
        .map(|one| one.source_id.replace("issue:", ""));
    numbers.collect()
}

fn by_words(text: &str) -> ObservationFilter {
    ObservationFilter {
        q: Query::parse(text),
        ..ObservationFilter::default()
    }
}

async fn a_record_comes_back_as_it_was(database: &Database) {
    let mut whole = Observation {
        service_id: Some(3),
        incident_id: Some(4),
        issue_id: Some(5),
        delivery_id: Some(6),
        occurred_at: Time(-5),
        references: vec![
            Reference {
                url: Some(String::from("https://ci.example/1")),
                ..named("release", "shop@1")
            },
            named("release", "shop@2"),
        ],
        ..record(1)
    };
    whole.metadata.insert("level".into(), "error".into());
    whole
        .metadata
        .insert("release".into(), serde_json::Value::Null);
    keep(database, &[whole.clone(), record(2)]).await;
    keep(database, &[]).await;
    reading!(database, |tx| {
        let id = whole.id;
        assert_eq!(observations::by_id(tx, 1, id).await.unwrap(), Some(whole));
        assert_eq!(observations::by_id(tx, 2, id).await.unwrap(), None, "BOLA");
        assert_eq!(observations::by_id(tx, 1, 7).await.unwrap(), None);
    });
}

async fn records_are_found_by_all_words_in_any_script(database: &Database) {
    let titles = [
        "Zahlung über Gebühr 12",
        "Оплата не прошла",
        "支払い が 失敗",
        "payments 8K-STOREFRONT it's \"quoted\" 'text' & more | (or)",
        "",
    ];
    let records: Vec<Observation> = (0_i64..)
        .zip(titles)
        .map(|(n, title)| Observation {
            title: title.to_owned(),
            ..record(n)
        })
        .collect();
    keep(database, &records).await;
    for (text, numbers) in [
        ("GEBÜHR zahlung", &["0"][..]),
        ("gebü", &[]),
        ("оплата", &["1"]),
        ("失敗", &["2"]),
        ("storefront-8k", &["3"]),
        ("it's 'quoted' & | * : \" text", &["3"]),
        ("payments NOT gebühr", &[]),
        ("pay", &[]),
        ("amount valueerror", &["4", "3", "2", "1", "0"]),
        ("mira sentry", &[]),
    ] {
        assert_eq!(found(database, &by_words(text)).await, numbers, "{text}");
    }
    for (text, numbers) in [
        ("GEBÜ", &["0"][..]),
        ("pay", &["3"]),
        ("pa", &[]),
        ("quot", &["3"]),
    ] {
        let filter = ObservationFilter {
            q: Query::parse(text).map(Query::opened),
            ..ObservationFilter::default()
        };
        assert_eq!(
            found(database, &filter).await,
            numbers,
            "{text} as a beginning"
        );
    }
    let mut other = record(9);
    other.workspace_id = 2;
    keep(database, &[other]).await;
    assert_eq!(
        found(database, &by_words("checkout")).await,
        Vec::<String>::new()
    );
}

#[expect(clippy::too_many_lines, reason = "one filter after the other")]
async fn every_filter_lets_through_what_it_names(database: &Database) {
    let release = || vec![named("release", "shop@1")];
    let records = [
        record(0),
        Observation {
            source_type: String::from("issue.resolved"),
            references: release(),
            ..record(10)
        },
        Observation {
            source: String::from("github"),
            source_type: String::from("push"),
            service_id: Some(7),
            ..record(20)
        },
        Observation {
            service_id: Some(7),
            references: release(),
            ..record(30)
        },
    ];
    keep(database, &records).await;
    let none = ObservationFilter::default;
    let word = |text: &str| Some(text.to_owned());
    let named = || Some((String::from("release"), String::from("shop@1")));
    for (filter, numbers) in [
        (none(), &["30", "20", "10", "0"][..]),
        (
            ObservationFilter {
                source_type: word("issue.resolved"),
                ..none()
            },
            &["10"],
        ),
        (
            ObservationFilter {
                source: word("github"),
                ..none()
            },
            &["20"],
        ),
        (
            ObservationFilter {
                service_id: Some(7),
                ..none()
            },
            &["30", "20"],
        ),
        (
            ObservationFilter {
                reference: named(),
                ..none()
            },
            &["30", "10"],
        ),
        (
            ObservationFilter {
                reference: named(),
                service_id: Some(7),
                ..none()
            },
            &["30"],
        ),
        (
            ObservationFilter {
                reference: named(),
                ..by_words("checkout 10")
            },
            &["10"],
        ),
        (
            ObservationFilter {
                source: word("github"),
                ..by_words("checkout")
            },
            &["20"],
        ),
        (
            ObservationFilter {
                from: Some(NOW.plus_ms(10)),
                to: Some(NOW.plus_ms(30)),
                ..none()
            },
            &["20", "10"],
        ),
        (
            ObservationFilter {
                source: word("a\0b"),
                ..none()
            },
            &[],
        ),
    ] {
        assert_eq!(found(database, &filter).await, numbers, "{filter:?}");
    }
}

async fn pages_hold_every_record_once_newest_first(database: &Database) {
    let records: Vec<Observation> = (0..45).map(record).collect();
    keep(database, &records).await;
    for filter in [ObservationFilter::default(), by_words("checkout")] {
        let all = reading!(database, |tx| {
            all_pages!(|cursor| {
                observations::list(tx, 1, &filter, cursor, 10)
                    .await
                    .unwrap()
            })
        });
        let ids: Vec<i64> = all.iter().map(|one| one.id).collect();
        let wanted: Vec<i64> = records.iter().rev().map(|one| one.id).collect();
        assert_eq!(ids, wanted);
    }
    let (first, next) = reading!(database, |tx| {
        observations::candidates(tx, 1, &by_words("checkout"), i64::MAX)
            .await
            .unwrap()
    });
    assert_eq!((first.len(), next), (45, None));
    let middle = records[20].id;
    let (older, _) = reading!(database, |tx| {
        observations::candidates(tx, 1, &by_words("checkout"), middle)
            .await
            .unwrap()
    });
    assert_eq!(older.len(), 20);
    reading!(database, |tx| {
        let wrong = observations::list(tx, 1, &ObservationFilter::default(), Some("x"), 5).await;
        assert!(matches!(wrong, Err(StoreError::Cursor)));
    });
}

async fn a_commit_is_found_by_any_beginning_of_its_name(database: &Database) {
    let sha = "9fceb02d0ae598e95dc970b74767f19372d61af8";
    let records = [
        Observation {
            references: vec![named("commit", sha)],
            ..record(1)
        },
        Observation {
            references: vec![named("commit", "9fceb02d0ae5")],
            ..record(2)
        },
        Observation {
            references: vec![named("commit", "9fceb02fffff")],
            ..record(3)
        },
    ];
    keep(database, &records).await;
    for (asked, numbers) in [
        (sha, &["2", "1"][..]),
        ("9fceb02d0ae5", &["2", "1"]),
        ("9fceb02", &["3", "2", "1"]),
        ("9fceb", &[]),
    ] {
        let filter = ObservationFilter {
            reference: Some((String::from("commit"), asked.to_owned())),
            ..ObservationFilter::default()
        };
        assert_eq!(found(database, &filter).await, numbers, "{asked}");
    }
}

async fn the_stream_goes_on_after_a_record(database: &Database) {
    let records: Vec<Observation> = (0..5).map(record).collect();
    keep(database, &records).await;
    reading!(database, |tx| {
        let next = observations::after(tx, 1, records[1].id, 2).await.unwrap();
        assert_eq!(next, records[2..4]);
        assert_eq!(observations::after(tx, 2, 0, 9).await.unwrap(), []);
        assert_eq!(observations::newest_id(tx, 1).await.unwrap(), records[4].id);
        assert_eq!(observations::newest_id(tx, 2).await.unwrap(), 0);
    });
}

async fn incidents_are_found_by_what_their_records_name(database: &Database) {
    let of = |n: i64, incident: i64| Observation {
        incident_id: Some(incident),
        references: vec![
            named("incident", &IdKind::Incident.show(incident)),
            named("file", "src/cart.ts"),
        ],
        ..record(n)
    };
    let other = Observation {
        incident_id: Some(9),
        title: String::from("Basket is empty"),
        ..record(3)
    };
    keep(database, &[of(1, 4), of(2, 5), other, record(4)]).await;
    reading!(database, |tx| {
        let files = [("file", "src/cart.ts")];
        assert_eq!(observations::kin(tx, 1, &files, &[]).await.unwrap(), [5, 4]);
        let words = ["basket", "nothing"];
        assert_eq!(
            observations::kin(tx, 1, &files, &words).await.unwrap(),
            [9, 5, 4]
        );
        let others = observations::kin(tx, 2, &files, &words).await.unwrap();
        assert_eq!(others, Vec::<i64>::new());
        let shown = IdKind::Incident.show(4);
        let mine = observations::of_incident(tx, 1, &shown, 9).await.unwrap();
        assert_eq!(mine, [of(1, 4)]);
    });
}

async fn the_types_are_those_that_were_told(database: &Database) {
    let push = Observation {
        source_type: String::from("push"),
        ..record(3)
    };
    keep(database, &[record(1), record(2), push]).await;
    reading!(database, |tx| {
        assert_eq!(
            observations::types(tx, 1).await.unwrap(),
            ["issue.created", "push"]
        );
        assert_eq!(
            observations::types(tx, 2).await.unwrap(),
            Vec::<String>::new()
        );
    });
}
