//! The routing rules, as people write them without a script.

use crate::support::app::id;
use crate::support::person::Person;
use crate::support::{Answer, TestApp, Webhook};
use serde_json::json;

on_both_engines!(
    an_admin_drafts_tries_and_saves_a_rule,
    versions_are_compared_and_brought_back,
    a_responder_asks_and_a_viewer_looks,
);

/// The value of a hidden field, as the browser would send it again.
#[track_caller]
fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = page
        .split_once(&start)
        .unwrap_or_else(|| panic!("no {name}: {page}"));
    let (value, _) = rest.split_once('"').unwrap();
    value
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&")
}

/// Presses a button of the page with these fields; the draft travels along.
async fn press(
    app: &TestApp,
    ann: &Person,
    page: &str,
    verb: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let (draft, version) = (hidden(page, "draft"), hidden(page, "version"));
    let mut all = vec![("draft", draft.as_str()), ("version", version.as_str())];
    all.extend([("do", verb)]);
    all.extend(fields);
    ann.submit(app, "/routes", &all).await
}

#[expect(clippy::too_many_lines, reason = "one story")]
async fn an_admin_drafts_tries_and_saves_a_rule(app: &TestApp) {
    let service = json!({"name": "Payments"});
    let service = app.api.post("/api/v1/services", service).await.expect(201);
    let service = id(&service.json()).to_owned();
    let first = app.apply(Webhook::event_alert(42)).await;
    let ann = Person::arrive(app, "ann", "admin").await;
    let page = ann.page(app, "/routes").await;
    assert!(page.contains("Nobody has written rules yet"), "{page}");

    let editor = press(app, &ann, &page, "new:rule", &[]).await.text;
    assert!(
        editor.contains("New rule") && editor.contains("Payments"),
        "{editor}"
    );
    let rows = [
        ("field_0", "title"),
        ("operator_0", "contains"),
        ("value_0", "42"),
    ];
    let wrong = [
        ("name", "Carts"),
        ("when", "titel == 'x'"),
        ("service", &service),
    ];
    let refused = press(app, &ann, &editor, "put", &wrong).await;
    assert_eq!(refused.status.as_u16(), 422);
    for words in ["rules[0].when", "line 1, column 1", "titel == "] {
        assert!(
            refused.text.to_lowercase().contains(words),
            "{words}: {}",
            refused.text
        );
    }
    let mut fields = vec![("name", "Carts"), ("service", service.as_str())];
    fields.extend(rows);
    let draft = press(app, &ann, &editor, "put", &fields).await.text;
    assert!(draft.contains("This draft is not saved"), "{draft}");
    let draft = press(app, &ann, &draft, "new:drop", &[]).await.text;
    let noise = [
        ("name", "Noise"),
        ("is_drop", "on"),
        ("when", "level == 'debug'"),
    ];
    let draft = press(app, &ann, &draft, "put", &noise).await.text;
    let second = [("name", "Rest"), ("continue", "on")];
    let draft = press(app, &ann, &draft, "put", &second).await.text;
    let draft = press(app, &ann, &draft, "up:1", &[]).await.text;
    let draft = press(app, &ann, &draft, "in:1", &[]).await.text;
    assert!(
        draft.contains("value=\"edit:0.0\""),
        "Carts stands under Rest: {draft}"
    );

    let tried = press(app, &ann, &draft, "preview", &[]).await.text;
    assert!(tried.contains("1 of them would go elsewhere"), "{tried}");
    let asked = press(app, &ann, &draft, "test", &[("delivery", id(&first))])
        .await
        .text;
    assert!(
        asked.contains("id=\"answer\"") && asked.contains("Carts"),
        "{asked}"
    );
    assert_eq!(
        app.api.one("/api/v1/routes").await["version"],
        0,
        "nothing is saved yet"
    );

    let saved = press(app, &ann, &draft, "save", &[("comment", "our first")]).await;
    assert_eq!(saved.status.as_u16(), 303, "{saved:?}");
    let kept = app.api.one("/api/v1/routes").await;
    assert_eq!(
        (&kept["version"], &kept["comment"]),
        (&json!(1), &json!("our first"))
    );
    let under = &kept["routing"]["rules"][0]["rules"][0];
    assert_eq!(under["when"], "title.contains(\"42\")");
    let stale = press(app, &ann, &draft, "save", &[]).await;
    assert_eq!(stale.status.as_u16(), 422);
    assert!(stale.text.contains("changed meanwhile"), "{}", stale.text);
}

async fn versions_are_compared_and_brought_back(app: &TestApp) {
    let ann = Person::arrive(app, "ann", "admin").await;
    for when in ["users > 1", "users > 2"] {
        let page = ann.page(app, "/routes").await;
        let text = format!("[[drops]]\nname = \"a\"\nwhen = \"{when}\"\n");
        let draft = press(app, &ann, &page, "text", &[("text", &text)])
            .await
            .text;
        press(app, &ann, &draft, "save", &[]).await;
    }
    let page = ann.page(app, "/routes").await;
    let odd = press(
        app,
        &ann,
        &page,
        "text",
        &[("text", "[[drops]]\nname = 3\n")],
    )
    .await;
    assert_eq!(odd.status.as_u16(), 422);
    assert!(odd.text.contains("line 2"), "{}", odd.text);
    let page = ann.page(app, "/routes/versions").await;
    assert!(
        page.contains("is-removed") && page.contains("users &#62; 2"),
        "{page}"
    );
    let back = [("version", "2")];
    let done = ann.submit(app, "/routes/versions/1/restore", &back).await;
    assert_eq!(done.status.as_u16(), 303);
    let kept = app.api.one("/api/v1/routes").await;
    assert_eq!(kept["routing"]["drops"][0]["when"], "users > 1");
    assert_eq!(kept["version"], 3);
}

async fn a_responder_asks_and_a_viewer_looks(app: &TestApp) {
    let first = app.apply(Webhook::event_alert(42)).await;
    let bob = Person::arrive(app, "bob", "responder").await;
    let page = bob.page(app, "/routes").await;
    assert!(!page.contains("Add a rule"), "{page}");
    let asked = press(app, &bob, &page, "test", &[("delivery", id(&first))])
        .await
        .text;
    assert!(asked.contains("id=\"answer\""), "{asked}");
    press(app, &bob, &page, "save", &[]).await;
    let eve = Person::arrive(app, "eve", "viewer").await;
    let page = eve.page(app, "/routes").await;
    assert!(!page.contains("Ask the rules"), "{page}");
    press(app, &eve, &page, "test", &[("delivery", id(&first))]).await;
    assert_eq!(app.api.one("/api/v1/routes").await["version"], 0);
}
