//! What a plan looks at: the incident with its alerts, and the workspace around it.

use crate::limits::{FLAP_LINES, PERSON_NOTICES, PLAN_MAINTENANCE, PLAN_SILENCES, PLAN_STORMS};
use crate::operations::inhibitions;
use epicenter_domain::engine::TOLD_LINES;
use epicenter_domain::incident::{Incident, IncidentStatus, TimelineEntry};
use epicenter_domain::routing::flap::Flapping;
use epicenter_domain::routing::inhibit::{Neighbour, Rule};
use epicenter_domain::routing::limits::{Ceiling, PERSON_WINDOW_MS};
use epicenter_domain::routing::storm::Storm;
use epicenter_domain::routing::tree::Routed;
use epicenter_domain::routing::{NotifyLog, Policy, Route, Standing, Subject};
use epicenter_domain::time::{DAY_MS, Time};
use epicenter_store::changes::deploys::{self, DeployFilter};
use epicenter_store::incidents::IncidentFilter;
use epicenter_store::notices::destinations::{self, DestinationRecord, TakesObservations};
use epicenter_store::notices::plans::{self, Told};
use epicenter_store::notices::{maintenance, outbox, silences, storms};
use epicenter_store::people::ceilings;
use epicenter_store::routing::routed;
use epicenter_store::{StoreError, Tx, alerts, incidents, services, timeline};
use std::collections::{BTreeMap, BTreeSet};

/// What all plans of a workspace share.
#[derive(Debug)]
pub(super) struct Workspace {
    pub(super) destinations: Vec<DestinationRecord>,
    pub(super) policy: Policy,
    pub(super) services: BTreeMap<i64, String>,
    neighbours: Vec<Neighbour>,
    /// Destinations that are one person's own: whose.
    own_destinations: BTreeMap<i64, i64>,
    /// The latest storms, newest first.
    storms: Vec<Storm>,
}

/// One incident as a plan sees it.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) incident: Incident,
    pub(super) standing: Standing,
    pub(super) subject: Subject,
    pub(super) told: Vec<Told>,
    /// Who else hears of it by the routing rules.
    routed: Routed,
    pub(super) flapping: Flapping,
    /// The newest lines of its timeline, newest first.
    pub(super) lines: Vec<TimelineEntry>,
}

impl Workspace {
    /// Loads it.
    pub(super) async fn load(
        tx: &mut Tx,
        workspace_id: i64,
        now: Time,
    ) -> Result<Self, StoreError> {
        let all = services::list(tx, workspace_id).await?;
        let services: BTreeMap<i64, String> =
            all.into_iter().map(|one| (one.id, one.name)).collect();
        let inhibitions = inhibitions::rules(tx, workspace_id).await?;
        let open = possible_sources(tx, workspace_id, &inhibitions).await?;
        let neighbours = open
            .into_iter()
            .map(|incident| Neighbour {
                incident_id: incident.id,
                number: incident.number,
                opened_at: incident.opened_at,
                subject: Subject::of_incident(&incident, name_of(&services, &incident)),
            })
            .collect();
        let since = (now.plus_ms(-RELEASE_DAYS * DAY_MS), now);
        let deployed =
            deploys::between(tx, workspace_id, &DeployFilter::default(), since, DEPLOYS).await?;
        let policy = Policy {
            silences: silences::ending_after(tx, workspace_id, now, PLAN_SILENCES).await?,
            maintenance: maintenance::ending_after(tx, workspace_id, now, PLAN_MAINTENANCE).await?,
            inhibitions,
            deployed_releases: deployed
                .into_iter()
                .filter_map(|deploy| deploy.version)
                .collect(),
        };
        Ok(Self {
            destinations: destinations::list(tx, workspace_id).await?,
            policy,
            services,
            neighbours,
            own_destinations: ceilings::own_destinations(tx, workspace_id).await?,
            storms: storms::latest(tx, workspace_id, PLAN_STORMS).await?,
        })
    }

    /// The other incidents that may mute this one.
    pub(super) fn neighbours(&self) -> &[Neighbour] {
        &self.neighbours
    }

    /// The ceiling of the person whose own a destination is.
    async fn person(
        &self,
        tx: &mut Tx,
        destination_id: i64,
        now: Time,
    ) -> Result<Option<Ceiling>, StoreError> {
        let Some(user_id) = self.own_destinations.get(&destination_id) else {
            return Ok(None);
        };
        let since = now.plus_ms(-PERSON_WINDOW_MS);
        let sent_at = ceilings::told_since(tx, *user_id, since, PERSON_NOTICES).await?;
        Ok(Some(Ceiling::of_person(sent_at)))
    }

    /// The storm in which an incident triggered.
    pub(super) fn storm(&self, incident: &Incident) -> Option<&Storm> {
        let project = incident.project.as_deref().unwrap_or_default();
        self.storms
            .iter()
            .filter(|storm| storm.project == project && storm.service_id == incident.service_id)
            .find(|storm| storm.holds(incident.triggered_at))
    }

    /// Where an incident may be told, with what was told there.
    pub(super) async fn routes(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        now: Time,
    ) -> Result<Vec<Route>, StoreError> {
        let mut routes = Vec::new();
        for destination in &self.destinations {
            let told = scene
                .told
                .iter()
                .find(|told| told.destination_id == destination.id);
            let log = told.map(|told| told.log.clone()).unwrap_or_default();
            if !hears(destination, scene, &log) {
                continue;
            }
            let rates = destination.settings.rates.clone();
            let window = rates.iter().map(|rate| rate.within_ms).max();
            let sent_at = match window {
                Some(window) => {
                    let since = now.plus_ms(-window);
                    outbox::sent_since(tx, destination.id, since, COUNTED).await?
                }
                None => Vec::new(),
            };
            routes.push(Route {
                destination_id: destination.id,
                wants_resolved: destination.settings.wants_resolved,
                timers: destination.settings.timers,
                quiet: destination.settings.quiet.clone(),
                ceiling: Ceiling { rates, sent_at },
                person: self.person(tx, destination.id, now).await?,
                log,
            });
        }
        Ok(routes)
    }
}

