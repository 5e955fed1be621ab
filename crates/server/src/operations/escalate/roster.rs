//! Who is behind the targets of a step at this moment.

use epicenter_domain::escalation::calendar::{Span, Zone};
use epicenter_domain::escalation::policy::{Policy, Target};
use epicenter_domain::escalation::quiet::Tell;
use epicenter_domain::escalation::schedule::on_call;
use epicenter_domain::level::Severity;
use epicenter_domain::limits::POLICY_CHAIN;
use epicenter_domain::time::Time;
use epicenter_store::notices::destinations;
use epicenter_store::people::pages_owed::Recipient;
use epicenter_store::people::{escalations, schedules, settings, teams};
use epicenter_store::{StoreError, Tx, users};
use std::collections::BTreeMap;

/// What was looked up in this transaction.
#[derive(Debug, Default)]
pub(super) struct Roster {
    /// Names by user, per workspace.
    people: BTreeMap<i64, BTreeMap<i64, String>>,
    /// Policies by workspace and the first one's id.
    policies: BTreeMap<(i64, i64), Vec<Policy>>,
}

/// Who is told by a step.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Each once: who, why, and when.
    pub(super) recipients: Vec<(Recipient, String, Time)>,
    /// Their names, with what is special about them.
    pub(super) names: Vec<String>,
    /// What was in vain: sentences.
    pub(super) gaps: Vec<String>,
}

/// One person or destination behind a target.
struct Found {
    to: Recipient,
    name: String,
    why: String,
    /// On duty at this moment: quiet hours do not count.
    is_on_duty: bool,
}

impl Roster {
    /// The policy and those that follow it, as they are now.
    pub(super) async fn policies(
        &mut self,
        tx: &mut Tx,
        workspace_id: i64,
        first: i64,
    ) -> Result<Vec<Policy>, StoreError> {
        if let Some(known) = self.policies.get(&(workspace_id, first)) {
            return Ok(known.clone());
        }
        let mut policies = Vec::new();
        let mut next = Some(first);
        while let Some(id) = next.filter(|_| policies.len() < POLICY_CHAIN) {
            let found = escalations::by_id(tx, workspace_id, id).await?;
            next = found.as_ref().and_then(|record| record.policy.then);
            policies.extend(found.map(|record| record.policy));
        }
        self.policies
            .insert((workspace_id, first), policies.clone());
        Ok(policies)
    }

    async fn people(
        &mut self,
        tx: &mut Tx,
        workspace_id: i64,
    ) -> Result<BTreeMap<i64, String>, StoreError> {
        if let Some(known) = self.people.get(&workspace_id) {
            return Ok(known.clone());
        }
        let all = users::list(tx, workspace_id).await?;
        let names: BTreeMap<_, _> = all.into_iter().map(|user| (user.id, user.name)).collect();
        self.people.insert(workspace_id, names.clone());
        Ok(names)
    }

    /// Who is told by a step with these targets, and when.
    pub(super) async fn whom(
        &mut self,
        tx: &mut Tx,
        (workspace_id, severity): (i64, Severity),
        targets: &[Target],
        now: Time,
    ) -> Result<Told, StoreError> {
        let people = self.people(tx, workspace_id).await?;
        let mut told = Told::default();
        let mut all: Vec<Found> = Vec::new();
        for target in targets {
            let looked_up = match target {
                Target::Person(id) => Ok(vec![person(&people, *id, "named by the step")]),
                Target::Team(id) => members(tx, workspace_id, *id, &people).await?,
                Target::Schedule(id) => duty(tx, (workspace_id, *id), &people, now).await?,
                Target::Destination(id) => destination(tx, workspace_id, *id).await?,
            };
            match looked_up {
                Ok(found) => {
                    if found.iter().any(Option::is_none) {
                        let gap = "A person of this step has no account any more.";
                        told.gaps.push(gap.to_owned());
                    }
                    all.extend(found.into_iter().flatten());
                }
                Err(gap) => told.gaps.push(gap),
            }
        }
        add(tx, &mut told, all, (severity, now)).await?;
        Ok(told)
    }
}

