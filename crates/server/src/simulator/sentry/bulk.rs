//! One change of many issues: what it does not know it passes over.

use super::FakeSentry;
use super::api::Request;
use serde_json::{Value, json};

/// Status and body.
pub(super) fn update(request: &Request<'_>, fake: &FakeSentry) -> (u16, Value) {
    let ids = request.values("id");
    let ids = ids.iter().filter_map(|id| id.parse().ok());
    let mut done = 0;
    for id in ids {
        match request.update(fake, id) {
            Some((200, ..)) => done += 1,
            Some((status, body, _)) => return (status, body),
            None => {}
        }
    }
    if done == 0 {
        return (204, Value::Null);
    }
    (200, json!({"status": "changed"}))
}
