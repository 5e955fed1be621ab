//! `/incidents/{number}`: one incident, and what people do to it.

use super::event::{chooser, event_view};
use super::forms::{Fields, Form};
use super::incident_groups;
use super::incidents::{apply, myself, preset, recent, undo_token};
use super::memory::similar_card;
use super::suspects::card;
use super::trends;
use super::views::parts::{Clock, DeployMark, Query as Address, SafeLink, ShownSeverity, Trend};
use super::views::{
    AlertRow, EventChooser, EventView, IncidentFacts, IncidentHead, IncidentPage, Section,
    SimilarCard, Timeline, TimelineLine,
};
use super::visitor::{Failure, Shown, Visitor, state_of};
use super::why::panel;
use super::write_backs;
use crate::app::App;
use crate::limits::SHOWN_WRITE_BACKS;
use crate::operations::auto_resolve::ending_of;
use crate::operations::notices::flapping_since;
use crate::operations::owner_files;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::{Command, Incident, TimelineEntry};
use epicenter_domain::signal::Assignee;
use epicenter_domain::time::{DAY_MS, HOUR_MS, Time};
use epicenter_store::detection::regression_of;
use epicenter_store::{Page, Tx, alerts, deliveries, incidents, services, timeline, users};
use serde::Deserialize;
use std::sync::Arc;

/// Lines of the timeline on one page.
pub(super) const TIMELINE_LINES: i64 = 100;

/// Which event is shown, and before which line the timeline begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ShowQuery {
    event: String,
    before: String,
}

/// The page, or its live parts for the page's script.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(number): Path<i64>,
    Query(query): Query<ShowQuery>,
) -> Shown {
    let workspace_id = visitor.caller.workspace_id;
    let mut tx = app.database.read().await?;
    let incident = incidents::by_number(&mut tx, workspace_id, number)
        .await?
        .ok_or(Failure::NotFound)?;
    let clock = Clock(app.clock.now());
    let trend = recent(&mut tx, incident.issue_id, clock.0, HOUR_MS, 2 * DAY_MS).await?;
    let about = (incident.project.as_ref(), incident.environment.as_ref());
    let marks = trends::beside(&mut tx, workspace_id, about, &trend).await?;
    let head = head(&mut tx, &visitor, clock, &incident, (trend, marks)).await?;
    let suspects = card(&mut tx, &visitor, clock, &incident).await?;
    let facts = facts(&app, &mut tx, workspace_id, clock, &incident).await?;
    let group = incident_groups::panel(&mut tx, &visitor, clock, &incident).await?;
    let why = panel(&mut tx, &visitor, clock, &incident).await?;
    let told =
        epicenter_store::write_backs::of_incident(&mut tx, incident.id, SHOWN_WRITE_BACKS).await?;
    let told = write_backs::panel(clock, &told);
    let base = format!("/incidents/{number}");
    let (event, chooser) = match incident.issue_id {
        Some(issue_id) => {
            let wanted = IdKind::Event.parse(&query.event);
            let chosen = chooser(&mut tx, issue_id, wanted, &base).await?;
            let view = match &chosen.0 {
                Some(record) => {
                    event_view(&mut tx, (visitor.caller.workspace_id, clock), record).await?
                }
                None => None,
            };
            (view, chosen.1)
        }
        None => (None::<EventView>, EventChooser::default()),
    };
    let before = Some(query.before.as_str()).filter(|before| !before.is_empty());
    let lines = timeline::newest_of_incident(&mut tx, incident.id, before, TIMELINE_LINES).await?;
    let here = Address::new(&base).set("event", &query.event);
    let timeline = shown_timeline(clock, lines, (&here, before));
    tx.rollback().await?;
    let shell = visitor.shell(&app, Section::Incidents).await?;
    // The live parts are fetched often, and the past does not change.
    let similar = match visitor.fragment {
        Some(_) => SimilarCard::default(),
        None => similar_card(&app, &visitor, &incident).await?,
    };
    let page = IncidentPage {
        shell,
        head,
        suspects,
        facts,
        group,
        told,
        why,
        similar,
        event,
        chooser,
        timeline,
    };
    Ok(Html(match visitor.fragment {
        Some(_) => page.live_fragment()?,
        None => page.render()?,
    }))
}

