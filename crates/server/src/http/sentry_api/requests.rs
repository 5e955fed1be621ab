//! What sentry-cli sends, read into facts. Limits are Sentry's own, so that what is refused here
//! would be refused there; an error names the field. Unknown fields are left alone.

use super::refused::Refused;
use crate::limits::RELEASE_COMMITS;
use epicenter_domain::change::{
    self, CommitFact, DeployFact, DeployStatus, FileChange, FileChangeKind, ReleaseFact,
    ReleaseRef, RepositoryFact, RepositoryName,
};
use epicenter_domain::limits::{CHANGED_FILES, LINK_CHARS, MESSAGE_BYTES, PROJECTS, cut_bytes};
use epicenter_domain::signal::Actor;
use epicenter_domain::time::Time;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};
use std::fmt::Formatter;

/// Sentry's limits, in characters.
const VERSION: usize = 200;
const COMMIT: usize = 64;
const AUTHOR: usize = 128;
const EMAIL: usize = 200;
const PATH: usize = 510;
const COMMIT_REPOSITORY: usize = 64;
const REF_REPOSITORY: usize = 200;
const ENVIRONMENT: usize = 64;
const DEPLOY_NAME: usize = 64;
const PROJECT: usize = 100;

/// A slug, or an id that may come as a number.
#[derive(Debug)]
struct ProjectName(String);

impl<'de> Deserialize<'de> for ProjectName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;
        impl Visitor<'_> for Words {
            type Value = ProjectName;

            fn expecting(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a project's slug or id")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ProjectName, E> {
                Ok(ProjectName(text.to_owned()))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<ProjectName, E> {
                Ok(ProjectName(number.to_string()))
            }
        }
        deserializer.deserialize_any(Words)
    }
}

