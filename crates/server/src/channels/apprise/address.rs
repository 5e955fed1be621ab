//! The parts of an Apprise URL. A URL library would not do: tokens stand where ports are, and `#`
//! begins a channel.

use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

/// `scheme://user:password@host:port/path?query`.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) scheme: String,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) host: String,
    /// What follows the host after a colon: a port, or half of a token.
    pub(super) port_text: Option<String>,
    /// The parts of the path, decoded; none is empty.
    pub(super) path: Vec<String>,
    /// The same as they stand, fit for another URL.
    pub(super) raw_path: Vec<String>,
    query: BTreeMap<String, String>,
}

impl Address {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text
            .split_once("://")
            .ok_or("This is no URL such as slack://… or https://….")?;
        if text.contains(char::is_whitespace) || text.contains(char::is_control) {
            return Err("The URL must not hold spaces.".to_owned());
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, place) = match authority.rsplit_once('@') {
            Some((login, place)) => (Some(login), place),
            None => (None, authority),
        };
        let (host, port_text) = match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        };
        if host.is_empty() {
            return Err(format!("Nothing follows {}://.", scheme.to_lowercase()));
        }
        let (user, password) = match login.map(|login| login.split_once(':').ok_or(login)) {
            Some(Ok((user, password))) => (Some(user), Some(password)),
            Some(Err(user)) => (Some(user), None),
            None => (None, None),
        };
        let parts = path.split('/').filter(|part| !part.is_empty());
        let pairs = form_urlencoded::parse(query.as_bytes());
        Ok(Self {
            scheme: scheme.to_lowercase(),
            user: user.filter(|user| !user.is_empty()).map(decoded),
            password: password.map(decoded),
            host: decoded(host),
            port_text: port_text.map(decoded),
            path: parts.clone().map(decoded).collect(),
            raw_path: parts.map(str::to_owned).collect(),
            query: pairs
                .map(|(name, value)| (name.to_lowercase(), value.into_owned()))
                .collect(),
        })
    }

    /// A parameter; an empty one counts as none.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        let value = self.query.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    pub(super) fn port(&self) -> Result<Option<u16>, String> {
        let port = self.port_text.as_ref().map(|text| {
            text.parse()
                .map_err(|_| format!("The port of {}:// must be a number.", self.scheme))
        });
        port.transpose()
    }

    /// `https://host:port` where the scheme is the secure one, else `http://…`.
    pub(super) fn web_server(&self, secure: &str) -> Result<String, String> {
        let scheme = if self.scheme == secure {
            "https"
        } else {
            "http"
        };
        let port = self
            .port()?
            .map_or(String::new(), |port| format!(":{port}"));
        Ok(format!("{scheme}://{}{port}", self.host))
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
