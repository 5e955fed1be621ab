//! Who somebody in Slack is here.

use crate::{StoreError, Tx};
use sqlx::FromRow;

/// A member of a Slack workspace who is one of our people.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct SlackMember {
    /// Workspace here.
    pub workspace_id: i64,
    /// Slack's id of its workspace.
    pub team: String,
    /// Slack's id of the person within it.
    pub member: String,
    /// Who it is here.
    pub user_id: i64,
    /// What Slack calls the person; proves nothing.
    pub name: String,
    /// Since when, in ms.
    pub created_at: i64,
}

/// Keeps who a member is; whoever it was before is it no more.
pub async fn link(tx: &mut Tx, member: &SlackMember) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO slack_people (workspace_id, team, member, user_id, name, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace_id, team, member) \
             DO UPDATE SET user_id = excluded.user_id, name = excluded.name, \
             created_at = excluded.created_at",
        )
        .bind(member.workspace_id)
        .bind(member.team.as_str())
        .bind(member.member.as_str())
        .bind(member.user_id)
        .bind(member.name.as_str())
        .bind(member.created_at)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// The id of the person that a member is; `None`: nobody has said so.
pub async fn user_of(
    tx: &mut Tx,
    workspace_id: i64,
    (team, member): (&str, &str),
) -> Result<Option<i64>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT user_id FROM slack_people WHERE workspace_id = $1 AND team = $2 \
             AND member = $3",
        )
        .bind(workspace_id)
        .bind(team)
        .bind(member)
        .fetch_optional(conn)
        .await?
    }))
}

/// All members that are this person, in the order of their ids.
pub async fn of_user(tx: &mut Tx, user_id: i64) -> Result<Vec<SlackMember>, StoreError> {
    Ok(on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT workspace_id, team, member, user_id, name, created_at FROM slack_people \
             WHERE user_id = $1 ORDER BY team, member",
        )
        .bind(user_id)
        .fetch_all(conn)
        .await?
    }))
}

/// Forgets that a member is this person. False: it was not.
pub async fn unlink(
    tx: &mut Tx,
    user_id: i64,
    (team, member): (&str, &str),
) -> Result<bool, StoreError> {
    let gone = on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM slack_people WHERE user_id = $1 AND team = $2 AND member = $3")
            .bind(user_id)
            .bind(team)
            .bind(member)
            .execute(conn)
            .await?
            .rows_affected()
    });
    Ok(gone > 0)
}
