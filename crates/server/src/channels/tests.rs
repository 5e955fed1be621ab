//! Notices to try channels with: the one that the store's first version kept, and strange ones.

use crate::clients::outbound::Request;
use epicenter_domain::incident::IncidentStatus;
use epicenter_domain::notification::{DigestLine, Link, Notice, NoticePayload, Subject};
use serde_json::Value;

const NOTICE: &str = include_str!("../../../domain/src/notification/fixtures/notice-v1.json");
const DIGEST: &str = include_str!("../../../domain/src/notification/fixtures/digest-v1.json");

fn read(text: &str) -> Notice {
    let payload: NoticePayload = serde_json::from_str(text).unwrap();
    payload.into_notice()
}

pub(super) fn notice() -> Notice {
    read(NOTICE)
}

pub(super) fn digest() -> Notice {
    read(DIGEST)
}

pub(super) fn with_status(status: IncidentStatus) -> Notice {
    let mut notice = notice();
    if let Subject::Incident(incident) = &mut notice.subject {
        incident.status = status;
    }
    notice
}

pub(super) fn body_of(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

/// Texts that have broken such things before, short and very long.
const STRANGE: [&str; 12] = [
    "",
    " ",
    "@everyone @channel @here @all <!channel> <!here|x> <@U1> <@&1>",
    "\r\nBcc: evil@example.com\r\nX-Evil: 1\n\n.\r\n",
    "</b></a><script>alert(1)</script><img src=x onerror=alert(1)>",
    "**bold** [click](https://evil.test) `code` ||spoiler|| *b* _i_ ~s~",
    "👩‍👩‍👧‍👦🏳️‍🌈🇺🇦👍🏽",
    "\u{202e}gnp.exe\u{2066}\u{200b}\u{200d}\u{feff} مرحبا بالعالم שלום",
    "e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}",
    "\"\\\"\\\u{0}\u{7}\u{1b}[31m{{}}%s%n${jndi:ldap://x}",
    "&amp;&lt;&#x41;",
    "\u{1f4a9}'\"`",
];

/// A notice with this text everywhere.
fn all_of(text: &str, notice: Notice) -> Notice {
    let mut notice = notice;
    let link = Link {
        text: text.to_owned(),
        url: text.to_owned(),
    };
    match &mut notice.subject {
        Subject::Incident(incident) => {
            incident.title = text.to_owned();
            incident.source = text.to_owned();
            for place in [
                &mut incident.service,
                &mut incident.environment,
                &mut incident.release,
                &mut incident.assignee,
                &mut incident.culprit,
                &mut incident.top_frame,
                &mut incident.sentry_url,
            ] {
                *place = Some(text.to_owned());
            }
            incident.suspect = Some(link);
        }
        Subject::Record(record) => {
            record.title = text.to_owned();
            record.text = text.to_owned();
        }
        Subject::Digest(digest) => {
            digest.title = text.to_owned();
            digest.text = text.to_owned();
            let line = DigestLine {
                link,
                note: text.to_owned(),
                ..digest.lines[0].clone()
            };
            digest.lines = vec![line; 40];
        }
    }
    notice.summary = text.to_owned();
    notice.reason = text.to_owned();
    notice
}

/// FIELD cases 40 and 41: every strange text in every place, once and so often that it is cut.
pub(super) fn strange() -> Vec<Notice> {
    let mut notices = Vec::new();
    for text in STRANGE {
        // Six and seven thousand: the cut falls at another place of the pattern.
        let long = text.repeat(6_001 / text.len().max(1));
        let longer = format!("x{}", text.repeat(20_003 / text.len().max(1)));
        for text in [text.to_owned(), long, longer] {
            notices.push(all_of(&text, notice()));
            notices.push(all_of(&text, digest()));
        }
    }
    notices
}
