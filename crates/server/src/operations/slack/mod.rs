//! What people in Slack ask for: who they are here, whether they may, and what comes of it. It is
//! done by the same operations as on the page.

mod members;
mod words;

pub use members::{link_member, unlink_member};

use super::command_incident::command_incident;
use super::group_incidents::leader;
use super::links;
use super::notice_settings::silences::{self, WantedCondition, WantedSilence};
use super::{OperationError, accounts::hash_of};
use crate::app::App;
use crate::limits::SLACK_PROOF_MS;
use epicenter_domain::action_link::Claim;
use epicenter_domain::delivery::Headers;
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::Incident;
use epicenter_domain::notification::Target;
use epicenter_domain::proof::{SecretValue, SlackRefusal, prove_slack};
use epicenter_domain::signal::{Actor, ActorKind};
use epicenter_domain::sources::slack_action::{
    SlackAction, SlackAsk, SlackPerson, SlackVerb, WhichIncident,
};
use epicenter_store::notices::destinations::{self, DestinationRecord};
use epicenter_store::notices::proofs;
use epicenter_store::people::slack as members_store;
use epicenter_store::users::{self, Role, UserRecord};
use epicenter_store::{StoreError, incidents};
use std::collections::{BTreeMap, BTreeSet};

/// A request that Slack signed.
#[derive(Clone, Debug)]
pub struct Proven {
    /// The workspaces whose Slack app it came from.
    pub workspaces: BTreeSet<i64>,
    /// Names this very request: the same again is a replay.
    pub proof: String,
}

/// What the person is told, for their eyes only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Slack's markup.
    pub text: String,
    /// Does the card say so, too?
    pub shows_on_card: bool,
}

impl From<String> for Told {
    fn from(text: String) -> Self {
        Self {
            text,
            shows_on_card: false,
        }
    }
}

/// Checks that Slack sent these bytes, against the signing secrets of all its destinations.
pub async fn prove(
    app: &App,
    headers: &Headers,
    body: &[u8],
) -> Result<Result<Proven, SlackRefusal>, StoreError> {
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let bots = destinations::slack_bots(&mut tx).await?;
    tx.rollback().await?;
    let mut secrets: BTreeMap<i64, Vec<SecretValue>> = BTreeMap::new();
    for bot in &bots {
        let known = secrets.entry(bot.workspace_id).or_default();
        known.extend(signing_secret(bot).cloned());
    }
    let mut workspaces = BTreeSet::new();
    let mut refusal = SlackRefusal::NoSecret;
    for (workspace_id, known) in &secrets {
        match prove_slack(known, headers, body, now) {
            Ok(()) => drop(workspaces.insert(*workspace_id)),
            Err(SlackRefusal::NoSecret) => {}
            Err(why) => refusal = why,
        }
    }
    if workspaces.is_empty() {
        return Ok(Err(refusal));
    }
    let signature = headers.get("x-slack-signature").unwrap_or_default();
    // Hex is read in either case: the same proof must not have two names.
    let signature = signature.to_ascii_lowercase();
    Ok(Ok(Proven {
        workspaces,
        proof: format!("slack:{}", hex::encode(hash_of(&signature))),
    }))
}

fn signing_secret(bot: &DestinationRecord) -> Option<&SecretValue> {
    match &bot.target {
        Target::SlackBot { signing_secret, .. } => signing_secret.as_ref(),
        Target::SlackWebhook { .. }
        | Target::Email { .. }
        | Target::Webhook { .. }
        | Target::Pagerduty { .. }
        | Target::Teams { .. }
        | Target::Discord { .. }
        | Target::Telegram { .. }
        | Target::Mattermost { .. }
        | Target::Ntfy { .. } => None,
    }
}

/// Does what was asked for. Answers what the person is told, if there is anything to tell.
pub async fn answer(
    app: &App,
    proven: &Proven,
    action: &SlackAction,
) -> Result<Option<Told>, OperationError> {
    match action.ask {
        SlackAsk::Nothing => return Ok(None),
        SlackAsk::Help => return Ok(Some(words::help().into())),
        SlackAsk::List | SlackAsk::Incident { .. } => {}
    }
    let Some(user) = who(app, proven, &action.person).await? else {
        return Ok(Some(stranger(app, proven, &action.person).into()));
    };
    match action.ask {
        SlackAsk::Nothing | SlackAsk::Help => Ok(None),
        SlackAsk::List => Ok(Some(words::list(app, user.workspace_id).await?.into())),
        SlackAsk::Incident { which, verb, .. } => {
            if matches!(user.role, Role::Viewer | Role::Deployer) {
                return Ok(Some(words::may_only_look().into()));
            }
            let Some(incident) = find(app, user.workspace_id, which).await? else {
                return Ok(Some(words::no_such_incident().into()));
            };
            if !is_new(app, &proven.proof).await? {
                return Ok(Some(words::done_before(&incident).into()));
            }
            let actor = Actor {
                kind: ActorKind::User,
                id: IdKind::User.show(user.id),
                name: user.name,
            };
            act(app, &incident, (verb, action.ask), &actor)
                .await
                .map(Some)
        }
    }
}

