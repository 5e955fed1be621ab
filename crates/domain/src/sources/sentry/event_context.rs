//! What surrounds an event: tags, user, request, breadcrumbs, contexts. Of users and requests
//! only what people need is kept; headers, cookies, bodies and addresses never are.

use super::event::{self, interface, values};
use super::event_stack::newest;
use crate::limits;
use crate::signal::{Breadcrumb, EventRequest, EventUser};
use crate::sources::wire::Wire;

/// Tags in the sender's order; `sentry:` in front of a key is removed.
pub(super) fn tags(event: &Wire<'_>) -> Vec<(String, String)> {
    event
        .get("tags")
        .pairs()
        .take(limits::TAGS)
        .map(|(key, value)| {
            let key = key.strip_prefix("sentry:").unwrap_or(&key);
            (
                limits::cut_chars(key, limits::NAME_CHARS),
                limits::cut_chars(value.trim(), limits::NAME_CHARS),
            )
        })
        .collect()
}

/// The user's id and name.
pub(super) fn user(event: &Wire<'_>) -> Option<EventUser> {
    let user = interface(event, event::USER);
    let id = user.get("id").id().unwrap_or_default();
    let name = user.first(&["username", "name"]).name().unwrap_or_default();
    (!id.is_empty() || !name.is_empty()).then_some(EventUser { id, name })
}

/// The request's URL and method.
pub(super) fn request(event: &Wire<'_>) -> Option<EventRequest> {
    let request = interface(event, event::REQUEST);
    let url = request
        .get("url")
        .line(limits::LINK_CHARS)
        .unwrap_or_default();
    let method = request
        .get("method")
        .line(limits::WORD_CHARS)
        .unwrap_or_default();
    (!url.is_empty() || !method.is_empty()).then_some(EventRequest { url, method })
}

/// The newest breadcrumbs, oldest first.
pub(super) fn breadcrumbs(event: &Wire<'_>) -> Vec<Breadcrumb> {
    let crumbs = values(interface(event, event::BREADCRUMBS));
    newest(crumbs, limits::BREADCRUMBS)
        .iter()
        .filter(|crumb| crumb.is_map())
        .map(|crumb| Breadcrumb {
            at: crumb.get("timestamp").time(),
            category: crumb
                .first(&["category", "type"])
                .name()
                .unwrap_or_default(),
            level: crumb.get("level").name().unwrap_or_default(),
            message: crumb
                .get("message")
                .line(limits::BREADCRUMB_CHARS)
                .unwrap_or_else(|| rendered(crumb.get("data"))),
        })
        .collect()
}

/// Contexts as one short line each; the trace has a place of its own.
pub(super) fn contexts(event: &Wire<'_>) -> Vec<(String, String)> {
    event
        .get("contexts")
        .entries()
        .iter()
        .filter(|(name, _)| name != "trace")
        .map(|(name, context)| {
            (
                limits::cut_chars(name, limits::NAME_CHARS),
                context_line(context),
            )
        })
        .filter(|(_, line)| !line.is_empty())
        .take(limits::CONTEXTS)
        .collect()
}

fn context_line(context: &Wire<'_>) -> String {
    let name = context.first(&["name", "model", "family"]).name();
    match (name, context.get("version").name()) {
        (Some(name), Some(version)) => format!("{name} {version}"),
        (Some(name), None) => name,
        (None, _) => rendered(context),
    }
}

/// `key=value` for the plain values of an object, within the length of a breadcrumb.
fn rendered(data: &Wire<'_>) -> String {
    let mut line = String::new();
    for (key, value) in data.entries() {
        let Some(value) = value.shown().filter(|_| key != "type") else {
            continue;
        };
        if !line.is_empty() {
            line.push_str(", ");
        }
        line.push_str(key);
        line.push('=');
        line.push_str(&value);
        if line.len() > limits::BREADCRUMB_CHARS {
            break;
        }
    }
    limits::cut_chars(&line, limits::BREADCRUMB_CHARS)
}

/// Sentry's grouping hashes.
pub(super) fn hashes(event: &Wire<'_>) -> Vec<String> {
    let hashes = event.first(&["hashes", "fingerprints"]).list();
    hashes
        .iter()
        .filter_map(Wire::id)
        .take(limits::HASHES)
        .collect()
}

/// The SDK's name and version.
pub(super) fn sdk(event: &Wire<'_>) -> String {
    let sdk = event.get("sdk");
    match (sdk.get("name").name(), sdk.get("version").name()) {
        (Some(name), Some(version)) => format!("{name} {version}"),
        (Some(name), None) => name,
        (None, _) => String::new(),
    }
}