async fn head(
    tx: &mut Tx,
    visitor: &Visitor,
    clock: Clock,
    incident: &Incident,
    (trend, marks): (Trend, Vec<DeployMark>),
) -> Result<IncidentHead, Failure> {
    let people = users::list(tx, incident.workspace_id).await?;
    let neighbour = async |tx: &mut Tx, number: i64| {
        let found = incidents::by_number(tx, incident.workspace_id, number).await?;
        Ok::<_, Failure>(found.map(|found| found.number))
    };
    Ok(IncidentHead {
        clock,
        csrf: visitor.session.csrf.clone(),
        id: IdKind::Incident.show(incident.id),
        number: incident.number,
        title: incident.title.clone(),
        severity: ShownSeverity(incident.severity),
        state: state_of(incident),
        snoozed_until: incident.snoozed_until,
        archived_until: incident.archived_until.clone(),
        short_id: incident.short_id.clone(),
        assignee: incident
            .assignee
            .as_ref()
            .map(|assignee| assignee.name.clone()),
        people: people
            .into_iter()
            .map(|user| (IdKind::User.show(user.id), user.name))
            .collect(),
        event_count: incident.event_count,
        user_count: incident.user_count,
        first_seen_at: incident.first_seen_at,
        last_seen_at: incident.last_seen_at,
        opened_at: incident.opened_at,
        acknowledged_at: incident.acknowledged_at,
        resolved_at: incident.resolved_at,
        trend,
        marks,
        sentry: SafeLink::from_option(incident.permalink.as_deref()),
        newer: neighbour(tx, incident.number + 1).await?,
        older: neighbour(tx, incident.number - 1).await?,
    })
}

async fn facts(
    app: &App,
    tx: &mut Tx,
    workspace_id: i64,
    clock: Clock,
    incident: &Incident,
) -> Result<IncidentFacts, Failure> {
    let service = match incident.service_id {
        Some(id) => services::by_id(tx, workspace_id, id).await?,
        None => None,
    };
    let previous = match incident.previous_incident_id {
        Some(id) => incidents::by_id(tx, workspace_id, id).await?,
        None => None,
    };
    let owner = owner_files::of_incident(tx, incident).await?;
    let registry = app.registry.snapshot();
    let rows = alerts::of_incident(tx, incident.id).await?;
    let rows = rows.into_iter().map(|alert| AlertRow {
        integration: registry
            .by_id(alert.integration_id)
            .map_or_else(|| "deleted".to_owned(), |entry| entry.origin.name.clone()),
        dedup_key: alert.dedup_key,
        is_open: alert.is_open,
        signal_count: alert.signal_count,
        opened_at: alert.opened_at,
        closed_at: alert.closed_at,
    });
    Ok(IncidentFacts {
        clock,
        number: incident.number,
        service: service.map(|service| (IdKind::Service.show(service.id), service.name)),
        project: incident.project.clone(),
        environment: incident.environment.clone(),
        release: incident.release.clone(),
        culprit: incident.culprit.clone(),
        owner: owner.map(|file| (file.owned.owners.join(" "), file.owned.reason)),
        flapping_since: flapping_since(tx, incident.id, app.clock.now()).await?,
        regression: regression_of(tx, incident.id)
            .await?
            .map(|judged| (judged.verdict.label().to_owned(), judged.reason)),
        ending: ending_of(app, tx, incident)
            .await?
            .map(|ending| (ending.at(), ending.says())),
        source: incident.source.clone(),
        dedup_key: incident.dedup_key.clone(),
        issue_id: incident.issue_id.map(|id| IdKind::Issue.show(id)),
        sentry: SafeLink::from_option(incident.permalink.as_deref()),
        delivery_count: deliveries::count_of_incident(tx, incident.id).await?,
        previous: previous.map(|previous| previous.number),
        alerts: rows.collect(),
    })
}

