//! Who is suspected: the queue of incidents to rank, the rankings, and what people said of them.

use crate::batch::pieces;
use crate::rows::{from_json, json};
use crate::{StoreError, Tx};
use epicenter_domain::id::first_id_at;
use epicenter_domain::time::Time;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, QueryBuilder};

/// A reason for a suspect, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonRecord {
    /// Stable code: `crash_frame`, `blamed_line`…
    pub code: String,
    /// Points out of the suspect's score.
    pub points: i64,
    /// A sentence.
    pub text: String,
}

/// One suspect of an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuspectRecord {
    /// 1 is the most likely.
    pub rank: i64,
    /// The commit, if it is one.
    pub commit_id: Option<i64>,
    /// The deploy: the suspect itself, or what brought the commit.
    pub deploy_id: Option<i64>,
    /// 0 to 100.
    pub score: i64,
    /// Why.
    pub reasons: Vec<ReasonRecord>,
    /// The files that speak for it.
    pub files: Vec<String>,
}

/// A ranking of one incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankingRecord {
    /// Incident.
    pub incident_id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// When it was made.
    pub ranked_at: Time,
    /// The deploy after which the incident began.
    pub deploy_id: Option<i64>,
    /// Is the first suspect convincing?
    pub is_convincing: bool,
    /// What kept it from being (more) certain: sentences.
    pub why: Vec<String>,
    /// How many commits were compared.
    pub candidate_count: i64,
}

/// An incident that waits to be ranked.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct DueRanking {
    /// Incident.
    pub incident_id: i64,
    /// Workspace.
    pub workspace_id: i64,
    /// Since when it is due, in ms; names this entry.
    pub due_at: i64,
    /// Why it is ranked (anew).
    pub reason: String,
}

/// Asks for rankings. An incident that waits already goes on waiting until the earlier instant.
pub async fn enqueue(
    tx: &mut Tx,
    workspace_id: i64,
    incident_ids: &[i64],
    due_at: Time,
    reason: &str,
) -> Result<(), StoreError> {
    for piece in pieces(incident_ids) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO ranking_queue (incident_id, workspace_id, due_at, reason) ",
            );
            query.push_values(piece, |mut row, id| {
                row.push_bind(*id)
                    .push_bind(workspace_id)
                    .push_bind(due_at.0)
                    .push_bind(reason);
            });
            query.push(
                " ON CONFLICT (incident_id) DO UPDATE SET due_at = \
                 CASE WHEN ranking_queue.due_at < excluded.due_at \
                 THEN ranking_queue.due_at ELSE excluded.due_at END",
            );
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

/// Incidents whose ranking is due, longest first.
pub async fn due(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<DueRanking>, StoreError> {
    let rows = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT incident_id, workspace_id, due_at, reason FROM ranking_queue \
             WHERE due_at <= $1 ORDER BY due_at, incident_id LIMIT $2",
        )
        .bind(now.0)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    Ok(rows)
}

/// Does an incident wait to be ranked?
pub async fn is_waiting(tx: &mut Tx, incident_id: i64) -> Result<bool, StoreError> {
    let found: Option<i64> = on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT due_at FROM ranking_queue WHERE incident_id = $1")
            .bind(incident_id)
            .fetch_optional(conn)
            .await?
    });
    Ok(found.is_some())
}

/// Takes an entry off the queue.
pub async fn dequeue(tx: &mut Tx, incident_id: i64) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query("DELETE FROM ranking_queue WHERE incident_id = $1")
            .bind(incident_id)
            .execute(conn)
            .await?;
    });
    Ok(())
}

/// Keeps a ranking in place of the one before.
pub async fn save(
    tx: &mut Tx,
    ranking: &RankingRecord,
    suspects: &[SuspectRecord],
) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO rankings (incident_id, workspace_id, ranked_at, deploy_id, \
             is_convincing, why, candidate_count) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (incident_id) DO UPDATE SET ranked_at = excluded.ranked_at, \
             deploy_id = excluded.deploy_id, is_convincing = excluded.is_convincing, \
             why = excluded.why, candidate_count = excluded.candidate_count",
        )
        .bind(ranking.incident_id)
        .bind(ranking.workspace_id)
        .bind(ranking.ranked_at.0)
        .bind(ranking.deploy_id)
        .bind(ranking.is_convincing)
        .bind(json(Some(&ranking.why)).unwrap_or_default())
        .bind(ranking.candidate_count)
        .execute(&mut *conn)
        .await?;
        sqlx::query("DELETE FROM suspects WHERE incident_id = $1")
            .bind(ranking.incident_id)
            .execute(conn)
            .await?;
    });
    for piece in pieces(suspects) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO suspects (incident_id, rank, kind, commit_id, deploy_id, score, \
                 reasons, files) ",
            );
            query.push_values(piece, |mut row, suspect| {
                row.push_bind(ranking.incident_id)
                    .push_bind(suspect.rank)
                    .push_bind(suspect.kind())
                    .push_bind(suspect.commit_id)
                    .push_bind(suspect.deploy_id)
                    .push_bind(suspect.score)
                    .push_bind(json(Some(&suspect.reasons)).unwrap_or_default())
                    .push_bind(json(Some(&suspect.files)).unwrap_or_default());
            });
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

