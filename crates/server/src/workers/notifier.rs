//! Plans who is told, and sends what is owed: side by side, so that a slow destination delays no plan
//! and no other destination.

mod send;

pub use send::send_due;

use super::pause_or_stop;
use crate::app::App;
use crate::limits::{NOTICE_GATHER, NOTICE_TICK};
use crate::operations::notices::{claim_due, page_due, plan_due, tell_holds};
use epicenter_store::StoreError;
use epicenter_store::notices::turns::Place;
use send::deliver_all;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Plans what changed until the server stops.
pub(super) async fn plan(app: Arc<App>) {
    loop {
        match plan_all(&app).await {
            Ok(()) => {}
            Err(error) => tracing::error!(%error, "notices cannot be planned: {error}"),
        }
        tokio::select! {
            () = app.stop.cancelled() => return,
            () = app.planning.notified() => tokio::time::sleep(NOTICE_GATHER).await,
            () = tokio::time::sleep(NOTICE_TICK) => {}
        }
    }
}

async fn plan_all(app: &App) -> Result<(), StoreError> {
    while plan_due(app).await? + page_due(app).await? + tell_holds(app).await? > 0 {
        if app.stop.is_cancelled() {
            break;
        }
    }
    Ok(())
}

/// Sends what is owed until the server stops; then waits for the answers that are under way.
pub(super) async fn send(app: Arc<App>) {
    let mut busy: BTreeSet<Place> = BTreeSet::new();
    let mut under_way: JoinSet<Place> = JoinSet::new();
    while !app.stop.is_cancelled() {
        match claim_due(&app, &busy).await {
            Ok(claimed) => {
                app.beats.done("notifier", app.clock.now());
                for (place, claimed) in claimed {
                    busy.insert(place.clone());
                    let app = Arc::clone(&app);
                    under_way.spawn(async move {
                        deliver_all(app, claimed).await;
                        place
                    });
                }
            }
            Err(error) => {
                app.beats
                    .failed("notifier", app.clock.now(), &error.to_string());
                tracing::error!(%error, "the outbox cannot be read: {error}");
            }
        }
        tokio::select! {
            () = app.owed.notified() => {}
            Some(done) = under_way.join_next() => {
                if let Ok(place) = done {
                    busy.remove(&place);
                }
            }
            _ = pause_or_stop(&app, NOTICE_TICK) => {}
        }
    }
    while under_way.join_next().await.is_some() {}
}
