//! Who is told, and when: teams, ways to reach people, schedules, escalation policies, their runs,
//! and the pages that are owed.

pub mod ceilings;
pub mod contacts;
pub mod escalations;
pub mod overrides;
pub mod owners;
pub mod pages_owed;
pub mod runs;
pub mod schedules;
pub mod settings;
pub mod slack;
pub mod teams;

use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use serde::{Deserialize, Serialize};

/// JSON as it is kept, with its version: rows that an older version wrote stay readable.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "version", content = "content")]
pub(crate) enum Kept<T> {
    /// The first.
    #[serde(rename = "1")]
    V1(T),
}

impl<T> Kept<T> {
    pub(crate) fn content(self) -> T {
        let Self::V1(content) = self;
        content
    }
}

/// Removes what is kept about a person besides the account: teams, contacts, settings, and
/// overrides that are not over.
pub async fn forget_user(tx: &mut Tx, user_id: i64, now: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        for statement in [
            "DELETE FROM team_members WHERE user_id = $1",
            "DELETE FROM contacts WHERE user_id = $1",
            "DELETE FROM user_settings WHERE user_id = $1",
            "DELETE FROM pages_owed WHERE user_id = $1",
            "DELETE FROM slack_people WHERE user_id = $1",
            "DELETE FROM digests WHERE owner_id = $1",
        ] {
            sqlx::query(statement)
                .bind(user_id)
                .execute(&mut *conn)
                .await?;
        }
        sqlx::query("DELETE FROM schedule_overrides WHERE user_id = $1 AND ends_at > $2")
            .bind(user_id)
            .bind(now.0)
            .execute(conn)
            .await?;
    });
    Ok(())
}
