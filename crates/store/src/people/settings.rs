//! What a person has set: time zone, quiet hours, daily summary.

use super::Kept;
use crate::batch::{padded, pieces};
use crate::rows::{from_json, json, unreadable};
use crate::{StoreError, Tx};
use epicenter_domain::escalation::calendar::{ClockTime, Zone};
use epicenter_domain::escalation::quiet::QuietHours;
use sqlx::{FromRow, QueryBuilder};
use std::collections::BTreeMap;

/// What a person has set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSettings {
    /// The zone of their wall clock.
    pub zone: Zone,
    /// When they want to be left alone.
    pub quiet_hours: Option<QuietHours>,
    /// When the daily summary comes; none: never.
    pub digest_at: Option<ClockTime>,
    /// Do notices above the ceiling wait, and come bundled?
    pub has_ceiling: bool,
}

impl Default for UserSettings {
    fn default() -> Self {
        Self {
            zone: Zone::utc(),
            quiet_hours: None,
            digest_at: None,
            has_ceiling: true,
        }
    }
}

#[derive(FromRow)]
struct SettingsRow {
    user_id: i64,
    zone: String,
    quiet_hours: Option<String>,
    digest_at: Option<String>,
    has_ceiling: bool,
}

impl TryFrom<SettingsRow> for UserSettings {
    type Error = StoreError;

    fn try_from(row: SettingsRow) -> Result<Self, StoreError> {
        const TABLE: &str = "user_settings";
        let kept: Option<Kept<QuietHours>> =
            from_json(TABLE, row.user_id, row.quiet_hours.as_deref())?;
        let digest_at = row.digest_at.as_deref().map(|text| {
            ClockTime::parse(text).ok_or_else(|| unreadable(TABLE, row.user_id, "digest_at"))
        });
        Ok(Self {
            zone: Zone::parse(&row.zone).ok_or_else(|| unreadable(TABLE, row.user_id, "zone"))?,
            quiet_hours: kept.map(Kept::content),
            digest_at: digest_at.transpose()?,
            has_ceiling: row.has_ceiling,
        })
    }
}

/// What these people have set; those who have set nothing are missing.
pub async fn of_users(
    tx: &mut Tx,
    user_ids: &[i64],
) -> Result<BTreeMap<i64, UserSettings>, StoreError> {
    let mut settings = BTreeMap::new();
    for piece in pieces(&padded(user_ids)) {
        let rows: Vec<SettingsRow> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "SELECT user_id, zone, quiet_hours, digest_at, has_ceiling \
                 FROM user_settings WHERE user_id IN (",
            );
            let mut list = query.separated(", ");
            for id in piece {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await?
        });
        for row in rows {
            settings.insert(row.user_id, UserSettings::try_from(row)?);
        }
    }
    Ok(settings)
}

/// Keeps what a person has set.
pub async fn set(tx: &mut Tx, user_id: i64, settings: &UserSettings) -> Result<(), StoreError> {
    let quiet_hours = settings.quiet_hours.as_ref().map(Kept::V1);
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO user_settings (user_id, zone, quiet_hours, digest_at, has_ceiling) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id) DO UPDATE \
             SET zone = excluded.zone, quiet_hours = excluded.quiet_hours, \
             digest_at = excluded.digest_at, has_ceiling = excluded.has_ceiling",
        )
        .bind(user_id)
        .bind(settings.zone.name())
        .bind(json(quiet_hours.as_ref()))
        .bind(settings.digest_at.map(ClockTime::show))
        .bind(settings.has_ceiling)
        .execute(conn)
        .await?;
    });
    Ok(())
}
