//! Our own icons, 16 by 16, drawn with the colour of the text around them.

use askama::filters::HtmlSafe;
use std::fmt;

/// An icon. It is hidden from screen readers: the words beside it say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are what the pictures show")]
pub enum Icon {
    Bars,
    Bell,
    Book,
    Branch,
    Check,
    Chevron,
    Clock,
    Copy,
    Cross,
    Dot,
    External,
    Gear,
    Half,
    Inbox,
    Info,
    Keyboard,
    List,
    Menu,
    Moon,
    Note,
    Octagon,
    Pause,
    Person,
    Plug,
    Question,
    Redo,
    Search,
    Shield,
    Ship,
    Siren,
    Stack,
    Sun,
    Trash,
    Triangle,
    Undo,
}

/// The drawings inside the frame. `f` marks filled shapes, `k` lines on them.
const DRAWINGS: [(Icon, &str); 35] = [
    (
        Icon::Bars,
        "<path d=\"M3.4 13.2V9.4m4.6 3.8V2.8m4.6 10.4V6.2\"/>",
    ),
    (
        Icon::Bell,
        "<path d=\"M4 6.8a4 4 0 0 1 8 0c0 3 1.2 4.2 1.2 4.2H2.8S4 9.8 4 6.8Z\"/>\
                 <path d=\"M6.6 13.4a1.5 1.5 0 0 0 2.8 0\"/>",
    ),
    (
        Icon::Book,
        "<path d=\"M3 3.4c2-.8 3.6-.5 5 .7 1.4-1.2 3-1.5 5-.7v9c-2-.8-3.6-.5-5 .7-1.4-1.2-3-1.5-5-.7Z\"/>\
                 <path d=\"M8 4.1v9\"/>",
    ),
    (
        Icon::Branch,
        "<circle cx=\"4.4\" cy=\"3.8\" r=\"1.6\"/><circle cx=\"4.4\" cy=\"12.2\" r=\"1.6\"/>\
                 <circle cx=\"11.6\" cy=\"5.4\" r=\"1.6\"/>\
                 <path d=\"M4.4 5.4v5.2m7.2-3.6c0 2.6-3.6 2-6.2 3.6\"/>",
    ),
    (
        Icon::Check,
        "<circle class=\"f\" cx=\"8\" cy=\"8\" r=\"6.4\"/>\
                 <path class=\"k\" d=\"m5.2 8.2 2 2 3.8-4.2\"/>",
    ),
    (Icon::Chevron, "<path d=\"m6 3.8 4.2 4.2L6 12.2\"/>"),
    (
        Icon::Clock,
        "<circle cx=\"8\" cy=\"8\" r=\"6.2\"/><path d=\"M8 4.6V8l2.4 1.6\"/>",
    ),
    (
        Icon::Copy,
        "<rect x=\"5.6\" y=\"5.6\" width=\"8\" height=\"8\" rx=\"1.6\"/>\
                 <path d=\"M10.4 5.4V3.8c0-.8-.6-1.4-1.4-1.4H3.8c-.8 0-1.4.6-1.4 1.4V9c0 .8.6 1.4 1.4 1.4h1.6\"/>",
    ),
    (
        Icon::Cross,
        "<circle class=\"f\" cx=\"8\" cy=\"8\" r=\"6.4\"/>\
                 <path class=\"k\" d=\"m5.7 5.7 4.6 4.6m0-4.6-4.6 4.6\"/>",
    ),
    (
        Icon::Dot,
        "<circle cx=\"8\" cy=\"8\" r=\"6\"/><circle class=\"f\" cx=\"8\" cy=\"8\" r=\"3\"/>",
    ),
    (
        Icon::External,
        "<path d=\"M9.6 2.6h3.8v3.8M13.2 2.8 7.6 8.4M11.6 9.4v2.8c0 .7-.5 1.2-1.2 1.2H3.8c-.7 \
                 0-1.2-.5-1.2-1.2V5.6c0-.7.5-1.2 1.2-1.2h2.8\"/>",
    ),
    (
        Icon::Gear,
        "<circle cx=\"8\" cy=\"8\" r=\"2.2\"/><path d=\"M8 1.8v1.8m0 8.8v1.8M1.8 8h1.8m8.8 \
                 0h1.8M3.6 3.6l1.3 1.3m6.2 6.2 1.3 1.3m0-8.8-1.3 1.3m-6.2 6.2-1.3 1.3\"/>",
    ),
    (
        Icon::Half,
        "<circle cx=\"8\" cy=\"8\" r=\"6\"/><path class=\"f\" d=\"M8 2a6 6 0 0 1 0 12Z\"/>",
    ),
    (
        Icon::Inbox,
        "<path d=\"M2.4 9 4 3.6c.2-.6.7-1 1.3-1h5.4c.6 0 1.1.4 1.3 1L13.6 9v3c0 .8-.6 1.4-1.4 \
                 1.4H3.8c-.8 0-1.4-.6-1.4-1.4V9Z\"/><path d=\"M2.6 9h3l.9 1.8h3l.9-1.8h3\"/>",
    ),
    (
        Icon::Info,
        "<circle cx=\"8\" cy=\"8\" r=\"6.2\"/><path d=\"M8 7.4v3.8M8 4.9v.1\"/>",
    ),
    (
        Icon::Keyboard,
        "<rect x=\"1.6\" y=\"4\" width=\"12.8\" height=\"8.4\" rx=\"1.6\"/>\
                 <path d=\"M4.2 6.8h.1m2.4 0h.1m2.4 0h.1m2.4 0h.1M5 9.8h6\"/>",
    ),
    (
        Icon::List,
        "<path d=\"M5.8 4h8M5.8 8h8M5.8 12h8M2.4 4h.1M2.4 8h.1M2.4 12h.1\"/>",
    ),
    (
        Icon::Menu,
        "<path d=\"M2.4 4.4h11.2M2.4 8h11.2M2.4 11.6h11.2\"/>",
    ),
    (
        Icon::Moon,
        "<path d=\"M13.2 9.6A5.8 5.8 0 0 1 6.4 2.8a5.8 5.8 0 1 0 6.8 6.8Z\"/>",
    ),
    (
        Icon::Note,
        "<path d=\"M3.8 2.4h8.4c.8 0 1.4.6 1.4 1.4v6L9.8 13.6h-6c-.8 0-1.4-.6-1.4-1.4V3.8c0-.8.6-1.4 \
                 1.4-1.4Z\"/><path d=\"M13.4 9.8H11c-.7 0-1.2.5-1.2 1.2v2.4\"/>",
    ),
    (
        Icon::Octagon,
        "<path class=\"f\" d=\"M5.3 1.6h5.4l3.7 3.7v5.4l-3.7 3.7H5.3l-3.7-3.7V5.3Z\"/>\
                 <path class=\"k\" d=\"M8 4.6v4M8 11.2v.1\"/>",
    ),
    (
        Icon::Pause,
        "<circle cx=\"8\" cy=\"8\" r=\"6.2\"/><path d=\"M6.4 6v4m3.2-4v4\"/>",
    ),
    (
        Icon::Person,
        "<circle cx=\"8\" cy=\"5.4\" r=\"2.8\"/><path d=\"M2.8 13.6c.4-2.8 2.5-4.2 5.2-4.2s4.8 \
                 1.4 5.2 4.2\"/>",
    ),
    (
        Icon::Plug,
        "<path d=\"M6 1.8v3.4m4-3.4v3.4M3.8 5.2h8.4v2.2a4.2 4.2 0 0 1-8.4 0ZM8 11.6v2.8\"/>",
    ),
    (
        Icon::Question,
        "<circle cx=\"8\" cy=\"8\" r=\"6.2\"/><path d=\"M6.2 6.3c.1-1 .8-1.6 1.8-1.6s1.8.6 1.8 \
                 1.5c0 1.3-1.8 1.4-1.8 2.6M8 11.2v.1\"/>",
    ),
    (
        Icon::Redo,
        "<path d=\"M13.2 8A5.2 5.2 0 1 1 11.4 4.1M13.4 2v3h-3\"/>",
    ),
    (
        Icon::Search,
        "<circle cx=\"7\" cy=\"7\" r=\"4.4\"/><path d=\"m10.4 10.4 3.4 3.4\"/>",
    ),
    (
        Icon::Shield,
        "<path d=\"M8 1.8 3 3.6v4c0 3 2 5.2 5 6.6 3-1.4 5-3.6 5-6.6v-4Z\"/><path d=\"m5.8 8 1.6 \
                 1.6 2.8-3.2\"/>",
    ),
    (
        Icon::Ship,
        "<path d=\"M8 10.4V2.2M4.8 5.2 8 2l3.2 3.2M2.6 9.4v2.8c0 .8.6 1.4 1.4 1.4h8c.8 0 1.4-.6 \
                 1.4-1.4V9.4\"/>",
    ),
    (
        Icon::Siren,
        "<circle class=\"f\" cx=\"8\" cy=\"8\" r=\"1.6\"/><circle cx=\"8\" cy=\"8\" r=\"4\"/>\
                 <circle cx=\"8\" cy=\"8\" r=\"6.6\"/>",
    ),
    (
        Icon::Stack,
        "<path d=\"m8 2 6 3-6 3-6-3ZM2.4 8.2 8 11l5.6-2.8M2.4 11.2 8 14l5.6-2.8\"/>",
    ),
    (
        Icon::Sun,
        "<circle cx=\"8\" cy=\"8\" r=\"2.8\"/><path d=\"M8 1.6v1.2m0 10.4v1.2M1.6 8h1.2m10.4 \
                 0h1.2M3.5 3.5l.8.8m7.4 7.4.8.8m0-9-.8.8m-7.4 7.4-.8.8\"/>",
    ),
    (
        Icon::Trash,
        "<path d=\"M2.6 4.2h10.8M6 4V2.6h4V4M4 4.4l.6 8c0 .6.5 1 1.1 1h4.6c.6 0 1.1-.4 1.1-1l.6-8\"/>",
    ),
    (
        Icon::Triangle,
        "<path class=\"f\" d=\"M8 1.8 15 14H1Z\"/><path class=\"k\" d=\"M8 6v3.6M8 11.8v.1\"/>",
    ),
    (
        Icon::Undo,
        "<path d=\"M5.4 3 2.4 6l3 3M2.8 6h6.4a4 4 0 0 1 0 8H6\"/>",
    ),
];

impl Icon {
    fn drawing(self) -> &'static str {
        let known = DRAWINGS.iter().find(|(icon, _)| *icon == self);
        known.map_or("", |(_, drawing)| drawing)
    }
}

impl fmt::Display for Icon {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = if *self == Self::Chevron {
            "icon chevron"
        } else {
            "icon"
        };
        write!(
            out,
            "<svg class=\"{class}\" viewBox=\"0 0 16 16\" width=\"16\" height=\"16\" \
             aria-hidden=\"true\" focusable=\"false\">{}</svg>",
            self.drawing()
        )
    }
}

impl HtmlSafe for Icon {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_is_drawn_once() {
        for (icon, drawing) in DRAWINGS {
            assert_eq!(icon.drawing(), drawing, "{icon:?}");
        }
        assert!(!Icon::Undo.drawing().is_empty() && !Icon::Bell.drawing().is_empty());
    }
}
