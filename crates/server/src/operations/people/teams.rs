//! Teams: who belongs together.

use super::{fault, must_be_sound, must_be_unnamed, must_have_room, user_ids};
use crate::app::App;
use crate::limits::PEOPLE_THINGS;
use crate::operations::OperationError;
use crate::operations::integrations::name;
use epicenter_domain::escalation::policy::Target;
use epicenter_domain::limits::PARTICIPANTS;
use epicenter_store::people::teams::{self, TeamRecord};
use epicenter_store::{StoreError, Tx};

/// A team as it should be.
#[derive(Clone, Debug)]
pub struct WantedTeam {
    /// Name.
    pub name: String,
    /// Users.
    pub members: Vec<i64>,
}

/// All teams of a workspace.
pub async fn all(tx: &mut Tx, workspace_id: i64) -> Result<Vec<TeamRecord>, StoreError> {
    let mut all = Vec::new();
    let mut cursor = None;
    loop {
        let page = teams::list(tx, workspace_id, cursor.as_deref(), 100).await?;
        all.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() || all.len() >= PEOPLE_THINGS {
            return Ok(all);
        }
    }
}

/// The checked name.
async fn check(
    tx: &mut Tx,
    (workspace_id, id): (i64, Option<i64>),
    wanted: &WantedTeam,
) -> Result<String, OperationError> {
    let name = name(&wanted.name)?;
    let all = all(tx, workspace_id).await?;
    if id.is_none() {
        must_have_room(all.len(), "teams")?;
    }
    let is_same = |team: &TeamRecord| Some(team.id) != id && team.name == name;
    let mut faults = Vec::new();
    if all.iter().any(is_same) {
        faults.push(fault("name", "is taken"));
    }
    if wanted.members.len() > PARTICIPANTS {
        let text = format!("must be at most {PARTICIPANTS}");
        faults.push(fault("members", &text));
    }
    let known = user_ids(tx, workspace_id).await?;
    for (place, id) in wanted.members.iter().enumerate() {
        if !known.contains(id) {
            faults.push(fault(format!("members[{place}]"), "is no user"));
        }
    }
    must_be_sound(faults)?;
    Ok(name)
}

/// Makes a team. Answers its id.
pub async fn create(
    app: &App,
    workspace_id: i64,
    wanted: WantedTeam,
) -> Result<i64, OperationError> {
    let now = app.clock.now();
    let mut tx = app.database.write().await?;
    let team = TeamRecord {
        id: app.ids.next(now),
        workspace_id,
        name: check(&mut tx, (workspace_id, None), &wanted).await?,
        created_at: now,
        members: wanted.members,
    };
    teams::create(&mut tx, &team).await?;
    tx.commit().await?;
    Ok(team.id)
}

/// Changes a team.
pub async fn change(
    app: &App,
    workspace_id: i64,
    id: i64,
    wanted: WantedTeam,
) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    let name = check(&mut tx, (workspace_id, Some(id)), &wanted).await?;
    if !teams::rename(&mut tx, workspace_id, id, &name).await? {
        return Err(OperationError::NotFound("team"));
    }
    teams::set_members(&mut tx, id, &wanted.members).await?;
    tx.commit().await?;
    Ok(())
}

/// Deletes a team that no escalation policy names.
pub async fn delete(app: &App, workspace_id: i64, id: i64) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    must_be_unnamed(&mut tx, workspace_id, Target::Team(id)).await?;
    if !teams::delete(&mut tx, workspace_id, id).await? {
        return Err(OperationError::NotFound("team"));
    }
    tx.commit().await?;
    Ok(())
}
