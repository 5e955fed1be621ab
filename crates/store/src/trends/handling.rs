//! When incidents were opened, taken and solved.

use crate::page::comparable;
use crate::{StoreError, Tx};
use epicenter_domain::id::first_id_at;
use epicenter_domain::time::Time;
use epicenter_domain::trend::handling::Spell;
use sqlx::{Database, Encode, QueryBuilder, Type};

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

/// An incident's instants and its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceSpell {
    /// Service that owns it.
    pub service_id: Option<i64>,
    /// Its instants.
    pub spell: Spell,
}

/// Service, when it opened, was taken and resolved, and whether it is aside.
type Row = (Option<i64>, i64, Option<i64>, Option<i64>, bool);

/// Incidents that were opened from an instant until before another, at most `limit`, the newest.
pub async fn spells(
    tx: &mut Tx,
    workspace_id: i64,
    filter: &SpellFilter,
    (from, to): (Time, Time),
    limit: i64,
) -> Result<Vec<ServiceSpell>, StoreError> {
    let rows: Vec<Row> = on_engine!(tx, |conn, Engine| {
        // Ids begin with the time at which they were given. The sign keeps SQLite on them.
        let mut query = QueryBuilder::<Engine>::new(
            "SELECT service_id, opened_at, acknowledged_at, resolved_at, \
             (merged_into_id IS NOT NULL OR suspended_until IS NOT NULL) AS is_aside \
             FROM incidents WHERE workspace_id + 0 = ",
        );
        query.push_bind(workspace_id);
        query.push(" AND id >= ").push_bind(first_id_at(from));
        query.push(" AND id < ").push_bind(first_id_at(to));
        push_filter(&mut query, filter);
        query.push(" ORDER BY id DESC LIMIT ").push_bind(limit);
        query.build_query_as().fetch_all(conn).await?
    });
    let spell = |(service_id, opened, acknowledged, resolved, is_aside): Row| ServiceSpell {
        service_id,
        spell: Spell {
            opened_at: Time(opened),
            acknowledged_at: acknowledged.map(Time),
            resolved_at: resolved.map(Time),
            is_aside,
        },
    };
    Ok(rows.into_iter().map(spell).collect())
}

/// How many incidents were resolved when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// Hours and their incidents, without those that were merged or held back; oldest first, hours
    /// without any are left out.
    pub hours: Vec<(Time, i64)>,
    /// How many were looked at: as many as were asked for, if there are more.
    pub count: i64,
}

/// Incidents that were resolved from an instant until before another, at most `limit`, the newest;
/// those that were reopened since are not found. They are counted here: nothing but the hour of
/// each is needed, and thousands of rows cost more to hand over than to read.
pub async fn resolved(
    tx: &mut Tx,
    workspace_id: i64,
    filter: &SpellFilter,
    (from, to): (Time, Time),
    limit: i64,
) -> Result<Resolved, StoreError> {
    let rows: Vec<(i64, i64, i64)> = on_engine!(tx, |conn, Engine| {
        let mut query = QueryBuilder::<Engine>::new(
            "SELECT few.at, count(*), CAST(SUM(\
             CASE WHEN few.is_aside THEN 0 ELSE 1 END) AS BIGINT) FROM (SELECT resolved_at - \
             resolved_at % 3600000 AS at, (merged_into_id IS NOT NULL \
             OR suspended_until IS NOT NULL) AS is_aside \
             FROM incidents WHERE status = 'resolved' AND workspace_id = ",
        );
        query.push_bind(workspace_id);
        query.push(" AND resolved_at >= ").push_bind(from.0);
        query.push(" AND resolved_at < ").push_bind(to.0);
        push_filter(&mut query, filter);
        query.push(" ORDER BY resolved_at DESC LIMIT ");
        query.push_bind(limit);
        query.push(") AS few GROUP BY few.at ORDER BY few.at");
        query.build_query_as().fetch_all(conn).await?
    });
    let hours = rows.iter().filter(|(_, _, counted)| *counted > 0);
    Ok(Resolved {
        count: rows.iter().map(|(_, count, _)| count).sum(),
        hours: hours
            .map(|(at, _, counted)| (Time(*at), *counted))
            .collect(),
    })
}

fn push_filter<E: Database>(query: &mut QueryBuilder<E>, filter: &SpellFilter)
where
    for<'q> String: Encode<'q, E> + Type<E>,
    for<'q> i64: Encode<'q, E> + Type<E>,
{
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
}
