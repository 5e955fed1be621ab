//! Stack traces for reading: the newest call first, the application's own frames open, the frames
//! of libraries folded.

use epicenter_domain::signal::{Exception, Frame};

/// In a stack without any frame of the application, so many of the newest frames stay unfolded.
const NEWEST_WITHOUT_APP: usize = 4;

/// One exception of a chain.
#[derive(Clone, Debug, Default)]
pub struct ExceptionView {
    /// Type.
    pub kind: String,
    /// Message.
    pub value: String,
    /// Module the type lives in.
    pub module: String,
    /// "handled", "unhandled", or nothing when unknown.
    pub handled: Option<&'static str>,
    /// Is it the one that was raised? The others are its causes.
    pub is_raised: bool,
    /// Frames, newest call first.
    pub groups: Vec<FrameGroup>,
}

/// Frames that are shown or folded together.
#[derive(Clone, Debug)]
pub struct FrameGroup {
    /// Folded under a line such as "12 library frames"?
    pub is_folded: bool,
    /// The frames, newest call first.
    pub frames: Vec<FrameView>,
}

/// One frame.
#[derive(Clone, Debug)]
pub struct FrameView {
    /// Function.
    pub function: String,
    /// Module, where it says more than the file.
    pub module: String,
    /// File.
    pub file: String,
    /// Full path, for the hover.
    pub path: String,
    /// `:12` or `:12:5`.
    pub position: String,
    /// Is it where it crashed?
    pub is_crash: bool,
    /// The application's own code?
    pub is_app: bool,
    /// Source lines; may be empty.
    pub lines: Vec<SourceLine>,
}

/// One line of source.
#[derive(Clone, Debug)]
pub struct SourceLine {
    /// Line number.
    pub number: i64,
    /// Text.
    pub text: String,
    /// Is it the line of the frame?
    pub is_current: bool,
}

impl FrameGroup {
    /// "12 library frames".
    pub fn label(&self) -> String {
        let count = self.frames.len();
        let is_app = self.frames.iter().any(|frame| frame.is_app);
        let what = if is_app { "frame" } else { "library frame" };
        format!("{count} {what}{}", if count == 1 { "" } else { "s" })
    }
}

impl ExceptionView {
    /// The chain for reading: the raised exception first, then what caused it.
    pub fn chain(exceptions: &[Exception]) -> Vec<Self> {
        let view = |(index, exception): (usize, &Exception)| Self {
            kind: exception.kind.clone(),
            value: exception.value.clone(),
            module: exception.module.clone(),
            handled: exception
                .handled
                .map(|yes| if yes { "handled" } else { "unhandled" }),
            is_raised: index == 0,
            groups: groups(&exception.frames),
        };
        exceptions.iter().rev().enumerate().map(view).collect()
    }

    /// The heading: type, else message.
    pub fn heading(&self) -> &str {
        if self.kind.is_empty() {
            "Exception"
        } else {
            &self.kind
        }
    }
}

/// Frames (oldest call first, as stored) for reading.
pub(super) fn groups(frames: &[Frame]) -> Vec<FrameGroup> {
    let has_app = frames.iter().any(|frame| frame.in_app);
    let crash = frames
        .iter()
        .rposition(|frame| frame.in_app)
        .or_else(|| frames.len().checked_sub(1));
    let mut groups: Vec<FrameGroup> = Vec::new();
    for (index, frame) in frames.iter().enumerate().rev() {
        let age = frames.len() - 1 - index;
        let is_shown = if has_app {
            frame.in_app
        } else {
            age < NEWEST_WITHOUT_APP
        };
        let view = FrameView::new(frame, crash == Some(index));
        match groups.last_mut() {
            Some(group) if group.is_folded != is_shown => group.frames.push(view),
            _ => groups.push(FrameGroup {
                is_folded: !is_shown,
                frames: vec![view],
            }),
        }
    }
    groups
}

