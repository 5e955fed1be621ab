//! Requests that Epicenter makes to others. Every HTTP client of the server is built here.

pub mod code_host;
pub mod embeddings;
pub mod git;
pub mod outbound;
pub mod own_door;
pub mod sentry;

use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use std::time::Duration;

/// How long somebody may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether a proxy that the environment names is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The environment decides.
    AsConfigured,
    /// No proxy: for addresses of this machine.
    Direct,
}

impl Way {
    /// Direct for addresses of this machine.
    pub fn to(url: &reqwest::Url) -> Self {
        let host = url.host_str().unwrap_or_default();
        let address = host.trim_start_matches('[').trim_end_matches(']');
        let is_here = address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
        if is_here || host == "localhost" {
            Self::Direct
        } else {
            Self::AsConfigured
        }
    }
}

/// The number in a header of an answer.
fn header_number(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// A client that follows no redirects and waits ten seconds at most.
pub fn http_client(way: Way) -> Result<reqwest::Client, reqwest::Error> {
    // Somebody may have chosen the provider already; theirs is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder()
        .redirect(Policy::none())
        .connect_timeout(PATIENCE)
        .timeout(PATIENCE);
    match way {
        Way::AsConfigured => client,
        Way::Direct => client.no_proxy(),
    }
    .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_reached_without_a_proxy() {
        for (url, way) in [
            ("http://127.0.0.1:7070/hooks/x", Way::Direct),
            ("http://[::1]:7070/", Way::Direct),
            ("http://localhost:7070/", Way::Direct),
            ("https://epicenter.example/", Way::AsConfigured),
        ] {
            assert_eq!(Way::to(&url.parse().unwrap()), way, "{url}");
        }
    }

    #[test]
    fn numbers_are_read_from_headers() {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", " 30 ".parse().unwrap());
        headers.insert("date", "Tue, 06 Jan 2026".parse().unwrap());
        assert_eq!(header_number(&headers, "retry-after"), Some(30));
        assert_eq!(header_number(&headers, "date"), None);
        assert_eq!(header_number(&headers, "age"), None);
    }

    #[test]
    fn clients_can_be_built() {
        assert!(http_client(Way::Direct).is_ok());
        assert!(http_client(Way::AsConfigured).is_ok());
    }
}
