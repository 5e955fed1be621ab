//! What API tokens look like.

use super::OperationError;
use super::accounts::random_hex;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use epicenter_domain::time::Time;

/// The organisation that tokens for sentry-cli name: the workspace that exists from the start. The
/// API accepts any.
pub const DEFAULT_ORGANIZATION: &str = "default";

/// For which programs a token is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Any that send it as it is.
    Plain,
    /// sentry-cli, which reads out of the token where to go and for which organisation.
    SentryCli {
        /// Where this server is reached; the root of a host, since sentry-cli refuses paths.
        url: String,
    },
}

impl TokenKind {
    /// A new token, and the piece of it to recognise it by.
    pub(super) fn mint(&self, now: Time) -> Result<(String, String), OperationError> {
        match self {
            Self::Plain => {
                let token = format!("ept_{}", random_hex(24)?);
                let hint = token.chars().take(8).collect();
                Ok((token, hint))
            }
            Self::SentryCli { url } => {
                let url = root(url)?;
                let says = serde_json::json!({
                    "iat": now.0 / 1_000,
                    "url": url,
                    "region_url": url,
                    "org": DEFAULT_ORGANIZATION,
                });
                let secret = random_secret()?;
                let hint = secret.chars().take(6).collect::<String>();
                let says = STANDARD.encode(says.to_string());
                Ok((
                    format!("sntrys_{says}_{secret}"),
                    format!("sntrys_…_{hint}"),
                ))
            }
        }
    }
}

fn random_secret() -> Result<String, OperationError> {
    let mut random = [0; 32];
    getrandom::fill(&mut random)
        .map_err(|error| OperationError::Conflict(format!("no randomness: {error}")))?;
    Ok(STANDARD_NO_PAD.encode(random))
}

/// The URL without its slash at the end, if it is the root of a host.
fn root(url: &str) -> Result<&str, OperationError> {
    let url = url.trim_end_matches('/');
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .unwrap_or_default();
    let foreign = |letter: char| matches!(letter, '/' | '?' | '#' | '@') || letter.is_whitespace();
    if host.is_empty() || host.contains(foreign) {
        let message = "must be like https://epicenter.example.com: sentry-cli refuses a path";
        return Err(OperationError::invalid("public_url", message));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn mint(url: &str) -> Result<(String, String), OperationError> {
        let url = url.to_owned();
        TokenKind::SentryCli { url }.mint(Time(1_767_694_983_000))
    }

    #[test]
    fn a_token_for_sentry_cli_says_where_to_go() {
        let (token, hint) = mint("https://epicenter.example.com/").unwrap();
        let [prefix, says, secret] = token.split('_').collect::<Vec<_>>()[..] else {
            panic!("{token}");
        };
        assert_eq!((prefix, secret.len()), ("sntrys", 43));
        let says: Value = serde_json::from_slice(&STANDARD.decode(says).unwrap()).unwrap();
        let url = "https://epicenter.example.com";
        let expected =
            json!({"iat": 1_767_694_983, "url": url, "region_url": url, "org": "default"});
        assert_eq!(says, expected);
        assert!(hint.len() < 20 && token.contains(hint.split('_').next_back().unwrap()));
        assert_ne!(mint(url).unwrap().0, token, "random");
    }

    #[test]
    fn sentry_cli_wants_the_root_of_a_host() {
        for url in [
            "",
            "epicenter",
            "https://",
            "https://a.example/hub",
            "https://u@a.example",
        ] {
            assert!(mint(url).is_err(), "{url}");
        }
        assert!(mint("http://127.0.0.1:8080").is_ok());
    }

    #[test]
    fn a_plain_token_can_be_told_by_its_beginning() {
        let (token, hint) = TokenKind::Plain.mint(Time(0)).unwrap();
        assert!(
            token.starts_with("ept_") && token.starts_with(&hint),
            "{token} {hint}"
        );
        assert_eq!(token.len(), 52);
    }
}
