//! Load, decide, save: one transaction each, a file per verb. Knows no HTTP.

pub mod accounts;
pub mod apply_deliveries;
pub mod auto_resolve;
pub mod canary;
pub mod change_doctor;
pub mod change_issue;
pub mod clones;
pub mod code_hosts;
pub mod command_incident;
pub mod complete_pushes;
pub mod config_file;
mod defaults;
pub mod detect;
pub mod digests;
pub mod embed;
mod error;
pub mod escalate;
pub mod event_detail;
pub mod feed;
mod group_alerts;
pub mod group_incidents;
pub mod grouping_policy;
mod guarded;
pub mod health;
pub mod inhibitions;
pub mod integrations;
pub mod links;
pub mod notice_settings;
pub mod notices;
pub mod owner_files;
pub mod people;
pub mod rank_suspects;
pub mod read_deliveries;
pub mod record_changes;
pub mod remember;
pub mod replay_delivery;
pub mod repositories;
pub mod routes;
mod search_by_meaning;
pub mod search_memory;
pub mod sentry;
pub mod services;
pub mod similar_incidents;
pub mod slack;
mod store_commits;
pub mod storms;
pub mod suspect_feedback;
pub mod tell_change;
pub mod tell_release;
pub mod token_kind;
mod touched;
pub mod train_dictionary;
pub mod trend;
pub mod trends;
pub mod warn;
pub mod watch_sentry;
pub mod watch_sources;
pub mod watch_tokens;
pub mod write_backs;

pub use defaults::ensure_defaults;
pub use error::OperationError;

use crate::app::App;
use epicenter_domain::engine::{Context, Origin, Slice};
use epicenter_domain::incident::TimelineEntry;
use epicenter_domain::time::Time;
use epicenter_store::slice::{self, Touched};
use epicenter_store::{StoreError, Tx};

/// Runs one step of the engine in the open transaction: load, decide, save. Answers the
/// decision's value and the lines that were written.
async fn step<T>(
    app: &App,
    tx: &mut Tx,
    touched: &Touched,
    (origin, now): (&Origin, Time),
    decide: impl FnOnce(&mut Slice, &mut Context<'_>) -> T,
) -> Result<(T, Vec<TimelineEntry>), StoreError> {
    let mut slice = slice::load(tx, touched).await?;
    let mut context = Context {
        origin,
        delivery_id: None,
        now,
        ids: &app.ids,
    };
    let value = decide(&mut slice, &mut context);
    write_backs::keep_to_settings(tx, &mut slice).await?;
    slice::save(tx, &slice).await?;
    notices::ask_for_plans(app, tx, &slice).await?;
    remember::enqueue(app, tx, &slice.notes).await?;
    rank_suspects::ask_for_rankings(app, tx, &slice).await?;
    let mut timeline = slice.timeline;
    timeline.extend(escalate::follow(app, tx, &slice.moved, now).await?);
    Ok((value, timeline))
}
