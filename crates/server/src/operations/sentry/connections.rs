//! Which organisations of which Sentry hosts are asked, and with which token.

use super::super::OperationError;
use super::super::accounts::DEFAULT_WORKSPACE;
use super::super::write_backs;
use super::tokens;
use crate::app::App;
use crate::limits::sentry::{
    SENTRY_CONNECTIONS, SENTRY_PROJECTS, SENTRY_SLUG_CHARS, SENTRY_TOKEN_CHARS,
};
use crate::sentry_desk::SentryDesk;
use epicenter_domain::id::IdSource;
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::time::Time;
use epicenter_store::sentry::connections::{self, ConnectionRecord, NewConnection};
use epicenter_store::write_backs::settings;
use epicenter_store::{Database, integrations};

/// Where Sentry is for most.
const USUAL_HOST: &str = "https://sentry.io";

/// A connection as somebody wants it.
#[derive(Clone)]
pub struct WantedConnection {
    /// The Sentry integration whose issues these are.
    pub integration_id: i64,
    /// Where the host is; empty: `https://sentry.io`.
    pub base_url: String,
    /// The organisation's slug.
    pub organization: String,
    /// Slugs of projects; empty: all.
    pub projects: Vec<String>,
    /// What lets us in; empty: what it has.
    pub token: String,
    /// When the token ends: a day or an instant; empty: not known, or as it was.
    pub token_expires_at: String,
}

/// Sets a connection up, or changes the one of the same organisation. Answers its id.
pub async fn save(
    app: &App,
    workspace_id: i64,
    wanted: WantedConnection,
) -> Result<i64, OperationError> {
    let base_url = origin(&wanted.base_url)?;
    if let Err(error) = app.outbound.check(&base_url).await
        && error.is_permanent()
    {
        return Err(OperationError::invalid("base_url", error.to_string()));
    }
    let organization = slug("organization", &wanted.organization)?;
    if organization.is_empty() {
        let message = "is required: the word after /organizations/ in Sentry's addresses";
        return Err(OperationError::invalid("organization", message));
    }
    let projects = projects(&wanted.projects)?;
    let expiry = tokens::expiry(&wanted.token_expires_at)?;
    let now = app.clock.now();
    let mut tx = app.database.write().await?;
    let integration = integrations::by_id(&mut tx, workspace_id, wanted.integration_id).await?;
    let integration = integration.ok_or(OperationError::NotFound("integration"))?;
    if integration.kind != IntegrationKind::Sentry.as_str() {
        let message = "must be one of the kind sentry";
        return Err(OperationError::invalid("integration", message));
    }
    let all = connections::list(&mut tx, workspace_id).await?;
    let known = all.iter().find(|one| {
        one.integration_id == integration.id
            && one.base_url == base_url
            && one.organization == organization
    });
    if known.is_none() && all.len() >= SENTRY_CONNECTIONS {
        return Err(OperationError::invalid(
            "organization",
            "there are too many",
        ));
    }
    let token = token(&wanted.token, known)?;
    let new = NewConnection {
        id: app.ids.next(now),
        workspace_id,
        integration_id: integration.id,
        base_url,
        organization,
        projects,
        from_environment: token.is_none(),
        token,
        created_at: now,
    };
    let id = connections::save(&mut tx, &new).await?;
    if expiry.is_some() {
        connections::set_expiry(&mut tx, id, expiry).await?;
    }
    write_backs::try_again(&mut tx, (workspace_id, id)).await?;
    tx.commit().await?;
    app.sentry.pace(id).forget();
    Ok(id)
}

/// The token that is entered, or the one the connection has. `None`: that of the environment.
fn token(
    entered: &str,
    known: Option<&ConnectionRecord>,
) -> Result<Option<String>, OperationError> {
    let entered = entered.trim();
    let plain = |letter: char| letter.is_ascii_graphic();
    if entered.len() > SENTRY_TOKEN_CHARS || !entered.chars().all(plain) {
        return Err(OperationError::invalid("token", "is no token"));
    }
    match (entered, known) {
        ("", None) => Err(OperationError::invalid("token", "is required")),
        ("", Some(known)) => Ok(known.token.clone()),
        (token, _) => Ok(Some(token.to_owned())),
    }
}

