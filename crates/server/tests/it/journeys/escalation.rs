//! If nobody answers, the next one is told.

use crate::support::app::id;
use crate::support::crew::{
    escalate, follow, hire, make, make_destination, make_policy, owed, told,
};
use crate::support::{TestApp, Webhook};
use epicenter::operations::command_incident::{command_incident, wake_snoozed};
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::{Command, IncidentStatus};
use epicenter_domain::signal::Actor;
use epicenter_domain::time::{HOUR_MS, SECOND_MS};
use reqwest::Method;
use serde_json::{Value, json};

on_both_engines!(
    step_by_step_until_somebody_acknowledges,
    an_acknowledgement_that_is_too_old_counts_no_more,
    a_resolve_ends_it_and_a_regression_begins_anew,
    an_assignment_does_not_stop_it,
    a_snooze_holds_it,
    who_is_on_call_is_told_at_any_hour_the_others_after_quiet_hours,
    a_clock_that_jumps_tells_nobody_twice,
    a_policy_that_is_changed_or_gone_does_not_touch_what_goes_on,
    a_destination_is_told_by_name,
    an_acknowledgement_that_is_undone_changes_nothing,
    without_a_policy_nobody_is_told,
    a_restart_takes_it_up_where_it_was,
);

/// Ann at once, Bo after five minutes.
async fn crew(app: &TestApp) -> (String, String) {
    let (ann, bo) = (hire(app, "Ann").await, hire(app, "Bo").await);
    let policy = make_policy(app, &[(0, &ann), (300, &bo)]).await;
    follow(app, &policy).await;
    (ann, bo)
}

async fn lines(app: &TestApp) -> Vec<Value> {
    app.api.all("/api/v1/incidents/1/timeline").await
}

async fn act(app: &TestApp, verb: &str, body: Value) -> Value {
    let path = format!("/api/v1/incidents/1/{verb}");
    app.api.post(&path, body).await.expect(200).json()
}

