//! Makes, changes and deletes destinations.

use super::target::build;
use super::{WantedTarget, WantedWeekly, commit_with_plans, fault, must_be_sound};
use crate::app::App;
use crate::limits::{DESTINATIONS, NOTICE_RATE, NOTICE_RATES, NOTICE_TIMER_S};
use crate::operations::OperationError;
use crate::operations::people::must_be_unnamed;
use epicenter_domain::escalation::policy::Target as Named;
use epicenter_domain::level::Severity;
use epicenter_domain::limits::NAME_CHARS;
use epicenter_domain::notification::{Channel, Target};
use epicenter_domain::proof::SecretValue;
use epicenter_domain::routing::limits::Rate;
use epicenter_domain::routing::quiet::QuietHours;
use epicenter_domain::routing::{OnJoin, Timers};
use epicenter_domain::sources::Fault;
use epicenter_domain::time::SECOND_MS;
use epicenter_store::notices::destinations::{
    self, DestinationRecord, DestinationSettings, TakesObservations,
};
use epicenter_store::{Tx, services};
use std::collections::BTreeSet;

/// What a destination should be, still in words; what is absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct WantedDestination {
    /// Name.
    pub name: Option<String>,
    /// Channel and its settings.
    pub target: Option<WantedTarget>,
    /// Instead of a target: one URL that says all.
    pub apprise_url: Option<String>,
    /// The services it hears of, none where an id is no service's; empty: all.
    pub services: Option<Vec<Option<i64>>>,
    /// Also that something is over?
    pub wants_resolved: Option<bool>,
    /// Only this and what is worse; empty: all.
    pub least_severity: Option<String>,
    /// Waits and repeats.
    pub timers: WantedTimers,
    /// When it wants no notices, and what is told even then; no windows: never.
    pub quiet: Option<(WantedWeekly, String)>,
    /// At most so many notices within so many seconds.
    pub rates: Option<Vec<(i64, i64)>>,
    /// `no`, `also` or `only`: does it read along in the memory?
    pub observations: Option<String>,
    /// Is anything sent there?
    pub is_enabled: Option<bool>,
}

/// Waits and repeats in seconds; what is absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct WantedTimers {
    /// Before the first notice of a critical incident.
    pub urgent_wait_s: Option<i64>,
    /// Before the first notice of any other.
    pub wait_s: Option<i64>,
    /// From tick to tick.
    pub interval_s: Option<i64>,
    /// Before the same is told again; 0: never.
    pub repeat_s: Option<i64>,
    /// `more_urgent` or `each_alert`.
    pub on_join: Option<String>,
}

impl WantedTimers {
    fn put_into(&self, timers: &mut Timers, faults: &mut Vec<Fault>) {
        for (seconds, place) in [
            (self.urgent_wait_s, &mut timers.urgent_wait_ms),
            (self.wait_s, &mut timers.wait_ms),
            (self.interval_s, &mut timers.interval_ms),
            (self.repeat_s, &mut timers.repeat_ms),
        ] {
            if let Some(seconds) = seconds {
                *place = seconds.saturating_mul(SECOND_MS);
            }
        }
        match self.on_join.as_deref() {
            None => {}
            Some("more_urgent") => timers.on_join = OnJoin::MoreUrgent,
            Some("each_alert") => timers.on_join = OnJoin::EachAlert,
            Some(_) => {
                let text = "must be more_urgent or each_alert";
                faults.push(fault("timers.on_join", text));
            }
        }
    }
}

/// What is known when a destination is checked.
struct Known {
    services: BTreeSet<i64>,
    others: Vec<DestinationRecord>,
}

impl Known {
    async fn load(tx: &mut Tx, workspace_id: i64, own: i64) -> Result<Self, OperationError> {
        let services = services::list(tx, workspace_id).await?;
        let mut others = destinations::list(tx, workspace_id).await?;
        others.retain(|other| other.id != own);
        Ok(Self {
            services: services.into_iter().map(|service| service.id).collect(),
            others,
        })
    }
}

