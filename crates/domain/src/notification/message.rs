//! A notice as every channel shows it, before any markup: what a channel adds is form.

use super::limits::{DIGEST_LINES, URL_CHARS};
use super::wording::{self, Fact};
use super::{Digest, IncidentFacts, Link, Notice, Subject};

/// What a message says, top to bottom. Texts are foreign and unescaped; links are safe to follow.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// `🔴 [#42 Triggered]`: ours, in no need of escaping.
    pub prefix: String,
    /// Title.
    pub title: String,
    /// Sentences under the title; may be empty.
    pub text: String,
    /// Labels and values.
    pub facts: Vec<Fact>,
    /// Where it broke.
    pub crash_site: Option<String>,
    /// What most likely caused it; its link may be empty.
    pub suspect: Option<Link>,
    /// Several things, with their links, which may be empty.
    pub lines: Vec<Link>,
    /// Where to read on; the first one is ours.
    pub links: Vec<Link>,
    /// Why the reader gets it.
    pub reason: String,
}

impl Message {
    /// What the notice says.
    pub fn of(notice: &Notice) -> Self {
        let message = Self {
            prefix: format!("{} {}", wording::sign(notice), wording::prefix(notice)),
            title: wording::title(notice).to_owned(),
            text: notice.summary.clone(),
            facts: Vec::new(),
            crash_site: None,
            suspect: None,
            lines: Vec::new(),
            links: Vec::new(),
            reason: notice.reason.clone(),
        };
        match &notice.subject {
            Subject::Incident(incident) => message.about(incident),
            Subject::Digest(digest) => message.listing(digest),
            Subject::Record(record) => Self {
                text: record.text.clone(),
                links: vec![Link {
                    text: "Open in Epicenter".to_owned(),
                    url: record.page_url.clone(),
                }],
                ..message
            },
        }
    }

    /// Where the whole text can be read.
    pub fn page(&self) -> Option<&str> {
        self.links.first().map(|link| link.url.as_str())
    }

    fn about(self, incident: &IncidentFacts) -> Self {
        let sentry = incident.sentry_url.as_deref().unwrap_or_default();
        let links = [
            ("Open in Epicenter", incident.page_url.as_str()),
            ("Open in Sentry", sentry),
        ];
        let links = links.into_iter().filter_map(|(text, url)| link(text, url));
        Self {
            facts: wording::facts(incident),
            crash_site: wording::crash_site(incident).map(str::to_owned),
            suspect: incident.suspect.as_ref().map(checked),
            links: links.collect(),
            ..self
        }
    }

    fn listing(self, digest: &Digest) -> Self {
        let shown = digest.lines.iter().take(DIGEST_LINES);
        let hidden = digest.lines.len().saturating_sub(DIGEST_LINES);
        let more = digest.more + i64::try_from(hidden).unwrap_or(i64::MAX);
        let mut lines: Vec<_> = shown
            .map(|line| {
                let mut shown = checked(&line.link);
                if !line.note.is_empty() {
                    shown.text = format!("{} ({})", shown.text, line.note);
                }
                shown
            })
            .collect();
        if more > 0 {
            lines.push(Link {
                text: wording::more(more),
                url: String::new(),
            });
        }
        let texts = [self.text.as_str(), digest.text.as_str()];
        let texts = texts.into_iter().filter(|text| !text.is_empty());
        let all = digest.link.as_ref();
        Self {
            text: texts.collect::<Vec<_>>().join(" "),
            lines,
            links: all
                .and_then(|all| link(&all.text, &all.url))
                .into_iter()
                .collect(),
            ..self
        }
    }
}

/// The address, if it is one of a page that may be shown as a link, else nothing.
pub fn web_page(url: &str) -> Option<&str> {
    Some(url).filter(|url| is_web_page(url))
}

/// The link, if it leads to a page: anything else is no link, whoever sent it.
fn link(text: &str, url: &str) -> Option<Link> {
    is_web_page(url).then(|| Link {
        text: text.to_owned(),
        url: url.to_owned(),
    })
}

/// The link, without its address if that leads to no page.
fn checked(line: &Link) -> Link {
    let url = if is_web_page(&line.url) {
        line.url.clone()
    } else {
        String::new()
    };
    Link {
        text: line.text.clone(),
        url,
    }
}

/// Is it the address of a page, free of all that could end a link in some markup?
fn is_web_page(url: &str) -> bool {
    let begins = url.starts_with("https://") || url.starts_with("http://");
    let breaks = |letter: char| {
        letter.is_whitespace() || letter.is_control() || "<>\"'`|\\^{}()[]*".contains(letter)
    };
    begins && url.len() <= URL_CHARS && url.is_ascii() && !url.contains(breaks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_are_links() {
        // FIELD case 53
        for (url, expected) in [
            ("https://acme.sentry.io/issues/42/?a=b&c=d#e", true),
            ("http://127.0.0.1:7070/incidents/1", true),
            ("http://[::1]/", false),
            ("javascript:alert(1)", false),
            ("https://evil.test/|click", false),
            ("https://evil.test/>", false),
            ("https://evil.test/) [x](y", false),
            ("https://evil.test/ x", false),
            ("https://evil.test/\u{202e}", false),
            ("", false),
        ] {
            assert_eq!(is_web_page(url), expected, "{url}");
        }
        assert!(!is_web_page(&format!(
            "https://e.test/{}",
            "a".repeat(URL_CHARS)
        )));
    }
}
