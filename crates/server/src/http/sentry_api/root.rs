//! `GET /api/0/` for `sentry-cli info`, and the repositories.

use super::place::Place;
use axum::Json;
use serde_json::{Value, json};

/// What the token may do. It is nobody's: tokens are of programs.
pub(super) async fn show(place: Place) -> Json<Value> {
    let scopes: &[&str] = if place.caller.must_deploy().is_ok() {
        &["org:ci"]
    } else {
        &["org:read"]
    };
    Json(json!({"version": "0", "auth": {"scopes": scopes}, "user": null}))
}

/// None, whatever is known: only then does sentry-cli send the commits themselves, with what they
/// touched, instead of two names for the server to compare.
pub(super) async fn repositories(_place: Place) -> Json<Value> {
    Json(json!([]))
}
