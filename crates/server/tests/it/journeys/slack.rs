//! People who act from Slack: buttons, commands, and who they are.

use crate::support::TestApp;
use crate::support::app::{eventually, id};
use crate::support::crew::make;
use crate::support::engine::OwnDatabase;
use crate::support::person::{Person, link};
use crate::support::receiver::FakeReceiver;
use crate::support::slack::{BOT_TOKEN, CHANNEL, FakeSlack, Signed};
use crate::support::{SECRET, Webhook};
use serde_json::{Value, json};

on_both_engines!(
    a_pressed_button_acts_as_the_person_and_the_card_follows,
    a_stranger_is_told_how_to_say_who_it_is,
    the_same_request_twice_has_one_effect,
    commands_do_what_they_say,
    only_slack_gets_through_the_door,
    a_viewer_may_only_look,
);

struct Place {
    app: TestApp,
    slack: FakeSlack,
    replies: FakeReceiver,
}

/// A server with a Slack channel and one incident whose card is there.
async fn arrive(app: &TestApp) -> Place {
    let database = OwnDatabase::new(app.engine).await.unwrap();
    let app = TestApp::start_with(database, Some(SECRET), |config| {
        config.outbound.allowed_networks = vec!["127.0.0.1".to_owned()];
    })
    .await;
    let slack = FakeSlack::start().await;
    let body = json!({"name": "#alerts", "target": {
        "channel": "slack_bot", "token": BOT_TOKEN, "channel_name": CHANNEL.0,
        "api": slack.api(), "signing_secret": Signed::SECRET,
    }});
    make(&app, "/api/v1/destinations", body).await;
    app.apply(Webhook::event_alert(42)).await;
    app.later(30);
    app.tell().await;
    Place {
        app,
        slack,
        replies: FakeReceiver::start().await,
    }
}

impl Place {
    /// The value and action id of a button of the card.
    fn button(&self, label: &str) -> Value {
        let (cards, _) = self.slack.cards_and_replies();
        assert_eq!(cards.len(), 1);
        let blocks = cards[0].body["blocks"].as_array().unwrap().clone();
        let actions = blocks.iter().find(|one| one["type"] == "actions").unwrap();
        let buttons = actions["elements"].as_array().unwrap();
        let found = buttons.iter().find(|one| one["text"]["text"] == label);
        found
            .unwrap_or_else(|| panic!("no {label}: {buttons:?}"))
            .clone()
    }

    fn press(&self, label: &str, member: &str) -> Signed {
        let url = format!("{}/response/1", self.replies.url);
        Signed::press(&self.button(label), member, &url, self.app.now())
    }

    /// The text that the person was shown at the address for answers.
    async fn reply(&self) -> String {
        let replies = &self.replies;
        let got = eventually("an answer to Slack", || async {
            replies.take().into_iter().next()
        })
        .await;
        let body = got.json();
        assert_eq!(body["response_type"], "ephemeral", "{body}");
        assert_eq!(body["replace_original"], false, "{body}");
        body["text"].as_str().unwrap().to_owned()
    }

    async fn type_in(&self, text: &str, member: &str) -> String {
        let signed = Signed::command(text, member, &self.replies.url, self.app.now());
        let answer = signed.send(&self.app).await.expect(200).json();
        assert_eq!(answer["response_type"], "ephemeral", "{answer}");
        answer["text"].as_str().unwrap().to_owned()
    }

    async fn link(&self, person: &Person, member: &str) {
        let body = json!({"team": "T1", "member": member});
        let path = format!("/api/v1/users/{}/slack", person.id);
        self.app.api.post(&path, body).await.expect(201);
    }

    /// Who did what, oldest first.
    async fn acts(&self) -> Vec<(String, String)> {
        let path = format!(
            "/api/v1/incidents/{}/timeline",
            id(&self.app.incident().await)
        );
        let lines = self.app.api.all(&path).await;
        let acts = lines.iter().filter(|line| line["actor"]["kind"] == "user");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        acts.map(|line| (text(&line["kind"]), text(&line["actor"]["name"])))
            .collect()
    }
}

