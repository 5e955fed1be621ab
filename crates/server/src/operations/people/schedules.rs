//! Schedules, their overrides and the keys of their calendars.

use super::{all_schedules, fault, must_be_sound, must_be_unnamed, must_have_room, user_ids};
use crate::app::App;
use crate::operations::OperationError;
use crate::operations::accounts::random_hex;
use crate::operations::integrations::name;
use epicenter_domain::escalation::calendar::{ClockTime, Date, Day, Span, Window, Zone};
use epicenter_domain::escalation::policy::Target;
use epicenter_domain::escalation::schedule::{Layer, Override, Schedule, TurnUnit};
use epicenter_domain::limits::OVERRIDE_MS;
use epicenter_domain::sources::Fault;
use epicenter_domain::time::Time;
use epicenter_store::Tx;
use epicenter_store::people::overrides;
use epicenter_store::people::schedules::{self, ScheduleRecord};

/// Bytes of the unguessable part of a calendar's address.
const FEED_KEY_BYTES: usize = 24;

/// A schedule as it should be, still in words.
#[derive(Clone, Debug)]
pub struct WantedSchedule {
    /// Name.
    pub name: String,
    /// IANA time zone.
    pub zone: String,
    /// Layers, lowest first.
    pub layers: Vec<WantedLayer>,
}

/// A layer as it should be, still in words.
#[derive(Clone, Debug)]
pub struct WantedLayer {
    /// Name.
    pub name: String,
    /// Users, in the order of their turns; none where an id is no user's.
    pub participants: Vec<Option<i64>>,
    /// `hours`, `days` or `weeks`.
    pub unit: String,
    /// Units of one turn.
    pub every: u16,
    /// `2026-11-23`
    pub starts_on: String,
    /// `09:00`
    pub hand_over: String,
    /// When the layer is on.
    pub windows: Vec<WantedWindow>,
}

/// A window of the week, still in words.
#[derive(Clone, Debug)]
pub struct WantedWindow {
    /// `monday`…
    pub days: Vec<String>,
    /// `09:00`
    pub from: String,
    /// `17:00`
    pub until: String,
}

const NOT_A_TIME: &str = "must be a time of day such as 09:00";

/// Reads windows; what is wrong goes to the faults.
pub(super) fn windows(wanted: &[WantedWindow], path: &str, faults: &mut Vec<Fault>) -> Vec<Window> {
    let mut windows = Vec::new();
    for (place, one) in wanted.iter().enumerate() {
        let path = format!("{path}[{place}]");
        let days: Option<Vec<Day>> = one.days.iter().map(|word| Day::parse(word)).collect();
        if days.is_none() {
            let text = "must be days such as monday";
            faults.push(fault(format!("{path}.days"), text));
        }
        let mut clock = |field: &str, text: &str| {
            let time = ClockTime::parse(text);
            if time.is_none() {
                faults.push(fault(format!("{path}.{field}"), NOT_A_TIME));
            }
            time
        };
        let (from, until) = (clock("from", &one.from), clock("until", &one.until));
        if let (Some(days), Some(from), Some(until)) = (days, from, until) {
            windows.push(Window { days, from, until });
        }
    }
    windows
}

impl WantedLayer {
    fn read(&self, path: &str, faults: &mut Vec<Fault>) -> Option<Layer> {
        let before = faults.len();
        for (place, id) in self.participants.iter().enumerate() {
            if id.is_none() {
                let field = format!("{path}.participants[{place}]");
                faults.push(fault(field, "is no user"));
            }
        }
        let mut wrong = |field: &str, text: &str| {
            faults.push(fault(format!("{path}.{field}"), text));
        };
        let unit = TurnUnit::parse(&self.unit);
        if unit.is_none() {
            wrong("unit", "must be hours, days or weeks");
        }
        let starts_on = Date::parse(&self.starts_on);
        if starts_on.is_none() {
            wrong("starts_on", "must be a date such as 2026-11-23");
        }
        let hand_over = ClockTime::parse(&self.hand_over);
        if hand_over.is_none() {
            wrong("hand_over", NOT_A_TIME);
        }
        let windows = windows(&self.windows, &format!("{path}.windows"), faults);
        if faults.len() > before {
            return None;
        }
        Some(Layer {
            name: self.name.trim().to_owned(),
            participants: self.participants.iter().copied().flatten().collect(),
            unit: unit?,
            every: self.every,
            starts_on: starts_on?,
            hand_over: hand_over?,
            windows,
        })
    }
}

