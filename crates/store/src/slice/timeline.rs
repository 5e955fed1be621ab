//! Lines of the timelines.

use crate::batch::pieces;
use crate::{StoreError, Tx};
use epicenter_domain::incident::TimelineEntry;
use epicenter_domain::signal::ActorKind;
use sqlx::QueryBuilder;

/// The word for an actor's kind.
pub(crate) fn actor_word(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Person => "person",
        ActorKind::Application => "application",
        ActorKind::User => "user",
        ActorKind::Epicenter => "epicenter",
    }
}

pub(crate) async fn save(tx: &mut Tx, entries: &[TimelineEntry]) -> Result<(), StoreError> {
    for piece in pieces(entries) {
        on_engine!(tx, |conn, Engine| {
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO timeline (id, workspace_id, incident_id, issue_id, at, occurred_at, \
                 kind, actor_kind, actor_id, actor_name, summary, body, delivery_id) ",
            );
            query.push_values(piece, |mut row, entry| {
                row.push_bind(entry.id)
                    .push_bind(entry.workspace_id)
                    .push_bind(entry.incident_id)
                    .push_bind(entry.issue_id)
                    .push_bind(entry.at.0)
                    .push_bind(entry.occurred_at.map(|at| at.0))
                    .push_bind(entry.kind.as_str())
                    .push_bind(actor_word(entry.actor.kind))
                    .push_bind(entry.actor.id.as_str())
                    .push_bind(entry.actor.name.as_str())
                    .push_bind(entry.summary.as_str())
                    .push_bind(entry.body.as_str())
                    .push_bind(entry.delivery_id);
            });
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}
