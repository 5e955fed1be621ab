//! Storms: counts what begins in a batch, in its transaction, and ends what is calm.

use super::{escalate, notices};
use crate::app::App;
use crate::limits::{DEPLOY_WINDOW_MS, OPEN_STORMS, STORM_DEPLOYS};
use epicenter_domain::engine::{Began, Context, Sky, Slice, Turn, count_storm, look_at_storm};
use epicenter_domain::incident::TimelineEntry;
use epicenter_domain::limits::STORM_TITLES;
use epicenter_domain::routing::storm::Storm;
use epicenter_domain::signal::Actor;
use epicenter_domain::time::Time;
use epicenter_store::changes::deploys::{self, DeployFilter};
use epicenter_store::notices::plans;
use epicenter_store::notices::storms::{self, Place};
use epicenter_store::{StoreError, Tx, slice, timeline};
use std::collections::BTreeMap;

/// A storm that changed, and whether it is a new one.
#[derive(Debug)]
pub(super) struct Changed {
    workspace_id: i64,
    storm: Storm,
    is_new: bool,
}

/// What a batch brought: the meters of its projects, and the storms that changed.
#[derive(Debug, Default)]
pub(super) struct Weather {
    skies: BTreeMap<Place, Sky>,
    changed: Vec<Changed>,
}

/// Counts the alerts that began to fire in a batch, before it is saved: one statement loads the
/// meters of their projects, one keeps them. Without such alerts nothing is done.
pub(super) async fn count(
    app: &App,
    tx: &mut Tx,
    slice: &mut Slice,
) -> Result<Weather, StoreError> {
    let began = by_place(slice);
    if began.is_empty() {
        return Ok(Weather::default());
    }
    let places: Vec<Place> = began.keys().cloned().collect();
    let mut skies = storms::skies(tx, &places).await?;
    add_incidents(tx, slice, &skies).await?;
    let mut changed = Vec::new();
    for (place, began) in &began {
        let (Some(sky), Some(first)) = (skies.get_mut(place), began.first()) else {
            continue;
        };
        let integration = slice.incident(first.incident_id);
        let integration_id = integration.map_or(0, |incident| incident.integration_id);
        let origin = (place.workspace_id, integration_id);
        let turn = in_context(app, origin, first.at, |context| {
            count_storm(slice, context, (&place.project, sky), began)
        });
        changed.extend(in_order(place.workspace_id, turn));
    }
    Ok(Weather { skies, changed })
}

/// The alerts that began to fire, by workspace, project and service.
fn by_place(slice: &Slice) -> BTreeMap<Place, Vec<Began>> {
    let mut places: BTreeMap<Place, Vec<Began>> = BTreeMap::new();
    for began in &slice.began {
        if let Some(incident) = slice.incident(began.incident_id) {
            let place = Place {
                workspace_id: incident.workspace_id,
                project: incident.project.clone().unwrap_or_default(),
                service_id: incident.service_id,
            };
            places.entry(place).or_default().push(*began);
        }
    }
    places
}

/// The incidents of storms that go on.
async fn add_incidents(
    tx: &mut Tx,
    slice: &mut Slice,
    skies: &BTreeMap<Place, Sky>,
) -> Result<(), StoreError> {
    let open = skies.values().filter_map(|sky| sky.storm.as_ref());
    let ids: Vec<i64> = open.map(|storm| storm.incident_id).collect();
    slice::add_incidents(tx, slice, &ids).await
}

