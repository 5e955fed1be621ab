//! `/destinations`: where notices go.

use super::digests::{digest_form, slack_urls};
use super::forms::{Fields, Form, faulty};
use super::views::{
    ChannelField, Choice, DestinationForm, DestinationPage, DestinationRow, DestinationsPage,
    Section, WhenForm,
};
use super::visitor::{Failure, Shown, Visitor};
use crate::app::App;
use crate::http::problem::Problem;
use crate::operations::notice_settings::destinations::WantedTimers;
use crate::operations::notice_settings::destinations::{self as operation, WantedDestination};
use crate::operations::notice_settings::kinds::{KINDS, Kind, name_of};
use crate::operations::notice_settings::{WantedTarget, WantedWeekly, parts, send_test, windows};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use epicenter_domain::id::IdKind;
use epicenter_domain::level::Severity;
use epicenter_domain::notification::Channel;
use epicenter_domain::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
use epicenter_store::notices::destinations::{self, DestinationRecord};
use epicenter_store::services::{self, ServiceRecord};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Seconds of an hour.
const HOUR_S: i64 = HOUR_MS / SECOND_MS;

fn row(record: &DestinationRecord, services: &[ServiceRecord]) -> DestinationRow {
    let own = services
        .iter()
        .filter(|one| record.services.contains(&one.id));
    let (word, _) = parts(&record.target);
    let mut names: Vec<String> = own.map(|one| one.name.clone()).collect();
    if names.is_empty() && !record.services.is_empty() {
        names.push("a deleted service".to_owned());
    }
    let least = record.settings.least_severity;
    DestinationRow {
        id: IdKind::Destination.show(record.id),
        name: record.name.clone(),
        channel: name_of(word).to_owned(),
        place: record.target.place(),
        services: names,
        least_severity: least.map(|least| least.as_str().to_owned()),
        is_enabled: record.is_enabled,
        disabled_why: record.disabled_why.clone(),
        failing_since: record.failing_since,
    }
}

/// What a form begins with, or what it had.
struct Filled<'a> {
    name: &'a str,
    parts: BTreeMap<&'static str, String>,
    services: BTreeSet<i64>,
    least: &'a str,
    is_open: bool,
}

fn form_of(
    kind: &'static Kind,
    filled: &Filled<'_>,
    services: &[ServiceRecord],
) -> DestinationForm {
    let field = |field: &'static crate::operations::notice_settings::kinds::Field| {
        let known = filled.parts.get(field.name).map_or("", String::as_str);
        let is_set = field.is_secret && !known.is_empty() && !filled.is_open;
        let value = match (field.is_secret, known) {
            (true, _) => "",
            (false, "") => field.default,
            (false, known) => known,
        };
        ChannelField {
            name: field.name.to_owned(),
            label: field.label.to_owned(),
            value: value.to_owned(),
            placeholder: if is_set {
                "set; empty: stays"
            } else {
                field.example
            }
            .to_owned(),
            is_secret: field.is_secret,
            is_required: field.is_required,
        }
    };
    let service = |one: &ServiceRecord| Choice {
        value: IdKind::Service.show(one.id),
        label: one.name.clone(),
        is_chosen: filled.services.contains(&one.id),
    };
    let severities = [
        ("", "all"),
        ("critical", "only critical"),
        ("error", "error and worse"),
        ("warning", "warning and worse"),
    ];
    DestinationForm {
        channel: kind.word.to_owned(),
        channel_name: kind.name.to_owned(),
        help: kind.help.to_owned(),
        is_open: filled.is_open,
        name: filled.name.to_owned(),
        fields: kind.fields.iter().map(field).collect(),
        services: services.iter().map(service).collect(),
        severities: Choice::list(severities, filled.least),
    }
}

/// The fields of a channel as a form sent them.
fn sent_parts(kind: &'static Kind, fields: &Fields) -> BTreeMap<&'static str, String> {
    let names = kind.fields.iter().map(|field| field.name);
    names
        .map(|name| (name, fields.get(name).to_owned()))
        .collect()
}

fn sent_services(fields: &Fields) -> Vec<Option<i64>> {
    let ids = fields.all("services");
    ids.map(|id| IdKind::Service.parse(id)).collect()
}

fn sent<'a>(kind: &'static Kind, fields: &'a Fields) -> Filled<'a> {
    Filled {
        name: fields.get("name"),
        parts: sent_parts(kind, fields),
        services: sent_services(fields).into_iter().flatten().collect(),
        least: fields.get("least_severity"),
        is_open: true,
    }
}

fn empty() -> Filled<'static> {
    Filled {
        name: "",
        parts: BTreeMap::new(),
        services: BTreeSet::new(),
        least: "",
        is_open: false,
    }
}