/// Lines, newest first; `before` which one they begin, on the page of this address.
pub(super) fn shown_timeline(
    clock: Clock,
    page: Page<TimelineEntry>,
    (here, before): (&Address, Option<&str>),
) -> Timeline {
    let at = |cursor: &str| format!("{}#timeline", here.clone().set("before", cursor).href());
    let older = page.next_cursor.as_deref().map(at);
    let newest = before.map(|_| at(""));
    let lines = page.items.into_iter().map(|entry| TimelineLine {
        at: entry.at,
        occurred_at: entry.occurred_at,
        kind: entry.kind,
        actor: entry.actor.name,
        actor_kind: entry.actor.kind,
        summary: entry.summary,
        body: entry.body,
        cause: entry
            .delivery_id
            .map(|id| (IdKind::Delivery.show(id), "delivery".to_owned())),
    });
    Timeline {
        clock,
        entries: lines.collect(),
        older,
        newest,
    }
}

async fn act(
    app: &App,
    form: &Form,
    number: i64,
    what: Result<(Command, String), String>,
) -> Response {
    let back = format!("/incidents/{number}");
    if let Err(problem) = form.visitor.caller.must_respond() {
        return form.failed(app, &back, problem.detail);
    }
    let (command, text) = match what {
        Ok(pair) => pair,
        Err(reason) => return form.failed(app, &back, reason),
    };
    match apply(app, &form.visitor, number, &command).await {
        Ok(before) => match undo_token(&command, &[(number, before)]) {
            Some(undo) => form.undoable(app, &back, text, undo),
            None => form.done(app, &back, text),
        },
        Err(problem) => form.followed(app, &back, Err::<String, _>(problem)),
    }
}

/// `POST /incidents/{number}/{verb}`.
pub(super) async fn command(
    State(app): State<Arc<App>>,
    Path((number, verb)): Path<(i64, String)>,
    form: Form,
) -> Response {
    let now = app.clock.now();
    let what = match verb.as_str() {
        "acknowledge" => Ok((Command::Acknowledge, format!("Acknowledged: #{number}."))),
        "resolve" => Ok((Command::Resolve, format!("Resolved: #{number}."))),
        "reopen" => Ok((Command::Reopen, format!("Reopened: #{number}."))),
        "note" => Ok((
            Command::Note(form.fields.get("text").to_owned()),
            "Note written.".to_owned(),
        )),
        "snooze" => match until(&form.fields, now) {
            Some(until) => Ok((Command::Snooze(until), format!("Snoozed: #{number}."))),
            None => Err("Choose until when it should be quiet.".to_owned()),
        },
        "assign" => match assignee(&app, &form).await {
            Some(to) => {
                let text = format!("Assigned #{number} to {}.", to.name);
                Ok((Command::Assign(to), text))
            }
            None if form.fields.get("user_id").is_empty() => Ok((
                Command::Unassign,
                format!("#{number} is assigned to nobody."),
            )),
            None => Err("Choose who should have it.".to_owned()),
        },
        _ => return Failure::NotFound.into_response(),
    };
    act(&app, &form, number, what).await
}

/// A preset, or a local date and time with the browser's offset from UTC in minutes.
fn until(fields: &Fields, now: Time) -> Option<Time> {
    if let Some(until) = preset(fields.get("preset"), now) {
        return Some(until);
    }
    let offset: i64 = fields.get("utc_offset").parse().unwrap_or(0);
    let local = Time::parse(fields.get("until"))?;
    Some(local.plus_ms(-offset.clamp(-1_000, 1_000) * 60_000))
}

async fn assignee(app: &App, form: &Form) -> Option<Assignee> {
    let wanted = form.fields.get("user_id");
    if wanted == "me" {
        return Some(myself(&form.visitor));
    }
    let id = IdKind::User.parse(wanted)?;
    let mut tx = app.database.read().await.ok()?;
    let user = users::by_id(&mut tx, id).await.ok()??;
    Some(Assignee {
        kind: "user".to_owned(),
        id: wanted.to_owned(),
        name: user.name,
    })
}
