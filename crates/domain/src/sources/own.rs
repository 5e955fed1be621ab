//! What Epicenter tells itself, through its own inbox: a canary, and what it warns of.

use super::wire::Wire;
use super::{Envelope, Outcome, Reading};
use crate::level::Severity;
use crate::limits::{LINK_CHARS, MESSAGE_BYTES, TITLE_CHARS, cut_bytes};
use crate::signal::{Actor, ActorKind, AlertFact, AlertState, Fact, Signal, When};
use crate::sources::change_hook::link;

/// What a canary is called.
pub const CANARY: &str = "canary";
/// What a warning is called.
pub const ALARM: &str = "alarm";

/// What Epicenter warns of, or that it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The dedup key of its incident.
    pub key: String,
    /// How bad; `None`: it is over.
    pub severity: Option<Severity>,
    /// The title of the incident.
    pub title: String,
    /// A sentence for the timeline.
    pub says: String,
    /// What to do, for the timeline.
    pub todo: String,
    /// Where it is shown.
    pub link: String,
}

impl Warning {
    /// As it goes through the inbox.
    pub fn body(&self) -> String {
        serde_json::json!({
            "key": self.key,
            "severity": self.severity.map(Severity::as_str),
            "title": self.title,
            "says": self.says,
            "todo": self.todo,
            "link": self.link,
        })
        .to_string()
    }
}

/// The body of a canary.
pub fn canary_body(id: i64) -> String {
    serde_json::json!({ "canary": id.to_string() }).to_string()
}

/// The id of the canary in the reading of a delivery.
pub fn canary_of(reading: &Reading) -> Option<i64> {
    if reading.resource != CANARY {
        return None;
    }
    reading.identity.as_ref()?.parse().ok()
}

/// Reads one delivery of Epicenter to itself. Total: any bytes end in a reading.
pub fn read(envelope: Envelope<'_>) -> Reading {
    let text = String::from_utf8_lossy(envelope.body);
    let named = |resource: &str, identity, outcome| Reading {
        resource: resource.to_owned(),
        action: String::new(),
        identity,
        outcome,
    };
    let Ok(body) = Wire::parse(&text) else {
        let why = "This is nothing that Epicenter says to itself.";
        return named("unknown", None, Outcome::NotUnderstood(why.to_owned()));
    };
    if let Some(id) = body.get("canary").name() {
        let why = "A canary: it came through the door and the inbox, and goes on to the notifier.";
        return named(CANARY, Some(id), Outcome::Ignored(why.to_owned()));
    }
    named(ALARM, None, alarm(&body))
}

fn alarm(body: &Wire<'_>) -> Outcome {
    let Some(dedup_key) = body.get("key").name() else {
        return Outcome::NotUnderstood("The body has no key.".to_owned());
    };
    let severity = body.get("severity").name();
    let severity = severity.and_then(|word| Severity::parse(&word));
    let text = |key: &str| cut_bytes(&body.get(key).message(), MESSAGE_BYTES);
    let title = body.get("title").line(TITLE_CHARS);
    let fact = AlertFact {
        title: title.unwrap_or_else(|| dedup_key.clone()),
        dedup_key,
        metric: None,
        state: severity.map_or(AlertState::Resolved, AlertState::Firing),
        subject: None,
        description: text("says"),
        details: text("todo"),
        is_repeatable: true,
        permalink: link(body.get("link")).filter(|link| link.chars().count() <= LINK_CHARS),
        projects: Vec::new(),
        environment: None,
        started_at: None,
    };
    Outcome::Signal(Box::new(Signal {
        when: When::default(),
        actor: Actor {
            kind: ActorKind::Application,
            id: "epicenter".to_owned(),
            name: "Epicenter".to_owned(),
        },
        fact: Fact::Alert(Box::new(fact)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Headers;
    use crate::time::Time;

    fn reading(body: &str) -> Reading {
        read(Envelope {
            headers: &Headers::default(),
            body: body.as_bytes(),
            received_at: Time(0),
        })
    }

    #[test]
    fn a_warning_is_read_as_it_was_written() {
        for severity in [Some(Severity::Critical), None] {
            let warning = Warning {
                key: "epicenter-gap-shop".to_owned(),
                severity,
                title: "Sentry stopped sending".to_owned(),
                says: "Since 14:02.".to_owned(),
                todo: "Look at it.".to_owned(),
                link: "https://epicenter.example/health".to_owned(),
            };
            let found = reading(&warning.body());
            let Fact::Alert(fact) = &found.outcome.signals()[0].fact else {
                panic!("{found:?}");
            };
            let state = severity.map_or(AlertState::Resolved, AlertState::Firing);
            assert_eq!((&fact.dedup_key, fact.state), (&warning.key, state));
            assert_eq!(
                (&fact.title, &fact.description),
                (&warning.title, &warning.says)
            );
            assert_eq!(fact.permalink, Some(warning.link));
        }
    }

    #[test]
    fn a_canary_moves_nothing_and_anything_else_is_not_understood() {
        let found = reading(&canary_body(42));
        assert_eq!(canary_of(&found), Some(42));
        assert!(matches!(found.outcome, Outcome::Ignored(_)));
        for body in ["{}", "no", "[]", "{\"canary\":null}"] {
            let found = reading(body);
            assert_eq!(canary_of(&found), None);
            assert!(matches!(found.outcome, Outcome::NotUnderstood(_)), "{body}");
        }
    }
}
