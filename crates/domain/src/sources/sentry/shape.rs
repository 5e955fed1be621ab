//! Which wire format a delivery has: headers first, then the shape of the body.

use super::hook::word;
use super::{Envelope, Outcome, Reading};
use crate::delivery::Headers;
use crate::sources::wire::Wire;

/// Header that names the resource of an Integration Platform webhook.
pub(super) const RESOURCE_HEADER: &str = "sentry-hook-resource";
const UI_HEADER: &str = "sentry-app-signature";
const SERVICE_HOOK_HEADERS: [&str; 3] = [
    "x-servicehook-signature",
    "x-servicehook-timestamp",
    "x-servicehook-guid",
];

/// The wire formats, a file each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Issue,
    EventAlert,
    Error,
    MetricAlert,
    ActivityAlert,
    Comment,
    Installation,
    Seer,
    Preprod,
    LatestEvent,
    ServiceHook,
    LegacyPlugin,
    TopLevelIssue,
    TopLevelEvent,
    UiComponent,
    UnknownResource,
    Unknown,
}

impl Shape {
    /// The name of the resource in readings.
    pub(super) fn resource(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::EventAlert => "event_alert",
            Self::Error => "error",
            Self::MetricAlert => "metric_alert",
            Self::ActivityAlert => "activity_alert",
            Self::Comment => "comment",
            Self::Installation => "installation",
            Self::Seer => "seer",
            Self::Preprod => "preprod_artifact",
            Self::LatestEvent => super::LATEST_EVENT,
            Self::ServiceHook => "service_hook",
            Self::LegacyPlugin => "legacy_plugin",
            Self::TopLevelIssue => "top_level_issue",
            Self::TopLevelEvent => "top_level_event",
            Self::UiComponent => "ui_component",
            Self::UnknownResource | Self::Unknown => "unknown",
        }
    }

    fn of_resource(name: &str) -> Self {
        match name {
            "issue" => Self::Issue,
            "event_alert" => Self::EventAlert,
            "error" | "event" => Self::Error,
            "metric_alert" => Self::MetricAlert,
            "activity_alert" => Self::ActivityAlert,
            "comment" => Self::Comment,
            "installation" => Self::Installation,
            "seer" => Self::Seer,
            "preprod_artifact" | "size_analysis" => Self::Preprod,
            super::LATEST_EVENT => Self::LatestEvent,
            _ => Self::UnknownResource,
        }
    }
}

/// The resource named by the headers, if any.
pub(super) fn header_resource(headers: &Headers) -> Option<&str> {
    let name = headers.get(RESOURCE_HEADER)?.trim();
    (!name.is_empty()).then_some(name)
}

/// Recognises the wire format.
pub(super) fn recognise(headers: &Headers, body: &Wire<'_>) -> Shape {
    if let Some(name) = header_resource(headers) {
        return Shape::of_resource(&name.to_ascii_lowercase());
    }
    if SERVICE_HOOK_HEADERS
        .iter()
        .any(|name| headers.get(name).is_some())
    {
        return Shape::ServiceHook;
    }
    let shape = by_body(body);
    if shape == Shape::Unknown && headers.get(UI_HEADER).is_some() {
        return Shape::UiComponent;
    }
    shape
}

fn by_body(body: &Wire<'_>) -> Shape {
    let has_event = body.get("event").is_map();
    if body.get("data").is_map() {
        return by_data(
            body.get("action").str().unwrap_or_default(),
            body.get("data"),
        );
    }
    if body.get("group").is_map() {
        return Shape::ServiceHook;
    }
    if !body.get("triggering_rules").list().is_empty() {
        return Shape::LegacyPlugin;
    }
    if body.get("issue").is_map() {
        return Shape::TopLevelIssue;
    }
    let named_as_legacy = !body.first(&["project_slug", "project_name"]).is_blank();
    if named_as_legacy && (has_event || !body.get("id").is_blank()) {
        return Shape::LegacyPlugin;
    }
    if has_event && body.get("project").str().is_some() {
        return Shape::LegacyPlugin;
    }
    if has_event {
        return Shape::TopLevelEvent;
    }
    let has_fields = body.get("fields").is_map() || !body.get("fields").list().is_empty();
    if has_fields && !body.first(&["installationId", "issueId"]).is_blank() {
        return Shape::UiComponent;
    }
    Shape::Unknown
}

fn by_data(action: &str, data: &Wire<'_>) -> Shape {
    let has = |key: &str| !data.get(key).is_blank();
    let prefixed = action.split_once('.').map(|(resource, _)| resource);
    if let Some(resource) = prefixed {
        let shape = Shape::of_resource(resource);
        if shape != Shape::UnknownResource {
            return shape;
        }
    }
    if has("issue") && has("activity") {
        Shape::ActivityAlert
    } else if has("metric_alert") || has("description_title") {
        Shape::MetricAlert
    } else if has("event") {
        Shape::EventAlert
    } else if has("error") {
        Shape::Error
    } else if has("comment_id") {
        Shape::Comment
    } else if data.get("installation").is_map() {
        Shape::Installation
    } else if has("run_id") || has("group_id") {
        Shape::Seer
    } else if has("buildId") {
        Shape::Preprod
    } else if has("issue") {
        Shape::Issue
    } else {
        Shape::Unknown
    }
}

/// The reading of a body that is no JSON, even after repair.
pub(super) fn unreadable(envelope: Envelope<'_>, error: &serde_json::Error) -> Reading {
    let named = header_resource(envelope.headers);
    let empty = envelope.body.iter().all(u8::is_ascii_whitespace);
    if empty && named.is_none() && envelope.headers.get(UI_HEADER).is_some() {
        return Reading {
            resource: Shape::UiComponent.resource().to_owned(),
            action: "options".to_owned(),
            identity: None,
            outcome: Outcome::Ignored(
                "Sentry asked for the options of a select field; there are none.".to_owned(),
            ),
        };
    }
    let reason = if empty {
        "The body is empty.".to_owned()
    } else if std::str::from_utf8(envelope.body).is_err() {
        "The body is not JSON: it is not even text.".to_owned()
    } else {
        format!("The body is not JSON: {error}.")
    };
    Reading {
        resource: named.map_or_else(|| "unknown".to_owned(), word),
        action: String::new(),
        identity: None,
        outcome: Outcome::NotUnderstood(reason),
    }
}