/// Reads and checks; answers name, zone and layers.
async fn read(
    tx: &mut Tx,
    (workspace_id, id): (i64, Option<i64>),
    wanted: &WantedSchedule,
) -> Result<(String, Zone, Vec<Layer>), OperationError> {
    let name = name(&wanted.name)?;
    let all = all_schedules(tx, workspace_id).await?;
    if id.is_none() {
        must_have_room(all.len(), "schedules")?;
    }
    let mut faults = Vec::new();
    let is_same = |other: &ScheduleRecord| Some(other.id) != id && other.name == name;
    if all.iter().any(is_same) {
        faults.push(fault("name", "is taken"));
    }
    let zone = Zone::parse(&wanted.zone);
    if zone.is_none() {
        let text = "must be a time zone such as Europe/Paris";
        faults.push(fault("zone", text));
    }
    let known = user_ids(tx, workspace_id).await?;
    let mut layers = Vec::new();
    for (place, layer) in wanted.layers.iter().enumerate() {
        let mut layer = layer.clone();
        for id in &mut layer.participants {
            *id = id.filter(|id| known.contains(id));
        }
        layers.extend(layer.read(&format!("layers[{place}]"), &mut faults));
    }
    must_be_sound(faults)?;
    let schedule = Schedule {
        zone: zone.unwrap_or_else(Zone::utc),
        layers,
        overrides: Vec::new(),
    };
    must_be_sound(schedule.faults())?;
    Ok((name, schedule.zone, schedule.layers))
}

/// Makes a schedule. Answers its id.
pub async fn create(
    app: &App,
    workspace_id: i64,
    wanted: &WantedSchedule,
) -> Result<i64, OperationError> {
    let now = app.clock.now();
    let feed_key = random_hex(FEED_KEY_BYTES)?;
    let mut tx = app.database.write().await?;
    let (name, zone, layers) = read(&mut tx, (workspace_id, None), wanted).await?;
    let record = ScheduleRecord {
        id: app.ids.next(now),
        workspace_id,
        name,
        zone,
        layers,
        feed_key,
        created_at: now,
    };
    schedules::create(&mut tx, &record).await?;
    tx.commit().await?;
    Ok(record.id)
}

async fn find(tx: &mut Tx, workspace_id: i64, id: i64) -> Result<ScheduleRecord, OperationError> {
    let found = schedules::by_id(tx, workspace_id, id).await?;
    found.ok_or(OperationError::NotFound("schedule"))
}

/// Changes a schedule; its overrides and the address of its calendar stay.
pub async fn change(
    app: &App,
    workspace_id: i64,
    id: i64,
    wanted: &WantedSchedule,
) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    let record = find(&mut tx, workspace_id, id).await?;
    let (name, zone, layers) = read(&mut tx, (workspace_id, Some(id)), wanted).await?;
    let record = ScheduleRecord {
        name,
        zone,
        layers,
        ..record
    };
    schedules::update(&mut tx, &record).await?;
    tx.commit().await?;
    Ok(())
}

/// Deletes a schedule that no escalation policy names.
pub async fn delete(app: &App, workspace_id: i64, id: i64) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    must_be_unnamed(&mut tx, workspace_id, Target::Schedule(id)).await?;
    if !schedules::delete(&mut tx, workspace_id, id).await? {
        return Err(OperationError::NotFound("schedule"));
    }
    tx.commit().await?;
    Ok(())
}

/// Gives the calendar another address: whoever has the old one sees nothing more.
pub async fn rotate_feed(app: &App, workspace_id: i64, id: i64) -> Result<(), OperationError> {
    let feed_key = random_hex(FEED_KEY_BYTES)?;
    let mut tx = app.database.write().await?;
    let record = find(&mut tx, workspace_id, id).await?;
    schedules::update(&mut tx, &ScheduleRecord { feed_key, ..record }).await?;
    tx.commit().await?;
    Ok(())
}

/// Puts somebody on call for a while. Answers the id of the override.
pub async fn add_override(
    app: &App,
    (workspace_id, schedule_id): (i64, i64),
    (person_id, from, until): (i64, Time, Time),
) -> Result<i64, OperationError> {
    let now = app.clock.now();
    let mut tx = app.database.write().await?;
    find(&mut tx, workspace_id, schedule_id).await?;
    let mut faults = Vec::new();
    if !user_ids(&mut tx, workspace_id).await?.contains(&person_id) {
        faults.push(fault("person", "is no user"));
    }
    if until <= from || until <= now {
        faults.push(fault("until", "must be after `from`, and in the future"));
    }
    if until.since_ms(from) > OVERRIDE_MS {
        faults.push(fault("until", "must be at most 90 days after `from`"));
    }
    must_be_sound(faults)?;
    let one = Override {
        id: app.ids.next(now),
        person_id,
        span: Span { from, until },
    };
    overrides::create(&mut tx, schedule_id, &one).await?;
    tx.commit().await?;
    Ok(one.id)
}

/// Takes an override back.
pub async fn remove_override(
    app: &App,
    (workspace_id, schedule_id): (i64, i64),
    id: i64,
) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    find(&mut tx, workspace_id, schedule_id).await?;
    if !overrides::delete(&mut tx, schedule_id, id).await? {
        return Err(OperationError::NotFound("override"));
    }
    tx.commit().await?;
    Ok(())
}
