//! A storm: now and then very many issues break within seconds, as when a database goes away.

use super::company::Doors;
use crate::clients::{Way, http_client};
use crate::clock::Clock;
use crate::commands::post::post;
use crate::simulator::catalogue;
use crate::simulator::webhook::ascii_json;
use serde_json::{Value, json};
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
                if let Some(body) = broken_query(&webhook.body, seed) {
                    webhook.body = body;
                }
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

/// The body as that of another issue: one query of many that the database does not answer.
fn broken_query(body: &[u8], number: u64) -> Option<Vec<u8>> {
    let mut body: Value = serde_json::from_slice(body).ok()?;
    let issue = 6_900_000_000 + number;
    let (kind, table) = ("OperationalError", format!("ledger_{number}"));
    let value = format!("the server closed the connection while reading {table}");
    let event = body.pointer_mut("/data/event")?;
    event["issue_id"] = json!(issue.to_string());
    event["title"] = json!(format!("{kind}: {value}"));
    for link in ["issue_url", "web_url"] {
        let old = event[link].as_str()?;
        event[link] = json!(old.replace("/issues/1/", &format!("/issues/{issue}/")));
    }
    let metadata = event.get_mut("metadata")?.as_object_mut()?;
    metadata.insert("type".to_owned(), json!(kind));
    metadata.insert("value".to_owned(), json!(value));
    let raised = event.pointer_mut("/exception/values")?.as_array_mut()?;
    let raised = raised.last_mut()?;
    raised["type"] = json!(kind);
    raised["value"] = json!(value);
    let frames = raised.pointer_mut("/stacktrace/frames")?.as_array_mut()?;
    let crash = frames.last_mut()?;
    crash["filename"] = json!(format!("payments/tables/{table}.py"));
    crash["function"] = json!(format!("read_{table}"));
    Some(ascii_json(&body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_webhook_of_a_storm_is_of_an_issue_of_its_own() {
        let built = catalogue::build("event_alert.python", 1_790_000_000_000, 1).unwrap();
        let one = broken_query(&built.body, 1).unwrap();
        let other = broken_query(&built.body, 2).unwrap();
        let issue = |body: &[u8]| {
            let body: Value = serde_json::from_slice(body).unwrap();
            body["data"]["event"]["issue_id"].clone()
        };
        assert_eq!(
            (issue(&one), issue(&other)),
            (json!("6900000001"), json!("6900000002"))
        );
    }
}
