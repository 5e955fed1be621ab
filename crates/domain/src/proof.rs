//! Proof of the sender: is this request signed with a secret that the integration knows?
//! Always over the bytes as received, always against every active secret, in constant time
//! (SENTRY-PROTOCOL §4, FIELD cases 1 to 4).

mod claim;
mod doctor;
mod slack;

pub use claim::sender_key;
pub(crate) use claim::standard_key;
pub use doctor::{Diagnosis, diagnose};
pub use slack::{SlackRefusal, prove_slack};

use crate::delivery::Headers;
use crate::sources::IntegrationKind;
use crate::time::Time;
use claim::Claim;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use subtle::ConstantTimeEq;

/// The text of a secret; shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue(String);

impl SecretValue {
    /// Wraps a secret.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The secret itself, for computing with it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// One secret of an integration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// The store's id; negative for secrets from the environment.
    pub id: i64,
    /// The secret itself.
    pub value: SecretValue,
    /// From this instant on it proves nothing any more; `None`: never expires.
    pub expires_at: Option<Time>,
    /// What people call it.
    pub label: String,
}

impl Secret {
    /// Does it prove anything at `now`? A blank secret never does: anybody could sign with it.
    pub fn is_active(&self, now: Time) -> bool {
        !self.is_blank() && self.expires_at.is_none_or(|at| now < at)
    }

    fn is_blank(&self) -> bool {
        self.value.expose().trim().is_empty()
    }
}

/// How a sender proved itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `Sentry-Hook-Signature`.
    Signature,
    /// `Sentry-App-Signature`: calls of UI components.
    AppSignature,
    /// `X-ServiceHook-Signature`.
    ServiceHook,
    /// The secret itself where the sender puts it: `X-Gitlab-Token`, a routing key.
    Token,
    /// `Authorization: Bearer <secret>`.
    Bearer,
    /// Not at all: the integration's unguessable key is the proof.
    Unsigned,
}

impl Scheme {
    /// The word as the API and the store write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::AppSignature => "app_signature",
            Self::ServiceHook => "service_hook",
            Self::Token => "token",
            Self::Bearer => "bearer",
            Self::Unsigned => "unsigned",
        }
    }
}

/// A proven sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// How.
    pub scheme: Scheme,
    /// With which secret; `None` for unsigned.
    pub secret_id: Option<i64>,
}

/// Why a sender is not proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The integration has a secret, and the request is not signed.
    Missing,
    /// The signature header is doubled, empty, or not 64 hexadecimal digits.
    Malformed,
    /// Signed, but with none of the secrets, or the body was changed on the way.
    Mismatch,
    /// Signed with a secret that expired.
    Expired {
        /// When it did.
        at: Time,
    },
    /// The integration has no active secret and is not set to unsigned.
    NoSecret,
}

impl Refusal {
    /// Stable code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "signature_missing",
            Self::Malformed => "signature_malformed",
            Self::Mismatch => "signature_mismatch",
            Self::Expired { .. } => "secret_expired",
            Self::NoSecret => "no_secret",
        }
    }

    /// One sentence for people: what is wrong and what to do.
    pub fn message(self) -> String {
        match self {
            Self::Missing => "The request is not signed; sign it with the integration's client \
                secret, or set the integration to unsigned after removing its secrets."
                .to_owned(),
            Self::Malformed => "The signature must be sent once, as 64 hexadecimal digits; check \
                what proxies do to the headers."
                .to_owned(),
            Self::Mismatch => "The signature fits none of the integration's secrets; compare the \
                client secret with Sentry's page, and make sure that no proxy changes the body."
                .to_owned(),
            Self::Expired { at } => format!(
                "The request is signed with a secret that expired at {}; give the sender the new \
                 secret, or extend the old one.",
                at.rfc3339()
            ),
            Self::NoSecret => "The integration has no active secret; add the sender's client \
                secret, or set the integration to unsigned."
                .to_owned(),
        }
    }
}

/// What an integration asks of a sender.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'a> {
    /// Whose way of signing.
    pub kind: IntegrationKind,
    /// The secrets.
    pub secrets: &'a [Secret],
    /// May requests be unsigned?
    pub unsigned_allowed: bool,
}

/// Checks who sent a request. `body`: the bytes as received; empty for Sentry's GET calls, which
/// are signed over nothing. A single active secret makes the check strict, whatever
/// `unsigned_allowed` says (DESIGN §4.1).
pub fn prove(
    demand: Demand<'_>,
    headers: &Headers,
    body: &[u8],
    now: Time,
) -> Result<Proof, Refusal> {
    let Demand {
        kind,
        secrets,
        unsigned_allowed,
    } = demand;
    let strict = secrets.iter().any(|secret| secret.is_active(now));
    if !strict && unsigned_allowed {
        return Ok(Proof {
            scheme: Scheme::Unsigned,
            secret_id: None,
        });
    }
    let claim = match Claim::of(kind, headers, body) {
        Ok(claim) => claim,
        Err(refusal) => return Err(if strict { refusal } else { Refusal::NoSecret }),
    };
    let mut proven = None;
    for secret in secrets.iter().filter(|secret| secret.is_active(now)) {
        if claim.fits(secret, body) {
            proven = Some(secret.id);
        }
    }
    if proven.is_some() {
        return Ok(Proof {
            scheme: claim.scheme(),
            secret_id: proven,
        });
    }
    match expired_match(secrets, &claim, body, now) {
        Some(at) => Err(Refusal::Expired { at }),
        None if strict => Err(Refusal::Mismatch),
        None => Err(Refusal::NoSecret),
    }
}

/// When the secret expired that would have fitted.
fn expired_match(secrets: &[Secret], claim: &Claim, body: &[u8], now: Time) -> Option<Time> {
    let mut expired = None;
    for secret in secrets.iter().filter(|secret| !secret.is_blank()) {
        if !secret.is_active(now) && claim.fits(secret, body) {
            expired = expired.max(secret.expires_at);
        }
    }
    expired
}

/// HMAC-SHA256 of `message` under `key`.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    // HMAC takes keys of every length, so the error cannot happen; all zeros would fit nothing
    // that a sender can compute.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Are they equal? The time it takes depends on the lengths only.
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests;
