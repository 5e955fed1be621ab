//! Writes the file.

use super::passing;
use super::{
    ConfigFile, DestinationEntry, EscalationEntry, FILE_VERSION, InhibitionEntry, LayerEntry,
    MappingEntry, OverrideEntry, RepositoryEntry, ScheduleEntry, ServiceEntry, StepEntry,
    TeamEntry,
};
use crate::operations::notice_settings::kinds::Kind;
use crate::operations::notice_settings::target;
use crate::operations::people::{all_escalations, teams as people_teams};
use crate::operations::routes::{self, Names};
use epicenter_domain::escalation::policy::{Policy, Target};
use epicenter_domain::escalation::schedule::Layer;
use epicenter_domain::time::Time;
use epicenter_store::changes::{mappings, repositories};
use epicenter_store::notices::destinations::{self, DestinationRecord};
use epicenter_store::notices::inhibitions;
use epicenter_store::people::owners;
use epicenter_store::people::schedules::{self, ScheduleRecord};
use epicenter_store::routing::owner_files;
use epicenter_store::{StoreError, Tx, detection, services, users};
use std::collections::BTreeMap;

const HEAD: &str = "\
# The configuration of an Epicenter workspace. `epicenter import FILE --dry-run` says what it would
# change; `epicenter import FILE` does it. What is not named here stays as it is.
# Secrets are not written here: those that exist stay. A new destination needs its secret in `fields`;
# that of a new integration is entered on its page, and the import says which.
";

/// How things are called, by id.
#[derive(Debug, Default)]
struct Called {
    users: BTreeMap<i64, String>,
    teams: BTreeMap<i64, String>,
    schedules: BTreeMap<i64, String>,
    destinations: BTreeMap<i64, String>,
    escalations: BTreeMap<i64, String>,
    services: BTreeMap<i64, String>,
    repositories: BTreeMap<i64, String>,
}

/// The configuration as text.
pub async fn export(tx: &mut Tx, workspace_id: i64, now: Time) -> Result<String, StoreError> {
    let file = read(tx, workspace_id, now).await?;
    // Names and numbers: the format can say all of it.
    let body = toml::to_string_pretty(&file).unwrap_or_default();
    Ok(format!("{HEAD}\n{body}"))
}

/// All schedules of a workspace.
pub(super) async fn all_schedules(
    tx: &mut Tx,
    workspace_id: i64,
) -> Result<Vec<ScheduleRecord>, StoreError> {
    let mut all = Vec::new();
    let mut cursor = None;
    loop {
        let page = schedules::list(tx, workspace_id, cursor.as_deref(), 100).await?;
        all.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

/// The configuration.
#[expect(
    clippy::too_many_lines,
    reason = "one part of the file after the other"
)]
pub async fn read(tx: &mut Tx, workspace_id: i64, now: Time) -> Result<ConfigFile, StoreError> {
    let services = services::list(tx, workspace_id).await?;
    let teams = people_teams::all(tx, workspace_id).await?;
    let schedules = all_schedules(tx, workspace_id).await?;
    let escalations = all_escalations(tx, workspace_id).await?;
    let destinations = destinations::list(tx, workspace_id).await?;
    let repositories = repositories::list(tx, workspace_id).await?;
    let owners = owners::of_workspace(tx, workspace_id).await?;
    let users = users::list(tx, workspace_id).await?;
    let called = Called {
        users: users.into_iter().map(|one| (one.id, one.email)).collect(),
        teams: teams.iter().map(|one| (one.id, one.name.clone())).collect(),
        schedules: schedules
            .iter()
            .map(|one| (one.id, one.name.clone()))
            .collect(),
        destinations: destinations
            .iter()
            .map(|one| (one.id, one.name.clone()))
            .collect(),
        escalations: (escalations.iter())
            .map(|one| (one.id, one.policy.name.clone()))
            .collect(),
        services: services
            .iter()
            .map(|one| (one.id, one.slug.clone()))
            .collect(),
        repositories: repositories
            .iter()
            .map(|one| (one.id, one.name.clone()))
            .collect(),
    };
    let rules = routes::current(tx, workspace_id).await?;
    let names = Names::load(tx, workspace_id).await?;
    let mappings = mappings::list(tx, workspace_id).await?;
    let mut noticed = detection::settings(tx).await?;
    let mut codeowners = uploaded(tx, workspace_id).await?;
    let mut overrides = BTreeMap::new();
    for one in &schedules {
        let mine = passing::overrides_of(tx, one.id, (&called.users, now)).await?;
        overrides.insert(one.id, mine);
    }
    let silences = passing::silences(tx, workspace_id, now).await?;
    let integrations = passing::integrations(tx, workspace_id, &called.services).await?;
    let own_rules = inhibitions::rules(tx, workspace_id).await?;
    Ok(ConfigFile {
        version: FILE_VERSION,
        teams: (teams.into_iter())
            .map(|one| TeamEntry {
                members: named(&called.users, &one.members),
                name: one.name,
            })
            .collect(),
        services: (services.into_iter())
            .map(|one| {
                let owner = owners.get(&one.id).copied().unwrap_or_default();
                let name = |names: &BTreeMap<i64, String>, id: i64| names.get(&id).cloned();
                ServiceEntry {
                    slug: one.slug,
                    name: one.name,
                    projects: one.projects,
                    team: owner.team_id.and_then(|id| name(&called.teams, id)),
                    escalation: (owner.escalation_id).and_then(|id| name(&called.escalations, id)),
                    holds_transients: one.holds_transients,
                    detection: noticed.remove(&(workspace_id, Some(one.id))),
                }
            })
            .collect(),
        destinations: (destinations.iter())
            .map(|one| destination(&called, one))
            .collect(),
        schedules: schedules
            .into_iter()
            .map(|one| schedule(&called, one, &mut overrides))
            .collect(),
        escalations: (escalations.into_iter())
            .map(|one| escalation(&called, one.policy))
            .collect(),
        repositories: (repositories.into_iter())
            .filter(|one| {
                let has_owners = codeowners.contains_key(&one.id);
                one.clone_path.is_some() || !one.service_ids.is_empty() || has_owners
            })
            .collect::<Vec<_>>()
            .into_iter()
            .map(|one| RepositoryEntry {
                codeowners: codeowners.remove(&one.id),
                services: named(&called.services, &one.service_ids),
                name: one.name,
                clone_path: one.clone_path,
            })
            .collect(),
        code_mappings: (mappings.into_iter().filter(|one| one.is_confirmed))
            .filter_map(|one| {
                Some(MappingEntry {
                    repository: called.repositories.get(&one.repository_id)?.clone(),
                    project: one.project,
                    stack_prefix: one.stack_prefix,
                    source_prefix: one.source_prefix,
                })
            })
            .collect(),
        integrations,
        silences,
        inhibitions: own_rules.map(|rules| rules.iter().map(InhibitionEntry::from).collect()),
        detection: noticed.remove(&(workspace_id, None)),
        routes: (rules.number > 0).then(|| names.to_slugs(&rules.book)),
    })
}

