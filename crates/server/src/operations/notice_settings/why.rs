//! Why somebody was told of an incident, or not.

use epicenter_domain::incident::Incident;
use epicenter_domain::routing::{Stage, Verdict};
use epicenter_domain::time::Time;
use epicenter_store::notices::destinations::{self, DestinationRecord, TakesObservations};
use epicenter_store::notices::outbox::{self, OutboxFilter, OutboxRecord};
use epicenter_store::notices::plans::{self, Told};
use epicenter_store::{StoreError, Tx, services};
use std::collections::BTreeMap;

/// Newest notices of an incident that are looked at: a page of them.
const NOTICES: i64 = 100;

/// What is known about one destination and one incident.
#[derive(Clone, Debug)]
pub struct Account {
    /// The destination.
    pub destination: DestinationRecord,
    /// What holds, and why.
    pub answer: Answer,
    /// When it was decided.
    pub planned_at: Option<Time>,
    /// When it was last told anything of the incident.
    pub told_at: Option<Time>,
    /// Notices about the incident there, newest first.
    pub sent: Vec<OutboxRecord>,
}

/// A verdict in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// `notify`, `suppress`, `wait`, `not_addressed` or `pending`.
    pub verdict: &'static str,
    /// Which stage says so.
    pub stage: Option<&'static str>,
    /// Why, as a sentence.
    pub reason: String,
    /// When that may change by itself.
    pub until: Option<Time>,
}

/// What is known about every destination and this incident.
pub async fn accounts(tx: &mut Tx, incident: &Incident) -> Result<Vec<Account>, StoreError> {
    let workspace_id = incident.workspace_id;
    let all = services::list(tx, workspace_id).await?;
    let names: BTreeMap<i64, String> = all.into_iter().map(|one| (one.id, one.name)).collect();
    let told = plans::told(tx, incident.id).await?;
    let filter = OutboxFilter {
        incident_id: Some(incident.id),
        ..OutboxFilter::default()
    };
    let sent = outbox::list(tx, workspace_id, &filter, (None, NOTICES)).await?;
    let destinations = destinations::list(tx, workspace_id).await?;
    Ok(destinations
        .into_iter()
        .map(|destination| {
            let told = told.iter().find(|one| one.destination_id == destination.id);
            let is_here = |record: &&OutboxRecord| record.destination_id == Some(destination.id);
            let objection = not_heard_because(&destination, incident, &names);
            Account {
                answer: answer(objection, told, destination.is_enabled),
                planned_at: told.map(|told| told.planned_at),
                told_at: told.and_then(|told| told.log.told_at),
                sent: sent.items.iter().filter(is_here).cloned().collect(),
                destination,
            }
        })
        .collect())
}

/// What it was told as firing it also hears the end of, whatever was changed since.
fn answer(objection: Option<String>, told: Option<&Told>, is_enabled: bool) -> Answer {
    let is_owed = is_enabled && told.is_some_and(|told| !told.log.firing.is_empty());
    match (objection.filter(|_| !is_owed), told) {
        (Some(reason), _) => Answer {
            verdict: "not_addressed",
            stage: None,
            reason,
            until: None,
        },
        (None, Some(told)) => in_words(&told.verdict),
        (None, None) => Answer {
            verdict: "pending",
            stage: None,
            reason: "Nothing was decided yet; that takes a moment after each change".to_owned(),
            until: None,
        },
    }
}

fn in_words(verdict: &Verdict) -> Answer {
    let (word, stage) = match verdict {
        Verdict::Notify { .. } => ("notify", None),
        Verdict::Suppress { stage, .. } => ("suppress", Some(*stage)),
        Verdict::Wait { stage, .. } => ("wait", Some(*stage)),
    };
    Answer {
        verdict: word,
        stage: stage.map(stage_word),
        reason: verdict.reason().to_owned(),
        until: verdict.again_at(),
    }
}

fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Transient => "transient",
        Stage::Snooze => "snooze",
        Stage::Silence => "silence",
        Stage::Maintenance => "maintenance",
        Stage::Inhibition => "inhibition",
        Stage::Storm => "storm",
        Stage::Flapping => "flapping",
        Stage::Timing => "timing",
        Stage::QuietHours => "quiet_hours",
        Stage::DestinationLimit => "destination_limit",
        Stage::PersonLimit => "person_limit",
    }
}

/// Why it does not hear of the incident, as a sentence; `None`: it does.
fn not_heard_because(
    destination: &DestinationRecord,
    incident: &Incident,
    services: &BTreeMap<i64, String>,
) -> Option<String> {
    if !destination.is_enabled {
        return Some(match &destination.disabled_why {
            Some(why) => format!("It is disabled because it took no notices any more: {why}"),
            None => "It is disabled: a person switched it off".to_owned(),
        });
    }
    if destination.settings.observations == TakesObservations::Only {
        return Some("It takes the observations of the memory, and no notices".to_owned());
    }
    let own = &destination.services;
    let is_its_service = incident.service_id.is_some_and(|id| own.contains(&id));
    if !own.is_empty() && !is_its_service {
        let name = |id: &i64| services.get(id).map_or("a deleted service", String::as_str);
        let names: Vec<&str> = own.iter().map(name).collect();
        let plural = if names.len() == 1 { "" } else { "s" };
        return Some(format!(
            "It hears only of the service{plural} {}",
            names.join(", ")
        ));
    }
    let least = destination.settings.least_severity;
    let least = least.filter(|least| incident.severity < *least)?;
    Some(format!(
        "It hears only of {} and worse, and this is {}",
        least.as_str(),
        incident.severity.as_str()
    ))
}
