//! Where notices go: one channel with its settings.

use crate::proof::SecretValue;
use serde::{Deserialize, Serialize};

/// Slack's API.
pub const SLACK_API: &str = "https://slack.com/api";
/// PagerDuty's Events API v2; accounts in Europe have a host of their own.
pub const PAGERDUTY_API: &str = "https://events.pagerduty.com/v2/enqueue";
/// Telegram's API.
pub const TELEGRAM_API: &str = "https://api.telegram.org";
/// Where Discord's webhooks live.
pub const DISCORD_HOST: &str = "https://discord.com";

/// Where notices go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// Our id.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// Channel and settings.
    pub target: Target,
}

/// A channel with its settings. Secrets, and addresses that are as good as one, never show in
/// `Debug`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "channel", rename_all = "snake_case")]
pub enum Target {
    /// A Slack channel through an incoming webhook: each notice is a message of its own.
    SlackWebhook {
        /// `https://hooks.slack.com/services/…`
        #[serde(with = "secret")]
        url: SecretValue,
    },
    /// A Slack channel through a bot: one card per incident, edited in place, with buttons.
    SlackBot {
        /// `xoxb-…`, with the scope `chat:write`.
        #[serde(with = "secret")]
        token: SecretValue,
        /// Id or name of the channel.
        #[serde(rename = "channel_id")]
        channel: String,
        /// Slack's API; another one only for tests and gateways.
        api: String,
        /// Proves that a pressed button or a command came from Slack; none: they do nothing.
        #[serde(
            default,
            with = "optional_secret",
            skip_serializing_if = "Option::is_none"
        )]
        signing_secret: Option<SecretValue>,
    },
    /// E-mail.
    Email {
        /// Who takes it from us.
        server: MailServer,
        /// `Epicenter <epicenter@example.com>`
        from: String,
        /// To whom.
        to: Vec<String>,
    },
    /// Any URL, as Standard Webhooks.
    Webhook {
        /// Where.
        #[serde(with = "secret")]
        url: SecretValue,
        /// Signing secrets, `whsec_…`; several while one is replaced by the next.
        #[serde(with = "secrets")]
        secrets: Vec<SecretValue>,
        /// For receivers that ask for a password.
        login: Option<Login>,
    },
    /// A PagerDuty service.
    Pagerduty {
        /// Integration key of the service.
        #[serde(with = "secret")]
        routing_key: SecretValue,
        /// Events API.
        api: String,
    },
    /// A Microsoft Teams channel through a Workflow.
    Teams {
        /// URL of the Workflow; its `sig` is the secret.
        #[serde(with = "secret")]
        url: SecretValue,
    },
    /// A Discord channel through a webhook.
    Discord {
        /// `https://discord.com/api/webhooks/…`
        #[serde(with = "secret")]
        url: SecretValue,
    },
    /// A Telegram chat through a bot.
    Telegram {
        /// The bot's token.
        #[serde(with = "secret")]
        token: SecretValue,
        /// Chat, group or `@channel`.
        chat: String,
        /// Topic within a group.
        topic: Option<i64>,
        /// Telegram's API; some run their own.
        api: String,
    },
    /// A Mattermost channel through an incoming webhook.
    Mattermost {
        /// `https://…/hooks/…`
        #[serde(with = "secret")]
        url: SecretValue,
        /// Another channel than the webhook's own, where it allows that.
        #[serde(rename = "channel_name")]
        channel: Option<String>,
    },
    /// A topic of ntfy.
    Ntfy {
        /// `https://ntfy.sh` or one's own.
        server: String,
        /// The topic; on ntfy.sh whoever knows it can read it.
        #[serde(with = "secret")]
        topic: SecretValue,
        /// Access token, `tk_…`.
        #[serde(with = "optional_secret")]
        token: Option<SecretValue>,
        /// Name and password, where there is no token.
        login: Option<Login>,
    },
}

/// A name and a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Name.
    pub user: String,
    /// Password.
    #[serde(with = "secret")]
    pub password: SecretValue,
}

