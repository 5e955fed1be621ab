//! Which incidents must be planned, and what was decided about each destination.

use super::{read, write};
use crate::batch::pieces;
use crate::people::Kept;
use crate::{StoreError, Tx};
use epicenter_domain::routing::{NotifyLog, Verdict};
use epicenter_domain::time::Time;
use sqlx::{FromRow, QueryBuilder};

/// An incident that must be planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct DuePlan {
    /// Incident.
    pub incident_id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Since when it is due, in ms; names this entry.
    pub due_at: i64,
}

/// What a destination was last told of an incident, and what was last decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Incident.
    pub incident_id: i64,
    /// Destination.
    pub destination_id: i64,
    /// What it was told.
    pub log: NotifyLog,
    /// What was decided, with the reason.
    pub verdict: Verdict,
    /// When.
    pub planned_at: Time,
    /// How the other side calls the message that is edited in place.
    pub card: Option<String>,
}

/// Asks for plans at `due_at`; an earlier time that is already asked for stays.
pub async fn ask(
    tx: &mut Tx,
    workspace_id: i64,
    incident_ids: &[i64],
    due_at: Time,
) -> Result<(), StoreError> {
    for piece in pieces(incident_ids) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO plan_queue (incident_id, workspace_id, due_at) ",
            );
            query.push_values(piece, |mut row, id| {
                row.push_bind(*id)
                    .push_bind(workspace_id)
                    .push_bind(due_at.0);
            });
            query.push(
                " ON CONFLICT (incident_id) DO UPDATE SET due_at = excluded.due_at \
                 WHERE plan_queue.due_at > excluded.due_at",
            );
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

/// Asks for a plan of every open incident: the rules have changed.
pub async fn ask_for_open(tx: &mut Tx, workspace_id: i64, due_at: Time) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO plan_queue (incident_id, workspace_id, due_at) \
             SELECT id, workspace_id, $2 FROM incidents \
             WHERE workspace_id = $1 AND status IN ('suspended', 'triggered', 'acknowledged') \
             ON CONFLICT (incident_id) DO UPDATE SET due_at = excluded.due_at \
             WHERE plan_queue.due_at > excluded.due_at",
        )
        .bind(workspace_id)
        .bind(due_at.0)
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// The plans that are due: of each workspace those that wait longest, and as many of those that were
/// asked for last, so that a new incident does not wait behind a change of the rules, which asks for
/// all, nor behind a flood in another workspace. At least one of each workspace.
pub async fn due(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<DuePlan>, StoreError> {
    const WORKSPACES: &str = "WITH RECURSIVE hops (id) AS (\
         SELECT (SELECT min(workspace_id) FROM plan_queue) UNION ALL \
         SELECT (SELECT min(q.workspace_id) FROM plan_queue q WHERE q.workspace_id > hops.id) \
         FROM hops WHERE hops.id IS NOT NULL) SELECT id FROM hops WHERE id IS NOT NULL";
    const OLDEST: &str = "SELECT incident_id, workspace_id, due_at FROM plan_queue \
         WHERE workspace_id = $1 AND due_at <= $2 ORDER BY due_at, incident_id LIMIT $3";
    const NEWEST: &str = "SELECT incident_id, workspace_id, due_at FROM plan_queue \
         WHERE workspace_id = $1 AND due_at <= $2 ORDER BY due_at DESC, incident_id DESC LIMIT $3";
    let workspaces: Vec<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar(WORKSPACES).fetch_all(conn).await?
    });
    let count = i64::try_from(workspaces.len()).unwrap_or(i64::MAX).max(1);
    let share = (limit / count).max(1);
    let mut due: Vec<DuePlan> = Vec::new();
    for workspace_id in workspaces {
        for (statement, most) in [(OLDEST, share - share / 2), (NEWEST, share / 2)] {
            let rows: Vec<DuePlan> = on_engine!(tx, |conn| {
                sqlx::query_as(statement)
                    .bind(workspace_id)
                    .bind(now.0)
                    .bind(most)
                    .fetch_all(conn)
                    .await?
            });
            due.extend(rows);
        }
    }
    due.sort_by_key(|plan| (plan.due_at, plan.incident_id));
    due.dedup();
    Ok(due)
}

