//! What each signal does to the error log, its alert and its incident (DESIGN §5).

use crate::support::app::{id, outcome};
use crate::support::webhook::issue_object;
use crate::support::{TestApp, Webhook};
use serde_json::{Value, json};

on_both_engines!(
    an_event_alert_opens_an_incident_and_stores_its_event,
    severity_follows_the_level,
    the_profile_of_flashduty_maps_as_flashduty_does,
    a_new_issue_opens_an_incident,
    a_resolve_closes_the_incident,
    an_unresolved_issue_reopens_its_incident,
    an_ignored_issue_is_acknowledged_and_archived,
    an_assignment_never_acknowledges,
    an_error_counts_and_opens_nothing,
    a_metric_alert_changes_severity_and_ends,
    a_metric_alert_without_its_body_is_the_same_alert,
    activities_do_what_their_type_says,
    remarks_are_lines_of_the_timeline,
    an_installation_is_state_of_the_integration,
    the_legacy_plugin_triggers,
    a_service_hook_triggers_only_when_told_to,
    the_shapes_of_opsknight_are_understood,
    an_unknown_resource_is_stored_and_shown,
);

// PL-10 to PL-13, PL-17, OK-14
async fn an_event_alert_opens_an_incident_and_stores_its_event(app: &TestApp) {
    let webhook = Webhook::event_alert(42);
    let event_id = webhook.text("/data/event/event_id");
    let delivery = app.apply(webhook).await;
    assert_eq!(outcome(&delivery), "applied", "{delivery}");
    let incident = app.incident().await;
    assert_eq!(incident["number"], 1);
    assert_eq!(incident["status"], "triggered");
    assert_eq!(incident["severity"], "error");
    assert_eq!(incident["title"], "KeyError: 'sku 42'");
    assert_eq!(incident["dedup_key"], "sentry-42");
    assert_eq!(incident["environment"], "production");
    assert_eq!(incident["release"], "shop@1.4.0");
    assert_eq!(incident["event_count"], 1);
    assert_eq!(incident["alert_count"], 1);
    assert_eq!(incident["opened_at"], app.now().rfc3339());
    assert_eq!(incident["sentry"]["issue_id"], "42");
    assert!(
        incident["source"]
            .as_str()
            .unwrap()
            .starts_with("Sentry - "),
        "{incident}"
    );
    assert_eq!(incident["service"]["name"], "Default service");
    assert_eq!(delivery["incident_id"], incident["id"]);
    let issue = app.issue().await;
    assert_eq!(issue["status"], "unresolved");
    assert_eq!(issue["event_count"], 1);
    assert_eq!(delivery["issue_id"], issue["id"]);
    let events = app.events(&issue).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["event_id"], event_id.as_str());
    // The crash is the last frame in the app, the exception the last of the list.
    let shown = events[0]["exceptions"].to_string();
    assert!(shown.contains("shop/cart.py"), "{shown}");
    assert_eq!(app.story(&incident).await, ["incident.opened"]);
}

// PL-14, OK-11: an unknown or missing level is an error.
async fn severity_follows_the_level(app: &TestApp) {
    for (issue_id, level, severity) in [
        (1, json!("fatal"), "critical"),
        (2, json!("error"), "error"),
        (3, json!("warning"), "warning"),
        (4, json!("info"), "info"),
        (5, json!("debug"), "info"),
        (6, json!("sample"), "info"),
        (7, json!("on fire"), "error"),
        (8, json!(null), "error"),
    ] {
        let delivery = Webhook::event_alert(issue_id)
            .set("/data/event/level", level.clone())
            .set("/data/event/tags", json!([]));
        let delivery = app.apply(delivery).await;
        let path = format!(
            "/api/v1/incidents/{}",
            delivery["incident_id"].as_str().unwrap()
        );
        let incident = app.api.one(&path).await;
        assert_eq!(incident["severity"], severity, "{level}");
    }
}

