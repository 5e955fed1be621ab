//! `/changes`: deploys and pushes on one line of time.

use super::forms::some;
use super::suspects::deploy_name;
use super::views::parts::{Chart, Clock, DeployMark, SafeLink, ShownDeploy, Trend};
use super::views::{
    ChangeDay, ChangeFilter, ChangeList, ChangeRow, ChangesPage, DeployRow, PushRow, Section,
};
use super::visitor::{Failure, Shown, Visitor};
use crate::app::App;
use crate::limits::{CHART_DEPLOYS, CHART_HOURS, PAGE_SIZE};
use crate::operations::trend;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use epicenter_domain::change::DeployStatus;
use epicenter_domain::change::judge::{Aftermath, judge};
use epicenter_domain::id::IdKind;
use epicenter_domain::time::{HOUR_MS, Time};
use epicenter_store::changes::deploys::{self, DeployFilter, DeployRecord};
use epicenter_store::changes::pushes::{self, PushFilter, PushRecord};
use epicenter_store::changes::repositories::{self, RepositoryRecord};
use epicenter_store::changes::tallies;
use epicenter_store::services::{self, ServiceRecord};
use epicenter_store::{StoreError, Tx, rates};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The filter in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    environment: String,
    service: String,
    repository: String,
    status: String,
    q: String,
    cursor: String,
}

/// What names things in rows.
pub(super) struct Names {
    pub(super) services: Vec<ServiceRecord>,
    pub(super) repositories: Vec<RepositoryRecord>,
}

impl Names {
    pub(super) async fn load(tx: &mut Tx, workspace_id: i64) -> Result<Self, StoreError> {
        Ok(Self {
            services: services::list(tx, workspace_id).await?,
            repositories: repositories::list(tx, workspace_id).await?,
        })
    }

    pub(super) fn service(&self, id: Option<i64>) -> Option<&ServiceRecord> {
        self.services.iter().find(|one| Some(one.id) == id)
    }

    pub(super) fn repository(&self, id: Option<i64>) -> Option<&RepositoryRecord> {
        self.repositories.iter().find(|one| Some(one.id) == id)
    }

    /// What a deploy puts somewhere.
    fn what(&self, deploy: &DeployRecord) -> Option<String> {
        let service = self.service(deploy.service_id).map(|one| &one.name);
        let repository = self.repository(deploy.repository_id).map(|one| &one.name);
        service.or(deploy.project.as_ref()).or(repository).cloned()
    }
}

/// Rows of deploys with what became of each, in the order given.
pub(super) async fn deploy_rows(
    tx: &mut Tx,
    names: &Names,
    records: &[DeployRecord],
) -> Result<Vec<DeployRow>, StoreError> {
    let ids: Vec<i64> = records.iter().map(|deploy| deploy.id).collect();
    let commits = tallies::commits_of(tx, &ids).await?;
    let incidents = tallies::incidents_of(tx, &ids).await?;
    let rollbacks = tallies::rollbacks_of(tx, &ids).await?;
    let row = |deploy: &DeployRecord| {
        let incident_count = incidents.get(&deploy.id).copied().unwrap_or(0);
        let (verdict, sentence) = judge(&Aftermath {
            status: deploy.status,
            is_rolled_back: rollbacks.contains_key(&deploy.id),
            is_rollback: deploy.rollback_to_id.is_some(),
            incident_count,
        });
        DeployRow {
            id: IdKind::Deploy.show(deploy.id),
            name: deploy_name(deploy),
            environment: deploy.environment.clone(),
            what: names.what(deploy),
            at: deploy.at,
            actor: deploy.actor.clone(),
            verdict: ShownDeploy(verdict),
            sentence,
            is_rollback: deploy.rollback_to_id.is_some(),
            commit_count: commits.get(&deploy.id).copied(),
            incident_count,
        }
    };
    Ok(records.iter().map(row).collect())
}

/// Deploys as marks in a chart, in the order given.
pub(super) async fn marks_of(
    tx: &mut Tx,
    names: &Names,
    records: &[DeployRecord],
) -> Result<Vec<DeployMark>, StoreError> {
    let rows = deploy_rows(tx, names, records).await?;
    let mark = |row: DeployRow| DeployMark {
        name: format!("{} → {}", row.name, row.environment),
        id: row.id,
        at: row.at,
        verdict: row.verdict.0,
    };
    Ok(rows.into_iter().map(mark).collect())
}

fn push_row(names: &Names, push: &PushRecord) -> PushRow {
    let repository = names.repository(Some(push.repository_id));
    PushRow {
        id: IdKind::Push.show(push.id),
        repository: repository.map_or_else(String::new, |one| one.name.clone()),
        branch: push.branch.clone(),
        is_tag: push.is_tag,
        is_deletion: push.after_sha.is_none(),
        is_forced: push.is_forced,
        commit_count: push.total_count.unwrap_or(push.commit_count),
        at: push.at,
        actor: push.actor.clone(),
        link: SafeLink::from_option(push.url.as_deref()),
    }
}

/// The filter as the store knows it; `None` for pushes, which have no environment and no state.
fn store_filters(query: &ListQuery) -> (DeployFilter, Option<PushFilter>) {
    let repository_id = IdKind::Repository.parse(&query.repository);
    let deploys = DeployFilter {
        environment: some(&query.environment).map(|name| name.to_lowercase()),
        service_id: IdKind::Service.parse(&query.service),
        repository_id,
        status: DeployStatus::parse(&query.status),
        q: some(&query.q),
        ..DeployFilter::default()
    };
    let is_of_deploys =
        deploys.environment.is_some() || deploys.service_id.is_some() || deploys.status.is_some();
    let pushes = PushFilter {
        repository_id,
        q: deploys.q.clone(),
    };
    (deploys, (!is_of_deploys).then_some(pushes))
}

