//! Teams, services, repositories, code mappings and the rules.

use super::Put;
use crate::operations::OperationError;
use crate::operations::config_file::{MappingEntry, RepositoryEntry, ServiceEntry, TeamEntry};
use crate::operations::routes::{self, Wanted};
use epicenter_domain::change::{RepositoryFact, RepositoryName};
use epicenter_domain::limits::OWNERS_BYTES;
use epicenter_domain::routing::book::Book;
use epicenter_store::changes::mappings::{self, MappingRecord};
use epicenter_store::changes::repositories;
use epicenter_store::people::owners::{self, ServiceOwner};
use epicenter_store::people::teams::{self, TeamRecord};
use epicenter_store::routing::owner_files::{self, OwnerFile};
use epicenter_store::services::{self, NewService};
use epicenter_store::{StoreError, Tx};
use std::path::Path;

impl Put<'_> {
    pub(super) async fn team(
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

    pub(super) async fn service(
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
            .find(|one| one.slug == entry.slug)
            .cloned();
        if !self.note("service", &entry.slug, old.as_ref(), entry) {
            return Ok(());
        }
        let id = if let Some(id) = self.services.get(&entry.slug) {
            services::rename(tx, *id, &entry.name).await?;
            *id
        } else {
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
        };
        services::set_holds_transients(tx, id, entry.holds_transients).await?;
        if let Some(wanted) = &entry.detection {
            let whose = (place.as_str(), Some(id));
            let old = old.as_ref().and_then(|old| old.detection.as_ref());
            self.detection(tx, whose, (old, wanted)).await?;
        }
        services::set_projects(tx, self.workspace_id, id, &entry.projects).await
    }

    /// Who is responsible, once teams and policies are there.
    pub(super) async fn owner(
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

    pub(super) async fn repository(
        &mut self,
        tx: &mut Tx,
        place: usize,
        entry: &RepositoryEntry,
    ) -> Result<(), StoreError> {
        let place = format!("repositories[{place}]");
        let service_ids = self.service_ids(&format!("{place}.services"), &entry.services);
        if entry
            .codeowners
            .as_ref()
            .is_some_and(|text| text.len() > OWNERS_BYTES)
        {
            let message = format!("must have at most {OWNERS_BYTES} bytes");
            self.fault(format!("{place}.codeowners"), message);
            return Ok(());
        }
        let Some(name) = RepositoryName::parse(&entry.name) else {
            self.fault(format!("{place}.name"), "must be like owner/name");
            return Ok(());
        };
        let clone_path = entry.clone_path.as_deref();
        if clone_path.is_some_and(|path| !Path::new(path).is_absolute()) {
            self.fault(format!("{place}.clone_path"), "must be an absolute path");
        }
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
        repositories::set_services(tx, id, &service_ids).await?;
        if let Some(text) = &entry.codeowners {
            let file = OwnerFile {
                repository_id: id,
                workspace_id: self.workspace_id,
                is_from_clone: false,
                path: String::new(),
                // PostgreSQL's texts cannot hold NUL.
                text: text.replace('\0', "\u{fffd}"),
                read_at: self.now,
            };
            owner_files::save(tx, &file).await?;
        }
        Ok(())
    }

    pub(super) async fn mapping(
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

    pub(super) async fn routes(
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
