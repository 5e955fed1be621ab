//! Links that came from outside.

use std::fmt;

/// A web address that may be clicked: `http` or `https` and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafeLink(String);

impl SafeLink {
    /// `None` for every other scheme, for relative addresses and for control characters, which
    /// browsers skip while they look for the scheme.
    pub fn new(address: &str) -> Option<Self> {
        let address = address.trim_matches(' ');
        let (scheme, rest) = address.split_once("://")?;
        let is_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
        let is_clean = !address
            .chars()
            .any(|letter| letter.is_control() || letter == '\\');
        let names_host = rest.chars().next().is_some_and(|letter| letter != '/');
        (is_web && is_clean && names_host).then(|| Self(address.to_owned()))
    }

    /// The same for an address that may be absent.
    pub fn from_option(address: Option<&str>) -> Option<Self> {
        address.and_then(Self::new)
    }
}

/// The address; templates escape it.
impl fmt::Display for SafeLink {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_web_may_be_clicked() {
        for address in [
            "https://sentry.io/organizations/acme/issues/1/",
            "http://sentry.local:9000/x?y=<z>",
            " HTTPS://sentry.io ",
        ] {
            assert!(SafeLink::new(address).is_some(), "{address}");
        }
        for address in [
            "",
            "/relative",
            "//sentry.io/",
            "javascript:alert(1)",
            "JaVaScRiPt://sentry.io/%0aalert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,<script>alert(1)</script>",
            "vbscript:x",
            "https:///nohost",
            "https://a\\b",
            "ftp://x",
        ] {
            assert!(SafeLink::new(address).is_none(), "{address}");
        }
    }
}
