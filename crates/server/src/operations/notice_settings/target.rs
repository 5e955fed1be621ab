//! A target in words, checked field by field, and back.

use super::fault;
use super::kinds::{Field, Kind};
use crate::clients::outbound::is_web_address;
use epicenter_domain::notification::limits::{EMAIL_RECIPIENTS, URL_CHARS, WEBHOOK_SECRETS};
use epicenter_domain::notification::signature::secret_objection;
use epicenter_domain::notification::{Login, MailServer, MailTls, Target};
use epicenter_domain::proof::SecretValue;
use epicenter_domain::sources::Fault;
use std::collections::{BTreeMap, BTreeSet};

/// A channel and what was said about its fields; what is absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct WantedTarget {
    /// The channel's word; none: as it is.
    pub channel: Option<String>,
    /// Fields by name; lists are separated by commas.
    pub parts: BTreeMap<&'static str, String>,
}

/// The word of a target's channel.
fn word(target: &Target) -> &'static str {
    match target {
        Target::SlackWebhook { .. } => "slack_webhook",
        Target::SlackBot { .. } => "slack_bot",
        Target::Email { .. } => "email",
        Target::Webhook { .. } => "webhook",
        Target::Pagerduty { .. } => "pagerduty",
        Target::Teams { .. } => "teams",
        Target::Discord { .. } => "discord",
        Target::Telegram { .. } => "telegram",
        Target::Mattermost { .. } => "mattermost",
        Target::Ntfy { .. } => "ntfy",
    }
}

/// A target as its channel's word and its fields, secrets included: show those to nobody.
#[expect(clippy::too_many_lines, reason = "one arm for each channel")]
pub fn parts(target: &Target) -> (&'static str, BTreeMap<&'static str, String>) {
    let mut parts = BTreeMap::new();
    let mut add = |name: &'static str, value: &str| {
        if !value.is_empty() {
            parts.insert(name, value.to_owned());
        }
    };
    let mut signing = Vec::new();
    match target {
        Target::SlackWebhook { url } | Target::Teams { url } | Target::Discord { url } => {
            add("url", url.expose());
        }
        Target::SlackBot {
            token,
            channel,
            api,
            signing_secret,
        } => {
            add("token", token.expose());
            add("channel_name", channel);
            add("api", api);
            let secret = signing_secret.as_ref().map(SecretValue::expose);
            add("signing_secret", secret.unwrap_or_default());
        }
        Target::Email { server, from, to } => {
            add("to", &to.join(", "));
            add("from", from);
            add("host", &server.host);
            add("port", &server.port.to_string());
            add("tls", tls_word(server.tls));
        }
        Target::Webhook { url, secrets, .. } => {
            add("url", url.expose());
            signing.extend(secrets.iter().map(SecretValue::expose));
        }
        Target::Pagerduty { routing_key, api } => {
            add("routing_key", routing_key.expose());
            add("api", api);
        }
        Target::Telegram {
            token,
            chat,
            topic,
            api,
        } => {
            add("token", token.expose());
            add("chat", chat);
            let thread = topic.map(|topic| topic.to_string());
            add("thread", thread.as_deref().unwrap_or_default());
            add("api", api);
        }
        Target::Mattermost { url, channel } => {
            add("url", url.expose());
            add("channel_name", channel.as_deref().unwrap_or_default());
        }
        Target::Ntfy {
            server,
            topic,
            token,
            ..
        } => {
            add("server", server);
            add("topic", topic.expose());
            let token = token.as_ref().map(SecretValue::expose);
            add("token", token.unwrap_or_default());
        }
    }
    add("secrets", &signing.join(","));
    if let Some(login) = login_of(target) {
        add("user", &login.user);
        add("password", login.password.expose());
    }
    (word(target), parts)
}

