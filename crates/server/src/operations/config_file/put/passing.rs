//! Integrations, silences, overrides, inhibition and detection.

use super::Put;
use crate::operations::OperationError;
use crate::operations::accounts::random_hex;
use crate::operations::config_file::import::{Outcome, Step};
use crate::operations::config_file::{
    InhibitionEntry, IntegrationEntry, OverrideEntry, SilenceEntry,
};
use crate::operations::detect::checked as checked_detection;
use crate::operations::inhibitions::{WantedRule, checked as checked_rules};
use epicenter_domain::engine::Profile;
use epicenter_domain::escalation::calendar::Span;
use epicenter_domain::escalation::schedule::Override;
use epicenter_domain::routing::Condition;
use epicenter_domain::routing::detect::Detection;
use epicenter_domain::routing::mute::Silence;
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::time::{SECOND_MS, Time};
use epicenter_store::integrations::{self, IntegrationRecord, NewIntegration};
use epicenter_store::notices::{inhibitions, silences};
use epicenter_store::people::overrides;
use epicenter_store::{StoreError, Tx, detection};

impl Put<'_> {
    /// A new one gets a new push URL; its secret is entered by hand, which the import says.
    pub(super) async fn integration(
        &mut self,
        tx: &mut Tx,
        place: usize,
        entry: &IntegrationEntry,
    ) -> Result<(), OperationError> {
        let place = format!("integrations[{place}]");
        let has_name = self.has_name(&format!("{place}.name"), &entry.name);
        let kind = IntegrationKind::parse(&entry.kind);
        let Some(kind) = kind.filter(|kind| *kind != IntegrationKind::Own) else {
            self.fault(format!("{place}.kind"), "is no kind of integration");
            return Ok(());
        };
        let Some(profile) = Profile::parse(&entry.profile) else {
            self.fault(format!("{place}.profile"), "must be level or flashduty");
            return Ok(());
        };
        let service_id = match &entry.service {
            None => None,
            Some(slug) => {
                let id = self.services.get(slug).copied();
                self.known("service", format!("{place}.service"), id, slug)
            }
        };
        let is_it = |one: &&IntegrationEntry| is_same(one, entry);
        let old = self.before.integrations.iter().find(is_it).cloned();
        if !has_name || !self.note("integration", &entry.name, old.as_ref(), entry) {
            return Ok(());
        }
        let all = integrations::list(tx, self.workspace_id).await?;
        let known = all.into_iter().find(|one| {
            one.kind == entry.kind && (one.is_default && entry.is_default || one.name == entry.name)
        });
        let reopen_window_ms = entry.reopen_window_s.max(0).saturating_mul(SECOND_MS);
        if let Some(record) = known {
            let record = IntegrationRecord {
                name: entry.name.clone(),
                service_id,
                is_unsigned: entry.unsigned,
                profile,
                service_hooks_trigger: entry.service_hooks_trigger,
                reopen_window_ms,
                holds_transients: entry.holds_transients,
                ..record
            };
            integrations::update(tx, &record).await?;
            return Ok(());
        }
        let new = NewIntegration {
            id: self.ids.next(self.now),
            workspace_id: self.workspace_id,
            kind: kind.as_str().to_owned(),
            name: entry.name.clone(),
            key: random_hex(16)?,
            is_default: false,
            service_id,
            is_unsigned: entry.unsigned,
            profile,
            service_hooks_trigger: entry.service_hooks_trigger,
            reopen_window_ms,
            holds_transients: entry.holds_transients,
            created_at: self.now,
        };
        integrations::create(tx, &new).await?;
        if !entry.unsigned && kind != IntegrationKind::Pagerduty {
            self.steps.push(Step {
                kind: "secret of the integration",
                name: entry.name.clone(),
                outcome: Outcome::ToEnter,
            });
        }
        Ok(())
    }

    pub(super) async fn silence(
        &mut self,
        tx: &mut Tx,
        place: usize,
        entry: &SilenceEntry,
    ) -> Result<(), StoreError> {
        let place = format!("silences[{place}]");
        let starts_at = self.instant(&format!("{place}.starts_at"), &entry.starts_at);
        let ends_at = self.instant(&format!("{place}.ends_at"), &entry.ends_at);
        let condition = match Condition::parse(&entry.condition) {
            Ok(condition) => Some(condition),
            Err(error) => {
                self.fault(format!("{place}.condition"), error.to_string());
                None
            }
        };
        let (Some(starts_at), Some(ends_at), Some(condition)) = (starts_at, ends_at, condition)
        else {
            return Ok(());
        };
        if ends_at <= starts_at {
            self.fault(format!("{place}.ends_at"), "must be after starts_at");
            return Ok(());
        }
        let is_it = |one: &&SilenceEntry| *one == entry;
        let old = self.before.silences.iter().find(is_it).cloned();
        if ends_at <= self.now || !self.note("silence", &entry.condition, old.as_ref(), entry) {
            return Ok(());
        }
        let silence = Silence {
            id: self.ids.next(self.now),
            condition,
            starts_at,
            ends_at,
            schedule: entry.schedule.clone(),
            until: entry.until.clone(),
            author: entry.author.clone(),
            comment: entry.comment.clone(),
        };
        silences::save(tx, self.workspace_id, &silence).await
    }

    /// Adds the overrides that a schedule does not have yet.
    pub(super) async fn overrides(
        &mut self,
        tx: &mut Tx,
        (place, schedule_id): (&str, i64),
        (old, wanted): (&[OverrideEntry], &[OverrideEntry]),
    ) -> Result<(), StoreError> {
        for (index, entry) in wanted.iter().enumerate() {
            let place = format!("{place}.overrides[{index}]");
            let email = std::slice::from_ref(&entry.person);
            let person = self.user_ids(&format!("{place}.person"), email);
            let from = self.instant(&format!("{place}.starts_at"), &entry.starts_at);
            let until = self.instant(&format!("{place}.ends_at"), &entry.ends_at);
            let (Some(person_id), Some(from), Some(until)) = (person.first().copied(), from, until)
            else {
                continue;
            };
            if until <= from {
                self.fault(format!("{place}.ends_at"), "must be after starts_at");
                continue;
            }
            if until <= self.now || old.contains(entry) {
                continue;
            }
            let one = Override {
                id: self.ids.next(self.now),
                person_id,
                span: Span { from, until },
            };
            overrides::create(tx, schedule_id, &one).await?;
        }
        Ok(())
    }

    pub(super) async fn inhibitions(
        &mut self,
        tx: &mut Tx,
        entries: &Vec<InhibitionEntry>,
    ) -> Result<(), StoreError> {
        let wanted: Vec<WantedRule> = entries.iter().map(WantedRule::from).collect();
        let rules = match checked_rules(&wanted) {
            Ok(rules) => rules,
            Err(error) => {
                self.fault("inhibitions", error.to_string());
                return Ok(());
            }
        };
        let old = self.before.inhibitions.clone();
        if self.note("inhibitions", "rules", old.as_ref(), entries) {
            inhibitions::set_rules(tx, self.workspace_id, &rules).await?;
        }
        Ok(())
    }

    /// What is noticed: of the workspace, or of a service.
    pub(super) async fn detection(
        &mut self,
        tx: &mut Tx,
        (place, service_id): (&str, Option<i64>),
        (old, wanted): (Option<&Detection>, &Detection),
    ) -> Result<(), StoreError> {
        if let Err(error) = checked_detection(wanted) {
            self.fault(place, error.to_string());
            return Ok(());
        }
        let is_new = match service_id {
            None => self.note("detection", "of the workspace", old, wanted),
            Some(_) => old != Some(wanted),
        };
        if is_new {
            let whose = (self.workspace_id, service_id);
            detection::set_settings(tx, whose, wanted).await?;
        }
        Ok(())
    }

    fn instant(&mut self, place: &str, text: &str) -> Option<Time> {
        let at = Time::parse(text);
        if at.is_none() {
            self.fault(place, "must be a time such as 2026-11-21T12:00:00Z");
        }
        at
    }
}

/// Do both mean the same integration?
fn is_same(one: &IntegrationEntry, other: &IntegrationEntry) -> bool {
    one.kind == other.kind && (one.is_default && other.is_default || one.name == other.name)
}
