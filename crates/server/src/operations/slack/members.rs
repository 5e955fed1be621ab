//! Who a member of a Slack workspace is here.

use crate::app::App;
use crate::limits::SLACK_MEMBERS;
use crate::operations::OperationError;
use epicenter_domain::limits::NAME_CHARS;
use epicenter_store::people::slack::{self as store, SlackMember};
use epicenter_store::users;

/// Says that a member is this person. Whoever calls has proven it: with the link that Slack showed
/// to that member only, or as an admin.
pub async fn link_member(
    app: &App,
    (workspace_id, user_id): (i64, i64),
    (team, member, name): (&str, &str, &str),
) -> Result<(), OperationError> {
    for (field, value) in [("team", team), ("member", member)] {
        let is_id = !value.is_empty()
            && value.len() <= 40
            && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_id {
            return Err(OperationError::invalid(
                field,
                "must be an id of Slack: letters and digits",
            ));
        }
    }
    let mut tx = app.database.write().await?;
    let user = users::by_id(&mut tx, user_id).await?;
    user.filter(|user| user.workspace_id == workspace_id)
        .ok_or(OperationError::NotFound("user"))?;
    let known = store::of_user(&mut tx, user_id).await?;
    let is_known = known
        .iter()
        .any(|one| one.team == team && one.member == member);
    if !is_known && known.len() >= SLACK_MEMBERS {
        let reason = format!("{SLACK_MEMBERS} members of Slack for one person must be enough");
        return Err(OperationError::Conflict(reason));
    }
    let record = SlackMember {
        workspace_id,
        team: team.to_owned(),
        member: member.to_owned(),
        user_id,
        name: name.chars().take(NAME_CHARS).collect(),
        created_at: app.clock.now().0,
    };
    store::link(&mut tx, &record).await?;
    tx.commit().await?;
    Ok(())
}

/// A member is this person no more.
pub async fn unlink_member(
    app: &App,
    user_id: i64,
    place: (&str, &str),
) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    if !store::unlink(&mut tx, user_id, place).await? {
        return Err(OperationError::NotFound("member of Slack"));
    }
    tx.commit().await?;
    Ok(())
}