#[derive(FromRow)]
struct RankingRow {
    incident_id: i64,
    workspace_id: i64,
    ranked_at: i64,
    deploy_id: Option<i64>,
    is_convincing: bool,
    why: String,
    candidate_count: i64,
}

#[derive(FromRow)]
struct SuspectRow {
    rank: i64,
    commit_id: Option<i64>,
    deploy_id: Option<i64>,
    score: i64,
    reasons: String,
    files: String,
}

/// The ranking of an incident with its suspects, most likely first.
pub async fn of_incident(
    tx: &mut Tx,
    incident_id: i64,
) -> Result<Option<(RankingRecord, Vec<SuspectRecord>)>, StoreError> {
    let row: Option<RankingRow> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT incident_id, workspace_id, ranked_at, deploy_id, is_convincing, why, \
             candidate_count FROM rankings WHERE incident_id = $1",
        )
        .bind(incident_id)
        .fetch_optional(conn)
        .await?
    });
    let Some(row) = row else {
        return Ok(None);
    };
    let rows: Vec<SuspectRow> = on_engine!(tx, |conn| {
        sqlx::query_as(
            "SELECT rank, commit_id, deploy_id, score, reasons, files FROM suspects \
             WHERE incident_id = $1 ORDER BY rank",
        )
        .bind(incident_id)
        .fetch_all(conn)
        .await?
    });
    let suspects = rows
        .iter()
        .map(|row| suspect(incident_id, row))
        .collect::<Result<Vec<_>, _>>()?;
    let ranking = RankingRecord {
        incident_id: row.incident_id,
        workspace_id: row.workspace_id,
        ranked_at: Time(row.ranked_at),
        deploy_id: row.deploy_id,
        is_convincing: row.is_convincing,
        why: from_json("rankings", incident_id, Some(&row.why))?.unwrap_or_default(),
        candidate_count: row.candidate_count,
    };
    Ok(Some((ranking, suspects)))
}

fn suspect(incident_id: i64, row: &SuspectRow) -> Result<SuspectRecord, StoreError> {
    let table = "suspects";
    Ok(SuspectRecord {
        rank: row.rank,
        commit_id: row.commit_id,
        deploy_id: row.deploy_id,
        score: row.score,
        reasons: from_json(table, incident_id, Some(&row.reasons))?.unwrap_or_default(),
        files: from_json(table, incident_id, Some(&row.files))?.unwrap_or_default(),
    })
}

impl SuspectRecord {
    /// `commit` or `deploy`.
    pub fn kind(&self) -> &'static str {
        if self.commit_id.is_some() {
            "commit"
        } else {
            "deploy"
        }
    }
}

/// Incidents that began after a deploy, newest first.
pub async fn under_deploy(tx: &mut Tx, deploy_id: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    let ids = on_engine!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT incident_id FROM rankings WHERE deploy_id = $1 \
             ORDER BY incident_id DESC LIMIT $2",
        )
        .bind(deploy_id)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    Ok(ids)
}

/// What somebody said of a suspect.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct FeedbackRecord {
    /// Incident.
    pub incident_id: i64,
    /// The commit's SHA, or the deploy's id as it is shown.
    pub subject: String,
    /// `guilty` or `innocent`.
    pub verdict: String,
    /// Where it stood when that was said; `None`: it was not shown.
    pub shown_rank: Option<i64>,
    /// Was the ranking called convincing?
    pub is_convincing: bool,
    /// Who said so.
    pub actor: String,
    /// `person` or `sentry` (resolved in a commit).
    pub source: String,
    /// When, in ms.
    pub at: i64,
}

/// Keeps what somebody said; the same subject again changes the mind, not where it stood.
pub async fn save_feedback(
    tx: &mut Tx,
    workspace_id: i64,
    feedback: &FeedbackRecord,
) -> Result<(), StoreError> {
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO suspect_feedback (incident_id, subject, workspace_id, verdict, \
             shown_rank, is_convincing, actor, source, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT (incident_id, subject) DO UPDATE SET verdict = excluded.verdict, \
             actor = excluded.actor, source = excluded.source, at = excluded.at",
        )
        .bind(feedback.incident_id)
        .bind(feedback.subject.as_str())
        .bind(workspace_id)
        .bind(feedback.verdict.as_str())
        .bind(feedback.shown_rank)
        .bind(feedback.is_convincing)
        .bind(feedback.actor.as_str())
        .bind(feedback.source.as_str())
        .bind(feedback.at)
        .execute(conn)
        .await?;
    });
    Ok(())
}

