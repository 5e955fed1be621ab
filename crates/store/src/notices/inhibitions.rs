//! Which incidents mute others.

use super::{read, write};
use crate::people::Kept;
use crate::{StoreError, Tx};
use epicenter_domain::routing::inhibit::Rule;

/// The rules of a workspace; none: it has said nothing, and the default counts.
pub async fn rules(tx: &mut Tx, workspace_id: i64) -> Result<Option<Vec<Rule>>, StoreError> {
    let text: Option<String> = on_engine!(tx, |conn| {
        sqlx::query_scalar("SELECT rules FROM inhibitions WHERE workspace_id = $1")
            .bind(workspace_id)
            .fetch_optional(conn)
            .await?
    });
    text.map(|text| {
        let kept: Kept<Vec<Rule>> = read("inhibitions", workspace_id, &text)?;
        Ok(kept.content())
    })
    .transpose()
}

/// Sets the rules of a workspace; none of them: nothing mutes anything.
pub async fn set_rules(tx: &mut Tx, workspace_id: i64, rules: &[Rule]) -> Result<(), StoreError> {
    let text = write("inhibitions", workspace_id, &Kept::V1(rules))?;
    on_engine!(tx, |conn| {
        sqlx::query(
            "INSERT INTO inhibitions (workspace_id, rules) VALUES ($1, $2) \
             ON CONFLICT (workspace_id) DO UPDATE SET rules = excluded.rules",
        )
        .bind(workspace_id)
        .bind(text.as_str())
        .execute(conn)
        .await?;
    });
    Ok(())
}
