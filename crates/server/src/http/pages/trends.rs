//! `/trends`: what counts over time tell.

use super::changes::{Names, marks_of};
use super::forms::some;
use super::views::parts::{Chart, Clock, DeployMark, Query as Address, Series, Trend};
use super::views::{MoverList, MoverRow, Section, TrendFilter, TrendsPage};
use super::visitor::{Shown, Visitor};
use crate::app::App;
use crate::limits::CHART_DEPLOYS;
use crate::operations::trends::events::{EventTrend, busiest_hours, event_trend};
use crate::operations::trends::incidents::{HandlingStep, incident_trend_and_steps};
use crate::operations::trends::movers::{AllMovers, all_movers};
use crate::operations::trends::{Scope, Span};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use epicenter_domain::id::IdKind;
use epicenter_domain::time::{DAY_MS, HOUR_MS, Time};
use epicenter_domain::trend::bucket::Bucket;
use epicenter_domain::trend::movers::Move;
use epicenter_store::changes::deploys::{self, DeployFilter};
use epicenter_store::trends::events::{Split, environments};
use epicenter_store::trends::movers::MovingIssue;
use epicenter_store::{StoreError, Tx, issues};
use serde::Deserialize;
use std::sync::Arc;

/// The filter in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    service: String,
    project: String,
    environment: String,
    range: String,
}

/// Weeks that the times to acknowledge and resolve are shown for, at least.
const LEAST_WEEKS: i64 = 4;
/// Days on the pages of services and releases, and in which an environment was seen to be listed.
const SHOWN_DAYS: i64 = 30;

/// What a range of the address covers, up to now, and its name if it has no other.
fn span_of(range: &str, now: Time) -> (&'static str, Span) {
    let (name, bucket, steps) = match range {
        "24h" => ("24h", Bucket::Hour, 24),
        "30d" => ("30d", Bucket::Day, 30),
        "90d" => ("90d", Bucket::Day, 90),
        _ => ("7d", Bucket::Hour, 7 * 24),
    };
    (name, last(bucket, steps, now))
}

/// The last so many steps, the one that has begun included.
pub(super) fn last(bucket: Bucket, steps: i64, now: Time) -> Span {
    Span {
        from: bucket
            .start_of(now)
            .plus_ms((1 - steps) * bucket.width_ms()),
        to: now.plus_ms(1),
        bucket,
    }
}

/// How many weeks have all of the span in them.
fn weeks_of(span: Span, now: Time) -> i64 {
    let week = Bucket::Week;
    let between = week.start_of(now).since_ms(week.start_of(span.from));
    (between / week.width_ms() + 1).max(LEAST_WEEKS)
}

/// The colour of a level.
fn class_of(level: &str) -> &'static str {
    match level {
        "fatal" => "s-fatal",
        "error" => "s-error",
        "warning" => "s-warning",
        "info" => "s-info",
        _ => "s-quiet",
    }
}

