use super::metric_alert::{Breach, State};
use super::*;
use crate::simulator::catalogue::{build, catalogue};
use crate::simulator::company::{self, FIRST_PERSON, payments};
use crate::simulator::issue::{Archive, Assignee, Issue, Open, Resolution};
use crate::simulator::webhook::{Origin, signature};

const NOW: i64 = 1_791_900_000_000;

fn sentry() -> Sentry {
    Sentry::new(NOW, 3)
}

fn sample(place: usize) -> Issue {
    let mut issue = Issue::new(&payments::FAULTS[place], 6_669_364_206, 111, NOW - 9_000);
    issue.happened(NOW - 2_000, 17, &mut Random::new(1));
    issue
}

fn json_of(webhook: &Webhook) -> Value {
    assert!(webhook.body.is_ascii(), "{}", webhook.name);
    serde_json::from_slice(&webhook.body).unwrap()
}

#[test]
fn every_kind_is_ascii_json_and_its_signature_verifies() {
    for kind in catalogue() {
        let mut webhook = build(kind.id, NOW, 1).unwrap();
        let body = json_of(&webhook);
        webhook.sign("secret");
        let header = match webhook.origin {
            Origin::Component => "Sentry-App-Signature",
            Origin::ServiceHook => "X-ServiceHook-Signature",
            Origin::Integration | Origin::Legacy => "Sentry-Hook-Signature",
        };
        let expected = signature("secret", &webhook.body);
        assert_eq!(
            webhook.header(header),
            Some(expected.as_str()),
            "{}",
            kind.id
        );
        assert_eq!(webhook.header("content-type"), Some("application/json"));
        if webhook.origin == Origin::Integration {
            assert_eq!(webhook.header("Request-ID").unwrap().len(), 32);
            assert_eq!(webhook.header("Sentry-Hook-Timestamp"), Some("1791900000"));
            for key in ["action", "actor", "data", "installation"] {
                assert!(!body[key].is_null(), "{} lacks {key}", kind.id);
            }
            let resource = webhook.header("Sentry-Hook-Resource").unwrap();
            let action = body["action"].as_str().unwrap();
            assert_eq!(webhook.name, format!("{resource}.{action}"));
        }
    }
}

#[test]
fn every_resource_and_action_of_today_has_a_test() {
    let names: Vec<String> = catalogue()
        .iter()
        .map(|kind| build(kind.id, NOW, 1).unwrap().name)
        .collect();
    for name in [
        "installation.created",
        "installation.deleted",
        "issue.created",
        "issue.resolved",
        "issue.assigned",
        "issue.ignored",
        "issue.unresolved",
        "error.created",
        "comment.created",
        "comment.updated",
        "comment.deleted",
        "event_alert.triggered",
        "metric_alert.critical",
        "metric_alert.warning",
        "metric_alert.resolved",
        "metric_alert.open",
        "activity_alert.triggered",
        "seer.root_cause_started",
        "seer.root_cause_completed",
        "seer.solution_started",
        "seer.solution_completed",
        "seer.coding_started",
        "seer.coding_completed",
        "seer.pr_created",
        "preprod_artifact.size_analysis_completed",
        "preprod_artifact.build_distribution_completed",
        "service_hook",
        "legacy_plugin",
        "ui_component.alert_rule_action",
        "ui_component.issue_link",
    ] {
        assert!(names.iter().any(|known| known == name), "{name}");
    }
}

#[test]
fn only_created_spells_times_with_an_offset_and_carries_links() {
    let mut issue = sample(0);
    let created = json_of(&issue::created(&mut sentry(), &issue));
    let body = &created["data"]["issue"];
    assert_eq!(body["shortId"], "PAYMENTS-API-3F");
    assert_eq!(body["count"], "17");
    assert!(body["firstSeen"].as_str().unwrap().ends_with("+00:00"));
    assert!(
        body["web_url"]
            .as_str()
            .unwrap()
            .starts_with("https://harbor-goods")
    );

    let by = By::Person(&FIRST_PERSON);
    let resolved = issue::resolved(&mut sentry(), &mut issue, Resolution::Now, by);
    let resolved = json_of(&resolved);
    let body = &resolved["data"]["issue"];
    assert!(body["firstSeen"].as_str().unwrap().ends_with("000Z"));
    assert!(body.get("web_url").is_none());
    assert_eq!(body["status"], "resolved");
    assert_eq!(body["substatus"], Value::Null);
    assert_eq!(resolved["data"]["resolution_type"], "now");
    assert_eq!(resolved["actor"]["id"], FIRST_PERSON.id);
}

