//! APIs of code hosts, as far as the commits between two points and what each touched.

mod answer;
mod github;
mod gitlab;

use super::outbound::{Outbound, Request};
use crate::limits::COMPARE_ANSWER_BYTES;
use answer::{judge, rest};
use epicenter_domain::change::{CommitFact, FileChange};
use epicenter_domain::time::Time;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::de::DeserializeOwned;
use std::sync::{Mutex, PoisonError};

/// Whose API it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// GitHub, also GitHub Enterprise.
    GitHub,
    /// GitLab, also self-managed.
    GitLab,
}

impl Provider {
    /// All.
    pub const ALL: [Self; 2] = [Self::GitHub, Self::GitLab];

    /// The word as the API and the store write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
        }
    }

    /// Its name as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
            Self::GitLab => "GitLab",
        }
    }

    /// Reads the API's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// Where the API of a host usually is.
    pub fn usual_api(self, host: &str) -> String {
        match self {
            Self::GitHub if host == "github.com" => "https://api.github.com".to_owned(),
            Self::GitHub => format!("https://{host}/api/v3"),
            Self::GitLab => format!("https://{host}/api/v4"),
        }
    }
}

/// Why a host did not tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostFault {
    /// It may work later; not before the instant, if one is named.
    Later {
        /// The host's own wish.
        not_before: Option<Time>,
        /// Does the wish hold for all questions, not only for this one?
        is_rate: bool,
        /// A sentence.
        why: String,
    },
    /// It will not work before somebody changes something.
    Never(String),
}

/// The commits between two points.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The commits, **newest first**.
    pub commits: Vec<CommitFact>,
    /// Are there older ones that were not asked for?
    pub is_cut: bool,
}

/// One place on a code host, for one round of questions.
#[derive(Debug)]
pub struct CodeHost<'a> {
    /// The way out.
    pub outbound: &'a Outbound,
    /// Whose API.
    pub provider: Provider,
    /// Where it is, without a slash at the end.
    pub api_url: &'a str,
    /// What lets us in.
    pub token: &'a str,
    /// What time it is.
    pub now: Time,
    /// How long the host wants to be left alone, as its last answer said.
    pub rest_until: Mutex<Option<Time>>,
}

impl CodeHost<'_> {
    /// The commits of `head` that `base` does not have.
    pub async fn compare(
        &self,
        repository: &str,
        base: &str,
        head: &str,
    ) -> Result<Comparison, HostFault> {
        match self.provider {
            Provider::GitHub => github::compare(self, repository, (base, head)).await,
            Provider::GitLab => gitlab::compare(self, repository, (base, head)).await,
        }
    }

    /// What one commit touched.
    pub async fn files(&self, repository: &str, sha: &str) -> Result<Vec<FileChange>, HostFault> {
        match self.provider {
            Provider::GitHub => github::files(self, repository, sha).await,
            Provider::GitLab => gitlab::files(self, repository, sha).await,
        }
    }

    /// Until when the host wants to be left alone.
    pub fn rests_until(&self) -> Option<Time> {
        let rest = self.rest_until.lock();
        *rest.unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for a path below the API.
    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, HostFault> {
        let name = self.provider.name();
        if let Some(until) = self.rests_until().filter(|until| *until > self.now) {
            return Err(HostFault::Later {
                not_before: Some(until),
                is_rate: true,
                why: format!("{name} has answered as many questions as it does in an hour."),
            });
        }
        let request = Request {
            method: Method::GET,
            url: format!("{}{path}", self.api_url),
            headers: self.headers()?,
            body: Vec::new(),
        };
        let answer = self.outbound.fetch(request, COMPARE_ANSWER_BYTES).await;
        let answer = judge(name, answer, self.now)?;
        if let Some(until) = rest(&answer.headers) {
            let mut rest = self
                .rest_until
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *rest = Some(until);
        }
        serde_json::from_slice(&answer.body)
            .map_err(|_| HostFault::Never(format!("{name}'s answer cannot be understood.")))
    }

    fn headers(&self) -> Result<HeaderMap, HostFault> {
        let odd = || HostFault::Never("The token has characters that no token has.".to_owned());
        let (key, value, accepted) = match self.provider {
            Provider::GitHub => (
                "authorization",
                format!("Bearer {}", self.token),
                "application/vnd.github+json",
            ),
            Provider::GitLab => ("private-token", self.token.to_owned(), "application/json"),
        };
        let mut secret = HeaderValue::from_str(&value).map_err(|_| odd())?;
        secret.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(key), secret);
        headers.insert("accept", HeaderValue::from_static(accepted));
        if self.provider == Provider::GitHub {
            let version = HeaderValue::from_static("2022-11-28");
            headers.insert("x-github-api-version", version);
        }
        Ok(headers)
    }
}

/// What stays as it is in a part of a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Text as one part of a path.
fn part(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

#[cfg(test)]
mod tests;
