//! `/integrations/{id}`: connecting Sentry, seeing it work, and finding out why not.

use super::deliveries::{proof_in_words, shown_outcome};
use super::forms::Form;
use super::integrations::{address, health, newest, service_pairs};
use super::sentry_connections;
use super::views::parts::Clock;
use super::views::{
    Alias, DoctorAnswer, IntegrationPage, Pulse, PulseRow, RefusedRow, SecretRow, Section, TestKind,
};
use super::visitor::{Failure, Shown, Visitor};
use crate::app::App;
use crate::http::send_test::send_test;
use crate::operations::integrations::{self as operations, Change};
use crate::simulator::catalogue;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use epicenter_domain::engine::VerdictOutcome;
use epicenter_domain::id::IdKind;
use epicenter_domain::proof::{Diagnosis, diagnose};
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::time::DAY_MS;
use epicenter_store::deliveries::DeliveryRecord;
use epicenter_store::incidents;
use epicenter_store::integrations::{self, IntegrationRecord};
use std::sync::Arc;

/// Deliveries shown in the pulse of an integration.
const PULSE_ROWS: i64 = 5;

async fn find(app: &App, visitor: &Visitor, id: &str) -> Result<IntegrationRecord, Failure> {
    visitor.caller.must_administer()?;
    let id = IdKind::Integration.parse(id).ok_or(Failure::NotFound)?;
    let mut tx = app.database.read().await?;
    let record = integrations::by_id(&mut tx, visitor.caller.workspace_id, id).await?;
    tx.rollback().await?;
    record.ok_or(Failure::NotFound)
}

/// The page, or its pulse for the page's script.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Shown {
    let record = find(&app, &visitor, &id).await?;
    page(&app, &visitor, record, None).await
}

async fn page(
    app: &App,
    visitor: &Visitor,
    record: IntegrationRecord,
    doctor: Option<DoctorAnswer>,
) -> Shown {
    let pulse = pulse(app, &record).await?;
    if visitor.fragment.is_some() {
        return Ok(Html(pulse.render()?));
    }
    let base = app.config.base_url();
    let kind = IntegrationKind::parse(&record.kind).unwrap_or_default();
    let page = IntegrationPage {
        shell: visitor.shell(app, Section::Integrations).await?,
        id: IdKind::Integration.show(record.id),
        service: record
            .service_id
            .map(|id| IdKind::Service.show(id))
            .unwrap_or_default(),
        services: service_pairs(app, visitor.caller.workspace_id).await?,
        is_unsigned: record.is_unsigned,
        is_default: record.is_default,
        push_url: format!("{base}/hooks/{}", record.key),
        aliases: aliases(&base, &record, kind),
        reach_warning: reach_warning(&base),
        secrets: secrets(app, &record).await?,
        pulse,
        tests: tests(kind),
        connections: sentry_connections::rows(app, &record).await?,
        doctor,
        name: record.name,
        kind: record.kind,
    };
    Ok(Html(page.render()?))
}

/// The tests are made-up webhooks of Sentry.
fn tests(kind: IntegrationKind) -> Vec<TestKind> {
    if kind != IntegrationKind::Sentry {
        return Vec::new();
    }
    let kinds = catalogue().iter().map(|kind| TestKind {
        id: kind.id.to_owned(),
        label: kind.label.to_owned(),
        explanation: kind.explanation.to_owned(),
    });
    kinds.collect()
}

/// Sentry in the cloud cannot reach an address of this machine or its network.
fn reach_warning(base: &str) -> Option<String> {
    let host = base.split("://").nth(1)?.split(['/', ':']).next()?;
    let is_private = host == "localhost"
        || host.starts_with("127.")
        || host.starts_with("10.")
        || host.starts_with("192.168.")
        || host.starts_with('[');
    is_private.then(|| {
        format!(
            "{host} cannot be reached from Sentry's servers. Set public_url (or \
             EPICENTER_PUBLIC_URL) to the address that Sentry shall use."
        )
    })
}

fn aliases(base: &str, record: &IntegrationRecord, kind: IntegrationKind) -> Vec<Alias> {
    if kind != IntegrationKind::Sentry {
        return aliases_of_others(base, record.is_default, kind);
    }
    let id = IdKind::Integration.show(record.id);
    let mut aliases = vec![
        Alias {
            label: "OpsKnight".to_owned(),
            url: format!("{base}/api/integrations/sentry?integrationId={id}"),
        },
        Alias {
            label: "Flashduty".to_owned(),
            url: format!(
                "{base}/event/push/alert/sentry?integration_key={}",
                record.key
            ),
        },
    ];
    if record.is_default {
        aliases.push(Alias {
            label: "PushLog, error log".to_owned(),
            url: format!("{base}/api/webhooks/sentry"),
        });
        aliases.push(Alias {
            label: "Lightfast".to_owned(),
            url: format!("{base}/api/sentry/webhooks"),
        });
    }
    aliases
}

