//! `/changes/releases/{version}`: a version, its commits and where it was put.

use super::changes::{Names, deploy_rows};
use super::deploy::commit_row;
use super::trends::daily;
use super::views::parts::{Clock, SafeLink};
use super::views::{ReleasePage, Section};
use super::visitor::{Failure, Shown, Visitor};
use crate::app::App;
use crate::limits::{PAGE_SIZE, SHOWN_COMMITS};
use crate::operations::rank_suspects::{Shipped, shipped};
use crate::operations::trends::Scope;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;
use epicenter_domain::id::IdKind;
use epicenter_store::StoreError;
use epicenter_store::changes::commits::{self, Owner};
use epicenter_store::changes::deploys::{self, DeployRecord};
use epicenter_store::changes::releases::{self, ReleaseRecord};
use epicenter_store::trends::events::Split;

use std::sync::Arc;

/// Its own list, else what its newest deploy brought.
async fn commits_of(
    app: &App,
    release: &ReleaseRecord,
    deployed: &[DeployRecord],
) -> Result<Shipped, StoreError> {
    if !release.has_commits
        && let Some(newest) = deployed.first()
    {
        return shipped(app, newest).await;
    }
    let most = i64::try_from(SHOWN_COMMITS).unwrap_or(i64::MAX);
    let mut tx = app.database.read().await?;
    let ids = commits::ids_of(&mut tx, Owner::Release(release.id), most).await?;
    let listed = commits::by_ids(&mut tx, &ids).await?;
    tx.rollback().await?;
    Ok(Shipped {
        commits: listed.into_iter().map(|one| one.fact).collect(),
        gaps: Vec::new(),
    })
}

/// The page.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(version): Path<String>,
) -> Shown {
    let workspace_id = visitor.caller.workspace_id;
    let shell = visitor.shell(&app, Section::Changes).await?;
    let mut tx = app.database.read().await?;
    let release = releases::by_version(&mut tx, workspace_id, &version)
        .await?
        .ok_or(Failure::NotFound)?;
    let names = Names::load(&mut tx, workspace_id).await?;
    let deployed = deploys::of_version(&mut tx, workspace_id, &version, PAGE_SIZE).await?;
    tx.rollback().await?;
    let brought = commits_of(&app, &release, &deployed).await?;
    let mut tx = app.database.read().await?;
    let scope = Scope {
        workspace_id,
        release: Some(version),
        ..Scope::default()
    };
    let clock = Clock(app.clock.now());
    let chart = daily(
        &mut tx,
        ("release-chart", clock),
        (&scope, Split::Environment),
    )
    .await?;
    let page = ReleasePage {
        chart,
        shell,
        deploys: deploy_rows(&mut tx, &names, &deployed).await?,
        projects: releases::projects(&mut tx, release.id).await?,
        repository: names
            .repository(release.repository_id)
            .map(|one| (IdKind::Repository.show(one.id), one.name.clone())),
        version: release.version,
        sha: release.sha,
        actor: release.actor,
        created_at: release.created_at,
        released_at: release.released_at,
        is_archived: release.is_archived,
        link: SafeLink::from_option(release.url.as_deref()),
        commits: brought.commits.into_iter().map(commit_row).collect(),
        gaps: brought.gaps,
    };
    tx.rollback().await?;
    Ok(Html(page.render()?))
}