/// The open incidents that may mute others. Only rules that a person wrote ask for those of issues.
async fn possible_sources(
    tx: &mut Tx,
    workspace_id: i64,
    rules: &[Rule],
) -> Result<Vec<Incident>, StoreError> {
    let default = Rule::metric_mutes_issues(1);
    let is_default = |rule: &Rule| default.as_ref().is_some_and(|it| it.source == rule.source);
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    if rules.iter().all(is_default) {
        return incidents::open_without_issue(tx, workspace_id, NEIGHBOURS).await;
    }
    let open = IncidentFilter {
        statuses: vec![IncidentStatus::Triggered, IncidentStatus::Acknowledged],
        ..IncidentFilter::default()
    };
    let page = incidents::list(tx, workspace_id, &open, None, NEIGHBOURS).await?;
    Ok(page.items)
}

/// Does a destination hear of this incident? What it was told to fire it also hears the end of.
fn hears(destination: &DestinationRecord, scene: &Scene, log: &NotifyLog) -> bool {
    let (incident, routed) = (&scene.incident, &scene.routed);
    let only_reads = destination.settings.observations == TakesObservations::Only;
    if !destination.is_enabled || only_reads {
        return false;
    }
    let is_due = !log.firing.is_empty();
    let is_its_service = destination.services.is_empty()
        || incident
            .service_id
            .is_some_and(|id| destination.services.contains(&id))
        || (routed.services.iter()).any(|id| destination.services.contains(id))
        || routed.destinations.contains(&destination.id);
    let is_bad_enough = destination
        .settings
        .least_severity
        .is_none_or(|least| incident.severity >= least);
    is_due || (is_its_service && is_bad_enough)
}

/// The service's name, as conditions see it.
pub(super) fn name_of<'a>(services: &'a BTreeMap<i64, String>, incident: &Incident) -> &'a str {
    incident
        .service_id
        .and_then(|id| services.get(&id))
        .map_or("", String::as_str)
}

impl Scene {
    /// Loads it; `None` when the incident is gone.
    pub(super) async fn load(
        tx: &mut Tx,
        (workspace_id, incident_id): (i64, i64),
        services: &BTreeMap<i64, String>,
    ) -> Result<Option<Self>, StoreError> {
        let Some(incident) = incidents::by_id(tx, workspace_id, incident_id).await? else {
            return Ok(None);
        };
        let members = alerts::of_incident(tx, incident_id).await?;
        let told = plans::told(tx, incident_id).await?;
        let routed = routed::of_incident(tx, incident_id)
            .await?
            .unwrap_or_default();
        let page = timeline::newest_of_incident(tx, incident_id, None, FLAP_LINES).await?;
        let lines = page.items;
        let (firing, resolved): (Vec<_>, Vec<_>) = members.iter().partition(|alert| alert.is_open);
        let ids = |alerts: Vec<&epicenter_domain::incident::Alert>| -> BTreeSet<i64> {
            alerts.into_iter().map(|alert| alert.id).collect()
        };
        let mut firing = ids(firing);
        if firing.is_empty() && incident.is_open() {
            // Opened again by a person: what it is about fires, whatever the alerts say.
            firing.insert(incident.id);
        }
        let standing = Standing {
            incident_id,
            number: incident.number,
            service_id: incident.service_id,
            status: incident.status,
            severity: incident.severity,
            opened_at: incident.opened_at,
            triggered_at: incident.triggered_at,
            changed_at: incident.resolved_at.unwrap_or(incident.triggered_at),
            suspended_until: incident.suspended_until,
            snoozed_until: incident.snoozed_until,
            noticed: lines
                .iter()
                .find(|line| line.kind.starts_with(TOLD_LINES))
                .map(|line| (line.at, line.summary.clone())),
            firing,
            resolved: ids(resolved),
        };
        let flapping = flapping_of(&lines);
        Ok(Some(Self {
            subject: Subject::of_incident(&incident, name_of(services, &incident)),
            incident,
            standing,
            told,
            routed,
            flapping,
            lines,
        }))
    }
}

/// How often an incident opened and closed, by its newest lines, newest first.
fn flapping_of(lines: &[TimelineEntry]) -> Flapping {
    let mut flapping = Flapping::default();
    for line in lines.iter().rev().filter(|line| is_turn(&line.kind)) {
        flapping.changed(line.at);
    }
    flapping
}

/// Since when an incident flaps; none, if it does not.
pub async fn flapping_since(
    tx: &mut Tx,
    incident_id: i64,
    now: Time,
) -> Result<Option<Time>, StoreError> {
    let page = timeline::newest_of_incident(tx, incident_id, None, FLAP_LINES).await?;
    Ok(flapping_of(&page.items).since(now))
}

/// Did the incident open or close with this line?
fn is_turn(kind: &str) -> bool {
    matches!(
        kind,
        "incident.opened" | "incident.reopened" | "incident.resolved"
    )
}

/// Open incidents without an issue that may mute others.
const NEIGHBOURS: i64 = 100;
/// Days in which a deploy ends silences that wait for its release.
const RELEASE_DAYS: i64 = 14;
/// Deploys looked at for that.
const DEPLOYS: i64 = 200;
/// Notices counted against a ceiling; more than any ceiling allows.
const COUNTED: i64 = 500;
