//! A storm: now and then very many issues break within seconds, as when a database goes away.

use super::company::Doors;
use crate::clients::{Way, http_client};
use crate::clock::Clock;
use crate::commands::post::post;
use crate::simulator::catalogue;
use std::time::Duration;

/// Webhooks of one storm: more than twice what makes one in a minute, as a minute may end amid them.
const WEBHOOKS: u64 = 240;
/// Pause between two of them.
const PAUSE: Duration = Duration::from_millis(40);
/// Before the first storm: long enough to look around.
const FIRST: Duration = Duration::from_mins(3);
/// From one storm to the next.
const NEXT: Duration = Duration::from_mins(20);

/// Storms without end: stop it by dropping the future.
pub(super) async fn rage(doors: &Doors, clock: &Clock, speed: u32) -> Result<(), reqwest::Error> {
    let client = http_client(Way::to(&doors.signed_url))?;
    let speed = speed.max(1);
    let mut seed = 0;
    tokio::time::sleep(FIRST / speed).await;
    loop {
        for _ in 0..WEBHOOKS {
            seed += 1;
            let built = catalogue::build("event_alert.python", clock.now().0, seed);
            if let Some(mut webhook) = built {
                webhook.sign(&doors.secret);
                let sent = post(&client, &doors.signed_url, &webhook.headers, webhook.body);
                if let Err(problem) = sent.await {
                    let problem = problem.without_url();
                    tracing::warn!("demo: a webhook was not answered: {problem}");
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        tokio::time::sleep(NEXT / speed).await;
    }
}
