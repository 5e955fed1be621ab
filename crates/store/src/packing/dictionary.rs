//! What bodies are compressed with.

use std::sync::Arc;

/// Id of the dictionary that Epicenter comes with.
pub(crate) const BUILT_IN: i64 = 1;

static BUILT_IN_CONTENT: &[u8] = include_bytes!("sentry-1.dict");

/// What bodies are compressed with; immutable once a body needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dictionary {
    /// Its id; a body names it.
    pub id: i64,
    /// As zstd wants it.
    pub content: Arc<[u8]>,
}

impl Dictionary {
    /// The one that Epicenter comes with.
    pub fn built_in() -> Self {
        Self {
            id: BUILT_IN,
            content: BUILT_IN_CONTENT.into(),
        }
    }

    /// Is it the one that Epicenter comes with?
    pub fn is_built_in(&self) -> bool {
        self.id == BUILT_IN
    }
}
