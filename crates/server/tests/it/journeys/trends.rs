//! From webhooks to trends: counts in buckets, times to acknowledge and resolve, top movers
//! (EL-24, row 64).

use crate::support::person::Person;
use crate::support::{TestApp, Webhook};
use epicenter::workers::clean_up;
use serde_json::{Value, json};

on_both_engines!(
    events_are_drawn_by_level_project_environment_and_release,
    handling_is_timed_from_opening_to_the_last_resolve,
    what_grew_against_the_week_before_is_named,
    hours_become_days_and_the_chart_stays,
    a_trend_that_cannot_be_told_says_why,
);

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

fn event(issue: u64, level: &str, environment: &str, release: &str) -> Webhook {
    Webhook::error(issue)
        .set("/data/error/level", level)
        .set("/data/error/environment", environment)
        .set("/data/error/tags", json!([]))
        .set("/data/error/release", release)
}

async fn trend(app: &TestApp, query: &str) -> Value {
    app.api.one(&format!("/api/v1/trends/events?{query}")).await
}

fn counts(trend: &Value) -> Vec<i64> {
    let items = trend["items"].as_array().unwrap().iter();
    items.map(|item| item["count"].as_i64().unwrap()).collect()
}

#[expect(clippy::too_many_lines, reason = "one story")]
async fn events_are_drawn_by_level_project_environment_and_release(app: &TestApp) {
    for _ in 0..3 {
        app.receive(event(1, "error", "production", "shop@1")).await;
    }
    app.receive(event(1, "warning", "staging", "shop@2")).await;
    app.settle().await;
    app.later(2 * HOUR);
    app.apply(event(2, "fatal", "production", "shop@2")).await;
    let all = trend(app, "from=2026-03-02T09:00:00Z").await;
    assert_eq!(counts(&all), [0, 4, 0, 1], "empty buckets are included");
    assert_eq!(all["total"], 5);
    assert_eq!(all["items"][1]["at"], "2026-03-02T10:00:00.000Z");
    for (query, expected) in [
        ("project=shop", 5),
        ("project=web", 0),
        ("environment=production", 4),
        ("release=shop@2", 2),
        ("release=shop@2&environment=staging", 1),
        ("bucket=day", 5),
        ("bucket=week&project=shop&environment=production", 4),
    ] {
        assert_eq!(trend(app, query).await["total"], expected, "{query}");
    }
    let levels = trend(app, "from=2026-03-02&bucket=day&by=level").await;
    assert_eq!(levels["series"], json!(["error", "fatal", "warning"]));
    assert_eq!(levels["items"][0]["counts"], json!([3, 1, 1]));
    let body = json!({"name": "Shop", "sentry_projects": ["shop"]});
    let made = app
        .api
        .post("/api/v1/services", body)
        .await
        .expect(201)
        .json();
    let path = format!("service={}", made["id"].as_str().unwrap());
    assert_eq!(trend(app, &path).await["total"], 5);
    let empty = json!({"name": "Empty", "sentry_projects": []});
    let made_empty = app
        .api
        .post("/api/v1/services", empty)
        .await
        .expect(201)
        .json();
    let of_empty = format!("service={}", made_empty["id"].as_str().unwrap());
    assert_eq!(
        trend(app, &of_empty).await["total"],
        0,
        "not the events of all"
    );

    let ann = Person::arrive(app, "ann", "viewer").await;
    let page = ann.page(app, "/trends?range=24h").await;
    assert!(page.contains("Events by level"), "{page}");
    assert!(
        page.contains("class=\"s-fatal\"") && page.contains("5 events from"),
        "{page}"
    );
    let none = ann.page(app, "/trends?range=24h&project=web").await;
    assert!(
        none.contains("Nothing was counted in the last 24 hours"),
        "{none}"
    );
    let service = ann
        .page(app, &format!("/services/{}", made["id"].as_str().unwrap()))
        .await;
    assert!(service.contains("5 events from"), "{service}");
    app.later(60);
    let deploy = json!({"version": "shop@2", "sha": "a".repeat(40), "project": "shop"});
    app.api.post("/api/v1/deploys", deploy).await.expect(201);
    let release = ann.page(app, "/changes/releases/shop@2").await;
    assert!(
        release.contains("2 events from") && release.contains("1 deploy"),
        "{release}"
    );
    let issue = app.issues().await[0]["id"].as_str().unwrap().to_owned();
    let issue = ann.page(app, &format!("/error-log/{issue}")).await;
    assert!(
        issue.contains("class=\"mark is-"),
        "the deploy is marked: {issue}"
    );
}

