//! The way out to addresses that people entered: one client that connects only to what the guard
//! allows, follows no redirects, and takes no more than a little of the answer.

mod error;
mod guard;
mod lookup;

pub use error::{Blocked, OutboundError};
pub use guard::{Guard, read_networks};
pub use lookup::{Found, Lookup, SystemLookup};

use crate::limits::{OUTBOUND_ANSWER_BYTES, OUTBOUND_CONNECT, OUTBOUND_DEADLINE, OUTBOUND_HOPS};
use lookup::GuardedLookup;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use reqwest::header::{HeaderMap, HeaderValue, USER_AGENT};
use reqwest::redirect::Policy;
use reqwest::{Method, Url};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Counts requests by outcome. Cheap to share.
pub type OutboundCounter = Family<OutboundOutcome, Counter>;

/// What came of a request, as a label: a class of status codes or the reason of a failure.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct OutboundOutcome {
    outcome: &'static str,
}

pub use epicenter_domain::sources::hops::HOPS_HEADER;

/// Is the text an address that requests can go to, as far as its looks tell?
pub fn is_web_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// A request that is to leave.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// `POST` almost always.
    pub method: Method,
    /// Where to.
    pub url: String,
    /// Headers beside those of the client.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body, as far as it is of interest.
    pub body: Vec<u8>,
}

/// The one client for addresses that people entered. Cheap to share.
#[derive(Clone, Debug)]
pub struct Outbound {
    client: reqwest::Client,
    lookup: GuardedLookup,
    own: Option<Origin>,
    counter: OutboundCounter,
}

/// Host and port of a URL.
type Origin = (String, Option<u16>);

/// What an [`Outbound`] is built from.
#[derive(Clone)]
pub struct OutboundParts {
    /// What may be connected to.
    pub guard: Guard,
    /// How names are found.
    pub lookup: Arc<dyn Lookup>,
    /// How others reach this server: nothing is sent there.
    pub own_url: String,
    /// Where requests are counted.
    pub counter: OutboundCounter,
    /// How long an answer is waited for.
    pub deadline: Duration,
}

impl std::fmt::Debug for OutboundParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutboundParts")
            .field("guard", &self.guard)
            .field("own_url", &self.own_url)
            .finish_non_exhaustive()
    }
}

impl OutboundParts {
    /// With the system's names and the usual deadline.
    pub fn new(guard: Guard, own_url: &str) -> Self {
        Self {
            guard,
            lookup: Arc::new(SystemLookup),
            own_url: own_url.to_owned(),
            counter: OutboundCounter::default(),
            deadline: OUTBOUND_DEADLINE,
        }
    }
}

impl Outbound {
    /// Builds the client.
    pub fn new(parts: OutboundParts) -> Result<Self, reqwest::Error> {
        // Somebody may have chosen the provider already; theirs is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let lookup = GuardedLookup {
            guard: Arc::new(parts.guard),
            lookup: parts.lookup,
        };
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static("Epicenter"));
        headers.insert(HOPS_HEADER, HeaderValue::from_static(OUTBOUND_HOPS));
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            // A proxy would resolve the name itself, after the check.
            .no_proxy()
            .referer(false)
            .default_headers(headers)
            .dns_resolver(lookup.clone())
            .connect_timeout(OUTBOUND_CONNECT.min(parts.deadline))
            .timeout(parts.deadline)
            .build()?;
        let own = Url::parse(&parts.own_url).ok();
        Ok(Self {
            client,
            lookup,
            own: own.as_ref().and_then(origin),
            counter: parts.counter,
        })
    }

    /// Could something be sent there? For the moment a destination is saved; sending asks again.
    pub async fn check(&self, url: &str) -> Result<(), OutboundError> {
        let url = self.read(url)?;
        let port = url.port_or_known_default().unwrap_or_default();
        self.addresses(url.host_str().unwrap_or_default(), port)
            .await
            .map(drop)
    }

    /// The addresses of a host, all of them checked: for other protocols than HTTP, which then
    /// connect to one of these and not to the name.
    pub async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, OutboundError> {
        let addresses = if let Some(address) = literal(host) {
            self.lookup.check(host, address)?;
            vec![address]
        } else {
            let found = self.lookup.find(host).await;
            found.map_err(|error| OutboundError::of_lookup(error, host))?
        };
        let sockets = addresses.into_iter().map(|ip| SocketAddr::new(ip, port));
        Ok(sockets.collect())
    }

    /// Sends a request and answers what came back, also where that is an error.
    pub async fn send(&self, request: Request) -> Result<Answer, OutboundError> {
        self.fetch(request, OUTBOUND_ANSWER_BYTES).await
    }

    /// Sends a request whose answer is of interest, up to so many bytes.
    pub async fn fetch(
        &self,
        request: Request,
        most_bytes: usize,
    ) -> Result<Answer, OutboundError> {
        let answer = self.exchange(request, most_bytes).await;
        let outcome = match &answer {
            Ok(answer) => class(answer.status),
            Err(error) => error.code(),
        };
        self.count(outcome);
        answer
    }

    /// Counts what came of an exchange in another protocol than HTTP.
    pub fn count(&self, outcome: &'static str) {
        self.counter
            .get_or_create(&OutboundOutcome { outcome })
            .inc();
    }

    async fn exchange(&self, request: Request, most_bytes: usize) -> Result<Answer, OutboundError> {
        let url = self.read(&request.url)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        if let Some(address) = literal(&host) {
            // An address is not looked up, so that the resolver never sees it.
            self.lookup.check(&host, address)?;
        }
        let wrong = |error: reqwest::Error| OutboundError::of_request(&error, &host);
        let sent = self
            .client
            .request(request.method, url)
            .headers(request.headers)
            .body(request.body)
            .send();
        let mut response = sent.await.map_err(wrong)?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let mut body = Vec::new();
        while body.len() < most_bytes {
            let Some(piece) = response.chunk().await.map_err(wrong)? else {
                break;
            };
            body.extend_from_slice(&piece);
        }
        body.truncate(most_bytes);
        Ok(Answer {
            status,
            headers,
            body,
        })
    }

    /// Reads a URL as browsers do, so that `127.1` and `0x7f.1` are what they mean.
    fn read(&self, text: &str) -> Result<Url, OutboundError> {
        let wrong = |why: &str| OutboundError::Url(why.to_owned());
        let url = Url::parse(text.trim()).map_err(|_| wrong("this is no URL"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("the URL must begin with https:// or http://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong(
                "the URL must not hold a name or password before an @",
            ));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(wrong("the URL names no host"));
        }
        if self.own.is_some() && origin(&url) == self.own {
            return Err(wrong("the URL leads back to Epicenter itself"));
        }
        Ok(url)
    }
}

fn origin(url: &Url) -> Option<Origin> {
    let host = url.host_str()?.trim_end_matches('.').to_owned();
    Some((host, url.port_or_known_default()))
}

/// The address that a host already is.
fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok()
}

fn class(status: u16) -> &'static str {
    match status {
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500..600 => "5xx",
        _ => "other",
    }
}

#[cfg(test)]
mod tests;
