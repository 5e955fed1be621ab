//! The API for programs: `/api/v1`, a file per resource (DESIGN §4.2).

mod bodies;
mod code_hosts;
mod contacts;
mod deliveries;
mod deploys;
mod destinations;
mod detection;
mod digests;
mod escalations;
mod event_body;
mod grouping;
mod health;
mod incident_groups;
mod incidents;
mod inhibitions;
mod integrations;
mod issue_body;
mod issues;
mod maintenance;
mod movers;
pub(in crate::http) mod notifications;
mod observation_stream;
mod observations;
mod owner_files;
mod owners;
mod parameters;
mod people;
mod releases;
mod repositories;
mod route_trials;
mod routes;
mod schedules;
mod secrets;
mod sentry_connections;
mod services;
mod shifts;
mod silence_preview;
mod silences;
mod slack_members;
mod stream;
mod suspects;
mod sync_runs;
mod teams;
mod tokens;
mod trends;
mod users;
mod weekly;
mod why;
mod write_backs;

pub(in crate::http) use sync_runs::{RunBody, under_way};

use crate::app::App;
use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Title and authentication; paths and bodies come from the handlers.
#[derive(OpenApi)]
#[openapi(info(
    title = "Epicenter",
    description = "Sentry webhooks, incidents and the error log. Times are RFC 3339 in UTC; lists \
                   are paged by `cursor`; errors are `application/problem+json` (RFC 9457)."
))]
struct Document;

/// The routes with their documentation.
fn documented() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(incidents::list))
        .routes(routes!(incidents::show))
        .routes(routes!(incidents::timeline))
        .routes(routes!(incidents::acknowledge))
        .routes(routes!(incidents::resolve))
        .routes(routes!(incidents::reopen))
        .routes(routes!(incidents::snooze))
        .routes(routes!(incidents::assign))
        .routes(routes!(incidents::note))
        .routes(routes!(incident_groups::list))
        .routes(routes!(incident_groups::merge))
        .routes(routes!(incident_groups::split))
        .routes(routes!(grouping::show, grouping::change))
        .routes(routes!(suspects::list))
        .routes(routes!(suspects::feedback))
        .routes(routes!(observations::similar))
        .routes(routes!(observations::list))
        .routes(routes!(observation_stream::stream))
        .routes(routes!(observations::show))
        .routes(routes!(deploys::list, deploys::create))
        .routes(routes!(deploys::show))
        .routes(routes!(releases::list))
        .routes(routes!(releases::show))
        .routes(routes!(releases::changes))
        .routes(routes!(repositories::list, repositories::create))
        .routes(routes!(repositories::change))
        .routes(routes!(code_hosts::list, code_hosts::save))
        .routes(routes!(code_hosts::delete))
        .routes(routes!(code_hosts::list_cut_pushes))
        .routes(routes!(code_hosts::retry))
        .routes(routes!(
            repositories::list_mappings,
            repositories::create_mapping
        ))
        .routes(routes!(repositories::delete_mapping))
        .routes(routes!(repositories::list_proposals))
        .routes(routes!(issues::list))
        .routes(routes!(issues::show, issues::change))
        .routes(routes!(issues::timeline))
        .routes(routes!(issues::events))
        .routes(routes!(issues::trend))
        .routes(routes!(trends::events))
        .routes(routes!(trends::incidents))
        .routes(routes!(movers::movers))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::show))
        .routes(routes!(deliveries::replay))
        .routes(routes!(integrations::list, integrations::create))
        .routes(routes!(
            integrations::show,
            integrations::change,
            integrations::delete
        ))
        .routes(routes!(secrets::list, secrets::add))
        .routes(routes!(secrets::remove))
        .routes(routes!(secrets::rotate))
        .routes(routes!(services::list, services::create))
        .routes(routes!(services::show, services::change, services::delete))
        .merge(about_sentry())
        .merge(about_routes())
        .merge(about_detection())
        .merge(about_people())
        .merge(about_notices())
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::change, users::delete))
        .routes(routes!(stream::stream))
        .routes(routes!(health::show))
}