/// Each recipient once, at the end of their quiet hours unless they are on duty.
async fn add(
    tx: &mut Tx,
    told: &mut Told,
    mut all: Vec<Found>,
    (severity, now): (Severity, Time),
) -> Result<(), StoreError> {
    // Who is on duty as well as named is on duty.
    all.sort_by_key(|found| !found.is_on_duty);
    let ids = all.iter().filter_map(|found| match found.to {
        Recipient::Person(id) => Some(id),
        Recipient::Destination(_) => None,
    });
    let settings = settings::of_users(tx, &ids.collect::<Vec<_>>()).await?;
    for found in all {
        if told.recipients.iter().any(|(to, ..)| *to == found.to) {
            continue;
        }
        let set = match found.to {
            Recipient::Person(id) if !found.is_on_duty => settings.get(&id),
            Recipient::Person(_) | Recipient::Destination(_) => None,
        };
        let quiet = set.and_then(|set| Some((set.quiet_hours.as_ref()?, &set.zone)));
        match quiet.map(|(quiet, zone)| (quiet.tell(zone, severity, now), zone)) {
            Some((Tell::Later(at), zone)) => {
                let until = clock(zone, at);
                told.names
                    .push(format!("{} (quiet hours until {until})", found.name));
                let why = format!("{}, after quiet hours", found.why);
                told.recipients.push((found.to, why, at));
            }
            Some((Tell::Now, _)) | None => {
                told.names.push(found.name);
                told.recipients.push((found.to, found.why, now));
            }
        }
    }
    Ok(())
}

/// `Mon 07:00`, on the wall clock of the zone.
fn clock(zone: &Zone, at: Time) -> String {
    zone.wall(at).strftime("%a %H:%M").to_string()
}

fn person(people: &BTreeMap<i64, String>, id: i64, why: &str) -> Option<Found> {
    let name = people.get(&id)?;
    Some(Found {
        to: Recipient::Person(id),
        name: name.clone(),
        why: why.to_owned(),
        is_on_duty: false,
    })
}

async fn destination(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<Result<Vec<Option<Found>>, String>, StoreError> {
    let Some(record) = destinations::by_id(tx, workspace_id, id).await? else {
        return Ok(Err("The destination of this step was deleted.".to_owned()));
    };
    Ok(Ok(vec![Some(Found {
        to: Recipient::Destination(id),
        name: record.name,
        why: "named by the step".to_owned(),
        is_on_duty: true,
    })]))
}

async fn members(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
    people: &BTreeMap<i64, String>,
) -> Result<Result<Vec<Option<Found>>, String>, StoreError> {
    let Some(team) = teams::by_id(tx, workspace_id, id).await? else {
        return Ok(Err("The team of this step was deleted.".to_owned()));
    };
    if team.members.is_empty() {
        return Ok(Err(format!("The team “{}” has no members.", team.name)));
    }
    let why = format!("member of “{}”", team.name);
    let found = team.members.iter().map(|id| person(people, *id, &why));
    Ok(Ok(found.collect()))
}

async fn duty(
    tx: &mut Tx,
    (workspace_id, id): (i64, i64),
    people: &BTreeMap<i64, String>,
    now: Time,
) -> Result<Result<Vec<Option<Found>>, String>, StoreError> {
    let Some(record) = schedules::by_id(tx, workspace_id, id).await? else {
        return Ok(Err("The schedule of this step was deleted.".to_owned()));
    };
    let moment = Span {
        from: now,
        until: now.plus_ms(1),
    };
    let schedule = schedules::whole(tx, &record, moment).await?;
    let Some(person_id) = on_call(&schedule, now) else {
        return Ok(Err(format!("Nobody is on call in “{}”.", record.name)));
    };
    let why = format!("on call in “{}”", record.name);
    let found = person(people, person_id, &why).map(|found| Found {
        name: format!("{} (on call in “{}”)", found.name, record.name),
        is_on_duty: true,
        ..found
    });
    Ok(Ok(vec![found]))
}