/// Name and password, where a target has them.
fn login_of(target: &Target) -> Option<&Login> {
    match target {
        Target::Email { server, .. } => server.login.as_ref(),
        Target::Webhook { login, .. } | Target::Ntfy { login, .. } => login.as_ref(),
        Target::SlackWebhook { .. }
        | Target::SlackBot { .. }
        | Target::Pagerduty { .. }
        | Target::Teams { .. }
        | Target::Discord { .. }
        | Target::Telegram { .. }
        | Target::Mattermost { .. } => None,
    }
}

fn tls_word(tls: MailTls) -> &'static str {
    match tls {
        MailTls::Implicit => "implicit",
        MailTls::Starttls => "starttls",
        MailTls::None => "none",
    }
}

/// The fields that say where requests go.
const PLACES: [&str; 5] = ["api", "host", "port", "server", "url"];

/// What was wanted on top of what is: secrets that are not sent stay, unless the channel changes. To
/// another address they must be entered again: one of them must not be read by moving the address.
fn merged(wanted: WantedTarget, before: Option<&Target>) -> Result<Reader, Vec<Fault>> {
    let (old_word, mut kept) = before.map(parts).unwrap_or_default();
    let word = wanted.channel.unwrap_or_else(|| old_word.to_owned());
    let Some(kind) = Kind::parse(&word) else {
        let text = format!("must be one of {}", Kind::words());
        return Err(vec![fault("target.channel", text)]);
    };
    if word != old_word {
        kept.clear();
    }
    let was = kept.clone();
    let mut said = BTreeSet::new();
    let mut faults = Vec::new();
    for (name, value) in wanted.parts {
        let value = value.trim();
        match kind.field(name) {
            None if value.is_empty() => {}
            None => {
                let text = format!("is nothing that {} has", kind.name);
                faults.push(fault(format!("target.{name}"), text));
            }
            Some(field) if field.is_secret && value.is_empty() => {}
            Some(field) => {
                said.insert(field.name);
                kept.insert(field.name, value.to_owned());
            }
        }
    }
    let is_moved = (PLACES.iter()).any(|name| {
        let before = was.get(name).filter(|value| !value.is_empty());
        before.is_some() && was.get(name) != kept.get(name)
    });
    if is_moved {
        // Secrets that sign are never sent.
        let travels = |field: &&Field| {
            let signs = matches!(field.name, "secrets" | "signing_secret");
            field.is_secret && !signs && !PLACES.contains(&field.name)
        };
        for field in kind.fields.iter().filter(travels) {
            let is_kept = was.get(field.name).is_some_and(|value| !value.is_empty());
            if is_kept && !said.contains(field.name) {
                let text = "must be entered again for another address";
                faults.push(fault(format!("target.{}", field.name), text));
            }
        }
    }
    Ok(Reader { kind, kept, faults })
}

/// Reads the fields of one channel and collects what is wrong.
struct Reader {
    kind: &'static Kind,
    kept: BTreeMap<&'static str, String>,
    faults: Vec<Fault>,
}

impl Reader {
    fn wrong(&mut self, name: &str, text: impl Into<String>) {
        self.faults.push(fault(format!("target.{name}"), text));
    }

    fn text(&mut self, name: &str) -> String {
        let field: Option<&Field> = self.kind.field(name);
        let default = field.map_or("", |field| field.default);
        let value = self.kept.get(name).map_or("", String::as_str);
        let value = if value.is_empty() { default } else { value }.to_owned();
        if value.is_empty() && field.is_some_and(|field| field.is_required) {
            self.wrong(name, "is needed");
        }
        if value.chars().count() > URL_CHARS {
            self.wrong(name, format!("is longer than {URL_CHARS} characters"));
        }
        if value.chars().any(char::is_control) {
            self.wrong(name, "must be one line");
        }
        value
    }