fn put_settings(
    settings: &mut DestinationSettings,
    wanted: &WantedDestination,
    faults: &mut Vec<Fault>,
) {
    if let Some(wants) = wanted.wants_resolved {
        settings.wants_resolved = wants;
    }
    let severity = |field: &str, word: &str, faults: &mut Vec<Fault>| {
        let severity = Severity::parse(word);
        if severity.is_none() {
            let text = "must be critical, error, warning or info";
            faults.push(fault(field, text));
        }
        severity
    };
    match wanted.least_severity.as_deref() {
        None => {}
        Some("") => settings.least_severity = None,
        Some(word) => settings.least_severity = severity("least_severity", word, faults),
    }
    match wanted.observations.as_deref().map(TakesObservations::parse) {
        None => {}
        Some(Some(takes)) => settings.observations = takes,
        Some(None) => faults.push(fault("observations", "must be no, also or only")),
    }
    wanted.timers.put_into(&mut settings.timers, faults);
    if let Some((weekly, word)) = &wanted.quiet {
        let schedule = weekly.read("quiet", faults);
        settings.quiet = schedule.and_then(|schedule| {
            let word = if word.is_empty() { "critical" } else { word };
            let let_through = severity("quiet.let_through", word, faults)?;
            Some(QuietHours {
                schedule,
                let_through,
            })
        });
    }
    if let Some(rates) = &wanted.rates {
        let rate = |(most, within_s): &(i64, i64)| Rate {
            most: usize::try_from(*most).unwrap_or_default(),
            within_ms: within_s.saturating_mul(SECOND_MS),
        };
        settings.rates = rates.iter().map(rate).collect();
    }
}

/// What is wrong with settings, wherever they come from.
pub(in crate::operations) fn settings_faults(
    settings: &DestinationSettings,
    channel: Channel,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let most_ms = NOTICE_TIMER_S * SECOND_MS;
    let timers = &settings.timers;
    for (field, ms) in [
        ("urgent_wait_s", timers.urgent_wait_ms),
        ("wait_s", timers.wait_ms),
        ("interval_s", timers.interval_ms),
        ("repeat_s", timers.repeat_ms),
    ] {
        if !(0..=most_ms).contains(&ms) {
            let text = format!("must be between 0 and {NOTICE_TIMER_S} seconds");
            faults.push(fault(format!("timers.{field}"), text));
        }
    }
    if settings.rates.len() > NOTICE_RATES {
        let text = format!("takes at most {NOTICE_RATES} rates");
        faults.push(fault("rates", text));
    }
    for (place, rate) in settings.rates.iter().enumerate() {
        if !(1..=NOTICE_RATE).contains(&rate.most) {
            let text = format!("must be between 1 and {NOTICE_RATE}");
            faults.push(fault(format!("rates[{place}].most"), text));
        }
        if !(60 * SECOND_MS..=most_ms).contains(&rate.within_ms) {
            let text = format!("must be between 60 and {NOTICE_TIMER_S} seconds");
            faults.push(fault(format!("rates[{place}].within_s"), text));
        }
    }
    if settings.observations != TakesObservations::No && channel != Channel::Webhook {
        let text = "are for webhooks; chats and people would drown in them";
        faults.push(fault("observations", text));
    }
    faults
}

fn read_target(
    wanted: &WantedDestination,
    before: Option<&DestinationRecord>,
) -> Result<Option<Target>, Vec<Fault>> {
    let url = wanted.apprise_url.as_deref().map(str::trim);
    let url = url.filter(|url| !url.is_empty());
    match (url, &wanted.target) {
        (Some(_), Some(_)) => {
            let text = "say either this or the target, not both";
            Err(vec![fault("apprise_url", text)])
        }
        (Some(url), None) => {
            let target = App::target_of_url(url);
            target
                .map(Some)
                .map_err(|error| vec![fault("apprise_url", error)])
        }
        (None, Some(target)) => {
            let before = before.map(|record| &record.target);
            build(target.clone(), before).map(Some)
        }
        (None, None) if before.is_some() => Ok(None),
        (None, None) => Err(vec![fault("target", "is needed: where notices go")]),
    }
}

