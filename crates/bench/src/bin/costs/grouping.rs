//! What it costs more to see whether an alert joins an open incident: only deliveries that would
//! open one pay for it.

use epicenter_bench::bodies::{event_id, templates};
use epicenter_bench::cpu::Watch;
use epicenter_domain::delivery::Headers;
use epicenter_domain::routing::group::{GroupPolicy, Stack, Traits, hashes};
use epicenter_domain::sources::{Envelope, IntegrationKind, event_detail, read};
use epicenter_domain::time::Time;
use std::hint::black_box;

const ROUNDS: usize = 20;

/// Prints a line for each step.
pub(crate) fn measure() {
    let mut bodies = Vec::new();
    for (count, template) in (0..).zip(&templates(200)) {
        let mut body = Vec::new();
        template.write(&event_id(1, count), &mut body);
        bodies.push(body);
    }
    let headers = Headers::default();
    println!("| step | CPU µs |");
    println!("|---|---:|");
    time("read as every delivery is", &bodies, |body| {
        black_box(read(IntegrationKind::Sentry, envelope(&headers, body)));
    });
    time("read the event in full", &bodies, |body| {
        black_box(event_detail("event_alert", envelope(&headers, body)));
    });
    let policy = GroupPolicy::default();
    time("the same, and hash what must be equal", &bodies, |body| {
        let detail = event_detail("event_alert", envelope(&headers, body)).unwrap_or_default();
        let traits = Traits {
            service_id: Some(1),
            deploy: "shop@1.3.9 in production".to_owned(),
            stack: Stack::of(&detail),
            ..Traits::default()
        };
        black_box(hashes(&traits, &policy));
    });
}

fn time(step: &str, bodies: &[Vec<u8>], work: impl Fn(&[u8])) {
    for body in bodies {
        work(body);
    }
    let watch = Watch::start();
    for _ in 0..ROUNDS {
        for body in bodies {
            work(body);
        }
    }
    let (cpu, _) = watch.per(ROUNDS * bodies.len());
    println!("| {step} | {cpu:.1} |");
}

fn envelope<'a>(headers: &'a Headers, body: &'a [u8]) -> Envelope<'a> {
    Envelope {
        headers,
        body,
        received_at: Time(1_800_000_000_000),
    }
}
