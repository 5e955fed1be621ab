//! What the page Trends and its API tell, put together from counts and incidents.

pub mod events;
pub mod incidents;
pub mod movers;

use crate::limits::TREND_BUCKETS;
use epicenter_domain::time::Time;
use epicenter_domain::trend::bucket::Bucket;
use epicenter_store::services::{self, ServiceRecord};
use epicenter_store::trends::events::CountFilter;
use epicenter_store::trends::handling::SpellFilter;
use epicenter_store::{StoreError, Tx, issues};

/// What a trend is about; what is empty lets all through.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Workspace.
    pub workspace_id: i64,
    /// Of this service.
    pub service_id: Option<i64>,
    /// Of this project.
    pub project: Option<String>,
    /// In this environment.
    pub environment: Option<String>,
    /// Of this release; events only.
    pub release: Option<String>,
}

/// From when until when, in which steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first instant.
    pub from: Time,
    /// Before this instant.
    pub to: Time,
    /// Length of a step.
    pub bucket: Bucket,
}

impl Span {
    /// Where the steps begin, empty ones included.
    fn starts(&self) -> Vec<Time> {
        self.bucket.starts(self.from, self.to, TREND_BUCKETS)
    }
}

impl Scope {
    /// How its incidents are found.
    fn spells(&self) -> SpellFilter {
        SpellFilter {
            service_id: self.service_id,
            project: self.project.clone(),
            environment: self.environment.clone(),
        }
    }

    /// How its events are found; none when it can have none, as a service without projects.
    async fn counts(&self, tx: &mut Tx) -> Result<Option<CountFilter>, StoreError> {
        let mut filter = CountFilter {
            projects: self.project.iter().cloned().collect(),
            environment: self.environment.clone(),
            release: self.release.clone(),
        };
        let Some(service_id) = self.service_id else {
            return Ok(Some(filter));
        };
        let all = services::list(tx, self.workspace_id).await?;
        let known = issues::projects(tx, self.workspace_id).await?;
        let owned = projects_of(&all, known, service_id);
        filter.projects = match &self.project {
            Some(project) => owned.into_iter().filter(|one| one == project).collect(),
            None => owned,
        };
        Ok((!filter.projects.is_empty()).then_some(filter))
    }
}

/// Projects of a service. The default service has those that no other one has, and what names none.
fn projects_of(all: &[ServiceRecord], known: Vec<String>, service_id: i64) -> Vec<String> {
    let Some(service) = all.iter().find(|one| one.id == service_id) else {
        return Vec::new();
    };
    let mut projects = service.projects.clone();
    if service.is_default {
        let is_free = |slug: &String| !all.iter().any(|one| one.projects.contains(slug));
        projects.extend(known.into_iter().filter(is_free));
        projects.push(String::new());
    }
    projects
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_service_has_what_no_other_one_has() {
        let service = |id, projects: &[&str]| ServiceRecord {
            id,
            workspace_id: 1,
            name: String::new(),
            slug: String::new(),
            created_at: Time(0),
            is_default: id == 1,
            holds_transients: true,
            projects: projects.iter().map(|&slug| slug.to_owned()).collect(),
        };
        let all = [service(1, &["own"]), service(2, &["web"]), service(3, &[])];
        let known = || ["app", "own", "web"].map(str::to_owned).to_vec();
        assert_eq!(projects_of(&all, known(), 1), ["own", "app", ""]);
        assert_eq!(projects_of(&all, known(), 2), ["web"]);
        assert!(projects_of(&all, known(), 3).is_empty());
        assert!(projects_of(&all, known(), 9).is_empty());
    }
}
