//! What was sent, what was answered, and what must be there in the end.

use crate::support::app::{eventually, id, outcome};
use crate::support::{Api, Webhook};
use epicenter_domain::time::Time;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// Issues that the events belong to.
const ISSUES: u64 = 5;
/// When the events happened, more or less.
const START_MS: i64 = 1_772_445_605_000;

/// Webhooks by event id.
#[derive(Default)]
pub(super) struct Ledger {
    sent: Mutex<BTreeMap<String, (Webhook, Option<String>)>>,
}

impl Ledger {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, (Webhook, Option<String>)>> {
        self.sent.lock().unwrap()
    }

    /// Sends webhooks, one after the other, until the server is gone. Answers how many it took.
    pub(super) async fn load(&self, api: &Api, until: Duration) -> usize {
        let api = api.with_token(None);
        let mut answered = 0;
        let work = async {
            loop {
                let count = i64::try_from(self.lock().len()).unwrap();
                let webhook = Webhook::event_alert(u64::try_from(count).unwrap() % ISSUES)
                    .at(Time(START_MS + count));
                let event_id = webhook.text("/data/event/event_id");
                self.lock()
                    .insert(event_id.clone(), (webhook.clone(), None));
                if !self.send(&api, &event_id, &webhook).await {
                    return;
                }
                answered += 1;
            }
        };
        drop(tokio::time::timeout(until, work).await);
        answered
    }

    /// True if it was answered.
    async fn send(&self, api: &Api, event_id: &str, webhook: &Webhook) -> bool {
        let Ok(response) = webhook.try_send(api, Time(START_MS)).await else {
            return false;
        };
        let status = response.status().as_u16();
        let Ok(body) = response.text().await else {
            return false;
        };
        assert_eq!(status, 202, "{body}");
        let body: Value = serde_json::from_str(&body).unwrap();
        let delivery_id = body["delivery_id"].as_str().unwrap().to_owned();
        self.lock().get_mut(event_id).unwrap().1 = Some(delivery_id);
        true
    }

    /// Sends again what was not answered, as Sentry does.
    pub(super) async fn send_again(&self, api: &Api) {
        let open = |(webhook, answer): &(Webhook, Option<String>)| {
            answer.is_none().then(|| webhook.clone())
        };
        let unanswered: Vec<_> = self
            .lock()
            .iter()
            .filter_map(|(id, sent)| Some((id.clone(), open(sent)?)))
            .collect();
        assert!(
            !unanswered.is_empty(),
            "no kill came in the middle of a request"
        );
        let api = api.with_token(None);
        for (event_id, webhook) in unanswered {
            assert!(self.send(&api, &event_id, &webhook).await);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Every answered delivery is there and decided; every answered event is there once, every
    /// other at most once; and all counts agree. Answers how many events there are.
    pub(super) async fn check(&self, api: &Api) -> usize {
        eventually("the inbox is applied", || async {
            let page = api.one("/api/v1/deliveries?outcome=pending&limit=1").await;
            page["items"].as_array().unwrap().is_empty().then_some(())
        })
        .await;
        let deliveries: BTreeMap<String, Value> = api
            .all("/api/v1/deliveries")
            .await
            .into_iter()
            .map(|one| (id(&one).to_owned(), one))
            .collect();
        let present = self.check_events(api).await;
        let sent = self.lock();
        for (event_id, (_, answer)) in sent.iter() {
            let Some(delivery_id) = answer else { continue };
            let delivery = deliveries.get(delivery_id);
            let delivery =
                delivery.unwrap_or_else(|| panic!("{delivery_id} was answered and lost"));
            // One that was stored but not answered is sent again, and the second is a duplicate.
            let decided = ["applied", "duplicate"].contains(&outcome(delivery));
            assert!(decided, "{delivery}");
            assert!(
                present.contains(event_id),
                "{event_id} was answered and not applied"
            );
        }
        let strange = present
            .iter()
            .find(|event_id| !sent.contains_key(*event_id));
        assert_eq!(strange, None, "nobody sent this event");
        let applied = deliveries
            .values()
            .filter(|one| outcome(one) == "applied")
            .count();
        assert_eq!(applied, present.len(), "each event was applied once");
        present.len()
    }

    async fn check_events(&self, api: &Api) -> BTreeSet<String> {
        let mut present = BTreeSet::new();
        let mut counted = 0;
        for issue in api.all("/api/v1/issues").await {
            let events = api
                .all(&format!("/api/v1/issues/{}/events", id(&issue)))
                .await;
            assert_eq!(issue["event_count"], events.len(), "{issue}");
            counted += events.len();
            for event in events {
                let event_id = event["event_id"].as_str().unwrap().to_owned();
                assert!(
                    present.insert(event_id.clone()),
                    "{event_id} is there twice"
                );
            }
        }
        let incidents = api.all("/api/v1/incidents").await;
        assert!(
            incidents.len() <= usize::try_from(ISSUES).unwrap(),
            "{incidents:?}"
        );
        let in_incidents: u64 = incidents
            .iter()
            .map(|incident| incident["event_count"].as_u64().unwrap())
            .sum();
        assert_eq!(
            usize::try_from(in_incidents).unwrap(),
            counted,
            "incidents count the same"
        );
        present
    }
}
