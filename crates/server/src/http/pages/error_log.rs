//! `/error-log`: the mirror of Sentry's issues.

use super::event::{chooser, event_view};
use super::forms::{Form, own_address, some};
use super::incident::{TIMELINE_LINES, shown_timeline};
use super::incidents::recent;
use super::trends;
use super::views::parts::{Clock, Query as Address, SafeLink, ShownLevel, ShownStatus, Trend};
use super::views::{
    ErrorLogPage, EventRow, IncidentLink, IssueDetail, IssueFilter, IssueHead, IssueList,
    IssuePage, IssueRow, Section,
};
use super::visitor::{Failure, Shown, Visitor, state_of};
use super::write_backs::panel;
use crate::app::App;
use crate::limits::{PAGE_SIZE, SHOWN_WRITE_BACKS};
use crate::operations::change_issue::change_issue;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use epicenter_domain::id::IdKind;
use epicenter_domain::issue::Issue;
use epicenter_domain::level::Level;
use epicenter_domain::signal::IssueStatus;
use epicenter_domain::time::{DAY_MS, HOUR_MS, Time};
use epicenter_store::issues::{self, IssueSort};
use epicenter_store::{Tx, events, incidents, timeline, write_backs};
use serde::Deserialize;
use std::sync::Arc;

/// Events listed on the page of an issue.
const EVENT_ROWS: i64 = 25;

/// The filter in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    status: String,
    level: String,
    project: String,
    from: String,
    to: String,
    q: String,
    sort: String,
    cursor: String,
    sentry_issue: String,
    event: String,
    before: String,
}

fn day(text: &str) -> Option<Time> {
    Time::parse(&format!("{text}T00:00:00Z")).or_else(|| Time::parse(text))
}

fn store_filter(query: &ListQuery) -> issues::IssueFilter {
    let levels = ["fatal", "error", "warning", "info", "debug", "sample"];
    let status = match query.status.as_str() {
        "all" => None,
        "" => Some(IssueStatus::Unresolved),
        word => IssueStatus::from_sentry(word),
    };
    issues::IssueFilter {
        status,
        level: levels
            .contains(&query.level.as_str())
            .then(|| Level::from_sentry(&query.level)),
        project: some(&query.project),
        q: some(&query.q),
        from: day(&query.from),
        // The last day counts as a whole.
        to: day(&query.to).map(|day| day.plus_ms(DAY_MS)),
    }
}

