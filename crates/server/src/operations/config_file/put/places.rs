//! Destinations.

use super::Put;
use crate::limits::DESTINATIONS;
use crate::operations::config_file::DestinationEntry;
use crate::operations::digests;
use crate::operations::notice_settings::destinations::settings_faults;
use crate::operations::notice_settings::kinds::Kind;
use crate::operations::notice_settings::target::{WantedTarget, build};
use epicenter_domain::notification::Target;
use epicenter_store::notices::destinations::{self, DestinationRecord};
use epicenter_store::notices::digests::DigestOwner;
use epicenter_store::{StoreError, Tx};

impl Put<'_> {
    pub(super) async fn destination(
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
        let old_target = before.as_ref().map(|one| &one.target);
        let Some(target) = self.channel(&place, entry, old_target) else {
            return Ok(());
        };
        for fault in settings_faults(&entry.settings, target.channel()) {
            // The file counts in milliseconds.
            let field = match fault.field.strip_suffix("_s") {
                Some(field) => format!("{field}_ms"),
                None => fault.field,
            };
            self.fault(format!("{place}.settings.{field}"), fault.message);
        }
        if id.is_none() && self.destinations.len() >= DESTINATIONS {
            let message = format!("there are {DESTINATIONS} destinations already");
            self.fault(format!("{place}.name"), message);
        }
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
        destinations::save(tx, &record).await?;
        let owner = (self.workspace_id, DigestOwner::Destination(record.id));
        digests::plan(self.now, tx, owner, record.settings.digest.as_ref()).await
    }

    /// The channel with its fields; none, if something is wrong with it.
    fn channel(
        &mut self,
        place: &str,
        entry: &DestinationEntry,
        before: Option<&Target>,
    ) -> Option<Target> {
        let kind = Kind::parse(&entry.channel);
        let mut wanted = WantedTarget {
            channel: Some(entry.channel.clone()),
            ..WantedTarget::default()
        };
        for (name, value) in &entry.fields {
            if let Some(field) = kind.and_then(|kind| kind.field(name)) {
                wanted.parts.insert(field.name, value.clone());
            } else {
                let message = format!("{} has no such field", entry.channel);
                self.fault(format!("{place}.fields.{name}"), message);
            }
        }
        match build(wanted, before) {
            Ok(target) => Some(target),
            Err(faults) => {
                for fault in faults {
                    let field = fault.field.trim_start_matches("target.");
                    self.fault(format!("{place}.fields.{field}"), fault.message);
                }
                None
            }
        }
    }
}
