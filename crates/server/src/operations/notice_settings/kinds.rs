//! The channels as people set them up: which fields each has. API, form and checks read this list.

use epicenter_domain::notification::{
    Channel, DISCORD_HOST, PAGERDUTY_API, SLACK_API, TELEGRAM_API,
};

/// A channel with its fields.
#[derive(Debug)]
pub struct Kind {
    /// The word as the API writes it.
    pub word: &'static str,
    /// The name as people write it.
    pub name: &'static str,
    /// What has to be done over there, a sentence.
    pub help: &'static str,
    /// Fields.
    pub fields: &'static [Field],
}

/// A field of a channel.
#[derive(Debug)]
pub struct Field {
    /// Its name, the same in all channels.
    pub name: &'static str,
    /// What the form calls it.
    pub label: &'static str,
    /// An example.
    pub example: &'static str,
    /// Is it never shown again?
    pub is_secret: bool,
    /// Is it needed?
    pub is_required: bool,
    /// What holds when nothing is said.
    pub default: &'static str,
}

impl Field {
    const fn plain(name: &'static str, label: &'static str, example: &'static str) -> Self {
        Self {
            name,
            label,
            example,
            is_secret: false,
            is_required: true,
            default: "",
        }
    }

    const fn secret(name: &'static str, label: &'static str, example: &'static str) -> Self {
        Self {
            is_secret: true,
            ..Self::plain(name, label, example)
        }
    }

    const fn optional(self) -> Self {
        Self {
            is_required: false,
            ..self
        }
    }

    const fn or(self, default: &'static str) -> Self {
        Self { default, ..self }
    }
}

const USER: Field = Field::plain("user", "User name", "epicenter").optional();
const PASSWORD: Field = Field::secret("password", "Password", "").optional();

/// All channels, in the order of the form.
pub const KINDS: [Kind; 10] = [
    Kind {
        word: "slack_webhook",
        name: "Slack, incoming webhook",
        help: "In Slack: Apps, Incoming Webhooks, Add to Slack. Each notice is a message.",
        fields: &[Field::secret(
            "url",
            "Webhook URL",
            "https://hooks.slack.com/services/…",
        )],
    },
    Kind {
        word: "slack_bot",
        name: "Slack, bot",
        help: "One card for each incident, edited in place, with buttons. The bot needs the scope \
               chat:write and must be a member of the channel. The buttons work with the signing \
               secret, which is on the app's page under Basic Information.",
        fields: &[
            Field::secret("token", "Bot token", "xoxb-…"),
            Field::plain("channel_name", "Channel", "#alerts"),
            Field::secret("signing_secret", "Signing secret", "8f74…").optional(),
            Field::plain("api", "API", SLACK_API).or(SLACK_API),
        ],
    },
    Kind {
        word: "email",
        name: "E-mail",
        help: "Any mail server that takes e-mail from you (SMTP).",
        fields: &[
            Field::plain("to", "To", "oncall@example.com, ops@example.com"),
            Field::plain("from", "From", "Epicenter <epicenter@example.com>"),
            Field::plain("host", "Mail server", "mail.example.com"),
            Field::plain("port", "Port", "587").or("587"),
            Field::plain("tls", "Protection: implicit, starttls or none", "starttls")
                .or("starttls"),
            USER,
            PASSWORD,
        ],
    },
    Kind {
        word: "webhook",
        name: "Webhook",
        help: "Any URL. It is signed as Standard Webhooks describes; see the guide.",
        fields: &[
            Field::secret("url", "URL", "https://example.com/notices"),
            Field::secret("secrets", "Signing secrets", "whsec_…").optional(),
            USER,
            PASSWORD,
        ],
    },
    Kind {
        word: "pagerduty",
        name: "PagerDuty",
        help: "In PagerDuty: your service, Integrations, Events API V2.",
        fields: &[
            Field::secret("routing_key", "Integration key", "32 letters and digits"),
            Field::plain("api", "API", PAGERDUTY_API).or(PAGERDUTY_API),
        ],
    },
    Kind {
        word: "teams",
        name: "Microsoft Teams",
        help: "In Teams: the channel, Workflows, “Post to a channel when a webhook request is \
               received”.",
        fields: &[Field::secret(
            "url",
            "Workflow URL",
            "https://….logic.azure.com/…",
        )],
    },
    Kind {
        word: "discord",
        name: "Discord",
        help: "In Discord: the channel's settings, Integrations, Webhooks.",
        fields: &[Field::secret("url", "Webhook URL", DISCORD_HOST)],
    },
    Kind {
        word: "telegram",
        name: "Telegram",
        help: "Make a bot with @BotFather and add it to the chat.",
        fields: &[
            Field::secret("token", "Bot token", "123456:ABC…"),
            Field::plain("chat", "Chat", "-100200300 or @channel"),
            Field::plain("thread", "Topic within the group, a number", "7").optional(),
            Field::plain("api", "API", TELEGRAM_API).or(TELEGRAM_API),
        ],
    },
    Kind {
        word: "mattermost",
        name: "Mattermost",
        help: "In Mattermost: Integrations, Incoming Webhooks.",
        fields: &[
            Field::secret("url", "Webhook URL", "https://chat.example.com/hooks/…"),
            Field::plain("channel_name", "Another channel", "alerts").optional(),
        ],
    },
    Kind {
        word: "ntfy",
        name: "ntfy",
        help: "On ntfy.sh whoever knows the topic can read it: choose one that nobody guesses.",
        fields: &[
            Field::plain("server", "Server", "https://ntfy.sh").or("https://ntfy.sh"),
            Field::secret("topic", "Topic", "epicenter-3f9a1c"),
            Field::secret("token", "Access token", "tk_…").optional(),
            USER,
            PASSWORD,
        ],
    },
];

impl Kind {
    /// Reads the API's word.
    pub fn parse(word: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.word == word)
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// All words, for an error.
    pub fn words() -> String {
        KINDS.map(|kind| kind.word).join(", ")
    }
}

/// The name of a channel by its word.
pub fn name_of(word: &str) -> &'static str {
    Kind::parse(word).map_or_else(|| Channel::Webhook.name(), |kind| kind.name)
}
