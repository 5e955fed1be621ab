//! What is known in memory of the ways to Sentry's API: what the environment says, and how fast
//! each connection may be asked.

use crate::clients::sentry::Pace;
use crate::config::{Secrets, SentryVariables};
use epicenter_domain::proof::SecretValue;
use epicenter_domain::time::{MINUTE_MS, Time};
use epicenter_store::sentry::connections::ConnectionRecord;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The ways to Sentry.
#[derive(Debug, Default)]
pub struct SentryDesk {
    /// The organisation that the environment names.
    pub variables: Option<SentryVariables>,
    /// `CRON_SECRET`.
    pub cron_secret: Option<SecretValue>,
    paces: Mutex<BTreeMap<i64, Pace>>,
    /// Which minute it is, and how many events were asked for in it.
    events: Mutex<(i64, u32)>,
}

impl SentryDesk {
    /// As the environment says.
    pub fn new(secrets: &Secrets) -> Self {
        Self {
            variables: secrets.sentry.clone(),
            cron_secret: secrets.cron.clone(),
            paces: Mutex::default(),
            events: Mutex::default(),
        }
    }

    /// How fast a connection may be asked.
    pub fn pace(&self, connection_id: i64) -> Pace {
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        paces.entry(connection_id).or_default().clone()
    }

    /// How many events may still be asked for in this minute.
    pub fn events_left(&self, now: Time, most: u32) -> u32 {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let (minute, used) = *events;
        if minute == now.0.div_euclid(MINUTE_MS) {
            most.saturating_sub(used)
        } else {
            most
        }
    }

    /// One event was asked for.
    pub fn use_event(&self, now: Time) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now.0.div_euclid(MINUTE_MS);
        let used = if events.0 == minute { events.1 } else { 0 };
        *events = (minute, used + 1);
    }

    /// What lets us in: the connection's own token, or that of the environment if it is still for
    /// the same organisation of the same host.
    pub fn token(&self, connection: &ConnectionRecord) -> Option<SecretValue> {
        if let Some(token) = &connection.token {
            return Some(SecretValue::new(token));
        }
        let variables = self.variables.as_ref()?;
        let is_same = variables.base_url == connection.base_url
            && variables.organization == connection.organization;
        is_same.then(|| variables.token.clone())
    }
}
