//! `/routes/versions`: how the rules were, and what each version changed.

use super::forms::Form;
use super::views::{RouteVersionRow, RouteVersionsPage, Section};
use super::visitor::{Shown, Visitor};
use crate::app::App;
use crate::operations::routes::{self as operation, Names};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, Response};
use epicenter_domain::routing::book::Book;
use epicenter_store::routing::versions;
use serde::Deserialize;
use std::sync::Arc;

const HERE: &str = "/routes/versions";
/// Versions on one page.
const SHOWN: i64 = 30;

/// Which version is shown, and where the list begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    number: String,
    cursor: String,
}

/// The versions, with what one of them changed.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(query): Query<ListQuery>,
) -> Shown {
    let workspace_id = visitor.caller.workspace_id;
    let cursor = Some(query.cursor.as_str()).filter(|text| !text.is_empty());
    let mut tx = app.database.read().await?;
    let newest = operation::current(&mut tx, workspace_id).await?.number;
    let page = versions::list(&mut tx, workspace_id, cursor, SHOWN).await?;
    let chosen = query.number.parse::<i64>().unwrap_or(newest);
    let new = versions::by_number(&mut tx, workspace_id, chosen).await?;
    let before = chosen.saturating_sub(1);
    let old = versions::by_number(&mut tx, workspace_id, before).await?;
    let names = Names::load(&mut tx, workspace_id).await?;
    tx.rollback().await?;
    let old = old.map_or_else(Book::default, |record| record.book);
    let lines = new.map_or_else(Vec::new, |new| {
        operation::diff(&names.to_names(&old), &names.to_names(&new.book))
    });
    let shown = RouteVersionsPage {
        shell: visitor.shell(&app, Section::Routes).await?,
        is_admin: visitor.caller.must_administer().is_ok(),
        newest,
        older: (page.next_cursor).map(|cursor| format!("{HERE}?cursor={cursor}")),
        rows: (page.items.into_iter())
            .map(|record| RouteVersionRow {
                number: record.number,
                made_at: record.made_at,
                actor: record.actor,
                comment: record.comment,
            })
            .collect(),
        chosen,
        lines: (lines.into_iter())
            .map(|line| (class(line.sign), format!("{} {}", line.sign, line.text)))
            .collect(),
    };
    Ok(Html(shown.render()?))
}

/// The class of a line.
fn class(sign: char) -> &'static str {
    match sign {
        '+' => "is-added",
        '-' => "is-removed",
        _ => "is-same",
    }
}

/// `POST /routes/versions/{number}/restore`.
pub(super) async fn restore(
    State(app): State<Arc<App>>,
    Path(number): Path<i64>,
    form: Form,
) -> Response {
    let caller = &form.visitor.caller;
    if let Err(problem) = caller.must_administer() {
        return form.failed(&app, HERE, problem.detail);
    }
    let base = form.fields.get("version").parse().unwrap_or_default();
    let place = (caller.workspace_id, caller.actor.name.as_str());
    let done = operation::restore(&app, place, number, base).await;
    let said = done.map(|new| format!("Version {number} counts again, as version {new}."));
    form.followed(&app, HERE, said)
}
