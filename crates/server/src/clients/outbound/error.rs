//! Why a request did not leave or came back with nothing. The sentences are shown to whoever set
//! up the destination: they tell nothing of what is behind an address that is closed.

use super::lookup::LookupError;
use std::error::Error;

/// An address that may not be connected to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{host} leads to an address that is {what}; the operator can allow it in \
     outbound.allowed_networks"
)]
pub struct Blocked {
    /// The name or address as it was given.
    pub host: String,
    /// What is wrong with where it leads, a phrase.
    pub what: &'static str,
}

/// Why a request brought no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The URL cannot be used.
    #[error("{0}")]
    Url(String),
    /// It leads where nothing may be sent.
    #[error(transparent)]
    Blocked(#[from] Blocked),
    /// Its name is unknown at the moment.
    #[error("the name {0} cannot be found")]
    NotFound(String),
    /// No connection.
    #[error("no connection to {0} could be made")]
    Unreachable(String),
    /// No answer in time.
    #[error("{0} did not answer in time")]
    TimedOut(String),
    /// It was connected, and then something went wrong.
    #[error("the connection to {0} broke")]
    Broken(String),
}

impl OutboundError {
    /// Would the same request fail the same way again?
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Url(_) | Self::Blocked(_) => true,
            Self::NotFound(_) | Self::Unreachable(_) | Self::TimedOut(_) | Self::Broken(_) => false,
        }
    }

    /// The outcome as the metrics count it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Url(_) => "bad_url",
            Self::Blocked(_) => "blocked",
            Self::NotFound(_) => "name_not_found",
            Self::Unreachable(_) => "unreachable",
            Self::TimedOut(_) => "timed_out",
            Self::Broken(_) => "broken",
        }
    }

    pub(super) fn of_lookup(error: LookupError, host: &str) -> Self {
        match error {
            LookupError::Blocked(blocked) => Self::Blocked(blocked),
            LookupError::NotFound => Self::NotFound(host.to_owned()),
        }
    }

    pub(super) fn of_request(error: &reqwest::Error, host: &str) -> Self {
        let mut cause = error.source();
        while let Some(inner) = cause {
            match inner.downcast_ref::<LookupError>() {
                Some(LookupError::Blocked(blocked)) => return Self::Blocked(blocked.clone()),
                Some(LookupError::NotFound) => return Self::NotFound(host.to_owned()),
                None => cause = inner.source(),
            }
        }
        let host = host.to_owned();
        if error.is_timeout() {
            Self::TimedOut(host)
        } else if error.is_connect() {
            Self::Unreachable(host)
        } else {
            Self::Broken(host)
        }
    }
}
