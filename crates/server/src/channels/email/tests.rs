use super::letter::Letter;
use super::text;
use crate::channels::tests::{digest, notice, strange};
use epicenter_domain::notification::{Kind, MailServer, MailTls, Message, Notice};
use std::time::{Duration, SystemTime};

fn letter(notice: &Notice, from: &str, to: &[&str]) -> Result<String, String> {
    let server = MailServer {
        host: "mail.example.com".to_owned(),
        port: 587,
        tls: MailTls::Starttls,
        login: None,
    };
    let to: Vec<_> = to.iter().map(|text| (*text).to_owned()).collect();
    let letter = Letter {
        server: &server,
        from,
        to: &to,
    };
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_693_605);
    let message = letter.render((notice, &[]), now)?;
    let text = String::from_utf8_lossy(&message.formatted()).into_owned();
    Ok(text.replace("\r\n", "\n"))
}

fn usual(notice: &Notice) -> String {
    letter(
        notice,
        "Epicenter <epicenter@example.com>",
        &["oncall@example.com"],
    )
    .unwrap()
}

fn header<'a>(letter: &'a str, name: &str) -> Option<&'a str> {
    let (head, _) = letter.split_once("\n\n")?;
    let line = head
        .lines()
        .find(|line| line.starts_with(&format!("{name}: ")));
    line.map(|line| &line[name.len() + 2..])
}

#[test]
fn a_letter_says_it_all_in_two_forms() {
    insta::assert_snapshot!(usual(&notice()));
    insta::assert_snapshot!(text::plain(&Message::of(&digest())));
    insta::assert_snapshot!(text::formatted(&Message::of(&digest())));
}

#[test]
fn letters_about_one_incident_are_one_conversation() {
    let first = notice();
    let mut second = notice();
    second.kind = Kind::Resolved;
    second.idempotency_key = "ntf_01kexample0009".to_owned();
    let (first, second) = (usual(&first), usual(&second));
    assert_ne!(header(&first, "Message-ID"), header(&second, "Message-ID"));
    assert_eq!(
        header(&second, "References"),
        Some("<inc_01kexample0000@example.com>")
    );
    assert_eq!(header(&first, "References"), header(&second, "References"));
    let subject = header(&first, "Subject").unwrap();
    assert_eq!(
        header(&second, "Subject"),
        Some(format!("Re: {subject}").as_str())
    );
    // A digest begins its own.
    assert_eq!(header(&usual(&digest()), "References"), None);
}

#[test]
fn programs_do_not_answer_and_people_can_leave() {
    let letter = usual(&notice());
    assert_eq!(header(&letter, "Auto-Submitted"), Some("auto-generated"));
    assert_eq!(
        header(&letter, "List-Unsubscribe"),
        Some("<mailto:epicenter@example.com?subject=unsubscribe>")
    );
}

#[test]
fn no_text_adds_a_header_or_leaves_its_tag() {
    // FIELD cases 40, 41 and 53
    for notice in strange() {
        let letter = usual(&notice);
        for name in ["Bcc", "X-Evil", "Cc"] {
            assert_eq!(header(&letter, name), None, "{letter}");
        }
        assert!(letter.contains("boundary="));
        let message = Message::of(&notice);
        let (html, plain) = (text::formatted(&message), text::plain(&message));
        assert!(
            !html.contains("<script") && !html.contains("<img"),
            "{html}"
        );
        assert!(html.len() <= 32 << 10 && plain.len() <= 32 << 10);
        let subject = text::subject(&notice);
        assert!(subject.chars().count() <= 200 && !subject.contains(['\r', '\n']));
    }
}

#[test]
fn addresses_that_are_none_are_named() {
    for (from, to, expected) in [
        ("nobody", &["a@example.com"][..], "\"nobody\" is no"),
        ("a@example.com", &["x y z"], "\"x y z\" is no"),
        ("a@example.com", &[], "between 1 and 50"),
        (
            "a@example.com",
            &["b@example.com\r\nBcc: c@example.com"],
            "is no",
        ),
    ] {
        let error = letter(&notice(), from, to).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}
