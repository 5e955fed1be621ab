//! The pages: what a browser sees. A file per page; `views` holds what they show.

pub mod assets;
mod changes;
mod deliveries;
mod deploy;
mod destinations;
mod detection;
mod digests;
mod error_log;
mod escalations;
mod event;
mod forms;
mod grouping;
mod health;
mod hit_rate;
mod incident;
mod incident_groups;
mod incidents;
mod inhibitions;
mod integration;
mod integrations;
mod links;
mod maintenance;
mod memory;
mod my_notifications;
mod notifications;
mod on_call;
mod release;
mod repositories;
mod route_draft;
mod route_editor;
mod route_versions;
mod routes;
mod schedule;
mod sentry_connections;
mod services;
mod settings;
mod sign_in;
mod silences;
mod suspects;
mod teams;
mod trends;
pub mod views;
mod visitor;
mod week;
mod why;
mod write_backs;

pub use visitor::Flashes;

use crate::app::App;
use crate::http::problem::Problem;
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::sync::Arc;
use visitor::Failure;

/// All pages.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(incidents::home))
        .route("/setup", get(sign_in::setup).post(sign_in::set_up))
        .route("/login", get(sign_in::login).post(sign_in::log_in))
        .route("/logout", post(sign_in::log_out))
        .route("/incidents", get(incidents::list))
        .route(
            "/settings/grouping",
            get(grouping::show).post(grouping::change),
        )
        .route("/health", get(health::show))
        .route(
            "/settings/detection",
            get(detection::show).post(detection::change),
        )
        .route("/settings/detection/muted/{id}", post(detection::repair))
        .route(
            "/settings/inhibitions",
            get(inhibitions::show).post(inhibitions::change),
        )
        .route("/incidents/bulk", post(incidents::bulk))
        .route("/incidents/undo", post(incidents::undo))
        .route("/incidents/{number}", get(incident::show))
        .route("/incidents/{number}/suspects", post(suspects::feedback))
        .route("/incidents/{number}/merge", post(incident_groups::merge))
        .route("/incidents/{number}/split", post(incident_groups::split))
        .route("/incidents/{number}/{verb}", post(incident::command))
        .route("/error-log", get(error_log::list))
        .route("/admin/error-log", get(error_log::moved))
        .route("/issues", get(error_log::moved))
        .route("/error-log/{id}", get(error_log::show))
        .route("/error-log/{id}/status", post(error_log::change))
        .route("/changes", get(changes::list))
        .route("/changes/hit-rate", get(hit_rate::show))
        .route("/changes/deploys/{id}", get(deploy::show))
        .route("/changes/releases/{version}", get(release::show))
        .route("/trends", get(trends::show))
        .route("/memory", get(memory::list))
        .route("/memory/{id}", get(memory::show))
        .route("/deliveries", get(deliveries::list))
        .route("/deliveries/{id}", get(deliveries::show))
        .route("/deliveries/{id}/body", get(deliveries::body))
        .route("/deliveries/{id}/replay", post(deliveries::replay))
        .merge(setting_routes())
        .merge(repository_routes())
        .merge(people_routes())
        .merge(notice_routes())
        .merge(own_routes())
        .route("/static/{version}/{name}", get(asset))
        .route("/favicon.ico", get(icon))
}

fn setting_routes() -> Router<Arc<App>> {
    Router::new()
        .route(
            "/integrations",
            get(integrations::list).post(integrations::create),
        )
        .route(
            "/integrations/{id}",
            get(integration::show).post(integration::change),
        )
        .route("/integrations/{id}/delete", post(integration::delete))
        .route(
            "/integrations/{id}/doctor",
            get(integration::show).post(integration::doctor),
        )
        .route("/integrations/{id}/secrets", post(integration::add_secret))
        .route(
            "/integrations/{id}/secrets/{secret}/remove",
            post(integration::remove_secret),
        )
        .route("/integrations/{id}/test", post(integration::test))
        .route("/integrations/{id}/sentry", post(sentry_connections::save))
        .route(
            "/integrations/{id}/sentry/{connection}/check",
            post(sentry_connections::test),
        )
        .route(
            "/integrations/{id}/sentry/{connection}/sync",
            post(sentry_connections::sync),
        )
        .route(
            "/integrations/{id}/sentry/{connection}/told",
            post(sentry_connections::told),
        )
        .route(
            "/integrations/{id}/sentry/{connection}/delete",
            post(sentry_connections::delete),
        )
        .route("/services", get(services::list).post(services::create))
        .route("/services/{id}", get(services::show).post(services::change))
        .route("/services/{id}/delete", post(services::delete))
        .route("/services/{id}/owner", post(services::set_owner))
        .route("/routes", get(routes::show).post(routes::change))
        .route("/routes/versions", get(route_versions::list))
        .route(
            "/routes/versions/{number}/restore",
            post(route_versions::restore),
        )
        .route("/settings", get(settings::show))
        .route("/settings/password", post(settings::password))
        .route("/settings/tokens", post(settings::create_token))
        .route("/settings/tokens/{id}/revoke", post(settings::revoke_token))
        .route("/settings/users", post(settings::create_user))
        .route("/settings/users/{id}/remove", post(settings::remove_user))
        .route("/bell/read", post(settings::read_bell))
}

