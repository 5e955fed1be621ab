//! Teams and their members.

use crate::batch::{padded, pieces};
use crate::page::{Page, clamped, place};
use crate::{StoreError, Tx};
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};
use std::collections::{BTreeMap, BTreeSet};

/// A team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamRecord {
    /// Our id.
    pub id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Name.
    pub name: String,
    /// When it was made.
    pub created_at: Time,
    /// Its users, by id.
    pub members: Vec<i64>,
}

#[derive(FromRow)]
struct TeamRow {
    id: i64,
    workspace_id: i64,
    name: String,
    created_at: i64,
}

const COLUMNS: &str = "id, workspace_id, name, created_at";

/// Makes a team with its members.
pub async fn create(tx: &mut Tx, team: &TeamRecord) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO teams (id, workspace_id, name, created_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(team.id)
        .bind(team.workspace_id)
        .bind(team.name.as_str())
        .bind(team.created_at.0)
        .execute(conn)
        .await?;
    });
    set_members(tx, team.id, &team.members).await
}

/// The teams of a workspace, in the order in which they were made.
pub async fn list(
    tx: &mut Tx,
    workspace_id: i64,
    cursor: Option<&str>,
    limit: i64,
) -> Result<Page<TeamRecord>, StoreError> {
    let limit = clamped(limit);
    let after = place(cursor)?.map_or(0, |(_, id)| id);
    let rows: Vec<TeamRow> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM teams WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3"
        ))
        .bind(workspace_id)
        .bind(after)
        .bind(limit + 1)
        .fetch_all(conn)
        .await?
    });
    let page = Page::cut(rows, limit, |row| (0, row.id));
    let ids: Vec<i64> = page.items.iter().map(|row| row.id).collect();
    let mut members = members_of(tx, &ids).await?;
    Ok(page.map(|row| record(row, &mut members)))
}

/// One team.
pub async fn by_id(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
) -> Result<Option<TeamRecord>, StoreError> {
    let row: Option<TeamRow> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {COLUMNS} FROM teams WHERE workspace_id = $1 AND id = $2"
        ))
        .bind(workspace_id)
        .bind(id)
        .fetch_optional(conn)
        .await?
    });
    let Some(row) = row else { return Ok(None) };
    let mut members = members_of(tx, &[row.id]).await?;
    Ok(Some(record(row, &mut members)))
}

fn record(row: TeamRow, members: &mut BTreeMap<i64, Vec<i64>>) -> TeamRecord {
    TeamRecord {
        id: row.id,
        workspace_id: row.workspace_id,
        name: row.name,
        created_at: Time(row.created_at),
        members: members.remove(&row.id).unwrap_or_default(),
    }
}

/// The users of these teams, by team.
pub async fn members_of(
    tx: &mut Tx,
    team_ids: &[i64],
) -> Result<BTreeMap<i64, Vec<i64>>, StoreError> {
    let mut members: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for piece in pieces(&padded(team_ids)) {
        let rows: Vec<(i64, i64)> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "SELECT team_id, user_id FROM team_members WHERE team_id IN (",
            );
            let mut list = query.separated(", ");
            for id in piece {
                list.push_bind(*id);
            }
            query.push(") ORDER BY team_id, user_id");
            query.build_query_as().fetch_all(conn).await?
        });
        for (team_id, user_id) in rows {
            let team = members.entry(team_id).or_default();
            if team.last() != Some(&user_id) {
                team.push(user_id);
            }
        }
    }
    Ok(members)
}

/// Gives a team of a workspace another name. False: there is no such team.
pub async fn rename(
    tx: &mut Tx,
    workspace_id: i64,
    id: i64,
    name: &str,
) -> Result<bool, StoreError> {
    let changed = on_engine!(tx, |conn| {
        sqlx::query("UPDATE teams SET name = $3 WHERE workspace_id = $1 AND id = $2")
            .bind(workspace_id)
            .bind(id)
            .bind(name)
            .execute(conn)
            .await?
            .rows_affected()
    });
    Ok(changed > 0)
}

/// Sets a team's users.
pub async fn set_members(tx: &mut Tx, id: i64, user_ids: &[i64]) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM team_members WHERE team_id = $1")
            .bind(id)
            .execute(conn)
            .await?;
    });
    let user_ids: Vec<i64> = BTreeSet::from_iter(user_ids).into_iter().copied().collect();
    for piece in pieces(&user_ids) {
        on_engine!(tx, |conn, Engine| {
            let mut query =
                QueryBuilder::<Engine>::new("INSERT INTO team_members (team_id, user_id) ");
            query.push_values(piece, |mut row, user_id| {
                row.push_bind(id).push_bind(*user_id);
            });
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

/// Deletes a team; services that it owned have none. False: there is no such team.
pub async fn delete(tx: &mut Tx, workspace_id: i64, id: i64) -> Result<bool, StoreError> {
    let gone = on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM teams WHERE workspace_id = $1 AND id = $2")
            .bind(workspace_id)
            .bind(id)
            .execute(conn)
            .await?
            .rows_affected()
    });
    if gone == 0 {
        return Ok(false);
    }
    set_members(tx, id, &[]).await?;
    on_engine!(tx, |conn| {
        sqlx::query("UPDATE service_owners SET team_id = NULL WHERE team_id = $1")
            .bind(id)
            .execute(conn)
            .await?;
    });
    Ok(true)
}