async fn list_page(app: &App, visitor: &Visitor, left: Option<(&Fields, String)>) -> Shown {
    let workspace_id = visitor.caller.workspace_id;
    let mut tx = app.database.read().await?;
    let all = destinations::list(&mut tx, workspace_id).await?;
    let services = services::list(&mut tx, workspace_id).await?;
    tx.rollback().await?;
    let forms = KINDS.iter().map(|kind| match &left {
        Some((fields, _)) if fields.get("channel") == kind.word => {
            form_of(kind, &sent(kind, fields), &services)
        }
        Some(_) | None => form_of(kind, &empty(), &services),
    });
    let page = DestinationsPage {
        shell: visitor.shell(app, Section::Notices).await?,
        is_admin: visitor.caller.must_administer().is_ok(),
        rows: all.iter().map(|record| row(record, &services)).collect(),
        forms: forms.collect(),
        error: left.map(|(_, error)| error),
    };
    Ok(Html(page.render()?))
}

/// The list.
pub(super) async fn list(State(app): State<Arc<App>>, visitor: Visitor) -> Shown {
    list_page(&app, &visitor, None).await
}

fn wanted_target(word: &str, fields: &Fields) -> Option<WantedTarget> {
    let kind = Kind::parse(word)?;
    Some(WantedTarget {
        channel: Some(word.to_owned()),
        parts: sent_parts(kind, fields),
    })
}

/// `POST /destinations`.
pub(super) async fn create(State(app): State<Arc<App>>, form: Form) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, "/destinations", problem.detail);
    }
    let fields = &form.fields;
    let url = fields.get("apprise_url");
    let wanted = WantedDestination {
        name: Some(fields.get("name").to_owned()),
        target: wanted_target(fields.get("channel"), fields),
        apprise_url: Some(url.to_owned()).filter(|url| !url.is_empty()),
        services: Some(sent_services(fields)),
        least_severity: Some(fields.get("least_severity").to_owned()),
        ..WantedDestination::default()
    };
    match operation::create(&app, form.visitor.caller.workspace_id, wanted).await {
        Ok(id) => {
            let to = format!("/destinations/{}", IdKind::Destination.show(id));
            form.done(&app, &to, "Added. Send a test to see whether it works.")
        }
        Err(error) => {
            let left = (fields, Problem::from(error).detail);
            faulty(list_page(&app, &form.visitor, Some(left)).await)
        }
    }
}

fn when_of(record: &DestinationRecord) -> WhenForm {
    let settings = &record.settings;
    let weekly = settings
        .quiet
        .as_ref()
        .map(|quiet| windows(&quiet.schedule));
    let daily = weekly
        .as_ref()
        .and_then(|weekly| match weekly.windows.as_slice() {
            [(days, from, until)] if days.is_empty() => Some((from.clone(), until.clone())),
            _ => None,
        });
    let is_plain = settings
        .quiet
        .as_ref()
        .is_none_or(|quiet| quiet.let_through == Severity::Critical);
    let hourly = match settings.rates.as_slice() {
        [] => Some(String::new()),
        [rate] if rate.within_ms == HOUR_MS => Some(rate.most.to_string()),
        _ => None,
    };
    WhenForm {
        observations: (record.target.channel() == Channel::Webhook)
            .then(|| settings.observations.as_str()),
        wants_resolved: settings.wants_resolved,
        urgent_wait_s: (settings.timers.urgent_wait_ms / SECOND_MS).to_string(),
        wait_s: (settings.timers.wait_ms / SECOND_MS).to_string(),
        repeat_min: (settings.timers.repeat_ms / MINUTE_MS).to_string(),
        has_more_quiet: weekly.is_some() && !(daily.is_some() && is_plain),
        quiet_from: daily.clone().map(|(from, _)| from).unwrap_or_default(),
        quiet_until: daily.map(|(_, until)| until).unwrap_or_default(),
        zone: weekly.map_or_else(|| "UTC".to_owned(), |weekly| weekly.zone),
        has_more_rates: hourly.is_none(),
        most: hourly.unwrap_or_default(),
    }
}

async fn page(app: &App, visitor: &Visitor, id: &str, left: Option<(&Fields, String)>) -> Shown {
    let id = IdKind::Destination.parse(id).ok_or(Failure::NotFound)?;
    let workspace_id = visitor.caller.workspace_id;
    let mut tx = app.database.read().await?;
    let found = destinations::by_id(&mut tx, workspace_id, id).await?;
    let services = services::list(&mut tx, workspace_id).await?;
    tx.rollback().await?;
    let record = found.ok_or(Failure::NotFound)?;
    let (word, known) = parts(&record.target);
    let kind = Kind::parse(word).ok_or(Failure::NotFound)?;
    let least = record.settings.least_severity.map_or("", Severity::as_str);
    let stored = Filled {
        name: &record.name,
        parts: known,
        services: record.services.clone(),
        least,
        is_open: false,
    };
    let mut when = when_of(&record);
    let form = match &left {
        Some((fields, _)) => {
            fields.get("quiet_from").clone_into(&mut when.quiet_from);
            fields.get("quiet_until").clone_into(&mut when.quiet_until);
            fields.get("zone").clone_into(&mut when.zone);
            form_of(kind, &sent(kind, fields), &services)
        }
        None => form_of(kind, &stored, &services),
    };
    let page = DestinationPage {
        shell: visitor.shell(app, Section::Notices).await?,
        is_admin: visitor.caller.must_administer().is_ok(),
        row: row(&record, &services),
        form,
        when,
        digest: digest_form(&record),
        slack_urls: slack_urls(app, &record),
        error: left.map(|(_, error)| error),
    };
    Ok(Html(page.render()?))
}

