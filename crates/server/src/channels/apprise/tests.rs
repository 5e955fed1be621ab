use super::*;
use epicenter_domain::notification::{MailTls, TargetPayload};
use serde_json::{Value, json};

/// The target with its secrets, as the store keeps it.
fn target(text: &str) -> Value {
    let target = read(text).unwrap_or_else(|why| panic!("{text}: {why}"));
    serde_json::to_value(TargetPayload::V1(target)).unwrap()["target"].clone()
}

#[test]
fn addresses_of_chat_tools_are_recognised() {
    for (text, channel) in [
        ("https://hooks.slack.com/services/A/B/C", "slack_webhook"),
        ("https://discord.com/api/webhooks/1/x", "discord"),
        ("https://discordapp.com/api/webhooks/1/x", "discord"),
        (
            "https://prod-1.westeurope.logic.azure.com:443/workflows/x?sig=y",
            "teams",
        ),
        (
            "https://x.environment.api.powerplatform.com/x?sig=y",
            "teams",
        ),
        ("https://logic.azure.com.evil.test/x", "webhook"),
        ("http://example.com/hook", "webhook"),
    ] {
        let target = target(text);
        assert_eq!(target["channel"], channel, "{text}");
        assert_eq!(target["url"], text);
    }
}

#[test]
fn web_hooks_of_apprise_are_read() {
    for (text, channel, url) in [
        (
            "slack://T1/B2/c3",
            "slack_webhook",
            "https://hooks.slack.com/services/T1/B2/c3",
        ),
        (
            "slack://bot@T1/B2/c3/#general",
            "slack_webhook",
            "https://hooks.slack.com/services/T1/B2/c3",
        ),
        (
            "discord://123/ToKen",
            "discord",
            "https://discord.com/api/webhooks/123/ToKen",
        ),
        (
            "Discord://Epicenter@123/ToKen/?tts=no",
            "discord",
            "https://discord.com/api/webhooks/123/ToKen",
        ),
        ("json://example.com", "webhook", "http://example.com/"),
        (
            "jsons://example.com:8443/a%20b/c",
            "webhook",
            "https://example.com:8443/a%20b/c",
        ),
        (
            "mmost://chat.example.com/t0k",
            "mattermost",
            "http://chat.example.com/hooks/t0k",
        ),
        (
            "mmosts://chat.example.com:8065/sub/t0k",
            "mattermost",
            "https://chat.example.com:8065/sub/hooks/t0k",
        ),
        (
            "workflows://prod-1.logic.azure.com:443/643e/gQb-x/",
            "teams",
            "https://prod-1.logic.azure.com:443/workflows/643e/triggers/manual/paths/invoke\
             ?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=gQb-x",
        ),
    ] {
        let target = target(text);
        assert_eq!(
            (&target["channel"], &target["url"]),
            (&json!(channel), &json!(url)),
            "{text}"
        );
    }
    assert_eq!(
        target("mmosts://c.test/t?channel=ops")["channel_name"],
        "ops"
    );
    let login = &target("jsons://ann:p%40ss@example.com/x")["login"];
    assert_eq!(*login, json!({"user": "ann", "password": "p@ss"}));
}

#[test]
fn bots_topics_and_keys_of_apprise_are_read() {
    for (text, expected) in [
        (
            "slack://xoxb-1-2-Ab/#alerts",
            json!({"channel": "slack_bot", "token": "xoxb-1-2-Ab", "channel_id": "#alerts",
                   "api": "https://slack.com/api"}),
        ),
        (
            "tgram://123:AAE-x_y/-100200",
            json!({"channel": "telegram", "token": "123:AAE-x_y", "chat": "-100200",
                   "topic": null, "api": "https://api.telegram.org"}),
        ),
        (
            "tgram://123:AAE/@ops?topic=7",
            json!({"channel": "telegram", "token": "123:AAE", "chat": "@ops", "topic": 7,
                   "api": "https://api.telegram.org"}),
        ),
        (
            "tgram://123:AAE/-100200:9",
            json!({"channel": "telegram", "token": "123:AAE", "chat": "-100200", "topic": 9,
                   "api": "https://api.telegram.org"}),
        ),
        (
            "ntfy://MyTopic",
            json!({"channel": "ntfy", "server": "https://ntfy.sh", "topic": "MyTopic",
                   "token": null, "login": null}),
        ),
        (
            "ntfys://tk_x@push.example.com/ops",
            json!({"channel": "ntfy", "server": "https://push.example.com", "topic": "ops",
                   "token": "tk_x", "login": null}),
        ),
        (
            "ntfy://ann:pw@push.example.com:8080/ops",
            json!({"channel": "ntfy", "server": "http://push.example.com:8080", "topic": "ops",
                   "token": null, "login": {"user": "ann", "password": "pw"}}),
        ),
        (
            "ntfy://ntfy.sh/ops?token=tk_y",
            json!({"channel": "ntfy", "server": "https://ntfy.sh", "topic": "ops",
                   "token": "tk_y", "login": null}),
        ),
        (
            "pagerduty://R0UT3@apikey",
            json!({"channel": "pagerduty", "routing_key": "R0UT3", "api": PAGERDUTY_API}),
        ),
        (
            "pagerduty://R0UT3@apikey?region=eu",
            json!({"channel": "pagerduty", "routing_key": "R0UT3", "api": PAGERDUTY_EU_API}),
        ),
    ] {
        assert_eq!(target(text), expected, "{text}");
    }
}

