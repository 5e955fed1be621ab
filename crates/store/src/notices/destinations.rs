//! Destinations: where notices go.

use super::{read, write};
use crate::people::Kept;
use crate::{StoreError, Tx};
use epicenter_domain::escalation::calendar::{ClockTime, Zone};
use epicenter_domain::notification::{Target, TargetPayload};
use epicenter_domain::routing::Timers;
use epicenter_domain::routing::limits::Rate;
use epicenter_domain::routing::quiet::QuietHours;
use epicenter_domain::time::Time;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use std::collections::BTreeSet;

/// A destination as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct DestinationRecord {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Name.
    pub name: String,
    /// Channel and its settings, with secrets.
    pub target: Target,
    /// What it wants to hear, and when.
    pub settings: DestinationSettings,
    /// The services it hears of; empty: all.
    pub services: BTreeSet<i64>,
    /// Is anything sent there?
    pub is_enabled: bool,
    /// Why nothing is sent, when Epicenter switched it off.
    pub disabled_why: Option<String>,
    /// Since when every attempt has failed.
    pub failing_since: Option<Time>,
    /// When it was made.
    pub created_at: Time,
}

/// What a destination wants to hear, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DestinationSettings {
    /// Also that something is over?
    pub wants_resolved: bool,
    /// Only this and what is worse.
    pub least_severity: Option<epicenter_domain::level::Severity>,
    /// Waits and repeats.
    pub timers: Timers,
    /// When it wants no notices.
    pub quiet: Option<QuietHours>,
    /// How many notices it takes at most.
    pub rates: Vec<Rate>,
    /// Does it read along in the memory?
    pub observations: TakesObservations,
    /// When it wants the daily digest; none: never.
    pub digest: Option<DigestTime>,
}

/// Does a destination take the records of the memory?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TakesObservations {
    /// Only notices of incidents.
    #[default]
    No,
    /// Notices of incidents, and all records.
    Also,
    /// Records, and no notices of incidents.
    Only,
}

impl TakesObservations {
    /// The word as the API has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Also => "also",
            Self::Only => "only",
        }
    }

    /// Reads the API's word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::No, Self::Also, Self::Only]
            .into_iter()
            .find(|one| one.as_str() == word)
    }
}

/// When the daily digest comes, on a wall clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestTime {
    /// Time of day.
    pub at: ClockTime,
    /// Whose wall clock.
    pub zone: Zone,
}

impl Default for DestinationSettings {
    fn default() -> Self {
        Self {
            wants_resolved: true,
            least_severity: None,
            timers: Timers::default(),
            quiet: None,
            rates: Vec::new(),
            observations: TakesObservations::No,
            digest: None,
        }
    }
}

#[derive(FromRow)]
struct Row {
    id: i64,
    workspace_id: i64,
    name: String,
    target: String,
    settings: String,
    is_enabled: i64,
    disabled_why: Option<String>,
    failing_since: Option<i64>,
    created_at: i64,
}

const COLUMNS: &str = "id, workspace_id, name, target, settings, is_enabled, disabled_why, \
     failing_since, created_at";

impl Row {
    fn record(self, services: BTreeSet<i64>) -> Result<DestinationRecord, StoreError> {
        let target: TargetPayload = read("destinations", self.id, &self.target)?;
        let settings: Kept<DestinationSettings> = read("destinations", self.id, &self.settings)?;
        Ok(DestinationRecord {
            id: self.id,
            workspace_id: self.workspace_id,
            name: self.name,
            target: target.into_target(),
            settings: settings.content(),
            services,
            is_enabled: self.is_enabled != 0,
            disabled_why: self.disabled_why,
            failing_since: self.failing_since.map(Time),
            created_at: Time(self.created_at),
        })
    }
}

