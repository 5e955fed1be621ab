//! Puts what the file says into the store, kind by kind: what others name comes first.

use super::export::all_schedules;
use super::import::{Outcome, Step};
use super::{
    ConfigFile, DestinationEntry, EscalationEntry, LayerEntry, MappingEntry, RepositoryEntry,
    ScheduleEntry, ServiceEntry, TeamEntry,
};
use crate::ids::Ids;
use crate::operations::OperationError;
use crate::operations::accounts::random_hex;
use crate::operations::notice_settings::kinds::Kind;
use crate::operations::notice_settings::target::{WantedTarget, build};
use crate::operations::people::{all_escalations, teams as people_teams};
use crate::operations::routes::{self, Wanted};
use epicenter_domain::change::{RepositoryFact, RepositoryName};
use epicenter_domain::escalation::calendar::Zone;
use epicenter_domain::escalation::policy::{Policy, Step as PolicyStep, Target, chain};
use epicenter_domain::escalation::schedule::{Layer, Schedule};
use epicenter_domain::limits::NAME_CHARS;
use epicenter_domain::routing::book::Book;
use epicenter_domain::sources::Fault;
use epicenter_domain::time::Time;
use epicenter_store::changes::mappings::{self, MappingRecord};
use epicenter_store::changes::repositories;
use epicenter_store::notices::destinations::{self, DestinationRecord};
use epicenter_store::people::escalations::{self, EscalationRecord};
use epicenter_store::people::owners::{self, ServiceOwner};
use epicenter_store::people::schedules::{self, ScheduleRecord};
use epicenter_store::people::teams::{self, TeamRecord};
use epicenter_store::services::{self, NewService};
use epicenter_store::{StoreError, Tx, users};
use std::collections::BTreeMap;

type IdsByName = BTreeMap<String, i64>;

/// What is known, what was wrong, and what was done.
pub(super) struct Put<'a> {
    ids: &'a Ids,
    now: Time,
    workspace_id: i64,
    before: ConfigFile,
    users: IdsByName,
    teams: IdsByName,
    services: IdsByName,
    destinations: IdsByName,
    schedules: IdsByName,
    escalations: IdsByName,
    repositories: IdsByName,
    pub(super) faults: Vec<Fault>,
    pub(super) steps: Vec<Step>,
}

