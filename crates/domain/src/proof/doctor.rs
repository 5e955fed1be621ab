//! The secret doctor: says what is wrong between a pasted secret and a sample request.

use super::Refusal;
use super::claim::Claim;
use crate::delivery::Headers;
use crate::json::{Spelling, respell};
use crate::sources::IntegrationKind;

/// What is wrong, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// The secret fits the sample as it was sent.
    Right,
    /// It fits without the white space around it.
    SpaceAround,
    /// It fits the body as Sentry writes it, so something re-wrote the JSON on the way.
    BodyRewritten,
    /// It fits without the white space at the ends of the body.
    BodyPadded,
    /// It fits the empty body: the body was lost, or added, on the way.
    BodyLost,
    /// The sample carries no signature.
    NotSigned,
    /// The sample's signature header is doubled, empty, or not 64 hexadecimal digits.
    SignatureMalformed,
    /// No secret was pasted.
    NoSecret,
    /// It is another secret, or the body's content was changed.
    Wrong,
}

impl Diagnosis {
    /// Stable code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::SpaceAround => "space_around",
            Self::BodyRewritten => "body_rewritten",
            Self::BodyPadded => "body_padded",
            Self::BodyLost => "body_lost",
            Self::NotSigned => "not_signed",
            Self::SignatureMalformed => "signature_malformed",
            Self::NoSecret => "no_secret",
            Self::Wrong => "wrong",
        }
    }

    /// One sentence for people: what is wrong and what to do.
    pub fn message(self) -> &'static str {
        match self {
            Self::Right => "The secret is right: it fits this request as it was sent.",
            Self::SpaceAround => {
                "The secret is right, but there is white space around it; paste it without."
            }
            Self::BodyRewritten => {
                "The secret is right, but something between Sentry and Epicenter changed the \
                 body: it was read and written again as JSON; make the proxy pass it untouched."
            }
            Self::BodyPadded => {
                "The secret is right, but something between Sentry and Epicenter added white \
                 space to the body; make the proxy pass it untouched."
            }
            Self::BodyLost => {
                "The secret is right, but the request was signed with an empty body; look for a \
                 redirect or proxy that drops or adds the body."
            }
            Self::NotSigned => {
                "This request is not signed; check that it comes from a Sentry integration and \
                 that no proxy removes the signature header."
            }
            Self::SignatureMalformed => {
                "The signature must be there once, as 64 hexadecimal digits; check what proxies \
                 do to the headers."
            }
            Self::NoSecret => "Paste the client secret from Sentry's page of the integration.",
            Self::Wrong => {
                "This is not the secret that the request was signed with; copy the client secret \
                 (not the client id, not a token) of the same integration."
            }
        }
    }
}

/// How a sender may have written the JSON that it signed: Sentry's own way first.
const SPELLINGS: [Spelling; 4] = [
    Spelling {
        ascii: true,
        spaced: false,
    },
    Spelling {
        ascii: false,
        spaced: false,
    },
    Spelling {
        ascii: true,
        spaced: true,
    },
    Spelling {
        ascii: false,
        spaced: true,
    },
];

/// Compares a pasted secret with a sample request.
pub fn diagnose(
    kind: IntegrationKind,
    candidate_secret: &str,
    headers: &Headers,
    body: &[u8],
) -> Diagnosis {
    let trimmed = candidate_secret.trim();
    if trimmed.is_empty() {
        return Diagnosis::NoSecret;
    }
    let claim = match Claim::of(kind, headers, body) {
        Ok(claim) => claim,
        Err(Refusal::Missing) => return Diagnosis::NotSigned,
        Err(_) => return Diagnosis::SignatureMalformed,
    };
    if claim.fits_key(candidate_secret, body) {
        return Diagnosis::Right;
    }
    if claim.fits_key(trimmed, body) {
        return Diagnosis::SpaceAround;
    }
    [candidate_secret, trimmed]
        .into_iter()
        .map(|secret| changed_body(&claim, secret, body))
        .find(|found| *found != Diagnosis::Wrong)
        .unwrap_or(Diagnosis::Wrong)
}

fn changed_body(claim: &Claim, secret: &str, body: &[u8]) -> Diagnosis {
    if claim.fits_key(secret, body.trim_ascii()) {
        return Diagnosis::BodyPadded;
    }
    if claim.fits_key(secret, b"") {
        return Diagnosis::BodyLost;
    }
    let rewritten = SPELLINGS.into_iter().any(|spelling| {
        respell(body, spelling).is_some_and(|original| claim.fits_key(secret, &original))
    });
    if rewritten {
        Diagnosis::BodyRewritten
    } else {
        Diagnosis::Wrong
    }
}
