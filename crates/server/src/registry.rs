//! The integrations with their secrets, in memory: the door needs them for every request.

use crate::config::Secrets;
use crate::routing::{self, Routing};
use epicenter_domain::engine::{Origin, Profile};
use epicenter_domain::incident::{AutoResolve, Policy};
use epicenter_domain::proof::{Secret, SecretValue};
use epicenter_domain::routing::detect::Detection;
use epicenter_domain::routing::group::GroupPolicy;
use epicenter_domain::sources::IntegrationKind;
use epicenter_store::services::{self, ServiceRecord};
use epicenter_store::{Database, StoreError, detection, groups, integrations};
use std::collections::hash_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

/// The id of the secret that is the integration's key: neither the store's nor the environment's.
const KEY_SECRET: i64 = 0;

/// One integration as the door and the engine need it.
#[derive(Debug)]
pub struct Entry {
    /// What the engine needs.
    pub origin: Origin,
    /// What it receives.
    pub kind: IntegrationKind,
    /// The unguessable part of its push URL.
    pub key: String,
    /// Secrets of the store and of the environment.
    pub secrets: Vec<Secret>,
    /// May requests be unsigned?
    pub is_unsigned: bool,
    /// Is it the default of its kind?
    pub is_default: bool,
}

/// All integrations at one instant.
#[derive(Debug, Default)]
pub struct Snapshot {
    by_id: HashMap<i64, Arc<Entry>>,
    by_key: HashMap<String, Arc<Entry>>,
    defaults: BTreeMap<IntegrationKind, Arc<Entry>>,
    routings: BTreeMap<i64, Arc<Routing>>,
    grouping: BTreeMap<i64, Arc<GroupPolicy>>,
    detection: BTreeMap<(i64, Option<i64>), Arc<Detection>>,
}

impl Snapshot {
    /// By id.
    pub fn by_id(&self, id: i64) -> Option<&Arc<Entry>> {
        self.by_id.get(&id)
    }

    /// By key.
    pub fn by_key(&self, key: &str) -> Option<&Arc<Entry>> {
        self.by_key.get(key)
    }

    /// All of them, by name.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Entry>> {
        let mut all: Vec<_> = self.by_id.values().collect();
        all.sort_by(|a, b| a.origin.name.cmp(&b.origin.name));
        all.into_iter()
    }

    /// How a workspace groups alerts.
    pub fn grouping(&self, workspace_id: i64) -> Arc<GroupPolicy> {
        self.grouping
            .get(&workspace_id)
            .cloned()
            .unwrap_or_default()
    }

    /// What is noticed about the issues of a service, and what is done about it: as the service
    /// says, or else its workspace, or else by default.
    pub fn detection(&self, workspace_id: i64, service_id: Option<i64>) -> Arc<Detection> {
        service_id
            .and_then(|id| self.detection.get(&(workspace_id, Some(id))))
            .or_else(|| self.detection.get(&(workspace_id, None)))
            .cloned()
            .unwrap_or_default()
    }

    /// The workspaces in which anything is resolved by itself after a quiet time.
    pub fn auto_resolving(&self) -> BTreeSet<i64> {
        let all = self.detection.iter();
        all.filter(|(_, wanted)| wanted.auto_resolve != AutoResolve::Off)
            .map(|((workspace_id, _), _)| *workspace_id)
            .collect()
    }

    /// Has a service said itself what it wants noticed?
    pub fn has_own_detection(&self, workspace_id: i64, service_id: Option<i64>) -> bool {
        self.detection.contains_key(&(workspace_id, service_id))
    }

    /// The default integration of a kind.
    pub fn default_of(&self, kind: IntegrationKind) -> Option<&Arc<Entry>> {
        self.defaults.get(&kind)
    }
}

/// The current snapshot.
#[derive(Clone, Debug)]
pub struct Registry {
    current: Arc<RwLock<Arc<Snapshot>>>,
    secrets: Arc<Secrets>,
}

impl Registry {
    /// An empty registry; [`Registry::reload`] fills it.
    pub fn new(secrets: Secrets) -> Self {
        Self {
            current: Arc::default(),
            secrets: Arc::new(secrets),
        }
    }

    /// The integrations as they are now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    /// Names of the environment's secrets for the default integration of a kind.
    pub fn environment_secrets(&self, kind: IntegrationKind) -> impl Iterator<Item = &str> {
        self.secrets.of(kind).iter().map(|(name, _)| name.as_str())
    }

