//! Several alerts in one incident: the panel on its page, merging and splitting.

use super::forms::Form;
use super::views::parts::Clock;
use super::views::{GroupPanel, GroupRow};
use super::visitor::{Failure, Visitor};
use crate::app::App;
use crate::http::problem::Problem;
use crate::limits::{BULK_INCIDENTS, MERGE_CHOICES};
use crate::operations::OperationError;
use crate::operations::group_incidents::{Wanted, leader, merge_incidents, split_incident};
use axum::extract::{Path, State};
use axum::response::Response;
use epicenter_domain::engine::Part;
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::{Alert, Incident, IncidentStatus, Share};
use epicenter_store::incidents::IncidentFilter;
use epicenter_store::{Tx, alerts, groups, incidents};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The alerts of an incident together, and where they could go.
pub(super) async fn panel(
    tx: &mut Tx,
    visitor: &Visitor,
    clock: Clock,
    incident: &Incident,
) -> Result<GroupPanel, Failure> {
    let mut panel = GroupPanel {
        clock,
        csrf: visitor.session.csrf.clone(),
        number: incident.number,
        can_act: visitor.caller.must_respond().is_ok(),
        ..GroupPanel::default()
    };
    if incident.merged.is_some() {
        let whole = leader(tx, incident.clone()).await.map_err(Problem::from)?;
        panel.can_act &= whole.is_open();
        panel.merged_into = Some((whole.number, whole.title));
        return Ok(panel);
    }
    panel.can_act &= incident.is_open();
    if incident.alert_count > 1 {
        let inside = groups::merged_into(tx, incident.workspace_id, incident.id).await?;
        let numbers = inside.iter().map(|one| (one.id, one.number)).collect();
        let all = alerts::of_incident(tx, incident.id).await?;
        panel.rows = all
            .iter()
            .map(|alert| row(incident, &numbers, alert))
            .collect();
    }
    if panel.can_act {
        panel.others = others(tx, incident).await?;
    }
    Ok(panel)
}

fn row(incident: &Incident, numbers: &BTreeMap<i64, i64>, alert: &Alert) -> GroupRow {
    let share = alert.share.as_deref();
    GroupRow {
        id: IdKind::Alert.show(alert.id),
        name: share.map_or_else(|| alert.dedup_key.clone(), Share::name),
        issue_id: alert.issue_id.map(|id| IdKind::Issue.show(id)),
        is_open: alert.is_open,
        leads: incident.is_led_by(alert),
        event_count: share.map_or(0, |share| share.event_count),
        last_seen_at: share.map_or(incident.last_seen_at, |share| share.last_seen_at),
        from: share.and_then(|share| numbers.get(&share.home_incident_id).copied()),
        why: share.and_then(|share| share.why.clone()),
    }
}

/// The newest open incidents, those of the same service first.
async fn others(tx: &mut Tx, incident: &Incident) -> Result<Vec<(i64, String)>, Failure> {
    let filter = IncidentFilter {
        statuses: vec![
            IncidentStatus::Suspended,
            IncidentStatus::Triggered,
            IncidentStatus::Acknowledged,
        ],
        ..IncidentFilter::default()
    };
    let page = incidents::list(tx, incident.workspace_id, &filter, None, MERGE_CHOICES).await?;
    let mut open = page.items;
    open.retain(|other| other.id != incident.id);
    open.sort_by_key(|other| other.service_id != incident.service_id);
    Ok(open
        .into_iter()
        .map(|other| (other.number, other.title))
        .collect())
}

async fn numbered(app: &App, visitor: &Visitor, number: i64) -> Result<Incident, Problem> {
    let workspace_id = visitor.caller.workspace_id;
    let mut tx = app.database.read().await?;
    let found = incidents::by_number(&mut tx, workspace_id, number).await?;
    tx.rollback().await?;
    found.ok_or_else(|| Problem::not_found("incident"))
}

/// Merges one incident into another, by their numbers.
async fn merge_numbers(
    app: &App,
    visitor: &Visitor,
    (source, target): (i64, i64),
) -> Result<(), Problem> {
    let source = numbered(app, visitor, source).await?;
    let target = numbered(app, visitor, target).await?;
    let pair = (source.id, target.id);
    let workspace_id = visitor.caller.workspace_id;
    Ok(merge_incidents(app, workspace_id, pair, &visitor.caller.actor).await?)
}