fn aliases_of_others(base: &str, is_default: bool, kind: IntegrationKind) -> Vec<Alias> {
    let alias = |label: &str, path: &str| Alias {
        label: label.to_owned(),
        url: format!("{base}{path}"),
    };
    match kind {
        IntegrationKind::Pagerduty => vec![
            alias("PagerDuty events", "/v2/enqueue"),
            alias("PagerDuty changes", "/v2/change/enqueue"),
        ],
        _ if !is_default => Vec::new(),
        IntegrationKind::Events => vec![alias("Without the key", "/api/webhooks/incidents")],
        _ => vec![alias(
            "Without the key",
            &format!("/api/webhooks/{}", kind.as_str()),
        )],
    }
}

async fn secrets(app: &App, record: &IntegrationRecord) -> Result<Vec<SecretRow>, Failure> {
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let stored = integrations::list_secrets(&mut tx, record.id).await?;
    tx.rollback().await?;
    let mut rows: Vec<SecretRow> = stored
        .into_iter()
        .map(|secret| SecretRow {
            id: IdKind::Secret.show(secret.id),
            label: secret.label,
            created_at: secret.created_at,
            expires_at: secret.expires_at,
            is_expired: secret.expires_at.is_some_and(|at| at <= now),
            last_matched_at: app.matched.last(secret.id),
            from_environment: false,
        })
        .collect();
    if record.is_default {
        let kind = IntegrationKind::parse(&record.kind).unwrap_or_default();
        let names = app.registry.environment_secrets(kind);
        rows.extend(
            (1..)
                .zip(names)
                .map(|(number, name): (i64, &str)| SecretRow {
                    id: String::new(),
                    label: name.to_owned(),
                    created_at: record.created_at,
                    expires_at: None,
                    is_expired: false,
                    last_matched_at: app.matched.last(-number),
                    from_environment: true,
                }),
        );
    }
    Ok(rows)
}

async fn pulse(app: &App, record: &IntegrationRecord) -> Result<Pulse, Failure> {
    let mut tx = app.database.read().await?;
    let latest = newest(&mut tx, record, None, PULSE_ROWS).await?;
    let health = health(app, record, latest.first());
    let mut rows = Vec::new();
    for delivery in latest
        .iter()
        .filter(|delivery| delivery.outcome != VerdictOutcome::Refused)
    {
        let incident = match delivery.incident_id {
            Some(id) => incidents::by_id(&mut tx, record.workspace_id, id).await?,
            None => None,
        };
        rows.push(PulseRow {
            id: IdKind::Delivery.show(delivery.id),
            at: delivery.received_at,
            event: event_name(delivery),
            proof: proof_in_words(&delivery.scheme),
            outcome: shown_outcome(delivery.outcome),
            incident: incident.map(|incident| incident.number),
        });
    }
    let refused = newest(&mut tx, record, Some(VerdictOutcome::Refused), PULSE_ROWS).await?;
    tx.rollback().await?;
    let refused: Vec<RefusedRow> = refused
        .iter()
        .map(|delivery| RefusedRow {
            at: delivery.received_at,
            event: event_name(delivery),
            sentence: delivery.reason.clone(),
            delivery: Some(IdKind::Delivery.show(delivery.id)),
        })
        .collect();
    let counted = i64::try_from(app.refused.count(record.id)).unwrap_or(i64::MAX);
    Ok(Pulse {
        clock: Clock(app.clock.now()),
        id: IdKind::Integration.show(record.id),
        health,
        latest: rows,
        refused_count: counted.max(i64::try_from(refused.len()).unwrap_or(0)),
        refused,
    })
}

fn event_name(delivery: &DeliveryRecord) -> String {
    match (delivery.resource.as_str(), delivery.action.as_str()) {
        ("", _) => "unknown".to_owned(),
        (resource, "") => resource.to_owned(),
        (resource, action) => format!("{resource}.{action}"),
    }
}

/// `POST /integrations/{id}`: name, service, unsigned.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let record = match find(&app, &form.visitor, &id).await {
        Ok(record) => record,
        Err(failure) => return failure.into_response(),
    };
    let change = Change {
        name: Some(form.fields.get("name").to_owned()),
        service_id: Some(IdKind::Service.parse(form.fields.get("service_id"))),
        is_unsigned: Some(form.fields.is_on("unsigned")),
        ..Change::default()
    };
    let changed = operations::change(&app, record.workspace_id, record.id, change).await;
    form.followed(
        &app,
        &address(record.id),
        changed.map(|()| "Saved.".to_owned()),
    )
}