// U2, FIELD §2: acting in the chat is acting on the page.
async fn a_pressed_button_acts_as_the_person_and_the_card_follows(app: &TestApp) {
    let place = arrive(app).await;
    let ada = Person::arrive(&place.app, "ada", "responder").await;
    place.link(&ada, "U1").await;
    place.app.later(60);
    place
        .press("Acknowledge", "U1")
        .send(&place.app)
        .await
        .expect(200);
    assert_eq!(place.app.incident().await["status"], "acknowledged");
    let acts = [("incident.acknowledged".to_owned(), "ada".to_owned())];
    assert_eq!(place.acts().await, acts);
    place.app.tell().await;
    place.app.later(2);
    place.app.tell().await;
    let (cards, _) = place.slack.cards_and_replies();
    assert_eq!((cards.len(), cards[0].edits), (1, 1), "the card follows");
    place
        .press("Snooze 1 h", "U1")
        .send(&place.app)
        .await
        .expect(200);
    assert!(place.app.incident().await["snoozed_until"].is_string());
    place
        .press("Silence 1 h", "U1")
        .send(&place.app)
        .await
        .expect(200);
    let told = place.reply().await;
    assert!(told.contains("/silences|End it earlier>"), "{told}");
    let silences = place.app.api.all("/api/v1/silences").await;
    assert_eq!(silences.len(), 1);
    assert_eq!(silences[0]["author"], "ada");
    place
        .press("Resolve", "U1")
        .send(&place.app)
        .await
        .expect(200);
    assert_eq!(place.app.incident().await["status"], "resolved");
    assert!(place.replies.take().is_empty(), "the card says it");
    place.app.finish().await;
}

async fn a_stranger_is_told_how_to_say_who_it_is(app: &TestApp) {
    let place = arrive(app).await;
    place
        .press("Acknowledge", "U7")
        .send(&place.app)
        .await
        .expect(200);
    assert_eq!(place.app.incident().await["status"], "triggered");
    let told = place.reply().await;
    let url = told.split(['<', '|']).nth(1).unwrap();
    let path = url.strip_prefix("http://epicenter.test").unwrap();
    // Nobody can say it without an account, and no program that opens links says it.
    let ada = Person::arrive(&place.app, "ada", "responder").await;
    let page = ada.page(&place.app, path).await;
    assert!(
        page.contains("U7") && page.contains("Ada &#38; co"),
        "{page}"
    );
    place
        .press("Acknowledge", "U7")
        .send(&place.app)
        .await
        .expect(200);
    assert_eq!(place.app.incident().await["status"], "triggered");
    place.reply().await;
    let forged = format!("{path}A");
    ada.look(&place.app, &forged).await.expect(404);
    ada.submit(&place.app, path, &[]).await.expect(303);
    assert!(
        ada.page(&place.app, "/my-notifications")
            .await
            .contains("U7")
    );
    place
        .press("Acknowledge", "U7")
        .send(&place.app)
        .await
        .expect(200);
    assert_eq!(place.app.incident().await["status"], "acknowledged");
    place.app.later(4 * 86_400);
    let late = ada.look(&place.app, path).await.expect(400);
    assert!(late.text.contains("three days"), "{}", late.text);
    // A member can be forgotten again.
    let members = place
        .app
        .api
        .one(&format!("/api/v1/users/{}/slack", ada.id))
        .await;
    assert_eq!(members["items"][0]["name"], "Ada & co");
    let gone = format!("/api/v1/users/{}/slack/T1/U7", ada.id);
    place.app.api.delete(&gone).await.expect(204);
    place.app.api.delete(&gone).await.expect(404);
    let text = place.type_in("list", "U7").await;
    assert!(text.contains("/slack/link/"), "{text}");
    place.app.finish().await;
}

// FIELD case 5: what was recorded within the window has no second effect.
async fn the_same_request_twice_has_one_effect(app: &TestApp) {
    let place = arrive(app).await;
    let ada = Person::arrive(&place.app, "ada", "responder").await;
    place.link(&ada, "U1").await;
    let snooze = place.press("Snooze 1 h", "U1");
    snooze.send(&place.app).await.expect(200);
    let first = place.app.incident().await["snoozed_until"].clone();
    place.app.later(200);
    snooze.send(&place.app).await.expect(200);
    let told = place.reply().await;
    assert!(told.contains("done before"), "{told}");
    assert_eq!(place.app.incident().await["snoozed_until"], first);
    assert_eq!(place.acts().await.len(), 1);
    // The same proof in other letters is the same proof.
    let shouted = Signed {
        signature: snooze.signature.to_uppercase().replace("V0=", "v0="),
        ..snooze.clone()
    };
    shouted.send(&place.app).await.expect(200);
    let told = place.reply().await;
    assert!(told.contains("done before"), "{told}");
    assert_eq!(place.acts().await.len(), 1);
    // Two at the same time, too.
    let resolve = place.press("Resolve", "U1");
    let both = tokio::join!(resolve.send(&place.app), resolve.send(&place.app));
    both.0.expect(200);
    both.1.expect(200);
    let acts = place.acts().await;
    let resolved = acts.iter().filter(|(kind, _)| kind == "incident.resolved");
    assert_eq!(resolved.count(), 1, "{acts:?}");
    place.app.later(200);
    snooze
        .send(&place.app)
        .await
        .expect_problem(401, "slack_signature_stale");
    place.app.finish().await;
}

