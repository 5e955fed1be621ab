//! What a letter says, as text and as HTML.

use crate::channels::markup::html;
use epicenter_domain::notification::cut::{Escape, as_it_is, cut, gather, one_line, rest_at};
use epicenter_domain::notification::limits::{
    EMAIL_LINE, EMAIL_SUBJECT, EMAIL_SUMMARY, EMAIL_TEXT,
};
use epicenter_domain::notification::{Link, Message, Notice};

/// The subject: the same for all letters about an incident, or programs would tear them apart.
pub(super) fn subject(notice: &Notice) -> String {
    let message = Message::of(notice);
    let title = one_line(&message.title);
    let subject = match notice.incident() {
        Some(incident) => format!("[#{}] {title}", incident.number),
        None => format!("{} {title}", message.prefix),
    };
    cut(&subject, EMAIL_SUBJECT, as_it_is, "…")
}

/// The letter without any form.
pub(super) fn plain(message: &Message) -> String {
    let line = |text: &str| cut(&one_line(text), EMAIL_LINE, as_it_is, "…");
    let link = |link: &Link| match link.url.as_str() {
        "" => line(&link.text),
        url => format!("{}\n  {url}", line(&link.text)),
    };
    let facts = message.facts.iter();
    let facts = facts.map(|(label, value)| format!("{label}: {}", line(value)));
    let lines = message.lines.iter().map(|one| format!("- {}", link(one)));
    let blocks = [
        format!("{}\n{}", message.prefix, line(&message.title)),
        long(message, as_it_is),
        facts.collect::<Vec<_>>().join("\n"),
        message.crash_site.as_deref().map(line).unwrap_or_default(),
        labelled("Suspect: ", message.suspect.as_ref().map(link)),
        lines.collect::<Vec<_>>().join("\n"),
        message
            .links
            .iter()
            .map(link)
            .collect::<Vec<_>>()
            .join("\n"),
        labelled("-- \n", Some(line(&message.reason))),
    ];
    gather(blocks, "\n\n", EMAIL_TEXT)
}

/// The letter as HTML: no pictures, no styles from elsewhere, readable in the dark.
pub(super) fn formatted(message: &Message) -> String {
    let line = |text: &str| cut(&one_line(text), EMAIL_LINE, html, "…");
    let link = |link: &Link| match link.url.as_str() {
        "" => line(&link.text),
        url => format!("<a href=\"{}\">{}</a>", html(url), line(&link.text)),
    };
    let fact = |(label, value): &(&str, String)| {
        format!("<tr><td>{label}&nbsp;</td><td>{}</td></tr>", line(value))
    };
    let rows = message.facts.iter().map(fact).collect::<String>();
    let items = message
        .lines
        .iter()
        .map(|one| format!("<li>{}</li>", link(one)));
    let items = items.collect::<String>();
    let links = message
        .links
        .iter()
        .map(link)
        .collect::<Vec<_>>()
        .join(" · ");
    let blocks = [
        format!("<h2>{} {}</h2>", message.prefix, line(&message.title)),
        wrapped("p", &long(message, html)),
        wrapped("table", &rows),
        wrapped(
            "pre",
            &message.crash_site.as_deref().map(line).unwrap_or_default(),
        ),
        wrapped(
            "p",
            &labelled("Suspect: ", message.suspect.as_ref().map(link)),
        ),
        wrapped("ul", &items),
        wrapped("p", &links),
        wrapped("small", &line(&message.reason)),
    ];
    let body = gather(blocks, "\n", EMAIL_TEXT.beside(FRAME));
    FRAME.replace("{}", &body)
}

const FRAME: &str = "<!doctype html>\n<html><head><meta charset=\"utf-8\">\
<meta name=\"color-scheme\" content=\"light dark\"></head>\n\
<body style=\"font-family:sans-serif\">\n{}\n</body></html>\n";

fn long(message: &Message, escape: Escape) -> String {
    let rest = rest_at(message.page());
    cut(&message.text, EMAIL_SUMMARY, escape, &rest)
}

fn labelled(label: &str, text: Option<String>) -> String {
    let text = text.filter(|text| !text.is_empty());
    text.map_or_else(String::new, |text| format!("{label}{text}"))
}

fn wrapped(tag: &str, inner: &str) -> String {
    if inner.is_empty() {
        return String::new();
    }
    format!("<{tag}>{inner}</{tag}>")
}
