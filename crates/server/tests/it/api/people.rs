//! Teams, schedules, escalation policies, contacts: what programs can do with them.

use crate::support::TestApp;
use crate::support::app::id;
use crate::support::crew::{follow, hire, make, make_destination, make_policy};
use crate::support::person::Person;
use reqwest::Method;
use serde_json::{Value, json};

on_both_engines!(
    a_schedule_says_who_is_on_call,
    an_override_is_made_and_taken_back,
    a_calendar_has_an_address_that_can_be_changed,
    what_is_wrong_is_named,
    what_is_needed_cannot_be_deleted,
    lists_have_pages,
    contacts_and_settings_are_ones_own,
);

fn weekly(name: &str, participants: &[&str]) -> Value {
    json!({
        "name": name,
        "zone": "Europe/Paris",
        "layers": [{
            "name": "Weeks", "participants": participants, "unit": "weeks",
            "starts_on": "2026-02-23", "hand_over": "09:00",
        }],
    })
}

async fn put(app: &TestApp, path: &str, body: Value) -> Value {
    app.api
        .call(Method::PUT, path, &body)
        .await
        .expect(200)
        .json()
}

// ACCEPTANCE §3 row 51.
async fn a_schedule_says_who_is_on_call(app: &TestApp) {
    let (ann, bo) = (hire(app, "Ann").await, hire(app, "Bo").await);
    let made = weekly("Primary", &[&ann, &bo]);
    let schedule = make(app, "/api/v1/schedules", made).await;
    let path = format!("/api/v1/schedules/{schedule}");
    let now = app.api.one(&format!("{path}/on-call")).await;
    let expected = json!({
        "person": {"id": bo, "name": "Bo"},
        "until": "2026-03-09T08:00:00.000Z",
    });
    assert_eq!(now, expected);
    let then = format!("{path}/on-call?at=2026-03-30T06:59:59Z");
    assert_eq!(app.api.one(&then).await["person"]["name"], "Ann");
    let then = format!("{path}/on-call?at=2026-03-30T07:00:00Z");
    assert_eq!(app.api.one(&then).await["person"]["name"], "Bo");
    let early = format!("{path}/on-call?at=2020-01-01");
    let nobody = json!({"person": null, "until": null});
    assert_eq!(app.api.one(&early).await, nobody);

    let shifts = format!("{path}/shifts?from=2026-03-08&to=2026-03-16");
    let shifts = app.api.one(&shifts).await["items"].clone();
    let names: Vec<_> = shifts
        .as_array()
        .unwrap()
        .iter()
        .map(|shift| shift["person"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Bo", "Ann"]);
    assert_eq!(shifts[1]["from"], "2026-03-09T08:00:00.000Z");
    assert_eq!(shifts[1]["layer"], "Weeks");
    for wrong in [
        "from=2026-03-08&to=2026-03-07",
        "from=2026-01-01&to=2026-12-01",
    ] {
        let answer = app.api.get(&format!("{path}/shifts?{wrong}")).await;
        answer.expect_problem(400, "invalid");
    }
}

async fn an_override_is_made_and_taken_back(app: &TestApp) {
    let (ann, bo) = (hire(app, "Ann").await, hire(app, "Bo").await);
    let schedule = make(app, "/api/v1/schedules", weekly("Primary", &[&ann])).await;
    let path = format!("/api/v1/schedules/{schedule}");
    let body = json!({"person": bo, "until": "2026-03-02T12:00:00Z"});
    let one = make(app, &format!("{path}/overrides"), body).await;
    let now = app.api.one(&format!("{path}/on-call")).await;
    assert_eq!(now["person"]["name"], "Bo");
    assert_eq!(now["until"], "2026-03-02T12:00:00.000Z");
    let shifts = app.api.one(&format!("{path}/shifts")).await;
    assert_eq!(shifts["items"][0]["override"], one);
    app.api
        .delete(&format!("{path}/overrides/{one}"))
        .await
        .expect(204);
    app.api
        .delete(&format!("{path}/overrides/{one}"))
        .await
        .expect(404);
    let now = app.api.one(&format!("{path}/on-call")).await;
    assert_eq!(now["person"]["name"], "Ann");
    for body in [
        json!({"person": "usr_0000000000001", "until": "2026-03-02T12:00:00Z"}),
        json!({"person": bo, "until": "2026-03-02T09:00:00Z"}),
        json!({"person": bo, "until": "2026-12-02T09:00:00Z"}),
        json!({"person": bo, "until": "soon"}),
    ] {
        let answer = app.api.post(&format!("{path}/overrides"), body).await;
        answer.expect_problem(400, "invalid");
    }
}

async fn a_calendar_has_an_address_that_can_be_changed(app: &TestApp) {
    let ann = hire(app, "Ann").await;
    let schedule = make(app, "/api/v1/schedules", weekly("Primary", &[&ann])).await;
    let path = format!("/api/v1/schedules/{schedule}");
    let url = app.api.one(&path).await["calendar_url"].clone();
    let url = url
        .as_str()
        .unwrap()
        .strip_prefix("http://epicenter.test")
        .unwrap();
    let stranger = app.api.with_token(None);
    let feed = stranger.get(url).await.expect(200);
    assert_eq!(feed.header("content-type"), "text/calendar; charset=utf-8");
    assert!(
        feed.text.contains("SUMMARY:On call: Ann\r\n"),
        "{}",
        feed.text
    );
    for wrong in [format!("{url}0"), format!("{path}/calendar.ics?token=")] {
        stranger.get(&wrong).await.expect(404);
    }
    let viewer = app.make_token("viewer").await;
    let seen = app.api.with_token(Some(&viewer)).one(&path).await;
    assert_eq!(seen["calendar_url"], Value::Null);
    let rotate = format!("{path}/calendar/rotate");
    let rotated = app.api.post(&rotate, json!({})).await.expect(200).json();
    assert_ne!(rotated["calendar_url"].as_str(), Some(url));
    stranger.get(url).await.expect(404);
}

fn fields(problem: &Value) -> Vec<String> {
    let fields = problem["fields"].as_array().unwrap();
    let name = |field: &Value| field["field"].as_str().unwrap().to_owned();
    fields.iter().map(name).collect()
}

async fn what_is_wrong_is_named(app: &TestApp) {
    let ann = hire(app, "Ann").await;
    let schedule = json!({
        "name": "Primary", "zone": "Mars/Olympus",
        "layers": [{
            "participants": [ann, "usr_0000000000001"], "unit": "months",
            "starts_on": "tomorrow", "hand_over": "9 o'clock",
            "windows": [{"days": ["someday"], "from": "9", "until": "25:00"}],
        }],
    });
    let answer = app.api.post("/api/v1/schedules", schedule).await;
    let expected = [
        "zone",
        "layers[0].participants[1]",
        "layers[0].unit",
        "layers[0].starts_on",
        "layers[0].hand_over",
        "layers[0].windows[0].days",
        "layers[0].windows[0].from",
        "layers[0].windows[0].until",
    ];
    assert_eq!(fields(&answer.expect(400).json()), expected);

    let policy = json!({"name": "P", "steps": [{"delay_s": 0, "targets": [ann, "svc_1"]}]});
    let answer = app.api.post("/api/v1/escalations", policy).await;
    assert_eq!(fields(&answer.expect(400).json()), ["steps[0].targets[1]"]);
    let policy = json!({"name": "P", "repeat": 9, "steps": []});
    let answer = app.api.post("/api/v1/escalations", policy).await;
    assert_eq!(fields(&answer.expect(400).json()), ["steps", "repeat"]);

    let team = json!({"name": "T", "members": [ann, "Bo"]});
    let answer = app.api.post("/api/v1/teams", team).await;
    assert_eq!(fields(&answer.expect(400).json()), ["members[1]"]);

    // A policy that comes back to itself would never end.
    let first = make_policy(app, &[(0, &ann)]).await;
    let step = json!([{"delay_s": 0, "targets": [ann]}]);
    let second = json!({"name": "Second", "steps": step, "then": first});
    let second = make(app, "/api/v1/escalations", second).await;
    // FIELD §3.3 case 48
    let cycle = json!({"name": "Shop", "steps": step, "then": second});
    let path = format!("/api/v1/escalations/{first}");
    let answer = app.api.call(Method::PUT, &path, &cycle).await;
    assert_eq!(fields(&answer.expect(400).json()), ["then"]);
}

async fn what_is_needed_cannot_be_deleted(app: &TestApp) {
    let ann = hire(app, "Ann").await;
    let team = json!({"name": "Shop", "members": [ann]});
    let team = make(app, "/api/v1/teams", team).await;
    let schedule = make(app, "/api/v1/schedules", weekly("Primary", &[&ann])).await;
    let steps = [(0, team.as_str()), (60, schedule.as_str())];
    let policy = make_policy(app, &steps).await;
    follow(app, &policy).await;
    for path in [
        format!("/api/v1/teams/{team}"),
        format!("/api/v1/schedules/{schedule}"),
        format!("/api/v1/escalations/{policy}"),
        format!("/api/v1/users/{ann}"),
    ] {
        app.api.delete(&path).await.expect_problem(409, "conflict");
    }
    let services = app.api.one("/api/v1/services").await;
    let owner = format!("/api/v1/services/{}/owner", id(&services["items"][0]));
    put(app, &owner, json!({"team": team})).await;
    for path in [
        format!("/api/v1/escalations/{policy}"),
        format!("/api/v1/schedules/{schedule}"),
        format!("/api/v1/teams/{team}"),
        format!("/api/v1/users/{ann}"),
    ] {
        app.api.delete(&path).await.expect(204);
        app.api.delete(&path).await.expect(404);
    }
    let owner = app.api.one(&owner).await;
    assert_eq!(owner, json!({"team": null, "escalation": null}));
}

async fn lists_have_pages(app: &TestApp) {
    let ann = hire(app, "Ann").await;
    for number in 0..3 {
        let team = json!({"name": format!("Team {number}"), "members": [ann]});
        make(app, "/api/v1/teams", team).await;
        let schedule = weekly(&format!("Schedule {number}"), &[&ann]);
        make(app, "/api/v1/schedules", schedule).await;
        let steps = json!([{"delay_s": 0, "targets": [ann]}]);
        let policy = json!({"name": format!("Policy {number}"), "steps": steps});
        make(app, "/api/v1/escalations", policy).await;
    }
    for path in ["/api/v1/teams", "/api/v1/schedules", "/api/v1/escalations"] {
        let page = app.api.one(&format!("{path}?limit=2")).await;
        assert_eq!(page["items"].as_array().unwrap().len(), 2);
        let cursor = page["next_cursor"].as_str().unwrap();
        let rest = app
            .api
            .one(&format!("{path}?limit=2&cursor={cursor}"))
            .await;
        assert_eq!(rest["items"].as_array().unwrap().len(), 1);
        assert_eq!(rest["next_cursor"], Value::Null);
        let one = format!("{path}/{}", id(&rest["items"][0]));
        assert_eq!(app.api.one(&one).await, rest["items"][0]);
        let again = app.api.post(path, json!({"name": "x"})).await;
        assert!(again.status.is_client_error() || path.ends_with("teams"));
    }
}

async fn contacts_and_settings_are_ones_own(app: &TestApp) {
    let ann = Person::arrive(app, "ann", "responder").await;
    let bo = Person::arrive(app, "bo", "responder").await;
    let path = format!("/api/v1/users/{}/contacts", ann.id);
    let seen = ann.request(app, Method::GET, &path).send().await.unwrap();
    assert_eq!(seen.status(), 200);
    let seen = bo.request(app, Method::GET, &path).send().await.unwrap();
    assert_eq!(seen.status(), 403);
    let first = make(app, &path, json!({"address": "ann@example.org"})).await;
    let room = make_destination(app, "Room").await;
    make(app, &path, json!({"destination": room})).await;
    let all = app.api.one(&path).await["items"].clone();
    assert_eq!(all[0]["address"], "ann@example.org");
    assert_eq!(all[1]["destination"], room);
    let again = app
        .api
        .post(&path, json!({"address": "ann@example.org"}))
        .await;
    again.expect_problem(409, "conflict");
    for wrong in [
        json!({"address": "ann"}),
        json!({"address": "a b@example.org"}),
        json!({"destination": "slack"}),
        json!({"destination": "dst_0000000000004"}),
        json!({}),
    ] {
        app.api
            .post(&path, wrong)
            .await
            .expect_problem(400, "invalid");
    }
    app.api.delete(&format!("{path}/{first}")).await.expect(204);

    let path = format!("/api/v1/users/{}/settings", ann.id);
    let defaults = json!({"zone": "UTC", "quiet_hours": null, "digest_at": null,
                          "has_ceiling": true});
    assert_eq!(app.api.one(&path).await, defaults);
    let set = json!({
        "zone": "Europe/Paris", "digest_at": "09:00", "has_ceiling": false,
        "quiet_hours": {
            "windows": [{"days": ["saturday"], "from": "22:00", "until": "07:00"}],
            "breaks_through": "error",
        },
    });
    assert_eq!(put(app, &path, set.clone()).await, set);
    assert_eq!(app.api.one(&path).await, set);
    let wrong = json!({"zone": "Nowhere", "digest_at": "later"});
    let answer = app.api.call(Method::PUT, &path, &wrong).await;
    assert_eq!(fields(&answer.expect(400).json()), ["zone", "digest_at"]);
}
