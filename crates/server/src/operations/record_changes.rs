//! Stores what was done and links it: repository, release, deploy, commits, service.

use super::remember;
use super::store_commits::Stored;
use super::touched::{Touched, ask_for, linked_to};
use crate::app::App;
use crate::limits::COMPLETION_DELAY_MS;
use epicenter_domain::change::link::{line, place, sha_of_version};
use epicenter_domain::change::{
    ChangeFact, CommitFact, DeployFact, DeployStatus, PullRequest, Push, ReleaseFact,
    RepositoryFact, RepositoryName,
};
use epicenter_domain::engine::NewChange;
use epicenter_domain::limits::LINE_DEPLOYS;
use epicenter_domain::observation::change::Linked;
use epicenter_store::changes::commits::Owner;
use epicenter_store::changes::deploys::DeployRecord;
use epicenter_store::changes::{commits, cut_pushes, deploys, pushes, releases, repositories};
use epicenter_store::{StoreError, Tx, services};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Stores changes in order, in the open transaction, and asks for new rankings of the incidents
/// that they may explain.
pub async fn record_changes(
    app: &App,
    tx: &mut Tx,
    changes: &[NewChange],
) -> Result<(), StoreError> {
    record_with(app, tx, changes, None).await
}

/// The same, with the commits of a release that were stored ahead.
pub(super) async fn record_with(
    app: &App,
    tx: &mut Tx,
    changes: &[NewChange],
    stored: Option<&Stored>,
) -> Result<(), StoreError> {
    let mut touched: BTreeMap<i64, Vec<Touched>> = BTreeMap::new();
    let mut memory = Vec::new();
    for change in changes {
        let mut recorder = Recorder {
            app,
            tx,
            change,
            stored,
        };
        let Some(found) = recorder.record().await? else {
            continue;
        };
        if let Some(linked) = &found.news {
            let service_id = found.services.first().copied().or(change.service_id);
            memory.extend(remember::note_of_change(app, change, linked, service_id));
        }
        touched.entry(change.workspace_id).or_default().push(found);
    }
    remember::enqueue(app, tx, &memory).await?;
    for (workspace_id, touched) in touched {
        ask_for(app, tx, workspace_id, &touched).await?;
    }
    Ok(())
}

/// The repository that the commits of a release will be kept in, when it is told.
pub(super) async fn repository_of_release(
    app: &App,
    tx: &mut Tx,
    change: &NewChange,
    release: &ReleaseFact,
) -> Result<Option<i64>, StoreError> {
    let mut recorder = Recorder {
        app,
        tx,
        change,
        stored: None,
    };
    let (_, repository_id) = recorder.release_place(release, true).await?;
    Ok(repository_id)
}

struct Recorder<'a> {
    app: &'a App,
    tx: &'a mut Tx,
    change: &'a NewChange,
    stored: Option<&'a Stored>,
}

