//! Whatever the body: needles are gone, its shape stays, and it takes no longer.

use super::*;

/// The same lists and objects with the same names, but for what was removed whole. Names that were
/// masked may have become equal, so they are not followed.
fn same_shape(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Array(_), Value::Array(after)) if after.is_empty() => true,
        (Value::Object(_), Value::Object(after)) if after.is_empty() => true,
        (Value::Array(before), Value::Array(after)) => {
            before.len() == after.len() && before.iter().zip(after).all(|(a, b)| same_shape(a, b))
        }
        (Value::Object(before), Value::Object(after)) => {
            before.len() >= after.len()
                && before
                    .iter()
                    .filter(|(key, _)| !key.contains('['))
                    .all(|(key, value)| after.get(key).is_none_or(|after| same_shape(value, after)))
        }
        (Value::String(_), Value::String(_)) | (Value::Number(_), Value::Null) => true,
        _ => before == after,
    }
}

/// Pieces that the rules look for, and pieces that break JSON.
fn scrap() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("ann@example.com".to_owned()),
        Just("10.0.0.1".to_owned()),
        Just("::1".to_owned()),
        Just("4111 1111 1111 1111".to_owned()),
        Just("password=".to_owned()),
        Just("\"token\":\"".to_owned()),
        Just("ghp_aaaaaaaaaaaaaaaaaaaaaaaa".to_owned()),
        Just("Bearer abc123def456".to_owned()),
        Just("https://u:p@h.io/?sid=1&x=%40b.co".to_owned()),
        Just("{\"request\":{\"headers\":".to_owned()),
        Just("\"vars\":{\"a\":".to_owned()),
        Just("-----BEGIN PRIVATE KEY-----".to_owned()),
        Just("[secret]".to_owned()),
        Just("\\u0040\\".to_owned()),
        "[{}\\[\\]\",:\\\\ a@=.0-9%]{0,6}",
        "\\PC{0,4}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(scrap(), 0..6).prop_map(|scraps| scraps.concat())
}

fn document() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        proptest::sample::select(vec![
            "request",
            "headers",
            "user",
            "email",
            "data",
            "entries",
            "vars",
            "password",
            "tags",
            "key",
            "value",
            "name",
            "ip",
            "id",
            "release",
            "sdk",
            "installation",
            "cookies",
        ])
        .prop_map(str::to_owned),
        text(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((key.clone(), inner), 0..5)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_fine_and_twice_is_once(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let once = scrub(&bytes, &Rules::default()).into_owned();
        prop_assert_eq!(scrub(&once, &Rules::default()), once.clone());
    }

    #[test]
    fn any_scraps_are_fine_and_twice_is_once(text in text()) {
        let once = scrub(text.as_bytes(), &Rules::default()).into_owned();
        let twice = scrub(&once, &Rules::default()).into_owned();
        prop_assert_eq!(
            String::from_utf8_lossy(&twice).into_owned(),
            String::from_utf8_lossy(&once).into_owned()
        );
    }

    #[test]
    fn valid_json_stays_valid_and_keeps_its_shape(document in document()) {
        let body = document.to_string();
        for body in [ascii(&body), body] {
            let once = scrubbed(&body);
            let after: Value = serde_json::from_str(&once).unwrap();
            prop_assert!(same_shape(&document, &after), "{} {}", document, after);
            prop_assert_eq!(scrubbed(&once), once);
        }
    }

    #[test]
    fn torn_json_is_fine_and_twice_is_once(document in document(), at in 0.0..1.0_f64) {
        let body = document.to_string();
        #[expect(clippy::as_conversions, clippy::cast_possible_truncation, clippy::cast_sign_loss,
            clippy::cast_precision_loss, reason = "any place will do")]
        let at = (body.len() as f64 * at) as usize;
        let once = scrub(&body.as_bytes()[..at], &Rules::default()).into_owned();
        let twice = scrub(&once, &Rules::default()).into_owned();
        prop_assert_eq!(
            String::from_utf8_lossy(&twice).into_owned(),
            String::from_utf8_lossy(&once).into_owned()
        );
    }

    #[test]
    fn respelling_is_the_same_json(document in document()) {
        let body = document.to_string();
        for (ascii, spaced) in [(true, false), (false, true), (true, true), (false, false)] {
            let other = crate::json::respell(body.as_bytes(), crate::json::Spelling { ascii, spaced });
            let other: Value = serde_json::from_slice(&other.unwrap()).unwrap();
            prop_assert_eq!(&other, &document);
        }
    }

    #[test]
    fn our_reader_and_serdes_agree_on_what_is_json(text in "[\\[\\]{}\",:0-9eE.+a-z\\\\ -]{0,12}") {
        let mut reader = crate::json::Reader::new(text.as_bytes());
        let ours = loop {
            match reader.next() {
                Ok(Some(_)) => {}
                Ok(None) => break true,
                Err(_) => break false,
            }
        };
        let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        prop_assert_eq!(ours, theirs);
    }
}

#[test]
fn deep_nesting_is_text() {
    // FIELD case 12.
    let depth = 100_000;
    let body = format!(
        "{}\"ann@example.com\"{}",
        "[".repeat(depth),
        "]".repeat(depth)
    );
    let after = scrubbed(&body);
    assert_eq!(after, body.replace("ann@example.com", "[email]"));
}

#[test]
fn hostile_texts_take_no_longer_than_others() {
    for scrap in [
        "@",
        "a@",
        "%40",
        "a%40b",
        "eyJ-",
        "bearer ",
        "::",
        "1:",
        "1.",
        "password=\"",
        "-----BEGIN ",
        "\"token\":\"\\\"",
        "4111 ",
        "sk-",
        "://@",
        "aaaa",
        "=",
        "a.b@c.1.",
        "[",
        "{\"a\":",
        "{\"vars\":",
        "\\",
        "'",
        "ghp_",
    ] {
        let text = scrap.repeat(200_000 / scrap.len());
        for body in [json!({"message": text}).to_string(), text] {
            assert!(!scrubbed(&body).is_empty());
        }
    }
}