    fn some(&mut self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|value| !value.is_empty())
    }

    fn secret(&mut self, name: &str) -> SecretValue {
        SecretValue::new(self.text(name))
    }

    fn url(&mut self, name: &str) -> String {
        let value = self.text(name);
        if !value.is_empty() && !is_web_address(&value) {
            self.wrong(
                name,
                "must be an address that begins with https:// or http://",
            );
        }
        value
    }

    fn secret_url(&mut self) -> SecretValue {
        SecretValue::new(self.url("url"))
    }

    fn number<T: std::str::FromStr>(&mut self, name: &str) -> Option<T> {
        let value = self.some(name)?;
        let number = value.parse().ok();
        if number.is_none() {
            self.wrong(name, "must be a number");
        }
        number
    }

    fn list(&mut self, name: &str) -> Vec<String> {
        let value = self.text(name);
        let parts = value.split(',').map(str::trim);
        let parts = parts.filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    }

    fn login(&mut self) -> Option<Login> {
        let user = self.some("user")?;
        Some(Login {
            user,
            password: self.secret("password"),
        })
    }

    fn recipients(&mut self) -> Vec<String> {
        let to = self.list("to");
        if let Some(wrong) = to.iter().find(|one| !is_address(one)) {
            let text = format!("“{wrong}” is not an e-mail address");
            self.wrong("to", text);
        }
        if to.len() > EMAIL_RECIPIENTS {
            let text = format!("takes at most {EMAIL_RECIPIENTS} addresses");
            self.wrong("to", text);
        }
        to
    }

    fn tls(&mut self) -> MailTls {
        match self.text("tls").as_str() {
            "implicit" => MailTls::Implicit,
            "starttls" => MailTls::Starttls,
            "none" => MailTls::None,
            _ => {
                self.wrong("tls", "must be implicit, starttls or none");
                MailTls::Starttls
            }
        }
    }

    fn signing_secrets(&mut self) -> Vec<SecretValue> {
        let secrets = self.list("secrets");
        if let Some(objection) = secrets.iter().find_map(|one| secret_objection(one)) {
            self.wrong("secrets", objection);
        }
        if secrets.len() > WEBHOOK_SECRETS {
            let text = format!("takes at most {WEBHOOK_SECRETS} secrets");
            self.wrong("secrets", text);
        }
        secrets.into_iter().map(SecretValue::new).collect()
    }

    fn mail(&mut self) -> Target {
        let from = self.text("from");
        let bare = from.rsplit('<').next().unwrap_or_default();
        if !from.is_empty() && !is_address(bare.trim_end_matches('>')) {
            self.wrong("from", "must be like Epicenter <epicenter@example.com>");
        }
        Target::Email {
            server: MailServer {
                host: self.text("host"),
                port: self.number("port").unwrap_or_default(),
                tls: self.tls(),
                login: self.login(),
            },
            from,
            to: self.recipients(),
        }
    }

    fn target(&mut self) -> Target {
        match self.kind.word {
            "slack_webhook" => Target::SlackWebhook {
                url: self.secret_url(),
            },
            "slack_bot" => Target::SlackBot {
                token: self.secret("token"),
                channel: self.text("channel_name"),
                api: self.url("api"),
                signing_secret: self.some("signing_secret").map(SecretValue::new),
            },
            "email" => self.mail(),
            "pagerduty" => Target::Pagerduty {
                routing_key: self.secret("routing_key"),
                api: self.url("api"),
            },
            "teams" => Target::Teams {
                url: self.secret_url(),
            },
            "discord" => Target::Discord {
                url: self.secret_url(),
            },
            "telegram" => Target::Telegram {
                token: self.secret("token"),
                chat: self.text("chat"),
                topic: self.number("thread"),
                api: self.url("api"),
            },
            "mattermost" => Target::Mattermost {
                url: self.secret_url(),
                channel: self.some("channel_name"),
            },
            "ntfy" => Target::Ntfy {
                server: self.url("server"),
                topic: self.secret("topic"),
                token: self.some("token").map(SecretValue::new),
                login: self.login(),
            },
            _ => Target::Webhook {
                url: self.secret_url(),
                secrets: self.signing_secrets(),
                login: self.login(),
            },
        }
    }
}