/// In step with Sentry, both ways.
fn about_sentry() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(sentry_connections::list, sentry_connections::save))
        .routes(routes!(sentry_connections::delete))
        .routes(routes!(sentry_connections::check))
        .routes(routes!(sync_runs::start))
        .routes(routes!(sync_runs::list))
        .routes(routes!(write_backs::of_incident))
        .routes(routes!(write_backs::of_issue))
        .routes(routes!(write_backs::scope, write_backs::choose_scope))
}

/// What is noticed.
fn about_detection() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(detection::show, detection::change))
        .routes(routes!(
            detection::show_service,
            detection::change_service,
            detection::forget_service
        ))
        .routes(routes!(detection::muted))
}

/// Where signals go.
fn about_routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(routes::show, routes::replace))
        .routes(routes!(routes::list_versions))
        .routes(routes!(routes::show_version))
        .routes(routes!(routes::diff))
        .routes(routes!(routes::restore))
        .routes(routes!(route_trials::test))
        .routes(routes!(route_trials::preview))
        .routes(routes!(
            owner_files::show,
            owner_files::put,
            owner_files::forget
        ))
        .routes(routes!(owner_files::of_incident))
}

/// Who is told, and when.
fn about_people() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(owners::show, owners::change))
        .routes(routes!(teams::list, teams::create))
        .routes(routes!(teams::show, teams::change, teams::delete))
        .routes(routes!(schedules::list, schedules::create))
        .routes(routes!(
            schedules::show,
            schedules::change,
            schedules::delete
        ))
        .routes(routes!(schedules::rotate))
        .routes(routes!(shifts::on_call))
        .routes(routes!(shifts::shifts))
        .routes(routes!(shifts::add_override))
        .routes(routes!(shifts::remove_override))
        .routes(routes!(shifts::calendar))
        .routes(routes!(escalations::list, escalations::create))
        .routes(routes!(
            escalations::show,
            escalations::change,
            escalations::delete
        ))
        .routes(routes!(contacts::list, contacts::create))
        .routes(routes!(contacts::delete))
        .routes(routes!(contacts::settings, contacts::change_settings))
        .routes(routes!(slack_members::list, slack_members::create))
        .routes(routes!(slack_members::delete))
}

/// What is told, and what not.
fn about_notices() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(why::why))
        .routes(routes!(inhibitions::show, inhibitions::change))
        .routes(routes!(destinations::list, destinations::create))
        .routes(routes!(
            destinations::show,
            destinations::change,
            destinations::delete
        ))
        .routes(routes!(destinations::test))
        .routes(routes!(digests::show, digests::set, digests::remove))
        .routes(routes!(digests::send))
        .routes(routes!(silences::list, silences::create))
        .routes(routes!(silence_preview::preview))
        .routes(routes!(silences::show, silences::change, silences::expire))
        .routes(routes!(maintenance::list, maintenance::create))
        .routes(routes!(
            maintenance::show,
            maintenance::change,
            maintenance::remove
        ))
        .routes(routes!(notifications::list))
        .routes(routes!(notifications::show))
        .routes(routes!(notifications::replay))
}

/// The OpenAPI document, generated from the code.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = documented().into_openapi();
    let components = document.components.get_or_insert_default();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components
        .security_schemes
        .insert("bearer".to_owned(), bearer.into());
    document.security = Some(vec![utoipa::openapi::SecurityRequirement::new(
        "bearer",
        Vec::<String>::new(),
    )]);
    document
}

/// All routes under `/api/v1`.
pub fn routes() -> Router<Arc<App>> {
    let (router, _) = documented().split_for_parts();
    router.route("/api/v1/openapi.json", get(document))
}

async fn document() -> impl IntoResponse {
    axum::Json(openapi())
}
