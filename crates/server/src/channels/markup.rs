//! Foreign text in the markup of each service, so that it is shown as it is: no mention fires, no
//! link appears, nothing turns bold (FIELD case 41). Each function takes a text of any length, and
//! escapes every character for itself.

use epicenter_domain::notification::Link;
use epicenter_domain::notification::cut::{Room, cut, one_line};
use epicenter_domain::sources::slack_action;

/// Seen by nobody, and enough to make no mention of `@here`.
const BREAK: char = '\u{200b}';

/// Slack reads three characters, `<!channel>` needs them; all others stand for themselves.
pub(super) fn slack(text: &str) -> String {
    slack_action::escaped(text)
}

/// Telegram's HTML reads the same three. A mention in Telegram is an `@` before a name.
pub(super) fn telegram(text: &str) -> String {
    after_at(&slack(text))
}

/// Text between tags or within a quoted attribute.
pub(super) fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The Markdown of Discord and Mattermost; both know mentions between `<` and `>` as well, and
/// Mattermost cannot escape that.
pub(super) fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if r"\`*_~|[]()>#+-!".contains(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
        if letter == '<' {
            escaped.push(BREAK);
        }
    }
    after_at(&escaped)
}

/// Text that no markup is read in, code or a footer: only the mentions are taken out of it.
pub(super) fn quiet(text: &str) -> String {
    after_at(&text.replace('`', "'").replace('<', &format!("<{BREAK}")))
}

fn after_at(text: &str) -> String {
    let mut broken = String::with_capacity(text.len());
    for letter in text.chars() {
        broken.push(letter);
        if letter == '@' {
            broken.push(BREAK);
        }
    }
    broken
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

    /// How to write it, the text, and what comes out.
    type Case = (fn(&str) -> String, &'static str, &'static str);

    #[test]
    fn mentions_and_markup_are_shown_and_do_nothing() {
        // FIELD case 41
        let cases: [Case; 9] = [
            (
                slack,
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
            (
                markdown,
                "<@&1> ||x||",
                "<\u{200b}@\u{200b}&1\\> \\|\\|x\\|\\|",
            ),
            (quiet, "`@all`", "'@\u{200b}all'"),
            (quiet, "<!all>", "<\u{200b}!all>"),
            (markdown, "~here :boom:", r"\~here :boom:"),
        ];
        for (escape, text, expected) in cases {
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
