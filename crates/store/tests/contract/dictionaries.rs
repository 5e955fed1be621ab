//! Dictionaries: a body stays readable for as long as it is kept, whatever was trained since.

use crate::support::{NOW, append, delivery};
use epicenter_domain::delivery::Headers;
use epicenter_domain::time::HOUR_MS;
use epicenter_store::dictionaries::{self, Dictionaries};
use epicenter_store::packing::{Dictionary, pack, train, unpack};
use epicenter_store::{Database, deliveries};

store_contract!(
    without_training_the_built_in_one_is_used,
    a_trained_dictionary_is_followed_and_the_one_before_stays_readable,
    a_dictionary_goes_after_the_last_body_that_may_need_it,
    a_body_whose_dictionary_is_gone_says_so,
    what_strangers_send_and_whole_large_bodies_teach_nothing,
);

/// Bodies that are much alike, as a company's are.
fn bodies() -> Vec<Vec<u8>> {
    let frames: Vec<String> = (0..40)
        .map(|line| format!("{{\"function\":\"pay_{line}\",\"filename\":\"shop/pay_{line}.py\"}}"))
        .collect();
    let frames = frames.join(",");
    (0..60)
        .map(|number| format!("{{\"frames\":[{frames}],\"event\":\"{number:032x}\"}}").into_bytes())
        .collect()
}

fn trained(id: i64) -> Dictionary {
    let trained = train(&bodies(), &Dictionary::built_in()).unwrap();
    assert!(trained.bytes < trained.bytes_now, "{trained:?}");
    Dictionary {
        id,
        content: trained.content,
    }
}

async fn without_training_the_built_in_one_is_used(database: &Database) {
    append(database, &[delivery(7, b"{\"a\":1}")]).await;
    let known = Dictionaries::default();
    reading!(database, |tx| {
        known.reload(tx).await.unwrap();
        assert_eq!(known.newest(), Dictionary::built_in());
        assert_eq!(dictionaries::newest_id(tx).await.unwrap(), None);
        assert_eq!(dictionaries::made_at(tx).await.unwrap(), None);
        let built_in = dictionaries::by_id(tx, known.newest().id).await.unwrap();
        assert!(built_in.is_built_in());
        let samples = dictionaries::samples(tx, 10).await.unwrap();
        assert_eq!(samples.len(), 1);
        assert!(samples[0].ends_with(b"{\"a\":1}"));
    });
}

async fn a_trained_dictionary_is_followed_and_the_one_before_stays_readable(database: &Database) {
    let (first, second) = (trained(100), trained(200));
    let mut old = delivery(101, b"");
    old.packed = pack(&first, &Headers::default(), b"{\"old\":1}").unwrap();
    let mut new = delivery(201, b"");
    new.packed = pack(&second, &Headers::default(), b"{\"new\":1}").unwrap();
    writing!(database, |tx| {
        dictionaries::add(tx, &first, NOW).await.unwrap();
        dictionaries::add(tx, &second, NOW.plus_ms(1))
            .await
            .unwrap();
    });
    append(database, &[old.clone(), new]).await;
    let known = Dictionaries::default();
    reading!(database, |tx| {
        known.reload(tx).await.unwrap();
        assert_eq!(known.newest(), second);
        assert_eq!(dictionaries::newest_id(tx).await.unwrap(), Some(200));
        assert_eq!(
            dictionaries::made_at(tx).await.unwrap(),
            Some(NOW.plus_ms(1))
        );
        let body = deliveries::body(tx, 101).await.unwrap().unwrap();
        assert_eq!(body.body, b"{\"old\":1}");
        let body = deliveries::body(tx, 201).await.unwrap().unwrap();
        assert_eq!(body.body, b"{\"new\":1}");
        let again = known.get(tx, 100).await.unwrap();
        let unpacked = unpack(&again, &old.packed.content).unwrap();
        assert_eq!(unpacked.body, b"{\"old\":1}");
        assert_eq!(dictionaries::samples(tx, 1).await.unwrap().len(), 1);
    });
    writing!(database, |tx| {
        // Another node made the second one after this one had looked.
        let gone = dictionaries::retire(tx, NOW, NOW.plus_ms(2)).await;
        assert_eq!(gone.unwrap(), 0);
        assert_eq!(dictionaries::newest_id(tx).await.unwrap(), Some(200));
        let gone = dictionaries::retire(tx, NOW.plus_ms(1), NOW.plus_ms(2)).await;
        assert_eq!(gone.unwrap(), 1);
    });
    reading!(database, |tx| {
        known.reload(tx).await.unwrap();
        assert!(known.newest().is_built_in());
    });
}

async fn a_dictionary_goes_after_the_last_body_that_may_need_it(database: &Database) {
    writing!(database, |tx| {
        dictionaries::add(tx, &trained(100), NOW).await.unwrap();
        dictionaries::add(tx, &trained(200), NOW.plus_ms(10))
            .await
            .unwrap();
    });
    // Received at NOW + 5 ms, before the first one was retired.
    append(database, &[delivery(5, b"{}")]).await;
    let later = NOW.plus_ms(10 * HOUR_MS);
    writing!(database, |tx| {
        let gone = dictionaries::delete_unused(tx, 0, later).await;
        assert_eq!(gone.unwrap(), 0);
        epicenter_store::inbox::count_failure(tx, 5, 1, "it broke", NOW)
            .await
            .unwrap();
        let cut = NOW.plus_ms(HOUR_MS);
        let removed = epicenter_store::retention::delete_deliveries(tx, cut, 10).await;
        assert_eq!(removed.unwrap(), 1);
        let gone = dictionaries::delete_unused(tx, 20 * HOUR_MS, later).await;
        assert_eq!(gone.unwrap(), 0);
        let gone = dictionaries::delete_unused(tx, HOUR_MS, later).await;
        assert_eq!(gone.unwrap(), 1);
        assert_eq!(dictionaries::newest_id(tx).await.unwrap(), Some(200));
    });
}

async fn a_body_whose_dictionary_is_gone_says_so(database: &Database) {
    let mut tx = database.read().await.unwrap();
    let error = dictionaries::by_id(&mut tx, 77).await.unwrap_err();
    assert!(error.to_string().contains("dictionaries"), "{error}");
    assert!(error.is_about_the_data());
    tx.rollback().await.unwrap();
    let mut lost = delivery(9, b"");
    lost.packed.dictionary = 77;
    append(database, &[delivery(5, b"{\"a\":5}"), lost]).await;
    let samples = reading!(database, |tx| dictionaries::samples(tx, 9).await.unwrap());
    assert_eq!(samples.len(), 1, "the others can be learnt from");
}

async fn what_strangers_send_and_whole_large_bodies_teach_nothing(database: &Database) {
    let mut refused = delivery(9, b"{\"by\":\"a stranger\"}");
    refused.refusal = Some(String::from("The signature does not match."));
    let long = delivery(8, &vec![b'7'; 900 << 10]);
    let huge = delivery(7, &vec![b'7'; (1 << 20) + 1]);
    append(database, &[delivery(5, b"{\"a\":5}"), huge, long, refused]).await;
    let samples = reading!(database, |tx| dictionaries::samples(tx, 9).await.unwrap());
    assert_eq!(samples.len(), 2);
    assert!(samples[0].ends_with(b"77"), "the newest first");
    assert!(samples[1].ends_with(b"{\"a\":5}"));
    let held: usize = samples.iter().map(Vec::capacity).sum();
    assert!(held <= 64 << 10, "{held} bytes are held for the samples");
}
