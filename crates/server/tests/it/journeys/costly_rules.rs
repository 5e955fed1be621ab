//! Rules that would cost too much, or blow up: stopped by their bound, flagged, and what they would
//! have taken goes on (FIELD §3.3 case 42). Conditions are the only programs that people write.

use super::notices::{destination, kinds, reach, webhook};
use super::routes::service;
use crate::support::app::outcome;
use crate::support::person::Person;
use crate::support::receiver::FakeReceiver;
use crate::support::{TestApp, Webhook};
use epicenter_domain::limits::{BOOK_PATTERNS, CONDITION_PATTERNS};
use epicenter_domain::routing::book::{Book, Rule};
use epicenter_store::routing::versions::{self, VersionRecord};
use reqwest::Method;
use serde_json::{Value, json};

on_both_engines!(
    a_rule_that_would_explode_is_refused_with_its_place,
    a_kept_rule_that_would_explode_is_off_and_flagged_and_its_signals_go_on,
    rules_that_cost_too_much_together_are_off_from_there_on,
);

/// Programs that end late or fill the memory: loops in loops, texts that double, patterns that grow.
fn exploding() -> [String; 5] {
    let many = "[1,2,3,4,5,6,7,8,9]";
    [
        format!("{many}.all(a, {many}.all(b, {many}.all(c, {many}.all(d, a + b + c + d > 0))))"),
        format!("{many}.map(a, {many}.map(b, {many}.map(c, a * b * c))).size() > 0"),
        "title".to_owned() + &".replace('e', 'eeeeeeeeeeeeeeeeeeee')".repeat(20) + " == ''",
        "title.matches('((a{1,99}){1,99}){1,99}')".to_owned(),
        "title == '".to_owned() + &"x".repeat(1 << 13) + "'",
    ]
}

fn rule(name: &str, when: &str, service: &str) -> Rule {
    Rule {
        name: name.to_owned(),
        when: when.to_owned(),
        service: Some(service.to_owned()),
        ..Rule::default()
    }
}

/// Keeps rules as an older version did that allowed more.
async fn keep(app: &TestApp, rules: Vec<Rule>) {
    let record = VersionRecord {
        workspace_id: 1,
        number: 1,
        made_at: app.now(),
        actor: "An older version".to_owned(),
        comment: String::new(),
        book: Book {
            rules,
            ..Book::default()
        },
    };
    let inside = app.inside();
    let mut tx = inside.database.write().await.unwrap();
    assert!(versions::add(&mut tx, &record).await.unwrap());
    tx.commit().await.unwrap();
    inside.registry.reload(&inside.database).await.unwrap();
}

/// What of the rules does not work: places and sentences.
async fn faults(app: &TestApp) -> Vec<(String, String)> {
    let routes = app.api.one("/api/v1/routes").await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = routes["faults"].as_array().unwrap().iter();
    all.map(|one| (text(&one["field"]), text(&one["message"])))
        .collect()
}

async fn owners(app: &TestApp) -> Vec<String> {
    let mut all = app.incidents().await;
    all.sort_by_key(|one| one["number"].as_i64());
    let name = |one: &Value| one["service"]["name"].as_str().unwrap_or("none").to_owned();
    all.iter().map(name).collect()
}

async fn a_rule_that_would_explode_is_refused_with_its_place(app: &TestApp) {
    let web = service(app, "Web").await;
    for when in exploding() {
        let shown: String = when.chars().take(60).collect();
        let rule = json!({"name": "bad", "when": when, "service": web});
        let body = json!({"version": 0, "routing": {"rules": [rule]}});
        let answer = app.api.call(Method::PUT, "/api/v1/routes", &body).await;
        let detail = answer.expect_problem(400, "invalid");
        assert!(detail.contains("rules[0].when"), "{shown}: {detail}");
    }
    assert_eq!(app.api.one("/api/v1/routes").await["version"], 0);
}

async fn a_kept_rule_that_would_explode_is_off_and_flagged_and_its_signals_go_on(app: &TestApp) {
    let app = reach(app).await;
    let receiver = FakeReceiver::start().await;
    destination(&app, "On-call", webhook(&receiver)).await;
    let web = service(&app, "Web").await;
    let bad = exploding();
    let mut rules: Vec<Rule> = bad.iter().map(|when| rule("bad", when, &web)).collect();
    rules.push(rule("good", "title.contains('43')", &web));
    keep(&app, rules).await;
    for issue in [42, 43] {
        let delivery = app.apply(Webhook::event_alert(issue)).await;
        assert_eq!(outcome(&delivery), "applied");
    }
    let owners = owners(&app).await;
    assert_ne!(owners[0], "Web", "the default service takes it");
    assert_ne!(owners[0], "none");
    assert_eq!(owners[1], "Web", "the rule that works still does");
    app.later(30);
    app.tell().await;
    assert_eq!(kinds(&receiver), ["incident.triggered"; 2], "told");
    let faults = faults(&app).await;
    let places: Vec<_> = faults.iter().map(|(place, _)| place.as_str()).collect();
    let expected = (0..5).map(|index| format!("rules[{index}].when"));
    assert_eq!(places, expected.collect::<Vec<_>>());
    let ada = Person::arrive(&app, "ada", "viewer").await;
    let page = ada.page(&app, "/routes").await;
    let flag = "This rule does not work as it was meant:";
    assert_eq!(page.matches(flag).count(), 5, "{page}");
    assert!(page.contains("the condition is longer than 4096 bytes"));
    app.finish().await;
}

async fn rules_that_cost_too_much_together_are_off_from_there_on(app: &TestApp) {
    let web = service(app, "Web").await;
    let costly = "message.matches('(a+)+$') || ".repeat(CONDITION_PATTERNS - 1)
        + "title.matches('no such title')";
    let most = BOOK_PATTERNS / CONDITION_PATTERNS;
    let mut rules: Vec<Rule> = (0..=most).map(|_| rule("costly", &costly, &web)).collect();
    rules.push(rule("rest", "", &web));
    let body = json!({"version": 0, "routing": {"rules": rules}});
    let answer = app.api.call(Method::PUT, "/api/v1/routes", &body).await;
    let detail = answer.expect_problem(400, "invalid");
    assert!(detail.contains("more than 1000 patterns"), "{detail}");
    keep(app, rules).await;
    app.apply(Webhook::event_alert(42)).await;
    assert_eq!(owners(app).await, ["Web"], "what costs nothing is asked");
    let faults = faults(app).await;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].0, format!("rules[{most}].when"));
}
