//! Vectors of records: kept for the newest, resumed where a model stopped.

use crate::observations::record;
use epicenter_domain::observation::Observation;
use epicenter_domain::observation::search::Query;
use epicenter_domain::time::Time;
use epicenter_store::observations::vectors::{self, Progress, Vector};
use epicenter_store::observations::{self, ObservationFilter};
use epicenter_store::{Database, StoreError};

store_contract!(
    a_model_goes_on_where_it_stopped,
    the_newest_vectors_are_compared_and_old_ones_go,
);

const MODEL: &str = "small#4";

/// Keeps records with these ids; the second is of GitHub.
async fn kept(database: &Database, ids: std::ops::RangeInclusive<i64>) {
    let one = |id| Observation {
        id,
        source: if id == 2 { "github" } else { "sentry" }.to_owned(),
        ..record(id)
    };
    let all: Vec<Observation> = ids.map(one).collect();
    writing!(database, |tx| observations::save(tx, &all).await.unwrap());
}

fn vector(observation_id: i64) -> Vector {
    Vector {
        workspace_id: 1,
        observation_id,
        content: vec![127, -127, 0, i8::try_from(observation_id).unwrap()],
    }
}

async fn a_model_goes_on_where_it_stopped(database: &Database) {
    kept(database, 1..=5).await;
    reading!(database, |tx| {
        assert_eq!(vectors::progress(tx, MODEL).await.unwrap(), None);
        assert_eq!(vectors::beginning(tx).await.unwrap(), 0);
        assert_eq!(vectors::waiting_count(tx, 0, 99).await.unwrap(), 5);
        assert_eq!(vectors::waiting_count(tx, 2, 2).await.unwrap(), 2);
        let next = vectors::waiting(tx, 2, 2).await.unwrap();
        assert_eq!(next.iter().map(|one| one.id).collect::<Vec<_>>(), [3, 4]);
    });
    let start = Progress::default();
    let moved = Progress {
        last_id: 2,
        day_at: Time(86_400_000),
        day_count: 2,
    };
    let step = (start, moved);
    let two = [vector(1), vector(2)];
    writing!(database, |tx| vectors::save(tx, MODEL, step, &two)
        .await
        .unwrap());
    reading!(database, |tx| {
        assert_eq!(vectors::progress(tx, MODEL).await.unwrap(), Some(moved));
        assert_eq!(vectors::progress(tx, "other").await.unwrap(), None);
        let found = vectors::of(tx, MODEL, (1, &[1, 2, 3])).await.unwrap();
        assert_eq!(
            found,
            [(1, two[0].content.clone()), (2, two[1].content.clone())]
        );
        assert!(
            vectors::of(tx, "other", (1, &[1]))
                .await
                .unwrap()
                .is_empty()
        );
        assert!(vectors::of(tx, MODEL, (2, &[1])).await.unwrap().is_empty());
    });
    // Another node that began at the same place is too late.
    let mut late = database.write().await.unwrap();
    let error = vectors::save(&mut late, MODEL, step, &[vector(9)])
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Conflict(_)), "{error}");
    late.rollback().await.unwrap();
}

async fn the_newest_vectors_are_compared_and_old_ones_go(database: &Database) {
    kept(database, 1..=4).await;
    let moved = Progress {
        last_id: 4,
        ..Progress::default()
    };
    let all: Vec<Vector> = (1..=4).map(vector).collect();
    let step = (Progress::default(), moved);
    writing!(database, |tx| vectors::save(tx, MODEL, step, &all)
        .await
        .unwrap());
    let any = ObservationFilter {
        q: Query::parse("anything"),
        ..ObservationFilter::default()
    };
    let github = ObservationFilter {
        source: Some("github".to_owned()),
        ..any.clone()
    };
    let ids = |found: Vec<(i64, Vec<i8>)>| {
        let mut ids: Vec<i64> = found.into_iter().map(|(id, _)| id).collect();
        ids.sort_unstable();
        ids
    };
    reading!(database, |tx| {
        let found = vectors::newest(tx, 1, MODEL, &any).await.unwrap();
        assert_eq!(ids(found), [1, 2, 3, 4], "whatever their words");
        let found = vectors::newest(tx, 1, MODEL, &github).await.unwrap();
        assert_eq!(ids(found), [2]);
        let found = vectors::newest(tx, 1, "other", &any).await.unwrap();
        assert!(found.is_empty());
        let found = vectors::records(tx, 1, &[4, 4, 2, 77]).await.unwrap();
        let mut found: Vec<i64> = found.iter().map(|one| one.id).collect();
        found.sort_unstable();
        assert_eq!(found, [2, 4]);
    });
    writing!(database, |tx| vectors::delete_old(tx, 1, 3).await.unwrap());
    reading!(database, |tx| {
        let found = vectors::newest(tx, 1, MODEL, &any).await.unwrap();
        assert_eq!(ids(found), [2, 3, 4]);
    });
}
