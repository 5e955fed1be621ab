//! Exceptions, threads and frames of an event. The raised exception is the last; of its frames
//! the oldest call comes first and the crash last.

use super::event::{self, interface, values};
use crate::limits;
use crate::signal::{Exception, Frame};
use crate::sources::wire::Wire;

/// The chain of exceptions, cause first; only the last ones of a very long chain.
pub(super) fn exceptions(event: &Wire<'_>) -> Vec<Exception> {
    let chain = interface(event, event::EXCEPTION);
    let links = match values(chain) {
        [] => std::slice::from_ref(chain),
        links => links,
    };
    let known = |link: &&Wire<'_>| !link.first(&["type", "value", "stacktrace"]).is_blank();
    let known: Vec<_> = links.iter().filter(known).collect();
    newest(&known, limits::EXCEPTIONS)
        .iter()
        .map(|link| exception(link))
        .collect()
}

fn exception(link: &Wire<'_>) -> Exception {
    Exception {
        kind: link
            .get("type")
            .line(limits::TITLE_CHARS)
            .unwrap_or_default(),
        value: match link.get("value") {
            object if object.is_map() => object.first(&["message", "value"]).message(),
            text => text.message(),
        },
        module: link
            .get("module")
            .line(limits::PATH_CHARS)
            .unwrap_or_default(),
        handled: link.path(&["mechanism", "handled"]).bool(),
        frames: frames(link.first(&["stacktrace", "raw_stacktrace", "rawStacktrace"])),
    }
}

/// The stack of the crashed, else the current, else the first thread with one; only when the
/// raised exception has no frames of its own.
pub(super) fn thread_frames(event: &Wire<'_>, exceptions: &[Exception]) -> Vec<Frame> {
    if exceptions
        .last()
        .is_some_and(|raised| !raised.frames.is_empty())
    {
        return Vec::new();
    }
    let threads = values(interface(event, event::THREADS));
    let stack = |thread: &Wire<'_>| frames(thread.first(&["stacktrace", "rawStacktrace"]));
    let flagged = |flag: &str| {
        let mut flagged = threads
            .iter()
            .filter(|thread| thread.get(flag).bool() == Some(true));
        flagged.find_map(|thread| filled(stack(thread)))
    };
    flagged("crashed")
        .or_else(|| flagged("current"))
        .or_else(|| threads.iter().find_map(|thread| filled(stack(thread))))
        .unwrap_or_else(|| frames(interface(event, event::STACKTRACE)))
}

fn filled(frames: Vec<Frame>) -> Option<Vec<Frame>> {
    (!frames.is_empty()).then_some(frames)
}

fn frames(stacktrace: &Wire<'_>) -> Vec<Frame> {
    let frames = stacktrace.get("frames");
    // Nobody asked for the frames: one without a word says that there are some.
    if matches!(frames, Wire::Unread(text) if text.starts_with('[') && text.contains('{')) {
        return vec![Frame::default()];
    }
    newest(frames.list(), limits::FRAMES)
        .iter()
        .filter(|frame| frame.is_map())
        .map(frame)
        .collect()
}

/// The last `max` items: the newest of a list that is oldest first.
pub(super) fn newest<T>(items: &[T], max: usize) -> &[T] {
    items
        .get(items.len().saturating_sub(max)..)
        .unwrap_or_default()
}

fn frame(wire: &Wire<'_>) -> Frame {
    let path = |keys: &[&str]| {
        wire.first(keys)
            .line(limits::PATH_CHARS)
            .unwrap_or_default()
    };
    let filename = path(&["filename"]);
    let abs_path = path(&["abs_path", "absPath"]);
    let mut frame = Frame {
        function: path(&["function", "raw_function", "rawFunction", "symbol"]),
        module: path(&["module", "package"]),
        abs_path: if abs_path == filename {
            String::new()
        } else {
            abs_path
        },
        filename,
        line: number(wire, "lineno", "lineNo"),
        column: number(wire, "colno", "colNo"),
        in_app: wire.first(&["in_app", "inApp"]).bool().unwrap_or(false),
        pre_context: lines(newest(wire.get("pre_context").list(), limits::SOURCE_LINES)),
        context_line: source_line(wire.get("context_line")),
        post_context: lines(wire.get("post_context").list()),
    };
    for pair in wire.get("context").list() {
        numbered_line(&mut frame, pair);
    }
    frame
}

fn number(wire: &Wire<'_>, stored: &str, rest: &str) -> Option<i64> {
    wire.first(&[stored, rest])
        .int()
        .filter(|number| *number >= 0)
}

fn lines(lines: &[Wire<'_>]) -> Vec<String> {
    lines
        .iter()
        .take(limits::SOURCE_LINES)
        .map(source_line)
        .collect()
}

fn source_line(wire: &Wire<'_>) -> String {
    limits::cut_chars(wire.str().unwrap_or_default(), limits::SOURCE_LINE_CHARS)
}

/// The REST shape has one list of `[line number, text]` around the frame's line.
fn numbered_line(frame: &mut Frame, pair: &Wire<'_>) {
    let [number, text] = pair.list() else { return };
    let (Some(number), Some(line)) = (number.int(), frame.line) else {
        return;
    };
    let side = match number.cmp(&line) {
        std::cmp::Ordering::Less => &mut frame.pre_context,
        std::cmp::Ordering::Greater => &mut frame.post_context,
        std::cmp::Ordering::Equal => {
            frame.context_line = source_line(text);
            return;
        }
    };
    if side.len() < limits::SOURCE_LINES {
        side.push(source_line(text));
    }
}