fn is_address(text: &str) -> bool {
    let mut halves = text.splitn(2, '@');
    let is_full = |half: Option<&str>| half.is_some_and(|half| !half.is_empty());
    let is_whole = !text.contains(char::is_whitespace) && !text.contains(['<', '>', ',']);
    is_full(halves.next()) && is_full(halves.next()) && is_whole
}

/// The target that was wanted, or all that is wrong with it.
pub(in crate::operations) fn build(
    wanted: WantedTarget,
    before: Option<&Target>,
) -> Result<Target, Vec<Fault>> {
    let mut reader = merged(wanted, before)?;
    let target = reader.target();
    if reader.faults.is_empty() {
        return Ok(target);
    }
    Err(reader.faults)
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicenter_domain::notification::TargetPayload;

    const TARGETS: &str =
        include_str!("../../../../domain/src/notification/fixtures/targets-v1.json");

    #[test]
    fn every_target_survives_a_change_of_nothing() {
        let all: Vec<TargetPayload> = serde_json::from_str(TARGETS).unwrap();
        assert_eq!(all.len(), 10);
        for payload in all {
            let before = payload.into_target();
            let (word, parts) = parts(&before);
            for name in parts.keys() {
                assert!(Kind::parse(word).unwrap().field(name).is_some(), "{name}");
            }
            if word == "webhook" {
                // Its secrets are too short to be new ones.
                continue;
            }
            let same = build(WantedTarget::default(), Some(&before)).unwrap();
            assert_eq!(same, before);
        }
    }

    #[test]
    fn a_secret_that_is_not_sent_stays_until_the_channel_changes() {
        let before = Target::Telegram {
            token: SecretValue::new("1:hush"),
            chat: "7".to_owned(),
            topic: None,
            api: "https://api.telegram.org".to_owned(),
        };
        let parts = [("chat", "8".to_owned()), ("token", String::new())];
        let wanted = WantedTarget {
            channel: None,
            parts: parts.into(),
        };
        let changed = build(wanted, Some(&before)).unwrap();
        let Target::Telegram { token, chat, .. } = changed else {
            panic!("another channel")
        };
        assert_eq!((token.expose(), chat.as_str()), ("1:hush", "8"));
        let other = WantedTarget {
            channel: Some("slack_bot".to_owned()),
            parts: [("channel_name", "#alerts".to_owned())].into(),
        };
        let faults = build(other, Some(&before)).unwrap_err();
        let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["target.token"]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let faults = |word: &str, given: &[(&'static str, &str)]| {
            let given = given
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()));
            let wanted = WantedTarget {
                channel: Some(word.to_owned()),
                parts: given.collect(),
            };
            let faults = build(wanted, None).err().unwrap_or_default();
            let fields = faults.into_iter().map(|fault| fault.field);
            fields.collect::<Vec<_>>()
        };
        assert_eq!(faults("pigeon", &[]), ["target.channel"]);
        assert_eq!(faults("teams", &[("url", "ftp://a.b")]), ["target.url"]);
        assert_eq!(
            faults("teams", &[("url", "https://a.b"), ("chat", "7")]),
            ["target.chat"]
        );
        let mail = [
            ("to", "ada@example.com, nobody"),
            ("from", "Epicenter"),
            ("host", "mail.example.com"),
            ("port", "high"),
            ("tls", "much"),
        ];
        assert_eq!(
            faults("email", &mail),
            ["target.from", "target.port", "target.tls", "target.to"]
        );
        let hook = [("url", "https://a.b"), ("secrets", "short")];
        assert_eq!(faults("webhook", &hook), ["target.secrets"]);
        assert_eq!(faults("ntfy", &[("topic", "epicenter")]), [""; 0]);
    }
}
