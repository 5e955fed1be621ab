//! Foreign text in the markup of each service, so that it is shown as it is: no mention fires, no
//! link appears, nothing turns bold (FIELD case 41). Each function takes a text of any length, and
//! escapes every character for itself.

use epicenter_domain::notification::Link;
use epicenter_domain::notification::cut::{Room, cut, one_line};

/// Seen by nobody, and enough to make no mention of `@here`.
const BREAK: char = '\u{200b}';

/// Slack reads three characters: `<!channel>` needs them.
pub(super) fn slack(text: &str) -> String {
    html_body(text)
}

/// Telegram's HTML and our own: text between tags. A mention in Telegram is an `@` before a name.
pub(super) fn telegram(text: &str) -> String {
    after_at(&html_body(text))
}

/// Text between tags or within a quoted attribute.
pub(super) fn html(text: &str) -> String {
    html_body(text)
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn html_body(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// The Markdown of Discord and Mattermost.
pub(super) fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if r"\`*_~|[]()<>#+-!:".contains(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    after_at(&escaped)
}

fn after_at(text: &str) -> String {
    text.replace('@', &format!("@{BREAK}"))
}

/// A link in Markdown, or its text where there is none to follow.
pub(super) fn markdown_link(link: &Link, room: Room) -> String {
    let text = cut(&one_line(&link.text), room, markdown, "…");
    if link.url.is_empty() {
        text
    } else {
        format!("[{text}]({})", link.url)
    }
}

/// A link in HTML, or its text where there is none to follow.
pub(super) fn html_link(link: &Link, room: Room) -> String {
    let text = cut(&one_line(&link.text), room, telegram, "…");
    if link.url.is_empty() {
        text
    } else {
        format!("<a href=\"{}\">{text}</a>", html(&link.url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room::chars(80);

    #[test]
    fn mentions_and_markup_are_shown_and_do_nothing() {
        // FIELD case 41
        for (escape, text, expected) in [
            (
                slack as fn(&str) -> String,
                "<!channel> & <@U1>",
                "&lt;!channel&gt; &amp; &lt;@U1&gt;",
            ),
            (telegram, "<b>@ada</b>", "&lt;b&gt;@\u{200b}ada&lt;/b&gt;"),
            (
                html,
                "\"><img onerror='x'>",
                "&quot;&gt;&lt;img onerror=&#39;x&#39;&gt;",
            ),
            (markdown, "@everyone", "@\u{200b}everyone"),
            (markdown, "**x** [a](b)", r"\*\*x\*\* \[a\]\(b\)"),
            (markdown, "<@&1> ||x||", "\\<@\u{200b}&1\\> \\|\\|x\\|\\|"),
            (markdown, "~here :boom:", r"\~here \:boom\:"),
        ] {
            assert_eq!(escape(text), expected, "{text}");
        }
    }

    #[test]
    fn links_hold_their_text_and_may_lead_nowhere() {
        let link = |text: &str, url: &str| Link {
            text: text.to_owned(),
            url: url.to_owned(),
        };
        let page = "https://e.test/?a=1&b=2";
        assert_eq!(
            markdown_link(&link("a](b\nc", page), ROOM),
            format!("[a\\]\\(b c]({page})")
        );
        assert_eq!(markdown_link(&link("a", ""), ROOM), "a");
        assert_eq!(
            html_link(&link("<a>", page), ROOM),
            "<a href=\"https://e.test/?a=1&amp;b=2\">&lt;a&gt;</a>"
        );
        assert_eq!(html_link(&link("<", ""), ROOM), "&lt;");
    }
}
