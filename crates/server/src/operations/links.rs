//! Links that allow one thing: signed with a key that this installation made for itself.

use super::OperationError;
use super::accounts::random_hex;
use super::command_incident::command_incident;
use super::group_incidents::leader;
use crate::app::App;
use crate::limits::LINK_MS;
use epicenter_domain::action_link::{Claim, LinkRefusal, LinkVerb, open, sign};
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::{Incident, IncidentStatus};
use epicenter_domain::notification::{Link, Notice};
use epicenter_domain::proof::SecretValue;
use epicenter_domain::signal::{Actor, ActorKind};
use epicenter_domain::time::Time;
use epicenter_store::notices::proofs;
use epicenter_store::{Database, StoreError, Tx, incidents, users};

/// The key that signs links; made at the first start.
pub async fn link_key(database: &Database, now: Time) -> Result<SecretValue, OperationError> {
    let mut tx = database.write().await?;
    if proofs::link_key(&mut tx).await?.is_none() {
        proofs::keep_link_key(&mut tx, &random_hex(32)?, now).await?;
    }
    let key = proofs::link_key(&mut tx).await?.unwrap_or_default();
    tx.commit().await?;
    Ok(SecretValue::new(key))
}

/// The address of a page where this is allowed for a while.
pub(super) fn address(app: &App, path: &str, claim: &Claim) -> String {
    let until = app.clock.now().plus_ms(LINK_MS);
    let link = sign(&app.link_key, claim, until);
    format!("{}{path}/{link}", app.config.base_url())
}

/// What a link allows; why it allows nothing.
pub fn read(app: &App, link: &str) -> Result<Claim, OperationError> {
    open(&app.link_key, link, app.clock.now()).map_err(|refusal| match refusal {
        LinkRefusal::NotOurs => OperationError::NotFound("link"),
        LinkRefusal::Expired => OperationError::Conflict(
            "this link was good for three days; sign in to do the same there".to_owned(),
        ),
    })
}

/// What the reader of an e-mail can do about the incident, as links; none when it is over.
pub fn of_notice(app: &App, workspace_id: i64, to: &str, notice: &Notice) -> Vec<Link> {
    let Some(incident) = notice.incident() else {
        return Vec::new();
    };
    let Some(incident_id) = IdKind::Incident.parse(&incident.id) else {
        return Vec::new();
    };
    let verbs: &[LinkVerb] = match incident.status {
        IncidentStatus::Suspended | IncidentStatus::Triggered => {
            &[LinkVerb::Acknowledge, LinkVerb::Resolve]
        }
        IncidentStatus::Acknowledged => &[LinkVerb::Resolve],
        IncidentStatus::Resolved => &[],
    };
    let link = |verb: &LinkVerb| Link {
        text: verb.label().to_owned(),
        url: address(
            app,
            "/act",
            &Claim::Incident {
                workspace_id,
                incident_id,
                verb: *verb,
                to: to.to_owned(),
            },
        ),
    };
    verbs.iter().map(link).collect()
}

/// Who acts with a link that was sent to this address: the person whose account it is, else whoever
/// reads it.
async fn reader(tx: &mut Tx, workspace_id: i64, to: &str) -> Result<Actor, StoreError> {
    let user = users::by_email(tx, to).await?;
    let user = user.filter(|user| user.workspace_id == workspace_id);
    Ok(match user {
        Some(user) => Actor {
            kind: ActorKind::User,
            id: IdKind::User.show(user.id),
            name: user.name,
        },
        None => Actor {
            kind: ActorKind::User,
            id: "email".to_owned(),
            name: format!("{to} (e-mail)"),
        },
    })
}

/// What the page behind a link shows before anything is done.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The incident as it is now.
    pub incident: Incident,
    /// What the link does.
    pub verb: LinkVerb,
    /// As whom.
    pub actor: Actor,
}

/// What a link offers.
pub async fn offer(app: &App, link: &str) -> Result<Offer, OperationError> {
    let Claim::Incident {
        workspace_id,
        incident_id,
        verb,
        to,
    } = read(app, link)?
    else {
        return Err(OperationError::NotFound("link"));
    };
    let mut tx = app.database.read().await?;
    let found = incidents::by_id(&mut tx, workspace_id, incident_id).await?;
    let found = found.ok_or(OperationError::NotFound("incident"))?;
    // What was merged since the letter was written pages as another incident.
    let incident = leader(&mut tx, found).await?;
    let actor = reader(&mut tx, workspace_id, &to).await?;
    tx.rollback().await?;
    Ok(Offer {
        incident,
        verb,
        actor,
    })
}

/// Does what a link offers; answers how it stood before. What is so already stays so: a link may be
/// used twice.
pub async fn follow(app: &App, link: &str) -> Result<Offer, OperationError> {
    let offer = offer(app, link).await?;
    let incident = &offer.incident;
    if is_done(incident.status, offer.verb) {
        return Ok(offer);
    }
    let command = offer.verb.command();
    let place = (incident.workspace_id, incident.id);
    command_incident(app, place.0, place.1, &command, &offer.actor).await?;
    Ok(offer)
}

/// Is it so already?
pub fn is_done(status: IncidentStatus, verb: LinkVerb) -> bool {
    match (verb, status) {
        (_, IncidentStatus::Resolved) | (LinkVerb::Acknowledge, IncidentStatus::Acknowledged) => {
            true
        }
        (LinkVerb::Resolve, IncidentStatus::Acknowledged)
        | (_, IncidentStatus::Suspended | IncidentStatus::Triggered) => false,
    }
}
