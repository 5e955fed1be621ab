//! The way back to Sentry, on the page of a Sentry integration.

use super::forms::Form;
use super::integrations::address;
use super::views::ConnectionRow;
use super::visitor::Failure;
use crate::app::App;
use crate::operations::sentry::{
    WantedConnection, check, delete as forget, last_reason, save as keep, sync_one, to_the_end,
};
use crate::operations::write_backs::{Choice, choice_of, choose};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use epicenter_domain::id::IdKind;
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::writeback::Scope;
use epicenter_store::integrations::IntegrationRecord;
use epicenter_store::sentry::connections::ConnectionRecord;
use epicenter_store::sentry::{connections, runs};
use std::sync::Arc;

/// What the page shows of them.
pub(super) async fn rows(
    app: &App,
    record: &IntegrationRecord,
) -> Result<Vec<ConnectionRow>, Failure> {
    if record.kind != IntegrationKind::Sentry.as_str() {
        return Ok(Vec::new());
    }
    let mut tx = app.database.read().await?;
    let all = connections::list(&mut tx, record.workspace_id).await?;
    let mine = all
        .into_iter()
        .filter(|one| one.integration_id == record.id);
    let mut rows = Vec::new();
    for one in mine {
        let newest = runs::list(&mut tx, record.workspace_id, Some(one.id), (None, 1)).await?;
        let sentence = |run: &runs::RunRecord| format!("{}: {}", run.outcome, last_reason(run));
        let last_run = newest.first().map(sentence);
        let choice = choice_of(&mut tx, &one).await?;
        rows.push(row(app, one, last_run, choice));
    }
    tx.rollback().await?;
    Ok(rows)
}

fn row(
    app: &App,
    one: ConnectionRecord,
    last_run: Option<String>,
    choice: Choice,
) -> ConnectionRow {
    ConnectionRow {
        last_run,
        told: (choice.chosen, choice.in_force),
        refusal: choice.refusal,
        has_token: app.sentry.token(&one).is_some(),
        id: IdKind::SentryConnection.show(one.id),
        base_url: one.base_url,
        organization: one.organization,
        projects: one.projects.join(", "),
        from_environment: one.from_environment,
        synced_until: one.synced_until,
        held_until: one.held_until.filter(|until| *until > app.clock.now()),
        checked_at: one.checked_at,
        fault: one.check_fault,
        token_expires_at: one.token_expires_at,
    }
}

fn place(integration_id: i64) -> String {
    format!("{}#way-back", address(integration_id))
}

/// `POST /integrations/{id}/sentry`: sets one up, or changes it.
pub(super) async fn save(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    if let Err(problem) = form.visitor.caller.must_administer() {
        return Failure::from(problem).into_response();
    }
    let Some(integration_id) = IdKind::Integration.parse(&id) else {
        return Failure::NotFound.into_response();
    };
    let projects = form.fields.get("projects").split([',', ' ']);
    let wanted = WantedConnection {
        integration_id,
        base_url: form.fields.get("base_url").to_owned(),
        organization: form.fields.get("organization").to_owned(),
        projects: projects.map(str::to_owned).collect(),
        token: form.fields.get("token").to_owned(),
        token_expires_at: form.fields.get("token_expires_at").to_owned(),
    };
    let workspace_id = form.visitor.caller.workspace_id;
    let told = match keep(&app, workspace_id, wanted).await {
        Ok(connection_id) => check(&app, workspace_id, connection_id).await,
        Err(error) => Err(error),
    };
    let told = told.map(|checked| format!("Saved. {}", checked.sentence()));
    form.followed(&app, &place(integration_id), told)
}

/// `POST /integrations/{id}/sentry/{connection}/check`.
pub(super) async fn test(
    State(app): State<Arc<App>>,
    Path((id, connection)): Path<(String, String)>,
    form: Form,
) -> Response {
    let (integration_id, connection_id) = match both(&form, &id, &connection) {
        Ok(ids) => ids,
        Err(failure) => return failure.into_response(),
    };
    let checked = check(&app, form.visitor.caller.workspace_id, connection_id).await;
    match checked {
        Ok(checked) if !checked.faults.is_empty() => {
            form.failed(&app, &place(integration_id), checked.sentence())
        }
        other => {
            let told = other.map(|checked| checked.sentence());
            form.followed(&app, &place(integration_id), told)
        }
    }
}

/// `POST /integrations/{id}/sentry/{connection}/sync`.
pub(super) async fn sync(
    State(app): State<Arc<App>>,
    Path((id, connection)): Path<(String, String)>,
    form: Form,
) -> Response {
    let (integration_id, connection_id) = match both(&form, &id, &connection) {
        Ok(ids) => ids,
        Err(failure) => return failure.into_response(),
    };
    let workspace_id = form.visitor.caller.workspace_id;
    let own = Arc::clone(&app);
    let work = async move { sync_one(&own, workspace_id, connection_id).await };
    let told = match to_the_end(&app, work).await {
        Some(Ok(asked)) => Ok(asked.report.map_or_else(
            || "A pass is under way already.".to_owned(),
            |(run, _)| last_reason(&run),
        )),
        Some(Err(error)) => Err(error),
        None => Ok("The pass was cut off; the next one goes on there.".to_owned()),
    };
    form.followed(&app, &place(integration_id), told)
}

/// `POST /integrations/{id}/sentry/{connection}/delete`.
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Path((id, connection)): Path<(String, String)>,
    form: Form,
) -> Response {
    let (integration_id, connection_id) = match both(&form, &id, &connection) {
        Ok(ids) => ids,
        Err(failure) => return failure.into_response(),
    };
    let gone = forget(&app, form.visitor.caller.workspace_id, connection_id).await;
    let told = gone.map(|()| "Removed, with its token. The error log stays.".to_owned());
    form.followed(&app, &place(integration_id), told)
}

/// `POST /integrations/{id}/sentry/{connection}/told`: what it is told of what is done here.
pub(super) async fn told(
    State(app): State<Arc<App>>,
    Path((id, connection)): Path<(String, String)>,
    form: Form,
) -> Response {
    let (integration_id, connection_id) = match both(&form, &id, &connection) {
        Ok(ids) => ids,
        Err(failure) => return failure.into_response(),
    };
    let scope = Scope::parse(form.fields.get("scope"));
    let chosen = choose(&app, form.visitor.caller.workspace_id, connection_id, scope).await;
    let words = chosen.map(|()| "Saved. It counts for what is done from now on.".to_owned());
    form.followed(&app, &place(integration_id), words)
}

/// Both ids, of a form that an administrator sent.
fn both(form: &Form, id: &str, connection: &str) -> Result<(i64, i64), Failure> {
    form.visitor.caller.must_administer()?;
    let integration_id = IdKind::Integration.parse(id);
    let ids = integration_id.zip(IdKind::SentryConnection.parse(connection));
    ids.ok_or(Failure::NotFound)
}
