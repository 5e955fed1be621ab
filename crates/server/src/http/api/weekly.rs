//! Windows of the week, as destinations and silences have them.

use crate::operations::notice_settings::{WantedWeekly, windows};
use epicenter_domain::routing::window::Schedule;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A part of some days of the week.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WeekWindow {
    /// The days on which it begins, monday to sunday; empty: every day.
    #[serde(default)]
    days: Vec<String>,
    /// When it begins: `22:00`.
    from: String,
    /// When it ends, `24:00` at the latest; before `from`: on the next day.
    until: String,
}

/// Reads windows in a zone.
pub(super) fn wanted(zone: String, windows: Vec<WeekWindow>) -> WantedWeekly {
    let windows = windows.into_iter();
    WantedWeekly {
        zone,
        windows: windows
            .map(|window| (window.days, window.from, window.until))
            .collect(),
    }
}

/// Writes a schedule as zone and windows.
pub(super) fn shown(schedule: &Schedule) -> (String, Vec<WeekWindow>) {
    let weekly = windows(schedule);
    let windows = weekly.windows.into_iter();
    let windows = windows.map(|(days, from, until)| WeekWindow { days, from, until });
    (weekly.zone, windows.collect())
}