#[test]
fn a_status_tells_how_and_until_when() {
    let by = By::Person(&FIRST_PERSON);
    let mut issue = sample(0);
    let mut resolve =
        |resolution| json_of(&issue::resolved(&mut sentry(), &mut issue, resolution, by));
    let body = resolve(Resolution::InRelease("x@1".to_owned()));
    assert_eq!(body["data"]["issue"]["statusDetails"]["inRelease"], "x@1");
    let body = resolve(Resolution::InNextRelease);
    assert_eq!(
        body["data"]["issue"]["statusDetails"]["inNextRelease"],
        true
    );
    let body = resolve(Resolution::InCommit("Fix".to_owned()));
    let commit = &body["data"]["issue"]["statusDetails"]["inCommit"];
    assert_eq!(commit["id"].as_str().unwrap().len(), 40);

    let body = json_of(&issue::ignored(
        &mut sentry(),
        &mut issue,
        Archive::UntilCount(50),
        by,
    ));
    assert_eq!(
        body["data"]["issue"]["substatus"],
        "archived_until_condition_met"
    );
    assert_eq!(body["data"]["issue"]["statusDetails"]["ignoreCount"], 50);
    let body = json_of(&issue::unresolved(
        &mut sentry(),
        &mut issue,
        Open::Regressed,
        By::Sentry,
    ));
    assert_eq!(body["data"]["issue"]["substatus"], "regressed");
    assert_eq!(body["actor"]["id"], "sentry");
}

#[test]
fn a_team_is_named_by_its_slug_and_by_its_name() {
    let mut issue = sample(0);
    let team = Assignee::Team(&company::MONEY_TEAM);
    let body = json_of(&issue::assigned(
        &mut sentry(),
        &mut issue,
        team,
        By::Sentry,
    ));
    assert_eq!(body["data"]["assignee"]["name"], "Money & Ledgers");
    assert_eq!(body["data"]["issue"]["assignedTo"]["name"], "money");
}

#[test]
fn an_alert_names_its_issue_and_the_raised_exception_is_last() {
    let issue = sample(0);
    let body = json_of(&event_alert::triggered(&mut sentry(), &issue, "rule"));
    let event = &body["data"]["event"];
    assert_eq!(event["issue_id"], "6669364206");
    assert_eq!(event["project"], payments::PAYMENTS.id);
    let values = event["exception"]["values"].as_array().unwrap();
    assert_eq!(values[0]["type"], "BankAnswer");
    assert_eq!(values[1]["type"], "ChargeRefused");
    assert_eq!(body["data"]["triggered_rule"], "rule");
    let timestamp = event["timestamp"].as_f64().unwrap();
    assert!((1_791_899_990.0..1_791_900_000.0).contains(&timestamp));
}

#[test]
fn a_message_has_no_exception() {
    let issue = sample(8);
    assert!(!issue.is_error());
    let body = json_of(&event_alert::triggered(&mut sentry(), &issue, ""));
    let event = &body["data"]["event"];
    assert!(event.get("exception").is_none());
    assert_eq!(event["logentry"]["formatted"], issue.value.as_str());
    assert_eq!(event["type"], "default");
}

#[test]
fn one_breach_keeps_its_identifier() {
    let breach = Breach {
        identifier: 31,
        name: "Too many errors".to_owned(),
        project: &payments::PAYMENTS,
        unit: "errors",
        started_ms: NOW - 60_000,
        value: 240,
    };
    for (state, code) in [
        (State::Open, 1),
        (State::Resolved, 2),
        (State::Warning, 10),
        (State::Critical, 20),
    ] {
        let body = json_of(&metric_alert::metric_alert(&mut sentry(), &breach, state));
        let alert = &body["data"]["metric_alert"];
        assert_eq!(alert["identifier"], "31");
        assert_eq!(alert["status"], code);
        assert_eq!(alert["date_closed"].is_null(), state != State::Resolved);
    }
}

#[test]
fn the_other_senders_have_shapes_of_their_own() {
    let issue = sample(0);
    let hook = service_hook::service_hook(&mut sentry(), &issue);
    let body = json_of(&hook);
    assert_eq!(body["event"]["groupID"], "6669364206");
    assert_eq!(body["event"]["entries"][0]["type"], "exception");
    assert!(hook.header("X-ServiceHook-GUID").is_some());
    assert!(hook.header("Sentry-Hook-Resource").is_none());

    let body = json_of(&legacy_plugin::legacy_plugin(&mut sentry(), &issue, "rule"));
    assert_eq!(body["event"]["id"], body["event"]["event_id"]);
    assert_eq!(body["triggering_rules"][0], "rule");
    let tags = body["event"]["tags"].as_array().unwrap();
    assert!(tags.iter().any(|tag| tag[0] == "sentry:release"));
    assert!(!tags.iter().any(|tag| tag[0] == "release"));
}

#[test]
fn what_is_no_json_is_no_json() {
    let webhook = unknown::not_json(&mut sentry());
    assert!(serde_json::from_slice::<Value>(&webhook.body).is_err());
    let body = json_of(&unknown::future_action(&mut sentry(), &payments::PAYMENTS));
    assert_eq!(body["action"], "foreseen");
}

#[test]
fn every_fault_of_the_company_makes_an_alert() {
    let mut titles = std::collections::BTreeSet::new();
    for (id, fault) in (1..).zip(company::faults()) {
        let issue = Issue::new(fault, id, id, NOW);
        titles.insert(issue.title());
        json_of(&event_alert::triggered(&mut sentry(), &issue, "rule"));
    }
    assert!(titles.len() >= 38, "{}", titles.len());
    assert!(titles.iter().any(|title| title.contains("<script>")));
    assert!(titles.iter().any(|title| title.len() > 600));
    assert!(titles.iter().any(|title| title.contains('\u{202e}')));
}
