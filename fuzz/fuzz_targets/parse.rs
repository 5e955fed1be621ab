//! Any bytes under any header end in a reading. The first byte picks the headers, the rest is the
//! body.

#![no_main]

use epicenter_domain::delivery::Headers;
use epicenter_domain::sources::sentry::ui_component;
use epicenter_domain::sources::{Envelope, IntegrationKind, Outcome, Reading, sentry};
use epicenter_domain::time::Time;
use libfuzzer_sys::fuzz_target;

/// Sentry's. The order is what `seeds/parse` writes: append only.
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

/// The other senders: from this byte on, in the order of `seeds/parse`, append only.
const OTHERS_FROM: u8 = 64;
const OTHERS: [(IntegrationKind, (&str, &str)); 11] = [
    (IntegrationKind::Github, ("x-github-event", "push")),
    (IntegrationKind::Github, ("x-github-event", "deployment")),
    (IntegrationKind::Github, ("x-github-event", "deployment_status")),
    (IntegrationKind::Github, ("x-github-event", "release")),
    (IntegrationKind::Github, ("x-github-event", "pull_request")),
    (IntegrationKind::Github, ("x-github-event", "ping")),
    (IntegrationKind::Gitlab, ("x-gitlab-event", "Push Hook")),
    (IntegrationKind::Vercel, ("content-type", "application/json")),
    (IntegrationKind::Pagerduty, ("content-type", "application/json")),
    (IntegrationKind::Events, ("content-type", "application/json")),
    (IntegrationKind::Github, ("x-github-event", "\u{7}unknown")),
];

/// Whose delivery the first byte means, and under which header.
fn picked(pick: u8) -> (IntegrationKind, (&'static str, &'static str)) {
    match pick.checked_sub(OTHERS_FROM) {
        Some(other) => OTHERS[usize::from(other) % OTHERS.len()],
        None => {
            let header = HEADERS[usize::from(pick) % HEADERS.len()];
            (IntegrationKind::Sentry, header)
        }
    }
}

fn read(kind: IntegrationKind, envelope: Envelope<'_>) -> Reading {
    match kind {
        // With all details; `sources::read` takes the facts only.
        IntegrationKind::Sentry => sentry::read(envelope),
        other => epicenter_domain::sources::read(other, envelope),
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((pick, body)) = data.split_first() else {
        return;
    };
    let (kind, header) = picked(*pick);
    let headers = Headers::new([header]);
    let envelope = Envelope {
        headers: &headers,
        body,
        received_at: Time(0),
    };
    let reading = read(kind, envelope);
    if let Outcome::Ignored(reason) | Outcome::NotUnderstood(reason) = &reading.outcome {
        assert!(reason.ends_with('.'), "{reason}");
    }
    assert_eq!(reading, read(kind, envelope), "two readings of one body");
    let _ = ui_component::answer(body, "https://epicenter.example", pick % 2 == 0);
});
