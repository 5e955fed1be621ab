//! What the store keeps of notices and destinations. A version is never changed, only followed by
//! the next; `fixtures/` keeps one text of each for ever.

use super::{Notice, Target};
use serde::{Deserialize, Serialize};

/// A notice as the outbox keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "version", content = "notice")]
pub enum NoticePayload {
    /// Since the first release.
    #[serde(rename = "1")]
    V1(Notice),
}

impl NoticePayload {
    /// The notice, whatever version it was kept as.
    pub fn into_notice(self) -> Notice {
        match self {
            Self::V1(notice) => notice,
        }
    }
}

/// A destination's settings as the store keeps them, **with their secrets**: for the store only,
/// never for an answer or a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "version", content = "target")]
pub enum TargetPayload {
    /// Since the first release.
    #[serde(rename = "1")]
    V1(Target),
}

impl TargetPayload {
    /// The settings, whatever version they were kept as.
    pub fn into_target(self) -> Target {
        match self {
            Self::V1(target) => target,
        }
    }
}