/// `POST /incidents/{number}/merge`.
pub(super) async fn merge(
    State(app): State<Arc<App>>,
    Path(number): Path<i64>,
    form: Form,
) -> Response {
    let back = format!("/incidents/{number}");
    if let Err(problem) = form.visitor.caller.must_respond() {
        return form.failed(&app, &back, problem.detail);
    }
    let into = form.fields.get("into").trim().trim_start_matches('#');
    let Ok(into) = into.parse::<i64>() else {
        return form.failed(&app, &back, "Choose the incident that it goes into.");
    };
    match merge_numbers(&app, &form.visitor, (number, into)).await {
        Ok(()) => {
            let text = format!("Merged #{number} into #{into}.");
            form.undoable(&app, &back, text, format!("{number}.unmerge"))
        }
        Err(problem) => form.followed(&app, &back, Err::<String, _>(problem)),
    }
}

/// `POST /incidents/{number}/split`: an alert, or, without one, the incident itself.
pub(super) async fn split(
    State(app): State<Arc<App>>,
    Path(number): Path<i64>,
    form: Form,
) -> Response {
    let back = format!("/incidents/{number}");
    if let Err(problem) = form.visitor.caller.must_respond() {
        return form.failed(&app, &back, problem.detail);
    }
    let alert = form.fields.get("alert");
    let wanted = match IdKind::Alert.parse(alert) {
        Some(id) => Wanted::Part(Part::Alert(id)),
        None if alert.is_empty() => Wanted::Itself,
        None => return form.failed(&app, &back, "This alert is not known. Reload the page."),
    };
    match split_number(&app, &form.visitor, number, wanted).await {
        Ok((whole, own)) => {
            let text = format!("Split #{own} out of #{whole}.");
            form.undoable(&app, &back, text, format!("{own}.into_{whole}"))
        }
        Err(problem) => form.followed(&app, &back, Err::<String, _>(problem)),
    }
}

/// Answers the number that it was split out of, and the number that it is now.
async fn split_number(
    app: &App,
    visitor: &Visitor,
    number: i64,
    wanted: Wanted,
) -> Result<(i64, i64), Problem> {
    let incident = numbered(app, visitor, number).await?;
    let workspace_id = visitor.caller.workspace_id;
    let mut tx = app.database.read().await?;
    let whole = leader(&mut tx, incident.clone()).await?;
    tx.rollback().await?;
    let what = (incident.id, wanted);
    let own_id = split_incident(app, workspace_id, what, &visitor.caller.actor).await?;
    let mut tx = app.database.read().await?;
    let own = incidents::by_id(&mut tx, workspace_id, own_id).await?;
    tx.rollback().await?;
    let own = own.ok_or(OperationError::NotFound("incident"))?;
    Ok((whole.number, own.number))
}

/// Merges the selected incidents into the oldest of them.
pub(super) async fn merge_selected(app: &App, form: &Form, back: &str) -> Response {
    let numbers = form.fields.all("numbers");
    let mut numbers: Vec<i64> = numbers
        .filter_map(|text| text.parse().ok())
        .take(BULK_INCIDENTS)
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    let Some((into, others)) = numbers.split_first().filter(|(_, rest)| !rest.is_empty()) else {
        return form.failed(app, back, "Select at least two incidents to merge.");
    };
    let mut merged = Vec::new();
    let mut failures = Vec::new();
    for number in others {
        match merge_numbers(app, &form.visitor, (*number, *into)).await {
            Ok(()) => merged.push(format!("{number}.unmerge")),
            Err(problem) => failures.push(format!("#{number}: {}", problem.detail)),
        }
    }
    if merged.is_empty() {
        return form.failed(app, back, failures.join(" "));
    }
    let mut text = format!("Merged into #{into}: {} of {}.", merged.len(), others.len());
    for failure in &failures {
        text.push(' ');
        text.push_str(failure);
    }
    form.undoable(app, back, text, merged.join("-"))
}

/// Takes a merge or a split back; `None` when the word means neither.
pub(super) async fn undo(
    app: &App,
    visitor: &Visitor,
    number: i64,
    word: &str,
) -> Option<Result<(), Problem>> {
    if word == "unmerge" {
        let split = split_number(app, visitor, number, Wanted::Itself).await;
        return Some(split.map(|_| ()));
    }
    let into: i64 = word.strip_prefix("into_")?.parse().ok()?;
    Some(merge_numbers(app, visitor, (number, into)).await)
}
