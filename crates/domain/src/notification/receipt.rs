//! What came of one attempt.

use serde::{Deserialize, Serialize};

/// The result of one attempt to deliver a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Receipt {
    /// The other side has it.
    Delivered {
        /// How the other side calls the message, to edit it or answer to it later; what it was
        /// given as `previous` where that still holds. For us opaque.
        external_ref: Option<String>,
    },
    /// Not now; the same notice may be tried again.
    RetryAfter {
        /// The other side asked for at least so many milliseconds; 0: it did not say.
        at_least_ms: i64,
        /// Why, a sentence.
        why: String,
    },
    /// Never; trying again would change nothing.
    Refused {
        /// Why, a sentence that says what to do.
        why: String,
        /// The destination itself is gone or shut: nothing will arrive there until somebody mends
        /// it.
        disable: bool,
    },
}

impl Receipt {
    /// Delivered, and nothing to remember.
    pub fn delivered() -> Self {
        Self::Delivered { external_ref: None }
    }

    /// Trying again would change nothing, for this notice.
    pub fn refused(why: impl Into<String>) -> Self {
        Self::Refused {
            why: why.into(),
            disable: false,
        }
    }

    /// Nothing will arrive at this destination any more.
    pub fn gone(why: impl Into<String>) -> Self {
        Self::Refused {
            why: why.into(),
            disable: true,
        }
    }

    /// May be tried again when the schedule says so.
    pub fn retry(why: impl Into<String>) -> Self {
        Self::RetryAfter {
            at_least_ms: 0,
            why: why.into(),
        }
    }
}