/// Who a person in Slack is here.
async fn who(
    app: &App,
    proven: &Proven,
    person: &SlackPerson,
) -> Result<Option<UserRecord>, StoreError> {
    let mut tx = app.database.read().await?;
    let mut found = None;
    for workspace_id in &proven.workspaces {
        let id = (person.team.as_str(), person.id.as_str());
        if let Some(id) = members_store::user_of(&mut tx, *workspace_id, id).await? {
            let user = users::by_id(&mut tx, id).await?;
            found = user.filter(|user| user.workspace_id == *workspace_id);
        }
        if found.is_some() {
            break;
        }
    }
    tx.rollback().await?;
    Ok(found)
}

/// What somebody is told whom nobody knows: how to say who it is.
fn stranger(app: &App, proven: &Proven, person: &SlackPerson) -> String {
    let Some(workspace_id) = proven.workspaces.first() else {
        return words::no_such_incident();
    };
    let claim = Claim::SlackMember {
        workspace_id: *workspace_id,
        team: person.team.clone(),
        member: person.id.clone(),
        name: person.name.clone(),
    };
    words::stranger(&links::address(app, "/slack/link", &claim))
}

async fn find(
    app: &App,
    workspace_id: i64,
    which: WhichIncident,
) -> Result<Option<Incident>, OperationError> {
    let mut tx = app.database.read().await?;
    let found = match which {
        WhichIncident::Id(id) => incidents::by_id(&mut tx, workspace_id, id).await?,
        WhichIncident::Number(number) => {
            incidents::by_number(&mut tx, workspace_id, number).await?
        }
    };
    // What was merged pages as another incident.
    let found = match found {
        Some(incident) => Some(leader(&mut tx, incident).await?),
        None => None,
    };
    tx.rollback().await?;
    Ok(found)
}

/// Is this request here for the first time? Kept before it is done: done twice is worse than not
/// at all, since the person sees that nothing came of it and presses again.
async fn is_new(app: &App, proof: &str) -> Result<bool, StoreError> {
    let expires_at = app.clock.now().plus_ms(SLACK_PROOF_MS);
    let mut tx = app.database.write().await?;
    let is_new = proofs::use_once(&mut tx, proof, expires_at).await?;
    tx.commit().await?;
    Ok(is_new)
}

async fn act(
    app: &App,
    incident: &Incident,
    (verb, ask): (SlackVerb, SlackAsk),
    actor: &Actor,
) -> Result<Told, OperationError> {
    let now = app.clock.now();
    let done = match ask.command(now) {
        Some(command) => command_incident(app, incident.workspace_id, incident.id, &command, actor)
            .await
            .map(|_| ()),
        None => silence(app, incident, ask, actor).await,
    };
    match done {
        Ok(()) => Ok(Told {
            text: words::done(app, incident, verb),
            shows_on_card: verb != SlackVerb::Silence,
        }),
        Err(OperationError::Store(error)) => Err(OperationError::Store(error)),
        Err(error) => Ok(words::refused(incident, &error.to_string()).into()),
    }
}

/// Mutes what is like the incident.
async fn silence(
    app: &App,
    incident: &Incident,
    ask: SlackAsk,
    actor: &Actor,
) -> Result<(), OperationError> {
    let SlackAsk::Incident { for_ms, .. } = ask else {
        return Ok(());
    };
    let wanted = WantedSilence {
        condition: Some(WantedCondition::Incident(incident.id)),
        ends_at: Some(app.clock.now().plus_ms(for_ms)),
        comment: Some(format!("From Slack, about #{}", incident.number)),
        ..WantedSilence::default()
    };
    silences::create(app, incident.workspace_id, wanted, &actor.name)
        .await
        .map(|_| ())
}