/// CODEOWNERS files that somebody uploaded, by repository.
async fn uploaded(tx: &mut Tx, workspace_id: i64) -> Result<BTreeMap<i64, String>, StoreError> {
    let all = owner_files::list(tx, workspace_id).await?;
    let uploaded = all.into_iter().filter(|file| !file.is_from_clone);
    Ok(uploaded
        .map(|file| (file.repository_id, file.text))
        .collect())
}

fn named<'a>(names: &BTreeMap<i64, String>, ids: impl IntoIterator<Item = &'a i64>) -> Vec<String> {
    let known = ids.into_iter().filter_map(|id| names.get(id));
    known.cloned().collect()
}

fn destination(called: &Called, record: &DestinationRecord) -> DestinationEntry {
    let (channel, parts) = target::parts(&record.target);
    let is_shown = |name: &str| {
        let field = Kind::parse(channel).and_then(|kind| kind.field(name));
        field.is_some_and(|field| !field.is_secret)
    };
    DestinationEntry {
        name: record.name.clone(),
        channel: channel.to_owned(),
        enabled: record.is_enabled,
        services: named(&called.services, &record.services),
        fields: (parts.into_iter())
            .filter(|(name, _)| is_shown(name))
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        settings: record.settings.clone(),
    }
}

fn schedule(
    called: &Called,
    record: ScheduleRecord,
    overrides: &mut BTreeMap<i64, Vec<OverrideEntry>>,
) -> ScheduleEntry {
    let layer = |layer: Layer| LayerEntry {
        name: layer.name,
        participants: named(&called.users, &layer.participants),
        unit: layer.unit,
        every: layer.every,
        starts_on: layer.starts_on,
        hand_over: layer.hand_over,
        windows: layer.windows,
    };
    ScheduleEntry {
        name: record.name,
        zone: record.zone.name().to_owned(),
        layers: record.layers.into_iter().map(layer).collect(),
        overrides: overrides.remove(&record.id).unwrap_or_default(),
    }
}

fn escalation(called: &Called, policy: Policy) -> EscalationEntry {
    let target = |target: Target| {
        let (kind, name) = match target {
            Target::Person(id) => ("person", called.users.get(&id)),
            Target::Team(id) => ("team", called.teams.get(&id)),
            Target::Schedule(id) => ("schedule", called.schedules.get(&id)),
            Target::Destination(id) => ("destination", called.destinations.get(&id)),
        };
        name.map(|name| format!("{kind}:{name}"))
    };
    EscalationEntry {
        name: policy.name,
        repeat: policy.repeat,
        repeat_after_s: policy.repeat_after_s,
        acknowledge_timeout_s: policy.acknowledge_timeout_s,
        then: policy
            .then
            .and_then(|id| called.escalations.get(&id).cloned()),
        steps: (policy.steps.into_iter())
            .map(|step| StepEntry {
                delay_s: step.delay_s,
                targets: step.targets.into_iter().filter_map(target).collect(),
            })
            .collect(),
    }
}
