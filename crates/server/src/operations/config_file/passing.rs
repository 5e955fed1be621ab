//! Writes what holds for a while, and what leads into the workspace.

use super::{InhibitionEntry, IntegrationEntry, OverrideEntry, SilenceEntry};
use crate::limits::PLAN_SILENCES;
use crate::operations::inhibitions::WantedRule;
use epicenter_domain::escalation::calendar::Span;
use epicenter_domain::routing::inhibit::Rule;
use epicenter_domain::routing::mute::Silence;
use epicenter_domain::time::{SECOND_MS, Time};
use epicenter_store::integrations::IntegrationRecord;
use epicenter_store::notices::silences;
use epicenter_store::people::overrides;
use epicenter_store::{StoreError, Tx};
use std::collections::BTreeMap;

/// The overrides of a schedule that are not over.
pub(super) async fn overrides_of(
    tx: &mut Tx,
    schedule_id: i64,
    (users, now): (&BTreeMap<i64, String>, Time),
) -> Result<Vec<OverrideEntry>, StoreError> {
    let from_now = Span {
        from: now,
        until: Time(i64::MAX),
    };
    let all = overrides::within(tx, schedule_id, from_now).await?;
    let entry = |one: epicenter_domain::escalation::schedule::Override| {
        Some(OverrideEntry {
            person: users.get(&one.person_id)?.clone(),
            starts_at: one.span.from.rfc3339(),
            ends_at: one.span.until.rfc3339(),
        })
    };
    Ok(all.into_iter().filter_map(entry).collect())
}

/// The silences that are not over.
pub(super) async fn silences(
    tx: &mut Tx,
    workspace_id: i64,
    now: Time,
) -> Result<Vec<SilenceEntry>, StoreError> {
    let all = silences::ending_after(tx, workspace_id, now, PLAN_SILENCES).await?;
    Ok(all.iter().map(SilenceEntry::from).collect())
}

impl From<&Silence> for SilenceEntry {
    fn from(silence: &Silence) -> Self {
        Self {
            condition: silence.condition.text().to_owned(),
            starts_at: silence.starts_at.rfc3339(),
            ends_at: silence.ends_at.rfc3339(),
            author: silence.author.clone(),
            comment: silence.comment.clone(),
            until: silence.until.clone(),
            schedule: silence.schedule.clone(),
        }
    }
}

/// All integrations, without their secrets.
pub(super) async fn integrations(
    tx: &mut Tx,
    workspace_id: i64,
    services: &BTreeMap<i64, String>,
) -> Result<Vec<IntegrationEntry>, StoreError> {
    let all = epicenter_store::integrations::list(tx, workspace_id).await?;
    let entry = |one: IntegrationRecord| IntegrationEntry {
        kind: one.kind,
        name: one.name,
        is_default: one.is_default,
        service: one.service_id.and_then(|id| services.get(&id).cloned()),
        unsigned: one.is_unsigned,
        profile: one.profile.as_str().to_owned(),
        service_hooks_trigger: one.service_hooks_trigger,
        reopen_window_s: one.reopen_window_ms / SECOND_MS,
        holds_transients: one.holds_transients,
    };
    let own = epicenter_domain::sources::IntegrationKind::Own.as_str();
    let all = all.into_iter().filter(|one| one.kind != own);
    Ok(all.map(entry).collect())
}

impl From<&Rule> for InhibitionEntry {
    fn from(rule: &Rule) -> Self {
        let wanted = WantedRule::from(rule);
        Self {
            name: wanted.name,
            source: wanted.source,
            target: wanted.target,
            equal: wanted.equal,
            equal_if_known: wanted.equal_if_known,
            within_seconds: wanted.within_seconds,
        }
    }
}

impl From<&InhibitionEntry> for WantedRule {
    fn from(entry: &InhibitionEntry) -> Self {
        Self {
            name: entry.name.clone(),
            source: entry.source.clone(),
            target: entry.target.clone(),
            equal: entry.equal.clone(),
            equal_if_known: entry.equal_if_known.clone(),
            within_seconds: entry.within_seconds,
        }
    }
}