// FD-10
async fn the_profile_of_flashduty_maps_as_flashduty_does(app: &TestApp) {
    let integration = app
        .make_integration(json!({
            "kind": "sentry", "name": "Flashduty", "secret": "flashduty-secret",
            "profile": "flashduty",
        }))
        .await;
    let path = integration["key"].as_str().unwrap();
    let webhook = Webhook::event_alert(42)
        .to(format!("/event/push/alert/sentry?integration_key={path}"))
        .signed_with("flashduty-secret");
    app.apply(webhook).await;
    assert_eq!(app.incident().await["severity"], "warning");
}

// EL-06, LF-08, OK-13
async fn a_new_issue_opens_an_incident(app: &TestApp) {
    app.apply(Webhook::issue("created", 42)).await;
    let incident = app.incident().await;
    assert_eq!(incident["status"], "triggered");
    assert_eq!(incident["source"], "Sentry - Shop");
    assert_eq!(incident["sentry"]["short_id"], "SHOP-42");
    assert_eq!(app.issue().await["substatus"], "new");
}

// EL-06, EL-19, LF-08, FD-06
async fn a_resolve_closes_the_incident(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    let resolve = Webhook::issue("resolved", 42)
        .set("/data/resolution_type", "in_release")
        .set(
            "/data/issue/statusDetails",
            json!({"inRelease": "shop@1.4.1"}),
        );
    app.apply(resolve).await;
    let incident = app.incident().await;
    assert_eq!(incident["status"], "resolved");
    assert_eq!(incident["resolved_at"], app.now().rfc3339());
    let issue = app.issue().await;
    assert_eq!(issue["status"], "resolved");
    assert_eq!(issue["resolution"]["release"], "shop@1.4.1");
    assert_eq!(
        app.story(&incident).await,
        ["incident.opened", "incident.resolved"]
    );
}

// EL-06: Sentry calls it `unresolved`, not `reopened`.
async fn an_unresolved_issue_reopens_its_incident(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    app.apply(Webhook::issue("resolved", 42)).await;
    app.later(60);
    app.apply(Webhook::issue("unresolved", 42)).await;
    let incident = app.incident().await;
    assert_eq!(incident["status"], "triggered");
    assert_eq!(incident["resolved_at"], json!(null));
    let issue = app.issue().await;
    assert_eq!(
        (&issue["status"], &issue["substatus"]),
        (&json!("unresolved"), &json!("regressed"))
    );
}

// EL-06, OK-09
async fn an_ignored_issue_is_acknowledged_and_archived(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    app.apply(Webhook::issue("ignored", 42)).await;
    let incident = app.incident().await;
    assert_eq!(incident["status"], "acknowledged");
    assert_eq!(incident["archived"], true);
    assert_eq!(app.issue().await["status"], "ignored");
}

// LF-08: assigning neither acknowledges nor stops anything.
async fn an_assignment_never_acknowledges(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    app.later(60);
    let assignee = json!({"type": "user", "name": "Mira Okafor", "id": 40_217});
    app.apply(Webhook::issue("assigned", 42).set("/data/assignee", assignee))
        .await;
    let incident = app.incident().await;
    assert_eq!(incident["status"], "triggered");
    assert_eq!(incident["assignee"]["name"], "Mira Okafor");
    assert_eq!(app.issue().await["assignee"]["name"], "Mira Okafor");
}

// EL-05
async fn an_error_counts_and_opens_nothing(app: &TestApp) {
    app.apply(Webhook::error(42)).await;
    assert_eq!(app.incidents().await.len(), 0);
    assert_eq!(app.issue().await["event_count"], 1);
    app.apply(Webhook::event_alert(42)).await;
    app.apply(Webhook::error(42)).await;
    assert_eq!(app.issue().await["event_count"], 3);
    assert_eq!(app.incident().await["event_count"], 3);
}

// FD-04, FD-10
async fn a_metric_alert_changes_severity_and_ends(app: &TestApp) {
    for (action, severity, status) in [
        ("warning", "warning", "triggered"),
        ("critical", "critical", "triggered"),
        ("open", "error", "triggered"),
        ("resolved", "error", "resolved"),
    ] {
        app.apply(Webhook::metric(action, 14)).await;
        let incident = app.incident().await;
        assert_eq!(incident["severity"], severity, "{action}");
        assert_eq!(incident["status"], status, "{action}");
        assert_eq!(incident["dedup_key"], "sentry-metric-88-14");
        app.later(60);
    }
    assert_eq!(app.issues().await.len(), 0, "a metric is no issue");
}