/// A server that takes e-mail from us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailServer {
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: MailTls,
    /// Name and password, where it asks for them.
    pub login: Option<Login>,
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTls {
    /// From the first byte; usually port 465.
    Implicit,
    /// From STARTTLS on; a server without it gets nothing. Usually port 587.
    Starttls,
    /// Not: for a server on the same machine; usually port 25.
    None,
}

/// What carries notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// Slack, by webhook or bot.
    Slack,
    /// E-mail.
    Email,
    /// Standard Webhooks.
    Webhook,
    /// PagerDuty.
    Pagerduty,
    /// Microsoft Teams.
    Teams,
    /// Discord.
    Discord,
    /// Telegram.
    Telegram,
    /// Mattermost.
    Mattermost,
    /// ntfy.
    Ntfy,
}

impl Channel {
    /// The word as the API and the metrics write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Email => "email",
            Self::Webhook => "webhook",
            Self::Pagerduty => "pagerduty",
            Self::Teams => "teams",
            Self::Discord => "discord",
            Self::Telegram => "telegram",
            Self::Mattermost => "mattermost",
            Self::Ntfy => "ntfy",
        }
    }

    /// The name as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Slack => "Slack",
            Self::Email => "E-mail",
            Self::Webhook => "Webhook",
            Self::Pagerduty => "PagerDuty",
            Self::Teams => "Microsoft Teams",
            Self::Discord => "Discord",
            Self::Telegram => "Telegram",
            Self::Mattermost => "Mattermost",
            Self::Ntfy => "ntfy",
        }
    }
}

impl Target {
    /// Its channel.
    pub fn channel(&self) -> Channel {
        match self {
            Self::SlackWebhook { .. } | Self::SlackBot { .. } => Channel::Slack,
            Self::Email { .. } => Channel::Email,
            Self::Webhook { .. } => Channel::Webhook,
            Self::Pagerduty { .. } => Channel::Pagerduty,
            Self::Teams { .. } => Channel::Teams,
            Self::Discord { .. } => Channel::Discord,
            Self::Telegram { .. } => Channel::Telegram,
            Self::Mattermost { .. } => Channel::Mattermost,
            Self::Ntfy { .. } => Channel::Ntfy,
        }
    }

    /// Where it leads, as far as everybody may read it: a channel, addresses, a host; no secret.
    pub fn place(&self) -> String {
        match self {
            Self::SlackBot { channel, .. } => channel.clone(),
            Self::Email { to, .. } => to.join(", "),
            Self::Telegram { chat, .. } => chat.clone(),
            Self::Pagerduty { api, .. } => host(api).to_owned(),
            Self::Ntfy { server, .. } => host(server).to_owned(),
            Self::Mattermost {
                channel: Some(channel),
                url,
            } => format!("{channel} at {}", host(url.expose())),
            Self::SlackWebhook { url }
            | Self::Webhook { url, .. }
            | Self::Teams { url }
            | Self::Discord { url }
            | Self::Mattermost { url, channel: None } => host(url.expose()).to_owned(),
        }
    }

    /// Can the people there act on the incident from the message itself?
    pub fn has_buttons(&self) -> bool {
        matches!(self, Self::SlackBot { .. })
    }
}

/// Host and port of a URL, without names and passwords.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

/// Secrets as the store keeps them.
mod secret {
    use crate::proof::SecretValue;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        value: &SecretValue,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.expose())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<SecretValue, D::Error> {
        String::deserialize(deserializer).map(SecretValue::new)
    }
}

mod secrets {
    use crate::proof::SecretValue;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        values: &[SecretValue],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(SecretValue::expose))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<SecretValue>, D::Error> {
        let values = Vec::<String>::deserialize(deserializer)?;
        Ok(values.into_iter().map(SecretValue::new).collect())
    }
}

mod optional_secret {
    use crate::proof::SecretValue;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde hands the field over like this")]
    pub(super) fn serialize<S: Serializer>(
        value: &Option<SecretValue>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value
            .as_ref()
            .map(SecretValue::expose)
            .serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SecretValue>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(SecretValue::new))
    }
}
