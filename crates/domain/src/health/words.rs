//! Figures for people.

use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};

/// `5 minutes`, `3 hours`, `12 days`: one unit, rounded down.
pub(crate) fn span(ms: i64) -> String {
    let (count, unit) = match ms.max(0) {
        ms if ms < 2 * MINUTE_MS => (ms / SECOND_MS, "second"),
        ms if ms < 2 * HOUR_MS => (ms / MINUTE_MS, "minute"),
        ms if ms < 2 * DAY_MS => (ms / HOUR_MS, "hour"),
        ms => (ms / DAY_MS, "day"),
    };
    counted(count, unit)
}

/// `1 delivery` needs no plural, `2 notices` an s.
pub(super) fn counted(count: i64, thing: &str) -> String {
    let plural = match thing.strip_suffix('y') {
        Some(stem) if !thing.ends_with("ay") => format!("{stem}ies"),
        _ => format!("{thing}s"),
    };
    if count == 1 {
        format!("1 {thing}")
    } else {
        format!("{count} {plural}")
    }
}

/// `3.4 GiB`, one digit behind the point.
pub(super) fn bytes(size: i64) -> String {
    let mut unit = "bytes";
    let mut tenths = size.max(0).saturating_mul(10);
    for next in ["KiB", "MiB", "GiB", "TiB"] {
        if tenths < 10_240 {
            break;
        }
        tenths /= 1_024;
        unit = next;
    }
    if unit == "bytes" {
        format!("{} bytes", tenths / 10)
    } else {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    }
}

/// `99.5 %` of a whole, rounded down; a whole of nothing is all of it.
pub(super) fn percent(part: i64, whole: i64) -> String {
    let tenths = tenths(part, whole);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// Tenths of a percent, rounded down; a whole of nothing is all of it.
pub(super) fn tenths(part: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return 1_000;
    }
    part.clamp(0, whole).saturating_mul(1_000) / whole
}