    /// Reads everything from the store.
    pub async fn reload(&self, database: &Database) -> Result<(), StoreError> {
        let mut tx = database.read().await?;
        let records = integrations::load_registry(&mut tx).await?;
        let policies = groups::policies(&mut tx).await?;
        let detection = detection::settings(&mut tx).await?;
        let mut services = HashMap::new();
        let mut snapshot = Snapshot::default();
        let before = self.snapshot();
        for record in &records {
            let workspace_id = record.integration.workspace_id;
            if let Slot::Vacant(slot) = services.entry(workspace_id) {
                let mine = services::list(&mut tx, workspace_id).await?;
                let before = before.routings.get(&workspace_id);
                let rules = routing::load(&mut tx, workspace_id, &mine, before).await?;
                snapshot
                    .routings
                    .extend(rules.map(|rules| (workspace_id, rules)));
                slot.insert(mine);
            }
        }
        tx.rollback().await?;
        let policies = policies.into_iter();
        snapshot.grouping = policies
            .map(|(id, policy)| (id, Arc::new(policy)))
            .collect();
        let detection = detection.into_iter();
        snapshot.detection = detection
            .map(|(place, wanted)| (place, Arc::new(wanted)))
            .collect();
        for record in records {
            let mine = services.get(&record.integration.workspace_id);
            let Some(kind) = IntegrationKind::parse(&record.integration.kind) else {
                tracing::warn!(
                    kind = record.integration.kind,
                    "an integration of a newer version is left alone"
                );
                continue;
            };
            let rules = snapshot.routings.get(&record.integration.workspace_id);
            let rules = rules.map(|rules| Arc::clone(&rules.router));
            let mut entry = self.entry((kind, record), mine.map_or(&[], Vec::as_slice));
            entry.origin.routing = rules;
            let entry = Arc::new(entry);
            if entry.is_default {
                snapshot.defaults.insert(entry.kind, Arc::clone(&entry));
            }
            snapshot
                .by_key
                .insert(entry.key.clone(), Arc::clone(&entry));
            snapshot.by_id.insert(entry.origin.integration_id, entry);
        }
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(snapshot);
        Ok(())
    }

    /// What the engine needs for an integration, also for one that was deleted.
    pub fn origin(&self, integration_id: i64, workspace_id: i64) -> Origin {
        self.snapshot().by_id(integration_id).map_or_else(
            || Origin {
                integration_id,
                workspace_id,
                kind: IntegrationKind::Sentry,
                name: "Sentry".to_owned(),
                service_id: None,
                services_by_project: BTreeMap::new(),
                default_service_id: None,
                unheld_services: BTreeSet::new(),
                routing: None,
                profile: Profile::Level,
                service_hooks_trigger: false,
                policy: Policy::default(),
            },
            |entry| entry.origin.clone(),
        )
    }

    fn entry(
        &self,
        (kind, record): (IntegrationKind, integrations::RegistryRecord),
        services: &[ServiceRecord],
    ) -> Entry {
        let integration = record.integration;
        let mut secrets = record.secrets;
        if integration.is_default {
            // Ids below zero tell them from those in the store.
            secrets.extend(
                (1..)
                    .zip(self.secrets.of(kind))
                    .map(|(number, (name, value))| Secret {
                        id: -number,
                        value: value.clone(),
                        expires_at: None,
                        label: name.clone(),
                    }),
            );
        }
        if kind == IntegrationKind::Pagerduty {
            // PagerDuty's senders know one thing: the routing key.
            secrets.push(Secret {
                id: KEY_SECRET,
                value: SecretValue::new(integration.key.clone()),
                expires_at: None,
                label: "integration key".to_owned(),
            });
        }
        let by_project = services.iter().flat_map(|service| {
            service
                .projects
                .iter()
                .map(|slug| (slug.clone(), service.id))
        });
        Entry {
            origin: Origin {
                integration_id: integration.id,
                workspace_id: integration.workspace_id,
                kind,
                name: integration.name,
                service_id: integration.service_id,
                services_by_project: by_project.collect(),
                default_service_id: services
                    .iter()
                    .find(|service| service.is_default)
                    .map(|service| service.id),
                unheld_services: services
                    .iter()
                    .filter(|service| !service.holds_transients)
                    .map(|service| service.id)
                    .collect(),
                routing: None,
                profile: integration.profile,
                service_hooks_trigger: integration.service_hooks_trigger,
                policy: Policy {
                    reopen_window_ms: integration.reopen_window_ms,
                    holds_transients: integration.holds_transients,
                },
            },
            kind,
            key: integration.key,
            secrets,
            is_unsigned: integration.is_unsigned,
            is_default: integration.is_default,
        }
    }
}