/// A plan is made: it is not asked for again before `again_at`, unless it was asked for meanwhile.
pub async fn made(tx: &mut Tx, plan: DuePlan, again_at: Option<Time>) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        match again_at {
            Some(at) => {
                sqlx::query(
                    "UPDATE plan_queue SET due_at = $3 WHERE incident_id = $1 AND due_at = $2",
                )
                .bind(plan.incident_id)
                .bind(plan.due_at)
                .bind(at.0)
                .execute(conn)
                .await?;
            }
            None => {
                sqlx::query("DELETE FROM plan_queue WHERE incident_id = $1 AND due_at = $2")
                    .bind(plan.incident_id)
                    .bind(plan.due_at)
                    .execute(conn)
                    .await?;
            }
        }
    });
    Ok(())
}

#[derive(FromRow)]
struct ToldRow {
    incident_id: i64,
    destination_id: i64,
    log: String,
    verdict: String,
    planned_at: i64,
    card: Option<String>,
}

/// What was told and decided about an incident.
pub async fn told(tx: &mut Tx, incident_id: i64) -> Result<Vec<Told>, StoreError> {
    let rows: Vec<ToldRow> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT incident_id, destination_id, log, verdict, planned_at, card FROM told \
             WHERE incident_id = $1 ORDER BY destination_id",
        )
        .bind(incident_id)
        .fetch_all(conn)
        .await?
    });
    rows.into_iter()
        .map(|row| {
            let log: Kept<NotifyLog> = read("told", row.incident_id, &row.log)?;
            let verdict: Kept<Verdict> = read("told", row.incident_id, &row.verdict)?;
            Ok(Told {
                incident_id: row.incident_id,
                destination_id: row.destination_id,
                log: log.content(),
                verdict: verdict.content(),
                planned_at: Time(row.planned_at),
                card: row.card,
            })
        })
        .collect()
}

/// Keeps what was decided; the card stays as it is.
pub async fn keep(tx: &mut Tx, told: &Told) -> Result<(), StoreError> {
    let log = write("told", told.incident_id, &Kept::V1(told.log.clone()))?;
    let verdict = write("told", told.incident_id, &Kept::V1(told.verdict.clone()))?;
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO told (incident_id, destination_id, log, verdict, planned_at, card) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (incident_id, destination_id) DO UPDATE \
             SET log = excluded.log, verdict = excluded.verdict, planned_at = excluded.planned_at",
        )
        .bind(told.incident_id)
        .bind(told.destination_id)
        .bind(log.as_str())
        .bind(verdict.as_str())
        .bind(told.planned_at.0)
        .bind(told.card.as_deref())
        .execute(conn)
        .await?;
    });
    Ok(())
}

/// How the other side calls the message about an incident; `None` while there is none.
pub async fn card(
    tx: &mut Tx,
    incident_id: i64,
    destination_id: i64,
) -> Result<Option<String>, StoreError> {
    let card: Option<Option<String>> = on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT card FROM told WHERE incident_id = $1 AND destination_id = $2")
            .bind(incident_id)
            .bind(destination_id)
            .fetch_optional(conn)
            .await?
    });
    Ok(card.flatten())
}

/// Remembers how the other side calls the message about an incident.
pub async fn keep_card(
    tx: &mut Tx,
    incident_id: i64,
    destination_id: i64,
    card: &str,
) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("UPDATE told SET card = $3 WHERE incident_id = $1 AND destination_id = $2")
            .bind(incident_id)
            .bind(destination_id)
            .bind(card)
            .execute(conn)
            .await?;
    });
    Ok(())
}
