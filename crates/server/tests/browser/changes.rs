//! Deploys, suspects, and what people say of them.

use crate::support::{Stage, alert, created, edited, on_stage};
use epicenter::simulator::webhook::Webhook;
use serde_json::{Value, json};

const SCRIPT: &str = "<script>window.pwned=1</script>";
const RTL: &str = "\u{202e}gnp.exe";

fn sha(letter: char) -> String {
    String::from(letter).repeat(40)
}

fn commit(letter: char, message: &str, file: &str) -> Value {
    json!({"id": sha(letter), "message": message, "author": "Robin", "files": [file]})
}

/// An alert of a release, that crashed in `shop/cart.py`.
fn crash(issue: u64) -> Webhook {
    edited("event_alert.python", issue, |body| {
        let event = &mut body["data"]["event"];
        event["release"] = json!("shop@1.4.0");
        event["environment"] = json!("production");
        let organization = "https://sentry.io/api/0/organizations/shop";
        event["issue_url"] = json!(format!("{organization}/issues/{issue}/"));
        event["exception"] = json!({"values": [{"type": "KeyError", "value": "'sku'",
        "stacktrace": {"frames": [
            {"function": "main", "filename": "run.py", "lineno": 3, "in_app": false},
            {"function": "add_line", "filename": "shop/cart.py", "lineno": 88, "in_app": true,
                "context_line": "    return prices[sku]"},
        ]}}]});
    })
}