impl<'a> Put<'a> {
    pub(super) async fn load(
        tx: &mut Tx,
        (ids, now): (&'a Ids, Time),
        workspace_id: i64,
        before: ConfigFile,
    ) -> Result<Self, StoreError> {
        let users = users::list(tx, workspace_id).await?;
        let teams = people_teams::all(tx, workspace_id).await?;
        let services = services::list(tx, workspace_id).await?;
        let destinations = destinations::list(tx, workspace_id).await?;
        let schedules = all_schedules(tx, workspace_id).await?;
        let escalations = all_escalations(tx, workspace_id).await?;
        let repositories = repositories::list(tx, workspace_id).await?;
        Ok(Self {
            ids,
            now,
            workspace_id,
            before,
            users: users.into_iter().map(|one| (one.email, one.id)).collect(),
            teams: teams.into_iter().map(|one| (one.name, one.id)).collect(),
            services: services.into_iter().map(|one| (one.slug, one.id)).collect(),
            destinations: destinations
                .into_iter()
                .map(|one| (one.name, one.id))
                .collect(),
            schedules: schedules
                .into_iter()
                .map(|one| (one.name, one.id))
                .collect(),
            escalations: (escalations.into_iter())
                .map(|one| (one.policy.name, one.id))
                .collect(),
            repositories: repositories
                .into_iter()
                .map(|one| (one.name, one.id))
                .collect(),
            faults: Vec::new(),
            steps: Vec::new(),
        })
    }

    /// All of the file. What is wrong with it is collected in `faults`.
    pub(super) async fn everything(
        &mut self,
        tx: &mut Tx,
        file: &ConfigFile,
        actor: &str,
    ) -> Result<(), OperationError> {
        for (place, entry) in file.teams.iter().enumerate() {
            self.team(tx, place, entry).await?;
        }
        for (place, entry) in file.services.iter().enumerate() {
            self.service(tx, place, entry).await?;
        }
        for (place, entry) in file.destinations.iter().enumerate() {
            self.destination(tx, place, entry).await?;
        }
        for (place, entry) in file.schedules.iter().enumerate() {
            self.schedule(tx, place, entry).await?;
        }
        self.policies(tx, &file.escalations).await?;
        for (place, entry) in file.services.iter().enumerate() {
            self.owner(tx, place, entry).await?;
        }
        for (place, entry) in file.repositories.iter().enumerate() {
            self.repository(tx, place, entry).await?;
        }
        for (place, entry) in file.code_mappings.iter().enumerate() {
            self.mapping(tx, place, entry).await?;
        }
        if !self.faults.is_empty() {
            // The rules may name what could not be made.
            return Ok(());
        }
        match &file.routes {
            Some(book) => self.routes(tx, book, actor).await,
            None => Ok(()),
        }
    }

    fn fault(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.faults.push(Fault {
            field: field.into(),
            message: message.into(),
        });
    }

    /// Notes what becomes of a thing; answers whether there is anything to do.
    fn note<T: PartialEq>(
        &mut self,
        kind: &'static str,
        name: &str,
        old: Option<&T>,
        new: &T,
    ) -> bool {
        let outcome = match old {
            None => Outcome::Created,
            Some(old) if old == new => Outcome::Same,
            Some(_) => Outcome::Changed,
        };
        self.steps.push(Step {
            kind,
            name: name.to_owned(),
            outcome,
        });
        outcome != Outcome::Same
    }

    fn has_name(&mut self, place: &str, name: &str) -> bool {
        let length = name.chars().count();
        let is_fine = name.trim() == name && (1..=NAME_CHARS).contains(&length);
        if !is_fine {
            let message =
                format!("must be 1 to {NAME_CHARS} characters without spaces around them");
            self.fault(place, message);
        }
        is_fine
    }

    fn known(&mut self, kind: &str, place: String, id: Option<i64>, name: &str) -> Option<i64> {
        if id.is_none() {
            self.fault(place, format!("there is no {kind} {name:?}"));
        }
        id
    }

    fn user_ids(&mut self, place: &str, emails: &[String]) -> Vec<i64> {
        let found = emails.iter().enumerate().filter_map(|(index, email)| {
            let id = self.users.get(&email.to_lowercase()).copied();
            self.known("user", format!("{place}[{index}]"), id, email)
        });
        found.collect()
    }

    fn service_ids(&mut self, place: &str, slugs: &[String]) -> Vec<i64> {
        let found = slugs.iter().enumerate().filter_map(|(index, slug)| {
            let id = self.services.get(slug).copied();
            self.known("service", format!("{place}[{index}]"), id, slug)
        });
        found.collect()
    }

    async fn team(
        &mut self,
        tx: &mut Tx,
        place: usize,
        entry: &TeamEntry,
    ) -> Result<(), StoreError> {
        let place = format!("teams[{place}]");
        if !self.has_name(&format!("{place}.name"), &entry.name) {
            return Ok(());
        }
        let members = self.user_ids(&format!("{place}.members"), &entry.members);
        let old = self.before.teams.iter().find(|one| one.name == entry.name);
        if !self.note("team", &entry.name, old.cloned().as_ref(), entry) {
            return Ok(());
        }
        if let Some(id) = self.teams.get(&entry.name) {
            return teams::set_members(tx, *id, &members).await;
        }
        let id = self.ids.next(self.now);
        self.teams.insert(entry.name.clone(), id);
        let record = TeamRecord {
            id,
            workspace_id: self.workspace_id,
            name: entry.name.clone(),
            created_at: self.now,
            members,
        };
        teams::create(tx, &record).await
    }

    async fn service(
        &mut self,
        tx: &mut Tx,
        place: usize,
        entry: &ServiceEntry,
    ) -> Result<(), StoreError> {
        let place = format!("services[{place}]");
        let has_slug = self.has_name(&format!("{place}.slug"), &entry.slug);
        if !self.has_name(&format!("{place}.name"), &entry.name) || !has_slug {
            return Ok(());
        }
        let old = self
            .before
            .services
            .iter()
            .find(|one| one.slug == entry.slug);
        if !self.note("service", &entry.slug, old.cloned().as_ref(), entry) {
            return Ok(());
        }
        let id = match self.services.get(&entry.slug) {
            Some(id) => {
                services::rename(tx, *id, &entry.name).await?;
                *id
            }
            None => {
                let new = NewService {
                    id: self.ids.next(self.now),
                    workspace_id: self.workspace_id,
                    name: entry.name.clone(),
                    slug: entry.slug.clone(),
                    is_default: false,
                    created_at: self.now,
                };
                services::create(tx, &new).await?;
                self.services.insert(entry.slug.clone(), new.id);
                new.id
            }
        };
        services::set_projects(tx, self.workspace_id, id, &entry.projects).await
    }

    /// Who is responsible, once teams and policies are there.
    async fn owner(
        &mut self,
        tx: &mut Tx,
        place: usize,
        entry: &ServiceEntry,
    ) -> Result<(), StoreError> {
        let place = format!("services[{place}]");
        let team_id = entry.team.as_ref().and_then(|name| {
            let id = self.teams.get(name).copied();
            self.known("team", format!("{place}.team"), id, name)
        });
        let escalation_id = entry.escalation.as_ref().and_then(|name| {
            let id = self.escalations.get(name).copied();
            self.known("escalation policy", format!("{place}.escalation"), id, name)
        });
        let Some(id) = self.services.get(&entry.slug).copied() else {
            return Ok(());
        };
        let owner = ServiceOwner {
            team_id,
            escalation_id,
        };
        owners::set(tx, self.workspace_id, id, owner).await
    }

    async fn destination(
        &mut self,
        tx: &mut Tx,
        place: usize,
        entry: &DestinationEntry,
    ) -> Result<(), StoreError> {
        let place = format!("destinations[{place}]");
        if !self.has_name(&format!("{place}.name"), &entry.name) {
            return Ok(());
        }
        let service_ids = self.service_ids(&format!("{place}.services"), &entry.services);
        let old = self
            .before
            .destinations
            .iter()
            .find(|one| one.name == entry.name);
        if !self.note("destination", &entry.name, old.cloned().as_ref(), entry) {
            return Ok(());
        }
        let id = self.destinations.get(&entry.name).copied();
        let before = match id {
            Some(id) => destinations::by_id(tx, self.workspace_id, id).await?,
            None => None,
        };
        let kind = Kind::parse(&entry.channel);
        let mut wanted = WantedTarget {
            channel: Some(entry.channel.clone()),
            ..WantedTarget::default()
        };
        for (name, value) in &entry.fields {
            match kind.and_then(|kind| kind.field(name)) {
                Some(field) => {
                    wanted.parts.insert(field.name, value.clone());
                }
                None => {
                    let message = format!("{} has no such field", entry.channel);
                    self.fault(format!("{place}.fields.{name}"), message);
                }
            }
        }
        let target = match build(wanted, before.as_ref().map(|one| &one.target)) {
            Ok(target) => target,
            Err(faults) => {
                for fault in faults {
                    let field = fault.field.trim_start_matches("target.");
                    self.fault(format!("{place}.fields.{field}"), fault.message);
                }
                return Ok(());
            }
        };
        let id = id.unwrap_or_else(|| self.ids.next(self.now));
        self.destinations.insert(entry.name.clone(), id);
        let is_same_switch = before
            .as_ref()
            .is_some_and(|one| one.is_enabled == entry.enabled);
        let record = DestinationRecord {
            id,
            workspace_id: self.workspace_id,
            name: entry.name.clone(),
            target,
            settings: entry.settings.clone(),
            services: service_ids.into_iter().collect(),
            is_enabled: entry.enabled,
            disabled_why: (before.as_ref())
                .filter(|_| is_same_switch)
                .and_then(|one| one.disabled_why.clone()),
            failing_since: None,
            created_at: before.map_or(self.now, |one| one.created_at),
        };
        destinations::save(tx, &record).await
    }

    fn layer(&mut self, place: &str, entry: &LayerEntry) -> Layer {
        Layer {
            name: entry.name.clone(),
            participants: self.user_ids(&format!("{place}.participants"), &entry.participants),
            unit: entry.unit,
            every: entry.every,
            starts_on: entry.starts_on,
            hand_over: entry.hand_over,
            windows: entry.windows.clone(),
        }
    }

    async fn schedule(
        &mut self,
        tx: &mut Tx,
        place: usize,
        entry: &ScheduleEntry,
    ) -> Result<(), OperationError> {
        let place = format!("schedules[{place}]");
        let has_name = self.has_name(&format!("{place}.name"), &entry.name);
        let Some(zone) = Zone::parse(&entry.zone) else {
            self.fault(format!("{place}.zone"), "must be an IANA time zone");
            return Ok(());
        };
        let layers = entry.layers.iter().enumerate();
        let layers: Vec<Layer> = layers
            .map(|(index, layer)| self.layer(&format!("{place}.layers[{index}]"), layer))
            .collect();
        let whole = Schedule {
            zone: zone.clone(),
            layers: layers.clone(),
            overrides: Vec::new(),
        };
        let faults = whole.faults();
        let is_sound = faults.is_empty() && has_name;
        for fault in faults {
            self.fault(format!("{place}.{}", fault.field), fault.message);
        }
        let old = self
            .before
            .schedules
            .iter()
            .find(|one| one.name == entry.name);
        if !is_sound || !self.note("schedule", &entry.name, old.cloned().as_ref(), entry) {
            return Ok(());
        }
        if let Some(id) = self.schedules.get(&entry.name) {
            let known = schedules::by_id(tx, self.workspace_id, *id).await?;
            if let Some(mut record) = known {
                (record.zone, record.layers) = (zone, layers);
                schedules::update(tx, &record).await?;
            }
            return Ok(());
        }
        let record = ScheduleRecord {
            id: self.ids.next(self.now),
            workspace_id: self.workspace_id,
            name: entry.name.clone(),
            zone,
            layers,
            feed_key: random_hex(16)?,
            created_at: self.now,
        };
        self.schedules.insert(entry.name.clone(), record.id);
        schedules::create(tx, &record).await?;
        Ok(())
    }

    fn policy(&mut self, place: &str, entry: &EscalationEntry) -> Policy {
        let mut steps = Vec::new();
        for (index, step) in entry.steps.iter().enumerate() {
            let mut targets = Vec::new();
            for (number, name) in step.targets.iter().enumerate() {
                let place = format!("{place}.steps[{index}].targets[{number}]");
                targets.extend(self.target(&place, name));
            }
            steps.push(PolicyStep {
                delay_s: step.delay_s,
                targets,
            });
        }
        Policy {
            name: entry.name.clone(),
            steps,
            repeat: entry.repeat,
            repeat_after_s: entry.repeat_after_s,
            acknowledge_timeout_s: entry.acknowledge_timeout_s,
            then: None,
        }
    }

    fn target(&mut self, place: &str, text: &str) -> Option<Target> {
        let (kind, name) = text.split_once(':').unwrap_or(("", text));
        let found = match kind {
            "person" => self
                .users
                .get(&name.to_lowercase())
                .map(|id| Target::Person(*id)),
            "team" => self.teams.get(name).map(|id| Target::Team(*id)),
            "schedule" => self.schedules.get(name).map(|id| Target::Schedule(*id)),
            "destination" => self
                .destinations
                .get(name)
                .map(|id| Target::Destination(*id)),
            _ => {
                let message = "must begin with person:, team:, schedule: or destination:";
                self.fault(place, message);
                return None;
            }
        };
        if found.is_none() {
            self.fault(place, format!("there is no {kind} {name:?}"));
        }
        found
    }

    /// All policies: made first, then linked, for they may name each other.
    async fn policies(
        &mut self,
        tx: &mut Tx,
        entries: &[EscalationEntry],
    ) -> Result<(), StoreError> {
        let mut changed = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let place = format!("escalations[{index}]");
            let policy = self.policy(&place, entry);
            for fault in policy.faults() {
                self.fault(format!("{place}.{}", fault.field), fault.message);
            }
            let old = self
                .before
                .escalations
                .iter()
                .find(|one| one.name == entry.name);
            if !self.note(
                "escalation policy",
                &entry.name,
                old.cloned().as_ref(),
                entry,
            ) {
                continue;
            }
            if !self.escalations.contains_key(&entry.name) {
                let record = EscalationRecord {
                    id: self.ids.next(self.now),
                    workspace_id: self.workspace_id,
                    policy: policy.clone(),
                    created_at: self.now,
                };
                escalations::create(tx, &record).await?;
                self.escalations.insert(entry.name.clone(), record.id);
            }
            changed.push((place, entry, policy));
        }
        for (place, entry, mut policy) in changed {
            policy.then = entry.then.as_ref().and_then(|name| {
                let id = self.escalations.get(name).copied();
                self.known("escalation policy", format!("{place}.then"), id, name)
            });
            if let Some(id) = self.escalations.get(&entry.name) {
                escalations::update(tx, self.workspace_id, *id, &policy).await?;
            }
        }
        let all = all_escalations(tx, self.workspace_id).await?;
        let then: BTreeMap<i64, Option<i64>> =
            all.iter().map(|one| (one.id, one.policy.then)).collect();
        for first in then.keys() {
            if let Err(error) = chain(*first, &then) {
                self.fault("escalations", error.to_string());
                break;
            }
        }
        Ok(())
    }

