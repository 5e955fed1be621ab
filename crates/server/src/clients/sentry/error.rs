//! Why Sentry did not tell, in sentences that are shown to whoever set the connection up. They
//! show nothing of an answer's body: it may be of a host that whoever reads them may not see.

use crate::clients::outbound::OutboundError;
use epicenter_domain::sources::sentry::api::Unusable;
use epicenter_domain::time::Time;

/// What an answer of success was instead of what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Odd {
    /// Not what the body should be.
    #[error("{0}")]
    Body(#[from] Unusable),
    /// Larger than any page.
    #[error("it is larger than 16 MB")]
    TooLarge,
    /// The next page is the same one again, or one that was there already.
    #[error("its pages lead back to where they began")]
    Loop,
    /// There is no end of pages.
    #[error("its pages have no end")]
    Endless,
}

/// Why Sentry did not tell, or did not do what it was asked to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SentryError {
    /// 401.
    #[error("Sentry answered 401: it does not accept the token; enter a new one.")]
    Unauthorized,
    /// 403.
    #[error("Sentry answered 403: the token may not do this; it needs the scope {scope}.")]
    Forbidden {
        /// What the token lacks.
        scope: &'static str,
    },
    /// 404.
    #[error(
        "Sentry answered 404: there is no such thing, or the token has no access to it; check the \
         organisation and its projects."
    )]
    NotFound,
    /// 400, 409 and the like: the request itself is not wanted.
    #[error("Sentry answered {0}: it does not want what it was asked to do.")]
    Refused(u16),
    /// 3xx.
    #[error(
        "Sentry answered {0}: it sends us elsewhere, which is not followed; enter the address it \
         leads to."
    )]
    Elsewhere(u16),
    /// It was not asked, since it wants to be left alone.
    #[error("Sentry has answered as many questions as it does for now.")]
    Resting {
        /// Until when.
        until: Time,
    },
    /// 429.
    #[error("Sentry answered 429: it has answered as many questions as it does for now.")]
    Limited {
        /// Not before then.
        until: Time,
    },
    /// 5xx.
    #[error("Sentry answered {status}: it has a problem of its own.")]
    Trouble {
        /// The status code.
        status: u16,
        /// Not before then.
        until: Time,
    },
    /// No answer.
    #[error("Sentry could not be asked: {error}.")]
    Silent {
        /// Why.
        error: OutboundError,
        /// Not before then.
        until: Time,
    },
    /// Its address cannot be used at all.
    #[error("Sentry cannot be asked: {0}.")]
    Address(OutboundError),
    /// The token cannot be sent.
    #[error("The token has characters that no token has.")]
    OddToken,
    /// An answer of success that cannot be used; that may pass, or the address is another program's.
    #[error("Sentry's answer cannot be used: {odd}. Check the address of the host.")]
    Odd {
        /// What is odd.
        odd: Odd,
        /// Not before then.
        until: Time,
    },
}

impl SentryError {
    /// Until when to wait before the same is tried again; `None`: it will not work before somebody
    /// changes something.
    pub fn wait(&self) -> Option<Time> {
        match self {
            Self::Resting { until }
            | Self::Limited { until }
            | Self::Trouble { until, .. }
            | Self::Silent { until, .. }
            | Self::Odd { until, .. } => Some(*until),
            Self::Unauthorized
            | Self::Forbidden { .. }
            | Self::NotFound
            | Self::Refused(_)
            | Self::Elsewhere(_)
            | Self::Address(_)
            | Self::OddToken => None,
        }
    }

    /// Is it no failure, but Sentry's wish to be asked more slowly?
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::Resting { .. } | Self::Limited { .. })
    }
}