async fn step_by_step_until_somebody_acknowledges(app: &TestApp) {
    let (ann, bo) = crew(app).await;
    app.apply(Webhook::event_alert(42)).await;
    let first = owed(app).await;
    let reason = "Escalation “Shop”, step 1: named by the step";
    assert_eq!(first, [(ann.clone(), 0, reason.to_owned())]);
    app.later(299);
    escalate(app).await;
    assert_eq!(told(app).await, [ann.as_str()]);
    app.later(1);
    escalate(app).await;
    escalate(app).await;
    assert_eq!(told(app).await, [ann, bo]);
    let story: Vec<String> = lines(app)
        .await
        .iter()
        .map(|line| line["summary"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        story[1..],
        [
            "Escalated to step 1 of “Shop”: Ann",
            "Escalated to step 2 of “Shop”: Bo",
            "Every step of the escalation was taken"
        ]
    );
    act(app, "acknowledge", json!({})).await;
    assert!(told(app).await.is_empty(), "nobody is told any more");
}

// FIELD §1.5: an acknowledgement lasts 1,800 seconds.
async fn an_acknowledgement_that_is_too_old_counts_no_more(app: &TestApp) {
    let (ann, bo) = crew(app).await;
    app.apply(Webhook::event_alert(42)).await;
    act(app, "acknowledge", json!({})).await;
    app.later(1_799);
    escalate(app).await;
    assert_eq!(app.incident().await["status"], "acknowledged");
    app.later(1);
    escalate(app).await;
    assert_eq!(app.incident().await["status"], "triggered");
    assert_eq!(told(app).await, [bo.as_str()]);
    let story = app.story(&app.incident().await).await;
    assert_eq!(
        story,
        [
            "incident.opened",
            "incident.escalated",
            "incident.acknowledged",
            "incident.retriggered",
            "incident.escalated",
            "incident.escalation_ended"
        ]
    );
    // Acknowledged again, and forgotten again: all steps are used up, so it begins anew.
    act(app, "acknowledge", json!({})).await;
    app.later(1_800);
    escalate(app).await;
    assert_eq!(told(app).await, [ann]);
    app.later(300);
    escalate(app).await;
    assert!(told(app).await.contains(&bo));
}

async fn a_resolve_ends_it_and_a_regression_begins_anew(app: &TestApp) {
    let (ann, _) = crew(app).await;
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    app.apply(Webhook::issue("resolved", 42)).await;
    assert!(told(app).await.is_empty());
    app.later(600);
    escalate(app).await;
    assert!(told(app).await.is_empty());
    app.apply(Webhook::issue("unresolved", 42)).await;
    assert_eq!(told(app).await, [ann]);
}

// DESIGN §5; the others fail here (ACCEPTANCE §4).
async fn an_assignment_does_not_stop_it(app: &TestApp) {
    let (ann, bo) = crew(app).await;
    app.apply(Webhook::event_alert(42)).await;
    act(app, "assign", json!({"to": ann})).await;
    act(app, "note", json!({"text": "Looking."})).await;
    app.later(300);
    escalate(app).await;
    assert_eq!(told(app).await, [ann, bo]);
}

async fn a_snooze_holds_it(app: &TestApp) {
    let (_, bo) = crew(app).await;
    app.apply(Webhook::event_alert(42)).await;
    let until = app.now().plus_ms(3 * HOUR_MS);
    act(app, "snooze", json!({"until": until.rfc3339()})).await;
    app.later(2 * 3_600);
    escalate(app).await;
    assert_eq!(app.incident().await["status"], "acknowledged");
    assert!(told(app).await.is_empty());
    app.later(3_600);
    wake_snoozed(app.inside()).await.unwrap();
    assert_eq!(told(app).await, [bo]);
}

async fn who_is_on_call_is_told_at_any_hour_the_others_after_quiet_hours(app: &TestApp) {
    let (ann, bo) = (hire(app, "Ann").await, hire(app, "Bo").await);
    let week = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let quiet = json!({
        "zone": "Europe/Paris",
        "quiet_hours": {
            "windows": [{"days": week, "from": "09:00", "until": "12:00"}],
            "breaks_through": "critical",
        },
    });
    for person in [&ann, &bo] {
        let path = format!("/api/v1/users/{person}/settings");
        app.api.call(Method::PUT, &path, &quiet).await.expect(200);
    }
    let schedule = json!({
        "name": "Primary",
        "zone": "Europe/Paris",
        "layers": [{
            "name": "Weeks", "participants": [ann], "unit": "weeks",
            "starts_on": "2026-01-05", "hand_over": "09:00",
        }],
    });
    let schedule = make(app, "/api/v1/schedules", schedule).await;
    let team = json!({"name": "Shop", "members": [ann, bo]});
    let team = make(app, "/api/v1/teams", team).await;
    let policy = json!({
        "name": "Shop",
        "steps": [{"delay_s": 0, "targets": [team, schedule]}],
    });
    let policy = make(app, "/api/v1/escalations", policy).await;
    follow(app, &policy).await;
    // It is 11:00 in Paris.
    app.apply(Webhook::event_alert(42)).await;
    let owed = owed(app).await;
    let when: Vec<_> = owed
        .iter()
        .map(|(who, at, _)| (who.as_str(), *at))
        .collect();
    assert_eq!(when, [(ann.as_str(), 0), (bo.as_str(), 3_600)]);
    assert!(owed[0].2.ends_with("on call in “Primary”"), "{owed:?}");
    assert!(
        owed[1].2.ends_with("member of “Shop”, after quiet hours"),
        "{owed:?}"
    );
    let line = lines(app).await[1]["summary"].as_str().unwrap().to_owned();
    assert_eq!(
        line,
        "Escalated to step 1 of “Shop”: Ann (on call in “Primary”), \
         Bo (quiet hours until Mon 12:00)"
    );
}

/// FIELD case 18.
async fn a_clock_that_jumps_tells_nobody_twice(app: &TestApp) {
    let people = [
        hire(app, "Ann").await,
        hire(app, "Bo").await,
        hire(app, "Cy").await,
    ];
    let steps = [
        (0, people[0].as_str()),
        (300, &people[1]),
        (300, &people[2]),
    ];
    let policy = make_policy(app, &steps).await;
    follow(app, &policy).await;
    app.apply(Webhook::event_alert(42)).await;
    app.later(3_600);
    escalate(app).await;
    escalate(app).await;
    assert_eq!(told(app).await.len(), 2, "one step, although two are late");
    app.clock.advance_ms(-3_600 * SECOND_MS);
    escalate(app).await;
    escalate(app).await;
    assert_eq!(told(app).await.len(), 2);
    app.later(299);
    escalate(app).await;
    assert_eq!(told(app).await.len(), 2);
    app.later(1);
    escalate(app).await;
    let mut told = told(app).await;
    told.sort();
    let mut all = people.to_vec();
    all.sort();
    assert_eq!(told, all);
}

async fn a_policy_that_is_changed_or_gone_does_not_touch_what_goes_on(app: &TestApp) {
    let (ann, bo) = (hire(app, "Ann").await, hire(app, "Bo").await);
    let policy = make_policy(app, &[(0, &ann), (300, &bo)]).await;
    follow(app, &policy).await;
    app.apply(Webhook::event_alert(42)).await;
    let services = app.api.one("/api/v1/services").await;
    let service = services["items"][0]["id"].as_str().unwrap();
    let path = format!("/api/v1/services/{service}/owner");
    app.api
        .call(Method::PUT, &path, &json!({}))
        .await
        .expect(200);
    let path = format!("/api/v1/escalations/{policy}");
    app.api.delete(&path).await.expect(204);
    app.later(300);
    escalate(app).await;
    assert_eq!(told(app).await, [ann, bo]);
}

async fn an_acknowledgement_that_is_undone_changes_nothing(app: &TestApp) {
    let (_, bo) = crew(app).await;
    app.apply(Webhook::event_alert(42)).await;
    let id = IdKind::Incident.parse(id(&app.incident().await)).unwrap();
    act(app, "acknowledge", json!({})).await;
    let undo = Command::Restore(IncidentStatus::Triggered);
    let actor = Actor::epicenter();
    command_incident(app.inside(), 1, id, &undo, &actor)
        .await
        .unwrap();
    app.later(299);
    escalate(app).await;
    assert!(told(app).await.is_empty());
    app.later(1);
    escalate(app).await;
    assert_eq!(told(app).await, [bo]);
}

async fn a_destination_is_told_by_name(app: &TestApp) {
    let room = make_destination(app, "Room").await;
    let gone = "dst_0000000000001";
    let policy = json!({"name": "Shop", "steps": [{"delay_s": 0, "targets": [gone]}]});
    let answer = app.api.post("/api/v1/escalations", policy).await;
    let detail = answer.expect_problem(400, "invalid");
    assert!(detail.contains("is no destination"), "{detail}");
    let policy = make_policy(app, &[(0, &room)]).await;
    follow(app, &policy).await;
    app.apply(Webhook::event_alert(42)).await;
    assert_eq!(told(app).await, [room]);
    let line = lines(app).await[1]["summary"].clone();
    assert_eq!(line, "Escalated to step 1 of “Shop”: Room");
}

async fn without_a_policy_nobody_is_told(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    app.later(3_600);
    escalate(app).await;
    assert!(told(app).await.is_empty());
    assert_eq!(app.story(&app.incident().await).await, ["incident.opened"]);
}

async fn a_restart_takes_it_up_where_it_was(app: &mut TestApp) {
    let (ann, bo) = crew(app).await;
    app.apply(Webhook::event_alert(42)).await;
    app.apply(Webhook::event_alert(42)).await;
    assert_eq!(
        told(app).await,
        [ann.as_str()],
        "the second event tells nobody"
    );
    app.later(86_400);
    app.restart().await;
    escalate(app).await;
    assert_eq!(told(app).await, [ann, bo]);
}