impl Recorder<'_> {
    /// Answers what it is about; none when nothing was changed.
    async fn record(&mut self) -> Result<Option<Touched>, StoreError> {
        let touched = match &self.change.fact {
            ChangeFact::Push(push) => self.push(push).await?,
            ChangeFact::Release(release) => self.release(release).await?,
            ChangeFact::Deploy(deploy) => self.deploy(deploy).await?,
            ChangeFact::PullRequest(request) => self.pull_request(request).await?,
            ChangeFact::Greeting { .. } => return Ok(None),
        };
        Ok(Some(touched))
    }

    fn id(&self) -> i64 {
        self.app.ids.next(self.change.received_at)
    }

    async fn repository(&mut self, fact: &RepositoryFact) -> Result<i64, StoreError> {
        let (workspace_id, now) = (self.change.workspace_id, self.change.received_at);
        let id = self.id();
        repositories::ensure(self.tx, workspace_id, fact, id, now).await
    }

    /// Stores commits that are listed newest first; answers their ids in that order.
    async fn commits(
        &mut self,
        repository_id: i64,
        newest_first: &[CommitFact],
    ) -> Result<Vec<i64>, StoreError> {
        // Ids grow with history, so the oldest gets its id first.
        let oldest_first: Vec<CommitFact> = newest_first.iter().rev().cloned().collect();
        let mut ids = self.save_commits(repository_id, &oldest_first).await?;
        ids.reverse();
        Ok(ids)
    }

    async fn save_commits(
        &mut self,
        repository_id: i64,
        oldest_first: &[CommitFact],
    ) -> Result<Vec<i64>, StoreError> {
        let (workspace_id, now) = (self.change.workspace_id, self.change.received_at);
        let ids = Arc::clone(&self.app.ids);
        let next = move || ids.next(now);
        let place = (workspace_id, repository_id);
        commits::save(self.tx, place, oldest_first, &next, now).await
    }

    async fn push(&mut self, push: &Push) -> Result<Touched, StoreError> {
        let repository_id = self.repository(&push.repository).await?;
        let mut commit_ids = self.save_commits(repository_id, &push.commits).await?;
        commit_ids.reverse();
        let id = self.id();
        let new = pushes::NewPush {
            id,
            workspace_id: self.change.workspace_id,
            repository_id,
            push,
            at: self.change.at,
            delivery_id: self.change.delivery_id,
            commit_ids: &commit_ids,
        };
        pushes::create(self.tx, new).await?;
        if push.is_truncated && push.after.is_some() {
            let due_at = self.change.received_at.plus_ms(COMPLETION_DELAY_MS);
            cut_pushes::enqueue(self.tx, self.change.workspace_id, id, due_at).await?;
        }
        Ok(Touched {
            repositories: BTreeSet::from([repository_id]),
            services: self.change.service_id.into_iter().collect(),
            news: Some(Linked::default()),
        })
    }

    async fn pull_request(&mut self, request: &PullRequest) -> Result<Touched, StoreError> {
        let repository_id = self.repository(&request.repository).await?;
        if let Some(sha) = &request.merge_sha {
            let commit = CommitFact {
                sha: sha.clone(),
                message: format!("{} (#{})", request.title, request.number),
                author: request.actor.name.clone(),
                url: request.url.clone(),
                committed_at: request.merged_at,
                ..CommitFact::default()
            };
            self.save_commits(repository_id, &[commit]).await?;
        }
        Ok(Touched {
            repositories: BTreeSet::from([repository_id]),
            services: BTreeSet::new(),
            news: Some(Linked::default()),
        })
    }

    async fn release(&mut self, release: &ReleaseFact) -> Result<Touched, StoreError> {
        let listed = release.commits.as_ref();
        let needs_one = listed.is_some_and(|list| !list.is_empty());
        let (services, repository_id) = self.release_place(release, needs_one).await?;
        let place = (self.change.workspace_id, repository_id);
        let id = self.id();
        let at = self.change.at;
        let id = releases::ensure(self.tx, place, release, id, at).await?;
        if let Some(listed) = listed {
            let ids = match (self.stored, repository_id) {
                (_, None) => Vec::new(),
                (Some(stored), Some(id)) if stored.repository_id == id => stored.ids.clone(),
                (_, Some(id)) => self.commits(id, listed).await?,
            };
            commits::attach(self.tx, Owner::Release(id), &ids).await?;
            let head = listed.first().map(|commit| commit.sha.as_str());
            releases::set_has_commits(self.tx, id, !ids.is_empty(), head).await?;
        }
        Ok(Touched {
            repositories: repository_id.into_iter().collect(),
            services,
            news: Some(Linked::default()),
        })
    }

    /// The services and the repository of a release.
    async fn release_place(
        &mut self,
        release: &ReleaseFact,
        needs_one: bool,
    ) -> Result<(BTreeSet<i64>, Option<i64>), StoreError> {
        let services = self.services_of(None, &release.projects).await?;
        let named = release.repository.clone().or_else(|| {
            let name = RepositoryName::parse(&release.refs.first()?.repository)?;
            // A remote's name (`origin`) names no repository, see SENTRY-PROTOCOL §9.
            name.as_str().contains('/').then_some(RepositoryFact {
                name,
                provider: "git",
                url: None,
                default_branch: None,
            })
        });
        let project = release.projects.first();
        let repository_id = self
            .repository_of(named.as_ref(), &services, project, needs_one)
            .await?;
        Ok((services, repository_id))
    }

    /// The services that a name or projects stand for.
    async fn services_of(
        &mut self,
        name: Option<&str>,
        projects: &[String],
    ) -> Result<BTreeSet<i64>, StoreError> {
        let mut found: BTreeSet<i64> = self.change.service_id.into_iter().collect();
        let all = services::list(self.tx, self.change.workspace_id).await?;
        for service in &all {
            let by_name = name.is_some_and(|name| {
                service.slug.eq_ignore_ascii_case(name) || service.name.eq_ignore_ascii_case(name)
            });
            let by_project = projects.iter().any(|slug| service.projects.contains(slug));
            if by_name || by_project {
                found.insert(service.id);
            }
        }
        Ok(found)
    }

    /// The repository that was named; else the only one of the services; else, when commits must be
    /// kept somewhere, one that is called like the project.
    async fn repository_of(
        &mut self,
        named: Option<&RepositoryFact>,
        services: &BTreeSet<i64>,
        project: Option<&String>,
        needs_one: bool,
    ) -> Result<Option<i64>, StoreError> {
        if let Some(fact) = named {
            return self.repository(fact).await.map(Some);
        }
        let all = repositories::list(self.tx, self.change.workspace_id).await?;
        let mut linked = all
            .iter()
            .filter(|one| one.service_ids.iter().any(|id| services.contains(id)));
        if let (Some(only), None) = (linked.next(), linked.next()) {
            return Ok(Some(only.id));
        }
        if !needs_one {
            return Ok(None);
        }
        let name = project.map_or("unnamed", String::as_str);
        let Some(name) = RepositoryName::parse(name) else {
            return Ok(None);
        };
        let fact = RepositoryFact {
            name,
            provider: "other",
            url: None,
            default_branch: None,
        };
        self.repository(&fact).await.map(Some)
    }

    async fn deploy(&mut self, fact: &DeployFact) -> Result<Touched, StoreError> {
        let workspace_id = self.change.workspace_id;
        let projects: Vec<String> = fact.project.iter().cloned().collect();
        let services = self.services_of(fact.service.as_deref(), &projects).await?;
        let needs_one = !fact.commits.is_empty();
        let named = fact.project.as_ref().or(fact.service.as_ref());
        let repository_id = self
            .repository_of(fact.repository.as_ref(), &services, named, needs_one)
            .await?;
        let known = deploys::by_key(self.tx, workspace_id, &fact.key).await?;
        let status_before = known.as_ref().map(|known| known.status);
        let mut deploy = self.merged(fact, known, repository_id, &services);
        self.complete_from_release(&mut deploy).await?;
        deploy.line = line(
            &deploy.environment,
            deploy.repository_id,
            deploy.service_id,
            deploy.project.as_deref(),
        );
        let earlier =
            deploys::of_line(self.tx, workspace_id, &deploy.line, deploy.at, LINE_DEPLOYS).await?;
        let earlier: Vec<_> = earlier.iter().map(DeployRecord::stop).collect();
        let found = place(&deploy.stop(), &earlier);
        deploy.previous_id = found.previous_id;
        deploy.rollback_to_id = found.rollback_to_id;
        deploys::save(self.tx, &deploy).await?;
        if let (Some(repository_id), false) = (deploy.repository_id, fact.commits.is_empty()) {
            let ids = self.commits(repository_id, &fact.commits).await?;
            commits::attach(self.tx, Owner::Deploy(deploy.id), &ids).await?;
        }
        let is_news = status_before != Some(deploy.status);
        let linked = deploy.service_id.into_iter().chain(services);
        Ok(Touched {
            repositories: deploy.repository_id.into_iter().collect(),
            services: linked.collect(),
            news: is_news.then(|| linked_to(&deploy)),
        })
    }

    /// The deploy as it is now: what was sent over what is known. A state never goes back.
    fn merged(
        &self,
        fact: &DeployFact,
        known: Option<DeployRecord>,
        repository_id: Option<i64>,
        services: &BTreeSet<i64>,
    ) -> DeployRecord {
        let change = self.change;
        let sha = fact
            .sha
            .clone()
            .or_else(|| fact.version.as_deref().and_then(sha_of_version));
        let mut deploy = known.unwrap_or_else(|| DeployRecord {
            id: self.id(),
            workspace_id: change.workspace_id,
            integration_id: change.integration_id,
            dedup_key: fact.key.clone(),
            line: String::new(),
            version: None,
            sha: None,
            environment: fact.environment.clone(),
            repository_id: None,
            service_id: None,
            project: None,
            name: None,
            status: fact.status,
            started_at: None,
            finished_at: None,
            at: change.at,
            url: None,
            actor: fact.actor.name.clone(),
            previous_id: None,
            rollback_to_id: None,
            received_at: change.received_at,
            delivery_id: change.delivery_id,
        });
        let only = (services.len() == 1)
            .then(|| services.first().copied())
            .flatten();
        deploy.version = fact.version.clone().or(deploy.version);
        deploy.sha = sha.or(deploy.sha);
        deploy.environment.clone_from(&fact.environment);
        deploy.repository_id = repository_id.or(deploy.repository_id);
        deploy.service_id = only.or(deploy.service_id);
        deploy.project = fact.project.clone().or(deploy.project);
        deploy.name = fact.name.clone().or(deploy.name);
        deploy.url = fact.url.clone().or(deploy.url);
        deploy.started_at = fact.started_at.or(deploy.started_at);
        deploy.finished_at = fact.finished_at.or(deploy.finished_at);
        if stage(fact.status) >= stage(deploy.status) {
            deploy.status = fact.status;
        }
        let told = deploy
            .finished_at
            .or(deploy.started_at)
            .unwrap_or(deploy.at);
        deploy.at = told.min(change.received_at);
        deploy
    }

    /// A deploy of a version knows by its release what it lacks itself, and makes the release known.
    async fn complete_from_release(&mut self, deploy: &mut DeployRecord) -> Result<(), StoreError> {
        let Some(version) = deploy.version.clone() else {
            return Ok(());
        };
        let known = releases::by_version(self.tx, deploy.workspace_id, &version).await?;
        if let Some(release) = known {
            deploy.sha = deploy.sha.take().or(release.sha);
            deploy.repository_id = deploy.repository_id.or(release.repository_id);
            if deploy.project.is_none() {
                let projects = releases::projects(self.tx, release.id).await?;
                if let [only] = projects.as_slice() {
                    deploy.project = Some(only.clone());
                }
            }
            return Ok(());
        }
        let fact = ReleaseFact {
            version,
            projects: deploy.project.iter().cloned().collect(),
            repository: None,
            sha: deploy.sha.clone(),
            commits: None,
            refs: Vec::new(),
            created_at: Some(deploy.at),
            released_at: None,
            url: None,
            is_archived: None,
            actor: epicenter_domain::signal::Actor {
                name: deploy.actor.clone(),
                ..epicenter_domain::signal::Actor::epicenter()
            },
        };
        let place = (deploy.workspace_id, deploy.repository_id);
        let id = self.id();
        releases::ensure(self.tx, place, &fact, id, deploy.at).await?;
        Ok(())
    }
}

/// How far a state is; it only moves on.
fn stage(status: DeployStatus) -> u8 {
    match status {
        DeployStatus::Started => 0,
        DeployStatus::Failed => 1,
        DeployStatus::Succeeded => 2,
        DeployStatus::Inactive => 3,
    }
}
