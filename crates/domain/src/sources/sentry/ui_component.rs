//! Calls of Sentry's UI components (SENTRY-PROTOCOL §5): no webhooks, but they reach the same
//! host, and a person in Sentry waits for the answer.

use super::hook::{Answer, Hook, Refusal};
use crate::limits;
use crate::sources::repair::repaired;
use crate::sources::wire::Wire;
use serde::Serialize;

/// Says which component asked; there is nothing to record.
pub(super) fn read(hook: &Hook<'_>) -> Answer {
    Err(Refusal::Ignored(match action(hook.body) {
        "issue_link" => "A person linked an issue in Sentry; the answer went back at once.".into(),
        "alert_rule_action" => {
            "A person saved an alert action in Sentry; it was accepted at once.".into()
        }
        _ => "Sentry asked for the options of a select field; there are none.".into(),
    }))
}

/// Which component a body is from: `issue_link`, `alert_rule_action` or `options`.
pub(super) fn action(body: &Wire<'_>) -> &'static str {
    if !body.get("issueId").is_blank() {
        "issue_link"
    } else if !body.first(&["fields", "installationId"]).is_blank() {
        "alert_rule_action"
    } else {
        "options"
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct IssueLink {
    web_url: String,
    project: String,
    identifier: String,
}

#[derive(Serialize)]
struct Accepted {
    message: &'static str,
}

/// The JSON that Sentry needs as an answer with status 200. Sentry refuses to save an alert or a
/// link without it.
pub fn answer(body: &[u8], public_url: &str, method_is_get: bool) -> String {
    let text = repaired(body);
    let body = Wire::parse(&text).unwrap_or(Wire::Null);
    match action(&body) {
        _ if method_is_get => "[]".to_owned(),
        "issue_link" => json(&issue_link(&body, public_url)),
        "alert_rule_action" => json(&Accepted {
            message: "Epicenter receives the alerts of this rule.",
        }),
        _ => "[]".to_owned(),
    }
}

fn issue_link(body: &Wire<'_>, public_url: &str) -> IssueLink {
    let id = body.get("issueId").id().unwrap_or_default();
    let query: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
    let project = match body.get("project") {
        object if object.is_map() => object.first(&["slug", "name"]).name(),
        word => word.line(limits::NAME_CHARS),
    };
    IssueLink {
        web_url: format!(
            "{}/issues?sentry_issue={query}",
            public_url.trim_end_matches('/')
        ),
        project: project.unwrap_or_else(|| "Epicenter".to_owned()),
        identifier: id,
    }
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "{}".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_component_gets_what_it_waits_for() {
        let link = br#"{"fields":{"title":"x"},"issueId":"12\"3","installationId":"i",
            "project":{"slug":"storefront"}}"#;
        assert_eq!(
            answer(link, "https://epicenter.harbor.example/", false),
            r#"{"webUrl":"https://epicenter.harbor.example/issues?sentry_issue=123","project":"storefront","identifier":"12\"3"}"#
        );
        let action = br#"{"fields":[{"name":"title","value":"x"}],"installationId":"i"}"#;
        assert!(answer(action, "https://e.example", false).starts_with(r#"{"message":""#));
        assert_eq!(answer(b"", "https://e.example", true), "[]");
        assert_eq!(answer(b"\xff{{", "https://e.example", false), "[]");
    }
}
