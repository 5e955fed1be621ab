//! What a request claims about its sender, and whether a secret bears that out.

use super::{Refusal, Scheme, Secret, constant_time_eq, hmac_sha256};
use crate::delivery::Headers;
use crate::sources::{IntegrationKind, pagerduty};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// What a request claims about its sender.
pub(super) enum Claim {
    /// HMAC-SHA256 of the body.
    Signature(Scheme, [u8; 32]),
    /// HMAC-SHA1 of the body (Vercel).
    Sha1([u8; 20]),
    /// HMAC-SHA256 of `id.timestamp.body`; one of several will do (Standard Webhooks, GitLab).
    Standard {
        /// `id.timestamp.`
        prefix: String,
        /// The signatures.
        signatures: Vec<[u8; 32]>,
    },
    /// The secret itself, hashed so that it can be compared in constant time.
    Plain(Scheme, [u8; 32]),
}

/// Sentry's signature headers, in the order in which they are looked for.
pub(super) const SENTRY: [(&str, Scheme); 3] = [
    ("sentry-hook-signature", Scheme::Signature),
    ("sentry-app-signature", Scheme::AppSignature),
    ("x-servicehook-signature", Scheme::ServiceHook),
];

impl Claim {
    /// Reads the claim in the way of this kind; a bearer token is the second way of all.
    pub(super) fn of(
        kind: IntegrationKind,
        headers: &Headers,
        body: &[u8],
    ) -> Result<Self, Refusal> {
        let found = match kind {
            IntegrationKind::Sentry | IntegrationKind::Own => sentry(headers)?,
            IntegrationKind::Github => github(headers)?,
            IntegrationKind::Gitlab => gitlab(headers)?,
            IntegrationKind::Vercel => vercel(headers)?,
            IntegrationKind::Events => events(headers)?,
            IntegrationKind::Pagerduty => pagerduty(headers, body),
        };
        found.map_or_else(|| bearer(headers), Ok)
    }

    pub(super) fn scheme(&self) -> Scheme {
        match self {
            Self::Signature(scheme, _) | Self::Plain(scheme, _) => *scheme,
            Self::Sha1(_) | Self::Standard { .. } => Scheme::Signature,
        }
    }

    pub(super) fn fits(&self, secret: &Secret, body: &[u8]) -> bool {
        self.fits_key(secret.value.expose(), body)
    }

    pub(super) fn fits_key(&self, key: &str, body: &[u8]) -> bool {
        match self {
            Self::Signature(_, sent) => constant_time_eq(sent, &hmac_sha256(key.as_bytes(), body)),
            Self::Sha1(sent) => constant_time_eq(sent, &hmac_sha1(key.as_bytes(), body)),
            Self::Standard { prefix, signatures } => {
                let mut message = prefix.clone().into_bytes();
                message.extend_from_slice(body);
                let known = hmac_sha256(&standard_key(key), &message);
                // All of them are compared: the time must not tell which one fits.
                let fitting = signatures
                    .iter()
                    .filter(|sent| constant_time_eq(*sent, &known));
                fitting.count() > 0
            }
            Self::Plain(_, sent) => {
                let known: [u8; 32] = Sha256::digest(key).into();
                constant_time_eq(sent, &known)
            }
        }
    }
}

/// The only value under this name; two are malformed.
fn only<'a>(headers: &'a Headers, name: &'a str) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.all(name);
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(Refusal::Malformed),
        (value, None) => Ok(value),
    }
}

fn hex_digest<const N: usize>(text: &str) -> Result<[u8; N], Refusal> {
    let mut digest = [0; N];
    hex::decode_to_slice(text, &mut digest).map_err(|_| Refusal::Malformed)?;
    Ok(digest)
}

fn sentry(headers: &Headers) -> Result<Option<Claim>, Refusal> {
    let mut signatures = SENTRY
        .iter()
        .flat_map(|(name, scheme)| headers.all(name).map(move |value| (*scheme, value)));
    let Some((scheme, value)) = signatures.next() else {
        return Ok(None);
    };
    if signatures.next().is_some() {
        return Err(Refusal::Malformed);
    }
    Ok(Some(Claim::Signature(scheme, hex_digest(value)?)))
}

/// `X-Hub-Signature-256: sha256=<hex>`.
fn github(headers: &Headers) -> Result<Option<Claim>, Refusal> {
    let Some(value) = only(headers, "x-hub-signature-256")? else {
        return Ok(None);
    };
    let digest = value.strip_prefix("sha256=").ok_or(Refusal::Malformed)?;
    Ok(Some(Claim::Signature(
        Scheme::Signature,
        hex_digest(digest)?,
    )))
}

