//! What may have caused an incident: the card on its page, and what people say of it.

use super::forms::Form;
use super::views::parts::{Clock, SafeLink};
use super::views::{DiffView, Missing, ParentDeploy, SuspectCard, SuspectView};
use super::visitor::{Failure, Visitor};
use crate::app::App;
use crate::http::problem::Problem;
use crate::operations::OperationError;
use crate::operations::rank_suspects::subject;
use crate::operations::suspect_feedback::{Opinion, say};
use axum::extract::{Path, State};
use axum::response::Response;
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::Incident;
use epicenter_store::changes::commits::{self, CommitRecord};
use epicenter_store::changes::deploys::{self, DeployRecord};
use epicenter_store::suspects::{self, FeedbackRecord, SuspectRecord};
use epicenter_store::{StoreError, Tx, incidents};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Files named on the card.
const FILES: usize = 8;
/// Letters of a SHA that are shown.
const SHORT_SHA: usize = 8;

/// A commit's name as people read it.
pub(super) fn short(sha: &str) -> &str {
    sha.get(..SHORT_SHA).unwrap_or(sha)
}

/// What a deploy is called: its version, else its commit, else its name.
pub(super) fn deploy_name(deploy: &DeployRecord) -> String {
    let sha = deploy.sha.as_deref().map(short);
    let known = deploy.version.as_deref().or(sha).or(deploy.name.as_deref());
    known.unwrap_or("something").to_owned()
}

/// The first line of a message.
pub(super) fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default().trim();
    if line.is_empty() {
        "(no message)".to_owned()
    } else {
        line.to_owned()
    }
}

/// The card of an incident.
pub(super) async fn card(
    tx: &mut Tx,
    visitor: &Visitor,
    clock: Clock,
    incident: &Incident,
) -> Result<SuspectCard, Failure> {
    let mut card = SuspectCard {
        clock,
        csrf: visitor.session.csrf.clone(),
        number: incident.number,
        is_waiting: suspects::is_waiting(tx, incident.id).await?,
        ..SuspectCard::default()
    };
    let Some((ranking, kept)) = suspects::of_incident(tx, incident.id).await? else {
        return Ok(card);
    };
    let ids: Vec<i64> = kept.iter().filter_map(|one| one.commit_id).collect();
    let known = commits::by_ids(tx, &ids).await?;
    let said = suspects::feedback_of(tx, incident.id).await?;
    let deploys = deploys_of(tx, incident.workspace_id, ranking.deploy_id, &kept).await?;
    card.is_ranked = true;
    card.is_convincing = ranking.is_convincing;
    card.candidate_count = ranking.candidate_count;
    card.why = ranking.why.iter().map(|line| Missing::new(line)).collect();
    let parent = ranking.deploy_id.and_then(|id| deploys.get(&id));
    card.parent = parent.map(|deploy| ParentDeploy {
        id: IdKind::Deploy.show(deploy.id),
        name: deploy_name(deploy),
        environment: deploy.environment.clone(),
        distance: clock.between(&deploy.at, &incident.opened_at),
    });
    card.suspects = kept
        .into_iter()
        .map(|one| view(one, &known, &deploys, &said))
        .collect();
    Ok(card)
}

async fn deploys_of(
    tx: &mut Tx,
    workspace_id: i64,
    parent: Option<i64>,
    kept: &[SuspectRecord],
) -> Result<BTreeMap<i64, DeployRecord>, StoreError> {
    let mut found = BTreeMap::new();
    for id in parent
        .into_iter()
        .chain(kept.iter().filter_map(|one| one.deploy_id))
    {
        if !found.contains_key(&id)
            && let Some(deploy) = deploys::by_id(tx, workspace_id, id).await?
        {
            found.insert(id, deploy);
        }
    }
    Ok(found)
}

