//! Links that let somebody do one thing: signed by us, for a while. Opening one does nothing; the
//! page behind it asks first, since mail programs open links by themselves.

use crate::incident::Command;
use crate::proof::{SecretValue, constant_time_eq, hmac_sha256};
use crate::time::Time;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Longest text that is looked at: ours have some 400 characters.
const LINK_CHARS: usize = 2_000;

/// What a link allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum Claim {
    /// To say who a member of a Slack workspace is here.
    SlackMember {
        /// Workspace here.
        workspace_id: i64,
        /// Slack's id of its workspace.
        team: String,
        /// Slack's id of the person.
        member: String,
        /// What Slack calls the person.
        name: String,
    },
    /// To do something with an incident.
    Incident {
        /// Workspace.
        workspace_id: i64,
        /// Which.
        incident_id: i64,
        /// What.
        verb: LinkVerb,
        /// The e-mail address that the link was sent to.
        to: String,
    },
}

/// What a link in an e-mail does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkVerb {
    /// Take it.
    Acknowledge,
    /// It is over.
    Resolve,
}

impl LinkVerb {
    /// What link and button say.
    pub fn label(self) -> &'static str {
        match self {
            Self::Acknowledge => "Acknowledge",
            Self::Resolve => "Resolve",
        }
    }

    /// The command that the engine knows for it.
    pub fn command(self) -> Command {
        match self {
            Self::Acknowledge => Command::Acknowledge,
            Self::Resolve => Command::Resolve,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Signed {
    until: i64,
    claim: Claim,
}

/// Why a link allows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkRefusal {
    /// Not signed by us, or changed on its way.
    NotOurs,
    /// It was good for a while only.
    Expired,
}

/// The part of a link that says what it allows until `until`.
pub fn sign(key: &SecretValue, claim: &Claim, until: Time) -> String {
    let signed = Signed {
        until: until.0,
        claim: claim.clone(),
    };
    // A struct of texts and numbers is always JSON.
    let body = serde_json::to_vec(&signed).unwrap_or_default();
    let text = URL_SAFE_NO_PAD.encode(body);
    let proof = URL_SAFE_NO_PAD.encode(proof(key, &text));
    format!("{text}.{proof}")
}

/// What a link allows at `now`.
pub fn open(key: &SecretValue, link: &str, now: Time) -> Result<Claim, LinkRefusal> {
    let (text, claimed) = link
        .split_once('.')
        .filter(|_| link.len() <= LINK_CHARS)
        .ok_or(LinkRefusal::NotOurs)?;
    let claimed = URL_SAFE_NO_PAD.decode(claimed);
    let claimed = claimed.map_err(|_| LinkRefusal::NotOurs)?;
    if !constant_time_eq(&proof(key, text), &claimed) {
        return Err(LinkRefusal::NotOurs);
    }
    let body = URL_SAFE_NO_PAD.decode(text);
    let body = body.map_err(|_| LinkRefusal::NotOurs)?;
    let signed: Signed = serde_json::from_slice(&body).map_err(|_| LinkRefusal::NotOurs)?;
    if Time(signed.until) < now {
        return Err(LinkRefusal::Expired);
    }
    Ok(signed.claim)
}

/// Over a text that no other signature of ours begins with.
fn proof(key: &SecretValue, text: &str) -> [u8; 32] {
    let message = format!("epicenter link 1:{text}");
    hmac_sha256(key.expose().as_bytes(), message.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_780_000_000_000);

    fn claim() -> Claim {
        Claim::Incident {
            workspace_id: 1,
            incident_id: 42,
            verb: LinkVerb::Acknowledge,
            to: "ada@example.com".to_owned(),
        }
    }

    #[test]
    fn a_link_allows_what_was_signed_until_it_expires() {
        let key = SecretValue::new("key");
        let link = sign(&key, &claim(), NOW.plus_ms(10));
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        assert!(link.chars().all(plain), "{link}");
        assert_eq!(open(&key, &link, NOW), Ok(claim()));
        assert_eq!(open(&key, &link, NOW.plus_ms(10)), Ok(claim()));
        let late = open(&key, &link, NOW.plus_ms(11));
        assert_eq!(late, Err(LinkRefusal::Expired));
    }

    #[test]
    fn a_link_that_was_changed_allows_nothing() {
        // FIELD case 59
        let key = SecretValue::new("key");
        let link = sign(&key, &claim(), NOW);
        let other = Claim::SlackMember {
            workspace_id: 1,
            team: "T1".to_owned(),
            member: "U1".to_owned(),
            name: "Ada".to_owned(),
        };
        let foreign = sign(&SecretValue::new("other"), &claim(), NOW);
        let (text, _) = sign(&key, &other, NOW)
            .split_once('.')
            .map(|(text, proof)| (text.to_owned(), proof.to_owned()))
            .unwrap();
        let (_, proof) = link.split_once('.').unwrap();
        let long = format!("{}.{proof}", "a".repeat(LINK_CHARS));
        for forged in [
            foreign,
            format!("{text}.{proof}"),
            format!("{link}A"),
            long,
            "x.y".to_owned(),
            String::new(),
        ] {
            assert_eq!(
                open(&key, &forged, NOW),
                Err(LinkRefusal::NotOurs),
                "{forged}"
            );
        }
    }

    #[test]
    fn each_verb_is_a_command() {
        assert_eq!(LinkVerb::Acknowledge.command(), Command::Acknowledge);
        assert_eq!(LinkVerb::Resolve.command(), Command::Resolve);
        assert_ne!(LinkVerb::Acknowledge.label(), LinkVerb::Resolve.label());
    }
}