async fn handling_is_timed_from_opening_to_the_last_resolve(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    app.later(240);
    let body = json!({});
    app.api
        .post("/api/v1/incidents/1/acknowledge", body.clone())
        .await
        .expect(200);
    app.later(HOUR - 240);
    app.apply(Webhook::issue("resolved", 42)).await;
    let told = app
        .api
        .one("/api/v1/trends/incidents?from=2026-03-02")
        .await;
    assert_eq!(
        told["total"]["time_to_acknowledge"]["median_s"], 240.0,
        "{told:#}"
    );
    assert_eq!(told["total"]["time_to_resolve"]["p90_s"], 3_600.0);
    assert_eq!(told["items"].as_array().unwrap().len(), 1, "one week");
    assert_eq!(
        (&told["items"][0]["opened"], &told["items"][0]["resolved"]),
        (&json!(1), &json!(1))
    );
    // Reopened: it was not solved, and the clock goes on from when it first opened.
    app.later(60);
    app.api
        .post("/api/v1/incidents/1/reopen", body.clone())
        .await
        .expect(200);
    let told = app.api.one("/api/v1/trends/incidents").await;
    assert_eq!(told["total"]["still_open"], 1);
    assert!(told["total"]["time_to_resolve"].is_null(), "{told:#}");
    app.later(HOUR - 60);
    app.api
        .post("/api/v1/incidents/1/resolve", body)
        .await
        .expect(200);
    // Another one that nobody acknowledged before Sentry resolved it.
    app.apply(Webhook::event_alert(43)).await;
    app.later(60);
    app.apply(Webhook::issue("resolved", 43)).await;
    let told = app.api.one("/api/v1/trends/incidents").await;
    assert_eq!(told["total"]["time_to_acknowledge"]["count"], 1);
    let resolve = &told["total"]["time_to_resolve"];
    assert_eq!(
        (&resolve["count"], &resolve["median_s"], &resolve["p90_s"]),
        (&json!(2), &json!(60.0), &json!(7_200.0))
    );
    assert_eq!(told["services"][0]["opened"], 2);
    let ann = Person::arrive(app, "ann", "viewer").await;
    let page = ann.page(app, "/trends").await;
    assert!(
        page.contains("4 min <span class=\"hint\">of 1 incident</span>"),
        "{page}"
    );
    assert!(
        page.contains("2 h <span class=\"hint\">of 2 incidents</span>"),
        "{page}"
    );
}

async fn what_grew_against_the_week_before_is_named(app: &TestApp) {
    for _ in 0..12 {
        app.receive(event(1, "error", "production", "shop@1")).await;
        app.receive(event(2, "error", "production", "shop@1")).await;
    }
    app.settle().await;
    app.later(8 * DAY);
    for _ in 0..60 {
        app.receive(event(1, "error", "production", "shop@1")).await;
    }
    app.settle().await;
    app.later(HOUR);
    let movers = app.api.one("/api/v1/trends/movers").await;
    let first = &movers["issues"]["grew"][0];
    assert_eq!(
        (&first["before"], &first["after"]),
        (&json!(12), &json!(60)),
        "{movers:#}"
    );
    assert_eq!(first["change"], "5 times as many");
    assert_eq!(movers["issues"]["fell"][0]["change"], "gone");
    assert_eq!(movers["projects"]["grew"][0]["name"], "shop");
    let other = app.api.one("/api/v1/trends/movers?project=web").await;
    assert_eq!(other["issues"]["grew"], json!([]));
    let ann = Person::arrive(app, "ann", "viewer").await;
    let page = ann.page(app, "/trends").await;
    assert!(page.contains("<strong>12 → 60 events</strong>"), "{page}");
    assert!(page.contains("10:00 to 11:00"), "{page}");
}

async fn hours_become_days_and_the_chart_stays(app: &TestApp) {
    for hour in 0..3 {
        app.apply(event(1, "error", "production", "shop@1")).await;
        app.later(HOUR * (hour + 1));
    }
    app.later(17 * DAY);
    app.apply(event(1, "error", "production", "shop@1")).await;
    let days = "from=2026-03-01&bucket=day&by=environment";
    let before = trend(app, days).await;
    clean_up(app.inside()).await.unwrap();
    assert_eq!(trend(app, days).await, before, "the sums stay");
    assert_eq!(before["total"], 4);
    let weeks = trend(app, "from=2026-03-02&bucket=week&release=shop@1").await;
    assert_eq!(counts(&weeks), [3, 0, 1]);
    let problem = app.api.get("/api/v1/trends/events?from=2026-03-02").await;
    let text = problem.expect_problem(400, "invalid");
    assert!(text.contains("hours are kept for 15 days"), "{text}");
    // The older of two weeks begins within this day: its hours are there still.
    for _ in 1..100 {
        app.receive(event(1, "error", "production", "shop@1")).await;
    }
    app.settle().await;
    app.later(13 * DAY + 13 * HOUR);
    clean_up(app.inside()).await.unwrap();
    let movers = app.api.one("/api/v1/trends/movers").await;
    let gone = &movers["projects"]["fell"][0];
    assert_eq!(gone["before"], 100, "{movers:#}");
    assert_eq!((&gone["name"], &gone["after"]), (&json!("shop"), &json!(0)));
}

async fn a_trend_that_cannot_be_told_says_why(app: &TestApp) {
    for (query, words) in [
        ("events?bucket=minute", "must be hour, day or week"),
        (
            "events?by=person",
            "must be none, level, project or environment",
        ),
        ("events?from=soon", "must be a time"),
        ("events?from=2026-03-02&to=2026-03-01", "must be before to"),
        (
            "incidents?from=1970-01-02&bucket=day",
            "the span is too long",
        ),
        ("movers?from=2026-03-01", "give service, project or"),
        ("movers?to=2026-03-01", "the seven before"),
        ("movers?bucket=day", "the seven before"),
        ("movers?by=level", "the seven before"),
        ("movers?release=shop@1", "the seven before"),
    ] {
        let problem = app.api.get(&format!("/api/v1/trends/{query}")).await;
        let text = problem.expect_problem(400, "invalid");
        assert!(text.contains(words), "{query}: {text}");
    }
    app.api
        .get("/api/v1/trends/movers?service=nobody")
        .await
        .expect(404);
    app.api
        .with_token(None)
        .get("/api/v1/trends/movers")
        .await
        .expect(401);
}
