//! `/changes/hit-rate`: how often the ranking was right here.

use super::views::{HitRatePage, Section};
use super::visitor::{Shown, Visitor};
use crate::app::App;
use crate::limits::COUNTED_FEEDBACK;
use askama::Template;
use axum::extract::State;
use axum::response::Html;
use epicenter_domain::suspect::{Said, hit_rate};
use epicenter_domain::time::{DAY_MS, Time};
use epicenter_store::suspects::{self, FeedbackRecord};
use std::sync::Arc;

/// Days that are counted.
const SPANS: [i64; 2] = [30, 90];

fn said(record: &FeedbackRecord) -> Said {
    Said {
        incident_id: record.incident_id,
        is_guilty: record.verdict == "guilty",
        shown_rank: record.shown_rank,
        is_convincing: record.is_convincing,
        at: Time(record.at),
    }
}

/// The page.
pub(super) async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Shown {
    let workspace_id = visitor.caller.workspace_id;
    let now = app.clock.now();
    let longest = SPANS.into_iter().max().unwrap_or_default();
    let since = now.plus_ms(-longest * DAY_MS);
    let mut tx = app.database.read().await?;
    let records = suspects::feedback_since(&mut tx, workspace_id, since, COUNTED_FEEDBACK).await?;
    tx.rollback().await?;
    let all: Vec<Said> = records.iter().map(said).collect();
    let span = |days: i64| {
        let since = now.plus_ms(-days * DAY_MS);
        let inside: Vec<Said> = all.iter().filter(|one| one.at >= since).cloned().collect();
        (days, hit_rate(&inside))
    };
    let page = HitRatePage {
        shell: visitor.shell(&app, Section::Changes).await?,
        spans: SPANS.into_iter().map(span).collect(),
        is_cut: i64::try_from(all.len()).is_ok_and(|count| count >= COUNTED_FEEDBACK),
    };
    Ok(Html(page.render()?))
}