/// SENTRY-PROTOCOL §2.4: the alert itself is null when Sentry could not write it in time.
async fn a_metric_alert_without_its_body_is_the_same_alert(app: &TestApp) {
    let cut_short = |action| {
        let webhook = Webhook::metric(action, 14).set("/data/metric_alert", Value::Null);
        webhook.set("/data/description_title", "Critical: Failures per minute")
    };
    app.apply(Webhook::metric("warning", 14)).await;
    app.later(60);
    app.apply(cut_short("critical")).await;
    let incident = app.incident().await;
    assert_eq!(incident["severity"], "critical");
    assert_eq!(incident["dedup_key"], "sentry-metric-88-14");
    app.later(60);
    app.apply(cut_short("resolved")).await;
    assert_eq!(app.incident().await["status"], "resolved");
    // Another alert of the organisation, which nothing whole has told of yet.
    let other = Webhook::metric("critical", 15).set("/data/metric_alert", Value::Null);
    app.apply(other).await;
    app.later(60);
    app.apply(Webhook::metric("resolved", 15)).await;
    let incidents = app.incidents().await;
    assert_eq!(incidents.len(), 2);
    assert_eq!(incidents[0]["dedup_key"], "sentry-metric-88-15");
    assert_eq!(incidents[0]["status"], "resolved");
}

async fn activities_do_what_their_type_says(app: &TestApp) {
    for (kind, status) in [
        ("status_escalating", "triggered"),
        ("status_resolved_in_commit", "resolved"),
        ("status_regression", "triggered"),
        ("status_ignored", "acknowledged"),
        ("status_unresolved", "triggered"),
        ("status_resolved_by_age", "resolved"),
        ("moved_to_drawer", "resolved"),
    ] {
        let delivery = app.apply(Webhook::activity(kind, 42)).await;
        assert_eq!(outcome(&delivery), "applied", "{kind}: {delivery}");
        assert_eq!(app.incident().await["status"], status, "{kind}");
        app.later(60);
    }
    let story = app.story(&app.incident().await).await;
    assert!(
        story.iter().any(|kind| kind == "activity.moved_to_drawer"),
        "{story:?}"
    );
}

// DESIGN §5
async fn remarks_are_lines_of_the_timeline(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    app.later(1);
    let comment = json!({
        "comment_id": 5508, "issue_id": 42, "project_slug": "shop",
        "timestamp": "@now", "comment": "The empty basket again.",
    });
    app.apply(Webhook::other("comment", "created", &comment))
        .await;
    let cause = json!({
        "run_id": 9001, "group_id": 42,
        "root_cause": {"one_line_description": "A product was removed."},
    });
    app.apply(Webhook::other("seer", "root_cause_completed", &cause))
        .await;
    let build = json!({"buildId": "330", "projectSlug": "shop", "state": "COMPLETED"});
    let build = app
        .apply(Webhook::other(
            "preprod_artifact",
            "size_analysis_completed",
            &build,
        ))
        .await;
    assert_eq!(outcome(&build), "applied");
    let incident = app.incident().await;
    assert_eq!(incident["status"], "triggered");
    let story = app.story(&incident).await;
    assert_eq!(
        story,
        [
            "incident.opened",
            "comment.created",
            "seer.root_cause_completed"
        ]
    );
    let path = format!("/api/v1/incidents/{}/timeline", id(&incident));
    let lines = app.api.all(&path).await;
    assert!(
        lines[1].to_string().contains("The empty basket again."),
        "{}",
        lines[1]
    );
}

async fn an_installation_is_state_of_the_integration(app: &TestApp) {
    let installation = json!({"installation": {
        "status": "installed", "organization": {"slug": "acme"},
        "app": {"slug": "epicenter"}, "uuid": "0b7c1de2-53a4-4c0e-9a51-6f2f5f0d8a11",
    }});
    app.apply(Webhook::other("installation", "created", &installation))
        .await;
    let integration = app.default_integration().await;
    assert_eq!(integration["organization"], "acme");
    assert_eq!(integration["uninstalled_at"], json!(null));
    app.later(60);
    app.apply(Webhook::other("installation", "deleted", &installation))
        .await;
    let integration = app.default_integration().await;
    assert_eq!(integration["uninstalled_at"], app.now().rfc3339());
}