fn view(
    record: SuspectRecord,
    known: &[CommitRecord],
    deploys: &BTreeMap<i64, DeployRecord>,
    said: &[FeedbackRecord],
) -> SuspectView {
    let commit = known
        .iter()
        .find(|commit| Some(commit.id) == record.commit_id)
        .map(|commit| &commit.fact);
    let deploy = record.deploy_id.and_then(|id| deploys.get(&id));
    // What weighs most is read first; what weighs nothing is no reason.
    let mut reasons = record.reasons;
    reasons.retain(|reason| reason.points != 0);
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.points.abs()));
    let subject = subject(commit.map(|one| one.sha.as_str()), record.deploy_id).unwrap_or_default();
    let mut shown = SuspectView {
        rank: record.rank,
        is_commit: record.commit_id.is_some(),
        score: record.score,
        said: said
            .iter()
            .find(|one| one.subject == subject)
            .map(|one| one.verdict.clone()),
        subject,
        deploy: deploy.map(|one| (IdKind::Deploy.show(one.id), deploy_name(one))),
        reasons: reasons
            .into_iter()
            .map(|reason| (format!("{:+}", reason.points), reason.text))
            .collect(),
        files: record.files.into_iter().take(FILES).collect(),
        ..SuspectView::default()
    };
    match (commit, deploy) {
        (Some(commit), _) => {
            short(&commit.sha).clone_into(&mut shown.name);
            shown.title = first_line(&commit.message);
            shown.author.clone_from(&commit.author);
            shown.link = SafeLink::from_option(commit.url.as_deref());
            shown.diff = DiffView::of(commit.files.as_deref().unwrap_or_default());
        }
        (None, Some(deploy)) => {
            shown.name = deploy_name(deploy);
            shown.title = format!("{} → {}", shown.name, deploy.environment);
            shown.author.clone_from(&deploy.actor);
            shown.link = SafeLink::from_option(deploy.url.as_deref());
        }
        (None, None) => "(no longer known)".clone_into(&mut shown.title),
    }
    shown
}

/// `POST /incidents/{number}/suspects`: this was it, or not this one.
pub(super) async fn feedback(
    State(app): State<Arc<App>>,
    Path(number): Path<i64>,
    form: Form,
) -> Response {
    let back = format!("/incidents/{number}#suspects");
    if let Err(problem) = form.visitor.caller.must_respond() {
        return form.failed(&app, &back, problem.detail);
    }
    let Some(opinion) = Opinion::parse(form.fields.get("verdict")) else {
        return form.failed(&app, &back, "This action is not known. Reload the page.");
    };
    let done = match opinion {
        Opinion::Guilty => "Noted: this was it.",
        Opinion::Innocent => "Noted: not this one. The rest was ranked again.",
    };
    match judge(&app, &form, number, opinion).await {
        Ok(()) => form.done(&app, &back, done),
        Err(problem) if problem.status == 404 => form.failed(
            &app,
            &back,
            "The ranking changed meanwhile, and this suspect is no longer in it.",
        ),
        Err(problem) => form.followed(&app, &back, Err::<String, _>(problem)),
    }
}

async fn judge(app: &App, form: &Form, number: i64, opinion: Opinion) -> Result<(), Problem> {
    let workspace_id = form.visitor.caller.workspace_id;
    let wanted = form.fields.get("subject");
    let mut tx = app.database.read().await?;
    let incident = incidents::by_number(&mut tx, workspace_id, number)
        .await?
        .ok_or_else(|| Problem::not_found("incident"))?;
    let kept = suspects::of_incident(&mut tx, incident.id).await?;
    let kept = kept.map(|(_, kept)| kept).unwrap_or_default();
    let ids: Vec<i64> = kept.iter().filter_map(|one| one.commit_id).collect();
    let known = commits::by_ids(&mut tx, &ids).await?;
    tx.rollback().await?;
    // The button names the suspect and not its place, which may have changed since.
    let is_wanted = |one: &&SuspectRecord| {
        let commit = known.iter().find(|commit| Some(commit.id) == one.commit_id);
        let sha = commit.map(|commit| commit.fact.sha.as_str());
        subject(sha, one.deploy_id).as_deref() == Some(wanted)
    };
    let rank = kept
        .iter()
        .find(is_wanted)
        .map(|one| one.rank)
        .ok_or(OperationError::NotFound("suspect"))?;
    let place = (workspace_id, incident.id);
    let actor = &form.visitor.caller.actor;
    Ok(say(app, place, rank, opinion, actor).await?)
}