/// One page of both, newest first, and where the next one begins.
async fn page_of(
    tx: &mut Tx,
    workspace_id: i64,
    names: &Names,
    query: &ListQuery,
) -> Result<(Vec<ChangeRow>, Option<String>), StoreError> {
    let (wanted, of_pushes) = store_filters(query);
    let cursor = Some(query.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let place = (cursor, PAGE_SIZE);
    let deployed = deploys::list(tx, workspace_id, &wanted, place).await?;
    let mut has_more = deployed.next_cursor.is_some();
    let mut pushed = Vec::new();
    if let Some(filter) = of_pushes {
        let page = pushes::list(tx, workspace_id, &filter, place).await?;
        has_more |= page.next_cursor.is_some();
        pushed = page.items;
    }
    let rows = deploy_rows(tx, names, &deployed.items).await?;
    let places = deployed.items.iter().map(|one| (one.at.0, one.id));
    let mut all: Vec<((i64, i64), ChangeRow)> = places
        .zip(rows.into_iter().map(ChangeRow::Deploy))
        .collect();
    all.extend(pushed.iter().map(|push| {
        let row = ChangeRow::Push(push_row(names, push));
        ((push.at.0, push.id), row)
    }));
    all.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
    let most = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    has_more |= all.len() > most;
    all.truncate(most);
    let end = all.last().filter(|_| has_more).map(|(place, _)| *place);
    let next = end.map(|(at, id)| format!("{at:x}-{id:x}"));
    Ok((all.into_iter().map(|(_, row)| row).collect(), next))
}

fn by_day(rows: Vec<ChangeRow>) -> Vec<ChangeDay> {
    let mut days: Vec<ChangeDay> = Vec::new();
    for row in rows {
        let at = match &row {
            ChangeRow::Deploy(deploy) => deploy.at,
            ChangeRow::Push(push) => push.at,
        };
        let text = at.rfc3339();
        let day = text.get(..10).unwrap_or_default();
        match days.last_mut() {
            Some(last) if last.day == day => last.rows.push(row),
            _ => days.push(ChangeDay {
                day: day.to_owned(),
                rows: vec![row],
            }),
        }
    }
    days
}

/// Events per hour of the last days, of the projects of the chosen service, with the deploys that
/// the filter lets through.
async fn chart(
    tx: &mut Tx,
    workspace_id: i64,
    names: &Names,
    (query, now): (&ListQuery, Time),
) -> Result<Chart, StoreError> {
    let (wanted, _) = store_filters(query);
    let from = now.hour().plus_ms(-(CHART_HOURS - 1) * HOUR_MS);
    let service = names.service(wanted.service_id);
    let projects = service.map(|one| one.projects.clone()).unwrap_or_default();
    let hours = rates::hourly(tx, workspace_id, &projects, (from, now.plus_ms(1))).await?;
    let buckets = trend::buckets(&hours, from, now.plus_ms(1), HOUR_MS);
    let span = (from, now);
    let marked = deploys::between(tx, workspace_id, &wanted, span, CHART_DEPLOYS).await?;
    let marks = marks_of(tx, names, &marked).await?;
    let trend = Trend {
        counts: buckets.into_iter().map(|(_, count)| count).collect(),
        from,
        bucket_ms: HOUR_MS,
    };
    Ok(Chart::of_trend("rate-chart", Clock(now), &trend, &marks))
}

/// Environments of the newest deploys, and the chosen one.
async fn environments(
    tx: &mut Tx,
    workspace_id: i64,
    chosen: &str,
) -> Result<Vec<String>, StoreError> {
    let any = DeployFilter::default();
    let newest = deploys::list(tx, workspace_id, &any, (None, 100)).await?;
    let mut names: BTreeSet<String> = newest
        .items
        .into_iter()
        .map(|deploy| deploy.environment)
        .collect();
    names.extend(some(chosen).map(|name| name.to_lowercase()));
    Ok(names.into_iter().collect())
}

/// The page, or its rows for the page's script.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(query): Query<ListQuery>,
) -> Shown {
    let workspace_id = visitor.caller.workspace_id;
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let names = Names::load(&mut tx, workspace_id).await?;
    let (rows, next_cursor) = page_of(&mut tx, workspace_id, &names, &query).await?;
    let chart = chart(&mut tx, workspace_id, &names, (&query, now)).await?;
    let environments = environments(&mut tx, workspace_id, &query.environment).await?;
    tx.rollback().await?;
    let list = ChangeList {
        clock: Clock(now),
        filter: ChangeFilter {
            environment: query.environment.trim().to_lowercase(),
            service: query.service,
            repository: query.repository,
            status: query.status,
            q: query.q,
            cursor: query.cursor,
        },
        days: by_day(rows),
        next_cursor,
    };
    if visitor.fragment.is_some() {
        return Ok(Html(list.render().map_err(Failure::from)?));
    }
    let shell = visitor.shell(&app, Section::Changes).await?;
    let page = ChangesPage {
        shell,
        chart,
        list,
        environments,
        services: names
            .services
            .into_iter()
            .map(|one| (IdKind::Service.show(one.id), one.name))
            .collect(),
        repositories: names
            .repositories
            .into_iter()
            .map(|one| (IdKind::Repository.show(one.id), one.name))
            .collect(),
        base_url: app.config.base_url(),
    };
    Ok(Html(page.render()?))
}
