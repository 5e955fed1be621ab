//! Fetches the commits that a webhook left out of a push, from the code host that sent it.
//! What waits is in `cut_pushes`; no transaction is open while the host is asked.

use super::rank_suspects::scrubbed;
use super::store_commits::store_commits;
use super::touched::ask_again;
use crate::app::App;
use crate::clients::code_host::{CodeHost, Comparison, HostFault, Provider};
use crate::limits::{
    COMPARE_COMMITS, COMPARE_FILES, COMPLETION_BATCH, COMPLETION_DEADLINE, COMPLETION_LEASE_MS,
    COMPLETION_RETRY_MS,
};
use epicenter_domain::change::place::{holds_for, place};
use epicenter_domain::time::Time;
use epicenter_store::StoreError;
use epicenter_store::changes::code_hosts::{self, CodeHostRecord};
use epicenter_store::changes::commits::{self, Owner};
use epicenter_store::changes::cut_pushes::{self, CutPush};
use epicenter_store::changes::pushes::{self, PushRecord};
use epicenter_store::changes::repositories::{self, RepositoryRecord};
use std::collections::BTreeSet;
use std::sync::Mutex;

/// What is to be asked, and where.
struct Question {
    entry: CutPush,
    push: PushRecord,
    repository: RepositoryRecord,
    host: CodeHostRecord,
    provider: Provider,
    /// What the host is to compare.
    base: String,
    head: String,
    /// Commits whose files are known already.
    known: BTreeSet<String>,
}

/// What one look at a waiting push came to.
enum Step {
    Ask(Box<Question>),
    /// Until then (`None`: until the settings change), for this reason.
    PutOff(Option<Time>, String),
    /// There is nothing to complete.
    Drop,
}

/// Completes the pushes that are due, one after the other. Answers how many were looked at.
pub async fn complete_due(app: &App) -> Result<usize, StoreError> {
    let mut tx = app.database.read().await?;
    let due = cut_pushes::due(&mut tx, app.clock.now(), COMPLETION_BATCH).await?;
    tx.rollback().await?;
    let count = due.len();
    for entry in due {
        if app.stop.is_cancelled() {
            break;
        }
        let until = app.clock.now().plus_ms(COMPLETION_LEASE_MS);
        let mut tx = app.database.write().await?;
        let taken = cut_pushes::claim(&mut tx, &entry, until).await?;
        tx.commit().await?;
        if let Some(entry) = taken {
            complete(app, entry).await?;
        }
    }
    Ok(count)
}

async fn complete(app: &App, entry: CutPush) -> Result<(), StoreError> {
    let question = match prepare(app, &entry).await? {
        Step::Ask(question) => question,
        Step::PutOff(until, why) => {
            let mut tx = app.database.write().await?;
            cut_pushes::put_off(&mut tx, &entry, (until, entry.attempt_count), &why).await?;
            return tx.commit().await;
        }
        Step::Drop => {
            let mut tx = app.database.write().await?;
            cut_pushes::remove(&mut tx, entry.push_id).await?;
            return tx.commit().await;
        }
    };
    let host = CodeHost {
        outbound: &app.outbound,
        provider: question.provider,
        api_url: &question.host.api_url,
        token: &question.host.token,
        now: app.clock.now(),
        rest_until: Mutex::new(None),
    };
    let asked = ask(&host, &question);
    let answered = tokio::select! {
        answered = tokio::time::timeout(COMPLETION_DEADLINE, asked) => answered,
        () = app.stop.cancelled() => return give_back(app, &entry).await,
    };
    let answer = match answered {
        Ok(answer) => answer,
        Err(_) => Err(HostFault::Later {
            not_before: None,
            is_rate: false,
            why: format!("{} took too long to answer.", question.provider.name()),
        }),
    };
    if let Some(until) = host.rests_until() {
        hold(app, &question.host, until).await?;
    }
    match answer {
        Ok(found) => keep(app, &question, found).await,
        Err(fault) => put_off(app, &question, fault).await,
    }
}