/// Puts what was wanted into a record, and collects what is wrong.
fn put(record: &mut DestinationRecord, wanted: &WantedDestination, known: &Known) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Some(name) = &wanted.name {
        name.trim().clone_into(&mut record.name);
    }
    let length = record.name.chars().count();
    if length == 0 || length > NAME_CHARS || record.name.chars().any(char::is_control) {
        let text = format!("must be one line of 1 to {NAME_CHARS} characters");
        faults.push(fault("name", text));
    }
    if known.others.iter().any(|other| other.name == record.name) {
        faults.push(fault("name", "is taken"));
    }
    if let Some(ids) = &wanted.services {
        record.services.clear();
        for (place, id) in ids.iter().enumerate() {
            match id.filter(|id| known.services.contains(id)) {
                Some(id) => {
                    record.services.insert(id);
                }
                None => faults.push(fault(format!("services[{place}]"), "is no service")),
            }
        }
    }
    put_settings(&mut record.settings, wanted, &mut faults);
    faults.extend(settings_faults(&record.settings, record.target.channel()));
    if let Some(is_enabled) = wanted.is_enabled {
        record.is_enabled = is_enabled;
        record.disabled_why = None;
        record.failing_since = None;
    }
    faults
}

/// Makes a destination. Answers its id.
pub async fn create(
    app: &App,
    workspace_id: i64,
    wanted: WantedDestination,
) -> Result<i64, OperationError> {
    let now = app.clock.now();
    let mut tx = app.database.write().await?;
    let known = Known::load(&mut tx, workspace_id, 0).await?;
    if known.others.len() >= DESTINATIONS {
        let reason = format!("there are {DESTINATIONS} destinations already");
        return Err(OperationError::Conflict(reason));
    }
    let target = read_target(&wanted, None);
    let (target, mut faults) = match target {
        Ok(target) => (target, Vec::new()),
        Err(faults) => (None, faults),
    };
    let mut record = DestinationRecord {
        id: app.ids.next(now),
        workspace_id,
        name: String::new(),
        target: target.unwrap_or_else(nowhere),
        settings: DestinationSettings::default(),
        services: BTreeSet::new(),
        is_enabled: true,
        disabled_why: None,
        failing_since: None,
        created_at: now,
    };
    faults.extend(put(&mut record, &wanted, &known));
    must_be_sound(faults)?;
    destinations::save(&mut tx, &record).await?;
    commit_with_plans(app, tx, workspace_id).await?;
    Ok(record.id)
}

/// Holds the place of a target that is wrong; never kept.
fn nowhere() -> Target {
    Target::Webhook {
        url: SecretValue::new(""),
        secrets: Vec::new(),
        login: None,
    }
}

/// Changes a destination; secrets that are not sent stay.
pub async fn change(
    app: &App,
    (workspace_id, id): (i64, i64),
    wanted: WantedDestination,
) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    let found = destinations::by_id(&mut tx, workspace_id, id).await?;
    let mut record = found.ok_or(OperationError::NotFound("destination"))?;
    let known = Known::load(&mut tx, workspace_id, id).await?;
    let mut faults = match read_target(&wanted, Some(&record)) {
        Ok(target) => {
            record.target = target.unwrap_or(record.target);
            Vec::new()
        }
        Err(faults) => faults,
    };
    faults.extend(put(&mut record, &wanted, &known));
    must_be_sound(faults)?;
    destinations::save(&mut tx, &record).await?;
    commit_with_plans(app, tx, workspace_id).await?;
    Ok(())
}

/// Deletes a destination that no escalation policy names; what was sent there stays in the log.
pub async fn delete(app: &App, workspace_id: i64, id: i64) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    must_be_unnamed(&mut tx, workspace_id, Named::Destination(id)).await?;
    if !destinations::delete(&mut tx, workspace_id, id).await? {
        return Err(OperationError::NotFound("destination"));
    }
    tx.commit().await?;
    Ok(())
}
