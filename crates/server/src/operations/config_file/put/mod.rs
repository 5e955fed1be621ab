//! Puts what the file says into the store, kind by kind: what others name comes first.

mod passing;
mod people;
mod places;
mod things;

use super::ConfigFile;
use super::export::all_schedules;
use super::import::{Outcome, Step};
use crate::operations::OperationError;
use crate::operations::people::{all_escalations, teams as people_teams};
use epicenter_domain::id::IdSource;
use epicenter_domain::limits::NAME_CHARS;
use epicenter_domain::sources::Fault;
use epicenter_domain::time::Time;
use epicenter_store::changes::repositories;
use epicenter_store::notices::destinations;
use epicenter_store::{StoreError, Tx, services, users};
use std::collections::BTreeMap;

type IdsByName = BTreeMap<String, i64>;

/// What is known, what was wrong, and what was done.
pub(super) struct Put<'a> {
    ids: &'a IdSource,
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
        (ids, now): (&'a IdSource, Time),
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
        for (place, entry) in file.integrations.iter().enumerate() {
            self.integration(tx, place, entry).await?;
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
        for (place, entry) in file.silences.iter().enumerate() {
            self.silence(tx, place, entry).await?;
        }
        if let Some(rules) = &file.inhibitions {
            self.inhibitions(tx, rules).await?;
        }
        if let Some(wanted) = &file.detection {
            let old = self.before.detection.clone();
            self.detection(tx, ("detection", None), (old.as_ref(), wanted))
                .await?;
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
        let is_fine = name.trim() == name
            && (1..=NAME_CHARS).contains(&length)
            && !name.chars().any(char::is_control);
        if !is_fine {
            let message = format!(
                "must be one line of 1 to {NAME_CHARS} characters without spaces around them"
            );
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
}