/// The page, or its rows for the page's script.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(query): Query<ListQuery>,
) -> Result<Response, Failure> {
    let workspace_id = visitor.caller.workspace_id;
    let mut tx = app.database.read().await?;
    if !query.sentry_issue.is_empty()
        && let Some(issue) =
            issues::by_sentry_id(&mut tx, workspace_id, &query.sentry_issue).await?
    {
        return Ok(Redirect::to(&address(issue.id)).into_response());
    }
    let sort = match query.sort.as_str() {
        "count" => IssueSort::Count,
        "first_seen" => IssueSort::FirstSeen,
        _ => IssueSort::LastSeen,
    };
    let cursor = Some(query.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let filter = store_filter(&query);
    let page = issues::list(&mut tx, workspace_id, &filter, sort, (cursor, PAGE_SIZE)).await?;
    let projects = issues::projects(&mut tx, workspace_id).await?;
    let counts = issues::counts(&mut tx, workspace_id).await?;
    let now = app.clock.now();
    let mut rows = Vec::with_capacity(page.items.len());
    for issue in page.items {
        let trend = recent(&mut tx, Some(issue.id), now, HOUR_MS, DAY_MS).await?;
        rows.push(row(issue, trend));
    }
    tx.rollback().await?;
    let has_issues = !projects.is_empty() || !rows.is_empty();
    let list = IssueList {
        clock: Clock(now),
        filter: IssueFilter {
            status: query.status,
            level: query.level,
            project: query.project,
            from: query.from,
            to: query.to,
            q: query.q,
            sort: query.sort,
            cursor: query.cursor,
        },
        counts: Some((counts.unresolved, counts.resolved, counts.ignored)),
        rows,
        next_cursor: page.next_cursor,
        has_issues,
    };
    if visitor.fragment.is_some() {
        return Ok(Html(list.render()?).into_response());
    }
    let shell = visitor.shell(&app, Section::ErrorLog).await?;
    let projects = projects
        .into_iter()
        .map(|slug| (slug.clone(), slug))
        .collect();
    Ok(Html(
        ErrorLogPage {
            shell,
            list,
            projects,
        }
        .render()?,
    )
    .into_response())
}

fn address(issue_id: i64) -> String {
    format!("/error-log/{}", IdKind::Issue.show(issue_id))
}

fn row(issue: Issue, trend: Trend) -> IssueRow {
    IssueRow {
        id: IdKind::Issue.show(issue.id),
        level: ShownLevel(issue.level),
        status: ShownStatus(issue.status),
        project: issue.project_label().map(str::to_owned),
        event_count: issue.event_count(),
        title: issue.title,
        short_id: issue.short_id,
        substatus: issue.substatus,
        culprit: issue.culprit,
        environment: issue.environment,
        release: issue.release,
        user_count: issue.user_count,
        first_seen_at: issue.first_seen_at,
        last_seen_at: issue.last_seen_at,
        trend,
        updated_at: issue.updated_at,
    }
}

async fn find(tx: &mut Tx, workspace_id: i64, id: &str) -> Result<Issue, Failure> {
    let id = IdKind::Issue.parse(id).ok_or(Failure::NotFound)?;
    issues::by_id(tx, workspace_id, id)
        .await?
        .ok_or(Failure::NotFound)
}

/// One entry: a page, the part under an opened row (`X-Fragment: detail`), or the live parts.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> Shown {
    let clock = Clock(app.clock.now());
    let mut tx = app.database.read().await?;
    let issue = find(&mut tx, visitor.caller.workspace_id, &id).await?;
    let base = address(issue.id);
    let wanted = IdKind::Event.parse(&query.event);
    let (record, chooser) = chooser(&mut tx, issue.id, wanted, &base).await?;
    let event = match &record {
        Some(record) => event_view(&mut tx, (visitor.caller.workspace_id, clock), record).await?,
        None => None,
    };
    let latest = incidents::latest_of_issue(&mut tx, issue.id).await?;
    let is_detail = visitor.fragment.as_deref() == Some("detail");
    let detail = IssueDetail {
        clock,
        csrf: visitor.session.csrf.clone(),
        id: id.clone(),
        status: ShownStatus(issue.status),
        sentry: SafeLink::from_option(issue.permalink.as_deref()),
        incident: latest.as_ref().map(|incident| incident.number),
        event,
        back: if is_detail {
            "/error-log".to_owned()
        } else {
            base.clone()
        },
    };
    if is_detail {
        return Ok(Html(detail.render()?));
    }
    let trend = recent(&mut tx, Some(issue.id), clock.0, HOUR_MS, 7 * DAY_MS).await?;
    let about = (issue.project_slug.as_ref(), None);
    let marks = trends::beside(&mut tx, issue.workspace_id, about, &trend).await?;
    let shown = record.map(|record| record.id);
    let (rows, older_events) = event_rows(&mut tx, (issue.id, &base), &query.cursor, shown).await?;
    let before = Some(query.before.as_str()).filter(|before| !before.is_empty());
    let told = write_backs::of_issue(&mut tx, issue.id, SHOWN_WRITE_BACKS).await?;
    let lines = timeline::newest_of_issue(&mut tx, issue.id, before, TIMELINE_LINES).await?;
    let here = Address::new(&base)
        .set("event", &query.event)
        .set("cursor", &query.cursor);
    tx.rollback().await?;
    let incidents = latest.map(|incident| IncidentLink {
        number: incident.number,
        state: state_of(&incident),
        opened_at: incident.opened_at,
    });
    let page = IssuePage {
        shell: visitor.shell(&app, Section::ErrorLog).await?,
        head: IssueHead {
            marks,
            ..head(clock, &issue, trend)
        },
        detail,
        chooser,
        events: rows,
        older_events,
        incidents: incidents.into_iter().collect(),
        told: panel(clock, &told),
        timeline: shown_timeline(clock, lines, (&here, before)),
    };
    Ok(Html(match visitor.fragment {
        Some(_) => page.live_fragment()?,
        None => page.render()?,
    }))
}

