//! `/health`: how Epicenter itself is.

use super::views::{HealthPage, Section};
use super::visitor::{Shown, Visitor};
use crate::app::App;
use crate::operations::health::of_app;
use askama::Template;
use axum::extract::State;
use axum::response::Html;
use std::sync::Arc;

/// The page.
pub(super) async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Shown {
    let found = of_app(&app, visitor.caller.workspace_id).await?;
    let page = HealthPage {
        shell: visitor.shell(&app, Section::Health).await?,
        report: found.report,
        capture_days: found.figures.capture_days,
    };
    Ok(Html(page.render()?))
}