/// A release, or what changes about it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ReleaseRequest {
    version: Option<String>,
    projects: Option<Vec<ProjectName>>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    url: Option<String>,
    status: Option<String>,
    date_started: Option<String>,
    date_released: Option<String>,
    commits: Option<Vec<CommitRequest>>,
    refs: Option<Vec<RefRequest>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CommitRequest {
    id: Option<String>,
    repository: Option<String>,
    message: Option<String>,
    author_name: Option<String>,
    author_email: Option<String>,
    timestamp: Option<String>,
    patch_set: Option<Vec<PatchRequest>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PatchRequest {
    path: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RefRequest {
    repository: Option<String>,
    commit: Option<String>,
    previous_commit: Option<String>,
}

/// A deploy of a release.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct DeployRequest {
    environment: Option<String>,
    name: Option<String>,
    url: Option<String>,
    date_started: Option<String>,
    date_finished: Option<String>,
    projects: Option<Vec<ProjectName>>,
}

impl ReleaseRequest {
    /// Takes the version, as Sentry allows it.
    pub(super) fn version(&mut self) -> Result<String, Refused> {
        let version = required("version", self.version.take(), VERSION)?;
        let is_odd = |letter: char| letter.is_control() || matches!(letter, '/' | '\\');
        if version.contains(is_odd) || matches!(version.as_str(), "." | ".." | "latest") {
            let message = "must have no slash, backslash, tab or line break, and not be ., .. or \
                latest";
            return Err(Refused::field("version", message));
        }
        Ok(version)
    }

    /// The fact that this tells of a version.
    pub(super) fn fact(
        self,
        version: &str,
        project: Option<&str>,
        actor: &Actor,
    ) -> Result<ReleaseFact, Refused> {
        // Read for its form only: the moment at which a release becomes known is ours, or a
        // machine with a wrong clock would shuffle which release came before which.
        time("dateStarted", self.date_started)?;
        let refs = refs(self.refs.as_deref().unwrap_or_default())?;
        let repository = self.commits.iter().flatten().find_map(named_repository);
        let commits = self.commits.map(commits).transpose()?;
        // An empty list of either says: there are none.
        let clears = self.refs.is_some_and(|refs| refs.is_empty());
        let commits = commits.or_else(|| clears.then(Vec::new));
        let reference = optional("ref", self.reference, COMMIT)?;
        Ok(ReleaseFact {
            version: version.to_owned(),
            projects: projects(self.projects, project)?,
            repository,
            sha: reference.and_then(|text| change::sha(&text)),
            commits,
            refs,
            created_at: None,
            released_at: time("dateReleased", self.date_released)?,
            url: link(self.url)?,
            is_archived: archived(self.status.as_deref())?,
            actor: actor.clone(),
        })
    }
}

impl DeployRequest {
    /// The fact that this tells of a version.
    pub(super) fn fact(
        self,
        version: &str,
        project: Option<&str>,
        actor: &Actor,
    ) -> Result<DeployFact, Refused> {
        let environment = required("environment", self.environment, ENVIRONMENT)?.to_lowercase();
        let name = optional("name", self.name, DEPLOY_NAME)?;
        let started_at = time("dateStarted", self.date_started)?;
        let finished_at = time("dateFinished", self.date_finished)?;
        let projects = projects(self.projects, project)?;
        let project = match (project, projects.as_slice()) {
            (Some(project), _) => Some(project.to_owned()),
            (None, [only]) => Some(only.clone()),
            (None, _) => None,
        };
        Ok(DeployFact {
            key: key(
                version,
                &environment,
                name.as_deref(),
                (started_at, finished_at),
            ),
            version: Some(version.to_owned()),
            sha: None,
            environment,
            repository: None,
            project,
            service: None,
            name,
            status: DeployStatus::Succeeded,
            started_at,
            finished_at,
            url: link(self.url)?,
            commits: Vec::new(),
            actor: actor.clone(),
        })
    }
}

/// What a deploy is called here, so that the same one told again stays one.
fn key(
    version: &str,
    environment: &str,
    name: Option<&str>,
    (started_at, finished_at): (Option<Time>, Option<Time>),
) -> String {
    let instant = |at: Option<Time>| at.map_or_else(String::new, Time::rfc3339);
    let said = [
        version,
        environment,
        name.unwrap_or_default(),
        &instant(started_at),
        &instant(finished_at),
    ];
    let mut digest = hex::encode(Sha256::digest(said.join("\n")));
    digest.truncate(32);
    format!("cli-{digest}")
}

fn archived(status: Option<&str>) -> Result<Option<bool>, Refused> {
    match status {
        None => Ok(None),
        Some("archived") => Ok(Some(true)),
        Some("open") => Ok(Some(false)),
        Some(_) => Err(Refused::field("status", "must be open or archived")),
    }
}

fn projects(list: Option<Vec<ProjectName>>, project: Option<&str>) -> Result<Vec<String>, Refused> {
    let list = list.unwrap_or_default();
    if list.len() > PROJECTS {
        let message = format!("must name at most {PROJECTS} projects");
        return Err(Refused::field("projects", message));
    }
    let named = project.map(|project| Ok(project.to_owned()));
    let listed = list.into_iter().enumerate();
    let listed = listed
        .map(|(at, ProjectName(text))| required(&format!("projects[{at}]"), Some(text), PROJECT));
    named.into_iter().chain(listed).collect()
}

fn commits(list: Vec<CommitRequest>) -> Result<Vec<CommitFact>, Refused> {
    if list.len() > RELEASE_COMMITS {
        let message = format!("must be at most {RELEASE_COMMITS}");
        return Err(Refused::field("commits", message));
    }
    let list = list.into_iter().enumerate();
    list.map(|(at, commit)| commit.fact(&format!("commits[{at}]")))
        .collect()
}

impl CommitRequest {
    fn fact(self, at: &str) -> Result<CommitFact, Refused> {
        let field = |name: &str| format!("{at}.{name}");
        let id = required(&field("id"), self.id, COMMIT)?;
        let sha = change::sha(&id)
            .ok_or_else(|| Refused::field(&field("id"), "must be 7 to 64 hexadecimal digits"))?;
        let author = optional(&field("author_name"), self.author_name, AUTHOR)?;
        let author = author.unwrap_or_default();
        let email = optional(&field("author_email"), self.author_email, EMAIL)?;
        optional(&field("repository"), self.repository, COMMIT_REPOSITORY)?;
        let message = cleaned(&self.message.unwrap_or_default());
        let files = self.patch_set.map(|list| files(list, &field("patch_set")));
        Ok(CommitFact {
            sha,
            is_merge: message.starts_with("Merge ").then_some(true),
            message: cut_bytes(message.trim_end(), MESSAGE_BYTES),
            author_key: change::author_key(email.as_deref(), &author),
            author,
            authored_at: time(&field("timestamp"), self.timestamp)?,
            committed_at: None,
            url: None,
            files: files.transpose()?,
        })
    }
}

/// sentry-cli sends the name of the git remote (`origin`), which names no repository.
fn named_repository(commit: &CommitRequest) -> Option<RepositoryFact> {
    let text = commit.repository.as_deref()?;
    let name = RepositoryName::parse(text).filter(|name| name.as_str().contains('/'))?;
    Some(RepositoryFact {
        name,
        provider: "git",
        url: None,
        default_branch: None,
    })
}

/// A rename comes as `D` of the old path and `A` of the new.
fn files(list: Vec<PatchRequest>, at: &str) -> Result<Vec<FileChange>, Refused> {
    let list = list.into_iter().enumerate().take(CHANGED_FILES);
    list.map(|(index, patch)| {
        let path = required(&format!("{at}[{index}].path"), patch.path, PATH)?;
        let kind = match patch.kind.as_deref() {
            Some("A") => FileChangeKind::Added,
            Some("M") => FileChangeKind::Modified,
            Some("D") => FileChangeKind::Removed,
            _ => {
                let field = format!("{at}[{index}].type");
                return Err(Refused::field(&field, "must be A, M or D"));
            }
        };
        Ok(FileChange {
            path: path.trim_start_matches('/').to_owned(),
            kind,
            ..FileChange::default()
        })
    })
    .collect()
}

fn refs(list: &[RefRequest]) -> Result<Vec<ReleaseRef>, Refused> {
    if list.len() > PROJECTS {
        let message = format!("must be at most {PROJECTS}");
        return Err(Refused::field("refs", message));
    }
    let sha = |text: String| change::sha(&text).unwrap_or(text);
    let list = list.iter().enumerate();
    list.map(|(index, one)| {
        let field = |name: &str| format!("refs[{index}].{name}");
        let (repository, commit) = (one.repository.clone(), one.commit.clone());
        let previous = optional(
            &field("previousCommit"),
            one.previous_commit.clone(),
            COMMIT,
        )?;
        Ok(ReleaseRef {
            repository: required(&field("repository"), repository, REF_REPOSITORY)?,
            sha: sha(required(&field("commit"), commit, COMMIT)?),
            previous_sha: previous.map(sha),
        })
    })
    .collect()
}

/// No column holds NUL.
fn cleaned(text: &str) -> String {
    text.replace('\0', "")
}

fn optional(field: &str, text: Option<String>, most: usize) -> Result<Option<String>, Refused> {
    let Some(text) = text else { return Ok(None) };
    let text = cleaned(text.trim());
    if text.chars().count() > most {
        let message = format!("must have at most {most} characters");
        return Err(Refused::field(field, message));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn required(field: &str, text: Option<String>, most: usize) -> Result<String, Refused> {
    let found = optional(field, text, most)?;
    found.ok_or_else(|| Refused::field(field, "is required"))
}

fn time(field: &str, text: Option<String>) -> Result<Option<Time>, Refused> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let wrong = || Refused::field(field, "must be a time such as 2026-01-06T10:00:00Z");
    Time::parse(&text).map(Some).ok_or_else(wrong)
}

fn link(text: Option<String>) -> Result<Option<String>, Refused> {
    let url = optional("url", text, LINK_CHARS)?;
    let is_web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
    if url.as_ref().is_some_and(|url| !is_web(url)) {
        return Err(Refused::field("url", "must begin with http:// or https://"));
    }
    Ok(url)
}
