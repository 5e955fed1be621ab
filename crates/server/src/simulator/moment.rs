//! Instants in the spellings that Sentry's payloads use.

fn text(at_ms: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(at_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{at:.6}")
}

/// `2026-01-06T10:00:01.904000Z`, as Django writes it.
pub fn zulu(at_ms: i64) -> String {
    text(at_ms)
}

/// `2026-01-06T10:00:01.904000+00:00`, as Python's `isoformat` writes it.
pub fn offset(at_ms: i64) -> String {
    text(at_ms).replace('Z', "+00:00")
}

/// Seconds since 1970 with a fraction.
pub fn float_seconds(at_ms: i64) -> f64 {
    let whole = u32::try_from(at_ms.div_euclid(1_000)).unwrap_or(0);
    let rest = u32::try_from(at_ms.rem_euclid(1_000)).unwrap_or(0);
    f64::from(whole) + f64::from(rest) / 1_000.0
}

/// Seconds since 1970 as a header carries them.
pub fn whole_seconds(at_ms: i64) -> String {
    at_ms.div_euclid(1_000).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_instant_in_every_spelling() {
        let at_ms = 1_767_693_601_904;
        assert_eq!(zulu(at_ms), "2026-01-06T10:00:01.904000Z");
        assert_eq!(offset(at_ms), "2026-01-06T10:00:01.904000+00:00");
        assert_eq!(whole_seconds(at_ms), "1767693601");
        assert!((float_seconds(at_ms) - 1_767_693_601.904).abs() < 0.000_1);
    }
}