fn in_context<T>(
    app: &App,
    (workspace_id, integration_id): (i64, i64),
    now: Time,
    decide: impl FnOnce(&mut Context<'_>) -> T,
) -> T {
    let origin = app.registry.origin(integration_id, workspace_id);
    let mut context = Context {
        origin: &origin,
        delivery_id: None,
        now,
        ids: &app.ids,
    };
    decide(&mut context)
}

fn in_order(workspace_id: i64, turn: Turn) -> Vec<Changed> {
    let changed = |storm: Storm| Changed {
        workspace_id,
        is_new: turn.begun.contains(&storm.incident_id),
        storm,
    };
    turn.storms.into_iter().map(changed).collect()
}

/// Keeps the meters, and the storms that changed. What one that began stands for is escalated no
/// more by itself, and its timeline names the deploy in effect.
pub(super) async fn tell(
    app: &App,
    tx: &mut Tx,
    (weather, lines): (&Weather, &mut Vec<TimelineEntry>),
) -> Result<(), StoreError> {
    let now = app.clock.now();
    storms::save_meters(tx, &weather.skies).await?;
    for one in &weather.changed {
        storms::save(tx, one.workspace_id, std::slice::from_ref(&one.storm)).await?;
        let mut told = Vec::new();
        if one.is_new {
            storms::take_over(tx, one.workspace_id, &one.storm).await?;
            // Planned before its members, however many of them wait.
            let id = [one.storm.incident_id];
            plans::ask(tx, one.workspace_id, &id, one.storm.began_at).await?;
            told.extend(deploy_line(app, tx, one, now).await?);
        }
        if one.storm.over_at.is_some() {
            told.extend(loudest_line(app, tx, one, now).await?);
        }
        timeline::add(tx, &told).await?;
        lines.extend(told);
    }
    Ok(())
}

/// The newest deploy that went out before the storm, of its project where deploys name one.
async fn deploy_line(
    app: &App,
    tx: &mut Tx,
    one: &Changed,
    now: Time,
) -> Result<Option<TimelineEntry>, StoreError> {
    let window = (now.plus_ms(-DEPLOY_WINDOW_MS), now);
    let deploys = deploys::between(
        tx,
        one.workspace_id,
        &DeployFilter::default(),
        window,
        STORM_DEPLOYS,
    )
    .await?;
    let project = one.storm.project.as_str();
    let known = deploys
        .into_iter()
        .filter(|deploy| {
            deploy
                .project
                .as_deref()
                .is_none_or(|known| known == project)
        })
        .max_by_key(|deploy| deploy.at);
    Ok(known.map(|deploy| {
        let version = deploy.version.or(deploy.sha).or(deploy.name);
        let version = version.unwrap_or_else(|| "a version without a name".to_owned());
        let summary = format!(
            "In effect: the deploy of {version} to {} at {}",
            deploy.environment,
            deploy.at.rfc3339()
        );
        line(app, one, ("storm.deploy", now), (summary, String::new()))
    }))
}

/// What the storm was about, when it is over.
async fn loudest_line(
    app: &App,
    tx: &mut Tx,
    one: &Changed,
    now: Time,
) -> Result<Option<TimelineEntry>, StoreError> {
    let titles = i64::try_from(STORM_TITLES).unwrap_or(i64::MAX);
    let loudest = storms::loudest(tx, one.workspace_id, &one.storm, titles).await?;
    if loudest.is_empty() {
        return Ok(None);
    }
    let lines: Vec<String> = loudest
        .into_iter()
        .map(|(number, title, events)| format!("#{number} {title}: {events} events"))
        .collect();
    let summary = "The loudest of its members".to_owned();
    let words = (summary, lines.join("\n"));
    Ok(Some(line(app, one, ("storm.members", now), words)))
}

fn line(
    app: &App,
    one: &Changed,
    (kind, now): (&str, Time),
    (summary, body): (String, String),
) -> TimelineEntry {
    TimelineEntry {
        id: app.ids.next(now),
        workspace_id: one.workspace_id,
        incident_id: Some(one.storm.incident_id),
        issue_id: None,
        at: now,
        occurred_at: None,
        kind: kind.to_owned(),
        actor: Actor::epicenter(),
        summary,
        body,
        delivery_id: None,
    }
}

/// Ends the storms that are calm. Answers how many.
pub async fn look_at_storms(app: &App) -> Result<usize, StoreError> {
    let mut tx = app.database.read().await?;
    let open = storms::open(&mut tx, OPEN_STORMS).await?;
    let places: Vec<Place> = open
        .into_iter()
        .map(|(workspace_id, storm)| Place {
            workspace_id,
            project: storm.project,
            service_id: storm.service_id,
        })
        .collect();
    let now = app.clock.now();
    let mut calm = storms::skies(&mut tx, &places).await?;
    tx.rollback().await?;
    calm.retain(|_, sky| sky.meter.is_calm(now));
    for place in calm.into_keys() {
        look(app, place, now).await?;
    }
    Ok(places.len())
}

/// Looks at one storm again, in a transaction of its own.
async fn look(app: &App, place: Place, now: Time) -> Result<(), StoreError> {
    let mut tx = app.database.write_state().await?;
    let mut skies = storms::skies(&mut tx, std::slice::from_ref(&place)).await?;
    let mut slice = Slice::default();
    add_incidents(&mut tx, &mut slice, &skies).await?;
    let Some(sky) = skies.get_mut(&place) else {
        return tx.rollback().await;
    };
    let integration = slice.incidents.values().next();
    let integration_id = integration.map_or(0, |tracked| tracked.row.integration_id);
    let turn = in_context(app, (place.workspace_id, integration_id), now, |context| {
        look_at_storm(&mut slice, context, sky)
    });
    let changed = in_order(place.workspace_id, turn);
    let weather = Weather { skies, changed };
    slice::save(&mut tx, &slice).await?;
    notices::ask_for_plans(app, &mut tx, &slice).await?;
    let escalated = escalate::follow(app, &mut tx, &slice.moved, now).await?;
    slice.timeline.extend(escalated);
    let mut lines = slice.timeline;
    tell(app, &mut tx, (&weather, &mut lines)).await?;
    tx.commit().await?;
    let ids = weather.changed.iter().map(|one| one.storm.incident_id);
    app.live.publish(lines, ids);
    Ok(())
}
