//! The named rules, and which of them are on.

use serde::Deserialize;

/// One thing that is removed unless the operator allows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Headers of the requests that events happened in.
    RequestHeaders,
    /// Cookies.
    Cookies,
    /// Bodies of the requests that events happened in.
    RequestBody,
    /// E-mail addresses of the users that events happened to.
    UserEmail,
    /// IP addresses of the users that events happened to.
    UserIp,
    /// E-mail addresses anywhere else.
    EmailsInText,
    /// IP addresses anywhere else.
    IpsInText,
    /// Numbers of payment cards.
    CardNumbers,
    /// Values whose name says that they are secret.
    SecretKeys,
    /// Values that look like tokens and keys.
    SecretValues,
    /// Local variables of stack frames.
    FrameVars,
    /// Secret parameters in URLs, forms and messages.
    UrlParameters,
    /// Where users are on the map.
    Geo,
}

impl Rule {
    /// Every rule, in the order in which people see them.
    pub const ALL: [Self; 13] = [
        Self::RequestHeaders,
        Self::Cookies,
        Self::RequestBody,
        Self::UserEmail,
        Self::UserIp,
        Self::EmailsInText,
        Self::IpsInText,
        Self::CardNumbers,
        Self::SecretKeys,
        Self::SecretValues,
        Self::FrameVars,
        Self::UrlParameters,
        Self::Geo,
    ];

    /// The name in the configuration.
    pub fn id(self) -> &'static str {
        match self {
            Self::RequestHeaders => "request_headers",
            Self::Cookies => "cookies",
            Self::RequestBody => "request_body",
            Self::UserEmail => "user_email",
            Self::UserIp => "user_ip",
            Self::EmailsInText => "emails_in_text",
            Self::IpsInText => "ips_in_text",
            Self::CardNumbers => "card_numbers",
            Self::SecretKeys => "secret_keys",
            Self::SecretValues => "secret_values",
            Self::FrameVars => "frame_vars",
            Self::UrlParameters => "url_parameters",
            Self::Geo => "geo",
        }
    }

    /// What the rule does, for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::RequestHeaders => "Headers of HTTP requests and responses are removed.",
            Self::Cookies => "Cookies are removed.",
            Self::RequestBody => "Bodies of HTTP requests and responses are removed.",
            Self::UserEmail => "The e-mail address of an event's user is removed.",
            Self::UserIp => "The IP address of an event's user is removed.",
            Self::EmailsInText => "E-mail addresses in any text become [email].",
            Self::IpsInText => "IP addresses in any text become [ip].",
            Self::CardNumbers => "Numbers of payment cards in any text become [card].",
            Self::SecretKeys => {
                "Values named password, secret, token, api_key, session and the like are removed."
            }
            Self::SecretValues => {
                "Access tokens, private keys and passwords in URLs become [secret]."
            }
            Self::FrameVars => "Values of local variables in stack frames are removed.",
            Self::UrlParameters => {
                "Secret parameters in URLs, forms and messages (token=…) become [secret]."
            }
            Self::Geo => "Where an event's user is on the map is removed.",
        }
    }

    /// This rule's bit in a set of rules.
    pub(crate) const fn bit(self) -> u16 {
        match self {
            Self::RequestHeaders => 1,
            Self::Cookies => 1 << 1,
            Self::RequestBody => 1 << 2,
            Self::UserEmail => 1 << 3,
            Self::UserIp => 1 << 4,
            Self::EmailsInText => 1 << 5,
            Self::IpsInText => 1 << 6,
            Self::CardNumbers => 1 << 7,
            Self::SecretKeys => 1 << 8,
            Self::SecretValues => 1 << 9,
            Self::FrameVars => 1 << 10,
            Self::UrlParameters => 1 << 11,
            Self::Geo => 1 << 12,
        }
    }
}

/// The rules as an operator writes them; everything is on unless allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RulesConfig {
    /// Rules to switch off, by id.
    pub allow: Vec<String>,
    /// More names whose values are removed; upper and lower case do not matter.
    pub extra_keys: Vec<String>,
}

/// A rule id that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no scrubbing rule {id:?}; the rules are {}", known_ids())]
pub struct UnknownRule {
    /// What was written.
    pub id: String,
}

fn known_ids() -> String {
    Rule::ALL.map(Rule::id).join(", ")
}

/// Which rules are on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RulesConfig")]
pub struct Rules {
    on: u16,
    extra_keys: Vec<Vec<u8>>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            on: u16::MAX,
            extra_keys: Vec::new(),
        }
    }
}

impl TryFrom<RulesConfig> for Rules {
    type Error = UnknownRule;

    fn try_from(config: RulesConfig) -> Result<Self, UnknownRule> {
        let mut rules = Self::default();
        for id in config.allow {
            match Rule::ALL.into_iter().find(|rule| rule.id() == id) {
                Some(rule) => rules.on &= !rule.bit(),
                None => return Err(UnknownRule { id }),
            }
        }
        rules.extra_keys = config
            .extra_keys
            .iter()
            .map(|key| key.trim().to_ascii_lowercase().into_bytes())
            .filter(|key| !key.is_empty())
            .collect();
        Ok(rules)
    }
}

impl Rules {
    /// Every rule there is: see [`Rule::id`] and [`Rule::sentence`].
    pub const ALL: [Rule; 13] = Rule::ALL;

    /// Is this rule on?
    pub fn is_on(&self, rule: Rule) -> bool {
        self.on & rule.bit() != 0
    }

    /// The rules that are on, as bits.
    pub(crate) fn bits(&self) -> u16 {
        self.on
    }

    /// Did the operator name this key (lower case)?
    pub(crate) fn names(&self, key: &[u8]) -> bool {
        self.extra_keys.iter().any(|extra| extra == key)
    }
}
