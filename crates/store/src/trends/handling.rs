//! When incidents were opened, taken and solved.

use crate::page::comparable;
use crate::{StoreError, Tx};
use epicenter_domain::id::first_id_at;
use epicenter_domain::time::Time;
use epicenter_domain::trend::handling::Spell;
use sqlx::{FromRow, QueryBuilder};

/// Which incidents are counted; what is empty lets all through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpellFilter {
    /// Of this service.
    pub service_id: Option<i64>,
    /// Of this project.
    pub project: Option<String>,
    /// In this environment.
    pub environment: Option<String>,
}

/// By which of its instants an incident is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpellEdge {
    /// When it opened.
    Opened,
    /// When it was resolved; those that were reopened since are not found.
    Resolved,
}

/// An incident's instants and its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceSpell {
    /// Service that owns it.
    pub service_id: Option<i64>,
    /// Its instants.
    pub spell: Spell,
}

#[derive(FromRow)]
struct Row {
    service_id: Option<i64>,
    opened_at: i64,
    acknowledged_at: Option<i64>,
    resolved_at: Option<i64>,
    is_aside: bool,
}

/// Incidents that were opened (or resolved) from an instant until before another, at most `limit`,
/// the newest.
pub async fn spells(
    tx: &mut Tx,
    workspace_id: i64,
    filter: &SpellFilter,
    (edge, from, to): (SpellEdge, Time, Time),
    limit: i64,
) -> Result<Vec<ServiceSpell>, StoreError> {
    let rows: Vec<Row> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new(
            "SELECT service_id, opened_at, acknowledged_at, resolved_at, \
             (merged_into_id IS NOT NULL OR suspended_until IS NOT NULL) AS is_aside \
             FROM incidents WHERE ",
        );
        let (condition, column, least, end) = match edge {
            // Ids begin with the time at which they were given. The sign keeps SQLite on them.
            SpellEdge::Opened => (
                "workspace_id + 0 = ",
                "id",
                first_id_at(from),
                first_id_at(to),
            ),
            SpellEdge::Resolved => (
                "status = 'resolved' AND workspace_id = ",
                "resolved_at",
                from.0,
                to.0,
            ),
        };
        query.push(condition).push_bind(workspace_id);
        query
            .push(" AND ")
            .push(column)
            .push(" >= ")
            .push_bind(least);
        query.push(" AND ").push(column).push(" < ").push_bind(end);
        if let Some(service_id) = filter.service_id {
            query.push(" AND service_id + 0 = ").push_bind(service_id);
        }
        for (name, value) in [
            ("project", &filter.project),
            ("environment", &filter.environment),
        ] {
            if let Some(value) = value {
                query.push(" AND ").push(name).push(" = ");
                query.push_bind(comparable(value));
            }
        }
        query.push(" ORDER BY ").push(column).push(" DESC LIMIT ");
        query.push_bind(limit);
        query.build_query_as().fetch_all(conn).await?
    });
    let spell = |row: Row| ServiceSpell {
        service_id: row.service_id,
        spell: Spell {
            opened_at: Time(row.opened_at),
            acknowledged_at: row.acknowledged_at.map(Time),
            resolved_at: row.resolved_at.map(Time),
            is_aside: row.is_aside,
        },
    };
    Ok(rows.into_iter().map(spell).collect())
}
