//! How a person is reached, and what they have set: time zone, quiet hours, daily summary.

use super::schedules::{WantedWindow, windows};
use super::{fault, must_be_sound};
use crate::app::App;
use crate::limits::CONTACTS;
use crate::operations::{OperationError, digests};
use epicenter_domain::escalation::calendar::{ClockTime, Zone};
use epicenter_domain::escalation::quiet::QuietHours;
use epicenter_domain::level::Severity;
use epicenter_domain::limits::NAME_CHARS;
use epicenter_store::notices::destinations::{self, DigestTime};
use epicenter_store::notices::digests::DigestOwner;
use epicenter_store::people::contacts::{self, ContactRecord, ContactWay};
use epicenter_store::people::settings::{self, UserSettings};
use epicenter_store::{Tx, users};

async fn must_exist(tx: &mut Tx, workspace_id: i64, user_id: i64) -> Result<(), OperationError> {
    let user = users::by_id(tx, user_id).await?;
    match user.filter(|user| user.workspace_id == workspace_id) {
        Some(_) => Ok(()),
        None => Err(OperationError::NotFound("user")),
    }
}

/// Adds a way to reach a person, after those that are known. Answers its id.
pub async fn add(
    app: &App,
    (workspace_id, user_id): (i64, i64),
    way: ContactWay,
) -> Result<i64, OperationError> {
    let now = app.clock.now();
    if let ContactWay::Email(address) = &way {
        let is_address = address.trim().split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && host.contains('.') && !host.contains('@')
        });
        let is_plain = !address.chars().any(|c| c.is_control() || c.is_whitespace());
        if !is_address || !is_plain || address.chars().count() > NAME_CHARS {
            let message = "must be an e-mail address";
            return Err(OperationError::invalid("address", message));
        }
    }
    let mut tx = app.database.write().await?;
    must_exist(&mut tx, workspace_id, user_id).await?;
    if let ContactWay::Destination(id) = &way
        && destinations::by_id(&mut tx, workspace_id, *id)
            .await?
            .is_none()
    {
        return Err(OperationError::invalid("destination", "is no destination"));
    }
    let known = contacts::of_user(&mut tx, user_id).await?;
    if known.len() >= CONTACTS {
        let reason = format!("{CONTACTS} ways to reach a person must be enough");
        return Err(OperationError::Conflict(reason));
    }
    if known.iter().any(|contact| contact.way == way) {
        return Err(OperationError::Conflict("it is known already".to_owned()));
    }
    let contact = ContactRecord {
        id: app.ids.next(now),
        workspace_id,
        user_id,
        way,
        created_at: now,
    };
    contacts::create(&mut tx, &contact).await?;
    tx.commit().await?;
    Ok(contact.id)
}

/// Removes a way to reach a person.
pub async fn remove(
    app: &App,
    (workspace_id, user_id): (i64, i64),
    id: i64,
) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    must_exist(&mut tx, workspace_id, user_id).await?;
    if !contacts::delete(&mut tx, user_id, id).await? {
        return Err(OperationError::NotFound("contact"));
    }
    tx.commit().await?;
    Ok(())
}

/// What a person wants to set, still in words.
#[derive(Clone, Debug)]
pub struct WantedSettings {
    /// IANA time zone.
    pub zone: String,
    /// Windows of quiet hours, and the severity that comes through.
    pub quiet_hours: Option<(Vec<WantedWindow>, String)>,
    /// `09:00`; none: no daily summary.
    pub digest_at: Option<String>,
    /// Do notices above the ceiling wait, and come bundled?
    pub has_ceiling: bool,
}

/// Sets what a person wants.
pub async fn set(
    app: &App,
    (workspace_id, user_id): (i64, i64),
    wanted: &WantedSettings,
) -> Result<(), OperationError> {
    let mut faults = Vec::new();
    let zone = Zone::parse(&wanted.zone);
    if zone.is_none() {
        let text = "must be a time zone such as Europe/Paris";
        faults.push(fault("zone", text));
    }
    let digest_at = wanted.digest_at.as_deref().map(ClockTime::parse);
    if digest_at == Some(None) {
        faults.push(fault("digest_at", "must be a time of day such as 09:00"));
    }
    let quiet_hours = wanted.quiet_hours.as_ref().map(|(wanted, word)| {
        let severity = Severity::parse(word);
        if severity.is_none() {
            let text = "must be critical, error, warning or info";
            faults.push(fault("quiet_hours.breaks_through", text));
        }
        QuietHours {
            windows: windows(wanted, "quiet_hours.windows", &mut faults),
            breaks_through: severity.unwrap_or(Severity::Critical),
        }
    });
    must_be_sound(faults)?;
    must_be_sound(
        quiet_hours
            .as_ref()
            .map(QuietHours::faults)
            .unwrap_or_default(),
    )?;
    let settings = UserSettings {
        zone: zone.unwrap_or_else(Zone::utc),
        quiet_hours,
        digest_at: digest_at.flatten(),
        has_ceiling: wanted.has_ceiling,
    };
    let mut tx = app.database.write().await?;
    must_exist(&mut tx, workspace_id, user_id).await?;
    settings::set(&mut tx, user_id, &settings).await?;
    let digest = settings.digest_at.map(|at| DigestTime {
        at,
        zone: settings.zone.clone(),
    });
    let owner = (workspace_id, DigestOwner::Person(user_id));
    digests::plan(app.clock.now(), &mut tx, owner, digest.as_ref()).await?;
    tx.commit().await?;
    Ok(())
}