/// The server stops: the next start, or another node, asks at once.
async fn give_back(app: &App, entry: &CutPush) -> Result<(), StoreError> {
    let why = "The server was stopped before the host had answered.";
    let again = (Some(app.clock.now()), entry.attempt_count);
    let mut tx = app.database.write().await?;
    cut_pushes::put_off(&mut tx, entry, again, why).await?;
    tx.commit().await
}

/// Looks up what there is to ask.
async fn prepare(app: &App, entry: &CutPush) -> Result<Step, StoreError> {
    let mut tx = app.database.read().await?;
    let push = pushes::by_ids(&mut tx, &[entry.push_id]).await?.pop();
    let Some(push) = push.filter(|push| push.is_truncated) else {
        return Ok(Step::Drop);
    };
    let Some(head) = push.after_sha.clone() else {
        return Ok(Step::Drop);
    };
    let workspace_id = entry.workspace_id;
    let repository = repositories::by_id(&mut tx, workspace_id, push.repository_id).await?;
    let Some(repository) = repository else {
        return Ok(Step::Drop);
    };
    let Some(base) = base(&push, &repository) else {
        let why = "It began the branch, so there is nothing to compare it with.";
        return Ok(Step::PutOff(None, why.to_owned()));
    };
    let hosts = code_hosts::list(&mut tx, workspace_id).await?;
    let most = i64::try_from(COMPARE_COMMITS).unwrap_or(i64::MAX);
    let listed = commits::ids_of(&mut tx, Owner::Push(push.id), most).await?;
    let listed = commits::by_ids(&mut tx, &listed).await?;
    tx.rollback().await?;
    let known = listed
        .into_iter()
        .filter(|commit| commit.fact.files.is_some())
        .map(|commit| commit.fact.sha)
        .collect();
    let (host, provider) = match chosen(hosts, &repository) {
        Ok(found) => found,
        Err(why) => return Ok(Step::PutOff(None, why)),
    };
    let now = app.clock.now();
    if let Some(until) = host.held_until.map(Time).filter(|until| *until > now) {
        let why = format!("{} wants to be left alone for now.", provider.name());
        return Ok(Step::PutOff(Some(until), why));
    }
    Ok(Step::Ask(Box::new(Question {
        entry: entry.clone(),
        push,
        repository,
        host,
        provider,
        base,
        head,
        known,
    })))
}

/// What a push is compared with: the head before it; for a new branch the one it grew from.
fn base(push: &PushRecord, repository: &RepositoryRecord) -> Option<String> {
    let other = |branch: &&String| push.is_tag || **branch != push.branch;
    let main = repository.default_branch.as_ref().filter(other);
    push.before_sha.clone().or_else(|| main.cloned())
}

/// The settings that hold for a repository: those of the longest place.
fn chosen(
    hosts: Vec<CodeHostRecord>,
    repository: &RepositoryRecord,
) -> Result<(CodeHostRecord, Provider), String> {
    let url = repository.url.as_deref();
    let Some(place) = place(&repository.provider, url, &repository.name) else {
        return Err("Nobody knows on which host its repository is.".to_owned());
    };
    let own = hosts
        .into_iter()
        .filter(|one| holds_for(&one.place, &place));
    let longest = own.max_by_key(|one| one.place.len());
    let found = longest.and_then(|one| Some((Provider::parse(&one.provider)?, one)));
    found.map(|(provider, one)| (one, provider)).ok_or_else(|| {
        let host = place.split('/').next().unwrap_or(&place);
        format!("No token is set up for {host}.")
    })
}

