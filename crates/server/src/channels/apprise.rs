//! Apprise's URLs, which many have in some file already, and the addresses that chat tools show:
//! one text to a target. Nothing is sent here and nothing is guessed: what is missing is named.

mod address;
mod mail;

use address::Address;
use epicenter_domain::notification::limits::URL_CHARS;
use epicenter_domain::notification::{
    DISCORD_HOST, Login, PAGERDUTY_API, SLACK_API, TELEGRAM_API, Target,
};
use epicenter_domain::proof::SecretValue;

/// PagerDuty's Events API for accounts in Europe.
const PAGERDUTY_EU_API: &str = "https://events.eu.pagerduty.com/v2/enqueue";
/// ntfy's public server.
const NTFY: &str = "https://ntfy.sh";

/// How an address becomes a target.
type Make = fn(SecretValue) -> Target;

/// Addresses of well-known webhooks, and what they are.
const WEBHOOKS: [(&str, Make); 3] = [
    ("https://hooks.slack.com/", |url| Target::SlackWebhook {
        url,
    }),
    ("https://discord.com/api/webhooks/", |url| Target::Discord {
        url,
    }),
    ("https://discordapp.com/api/webhooks/", |url| {
        Target::Discord { url }
    }),
];

/// Reads one URL. The error is a sentence for whoever pasted it, without the secrets in it.
pub fn read(text: &str) -> Result<Target, String> {
    let text = text.trim();
    if text.len() > URL_CHARS {
        return Err(format!("The URL is longer than {URL_CHARS} characters."));
    }
    if text.starts_with("https://") || text.starts_with("http://") {
        return Ok(web_address(text));
    }
    let address = Address::read(text)?;
    match address.scheme.as_str() {
        "slack" => slack(&address),
        "discord" => discord(&address),
        "tgram" => telegram(&address),
        "ntfy" | "ntfys" => ntfy(&address),
        "mailto" | "mailtos" => mail::read(&address),
        "json" | "jsons" => json(&address),
        "pagerduty" => pagerduty(&address),
        "workflows" | "workflow" => workflows(&address),
        "mmost" | "mmosts" => mattermost(&address),
        other => Err(format!(
            "{other}:// is not known; use slack, discord, tgram, ntfy, ntfys, mailto, mailtos, \
             json, jsons, pagerduty, workflows, mmost, mmosts or an https:// address."
        )),
    }
}

/// What the address of a webhook is by its looks; all others are receivers of one's own.
fn web_address(text: &str) -> Target {
    let url = SecretValue::new(text);
    let known = WEBHOOKS.iter().find(|(start, _)| text.starts_with(start));
    if let Some((_, target)) = known {
        return target(url);
    }
    let host = text.split('/').nth(2).unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    let is_workflow = [".logic.azure.com", ".api.powerplatform.com"]
        .iter()
        .any(|end| host.ends_with(end));
    if is_workflow {
        return Target::Teams { url };
    }
    Target::Webhook {
        url,
        secrets: Vec::new(),
        login: None,
    }
}

/// `slack://A/B/C` is a webhook, `slack://xoxb-…/#channel` a bot.
fn slack(address: &Address) -> Result<Target, String> {
    if address.host.starts_with("xoxb-") {
        let [channel] = address.path.as_slice() else {
            return Err(
                "slack://xoxb-… needs one channel: slack://xoxb-…/#channel; make a destination \
                 for each."
                    .to_owned(),
            );
        };
        return Ok(Target::SlackBot {
            token: SecretValue::new(address.host.as_str()),
            channel: channel.clone(),
            api: SLACK_API.to_owned(),
            signing_secret: None,
        });
    }
    // A webhook knows its channel; one that is named as well is Slack's old way.
    let [b, c, ..] = address.path.as_slice() else {
        return Err("slack:// needs three tokens: slack://A/B/C, or a bot's xoxb-….".to_owned());
    };
    let url = format!("https://hooks.slack.com/services/{}/{b}/{c}", address.host);
    Ok(Target::SlackWebhook {
        url: SecretValue::new(url),
    })
}

fn discord(address: &Address) -> Result<Target, String> {
    let [token, ..] = address.path.as_slice() else {
        return Err("discord:// needs the webhook's id and token: discord://ID/TOKEN.".to_owned());
    };
    Ok(Target::Discord {
        url: SecretValue::new(format!(
            "{DISCORD_HOST}/api/webhooks/{}/{token}",
            address.host
        )),
    })
}