/// Events as a chart, by level or by names that have no colour of their own.
pub(super) fn event_chart(
    (id, clock): (&'static str, Clock),
    trend: EventTrend,
    marks: Vec<DeployMark>,
    span: Span,
) -> Chart {
    let steps = &trend.steps;
    let series = (0_usize..).zip(trend.names).map(|(place, name)| Series {
        class: if name.is_empty() {
            "s-one"
        } else {
            class_of(&name)
        },
        name: if name.is_empty() {
            "not told".to_owned()
        } else {
            name
        },
        counts: steps
            .iter()
            .map(|(_, counts)| counts.get(place).copied().unwrap_or(0))
            .collect(),
    });
    Chart {
        id,
        what: ("event", "events"),
        clock,
        from: steps.first().map_or(span.from, |(at, _)| *at),
        step_ms: span.bucket.width_ms(),
        series: series.collect(),
        is_stacked: true,
        marks,
    }
}

/// Deploys of a time, those of the scope.
pub(super) async fn marks(
    tx: &mut Tx,
    names: &Names,
    scope: &Scope,
    (from, to): (Time, Time),
) -> Result<Vec<DeployMark>, StoreError> {
    let filter = DeployFilter {
        environment: scope.environment.as_ref().map(|name| name.to_lowercase()),
        service_id: scope.service_id,
        project: scope.project.clone(),
        version: scope.release.clone(),
        ..DeployFilter::default()
    };
    let id = scope.workspace_id;
    let deployed = deploys::between(tx, id, &filter, (from, to), CHART_DEPLOYS).await?;
    marks_of(tx, names, &deployed).await
}

/// Deploys beside the events of one issue: those of its project and environment, as far as told.
pub(super) async fn beside(
    tx: &mut Tx,
    workspace_id: i64,
    (project, environment): (Option<&String>, Option<&String>),
    trend: &Trend,
) -> Result<Vec<DeployMark>, StoreError> {
    if trend.is_empty() {
        return Ok(Vec::new());
    }
    let scope = Scope {
        workspace_id,
        project: project.cloned(),
        environment: environment.cloned(),
        ..Scope::default()
    };
    let names = Names::load(tx, workspace_id).await?;
    marks(tx, &names, &scope, (trend.from, trend.to())).await
}

/// Events of a service or release in the last days, with its deploys.
pub(super) async fn daily(
    tx: &mut Tx,
    (id, clock): (&'static str, Clock),
    (scope, split): (&Scope, Split),
) -> Result<Chart, StoreError> {
    let span = last(Bucket::Day, SHOWN_DAYS, clock.0);
    let names = Names::load(tx, scope.workspace_id).await?;
    let events = event_trend(tx, scope, span, split).await?;
    let marks = marks(tx, &names, scope, (span.from, clock.0)).await?;
    Ok(event_chart((id, clock), events, marks, span))
}

fn incident_chart(clock: Clock, steps: &[HandlingStep], span: Span) -> Chart {
    let series = |name: &str, class, count: fn(&HandlingStep) -> i64| Series {
        name: name.to_owned(),
        class,
        counts: steps.iter().map(count).collect(),
    };
    Chart {
        id: "incident-chart",
        what: ("change", "changes"),
        clock,
        from: steps.first().map_or(span.from, |step| step.at),
        step_ms: span.bucket.width_ms(),
        series: vec![
            series("Opened", "s-opened", |step| step.handling.opened),
            series("Resolved", "s-resolved", |step| step.resolved),
        ],
        is_stacked: false,
        marks: Vec::new(),
    }
}

fn mover_lists(all: AllMovers) -> Vec<MoverList> {
    let issue = |one: Move<MovingIssue>| {
        let place = [one.what.project_slug.clone(), one.what.short_id.clone()];
        MoverRow {
            href: format!("/error-log/{}", IdKind::Issue.show(one.what.id)),
            place: place.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            events: (one.before, one.after),
            change: one.told(),
            name: one.what.title,
        }
    };
    let project = |one: Move<String>| MoverRow {
        href: Address::new("/trends").set("project", &one.what).href(),
        place: String::new(),
        events: (one.before, one.after),
        change: one.told(),
        name: if one.what.is_empty() {
            "(no project)".to_owned()
        } else {
            one.what
        },
    };
    let list = |title, rows| MoverList { title, rows };
    vec![
        list(
            "Issues that grew",
            all.issues.grew.into_iter().map(issue).collect(),
        ),
        list(
            "Issues that fell",
            all.issues.fell.into_iter().map(issue).collect(),
        ),
        list(
            "Projects that grew",
            all.projects.grew.into_iter().map(project).collect(),
        ),
        list(
            "Projects that fell",
            all.projects.fell.into_iter().map(project).collect(),
        ),
    ]
}

/// The page.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(query): Query<ListQuery>,
) -> Shown {
    let now = app.clock.now();
    let (range, span) = span_of(&query.range, now);
    let scope = Scope {
        workspace_id: visitor.caller.workspace_id,
        service_id: IdKind::Service.parse(&query.service),
        project: some(&query.project),
        environment: some(&query.environment),
        release: None,
    };
    let workspace_id = scope.workspace_id;
    let mut tx = app.database.read().await?;
    let names = Names::load(&mut tx, workspace_id).await?;
    let events = event_trend(&mut tx, &scope, span, Split::Level).await?;
    let marks = marks(&mut tx, &names, &scope, (span.from, now)).await?;
    let weeks = last(Bucket::Week, weeks_of(span, now), now);
    let (handled, incidents) = incident_trend_and_steps(&mut tx, &scope, (weeks, span)).await?;
    let movers = all_movers(&mut tx, &scope, now).await?;
    let hours = busiest_hours(&mut tx, &scope, now.plus_ms(HOUR_MS)).await?;
    let projects = issues::projects(&mut tx, workspace_id).await?;
    let places = environments(&mut tx, workspace_id, now.plus_ms(-SHOWN_DAYS * DAY_MS)).await?;
    tx.rollback().await?;
    let clock = Clock(now);
    let service_name = |id: Option<i64>| {
        let known = names.service(id).map(|one| one.name.clone());
        known.unwrap_or_else(|| "(no service)".to_owned())
    };
    let page = TrendsPage {
        shell: visitor.shell(&app, Section::Trends).await?,
        filter: TrendFilter {
            service: query.service,
            project: query.project,
            environment: query.environment,
            range: range.to_owned(),
        },
        projects,
        environments: places,
        events: event_chart(("event-chart", clock), events, marks, span),
        incidents: incident_chart(clock, &incidents, span),
        handling: handled.total,
        weeks: handled
            .steps
            .iter()
            .rev()
            .map(|step| (step.at, step.handling))
            .collect(),
        by_service: handled
            .services
            .iter()
            .map(|(id, handling)| (service_name(*id), *handling))
            .collect(),
        is_cut: handled.is_cut,
        movers: mover_lists(movers),
        hours,
        services: names
            .services
            .iter()
            .map(|one| (IdKind::Service.show(one.id), one.name.clone()))
            .collect(),
    };
    Ok(Html(page.render()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weeks_have_all_days_of_the_range() {
        for day in 0..14 {
            let now = Time((20_000 + day) * DAY_MS + 5 * HOUR_MS);
            for range in ["24h", "7d", "30d", "90d"] {
                let (_, span) = span_of(range, now);
                let weeks = last(Bucket::Week, weeks_of(span, now), now);
                assert!(weeks.from <= span.from, "{range} on {day}");
                let one_less = weeks.from.plus_ms(Bucket::Week.width_ms());
                let is_least = weeks_of(span, now) == LEAST_WEEKS;
                assert!(is_least || one_less > span.from, "{range} on {day}");
            }
        }
    }
}