/// Asks for the commits, and what the newest of them touched as far as that is not known.
async fn ask(host: &CodeHost<'_>, question: &Question) -> Result<Comparison, HostFault> {
    let name = question.repository.name.as_str();
    let mut found = host.compare(name, &question.base, &question.head).await?;
    let unknown = found
        .commits
        .iter_mut()
        .filter(|commit| commit.is_merge != Some(true) && !question.known.contains(&commit.sha));
    for commit in unknown.take(COMPARE_FILES) {
        match host.files(name, &commit.sha).await {
            Ok(files) => commit.files = Some(files),
            // The commits alone are worth keeping; nobody needs to know of a file more or less.
            Err(fault) => {
                tracing::debug!("the files of {} are not known: {fault:?}", commit.sha);
                break;
            }
        }
    }
    Ok(found)
}

async fn hold(app: &App, host: &CodeHostRecord, until: Time) -> Result<(), StoreError> {
    let mut tx = app.database.write().await?;
    code_hosts::hold(&mut tx, host, until).await?;
    tx.commit().await
}

/// Keeps what was found, and has the incidents ranked anew that it may explain.
async fn keep(app: &App, question: &Question, found: Comparison) -> Result<(), StoreError> {
    let now = app.clock.now();
    let workspace_id = question.entry.workspace_id;
    let rules = &app.scrub_rules;
    let commits: Vec<_> = found
        .commits
        .into_iter()
        .map(|fact| scrubbed(fact, rules))
        .collect();
    let place = (workspace_id, question.repository.id);
    let stored = store_commits(app, place, &commits, now).await?;
    let count = i64::try_from(stored.ids.len()).unwrap_or(i64::MAX);
    let total = question.push.total_count.unwrap_or(0);
    let lacks = found.is_cut || count < total.max(question.push.commit_count);
    let mut tx = app.database.write_state().await?;
    if count >= question.push.commit_count {
        pushes::complete(&mut tx, question.push.id, &stored.ids, lacks).await?;
    }
    if lacks {
        let why = format!(
            "{} told of {count} commits only; the older ones stay unknown.",
            question.provider.name()
        );
        let attempts = question.entry.attempt_count;
        cut_pushes::put_off(&mut tx, &question.entry, (None, attempts), &why).await?;
    } else {
        cut_pushes::remove(&mut tx, question.push.id).await?;
    }
    let services = &question.repository.service_ids;
    ask_again(
        app,
        &mut tx,
        (workspace_id, services),
        "a cut push was completed",
    )
    .await?;
    tx.commit().await?;
    tracing::info!(
        repository = question.repository.name,
        count,
        "a push to {} that was cut has now {count} commits",
        question.repository.name
    );
    app.live.publish(Vec::new(), []);
    Ok(())
}

async fn put_off(app: &App, question: &Question, fault: HostFault) -> Result<(), StoreError> {
    let now = app.clock.now();
    let attempts = question.entry.attempt_count;
    let mut tx = app.database.write().await?;
    let (until, attempts, why) = match fault {
        HostFault::Never(why) => (None, attempts, why),
        HostFault::Later {
            not_before,
            is_rate: true,
            why,
        } => {
            // A limit is no failure: it ends by itself, and holds for all questions.
            let until = not_before.unwrap_or_else(|| now.plus_ms(COMPLETION_RETRY_MS[0]));
            code_hosts::hold(&mut tx, &question.host, until).await?;
            (Some(until), attempts, why)
        }
        HostFault::Later {
            not_before, why, ..
        } => {
            let wait = usize::try_from(attempts)
                .ok()
                .and_then(|at| COMPLETION_RETRY_MS.get(at));
            let until = wait.map(|ms| now.plus_ms(*ms));
            let until = until.map(|until| not_before.map_or(until, |wish| wish.max(until)));
            (until, attempts + 1, why)
        }
    };
    tracing::warn!(
        repository = question.repository.name,
        "a cut push to {} could not be completed: {why}",
        question.repository.name
    );
    let is_noted = cut_pushes::put_off(&mut tx, &question.entry, (until, attempts), &why).await?;
    tx.commit().await?;
    if !is_noted {
        tracing::info!(
            repository = question.repository.name,
            "the settings changed while a host was asked about a push to {}: it is asked again",
            question.repository.name
        );
    }
    Ok(())
}