/// `webhook-signature` where a signing token is set, else the secret in `X-Gitlab-Token`.
fn gitlab(headers: &Headers) -> Result<Option<Claim>, Refusal> {
    if let Some(list) = only(headers, "webhook-signature")? {
        let id = only(headers, "webhook-id")?.ok_or(Refusal::Malformed)?;
        let at = only(headers, "webhook-timestamp")?.ok_or(Refusal::Malformed)?;
        let signatures: Vec<[u8; 32]> = list
            .split_ascii_whitespace()
            .filter_map(|one| one.strip_prefix("v1,"))
            .filter_map(|text| STANDARD.decode(text).ok()?.try_into().ok())
            .collect();
        if signatures.is_empty() {
            return Err(Refusal::Malformed);
        }
        return Ok(Some(Claim::Standard {
            prefix: format!("{id}.{at}."),
            signatures,
        }));
    }
    let token = only(headers, "x-gitlab-token")?.filter(|token| !token.is_empty());
    Ok(token.map(|token| Claim::Plain(Scheme::Token, Sha256::digest(token).into())))
}

/// `x-vercel-signature: <hex>` of HMAC-SHA1.
fn vercel(headers: &Headers) -> Result<Option<Claim>, Refusal> {
    let Some(value) = only(headers, "x-vercel-signature")? else {
        return Ok(None);
    };
    Ok(Some(Claim::Sha1(hex_digest(value)?)))
}

/// `x-incident-webhook-secret`: the secret itself.
fn events(headers: &Headers) -> Result<Option<Claim>, Refusal> {
    let token = only(headers, "x-incident-webhook-secret")?.filter(|token| !token.is_empty());
    Ok(token.map(|token| Claim::Plain(Scheme::Token, Sha256::digest(token).into())))
}

fn pagerduty(headers: &Headers, body: &[u8]) -> Option<Claim> {
    let key = named_key(headers, body)?;
    Some(Claim::Plain(Scheme::Token, Sha256::digest(key).into()))
}

/// The integration key that a client of PagerDuty's API names: `Authorization: Token token=<key>`,
/// `X-Routing-Key`, `routing_key` in the body, or a bearer token.
pub fn sender_key(headers: &Headers, body: &[u8]) -> Option<String> {
    let by_bearer = || headers.all("authorization").find_map(bearer_token);
    named_key(headers, body).or_else(|| by_bearer().map(str::to_owned))
}

fn named_key(headers: &Headers, body: &[u8]) -> Option<String> {
    let by_token = headers.all("authorization").find_map(token_of);
    let by_header = || headers.get("x-routing-key").filter(|key| !key.is_empty());
    match by_token.or_else(by_header) {
        Some(key) => Some(key.to_owned()),
        None => pagerduty::routing_key(body),
    }
}

/// The key of `Token token=<key>`.
fn token_of(value: &str) -> Option<&str> {
    let (scheme, rest) = value.trim().split_once(' ')?;
    let key = rest.trim().strip_prefix("token=")?.trim_matches('"');
    (scheme.eq_ignore_ascii_case("token") && !key.is_empty()).then_some(key)
}

fn bearer(headers: &Headers) -> Result<Claim, Refusal> {
    let mut tokens = headers.all("authorization").filter_map(bearer_token);
    match (tokens.next(), tokens.next()) {
        (Some(token), None) => Ok(Claim::Plain(Scheme::Bearer, Sha256::digest(token).into())),
        (Some(_), Some(_)) => Err(Refusal::Malformed),
        (None, _) => Err(Refusal::Missing),
    }
}

fn bearer_token(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}

/// A key of Standard Webhooks is written `whsec_` and base 64; any other secret is its own bytes.
pub(crate) fn standard_key(secret: &str) -> Vec<u8> {
    secret
        .strip_prefix("whsec_")
        .and_then(|text| STANDARD.decode(text).ok())
        .unwrap_or_else(|| secret.as_bytes().to_vec())
}

fn hmac_sha1(key: &[u8], message: &[u8]) -> [u8; 20] {
    // HMAC takes keys of every length; all zeros would fit nothing that a sender can compute.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key) else {
        return [0; 20];
    };
    mac.update(message);
    mac.finalize().into_bytes().into()
}