/// Scheme, host and port of an address: people paste whole addresses of pages.
fn origin(text: &str) -> Result<String, OperationError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(USUAL_HOST.to_owned());
    }
    let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let scheme = scheme.to_ascii_lowercase();
    if host.is_empty() || !["https", "http"].contains(&scheme.as_str()) {
        let message = "must be an address, such as https://sentry.io";
        return Err(OperationError::invalid("base_url", message));
    }
    Ok(format!("{scheme}://{}", host.to_ascii_lowercase()))
}

fn slug(field: &'static str, text: &str) -> Result<String, OperationError> {
    let text = text.trim();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if text.len() > SENTRY_SLUG_CHARS || !text.bytes().all(plain) {
        let message = "is no slug: letters, digits and dashes, as in Sentry's addresses";
        return Err(OperationError::invalid(field, message));
    }
    Ok(text.to_owned())
}

fn projects(wanted: &[String]) -> Result<Vec<String>, OperationError> {
    let slugs = wanted.iter().map(|text| slug("projects", text));
    let mut slugs = slugs.collect::<Result<Vec<_>, _>>()?;
    slugs.retain(|slug| !slug.is_empty());
    slugs.sort();
    slugs.dedup();
    if slugs.len() > SENTRY_PROJECTS {
        let message = format!("are more than {SENTRY_PROJECTS}; leave it empty for all");
        return Err(OperationError::invalid("projects", message));
    }
    Ok(slugs)
}

/// Forgets a connection and its token; what was learnt through it stays.
pub async fn delete(app: &App, workspace_id: i64, id: i64) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    if !connections::delete(&mut tx, workspace_id, id).await? {
        return Err(OperationError::NotFound("Sentry connection"));
    }
    settings::delete(&mut tx, id).await?;
    tx.commit().await?;
    Ok(())
}

/// At the start: the organisation that the environment names is a connection of the default
/// integration. Its token stays in the environment.
pub async fn follow_environment(
    database: &Database,
    ids: &IdSource,
    (desk, now): (&SentryDesk, Time),
) -> Result<(), OperationError> {
    let Some(variables) = &desk.variables else {
        return Ok(());
    };
    let mut tx = database.write().await?;
    let known = integrations::list(&mut tx, DEFAULT_WORKSPACE).await?;
    let default = known
        .iter()
        .find(|one| one.is_default && one.kind == IntegrationKind::Sentry.as_str());
    let Some(integration) = default else {
        return Ok(());
    };
    let mut wanted = variables.projects.clone();
    wanted.sort();
    let all = connections::list(&mut tx, DEFAULT_WORKSPACE).await?;
    let is_known = all.iter().any(|one| {
        one.integration_id == integration.id
            && one.base_url == variables.base_url
            && one.organization == variables.organization
            // Somebody entered another token for the same: that one counts.
            && (!one.from_environment || one.projects == wanted)
    });
    // The token may be another one by now: what was refused is tried once more.
    for one in all.iter().filter(|one| one.token.is_none()) {
        write_backs::try_again(&mut tx, (DEFAULT_WORKSPACE, one.id)).await?;
    }
    if !is_known {
        let new = NewConnection {
            id: ids.next(now),
            workspace_id: DEFAULT_WORKSPACE,
            integration_id: integration.id,
            base_url: variables.base_url.clone(),
            organization: variables.organization.clone(),
            projects: wanted,
            token: None,
            from_environment: true,
            created_at: now,
        };
        connections::save(&mut tx, &new).await?;
    }
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_addresses_can_be_pasted() {
        for (text, expected) in [
            ("", USUAL_HOST),
            (
                " https://Sentry.acme.example/ ",
                "https://sentry.acme.example",
            ),
            (
                "https://acme.sentry.io/issues/?project=1",
                "https://acme.sentry.io",
            ),
            ("http://10.0.0.5:9000/api/0/", "http://10.0.0.5:9000"),
            ("de.sentry.io", "https://de.sentry.io"),
        ] {
            assert_eq!(origin(text).unwrap(), expected, "{text}");
        }
        for text in ["ftp://sentry.io", "https:///x", "://"] {
            assert!(origin(text).is_err(), "{text}");
        }
    }

    #[test]
    fn slugs_cannot_lead_out_of_their_place() {
        for text in ["a/b", "a?b", "a b", "a%2fb", "ä"] {
            assert!(slug("organization", text).is_err(), "{text}");
        }
        let listed = projects(&["web".into(), " shop ".into(), String::new(), "web".into()]);
        assert_eq!(listed.unwrap(), ["shop", "web"]);
    }
}
