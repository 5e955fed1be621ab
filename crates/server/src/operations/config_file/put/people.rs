//! Schedules and escalation policies.

use super::Put;
use crate::operations::OperationError;
use crate::operations::accounts::random_hex;
use crate::operations::config_file::{EscalationEntry, LayerEntry, ScheduleEntry};
use crate::operations::people::all_escalations;
use epicenter_domain::escalation::calendar::Zone;
use epicenter_domain::escalation::policy::{Policy, Step as PolicyStep, Target, chain};
use epicenter_domain::escalation::schedule::{Layer, Schedule};
use epicenter_store::people::escalations::{self, EscalationRecord};
use epicenter_store::people::schedules::{self, ScheduleRecord};
use epicenter_store::{StoreError, Tx};
use std::collections::BTreeMap;

impl Put<'_> {
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

    pub(super) async fn schedule(
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
            .find(|one| one.name == entry.name)
            .cloned();
        if !is_sound || !self.note("schedule", &entry.name, old.as_ref(), entry) {
            return Ok(());
        }
        if let Some(id) = self.schedules.get(&entry.name).copied() {
            let known = schedules::by_id(tx, self.workspace_id, id).await?;
            if let Some(mut record) = known {
                (record.zone, record.layers) = (zone, layers);
                schedules::update(tx, &record).await?;
            }
            let known = old.map_or_else(Vec::new, |old| old.overrides);
            let overrides = (known.as_slice(), entry.overrides.as_slice());
            self.overrides(tx, (&place, id), overrides).await?;
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
        let overrides = (&[][..], entry.overrides.as_slice());
        self.overrides(tx, (&place, record.id), overrides).await?;
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
    pub(super) async fn policies(
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
}
