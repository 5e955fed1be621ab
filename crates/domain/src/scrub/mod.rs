//! Removes personal data and secrets from a webhook before anything is stored (ACCEPTANCE §5
//! Sanitiser, FIELD case 61). The proof was checked before, over the bytes as received.

mod headers;
mod names;
mod rules;
mod text;
mod walk;

pub use headers::scrub_headers;
pub use rules::{Rule, Rules, RulesConfig, UnknownRule};

use std::borrow::Cow;

/// What stands where a whole value was.
pub(crate) const SCRUBBED: &[u8] = b"[scrubbed]";

/// How often a body that is not JSON is gone over again until nothing changes any more.
const PASSES: usize = 8;

/// Removes from a body what the rules name and keeps everything else byte for byte: valid JSON
/// stays valid JSON. Total: any bytes are fine; what is not JSON is treated as text from the place
/// where it breaks. Doing it twice changes nothing more.
pub fn scrub<'a>(body: &'a [u8], rules: &Rules) -> Cow<'a, [u8]> {
    let (mut scrubbed, whole) = walk::walk(body, rules);
    if whole {
        return scrubbed;
    }
    for _ in 1..PASSES {
        let again = match walk::walk(&scrubbed, rules) {
            (Cow::Owned(again), _) if again != *scrubbed => again,
            _ => break,
        };
        scrubbed = Cow::Owned(again);
    }
    scrubbed
}

#[cfg(test)]
mod tests;