/// Tells of a deploy as a program does, with the session of the tab.
async fn deploy(stage: &Stage, commits: Value) -> String {
    let body = json!({
        "version": "shop@1.4.0", "sha": sha('c'), "repository": "acme/shop", "commits": commits,
        "environment": "production",
    });
    let script = "const [body, done] = arguments;
        fetch('/api/v1/deploys', {method: 'POST', body: JSON.stringify(body), headers: {
            'Content-Type': 'application/json', 'X-Csrf': document.body.dataset.csrf}})
          .then((reply) => reply.json()).then((answer) => done(answer), (error) => done(String(error)));";
    let client = &stage.page.client;
    let answer = client.execute_async(script, vec![body]).await.unwrap();
    let id = answer["id"].as_str();
    id.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn three() -> Value {
    json!([
        commit('c', "Explain the returns policy", "docs/returns.md"),
        commit('b', "Look prices up by sku", "shop/cart.py"),
        commit('a', "Warm the cart at start", "shop/cart_cache.py"),
    ])
}

async fn subject_of_first(stage: &Stage) -> String {
    stage
        .page
        .text_of("document.querySelector('#suspects article.suspect')?.dataset.subject ?? ''")
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspect_is_shown_with_its_reasons_and_can_be_dismissed() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        let id = deploy(stage, three()).await;
        stage.deliver_incidents(vec![crash(71)]).await;
        page.open_live("/incidents/1").await;
        page.until_text("#suspects article.suspect", "Look prices up by sku")
            .await;
        let card = page.text("#suspects").await;
        for words in ["shop@1.4.0", "production", "by Robin", "shop/cart.py", "Began"] {
            assert!(card.contains(words), "{words}: {card}");
        }
        assert!(page.count("#suspects article .reasons li").await > 0);
        assert!(page.count("#suspects article .score-bar").await == 1);
        assert_eq!(subject_of_first(stage).await, sha('b'));
        assert!(page.count("#suspects details.suspect").await >= 1, "the rest is folded");

        // Not this one: the page shows the new first suspect by itself.
        page.click("#suspects article button[value=innocent]").await;
        page.until(&format!(
            "(document.querySelector('#suspects article.suspect')?.dataset.subject ?? '{0}') !== '{0}'",
            sha('b')
        ))
        .await;
        page.until_text("#timeline", "was not it").await;

        // The parent leads to the deploy, which knows the incident.
        page.click("#suspects .parent-deploy a").await;
        page.until_path(&format!("/changes/deploys/{id}")).await;
        let text = page.text("main").await;
        for words in ["Suspicious", "1 incident began after it", "Look prices up by sku", "acme/shop"] {
            assert!(text.contains(words), "{words}: {text}");
        }
        page.click(".facts a[href^='/changes/releases/']").await;
        page.until_path("/changes/releases/shop%401.4.0").await;
        page.until_text("h1", "shop@1.4.0").await;

        page.open_live("/changes/hit-rate").await;
        page.until_text("main", "0 of 1").await;
        assert_eq!(page.console_errors().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_listed_charted_and_filtered() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        page.open_live("/changes").await;
        page.until_text("main", "No push and no deploy is known yet")
            .await;
        assert_eq!(
            page.eval("document.getElementById('connect').open").await,
            true
        );
        deploy(stage, three()).await;
        stage
            .deliver_incidents(vec![alert("event_alert.python", 72)])
            .await;

        page.open_live("/changes").await;
        let row = page.text(".change.is-deploy").await;
        for words in ["shop@1.4.0", "production", "3 commits"] {
            assert!(row.contains(words), "{words}: {row}");
        }
        assert_eq!(page.count(".rate .bars a.mark").await, 1);
        let bars = "document.querySelectorAll('.rate .bars > g').length";
        assert!(
            page.eval(bars).await.as_u64().unwrap() > 0,
            "no event is drawn"
        );
        page.click(".rate .chart-table summary").await;
        page.until_text(".rate .chart-table", "shop@1.4.0").await;
        page.open_live("/changes?environment=staging").await;
        page.until_text("main", "Nothing fits this filter").await;
        page.open_live("/changes?q=1.4&environment=production&status=succeeded")
            .await;
        assert_eq!(page.count(".change.is-deploy").await, 1);

        // A phone: nothing is wider than the screen.
        page.phone().await;
        for path in [
            "/changes",
            "/settings/repositories",
            "/incidents/1",
            "/changes/hit-rate",
        ] {
            page.open(path).await;
            page.until("document.readyState === 'complete'").await;
            let wide = "document.documentElement.scrollWidth - innerWidth";
            assert_eq!(page.eval(wide).await, 0, "{path} is too wide");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn repositories_are_linked_mapped_and_examined() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        stage.deliver_incidents(vec![created(73, "Broken")]).await;
        page.open("/settings/repositories").await;
        page.until_text("#doctor", "No repository is linked").await;
        page.fill("#new input[name=name]", "https://github.com/Acme/Shop.git")
            .await;
        page.click("#new button").await;
        page.until_text(".repository h2", "acme/shop").await;
        page.click(".repository details summary").await;
        page.click(".repository input[name=services]").await;
        page.click(".repository form[action$='/services'] button")
            .await;
        page.until_text(".repository", "Makes").await;
        page.until_text("#doctor", "No commit of its repository")
            .await;
        page.click(".repository details summary").await;
        page.fill(".repository input[name=clone_path]", "relative")
            .await;
        page.click(".repository form[action$='/clone'] button")
            .await;
        page.until_text(".repository .fault", "absolute path").await;
        page.fill("#mappings input[name=project]", "shop").await;
        page.fill("#mappings input[name=stack_prefix]", "/app/")
            .await;
        page.fill("#mappings input[name=source_prefix]", "backend/")
            .await;
        page.click("#mappings form.is-inline button").await;
        page.until_text(".mapping-list", "/app/").await;
        page.click(".mapping-list form[action$='/delete'] button")
            .await;
        page.until("document.querySelector('.mapping-list') === null")
            .await;
        assert_eq!(page.console_errors().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_commits_stay_inert_and_inside_the_page() {
    on_stage(async |stage| {
        let page = &stage.page;
        stage.sign_in().await;
        let endless = "x".repeat(3_000);
        let id = deploy(
            stage,
            json!([
                commit('c', &format!("{SCRIPT}{RTL}"), SCRIPT),
                commit('b', &endless, "shop/cart.py"),
                commit('a', SCRIPT, &endless[..500]),
            ]),
        )
        .await;
        stage.deliver_incidents(vec![crash(74)]).await;
        page.open_live("/incidents/1").await;
        page.until_text("#suspects article.suspect", "xxxx").await;
        page.phone().await;
        for path in [
            "/incidents/1".to_owned(),
            format!("/changes/deploys/{id}"),
            "/changes".to_owned(),
            "/changes/releases/shop%401.4.0".to_owned(),
        ] {
            page.open_live(&path).await;
            assert_eq!(
                page.eval("window.pwned === undefined").await,
                true,
                "{path}"
            );
            assert_eq!(page.count("main script, main img").await, 0, "{path}");
            let wide = "document.documentElement.scrollWidth - innerWidth";
            assert_eq!(page.eval(wide).await, 0, "{path} is too wide");
        }
        assert_eq!(page.console_errors().await, Vec::<String>::new());
    })
    .await;
}
