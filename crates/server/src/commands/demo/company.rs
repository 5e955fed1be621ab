//! The company of `epicenter demo`, as far as Epicenter sees it: webhooks that come in through the
//! real doors.

use crate::clients::{Way, http_client};
use crate::clock::Clock;
use crate::commands::post::post;
use crate::simulator::scenario::{Door, Live, Shipment, Step, history, shipments};
use epicenter_domain::time::Time;
use reqwest::{Client, Url};
use std::time::Duration;

/// A secret that no integration of the demo has.
const WRONG_SECRET: &str = "a-secret-of-somebody-else";

/// Where the company's webhooks go.
#[derive(Clone, Debug)]
pub(super) struct Doors {
    /// Push URL of the integration with a secret.
    pub(super) signed_url: Url,
    /// Its secret.
    pub(super) secret: String,
    /// Push URL of the integration for the legacy plugin, which cannot sign.
    pub(super) legacy_url: Url,
    /// Where CI tells of deploys.
    pub(super) deploys_url: Url,
    /// The token that CI has.
    pub(super) token: String,
}

/// How fast the story is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    /// How many times faster than the script; 0 counts as 1.
    pub(super) speed: u32,
    /// Which story.
    pub(super) seed: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { speed: 1, seed: 1 }
    }
}

/// How many webhooks were answered, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// With 2xx.
    pub(super) accepted: usize,
    /// With something else: the wrongly signed ones, or a fault.
    pub(super) refused: usize,
    /// Not at all.
    pub(super) lost: usize,
}

/// The company.
#[derive(Debug)]
pub(super) struct Company {
    client: Client,
    doors: Doors,
    /// What has come of it so far.
    pub(super) tally: Tally,
}

impl Company {
    /// A company that sends to these doors.
    pub(super) fn new(doors: Doors) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: http_client(Way::to(&doors.signed_url))?,
            doors,
            tally: Tally::default(),
        })
    }

    /// The week before `now`, step by step.
    pub(super) fn history(now: Time) -> Vec<Step> {
        history(now.0)
    }

    /// What CI deployed in that week.
    pub(super) fn shipments(now: Time) -> Vec<Shipment> {
        shipments(now.0)
    }

    /// CI tells of a deploy.
    pub(super) async fn ship(&mut self, shipment: &Shipment) {
        let bearer = format!("Bearer {}", self.doors.token);
        let headers = [
            ("Authorization".to_owned(), bearer),
            ("Content-Type".to_owned(), "application/json".to_owned()),
        ];
        let body = shipment.body.to_string().into_bytes();
        match post(&self.client, &self.doors.deploys_url, &headers, body).await {
            Ok(answer) if answer.status.is_success() => self.tally.accepted += 1,
            Ok(answer) => {
                self.tally.refused += 1;
                let status = answer.status.as_u16();
                tracing::warn!(status, "demo: a deploy was refused");
            }
            Err(problem) => {
                self.tally.lost += 1;
                let problem = problem.without_url();
                tracing::warn!("demo: a deploy was not answered: {problem}");
            }
        }
    }

    /// Goes on from `now`, without end: stop it by dropping the future.
    pub(super) async fn live(&mut self, clock: &Clock, pace: Pace) {
        let mut story = Live::new(clock.now().0, pace.seed);
        let speed = u64::from(pace.speed.max(1));
        loop {
            let step = story.step(clock.now().0);
            tokio::time::sleep(Duration::from_millis(step.after_ms / speed)).await;
            self.send(step).await;
        }
    }

    /// Sends one step through its door.
    pub(super) async fn send(&mut self, step: Step) {
        let Step {
            mut webhook,
            door,
            note,
            ..
        } = step;
        let url = match door {
            Door::Signed => {
                webhook.sign(&self.doors.secret);
                &self.doors.signed_url
            }
            Door::WrongSecret => {
                webhook.sign(WRONG_SECRET);
                &self.doors.signed_url
            }
            Door::Legacy => &self.doors.legacy_url,
        };
        let name = webhook.name;
        match post(&self.client, url, &webhook.headers, webhook.body).await {
            Ok(answer) if answer.status.is_success() => {
                self.tally.accepted += 1;
                tracing::debug!(%name, "demo: {note}");
            }
            Ok(answer) => {
                self.tally.refused += 1;
                tracing::debug!(%name, status = answer.status.as_u16(), "demo: {note}");
            }
            Err(problem) => {
                self.tally.lost += 1;
                let problem = problem.without_url();
                tracing::warn!(%name, "demo: a webhook was not answered: {problem}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::webhook::signature;
    use axum::Router;
    use axum::body::Bytes;
    use axum::http::{HeaderMap, StatusCode};
    use axum::routing::post as on_post;

    const NOW: Time = Time(1_791_900_000_000);

    /// A strict door with the secret `s`, and one that asks for nothing.
    async fn doors() -> Doors {
        let strict = |headers: HeaderMap, body: Bytes| async move {
            let expected = signature("s", &body);
            let is_proven = [
                "sentry-hook-signature",
                "sentry-app-signature",
                "x-servicehook-signature",
            ]
            .iter()
            .any(|name| headers.get(*name).is_some_and(|value| value == &expected));
            if is_proven {
                StatusCode::ACCEPTED
            } else {
                StatusCode::UNAUTHORIZED
            }
        };
        let app = Router::new()
            .route("/hooks/strict", on_post(strict))
            .route("/hooks/legacy", on_post(|| async { StatusCode::ACCEPTED }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/hooks/", listener.local_addr().unwrap());
        let base: Url = base.parse().unwrap();
        #[expect(
            clippy::disallowed_methods,
            reason = "the test's own server dies with the test"
        )]
        drop(tokio::spawn(
            async move { axum::serve(listener, app).await },
        ));
        Doors {
            signed_url: base.join("strict").unwrap(),
            secret: "s".to_owned(),
            legacy_url: base.join("legacy").unwrap(),
            deploys_url: base.join("legacy").unwrap(),
            token: "t".to_owned(),
        }
    }

    #[tokio::test]
    async fn the_week_comes_through_the_doors() {
        let mut company = Company::new(doors().await).unwrap();
        let mut times = Vec::new();
        for step in Company::history(NOW) {
            times.push(step.at_ms);
            company.send(step).await;
        }
        assert!(times.is_sorted() && times.len() > 250);
        let expected = Tally {
            accepted: times.len() - 1,
            refused: 1,
            lost: 0,
        };
        assert_eq!(company.tally, expected);
    }

    #[tokio::test]
    async fn life_goes_on_until_it_is_stopped() {
        let mut company = Company::new(doors().await).unwrap();
        let pace = Pace {
            speed: 100_000,
            seed: 1,
        };
        let clock = Clock::manual(NOW);
        let going_on = company.live(&clock, pace);
        let stopped = tokio::time::timeout(Duration::from_secs(2), going_on).await;
        assert!(stopped.is_err());
        assert!(company.tally.accepted > 20, "{:?}", company.tally);
        assert_eq!(company.tally.lost, 0);
    }
}
