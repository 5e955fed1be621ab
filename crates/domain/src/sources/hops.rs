//! Loops: a notice of Epicenter that came in as if it was news (FIELD case 48). Without this, a
//! destination that points at one of our own doors would open incidents about incidents, for ever.

use crate::delivery::Headers;

/// Says through how many systems like this one a request has come.
pub const HOPS_HEADER: &str = "epicenter-hops";

/// Hops after which a request is no news any more. What went out of Epicenter is about an incident
/// that somebody was told of already.
const MOST_HOPS: u32 = 0;

/// Why a request is not applied, a sentence; `None`: it did not come out of Epicenter. A count that
/// cannot be read counts as one: only systems like this one send the header.
pub fn objection(headers: &Headers) -> Option<String> {
    let text = headers.get(HOPS_HEADER)?;
    let hops: u32 = text.trim().parse().unwrap_or(1);
    (hops > MOST_HOPS).then(|| {
        "This is a notice that Epicenter sent itself; it is not applied, so that notices do not go \
         round in circles. Point the destination somewhere else"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_out_of_epicenter_is_no_news() {
        // FIELD case 48
        let objection_of = |value: &str| objection(&Headers::new([("Epicenter-Hops", value)]));
        for (value, expected) in [
            ("0", false),
            ("1", true),
            (" 7 ", true),
            ("99999999999", true),
            ("x", true),
        ] {
            assert_eq!(objection_of(value).is_some(), expected, "{value}");
        }
        assert_eq!(objection(&Headers::new([("host", "a")])), None);
    }
}
