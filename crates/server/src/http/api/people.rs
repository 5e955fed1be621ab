//! What the resources about people share: names, ids, windows of the week.

use crate::http::problem::Problem;
use crate::operations::people::schedules::WantedWindow;
use epicenter_domain::escalation::calendar::Window;
use epicenter_domain::id::IdKind;
use epicenter_store::{Tx, users};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A person by name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct PersonRef {
    /// `usr_…`
    pub(super) id: String,
    /// Name; of an account that was deleted: "Somebody".
    pub(super) name: String,
}

/// A part of some days of the week.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WindowBody {
    /// The days on which it begins: monday to sunday.
    days: Vec<String>,
    /// When it begins: `09:00`.
    from: String,
    /// When it ends; at or before `from`: on the next day.
    until: String,
}

impl WindowBody {
    pub(super) fn of(window: &Window) -> Self {
        let days = window.days.iter().map(|day| day.as_str().to_owned());
        Self {
            days: days.collect(),
            from: window.from.show(),
            until: window.until.show(),
        }
    }

    pub(super) fn wanted(self) -> WantedWindow {
        WantedWindow {
            days: self.days,
            from: self.from,
            until: self.until,
        }
    }
}

/// Reads the id of a user.
pub(super) fn user_id(text: &str) -> Option<i64> {
    IdKind::User.parse(text)
}

/// Names of all users of a workspace.
pub(super) async fn names(
    tx: &mut Tx,
    workspace_id: i64,
) -> Result<BTreeMap<i64, String>, Problem> {
    let all = users::list(tx, workspace_id).await?;
    Ok(all.into_iter().map(|user| (user.id, user.name)).collect())
}

/// A person by name.
pub(super) fn person(names: &BTreeMap<i64, String>, id: i64) -> PersonRef {
    let name = names.get(&id).cloned();
    PersonRef {
        id: IdKind::User.show(id),
        name: name.unwrap_or_else(|| "Somebody".to_owned()),
    }
}