/// One destination.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Shown {
    page(&app, &visitor, &id, None).await
}

/// What a change wants. A field that the form did not show stays as it is.
fn change_of(word: &str, fields: &Fields) -> WantedDestination {
    let number = |name: &str, unit: i64| {
        let text = fields.get(name).trim();
        text.parse::<i64>()
            .ok()
            .map(|number| number.saturating_mul(unit))
    };
    let has = |name: &str| fields.all(name).next().is_some();
    let (from, until) = (
        fields.get("quiet_from").trim(),
        fields.get("quiet_until").trim(),
    );
    let window = (Vec::new(), from.to_owned(), until.to_owned());
    let quiet = WantedWeekly {
        zone: fields.get("zone").to_owned(),
        windows: [window]
            .into_iter()
            .filter(|_| !(from.is_empty() && until.is_empty()))
            .collect(),
    };
    let rate = number("most", 1).map(|most| (most, HOUR_S));
    WantedDestination {
        name: Some(fields.get("name").to_owned()),
        target: wanted_target(word, fields),
        apprise_url: None,
        services: Some(sent_services(fields)),
        wants_resolved: Some(fields.is_on("wants_resolved")),
        least_severity: Some(fields.get("least_severity").to_owned()),
        timers: WantedTimers {
            urgent_wait_s: number("urgent_wait_s", 1),
            wait_s: number("wait_s", 1),
            repeat_s: number("repeat_min", MINUTE_MS / SECOND_MS),
            ..WantedTimers::default()
        },
        quiet: has("quiet_from").then(|| (quiet, String::new())),
        rates: has("most").then(|| rate.into_iter().collect()),
        observations: has("observations").then(|| fields.get("observations").to_owned()),
        is_enabled: Some(fields.is_on("enabled")),
    }
}

/// `POST /destinations/{id}`.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let back = format!("/destinations/{id}");
    if let Err(problem) = form.visitor.caller.must_administer() {
        return form.failed(&app, &back, problem.detail);
    }
    let workspace_id = form.visitor.caller.workspace_id;
    let record = match found(&app, workspace_id, &id).await {
        Ok(record) => record,
        Err(failure) => return failure.into_response(),
    };
    let (word, _) = parts(&record.target);
    let wanted = change_of(word, &form.fields);
    match operation::change(&app, (workspace_id, record.id), wanted).await {
        Ok(()) => form.done(&app, &back, "Saved."),
        Err(error) => {
            let left = (&form.fields, Problem::from(error).detail);
            faulty(page(&app, &form.visitor, &id, Some(left)).await)
        }
    }
}

async fn found(app: &App, workspace_id: i64, id: &str) -> Result<DestinationRecord, Failure> {
    let id = IdKind::Destination.parse(id).ok_or(Failure::NotFound)?;
    let mut tx = app.database.read().await?;
    let found = destinations::by_id(&mut tx, workspace_id, id).await?;
    tx.rollback().await?;
    found.ok_or(Failure::NotFound)
}

/// `POST /destinations/{id}/test` and `/delete`.
pub(super) async fn act(
    State(app): State<Arc<App>>,
    Path((id, verb)): Path<(String, String)>,
    form: Form,
) -> Response {
    let back = format!("/destinations/{id}");
    let caller = &form.visitor.caller;
    if let Err(problem) = caller.must_administer() {
        return form.failed(&app, &back, problem.detail);
    }
    let Some(place) = IdKind::Destination.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    let place = (caller.workspace_id, place);
    match verb.as_str() {
        "test" => match send_test(&app, place, &caller.actor.name).await {
            Ok(notice) => {
                let to = format!("/notifications/{}", IdKind::Notification.show(notice));
                form.done(
                    &app,
                    &to,
                    "It is on its way. Load this page again in a moment.",
                )
            }
            Err(error) => form.followed(&app, &back, Err::<String, _>(error)),
        },
        "delete" => match operation::delete(&app, place.0, place.1).await {
            Ok(()) => form.done(&app, "/destinations", "Deleted."),
            Err(error) => form.followed(&app, &back, Err::<String, _>(error)),
        },
        _ => Failure::NotFound.into_response(),
    }
}