fn people_routes() -> Router<Arc<App>> {
    Router::new()
        .route("/on-call", get(on_call::list).post(on_call::create))
        .route("/on-call/{id}", get(schedule::show).post(schedule::change))
        .route(
            "/on-call/{id}/{verb}",
            get(schedule::back).post(schedule::act),
        )
        .route(
            "/on-call/{id}/overrides/{override}/remove",
            post(schedule::remove_override),
        )
        .route(
            "/escalations",
            get(escalations::list).post(escalations::create),
        )
        .route(
            "/escalations/{id}",
            get(escalations::show).post(escalations::change),
        )
        .route("/escalations/{id}/delete", post(escalations::delete))
        .route("/teams", get(teams::list).post(teams::create))
        .route("/teams/{id}", get(teams::back).post(teams::change))
        .route("/teams/{id}/delete", post(teams::delete))
}

fn notice_routes() -> Router<Arc<App>> {
    Router::new()
        .route(
            "/destinations",
            get(destinations::list).post(destinations::create),
        )
        .route(
            "/destinations/{id}",
            get(destinations::show).post(destinations::change),
        )
        .route("/destinations/{id}/{verb}", post(destinations::act))
        .route("/destinations/{id}/digest", post(digests::set))
        .route("/destinations/{id}/digest/send", post(digests::send))
        .route("/silences", get(silences::list).post(silences::create))
        .route(
            "/silences/preview",
            get(silences::list).post(silences::preview),
        )
        .route("/silences/{id}/expire", post(silences::expire))
        .route(
            "/maintenance",
            get(silences::list).post(maintenance::create),
        )
        .route("/maintenance/{id}/remove", post(maintenance::remove))
        .route("/notifications", get(notifications::list))
        .route("/notifications/{id}", get(notifications::show))
        .route("/notifications/{id}/replay", post(notifications::replay))
}

/// What belongs to the user alone, and pages behind signed links.
fn own_routes() -> Router<Arc<App>> {
    Router::new()
        .route(
            "/my-notifications",
            get(my_notifications::show).post(my_notifications::change),
        )
        .route("/my-notifications/contacts", post(my_notifications::add))
        .route(
            "/my-notifications/contacts/{id}/remove",
            post(my_notifications::remove),
        )
        .route(
            "/my-notifications/slack/{team}/{member}/remove",
            post(my_notifications::forget),
        )
        .route("/slack/link/{link}", get(links::ask).post(links::confirm))
        .route("/act/{link}", get(links::show).post(links::act))
}

fn repository_routes() -> Router<Arc<App>> {
    // A form with a fault is answered with the page; its address can be reloaded too.
    let here = "/settings/repositories";
    Router::new()
        .route(here, get(repositories::show).post(repositories::create))
        .route(
            &format!("{here}/mappings"),
            get(repositories::show).post(repositories::add_mapping),
        )
        .route(
            &format!("{here}/mappings/{{id}}/{{verb}}"),
            post(repositories::change_mapping),
        )
        .route(
            &format!("{here}/hosts"),
            get(repositories::show).post(repositories::save_host),
        )
        .route(&format!("{here}/hosts/retry"), post(repositories::retry))
        .route(
            &format!("{here}/hosts/{{id}}/delete"),
            post(repositories::delete_host),
        )
        .route(
            &format!("{here}/{{id}}/{{part}}"),
            get(repositories::show).post(repositories::change),
        )
}

/// Nothing is there: JSON for programs, a page for people.
pub async fn not_found(uri: Uri, headers: HeaderMap) -> Response {
    let accepts = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    let is_person = accepts.is_some_and(|accept| accept.contains("text/html"));
    if is_person && !uri.path().starts_with("/api/") {
        return Failure::NotFound.into_response();
    }
    Problem::not_found("address").into_response()
}

/// The address is there, for another method.
pub async fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This address does not answer to this method; the Allow header says to which it does.",
    )
}

async fn asset(Path((_version, name)): Path<(String, String)>) -> Response {
    served(&name)
}

async fn icon() -> Response {
    served("favicon.svg")
}

fn served(name: &str) -> Response {
    let Some(asset) = assets::find(name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // The version in the path changes with the content.
    let kept = "public, max-age=31536000, immutable";
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, kept),
    ];
    (headers, asset.content).into_response()
}