    async fn repository(
        &mut self,
        tx: &mut Tx,
        place: usize,
        entry: &RepositoryEntry,
    ) -> Result<(), StoreError> {
        let place = format!("repositories[{place}]");
        let service_ids = self.service_ids(&format!("{place}.services"), &entry.services);
        let Some(name) = RepositoryName::parse(&entry.name) else {
            self.fault(format!("{place}.name"), "must be like owner/name");
            return Ok(());
        };
        let old = self
            .before
            .repositories
            .iter()
            .find(|one| one.name == entry.name);
        if !self.note("repository", &entry.name, old.cloned().as_ref(), entry) {
            return Ok(());
        }
        let fact = RepositoryFact {
            name,
            provider: "other",
            url: None,
            default_branch: None,
        };
        let new_id = self.ids.next(self.now);
        let id = repositories::ensure(tx, self.workspace_id, &fact, new_id, self.now).await?;
        self.repositories.insert(entry.name.clone(), id);
        repositories::set_clone_path(tx, id, entry.clone_path.as_deref()).await?;
        repositories::set_services(tx, id, &service_ids).await
    }

    async fn mapping(
        &mut self,
        tx: &mut Tx,
        place: usize,
        entry: &MappingEntry,
    ) -> Result<(), StoreError> {
        let place = format!("code_mappings[{place}].repository");
        let id = self.repositories.get(&entry.repository).copied();
        let Some(repository_id) = self.known("repository", place, id, &entry.repository) else {
            return Ok(());
        };
        let is_it = |one: &&MappingEntry| {
            one.project == entry.project
                && one.repository == entry.repository
                && one.stack_prefix == entry.stack_prefix
        };
        let old = self.before.code_mappings.iter().find(is_it);
        let name = format!("{} {}", entry.project, entry.stack_prefix);
        if !self.note("code mapping", name.trim(), old.cloned().as_ref(), entry) {
            return Ok(());
        }
        let record = MappingRecord {
            id: self.ids.next(self.now),
            workspace_id: self.workspace_id,
            project: entry.project.to_lowercase(),
            repository_id,
            stack_prefix: entry.stack_prefix.clone(),
            source_prefix: entry.source_prefix.clone(),
            is_confirmed: true,
            match_count: 0,
            created_at: self.now,
        };
        mappings::save(tx, &record).await
    }

    async fn routes(
        &mut self,
        tx: &mut Tx,
        book: &Book,
        actor: &str,
    ) -> Result<(), OperationError> {
        let old = self.before.routes.clone();
        if !self.note("routes", "rules", old.as_ref(), book) {
            return Ok(());
        }
        let wanted = Wanted {
            book: book.clone(),
            comment: "Imported".to_owned(),
            base: routes::current(tx, self.workspace_id).await?.number,
        };
        match routes::put(tx, (self.workspace_id, actor), wanted, self.now).await {
            Ok(_) => Ok(()),
            Err(OperationError::Faults(faults)) => {
                for fault in faults {
                    self.fault(format!("routes.{}", fault.field), fault.message);
                }
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}