/// `tgram://123:TOKEN/chat`, where a topic follows the chat after a colon or as `topic=`.
fn telegram(address: &Address) -> Result<Target, String> {
    let missing =
        || "tgram:// needs the bot's token and a chat: tgram://123:TOKEN/CHAT.".to_owned();
    let token = address.port_text.as_ref().ok_or_else(missing)?;
    let [chat] = address.path.as_slice() else {
        return Err(missing());
    };
    let (chat, topic) = match chat.split_once(':') {
        Some((chat, topic)) => (chat, Some(topic)),
        None => (
            chat.as_str(),
            address.query("topic").or_else(|| address.query("thread")),
        ),
    };
    let topic = topic.map(|topic| {
        topic
            .parse()
            .map_err(|_| "The topic of tgram:// must be a number.".to_owned())
    });
    Ok(Target::Telegram {
        token: SecretValue::new(format!("{}:{token}", address.host)),
        chat: chat.to_owned(),
        topic: topic.transpose()?,
        api: TELEGRAM_API.to_owned(),
    })
}

/// `ntfy://topic` is on ntfy.sh, `ntfys://host/topic` one's own.
fn ntfy(address: &Address) -> Result<Target, String> {
    let (server, topic) = match address.path.as_slice() {
        [] => (NTFY.to_owned(), &address.host),
        [topic] if address.host == "ntfy.sh" => (NTFY.to_owned(), topic),
        [topic] => (address.web_server("ntfys")?, topic),
        _ => return Err("ntfy:// needs one topic; make a destination for each.".to_owned()),
    };
    let (token, login) = match (&address.user, &address.password) {
        (Some(user), Some(password)) => (None, Some(login(user, password))),
        (Some(token), None) => (Some(SecretValue::new(token.as_str())), None),
        (None, _) => (address.query("token").map(SecretValue::new), None),
    };
    Ok(Target::Ntfy {
        server,
        topic: SecretValue::new(topic.as_str()),
        token,
        login,
    })
}

fn login(user: &str, password: &str) -> Login {
    Login {
        user: user.to_owned(),
        password: SecretValue::new(password),
    }
}

/// A URL of one's own. It gets our body, not Apprise's.
fn json(address: &Address) -> Result<Target, String> {
    let mut url = address.web_server("jsons")?;
    for part in &address.raw_path {
        url.push('/');
        url.push_str(part);
    }
    if address.raw_path.is_empty() {
        url.push('/');
    }
    let password = address.password.as_deref().unwrap_or_default();
    Ok(Target::Webhook {
        url: SecretValue::new(url),
        secrets: Vec::new(),
        login: address.user.as_ref().map(|user| login(user, password)),
    })
}

/// `pagerduty://INTEGRATION_KEY@API_KEY`; the second is not needed to send events.
fn pagerduty(address: &Address) -> Result<Target, String> {
    let key = address.user.as_ref().unwrap_or(&address.host);
    let api = match address.query("region") {
        None | Some("us") => PAGERDUTY_API,
        Some("eu") => PAGERDUTY_EU_API,
        Some(_) => return Err("The region of pagerduty:// is us or eu.".to_owned()),
    };
    Ok(Target::Pagerduty {
        routing_key: SecretValue::new(key.as_str()),
        api: api.to_owned(),
    })
}

/// `workflows://HOST:443/WORKFLOW/SIGNATURE`.
fn workflows(address: &Address) -> Result<Target, String> {
    let [workflow, signature, ..] = address.raw_path.as_slice() else {
        return Err(
            "workflows:// needs host, workflow and signature: workflows://HOST/WORKFLOW/SIGNATURE; \
             or paste the Workflow's https:// address."
                .to_owned(),
        );
    };
    let port = address
        .port()?
        .map_or(String::new(), |port| format!(":{port}"));
    let version = address.query("ver").unwrap_or("2016-06-01");
    let is_date = version
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-');
    if !is_date {
        return Err("The version of workflows:// is a date.".to_owned());
    }
    Ok(Target::Teams {
        url: SecretValue::new(format!(
            "https://{}{port}/workflows/{workflow}/triggers/manual/paths/invoke\
             ?api-version={version}&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={signature}",
            address.host
        )),
    })
}

/// `mmosts://host/path/TOKEN`, with `channel=` for another one.
fn mattermost(address: &Address) -> Result<Target, String> {
    let Some((token, folders)) = address.raw_path.split_last() else {
        return Err("mmost:// needs host and token: mmosts://HOST/TOKEN.".to_owned());
    };
    let mut url = address.web_server("mmosts")?;
    for folder in folders {
        url.push('/');
        url.push_str(folder);
    }
    Ok(Target::Mattermost {
        url: SecretValue::new(format!("{url}/hooks/{token}")),
        channel: address.query("channel").map(str::to_owned),
    })
}

#[cfg(test)]
mod tests;
