//! What all wire formats share: the envelope of a delivery, and the answers about it.

use super::shape::{self, Shape};
use super::ui_component;
use crate::delivery::Headers;
use crate::limits;
use crate::signal::{Actor, ActorKind, Fact};
use crate::sources::wire::Wire;
use crate::time::Time;

/// A delivery whose wire format is recognised.
pub(super) struct Hook<'w> {
    /// Name of the resource for the reading.
    pub(super) resource: String,
    /// Action without a resource prefix; empty when the body names none.
    pub(super) action: String,
    /// When Sentry built the request.
    pub(super) sent_at: Option<Time>,
    /// The whole body.
    pub(super) body: &'w Wire<'w>,
    /// `data`, or the body itself when there is none.
    pub(super) data: &'w Wire<'w>,
}

/// A delivery that was understood.
pub(super) struct Understood {
    /// See [`crate::sources::Reading::identity`].
    pub(super) identity: Option<String>,
    /// When it happened according to the body.
    pub(super) occurred_at: Option<Time>,
    /// Who did it, when the format knows better than the envelope.
    pub(super) actor: Option<Actor>,
    /// What happened.
    pub(super) fact: Fact,
}

/// Why a delivery yields no fact; a sentence for people.
pub(super) enum Refusal {
    /// Understood, and nothing to do.
    Ignored(String),
    /// Kept and shown.
    NotUnderstood(String),
}

/// What a wire format's file answers.
pub(super) type Answer = Result<Understood, Refusal>;

/// A word of the sender, safe to show: short and without control characters.
pub(super) fn word(text: &str) -> String {
    let clean: String = text
        .trim()
        .chars()
        .filter(|char| !char.is_control())
        .collect();
    limits::cut_chars(&clean, limits::WORD_CHARS)
}

/// A sentence that says what is missing.
pub(super) fn not_understood(sentence: impl Into<String>) -> Refusal {
    Refusal::NotUnderstood(sentence.into())
}

impl<'w> Hook<'w> {
    /// Reads the envelope.
    pub(super) fn new(headers: &Headers, body: &'w Wire<'w>, shape: Shape) -> Self {
        let data = match body.get("data") {
            data if data.is_map() => data,
            _ => body,
        };
        let sent = headers
            .get("sentry-hook-timestamp")
            .or_else(|| headers.get("x-servicehook-timestamp"));
        let named = shape::header_resource(headers);
        let resource = match (shape, named) {
            (Shape::UnknownResource, Some(name)) => word(name),
            _ => shape.resource().to_owned(),
        };
        let action = body.get("action").str().unwrap_or_default();
        let action = action.rsplit('.').next().unwrap_or_default();
        Self {
            resource,
            action: match (named, action) {
                _ if shape == Shape::UiComponent => ui_component::action(body).to_owned(),
                // An earlier build of Sentry had a resource of its own for these.
                (Some("size_analysis"), "completed") => "size_analysis_completed".to_owned(),
                _ => word(action).to_ascii_lowercase(),
            },
            sent_at: sent
                .and_then(|text| text.trim().parse().ok())
                .and_then(Time::from_seconds),
            body,
            data,
        }
    }

    /// Who did it, by the envelope; Sentry when it names nobody.
    pub(super) fn actor(&self) -> Actor {
        actor(self.body.get("actor")).unwrap_or_else(Actor::sentry)
    }

    /// The answer to an unknown resource.
    pub(super) fn refuse_resource(&self) -> Answer {
        Err(not_understood(format!(
            "Sentry sent the resource `{}`, which Epicenter does not know.",
            self.resource
        )))
    }

    /// The answer to an action this resource does not have.
    pub(super) fn refuse_action<T>(&self) -> Result<T, Refusal> {
        Err(not_understood(if self.action.is_empty() {
            format!("The `{}` delivery names no action.", self.resource)
        } else {
            format!(
                "The resource `{}` came with the action `{}`, which Epicenter does not know.",
                self.resource, self.action
            )
        }))
    }

    /// The answer to a delivery that lacks what identifies its subject.
    pub(super) fn refuse_without<T>(&self, missing: &str) -> Result<T, Refusal> {
        Err(not_understood(format!(
            "The `{}` delivery does not say what it is about: {missing}.",
            self.resource
        )))
    }

    /// The answer to a body of no known shape.
    pub(super) fn refuse_shape(&self) -> Answer {
        if !self.body.is_map() {
            return Err(not_understood("The body is JSON, but not an object."));
        }
        let keys: Vec<String> = self
            .body
            .entries()
            .iter()
            .take(8)
            .map(|(key, _)| format!("`{}`", word(key)))
            .collect();
        Err(not_understood(if keys.is_empty() {
            "The body is an empty object, and no header says what it is.".to_owned()
        } else {
            format!(
                "No header says what this is, and a body with {} is no known shape.",
                keys.join(", ")
            )
        }))
    }
}

/// An actor of the envelope, or the user of an activity.
pub(super) fn actor(wire: &Wire<'_>) -> Option<Actor> {
    let id = wire.get("id").id();
    let name = wire.first(&["name", "username"]).name();
    let kind = match wire.get("type").str() {
        Some("user") => ActorKind::Person,
        None if wire.get("id").int().is_some() => ActorKind::Person,
        Some(_) | None => ActorKind::Application,
    };
    let shown = name.clone().or_else(|| id.clone())?;
    Some(Actor {
        kind,
        id: id.unwrap_or_default(),
        name: shown,
    })
}
