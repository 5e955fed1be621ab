//! Any bytes under any header end in a reading. The first byte picks the headers, the rest is the
//! body.

#![no_main]

use epicenter_domain::delivery::Headers;
use epicenter_domain::sources::sentry::ui_component;
use epicenter_domain::sources::{Envelope, Outcome, sentry};
use epicenter_domain::time::Time;
use libfuzzer_sys::fuzz_target;

/// The order is what `scripts/fuzz` seeds with: append only.
const HEADERS: [(&str, &str); 13] = [
    ("content-type", "application/json"),
    ("sentry-hook-resource", "issue"),
    ("sentry-hook-resource", "event_alert"),
    ("sentry-hook-resource", "error"),
    ("sentry-hook-resource", "metric_alert"),
    ("sentry-hook-resource", "activity_alert"),
    ("sentry-hook-resource", "comment"),
    ("sentry-hook-resource", "installation"),
    ("sentry-hook-resource", "seer"),
    ("sentry-hook-resource", "preprod_artifact"),
    ("x-servicehook-timestamp", "1772445605"),
    ("sentry-app-signature", "00"),
    ("sentry-hook-resource", "\u{7}unknown"),
];

fuzz_target!(|data: &[u8]| {
    let Some((pick, body)) = data.split_first() else {
        return;
    };
    let header = HEADERS[usize::from(*pick) % HEADERS.len()];
    let headers = Headers::new([header]);
    let envelope = Envelope {
        headers: &headers,
        body,
        received_at: Time(0),
    };
    let reading = sentry::read(envelope);
    if let Outcome::Ignored(reason) | Outcome::NotUnderstood(reason) = &reading.outcome {
        assert!(reason.ends_with('.'), "{reason}");
    }
    assert_eq!(reading, sentry::read(envelope), "two readings of one body");
    let _ = ui_component::answer(body, "https://epicenter.example", pick % 2 == 0);
});
