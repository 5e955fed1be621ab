//! The memory finds what means the same in other words, and goes on without the text model.

use crate::api::mcp::{connect, data};
use crate::support::app::id;
use crate::support::engine::{Engine, OwnDatabase};
use crate::support::person::Person;
use crate::support::receiver::{FakeReceiver, Reply};
use crate::support::text_model::{self, MODEL_KEY};
use crate::support::{SECRET, TestApp, Webhook};
use epicenter::config::HiddenKey;
use epicenter::operations::embed::embed_due;
use serde_json::{Value, json};

/// Makes a test per engine, with a text model.
macro_rules! with_a_model {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            use crate::support::Engine;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::run(Engine::Sqlite, async |app, model| super::$name(app, model).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::run(Engine::Postgres, async |app, model| super::$name(app, model).await).await;
            }
        })+
    };
}

with_a_model!(
    other_words_for_the_same_are_found,
    an_agent_finds_what_means_the_same,
    without_the_model_words_are_searched_and_a_note_says_so,
    the_model_is_asked_within_its_limits,
    odd_texts_are_left_out_and_the_others_found,
    no_record_is_given_up_for_a_wrong_setting,
    similar_incidents_need_no_common_word,
);

async fn run(engine: Engine, test: impl AsyncFnOnce(&TestApp, &FakeReceiver)) {
    let Some(database) = OwnDatabase::new(engine).await else {
        return;
    };
    let model = text_model::start().await;
    let app = TestApp::start_with(database, Some(SECRET), |config| {
        config.outbound.allowed_networks = vec!["127.0.0.1".to_owned()];
        let settings = &mut config.memory.embeddings;
        settings.url = format!("{}/v1", model.url);
        settings.model = "ideas".to_owned();
        settings.key = HiddenKey::new(MODEL_KEY);
        settings.dimensions = 4;
        settings.records_per_day = 24;
    })
    .await;
    Box::pin(test(&app, &model)).await;
    app.finish().await;
}

/// An issue with this title is created.
async fn broke(app: &TestApp, issue: u64, title: &str) {
    let webhook = Webhook::issue("created", issue)
        .set("/data/issue/title", title)
        .set("/data/issue/culprit", format!("module{issue}"))
        .set("/data/issue/metadata/type", title)
        .set("/data/issue/metadata/value", "");
    app.apply(webhook).await;
}

async fn embed_all(app: &TestApp) -> usize {
    let mut written = 0;
    loop {
        let done = embed_due(app.inside()).await.unwrap();
        written += done.written;
        if !done.has_more {
            return written;
        }
    }
}

// DESIGN §8: an agent that asks in its own words finds the record, through the tool for it.
async fn an_agent_finds_what_means_the_same(app: &TestApp, _: &FakeReceiver) {
    broke(app, 1, "Payment declined by the bank").await;
    broke(app, 2, "Deadlock detected").await;
    let client = connect(app, &app.make_token("viewer").await).await;
    let ask = async || data(&client, "search_observations", json!({"q": "billing"})).await;
    let before = ask().await;
    assert_eq!(titles(&before), Vec::<String>::new(), "no vectors yet");
    assert!(embed_all(app).await >= 2);
    let found = ask().await;
    assert!(titles(&found)[0].contains("Payment declined"), "{found:#}");
    let all = titles(&found);
    assert!(
        !all.iter().any(|title| title.contains("Deadlock")),
        "{all:?}"
    );
    let elsewhere = json!({"q": "billing", "source": "github"});
    let elsewhere = data(&client, "search_observations", elsewhere).await;
    assert_eq!(titles(&elsewhere), Vec::<String>::new(), "filters hold");
    client.cancel().await.unwrap();
}

async fn search(app: &TestApp, query: &str) -> Value {
    app.api
        .one(&format!("/api/v1/observations?q={query}"))
        .await
}

fn titles(found: &Value) -> Vec<String> {
    let items = found["items"].as_array().unwrap().iter();
    items
        .map(|one| one["title"].as_str().unwrap().to_owned())
        .collect()
}

async fn other_words_for_the_same_are_found(app: &TestApp, model: &FakeReceiver) {
    broke(app, 1, "Payment declined by the bank").await;
    broke(app, 2, "Deadlock detected").await;
    assert_eq!(
        titles(&search(app, "billing").await),
        Vec::<String>::new(),
        "no vectors yet"
    );
    assert!(embed_all(app).await >= 2);
    assert_eq!(embed_all(app).await, 0, "each record once");
    let found = search(app, "billing").await;
    assert!(titles(&found)[0].contains("Payment declined"), "{found:#}");
    assert!(
        !titles(&found)
            .iter()
            .any(|title| title.contains("Deadlock")),
        "{found:#}"
    );
    assert_eq!(found["note"], Value::Null);
    // What has the word and means it stands before what only means it.
    broke(app, 3, "Billing run stopped").await;
    embed_all(app).await;
    let found = titles(&search(app, "billing").await);
    assert!(found[0].contains("Billing run"), "{found:?}");
    assert!(
        found.iter().any(|title| title.contains("Payment declined")),
        "{found:?}"
    );
    // Filters hold for both ways, and pages go on in the mixed list.
    let github = search(app, "billing&source=github").await;
    assert_eq!(titles(&github), Vec::<String>::new());
    let first = search(app, "billing&limit=1").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    model.take();
    let second = search(app, &format!("billing&limit=1&cursor={cursor}")).await;
    assert_ne!(second["items"][0]["id"], first["items"][0]["id"]);
    assert!(model.take().is_empty(), "the next page does not ask again");
    let newest = search(app, "billing&order=newest").await;
    assert!(
        titles(&newest)
            .iter()
            .all(|title| title.contains("Billing")),
        "{newest:#}"
    );
    // Agents search the same way, through the same API.
    let ann = Person::arrive(app, "ann", "viewer").await;
    let page = ann.page(app, "/memory?q=invoice").await;
    assert!(page.contains("Payment declined"), "{page}");
    assert!(!page.contains(MODEL_KEY));
}

