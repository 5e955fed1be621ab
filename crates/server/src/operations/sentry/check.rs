//! Tries a connection: is the organisation there, and may the token do what is needed?

use super::super::OperationError;
use super::{NO_TOKEN, line};
use crate::app::App;
use crate::clients::sentry::{IssueQuery, Page, Position, SentryApi, SentryError};
use crate::limits::sentry::{SENTRY_CHECK_DEADLINE, SYNC_WINDOW_MS};
use epicenter_domain::signal::ProjectFacts;
use epicenter_store::sentry::connections::{self, ConnectionRecord};

/// Scopes without which the sync cannot work (EL-12, EL-16).
const NEEDED: [&str; 2] = ["event:read", "project:read"];
/// The scope that lets people here change issues in Sentry.
const WRITING: &str = "event:write";

/// What trying a connection came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// What is wrong, each a sentence; empty: nothing.
    pub faults: Vec<String>,
    /// What the token may do; `None`: Sentry does not say.
    pub scopes: Option<Vec<String>>,
    /// Needed scopes that the token lacks.
    pub missing: Vec<String>,
    /// May it also change issues?
    pub may_write: Option<bool>,
    /// Slugs of projects that it sees, the first hundred.
    pub projects: Vec<String>,
    /// Issues of the last 30 days, when Sentry counts them.
    pub issue_count: Option<i64>,
}

impl Checked {
    /// One sentence for the page.
    pub fn sentence(&self) -> String {
        if !self.faults.is_empty() {
            return self.faults.join(" ");
        }
        let counted = |count: i64, what: &str| match count {
            1 => format!("1 {what}"),
            count => format!("{count} {what}s"),
        };
        let issues = match self.issue_count {
            Some(count) => format!("{} of the last 30 days", counted(count, "issue")),
            None => "issues".to_owned(),
        };
        let projects = i64::try_from(self.projects.len()).unwrap_or(i64::MAX);
        let projects = counted(projects, "project");
        let write = match self.may_write {
            Some(true) => "It may also change issues.",
            Some(false) => "It may read only: to change issues, it needs the scope event:write.",
            None => "Sentry does not say whether it may also change issues.",
        };
        format!("It works: the token sees {issues} and {projects}. {write}")
    }
}

/// Tries a connection, and remembers what came of it.
pub async fn check(app: &App, workspace_id: i64, id: i64) -> Result<Checked, OperationError> {
    let mut tx = app.database.read().await?;
    let found = connections::by_id(&mut tx, workspace_id, id).await?;
    tx.rollback().await?;
    let connection = found.ok_or(OperationError::NotFound("Sentry connection"))?;
    let checked = match line(app, &connection) {
        None => Checked {
            faults: vec![NO_TOKEN.to_owned()],
            ..Checked::default()
        },
        Some(line) => {
            let api = line.api(app, &connection);
            let asked = ask(app, &connection, api);
            let late = || Checked {
                faults: vec!["Sentry did not answer in time.".to_owned()],
                ..Checked::default()
            };
            let answer = tokio::time::timeout(SENTRY_CHECK_DEADLINE, asked).await;
            answer.unwrap_or_else(|_| late())
        }
    };
    let fault = (!checked.faults.is_empty()).then(|| checked.sentence());
    let scopes = checked.scopes.as_ref().map(|scopes| scopes.join(" "));
    let mut tx = app.database.write().await?;
    let told = (fault.as_deref(), scopes.as_deref());
    connections::checked(&mut tx, id, app.clock.now(), told).await?;
    tx.commit().await?;
    Ok(checked)
}

async fn ask(app: &App, connection: &ConnectionRecord, api: SentryApi<'_>) -> Checked {
    let mut checked = Checked {
        // Not every host has this door, and none needs it.
        scopes: api.scopes().await.unwrap_or_default(),
        ..Checked::default()
    };
    if let Some(scopes) = &checked.scopes {
        let lacks = |scope: &&str| !scopes.iter().any(|one| one == scope);
        checked.missing = NEEDED
            .into_iter()
            .filter(lacks)
            .map(str::to_owned)
            .collect();
        checked.may_write = Some(!lacks(&WRITING));
    }
    if let Err(error) = api.organization().await
        // A token for issues need not be allowed to read the organisation itself.
        && !matches!(error, SentryError::Forbidden { .. })
    {
        checked.faults.push(error.to_string());
        return checked;
    }
    let until = app.clock.now();
    let query = IssueQuery {
        projects: connection.projects.clone(),
        from: until.plus_ms(-SYNC_WINDOW_MS),
        until,
    };
    match api.issues(&query, None).await {
        Ok(page) => checked.issue_count = page.total,
        Err(error) => note(&mut checked, &error),
    }
    match api.projects(None).await {
        Ok(page) => look_for_projects(&mut checked, &page, &connection.projects),
        Err(error) => note(&mut checked, &error),
    }
    if checked.faults.is_empty() && !checked.missing.is_empty() {
        let missing = checked.missing.join(" and ");
        checked
            .faults
            .push(format!("The token lacks the scope {missing}."));
    }
    checked
}

/// Says what is wrong, and which scope would help.
fn note(checked: &mut Checked, error: &SentryError) {
    if let SentryError::Forbidden { scope } = error
        && !checked.missing.iter().any(|one| one == scope)
    {
        checked.missing.push((*scope).to_owned());
    }
    checked.faults.push(error.to_string());
}

fn look_for_projects(checked: &mut Checked, page: &Page<ProjectFacts>, wanted: &[String]) {
    let slugs = page.items.iter().filter_map(|project| project.slug.clone());
    checked.projects = slugs.collect();
    let is_whole = page.position == Position::End;
    let unknown = wanted
        .iter()
        .filter(|slug| !checked.projects.contains(slug));
    let unknown: Vec<_> = unknown.map(String::as_str).collect();
    if is_whole && !unknown.is_empty() {
        let names = unknown.join(", ");
        checked.faults.push(format!(
            "The organisation has no project {names}, or the token has no access to it."
        ));
    }
}
