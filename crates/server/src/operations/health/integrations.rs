//! How each sender does.

use super::Scene;
use crate::operations::watch_sources::quiet_sources;
use epicenter_domain::engine::VerdictOutcome;
use epicenter_domain::health::{self, Finding, IntegrationFacts};
use epicenter_domain::sources::IntegrationKind;
use epicenter_store::deliveries::{self, DeliveryFilter};
use epicenter_store::health::counts::{self, NOT_STORED, REFUSED, Tally};
use epicenter_store::integrations::{self, IntegrationRecord, RegistryRecord};
use epicenter_store::{StoreError, Tx};
use std::collections::BTreeMap;

/// Epicenter's own integrations.
pub(super) async fn own(tx: &mut Tx, workspace_id: i64) -> Result<Vec<i64>, StoreError> {
    let all = integrations::list(tx, workspace_id).await?;
    let own = all.into_iter().filter(is_own).map(|one| one.id);
    Ok(own.collect())
}

fn is_own(record: &IntegrationRecord) -> bool {
    record.kind == IntegrationKind::Own.as_str()
}

/// A line for each that is used.
pub(super) async fn findings(
    tx: &mut Tx,
    scene: &Scene<'_>,
    tallies: &[Tally],
) -> Result<Vec<Finding>, StoreError> {
    let heard: BTreeMap<i64, _> = counts::last_heard(tx, scene.workspace_id)
        .await?
        .into_iter()
        .collect();
    let quiet = quiet_sources(tx, scene.now).await?;
    let mut findings = Vec::new();
    for record in integrations::load_registry(tx).await? {
        let integration = &record.integration;
        if integration.workspace_id != scene.workspace_id || is_own(integration) {
            continue;
        }
        let id = integration.id;
        let sum = |wanted: &dyn Fn(&str) -> bool| -> i64 {
            let mine = tallies.iter().filter(|tally| tally.integration_id == id);
            let mine = mine.filter(|tally| wanted(&tally.outcome));
            mine.map(|tally| tally.request_count).sum()
        };
        let refused = sum(&|outcome| outcome == REFUSED);
        let facts = IntegrationFacts {
            name: integration.name.clone(),
            can_receive: can_receive(scene, &record),
            is_default: integration.is_default,
            uninstalled_at: integration.uninstalled_at,
            last_at: heard.get(&id).copied(),
            stored: sum(&|outcome| outcome != REFUSED && outcome != NOT_STORED),
            not_understood: sum(&|outcome| outcome == VerdictOutcome::NotUnderstood.as_str()),
            refused,
            diagnosis: if refused > 0 {
                diagnosis(tx, integration).await?
            } else {
                None
            },
            quiet: quiet.get(&id).copied(),
        };
        findings.extend(health::integration(&facts, scene.now));
    }
    Ok(findings)
}

fn can_receive(scene: &Scene<'_>, record: &RegistryRecord) -> bool {
    let integration = &record.integration;
    let kind = IntegrationKind::parse(&integration.kind);
    let by_environment =
        integration.is_default && kind.is_some_and(|kind| scene.known_kinds.contains(&kind));
    integration.is_unsigned
        || kind == Some(IntegrationKind::Pagerduty)
        || by_environment
        || record
            .secrets
            .iter()
            .any(|secret| secret.is_active(scene.now))
}

/// Why the newest refused request was refused: a sentence with what to do.
async fn diagnosis(
    tx: &mut Tx,
    integration: &IntegrationRecord,
) -> Result<Option<String>, StoreError> {
    let filter = DeliveryFilter {
        integration_id: Some(integration.id),
        outcome: Some(VerdictOutcome::Refused),
        ..DeliveryFilter::default()
    };
    let page = deliveries::list(tx, integration.workspace_id, &filter, None, 1).await?;
    Ok(page.items.into_iter().next().map(|one| one.reason))
}