/// The events of an issue, newest first, and the address of older ones.
async fn event_rows(
    tx: &mut Tx,
    (issue_id, base): (i64, &str),
    cursor: &str,
    shown: Option<i64>,
) -> Result<(Vec<EventRow>, Option<String>), Failure> {
    let cursor = Some(cursor).filter(|cursor| !cursor.is_empty());
    let page = events::of_issue(tx, issue_id, cursor, EVENT_ROWS).await?;
    let rows = page.items.into_iter().map(|event| EventRow {
        href: format!("{base}?event={}", IdKind::Event.show(event.id)),
        is_current: shown == Some(event.id),
        event_id: event.event_id,
        at: event.at,
        title: event.title,
        environment: event.environment,
        release: event.release,
    });
    let older = page
        .next_cursor
        .map(|cursor| format!("{base}?cursor={cursor}"));
    Ok((rows.collect(), older))
}

fn head(clock: Clock, issue: &Issue, trend: Trend) -> IssueHead {
    let resolution = issue.resolution.as_ref();
    let resolved_in = resolution.and_then(|resolution| {
        let release = resolution
            .release
            .as_ref()
            .map(|release| format!("in release {release}"));
        release.or_else(|| {
            resolution
                .commit
                .as_ref()
                .map(|commit| format!("in commit {commit}"))
        })
    });
    IssueHead {
        id: IdKind::Issue.show(issue.id),
        clock,
        title: issue.title.clone(),
        short_id: issue.short_id.clone(),
        level: ShownLevel(issue.level),
        status: ShownStatus(issue.status),
        substatus: issue.substatus.clone(),
        status_note: resolved_in.or_else(|| issue.archived_until.clone()),
        culprit: issue.culprit.clone(),
        project: issue.project_label().map(str::to_owned),
        environment: issue.environment.clone(),
        release: issue.release.clone(),
        platform: issue.platform.clone(),
        assignee: issue
            .assignee
            .as_ref()
            .map(|assignee| assignee.name.clone()),
        event_count: issue.event_count(),
        user_count: issue.user_count,
        first_seen_at: issue.first_seen_at,
        last_seen_at: issue.last_seen_at,
        trend,
        marks: Vec::new(),
    }
}

/// `POST /error-log/{id}/status`.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let back = own_address(form.fields.get("back"), "/error-log").to_owned();
    if let Err(problem) = form.visitor.caller.must_respond() {
        return form.failed(&app, &back, problem.detail);
    }
    let wanted = IssueStatus::from_sentry(form.fields.get("status"));
    let (Some(status), Some(issue_id)) = (wanted, IdKind::Issue.parse(&id)) else {
        return form.failed(&app, &back, "Choose one of the statuses.");
    };
    let caller = &form.visitor.caller;
    let changed = change_issue(&app, caller.workspace_id, issue_id, status, &caller.actor).await;
    let text = match status {
        IssueStatus::Unresolved => "Open again.",
        IssueStatus::Resolved => "Resolved.",
        IssueStatus::Ignored => "Ignored.",
    };
    form.followed(&app, &back, changed.map(|()| text.to_owned()))
}

/// `/admin/error-log` and `/issues` lead here.
pub(super) async fn moved(uri: axum::http::Uri) -> Redirect {
    let query = uri
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    Redirect::to(&format!("/error-log{query}"))
}