impl FrameView {
    fn new(frame: &Frame, is_crash: bool) -> Self {
        let file = if frame.filename.is_empty() {
            &frame.abs_path
        } else {
            &frame.filename
        };
        Self {
            function: if frame.function.is_empty() {
                "(anonymous)".to_owned()
            } else {
                frame.function.clone()
            },
            module: if file.is_empty() {
                frame.module.clone()
            } else {
                String::new()
            },
            file: file.clone(),
            path: frame.abs_path.clone(),
            position: match (frame.line, frame.column) {
                (Some(line), Some(column)) => format!(":{line}:{column}"),
                (Some(line), None) => format!(":{line}"),
                (None, _) => String::new(),
            },
            is_crash,
            is_app: frame.in_app,
            lines: source_lines(frame),
        }
    }

    /// `at file:12 in function`, for the plain text.
    pub fn line(&self) -> String {
        let place = if self.file.is_empty() {
            &self.module
        } else {
            &self.file
        };
        let mark = if self.is_app { "" } else { " [library]" };
        format!("  at {} ({place}{}){mark}", self.function, self.position)
    }
}

fn source_lines(frame: &Frame) -> Vec<SourceLine> {
    if frame.context_line.is_empty() {
        return Vec::new();
    }
    let current = frame.line.unwrap_or_default();
    let before = i64::try_from(frame.pre_context.len()).unwrap_or_default();
    let texts = frame
        .pre_context
        .iter()
        .chain(std::iter::once(&frame.context_line))
        .chain(&frame.post_context);
    (current.saturating_sub(before)..)
        .zip(texts)
        .map(|(number, text)| SourceLine {
            number,
            text: text.clone(),
            is_current: number == current,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(function: &str, in_app: bool) -> Frame {
        Frame {
            function: function.to_owned(),
            in_app,
            ..Frame::default()
        }
    }

    fn outline(frames: &[Frame]) -> String {
        let shown = |group: &FrameGroup| {
            let names: Vec<&str> = group
                .frames
                .iter()
                .map(|frame| frame.function.as_str())
                .collect();
            format!(
                "{}[{}]",
                if group.is_folded { "-" } else { "+" },
                names.join(" ")
            )
        };
        groups(frames)
            .iter()
            .map(shown)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn the_newest_call_comes_first_and_libraries_are_folded() {
        let frames = [
            frame("main", true),
            frame("lib1", false),
            frame("lib2", false),
            frame("handler", true),
            frame("throw", false),
        ];
        assert_eq!(outline(&frames), "-[throw] +[handler] -[lib2 lib1] +[main]");
        let crash: Vec<String> = groups(&frames)
            .into_iter()
            .flat_map(|group| group.frames)
            .filter(|frame| frame.is_crash)
            .map(|frame| frame.function)
            .collect();
        assert_eq!(crash, ["handler"]);
    }

    #[test]
    fn a_stack_of_libraries_alone_shows_its_newest_frames() {
        let frames: Vec<Frame> = (0..6).map(|n| frame(&n.to_string(), false)).collect();
        assert_eq!(outline(&frames), "+[5 4 3 2] -[1 0]");
        assert_eq!(outline(&[]), "");
    }

    #[test]
    fn source_lines_are_numbered_around_the_line() {
        let frame = Frame {
            line: Some(12),
            pre_context: vec!["a".to_owned(), "b".to_owned()],
            context_line: "c".to_owned(),
            post_context: vec!["d".to_owned()],
            ..Frame::default()
        };
        let numbers: Vec<(i64, bool)> = source_lines(&frame)
            .iter()
            .map(|line| (line.number, line.is_current))
            .collect();
        assert_eq!(numbers, [(10, false), (11, false), (12, true), (13, false)]);
    }

    #[test]
    fn the_raised_exception_leads_the_chain() {
        let exception = |kind: &str| Exception {
            kind: kind.to_owned(),
            ..Exception::default()
        };
        let chain = ExceptionView::chain(&[exception("Cause"), exception("Raised")]);
        assert_eq!(chain[0].kind, "Raised");
        assert!(chain[0].is_raised && !chain[1].is_raised);
    }
}