async fn commands_do_what_they_say(app: &TestApp) {
    let place = arrive(app).await;
    let ada = Person::arrive(&place.app, "ada", "responder").await;
    place.link(&ada, "U1").await;
    assert!(place.type_in("help", "U9").await.contains("`ack 42`"));
    let number = place.app.incident().await["number"].to_string();
    let listed = place.type_in("list", "U1").await;
    let here = format!("<http://epicenter.test/incidents/{number}|#{number}>");
    assert!(listed.contains(&here), "{listed}");
    let told = place.type_in(&format!("ack #{number}"), "U1").await;
    assert!(told.starts_with("You have taken"), "{told}");
    assert_eq!(place.app.incident().await["status"], "acknowledged");
    let told = place.type_in(&format!("resolve {number}"), "U1").await;
    assert!(told.starts_with("You have resolved"), "{told}");
    assert_eq!(place.app.incident().await["status"], "resolved");
    place.app.later(1);
    let told = place.type_in(&format!("ack {number}"), "U1").await;
    assert!(told.starts_with("Nothing was done with"), "{told}");
    assert!(
        place
            .type_in("ack 999", "U1")
            .await
            .contains("no such incident")
    );
    assert!(place.type_in("dance", "U1").await.contains("no command"));
    assert_eq!(place.type_in("list", "U1").await, "Nothing is open.");
    // What was merged is in another incident: that one is meant.
    for issue in [51, 52] {
        place.app.apply(Webhook::event_alert(issue)).await;
    }
    let merge = json!({"into": id(&place.app.api.one("/api/v1/incidents/3").await)});
    let path = format!(
        "/api/v1/incidents/{}/merge",
        id(&place.app.api.one("/api/v1/incidents/2").await)
    );
    place.app.api.post(&path, merge).await.expect(200);
    place.app.later(1);
    let told = place.type_in("resolve 2", "U1").await;
    assert!(told.starts_with("You have resolved"), "{told}");
    let target = place.app.api.one("/api/v1/incidents/3").await;
    assert_eq!(target["status"], "resolved");
    place.app.finish().await;
}

// FIELD cases 5 and 59.
async fn only_slack_gets_through_the_door(app: &TestApp) {
    let place = arrive(app).await;
    let good = place.press("Resolve", "U1");
    let changed = Signed {
        body: format!("{}x", good.body),
        ..good.clone()
    };
    changed
        .send(&place.app)
        .await
        .expect_problem(401, "slack_signature_mismatch");
    let unsigned = Signed {
        signature: String::new(),
        ..good.clone()
    };
    unsigned
        .send(&place.app)
        .await
        .expect_problem(401, "slack_signature_malformed");
    place.app.later(301);
    good.send(&place.app)
        .await
        .expect_problem(401, "slack_signature_stale");
    let without = Signed::command("list", "U1", "http://x.test", app.now());
    without
        .send(app)
        .await
        .expect_problem(401, "slack_no_secret");
    let large = Signed {
        body: "x".repeat(300 << 10),
        ..good
    };
    large
        .send(&place.app)
        .await
        .expect_problem(413, "too_large");
    assert_eq!(place.app.incident().await["status"], "triggered");
    place.app.finish().await;
}

async fn a_viewer_may_only_look(app: &TestApp) {
    let place = arrive(app).await;
    let vera = Person::arrive(&place.app, "vera", "viewer").await;
    place.link(&vera, "U3").await;
    place
        .press("Resolve", "U3")
        .send(&place.app)
        .await
        .expect(200);
    assert!(place.reply().await.contains("may only look"));
    assert_eq!(place.app.incident().await["status"], "triggered");
    assert!(place.type_in("list", "U3").await.contains('#'));
    // Another person cannot say who a member is, and nobody speaks for others.
    let path = format!("/api/v1/users/{}/slack", vera.id);
    let token = place.app.make_token("responder").await;
    let api = place.app.api.with_token(Some(&token));
    let body = json!({"team": "T1", "member": "U4"});
    api.post(&path, body).await.expect_problem(403, "forbidden");
    let odd = json!({"team": "T1", "member": "<U4>"});
    place
        .app
        .api
        .post(&path, odd)
        .await
        .expect_problem(400, "invalid");
    let admin = Person::arrive(&place.app, "grace", "admin").await;
    let page = admin.page(&place.app, "/destinations").await;
    let shown = admin.page(&place.app, &link(&page, "<bdi>#alerts")).await;
    assert!(shown.contains("/hooks/slack/interactive"), "{shown}");
    place.app.finish().await;
}