async fn without_the_model_words_are_searched_and_a_note_says_so(
    app: &TestApp,
    model: &FakeReceiver,
) {
    broke(app, 1, "Payment declined by the bank").await;
    embed_all(app).await;
    model.once(Reply::status(500));
    let found = search(app, "payment").await;
    assert!(titles(&found)[0].contains("Payment declined"));
    let note = found["note"].as_str().unwrap();
    assert!(
        note.contains("answered 500") && note.contains("have the words"),
        "{note}"
    );
    model.take();
    let again = search(app, "payment").await;
    assert!(
        again["note"].is_string() && model.take().is_empty(),
        "it is left alone"
    );
    let ann = Person::arrive(app, "ann", "viewer").await;
    let page = ann.page(app, "/memory?q=payment").await;
    assert!(page.contains("answered 500"), "{page}");
    app.later(31);
    assert_eq!(search(app, "billing").await["note"], Value::Null);
    assert!(!titles(&search(app, "invoice").await).is_empty());
}

async fn the_model_is_asked_within_its_limits(app: &TestApp, model: &FakeReceiver) {
    broke(app, 1, "Payment declined").await;
    model.once(Reply::status(429).header("retry-after", "120"));
    assert_eq!(embed_all(app).await, 0);
    model.take();
    app.later(119);
    assert_eq!(embed_all(app).await, 0);
    assert!(model.take().is_empty(), "it asked for two minutes");
    app.later(2);
    let first = embed_all(app).await;
    assert!(first > 0);
    let sent = model.take_one();
    assert!(
        sent.json()["input"][0]
            .as_str()
            .unwrap()
            .contains("Payment declined")
    );
    // One text that it refuses does not stop the others.
    broke(app, 2, "Something unspeakable").await;
    broke(app, 3, "Deadlock detected").await;
    let second = embed_all(app).await;
    assert!(second > 0, "the others");
    // So many records a day, whatever waits.
    for issue in 4..32 {
        broke(app, issue, "Invoice lost").await;
    }
    embed_all(app).await;
    model.take();
    assert_eq!(embed_all(app).await, 0);
    assert!(model.take().is_empty(), "the day's budget is used up");
    let text = app.inside().metrics.text();
    let pending = text
        .lines()
        .find(|line| line.starts_with("epicenter_memory_embeddings_pending "));
    assert!(pending.is_some_and(|line| !line.ends_with(" 0")), "{text}");
    assert!(text.contains("epicenter_memory_queue 0"), "{text}");
    app.later(86_400);
    assert!(embed_all(app).await > 0, "the next day it goes on");
}

async fn odd_texts_are_left_out_and_the_others_found(app: &TestApp, model: &FakeReceiver) {
    broke(app, 1, "A senseless one").await;
    broke(app, 2, "An uncountable one").await;
    broke(app, 3, "A crashing one").await;
    broke(app, 4, "Payment declined").await;
    assert!(embed_all(app).await > 0, "the last one");
    let found = titles(&search(app, "billing").await);
    assert!(found[0].contains("Payment declined"), "{found:?}");
    app.later(31);
    model.take();
    assert_eq!(embed_all(app).await, 0);
    assert!(model.take().is_empty(), "the odd ones are not asked again");
}

async fn no_record_is_given_up_for_a_wrong_setting(app: &TestApp, model: &FakeReceiver) {
    broke(app, 1, "Payment declined").await;
    // Some services answer 400 to a wrong key.
    model.once(Reply::status(400));
    model.once(Reply::status(400));
    assert_eq!(embed_all(app).await, 0);
    let sent = model.take();
    assert_eq!(sent.len(), 2, "no text by itself");
    assert_eq!(sent[1].json()["input"], json!(["word"]));
    assert_eq!(embed_all(app).await, 0);
    assert!(model.take().is_empty(), "it is left alone");
    app.later(31);
    assert!(embed_all(app).await > 0, "nothing was given up");
    assert!(!titles(&search(app, "billing").await).is_empty());
}

async fn similar_incidents_need_no_common_word(app: &TestApp, _: &FakeReceiver) {
    broke(app, 1, "Payment declined").await;
    app.later(60);
    broke(app, 2, "Billing refused").await;
    let path = format!(
        "/api/v1/incidents/{}/similar",
        id(&app.incidents().await[0])
    );
    let before = app.api.one(&path).await;
    assert_eq!(before["items"].as_array().unwrap().len(), 0, "{before:#}");
    embed_all(app).await;
    let after = app.api.one(&path).await;
    assert_eq!(after["items"][0]["number"], 1, "{after:#}");
    let reasons = after["items"][0]["reasons"].to_string();
    assert!(reasons.contains("mean much the same"), "{reasons}");
}