// OK-05, OK-06: unsigned, top-level ids.
async fn the_legacy_plugin_triggers(app: &TestApp) {
    let body = json!({"kind": "sentry", "name": "Legacy", "unsigned": true});
    let integration = app.make_integration(body).await;
    let delivery = app.apply(Webhook::legacy(42).towards(&integration)).await;
    assert_eq!(delivery["proof"], "unsigned");
    let incident = app.incident().await;
    assert_eq!(incident["dedup_key"], "sentry-42");
    assert_eq!(incident["source"], "Sentry - Shop");
    assert_eq!(app.issue().await["event_count"], 1);
}

async fn a_service_hook_triggers_only_when_told_to(app: &TestApp) {
    let delivery = app.apply(Webhook::service_hook(42)).await;
    assert_eq!(outcome(&delivery), "applied", "{delivery}");
    assert_eq!(app.incidents().await.len(), 0);
    assert_eq!(app.events(&app.issue().await).await.len(), 1);
    let integration = app.default_integration().await;
    let path = format!("/api/v1/integrations/{}", id(&integration));
    app.api
        .patch(&path, json!({"service_hooks_trigger": true}))
        .await
        .expect(200);
    app.apply(Webhook::service_hook(42)).await;
    assert_eq!(app.incident().await["status"], "triggered");
}

// OK-07 to OK-10, OK-14: the documented shapes; `issue.status` wins over the action.
async fn the_shapes_of_opsknight_are_understood(app: &TestApp) {
    let shape = |action: &str, status: &str| {
        let issue = issue_object(42, status, None);
        let project = json!({"name": "Shop", "slug": "shop"});
        Webhook::bare(json!({"action": action, "issue": issue, "project": project}))
    };
    for (action, status, expected) in [
        ("created", "unresolved", "triggered"),
        ("ignored", "ignored", "acknowledged"),
        ("created", "resolved", "resolved"),
    ] {
        app.apply(shape(action, status)).await;
        assert_eq!(
            app.incident().await["status"],
            expected,
            "{action}, {status}"
        );
        app.later(60);
    }
    let event = json!({"event": {"event_id": "3f0e9b1c7a2d4856b1c0d9e8f7a6b5c4",
        "title": "Boom", "level": "fatal", "datetime": "@now"}, "project": {"slug": "shop"}});
    let delivery = app.apply(Webhook::bare(event)).await;
    let path = format!(
        "/api/v1/incidents/{}",
        delivery["incident_id"].as_str().unwrap()
    );
    let incident = app.api.one(&path).await;
    assert_eq!(incident["severity"], "critical");
    assert_eq!(
        incident["dedup_key"],
        "sentry-3f0e9b1c7a2d4856b1c0d9e8f7a6b5c4"
    );
}

// FIELD §3.3 case 13
async fn an_unknown_resource_is_stored_and_shown(app: &TestApp) {
    let delivery = app
        .apply(Webhook::other(
            "hologram",
            "projected",
            &json!({"colour": "blue"}),
        ))
        .await;
    assert_eq!(outcome(&delivery), "not_understood");
    assert_eq!(delivery["resource"], "hologram");
    assert!(
        delivery["verdict"]["reason"]
            .as_str()
            .unwrap()
            .contains("hologram"),
        "{delivery}"
    );
    assert_eq!(delivery["body"]["data"]["colour"], "blue");
    let delivery = app.apply(Webhook::issue("teleported", 42)).await;
    assert_eq!(outcome(&delivery), "not_understood");
    let listed = app
        .api
        .all("/api/v1/deliveries?outcome=not_understood")
        .await;
    assert_eq!(listed.len(), 2);
    assert_eq!(
        (app.incidents().await.len(), app.issues().await.len()),
        (0, 0)
    );
}