/// `POST /integrations/{id}/delete`.
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let record = match find(&app, &form.visitor, &id).await {
        Ok(record) => record,
        Err(failure) => return failure.into_response(),
    };
    if !form.fields.is_on("confirm") && form.fields.get("confirm") != record.name {
        let text =
            "Confirm that you want to delete it; Sentry's requests are refused from then on.";
        return form.failed(&app, &address(record.id), text);
    }
    match operations::delete(&app, record.workspace_id, record.id).await {
        Ok(()) => form.done(&app, "/integrations", format!("Deleted {}.", record.name)),
        Err(error) => form.followed(&app, &address(record.id), Err::<String, _>(error)),
    }
}

/// `POST /integrations/{id}/secrets`.
pub(super) async fn add_secret(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let record = match find(&app, &form.visitor, &id).await {
        Ok(record) => record,
        Err(failure) => return failure.into_response(),
    };
    let pair = (
        form.fields.get("value").to_owned(),
        form.fields.get("label").to_owned(),
    );
    let days: Option<i64> = form.fields.get("expires_in_days").parse().ok();
    let others = days.map(|days| app.clock.now().plus_ms(days.clamp(0, 365) * DAY_MS));
    let added = operations::add_secret(&app, record.workspace_id, record.id, pair, others).await;
    let text = "Added. Requests signed with it are accepted from now on.".to_owned();
    form.followed(&app, &address(record.id), added.map(|()| text))
}

/// `POST /integrations/{id}/secrets/{secret}/remove`.
pub(super) async fn remove_secret(
    State(app): State<Arc<App>>,
    Path((id, secret)): Path<(String, String)>,
    form: Form,
) -> Response {
    let record = match find(&app, &form.visitor, &id).await {
        Ok(record) => record,
        Err(failure) => return failure.into_response(),
    };
    let Some(secret_id) = IdKind::Secret.parse(&secret) else {
        return form.failed(&app, &address(record.id), "There is no such secret.");
    };
    let removed = operations::remove_secret(&app, record.workspace_id, record.id, secret_id).await;
    form.followed(
        &app,
        &address(record.id),
        removed.map(|()| "Removed.".to_owned()),
    )
}

/// `POST /integrations/{id}/test`.
pub(super) async fn test(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let record = match find(&app, &form.visitor, &id).await {
        Ok(record) => record,
        Err(failure) => return failure.into_response(),
    };
    let back = address(record.id);
    match send_test(&app, record.id, form.fields.get("kind")).await {
        Ok(delivery) => {
            let delivery = IdKind::Delivery.show(delivery);
            form.done(
                &app,
                &back,
                format!("Sent through the push URL: {delivery}."),
            )
        }
        Err(error) => form.followed(&app, &back, Err::<String, _>(error)),
    }
}

/// `POST /integrations/{id}/doctor`: would this secret have proven the refused requests?
pub(super) async fn doctor(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let record = match find(&app, &form.visitor, &id).await {
        Ok(record) => record,
        Err(failure) => return failure.into_response(),
    };
    let samples = app.refused.samples(record.id);
    let kind = IntegrationKind::parse(&record.kind).unwrap_or_default();
    let candidate = form.fields.get("value").trim();
    let usable: Vec<_> = samples
        .iter()
        .filter(|sample| !sample.body.is_empty())
        .collect();
    let answers: Vec<Diagnosis> = usable
        .iter()
        .map(|sample| diagnose(kind, candidate, &sample.headers, &sample.body))
        .collect();
    let best = answers.iter().find(|answer| **answer == Diagnosis::Right);
    let told = |answer: &&Diagnosis| !matches!(answer, Diagnosis::Wrong | Diagnosis::NotSigned);
    let sentence = match best.or(answers.iter().find(told)).or(answers.first()) {
        Some(answer) => answer.message().to_owned(),
        None => "No refused request is kept since the last start. Let the sender try again, then \
                 again."
            .to_owned(),
    };
    let answer = DoctorAnswer {
        is_right: best.is_some(),
        sentence,
        sample_count: i64::try_from(usable.len()).unwrap_or(0),
    };
    if form.visitor.wants_json {
        return form.done(&app, &address(record.id), answer.sentence);
    }
    page(&app, &form.visitor, record, Some(answer))
        .await
        .into_response()
}
