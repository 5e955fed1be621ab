//! Letters at a mail server that others wrote, and cards read by Slack's own library; both from
//! `PyPI`.

use super::{
    BOT_TOKEN, CHANNEL, FakeSlack, IncidentStatus, Kind, MailTls, Receipt, bot, deliver, later,
    mail_target, notice,
};
use crate::python_sdk::program::python_with;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

/// At the versions that the tests were written with.
const PACKAGES: [&str; 2] = ["aiosmtpd==1.4.6", "slack_sdk==3.47.0"];

/// One of the programs beside this file.
fn run(program: &str) -> Child {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/it/journeys/channels/python_sdk"
    );
    Command::new(python_with(&PACKAGES))
        .arg(format!("{folder}/{program}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn a_mail_server_takes_letters_that_belong_together() {
    let start = || {
        let mut server = run("mail_server.py");
        let mut lines = BufReader::new(server.stdout.take().unwrap());
        let mut port = String::new();
        lines.read_line(&mut port).unwrap();
        (server, lines, port.trim().parse::<u16>().unwrap())
    };
    let (mut server, lines, port) = tokio::task::spawn_blocking(start).await.unwrap();
    let target = mail_target(port, MailTls::None, "Ada <ada@example.com>");
    let over = later(Kind::Resolved, IncidentStatus::Resolved, "ntf_2");
    for step in [notice(), over] {
        let receipt = deliver(&target, &step, None).await;
        assert!(matches!(receipt, Receipt::Delivered { .. }), "{receipt:?}");
    }
    // The server ends after two letters.
    let letters: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    assert!(server.wait().unwrap().success());
    assert_eq!(letters.len(), 2, "{letters:#?}");
    for letter in &letters {
        assert_eq!(letter["mail_from"], "epicenter@example.com");
        assert_eq!(letter["rcpt_tos"][0], "ada@example.com");
        assert_eq!(letter["defects"], Value::Array(Vec::new()), "{letter:#}");
        assert_eq!(letter["kinds"][0], "text/plain", "{letter:#}");
        assert!(letter["subject"].as_str().unwrap().contains("#42"));
        assert!(letter["text"].as_str().unwrap().contains("/incidents/"));
    }
    // Both answer one letter that nobody has: programs show them as one conversation.
    assert!(letters[0]["in_reply_to"].is_string(), "{letters:#?}");
    for name in ["in_reply_to", "references"] {
        assert_eq!(letters[0][name], letters[1][name]);
    }
    assert_ne!(letters[0]["message_id"], letters[1]["message_id"]);
}

#[tokio::test]
async fn slacks_own_library_knows_every_block_of_a_card() {
    let slack = FakeSlack::start().await;
    deliver(&bot(&slack, BOT_TOKEN, CHANNEL.0), &notice(), None).await;
    let (cards, _) = slack.cards_and_replies();
    let sent = cards[0].body["blocks"].clone();
    let text = sent.to_string();
    let check = move || {
        let mut checker = run("blocks.py");
        let mut input = checker.stdin.take().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        drop(input);
        checker.wait_with_output().unwrap()
    };
    let output = tokio::task::spawn_blocking(check).await.unwrap();
    assert!(output.status.success());
    let understood: Value = serde_json::from_slice(&output.stdout).unwrap();
    // What it does not know, it leaves out.
    assert_eq!(understood, sent);
    let kinds: Vec<_> = (sent.as_array().unwrap().iter())
        .map(|block| block["type"].as_str().unwrap())
        .collect();
    assert!(
        kinds.contains(&"header") && kinds.contains(&"context"),
        "{kinds:?}"
    );
}