#[test]
fn mail_of_apprise_is_read() {
    let mail = |text: &str| {
        let Ok(Target::Email { server, from, to }) = read(text) else {
            panic!("{text}: {:?}", read(text));
        };
        let user = server.login.map(|login| login.user).unwrap_or_default();
        (
            format!("{}:{}", server.host, server.port),
            server.tls,
            user,
            from,
            to.join(","),
        )
    };
    let row = |place: &str, tls, user: &str, from: &str, to: &str| {
        (
            place.to_owned(),
            tls,
            user.to_owned(),
            from.to_owned(),
            to.to_owned(),
        )
    };
    for (text, expected) in [
        (
            "mailto://ann:pw@gmail.com",
            row(
                "smtp.gmail.com:587",
                MailTls::Starttls,
                "ann@gmail.com",
                "ann@gmail.com",
                "ann@gmail.com",
            ),
        ),
        (
            "mailtos://ann:pw@example.com/ops@example.com",
            row(
                "example.com:587",
                MailTls::Starttls,
                "ann",
                "ann@example.com",
                "ops@example.com",
            ),
        ),
        (
            "mailtos://example.com?smtp=mx.example.com&from=e@example.com&to=a@x.test,b@x.test&mode=ssl",
            row(
                "mx.example.com:465",
                MailTls::Implicit,
                "",
                "e@example.com",
                "a@x.test,b@x.test",
            ),
        ),
        (
            "mailto://ann:pw@example.com:2525?user=ann%40corp&name=Epicenter",
            row(
                "example.com:2525",
                MailTls::None,
                "ann@corp",
                "Epicenter <ann@example.com>",
                "Epicenter <ann@example.com>",
            ),
        ),
    ] {
        assert_eq!(mail(text), expected, "{text}");
    }
}

#[test]
fn what_is_missing_is_named_without_the_secrets() {
    for (text, expected) in [
        ("", "no URL"),
        ("slack.com", "no URL"),
        ("slack://", "Nothing follows slack"),
        ("slack:///B/C", "Nothing follows slack"),
        ("slack://hush", "three tokens"),
        ("slack://xoxb-hush", "one channel"),
        ("slack://xoxb-hush/#a/#b", "one channel"),
        ("discord://hush", "id and token"),
        ("tgram://hush/1", "bot's token"),
        ("tgram://1:hush", "bot's token"),
        ("tgram://1:hush/chat:seven", "must be a number"),
        ("ntfy://host/a/b", "one topic"),
        ("ntfy://host:hush/a", "port of ntfy"),
        ("json://host:hush/", "port of json"),
        ("pagerduty://hush@x?region=mars", "us or eu"),
        ("workflows://host/hush", "workflow and signature"),
        ("workflows://host/a/hush?ver=x%26y", "is a date"),
        ("mmost://hush", "host and token"),
        ("mailto://example.com", "needs a sender"),
        (
            "mailto://a:hush@example.com?mode=loud",
            "ssl, starttls or insecure",
        ),
        ("opsgenie://hush", "opsgenie:// is not known"),
        ("slack://hush/ a", "spaces"),
    ] {
        let why = read(text).unwrap_err();
        assert!(
            why.contains(expected) && why.ends_with('.'),
            "{text}: {why}"
        );
        assert!(!why.contains("hush"), "{why}");
    }
    assert!(read(&"x".repeat(5_000)).unwrap_err().contains("longer"));
}
