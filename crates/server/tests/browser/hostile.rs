//! What attackers can write into an error, shown as the text that it is.

use crate::support::{Stage, created, edited, on_stage};
use serde_json::{Value, json};

const SCRIPT: &str = "<script>window.pwned=1</script>";
const IMAGE: &str = "\"><img src=x onerror=window.pwned=1>";
const LINK: &str = "javascript:window.pwned=1";

fn poison_issue(body: &mut Value) {
    let issue = &mut body["data"]["issue"];
    for (name, text) in [
        ("permalink", LINK),
        ("web_url", LINK),
        ("culprit", IMAGE),
        ("title", SCRIPT),
    ] {
        issue[name] = json!(text);
    }
    issue["metadata"] = json!({"type": SCRIPT, "value": IMAGE, "filename": IMAGE});
    issue["project"]["name"] = json!(IMAGE);
    body["actor"] = json!({"type": "user", "id": 1, "name": IMAGE});
}

fn poison_event(body: &mut Value) {
    body["data"]["triggered_rule"] = json!(IMAGE);
    let event = &mut body["data"]["event"];
    for (name, text) in [
        ("title", SCRIPT),
        ("message", IMAGE),
        ("web_url", LINK),
        ("culprit", IMAGE),
        ("transaction", IMAGE),
        ("environment", IMAGE),
        ("release", IMAGE),
    ] {
        event[name] = json!(text);
    }
    event["tags"] = json!([["browser", IMAGE], [IMAGE, SCRIPT], ["url", LINK]]);
    event["user"] = json!({"id": "7", "username": SCRIPT, "name": IMAGE, "email": IMAGE});
    event["request"] = json!({"url": LINK, "method": SCRIPT});
    event["breadcrumbs"] = json!({"values": [
        {"category": IMAGE, "message": SCRIPT, "level": "info", "timestamp": 1_700_000_000.0},
    ]});
    event["exception"] = json!({"values": [{"type": SCRIPT, "value": IMAGE, "stacktrace": {
        "frames": [{
            "filename": IMAGE, "abs_path": IMAGE, "function": SCRIPT, "in_app": true, "lineno": 3,
            "context_line": SCRIPT, "pre_context": [IMAGE], "post_context": [LINK],
        }],
    }}]});
}

/// The page runs nothing, links to no script, and its console is quiet.
async fn assert_harmless(stage: &Stage, place: &str) {
    let page = &stage.page;
    page.until("document.readyState === 'complete'").await;
    let pwned = page.eval("window.pwned === undefined").await;
    assert_eq!(pwned, true, "{place}: a script ran");
    let links = "[...document.querySelectorAll('[href], [src], [action], [formaction]')]
        .flatMap((one) => ['href', 'src', 'action', 'formaction'].map((name) => one.getAttribute(name)))
        .filter((link) => /^\\s*(javascript|data|vbscript):/i.test(link ?? ''))";
    assert_eq!(page.eval(links).await, json!([]), "{place}");
    let foreign = "document.querySelectorAll('img, iframe, object, main script, [onerror]').length";
    assert_eq!(page.eval(foreign).await, 0, "{place}");
    let errors = page.console_errors().await;
    assert_eq!(errors, Vec::<String>::new(), "{place}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_errors_are_shown_as_text_everywhere() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        stage
            .deliver(edited("issue.created", 66, poison_issue))
            .await;
        stage
            .deliver(edited("event_alert.python", 66, poison_event))
            .await;
        let all =
            "answer.items.length === 2 && answer.items.every((one) => one.verdict?.outcome === 'applied')";
        page.until_answer("/api/v1/deliveries", all).await;

        page.open_live("/incidents").await;
        page.until_text("[data-rows]", SCRIPT).await;
        assert_harmless(stage, "the list").await;
        page.click("#bell summary").await;
        page.until_text("#bell .bell-title", SCRIPT).await;
        assert_harmless(stage, "the bell").await;

        page.open_live("/incidents/1").await;
        page.until_text("#incident-head h1", SCRIPT).await;
        page.until_text(".tags", IMAGE).await;
        page.until_text(".source", SCRIPT).await;
        page.until_text(".request", LINK).await;
        page.click(".block.is-fold summary").await;
        assert_harmless(stage, "the incident").await;
        // A live swap brings the same text through the script.
        page.click("form[action$='/acknowledge'] button").await;
        page.until_text("#incident-head .head-badges", "Acknowledged")
            .await;
        assert_harmless(stage, "the incident after a swap").await;

        page.open_live("/error-log").await;
        page.click("[data-rows] summary").await;
        page.until_text("[data-rows] .issue-detail .source", SCRIPT)
            .await;
        assert_harmless(stage, "the error log").await;
        let entry = page
            .text_of("document.querySelector('[data-load]').dataset.load")
            .await;
        page.open_live(&entry).await;
        page.until_text("h1", SCRIPT).await;
        assert_harmless(stage, "an entry of the error log").await;

        page.open_live("/deliveries").await;
        assert_harmless(stage, "the deliveries").await;
        let deliveries = page.answer("/api/v1/deliveries").await;
        for delivery in deliveries["items"].as_array().unwrap() {
            page.open_live(&format!("/deliveries/{}", delivery["id"].as_str().unwrap()))
                .await;
            page.until_text("#payload", SCRIPT).await;
            assert_harmless(stage, "a delivery").await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_title_that_arrives_live_is_text_too() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        page.open_live("/incidents").await;
        stage.deliver(created(9, IMAGE)).await;
        page.until_text("[data-rows]", IMAGE).await;
        assert_harmless(stage, "the list").await;
        // The policy of the page would refuse it even if it were markup.
        page.eval("document.body.insertAdjacentHTML('beforeend', '<p onclick=\"window.pwned=1\" id=trap>x</p>')").await;
        page.eval("document.getElementById('trap').click()").await;
        assert_eq!(page.eval("window.pwned === undefined").await, true);
        assert!(!page.console_errors().await.is_empty(), "the policy is silent");
    })
    .await;
}
