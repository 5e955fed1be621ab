//! Where code hosts are asked for what their webhooks cut.

use super::OperationError;
use crate::app::App;
use crate::clients::code_host::Provider;
use crate::limits::{CODE_HOST_TOKEN_CHARS, CODE_HOSTS, SHOWN_CUT_PUSHES};
use epicenter_domain::change::place::tidy_place;
use epicenter_store::changes::code_hosts::{self, CodeHostRecord};
use epicenter_store::changes::{cut_pushes, pushes};
use epicenter_store::{StoreError, Tx};
use std::collections::BTreeMap;

/// A place as somebody wants it.
#[derive(Clone, Debug)]
pub struct WantedHost {
    /// `github.com`, `github.com/acme`, `git.acme.example/shop/web`.
    pub place: String,
    /// Whose API it has; `None`: it is told from the host's name.
    pub provider: Option<String>,
    /// Where its API is; empty: where it usually is.
    pub api_url: String,
    /// What lets us in; empty: the one it has.
    pub token: String,
}

/// Sets a place up, or changes it, and has all cut pushes tried again. Answers its id.
pub async fn save(app: &App, workspace_id: i64, wanted: WantedHost) -> Result<i64, OperationError> {
    let place = tidy_place(&wanted.place).ok_or_else(|| {
        OperationError::invalid(
            "place",
            "must be a host, such as github.com or github.com/acme",
        )
    })?;
    let host = place.split('/').next().unwrap_or(&place).to_owned();
    let provider = provider(wanted.provider.as_deref(), &host)?;
    let api_url = match wanted.api_url.trim().trim_end_matches('/') {
        "" => provider.usual_api(&host),
        url => url.to_owned(),
    };
    // A name that cannot be found at the moment is no mistake: the worker asks again.
    if let Err(error) = app.outbound.check(&api_url).await
        && error.is_permanent()
    {
        return Err(OperationError::invalid("api_url", error.to_string()));
    }
    let token = wanted.token.trim();
    let plain = |letter: char| letter.is_ascii_graphic();
    if token.len() > CODE_HOST_TOKEN_CHARS || !token.chars().all(plain) {
        return Err(OperationError::invalid("token", "is no token"));
    }
    let now = app.clock.now();
    let mut tx = app.database.write().await?;
    let all = code_hosts::list(&mut tx, workspace_id).await?;
    let known = all.iter().find(|one| one.place == place);
    let token = match (token, known) {
        ("", None) => return Err(OperationError::invalid("token", "is required")),
        // A token must not be sent to another address than the one it was entered for.
        ("", Some(known)) if known.api_url != api_url => {
            let message = "must be entered again for another address";
            return Err(OperationError::invalid("token", message));
        }
        ("", Some(known)) => known.token.clone(),
        (token, _) => token.to_owned(),
    };
    if known.is_none() && all.len() >= CODE_HOSTS {
        return Err(OperationError::invalid("place", "there are too many"));
    }
    let record = CodeHostRecord {
        id: app.ids.next(now),
        workspace_id,
        place,
        provider: provider.as_str().to_owned(),
        api_url,
        token,
        held_until: None,
        created_at: now.0,
    };
    let id = code_hosts::save(&mut tx, &record).await?;
    cut_pushes::wake(&mut tx, workspace_id, now).await?;
    tx.commit().await?;
    Ok(id)
}

/// Forgets a place; what was fetched stays.
pub async fn delete(app: &App, workspace_id: i64, id: i64) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    if !code_hosts::delete(&mut tx, workspace_id, id).await? {
        return Err(OperationError::NotFound("code host"));
    }
    tx.commit().await?;
    Ok(())
}

/// Has all cut pushes tried again now.
pub async fn try_again(app: &App, workspace_id: i64) -> Result<(), OperationError> {
    let mut tx = app.database.write().await?;
    cut_pushes::wake(&mut tx, workspace_id, app.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// A push that is not complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Branch or tag.
    pub branch: String,
    /// Commits that are known.
    pub commit_count: i64,
    /// Commits there are, when the sender said so.
    pub total_count: Option<i64>,
    /// Why it is not complete yet; `None`: it was not tried.
    pub fault: Option<String>,
}

/// The newest cut push of each repository, by the repositories' ids.
pub async fn newest_cuts(tx: &mut Tx, workspace_id: i64) -> Result<BTreeMap<i64, Cut>, StoreError> {
    let waiting = cut_pushes::list(tx, workspace_id, SHOWN_CUT_PUSHES).await?;
    let ids: Vec<i64> = waiting.iter().map(|one| one.push_id).collect();
    let found = pushes::by_ids(tx, &ids).await?;
    let mut cuts = BTreeMap::new();
    for one in waiting {
        if let Some(push) = found.iter().find(|push| push.id == one.push_id) {
            cuts.entry(push.repository_id).or_insert_with(|| Cut {
                branch: push.branch.clone(),
                commit_count: push.commit_count,
                total_count: push.total_count,
                fault: one.fault,
            });
        }
    }
    Ok(cuts)
}

fn provider(word: Option<&str>, host: &str) -> Result<Provider, OperationError> {
    match word.map(str::trim).filter(|word| !word.is_empty()) {
        Some(word) => Provider::parse(word)
            .ok_or_else(|| OperationError::invalid("provider", "must be github or gitlab")),
        None if host.contains("github") => Ok(Provider::GitHub),
        None if host.contains("gitlab") => Ok(Provider::GitLab),
        None => {
            let message = "must be github or gitlab; the host's name does not tell";
            Err(OperationError::invalid("provider", message))
        }
    }
}