/// The destinations of a workspace, oldest first: they are few.
pub async fn list(tx: &mut Tx, workspace_id: i64) -> Result<Vec<DestinationRecord>, StoreError> {
    let rows: Vec<Row> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM destinations WHERE workspace_id = $1 ORDER BY id"
        ))
        .bind(workspace_id)
        .fetch_all(conn)
        .await?
    });
    let services: Vec<(i64, i64)> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT s.destination_id, s.service_id FROM destinations d \
             JOIN destination_services s ON s.destination_id = d.id WHERE d.workspace_id = $1",
        )
        .bind(workspace_id)
        .fetch_all(conn)
        .await?
    });
    let of = |id: i64| {
        let own = services.iter().filter(|(owner, _)| *owner == id);
        own.map(|(_, service)| *service).collect()
    };
    rows.into_iter()
        .map(|row| {
            let services = of(row.id);
            row.record(services)
        })
        .collect()
}

/// One destination.
pub async fn by_id(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<Option<DestinationRecord>, StoreError> {
    let all = list(tx, workspace_id).await?;
    Ok(all.into_iter().find(|one| one.id == id))
}

/// The destinations of all workspaces that are Slack bots, with their secrets: a button that is
/// pressed does not say whose it is.
pub async fn slack_bots(tx: &mut Tx) -> Result<Vec<DestinationRecord>, StoreError> {
    let workspaces: Vec<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT DISTINCT workspace_id FROM destinations ORDER BY workspace_id")
            .fetch_all(conn)
            .await?
    });
    let mut bots = Vec::new();
    for workspace_id in workspaces {
        bots.extend(list(tx, workspace_id).await?);
    }
    bots.retain(|record| matches!(record.target, Target::SlackBot { .. }));
    Ok(bots)
}

/// Makes a destination, or changes it.
pub async fn save(tx: &mut Tx, record: &DestinationRecord) -> Result<(), StoreError> {
    let target = write(
        "destinations",
        record.id,
        &TargetPayload::V1(record.target.clone()),
    )?;
    let settings = write(
        "destinations",
        record.id,
        &Kept::V1(record.settings.clone()),
    )?;
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO destinations (id, workspace_id, name, target, settings, is_enabled, \
             disabled_why, failing_since, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, target = excluded.target, \
             settings = excluded.settings, is_enabled = excluded.is_enabled, \
             disabled_why = excluded.disabled_why, failing_since = excluded.failing_since",
        )
        .bind(record.id)
        .bind(record.workspace_id)
        .bind(record.name.as_str())
        .bind(target.as_str())
        .bind(settings.as_str())
        .bind(i64::from(record.is_enabled))
        .bind(record.disabled_why.as_deref())
        .bind(record.failing_since.map(|at| at.0))
        .bind(record.created_at.0)
        .execute(&mut *conn)
        .await?;
        sqlx::query("DELETE FROM destination_services WHERE destination_id = $1")
            .bind(record.id)
            .execute(&mut *conn)
            .await?;
        for service_id in &record.services {
            sqlx::query(
                "INSERT INTO destination_services (destination_id, service_id) VALUES ($1, $2)",
            )
            .bind(record.id)
            .bind(*service_id)
            .execute(&mut *conn)
            .await?;
        }
    });
    super::feeds::follow(tx, record).await
}

/// Removes a destination; what was sent there stays in the log. False: there was none.
pub async fn delete(tx: &mut Tx, workspace_id: i64, id: i64) -> Result<bool, StoreError> {
    let gone = on_engine!(tx, |conn| {
        let gone = sqlx::query("DELETE FROM destinations WHERE workspace_id = $1 AND id = $2")
            .bind(workspace_id)
            .bind(id)
            .execute(&mut *conn)
            .await?
            .rows_affected();
        if gone > 0 {
            for statement in [
                "DELETE FROM destination_services WHERE destination_id = $1",
                "DELETE FROM digests WHERE owner_id = $1",
            ] {
                sqlx::query(statement).bind(id).execute(&mut *conn).await?;
            }
        }
        gone
    });
    if gone > 0 {
        super::feeds::forget(tx, id).await?;
        super::holds::forget(tx, id).await?;
    }
    Ok(gone > 0)
}
