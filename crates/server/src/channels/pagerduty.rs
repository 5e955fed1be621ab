//! PagerDuty, by its Events API v2. One alert there is one incident here: the key is our id.

#![expect(clippy::indexing_slicing, reason = "an object of JSON takes any key")]

use super::{Attempt, deliver, json_request};
use crate::clients::outbound::{Outbound, Request};
use epicenter_domain::incident::IncidentStatus;
use epicenter_domain::notification::cut::{as_it_is, cut, one_line};
use epicenter_domain::notification::limits::{PAGERDUTY_DETAIL, PAGERDUTY_SUMMARY};
use epicenter_domain::notification::{Kind, Message, Notice, Receipt};
use epicenter_domain::proof::SecretValue;
use serde_json::{Map, Value, json};

const SERVICE: &str = "PagerDuty";

/// Events API and integration key.
type Place<'a> = (&'a str, &'a SecretValue);

fn render((api, key): Place<'_>, notice: &Notice) -> Request {
    let message = Message::of(notice);
    let mut body = json!({
        "routing_key": key.expose(),
        "event_action": action(notice),
        "dedup_key": notice.thread(),
    });
    if action(notice) == "trigger" {
        body["client"] = json!("Epicenter");
        if let Some(page) = message.page() {
            body["client_url"] = json!(page);
        }
        let links = message.links.iter();
        let links = links.map(|link| json!({"href": link.url, "text": link.text}));
        body["links"] = links.collect();
        body["payload"] = payload(&message, notice);
    }
    json_request(api.to_owned(), &body, notice)
}

/// What PagerDuty is to do. A reminder or an update repeats what is so.
fn action(notice: &Notice) -> &'static str {
    let status = notice.incident().map(|incident| incident.status);
    match (notice.kind, status) {
        (Kind::Acknowledged, _)
        | (Kind::Updated | Kind::Reminder, Some(IncidentStatus::Acknowledged)) => "acknowledge",
        (Kind::Resolved, _) | (Kind::Updated | Kind::Reminder, Some(IncidentStatus::Resolved)) => {
            "resolve"
        }
        (
            Kind::Triggered
            | Kind::SeverityRaised
            | Kind::Escalated
            | Kind::Reopened
            | Kind::Unusual
            | Kind::Updated
            | Kind::Reminder
            | Kind::StormStarted
            | Kind::Digest
            | Kind::Test
            | Kind::HealthWarning
            | Kind::Observation,
            _,
        ) => "trigger",
    }
}

fn payload(message: &Message, notice: &Notice) -> Value {
    let detail = |text: &str| json!(cut(text, PAGERDUTY_DETAIL, as_it_is, "…"));
    let mut details = Map::new();
    for (label, value) in &message.facts {
        details.insert((*label).to_owned(), detail(value));
    }
    let optional = [
        ("What happened", Some(&message.text)),
        ("Crash site", message.crash_site.as_ref()),
        ("Suspect", message.suspect.as_ref().map(|link| &link.text)),
        ("Reason", Some(&message.reason)),
    ];
    for (label, value) in optional {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            details.insert(label.to_owned(), detail(value));
        }
    }
    if !message.lines.is_empty() {
        let lines = message.lines.iter().map(|line| detail(&line.text));
        details.insert("List".to_owned(), lines.collect());
    }
    let incident = notice.incident();
    let source = incident.map_or("Epicenter", |incident| incident.source.as_str());
    let mut payload = json!({
        "summary": summary(message),
        "source": cut(&one_line(source), PAGERDUTY_DETAIL, as_it_is, "…"),
        "severity": notice.severity().as_str(),
        "timestamp": notice.at.rfc3339(),
        "custom_details": details,
    });
    if let Some(service) = incident.and_then(|incident| incident.service.as_ref()) {
        payload["component"] = detail(service);
    }
    payload
}

/// Never empty: PagerDuty refuses an event without it.
fn summary(message: &Message) -> String {
    let title = cut(&one_line(&message.title), PAGERDUTY_SUMMARY, as_it_is, "…");
    if title.is_empty() {
        message.prefix.clone()
    } else {
        title
    }
}

pub(super) async fn send(outbound: &Outbound, place: Place<'_>, attempt: Attempt<'_>) -> Receipt {
    let request = render(place, attempt.notice);
    deliver(outbound, request, SERVICE, attempt.now).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::tests::{body_of, digest, notice, strange, with_status};
    use epicenter_domain::notification::PAGERDUTY_API;
    use epicenter_domain::notification::limits::PAGERDUTY_BYTES;

    fn request(notice: &Notice) -> Request {
        render((PAGERDUTY_API, &SecretValue::new("hush")), notice)
    }

    #[test]
    fn an_event_says_it_all() {
        assert_eq!(request(&notice()).url, PAGERDUTY_API);
        insta::assert_json_snapshot!(body_of(&request(&notice())));
        insta::assert_json_snapshot!(body_of(&request(&digest())));
    }

    #[test]
    fn the_alert_there_follows_the_incident_here() {
        use IncidentStatus::{Acknowledged, Resolved, Triggered};
        for (kind, status, expected) in [
            (Kind::Triggered, Triggered, "trigger"),
            (Kind::Reopened, Triggered, "trigger"),
            (Kind::SeverityRaised, Acknowledged, "trigger"),
            (Kind::Acknowledged, Acknowledged, "acknowledge"),
            (Kind::Updated, Triggered, "trigger"),
            (Kind::Updated, Acknowledged, "acknowledge"),
            (Kind::Reminder, Acknowledged, "acknowledge"),
            (Kind::Updated, Resolved, "resolve"),
            (Kind::Resolved, Resolved, "resolve"),
        ] {
            let mut notice = with_status(status);
            notice.kind = kind;
            let body = body_of(&request(&notice));
            assert_eq!(body["event_action"], expected, "{kind:?} {status:?}");
            assert_eq!(body["dedup_key"], "inc_01kexample0000");
            assert_eq!(body.get("payload").is_some(), expected == "trigger");
        }
    }

    #[test]
    fn no_text_breaks_the_limits() {
        // FIELD case 40
        for notice in strange() {
            let request = request(&notice);
            assert!(
                request.body.len() <= PAGERDUTY_BYTES,
                "{}",
                request.body.len()
            );
            let body = body_of(&request);
            let summary = body["payload"]["summary"].as_str().unwrap();
            assert!((1..=1_024).contains(&summary.chars().count()));
        }
    }
}