const FEEDBACK: &str =
    "incident_id, subject, verdict, shown_rank, is_convincing, actor, source, at";

/// What was said about an incident's suspects.
pub async fn feedback_of(tx: &mut Tx, incident_id: i64) -> Result<Vec<FeedbackRecord>, StoreError> {
    let mut rows: Vec<FeedbackRecord> = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {FEEDBACK} FROM suspect_feedback WHERE incident_id = $1"
        ))
        .bind(incident_id)
        .fetch_all(conn)
        .await?
    });
    rows.sort_by(|one, other| (one.at, &one.subject).cmp(&(other.at, &other.subject)));
    Ok(rows)
}

/// What was said in a workspace since an instant, newest first: the material of the hit rate.
pub async fn feedback_since(
    tx: &mut Tx,
    workspace_id: i64,
    since: Time,
    limit: i64,
) -> Result<Vec<FeedbackRecord>, StoreError> {
    let rows = on_engine!(tx, |conn| {
        sqlx::query_as(sql!(
            "SELECT {FEEDBACK} FROM suspect_feedback WHERE workspace_id = $1 AND at >= $2 \
             ORDER BY at DESC LIMIT $3"
        ))
        .bind(workspace_id)
        .bind(since.0)
        .bind(limit)
        .fetch_all(conn)
        .await?
    });
    Ok(rows)
}

/// Open incidents asked for at once, of each state.
const MOST_OPEN: i64 = 200;

/// Resolved incidents asked for at once: they come after the open ones, and nobody waits for them.
const MOST_UNEXPLAINED: usize = 50;
/// Resolved incidents among which they are looked for, the newest: those of a busy week.
const MOST_LOOKED_AT: i64 = 1_000;

/// The newest incidents of a workspace, or of some of its services, in this state. One statement a
/// service: so each walks along an index and sorts nothing.
async fn newest(
    tx: &mut Tx,
    workspace_id: i64,
    service_ids: &[i64],
    (status, since, limit): (&str, Time, i64),
) -> Result<Vec<i64>, StoreError> {
    let everywhere = service_ids.is_empty().then_some(None);
    let services = service_ids.iter().map(|id| Some(*id));
    let mut found: Vec<i64> = Vec::new();
    for service_id in everywhere.into_iter().chain(services) {
        let ids: Vec<i64> = on_engine!(tx, |conn, Engine| {
            let mut query =
                QueryBuilder::<Engine>::new("SELECT id FROM incidents WHERE workspace_id = ");
            query.push_bind(workspace_id);
            if let Some(service_id) = service_id {
                query.push(" AND service_id = ").push_bind(service_id);
            }
            query.push(" AND status = ").push_bind(status);
            query.push(" AND id >= ").push_bind(first_id_at(since));
            query.push(" ORDER BY id DESC LIMIT ").push_bind(limit);
            query.build_query_scalar().fetch_all(conn).await?
        });
        found.extend(ids);
    }
    found.sort_unstable_by(|one, other| other.cmp(one));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// Asks for rankings of the open incidents of these services (of all, when the list is empty) that
/// are not older than `since`.
pub async fn enqueue_open(
    tx: &mut Tx,
    workspace_id: i64,
    service_ids: &[i64],
    since: Time,
    (due_at, reason): (Time, &str),
) -> Result<(), StoreError> {
    let mut ids = Vec::new();
    for status in ["triggered", "acknowledged"] {
        let which = (status, since, MOST_OPEN);
        ids.extend(newest(tx, workspace_id, service_ids, which).await?);
    }
    enqueue(tx, workspace_id, &ids, due_at, reason).await
}

/// Asks for rankings of the resolved incidents of these services (of all, when the list is empty)
/// that are not older than `since` and have no convincing suspect, the newest first.
pub async fn enqueue_unexplained(
    tx: &mut Tx,
    workspace_id: i64,
    service_ids: &[i64],
    since: Time,
    (due_at, reason): (Time, &str),
) -> Result<(), StoreError> {
    let which = ("resolved", since, MOST_LOOKED_AT);
    let resolved = newest(tx, workspace_id, service_ids, which).await?;
    let mut ids: Vec<i64> = Vec::new();
    for piece in pieces(&resolved) {
        let found: Vec<i64> = on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "SELECT incident_id FROM rankings WHERE NOT is_convincing AND incident_id IN (",
            );
            let mut list = query.separated(", ");
            for id in piece {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_scalar().fetch_all(conn).await?
        });
        ids.extend(found);
        if ids.len() >= MOST_UNEXPLAINED {
            break;
        }
    }
    ids.truncate(MOST_UNEXPLAINED);
    enqueue(tx, workspace_id, &ids, due_at, reason).await
}
